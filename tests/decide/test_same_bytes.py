"""Same library and same case, same bytes: whatever the hash seed, time zone, locale, order of files and line ends.

And the clock: it fills `known_on` where a case leaves it out, and nothing else.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.support import EXAMPLES, ROOT, files_of, put

import medpol

SEEDS = ("0", "1", "42", "4294967295")
ZONES = ("UTC", "Pacific/Kiritimati", "America/Los_Angeles")
LOCALES = ("tr_TR.UTF-8", "de_DE.UTF-8")  # other letters for i and I; another decimal sign and other month names

_TREATED = {"The injections are part of a written treatment plan": True}
_EXAMINED = {
    "exam.taut_band": True,
    "exam.tender_spot": "yes",
    "conservative_therapy.duration": "1.5 months",
    "conservative_therapy.outcome": "failed",
}
_LATER = [
    {"code": "20552", "date": "2024-06-03", "facts": {"pain_relief": "49.5 %"}},
    {"group": "injection", "date": "2024-04-01"},
]
SHIPPED_CASES: list[dict[str, Any]] = [
    {"code": "20560", "date_of_service": "2024-07-01", "line_of_business": "commercial"},
    {"code": "20560", "date_of_service": "2019-12-31", "line_of_business": "COMMERCIAL"},
    {"code": "20561", "date_of_service": "2020-02-29", "line_of_business": "individual", "units": 2},
    {"code": "20560", "date_of_service": "2022-01-01", "line_of_business": "commercial"},
    {"code": "20560", "date_of_service": "2023-12-06", "line_of_business": "commercial"},
    {"code": "20560", "date_of_service": "2023-12-07", "known_on": "2023-08-31", "line_of_business": "medicaid"},
    {"code": "20560", "date_of_service": "2024-07-01"},
    {"code": "20560", "date_of_service": "2024-07-01", "line_of_business": "medicare advantage"},
    {"code": "20562", "date_of_service": "2024-07-01", "line_of_business": "commercial"},
    {"code": "2056", "date_of_service": "2024-07-01", "line_of_business": "commercial"},
    {"service": "Trigger Point Injection", "date_of_service": "2019-06-01", "line_of_business": "commercial"},
    {"code": "20560", "date_of_service": "2024-07-01", "contract": "example-rider-needling", "line_of_business": "commercial"},
    {"code": "20560", "date_of_service": "2024-07-01", "contract": "example-excludes-investigational", "line_of_business": "individual"},
    {"code": "97810", "date_of_service": "2024-07-01", "contract": "example-acupuncture-only", "line_of_business": "commercial"},
    {"code": "20560", "date_of_service": "2024-07-01", "plan": "example-commercial-rider", "diagnoses": ["M79.18", "m54.2"]},
]  # fmt: skip
_AN_INJECTION = {
    "code": "20552",
    "date_of_service": "2024-06-03",
    "line_of_business": "commercial",
    "diagnoses": ["M79.18"],
}
EXAMPLE_CASES: list[dict[str, Any]] = [
    {**_AN_INJECTION, "facts": _EXAMINED, "answers": _TREATED, "history_complete_from": "birth"},
    {**_AN_INJECTION, "facts": _EXAMINED, "answers": _TREATED},
    {**_AN_INJECTION, "facts": _EXAMINED},
    {**_AN_INJECTION, "assumed": _EXAMINED, "answers": _TREATED, "history_complete_from": "birth"},
    {**_AN_INJECTION, "facts": {"exam.taut_band": False}, "history_complete_from": "2023-06-04"},
    {**_AN_INJECTION, "diagnoses": ["M54.2", "not a code"]},
    {**_AN_INJECTION, "date_of_service": "2024-07-15", "history": _LATER, "history_complete_from": "birth"},
    {**_AN_INJECTION, "date_of_service": "2024-07-15", "history": _LATER, "records_complete": ["override"]},
    {**_AN_INJECTION, "date_of_service": "2024-07-15", "facts": {"override.medical_director": True}},
    {"code": "76942", "date_of_service": "2024-06-03", "line_of_business": "commercial"},
    {"code": "76942", "date_of_service": "2024-06-03", "plan": "example-guidance-rider"},
    {"code": "20553", "date_of_service": "2024-06-03", "plan": "example-insured", "state": "VT"},
    {"code": "20553", "date_of_service": "2024-06-03", "plan": "example-insured"},
    {"code": "EX-TPI", "code_system": "local", "date_of_service": "2025-07-01", "line_of_business": "commercial"},
    {"service": "injection", "date_of_service": "2024-03-01", "line_of_business": "commercial"},
]

# Answers every case of every library in its time zone, and ends each set of answers with an empty line. The locale is that
# of the environment, from before the first import, as in a program that asks for it.
_ANSWER = """
import locale, json, os, sys, time
locale.setlocale(locale.LC_ALL, "")
import medpol
for zone, libraries in json.load(sys.stdin):
    os.environ["TZ"] = zone
    time.tzset()
    for folder, cases in libraries:
        plan = medpol.load(folder)
        print(plan.plan.plan_hash)
        for case in cases:
            print(medpol.encode_answer(medpol.determine(plan, case)).decode("utf-8"))
    print()
