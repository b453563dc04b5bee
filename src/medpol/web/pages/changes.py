"""What changed: newest first, each with what it means and a way to its redline."""

from __future__ import annotations

from typing import Any

from medpol.decide.holdings.changed import Changed, Changes
from medpol.decide.holdings.told import path_of_change
from medpol.web.asof import general_bar, read_day
from medpol.web.feeds import ENTRIES, feed_bytes
from medpol.web.pages.page import Content, Page, Visit, csv_bytes
from medpol.web.pages.policy import policy_named
from medpol.web.problems import bad_request

_FIELDS = ("policy", "code", "code_system", "line_of_business", "since", "skip")
_LONGEST = 100
_MOST_SKIPPED = 1_000_000


def changes_at(visit: Visit) -> Changes:
    """What became known, by the fields of a visit: ``policy``, ``code`` and its
    ``code_system``, ``line_of_business``, ``since``, ``skip``.

    Raises:
        Refused: A field that cannot be read.
    """
    policy, code, system, line, _, skip = (visit.query.get(name, "").strip() for name in _FIELDS)
    if max(len(code), len(line)) > _LONGEST:
        raise bad_request("code", f"more than {_LONGEST} characters", "one code, one line of business")
    if system and (not code or visit.served.desk.plan.systems.canonical(system) is None):
        names = ", ".join(visit.served.desk.plan.systems.names())
        raise bad_request("code_system", "this is no system of a code", f"one of: {names}; with a code", "correct it")
    if skip and not (skip.isascii() and skip.isdigit() and int(skip[:9]) <= _MOST_SKIPPED):
        raise bad_request("skip", "this is no number of changes", "a whole number, such as 50")
    found: Changes = visit.served.changes(
        visit.as_of.known_on,
        policy=policy_named(visit, policy) if policy else None,
        code=code or None,
        code_system=system or None,
        line_of_business=line or None,
        since=read_day(visit.query, "since"),
        limit=ENTRIES,
        offset=int(skip[:9] or 0),
    )
    return found


def find_changes(visit: Visit) -> Content:
    value = changes_at(visit)
    keep = {name: visit.query[name].strip() for name in _FIELDS if visit.query.get(name, "").strip()}
    skipped = int(keep.pop("skip", "0"))
    bar = general_bar(visit.as_of, "/changes", keep)
    older = skipped + len(value.changes)
    dressed = {
        "redlines": {change: path_of_change(change) for change in value.changes},
        "chosen": keep,
        "older": older if older < value.total else None,
        "newer": max(0, skipped - ENTRIES) if skipped else None,
        "skipped": skipped,
    }
    return Content("Changes", "/changes", value, bar, keep, dressed=dressed)


_HEADS = (
    *("policy", "title", "kind", "known_from", "first_day", "notice_days", "says", "compared_with"),
    *("compared_known_from", "codes", "file", "content_hash"),
)


def _row(each: Changed) -> tuple[Any, ...]:
    return tuple("; ".join(value) if isinstance(value := getattr(each, name), tuple) else value for name in _HEADS)


def _csv(visit: Visit, content: Content) -> bytes:
    return csv_bytes(_HEADS, map(_row, content.value.changes))


def _atom(visit: Visit, content: Content) -> bytes:
    return feed_bytes(content.value, "Changes of medical policies", "/changes", content.keep, visit.as_of)


CHANGES = Page("/changes", "changes.html", find_changes, twins={".csv": _csv, ".atom": _atom}, prints=True)
