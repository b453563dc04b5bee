"""The History section of a published document: its table, its list, or its dated lines, to events."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from medpol.ingest.blocks import Block, Row
from medpol.ingest.chronicle import Printed, date_of, dates_in, read_event
from medpol.ingest.published import Event
from medpol.ingest.report import Account
from medpol.model.dates import StatedDate

MAXIMUM_EVENTS = 200
_COLUMNS: tuple[tuple[str, str], ...] = (
    ("effective", r"effective"),
    ("approved", r"approv|signature|signed|committee"),
    ("published", r"publish|posted|issued"),
    ("row date", r"\bdate\b"),
    ("status", r"\b(?:status|type)\b"),
)
_STATUS = {"new": "new policy", "archived": "archived", "retired": "retired", "reinstated": "reinstated"}
# In a history alone: a month and a year of two digits, which elsewhere may be a fraction.
_SHORT = re.compile(r"(?<![\d/])\d{1,2}/\d{2}(?![\d/])", re.ASCII)
_NOTHING_ELSE = re.compile(r"[\s,;:.&*()-]*(?:\band\b[\s,;:.&*()-]*)*", re.IGNORECASE)


@dataclass(slots=True)
class HistorySection:
    """Reads the blocks of the section. ``pivot`` is the last year that a two-digit year may mean."""

    account: Account
    pivot: int
    events: list[Event] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)

    def read(self, blocks: Sequence[Block]) -> tuple[Event, ...]:
        """The events in the order of the page; none where there are too many, which is a problem."""
        for block in blocks:
            if block.rows:
                for row in block.rows:
                    self._row(row)
            elif block.kind == "heading":
                self.account.kept(block.lines, "heading in the History section")
                self._ask("a heading stands in the history: does it belong to it?", block.lines)
            else:
                self._lines(block)
        if len(self.events) > MAXIMUM_EVENTS:
            self.problems.append(
                f"the history holds {len(self.events):,} rows; at most {MAXIMUM_EVENTS}, as each may make a version"
            )
            return ()
        return tuple(self.events)

    def _ask(self, question: str, lines: Sequence[int]) -> None:
        if question not in self.doubts:
            self.doubts.append(question)
        self.account.doubtful(lines, question)

    # ------------------------------------------------------------------ rows of a table

    def _row(self, row: Row) -> None:
        if not re.search(r"\d", " ".join(row.cells)) and (found := _columns(row)):
            self.columns = found
            self.account.layout(row.lines, "heading row of the history")
            return
        at = self.columns.get("row date", self.columns.get("effective", self._date_column(row)))
        if len(row.cells) < 2 or at >= len(row.cells):
            self._ask(f"the history row {row.cells[0][:40]!r} has no comment: what happened?", row.lines)
            return
        own = {name: place for name, place in self.columns.items() if place != at and place < len(row.cells)}
        dated = {
            name: row.cells[place] for name, place in own.items() if name in ("effective", "approved", "published")
        }
        left = [
            cell for place, cell in enumerate(row.cells) if place != at and cell and place not in self._taken(dated)
        ]
        event = read_event(row.cells[at], "; ".join(left), self.pivot, row.lines)
        if "row date" not in self.columns and "effective" in self.columns:
            event = replace(event, effective=event.effective or (event.day if event.day.text else None))
        event = self._with_columns(event, dated)
        status = row.cells[own["status"]].casefold().strip(" .:") if "status" in own else ""
        self._take(replace(event, event=_STATUS.get(status, event.event)))

    def _taken(self, dated: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.columns[name] for name in dated)

    def _date_column(self, row: Row) -> int:
        """The first cell that is a date and nothing else; the first cell of all where none is."""
        return next((at for at, cell in enumerate(row.cells) if date_of(cell, self.pivot) is not None), 0)

    def _with_columns(self, event: Event, dated: dict[str, str]) -> Event:
        """The event with the dates of its row's own columns; a cell that is no date is asked about."""
        doubts, found = list(event.doubts), dict[str, StatedDate]()
        for name, cell in dated.items():
            stated = date_of(cell, self.pivot)
            if stated is not None:
                found[name] = stated
            elif re.search(r"\d", cell):
                doubts.append(f"the history's column {name} holds {cell!r}, which is no date: what should it be?")
        return replace(
            event,
            effective=event.effective or found.get("effective"),
            approved=event.approved or found.get("approved"),
            published=event.published or found.get("published"),
            doubts=tuple(doubts),
        )

    # ------------------------------------------------------------------ dated lines

    def _lines(self, block: Block) -> None:
        """Rows that stand as lines: each begins with its date, or with who acted and then the date; the rest runs on."""
        held: list[tuple[str, list[int]]] = []
        for part in block.parts:
            text = " ".join(part.text.split())
            if self._opening(text) is not None or not held or self._bare(text):
                held.append((text, [part.line]))
            elif text:
                held[-1] = (f"{held[-1][0]} {text}", [*held[-1][1], part.line])
        for text, lines in held:
            self._line(text, lines)
        spoken = {line for _, lines in held for line in lines}
        self.account.kept([line for line in block.lines if line not in spoken], "text of the History section")

    def _line(self, text: str, lines: Sequence[int]) -> None:
        if dates := self._bare(text):
            self._listed(text, dates, lines)
            return
        opening = self._opening(text)
        if opening is None:
            self.account.kept(lines, "text of the History section")
            self._ask("text stands in the history beside its table: does it state an event?", lines)
            return
        before, rest = text[: opening.start].strip(" ,:;-–—("), text[opening.end :].strip(" ,:;-–—)")
        comment = f"{before}: {rest}" if before and rest else before or rest
        if not comment:
            self._ask(f"the history row {text[:40]!r} has no comment: what happened?", lines)
            return
        self._take(read_event(opening.text, comment, self.pivot, lines))

    def _opening(self, text: str) -> Printed | None:
        """The date that a line opens with, at most a few words before it; ``None`` where it opens with none."""
        found = self._dates(text)
        if not found or found[0].start > 60:
            return None
        before = text[: found[0].start].strip()
        is_lead = (
            not before or before.endswith((",", ":", "-", "–", "(")) or re.fullmatch(r"[A-Z]\w+", before) is not None
        )
        return found[0] if is_lead and not re.search(r"[.;]", before) else None

    def _dates(self, text: str) -> tuple[Printed, ...]:
        found = list(dates_in(text, self.pivot))
        for match in _SHORT.finditer(text):
            if all(match.end() <= each.start or match.start() >= each.end for each in found):
                found.append(Printed(match.start(), match.end(), match[0], date_of(match[0], self.pivot)))
        return tuple(sorted(found, key=lambda each: each.start))

    def _bare(self, text: str) -> tuple[Printed, ...]:
        """The dates of a line that holds several and, but for a word or two in front, nothing else."""
        found = self._dates(text)
        if len(found) < 2 or len(text[: found[0].start].split()) > 4:
            return ()
        between = [text[one.end : other.start] for one, other in pairwise(found)]
        rest = [*between, text[found[-1].end :]]
        return found if all(_NOTHING_ELSE.fullmatch(each) for each in rest) else ()

    def _listed(self, text: str, dates: Sequence[Printed], lines: Sequence[int]) -> None:
        """Dates on one line with no word of their own: history rows, of which none says that a version began."""
        label = text[: dates[0].start].strip(" ,:;-–—(") or "Listed date"
        for printed in dates:
            event = read_event(printed.text, label, self.pivot, lines)
            self._take(replace(event, is_listed=True, printed=printed.text))
        self._ask(f"{len(dates)} dates stand on one line behind {label!r}: did a version begin on any of them?", lines)

    def _take(self, event: Event) -> None:
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
        self.account.taken(event.lines, f"history: {event.event}; {said}")
        for question in event.doubts:
            self.account.doubtful(event.lines, question)
        self.events.append(event)


