"""Everything since the last literature day of a policy, from what is stored: the packet around the draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.check import Checked, Subject, rules
from medpol.evidence.assessment import allowed
from medpol.library import Library
from medpol.lifecycle import Due, coding_updates, dated, periods, review_due
from medpol.model.codes import pattern_shown
from medpol.model.dates import ONE_DAY, EffectivePeriod, StatedDate
from medpol.model.diagnostic import Diagnostic
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.studies import EvidenceBase, Study
from medpol.renewal.drafting import Renewed
from medpol.renewal.values import (
    CodeListed,
    Draft,
    Found,
    GuidelineListed,
    Noticed,
    Packet,
    PopulationListed,
    Recorded,
    Standing,
    TrialListed,
    Volume,
)

SIGN_OFF = ("prepared by", "literature search run by", "evidence reviewed by", "coding reviewed by", "medical director")
OF_POPULATIONS = frozenset(
    {
        "population-without-conclusion",
        "conclusion-does-not-follow",
        "position-not-supported",
        "profile-disagrees-with-document",
        "population-not-assessed",
        "outcome-without-result",
        "net-outcome-without-harms",
        "certainty-unsigned",
        "signed-on-other-numbers",
    }
)
"""Rules that say what is still open for a population."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a packet is gathered from. ``watched_until`` is the last day on which every source was asked, if any was."""

    library: Library
    checked: Checked
    today: date
    noticed: tuple[Noticed, ...] = ()
    watched_until: date | None = None
    volume: Volume | None = None


def standing_on(library: Library, policy: str, today: date) -> PolicyVersion | None:
    """The version of a policy that is in force on a day, or the next to come; ``None`` where there is neither."""
    held = periods(dated(library.of(policy)), today)
    found = next((each for each in held if each.covers(today)), held[0] if held else None)
    return None if found is None else found.version.read


def gather(given: Given, standing: PolicyVersion, draft: Renewed) -> Packet:
    """The packet of a version and of the draft that follows it."""
    since = None if standing.literature_through is None else standing.literature_through.last_day()
    evidence = given.library.evidence_of(standing.policy)
    own = [each for each in given.checked.found if _is_of(each, standing)]
    return Packet(
        given.today,
        since,
        _standing(standing, given.today),
        _draft(given, draft),
        tuple(_trials(standing, given.today)),
        given.noticed,
        given.watched_until,
        tuple(_recorded(evidence, standing, since, given.today)),
        tuple(_guidelines(standing, own)),
        tuple(_codes(standing, since, given.today)),
        tuple(each.start for each in _updates(since, given.today)),
        tuple(_populations(given.library, evidence, standing, own, given.today)),
        tuple(_findings(own)),
        given.volume,
        SIGN_OFF,
    )


def _is_of(each: Diagnostic, version: PolicyVersion) -> bool:
    """Whether a finding is of the version's file, or of the evidence beside it."""
    folder = version.source.file.rsplit("/", 1)[0]
    return each.source.file == version.source.file or each.source.file.startswith(f"{folder}/evidence/")


def _standing(version: PolicyVersion, today: date) -> Standing:
    assert version.first_day is not None
    due = review_due(version)
    return Standing(
        version.policy,
        version.title,
        version.publisher,
        version.first_day,
        version.source.file,
        version.content_hash,
        _text(version.approved),
        _text(version.literature_through),
        None if due is None else due.day,
        due is not None and due.is_stated,
        0 if due is None else due.days_late(today),
        tuple(dict.fromkeys(rule.statement.position.label for rule in version.rules)),
    )


def _draft(given: Given, draft: Renewed) -> Draft:
    changes = [each.says for each in draft.redline.meaning or () if each.changes_meaning]
    owed = None
    if draft.redline.coverage_changes:
        days = draft.version.notice.days
        owed = days if days is not None else given.library.settings.notice_days
    return Draft(
        draft.file,
        draft.effective,
        draft.literature_through,
        given.watched_until is not None and given.watched_until >= draft.literature_through,
        draft.review_due,
        draft.says,
        tuple(f"{each.found}; expected {each.expected}" for each in draft.untrue),
        draft.redline.coverage_changes,
        tuple(changes),
        owed,
        None if owed is None else date.fromordinal(given.today.toordinal() + owed),
        draft.version.content_hash,
    )


def _trials(version: PolicyVersion, today: date) -> Iterable[TrialListed]:
    for each in version.trials:
        listed = {None: "ongoing", True: "published", False: "unpublished"}[each.is_published]
        yield TrialListed(
            each.nct,
            each.title,
            each.population,
            each.completion.text,
            listed,
            each.status,
            each.has_passed(today),
            each.source.line,
        )


