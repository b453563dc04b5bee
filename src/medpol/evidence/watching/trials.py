"""What has happened to a registered trial: two records of it compared, and what holds of it on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from medpol.evidence.watching.values import Event, EventWeight, Kind, TrialListed, TrialRecord
from medpol.model.dates import StatedDate, add_months, stated

ENDED = frozenset({"COMPLETED", "TERMINATED", "WITHDRAWN"})
"""Statuses after which nothing more is done; anything else may still be going on."""
_NO_STATUS = frozenset({"ONGOING", "UNPUBLISHED", "PUBLISHED", "NOT_REPORTED"})
"""Words of tables that say where a trial is listed, and nothing that the registry would call a status."""
_RESULTS_OWED_MONTHS = 12
_STALE_MONTHS = 24


@dataclass(frozen=True, slots=True)
class TrialHeld:
    """A trial as it is listed, and what the registry last said of it: ``None`` where no record is held.

    ``papers`` are the PubMed numbers of papers found for it elsewhere, ``cited`` all those that the policy knows.
    """

    listed: TrialListed
    record: TrialRecord | None = None
    papers: frozenset[str] = frozenset()
    cited: frozenset[str] = frozenset()


def changes(old: TrialHeld, new: TrialHeld, today: date) -> tuple[Event, ...]:
    """Every event of a trial: what moved from one record to the next, and what holds on the day."""
    return (*moved(old, new), *holding(new, today))


def moved(old: TrialHeld, new: TrialHeld) -> tuple[Event, ...]:
    """What differs between two records; where there is no old one, what differs from the row in the policy's table."""
    if new.record is None:
        return ()
    was = old.record or _as_listed(old.listed)
    return tuple(
        each for find in (_status, _results, _published, _design) for each in find(was, new.record, new, old.record)
    )


def holding(held: TrialHeld, today: date) -> tuple[Event, ...]:
    """What holds on a day: overdue, completed without results, stale. Each has a key, so that it can be told once."""
    return tuple(event for find in (_overdue, _without_results, _stale) for event in find(held, today))


def newly_found(record: TrialRecord) -> Event:
    """A trial that a stored query finds and that nobody lists."""
    status = _in_words(record.status) or "no status stated"
    return Event(
        Kind.NEW_TRIAL,
        EventWeight.NOTE,
        record.nct,
        f"a trial that is not listed matches a stored query: {record.title or 'no title stated'}",
        "not listed",
        f"{status}, {_people(record.enrolment)}, completion {record.completion or 'not stated'}",
        "read its registration; list it under its population, or leave it out and write down why",
        f"{Kind.NEW_TRIAL.value} {record.nct}",
    )


def has_passed(day: StatedDate, today: date) -> bool:
    """Whether the last day that a stated date may mean lies before a day; false where none is stated."""
    last = day.last_day()
    return last is not None and last < today


def is_overdue(held: TrialHeld, today: date) -> bool:
    """Whether a trial is listed as ongoing, has not ended, and its completion has passed."""
    return bool(_overdue(held, today))


def status_named(text: str) -> str:
    """A status in the registry's spelling, from however a table prints it: ``Active, not recruiting``, ``status unknown``."""
    words = "".join(each if each.isalnum() else " " for each in text.upper()).split()
    named = "_".join(each for each in words if each != "STATUS")
    return "" if named in _NO_STATUS else named


# ---------------------------------------------------------------------------- from one record to the next


def _as_listed(listed: TrialListed) -> TrialRecord:
    return TrialRecord(
        listed.nct,
        status=status_named(listed.status),
        completion=listed.completion,
        enrolment=listed.enrolment,
        has_results=listed.is_published,
    )


def _status(was: TrialRecord, now: TrialRecord, held: TrialHeld, old: TrialRecord | None) -> Iterator[Event]:
    if not now.status or was.status == now.status:
        return
    # a row without a status says no more than that it stands among the ongoing ones
    if not was.status and (not held.listed.is_ongoing or now.status not in ENDED):
        return
    before = _in_words(was.status) or "listed as ongoing"
    after = _in_words(now.status) + (f" ({now.why_stopped})" if now.why_stopped else "")
    yield Event(
        Kind.STATUS_CHANGED,
        EventWeight.WARNING if now.status in ENDED else EventWeight.NOTE,
        now.nct,
        f"its status in the registry is {after}; it was {before}",
        before,
        after,
        "look for its result, and move its row in the table to where it now belongs"
        if now.status in ENDED
        else "nothing, unless the table of trials states the status",
    )


def _results(was: TrialRecord, now: TrialRecord, held: TrialHeld, old: TrialRecord | None) -> Iterator[Event]:
    if now.has_results and not was.has_results:
        yield Event(
            Kind.RESULTS_POSTED,
            EventWeight.TASK,
            now.nct,
            "results are posted in the registry" + (f" since {now.results_posted}" if now.results_posted else ""),
            "no results posted",
            f"results posted {now.results_posted}".strip(),
            "read the posted results; add a study record, and judge whether the conclusion still stands",
        )


def _published(was: TrialRecord, now: TrialRecord, held: TrialHeld, old: TrialRecord | None) -> Iterator[Event]:
    for pmid in now.reports:
        if pmid not in was.reports and pmid not in held.papers | held.cited:
            yield paper_of_trial(now.nct, pmid, "the registry names a paper with its results")


