"""Codes are text: shapes, spellings, and matching by exact code or prefix."""

from __future__ import annotations

import pytest

from medpol.model.codes import (
    CodePattern,
    CodeSystems,
    by_group,
    diagnosis_pattern,
    is_range,
    pattern_shown,
    shown,
)

SYSTEMS = CodeSystems((("plan code", r"X[0-9]{3}"),))


@pytest.mark.parametrize(
    ("system", "text", "code"),
    [
        ("CPT", "20560", "20560"),
        ("CPT", " 0042t ", "0042T"),
        ("CPT", "020560", None),
        ("CPT", "2O560", None),
        ("CPT", "２０５６０", None),
        ("HCPCS", "j0585", "J0585"),
        ("HCPCS", "20560", None),
        ("CDT", "D0120", "D0120"),
        ("ICD-10-CM", "M79.18", "M7918"),
        ("ICD-10-CM", "m7918", "M7918"),
        ("ICD-10-CM", "M79", "M79"),
        ("ICD-10-CM", "M7.918", None),
        ("ICD-10-CM", "M79-18", None),
        ("ICD-9-CM", "729.1", "7291"),
        ("ICD-9-CM", "V58.69", "V5869"),
        ("ICD-10-PCS", "3E0U3BZ", "3E0U3BZ"),
        ("ICD-10-PCS", "3E0O3BZ", None),
        ("NDC", "0023-1145-01", "00023114501"),
        ("NDC", "00023114501", "00023114501"),
        ("NDC", "23-1145-01", None),
        ("revenue", "0421", "0421"),
        ("plan code", "x123", "X123"),
        ("plan code", "X12", None),
        ("therapy", "  Beta  Blocker ", "beta blocker"),
        ("therapy", "  ", None),
    ],
)
def test_a_code_is_normalised_where_its_shape_fits(system: str, text: str, code: str | None) -> None:
    assert SYSTEMS.normalise(system, text) == code


def test_a_system_is_found_however_it_is_spelled() -> None:
    assert [SYSTEMS.canonical(name) for name in ("cpt", "icd 10 cm", "ICD_10-CM", "HCPCS II", "Plan Code", "CTP")] == [
        "CPT",
        "ICD-10-CM",
        "ICD-10-CM",
        "HCPCS",
        "plan code",
        None,
    ]


def test_the_systems_a_code_fits() -> None:
    assert SYSTEMS.systems_of("J0585") == ("HCPCS", "ICD-10-CM")
    assert SYSTEMS.systems_of("X123") == ("ICD-10-CM", "plan code")


@pytest.mark.parametrize(
    ("cell", "pattern"),
    [
        ("M79.18", CodePattern("M7918")),
        ("M79.1x", CodePattern("M791", True)),
        ("M79.xx", CodePattern("M79", True)),
        ("M79.*", CodePattern("M79", True)),
        ("M79*", CodePattern("M79", True)),
        ("M*", None),
        ("x", None),
        ("M79.1-M79.3", None),
    ],
)
def test_a_diagnosis_cell_is_a_code_or_a_prefix(cell: str, pattern: CodePattern | None) -> None:
    assert diagnosis_pattern(SYSTEMS, "ICD-10-CM", cell) == pattern


def test_a_prefix_matches_what_begins_with_it_and_a_code_itself_alone() -> None:
    assert CodePattern("M791", True).matches("M7918")
    assert CodePattern("M791", True).matches("M791")
    assert not CodePattern("M791", True).matches("M792")
    assert CodePattern("20560").matches("20560")
    assert not CodePattern("20560").matches("205601")


def test_what_is_shown_reads_back() -> None:
    assert shown("ICD-10-CM", "M7918") == "M79.18"
    assert shown("CPT", "20560") == "20560"
    for cell in ("M79.18", "M79.1*", "M79*"):
        pattern = diagnosis_pattern(SYSTEMS, "ICD-10-CM", cell)
        assert pattern is not None
        assert diagnosis_pattern(SYSTEMS, "ICD-10-CM", pattern_shown("ICD-10-CM", pattern)) == pattern


@pytest.mark.parametrize("cell", ["20560-20561", "M00 to M99", "M00–M99", "97810 thru 97814"])
def test_ranges_are_known_as_such(cell: str) -> None:
    assert is_range(cell)


def test_the_groups_that_hold_a_code_come_in_their_order() -> None:
    groups = {"b": (CodePattern("M79", True),), "a": (CodePattern("M7918"),), "c": (CodePattern("G43", True),)}
    assert by_group(groups, "M7918") == ("b", "a")
