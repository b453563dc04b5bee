"""docs/rules: a page a rule, made of its docstring and its first example. ``pytest --update-golden`` rewrites them."""

from __future__ import annotations

import difflib
from itertools import groupby

import pytest
from tests.check.example import Example, found
from tests.check.test_rules import EXAMPLES
from tests.support import ROOT

from medpol.check import RULES, Rule
from medpol.model.diagnostic import Severity

PAGES = ROOT / "docs" / "rules"
INDEX = PAGES / "README.md"
_FIRST = {example.rule: example for _, example in reversed(EXAMPLES)}
_ABOUT = """# The rules of the linter

`medpol check` holds documents against these. `medpol check --explain RULE` prints a page at the terminal. What the readers themselves find is in [the notation](../notation.md#22-diagnostics).

A document keeps what a rule finds by a comment in its front matter (in `medpol.toml` anywhere; `facts.md` and `plans.md` may begin with a block between two lines of `---` that holds comments alone):

```
# medpol: allow qualifier-not-read because the code is used for nothing else
```

The reason is needed, the line speaks for its own file and rule, and an allowance that no longer fires is itself a finding (`allowance-unused`).
"""


def page(rule: Rule, example: Example) -> str:
    """The page of one rule."""
    (finding,) = found(example.files, example.today)
    day = "" if example.today is None else f" (on {example.today})"
    return "\n".join(
        (
            f"# {rule.name}",
            "",
            f"*{rule.subject.value}, {rule.severity.value}*",
            "",
            rule.page,
            "",
            f"## Example{day}",
            "",
            "```",
            str(finding),
            "```",
            "",
            "The mend of the test:",
            "",
            "```diff",
            *_difference(example),
            "```",
            "",
        )
    )


def _difference(example: Example) -> list[str]:
    before, after = (files[example.mended_path].splitlines() for files in (example.files, example.passing))
    return list(difflib.unified_diff(before, after, example.mended_path, example.mended_path, n=1, lineterm=""))


def index() -> str:
    """Every rule in a line, by subject."""
    lines = [_ABOUT]
    for subject, held in groupby(RULES, key=lambda rule: rule.subject):
        lines += [f"## {subject.value.capitalize()}", "", "| rule | severity | what it finds |", "|---|---|---|"]
        for rule in held:
            mark = f"**{rule.severity.value}**" if rule.severity is Severity.ERROR else rule.severity.value
            lines.append(f"| [{rule.name}]({rule.name}.md) | {mark} | {rule.summary.replace('|', chr(92) + '|')} |")
        lines.append("")
    return "\n".join(lines)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_page_of_a_rule_is_its_docstring_and_its_example(rule: Rule, update_golden: bool) -> None:
    path, text = PAGES / f"{rule.name}.md", page(rule, _FIRST[rule.name])
    if update_golden:
        PAGES.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"pytest {__file__} --update-golden writes it"
    assert path.read_text(encoding="utf-8") == text, "pytest --update-golden rewrites it"


def test_the_index_lists_every_rule_and_no_page_is_left_over(update_golden: bool) -> None:
    names = {rule.name for rule in RULES}
    over = [path for path in PAGES.glob("*.md") if path != INDEX and path.stem not in names]
    if update_golden:
        PAGES.mkdir(exist_ok=True)
        INDEX.write_text(index(), encoding="utf-8")
        for path in over:
            path.unlink()
        over = []
    assert INDEX.read_text(encoding="utf-8") == index(), "pytest --update-golden rewrites it"
    assert over == [], "pages of no rule"
