"""Exit codes, and the one way in which a command ends early: with a code and a sentence on stderr."""

from __future__ import annotations

from medpol.model.positions import Outcome

DONE = 0
FINDINGS = 1
USAGE = 2
NOT_FOUND = 3
REFUSED = 4
UNRECONCILED = 5
BUG = 70
WRITE_FAILED = 74
BUSY = 75
INTERRUPTED = 130

OUTCOME_CODES = {
    Outcome.COVERED: DONE,
    Outcome.NOT_COVERED: 10,
    Outcome.INFORMATION_NEEDED: 11,
    Outcome.NOT_ADDRESSED: 12,
    Outcome.REFER: 13,
}
"""What ``decide --exit-code`` gives back."""


class ReaderGone(Exception):
    """Whoever read stdout went away, as ``head`` does. An exception of our own, since typer ends on the system's."""


class Stop(Exception):
    """A command cannot go on: the exit code, and what to say on stderr."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code, self.message = code, message
