"""docs/importing.md: its reader reads its document, and its limits and rules are those that hold."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from medpol.ingest import Kind, answer, apart, ingest, pages, plugins
from medpol.ingest.reading import child, package, pdf

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def fenced(kind: str) -> str:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]


def test_the_reader_on_the_page_reads_the_document_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("bell_reader")
    exec(fenced("python"), module.__dict__)
    monkeypatch.setitem(sys.modules, "bell_reader", module)
    target = re.search(r'bell = "(.+)"', fenced("toml"))
    assert target is not None
    monkeypatch.setattr(plugins, "_installed", lambda: (EntryPoint("bell", target[1], "medpol.publishers"),))
    result = ingest(fenced("text").encode(), "bell.md")
    assert result.diagnostics == ()
    assert [path for path, _ in result.drafts] == ["facts.md", "B-1.2/2024-03-01.md"]
    assert "Bells at the ear are considered **investigational**." in result.drafts[1][1]
    assert "Bells are rung by hand." in result.drafts[1][1]
    assert {line.kind for line in result.report.lines} == {Kind.TAKEN, Kind.TEXT}
    assert ingest(b"# Somebody else's", "x.md", "bell").drafts == ()


@pytest.mark.parametrize(
    "limit",
    [
        f"{pages.MAXIMUM_BYTES >> 20} MiB of Markdown or HTML, {apart.MAXIMUM_BYTES >> 20} MiB of PDF or DOCX",
        f"{apart.SECONDS:g} seconds by the clock, {child.CPU_SECONDS} of the processor",
        f"{child.ADDRESS_SPACE >> 30} GiB",
        f"{answer.MAXIMUM_LINES:,} lines, {answer.MAXIMUM_CHARACTERS:,} characters, {answer.MAXIMUM_BLOCKS:,} paragraphs",
        f"{pdf.MAXIMUM_PAGES:,} pages, {pdf.MAXIMUM_GLYPHS:,} signs, {pdf.MAXIMUM_RULES:,} drawn lines",
        f"{package.MAXIMUM_MEMBERS:,} files and {package.MAXIMUM_UNPACKED >> 20} MiB unpacked, {package.MAXIMUM_ELEMENTS:,} elements",
    ],
)
def test_the_limits_on_the_page_are_those_that_hold(limit: str) -> None:
    assert limit in PAGE


def test_every_rule_of_the_importer_is_on_the_page_and_no_other() -> None:
    found: set[str] = set()
    for path in (ROOT / "src/medpol/ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if isinstance(node, ast.Call) and name in ("_error", "_refused", "Refusal", "Refused"):
                values = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
                found |= {
                    each for each in values if isinstance(each, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", each)
                }
    listed = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", PAGE[PAGE.index("| rule | meaning |") :].split("\n\n")[0]))
    assert listed == found
