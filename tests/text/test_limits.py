"""Limits at the door: a hostile document ends in a diagnostic, or reads clean, in little time and memory."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.text.documents import read
from tests.text.hostile import ALL, CODING, DOCUMENTS, HEAD

from medpol.text.source import MAXIMUM_BYTES, Findings, decode

ROOT = Path(__file__).parents[2]
SECONDS = 3.0  # the goal is one second; a busy machine gets three
CLEAN = {
    "many results",
    "many tables of results",
    "lists 64 deep",
    "many plans",
    "years in a reference",
    "commas in studies",
}


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits on memory are set as Linux sets them")


@pytest.fixture(scope="module")
def readings() -> dict[str, str]:
    """What each child printed, by the name of its document."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.text.hostile"],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
        cwd=ROOT,
        check=False,
    )
    return dict(line.split("\t", 1) for line in child.stdout.splitlines()) | {"": child.stderr}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_ends_in_a_diagnostic_in_a_second_and_200_megabytes(
    name: str, readings: dict[str, str]
) -> None:
    assert name in readings, readings[""]
    seconds, rule = readings[name].split(" ", 1)
    assert float(seconds) < SECONDS
    assert (rule == "clean") == (name in CLEAN), rule


def test_a_file_is_at_most_one_mebibyte() -> None:
    findings = Findings("big.md")
    assert decode(b"a" * (MAXIMUM_BYTES + 1), findings) is None
    assert [each.rule for each in findings.found] == ["file-too-large"]
    assert decode(b"a" * MAXIMUM_BYTES, findings) is not None


def test_bytes_that_are_not_utf_8_are_named_with_their_place() -> None:
    findings = Findings("bytes.md")
    assert decode(b"one\ntw\xc3\xb6 \xff\n", findings) is None
    (found,) = findings.found
    assert (found.rule, found.source.line, found.source.column) == ("not-utf-8", 2, 5)


def test_lists_nest_64_deep_and_not_65() -> None:
    def nested(depth: int) -> str:
        items = ["  " * at + "- all of these:" for at in range(depth - 1)]
        return ALL + "\n".join([*items, "  " * (depth - 1) + "- a"]) + CODING

    assert read(nested(64))[1] == ()
    assert [each.rule for each in read(nested(65))[1]] == ["too-deep"]


def test_a_document_has_20_000_nodes_and_not_one_more() -> None:
    text = HEAD + "It is **covered**.\n" + CODING
    lines = text.count("\n")
    assert read(text + "\n" * (20_000 - lines - 2) + "## Scope\n")[1] == ()
    assert [each.rule for each in read(text + "a\n" * (20_001 - lines))[1]] == ["too-many-nodes"]


def test_findings_beyond_500_are_counted_and_not_listed() -> None:
    _, found = read(HEAD + "| a |\n|---|\n\n" * 2000)
    assert len(found) == 501
    assert any(each.rule == "too-many-findings" for each in found)


def test_no_reader_swallows_what_it_did_not_expect() -> None:
    broad = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / "src/medpol/text").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert broad == []
