"""Numbers and words of study records against each other, and the prose of a policy against them."""

from __future__ import annotations

import sys

import pytest
from tests.check.evidence_texts import NEWER
from tests.check.record_texts import base, means, profile, questions, results, study
from tests.support import library

from medpol.check import check_library
from medpol.model.diagnostic import Diagnostic, Severity

SIXTY_SIX = "| participants | 66 | abstract |"
SEVENTY_TWO = "| participants | 72 | abstract |"
REVIEW = "systematic review"


def _found(files: dict[str, str], *rules: str) -> tuple[Diagnostic, ...]:
    held = library(files)
    problems = (*held.errors, *held.evidence_errors)
    assert not problems, "\n".join(map(str, problems))
    return check_library(held, only=rules or None).found


@pytest.mark.parametrize(
    ("row", "sizes", "severity", "words"),
    [
        ("6.41 | 0.83 | 6.96 | 0.87 | 0.54", SIXTY_SIX, Severity.WARNING, "on the other side of 0.05"),
        ("0.69 | 0.93 | 2.09 | 1.58 | 0.004", SIXTY_SIX, Severity.WARNING, "give 5.67e-05"),
        ("1.7 | 0.9 | 2.9 | 1.9 | 0.013", SEVENTY_TWO, Severity.WARNING, "give 0.00124"),
        ("31.4 | 28.0 | 50.4 | 33.1 | 0.008", SEVENTY_TWO, Severity.NOTE, "off by a factor of 1.3"),
        ("3.47 | 1.32 | 0.32 | 0.71 | <0.001", SIXTY_SIX, None, ""),
        ("3.0 | 1.0 | 3.1 | 1.0 | <0.05", SIXTY_SIX, Severity.WARNING, "on the other side of 0.05"),
        ("3.0 | 1.0 | 4.1 | 1.0 | >0.05", SIXTY_SIX, Severity.WARNING, "on the other side of 0.05"),
    ],
    ids=[
        "0.54 for 0.011",
        "0.004 for 0.00006",
        "0.013 for 0.0012",
        "0.008 for 0.0106",
        "fits",
        "not so small",
        "not so large",
    ],
)
def test_a_p_is_recomputed_over_the_rounding_of_means_and_sds(
    row: str, sizes: str, severity: Severity | None, words: str
) -> None:
    files = base(study(results=means(f"| pain | sham | 8 weeks | {row} | abstract | |"), sizes=sizes), profile())
    found = _found(files, "p-value-does-not-follow")
    assert [each.severity for each in found] == ([] if severity is None else [severity])
    assert all(words in each.found and "the sizes of the groups are assumed" in each.found for each in found)


def test_without_scipy_one_note_says_that_nothing_was_recomputed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "medpol.evidence.p_values", None)
    rows = [f"| pain | sham | {weeks} weeks | 0.69 | 0.93 | 2.09 | 1.58 | 0.004 | abstract | |" for weeks in (3, 6)]
    (only,) = _found(base(study(results=means(*rows), sizes=SIXTY_SIX), profile()))
    assert (only.rule, only.severity) == ("p-value-does-not-follow", Severity.NOTE)
    assert only.found.startswith("2 p-values stand beside means and SDs, and none was recomputed")
    assert only.mend == "pip install 'medpol[evidence]'"


def test_two_declared_reports_with_different_p_values_are_named_with_both() -> None:
    table = "| Outcome | Comparator | Timepoint | p | Checked |\n|---|---|---|---|---|\n| pain | sham | 4 weeks | {} | abstract |"
    one = study(
        "rahbar-a", table.format("0.668"), sizes=SEVENTY_TWO, head="first author: Rahbar M\nyear: 2018\nreference: 1"
    )
    other = study(
        "rahbar-b",
        table.format("0.732"),
        sizes=SEVENTY_TWO,
        head="first author: Rahbar M\nyear: 2018\nsame patients as: rahbar-a",
    )
    (only,) = _found(base(one, other, profile()), "duplicate-publication")
    assert "72 participants" in only.found
    assert "p 0.668 and 0.732" in only.found


def test_one_registration_in_two_records_is_found_whoever_wrote_them() -> None:
    one = study(head="year: 2018\nreference: 1\nregistration: NCT01234567")
    other = study("other-2021", head="year: 2021\nregistration: NCT01234567")
    (only,) = _found(base(one, other, profile()), "duplicate-publication")
    assert "one registration" in only.found


