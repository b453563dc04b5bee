"""A source carried over to its next version: named keys and one row alter, every other byte stays."""

from __future__ import annotations

import pytest
from tests.support import library, policy

from medpol.library import SHIPPED
from medpol.model.dates import stated
from medpol.model.evidence import HistoryRow
from medpol.text.revising import revise

ROW = HistoryRow(stated("2025-05-01"), "annual review", says=("statement unchanged", "literature through 2025-02"))
OLDEST_FIRST = """## History

| Date | Event |
|---|---|
| 2023-05-01 | new policy |
| 2024-05-01 | annual review |
"""


def document(told: str = "", head: str = "") -> str:
    return policy("2024-05-01", head=head.rstrip("\n")) + f"\n{told}"


def history(text: str) -> tuple[HistoryRow, ...]:
    read = library({"EX-1/2025-05-01.md": text.replace("effective: 2024-05-01", "effective: 2025-05-01")})
    assert not read.errors, read.errors
    return read.versions[0].history


def rows(text: str) -> list[tuple[str, str]]:
    return [(row.day.text, row.event) for row in history(text)]


def test_a_key_is_set_where_it_stands_and_taken_away_with_its_lines() -> None:
    before = document(OLDEST_FIRST, head="doubtful:\n  - the codes\n  - the dates\nrights: own words\n")
    after = revise(
        before, {"effective": "2025-05-01", "published": None, "doubtful": None, "review due": "2026-05-01"}, ROW
    )
    head = after.split("---\n")[1]
    assert head == "policy: EX-1\ntitle: Needles\neffective: 2025-05-01\nreview due: 2026-05-01\nrights: own words\n"


def test_nothing_but_the_named_keys_and_the_row_alters() -> None:
    text = (SHIPPED / "2.01.100" / "2024-07-01.md").read_text()
    after = revise(text, {"effective": "2025-07-01"}, ROW)
    changed = [line for line in after.splitlines() if line not in set(text.splitlines())]
    table = [line for line in changed if line.startswith("|")]
    assert [line for line in changed if line not in table] == ["effective: 2025-07-01"]
    assert [line for line in table if "annual review" in line and "2025-05-01" in line]


def test_the_row_is_added_at_the_end_at_which_the_newest_stand() -> None:
    newest_first = OLDEST_FIRST.replace("| 2023-05-01 | new policy |\n", "") + "| 2023-05-01 | new policy |\n"
    assert [day for day, _ in rows(revise(document(OLDEST_FIRST), {}, ROW))] == [
        "2023-05-01",
        "2024-05-01",
        "2025-05-01",
    ]
    assert [day for day, _ in rows(revise(document(newest_first), {}, ROW))] == [
        "2025-05-01",
        "2024-05-01",
        "2023-05-01",
    ]


def test_only_columns_that_the_table_has_are_filled() -> None:
    after = revise(document(OLDEST_FIRST), {}, ROW)
    assert "statement unchanged" not in after
    assert rows(after)[-1] == ("2025-05-01", "annual review")


@pytest.mark.parametrize("told", ["", "## History\n\nNo row yet.\n"])
def test_a_document_without_rows_gets_its_first(told: str) -> None:
    after = revise(document(told) + "\n## Scope\n\nAll of it.\n", {}, ROW)
    assert [row.says for row in history(after)] == [ROW.says]
    assert after.count("## History") == 1


def test_bars_in_a_comment_part_no_cells() -> None:
    row = HistoryRow(stated("2025-05-01"), "other", comment="dose | frequency")
    assert history(revise(document(), {}, row))[-1].comment == "dose | frequency"
