"""What the rules about printed evidence find in the dry-needling policy: the same in the shipped words as in the published ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support import SEED

from medpol.check import (
    addresses,
    bodies,
    check_library,
    directions,
    evidence,
    guidelines,
    positions,
    references,
    trials,
)
from medpol.ingest import ingest
from medpol.library import SHIPPED, Library, load, read_library

NEWEST = "2.01.100/2024-07-01.md"
MODULES = (evidence, positions, directions, guidelines, trials, references, addresses, bodies)
MISSED = ["quality of life", "treatment-related morbidity"]
FOUND = [
    ("passages-disagree", ["no evidence"]),
    ("statement-wider-than-populations", ["Neck/shoulder, Plantar heel, Temporomandibular only"]),
    ("outcome-without-result", ["functional outcomes", *MISSED, *MISSED, *MISSED]),
    ("net-outcome-without-harms", ["Neck/shoulder", "Plantar heel", "Temporomandibular"]),
    ("instrument-of-another-region", ["Neck Disability Index"]),
    (
        "ongoing-trial-past-completion",
        ["NCT06023264", "NCT06074640", "NCT05915091", "NCT05810818", "NCT05868512", "NCT05532098"],
    ),
    ("guideline-old", ["Manual Physical Therapists, 2009"]),
    ("guideline-disagrees-with-position", ["Physical Therapists, 2009", "Physical Therapy Association, 2023"]),
    ("address-not-public", ["mhmedical-com"]),
    ("reference-never-cited", [f"reference {at} " for at in range(2, 17)]),
    ("reference-without-pmid", ["reference 1 ", "reference 11 ", "reference 17 "]),
    ("body-named-two-ways", ["Academy of Manual Orthopaedic"]),
]


@pytest.fixture(scope="module", params=["shipped", "imported"])
def held(request: pytest.FixtureRequest) -> Library:
    if request.param == "shipped":
        return replace(load(SHIPPED), evidence=())  # the records beside it: test_seed_records.py
    if not SEED.exists():
        pytest.skip(f"the published document is not at {SEED}")
    return read_library({path: text.encode() for path, text in ingest(SEED.read_bytes(), SEED.name).drafts})


@pytest.mark.parametrize(("rule", "words"), FOUND, ids=[rule for rule, _ in FOUND])
def test_each_rule_finds_in_the_newest_text_what_is_wrong_with_it(held: Library, rule: str, words: list[str]) -> None:
    found = check_library(held, only=[rule]).found
    assert {each.source.file for each in found} == {NEWEST}
    assert len(found) == len(words)
    assert all(word in each.found for word, each in zip(words, found, strict=True))


def test_the_other_rules_about_evidence_find_nothing(held: Library) -> None:
    asked = [rule.name for module in MODULES for rule in module.RULES if rule.name not in dict(FOUND)]
    assert check_library(held, only=asked).found == ()
