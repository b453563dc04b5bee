"""What earlier runs have seen, so that a second run finds nothing new: a value, and its JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec

from medpol.evidence.watching.values import Provenance, TrialRecord

FORMAT = 1


@dataclass(frozen=True, slots=True)
class TrialSeen:
    """What the registry last said of a trial, from which answer; papers found for it elsewhere; what was told of it.

    ``told`` holds the keys of events that still hold, so that *overdue* is told again once a new date has passed.
    """

    record: TrialRecord | None = None
    provenance: Provenance | None = None
    papers: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicySeen:
    """What was seen for one policy: its trials, the keys of what was told for good, searches and how far they reached."""

    trials: Mapping[str, TrialSeen] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    searched: Mapping[str, date] = field(default_factory=dict)

    def trial(self, nct: str) -> TrialSeen:
        return self.trials.get(nct, TrialSeen())

    def with_trials(self, trials: Mapping[str, TrialSeen]) -> PolicySeen:
        return replace(self, trials={**self.trials, **trials})

    def with_told(self, keys: Iterable[str]) -> PolicySeen:
        return replace(self, told=self.told | frozenset(keys))

    def with_searched(self, keys: Iterable[str], through: date) -> PolicySeen:
        return replace(self, searched={**self.searched, **dict.fromkeys(keys, through)})


@dataclass(frozen=True, slots=True)
class Memory:
    """What was seen, by policy."""

    policies: Mapping[str, PolicySeen] = field(default_factory=dict)
    format: int = FORMAT

    def of(self, policy: str) -> PolicySeen:
        return self.policies.get(policy, PolicySeen())

    def with_policy(self, policy: str, seen: PolicySeen) -> Memory:
        return replace(self, policies={**self.policies, policy: seen})


class MemoryDamaged(ValueError):
    """A file of what was seen cannot be read; to go on without it would tell everything again."""


def written_memory(memory: Memory) -> bytes:
    return msgspec.json.format(msgspec.json.encode(memory, order="sorted"), indent=1) + b"\n"


def read_memory(data: bytes) -> Memory:
    """What was seen.

    Raises:
        MemoryDamaged: It is no such file, or one of a later medpol.
    """
    try:
        memory = msgspec.json.decode(data, type=Memory)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise MemoryDamaged(f"it cannot be read ({problem})") from problem
    if memory.format != FORMAT:
        raise MemoryDamaged(f"it is of format {memory.format}; this medpol reads format {FORMAT}")
    return memory
