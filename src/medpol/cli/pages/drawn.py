"""The timeline of a policy, drawn in signs: bars, hatching and diamonds, each row and each day named in words.

Across where there is room, downwards in a narrow terminal; in ASCII where the encoding has no other signs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from medpol.cli.output import Page, styled
from medpol.decide.holdings import PolicyHistory, VersionSaid

_NARROW = 64
_NAMES = 12
"""The width of the names of the rows."""
_TALLEST = 5
"""The most lines that the time between two events takes, where time runs downwards."""


@dataclass(frozen=True, slots=True)
class _Signs:
    first: str
    bar: str
    gap: str
    notice: str
    once: str
    review: str
    due: str
    codes: str
    open: str
    asked: str
    leader: str
    corner: str
    left_corner: str

    @property
    def all(self) -> str:
        return "".join(getattr(self, name) for name in self.__slots__)


_LINES = _Signs("┣", "━", "╱", "░", "▒", "◆", "◇", "┃", "▶", "▼", "│", "└", "┘")
_ASCII = _Signs("[", "=", "/", ".", "%", "*", "o", "|", ">", "v", "|", "`", "'")


def print_timeline(page: Page, found: PolicyHistory) -> None:
    """The days of the policy on the clock of care, and a row of what was once known where something was corrected."""
    signs = _LINES if page.can_show(_LINES.all) else _ASCII
    if page.width < _NARROW:
        _print_down(page, found, signs)
    else:
        _print_across(page, found, signs)
    page.line(styled(_legend(found, signs), "dim"), indent=2, hang=2)


def _legend(found: PolicyHistory, signs: _Signs) -> str:
    parts = [f"{signs.first}{signs.bar} a version in force"]
    parts += [f"{signs.gap} archived: none in force"] * any(each.is_archived for each in found.versions)
    parts += [f"{signs.notice} notice"] * any(True for _ in _notices(found))
    parts += [f"{signs.review} review"] * bool(found.reviews)
    parts += [f"{signs.due} review due"] * (found.review_due is not None)
    parts += [f"{signs.codes} codes changed"] * bool(found.code_changes)
    parts += [f"{signs.once} once known, then corrected"] * bool(found.superseded)
    return "   ".join(parts)


def _notices(found: PolicyHistory) -> Iterator[VersionSaid]:
    """The versions that were known before their first day."""
    return (each for each in found.versions if each.known_before_days > 0 and not each.is_archived)


# ---------------------------------------------------------------------------- across


@dataclass(frozen=True, slots=True)
class _Axis:
    """Days to columns. ``end`` is the last day shown, not the last of the policy."""

    start: date
    end: date
    width: int

    def at(self, day: date) -> int:
        whole = max(1, (self.end - self.start).days)
        return max(0, min(self.width - 1, (day - self.start).days * (self.width - 1) // whole))

    def row(self) -> list[str]:
        return [" "] * self.width

    def fill(self, row: list[str], start: date, end: date | None, sign: str) -> None:
        """The columns of some days, at least one."""
        first = self.at(start)
        last = self.width if end is None else max(first + 1, self.at(end))
        for column in range(first, last):
            row[column] = sign


def _axis(found: PolicyHistory, width: int) -> _Axis:
    """From the first thing that happened to the day asked, or not so far that the versions would be crowded out."""
    days = [each.version for each in found.versions] + [each.known_from for each in _notices(found)]
    days += [each.version for each in found.superseded] + [each.day for each in found.reviews]
    start, last = min(days), max(each.version for each in found.versions)
    end = max(last, min(found.known_on, _later(last, max(365, (last - start).days))))
    return _Axis(start, _later(end, (end - start).days // 12), width)  # what has no end runs on a little


def _later(day: date, days: int) -> date:
    """So many days later, or the calendar's last."""
    return day + min(timedelta(days), date.max - day)


def _print_across(page: Page, found: PolicyHistory, signs: _Signs) -> None:
    axis = _axis(found, page.width - _NAMES - 4)
    if axis.start <= found.date_of_service <= axis.end:
        _print_row(page, "care on", _asked(axis, found.date_of_service, signs))
    notices = axis.row()
    for each in _notices(found):
        axis.fill(notices, each.known_from, each.version, signs.notice)
    _print_row(page, "notice", notices, "yellow")
    _print_row(page, "in force", _bars(axis, found, signs), "bold")
    for row in _labels(axis, [each.version for each in found.versions], signs):
        _print_row(page, "", row)
    codes = axis.row()
    for changed in found.code_changes:
        codes[axis.at(changed.version)] = signs.codes
    _print_row(page, "codes", codes)
    reviews = axis.row()
    if found.review_due is not None and found.review_due <= axis.end:
        reviews[axis.at(found.review_due)] = signs.due
    for review in found.reviews:
        reviews[axis.at(review.day)] = signs.review
    _print_row(page, "reviews", reviews)
    _print_row(page, "once known", _once(axis, found, signs), "cyan")


