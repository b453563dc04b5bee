"""The reader for any publisher's layout: sections by synonym, header fields by label, positions by heading and sentence.

It knows words that many publishers use, and no publisher; what one of them means otherwise is told by its profile, which is
data. A section that it does not know is kept whole under its own heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import Block, Part
from medpol.ingest.bodies import Bodies, Passage
from medpol.ingest.branches import branch_of
from medpol.ingest.bullets import short
from medpol.ingest.chronicle import codes_shaped, date_of, newest_year, pivot_of
from medpol.ingest.coding import CodingSection, bare_codes, names_system
from medpol.ingest.contexts import position_heading
from medpol.ingest.criteria import CriteriaSection
from medpol.ingest.escape import inline
from medpol.ingest.header import rights_holder
from medpol.ingest.history import HistorySection, dates_of_rows, unfitting
from medpol.ingest.masthead import Masthead
from medpol.ingest.pages import Pages
from medpol.ingest.parting import Parting, whole_heading
from medpol.ingest.populations import grid_at, read_grid
from medpol.ingest.profiles import Profile, recognised
from medpol.ingest.published import CriteriaText, Event, ListedCode, Published
from medpol.ingest.render import render
from medpol.ingest.report import Account
from medpol.ingest.scope import lines_of_business, listed_lines, states_in, states_of, unread
from medpol.ingest.stating import position_in, sentences
from medpol.model.dates import StatedDate
from medpol.model.evidence import Population
from medpol.model.lines import EVERYWHERE, Scope
from medpol.model.policy import EvidenceReview, Notice, Section, SectionName

_OPENING_BLOCKS = 40
_PROSE = (
    SectionName.INTRODUCTION,
    SectionName.DOCUMENTATION,
    SectionName.DEFINITIONS,
    SectionName.DESCRIPTION,
    SectionName.BACKGROUND,
    SectionName.SCOPE,
)
_ENDED = ("archived", "retired", "superseded", "inactive", "withdrawn")
_REPLACED = re.compile(
    r"\b(?:this|the) (?:medical |coverage |clinical )?policy (?:has been|was|is) (?P<how>replaced|superseded|retired|archived)\b(?: (?:by|with) (?P<by>[^.;]*?))?"
    r"(?:,? (?:effective|on|as of) (?P<day>[^.;]+))?(?:[.;]|$)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"\barticle\b[^.]{0,80}?\b(?P<number>A\d{5})\b|\b(?P<other>A\d{5})\b[^.]{0,40}\barticle\b", re.IGNORECASE
)


def read(pages: Pages, account: Account) -> Published | None:
    """The document taken apart, or ``None`` where nothing in it looks like a medical policy."""
    opening = " ".join(block.text for block in pages.blocks[:_OPENING_BLOCKS] if block.kind != "table")
    return read_as(recognised(opening[:4000]), pages, account)


def read_as(profile: Profile, pages: Pages, account: Account) -> Published | None:
    """The document taken apart with one publisher's meaning of headings."""
    names = {name for block in pages.blocks if (name := whole_heading(block, profile)) is not None}
    if len(names) < 2 and SectionName.CRITERIA not in names:
        return None
    parting = Parting(pages, account, profile)
    parting.part()
    if not parting.passages:
        return None
    return _Document(pages, account, profile, parting.front, parting.passages).read()


