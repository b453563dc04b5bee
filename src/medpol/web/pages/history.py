"""The history of a policy: its versions as a table and as a timeline, on the clock of care and on that of knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from medpol.decide.holdings import PolicyHistory, VersionSaid, distinct_positions, policy_history
from medpol.decide.holdings.pieces import scope_of
from medpol.decide.holdings.withheld import without_comments
from medpol.lifecycle import periods, standing
from medpol.web.asof import policy_bar
from medpol.web.chips import STATUSES, chips_of
from medpol.web.drawn import across, down
from medpol.web.markdown import heading, table
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, csv_bytes
from medpol.web.pages.policy import policy_address, policy_named
from medpol.web.problems import not_found
from medpol.web.timeline import notice_words, timeline


def history_of(visit: Visit, number: str) -> PolicyHistory:
    """The history of a policy at the days of a visit, without the words that are not ours to show. Raises ``Refused``."""
    days = visit.as_of.date_of_service, visit.as_of.known_on
    found = policy_history(visit.served.opened, number, *days)
    if found is None:
        raise not_found("nothing of this policy was known")
    return without_comments(found, visit.served.withheld)


def find_history(visit: Visit) -> Content | Elsewhere:
    number = policy_named(visit, visit.place["number"])
    address = f"{policy_address(number)}/history"
    if visit.place["number"] != number:
        return Elsewhere(visit.as_of.link(address + visit.place["ending"]))
    value = history_of(visit, number)
    versions, as_of = visit.served.desk.versions[number], visit.as_of
    held = periods(versions, as_of.known_on)
    status, _ = standing(versions, as_of.date_of_service, as_of.known_on)
    read = visit.served.opened.read(number, held[-1].version)
    bar = policy_bar(
        as_of, address, status, held, scope_of(read.lines_of_business), f"{policy_address(number)}/compare"
    )
    title = f"History of {number} {value.title}"
    return Content(title, address, value, bar, cite=f"{number}, {value.title}, history", dressed=_dressed(value))


def _dressed(value: PolicyHistory) -> dict[str, Any]:
    drawn = timeline(value)
    pairs = zip((None, *value.versions), value.versions, strict=False)
    return {
        "is_drawn": len(value.versions) > 1,
        "across": Markup(across(drawn)),  # made by svg.chart, which escapes every word of others
        "down": Markup(down(drawn)),
        "chips": {each.version: chips_of(each.positions) for each in value.versions},
        "notices": {each.version: notice_words(each) for each in value.versions},
        "before": {each.version: None if one is None else one.version for one, each in pairs},
        "statuses": STATUSES,
    }


_HEADS = (
    *("first_day", "last_day", "days", "status", "positions", "known_from", "known_before_days", "notice_days_owed"),
    *("approved", "published", "file", "content_hash"),
)


def _row(each: VersionSaid) -> tuple[Any, ...]:
    says = "archived: no policy in force" if each.is_archived else "; ".join(distinct_positions(each.positions))
    return (
        *(each.version, each.last_day, each.days, "archived" if each.is_archived else "in force", says),
        *(each.known_from, each.known_before_days, each.notice_days_owed, each.approved, each.published),
        *(each.file, each.content_hash),
    )


def _csv(visit: Visit, content: Content) -> bytes:
    return csv_bytes(_HEADS, map(_row, content.value.versions))


def _svg(visit: Visit, content: Content) -> bytes:
    return across(timeline(content.value)).encode()


def _markdown(visit: Visit, content: Content) -> bytes:
    return "\n".join(_lines(content.value)).encode()


def _lines(value: PolicyHistory) -> Iterator[str]:
    yield heading(1, f"{value.policy} {value.title}: history")
    yield f"For care on {value.date_of_service}, as known on {value.known_on}.\n"
    yield from table([head.replace("_", " ") for head in _HEADS[:8]], [_row(each)[:8] for each in value.versions])
    for each in value.versions:
        if words := notice_words(each):
            yield f"- Notice of {each.version}: {words}."
    for gap in value.gaps:
        until = "on" if gap.last_day is None else f"through {gap.last_day}"
        yield f"- No version was in force from {gap.first_day} {until}{'' if gap.days is None else f', {gap.days:,} days'}."
    for old in value.superseded:
        yield f"- The version of {old.version} known from {old.known_from} held until {old.until}."
    yield ""
    rows = [(each.date, each.event, each.comment) for each in value.events]
    yield from table(("day", "event", "comment"), rows)


HISTORY = Page(
    "/policies/{number:str}/history",
    "history.html",
    find_history,
    twins={".csv": _csv, ".svg": _svg, ".md": _markdown},
    prints=True,
)