"""


def _copies(tmp_path: Path, name: str, source: Path) -> list[Path]:
    """The library as it is, and with its files made in other orders, in Windows line ends, and with a byte order mark."""
    files = files_of(source)
    names = sorted(files)
    shuffled = random.Random(7).sample(names, len(names))
    crlf = {path: data.replace(b"\n", b"\r\n") for path, data in files.items()}
    return [
        put(tmp_path / name / "reversed", {path: files[path] for path in reversed(names)}),
        put(tmp_path / name / "shuffled", {path: files[path] for path in shuffled}),
        put(tmp_path / name / "crlf", crlf),
        put(tmp_path / name / "marked", {path: b"\xef\xbb\xbf" + data for path, data in crlf.items()}),
    ]


def _answers(asked: object, **environment: str) -> list[bytes]:
    """What one process says to ``[[zone, [[folder, cases], ...]], ...]``, zone by zone."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", _ANSWER],
        input=json.dumps(asked).encode(),
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.split(b"\n\n")[:-1]


def _has_locale(name: str) -> bool:
    script = "import locale; locale.setlocale(locale.LC_ALL, '')"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "LC_ALL": name}, capture_output=True, check=False
    )
    return done.returncode == 0


def test_hash_seed_time_zone_locale_file_order_and_line_ends_change_no_byte(tmp_path: Path) -> None:
    missing = [name for name in LOCALES if not _has_locale(name)]
    if missing:
        pytest.skip(f"locale not installed: {', '.join(missing)}")
    shipped, examples = _copies(tmp_path, "shipped", medpol.SHIPPED), _copies(tmp_path, "examples", EXAMPLES)
    forms = [
        [(str(one), SHIPPED_CASES), (str(other), EXAMPLE_CASES)] for one, other in zip(shipped, examples, strict=True)
    ]

    def told(surroundings: tuple[int, int]) -> list[bytes]:
        seed, name = surroundings  # each form of the files meets each seed, each zone and each locale
        asked = [(zone, forms[(seed + at + name) % len(forms)]) for at, zone in enumerate(ZONES)]
        return _answers(asked, PYTHONHASHSEED=SEEDS[seed], LC_ALL=LOCALES[name])

    plain = [(str(medpol.SHIPPED), SHIPPED_CASES), (str(EXAMPLES), EXAMPLE_CASES)]
    (expected,) = _answers([("UTC", plain)], PYTHONHASHSEED="0", LC_ALL="C")
    assert expected.count(b"\n") + 1 == 2 + len(SHIPPED_CASES) + len(EXAMPLE_CASES)
    everywhere = list(product(range(len(SEEDS)), range(len(LOCALES))))
    with ThreadPoolExecutor(4) as pool:
        for surroundings, each in zip(everywhere, pool.map(told, everywhere), strict=True):
            assert each == [expected] * len(ZONES), surroundings


