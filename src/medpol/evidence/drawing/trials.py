"""The trials under way as a timeline: for whom, until when, and which are past their date without a result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from xml.etree.ElementTree import Element

from medpol.evidence.drawing.looks import HEAD, HOLLOW, INK, LINE, SOFT, TEXT, WIDE, Look, empty_picture, notes_below
from medpol.evidence.drawing.twins import Table
from medpol.evidence.drawing.words import cut
from medpol.evidence.watching.trials import TrialHeld, is_overdue
from medpol.evidence.watching.values import TrialListed
from medpol.model.dates import stated
from medpol.text.svg import chart, element, hatching

NO_TRIAL = "No trial is listed."
NO_DATE = "no date stated"
_HATCH = "hatch-overdue"


@dataclass(frozen=True, slots=True)
class TrialBar:
    """One trial. ``completion`` is as printed; ``first`` and ``last`` are the days between which it then lies.

    ``is_overdue``: its last possible day has passed, and nobody says that it is completed. ``start`` is where it is known.
    """

    nct: str
    population: str
    title: str = ""
    enrolment: int | None = None
    completion: str = ""
    first: date | None = None
    last: date | None = None
    start: date | None = None
    status: str = ""
    is_overdue: bool = False
    days_late: int | None = None
    note: str = ""

    @property
    def says(self) -> str:
        """What the picture says of it beside its bar."""
        said = self.completion or NO_DATE
        if self.is_overdue:
            said += ", overdue" if self.days_late is None else f", {self.days_late:,} days overdue"
        return said


@dataclass(frozen=True, slots=True)
class TrialTimeline:
    """The trials by population, and by completion within one, on a day."""

    title: str
    today: date
    trials: tuple[TrialBar, ...] = ()

    def __post_init__(self) -> None:
        names = list(dict.fromkeys(each.population for each in self.trials))
        held = tuple(sorted(self.trials, key=lambda each: (names.index(each.population), each.last or date.max)))
        object.__setattr__(self, "trials", held)

    @property
    def notes(self) -> tuple[str, ...]:
        said = []
        if any(each.is_overdue for each in self.trials):
            said.append("Hatched: past the last possible day of completion, no result stated.")
        if any(each.first != each.last for each in self.trials):
            said.append("A completion stated by month or year is drawn as long as it may be.")
        return tuple(said)


def trial_timeline(
    listed: Iterable[TrialListed], today: date, title: str, named: Mapping[str, str] | None = None
) -> TrialTimeline:
    """The trials that are listed and not published, as they stand on a day; ``named`` has words for the ids of populations."""
    words = named or {}
    return TrialTimeline(title, today, tuple(_bar(each, today, words) for each in listed if not each.is_published))


def _bar(each: TrialListed, today: date, named: Mapping[str, str]) -> TrialBar:
    completion = stated(each.completion)
    last = completion.last_day()
    late = is_overdue(TrialHeld(each), today)
    return TrialBar(
        each.nct,
        named.get(each.population, each.population) or "population not stated",
        each.title,
        each.enrolment,
        each.completion,
        completion.first_day(),
        last,
        None,
        each.status,
        late,
        (today - last).days if late and last is not None else None,
    )


def trials_table(found: TrialTimeline) -> Table:
    heads = ("Population", "Trial", "Title", "Planned", "Status", "Completion", "Overdue", "Note")
    rows = tuple(
        (
            each.population,
            each.nct,
            each.title,
            each.enrolment,
            each.status,
            each.completion or NO_DATE,
            ("" if each.days_late is None else f"{each.days_late} days") if each.is_overdue else "no",
            each.note,
        )
        for each in found.trials
    )
    return Table(found.title, heads, rows, (f"On {found.today}.", *found.notes))


def trials_svg(found: TrialTimeline, width: int = WIDE) -> str:
    """The trials as a whole SVG, a group for each population, with a line for the day."""
    if not found.trials:
        return chart("trials", found.title, NO_TRIAL, width, 44, *empty_picture(NO_TRIAL, 24, width))
    sheet = _Sheet(found, width)
    drawn: list[Element] = []
    y = 34.0
    for population, trials in groupby(found.trials, key=lambda each: each.population):
        drawn.append(element("text", cut(population, width - 20, 7.2), x=8, y=y + 14, **HEAD))
        y += 24
        for each in trials:
            drawn += sheet.trial(each, y)
            y += sheet.step
    under = [*sheet.years(y), element("path", d=f"M{sheet(found.today):.1f} 24V{y:g}", **_TODAY)]
    x = sheet(found.today)
    anchor = "end" if x > width * 0.7 else "start"
    at = x - 5 if anchor == "end" else x + 5
    under.append(element("text", f"on {found.today}", x=at, y=18, text_anchor=anchor, **HEAD))
    y += 26
    for note, below in notes_below(found.notes, 8, y, width):
        drawn.append(note)
        y = below
    said = "; ".join(f"{each.nct}, {each.population}: {each.says}" for each in found.trials)
    return chart("trials", found.title, said, width, int(y) + 10, hatching(_HATCH), *under, *drawn)


_TODAY: Look = {
    "class_": "asked",
    "stroke": "#1b2229",
    "stroke_width": 2,
    "stroke_dasharray": "5 3",
}


class _Sheet:
    """Days to places, and how one trial is drawn at them."""

    def __init__(self, found: TrialTimeline, width: int) -> None:
        self.found, self.width = found, width
        self.is_narrow = width < WIDE
        self.start, self.end = (12.0, width - 12.0) if self.is_narrow else (116.0, width - 210.0)
        days = [day for each in found.trials for day in (each.start, each.first, each.last) if day is not None]
        days.append(found.today)
        margin = timedelta(max(60, (max(days) - min(days)).days // 20))
        self.first = min(days) - min(margin, min(days) - date.min)
        self.last = max(days) + min(margin, date.max - max(days))
        self.step = 40.0 if self.is_narrow else 26.0

    def __call__(self, day: date) -> float:
        return self.start + (day - self.first).days / max((self.last - self.first).days, 1) * (self.end - self.start)

    def trial(self, each: TrialBar, y: float) -> Iterator[Element]:
        middle = y + (28 if self.is_narrow else 11)
        yield element("text", each.nct, x=8, y=y + 15, **TEXT)
        room = self.width - 118 if self.is_narrow else 194
        yield element("text", cut(each.says, room), x=self.width - 8, y=y + 15, text_anchor="end", **TEXT)
        if each.first is None or each.last is None:
            return
        said = f"{each.nct}: {each.title or each.population}; {each.says}"
        left, right = self(each.first), self(each.last + timedelta(1) if each.last < date.max else each.last)
        if each.start is not None:
            yield element("path", d=f"M{self(each.start):.1f} {middle:g}H{left:.1f}", **LINE)
        if each.is_overdue:
            now = self(self.found.today)
            place = {"x": right, "y": middle - 6, "width": max(now - right, 1), "height": 12}
            look: Look = {"class_": "archived overdue-days", "fill": f"url(#{_HATCH})", "stroke": "#44505c"}
            yield element("rect", element("title", said), **place, **look)
        look = (HOLLOW if each.is_overdue else INK) | {
            "class_": "hollow due-month" if each.is_overdue else "filled due-month"
        }
        place = {"x": left, "y": middle - 6, "width": max(right - left, 4), "height": 12}
        yield element("rect", element("title", said), **place, **look)

    def years(self, bottom: float) -> Iterator[Element]:
        """The axis of days, with as many names of years as have room."""
        yield element("path", d=f"M{self.start:g} {bottom:g}H{self.end:g}", **LINE)
        years = range(self.first.year + 1, self.last.year + 1)
        step = len(years) // (6 if self.is_narrow else 12) + 1
        for year in years:
            if year % step == 0:
                x = self(date(year, 1, 1))
                yield element("path", d=f"M{x:.1f} {bottom:g}v5", **LINE)
                yield element("text", str(year), x=x, y=bottom + 18, text_anchor="middle", **SOFT)
