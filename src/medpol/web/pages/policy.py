"""The policy: its days and scope, its criteria as the document numbers them, its codes, and every other section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from medpol.decide.holdings import PolicyShown, PositionSaid, show_policy
from medpol.decide.holdings.coming import CalendarPart, Coming
from medpol.decide.holdings.pieces import positions_of
from medpol.decide.holdings.withheld import without_words
from medpol.decide.one import PreparedVersion
from medpol.exchange.addresses import segment
from medpol.library.redline import Redline
from medpol.lifecycle import Lane, Period, Status, last_day, periods, standing
from medpol.model.policy import PolicyVersion
from medpol.model.rights import may_show_prose
from medpol.web.asof import AsOf, day_words, general_bar, policy_bar
from medpol.web.chips import STATUSES, chips_of
from medpol.web.feeds import AHEAD_DAYS, ENTRIES, calendar_bytes, feed_bytes
from medpol.web.pages.marks import Differences, Marks, differences
from medpol.web.pages.page import Content, Elsewhere, Page, Visit
from medpol.web.pages.sections import SectionShown, sections_of
from medpol.web.problems import Near, Problem, Refused, not_found
from medpol.web.prose import Citations

_OFFERED = 5


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the policy on the clock of care, for the reader to go to."""

    first_day: date
    last_day: date | None
    is_archived: bool
    is_shown: bool


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """A policy on a day. ``text`` is what is shown: the version that stands, or where it is archived the last one in force.

    ``words_are_withheld``: the document's rights do not let a public page show its sentences. ``differences``: where the
    text differs from the one in force before; none for the first one. ``review``: the next one that is due, stated or counted from
    the last one.
    """

    policy: PolicyShown
    text: PolicyShown
    reference_policy: str
    replaces: str
    positions: tuple[PositionSaid, ...]
    versions: tuple[Version, ...]
    rights: str
    words_are_withheld: bool
    sections: tuple[SectionShown, ...]
    differences: Differences | None
    review: Coming | None


def policy_address(policy: str) -> str:
    return f"/policies/{segment(policy)}"


EVIDENCE_KNOWN_ON = "evidence_known_on"
"""The field of an address that names the day whose records of evidence count, where that is not the day of knowledge."""


def evidence_address(policy: str, as_of: AsOf, records_day: date | None) -> str:
    """The evidence of a policy at both days, with the records that were known on a day; a day that is still to come says nothing."""
    more = {} if records_day is None or records_day >= as_of.known_on else {EVIDENCE_KNOWN_ON: records_day}
    return as_of.pinned(f"{policy_address(policy)}/evidence", **more)


def policy_named(visit: Visit, given: str) -> str:
    """The number of a policy that a visitor may see on the day of knowledge; what nobody knew then is not there.

    Raises:
        Refused: There is none, with others whose numbers begin alike.
    """
    number = visit.served.number(given)
    if number is not None and visit.served.is_known(number, visit.as_of.known_on):
        return number
    if number is not None:
        raise not_found(
            f"nothing was known of this policy on {day_words(visit.as_of.known_on)}",
            Near(number, policy_address(number)),
            mend="choose a later day of knowledge",
        )
    near = [each for each in visit.served.opened.by_policy if each[:3].casefold() == given[:3].casefold()]
    raise not_found(
        "no policy has that number",
        *(Near(each, visit.as_of.link(policy_address(each))) for each in near[:_OFFERED]),
        mend="search for a word of its title, or for a code",
    )


def find_policy(visit: Visit) -> Content | Elsewhere:
    number = policy_named(visit, visit.place["page"])
    address = policy_address(number)
    if visit.place["page"] != number:
        return Elsewhere(visit.as_of.link(address + visit.place["ending"]))
    opened, as_of = visit.served.opened, visit.as_of
    if visit.place["ending"] in (".atom", ".ics"):  # what changed and what is due: nothing of the page stands in them
        return Content(number, address, None, general_bar(as_of, address, {}))
    day, known_on = as_of.date_of_service, as_of.known_on
    versions = opened.desk.versions[number]
    status, prepared = standing(versions, day, known_on)
    shown = show_policy(opened, number, day, known_on)
    if prepared is None or shown is None:
        raise not_found("nothing of this policy was known")
    text = shown
    if shown.last_text_in_force is not None:
        prepared = next(each for each in periods(versions, known_on) if each.start == shown.last_text_in_force).version
        text = show_policy(opened, number, shown.last_text_in_force, known_on) or shown
    read = opened.read(number, prepared)
    is_withheld = not may_show_prose(read)
    held = periods(versions, known_on)
    sections = sections_of(read, is_withheld=is_withheld)
    redline = _redline_before(visit, number, held, prepared)
    value = PolicyPage(
        without_words(shown) if visit.served.withheld & {shown.file} else shown,
        without_words(text) if is_withheld else text,
        read.reference_policy,
        read.replaces,
        positions_of(prepared),
        tuple(Version(each.start, last_day(each.end), each.is_archived, each.start == text.version) for each in held),
        read.rights,
        is_withheld,
        sections,
        None if redline is None else _differences(redline, read, sections),
        _review(visit, number) if status is Status.IN_FORCE else None,
    )
    bar = policy_bar(as_of, address, status, held, text.lines_of_business, f"{address}/compare")
    cite = f"{number}, {text.title}, version of {text.version}" + (f" ({read.publisher})" if read.publisher else "")
    stamp = f"sha256 {text.content_hash}"
    return Content(
        f"{number} {text.title}",
        address,
        value,
        bar,
        cite=cite,
        dressed=_dressed(visit, value, read, redline),
        stamp=stamp,
    )


