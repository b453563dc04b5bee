"""The two 837 readers, held together: on files that are valid for both they give the same rows, position and all.

Where they differ, a test names the difference and says which is right and why.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.claims.x12.documents import (
    DEPENDENT,
    HEADER,
    PROVIDER,
    SUBSCRIBER,
    I,
    P,
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
from tests.claims.x12.rows import as_x12sdk_needs, files
from x12sdk.generate import generate_837i, generate_837p

from medpol.claims.x12.strict import read_837_strict
from medpol.claims.x12.writing import Sending, write_837

SERVICE, DAY = "SV1*HC:20560*100.00*UN*1***1", "DTP*472*D8*20240105"
BALANCED = {"charge": "200.00"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("both")


@pytest.mark.parametrize("generate", [generate_837p, generate_837i])
def test_what_x12sdk_generates_is_read_alike(tmp_path: Path, generate: Callable[..., str]) -> None:
    whole = generate(seed=11, claims=40, dependent_rate=0.5)
    ours, strict = read(whole, tmp_path), read(whole, tmp_path, read_837_strict)
    assert ours == strict
    assert len({row["claim_id"] for row in ours[0]}) == 40 and ours[1] == []


@settings(max_examples=30, deadline=None)
@given(file=files())
def test_what_we_write_is_read_alike(folder: Path, file: tuple[str, Any, Sending]) -> None:
    kind, rows, sending = file
    content = io.BytesIO()
    write_837([as_x12sdk_needs(kind, row) for row in rows], kind, content, sending)
    ours, strict = read(content.getvalue(), folder), read(content.getvalue(), folder, read_837_strict)
    assert strict[1] == []
    assert ours == strict and len(ours[0]) == len(rows)


def test_the_subscribers_own_claims_and_a_dependents_are_kept_apart_by_both(tmp_path: Path) -> None:
    # Left alone, x12sdk hangs LAST on the dependent: it reads HL04 as "the patient is below", whoever the CLM is of.
    own = ["HL*4*1*22*1", *SUBSCRIBER[1:], *claim("LAST")]
    levels = [*HEADER, *PROVIDER, "HL*2*1*22*1", *SUBSCRIBER[1:], *claim("OWN"), *DEPENDENT, *claim("CHILD"), *own]
    whole = text(interchange(group(transaction(levels))))
    ours, strict = read(whole, tmp_path), read(whole, tmp_path, read_837_strict)
    assert ours == strict
    assert [(row["claim_id"], row.get("member_id")) for row in ours[0]] == [
        ("OWN", "M1"),
        ("CHILD", None),
        ("LAST", "M1"),
    ]


def test_batches_and_blocks_change_nothing(tmp_path: Path) -> None:
    whole = text(file_of(*(claim(f"C{at}", lines=[(SERVICE, DAY)] * 2, **BALANCED) for at in range(9))))
    assert read(whole, tmp_path, read_837_strict, batch=4, block=100, temporary=tmp_path) == read(whole, tmp_path)


# ---------------------------------------------------------------------------- both refuse


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("IEA*1*", "IEA*2*"),
        ("IEA*1*000000001", "IEA*1*000000009"),
        ("GE*1*1", "GE*2*1"),
        ("GE*1*1", "GE*1*2"),
        ("SE*23*", "SE*22*"),
        ("SE*23*0001", "SE*23*0002"),
        ("SE*23*", "SE*X*"),
        ("005010X222A1", "005010X224A1"),
        ("*00501*", "*00401*"),
        ("ST*837", "ST*835"),
        ("LX*1~", "lx*1~"),
        ("LX*1~", "LX*1~\n \n"),
        ("LX*1~", "XX*1~"),
        ("HL*2*1*22", "HL*2*2*22"),
        ("HL*2*1*22", "HL*2*1*23"),
        ("HL*2*1*22", "HL*1*1*22"),
        ("CLM*C1*100.00", "CLM*C1*1e2"),
        ("HC:20560*100.00", "HC:20560*1e2"),
        ("HC:20560*100.00", "HC:20560*1_00"),
        ("HC:20560", "20560"),
        ("11:B:1", "11:B"),
        ("11:B:1", "11"),
    ],
)
def test_what_both_refuse(tmp_path: Path, old: str, new: str) -> None:
    whole = text(file_of(claim()))
    assert whole.count(old) >= 1
    broken = whole.replace(old, new)
    assert refused(broken, tmp_path, reader=read_837_strict).lines == (0 if "lx" in new or "XX" in new else 1)
    rows, rejects = read(broken, tmp_path)
    # A number is text to our reader, and its shape is asked where that of all cells is.
    assert rejects or [row["charge_amount"] for row in rows] in (["1e2"], ["1_00"])


def test_both_refuse_a_file_that_is_cut(tmp_path: Path) -> None:
    whole = text(file_of(claim()))
    for at in range(1, len(whole), 29):
        ours, strict = refused(whole[:at], tmp_path), refused(whole[:at], tmp_path, reader=read_837_strict)
        assert (ours.lines, ours.interchange) == (strict.lines, strict.interchange)


def test_both_read_the_interchange_after_one_that_is_refused(tmp_path: Path) -> None:
    good = text(file_of(claim()))
    whole = good.replace("GE*1*1", "GE*9*1") + good + good[:-3] + good + "X" + good
    ours, strict = read(whole, tmp_path), read(whole, tmp_path, read_837_strict)
    assert ours[0] == strict[0]
    assert [each.lines for each in ours[1]] == [each.lines for each in strict[1]]


# ---------------------------------------------------------------------------- where they differ


@pytest.mark.parametrize(
    ("segments", "why"),
    [
        # The guides number lines and levels by one; a number that repeats is a line or level that moved. Ours is right.
        (file_of(claim("C1", lines=[(SERVICE, DAY)] * 2, **BALANCED)), "LX 1 after LX 1"),
        (file_of(claim()), "HL 7"),
    ],
)
def test_ours_refuses_numbers_that_do_not_count_up(tmp_path: Path, segments: list[str], why: str) -> None:
    changed = {"LX*2": "LX*1"} if why.startswith("LX") else {"HL*2*1*22*0": "HL*7*1*22*0"}
    whole = text([changed.get(each, each) for each in segments])
    assert refused(whole, tmp_path).found.startswith(why)
    assert read(whole, tmp_path, read_837_strict)[0]


@pytest.mark.parametrize(
    "segments",
    [
        # Ours rejects the line and keeps the rest; strict refuses the interchange. Both publish nothing that is wrong.
        file_of(claim("C1", lines=[("SV1*HC:20560**UN*1***1", DAY)]), claim("C2")),
        file_of(claim("C1", lines=[(SERVICE, "DTP*472*D8*2024")]), claim("C2")),
        file_of(claim("C1", hi="HI*ABK:M791" + "*ABF:M542" * 12), claim("C2")),
        file_of(claim("C1", charge=""), claim("C2")),
        file_of(
            claim("C1", lines=[(SERVICE, DAY, "LIN**N4*1", "CTP****1*UN", "LIN**N4*2", "CTP****1*UN")]), claim("C2")
        ),
    ],
)
def test_ours_rejects_a_line_where_strict_refuses_the_interchange(tmp_path: Path, segments: list[str]) -> None:
    rows, [reject] = read(text(segments), tmp_path)
    assert [row["claim_id"] for row in rows] == ["C2"] and reject.claim_id == "C1"
    assert refused(text(segments), tmp_path, reader=read_837_strict).lines == 2


@pytest.mark.parametrize(
    "segments",
    [
        # Only strict asks whether the charges add up, and holds lists of code values; no column of ours needs them.
        file_of(claim("C1", charge="90.00")),
        file_of(claim("C1", lines=[("SV1*HC:20560*100.00*XX*1***1", DAY)])),
        file_of(claim("C1", "DTP*999*D8*20240101")),
        # A day that no calendar has: ours passes the text on to where all dates are checked.
        file_of(claim("C1", lines=[(SERVICE, "DTP*472*D8*20240231")])),
    ],
)
def test_strict_refuses_more(tmp_path: Path, segments: list[str]) -> None:
    assert len(read(text(segments), tmp_path)[0]) == 1
    refused(text(segments), tmp_path, reader=read_837_strict)


@pytest.mark.parametrize(
    "lines",
    [
        # The institutional guide allows a range of days, and 999 lines. Ours is right.
        [("SV2*0420*HC:97110*100.00*UN*2", "DTP*472*RD8*20240105-20240106")],
        [("SV2*0420*HC:97110*1.00*UN*2",)] * 60,
    ],
)
def test_x12sdk_refuses_what_the_institutional_guide_allows(tmp_path: Path, lines: list[tuple[str, ...]]) -> None:
    charge = "100.00" if len(lines) == 1 else "60.00"
    whole = text(file_of(institutional("C1", lines=lines, charge=charge), guide=I))
    assert len(read(whole, tmp_path)[0]) == len(lines)
    refused(whole, tmp_path, reader=read_837_strict)


def test_a_refusal_tells_the_place_and_no_values(tmp_path: Path) -> None:
    broken = text(file_of(claim("C1", lines=[("SV1*HC:20560*100.00*XX*1***1", DAY)]), guide=P))
    reject = refused(broken, tmp_path, reader=read_837_strict)
    assert "sv1_segment.unit_basis_measurement_code" in reject.found and "XX" not in reject.found
