"""Twenty libraries of good documents, as careful people write them, in which the linter finds nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from medpol.check import check_library
from medpol.cli.places import kind_of
from medpol.library import load
from medpol.text.format import format_source

CLEAN = Path(__file__).parent / "clean"
TODAY = {
    "bariatric": date(2023, 10, 1),
    "behavioral_health": date(2024, 4, 1),
    "cardiac_device": date(2022, 11, 1),
    "dental_sedation": date(2023, 3, 1),
    "durable_equipment": date(2023, 4, 1),
    "fertility": date(2023, 4, 1),
    "genetic_test": date(2023, 9, 1),
    "home_oxygen": date(2022, 6, 1),
    "imaging": date(2023, 6, 1),
    "infusion_drug": date(2022, 11, 1),
    "lab_frequency": date(2022, 9, 1),
    "ophthalmology": date(2024, 1, 15),
    "palliative": date(2024, 3, 1),
    "physical_therapy": date(2022, 4, 1),
    "reconstructive": date(2023, 7, 1),
    "sleep_apnea": date(2023, 2, 1),
    "step_therapy": date(2024, 3, 1),
    "telehealth": date(2023, 8, 1),
    "transplant": date(2022, 3, 1),
    "wound_care": date(2023, 8, 1),
}
"""A day on which each library is in use, its reviews not yet overdue."""
EVERY = pytest.mark.parametrize("name", sorted(TODAY))


def test_every_library_has_its_day() -> None:
    assert {each.name for each in CLEAN.iterdir()} == set(TODAY)
    assert len(TODAY) == 20


@EVERY
def test_nothing_is_found_in_a_careful_document(name: str) -> None:
    held = load(CLEAN / name)
    assert held.versions
    assert list(map(str, held.diagnostics)) == []
    assert list(map(str, check_library(held, TODAY[name]).found)) == []


@EVERY
def test_a_careful_document_is_in_order(name: str) -> None:
    held = load(CLEAN / name)
    for path, text in held.texts.items():
        kind = kind_of(path)
        assert kind is None or format_source(text, kind) == text, path