def _recorded(
    evidence: EvidenceBase | None, version: PolicyVersion, since: date | None, today: date
) -> Iterable[Recorded]:
    """Records that the version could not know, and those of studies newer than its search."""
    approved = None if version.approved is None else version.approved.last_day()
    for study in () if evidence is None else evidence.known_on(today).studies:
        if approved is not None and study.recorded > approved:
            why = f"recorded on {study.recorded}, after the approval of {approved}"
        elif since is not None and study.year is not None and study.year > since.year:
            why = f"published in {study.year}, after the search through {since}"
        else:
            continue
        yield Recorded(study.id, _cited(study), study.population, study.kind.value, study.recorded, why)


def _cited(study: Study) -> str:
    parts = (study.first_author, study.title, study.citation, str(study.year or ""))
    return ". ".join(each for each in parts if each and each not in study.citation) or study.citation or study.id


def _guidelines(version: PolicyVersion, own: Sequence[Diagnostic]) -> Iterable[GuidelineListed]:
    held = sorted(version.guidelines.guidelines, key=lambda each: each.source.line)
    ends = [*(each.source.line for each in held[1:]), 1 << 30][: len(held)]
    of_guidelines = {name for name, rule in rules().items() if rule.subject is Subject.GUIDELINES}
    for guideline, end in zip(held, ends, strict=True):
        found = (
            each.found
            for each in own
            if each.rule in of_guidelines
            and each.source.file == version.source.file
            and guideline.source.line <= each.source.line < end
        )
        yield GuidelineListed(
            guideline.body,
            guideline.year,
            "" if guideline.kind is None else guideline.kind.value,
            "not stated" if guideline.recommends is None else guideline.recommends.value,
            guideline.source.line,
            tuple(found),
        )


def _codes(version: PolicyVersion, since: date | None, today: date) -> Iterable[CodeListed]:
    for row in version.code_rows:
        if row.pattern is None:
            if row.role is CodeRole.GOVERNED:
                yield CodeListed(row.system, "", row.group, "the service has no code of its own: is there one now?")
            continue
        shown = pattern_shown(row.system, row.pattern)
        start, end = row.period.start, row.period.end
        if start is not None and (since is None or start > since) and start <= today:
            yield CodeListed(row.system, shown, row.group, f"in the table from {start}")
        elif start is not None and start > today:
            yield CodeListed(row.system, shown, row.group, f"to come on {start}")
        if end is not None and (since is None or end > since):
            word = "ended" if end <= today else "ends"
            yield CodeListed(row.system, shown, row.group, f"{word} with {end - ONE_DAY}: does another take its place?")


def _updates(since: date | None, today: date) -> Iterable[Due]:
    """The quarterly days since the search at which codes came and went."""
    if since is None or since >= today:
        return ()
    return coding_updates(EffectivePeriod(since + ONE_DAY, today + ONE_DAY))


def _populations(
    library: Library, evidence: EvidenceBase | None, version: PolicyVersion, own: Sequence[Diagnostic], today: date
) -> Iterable[PopulationListed]:
    base = None if evidence is None else evidence.known_on(today)
    asked = None if base is None else base.asked
    targets = () if asked is None else asked.populations
    named = {each.named.casefold(): each for each in targets if each.named}
    approved = None if version.approved is None else version.approved.last_day()
    printed = [(each.name, each.conclusion.value, named.get(each.name.casefold())) for each in version.populations]
    asked_of = {target.id for _, _, target in printed if target is not None}
    # declared in the records, and not in the document: what the statement reaches and nothing concludes on
    beside = [(each.id, "not in the document", each) for each in targets if each.id not in asked_of]
    for name, conclusion, target in (*printed, *beside):
        profile = None if base is None or target is None else base.profile(target.id)
        studies = (
            () if base is None or target is None else [each for each in base.studies if each.population == target.id]
        )
        signature = None if profile is None else profile.signature
        names = [name] if target is None else [name, target.id]
        yield PopulationListed(
            name,
            conclusion,
            "" if profile is None else "not signed" if signature is None else f"{signature.name}, {signature.day}",
            () if profile is None else tuple(each.value for each in allowed(profile, library.assessment)[1]),
            sum(each.population.casefold() in name.casefold() for each in version.trials if each.population),
            sum(approved is not None and each.recorded > approved for each in studies),
            tuple(each.found for each in own if each.rule in OF_POPULATIONS and _speaks_of(each.found, names)),
        )


def _speaks_of(found: str, names: Iterable[str]) -> bool:
    """Whether a finding names one of them as a whole: *heel* is not named by *plantar-heel*."""
    return any(re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", found, re.IGNORECASE) for each in names)


def _findings(own: Sequence[Diagnostic]) -> Iterable[Found]:
    known = rules()
    for each in sorted(own, key=lambda each: (_GRAVITY[each.severity.value], each.source)):
        subject = known[each.rule].subject.value if each.rule in known else "reading"
        yield Found(each.severity.value, each.rule, subject, each.source.file, each.source.line, each.found, each.mend)


_GRAVITY = {"error": 0, "warning": 1, "note": 2}


def _text(day: StatedDate | None) -> str:
    return "" if day is None else day.text
