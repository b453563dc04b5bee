"""The reader of one publisher's layout: header, standard sections under many headings, tables of positions, dated history.

It knows patterns of the layout and no policy. What it recognises it takes; every other section is kept whole under its own
heading. ``read`` is the plug-in that the entry point names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from medpol.ingest.blocks import Block, Part
from medpol.ingest.chronicle import date_of, pivot_of, read_event
from medpol.ingest.coding import CodingSection
from medpol.ingest.criteria import CriteriaSection
from medpol.ingest.escape import inline
from medpol.ingest.guidelines import INCLUSION_RULE, approval_needed, read_guideline
from medpol.ingest.header import NOTHING, Header, is_layout, is_ours, lines_of
from medpol.ingest.pages import Pages
from medpol.ingest.populations import read_populations
from medpol.ingest.published import CriteriaText, Event, ListedCode, Published
from medpol.ingest.references import read_references
from medpol.ingest.render import render
from medpol.ingest.report import Account
from medpol.ingest.scope import lines_of_business
from medpol.ingest.trials import read_trials, trial_columns
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import nearest
from medpol.model.evidence import Population, Trial
from medpol.model.lines import Scope
from medpol.model.policy import (
    Addressed,
    Body,
    Definitions,
    EvidenceReview,
    Guidelines,
    Medicare,
    Prose,
    References,
    Regulatory,
    Section,
    SectionName,
    Trials,
)
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
_MAXIMUM_EVENTS = 200
_LEADS = {"disclaimer": SectionName.DISCLAIMER, "scope": SectionName.SCOPE}


def read(pages: Pages, account: Account) -> Published | None:
    """The document taken apart, or ``None`` where it does not have this publisher's layout."""
    return _Document(pages, account, Header(pages, account)).read() if is_ours(pages) else None


