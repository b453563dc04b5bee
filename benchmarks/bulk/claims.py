"""Invented claim lines at any size, drawn in blocks of columns: the table that decisions read, and the extract before it.

Codes and diagnoses are drawn by Zipf's law; members come back with the services of their own policy, so that windows have
something to count; one member in a hundred has no birth date, other values are left out at times. One claim in five
hundred is for the shipped policy on the day before, of, or after one of its versions. About a third of the lines are for
a code that some policy names. Same seed, same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.bulk import library
from benchmarks.bulk.columns import (
    Numbers,
    day_number,
    days,
    decimals,
    lists,
    numbered,
    same,
    sorted_once,
    taken,
    weighed,
)
from benchmarks.bulk.members import BLOCK, COMPLETE_FROM, FIRST, LAST, LINES_A_PARTITION, SOURCES, ClaimsShape, Members
from benchmarks.bulk.schemas import (
    EXTRACT_SCHEMA,
    FACTS_SCHEMA,
    HISTORY_SCHEMA,
    LINES_SCHEMA,
    MOST_DIAGNOSES,
    MOST_MODIFIERS,
)

from medpol.claims.lines import LINE_NUMBERS

ROW_GROUP = 122_880
MATCHED, PLANTED, AT_HOME, SUPPORTED = 0.33, 0.002, 0.5, 0.6
"""Shares: of lines for a code of a policy, of claims planted around the days of the shipped one, of claims for the member's own
policy, of claims with a diagnosis that supports it."""
_FINDINGS = ("code-malformed", "diagnoses-of-claim")


def write_claims(shape: ClaimsShape, folder: Path, *, with_extract: bool) -> None:
    """Write ``partitions/N/{lines,facts,history}.parquet``, and ``extract/N.parquet`` with ``facts/N.parquet``."""
    for partition in range(shape.partitions):
        members = Members(shape, partition)
        kept = folder / "partitions" / f"{partition:05}"
        kept.mkdir(parents=True, exist_ok=True)
        (folder / "extract").mkdir(exist_ok=True)
        _write(kept / "facts.parquet", FACTS_SCHEMA, [members.facts()])
        _write(kept / "history.parquet", HISTORY_SCHEMA, members.history())
        lines = _Writer(kept / "lines.parquet", LINES_SCHEMA)
        extract = _Writer(folder / "extract" / f"{partition:05}.parquet", EXTRACT_SCHEMA) if with_extract else None
        for block in _blocks(members):
            lines.add(block.lines())
            if extract is not None:
                extract.add(block.extract())
        lines.close()
        if extract is not None:
            extract.close()


def _blocks(members: Members) -> Iterator[_Block]:
    for at, first in enumerate(range(0, members.lines, BLOCK), 1):
        yield _Block(members, members.draws(at), first, min(BLOCK, members.lines - first))


class _Writer:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self.file = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)

    def add(self, columns: dict[str, pa.Array]) -> None:
        table = pa.table([columns[name] for name in self.schema.names], schema=self.schema)
        self.file.write_table(table, row_group_size=ROW_GROUP)

    def close(self) -> None:
        self.file.close()


def _write(path: Path, schema: pa.Schema, tables: Iterable[dict[str, pa.Array]]) -> None:
    writer = _Writer(path, schema)
    for each in tables:
        writer.add(each)
    writer.close()


# ---------------------------------------------------------------------------- lines

_MODIFIERS = pa.array(sorted(library.MODIFIERS))
_MODIFIER_PLACES = np.array([*(sorted(library.MODIFIERS).index(each) for each in library.MODIFIERS), -1])
"""Where each modifier stands in their order; the last is that of none, which is asked for as -1."""


class _Block:
    """The lines of some claims of a partition, column by column."""

    def __init__(self, of: Members, rng: np.random.Generator, first: int, count: int) -> None:
        self.of, self.first, self.count = of, first, count
        words = of.words
        sizes = 1 + weighed(rng, (40, 30, 20, 10), count)
        ends = np.cumsum(sizes)
        claims = int(np.searchsorted(ends, count)) + 1
        sizes = sizes[:claims]
        sizes[-1] -= ends[claims - 1] - count
        self.claim = np.repeat(np.arange(claims), sizes)
        self.number = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
        self._draw_claims(rng, claims)
        policy = self.theme[self.claim]
        named = policy * library.CODES_A_POLICY + rng.integers(0, library.CODES_A_POLICY, count)
        other = words.first_background + words.background.draw(rng, count)
        code = np.where(rng.random(count) < MATCHED, named, other)
        code = np.where(
            self.is_planted[self.claim],
            words.first_planted + rng.integers(0, len(library.SHIPPED_CODES), count),
            code,
        )
        self.code = np.where(rng.random(count) < 0.002, words.odd, code)
        self.has_code = rng.random(count) >= 0.003
        self.is_long = rng.random(count) < 0.03
        self.days_more = np.where(self.is_long, rng.integers(1, 31, count), 0)
        self.units = np.array((1, 1, 1, 1, 2, 2, 3, 4, 10))[rng.integers(0, 9, count)]
        self.has_units = rng.random(count) >= 0.02
        first_modifier = rng.integers(0, len(library.MODIFIERS), count)
        second = (first_modifier + rng.integers(1, len(library.MODIFIERS), count)) % len(library.MODIFIERS)
        how_many = weighed(rng, (70, 25, 5), count)
        self.modifiers = np.stack(
            [np.where(how_many > 0, first_modifier, -1), np.where(how_many > 1, second, -1)], axis=1
        )
        self.billed = rng.integers(1_500, 90_000, count)
        self.has_allowed = rng.random(count) >= 0.03
        self.allowed = self.billed * rng.integers(40, 90, count) // 100

    def _draw_claims(self, rng: np.random.Generator, claims: int) -> None:
        of, words = self.of, self.of.words
        self.member = (of.members * rng.random(claims) ** 1.5).astype(np.int64)
        self.has_member = rng.random(claims) >= 0.002
        is_home = rng.random(claims) < AT_HOME
        self.theme = np.where(is_home, of.home[self.member], words.policy.draw(rng, claims))
        self.is_planted = rng.random(claims) < PLANTED
        day = day_number(FIRST) + rng.integers(0, (LAST - FIRST).days + 1, claims)
        near = words.boundaries[rng.integers(0, len(words.boundaries), claims)] + rng.integers(-1, 2, claims)
        self.day = np.where(self.is_planted, near, day)
        how_many = weighed(rng, (1, 45, 28, 16, 10), claims)
        drawn = words.scattered[words.any_diagnosis.draw(rng, claims * MOST_DIAGNOSES)].reshape(claims, -1)
        supported = words.supporting[self.theme, rng.integers(0, words.supporting.shape[1], claims)]
        drawn[:, 0] = np.where(rng.random(claims) < SUPPORTED, supported, drawn[:, 0])
        self.diagnoses = np.where(np.arange(MOST_DIAGNOSES) < how_many[:, None], drawn, -1)
        self.place = weighed(rng, (55, 15, 10, 5, 10, 5, 3), claims)
        self.specialty = weighed(rng, (20, 20, 20, 15, 5, 20), claims)

    def lines(self) -> dict[str, pa.Array]:
        """The block as the reader of claims leaves it."""
        claim, member, of = self.claim, self.member[self.claim], self.of
        has_member = self.has_member[claim]
        is_odd = self.code == of.words.odd
        is_shipped = (self.code >= of.words.first_planted) & ~is_odd
        system = np.where(~self.has_code | is_odd, -1, np.where(is_shipped, 1, 0))
        day = self.day[claim]
        given = of.contract[member] >= 0
        position = self.first + np.arange(self.count) + 1
        line = taken(
            pa.array([_canonical(each) for each in library.LINES]), np.where(of.line[member] < 4, of.line[member], -1)
        )
        contract = taken(pa.array(library.CONTRACTS), of.contract[member])
        diagnoses = lists(of.words.diagnoses, sorted_once(self.diagnoses), or_null=True).take(pa.array(claim))
        return self._missing() | {
            "line_id": pa.array((of.number << LINE_NUMBERS) + position),
            "input": pa.array(np.full(self.count, of.number, np.int16)),
            "position": pa.array(position),
            "data_source": taken(pa.array(SOURCES), of.source[member]),
            "claim_id": self._claim_ids(),
            "claim_line_number": pa.array(self.number.astype(np.int32)),
            "date_of_service": days(day),
            "date_of_service_from": same("line", self.count),
            "last_day": days(day + self.days_more),
            "code_system": taken(pa.array(["HCPCS", "CPT"]), system),
            "code": taken(of.words.codes, np.where(self.has_code, self.code, -1)),
            "is_code_malformed": pa.array(is_odd & self.has_code),
            "modifiers": lists(_MODIFIERS, sorted_once(_MODIFIER_PLACES[self.modifiers])),
            "diagnoses": diagnoses,
            "diagnosis_scope": taken(pa.array(["claim"]), np.where(self.diagnoses[claim, 0] >= 0, 0, -1)),
            "member_id": taken(of.ids, np.where(has_member, member, -1)),
            "line_of_business": line,
            "state": taken(pa.array(library.STATES), of.state[member]),
            "contract": contract,
            "contract_given": pa.array(given),
            "last_line_of_business": line,
            "last_contract": contract,
            "birth_date": days(of.birth[member], of.is_born[member]),
            "sex": taken(pa.array(["female", "male"]), np.where(of.sex[member] < 2, of.sex[member], -1)),
            "units": decimals(self.units * 1_000, self.has_units, pa.decimal128(12, 3)),
            "place_of_service": taken(pa.array(library.PLACES), np.where(self.place < 6, self.place, -1)[claim]),
            "provider_specialty": taken(
                pa.array(library.SPECIALTIES), np.where(self.specialty < 5, self.specialty, -1)[claim]
            ),
            "claim_type": same("professional", self.count),
            "billed_amount": decimals(self.billed),
            "allowed_amount": decimals(self.allowed, self.has_allowed),
            "paid_amount": decimals(self.allowed, self.has_allowed),
            "history_complete_from": days(np.full(self.count, day_number(COMPLETE_FROM)), of.source[member] == 0),
            "findings": lists(pa.array(_FINDINGS), self._findings()),
            "final_status": same("final", self.count),
        }

    def _findings(self) -> Numbers:
        several = (self.diagnoses >= 0).sum(axis=1)[self.claim] > 1
        is_odd = self.has_code & (self.code == self.of.words.odd)
        return np.stack([np.where(is_odd, 0, -1), np.where(several, 1, -1)], axis=1)

    def _missing(self) -> dict[str, pa.Array]:
        return {field.name: pa.nulls(self.count, field.type) for field in LINES_SCHEMA}

    def extract(self) -> dict[str, pa.Array]:
        """The block as a plan would send it, diagnoses and modifiers in the order in which they were billed."""
        claim, member, of = self.claim, self.member[self.claim], self.of
        lines = self.lines()
        shown = [each.replace("_", " ").title() for each in library.LINES]
        return {
            "data_source": lines["data_source"],
            "claim_id": lines["claim_id"],
            "claim_line_number": lines["claim_line_number"],
            "claim_line_start_date": lines["date_of_service"],
            "claim_line_end_date": lines["last_day"],
            "hcpcs_code": lines["code"],
            "member_id": lines["member_id"],
            "claim_type": lines["claim_type"],
            "place_of_service_code": lines["place_of_service"],
            "service_unit_quantity": lines["units"],
            "charge_amount": lines["billed_amount"],
            "allowed_amount": lines["allowed_amount"],
            "paid_amount": lines["paid_amount"],
            "x_line_of_business": taken(pa.array(shown), np.where(of.line[member] < 4, of.line[member], -1)),
            "x_member_contract_id": lines["contract"],
            "x_state": lines["state"],
            "x_rendering_taxonomy": lines["provider_specialty"],
            "x_patient_birth_date": days(of.birth[member], of.is_born[member]),
            "x_patient_sex": taken(pa.array(["F", "M", "U"]), of.sex[member]),
            **{
                f"hcpcs_modifier_{at + 1}": taken(pa.array(library.MODIFIERS), self.modifiers[:, at])
                for at in range(MOST_MODIFIERS)
            },
            **{
                f"diagnosis_code_{at + 1}": taken(of.words.diagnoses, self.diagnoses[claim, at])
                for at in range(MOST_DIAGNOSES)
            },
        }

    def _claim_ids(self) -> pa.Array:
        first = self.of.number * LINES_A_PARTITION + self.first
        return numbered("C", first + np.arange(len(self.day))).take(pa.array(self.claim))


def _canonical(line: str) -> str:
    return line.replace(" ", "_")
