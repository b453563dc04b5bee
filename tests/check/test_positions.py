"""Positions against the evidence: what contradicts it, and what is wider than it."""

from __future__ import annotations

import pytest
from tests.check.evidence_texts import document, population, review, told

CRITERIA = (
    "Needling is **medically necessary** when all of these are met:\n\n- It hurts.\n\nOtherwise **investigational**."
)
TWO = (
    "### First\n\nServices: `needling`\n\nNeedling for {} is **medically necessary**.\n\n"
    "### Second\n\nServices: `pinning`\n\nPinning for {} is **investigational**."
)
NEEDLING = "| needling | CPT | 20560 | governed | | |"
CODES = f"{NEEDLING}\n| pinning | CPT | 20561 | governed | | |"


def of_concluded(*held: tuple[str, str]) -> str:
    return review(*(population(name, "Adverse events were mild.", conclusion=conclusion) for name, conclusion in held))


def unsupported(criteria: str, *held: tuple[str, str], codes: str = NEEDLING) -> list[str]:
    return told(document(of_concluded(*held), criteria=criteria, codes=codes), "position-not-supported")


@pytest.mark.parametrize(
    ("criteria", "conclusions", "found"),
    [
        ("Needling is **medically necessary**.", ["insufficient"], 1),
        ("Needling is **medically necessary**.", ["insufficient, harm"], 1),
        (CRITERIA, ["insufficient", "insufficient"], 1),
        ("Needling is **investigational**.", ["sufficient", "sufficient"], 1),
        ("Needling is **medically necessary**.", ["sufficient"], 0),
        (CRITERIA, ["sufficient", "insufficient"], 0),
        ("Needling is **investigational**.", ["insufficient", "sufficient"], 0),
        ("Needling is **investigational**.", ["not stated"], 0),
        ("Needling is **not medically necessary**.", ["sufficient"], 0),
        ("Needling is **cosmetic**.", ["sufficient"], 0),
        ("All other uses of needling are **investigational**.", ["sufficient"], 0),
        ("Needling is **investigational** when all of these are met:\n\n- The skin is infected.", ["sufficient"], 0),
    ],
)
def test_a_position_contradicts_the_evidence_where_all_conclusions_do(
    criteria: str, conclusions: list[str], found: int
) -> None:
    assert len(unsupported(criteria, *((f"People {at}", each) for at, each in enumerate(conclusions)))) == found


def test_where_a_policy_says_both_only_the_population_that_a_rule_names_is_held_against_it() -> None:
    criteria = TWO.format("heel pain", "jaw pain")
    assert unsupported(criteria, ("Somebody", "insufficient"), codes=CODES) == []
    assert unsupported(criteria, ("Pain", "insufficient"), codes=CODES) == []
    assert unsupported(criteria, ("Heel", "sufficient"), ("Jaw", "insufficient"), codes=CODES) == []
    heel, jaw = unsupported(criteria, ("Heel", "insufficient"), ("Jaw", "sufficient"), codes=CODES)
    assert "concluded insufficient for Heel" in heel
    assert "concluded sufficient for Jaw" in jaw


def wider(criteria: str, *names: str, title: str = "Needles", codes: str = NEEDLING) -> bool:
    files = document(
        of_concluded(*((name, "sufficient") for name in names)), criteria=criteria, title=title, codes=codes
    )
    return bool(told(files, "statement-wider-than-populations"))


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        (
            "Needling for myofascial pain is **investigational**.",
            ["Neck/shoulder", "Plantar heel", "Temporomandibular"],
        ),
        ("Needling for myofascial pain is **investigational**.", ["Plantar heel"]),
        ("Scans for cancer are **investigational**.", ["Breast", "Colorectal", "Lung"]),
        (CRITERIA, ["Knee osteoarthritis", "Elbow pain"]),
        (
            "Needling for depression is **medically necessary**.",
            ["Treatment-resistant depression", "Severe depression"],
        ),
        ("Needling for migraine is **medically necessary**.", ["Adults with migraine"]),
    ],
)
def test_a_statement_is_wider_where_every_population_is_narrower(criteria: str, names: list[str]) -> None:
    assert wider(criteria, *names)


@pytest.mark.parametrize(
    ("criteria", "names"),
    [
        ("Needling for neck, heel and jaw pain is **investigational**.", ["Neck", "Plantar heel", "Temporomandibular"]),
        ("Needling for pain of the spine is **investigational**.", ["Cervical", "Lumbar"]),
        ("Artificial discs are **investigational**.", ["Cervical radiculopathy", "Lumbar disc disease"]),
        ("Toxin for spasticity is **medically necessary**.", ["Upper limb spasticity", "Lower limb spasticity"]),
        ("Needling for pain is **investigational**.", ["Plantar heel", "Other regions"]),
        ("Needling for pain is **investigational**.", ["Migraine", "Fibromyalgia"]),
        ("Bunionectomy is **medically necessary**.", ["Hallux valgus"]),
        ("Carpal tunnel release is **medically necessary**.", ["Wrist pain"]),
        ("All other uses of needling for pain are **investigational**.", ["Plantar heel", "Jaw"]),
        ("Needling for migraine is **investigational**.", ["Adults with migraine"]),
        ("Needling for migraine is **medically necessary**.", ["Adults with migraine", "Children with migraine"]),
        ("Needling for migraine is **medically necessary**.", ["Acute migraine", "Chronic migraine"]),
        ("Needling for adults with migraine is **medically necessary**.", ["Adults with migraine"]),
        ("Needling for severe depression is **medically necessary**.", ["Treatment-resistant depression"]),
        (
            "Needling is **medically necessary** when all of these are met:\n\n- The pain is in the heel or the jaw.",
            ["Heel", "Jaw"],
        ),
        (
            "Needling is **medically necessary** when all of these are met:\n\n- The member is 18 or older.",
            ["Adults with migraine"],
        ),
        ("Needling for pain is **investigational**.", []),
    ],
)
def test_a_statement_is_no_wider_where_it_names_the_people_or_nobody_is_left_out(
    criteria: str, names: list[str]
) -> None:
    assert not wider(criteria, *names)


def test_a_title_a_group_or_a_list_of_diagnoses_narrows_a_statement() -> None:
    criteria = "Needling for pain is **investigational**."
    assert wider(criteria, "Heel")
    assert not wider(criteria, "Heel", title="Needles for the heel")
    assert not wider(criteria, "Heel", codes="| heel-needling | CPT | 20560 | governed | | |")
    assert not wider(criteria, "Heel", codes=f"{NEEDLING}\n| elsewhere | ICD-10-CM | M54.2 | excludes | | |")