def paper_of_trial(nct: str, pmid: str, found: str, title: str = "") -> Event:
    """A paper of a trial that the policy does not cite."""
    return Event(
        Kind.PUBLISHED,
        EventWeight.TASK,
        nct,
        f"{found}: PMID {pmid}" + (f", {title}" if title else ""),
        "no such paper known",
        f"PMID {pmid}",
        f"read the paper (medpol evidence add --pmid {pmid} makes a draft); judge whether the conclusion still stands",
        f"{Kind.PUBLISHED.value} {nct} {pmid}",
    )


def _design(was: TrialRecord, now: TrialRecord, held: TrialHeld, old: TrialRecord | None) -> Iterator[Event]:
    parts = [
        ("enrolment", _people(was.enrolment), _people(now.enrolment))
        if None not in (was.enrolment, now.enrolment) and was.enrolment != now.enrolment
        else None,
        ("completion", was.completion, now.completion) if _differ(was.completion, now.completion) else None,
        # the table of a policy names no outcomes, so a first record has none to differ from
        ("primary outcomes", "; ".join(was.outcomes), "; ".join(now.outcomes))
        if old is not None and was.outcomes != now.outcomes
        else None,
    ]
    differing = [each for each in parts if each is not None]
    if differing:
        yield Event(
            Kind.DESIGN_MOVED,
            EventWeight.NOTE,
            now.nct,
            "its registration has changed: " + ", ".join(name for name, _, _ in differing),
            "; ".join(f"{name} {before or 'not stated'}" for name, before, _ in differing),
            "; ".join(f"{name} {after or 'not stated'}" for name, _, after in differing),
            "bring the row in the table of trials up to date; a changed outcome is read with care when results appear",
        )


def _differ(before: str, after: str) -> bool:
    """Whether two stated dates cannot mean the same day: ``May 2024`` and ``2024-05-30`` can."""
    if not before or not after or before == after:
        return False
    one, other = stated(before), stated(after)
    ends = one.first_day(), one.last_day(), other.first_day(), other.last_day()
    if any(each is None for each in ends):
        return True
    first, last, start, end = (each for each in ends if each is not None)
    return last < start or end < first


# ---------------------------------------------------------------------------- what holds on a day


def _overdue(held: TrialHeld, today: date) -> tuple[Event, ...]:
    record = held.record
    status = record.status if record is not None else status_named(held.listed.status)
    completion = (record.completion if record is not None else "") or held.listed.completion
    if not held.listed.is_ongoing or status in ENDED or not has_passed(stated(completion), today):
        return ()
    said = "the registry" if record is not None and record.completion else "the table"
    return (
        Event(
            Kind.OVERDUE,
            EventWeight.WARNING,
            held.listed.nct,
            f"it is listed as ongoing, and its completion, {completion} as {said} states, has passed on {today}",
            "listed as ongoing",
            f"completion {completion} has passed; status {_in_words(status) or 'not known'}",
            "look it up in the registry: move its row, or write the completion that is stated there now",
            f"{Kind.OVERDUE.value} {_month(completion)}",
        ),
    )


def _without_results(held: TrialHeld, today: date) -> tuple[Event, ...]:
    record = held.record
    if record is None or record.status != "COMPLETED" or record.has_results or held.listed.is_published:
        return ()
    if record.reports or held.papers:
        return ()
    ended = record.primary_completion or record.completion
    last = stated(ended).last_day()
    if last is None or add_months(last, _RESULTS_OWED_MONTHS) >= today:
        return ()
    return (
        Event(
            Kind.COMPLETED_WITHOUT_RESULTS,
            EventWeight.WARNING,
            record.nct,
            f"it was completed ({ended}), and {_RESULTS_OWED_MONTHS} months later neither results nor a paper are known",
            f"completed {ended}",
            f"no results on {today}",
            "search for a publication and write to the investigators; weigh it as possible publication bias",
            f"{Kind.COMPLETED_WITHOUT_RESULTS.value} {_month(ended)}",
        ),
    )


def _stale(held: TrialHeld, today: date) -> tuple[Event, ...]:
    record = held.record
    if record is None or record.status in ENDED:
        return ()
    last = stated(record.verified).last_day()
    is_old = last is not None and add_months(last, _STALE_MONTHS) < today
    if record.status != "UNKNOWN" and not is_old:
        return ()
    known = f"; last known status {_in_words(record.last_known_status)}" if record.last_known_status else ""
    return (
        Event(
            Kind.STALE,
            EventWeight.NOTE,
            record.nct,
            f"nobody has verified its registration since {record.verified or 'an unknown day'}{known}",
            f"verified {record.verified or 'on no stated day'}",
            f"status {_in_words(record.status) or 'not stated'} on {today}",
            "do not count on its result; look for one elsewhere when the policy is next reviewed",
            f"{Kind.STALE.value} {record.verified}",
        ),
    )


# ---------------------------------------------------------------------------- words


def _month(text: str) -> str:
    """The month that a stated date lies in, so that ``Aug 2023`` and ``2023-08-31`` are one and the same overdue date."""
    first = stated(text).first_day()
    return text if first is None else f"{first:%Y-%m}"


def _in_words(status: str) -> str:
    return status.replace("_", " ").lower()


def _people(number: int | None) -> str:
    return "enrolment not stated" if number is None else f"{number} people"