def test_a_month_is_read_in_english_whatever_the_locale_of_the_program() -> None:
    if not _has_locale("de_DE.UTF-8"):
        pytest.skip("locale not installed: de_DE.UTF-8")
    script = (
        "import locale; locale.setlocale(locale.LC_ALL, ''); from medpol.model.dates import stated_month as month; "
    )
    done = subprocess.run(
        [sys.executable, "-c", script + "print(month('May 2024'), month('Dec 2024'))"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "LC_ALL": "de_DE.UTF-8"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == "(2024, 5) (2024, 12)"


@pytest.mark.parametrize("source", [medpol.SHIPPED, EXAMPLES], ids=["shipped", "examples"])
def test_line_ends_and_byte_order_marks_leave_every_content_hash(tmp_path: Path, source: Path) -> None:
    original = medpol.read(source)
    for folder in _copies(tmp_path, "copy", source):
        assert medpol.read(folder).errors == ()
        assert medpol.read(folder).files == original.files


def test_the_cases_reach_every_outcome_but_one() -> None:
    plans = ((medpol.load(), SHIPPED_CASES), (medpol.load(EXAMPLES), EXAMPLE_CASES))
    reached = {medpol.determine(plan, case).outcome.value for plan, cases in plans for case in cases}
    assert reached == {"covered", "not_covered", "information_needed", "not_addressed"}


# ---------------------------------------------------------------------------- the clock

# Python imports `sitecustomize` before anything else, so a process started with this one lives in another year.
_ANOTHER_YEAR = """
import datetime
_date, _datetime, _offset = datetime.date, datetime.datetime, datetime.timedelta(days={days})

class _Kind(type):
    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1])

class date(_date, metaclass=_Kind):
    @classmethod
    def today(cls):
        return _date.today() + _offset

class moment(_datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz=None):
        return _datetime.now(tz) + _offset
    @classmethod
    def today(cls):
        return _datetime.now() + _offset

datetime.date, datetime.datetime = date, moment
"""
TEN_YEARS = 3653


def _in_another_year(folder: Path, days: int) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs `python -m medpol` with the clock moved by that many days."""
    put(folder, {"sitecustomize.py": _ANOTHER_YEAR.format(days=days).encode()})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT / "src")))}

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "medpol", *arguments], env=environment, capture_output=True, check=False
        )

    return run


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {key for key in {*one, *other} if one.get(key) != other.get(key)}


CLOCK_CASES = (
    ("--code", "20560", "--date-of-service", "2024-08-02", "--line-of-business", "commercial"),
    ("--code", "20560", "--date-of-service", "2024-08-02"),
    ("--code", "20560", "--date-of-service", "2023-12-06", "--line-of-business", "commercial"),
    ("--code", "20562", "--date-of-service", "2024-08-02", "--contract", "example-rider-needling"),
)


@pytest.mark.parametrize("case", CLOCK_CASES, ids=" ".join)
def test_ten_years_on_only_known_on_and_the_id_differ(tmp_path: Path, case: tuple[str, ...]) -> None:
    now = _in_another_year(tmp_path / "now", 0)("decide", *case, "--format", "json")
    later = _in_another_year(tmp_path / "later", TEN_YEARS)("decide", *case, "--format", "json")
    assert (now.returncode, later.returncode) == (0, 0), (now.stderr + later.stderr).decode()
    one, other = json.loads(now.stdout), json.loads(later.stdout)
    assert int(other["known_on"][:4]) - int(one["known_on"][:4]) == 10, "the clock was moved"
    expected = {"known_on", "determination_id"}
    assert _differing(one, other) == expected


def test_with_known_on_given_the_clock_changes_no_byte(tmp_path: Path) -> None:
    case = (*CLOCK_CASES[0], "--known-on", "2024-08-02", "--format", "json")
    told = {_in_another_year(tmp_path / str(days), days)("decide", *case).stdout for days in (0, TEN_YEARS, -TEN_YEARS)}
    assert len(told) == 1


@pytest.mark.parametrize("year", [2019, 2039])
def test_worked_cases_pass_in_any_year(tmp_path: Path, year: int) -> None:
    days = (date(year, 6, 15) - date.today()).days
    run = _in_another_year(tmp_path / "clock", days)
    for library in (medpol.SHIPPED, EXAMPLES):
        done = run("test", str(library))
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
