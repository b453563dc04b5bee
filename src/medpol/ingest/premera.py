"""The reader of one publisher's layout: header, standard sections under many headings, tables of positions, dated history.

It knows patterns of the layout and no policy. What it recognises it takes; every other section is kept whole under its own
heading. ``read`` is the plug-in that the entry point names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from medpol.ingest.blocks import Block, Part
from medpol.ingest.bodies import Bodies, Passage
from medpol.ingest.chronicle import date_of, pivot_of
from medpol.ingest.coding import CodingSection
from medpol.ingest.criteria import CriteriaSection
from medpol.ingest.header import Header, is_layout, is_ours, lines_of, rights_holder
from medpol.ingest.history import HistorySection, dates_of_rows, unfitting
from medpol.ingest.pages import Pages
from medpol.ingest.published import CriteriaText, Event, ListedCode, Published
from medpol.ingest.render import render
from medpol.ingest.report import Account
from medpol.ingest.scope import lines_of_business
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import nearest
from medpol.model.lines import Scope
from medpol.model.policy import SectionName
from medpol.text.headings import HEADINGS, heading_key

_OWN_ALIASES = {
    "policy coverage criteria": SectionName.CRITERIA,
    "coverage criteria": SectionName.CRITERIA,
    "documentation requirement": SectionName.DOCUMENTATION,
    "medicare national coverage determination": SectionName.MEDICARE,
    "ongoing clinical trials": SectionName.TRIALS,
    "related policies / guidelines": SectionName.RELATED,
}
# What this publisher called by words that elsewhere head the criteria or another section.
_NOT_STANDARD = frozenset({"policy guidelines", "benefit application", "guidelines"})
# Sections whose inner headings are theirs, whatever words they use.
_CLOSED = frozenset({SectionName.CRITERIA, SectionName.GUIDELINES, SectionName.REFERENCES})
_LEADS = {"disclaimer": SectionName.DISCLAIMER, "scope": SectionName.SCOPE}


def read(pages: Pages, account: Account) -> Published | None:
    """The document taken apart, or ``None`` where it does not have this publisher's layout."""
    return _Document(pages, account, Header(pages, account)).read() if is_ours(pages) else None


