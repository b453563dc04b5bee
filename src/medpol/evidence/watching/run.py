"""One run of the watch: every source is asked, every answer is held against what was seen, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from medpol.evidence.watching import papers, trials
from medpol.evidence.watching.memory import Memory, PolicySeen, TrialSeen
from medpol.evidence.watching.values import (
    Asked,
    Event,
    EvidenceSource,
    Fetch,
    Learned,
    PaperCited,
    PaperRecord,
    Proposal,
    Provenance,
    QueryAsked,
    Refused,
    TrialAsked,
    TrialListed,
    Watched,
    query_key,
)
from medpol.model.studies import QuerySource, StoredQuery

TABLE = "the policy's table of trials"
"""The source of what holds of a trial of which no record is held."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one answer brought. ``memory`` is to be kept once ``proposals`` are written, and not before."""

    memory: Memory
    proposals: tuple[Proposal, ...] = ()
    refused: Refused | None = None
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class _Raised:
    """An event with what a proposal says beside it."""

    event: Event
    population: str
    place: str
    provenance: Provenance
    before_hash: str = ""


def watch(
    watched: Sequence[Watched], sources: Iterable[EvidenceSource], memory: Memory, fetch: Fetch, today: date
) -> Iterator[Step]:
    """Ask every source, and yield a step for every answer; last of all what holds on the day by itself.

    A run that is broken off after any step goes on from there: nothing that was kept is told again, and nothing that
    was not kept is lost.
    """
    asked = asked_of(watched, memory)
    for source in sources:
        for each in source.look(asked, fetch, today):
            if isinstance(each, Refused):
                yield Step(memory, refused=each)
            else:
                memory, proposals = learn(watched, memory, each, today)
                yield Step(memory, proposals, provenance=each.provenance)
    memory, proposals = look_at_the_day(watched, memory, today)
    yield Step(memory, proposals)


def asked_of(watched: Sequence[Watched], memory: Memory) -> Asked:
    """What is asked for all policies together, each thing once, and since when."""
    numbers: dict[str, list[date | None]] = {}
    queries: dict[str, tuple[StoredQuery, list[date | None]]] = {}
    cited: dict[tuple[str, str], PaperCited] = {}
    for policy in watched:
        seen = memory.of(policy.policy)
        cited |= {(each.pmid, each.doi.casefold()): each for each in policy.papers}
        for trial in policy.trials:
            numbers.setdefault(trial.nct, []).append(seen.searched.get(trial.nct))
        for query in policy.queries:
            key = query_key(query)
            since = seen.searched.get(key)
            if since is None and query.asks is QuerySource.PUBMED:
                since = policy.literature_through
            queries.setdefault(key, (query, []))[1].append(since)
    return Asked(
        tuple(TrialAsked(nct, _earliest(days)) for nct, days in numbers.items()),
        tuple(cited.values()),
        tuple(QueryAsked(query, _earliest(days)) for query, days in queries.values()),
    )


def learn(
    watched: Sequence[Watched], memory: Memory, learned: Learned, today: date
) -> tuple[Memory, tuple[Proposal, ...]]:
    """What an answer changes for every policy, and what was seen afterwards."""
    proposals: list[Proposal] = []
    for policy in watched:
        seen = memory.of(policy.policy)
        seen, raised = _learned_for(policy, seen, learned)
        seen, told = _told_once(seen, raised)
        proposals += [_proposal(policy, each, today) for each in told]
        known = {each.nct for each in policy.trials} | {query_key(each) for each in policy.queries}
        seen = seen.with_searched((each for each in learned.searched if each in known), today)
        if seen != memory.of(policy.policy):
            memory = memory.with_policy(policy.policy, seen)
    return memory, tuple(proposals)


def look_at_the_day(watched: Sequence[Watched], memory: Memory, today: date) -> tuple[Memory, tuple[Proposal, ...]]:
    """What holds of every trial on a day, told once as long as it holds; where no record is held, by the policy's table."""
    proposals: list[Proposal] = []
    for policy in watched:
        seen = memory.of(policy.policy)
        trials_seen: dict[str, TrialSeen] = {}
        for listed in policy.trials:
            known = seen.trial(listed.nct)
            held = _held(policy, listed, known)
            events = trials.holding(held, today)
            provenance = known.provenance or Provenance(TABLE, listed.place, "", policy.document_hash)
            proposals += [
                _proposal(policy, _Raised(each, listed.population, listed.place, provenance), today)
                for each in events
                if each.key not in known.told
            ]
            told = tuple(each.key for each in events)
            if told != known.told:
                trials_seen[listed.nct] = replace(known, told=told)
        if trials_seen:
            memory = memory.with_policy(policy.policy, seen.with_trials(trials_seen))
    return memory, tuple(proposals)


