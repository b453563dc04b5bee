"""What a publisher's reader takes from a document: values between the page and our drafts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from medpol.ingest.pages import Pages
from medpol.ingest.report import Account
from medpol.model.dates import StatedDate
from medpol.model.lines import EVERYWHERE, Scope
from medpol.model.policy import CodeRole, Notice, Section
from medpol.model.positions import CoveragePosition


@dataclass(frozen=True, slots=True)
class Item:
    """A listed criterion, or a structure sentence over more of them."""

    text: str
    parts: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """One statement of position, its sentence already in the notation with the position bold.

    ``services`` are the names of the Coding groups it speaks of; ``label`` is the payer's own, ``declared`` those labels
    that the front matter must declare; ``plain_words`` the sentence as published, to compare texts with. ``dates`` are the
    days of service it speaks for, ``approved_for`` how long an approval holds, both as the notation prints them.
    """

    statement: str
    position: CoveragePosition
    services: tuple[str, ...]
    heading: str = ""
    items: tuple[Item, ...] = ()
    otherwise: str = ""
    notes: tuple[str, ...] = ()
    declared: tuple[tuple[str, CoveragePosition], ...] = ()
    doubts: tuple[str, ...] = ()
    plain_words: str = ""
    dates: str = ""
    approved_for: str = ""


@dataclass(frozen=True, slots=True)
class CriteriaText:
    """The criteria section of a text: what rules, and what stands before the first rule."""

    rulings: tuple[Ruling, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedCode:
    """A code of the Coding section. ``words`` (a descriptor) serve to find its group and are carried nowhere; ``listed_as``
    is the position against it under which its table lists it, as our label."""

    system: str
    code: str
    role: CodeRole
    words: str = field(default="", compare=False)
    group: str = ""
    listed_as: str = ""


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A code that a history row adds or takes out, with the day from which the row says that it is valid."""

    system: str
    code: str
    added: bool
    start: date | None = None
    words: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the history. ``printed`` is its date as printed, kept where no day could be read from it."""

    day: StatedDate
    printed: str
    event: str
    comment: str
    approved: StatedDate | None = None
    effective: StatedDate | None = None
    published: StatedDate | None = None
    literature: StatedDate | None = None
    notice: Notice = Notice()
    says: tuple[str, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    codes: tuple[CodeChange, ...] = ()
    statement_changed: bool = False
    effective_is_broken: bool = False
    doubts: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    is_listed: bool = False

    @property
    def first_day(self) -> date | None:
        """The day of the row's own verb, else the row's date; none where the verb's day cannot be read, or states a month,
        and none where the date stands on a line of mere dates."""
        if self.effective_is_broken or self.is_listed:
            return None
        stated = self.effective if self.effective is not None else self.day
        return stated.day

    @property
    def ends_force(self) -> bool:
        return self.event in ENDING_EVENTS


ENDING_EVENTS = frozenset({"archived", "retired", "superseded", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Published:
    """A published document taken apart. ``sections`` are those of its text that we know how to print, criteria and Coding
    apart; ``doubts`` concern that text; ``held_back`` says why no draft may govern before a person has looked;
    ``is_dated_by_header``: the header's day is that of the text, also where no row of the history has it. Only the account says on which lines things stood."""

    publisher: str
    policy: str
    title: str
    reference_policy: str = ""
    replaces: str = ""
    effective: StatedDate | None = None
    last_revised: StatedDate | None = None
    related: tuple[str, ...] = ()
    lines_of_business: Scope = EVERYWHERE
    criteria: CriteriaText = CriteriaText()
    codes: tuple[ListedCode, ...] = ()
    coding_prose: str = ""
    sections: tuple[Section, ...] = ()
    events: tuple[Event, ...] = ()
    doubts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    preamble: str = ""
    approved: StatedDate | None = None
    published: StatedDate | None = None
    review_due: StatedDate | None = None
    literature_through: StatedDate | None = None
    notice: Notice = Notice()
    states: Scope = EVERYWHERE
    held_back: str = ""
    is_dated_by_header: bool = False


PublisherReader = Callable[[Pages, Account], Published | None]
"""A publisher's plug-in: the document taken apart, or ``None`` where it is not one of that publisher's."""
