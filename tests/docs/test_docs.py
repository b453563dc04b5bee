"""The pages say what the code does: examples run, and every name that the code knows is explained."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote

import pytest

from medpol.check.allow import BAD, UNUSED
from medpol.check.reading import READING
from medpol.library import read_library
from medpol.model.positions import REASON_KINDS, STANDARD_LABELS, CoveragePosition
from medpol.model.quantities import UNITS, Quantity, bounds, canonical_unit, shortest, unit_spellings
from medpol.text import reader, sources
from medpol.text.expressions import GRAMMAR, ExpressionProblem, parse_expression
from medpol.text.headings import HEADINGS, heading_key

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTATION = (ROOT / "docs/notation.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
PAGES = sorted(
    path
    for folder in (".", "docs", "docs/decisions", "docs/rules", "benchmarks", "demo", "fuzz", "examples")
    for path in (ROOT / folder).glob("*.md")
)


def fenced(text: str, info: str) -> list[str]:
    """The fenced blocks of one kind."""
    return [match[2] for match in re.finditer(rf"^(```+){info}\n(.*?)^\1$", text, re.DOTALL | re.MULTILINE)]


def names_in_code(text: str) -> set[str]:
    """What stands in single-line code spans."""
    return set(re.findall(r"`([^`\n]+)`", text))


# ---------------------------------------------------------------------------- README


def test_the_four_lines_of_python_run_and_print_what_the_readme_says() -> None:
    code = fenced(README, "python")[0]
    shown = fenced(README, "text")[0]
    assert README.startswith(f"# medpol\n\n```python\n{code}```\n\n```text\n{shown}```\n")
    assert len([line for line in code.split("\n") if line.strip()]) == 4
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})  # the point of the test
    assert printed.getvalue() == shown


def test_the_two_commands_stand_right_behind_the_first_lines() -> None:
    commands = fenced(README, "sh")[0]
    assert [line.split("#")[0].strip() for line in commands.splitlines()] == ["make demo", "make test"]


def test_the_answer_at_the_terminal_is_the_one_the_readme_shows() -> None:
    command, shown = fenced(README, "console")[0].split("\n", 1)
    program, *arguments = command.removeprefix("$ ").split()
    assert program == "medpol"
    done = subprocess.run(
        [sys.executable, "-c", "from medpol.cli import main; main()", *arguments],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={key: os.environ[key] for key in ("PATH", "PYTHONPATH") if key in os.environ} | {"PYTHONUTF8": "1"},
    )
    assert [line.rstrip() for line in done.stdout.strip("\n").split("\n")] == shown.rstrip("\n").split("\n")


# ---------------------------------------------------------------------------- the glossary


@pytest.mark.parametrize("key", REASON_KINDS)
def test_every_reason_key_is_in_the_glossary_with_its_kind(key: str) -> None:
    assert f"| `{key}` | {REASON_KINDS[key].value} |" in GLOSSARY


def test_the_causes_of_not_addressed_stand_in_the_order_in_which_they_are_preferred() -> None:
    causes = list(REASON_KINDS)[: list(REASON_KINDS).index("no-policy-names-code") + 1]
    places = [GLOSSARY.index(f"| `{key}` |") for key in causes]
    assert places == sorted(places)


@pytest.mark.parametrize("position", CoveragePosition)
def test_every_position_is_in_the_glossary(position: CoveragePosition) -> None:
    assert f"| `{position.value}` |" in GLOSSARY


# ---------------------------------------------------------------------------- the notation


def unit_table() -> str:
    """The units as docs/notation.md prints them; copy it there when a unit is added."""
    base = {}
    for unit in UNITS:
        one = Quantity(Decimal(1), unit)
        if bounds(one, one.dimension)[0] == 1:
            base.setdefault(one.dimension, unit)
    lines = ["| unit | dimension | one of it is | written also |", "|---|---|---|---|"]
    for unit in UNITS:
        one = Quantity(Decimal(1), unit)
        factor, against = bounds(one, one.dimension)[0], base.get(one.dimension, "")
        others = [f"`{each}`" for each in unit_spellings() if canonical_unit(each) == unit and each != unit]
        equal = "" if against == unit else f"{_shown(factor)} {against}".strip()
        lines.append(f"| `{unit}` | {one.dimension} | {equal} | {', '.join(others)} |")
    return re.sub(r"\|  (?=\|)", "| ", "\n".join(lines))


def _shown(factor: Fraction) -> str:
    finite = re.fullmatch(r"2*5*", "".join(map(str, _prime_factors(factor.denominator))))
    if not finite:
        return f"{factor.numerator}/{factor.denominator}"
    return shortest(Decimal(factor.numerator) / Decimal(factor.denominator))


def _prime_factors(number: int) -> Iterator[int]:
    for each in (2, 5):
        while number % each == 0:
            number //= each
            yield each
    if number > 1:
        yield number


def test_the_table_of_units_is_that_of_the_code() -> None:
    assert unit_table() in NOTATION, f"docs/notation.md, section 7, should hold\n\n{unit_table()}"


@pytest.mark.parametrize("key", sorted({*reader.HEAD_KEYS, *sources.HEAD_KEYS}))
def test_every_front_matter_key_is_in_the_notation(key: str) -> None:
    assert key in names_in_code("\n".join(line for line in NOTATION.split("\n") if line.startswith("| `")))


@pytest.mark.parametrize("label", STANDARD_LABELS)
def test_every_standard_label_is_in_the_notation(label: str) -> None:
    row = next(line for line in NOTATION.split("\n") if line.startswith(f"| `{STANDARD_LABELS[label].value}` |"))
    assert label.replace("unproven and", "unproven") in row or label in row or label.replace(", or", " or") in row


def test_every_section_alias_is_in_the_notation() -> None:
    table = NOTATION[NOTATION.index("## 3. Sections") : NOTATION.index("## 4. Criteria")]
    listed = set()
    for row in table.split("\n"):
        if row.startswith("| ") and not row.startswith("| section"):
            section, aliases, _ = row.strip("| ").split(" | ")
            for each in (section, *aliases.split(", ")):
                listed |= {heading_key(each.replace("(s)", "")), heading_key(each.replace("(s)", "s"))}
    assert set(HEADINGS) == listed


_RULE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_REPORTING = {
    "error",
    "warning",
    "note",
    "unknown_name",
    "_error",
    "_at",
    "_unknown",
    "ExpressionProblem",
    "Diagnostic",
}


def rules_reported(*rooms: str) -> set[str]:
    """The names of diagnostics: the words with hyphens that are handed to whatever makes a finding."""
    found: set[str] = set()
    for room in rooms:
        for path in sorted((ROOT / "src/medpol" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in _REPORTING:
                    for argument in node.args[:4]:
                        values = (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
                        found |= {
                            value.value
                            for value in values
                            if isinstance(value, ast.Constant)
                            and isinstance(value.value, str)
                            and _RULE.fullmatch(value.value)
                        }
    return found


def test_every_diagnostic_is_in_the_notation() -> None:
    reported = rules_reported("text", "library", "decide", "ingest") | {
        "duplicate-fact",
        "duplicate-field",
        BAD,
        UNUSED,
    }
    assert len(reported) > 150
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \|", NOTATION[NOTATION.index("## 22. Diagnostics") :], re.MULTILINE))
    assert reported - listed == set(), "give each a line in docs/notation.md, section 22"
    assert listed - reported == set(), "no such diagnostic"


def test_what_reading_finds_is_explained_in_the_words_of_the_notation() -> None:
    table = NOTATION[NOTATION.index("## 22. Diagnostics") :]
    assert list(READING.items()) == re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", table, re.MULTILINE)


def test_the_grammar_of_the_notation_has_the_words_and_names_of_the_one_that_runs() -> None:
    page = fenced(NOTATION, "ebnf")[0]
    for word in re.findall(r'"[^"\s]+"', re.sub(r"^[A-Z.0-9]+: /.*$", "", GRAMMAR, flags=re.MULTILINE)):
        assert word in page
    rules = re.findall(r"^[?]?([a-z]\w*):|^([A-Z]+)[.0-9]*:", GRAMMAR, re.MULTILINE)
    for name in (one or other for one, other in rules):
        if not name.startswith(("mixed_", "or_part")):
            assert re.search(rf"^{name.rstrip('_')}\s+=", page, re.MULTILINE), name


@pytest.mark.parametrize("text", [line for block in fenced(NOTATION, "expression") for line in block.splitlines()])
def test_every_expression_of_the_notation_parses(text: str) -> None:
    assert not isinstance(parse_expression(text), ExpressionProblem)


def test_the_whole_policy_of_the_notation_reads_without_a_finding() -> None:
    facts, policy = fenced(NOTATION, "markdown")[:2]
    library = read_library({"facts.md": facts.encode(), "EX-1.01.001/2024-05-01.md": policy.encode()})
    assert library.diagnostics == ()
    assert [rule.name for rule in library.versions[0].rules] == ["criteria"]


FACTS = """
| Fact | Type | Unit or choices |
|---|---|---|
| therapy.brace | yes/no | |
| therapy.exercise | yes/no | |
| therapy.duration | quantity | weeks |
| therapy.outcome | choice | failed, not_feasible, helped |
| visits | count | |

