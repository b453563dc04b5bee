"""The evidence of a policy: what was known on a day, what was concluded from it, who signed, and what has come since."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from markupsafe import Markup

from medpol.decide.holdings.pieces import scope_of
from medpol.evidence.drawing import NARROW, UNVERIFIED_SAYS, Table, bias_svg, bias_table, forest_svg, forest_table
from medpol.evidence.status import evidence_standing
from medpol.lifecycle import periods, standing
from medpol.model.policy import PolicyVersion
from medpol.model.studies import EvidenceBase
from medpol.web import pooled
from medpol.web.asof import Bar, policy_bar, read_day
from medpol.web.chips import position_chip
from medpol.web.evidence_shown import (
    EvidencePage,
    PopulationShown,
    SinceShown,
    guideline_shown,
    harms_of,
    others_of,
    populations_of,
    printed_conclusion,
    unverified_numbers,
)
from medpol.web.markdown import heading, table, words
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, csv_bytes
from medpol.web.pages.policy import EVIDENCE_KNOWN_ON, policy_address, policy_named
from medpol.web.pages.sections import sections_of
from medpol.web.pooled import Computed
from medpol.web.problems import bad_request, not_found


def version_shown(visit: Visit, number: str, address: str) -> tuple[PolicyVersion, Bar]:
    """The version that stands on a day, or where it is archived the last one in force, and the bar. Raises ``Refused``."""
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    versions = visit.served.desk.versions[number]
    status, prepared = standing(versions, day, known_on)
    if prepared is None:
        raise not_found("nothing of this policy was known")
    held = periods(versions, known_on)
    if prepared.is_archived:
        texts = [each.version for each in held if not each.is_archived and each.start <= day]
        prepared = texts[-1] if texts else prepared
    read = visit.served.opened.read(number, prepared)
    redline = f"{policy_address(number)}/compare"
    return read, policy_bar(visit.as_of, address, status, held, scope_of(read.lines_of_business), redline)


def find_evidence(visit: Visit) -> Content | Elsewhere:
    number = policy_named(visit, visit.place["number"])
    address = f"{policy_address(number)}/evidence"
    if visit.place["number"] != number:
        return Elsewhere(visit.as_of.link(address + visit.place["ending"]))
    version, bar = version_shown(visit, number, address)
    value = _page(visit, number, version)
    title = f"Evidence for {number} {value.title}"
    cite = f"{number}, {value.title}, evidence"
    keep = {EVIDENCE_KNOWN_ON: str(value.evidence_known_on)} if value.is_earlier else {}
    if value.is_earlier:
        cite += f" as known on {value.evidence_known_on}"
    return Content(title, address, value, bar, keep, cite=cite, dressed=_dressed(visit, value, version))


def _records_day(visit: Visit) -> date:
    """The day whose records count: one that is given, else the day of knowledge. Raises ``Refused`` for a later one."""
    given = read_day(visit.query, EVIDENCE_KNOWN_ON)
    if given is not None and given > visit.as_of.known_on:
        raise bad_request(
            EVIDENCE_KNOWN_ON,
            "the day of the records lies after the day of knowledge",
            f"a day up to {visit.as_of.known_on}",
            "leave it out for all records that were known",
        )
    return given or visit.as_of.known_on


def _page(visit: Visit, number: str, version: PolicyVersion) -> EvidencePage:
    known_on, library, plan = _records_day(visit), visit.served.library, visit.served.desk.plan
    whole = library.evidence_of(number)
    base = EvidenceBase(number) if whole is None else whole.known_on(known_on)
    found = evidence_standing(whole or base, version, known_on, library.assessment)
    positions = [rule.statement.position for rule in version.rules]
    through = version.literature_through
    folder = version.source.file.rpartition("/")[0] + "/"
    wrong = sum(each.source.file.startswith(folder) for each in library.evidence_errors)
    return EvidencePage(
        number,
        version.title,
        visit.as_of.date_of_service,
        visit.as_of.known_on,
        known_on,
        version.first_day,
        found.approved,
        "" if through is None else through.text,
        tuple(dict.fromkeys(each.label for each in positions)),
        bool(base.questions or base.studies or base.profiles or base.watching),
        pooled.CAN_POOL,
        wrong,
        len(base.studies),
        found.known_then,
        tuple(SinceShown(each.what, each.id, each.population, each.recorded, each.is_new) for each in found.since),
        unverified_numbers(base),
        populations_of(base, found, Computed() if wrong else visit.served.computed(number, known_on)),
        others_of(base, found),
        tuple(printed_conclusion(each) for each in version.populations),
        harms_of(base),
        version.guidelines.inclusion_rule,
        tuple(guideline_shown(each, positions) for each in version.guidelines.guidelines),
        plan.appeal,
        plan.contact,
    )


# ---------------------------------------------------------------------------- dressed for the template


def _dressed(visit: Visit, value: EvidencePage, version: PolicyVersion) -> dict[str, Any]:
    sections = sections_of(version, is_withheld=True)
    positions = {rule.statement.position for rule in version.rules}
    return {
        "not_pooled": pooled.NOT_POOLED,
        "unverified_says": UNVERIFIED_SAYS,
        "pictures": {each.id: _pictures(each) for each in value.populations},
        "chips": tuple(dict.fromkeys(position_chip(each.canonical, each.label) for each in positions)),
        "disagreeing": tuple(each for each in value.guidelines if each.disagrees),
        "grounds": {each.kind: visit.as_of.link(policy_address(value.policy)) + f"#{each.anchor}" for each in sections},
    }


def _pictures(population: PopulationShown) -> dict[str, list[dict[str, Any]]]:
    """Each picture of a population: wide, narrow, and the table that stands beside it."""
    return {
        "pools": [
            _picture(forest_svg, each.forest, forest_table(each.forest)) | {"pool": each} for each in population.pools
        ],
        "published": [_picture(forest_svg, each, forest_table(each)) for each in population.published],
        "bias": [_picture(bias_svg, each, bias_table(each)) for each in population.bias],
    }


def _picture(draw: Any, value: Any, twin: Table) -> dict[str, Any]:
    """The SVG of a value is made by ``svg.chart``, which escapes every word of others."""
    return {"wide": Markup(draw(value)), "narrow": Markup(draw(value, NARROW)), "table": twin}


# ---------------------------------------------------------------------------- twins


def _csv(visit: Visit, content: Content) -> bytes:
    """Every row of every forest plot of the page."""
    return csv_bytes(("population", "picture", *_FOREST_HEADS), _rows(content.value))


_FOREST_HEADS = (
    "kind",
    "group",
    "study",
    "participants",
    "weight",
    "estimate",
    "lower",
    "upper",
    "shown",
    "checked",
    "note",
)


_FOUND_HEADS = (
    *("outcome", "against", "follow-up", "studies", "participants", "pooled effect", "certainty", "suggested"),
    *("pools of reviews, as printed", "remarks"),
)


def _rows(value: EvidencePage) -> Iterator[tuple[Any, ...]]:
    for each in value.populations:
        for forest in (*(pool.forest for pool in each.pools), *each.published):
            for row in forest_table(forest).rows:
                yield each.id, forest.title, *row


def _markdown(visit: Visit, content: Content) -> bytes:
    return "\n".join(_lines(content.value)).encode()


def _lines(value: EvidencePage) -> Iterator[str]:
    yield heading(1, f"{value.policy} {value.title}: evidence")
    yield f"For care on {value.date_of_service}, as known on {value.known_on}. Literature searched through {words(value.literature_through or 'not stated')}.\n"
    if value.is_earlier:
        yield f"Of the records, those known on {value.evidence_known_on}.\n"
    if not value.has_records:
        yield "No records of the evidence stand beside this policy; what its document prints:\n"
    if not value.pools_are_computed:
        yield f"{pooled.NOT_POOLED}\n"
    rows = [(each.name, each.conclusion, ", ".join(each.studies)) for each in value.printed]
    yield from table(("population as printed", "conclusion as printed", "studies as printed"), rows)
    for each in value.populations:
        yield heading(2, each.says or each.id)
        yield f"- Conclusion: {words(each.conclusion or 'none')}; {words(each.signed)}{'; ' + words(each.stale) if each.stale else ''}."
        yield f"- The criteria lead to: {words(each.derived or 'not assessed')}; allowed: {words(', '.join(each.allowed) or 'none')}.\n"
        judged = [(one.criterion, one.met, one.reason) for one in each.criteria]
        yield from table(("criterion", "judged", "reason"), judged)
        levels = [
            (one.outcome, one.comparator, one.timepoint, one.level, "; ".join(one.reasons), one.signed)
            for one in each.certainty
        ]
        yield from table(("outcome", "comparator", "timepoint", "certainty", "reasons", "signed"), levels)
        if each.hindered:
            yield f"- Not met: {words('; '.join(each.hindered))}."
        for label, held in (("Still possible", each.possible), ("Possible if 2 and 3 were met", each.would_open)):
            for one in held:
                yield f"- {label}: {words(one.conclusion)}; positions allowed: {words(', '.join(one.allowed) or 'none')}."
        yield ""
        found = [
            (*(f.outcome, f.against, f.when, f.studies, f.participants, f.effect, f.signed, f.suggested), *told)
            for f in each.findings
            for told in [("; ".join(f.reviews), "; ".join(f.remarks))]
        ]
        if found:
            yield from table(_FOUND_HEADS, found)
        for pool in each.pools:
            yield forest_table(pool.forest).markdown()
            for label, steps in (("up to", pool.cumulative), ("without", pool.leave_one_out)):
                if steps:
                    yield from table((label, "studies", "pool"), [(one.study, one.studies, one.shown) for one in steps])
            yield f"{words(pool.smallest_trial)}\n"
        for forest in each.published:
            yield forest_table(forest).markdown()
        for lights in each.bias:
            yield bias_table(lights).markdown()
    yield heading(2, "Harms")
    harms = [
        (h.event, h.counted, h.events, h.of, h.percent, h.severity, h.kind, h.study, h.checked) for h in value.harms
    ]
    yield from table(("event", "counted", "events", "of", "percent", "severity", "design", "study", "checked"), harms)
    yield heading(2, "Guidelines")
    yield "Inclusion is not endorsement.\n"
    named = [(g.body, g.year, g.recommends, "yes" if g.disagrees else "no") for g in value.guidelines]
    yield from table(("body", "year", "recommends", "disagrees with the position"), named)
    yield f"- Appeal: {words(value.appeal)}\n- Ask the plan: {words(value.contact)}\n"


def _svg(visit: Visit, content: Content) -> bytes:
    """The first forest plot of the page: that of a pool where one is declared, else of what reviews published."""
    value: EvidencePage = content.value
    pools = [pool.forest for each in value.populations for pool in each.pools]
    published = [forest for each in value.populations for forest in each.published]
    if not (pools or published):
        raise not_found("this policy has no forest plot")
    return forest_svg((pools or published)[0]).encode()


EVIDENCE = Page(
    "/policies/{number:str}/evidence",
    "evidence.html",
    find_evidence,
    twins={".csv": _csv, ".svg": _svg, ".md": _markdown},
    prints=True,
)