@dataclass(slots=True)
class _Document:
    """Reads one document; ``doubts`` concern its newest text as a whole."""

    pages: Pages
    account: Account
    profile: Profile
    front: list[Block]
    passages: list[Passage]
    doubts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    masthead: Masthead = field(init=False)

    def __post_init__(self) -> None:
        self.masthead = Masthead(self.account)

    def _ask(self, question: str, lines: Sequence[int] = ()) -> None:
        if question not in self.doubts:
            self.doubts.append(question)
        self.account.doubtful(lines, question)

    def _blocks(self, name: SectionName) -> tuple[Block, ...]:
        """The blocks of every section of one name; a heading that says more than the name stands before its own."""
        found: list[Block] = []
        for at, passage in enumerate(each for each in self.passages if each.name is name):
            if self._keeps_heading(passage, at):
                found.append(Block("heading", (Part(passage.heading, 0),), 0 if name is SectionName.CRITERIA else 3))
            found += passage.blocks
        return tuple(found)

    def _keeps_heading(self, passage: Passage, at: int) -> bool:
        heading = passage.heading.rstrip(" :")
        if not heading:
            return False
        match passage.name:
            case SectionName.CRITERIA:
                return bool(position_heading(heading))
            case SectionName.CODING:
                return names_system(heading)
            case SectionName.HISTORY | SectionName.REFERENCES:
                return False
            case _:
                return at > 0

    # ------------------------------------------------------------------ the whole

    def read(self) -> Published:
        grid = self._grid()
        masthead = self.masthead
        masthead.read(self.front)
        history = self._blocks(SectionName.HISTORY)
        everything = [cell for block in self.pages.blocks for row in block.rows for cell in row.cells]
        everything += [block.text for block in self.pages.blocks]
        pivot = pivot_of([*masthead.texts(), *dates_of_rows(history)]) or max(
            pivot_of(everything), newest_year(everything)
        )
        criteria_section = CriteriaSection(self.account, masthead.title, pivot)
        criteria = criteria_section.read(self._blocks(SectionName.CRITERIA))
        self.doubts += criteria_section.doubts
        codes, coding_prose = self._coding()
        lines, states = self._scopes()
        events = self._events(history, pivot)
        published = Published(
            self._publisher(),
            masthead.number,
            masthead.title,
            masthead.value("reference policy"),
            masthead.value("replaces"),
            related=tuple(number for number, _ in masthead.related if number),
            lines_of_business=lines,
            states=states,
            criteria=criteria,
            codes=codes,
            coding_prose=coding_prose,
            sections=tuple(self._sections(grid)),
            is_dated_by_header=True,
        )
        published = self._dated(published, events, pivot)
        self._check(published)
        return replace(
            published,
            doubts=tuple(dict.fromkeys((*masthead.doubts, *self.doubts))),
            problems=(*self._missing(), *self.problems),
            preamble=render(masthead.kept),
        )

    def _missing(self) -> tuple[str, ...]:
        title = self.masthead.title
        return () if title else ("the document's title was not found above its first section",)

    def _publisher(self) -> str:
        name = rights_holder(self.pages) or self.masthead.value("publisher") or self.profile.publisher
        if not name:
            self._ask("who publishes this document? it does not say")
        return name

    def _grid(self) -> tuple[Population, ...]:
        """The populations of a table of population, intervention, comparator and outcome that stands in the header."""
        at = grid_at(self.front)
        if at is None:
            return ()
        return read_grid(self.front.pop(at), self.account)

    def _sections(self, grid: Sequence[Population]) -> list[Section]:
        joined: dict[SectionName, Passage] = {}
        ordered: list[Passage] = []
        for passage in self.passages:
            if passage.name is None:
                ordered.append(passage)
                self._ask_if_it_rules(passage)
            elif passage.name not in joined:
                joined[passage.name] = Passage(passage.heading, passage.name, self._blocks(passage.name))
                ordered.append(joined[passage.name])
        bodies = Bodies(self.account, ordered, self.masthead.related)
        sections = bodies.sections()
        self.doubts += bodies.doubts
        return _with_grid(sections, grid)

    def _ask_if_it_rules(self, passage: Passage) -> None:
        for block in passage.blocks:
            texts = [cell for row in block.rows for cell in row.cells] or [block.text]
            said = next((each for text in texts for each in sentences(text) if position_in(each) is not None), "")
            if said:
                self._ask(
                    f"{short(inline(said))!r} states a position and stands outside the criteria, in {short(inline(passage.heading))!r}: "
                    "(1) it rules; (2) it only tells: which is meant?",
                    block.lines,
                )

    # ------------------------------------------------------------------ codes and scope

    def _coding(self) -> tuple[tuple[ListedCode, ...], str]:
        section = CodingSection(self.account)
        left = section.read([*self.masthead.codes, *self._blocks(SectionName.CODING)])
        self.doubts += section.doubts
        codes = tuple(dict.fromkeys(section.codes))
        known = {each.code.replace(".", "") for each in codes}
        prose = [
            block
            for name in (SectionName.CRITERIA, *_PROSE, None)
            for passage in self.passages
            if passage.name is name
            for block in passage.blocks
        ]
        for block in prose:
            texts = [cell for row in block.rows for cell in row.cells] or [part.text for part in block.parts]
            named = [
                code
                for text in texts
                for code in (*_codes_named(text), *bare_codes(text))
                if code.replace(".", "") not in known
            ]
            if named:
                self._ask(
                    f"{', '.join(named)} stands outside the codes: does the policy govern it?",
                    block.lines,
                )
        if not codes:
            self._ask_for_article()
        return codes, left

    def _ask_for_article(self) -> None:
        for block in self.pages.blocks:
            if (match := _ARTICLE.search(block.text)) is not None:
                self._ask(
                    f"the codes stand in article {match['number'] or match['other']}, which is another document: which are they?",
                    block.lines,
                )
                return

    def _scopes(self) -> tuple[Scope, Scope]:
        blocks = [*self._blocks(SectionName.SCOPE), *self._blocks(SectionName.DISCLAIMER), *self.masthead.kept]
        lines, doubts = lines_of_business(blocks, self.account)
        states = states_of(blocks, self.account)
        self.doubts += (*doubts, *unread(self._blocks(SectionName.SCOPE), self.account))
        if value := self.masthead.value("lines"):
            block = Block("paragraph", lines=(self.masthead.lines["lines"],))
            stated, questions = listed_lines(value, block, self.account)
            self.doubts += questions
            lines = Scope(stated.inside, lines.outside) if stated is not EVERYWHERE else lines
        if value := self.masthead.value("states"):
            named = states_in(value)
            if named:
                states = Scope(named, states.outside)
            else:
                self._ask(f"states {inline(value)!r}: which are they?", (self.masthead.lines["states"],))
        return lines, states

    # ------------------------------------------------------------------ dates

    def _events(self, blocks: Sequence[Block], pivot: int) -> tuple[Event, ...]:
        section = HistorySection(self.account, pivot)
        events = section.read(blocks)
        self.doubts += section.doubts
        self.problems += section.problems
        return events

    def _dated(self, published: Published, events: tuple[Event, ...], pivot: int) -> Published:
        """The document with the dates of its header, and with the end of its force, where it states one."""
        date = self.masthead.date
        effective, shown, held_back = date("effective", pivot), date("published", pivot), ""
        if effective is None and self.masthead.value("effective"):
            held_back = "the day of effect cannot be read"
        if effective is None and not any(event.first_day for event in events):
            effective, stand_in = self._stand_in(published.criteria, pivot)
            held_back = held_back or stand_in
        end, why = self._end(events, pivot)
        if question := unfitting(effective, events):
            self._ask(question, (self.masthead.lines["effective"],) if "effective" in self.masthead.lines else ())
        for kind in ("original effective", "notice end", "web", "implementation", "printed", "last reviewed"):
            date(kind, pivot)
        return replace(
            published,
            effective=effective,
            last_revised=date("last revised", pivot),
            approved=date("approved", pivot),
            published=shown,
            review_due=date("next review", pivot),
            literature_through=date("literature through", pivot),
            notice=Notice(date("notice start", pivot), None, "", ""),
            events=(*events, *([end] if end is not None else [])),
            held_back=held_back or why,
        )

    def _stand_in(self, criteria: CriteriaText, pivot: int) -> tuple[StatedDate | None, str]:
        """A day or month under which a text that states no day of effect can lie as a draft, and why it is held back."""
        starts = [
            branch.start
            for one in criteria.rulings
            if one.dates and (branch := branch_of(_days(one.dates), pivot)) is not None and branch.start is not None
        ]
        why = "the document states no day from which its text holds"
        found: StatedDate | None = None
        if starts:
            found, kind = (
                StatedDate(min(starts).isoformat(), min(starts)),
                "the first day of service that its criteria name",
            )
        else:
            kinds = ("last revised", "last reviewed", "approved", "published", "original effective")
            kind = next((kind for kind in kinds if self.masthead.date(kind, pivot) is not None), "")
            found = self.masthead.date(kind, pivot) if kind else None
        if found is None:
            return None, ""
        self._ask(f"{why}: {kind}, {found.text}, stands in for it; on which day did the text take effect?")
        return found, why

    def _end(self, events: Sequence[Event], pivot: int) -> tuple[Event | None, str]:
        """The event that ended the text's force, by the header, its title or a sentence; and why drafts are held back."""
        how, stated, lines = self._ended_by_sentence(pivot)
        ended = self.masthead.date("ended", pivot)
        label = self.masthead.fields["ended"].label if ended is not None else ""
        if ended is not None and self.masthead.value("ended"):
            how, stated, lines = _how(label), ended, (self.masthead.lines["ended"],)
        status = next((word for word in _ENDED if word in self.masthead.status), "")
        how = how or ("archived" if status == "inactive" else status)
        if not how or any(event.ends_force for event in events):
            return None, ""
        if stated is None or stated.day is None:
            self._ask(f"the document says that it is {how}, and not since which day: when did it end?", lines)
            return None, f"the document says that it is {how}, and not since which day"
        if not label.casefold().startswith("archiv"):
            self._ask(
                f"{label or how} {stated.text}: (1) it is the first day on which nothing is in force; (2) it is the last day in "
                "force: which is meant? the first was written, so that nothing is answered for that day",
                lines,
            )
        words = f"{label or how.capitalize()}: {stated.text}"
        return Event(stated, stated.text, how, inline(words), lines=tuple(lines)), ""

    def _ended_by_sentence(self, pivot: int) -> tuple[str, StatedDate | None, tuple[int, ...]]:
        for block in (*self.masthead.kept, *(block for each in self.passages for block in each.blocks[:2])):
            match = _REPLACED.search(block.text)
            if match is None:
                continue
            how = {"replaced": "superseded"}.get(match["how"].casefold(), match["how"].casefold())
            day = date_of(match["day"].strip(), pivot) if match["day"] else None
            self.account.taken(block.lines, f"status: {how}")
            return how, day, block.lines
        return "", None, ()

    def _check(self, published: Published) -> None:
        if published.criteria.rulings or any(event.rulings for event in published.events):
            return
        if "noti" in self.masthead.status:
            self.problems.append("this is a notice and states no position: it belongs to a version, and makes none")
        elif not any(passage.name is SectionName.CRITERIA for passage in self.passages):
            self.problems.append(
                "no section of criteria was found: a document of codes or a notice makes no version of its own"
            )
        else:
            self.problems.append("no sentence of the criteria or the history states a position that is known")