def _review(visit: Visit, policy: str) -> Coming | None:
    """The review that is late, or else the first one to come, as the calendar has it."""
    as_of = visit.as_of
    found: CalendarPart = visit.served.calendar_parts(
        as_of.date_of_service, as_of.known_on, AHEAD_DAYS, policy=policy, lanes=(Lane.REVIEW,), limit=1
    )
    return found.entries[0] if found.entries else found.next


def _redline_before(
    visit: Visit, policy: str, held: Sequence[Period[PreparedVersion]], shown: PreparedVersion
) -> Redline | None:
    """The redline from the text in force before to the one that is shown; none where one of them is not ours to show."""
    before = [each for each in held if each.start < shown.first_day and not each.is_archived]
    if not before or visit.served.withheld & {before[-1].version.row.file, shown.row.file}:
        return None
    found: Redline = visit.served.redlines(policy, before[-1].start, shown.first_day, visit.as_of.known_on)
    return found


def _differences(redline: Redline, read: PolicyVersion, sections: Sequence[SectionShown]) -> Differences | None:
    anchors = {held.source.line: each.anchor for held, each in zip(read.sections, sections, strict=True)}
    return differences(redline, anchors)


def _dressed(visit: Visit, value: PolicyPage, read: PolicyVersion, redline: Redline | None) -> dict[str, Any]:
    marks = Marks(value.differences, redline, _redline_address(visit, value))
    citations = Citations([each.number for each in read.references], marks.by_words)
    html = {section.anchor: citations.html(section.text) for section in value.sections}
    items = {
        item: citations.html(item.text)
        for section in value.sections
        if section.kind != "references"
        for item in section.items
    }
    return {
        "html": html,
        "items": items,
        "citations": citations.places,
        "chips": chips_of(value.positions),
        "rule_chips": {each.rule: chips_of([each]) for each in value.positions},
        "statuses": STATUSES,
        "marks": marks,
        "appeal": visit.served.desk.plan.appeal,
        "contact": visit.served.desk.plan.contact,
        "redline": marks.address,
        "evidence_then": _evidence_then(visit, read),
    }


def _evidence_then(visit: Visit, read: PolicyVersion) -> str:
    """Where the evidence stands as it was known when the version was approved; empty where nothing says so."""
    approved = None if read.approved is None else read.approved.day
    if approved is None or visit.served.library.evidence_of(read.policy) is None:
        return ""
    return evidence_address(read.policy, visit.as_of, approved)


def _redline_address(visit: Visit, value: PolicyPage) -> str:
    if value.differences is None:
        return ""
    days = {"from": value.differences.against, "to": value.text.version}
    return visit.as_of.link(f"{policy_address(value.policy.policy)}/compare", **days)


def _source(visit: Visit, content: Content) -> bytes:
    """The document of the version that is shown."""
    value: PolicyPage = content.value
    if value.words_are_withheld:
        raise Refused(
            Problem(403, "the rights of this document do not allow handing it out", mend="ask its publisher for it")
        )
    return visit.served.library.texts[value.text.file].encode()


def _atom(visit: Visit, content: Content) -> bytes:
    number = visit.place["page"]
    changes = visit.served.changes(visit.as_of.known_on, policy=number, limit=ENTRIES)
    return feed_bytes(changes, f"Changes of medical policy {number}", content.address, {}, visit.as_of)


def _ics(visit: Visit, content: Content) -> bytes:
    number, as_of = visit.place["page"], visit.as_of
    calendar = visit.served.calendars(as_of.date_of_service, as_of.known_on, AHEAD_DAYS, policy=number, lanes=None)
    return calendar_bytes(calendar, f"Medical policy {number}", as_of.site)


POLICY = Page(
    "/policies/{page:str}",
    "policy.html",
    find_policy,
    twins={".md": _source, ".atom": _atom, ".ics": _ics},
    prints=True,
)
