"""``medpol decide --cases``: a line of JSON in, a line of JSON out, in order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.running import run

import medpol
from medpol.cli.decide import MAXIMUM_LINE
from medpol.decide.cases import encode_answer

CASE: dict[str, Any] = {
    "code": "20560",
    "date_of_service": "2024-08-02",
    "known_on": "2024-08-02",
    "line_of_business": "commercial",
}


def ndjson(*cases: object) -> bytes:
    return b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in cases)


def test_every_case_gets_one_line_in_order_with_the_bytes_of_a_single_answer() -> None:
    cases = [CASE | {"date_of_service": day} for day in ("2019-12-31", "2020-01-01", "2020-03-01", "2024-07-01")]
    ran = run("decide", "--cases", "-", "--format", "ndjson", stdin=ndjson(*cases))
    plan = medpol.load()
    assert ran.code == 0
    assert ran.data == b"".join(encode_answer(medpol.determine(plan, each)) + b"\n" for each in cases)


def test_a_bad_case_yields_its_error_and_the_others_are_answered() -> None:
    given = ndjson(CASE, CASE | {"lin_of_business": "commercial"}, b"{", [], CASE | {"contract": "nobody"}, CASE)
    ran = run("decide", "--cases", "-", "--format", "ndjson", stdin=given)
    assert ran.code == 4
    first, *bad, last = ran.lines
    assert first == last
    assert first["outcome"] == "not_covered"
    assert [each["case"] for each in bad] == [2, 3, 4, 5]
    for each in bad:
        assert set(each) == {"case", "error"}
        assert set(each["error"]) == {"where", "found", "expected", "mend"}
    assert bad[0]["error"]["where"] == "$.lin_of_business"
    assert bad[0]["error"]["mend"] == "write 'line_of_business'"
    assert bad[3]["error"]["where"] == "$.contract"


def test_a_file_reads_as_stdin_does_whatever_its_line_ends(tmp_path: Path) -> None:
    (tmp_path / "cases.ndjson").write_bytes(b"\xef\xbb\xbf" + ndjson(CASE, CASE).replace(b"\n", b"\r\n").rstrip())
    from_file = run("decide", "--cases", tmp_path / "cases.ndjson")
    from_stdin = run("decide", "--cases", "-", "--format", "ndjson", stdin=ndjson(CASE, CASE))
    assert (from_file.code, from_file.data) == (from_stdin.code, from_stdin.data) == (0, from_stdin.data)
    assert len(from_file.lines) == 2


def test_empty_lines_are_no_cases() -> None:
    ran = run("decide", "--cases", "-", stdin=b"\n" + ndjson(CASE) + b"  \n" + ndjson({}) + b"\n")
    assert [each.get("case") for each in ran.lines] == [None, None]
    assert run("decide", "--cases", "-", stdin=b"").data == b""


def test_a_line_beyond_the_limit_is_one_bad_case() -> None:
    long = CASE | {"service": "x" * (3 * MAXIMUM_LINE)}
    ran = run("decide", "--cases", "-", stdin=ndjson(long, CASE))
    assert ran.code == 4
    assert ran.lines[0]["case"] == 1
    assert "bytes" in ran.lines[0]["error"]["found"]
    assert ran.lines[1]["outcome"] == "not_covered"


def test_days_given_as_options_stand_for_lines_without_their_own() -> None:
    bare = {"code": "20560", "line_of_business": "commercial"}
    ran = run(
        "decide", "--cases", "-", "--date-of-service", "2023-12-07", "--known-on", "2023-08-31",
        stdin=ndjson(bare, bare | {"known_on": "2023-09-01"}),
    )  # fmt: skip
    assert [each["reason_key"] for each in ran.lines] == ["archived", "position-unconditional"]


def test_a_case_that_is_hostile_is_an_error_and_no_crash() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    number = b'{"code": "20560", "units": 1e999999999}'
    ran = run("decide", "--cases", "-", stdin=ndjson(deep, number, b"\xff\xfe", CASE))
    assert ran.code == 4
    assert [each.get("case") for each in ran.lines] == [1, 2, 3, None]
