"""What the watch of trials and literature proposed for a policy since a day, and until when every source was asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from medpol.evidence.watching.memory import Memory
from medpol.evidence.watching.values import EventWeight, Proposal
from medpol.renewal.values import Noticed

_GRAVEST = list(EventWeight)


def noticed(proposals: Iterable[Proposal], policy: str, since: date | None) -> tuple[Noticed, ...]:
    """The proposals for a policy that were made after a day, each once, the gravest first."""
    held = {
        each.id: each for each in proposals if each.policy == policy and (since is None or each.proposed_on > since)
    }
    in_order = sorted(held.values(), key=lambda each: (_GRAVEST.index(each.weight), each.proposed_on, each.id))
    return tuple(
        Noticed(
            each.kind.value,
            each.weight.value,
            f"{each.subject}: {each.found}",
            each.population,
            each.provenance.address or each.provenance.source,
            each.provenance.fetched_at or str(each.proposed_on),
        )
        for each in in_order
    )


def asked_until(memory: Memory, policy: str) -> date | None:
    """The day until which everything of a policy was searched for; ``None`` where something never was."""
    return min(memory.of(policy).searched.values(), default=None)
