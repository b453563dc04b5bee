"""What a search is asked and what it finds; the field names of what it finds are the keys of its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MAXIMUM_WORDS = 16
"""How many different words of a question are searched for; further ones are counted and left out."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A text that is searched on a day: the file of a version, and where its policy stands with it.

    ``status`` is ``in_force``, ``in_notice``, ``archived`` (the last text in force before) or ``draft``. ``first_day`` and
    ``last_day`` are the days on which the text is or was in force, the last one in; no last day: none is known.
    """

    file: str
    status: str
    first_day: date | None
    last_day: date | None
    known_from: date | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Facets that a reader chose; ``None`` leaves one open. ``changed_since``: known since that day."""

    position: str | None = None
    line_of_business: str | None = None
    section: str | None = None
    status: str | None = None
    changed_since: date | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Words of a document in a row, all of them found or none. Plain text: whoever shows it escapes it."""

    text: str
    is_match: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One policy in which the words stand, by the text that stands for the day.

    ``codes`` are those of its codes that were asked for. ``sections`` are the sections in which words stand, the best
    first. ``snippet`` is empty where the words stand in no section, and where ``is_withheld``: the document's rights do not
    let its prose be shown.
    """

    policy: str
    title: str
    publisher: str
    status: str
    version: date | None
    last_day: date | None
    known_from: date | None
    positions: tuple[str, ...]
    labels: tuple[str, ...]
    is_exact: bool
    codes: tuple[str, ...]
    sections: tuple[str, ...]
    snippet: tuple[Run, ...]
    is_withheld: bool
    announced: date | None
    file: str


@dataclass(frozen=True, slots=True)
class Exact:
    """What the whole question is, letter by letter: a ``code`` of a system, a ``policy``, or a ``trial``."""

    kind: str
    system: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Facet:
    """How many of the policies found have a value, the other facets as chosen."""

    facet: str
    value: str
    policies: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a search found.

    ``found`` is the part asked for of ``total`` policies. ``words_left_out`` counts words beyond those searched for.
    ``near_codes`` and ``near_words`` are offered where nothing was found, and each of them finds something.
    """

    date_of_service: date
    known_on: date
    words: tuple[str, ...]
    words_left_out: int
    total: int
    found: tuple[Found, ...]
    exact: tuple[Exact, ...]
    facets: tuple[Facet, ...]
    near_codes: tuple[str, ...]
    near_words: tuple[str, ...]