def _columns(row: Row) -> dict[str, int]:
    """Which column of a heading row holds which date; empty where the row heads no history."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row.cells):
        name = next((name for name, pattern in _COLUMNS if re.search(pattern, cell, re.IGNORECASE)), "")
        if name and name not in found and "," not in cell:
            found[name] = at
    return found if "row date" in found or "effective" in found else {}


def unfitting(effective: StatedDate | None, events: Sequence[Event]) -> str:
    """The question where the header's day and the newest version of the history differ; empty where they fit."""
    dated = [
        event
        for event in events
        if event.first_day is not None
        and not event.ends_force
        and not (event.event == "notification" and event.effective is None)
    ]
    days = [event.first_day for event in dated if event.first_day is not None]
    now = [day for event in dated if (day := event.first_day) is not None and day <= (event.day.day or day)]
    if effective is None or effective.day is None or not days:
        return ""
    newest = max(now, default=max(days)) if effective.day in days else max(days)
    if effective.day >= newest and effective.day in days:
        return ""
    return f"the header's effective date is {effective.text}, the history's newest version begins {newest}: which is right?"


def dates_of_rows(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The text of every row and line of a history: the years written in full there date those of two digits."""
    return tuple(
        text
        for block in blocks
        for text in ([" ".join(row.cells) for row in block.rows] if block.rows else [block.text])
    )
