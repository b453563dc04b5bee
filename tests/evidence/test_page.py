"""`docs/evidence.md` says what the commands do with the evidence that ships."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields

from tests.cli.running import run
from tests.support import ROOT

from medpol.evidence.grading import grade_published, profiles_stated
from medpol.library import SHIPPED, load
from medpol.model.grading import GradingThresholds

PAGE = (ROOT / "docs/evidence.md").read_text(encoding="utf-8")
NOTATION = (ROOT / "docs/notation.md").read_text(encoding="utf-8")


def test_the_question_on_the_page_runs_and_begins_as_it_shows() -> None:
    command, shown = re.findall(r"^```sh\n(medpol evidence .*?)\n```\n\n```text\n(.*?)```", PAGE, re.M | re.S)[0]
    ran = run(*shlex.split(command)[1:])
    assert ran.code == 0, ran.talk
    assert ran.text.lstrip().startswith(shown)


def test_the_agreement_with_the_authors_of_reviews_is_as_the_page_says() -> None:
    base = load(SHIPPED).evidence_of("2.01.100")
    assert base is not None
    profiles = profiles_stated(grade_published(base))
    equal = sum(each[0].agrees for each in profiles)
    assert len(profiles) == 9
    assert f"the suggestion equals it in **{equal}**" in PAGE


def test_no_author_of_a_review_states_more_than_what_is_suggested() -> None:
    order = ["very low", "low", "moderate", "high"]
    base = load(SHIPPED).evidence_of("2.01.100")
    assert base is not None
    for each in grade_published(base):
        assert each.graded.suggested is not None
        assert order.index(each.stated) <= order.index(each.graded.suggested.value)


def test_every_threshold_and_its_default_stand_in_the_notation() -> None:
    for each in fields(GradingThresholds):
        assert re.search(
            rf"^{each.name} = 0*{float(each.default)}0?\b|^{each.name} = {each.default}\b", NOTATION, re.M
        ), each  # type: ignore[arg-type]
