"""Spark gives the rows that DuckDB gives, and the oracle: ids and both masks included, on 100,000 lines in all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from tests.decide.comparing import generated
from tests.decide.engines.spark_making import differing, give, spark_in
from tests.decide.table.making import KNOWN_ON, Claims, Decided, decided, drawn, rows_of
from tests.decide.table.test_bulk_against_the_oracle import carried, claims_of, disagreements
from tests.support import EXAMPLES, policy

import medpol
from medpol.decide.engines.spark import Spark
from medpol.decide.one import Desk
from medpol.decide.table.deciding import BulkDesk

pytestmark = pytest.mark.slow
GENERATED = 30_000
Row = dict[str, Any]
SIGNS = [f"sign.s{at:02d}" for at in range(70)]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    with spark_in(tmp_path_factory.mktemp("spark")) as held:
        yield held


@pytest.fixture(scope="module")
def with_a_wide_rule(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The example policies, and a rule of more literals than a word of bits holds."""
    folder = tmp_path_factory.mktemp("library") / "policies"
    shutil.copytree(EXAMPLES, folder)
    with (folder / "facts.md").open("a") as file:
        file.write("\n## Signs\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n")
        file.writelines(f"| {name} | yes/no | | Is {name} seen? | record |\n" for name in SIGNS)
    signs = "".join(f"- the sign {name} is seen `{name}`\n" for name in SIGNS)
    criteria = f"Needling is **medically necessary** when any of the following are met:\n\n{signs}"
    (folder / "signs").mkdir()
    (folder / "signs" / "2024-05-01.md").write_text(policy(criteria=criteria))
    return medpol.load(folder)


def test_drawn_lines_get_the_same_rows(spark: Spark) -> None:
    examples = medpol.load(EXAMPLES)
    claims = drawn(examples, 32_000, 11)
    lines, policies = same_rows(spark, examples, claims)
    assert len(lines) == 32_000
    assert len({row["reason_key"] for row in lines}) >= 18, "the draw has grown too narrow to show anything"
    assert len({row["outcome"] for row in lines}) == 5
    assert len(policies) > 10_000


def test_with_full_detail_and_bits_of_several_words_they_do_as_well(spark: Spark, with_a_wide_rule: Desk) -> None:
    _, policies = same_rows(spark, with_a_wide_rule, drawn(with_a_wide_rule, 8_000, 12), detail=True)
    assert any(len(row["met_bits"] or ()) > 1 for row in policies)


def same_rows(spark: Spark, desk: Desk, claims: Claims, *, detail: bool = False) -> tuple[list[Row], list[Row]]:
    """The rows by Spark, which are those by DuckDB in every column."""
    expected = decided(desk, claims, detail=detail)
    give(spark, claims)
    bulk = BulkDesk(desk, KNOWN_ON, detail)
    bulk.decide(spark)
    lines, policies = rows_of(bulk, spark)
    assert not differing(lines, expected.lines)[:3]
    assert not differing(policies, expected.policies)[:3]
    return lines, policies


@pytest.mark.parametrize("seed", [1, 2])
def test_lines_of_a_generated_library_are_answered_as_the_oracle_answers_them(spark: Spark, seed: int) -> None:
    each = generated(seed, GENERATED)
    cases = [carried(case) for case in each.cases if "service" not in case]
    claims = claims_of(each, cases)
    give(spark, claims)
    bulk = BulkDesk(each.desk, each.known_on)
    bulk.decide(spark)
    found = Decided(bulk, spark, *rows_of(bulk, spark))
    expected = decided(each.desk, claims, known_on=each.known_on)
    assert not differing(found.lines, expected.lines)[:3]
    assert not differing(found.policies, expected.policies)[:3]
    assert not list(disagreements(each, cases, found))[:3]
