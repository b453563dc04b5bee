"""The example of docs/evidence-files.md, read as it stands."""

from __future__ import annotations

import re

from tests.support import ROOT, policy

from medpol.library import Library, read_library
from medpol.model.positions import CoveragePosition
from medpol.model.studies import Criterion, Level, Met

PAGE = (ROOT / "docs" / "evidence-files.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```markdown file=(\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


def example() -> Library:
    return read_library(
        {name: text.encode() for name, text in {**FILES, "EX-7/2024-05-01.md": policy(number="EX-7")}.items()}
    )


def test_every_file_of_the_example_reads_without_a_finding() -> None:
    assert len(FILES) == 5
    assert not [each for each in example().diagnostics if each.source.file in FILES]


def test_the_example_says_what_the_page_says() -> None:
    held = example()
    base = held.evidence_of("EX-7")
    assert base is not None and base.asked is not None
    assert base.asked.conventions.level == 0.9
    assert base.asked.band_of("12 weeks") == base.asked.bands[0]
    (study,) = base.studies
    assert [each.checked.value for each in (*study.sizes, *study.results)] == ["abstract", "full text", "abstract"]
    (profile,) = base.profiles
    assert profile.certainty[0].level is Level.MODERATE and profile.certainty[0].steps[0].step == -1
    assert profile.met(Criterion.EVIDENCE) is Met.MET and profile.signature is None
    assert base.watching[0].trials[0].completion.text == "2025-06"
    assert held.assessment[1].allowed == (CoveragePosition.MEDICALLY_NECESSARY,)