@dataclass(slots=True)
class _Document:
    """Reads one document; ``doubts`` concern its newest text as a whole."""

    pages: Pages
    account: Account
    header: Header
    preamble: list[Block] = field(default_factory=list)
    parts: list[Passage] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def read(self) -> Published:
        header = self.header
        header.read()
        self.problems += header.problems()
        self.doubts += header.doubts
        self._part_sections(header.end)
        bodies = Bodies(self.account, self.parts, header.related)
        history = bodies.blocks(SectionName.HISTORY)
        pivot = pivot_of([*header.fields.values(), *dates_of_rows(history)])
        criteria = self._criteria(bodies.blocks(SectionName.CRITERIA))
        codes, coding_prose = self._coding(bodies.blocks(SectionName.CODING))
        sections = bodies.sections()
        self.doubts += bodies.doubts
        events = self._history(history, pivot)
        effective = self._date("effective", pivot)
        self._compare(effective, events)
        if not criteria.rulings and not any(event.rulings for event in events):
            self.problems.append("no sentence of the criteria or the history states a position that is known")
        return Published(
            self._publisher(),
            header.number,
            header.title,
            header.value("reference policy"),
            header.value("replaces"),
            effective,
            self._date("last revised", pivot),
            tuple(number for number, _ in header.related),
            self._scope(bodies.blocks(SectionName.SCOPE)),
            criteria,
            codes,
            coding_prose,
            tuple(sections),
            events,
            tuple(dict.fromkeys(self.doubts)),
            tuple(self.problems),
            render([*header.preamble, *self.preamble]),
        )

    def _ask(self, question: str, lines: Sequence[int] = ()) -> None:
        self.doubts.append(question)
        self.account.doubtful(lines, question)

    def _date(self, name: str, pivot: int) -> StatedDate | None:
        value = self.header.value(name)
        if not value:
            return None
        found = date_of(value, pivot)
        if found is None or (found.day is None and name == "effective"):
            self._ask(f"{name} {value!r} states no day: which is it?", self._lines_with(value))
        return found

    def _lines_with(self, text: str) -> tuple[int, ...]:
        return tuple(
            part.line
            for block in self.pages.blocks[:60]
            for part in lines_of(block)
            if text in " ".join(part.text.split())
        )

    def _publisher(self) -> str:
        """The publisher that the document's own notice of rights names, else the one this reader is for."""
        if holder := rights_holder(self.pages):
            return holder
        self._ask("who publishes this document? it does not say; its layout is that of Premera")
        return "Premera"

    # ------------------------------------------------------------------ sections

    def _part_sections(self, start: int) -> None:
        heading, name, blocks = "", None, list[Block]()

        def close() -> None:
            if heading:
                self.parts.append(Passage(heading, name, tuple(blocks)))
            else:
                self.preamble.extend(blocks)
                for block in blocks:
                    self.account.kept(block.lines, "text above the first section")

        for block in self.pages.blocks[start:]:
            if is_layout(block, self.account):
                continue
            opened = self._opens(block, name)
            if opened is None:
                blocks.append(block)
                continue
            close()
            heading, name = opened
            blocks = []
            rest = self._behind_lead(block)
            if rest is not None:
                blocks.append(rest)
            else:
                self.account.taken(block.lines, f"heading of the section {name.value if name else heading}")
        close()

    def _opens(self, block: Block, current: SectionName | None) -> tuple[str, SectionName | None] | None:
        """Heading and name of the section that a block opens, or ``None`` where it opens none."""
        if block.kind == "heading":
            name = self._name(block)
            if block.level <= 2:
                return block.text, name
            may_open = name is not None and (
                current not in _CLOSED or name in (SectionName.DOCUMENTATION, SectionName.CODING)
            )
            return (
                (block.text, name)
                if may_open and name not in (SectionName.INTRODUCTION, SectionName.CRITERIA)
                else None
            )
        lead = re.match(r"(disclaimer|scope)\s*:", block.text, re.IGNORECASE)
        if block.kind == "paragraph" and lead is not None:
            return lead[1].capitalize(), _LEADS[lead[1].casefold()]
        if (
            block.kind == "paragraph"
            and len(block.text) < 40
            and _OWN_NAMES.get(heading_key(block.text)) is SectionName.DOCUMENTATION
        ):
            return block.text, SectionName.DOCUMENTATION
        return None

    def _name(self, block: Block) -> SectionName | None:
        key = heading_key(block.text)
        if key in _NOT_STANDARD:
            return None
        name = _OWN_NAMES.get(key)
        if name is None and block.level <= 2 and len(key) > 4:
            near = nearest(key, HEADINGS)
            if near and abs(len(near) - len(key)) <= 2 and near not in _NOT_STANDARD and _letters_apart(near, key) <= 2:
                name = HEADINGS[near]
                self._ask(f"the heading {block.text!r} was read as {name.value!r}: is it?", block.lines)
        return name

    @staticmethod
    def _behind_lead(block: Block) -> Block | None:
        """A paragraph that opens a section by its first word, without that word."""
        if block.kind != "paragraph" or ":" not in block.text:
            return None
        first = block.parts[0]
        text = re.sub(r"^\s*\w+\s*:\s*", "", first.text, count=1)
        return Block("paragraph", (Part(text, first.line), *block.parts[1:]), lines=block.lines)

    # ------------------------------------------------------------------ criteria, coding, history, scope

    def _criteria(self, blocks: Sequence[Block]) -> CriteriaText:
        section = CriteriaSection(self.account, self.header.title)
        text = section.read(blocks)
        self.doubts += section.doubts
        return text

    def _coding(self, blocks: Sequence[Block]) -> tuple[tuple[ListedCode, ...], str]:
        section = CodingSection(self.account)
        left = section.read(blocks)
        self.doubts += section.doubts
        return tuple(dict.fromkeys(section.codes)), left

    def _scope(self, blocks: Sequence[Block]) -> Scope:
        scope, doubts = lines_of_business(blocks, self.account)
        self.doubts += doubts
        return scope

    def _history(self, blocks: Sequence[Block], pivot: int) -> tuple[Event, ...]:
        section = HistorySection(self.account, pivot)
        events = section.read(blocks)
        self.doubts += section.doubts
        self.problems += section.problems
        return events

    def _compare(self, effective: StatedDate | None, events: Sequence[Event]) -> None:
        """Ask where header, history and Coding section do not fit together; none of them outranks another."""
        if question := unfitting(effective, events):
            self._ask(question, self._lines_with(self.header.value("effective")))
        named = list(dict.fromkeys(change.code for event in events for change in event.codes))
        if named and not any(part.name is SectionName.CODING for part in self.parts):
            self._ask(
                f"the history names codes ({', '.join(named)}), but there is no Coding section: was it lost?",
                [line for event in events if event.codes for line in event.lines],
            )


_OWN_NAMES = HEADINGS | _OWN_ALIASES


def _letters_apart(one: str, other: str) -> int:
    return sum(abs(one.count(letter) - other.count(letter)) for letter in set(one) | set(other))
