"""The list of plants is whole, and made by hand: what claims.synth imports can decide nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import medpol.claims.synth
from medpol.claims.synth.library import DOCUMENTS
from medpol.claims.synth.planting import Form, Plant
from medpol.claims.synth.plants import PLANTS
from medpol.model.positions import Outcome

ROOM = Path(medpol.claims.synth.__file__).parent
LINES = [(plant, line) for plant in PLANTS for line in plant.lines]
MAY_IMPORT = (
    "medpol.claims.synth",
    "medpol.claims.columns",
    "medpol.claims.npi",
    "medpol.claims.x12.structure",
    "medpol.claims.x12.writing",
    "medpol.model",
    "medpol.text",
)


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    return names | {alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names}


def test_nothing_here_can_decide_or_read_claims() -> None:
    files = sorted(ROOM.rglob("*.py"))
    assert len(files) > 15
    for path in files:
        ours = {name for name in _imported(path) if name.split(".")[0] == "medpol"}
        assert {name for name in ours if not name.startswith(MAY_IMPORT)} == set(), path


def test_plants_themselves_import_their_own_words_alone() -> None:
    for path in sorted((ROOM / "plants").glob("*.py")):
        assert all(name.startswith(("medpol.claims.synth.plant", "__future__")) for name in _imported(path)), path


@pytest.mark.parametrize("code", ["20560", "20561"])
def test_each_seed_code_stands_on_each_boundary_day(code: str) -> None:
    days = {line.day for plant, line in LINES if plant.name == "seed-day" and line.code == code}
    assert days >= {
        "2019-12-31",
        "2020-01-01",
        "2020-02-29",
        "2020-03-01",
        "2023-12-06",
        "2023-12-07",
        "2024-06-30",
        "2024-07-01",
    }


def test_a_needling_line_of_2019_had_no_code_of_its_own() -> None:
    found = {line.said.reason_key for _, line in LINES if line.code in ("20560", "20561") and line.day < "2020"}
    assert found == {"code-not-yet-valid"}


def test_every_outcome_and_nearly_every_reason_is_planted() -> None:
    assert {line.said.outcome for _, line in LINES} == {each.value for each in Outcome}
    assert {line.said.reason_key for _, line in LINES} >= {
        "archived", "code-ended", "code-malformed", "code-not-yet-valid", "covered-by-contract", "covered-by-mandate",
        "criteria-met", "criteria-not-met", "delegated", "diagnosis-outside", "excluded-by-contract", "excluded-by-mandate",
        "facts-missing", "in-notice", "line-of-business-out-of-scope", "line-of-business-unknown", "medicare-source",
        "no-policy-names-code", "no-rule-applies", "no-service-code", "no-version-yet", "plan-out-of-scope", "plan-unknown",
        "position-unconditional", "sources-disagree", "span-crosses-change", "state-out-of-scope", "state-unknown",
        "text-ambiguous", "text-orders-review",
    }  # fmt: skip


def test_every_final_status_is_planted() -> None:
    assert {line.final_status for _, line in LINES} == {"final", "replaced", "void", "reversal", "undetermined"}


def test_every_planted_line_says_why() -> None:
    assert all(len(line.why.split()) >= 2 and not line.why.endswith(".") for _, line in LINES)


def test_an_837_leaves_out_only_what_it_has_no_way_to_say() -> None:
    left = {form: [plant for plant in PLANTS if not plant.is_carried_by(form)] for form in Form}
    assert left[Form.CSV] == left[Form.PARQUET] == []
    assert {plant.name for plant in left[Form.PROFESSIONAL]} == {
        "charge-missing",
        "contract-by-claim",
        "line-by-claim",
        "no-service-code",
        "paid-again",
        "plan-unknown",
        "reversal",
        "reversal-of-nothing",
        "state-by-claim",
        "type-old",
        "type-wrong",
    }
    pointers = {"pointers", "pointer-dangling", "pointers-by-line"}
    assert _names(left[Form.INSTITUTIONAL]) == _names(left[Form.PROFESSIONAL]) - {"no-service-code"} | pointers


def _names(plants: list[Plant]) -> set[str]:
    return {plant.name for plant in plants}


def test_codes_are_of_the_invented_system_or_the_seed() -> None:
    stray = {line.code for _, line in LINES if line.code and not line.code.strip().upper().startswith(("ZZ", "2056"))}
    assert stray == set()
    documents = "\n".join(path.read_text("utf-8") for path in DOCUMENTS.rglob("*.md"))
    assert "| CPT" not in documents and "| HCPCS" not in documents