## Event fields

| Group | Field | Type | Unit or choices |
|---|---|---|---|
| injection | pain_relief | quantity | % |
"""
CODING = """
## Coding

| Group | System | Code | Role |
|---|---|---|---|
| injection | CPT | 20552 | governed |
"""
HEAD = "---\npolicy: EX-1\ntitle: Example\neffective: 2024-05-01\npublished: 2024-01-29\n---\n"


def test_the_other_examples_of_the_notation_read_without_a_finding() -> None:
    rule, sets, table, provisions = fenced(NOTATION, "markdown")[2:6]
    uses = "- `therapy.outcome in unsuitable`\n- b `visits <= table(limits, therapy.duration)`\n"
    more = (
        f"### More\n\nServices: `injection`\n\n**Covered** when any of these are met:\n\n{uses.replace('- `', '- a `')}"
    )
    policy = f"{HEAD}\n## Policy coverage criteria\n\n{rule}\n{more}{CODING}\n## Definitions\n\n{sets}\n{table}"
    contract = f"---\ncontract: example\neffective: 2024-01-01\n---\n\n## Provisions\n\n{provisions}"
    library = read_library(
        {
            "facts.md": FACTS.encode(),
            "EX-1/2024-05-01.md": policy.encode(),
            "contracts/example.md": contract.replace("dry-needling", "injection").encode(),
            "medpol.toml": fenced(NOTATION, "toml")[0].encode(),
            "adjustments.toml": fenced(NOTATION, "toml")[1].encode(),
        }
    )
    assert library.diagnostics == ()
    version = library.versions[0]
    assert [rule.name for rule in version.rules] == ["later-sessions", "more"]
    assert [each.is_open for each in version.definitions.value_sets] == [False, True]
    assert len(library.sources[0].provisions) == 2
    assert library.settings.notice_days == 90 and library.settings.lines == ("student_plan",)
    assert len(library.adjustments) == 1


# ---------------------------------------------------------------------------- links


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} +(.+)$", re.sub(r"^(```+).*?^\1$", "", text, flags=re.DOTALL | re.M), re.M):
        words = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
        found.add(words.replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_resolves(page: Path) -> None:
    text = re.sub(r"^(```+).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = page if not name else page.parent / unquote(name)
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path.read_text(encoding="utf-8")), target


def test_architecture_names_every_module_and_none_that_is_gone() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:[a-z_]+/)*([a-z_]+\.py)`", text))
    held = {path.name for path in (ROOT / "src" / "medpol").rglob("*.py")} - {"__init__.py", "__main__.py"}
    assert held - named == set()
    assert named - held - {path.name for path in ROOT.rglob("*.py") if ".venv" not in path.parts} == set()
