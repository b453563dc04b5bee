"""``medpol.toml`` and ``adjustments.toml``: what they set, and each problem at its line."""

from __future__ import annotations

import time

import pytest
from tests.support import found, library

from medpol.library import AdjustmentRow, Library
from medpol.model.dates import EffectivePeriod, parse_day
from medpol.model.positions import CoveragePosition


def _set(text: str) -> Library:
    return library({"medpol.toml": text})


def _adjusted(text: str) -> Library:
    return library({"adjustments.toml": text})


def test_a_library_without_settings_owes_no_notice() -> None:
    assert library({}).settings.notice_days is None


def test_settings_are_read() -> None:
    held = _set(
        'notice_days = 60\nlines_of_business = ["Student Plan"]\ncontact = "the desk"\nappeal = "write to us"\n'
        '[code_systems.ZZ]\nshape = "ZZ[0-9]{4}"\n'
    )
    settings = held.settings
    assert held.diagnostics == ()
    assert (settings.notice_days, settings.lines) == (60, ("student_plan",))
    assert (settings.contact, settings.appeal) == ("the desk", "write to us")
    assert settings.systems.normalise("ZZ", "zz1234") == "ZZ1234"
    assert settings.systems.normalise("ZZ", "ZZ123") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# settings\nnotice_day = 90\n", "medpol.toml:2 unknown-key"),
        ("# notice_days, as agreed\n\nnotice_days = 'ninety'\n", "medpol.toml:3 bad-setting"),
        ("notice_days = true\n", "medpol.toml:1 bad-setting"),
        ("notice_days = -1\n", "medpol.toml:1 bad-setting"),
        ("contact = 'the appeal desk'\nappeal = 7\n", "medpol.toml:2 bad-setting"),
        ("\nlines_of_business = 'student'\n", "medpol.toml:2 bad-setting"),
        ("\n[code_systems.CPT]\nshape = '[0-9]{5}'\n", "medpol.toml:2 built-in-system"),
        ("\n\n[code_systems.ZZ]\nshape = '(a+)+'\n", "medpol.toml:3 bad-shape"),
        ("notice_days = 90\nnotice_days = 60\n", "medpol.toml:2 bad-toml"),
        ("evidence = 1\n", "medpol.toml:1 bad-setting"),
        ("\n[evidence]\ni2 = 50\n", "medpol.toml:2 bad-setting"),
        ("[evidence]\nparticipants = 0.5\n", "medpol.toml:2 bad-setting"),
        ("[evidence]\nhigh_risk_one_step = 0.8\n", "medpol.toml:1 bad-setting"),
        ("[evidence]\ni3 = 0.5\n", "medpol.toml:2 unknown-key"),
        ("notice_days = 90\nthis is no TOML\n", "medpol.toml:2 bad-toml"),
    ],
)
def test_a_problem_in_the_settings_stands_at_its_line(text: str, expected: str) -> None:
    assert found(_set(text)) == [expected]


def test_a_near_name_is_offered_for_an_unknown_setting() -> None:
    assert _set("notice_day = 90\n").errors[0].near == "notice_days"


def test_the_thresholds_of_suggested_certainty_are_settings_each_with_its_default() -> None:
    thresholds = _set("[evidence]\nparticipants = 300\ni2 = 0.6\n").settings.evidence
    assert (thresholds.participants, thresholds.i2) == (300, 0.6)
    assert (thresholds.high_risk_one_step, thresholds.high_risk_two_steps, thresholds.small_study_p) == (0.3, 0.7, 0.1)
    assert library({}).settings.evidence.participants == 400


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_change_no_setting(mark: str, end: str) -> None:
    held = _set(f"{mark}notice_days = 60{end}contact = 'desk'{end}")
    assert held.diagnostics == ()
    assert (held.settings.notice_days, held.settings.contact) == (60, "desk")


@pytest.mark.parametrize("text", ["a = " + "[" * 50_000, "a = " + "9" * 5_000, "[" + "a." * 100_000 + "a]", "x = 'a"])
def test_hostile_settings_end_in_one_diagnostic_soon(text: str) -> None:
    started = time.process_time()
    assert len(_set(text).errors) == 1
    assert time.process_time() - started < 1


ROW = '[[adjustment]]\nreason_key = "criteria-not-met"\ngroup = "CO"\ncarc = "50"\n'


def test_an_adjustment_is_read_with_its_last_day_inside() -> None:
    held = _adjusted(
        '[[adjustment]]\ncoverage_position = "investigational"\nline_of_business = "Medicare Advantage"\n'
        'from = 2024-01-01\nto = "2024-12-31"\ngroup = "contract"\ncarc = "55"\nrarc = ["N623"]\n'
    )
    period = EffectivePeriod(parse_day("2024-01-01"), parse_day("2025-01-01"))
    expected = AdjustmentRow(
        position=CoveragePosition.INVESTIGATIONAL,
        line_of_business="medicare_advantage",
        period=period,
        group="contract",
        carc="55",
        rarc=("N623",),
    )
    assert held.diagnostics == ()
    assert held.adjustments == (expected,)


def test_the_narrower_adjustment_stands_before_the_wider() -> None:
    held = _adjusted(ROW + "\n" + ROW.replace('"50"', '"55"') + 'state = "WA"\nline_of_business = "commercial"\n')
    assert [row.carc for row in held.adjustments] == ["55", "50"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (ROW + 'positon = "x"\n', "unknown-key"),
        (ROW + 'coverage_position = "investigational"\n', "bad-setting"),
        (ROW.replace("criteria-not-met", "criteria-missing"), "unknown-reason"),
        ('[[adjustment]]\ncoverage_position = "unlikely"\n', "unknown-position"),
        (ROW.replace('"50"', "50"), "bad-setting"),
        (ROW.replace('"50"', '"fifty"'), "bad-setting"),
        (ROW + 'rarc = ["130"]\n', "bad-setting"),
        (ROW + 'from = "2024-02-30"\n', "bad-date"),
    ],
)
def test_a_problem_in_an_adjustment_stands_at_its_table(text: str, rule: str) -> None:
    assert found(_adjusted("# first\n" + ROW + "\n" + text)) == [f"adjustments.toml:7 {rule}"]
    assert len(_adjusted(ROW + text).adjustments) == 1


def test_one_bad_adjustment_hides_no_other() -> None:
    bad = ROW.replace('"50"', "50")
    assert found(_adjusted(bad + ROW + bad)) == ["adjustments.toml:1 bad-setting", "adjustments.toml:9 bad-setting"]


def test_another_table_is_unknown() -> None:
    assert found(_adjusted(ROW + "\n[[adjustments]]\n")) == ["adjustments.toml:6 unknown-key"]
