"""What an evidence review reports, in whatever words it does, and what it leaves out."""

from __future__ import annotations

import pytest
from tests.check.evidence_texts import document, population, review, told

FOUR = "symptoms; functional outcomes; quality of life; treatment-related morbidity"
OPENING = (
    "For individuals with back pain treated by needling there are 3 trials. Outcomes of interest are symptoms, "
    "quality of life, functional outcomes, and treatment-related morbidity. "
)
CLOSING = " Whether the net health outcome gets better cannot be told from this evidence."


def unreported(prose: str, outcomes: str = FOUR, general: str = "") -> list[str]:
    files = document(review(f"{general}\n", population("Back pain", prose, outcomes)))
    return [each.split('"')[1] for each in told(files, "outcome-without-result")]


@pytest.mark.parametrize(
    "prose",
    [
        "Pain scores fell, disability was less, SF-36 scores did not differ, and adverse events were mild.",
        "VAS intensity, the Oswestry index and the EQ-5D were better at 3 months. Complications were not reported.",
        "Trials saw relief of symptoms and freer range of motion; wellbeing was the same. The drug was well tolerated.",
        "Headache days and walking distance improved. Quality of life and safety were not reported.",
    ],
)
def test_an_outcome_may_be_reported_in_other_words(prose: str) -> None:
    assert unreported(OPENING + prose + CLOSING) == []
    assert told(document(review(population("Back pain", OPENING + prose + CLOSING))), "net-outcome-without-harms") == []


def test_saying_who_the_people_are_and_what_matters_reports_nothing() -> None:
    assert unreported(OPENING + "Nothing else is known." + CLOSING) == FOUR.split("; ")
    assert unreported(
        "People with pain and disability. The evidence is one trial of safety. It was stopped."
    ) == FOUR.split("; ")


def test_general_prose_of_the_review_reports_for_every_population() -> None:
    general = "Across all trials quality of life and function did not differ, pain was less, and no harm was seen."
    assert unreported(OPENING + CLOSING, general=general) == []


def test_a_population_without_prose_and_one_without_outcomes_are_not_held_against_any() -> None:
    assert unreported("") == []
    assert unreported("Nothing is known.", "") == []


@pytest.mark.parametrize(
    ("outcome", "reported", "silent"),
    [
        ("overall survival", "Median time to death was 12 months.", "Tumors shrank."),
        ("survival", "Oxygen lengthens life.", "Oxygen helped."),
        ("reoperation", "One in ten needed another operation.", "Pain was less."),
        ("responders", "Half of them had fewer headaches.", "Doses rose."),
        ("disease-specific survival", "Survival did not differ.", "Scans were read twice."),
        ("change in disease status", "Remission was seen in half.", "The device was light."),
        ("test validity", "Sensitivity was 90%.", "Samples were small."),
        ("resource utilization", "Length of stay was shorter.", "Pain was less."),
        ("hospitalizations", "Fewer were admitted.", "Pain was less."),
        ("medication use", "Opioid doses fell.", "Pain was less."),
        ("morbid events", "Strokes were rare.", "Pain was less."),
        ("weight loss", "They lost 12 kg.", "Pain was less."),
        ("caregiver burden", "Caregivers felt relieved.", "Pain was less."),
        ("harms", "One patient had a pneumothorax.", "Pain was less."),
    ],
)
def test_each_kind_of_outcome_has_its_words(outcome: str, reported: str, silent: str) -> None:
    assert unreported(reported, outcome) == []
    assert unreported(silent, outcome) == [outcome]


def test_an_outcome_is_found_at_its_own_place_on_the_line() -> None:
    files = document(review(population("Pain", "Adverse events were mild.", "functional outcomes; function")))
    assert [each.split()[0] for each in told(files, "outcome-without-result")] == ["26:11", "26:32"]


