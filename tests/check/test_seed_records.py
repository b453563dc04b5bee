"""What the rules find in the dry-needling evidence: every doubt of the shared facts, and what one turned conclusion does."""

from __future__ import annotations

from datetime import date

import pytest

from medpol.check import check_library
from medpol.library import SHIPPED, Library, load, read_library
from medpol.model.diagnostic import Severity

TODAY = date(2026, 11, 24)
VERSION = "2.01.100/2024-07-01.md"
STUDIES = "2.01.100/evidence/studies"
POPULATIONS = {
    "neck-shoulder": "Neck/shoulder",
    "plantar-heel": "Plantar heel",
    "temporomandibular": "Temporomandibular",
}
DOUBTS = [
    (
        "p-value-does-not-follow",
        "rastegar-2018",
        "warning",
        ["baseline: p 0.54", "0.0108", "on the other side of 0.05", "assumed"],
    ),
    ("p-value-does-not-follow", "rastegar-2018", "warning", ["12 months: p 0.004", "5.67e-05", "assumed"]),
    ("p-value-does-not-follow", "rahbar-2018-ircmj", "warning", ["pain, 8 weeks: p 0.013", "0.00124"]),
    (
        "p-value-does-not-follow",
        "rahbar-2018-ircmj",
        "note",
        ["foot-function, 8 weeks: p 0.008", "0.0106", "factor of 1.3"],
    ),
    ("significance-word-disagrees", "rahbar-2018-jmums", "warning", ["p = 0.011"]),
    (
        "duplicate-publication",
        "rahbar-2018-ircmj",
        "warning",
        ["rahbar-2018-jmums", "72 participants", "foot-function at 4 weeks: p 0.011 and 0.578"],
    ),
    ("sizes-do-not-add", "llurda-almuzara-2021-heel", "warning", ["395", "at most 380", "only planned: uygun-2019 98"]),
    ("blinding-label-disagrees", "garcia-de-la-banda-2023", "warning", ["single-blind", "PEDro", "blind assessors"]),
    ("impossible-value", "network-meta-2023-tmd", "warning", ["-0.263 [-1.517, 0.992]"]),
    ("newer-evidence", "frontiers-2024-pf", "warning", ["2024-02-08"]),
]


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load(SHIPPED)


@pytest.mark.parametrize(("rule", "study", "severity", "words"), DOUBTS)
def test_each_doubt_of_the_shared_facts_is_found_in_its_record(
    shipped: Library, rule: str, study: str, severity: str, words: list[str]
) -> None:
    held = [each for each in check_library(shipped, TODAY, only=[rule]).found if f"/{study}/" in each.source.file]
    (only,) = [each for each in held if all(word in each.found for word in words)]
    assert only.severity.value == severity
    assert only.source.file.startswith(STUDIES)
    assert len(check_library(shipped, TODAY, only=[rule]).found) == sum(one == rule for one, *_ in DOUBTS)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        (
            "Introduction",
            "MD -0.51 [-0.95, -0.06] for pain at short term against manual-therapy (navarro-santana-2020-neck",
        ),
        (
            "Plantar heel",
            "MD -1.70 [-2.80, -0.60] for pain at short term against any-comparison (llurda-almuzara-2021-heel",
        ),
    ],
)
def test_the_prose_of_no_difference_is_held_against_the_pooled_effects(
    shipped: Library, section: str, words: str
) -> None:
    found = check_library(shipped, TODAY, only=["prose-disagrees-with-result"]).found
    assert len(found) == 2
    (only,) = [each for each in found if words in each.found]
    assert only.source.file == VERSION
    above = shipped.texts[VERSION].split("\n")[: only.source.line]
    assert section in [line for line in above if line.startswith("#")][-1]


def test_every_pooled_estimate_of_the_four_reviews_lies_midway(shipped: Library) -> None:
    assert check_library(shipped, TODAY, only=["estimate-off-centre"]).found == ()


def test_the_positions_are_allowed_and_closure_names_the_low_back_with_its_watched_trial(shipped: Library) -> None:
    assert not check_library(shipped, TODAY, only=["position-not-supported", "population-not-assessed"]).found
    closure = check_library(shipped, TODAY, only=["population-without-conclusion"]).found
    (only,) = closure
    assert "low-back (NCT07133139 watched)" in only.found


def test_nothing_in_the_shipped_library_is_an_error(shipped: Library) -> None:
    assert [each for each in check_library(shipped, TODAY).found if each.severity is Severity.ERROR] == []


@pytest.mark.parametrize("population", POPULATIONS)
def test_one_conclusion_turned_to_improves_is_one_error_that_names_population_and_statement(
    shipped: Library, population: str
) -> None:
    texts = {path: text.encode() for path, text in shipped.texts.items()}
    path = f"2.01.100/evidence/profiles/{population}/2024-06-10.md"
    lines = texts[path].decode().split("\n")
    judged = [line.replace("| not met ", "| met     ").replace("| unknown ", "| met     ") for line in lines]
    texts[path] = "\n".join(judged).replace("**insufficient**", "**improves**").encode()
    held = read_library(texts)
    assert not held.evidence_errors
    (only,) = [each for each in check_library(held, TODAY).found if each.severity is Severity.ERROR]
    assert (only.rule, only.source.file) == ("position-not-supported", VERSION)
    assert POPULATIONS[population] in only.found
    assert "Dry needling of a trigger point for the treatment of myofascial pain is investigational." in only.found
    assert f"{path}, line" in only.found