@dataclass(frozen=True, slots=True)
class _Part:
    """A section of the source: its heading as printed, the standard name it has, and its blocks."""

    heading: str
    name: SectionName | None
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class _Document:
    """Reads one document; ``doubts`` concern its newest text as a whole."""

    pages: Pages
    account: Account
    header: Header
    preamble: list[Block] = field(default_factory=list)
    parts: list[_Part] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    populations: tuple[Population, ...] = ()

    def read(self) -> Published:
        header = self.header
        header.read()
        self.problems += header.problems()
        self.doubts += header.doubts
        self._part_sections(header.end)
        history = [part for part in self.parts if part.name is SectionName.HISTORY]
        rows = [row for part in history for block in part.blocks for row in block.rows]
        dated = [" ".join(row.cells) for row in rows]
        pivot = pivot_of([*header.fields.values(), *dated])
        criteria = self._criteria()
        codes, coding_prose = self._coding()
        sections = self._sections()
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
            self._scope(),
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

    def _compare(self, effective: StatedDate | None, events: Sequence[Event]) -> None:
        """Ask where header, history and Coding section do not fit together; none of them outranks another."""
        dated = [
            event
            for event in events
            if event.first_day is not None
            and not event.ends_force
            and not (event.event == "notification" and event.effective is None)
        ]
        days = [event.first_day for event in dated if event.first_day is not None]
        now = [day for event in dated if (day := event.first_day) is not None and day <= (event.day.day or day)]
        if effective is not None and effective.day is not None and days:
            newest = max(now, default=max(days)) if effective.day in days else max(days)
            if effective.day < newest or effective.day not in days:
                self._ask(
                    f"the header's effective date is {effective.text}, the history's newest version begins {newest}: which is right?",
                    self._lines_with(self.header.value("effective")),
                )
        named = list(dict.fromkeys(change.code for event in events for change in event.codes))
        if named and not any(part.name is SectionName.CODING for part in self.parts):
            self._ask(
                f"the history names codes ({', '.join(named)}), but there is no Coding section: was it lost?",
                [line for event in events if event.codes for line in event.lines],
            )

    def _lines_with(self, text: str) -> tuple[int, ...]:
        return tuple(
            part.line
            for block in self.pages.blocks[:60]
            for part in lines_of(block)
            if text in " ".join(part.text.split())
        )

    def _publisher(self) -> str:
        """The publisher that the document's own notice of rights names, else the one this reader is for."""
        for block in self.pages.blocks:
            if match := re.search(
                r"(?:©|\(c\)|Copyright)\s*(?:\d{4}(?:\s*[-–]\s*\d{4})?,?)?\s+([A-Z][\w.&' -]{1,60}?)[.,]?\s+All rights reserved",
                block.text,
                re.IGNORECASE,
            ):
                return match[1]
        self._ask("who publishes this document? it does not say; its layout is that of Premera")
        return "Premera"

    # ------------------------------------------------------------------ sections

    def _part_sections(self, start: int) -> None:
        heading, name, blocks = "", None, list[Block]()

        def close() -> None:
            if heading:
                self.parts.append(_Part(heading, name, tuple(blocks)))
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

    def _blocks(self, name: SectionName) -> tuple[Block, ...]:
        return tuple(block for part in self.parts if part.name is name for block in part.blocks)

    def _sections(self) -> list[Section]:
        """Every section but criteria, Coding and History, in our order; an unknown one stays behind its neighbour."""
        order = {name: at for at, name in enumerate(SectionName)}
        found: list[tuple[float, Section]] = []
        done = {None, SectionName.CRITERIA, SectionName.CODING, SectionName.HISTORY}
        place = 0.0
        names = [part.name for part in self.parts]
        first = [SectionName.EVIDENCE] if SectionName.EVIDENCE in names else []
        bodies = {
            name: self._body(name)
            for name in (
                *first,
                *(each for each in names if each is not None and each not in done and each not in first),
            )
        }
        unknown: dict[str, list[Block]] = {}
        for part in self.parts:
            if part.name is None:
                unknown.setdefault(part.heading, []).extend(part.blocks)
        for part in self.parts:
            if part.name is None and part.heading in unknown:
                blocks = unknown.pop(part.heading)
                self._keep(blocks, part.heading)
                found.append((place + 0.5, Section(inline(part.heading), None, Prose(render(blocks)))))
            elif part.name is not None:
                place = max(place, order[part.name])
                body = bodies.pop(part.name, None)
                if body is not None:
                    found.append((order[part.name], Section(part.name.value, part.name, body)))
        if self.header.related and SectionName.RELATED not in names:
            listed = "\n".join(f"- {inline(number)} {inline(title)}" for number, title in self.header.related)
            found.append(
                (order[SectionName.RELATED], Section(SectionName.RELATED.value, SectionName.RELATED, Prose(listed)))
            )
        return [section for _, section in sorted(found, key=lambda each: each[0])]

    def _keep(self, blocks: Sequence[Block], what: str) -> None:
        for block in blocks:
            self.account.kept(block.lines, what)

    def _body(self, name: SectionName) -> Body | None:
        """The body of a standard section; ``None`` where the source says only that there is nothing."""
        blocks = self._blocks(name)
        if all(NOTHING.fullmatch(block.text) for block in blocks if block.kind != "table") and not any(
            block.rows for block in blocks
        ):
            for block in blocks:
                self.account.taken(block.lines, f"{name.value}: nothing")
            return None
        match name:
            case SectionName.INTRODUCTION:
                return self._introduction(blocks)
            case SectionName.DISCLAIMER:
                self._keep(blocks, name.value)
                return Addressed((), render(blocks))
            case SectionName.DEFINITIONS:
                self._keep(blocks, name.value)
                return Definitions(prose=render(blocks, tables=False))
            case SectionName.EVIDENCE:
                return self._evidence(blocks)
            case SectionName.TRIALS:
                return self._trials(blocks)
            case SectionName.GUIDELINES:
                return self._guidelines(blocks)
            case SectionName.MEDICARE:
                return self._medicare(blocks)
            case SectionName.REGULATORY:
                return self._regulatory(blocks)
            case SectionName.REFERENCES:
                references, others, doubts = read_references(blocks, self.account)
                self.doubts += doubts
                self._keep(others, name.value)
                return References(references, render(others, numbers=False))
            case _:
                self._keep(blocks, name.value)
                return Prose(render(blocks))

    def _introduction(self, blocks: Sequence[Block]) -> Addressed:
        audience: tuple[str, ...] = ()
        for block in blocks:
            if re.search(r"\bgeneral knowledge\b|\bfor (?:the )?(?:public|members)\b", block.text, re.IGNORECASE):
                audience = ("public",)
                self.account.taken(block.lines, "audience of the introduction: public")
        self._keep(blocks, SectionName.INTRODUCTION.value)
        return Addressed(audience, render(blocks))

    def _evidence(self, blocks: Sequence[Block]) -> EvidenceReview:
        reviewed = read_populations(blocks, self.account)
        self.populations = reviewed.populations
        self.doubts += reviewed.doubts
        self._keep(reviewed.others, SectionName.EVIDENCE.value)
        return EvidenceReview(reviewed.populations, render(reviewed.others))

    def _trials(self, blocks: Sequence[Block]) -> Trials:
        trials, others = list[Trial](), list[Block]()
        group: str | None = None
        columns: dict[str, int] | None = None
        for block in blocks:
            headed = trial_columns(block.rows[0]) if block.rows else None
            if headed is not None or (
                columns is not None and block.rows and re.match(r"NCT\d", block.rows[0].cells[0])
            ):
                table = read_trials(block.rows, self.populations, self.account, group, None if headed else columns)
                columns, group = headed or columns, table.group
                trials += table.trials
                self.doubts += table.doubts
            elif re.match(r"table \d+\b", block.text, re.IGNORECASE) and len(block.text) < 120:
                self.account.layout(block.lines, "caption of a table")
            elif re.fullmatch(r"(?:ongoing|unpublished)(?: trials?)?:?", block.text, re.IGNORECASE):
                group = block.text.casefold().strip(" :")
                self.account.taken(block.lines, f"trials below: {group}")
            else:
                others.append(block)
        self._keep(others, SectionName.TRIALS.value)
        return Trials(tuple(trials), render(others, tables=False))

    def _guidelines(self, blocks: Sequence[Block]) -> Guidelines:
        lead: list[Block] = []
        bodies: list[tuple[Block, list[Block]]] = []
        rule = ""
        for block in blocks:
            if block.kind == "heading" and block.level <= min((each.level for each, _ in bodies), default=6):
                bodies.append((block, []))
            elif bodies:
                bodies[-1][1].append(block)
            elif not rule and block.kind == "paragraph" and INCLUSION_RULE.search(block.text):
                rule = inline(block.text)
                self.account.taken(block.lines, "inclusion rule of the guidelines")
            else:
                lead.append(block)
                self.account.kept((*block.lines,), SectionName.GUIDELINES.value)
        guidelines = []
        for heading, inner in bodies:
            guideline, doubts = read_guideline(heading, inner, render(_lowered(inner)), self.account)
            guidelines.append(guideline)
            self.doubts += doubts
        return Guidelines(rule, tuple(guidelines), render(lead))

    def _medicare(self, blocks: Sequence[Block]) -> Medicare:
        first = next((at for at, block in enumerate(blocks) if block.kind == "paragraph"), None)
        if first is None:
            self._keep(blocks, SectionName.MEDICARE.value)
            return Medicare("", (), render(blocks, tables=False))
        rest = [*blocks[:first], *blocks[first + 1 :]]
        self.account.taken(blocks[first].lines, "Medicare statement")
        self._keep(rest, SectionName.MEDICARE.value)
        return Medicare(inline(blocks[first].text), (), render(rest, tables=False))

    def _regulatory(self, blocks: Sequence[Block]) -> Regulatory:
        needed = approval_needed(" ".join(block.text for block in blocks))
        lines = [line for block in blocks for line in block.lines]
        if needed is None:
            self._ask("is approval needed to market this? the section does not say it in words we know", lines)
        else:
            self.account.taken(lines, f"regulatory status: approval needed: {'yes' if needed else 'no'}")
        self._keep(blocks, SectionName.REGULATORY.value)
        return Regulatory(needed, render(blocks))

    # ------------------------------------------------------------------ criteria, coding, history, scope

    def _criteria(self) -> CriteriaText:
        section = CriteriaSection(self.account, self.header.title)
        text = section.read(self._blocks(SectionName.CRITERIA))
        self.doubts += section.doubts
        return text

    def _coding(self) -> tuple[tuple[ListedCode, ...], str]:
        section = CodingSection(self.account)
        left = section.read(self._blocks(SectionName.CODING))
        self.doubts += section.doubts
        return tuple(dict.fromkeys(section.codes)), left

    def _scope(self) -> Scope:
        scope, doubts = lines_of_business(self._blocks(SectionName.SCOPE), self.account)
        self.doubts += doubts
        return scope

    def _history(self, parts: Sequence[_Part], pivot: int) -> tuple[Event, ...]:
        events: list[Event] = []
        count = sum(len(block.rows) for part in parts for block in part.blocks)
        if count > _MAXIMUM_EVENTS:
            self.problems.append(
                f"the history holds {count:,} rows; at most {_MAXIMUM_EVENTS}, as each may make a version"
            )
            return ()
        for block in (block for part in parts for block in part.blocks):
            if not block.rows:
                self.account.kept(block.lines, "text of the History section")
                self._ask("text stands in the history beside its table: does it state an event?", block.lines)
                continue
            for row in block.rows:
                if re.match(r"date\b", row.cells[0], re.IGNORECASE) and not re.search(r"\d", " ".join(row.cells)):
                    self.account.layout(row.lines, "heading row of the history")
                elif len(row.cells) < 2:
                    self._ask(f"the history row {row.cells[0][:40]!r} has no comment: what happened?", row.lines)
                else:
                    events.append(self._event(row.cells[0], " ".join(row.cells[1:]), pivot, row.lines))
        return tuple(events)

    def _event(self, cell: str, comment: str, pivot: int, lines: Sequence[int]) -> Event:
        event = read_event(cell, comment, pivot, lines)
        dates = ", ".join(
            f"{name} {day.text}"
            for name, day in (
                ("row date", event.day),
                ("approved", event.approved),
                ("effective", event.effective),
                ("published", event.published),
                ("notice sent", event.notice.sent),
            )
            if day is not None and day.text
        )
        notice = "" if event.notice.days is None else f"notice days {event.notice.days}"
        said = "; ".join(filter(None, (dates, notice, *event.says, "states a position" if event.rulings else "")))
        self.account.taken(lines, f"history: {event.event}; {said}")
        for question in event.doubts:
            self.account.doubtful(lines, question)
        return event


_OWN_NAMES = HEADINGS | _OWN_ALIASES


def _letters_apart(one: str, other: str) -> int:
    return sum(abs(one.count(letter) - other.count(letter)) for letter in set(one) | set(other))


def _lowered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Headings inside one body's text as bold-free paragraphs: a heading there would open another body."""
    return tuple(
        Block("paragraph", block.parts, lines=block.lines) if block.kind == "heading" else block for block in blocks
    )
