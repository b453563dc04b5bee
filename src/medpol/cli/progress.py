"""A line on stderr that says how far a long command is; silent unless a person is watching a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.text import Text

from medpol.cli.output import is_styled, plain

_EVERY = 0.2
_PATIENCE = 0.5


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A spinner on stderr while something of unknown length is done."""
    if not is_styled(sys.stderr):
        yield
        return
    with Console(stderr=True).status(Text(plain(what))):
        yield


class Progress:
    """Counts steps, as in ``with Progress("cases") as progress``. What takes less than half a second says nothing."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self.what, self.total, self.count = what, total, 0
        self.is_shown = is_styled(sys.stderr) and not sys.stdout.isatty()
        self.started = self.told = time.monotonic()
        self.has_told = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.has_told:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def step(self) -> None:
        self.count += 1
        if not self.is_shown:
            return
        now = time.monotonic()
        if now - self.told >= _EVERY and now - self.started >= _PATIENCE:
            self.told, self.has_told = now, True
            of = "" if self.total is None else f" of {self.total:,}"
            sys.stderr.write(
                f"\r\x1b[K{self.count:,}{of} {self.what}, {self.count / (now - self.started):,.0f} a second"
            )
            sys.stderr.flush()
