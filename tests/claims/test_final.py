"""Final claims (claims.md, section 3): examples by hand, and the SQL held against a plain reading of the rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.claims.reading import Row, line, read

AMOUNTS = ("charge_amount", "allowed_amount", "paid_amount")
DATES = ("paid_date", "file_date", "ingest_datetime")


def claim(
    claim_id: str, frequency: str | None = None, original: str | None = None, **cells: str | None
) -> dict[str, str | None]:
    return (
        line(
            claim_id=claim_id,
            x_claim_frequency_code=frequency,
            x_original_claim_id=original,
            paid_date=None,
            allowed_amount=None,
        )
        | cells
    )


def statuses(tmp_path: Path, *rows: Row) -> list[str]:
    return read(tmp_path, *rows).lines("final_status")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([claim("A")], ["final"]),
        ([claim("A", "1", "Z")], ["final"]),
        ([claim("A"), claim("B", "7", "A")], ["replaced", "final"]),
        ([claim("A"), claim("A", claim_line_number="2"), claim("B", "7", "A")], ["replaced", "replaced", "final"]),
        ([claim("A"), claim("B", "8", "A")], ["void", "void"]),
        ([claim("A"), claim("B", "7", "A"), claim("C", "7", "B")], ["replaced", "replaced", "final"]),
        ([claim("A"), claim("B", "7", "A"), claim("C", "8", "B")], ["replaced", "void", "void"]),
        ([claim("B", "7", "A")], ["undetermined"]),
        ([claim("B", "8", "A")], ["undetermined"]),
        ([claim("B", "8")], ["undetermined"]),
        ([claim("B", "7", "A"), claim("C", "7", "B")], ["replaced", "final"]),
        ([claim("A", "7", "B"), claim("B", "7", "A")], ["undetermined", "undetermined"]),
        ([claim("A"), claim("B", "7", "A"), claim("C", "7", "A")], ["replaced", "undetermined", "undetermined"]),
        ([claim("A"), claim("A", "7")], ["replaced", "final"]),
        ([claim("A"), claim("A", "7", "A", claim_line_number="2")], ["replaced", "final"]),
        ([claim("A"), claim("A", "8", "A")], ["void", "void"]),
        ([claim("A"), claim("B", "7", "A", data_source="other")], ["final", "undetermined"]),
        ([claim("A", "3")], ["undetermined"]),
        ([claim("A", paid_date="2024-04-01"), claim("A", paid_date="2024-05-01")], ["replaced", "final"]),
        ([claim("A", paid_date="2024-05-01"), claim("A", paid_date="2024-04-01")], ["final", "replaced"]),
        (
            [
                claim("A", paid_date="2024-05-01", file_date="2024-05-02"),
                claim("A", paid_date="2024-05-01", file_date="2024-05-03"),
            ],
            ["replaced", "final"],
        ),
        (
            [claim("A", ingest_datetime="2024-05-01 10:00:00"), claim("A", ingest_datetime="2024-05-01 09:00:00")],
            ["final", "replaced"],
        ),
        (
            [
                claim("A", paid_date="2024-04-01"),
                claim("A", paid_date="2024-05-01", charge_amount="1.00"),
                claim("A", paid_date="2024-05-01", charge_amount="2.00"),
            ],
            ["replaced", "undetermined", "undetermined"],
        ),
        ([claim("A", paid_date="2024-05-01"), claim("A", charge_amount="2.00")], ["undetermined", "undetermined"]),
        ([claim("A"), claim("A", charge_amount="-100.00")], ["void", "reversal"]),
        (
            [
                claim("A"),
                claim("A", charge_amount="-100.00"),
                claim("A", charge_amount="80.00", paid_date="2024-05-01"),
            ],
            ["void", "reversal", "final"],
        ),
        ([claim("A"), claim("A", charge_amount="-99.99")], ["final", "undetermined"]),
        ([claim("A", charge_amount="-100.00")], ["undetermined"]),
        ([claim("A", allowed_amount="5"), claim("A", charge_amount="-100.00")], ["final", "undetermined"]),
        ([claim("A", paid_amount="0.00")], ["final"]),
    ],
)
def test_each_line_has_the_status_that_the_rules_say(tmp_path: Path, rows: Sequence[Row], expected: list[str]) -> None:
    assert statuses(tmp_path, *rows) == expected


def test_a_key_that_nothing_tells_apart_is_refused_at_both_places(tmp_path: Path) -> None:
    found = read(tmp_path, claim("A"), claim("B"), claim("A", hcpcs_code="G0284"))
    assert found.rejects() == [
        (1, "duplicate-key", "claim_line_number", "acme/A/1"),
        (3, "duplicate-key", "claim_line_number", "acme/A/1"),
    ]
    mends = [row[0] for row in found.rows("SELECT mend FROM rejects ORDER BY position")]
    assert "row 3" in mends[0] and "row 1" in mends[1]
    assert found.lines("claim_id") == ["B"]


def test_rows_that_are_the_same_in_all_are_refused_with_the_rest_of_their_key(tmp_path: Path) -> None:
    paid = claim("A", paid_date="2024-04-01")
    found = read(tmp_path, paid, paid, claim("A", paid_date="2024-05-01"))
    assert [each[1] for each in found.rejects()] == ["duplicate-key"] * 3
    assert "and 1 more" in found.rows("SELECT mend FROM rejects")[0][0]


def test_only_final_lines_are_history(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        claim("A"),
        claim("B", "7", "A"),
        claim("C", charge_amount="-1.00"),
        claim("D", hcpcs_code="malformed"),
        claim("E", member_id=None),
        claim("F", hcpcs_code=None),
    )
    assert found.rows("SELECT line_id FROM history") == [(2,)]


def test_only_a_status_of_final_counts_in_dollars_of_final(tmp_path: Path) -> None:
    found = read(tmp_path, claim("A"), claim("B", "7", "A", charge_amount="80.00"))
    assert found.read.final_statuses == {"final": (1, Decimal("80.00")), "replaced": (1, Decimal("100.00"))}


# ---------------------------------------------------------------------------- the rules, read plainly


def oracle(rows: Sequence[Row]) -> list[str]:
    """The status of each row, or ``duplicate-key``, one rule after the other."""
    at = list(range(len(rows)))
    key = [(row["data_source"], row["claim_id"], row["claim_line_number"]) for row in rows]
    code = [row["x_claim_frequency_code"] or "1" for row in rows]
    source = [row["data_source"] for row in rows]
    own = [row["claim_id"] for row in rows]
    target = [row["x_original_claim_id"] or row["claim_id"] for row in rows]
    amounts = [tuple(None if row.get(name) is None else Decimal(str(row[name])) for name in AMOUNTS) for row in rows]
    dates = [tuple(row.get(name) for name in DATES) for row in rows]
    negative = [any(each is not None and each < 0 for each in amounts[i]) for i in at]

    seen = Counter((key[i], code[i], rows[i]["x_original_claim_id"], amounts[i], dates[i]) for i in at)
    repeated = {name[0] for name, count in seen.items() if count > 1}
    kept = [i for i in at if key[i] not in repeated]

    def originals(actor: int) -> list[int]:
        return [
            i
            for i in kept
            if (source[i], own[i]) == (source[actor], target[actor]) and (own[i] != own[actor] or code[i] == "1")
        ]

    actors = [i for i in kept if code[i] in ("7", "8")]
    linked = [i for i in actors if originals(i)]

    def goes_in_a_circle(actor: int) -> bool:
        """Whether no way along the chain ends at a claim that names no other."""
        seen_claims, front = set(), {target[actor]}
        while front:
            ends = {
                name
                for name in front
                if not any(source[i] == source[actor] and own[i] == name and target[i] != name for i in linked)
            }
            if ends:
                return False
            seen_claims |= front
            front = {target[i] for i in linked if source[i] == source[actor] and own[i] in front} - seen_claims
        return True

    sound = [i for i in linked if not goes_in_a_circle(i)]
    status: dict[int, str] = {}
    for i in kept:
        hit = {code[a] for a in sound if i in originals(a)}
        rivals = {own[a] for a in linked if source[a] == source[i] and target[a] == target[i] and own[a] != target[a]}
        if "8" in hit:
            status[i] = "void"
        elif "7" in hit:
            status[i] = "replaced"
        elif code[i] == "8":
            status[i] = "void" if i in sound else "undetermined"
        elif code[i] == "7":
            if i not in sound or (own[i] != target[i] and len(rivals) > 1):
                status[i] = "undetermined"
        elif code[i] != "1":
            status[i] = "undetermined"

    groups = defaultdict(list)
    for i in kept:
        if i not in status:
            plus = tuple(None if each is None else -each if negative[i] else each for each in amounts[i])
            groups[key[i], plus].append(i)
    for members in groups.values():
        minus = [i for i in members if negative[i]]
        for i in members if minus else ():
            fits = 2 * len(minus) == len(members)
            status[i] = ("reversal" if negative[i] else "void") if fits else "undetermined"

    def is_later(one: int, other: int) -> bool:
        for a, b in zip(dates[one], dates[other], strict=True):
            if a is not None and b is not None and a != b:
                return a > b
        return False

    by_key = defaultdict(list)
    for i in kept:
        if i not in status:
            by_key[key[i]].append(i)
    for name, members in by_key.items():
        if sum(code[i] == "1" and not any(dates[i]) for i in members) > 1:
            repeated.add(name)
        top = [i for i in members if not any(is_later(j, i) for j in members)]
        is_settled = len(top) == 1 and all(is_later(top[0], j) for j in members if j != top[0])
        for i in members:
            if is_settled and i in top:
                continue
            status[i] = "replaced" if i not in top and any(is_later(j, i) for j in top) else "undetermined"
            if len(members) == 1:
                del status[i]
    return ["duplicate-key" if key[i] in repeated else status.get(i, "final") for i in at]


IDS = st.sampled_from(["A", "B", "C", "D"])
DAYS = st.sampled_from([None, "2024-04-01", "2024-05-01"])
DOLLARS = st.sampled_from([None, "100.00", "-100.00", "80.00", "-80.00", "0.00"])
ROWS = st.builds(
    lambda own, number, frequency, original, billed, paid, paid_date, file_date, ingested: claim(
        own,
        frequency,
        original,
        claim_line_number=number,
        charge_amount=billed,
        paid_amount=paid,
        paid_date=paid_date,
        file_date=file_date,
        ingest_datetime=ingested,
    ),
    IDS,
    st.sampled_from(["1", "2"]),
    st.sampled_from([None, None, None, "1", "7", "7", "8", "3"]),
    st.one_of(st.none(), IDS),
    DOLLARS,
    st.sampled_from([None, "10.00", "-10.00"]),
    DAYS,
    DAYS,
    DAYS,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(ROWS, min_size=1, max_size=8), min_size=1, max_size=30))
def test_the_sql_and_the_plain_reading_agree(
    tmp_path_factory: pytest.TempPathFactory, families: list[list[Row]]
) -> None:
    """Many small families at once, each in a data source of its own."""
    rows = [dict(row) | {"data_source": f"s{at}"} for at, family in enumerate(families) for row in family]
    found = read(tmp_path_factory.mktemp("final"), *rows)
    expected = [
        status
        for at, _ in enumerate(families)
        for status in oracle([row for row in rows if row["data_source"] == f"s{at}"])
    ]
    positions = dict(found.rows("SELECT position, final_status FROM claim_lines"))
    positions |= dict(found.rows("SELECT position, reject_key FROM rejects"))
    assert [positions[at] for at in range(1, len(rows) + 1)] == expected


def test_the_order_of_rows_changes_no_status(tmp_path: Path) -> None:
    rows = [
        claim("A"), claim("B", "7", "A"), claim("C", "8", "B"), claim("D", paid_date="2024-04-01"), claim("D", paid_date="2024-05-01"),
        claim("E"), claim("E", charge_amount="-100.00"), claim("F"), claim("F"),
    ]  # fmt: skip
    sql = "SELECT claim_id, paid_date, billed_amount, final_status FROM claim_lines ORDER BY ALL"
    forward, backward = read(tmp_path, *rows).rows(sql), read(tmp_path, *reversed(rows)).rows(sql)
    assert forward == backward and len(forward) == 7
