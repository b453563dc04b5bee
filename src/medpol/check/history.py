"""Rules that hold the History against the files: what a row says happened must have happened, in a version that is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Severity
from medpol.model.evidence import HistoryRow
from medpol.model.policy import PolicyVersion, SectionName

UNCHANGED = "statement unchanged"


@rule(Subject.DATES, Severity.WARNING)
def row_without_version(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A row of the History states a first day, and no file of the policy holds from that day.

    A row's first day is its ``Effective``, else its own day. Where its file is missing, days of service from then on are
    answered from the text before it, as if the event had not been. Add the version's file, or correct the row's day.

    Only the newest document with a History is asked, and its rows since the first version that is held: what came before
    lies before the library's memory. Rows that state a month have no first day, nor does a notification that names no
    effect, or one that was withdrawn again. A review entered into the text that it left unchanged (``statement unchanged``, later than that text's first
    day) needs no file.
    """
    for carrier in _carriers(holdings):
        days = [each.first_day for each in holdings.of(carrier.policy) if each.first_day is not None]
        begun = min(days, default=None)
        for row in carrier.history:
            first_day = _first_day(row)
            if first_day is None or begun is None or first_day < begun or _is_held(holdings, carrier, row):
                continue
            if _is_taken_back(carrier.history, row) or (row.event == "notification" and row.effective is None):
                continue
            if carrier.first_day is not None and carrier.first_day < first_day and UNCHANGED in claims(row):
                continue
            yield Finding(
                row.source if row.effective is None else holdings.words_place(row.source, row.effective.text),
                f"{row.event} from {first_day}: no version of {carrier.policy} has that first day",
                f"the file {_folder(carrier)}/{first_day}.md",
                "add the version, or correct the row's day",
            )


