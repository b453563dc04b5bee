"""``medpol check``: what a person sees first, one rule, pages, and the reports for other programs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.running import NEWEST, copied, edited, run
from tests.support import policy, put

from medpol.check import RULES

NARROWED = "Needling for tension headache is **investigational**."
ALLOWED = "# medpol: allow qualifier-not-read because the code is used for nothing else"


def folder(tmp_path: Path, **files: str) -> Path:
    return put(tmp_path, {f"{name}/2024-05-01.md": text.encode() for name, text in files.items()})


def narrowed(tmp_path: Path, count: int) -> Path:
    """So many policies with one finding each."""
    names = [f"EX{number}" for number in range(count)]
    codes = [f"| needling | local | N{number} | governed | | |" for number in range(count)]
    held = zip(names, codes, strict=True)
    return folder(tmp_path, **{name: policy(number=name, criteria=NARROWED, codes=row) for name, row in held})


def test_five_are_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    root = narrowed(tmp_path, 8)
    ran = run("check", root)
    assert ran.code == 0
    assert ran.text.count("warning [qualifier-not-read]") == 5
    assert "And 3 findings that weigh less (--all shows them):\n     3  qualifier-not-read" in ran.text
    assert ran.talk == "8 documents: 8 warnings\n"
    whole = run("check", root, "--all")
    assert whole.text.count("warning [qualifier-not-read]") == 8
    assert "weigh less" not in whole.text


def test_the_weightiest_come_first_and_no_error_is_only_counted(tmp_path: Path) -> None:
    root = narrowed(tmp_path, 6)
    for number in range(7):
        name = f"BAD{number}"
        head = "notice days: 120"
        codes = f"| needling | local | B{number} | governed | | |"
        put(root, {f"{name}/2024-05-01.md": policy(number=name, head=head, codes=codes).encode()})
    ran = run("check", root)
    assert ran.code == 1
    assert ran.text.count("error [notice-too-short]") == 7
    assert "warning [" not in ran.text
    assert "     6  qualifier-not-read" in ran.text


def test_many_findings_of_one_rule_in_one_file_are_told_together(tmp_path: Path) -> None:
    rules = "\n\n".join(
        f"### Needling {letter}\n\nServices: `needling`\n\nWhen: it is so `service.units = {number}`\n\nNeedling for headache is **investigational**."
        for number, letter in enumerate("abcde", 1)
    )
    ran = run("check", folder(tmp_path, EX1=policy(number="EX1", criteria=rules)), "--rule", "qualifier-not-read")
    assert ran.text.count("[qualifier-not-read]") == 1
    assert "and 4 more of this rule, at lines " in ran.text


def test_one_rule_is_asked_for_by_name(tmp_path: Path) -> None:
    root = narrowed(tmp_path, 2)
    assert run("check", root, "--rule", "notice-too-short").talk == "2 documents: clean\n"
    names = {each["rule"] for each in run("check", root, "--rule", "qualifier-not-read", "--format", "json").json}
    assert names == {"qualifier-not-read"}
    ran = run("check", root, "--rule", "qualifier-not-raed")
    assert ran.code == 3
    assert "did you mean qualifier-not-read?" in ran.talk


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_explains_itself(rule: object) -> None:
    name = getattr(rule, "name", "")
    ran = run("check", "--explain", name)
    assert ran.code == 0
    assert ran.text.startswith(f"{name}  ")
    assert f"medpol: allow {name} because" in ran.text
    assert "``" not in ran.text


def test_all_rules_are_listed_by_subject() -> None:
    ran = run("check", "--explain", "all", columns=120)
    assert all(f" {rule.name}  " in ran.text for rule in RULES)
    assert run("check", "--explain", "nothing-like-it").code == 3


def test_what_is_allowed_is_counted_and_shown_on_request(tmp_path: Path) -> None:
    root = folder(tmp_path, EX1=policy(number="EX1", criteria=NARROWED, head=ALLOWED))
    ran = run("check", root)
    assert (ran.code, ran.text) == (0, "1 finding allowed, with a reason (--all shows them)\n")
    assert "because the code is used for nothing else" in run("check", root, "--all").text


def test_sarif_holds_every_finding_its_rule_and_what_is_suppressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = edited(copied(tmp_path / "held here"), NEWEST, "title: Dry", "titel: Dry")
    put(root, {"EX1/2024-05-01.md": policy(number="EX1", criteria=NARROWED, head=ALLOWED).encode()})
    monkeypatch.chdir(tmp_path)
    log = run("check", root, "--format", "sarif").json
    found = run("check", root, "--format", "json").json
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (only,) = log["runs"]
    assert only["columnKind"] == "unicodeCodePoints"
    rules = [each["id"] for each in only["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert {rule.name for rule in RULES} <= set(rules)
    plain = [each for each in only["results"] if "suppressions" not in each]
    assert [(each["ruleId"], each["level"]) for each in plain] == [(each["rule"], each["severity"]) for each in found]
    for each in only["results"]:
        assert rules[each["ruleIndex"]] == each["ruleId"]
        (location,) = each["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"].startswith("held%20here/")
    (kept,) = [each for each in only["results"] if "suppressions" in each]
    assert kept["suppressions"] == [{"kind": "inSource", "justification": "the code is used for nothing else"}]


def test_a_runner_reads_one_command_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = narrowed(tmp_path / "a,b", 1)
    monkeypatch.chdir(tmp_path)
    (line,) = run("check", root, "--format", "github").text.splitlines()
    assert line.startswith("::warning file=a%2Cb/EX0/2024-05-01.md,line=12,col=10,title=qualifier-not-read::")
    assert "\n" not in line


def test_texts_that_were_replaced_weigh_least(tmp_path: Path) -> None:
    old = {
        f"EX1/200{number}-01-01.md": policy(f"200{number}-01-01", f"200{number}-01-01", number="EX1", criteria=NARROWED)
        for number in range(7)
    }
    new = {"EX1/2024-05-01.md": policy(number="EX1", criteria=NARROWED)}
    root = put(tmp_path, {path: text.encode() for path, text in (old | new).items()})
    ran = run("check", root, "--rule", "qualifier-not-read")
    assert ran.text.startswith("EX1/2024-05-01.md\n")
    assert "     3  qualifier-not-read, all in texts that were replaced" in ran.text
    held = run("check", root, "--rule", "qualifier-not-read", "--format", "json").json
    assert [each["file"] for each in held if not each["superseded"]] == ["EX1/2024-05-01.md"]


@pytest.mark.parametrize(
    ("name", "severity", "words"),
    [
        ("question-starts-with-digit", "warning", "A question that begins with a number."),
        ("draft-date", "warning", "A first day of which only the month is stated."),
        ("duplicate-key", "error", "A key twice."),
    ],
)
def test_what_reading_finds_is_explained_and_is_no_rule_to_choose(name: str, severity: str, words: str) -> None:
    ran = run("check", "--explain", name)
    assert ran.code == 0
    assert f"{name}  reading, {severity}" in ran.text
    assert words in ran.text
    chosen = run("check", "--rule", name)
    assert chosen.code == 4
    assert "found by reading" in " ".join(chosen.talk.split())
