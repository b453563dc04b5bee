"""What could not be read of an 837, as a row of the rejects: where it stands, what it is, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_FOUND = 200
"""Characters of what was found that a reject keeps."""
MEND = "ask the sender for a whole file, or mend this segment and its counts"


@dataclass(frozen=True, slots=True)
class SegmentReject:
    """One claim line, or one whole interchange, that is not in the table; ``position`` is its segment, from 1.

    ``lines`` counts the claim lines that it keeps out: 1, or for an ``envelope`` all lines of the interchange that have no
    reject of their own.
    """

    position: int
    reject_key: str
    found: str
    expected: str
    mend: str = MEND
    column: str | None = None
    claim_id: str | None = None
    claim_line_number: str | None = None
    interchange: str | None = None
    lines: int = 1


Rejected = Callable[[SegmentReject], None]
"""What a reader hands its rejects to, in file order."""


class BrokenEnvelope(ValueError):
    """The interchange cannot be trusted: a count, a control number or the order of its segments is wrong."""

    def __init__(self, found: str, expected: str, mend: str = MEND) -> None:
        super().__init__(f"{found}; expected {expected}")
        self.found, self.expected, self.mend = found[:LONGEST_FOUND], expected, mend