@rule(Subject.DATES, Severity.WARNING)
def version_without_row(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A version has no row in the History of the newest document that carries one.

    Whoever reads the document would not learn that another text was in force from that day. Add the row. Versions before
    the first row are passed over, since a History may begin late; so are drafts, versions that were withdrawn, and those
    that come after the document.
    """
    for carrier in _carriers(holdings):
        told = {day for row in carrier.history for day in (row.day.day, _first_day(row)) if day is not None}
        section = carrier.section(SectionName.HISTORY)
        if not told or section is None or any(row.day.day is None for row in carrier.history):
            continue
        for version in holdings.standing(carrier.policy):
            first_day = version.first_day
            if first_day is None or carrier.first_day is None or not min(told) <= first_day <= carrier.first_day:
                continue
            if first_day not in told and not told & _days_of_row(version):
                word = "archived" if version.is_archived else "in force"
                yield Finding(
                    section.source,
                    f"no row tells of the version {word} from {first_day} ({version.source.file})",
                    "a row for each version",
                    f"add a row for {first_day}",
                )


@rule(Subject.DATES, Severity.WARNING)
def row_days_differ(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row and the front matter name different days of approval or publication.

    The columns ``Approved`` and ``Published`` of the last row that tells of a version are held against ``approved:`` and
    ``published:``; a month agrees with each of its days. The day of publication decides what was known on which day, so
    a wrong one changes answers about the past. Correct the one that is wrong.
    """
    for version in holdings.versions:
        for row in own_rows(version)[-1:]:
            for key, told, held in (
                ("approved", row.approved, version.approved),
                ("published", row.published, version.published),
            ):
                if told is not None and held is not None and disagree(told, held):
                    yield Finding(
                        holdings.words_place(row.source, told.text),
                        f"{key} {told.text} in the History, and {held.text} in the front matter "
                        f"(line {version.place(key).line})",
                        "one day",
                        "correct the one that is wrong",
                    )


@rule(Subject.DATES, Severity.WARNING)
def history_out_of_order(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A row of the History stands between rows of other days than its own would have it.

    A History runs from the oldest row to the newest or from the newest to the oldest; which of the two is told by most of
    its rows. A row that turns back is a wrong day, most often of its year, or stands in a wrong place. Only the newest
    document with a History is asked, and only its first such row is named. Correct the row's day, or move the row.
    """
    for carrier in _carriers(holdings):
        steps = [
            (one, other, step)
            for one, other in pairwise(carrier.history)
            if (step := _is_later(other.day, one.day) - _is_later(one.day, other.day))
        ]
        if not steps:
            continue
        way = sum(step for *_, step in steps) or steps[0][2]
        turned = next(((one, other) for one, other, step in steps if step * way < 0), None)
        if turned is not None:
            one, other = turned
            yield Finding(
                holdings.words_place(other.source, other.day.text),
                f"the row of {other.day.text} stands below that of {one.day.text} (line {one.source.line}), "
                f"in a History that runs from the {'oldest to the newest' if way > 0 else 'newest to the oldest'}",
                f"a day on or {'after' if way > 0 else 'before'} {one.day.text}",
                "correct the day of one of the two rows, or move the row",
            )


def _is_later(one: StatedDate, other: StatedDate) -> bool:
    """Whether one day lies behind another, whichever day of its month a date without a day means."""
    first, last = one.first_day(), other.last_day()
    return first is not None and last is not None and first > last


def disagree(one: StatedDate, other: StatedDate) -> bool:
    """Whether no day is meant by both."""
    return _is_later(one, other) or _is_later(other, one)


# ---------------------------------------------------------------------------- rows and versions


def own_rows(version: PolicyVersion) -> tuple[HistoryRow, ...]:
    """The rows that tell of the version: their effective day, or else own day, is its first, or they are its ``row date``."""
    if version.first_day is None:
        return ()
    return tuple(
        row
        for row in version.history
        if _first_day(row) == version.first_day
        or (
            row.effective is None
            and row.day.day is not None
            and version.row_date is not None
            and version.row_date.day == row.day.day
        )
    )


def claims(row: HistoryRow) -> tuple[str, ...]:
    """The typed claims of a row, case and spaces aside."""
    return tuple(" ".join(each.casefold().split()) for each in row.says)


def _carriers(holdings: Holdings) -> Iterator[PolicyVersion]:
    """The newest document of each policy that carries a History."""
    for policy in holdings.policies:
        held = [each for each in holdings.standing(policy) if each.history]
        yield from held[-1:]


def _first_day(row: HistoryRow) -> date | None:
    return (row.effective or row.day).day


def _is_held(holdings: Holdings, carrier: PolicyVersion, row: HistoryRow) -> bool:
    """Whether a file stands for the row, one with errors too."""
    first_day = _first_day(row)
    for each in holdings.of(carrier.policy):
        if each.first_day == first_day or (row.effective is None and first_day in _days_of_row(each)):
            return True
    return any(path.startswith(f"{_folder(carrier)}/{first_day}.") for path in holdings.library.texts)


def _is_taken_back(rows: Iterable[HistoryRow], row: HistoryRow) -> bool:
    """Whether a row announced what was withdrawn before its day, or withdraws what was announced for a later one."""
    pairs = ((row, each) if row.event == "notification" else (each, row) for each in rows)
    for announced, withdrawn in pairs:
        if (announced.event, withdrawn.event) == ("notification", "withdrawn"):
            first_day, day = _first_day(announced), withdrawn.day.day
            if first_day is not None and day is not None and day < first_day:
                return True
    return False


def _days_of_row(version: PolicyVersion) -> frozenset[date]:
    """The days under which a row may tell of a version, its first day apart."""
    held = (version.row_date, version.published)
    return frozenset(each.day for each in held if each is not None and each.day is not None)


def _folder(version: PolicyVersion) -> str:
    return version.source.file.rpartition("/")[0]


RULES = (row_without_version, version_without_row, row_days_differ, history_out_of_order)
