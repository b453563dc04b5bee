"""What a synthetic policy says, as values, before any publisher's layout is put on it. Every word is invented here.

``truth_of(seed)`` varies numbers, names, dates, forms of dates, codes, the shape of the criteria and the history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random

CERTAIN = ("all", "any", "least", "none", "all by joining", "any by joining", "nested", "all with orphans")
UNSURE = (
    "silent",
    "both",
    "either",
    "one of",
    "orphans",
    "mixed orphans",
    "numbers restart",
    "lost indent",
    "open",
    "against",
)
_THINGS = (
    "copper bracelets",
    "moon lamps",
    "paper splints",
    "glass whistles",
    "velvet boots",
    "salt pendants",
    "cork collars",
)
_OTHERS = ("echo bells", "wax candles", "tin drums", "straw masks", "felt mitts")
_FACTS = (
    "The wrist is cold at dawn",
    "Two warm baths failed",
    "The sleeper wakes before four",
    "A lantern test was done within a year",
    "The left ear hums",
    "Soup of barley gave no relief",
    "The weight is above twelve stones of the old measure",
    "A harbour physician wrote the order",
)
_DAYS: dict[str, Callable[[date], str]] = {
    "01/01/19": lambda day: f"{day:%m/%d/%y}",
    "1/1/2020": lambda day: f"{day.month}/{day.day}/{day.year}",
    "07-01-2025": lambda day: f"{day:%m-%d-%Y}",
    "Feb. 5, 2021": lambda day: f"{day:%b}. {day.day}, {day.year}",
    "February 3, 2020": lambda day: f"{day:%B} {day.day}, {day.year}",
    "2024-10-02": lambda day: day.isoformat(),
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A list of criteria: the mark that says how it counts, and its items; an item may hold a list of its own."""

    mark: str
    items: tuple[str, ...]
    inner: Listed | None = None

    @property
    def is_certain(self) -> bool:
        return self.mark in CERTAIN

    def words(self) -> str:
        """The sentence's end above the list."""
        return {
            "all": "when ALL of the following are met:",
            "all with orphans": "when all of the following are met:",
            "any": "when any of the following is true:",
            "least": "when at least two of the following are met:",
            "none": "when none of the following is true:",
            "nested": "when all of the following are met:",
            "numbers restart": "when all of the following are met:",
            "lost indent": "when all of the following are met:",
            "against": "when all of the following are met:",
            "both": "when both of the following are met:",
            "either": "when either of the following is met:",
            "one of": "when one of the following is met:",
            "open": "in conditions including but not limited to the following:",
        }.get(self.mark, "when the following are met:")

    def tree(self) -> object:
        """The tree as the import should have it, where the words are certain: structure, number and parts."""
        structure = {"any": "any of", "any by joining": "any of", "least": "at least", "none": "none of"}.get(
            self.mark, "all of"
        )
        parts: list[object] = list(self.items)
        if self.inner is not None:
            parts.append(["any of", None, *self.inner.items])
        return [structure, 2 if self.mark == "least" else None, *parts]


@dataclass(frozen=True)
class Event:
    day: date
    kind: str
    words: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Truth:
    """One policy. ``against`` is the position of all other uses; ``second`` a second service with an unconditional position."""

    seed: int
    number: str
    service: str
    second: str
    listed: Listed
    codes: tuple[tuple[str, str, str], ...]
    effective: date
    last_review: date
    next_review: date
    original: date
    history: tuple[Event, ...]
    form: str
    boundary: date
    lines_out: tuple[str, ...] = ()
    publisher: str = "Harbour Mutual Plan"
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.service.title()

    def day(self, day: date) -> str:
        """A day of the header: its year in full, by which those of two digits are dated."""
        return _DAYS["1/1/2020" if self.form == "01/01/19" else self.form](day)

    def row_day(self, day: date) -> str:
        return _DAYS[self.form](day)


def truth_of(seed: int, mark: str = "") -> Truth:
    """A policy for a seed; ``mark`` fixes how its list of criteria counts."""
    random = Random(seed)
    mark = mark or random.choice(CERTAIN)
    facts = tuple(random.sample(_FACTS, 5))
    inner = Listed("any", facts[3:5]) if mark == "nested" else None
    count = 2 if mark in ("both", "either") else 3
    listed = Listed(mark, facts[:2] if inner else facts[:count], inner)
    year = random.randint(2019, 2024)
    effective = date(year, random.randint(1, 12), random.randint(1, 28))
    service, second = random.choice(_THINGS), random.choice(_OTHERS)
    codes = (
        ("HCPCS", f"C{random.randint(9000, 9499)}", service),
        ("HCPCS", f"L{random.randint(8500, 8999)}", service),
        ("HCPCS", f"A{random.randint(9500, 9999)}", second),
    )
    first = date(year - 2, random.randint(1, 12), random.randint(1, 28))
    history = (
        Event(first, "new policy", "New policy. Reviewed by the harbour council."),
        Event(effective, "annual review", "Annual review. No change to policy statements."),
    )
    return Truth(
        seed,
        f"{random.randint(100, 999)}.{random.randint(10, 99)}",
        service,
        second,
        listed,
        codes,
        effective,
        date(year, 1, 15),
        date(year + 1, 1, 15),
        date(year - 6, 3, 2),
        history,
        random.choice(tuple(_DAYS)),
        date(year, 7, 1),
    )
