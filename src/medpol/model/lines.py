"""Lines of business: the closed list and its one normaliser; scopes over lines, states and plans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LINES_OF_BUSINESS: tuple[str, ...] = (
    "commercial",
    "individual",
    "medicare",
    "medicare_advantage",
    "medicare_supplement",
    "medicaid",
    "federal_employee",
)
STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "DC",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "AS",
        "GU",
        "MP",
        "PR",
        "VI",
        "AA",
        "AE",
        "AP",
    ]
)
"""States, territories and military addresses as the USPS abbreviates them (Publication 28, appendix B)."""
MEDICARE_FAMILY = frozenset({"medicare", "medicare_advantage", "medicare_supplement"})


def normalise_line(text: str, declared: Iterable[str] = ()) -> str | None:
    """The canonical name of a line of business however it is spelled, or ``None`` where nobody declares it."""
    name = "_".join(text.strip().casefold().replace("-", " ").replace("_", " ").split())
    return name if name in LINES_OF_BUSINESS or name in frozenset(declared) else None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which values a document speaks for. ``inside=None``: every value that is not outside."""

    inside: tuple[str, ...] | None = None
    outside: tuple[str, ...] = ()

    def holds(self, value: str) -> bool:
        return value not in self.outside and (self.inside is None or value in self.inside)

    def meets(self, other: Scope) -> bool:
        """Whether a value is in both. Two that leave values out without naming those inside always have one in common."""
        named = self.inside if self.inside is not None else other.inside
        return named is None or any(self.holds(value) and other.holds(value) for value in named)

    @property
    def is_everything(self) -> bool:
        return self.inside is None and not self.outside


EVERYWHERE = Scope()


def line_scope_holds(scope: Scope, line: str) -> bool:
    """As ``Scope.holds``; the Medicare family is in only where ``in`` names it, unless nothing is said at all."""
    if scope.is_everything:
        return True
    if scope.inside is None and line in MEDICARE_FAMILY:
        return False
    return scope.holds(line)


def line_scopes_meet(one: Scope, other: Scope, declared: Iterable[str] = ()) -> bool:
    """Whether a line of business, of ours or declared, is in both."""
    return any(
        line_scope_holds(one, line) and line_scope_holds(other, line) for line in (*LINES_OF_BUSINESS, *declared)
    )
