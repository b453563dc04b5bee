"""Two passages that disagree: absolute claims of no effect beside results, and all that is no such thing."""

from __future__ import annotations

import pytest
from tests.check.evidence_texts import document, population, review, told

LESS = "Pain was less after three sessions."


def disagrees(claim: str, result: str = LESS, section: str = "Background", name: str = "Pain") -> bool:
    files = document(f"## {section}\n\n{claim}\n", review(population(name, result)))
    return bool(told(files, "passages-disagree"))


@pytest.mark.parametrize(
    "claim",
    [
        "There is no evidence that needling works.",
        "Many studies were done and there is no scientific evidence to show that it is more effective than other treatments.",
        "There is no evidence of benefit from this treatment.",
        "No studies have shown that needling helps.",
        "None of the trials showed that the procedure relieves pain.",
        "Needling has never been shown to relieve pain.",
        "Research has found no benefit of it so far.",
        "Needling is not effective.",
        "Needling does not relieve pain.",
        "It has no effect.",
        "These needles have been shown to be ineffective.",
        "Needling treatments do not work.",
        "Many experts now say that they do not work.",
        "Needling doesn't work.",
        "Needling is no better than rest.",
    ],
)
@pytest.mark.parametrize("section", ["Introduction", "Description", "Background"])
def test_a_claim_of_no_effect_beside_a_result_is_found(claim: str, section: str) -> None:
    assert disagrees(claim, section=section)


@pytest.mark.parametrize(
    "result",
    [
        "Pain intensity fell by 12 mm.",
        "Needling reduced pain and disability at 6 weeks.",
        "Long-term pain and pain-related disability were improved.",
        "Function was significantly better.",
        "Needled patients had fewer attacks.",
        "It was more effective than sham.",
        "Three or more sessions did bring less pain, as did the long term.",
        "Trials found greater improvement in range of motion.",
    ],
)
def test_a_result_may_be_told_in_other_words(result: str) -> None:
    assert disagrees("There is no evidence that needling works.", result)


@pytest.mark.parametrize(
    "claim",
    [
        "Needling has not been proven to work.",
        "There is little evidence that needling works.",
        "There is no good evidence that needling works.",
        "There is not enough evidence that needling works.",
        "There is no evidence that needling causes harm.",
        "There is no evidence that it is less effective than surgery.",
        "There is no evidence of fracture after needling.",
        "There is no evidence that bed rest works.",
        "Needling may be tried when other treatments are not effective.",
        "Stretching does not help everybody, so needling was thought of.",
        "Needling is not effective in every patient.",
        "Needling does not use a drug and does not work by heat alone.",
        "There is no cure for this pain.",
        "Bed rest and massage have been shown to be ineffective.",
        "There is no evidence that needling works in children.",
        "There is no evidence that needling of the shoulder works.",
        "There is no evidence that needling is better than surgery.",
    ],
)
def test_a_claim_that_leaves_room_or_is_about_something_else_disagrees_with_nothing(claim: str) -> None:
    assert not disagrees(claim)


@pytest.mark.parametrize(
    "result",
    [
        "Pain did not differ.",
        "No difference in pain was found, and neither group had less disability.",
        "It is unclear whether pain was reduced.",
        "Both groups improved, with less pain.",
        "More trials are needed to see whether needling reduces pain.",
        "Needling may reduce pain.",
        "Needling aims to reduce pain.",
        "The sham group had less pain.",
        "Pain was reduced more with exercise than with needling.",
        "The evidence is insufficient to say whether the net health outcome is improved by it.",
        "The reviewers rated the evidence as low to moderate.",
    ],
)
def test_a_result_that_is_none_disagrees_with_nothing(result: str) -> None:
    assert not disagrees("There is no evidence that needling works.", result)


def test_a_claim_about_some_people_disagrees_with_a_result_about_the_same() -> None:
    claim = "There is no evidence that needling works in children."
    assert disagrees(claim, name="Children with pain")
    assert disagrees("There is no evidence that needling of the shoulder works.", name="Shoulder")
    assert disagrees("There is no evidence that needling is better than surgery.", "Pain was less than with surgery.")


def test_a_claim_and_its_result_may_run_over_lines() -> None:
    files = document(
        "## Background\n\nThere is no\nevidence that needling\nworks.\n",
        review(population("Pain", "After three sessions\npain was\nless.")),
    )
    (only,) = told(files, "passages-disagree")
    assert only.startswith('22:10 "no evidence that" is said of the service; line 30 reports')
