"""A count, a control number or a segment out of place refuses the whole interchange, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.claims.x12.documents import (
    DEPENDENT,
    HEADER,
    PROVIDER,
    SUBSCRIBER,
    WITH_DEPENDENT,
    I,
    body,
    claim,
    file_of,
    group,
    institutional,
    interchange,
    read,
    refused,
    text,
    transaction,
)

GOOD = file_of(claim("A"), claim("B"))
SERVICE, DAY = "SV1*HC:20560*100.00*UN*1***1", "DTP*472*D8*20240105"


def replaced(old: str, new: str) -> str:
    """The good file with one segment changed, which it has."""
    assert old in GOOD
    return text([new if each == old else each for each in GOOD])


@pytest.mark.parametrize(
    ("old", "new", "found", "expected"),
    [
        ("IEA*1*000000001", "IEA*2*000000001", "IEA01 2", "1"),
        ("IEA*1*000000001", "IEA*1*000000002", "IEA02 000000002", "000000001"),
        ("IEA*1*000000001", "IEA**000000001", "IEA01 ", "1"),
        ("GE*1*1", "GE*2*1", "GE01 2", "1"),
        ("GE*1*1", "GE*1*2", "GE02 2", "1"),
        ("SE*28*0001", "SE*27*0001", "SE01 27", "28"),
        ("SE*28*0001", "SE*28*0002", "SE02 0002", "0001"),
        ("SE*28*0001", "SE*2８*0001", "SE01 2\\xef\\xbc\\x98", "28"),
        ("SE*28*0001", "SE", "SE01 ", "28"),
    ],
)
def test_a_count_or_control_number_that_is_not_that_of_its_beginning(
    tmp_path: Path, old: str, new: str, found: str, expected: str
) -> None:
    reject = refused(replaced(old, new).encode(), tmp_path)
    assert (reject.found, reject.expected) == (found, expected)
    assert reject.position == GOOD.index(old) + 1
    assert (reject.interchange, reject.lines) == ("000000001", 2)


@pytest.mark.parametrize("guide", ["005010X224A2", "004010X098A1", "005010X222B1", "005010X222A12", "005010X221A1", ""])
def test_another_guide_is_refused_by_its_name(tmp_path: Path, guide: str) -> None:
    reject = refused(text(file_of(claim(), guide=guide)), tmp_path)
    assert guide in reject.found and "005010X222" in reject.expected


def test_another_release_of_x12_is_refused(tmp_path: Path) -> None:
    assert refused(text(GOOD).replace("*00501*", "*00401*"), tmp_path).found == "ISA12 00401"


def test_a_transaction_set_of_another_guide_than_its_group_is_refused(tmp_path: Path) -> None:
    assert refused(text(interchange(group(transaction(body(claim()), I)))), tmp_path).found.startswith("ST 837")
    assert refused(text(GOOD).replace("ST*837*", "ST*835*"), tmp_path).found.startswith("ST 835")


@pytest.mark.parametrize(
    "header",
    [
        "ISA*00*",
        "ISA" + "*" * 103,
        text(GOOD)[:106].replace("SENDER  ", "SENDER "),
        "GS*HC" + "*" * 120,
        "\ufeff" + text(GOOD)[:106],
    ],
)
def test_an_isa_segment_that_is_not_as_wide_as_it_must_be_is_refused(tmp_path: Path, header: str) -> None:
    reject = refused((header + text(GOOD)[106:]).encode(), tmp_path)
    assert reject.position == 1 and "ISA" in reject.expected


@pytest.mark.parametrize("sign", ["A", "1", " ", "*", ":", ".", "\n"])
def test_a_delimiter_that_data_hold_or_that_is_taken_is_refused(tmp_path: Path, sign: str) -> None:
    whole = text(GOOD)
    assert refused(whole[:82] + sign + whole[83:], tmp_path).position == 1


def test_data_written_with_another_component_separator_are_refused(tmp_path: Path) -> None:
    whole = text(GOOD)
    reject = refused(whole[:104] + ">" + whole[105:], tmp_path)
    assert reject.found == "CLM05 11:B:1" and "'>'" in reject.expected


def test_a_file_that_is_cut_publishes_nothing_wherever_it_is_cut(tmp_path: Path) -> None:
    whole = text(GOOD)
    for at in range(1, len(whole), 3):
        refused(whole[:at], tmp_path)


def test_a_cut_file_keeps_the_interchanges_before_the_cut(tmp_path: Path) -> None:
    whole = text(GOOD)
    rows, [reject] = read(whole + whole[:-30], tmp_path)
    assert len(rows) == 2 and reject.lines == 2


def test_an_isa_inside_of_an_interchange_refuses_that_one_and_begins_another(tmp_path: Path) -> None:
    whole = text(GOOD[:-3]) + text(file_of(claim("C")))
    rows, [reject] = read(whole, tmp_path)
    assert [row["claim_id"] for row in rows] == ["C"]
    assert (reject.reject_key, reject.lines, reject.position) == ("envelope", 2, len(GOOD) - 2)
    other = text(file_of(claim("C"))).translate(str.maketrans("*:^~", "|>!\n"))
    assert [row["claim_id"] for row in read(text(GOOD[:-3]) + other, tmp_path)[0]] == ["C"]


def test_after_a_refused_interchange_the_next_is_read(tmp_path: Path) -> None:
    bad = replaced("GE*1*1", "GE*1*7")
    rows, rejects = read(bad + text(file_of(claim("C"))) + bad + text(file_of(claim("D"))), tmp_path)
    assert [row["claim_id"] for row in rows] == ["C", "D"]
    assert [(each.reject_key, each.lines) for each in rejects] == [("envelope", 2)] * 2


@pytest.mark.parametrize("stray", ["~", "XX*1~", " ~", "\x1a~", "\x00~"])
def test_what_stands_between_interchanges_is_refused_and_told(tmp_path: Path, stray: str) -> None:
    rows, [reject] = read(text(GOOD) + stray + text(file_of(claim("C"))), tmp_path)
    assert [row["claim_id"] for row in rows] == ["A", "B", "C"]
    assert (reject.reject_key, reject.lines, reject.position, reject.interchange) == (
        "envelope",
        0,
        len(GOOD) + 1,
        None,
    )


def test_what_stands_behind_the_last_interchange_is_told(tmp_path: Path) -> None:
    rows, [reject] = read(text(GOOD) + "\r\nEND OF FILE", tmp_path)
    assert len(rows) == 2 and reject.lines == 0
    assert read(text(GOOD) + "\r\n", tmp_path)[1] == []


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n"])
def test_a_line_end_inside_of_a_segment_is_refused(tmp_path: Path, sign: str) -> None:
    reject = refused(replaced("N3*1 STREET", f"N3*1{sign}STREET"), tmp_path)
    assert reject.found == "a line end inside of a segment"


@pytest.mark.parametrize("gap", [" ", "\t", "\x00"])
def test_anything_but_a_line_end_between_segments_is_refused(tmp_path: Path, gap: str) -> None:
    refused(text(GOOD).replace("~LX", f"~{gap}LX"), tmp_path)


def test_a_segment_in_small_letters_is_no_segment(tmp_path: Path) -> None:
    refused(replaced(SERVICE, SERVICE.lower()), tmp_path)


# ---------------------------------------------------------------------------- levels


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HL*1**20*1", "HL*2**20*1"),
        ("HL*1**20*1", "HL*1*2*20*1"),
        ("HL*1**20*1", "HL*1*1*20*1"),
        ("HL*1**20*1", "HL*1**22*1"),
        ("HL*1**20*1", "HL*1**20*0"),
        ("HL*2*1*22*0", "HL*2*2*22*0"),
        ("HL*2*1*22*0", "HL*2**22*0"),
        ("HL*2*1*22*0", "HL*2*1*23*0"),
        ("HL*2*1*22*0", "HL*2*1*24*0"),
        ("HL*2*1*22*0", "HL*02*1*22*0"),
        ("HL*2*1*22*0", "HL*3*1*22*0"),
        ("HL*2*1*22*0", "HL"),
    ],
)
def test_levels_count_up_and_hang_on_the_open_one_above(tmp_path: Path, old: str, new: str) -> None:
    assert refused(replaced(old, new), tmp_path).found.startswith("HL")


def test_a_dependent_hangs_on_the_subscriber_before_it(tmp_path: Path) -> None:
    for wrong in ("HL*3*1*23*0", "HL*3*3*23*0", "HL*3**23*0"):
        levels = [*HEADER, *PROVIDER, *WITH_DEPENDENT, wrong, *DEPENDENT[1:], *claim()]
        refused(text(interchange(group(transaction(levels)))), tmp_path)
    levels = [*HEADER, *PROVIDER, *SUBSCRIBER, *DEPENDENT, *claim()]
    refused(text(interchange(group(transaction(levels)))), tmp_path)


@pytest.mark.parametrize("missing", [PROVIDER[1], SUBSCRIBER[1], SUBSCRIBER[2], SUBSCRIBER[-1]])
def test_a_claim_needs_provider_subscriber_and_payer(tmp_path: Path, missing: str) -> None:
    levels = [each for each in body(claim()) if each != missing]
    refused(text(interchange(group(transaction(levels)))), tmp_path)


def test_a_dependents_claim_needs_the_dependent(tmp_path: Path) -> None:
    for missing in DEPENDENT[:3]:
        levels = [*HEADER, *PROVIDER, *WITH_DEPENDENT, *DEPENDENT, *claim()]
        levels.remove(missing)
        refused(text(interchange(group(transaction(levels)))), tmp_path)


# ---------------------------------------------------------------------------- what stands twice, or nowhere


@pytest.mark.parametrize(
    "broken",
    [
        [*claim("A")[:2]],
        claim("A", lines=[()]),
        claim("A", lines=[(DAY,)]),
        claim("A", lines=[(SERVICE, SERVICE, DAY)]),
        claim("A", lines=[(SERVICE, DAY, DAY)]),
        claim("A", lines=[(SERVICE, DAY, "HI*ABK:M542")]),
        claim("A", lines=[(SERVICE, DAY, "NM1*82*1*B", "REF*G1*AUTH")]),
        claim("A", lines=[(SERVICE, "NM1*82*1*B", DAY)]),
        claim("A", lines=[(SERVICE, DAY, "NM1*82*1*B", "NM1*82*1*C")]),
        claim("A", lines=[(SERVICE, "SVD*PAY9*5*HC:20561**1", DAY)]),
        claim("A", lines=[(SERVICE, DAY, "NM1*IL*1*SOMEBODY")]),
        claim("A", lines=[("SV1*20560*100*UN*1***1", DAY)]),
        claim("A", lines=[("SV1*:20560*100*UN*1***1", DAY)]),
        claim("A", lines=[("SV1**100*UN*1***1", DAY)]),
        claim("A", lines=[("SV2*0420*HC:20560*100*UN*1", DAY)]),
        claim("A", DAY),
        claim("A", "NM1*PR*2*PAYER"),
        claim("A", "SBR*S*18", DAY),
        claim("A", setting="11:B"),
        claim("A", setting="11:B:"),
        claim("A", setting="11"),
        claim("A", setting=""),
        claim("A", setting="11:B:1:1"),
        [*claim("A", lines=[(SERVICE, DAY)] * 2)[:-3], "LX*1", SERVICE, DAY],
        [*claim("A", lines=[(SERVICE, DAY)] * 2)[:-3], "LX*0", SERVICE, DAY],
        institutional("A"),
    ],
)
def test_a_segment_out_of_its_place_refuses_the_interchange(tmp_path: Path, broken: list[str]) -> None:
    refused(text(file_of(claim("FIRST"), broken)), tmp_path)


def test_an_institutional_statement_has_one_period(tmp_path: Path) -> None:
    refused(text(file_of(institutional("A", "DTP*434*D8*20240101"), guide=I)), tmp_path)


def test_a_line_number_that_is_none_goes_on_as_text(tmp_path: Path) -> None:
    for number in ("", "X", "1234567890", "-1"):
        [row], rejects = read(
            text([f"LX*{number}" if each == "LX*1" else each for each in file_of(claim("A"))]), tmp_path
        )
        assert rejects == [] and row.get("claim_line_number", "") == number


def test_line_rejects_of_a_refused_interchange_are_not_counted_twice(tmp_path: Path) -> None:
    bad = claim("A", lines=[("SV1*HC:20560**UN*1***1", DAY), (SERVICE, DAY)])
    rows, rejects = read(text([*file_of(bad, claim("B"))[:-1], "IEA*7*000000001"]), tmp_path)
    assert rows == []
    assert [(each.reject_key, each.lines) for each in rejects] == [("bad-amount", 1), ("envelope", 2)]


def test_a_segment_that_never_ends_does_not_fill_the_memory(tmp_path: Path) -> None:
    endless = text(GOOD)[:400] + "X" * (5 << 20)
    reject = refused(endless, tmp_path, block=1 << 16)
    assert "ends inside a segment" in reject.found or reject.lines >= 0
