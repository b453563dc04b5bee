"""A file that cannot be read as claims: where in it, what was found, what was expected, and the mend."""

from __future__ import annotations


class ClaimsRefused(ValueError):
    """The whole file is refused, and nothing of it is read: one bad row is a reject, not this."""

    def __init__(self, where: str, found: str, expected: str = "", mend: str = "") -> None:
        super().__init__(
            f"{where}: {found}"
            + (f"; expected {expected}" if expected else "")
            + (f"\n    mend: {mend}" if mend else "")
        )
        self.where, self.found, self.expected, self.mend = where, found, expected, mend

    def as_dict(self) -> dict[str, str]:
        return {"where": self.where, "found": self.found, "expected": self.expected, "mend": self.mend}


class ClaimsNotFound(ClaimsRefused):
    """There is no such file."""


class TooManyRejects(ClaimsRefused):
    """More rows were rejected than the run allows."""
