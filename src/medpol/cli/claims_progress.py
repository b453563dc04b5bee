"""How far a run over claims is, on a terminal: lines a second, the share done, the outcomes so far, the time left."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from medpol.cli.output import is_styled, plain
from medpol.decide.engines.run.running import Done

_WIDTH = 110


class RunProgress:
    """A line on stderr that is written anew; silent unless a person is watching a terminal."""

    def __init__(self) -> None:
        self.is_shown = is_styled(sys.stderr)
        self.deciding_since: float | None = None

    def __enter__(self) -> RunProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def told(self, done: Done) -> None:
        if not self.is_shown:
            return
        now = time.monotonic()
        if done.of and self.deciding_since is None:
            self.deciding_since = now
        since = now if self.deciding_since is None else self.deciding_since
        sys.stderr.write(f"\r\x1b[K{plain(progress_line(done, now - since))[:_WIDTH]}")
        sys.stderr.flush()


def progress_line(done: Done, seconds: float) -> str:
    """``25,000 of 100,000 lines (25%), 12,500 lines/s, 6 s left; covered 9,000, refer 20``."""
    if not done.of:
        return done.doing
    line = f"{done.lines:,} of {done.of:,} lines ({100 * done.lines // done.of}%)"
    fresh = done.lines - done.resumed
    if fresh and seconds > 0:
        rate = fresh / seconds
        line += f", {rate:,.0f} lines/s, {_time((done.of - done.lines) / rate)} left"
    outcomes = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in sorted(done.outcomes.items()))
    return f"{line}; {outcomes}" if outcomes else line


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