def test_a_sum_with_a_planned_size_is_at_most_and_the_printed_total_is_taken_where_a_review_has_none() -> None:
    included = "## Included studies\n\n| Study | Participants | Note |\n|---|---|---|\n| smith-2020 | 282 | none |\n| jones-2019 | 98 | planned |\n"
    review = study(kind=REVIEW, sizes="| trials | 2 | abstract |", more=included)
    files = base(review, profile())
    files[NEWER] = files[NEWER].replace(
        "Conclusion: **", "Studies: systematic review, 2 studies, 395 participants\n\nConclusion: **"
    )
    (only,) = _found(files, "sizes-do-not-add")
    assert only.source.file == NEWER
    assert "at most 380" in only.found
    assert "only planned: jones-2019 98" in only.found


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "| response | sham | 6 weeks | risk ratio | 0 | 0.10 | 0.40 | 95 % | 0.01 | abstract |",
            "a ratio that is not positive",
        ),
        ("| response | sham | 6 weeks | MD | 0.30 | 0.90 | 0.10 | 95 % | 0.01 | abstract |", "lies above the upper"),
        ("| response | sham | 6 weeks | MD | 2.30 | 0.10 | 0.90 | 95 % | 0.01 | abstract |", "outside its interval"),
        ("| response | sham | 6 weeks | MD | 0.30 | 0.10 | 0.50 | 95 % | 1.01 | abstract |", "p = 1.01"),
    ],
    ids=["ratio", "bounds", "outside", "p"],
)
def test_an_effect_that_cannot_be_is_found(row: str, words: str) -> None:
    (only,) = _found(
        base(
            study(results=results(row)),
            profile(),
            asked=questions(asked="| heel | needling | sham | response | short |"),
        ),
        "impossible-value",
    )
    assert words in only.found


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("70 | 60 | not reported", "70 events among 60"),
        ("30 | 60 | 60 %", "30 of 60 are 50 %"),
        ("30 | 60 | 50 %", ""),
        ("1 | 3 | 33.3 %", ""),
        ("4 | 900 | <1 %", ""),
    ],
)
def test_events_are_held_against_people_and_percent(cells: str, words: str) -> None:
    harm = f"| bruising | per person | {cells} | mild | needling | abstract | |"
    found = _found(base(study(harms=harm), profile()), "impossible-value")
    assert [words in each.found for each in found] == ([True] if words else [])


@pytest.mark.parametrize(
    ("estimate", "severity"),
    [("-0.40", None), ("-0.41", None), ("-0.43", Severity.NOTE), ("-0.80", Severity.WARNING)],
)
def test_an_estimate_off_its_centre_weighs_by_how_far(estimate: str, severity: Severity | None) -> None:
    row = f"| pain | sham | 6 weeks | MD | {estimate} | -1.00 | 0.20 | 95 % | 0.19 | abstract |"
    found = _found(base(study(results=results(row)), profile()), "estimate-off-centre")
    assert [each.severity for each in found] == ([] if severity is None else [severity])


@pytest.mark.parametrize(
    ("label", "judged", "is_found"),
    [
        ("single-blind", "no", True),
        ("double-blind", "no", True),
        ("single-blind", "unclear", False),
        ("open-label", "no", False),
        ("assessor-blinded", "yes", False),
    ],
)
def test_a_label_of_blinding_is_held_against_the_items(label: str, judged: str, is_found: bool) -> None:
    items = f"## Risk of bias\n\nTool: PEDro\n\n| Item | Judgement |\n|---|---|\n| blind subjects | no |\n| blind assessors | {judged} |\n"
    found = _found(
        base(study(head=f"year: 2020\nreference: 1\ntitle: A {label} trial", more=items), profile()),
        "blinding-label-disagrees",
    )
    assert bool(found) is is_found


def _pool(row: str, prose: str) -> tuple[Diagnostic, ...]:
    pooled = study(results=results(row), kind=REVIEW)
    return _found(base(pooled, profile(), prose=f"{prose} Adverse events were mild."), "prose-disagrees-with-result")


def test_the_minimal_important_difference_chooses_the_wording_offered() -> None:
    (large,) = _pool(
        "| pain | sham | 6 weeks | MD | -1.70 | -2.80 | -0.60 | 95 % | not reported | abstract |",
        "Pain did not differ between needling and a sham.",
    )
    assert "no less than the 1.5 that matters" in large.mend
    (small,) = _pool(
        "| pain | exercise | 6 weeks | MD | -0.51 | -0.95 | -0.06 | 95 % | not reported | abstract |",
        "There is no evidence that it does more for pain than other treatments do.",
    )
    assert "a difference of 0.51 of 10, less than the 1.5 that matters" in small.mend


@pytest.mark.parametrize(
    "prose",
    [
        "Pain did not differ between needling and exercise.",
        "Pain did not differ in the long term.",
        "Function did not differ.",
        "Pain did not differ by a clinically important amount.",
        "Whether pain is no better than with sham is unclear.",
        "The reviewers wrote that pain did not differ.",
    ],
)
def test_prose_about_another_comparator_time_outcome_or_size_is_left_alone(prose: str) -> None:
    assert not _pool("| pain | sham | 6 weeks | MD | -1.70 | -2.80 | -0.60 | 95 % | not reported | abstract |", prose)


def test_a_benefit_in_words_beside_intervals_that_show_none_is_found() -> None:
    (only,) = _pool(
        "| pain | sham | 6 weeks | MD | -0.40 | -1.00 | 0.20 | 95 % | 0.19 | abstract |",
        "Needling was better for pain than sham.",
    )
    assert "MD -0.40 [-1.00, 0.20]" in only.found
