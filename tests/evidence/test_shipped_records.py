"""The shipped records hold every fact that was gathered on the 24 publications of dry needling, each number as printed.

`dry_needling_facts.json` keeps the facts per record as they were gathered, apart from the records: numbers of the
publication, sizes, estimates with their intervals, p as printed, means with deviations, judgements of risk of bias in
their order, sources, and what nobody verified.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import medpol
from medpol.library import load
from medpol.model.studies import GroupResult, Reported, Study

FACTS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "dry_needling_facts.json").read_text(encoding="utf-8")
)
LIBRARY = load(Path(medpol.__file__).parent / "policies_data")


def record(id: str) -> Study:
    base = LIBRARY.evidence_of("2.01.100")
    found = None if base is None else base.study(id)
    assert found is not None
    return found


def number(reported: Reported | None) -> float | None:
    return None if reported is None or reported.number is None else float(reported.number)


def of_groups(*groups: GroupResult | None) -> list[float | None]:
    return [number(each) for group in groups if group is not None for each in (group.mean, group.sd)]


def test_every_publication_has_a_record_and_no_other_has_one() -> None:
    base = LIBRARY.evidence_of("2.01.100")
    assert base is not None and {each.id for each in base.studies} == set(FACTS) and len(FACTS) == 24
    assert LIBRARY.evidence_errors == ()


@pytest.mark.parametrize("id", FACTS)
def test_a_record_names_its_publication_its_sources_and_what_nobody_verified(id: str) -> None:
    study, facts = record(id), FACTS[id]
    through = study.literature_through.text if study.literature_through else ""
    held = {
        "pmid": study.pmid,
        "doi": study.doi,
        "pmcid": study.pmcid,
        "registration": "; ".join(study.registrations),
        "literature_through": through,
    }
    assert held == {key: facts.get(key, "") for key in held}
    assert (study.year, study.reference) == (facts["year"], facts["reference"])
    assert (list(study.sources), list(study.to_check)) == (facts["sources"], facts["not_verified"])


@pytest.mark.parametrize("id", FACTS)
def test_a_record_holds_every_size_and_judgement(id: str) -> None:
    study, facts = record(id), FACTS[id]
    assert set(facts["sizes"]) <= {number(each.number) for each in study.sizes}
    bias = study.bias
    assert ([judgement for _, judgement in bias.items] if bias else []) == facts.get("items", [])
    assert (bias.score if bias else "") == facts.get("score", "")


@pytest.mark.parametrize("id", FACTS)
def test_a_record_holds_every_estimate_with_its_interval_every_p_and_every_mean(id: str) -> None:
    study, facts = record(id), FACTS[id]
    intervals = [
        [number(each.estimate), number(each.lower), number(each.upper)]
        for each in study.results
        if number(each.lower) is not None
    ]
    assert sorted(intervals, key=str) == facts["intervals"]
    assert sorted(each.p.text for each in study.results if each.p is not None and each.p.is_reported) == facts["p"]
    pairs = [of_groups(each.intervention_group, each.comparator_group) for each in study.results]
    assert sorted(each for each in pairs if len(each) == 4 and None not in each) == facts["groups"]