def _with_grid(sections: list[Section], grid: Sequence[Population]) -> list[Section]:
    """The sections with the populations of the header's table, where the evidence section names none of its own."""
    if not grid:
        return sections
    for at, section in enumerate(sections):
        if isinstance(section.body, EvidenceReview):
            body = section.body
            held = body.populations or tuple(grid)
            return [*sections[:at], replace(section, body=replace(body, populations=held)), *sections[at + 1 :]]
    order = list(SectionName)
    place = order.index(SectionName.EVIDENCE)
    at = next(
        (at for at, each in enumerate(sections) if each.name is not None and order.index(each.name) > place),
        len(sections),
    )
    body = EvidenceReview(tuple(grid), "")
    return [*sections[:at], Section(SectionName.EVIDENCE.value, SectionName.EVIDENCE, body), *sections[at:]]


def _how(label: str) -> str:
    words = label.casefold()
    if "archiv" in words:
        return "archived"
    return "superseded" if re.search(r"supersed|replac|revision end", words) else "retired"


def _days(line: str) -> str:
    return f"Dates of service {line}"


def _codes_named(text: str) -> tuple[str, ...]:
    """The codes that a sentence names right behind the name of their system."""
    found: list[str] = []
    for match in re.finditer(r"\b(?:CPT|HCPCS|ICD-10(?:-CM)?|CDT)\b[®]?(?: codes?)?:?\s+([A-Z0-9., and/]+)", text):
        found += codes_shaped(match[1])
    return tuple(dict.fromkeys(found))
