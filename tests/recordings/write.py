"""Synthetic recordings of the services, written anew by ``python -m tests.recordings.write``.

Two days of an invented policy: on the first nothing has happened, on the second everything that the watch knows of. The
shapes are those of the published descriptions of the interfaces; nothing in them was ever fetched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tests.evidence.watching.shapes import (
    Services,
    article,
    articles,
    hits,
    page,
    pubmed,
    registry,
    study,
    work,
)
from tests.support import library

from medpol.cli.recordings import Recordings
from medpol.evidence.watching import Answer, Memory, Request, watch, watched
from medpol.evidence.watching.plugins import sources

HERE = Path(__file__).parent
FIRST, SECOND = date(2024, 2, 8), date(2024, 7, 1)

_ROWS = "\n".join(
    f"| NCT0000000{at} | Invented trial {at} | Heel | 50 | {'May 2024' if at == 2 else 'Dec 2024'} | |"
    for at in range(1, 9)
    if at != 3
)
POLICY = f"""---
policy: EX-1
title: Needles
effective: 2024-05-01
published: 2024-01-29
literature through: 2024-01-15
---

# Needles

## Policy coverage criteria

Needling is **investigational**.

## Coding

| Group | System | Code | Role | From | To |
|---|---|---|---|---|---|
| needling | CPT | 20560 | governed | | |

## Clinical trials

### Ongoing

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
{_ROWS}

### Unpublished

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
| NCT00000003 | Invented trial 3 | Neck | 50 | May 2023 | |

## References

1. Doe J. Needles. J Inv Res. 2019;7(2):100-9. PMID: 111
2. Roe J. Pins. J Inv Res. 2020;8(2):100-9. doi:10.1000/abc.
3. Poe J. Nails. J Inv Res. 2021;9(2):100-9. PMID: 113
4. Moe J. Tacks. J Inv Res. 2022;10(2):100-9. PMID: 114
"""
TRIALS = """---
trials: EX-1
recorded: 2024-01-29
---

## Trials

| NCT | Population | Status | Enrolment | Completion | Note |
|---|---|---|---|---|---|
| NCT00000001 | Heel | RECRUITING | 50 | 2024-12 | |

## Queries

| Query | Source | Condition | Intervention | Term | Population |
|---|---|---|---|---|---|
| new trials | ClinicalTrials.gov | heel pain | dry needling | none | Heel |
| new papers | PubMed | none | none | dry needling[tiab] | Neck |
"""
FILES = {"EX-1/2024-05-01.md": POLICY, "EX-1/evidence/trials.md": TRIALS}


def _studies(**changed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The eight trials; ``changed`` says what of them is otherwise."""
    held = []
    for at in range(1, 9):
        plain = {
            "people": 50,
            "completion": {2: "2024-05", 3: "2023-05"}.get(at, "2024-12"),
            "outcomes": ["First-step pain"],
        }
        status = {"status": "COMPLETED", "primary": "2023-05-20"} if at == 3 else {"primary": "2024-11"}
        held.append(study(f"NCT0000000{at}", **(plain | status | changed.get(f"t{at}", {}))))
    return held


def _services(
    studies: list[dict[str, Any]],
    extra: list[dict[str, Any]],
    cited: Mapping[int, str],
    found: list[str],
    updates: list[dict[str, Any]],
) -> Services:
    listed = registry(*studies)

    def searched(path: str, parameters: Mapping[str, str]) -> bytes | None:
        if path == "/api/v2/studies" and "query.cond" in parameters:
            return (
                page(studies[:1])
                if not extra
                else page(studies[:1], "second-page")
                if "pageToken" not in parameters
                else page(extra)
            )
        return None

    by_trial, by_term = [each for each in found if "NCT" in each], [each for each in found if "NCT" not in each]

    def literature(path: str, parameters: Mapping[str, str]) -> bytes | None:
        is_trial = "NCT" in parameters.get("term", "") or parameters.get("WebEnv") == "MCID_trials"
        held = by_trial if is_trial else by_term
        if path.endswith("/esearch.fcgi"):
            return hits(len(held), webenv="MCID_trials" if is_trial else "MCID_terms")
        return articles(*held) if "WebEnv" in parameters else None

    def crossref(path: str, parameters: Mapping[str, str]) -> bytes | None:
        return work("10.1000/abc", *updates) if path.startswith("/works/") else None

    return Services(searched, listed, literature, pubmed(cited=cited), crossref)


QUIET = _services(_studies(), [], {}, [], [])
EVENTFUL = _services(
    _studies(
        t1={"status": "TERMINATED", "why": "slow enrolment"},
        t4={"posted": "2024-06-20"},
        t5={"references": [{"pmid": "500", "type": "RESULT", "citation": "An invented citation"}]},
        t6={"status": "UNKNOWN", "last_known": "RECRUITING"},
        t7={"people": 80},
    ),
    [study("NCT00000099", people=30, completion="2025-06")],
    {
        111: article(111, types=["Retracted Publication"], notes=["RetractionIn|J Inv Res. 2024 Jun;12(1):1|801"]),
        113: article(113, notes=["ErratumIn|J Inv Res. 2024 Jun;12(1):2. doi: 10.1000/erratum|802"]),
        114: article(114, notes=["UpdateIn|J Inv Res. 2024 Jun;12(1):3|803"]),
    },
    [
        article(501, "Results of an invented trial", registered="NCT00000008"),
        article(700, "An invented review of needles"),
        article(
            801,
            "Retraction",
            types=["Retraction of Publication"],
            notes=["RetractionOf|J Inv Res. 2019;7(2):100-9|111"],
        ),
    ],
    [
        {
            "type": "expression_of_concern",
            "DOI": "10.1000/concern",
            "source": "publisher",
            "updated": {"date-parts": [[2024, 6, 3]]},
        }
    ],
)


def main() -> None:
    held = library(FILES)
    listed = watched("EX-1", held.of("EX-1")[-1], held.evidence_of("EX-1"))
    memory = Memory()
    for name, services, day in (("first", QUIET, FIRST), ("second", EVENTFUL, SECOND)):
        folder = HERE / name
        for old in folder.glob("*.json"):
            old.unlink()
        record = Recordings(folder)

        def fetch(
            request: Request, day: date = day, services: Services = services, record: Recordings = record
        ) -> Answer:
            answer = services(request)
            answer = Answer(answer.address, answer.status, answer.headers, answer.body, f"{day}T09:00:00Z")
            record.keep(answer)
            return answer

        for step in watch([listed], [each for each in sources().values() if each.is_asked], memory, fetch, day):
            memory = step.memory
        for path in folder.glob("*.json"):
            path.write_text(json.dumps(json.loads(path.read_text()) | {"synthetic": True}, indent=1) + "\n")


if __name__ == "__main__":
    main()