# ---------------------------------------------------------------------------- one policy, one answer


def _learned_for(policy: Watched, seen: PolicySeen, learned: Learned) -> tuple[PolicySeen, list[_Raised]]:
    listed = {each.nct: each for each in policy.trials}
    queries = {query_key(each): each for each in policy.queries}
    matched = [queries[key] for key in learned.matched if key in queries]
    raised: list[_Raised] = []
    trials_seen: dict[str, TrialSeen] = {}
    for record in learned.trials:
        for paper in policy.papers:
            events = papers.health_by_trial(paper, record)
            raised += [_Raised(each, paper.population, paper.place, learned.provenance) for each in events]
        trial = listed.get(record.nct)
        if trial is None:
            raised += [
                _Raised(trials.newly_found(record), query.population, str(query.source), learned.provenance)
                for query in matched[:1]
            ]
            continue
        known = seen.trial(record.nct)
        old = _held(policy, trial, known)
        before = "" if known.provenance is None else known.provenance.hash
        raised += [
            _Raised(each, trial.population, trial.place, learned.provenance, before)
            for each in trials.moved(old, replace(old, record=record))
        ]
        trials_seen[record.nct] = replace(known, record=record, provenance=learned.provenance)
    for found in learned.papers:
        raised += _about_papers(policy, found, learned)
        named = [listed[nct] for nct in found.registrations if nct in listed] if not found.is_notice else []
        raised += _of_trials(policy, found, named, learned)
        for each in named:
            known = trials_seen.get(each.nct, seen.trial(each.nct))
            if found.pmid and found.pmid not in known.papers:
                trials_seen[each.nct] = replace(known, papers=(*known.papers, found.pmid))
        if not named and matched and not found.is_notice and not _is_known(policy, found):
            event = papers.newer(found, matched[0].name)
            raised.append(_Raised(event, matched[0].population, str(matched[0].source), learned.provenance))
    return seen.with_trials(trials_seen) if trials_seen else seen, raised


def _about_papers(policy: Watched, found: PaperRecord, learned: Learned) -> Iterator[_Raised]:
    for paper in policy.papers:
        for event in papers.health(paper, found):
            yield _Raised(event, paper.population, paper.place, learned.provenance)


def _of_trials(
    policy: Watched, found: PaperRecord, named: Sequence[TrialListed], learned: Learned
) -> Iterator[_Raised]:
    if not found.pmid or _is_known(policy, found):
        return
    for trial in named:
        event = trials.paper_of_trial(
            trial.nct, found.pmid, "PubMed holds a paper that carries its number", found.title
        )
        yield _Raised(event, trial.population, trial.place, learned.provenance)


def _is_known(policy: Watched, found: PaperRecord) -> bool:
    return any(papers.is_same(each, found) for each in policy.papers)


def _held(policy: Watched, listed: TrialListed, known: TrialSeen) -> trials.TrialHeld:
    return trials.TrialHeld(listed, known.record, frozenset(known.papers), policy.cited)


def _told_once(seen: PolicySeen, raised: Iterable[_Raised]) -> tuple[PolicySeen, list[_Raised]]:
    """The events that were not told yet, each key once."""
    told, kept = set(seen.told), []
    for each in raised:
        if each.event.key not in told:
            kept.append(each)
            told |= {each.event.key} - {""}
    return (seen.with_told(told) if told != seen.told else seen), kept


def _proposal(policy: Watched, raised: _Raised, today: date) -> Proposal:
    event = raised.event
    # A change from one record to the next is told apart by the record that it left, so that a run which repeats a step
    # finds the same proposal, and the same change in another year a new one.
    told_apart = (event.key,) if event.key else (event.before, event.after, raised.before_hash)
    parts = "\n".join((policy.policy, event.kind.value, event.subject, *told_apart))
    return Proposal(
        hashlib.sha256(parts.encode()).hexdigest()[:12],
        policy.policy,
        event.kind,
        event.weight,
        event.subject,
        raised.population,
        event.found,
        event.before,
        event.after,
        event.do,
        raised.place,
        today,
        raised.provenance,
        raised.before_hash,
    )


def _earliest(days: Iterable[date | None]) -> date | None:
    """The earliest of days; ``None`` where one of them is, since then everything has to be asked."""
    held = list(days)
    return None if None in held else min(each for each in held if each is not None)
