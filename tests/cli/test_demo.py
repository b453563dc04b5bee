"""``make demo``: both time tables come out as they say, from the published document and from the library that ships."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import run_apart
from tests.support import ROOT, SEED

DEMO = ROOT / "demo" / "demo.py"


def _demo() -> dict[str, Any]:
    """The demo as a module: what stands beside it is found as it is from a shell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(DEMO.parent)
        return runpy.run_path(str(DEMO))


def test_every_answer_is_as_expected() -> None:
    ran = run_apart("--lines", 3000, program=DEMO)
    assert ran.code == 0, ran.text
    assert re.search(r"\n([0-9]{3}) of \1 planted lines got the answer that was planted\.", ran.text)
    assert "20 of 20 answers are as expected." in ran.text
    assert "One of them whole" in ran.text
    assert "insufficient" in ran.text.partition("What it rests on")[2]
    assert "the review is due by 2025-07-01" in ran.text
    assert ("Imported: " in ran.text) == SEED.exists()


def test_without_the_published_document_the_library_that_ships_answers(capsys: pytest.CaptureFixture[str]) -> None:
    demo = _demo()
    demo["main"].__globals__["SEED"] = Path("no-such-folder")
    assert demo["main"]() == 0
    assert "The library that ships" in capsys.readouterr().out


def test_an_answer_that_differs_is_shown_and_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    demo = _demo()
    rows = (("20560", "2024-07-01", "", "commercial", "", "covered"),)
    demo["main"].__globals__["TABLES"] = (("One day", rows),)
    assert demo["main"]() == 1
    out = capsys.readouterr().out
    assert "expected: covered" in out
    assert "0 of 1 answers are as expected." in out