def _print_row(page: Page, name: str, row: Sequence[str], style: str = "") -> None:
    if any(sign != " " for sign in row):
        page.unwrapped(f"  {name:<{_NAMES}}", styled("".join(row), style))


def _asked(axis: _Axis, day: date, signs: _Signs) -> list[str]:
    row = axis.row()
    _write(row, axis.at(day), f"{signs.asked} {day}", f"{day} {signs.asked}")
    return row


def _bars(axis: _Axis, found: PolicyHistory, signs: _Signs) -> list[str]:
    """The versions side by side, each begun with its own sign, so that neighbours are told apart without colour."""
    row = axis.row()
    ends = [*(each.version for each in found.versions[1:]), None]
    for each, end in zip(found.versions, ends, strict=True):
        axis.fill(row, each.version, end, signs.gap if each.is_archived else signs.bar)
        if not each.is_archived:
            row[axis.at(each.version)] = signs.first
    if not found.versions[-1].is_archived and axis.at(found.versions[-1].version) < axis.width - 1:
        row[-1] = signs.open
    return row


def _once(axis: _Axis, found: PolicyHistory, signs: _Signs) -> list[str]:
    """The days of care for which another version was once known than holds now."""
    row = axis.row()
    for old in found.superseded:
        later = [each.version for each in found.versions if each.version > old.version]
        axis.fill(row, old.version, min(later, default=None), signs.once)
    return row


def _labels(axis: _Axis, days: Iterable[date], signs: _Signs) -> list[list[str]]:
    """The days below their columns, on leaders, in as many rows as keep them apart."""
    rows: list[list[str]] = []
    for day in sorted(days, reverse=True):
        column = axis.at(day)
        words = f"{signs.corner}{day}"
        start = column if column + len(words) <= axis.width else column - len(words) + 1
        if start != column:
            words = f"{day}{signs.left_corner}"
        depth = 0
        while depth < len(rows) and not _is_free(rows, depth, start, column, len(words)):
            depth += 1
        if depth == len(rows):
            rows.append(axis.row())
        rows[depth][start : start + len(words)] = words
        for above in rows[:depth]:
            if above[column] == " ":
                above[column] = signs.leader
    return rows


def _is_free(rows: Sequence[Sequence[str]], depth: int, start: int, column: int, length: int) -> bool:
    """Whether a label, with a space at either side, fits into a row, and its leader into those above."""
    beside = rows[depth][max(0, start - 1) : start + length + 1]
    return all(sign == " " for sign in beside) and all(above[column] == " " for above in rows[:depth])


def _write(row: list[str], column: int, words: str, leftwards: str) -> None:
    if column + len(words) <= len(row):
        row[column : column + len(words)] = words
    else:
        row[column - len(leftwards) + 1 : column + 1] = leftwards


# ---------------------------------------------------------------------------- downwards


def _print_down(page: Page, found: PolicyHistory, signs: _Signs) -> None:
    """One line an event, the earliest first; the lines between are as many as the time is long."""
    events = sorted(_events(found, signs), key=lambda each: each[0])
    whole = max(1, (events[-1][0] - events[0][0]).days)
    for at, (day, _, sign, words) in enumerate(events):
        if at:
            before, state = events[at - 1][0], _state(found, events[at - 1][0], signs)
            for _ in range(min(_TALLEST, (day - before).days * 2 * len(events) // whole)):
                page.line(state, indent=2)
        page.line(f"{sign} {day}  ", words, indent=2, hang=14)


def _state(found: PolicyHistory, day: date, signs: _Signs) -> str:
    """What stands on a day, as the sign of the line down the left."""
    held = [each for each in found.versions if each.version <= day]
    if not held:
        return signs.notice
    return signs.gap if held[-1].is_archived else signs.leader


def _events(found: PolicyHistory, signs: _Signs) -> Iterator[tuple[date, int, str, str]]:
    for each in found.versions:
        days = "" if each.days is None else f", {each.days:,} days"
        words = f"archived: none in force{days}" if each.is_archived else f"in force{days}"
        yield each.version, 1, signs.gap if each.is_archived else signs.first, words
    for each in _notices(found):
        yield each.known_from, 0, signs.notice, f"notice of {each.version}, {each.known_before_days} days"
    for review in found.reviews:
        yield review.day, 2, signs.review, review.event
    if found.review_due is not None:
        yield found.review_due, 2, signs.due, "review due"
    for changed in found.code_changes:
        yield changed.version, 3, signs.codes, "codes: " + codes_words(changed.joined, changed.left)
    for old in found.superseded:
        yield old.version, 4, signs.once, f"once known from {old.known_from} until {old.until}"


def codes_words(joined: Sequence[str], left: Sequence[str]) -> str:
    """Which codes joined and left, the first few by name."""
    return "; ".join(f"{_some(codes)} {verb}" for codes, verb in ((joined, "joined"), (left, "left")) if codes)


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:6]) + (f" and {len(codes) - 6:,} more" if len(codes) > 6 else "")
