"""Rules of other packages: found by their entry point, run as ours are; what is wrong with one is said of its package."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from tests.cli.running import run
from tests.support import library, policy, put

from medpol.check import GROUP, NotARule, RuleFailed, check_library, rules

MODULE = "printed_rules"
BEGINNING = '''"""A rule of a package."""

from medpol.check import Finding, Subject, rule
from medpol.model.diagnostic import Severity


@rule(Subject.WORDING, Severity.NOTE)
def printed_long_ago(holdings, today):
    """A title was printed more than a year ago."""
'''
PRINTED = """    for version in holdings.versions:
        day = version.first_day
        if today is not None and (today - day).days > 365:
            yield Finding(version.place("title"), f"printed {day}", "a newer print", "print it again")
"""
PACKAGE = f"the entry point anything = {MODULE}:printed_long_ago in {GROUP} of the package printed-rules 1.2"
EX_1 = {"EX-1/2024-05-01.md": policy()}

Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Lay a package down as an installer does: its module, and beside it what is told of the distribution."""

    def laid_down(module: str) -> None:
        put(
            tmp_path,
            {
                f"{MODULE}.py": module.encode(),
                "printed_rules-1.2.dist-info/METADATA": b"Metadata-Version: 2.1\nName: printed-rules\nVersion: 1.2\n",
                "printed_rules-1.2.dist-info/entry_points.txt": f"[{GROUP}]\nanything = {MODULE}:printed_long_ago\n".encode(),
            },
        )
        monkeypatch.syspath_prepend(tmp_path)

    yield laid_down
    sys.modules.pop(MODULE, None)


def test_a_rule_of_another_package_is_run_with_the_day_it_is_given(install: Install) -> None:
    install(BEGINNING + PRINTED)
    assert "printed-long-ago" in rules()
    held = library(EX_1)
    assert check_library(held).found == ()
    assert check_library(held, date(2025, 5, 1)).found == ()
    assert [each.rule for each in check_library(held, date(2025, 5, 2)).found] == ["printed-long-ago"]
    assert check_library(held, date(2025, 5, 2), only=["notice-too-short"]).found == ()


def test_what_is_no_rule_is_refused_by_name(install: Install) -> None:
    install("printed_long_ago = 7\n")
    with pytest.raises(NotARule) as refused:
        rules()
    assert str(refused.value) == f"{PACKAGE} is no rule: decorate its function with medpol.check.rule"


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        ("import no_such_module_of_rules\n", "ModuleNotFoundError: No module named 'no_such_module_of_rules'"),
        ("raise OSError('no licence')\n", "OSError: no licence"),
        ("", f"AttributeError: module '{MODULE}' has no attribute 'printed_long_ago'"),
    ],
)
def test_a_rule_that_cannot_be_loaded_is_refused_with_its_package(install: Install, module: str, problem: str) -> None:
    install(module)
    with pytest.raises(NotARule) as refused:
        rules()
    assert str(refused.value) == f"{PACKAGE} cannot be loaded ({problem}): mend the package, or uninstall it"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("    return 1 / 0\n", "broke off (ZeroDivisionError: division by zero)"),
        ("    yield from ()\n    raise KeyError\n", "broke off (KeyError)"),
        ("    return ['printed']\n", "gave back a value of type str, and not a Finding"),
    ],
)
def test_a_rule_that_breaks_off_stops_the_check_and_names_its_package(
    install: Install, tmp_path: Path, body: str, problem: str
) -> None:
    install(BEGINNING + body)
    with pytest.raises(RuleFailed) as failed:
        check_library(library(EX_1))
    said = str(failed.value)
    assert said.startswith(f"the rule printed-long-ago {problem}: it is {PACKAGE}; mend the package")
    ran = run("check", put(tmp_path / "held", {name: text.encode() for name, text in EX_1.items()}))
    assert (ran.code, ran.text) == (4, "")
    assert "printed-rules 1.2" in " ".join(ran.talk.split())
    assert "this is a bug" not in ran.talk


def test_a_rule_that_is_not_asked_stops_nothing(install: Install) -> None:
    install(f"{BEGINNING}    return 1 / 0\n")
    assert check_library(library(EX_1), only=["notice-too-short"]).found == ()


def test_ours_are_there_without_being_installed() -> None:
    assert "qualifier-not-read" in rules()
    assert "notice-too-short" in rules()