@pytest.mark.parametrize(
    "net",
    [
        "A gain in net health has not been shown.",
        "The net health outcome improves.",
        "The evidence is insufficient to determine the net benefit.",
    ],
)
def test_a_conclusion_on_the_net_outcome_needs_a_word_on_harms(net: str) -> None:
    files = document(review(population("Pain", f"Pain was less. The outcomes of interest are safety and pain. {net}")))
    assert len(told(files, "net-outcome-without-harms")) == 1
    assert told(document(review(population("Pain", f"Bruises were common. {net}"))), "net-outcome-without-harms") == []


def test_a_net_of_another_kind_is_no_net_outcome() -> None:
    files = document(review(population("Hernia", "The safety net, a net of polypropylene, held. Net income rose.")))
    assert told(files, "net-outcome-without-harms") == []


@pytest.mark.parametrize(
    ("name", "prose", "found"),
    [
        ("Temporomandibular", "Disability (Neck Disability Index) did not differ.", ["Neck Disability Index"]),
        ("Plantar heel", "Function by DASH did not differ.", ["DASH"]),
        ("Knee osteoarthritis", "The Oswestry Disability Index fell.", ["Oswestry Disability Index"]),
        ("Neck/shoulder", "NDI and DASH scores fell.", []),
        ("Hip or knee osteoarthritis", "WOMAC, KOOS and HOOS scores rose.", []),
        ("Plantar heel", "FADI, FAAM and FFI scores fell.", []),
        ("Temporomandibular", "People had neck pain too; the Neck Disability Index fell.", []),
        ("Chronic pain", "The Neck Disability Index fell.", []),
        ("Elbow", "QuickDASH scores fell. The DASH diet was not tried.", []),
        ("Calf", "The DASH diet helped.", []),
    ],
)
def test_an_instrument_is_asked_about_where_it_measures_another_region(name: str, prose: str, found: list[str]) -> None:
    files = document(review(population(name, prose)))
    assert [each.split('"')[1] for each in told(files, "instrument-of-another-region")] == found


@pytest.mark.parametrize(
    ("studies", "prose", "found"),
    [
        (
            "systematic review, 6 studies, 395 participants",
            "It included 6 randomized trials enrolling 395 individuals.",
            0,
        ),
        ("systematic review, 6 studies, 395 participants", "The review took in six trials with 395 people.", 0),
        ("systematic review, 6 studies, 395 participants", "Six trials (N=380 patients) were pooled.", 1),
        ("systematic review, 6 studies, 1395 participants", "Seven studies of 1,395 participants were pooled.", 1),
        ("systematic review, 6 studies, 395 participants", "One trial had 50 people. Two trials had 60 people.", 0),
        (
            "systematic review, 6 studies, 395 participants",
            "Six trials were pooled. The heel was sore in 40 people.",
            0,
        ),
        ("systematic review, 6 studies", "Six trials with 395 people were pooled.", 0),
        ("systematic review, 1 study, 395 participants", "A review of six trials with 395 people was found.", 0),
        ("meta-analysis, 1 study, 395 participants", "Of six trials with 395 people the results were pooled.", 0),
        ("systematic review, 1 study, 395 participants", "A review of one trial with 380 people was found.", 1),
        ("randomized trial, 1 study, 395 participants", "Six trials with 395 people were found.", 1),
        ("randomized trial, 11 studies, 395 participants", "Eleven trials with 380 people were found.", 1),
        ("case series, 6 studies, 395 participants", "Six case series of 380 women were found.", 1),
        ("randomized controlled trial, 2 studies", "Two trials with 90 people.", 0),
        (
            "systematic review, 6 studies, 395 participants",
            "Six trials with 395 people; of 6 trials, 380 patients were seen.",
            0,
        ),
    ],
)
def test_counts_disagree_only_where_one_number_is_the_same_and_the_other_is_not(
    studies: str, prose: str, found: int
) -> None:
    files = document(review(population("Heel", prose, studies=studies)))
    assert len(told(files, "studies-disagree-with-prose")) == found
