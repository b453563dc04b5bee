"""The members of a partition of claims, and the words their lines are made of. A partition holds all lines of its members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from benchmarks.bulk import library
from benchmarks.bulk.columns import Numbers, Zipf, day_number, days, decimals, numbered, same, taken, weighed
from benchmarks.bulk.schemas import TYPES

BLOCK = 500_000
"""Rows that are drawn and written at once."""
LINES_A_PARTITION = 10_000_000
"""The most; members and claims are numbered by it, so that no partition uses the number of another."""
LINES_A_MEMBER = 12
BACKGROUND_CODES = 8_000
FIRST, LAST = date(2019, 6, 1), date(2026, 10, 31)
SOURCES = ("BENCH-A", "BENCH-B")
COMPLETE_FROM = date(2018, 1, 1)
"""From which day the history of the first source is complete; that of the second is not known to be."""


@dataclass(frozen=True, slots=True)
class ClaimsShape:
    """How many claim lines for which library. ``history``: earlier services of every member beside the lines."""

    lines: int
    library: library.Shape
    history: int = 0
    lines_a_partition: int = LINES_A_PARTITION

    def __post_init__(self) -> None:
        if self.lines < 1 or not 1 <= self.lines_a_partition <= LINES_A_PARTITION:
            raise ValueError(f"one line or more, and a partition of 1 to {LINES_A_PARTITION:,} lines: not {self}")

    @property
    def partitions(self) -> int:
        return max(1, -(-self.lines // self.lines_a_partition))

    def lines_of(self, partition: int) -> int:
        return min(self.lines_a_partition, self.lines - partition * self.lines_a_partition)


class Members:
    """The members of one partition: what stays the same from line to line, what is documented, what they had before."""

    def __init__(self, shape: ClaimsShape, partition: int) -> None:
        self.shape, self.number = shape, partition
        self.lines = shape.lines_of(partition)
        self.words = Words(shape.library)
        rng = self.draws(0)
        self.members = max(1, self.lines // LINES_A_MEMBER)
        self.birth = day_number(date(1936, 1, 1)) + rng.integers(0, 365 * 83, self.members)
        self.is_born = rng.random(self.members) >= 0.01
        self.sex = weighed(rng, (52, 47, 1), self.members)
        self.state = rng.integers(0, len(library.STATES), self.members)
        self.line = weighed(rng, (52, 18, 15, 14, 1), self.members)
        self.contract = np.where(
            rng.random(self.members) < 0.1, rng.integers(0, len(library.CONTRACTS), self.members), -1
        )
        self.source = (rng.random(self.members) < 0.1).astype(np.int64)
        self.home = self.words.policy.draw(rng, self.members)
        self.ids = numbered("M", partition * LINES_A_PARTITION + np.arange(self.members))

    def draws(self, block: int) -> np.random.Generator:
        return np.random.default_rng([self.shape.library.seed, self.number, block])

    def facts(self) -> dict[str, pa.Array]:
        """What is documented: of one member in five, two signs."""
        rng = np.random.default_rng([self.shape.library.seed, self.number, 0, 1])
        member = np.repeat(np.flatnonzero(rng.random(self.members) < 0.2), 2)
        count = len(member)
        day = day_number(FIRST) + rng.integers(0, 1_500, count)
        return {
            "member_id": taken(self.ids, member),
            "name": taken(pa.array(library.SIGNS), rng.integers(0, len(library.SIGNS), count)),
            "value": taken(pa.array(["yes", "no"]), (rng.random(count) < 0.3).astype(np.int64)),
            "unit": pa.nulls(count, pa.string()),
            "observed_on": days(day),
            "recorded_on": pa.nulls(count, pa.date32()),
            "source": taken(pa.array(["record"]), np.zeros(count, np.int64)),
        }

    def history(self) -> Iterator[dict[str, pa.Array]]:
        """Earlier services of the policy each member comes back for, some members at a time."""
        rng = np.random.default_rng([self.shape.library.seed, self.number, 0, 2])
        several = max(1, BLOCK // max(1, self.shape.history))
        for first in range(0, self.members, several):
            members = np.arange(first, min(first + several, self.members))
            yield self._history_of(rng, np.repeat(members, self.shape.history))

    def _history_of(self, rng: np.random.Generator, member: Numbers) -> dict[str, pa.Array]:
        count = len(member)
        code = self.home[member] * library.CODES_A_POLICY + rng.integers(0, library.CODES_A_POLICY, count)
        return {
            "member_id": taken(self.ids, member),
            "code_system": same("HCPCS", count),
            "code": taken(self.words.codes, code),
            "day": days(day_number(COMPLETE_FROM) + rng.integers(0, (LAST - COMPLETE_FROM).days, count)),
            "units": decimals(np.full(count, 1_000), of=TYPES["DECIMAL(12,3)"]),
            "line_id": pa.nulls(count, pa.int64()),
        }


class Words:
    """The codes and diagnoses that lines name."""

    def __init__(self, shape: library.Shape) -> None:
        named = [code for policy in range(shape.policies) for code in library.codes_of(policy)]
        background = [f"T{at:04d}" for at in range(BACKGROUND_CODES)]
        self.first_background = len(named)
        self.first_planted = len(named) + len(background)
        odd = ["not-a-code"]
        self.odd = self.first_planted + len(library.SHIPPED_CODES)
        self.codes = pa.array([*named, *background, *library.SHIPPED_CODES, *odd])
        self.policy, self.background = Zipf.of(shape.policies), Zipf.of(BACKGROUND_CODES)
        universe = sorted(library.diagnosis_universe())
        self.diagnoses = pa.array(universe)
        places = {text: at for at, text in enumerate(universe)}
        width = 10
        self.supporting = np.zeros((shape.policies, width), np.int64)
        for policy in range(shape.policies):
            held = [places[each] for each in library.diagnoses_of(policy, shape.seed)]
            self.supporting[policy] = [held[at % len(held)] for at in range(width)]
        self.any_diagnosis = Zipf.of(len(universe))
        self.scattered = np.random.default_rng([shape.seed, 99]).permutation(len(universe))
        self.boundaries = np.array([day_number(each) for each in library.shipped_days()])
