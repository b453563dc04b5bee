"""The claim-line table: what each column becomes, what its absence means, and what is only odd (claims.md, sections 1 and 5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.claims.reading import LINE, as_csv, line, mapped, read, read_text

from medpol.claims.findings import FINDINGS
from medpol.claims.refused import ClaimsRefused
from medpol.model.codes import DIAGNOSIS_SYSTEMS, CodeSystems

SYSTEMS = CodeSystems()


def without(*names: str) -> dict[str, str | None]:
    return {name: cell for name, cell in LINE.items() if name not in names}


def test_a_plain_line_is_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path, LINE)
    assert found.lines("data_source", "claim_id", "claim_line_number", "date_of_service", "code_system", "code") == [
        ("acme", "C1", 1, date(2024, 3, 1), "HCPCS", "G0283")
    ]
    assert found.lines("diagnoses", "member_id", "billed_amount", "final_status", "findings") == [
        (["M7918"], "M1", Decimal("100.00"), "final", [])
    ]


def test_the_data_source_is_filled_by_name_and_a_source_of_the_row_stands(tmp_path: Path) -> None:
    found = read(tmp_path, line(data_source=None), line(claim_id="C2", data_source="other"), data_source="mine")
    assert found.lines("data_source") == ["mine", "other"]


def test_without_a_data_source_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimsRefused, match="no column 'data_source'") as refused:
        read(tmp_path, without("data_source"))
    assert "--data-source" in refused.value.mend


@pytest.mark.parametrize(
    ("cells", "key", "column"),
    [
        ({"claim_id": None}, "no-claim-id", "claim_id"),
        ({"claim_id": "   "}, "no-claim-id", "claim_id"),
        ({"data_source": None}, "no-claim-id", "data_source"),
        ({"claim_line_number": None}, "no-line-number", "claim_line_number"),
        ({"claim_line_number": "0"}, "bad-number", "claim_line_number"),
        ({"claim_line_number": "1.0"}, "bad-number", "claim_line_number"),
        ({"claim_line_start_date": None}, "no-date-of-service", "claim_line_start_date"),
        ({"claim_line_start_date": "2024-02-30"}, "bad-date", "claim_line_start_date"),
        ({"claim_line_start_date": "20240301"}, "bad-date", "claim_line_start_date"),
        ({"claim_line_start_date": "0001-01-01"}, "bad-date", "claim_line_start_date"),
        ({"claim_line_end_date": "2024-02-29"}, "end-before-start", "claim_line_end_date"),
        ({"charge_amount": "1e3"}, "bad-amount", "charge_amount"),
        ({"charge_amount": "12.345"}, "bad-amount", "charge_amount"),
        ({"charge_amount": "5_0"}, "bad-amount", "charge_amount"),
        ({"charge_amount": "$5"}, "bad-amount", "charge_amount"),
        ({"charge_amount": "1,000.00"}, "bad-amount", "charge_amount"),
        ({"charge_amount": " 5"}, "bad-amount", "charge_amount"),
        ({"charge_amount": "٣"}, "bad-amount", "charge_amount"),
        ({"charge_amount": "12345678901"}, "bad-amount", "charge_amount"),
        ({"service_unit_quantity": "1.2345"}, "bad-number", "service_unit_quantity"),
        ({"ingest_datetime": "2024-03-01 25:00:00"}, "bad-date", "ingest_datetime"),
        ({"x_ndc_quantity": "one"}, "bad-number", "x_ndc_quantity"),
    ],
)
def test_a_row_that_cannot_be_answered_is_rejected_with_its_place(
    tmp_path: Path, cells: dict[str, str | None], key: str, column: str
) -> None:
    found = read(tmp_path, line(claim_id="C0"), line(**cells))
    assert [each[:3] for each in found.rejects()] == [(2, key, column)]
    assert found.lines("claim_id") == ["C0"]
    assert (found.read.rows, found.read.lines, found.read.rejected) == (2, 1, 1)
    assert all(found.rows("SELECT expected, mend FROM rejects")[0])


def test_a_reject_keeps_what_was_found_as_far_as_200_characters(tmp_path: Path) -> None:
    found = read(tmp_path, line(charge_amount="9" * 300))
    assert found.rejects() == [(1, "bad-amount", "charge_amount", "9" * 200)]
    assert found.rows("SELECT data_source, claim_id, claim_line_number FROM rejects") == [("acme", "C1", "1")]


def test_the_first_day_is_the_lines_else_the_claims_and_which_is_written(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(claim_start_date="2024-02-01", claim_end_date="2024-03-09"),
        line(claim_id="C2", claim_line_start_date=None, claim_start_date="2024-02-01"),
        line(claim_id="C3", claim_line_end_date="2024-03-05", claim_end_date="2024-03-09"),
    )
    assert found.lines("date_of_service", "date_of_service_from", "last_day") == [
        (date(2024, 3, 1), "line", date(2024, 3, 9)),
        (date(2024, 2, 1), "claim", date(2024, 2, 1)),
        (date(2024, 3, 1), "line", date(2024, 3, 5)),
    ]


def test_a_line_without_a_code_is_lawful_and_a_malformed_code_is_answered(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(hcpcs_code=None),
        line(claim_id="C2", hcpcs_code="2056O"),
        line(claim_id="C3", hcpcs_code="  "),
        line(claim_id="C4", hcpcs_code="0205600"),
    )
    assert found.lines("code", "code_system", "is_code_malformed", "findings") == [
        (None, None, False, []),
        ("2056O", None, True, ["code-malformed"]),
        (None, None, False, []),
        ("0205600", None, True, ["code-malformed"]),
    ]
    assert found.read.rejected == 0


@pytest.mark.parametrize(
    ("code", "system"),
    [
        ("20560", "CPT"),
        ("00100", "CPT"),
        ("4004F", "CPT"),
        ("0101T", "CPT"),
        ("0001U", "CPT"),
        ("0001A", "CPT"),
        ("0001M", "CPT"),
        ("G0283", "HCPCS"),
        ("D1110", "CDT"),
        ("F1234", None),
        ("W1234", None),
        ("G028", None),
        ("٢٠٥٦٠", None),
        ("20560\n", None),
    ],
)
def test_a_code_has_the_system_of_its_shape(tmp_path: Path, code: str, system: str | None) -> None:
    cell = f'"{code}"' if "\n" in code else code
    if "\n" in code:
        with pytest.raises(ClaimsRefused, match="line end inside the quotes"):
            read_text(tmp_path, as_csv([line(hcpcs_code="CODE")]).replace("CODE", cell))
        return
    found = read(tmp_path, line(hcpcs_code=code))
    assert found.lines("code_system", "code", "is_code_malformed") == [(system, code, system is None)]


def test_a_code_is_trimmed_and_raised_and_both_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, line(hcpcs_code=" g0283 "))
    assert found.lines("code", "findings") == [("G0283", ["code-raised", "code-trimmed"])]
    assert found.read.findings == {"code-raised": 1, "code-trimmed": 1}


def test_a_stated_system_of_a_code_is_kept_and_never_taken_for_hcpcs(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(hcpcs_code="G0283", x_service_code_system="ER"),
        line(claim_id="C2", hcpcs_code="G0283", x_service_code_system="HC"),
        line(claim_id="C3", hcpcs_code="G0283", x_service_code_system="CPT"),
        line(claim_id="C4", hcpcs_code="20560", x_service_code_system="cpt-4"),
    )
    assert found.lines("code_system", "code", "is_code_malformed") == [
        ("ER", "G0283", False),
        ("HCPCS", "G0283", False),
        ("CPT", "G0283", True),
        ("CPT", "20560", False),
    ]


def test_a_system_that_a_library_declares_is_known_by_its_shape(tmp_path: Path) -> None:
    found = read(tmp_path, line(hcpcs_code="zz001"), declared_systems=(("Invented", "ZZ[0-9]{3}"),))
    assert found.lines("code_system", "code", "is_code_malformed") == [("Invented", "ZZ001", False)]


def test_a_shape_that_bulk_reading_cannot_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClaimsRefused, match="lookaround"):
        read(tmp_path, LINE, declared_systems=(("Invented", "(?=Z)Z[0-9]"),))


def test_modifiers_absent_are_unknown_and_empty_are_none(tmp_path: Path) -> None:
    assert (
        read(tmp_path / "absent", LINE).lines("modifiers") == [None] if (tmp_path / "absent").mkdir() is None else False
    )
    found = read(
        tmp_path,
        line(hcpcs_modifier_1=None, hcpcs_modifier_2=None),
        line(claim_id="C2", hcpcs_modifier_1="xs", hcpcs_modifier_2="59"),
        line(claim_id="C3", hcpcs_modifier_1="59", hcpcs_modifier_2="59"),
        line(claim_id="C4", hcpcs_modifier_1="59", hcpcs_modifier_2="5"),
    )
    assert found.lines("modifiers", "findings") == [
        ([], []),
        (["59", "XS"], []),
        (["59"], []),
        (None, ["malformed-modifier"]),
    ]


def test_no_diagnosis_at_all_is_unknown_and_not_none(tmp_path: Path) -> None:
    assert read(tmp_path, line(diagnosis_code_1=None)).lines("diagnoses", "diagnosis_scope") == [(None, None)]


def test_the_system_of_a_diagnosis_is_by_type_else_by_discharge_or_service_day(tmp_path: Path) -> None:
    old, new = "2015-09-30", "2015-10-01"
    rows = [
        line(claim_id="C1", claim_line_start_date=new, diagnosis_code_1="M79.18"),
        line(claim_id="C2", claim_line_start_date=old, diagnosis_code_1="724.5"),
        line(claim_id="C3", claim_line_start_date=new, diagnosis_code_1="7245"),
        line(claim_id="C4", claim_line_start_date=old, diagnosis_code_1="M7918"),
        line(claim_id="C5", claim_line_start_date=old, discharge_date=new, diagnosis_code_1="M7918"),
        line(claim_id="C6", claim_line_start_date=new, diagnosis_code_1="7245", diagnosis_code_type="icd-9-cm"),
        line(claim_id="C7", claim_line_start_date=old, diagnosis_code_1="M7918", diagnosis_code_type="ICD-10-CM"),
        line(claim_id="C8", claim_line_start_date=new, diagnosis_code_1="M7918", diagnosis_code_type="snomed"),
        line(claim_id="C9", claim_line_start_date=old, diagnosis_code_1="V700"),
    ]
    assert [each[0] for each in read(tmp_path, *rows).lines("diagnoses", "findings")] == [
        ["M7918"],
        ["7245"],
        ["!7245"],
        ["!M7918"],
        ["M7918"],
        ["7245"],
        ["M7918"],
        ["!M7918"],
        ["V700"],
    ]


@pytest.mark.parametrize(
    "token", ["125.9", "E086.21", "M79.1-", "M79–M80", "thru", "M79.18, G89.29", "see the note", "M79.18."]
)
def test_a_malformed_diagnosis_stays_as_written_and_is_said(tmp_path: Path, token: str) -> None:
    found = read(tmp_path, line(diagnosis_code_2=token))
    assert found.lines("diagnoses") == [[f"!{token}", "M7918"]]
    assert "diagnosis-malformed" in found.lines("findings")[0]


def test_mends_of_a_diagnosis_are_counted_each(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(diagnosis_code_1=" M7918"),
        line(claim_id="C2", diagnosis_code_1="m7918"),
        line(claim_id="C3", diagnosis_code_1="M79.18"),
    )
    assert found.lines("diagnoses") == [["M7918"]] * 3
    assert found.read.findings == {"diagnosis-dot-dropped": 1, "diagnosis-raised": 1, "diagnosis-trimmed": 1}


def test_qualifiers_of_an_837_say_the_system_of_each_diagnosis(tmp_path: Path) -> None:
    def hi(number: int, qualifiers: str, *codes: str, day: str = "2024-03-01") -> dict[str, str | None]:
        named = {f"diagnosis_code_{at}": code for at, code in enumerate(codes, 1)}
        return line(claim_id=f"C{number}", claim_line_start_date=day, x_diagnosis_qualifiers=qualifiers, **named)

    found = read(
        tmp_path,
        hi(1, "ABK,ABF", "M7918", "G8929"),
        hi(2, "BK", "M7918"),  # ICD-10-CM alone: read as such
        hi(3, "BK", "V700"),  # fits both
        hi(4, "BK,BF", "7245", "E8120"),
        hi(5, "BK", "7245", day="2014-01-01"),
        hi(6, "BK", "M7918", day="2014-01-01"),
        hi(7, "XX", "M7918"),
    )
    assert found.lines("diagnoses") == [
        ["G8929", "M7918"],
        ["M7918"],
        ["!V700"],
        ["!E8120", "7245"],
        ["7245"],
        ["!M7918"],
        ["!M7918"],
    ]
    assert found.read.findings["qualifier-mismatch"] == 1


def test_pointers_choose_the_diagnoses_of_the_line(tmp_path: Path) -> None:
    def pointed(number: int, pointers: str | None, kind: str = "professional") -> dict[str, str | None]:
        return line(claim_id=f"C{number}", diagnosis_code_2="G8929", x_diagnosis_pointers=pointers, claim_type=kind)

    found = read(
        tmp_path,
        pointed(1, "2"),
        pointed(2, "1,2"),
        pointed(3, "2:1"),
        pointed(4, None),
        pointed(5, None, "institutional"),
        pointed(6, "3"),
        pointed(7, "A"),
        line(claim_id="C8", diagnosis_code_1=None, x_diagnosis_pointers="1"),
    )
    assert found.lines("diagnoses", "diagnosis_scope") == [
        (["G8929"], "line"),
        (["G8929", "M7918"], "line"),
        (["G8929", "M7918"], "line"),
        (["G8929", "M7918"], "claim"),
        (["G8929", "M7918"], "claim"),
        (["!pointer"], "line"),
        (["G8929", "M7918"], "claim"),
        (None, None),
    ]
    assert found.lines("findings") == [
        [],
        [],
        [],
        ["diagnoses-of-claim"],
        [],
        ["diagnosis-malformed", "pointer-dangling"],
        ["diagnoses-of-claim", "pointers-malformed"],
        [],
    ]


def test_a_member_id_else_the_person_and_neither_is_unknown(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(person_id="P1"),
        line(claim_id="C2", member_id=None, person_id="P1"),
        line(claim_id="C3", member_id=None, person_id=None),
    )
    assert found.lines("member_id") == ["M1", "P1", None]


def test_a_line_of_business_has_one_spelling_and_one_that_nobody_declares_is_unknown(tmp_path: Path) -> None:
    spellings = ["Medicare Advantage", "medicare-advantage", "medicare_advantage", "MA plus", "Veterans", None]
    rows = [line(claim_id=f"C{at}", x_line_of_business=each) for at, each in enumerate(spellings)]
    found = read(tmp_path, *rows, rows[3] | {"claim_id": "C9"}, declared_lines=("veterans",))
    assert found.lines("line_of_business") == ["medicare_advantage"] * 3 + [None, "veterans", None, None]
    assert found.read.undeclared_lines == {"MA plus": 2}
    assert found.read.findings == {"line-of-business-undeclared": 2}


def test_the_map_gives_the_line_of_business_and_contract_of_payer_plan_and_group(tmp_path: Path) -> None:
    toml = """
    [[line_of_business]]
    payer = "Acme"
    plan = "Gold"
    line = "Medicare Advantage"
    [[line_of_business]]
    payer = "Acme"
    line = "commercial"
    [[contract]]
    plan = "Gold"
    contract = "rider-7"
    """
    found = read(
        tmp_path,
        line(payer="Acme", plan="Gold"),
        line(claim_id="C2", payer="Acme", plan="Silver"),
        line(claim_id="C3", payer="Other", plan="Gold", x_line_of_business="medicaid", x_member_contract_id="own"),
        map=mapped(tmp_path, toml),
    )
    assert found.lines("line_of_business", "contract", "contract_given") == [
        ("medicare_advantage", "rider-7", True),
        ("commercial", None, False),
        ("medicaid", "own", True),
    ]


def test_an_unknown_contract_is_rejected_and_none_given_is_not(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(x_member_contract_id="rider"),
        line(claim_id="C2", x_member_contract_id="ridder"),
        line(claim_id="C3"),
        contracts=frozenset({"rider"}),
    )
    assert found.lines("contract", "contract_given") == [("rider", True), (None, False)]
    assert found.rejects() == [(2, "unknown-contract", "x_member_contract_id", "ridder")]


def test_amounts_and_units_absent_are_unknown_and_never_zero_or_one(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(charge_amount=None),
        line(
            claim_id="C2",
            charge_amount="0",
            allowed_amount="-1.5",
            paid_amount="9999999999.99",
            service_unit_quantity="2.125",
        ),
        line(claim_id="C3", service_unit_quantity="-1"),
    )
    assert found.lines("billed_amount", "allowed_amount", "paid_amount", "units") == [
        (None, None, None, None),
        (Decimal("0.00"), Decimal("-1.50"), Decimal("9999999999.99"), Decimal("2.125")),
        (Decimal("100.00"), None, None, None),
    ]
    assert found.lines("findings")[2] == ["negative-units"]
    assert found.read.inputs[0].billed_missing == 1


def test_what_is_malformed_and_no_reject_is_unknown_and_said(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        line(place_of_service_code="11", x_state="wa", x_rendering_taxonomy="225100000x", rendering_npi="1234567893"),
        line(
            claim_id="C2",
            place_of_service_code="1",
            x_state="ZZ",
            x_rendering_taxonomy="PT",
            rendering_npi="1234567890",
        ),
        line(claim_id="C3", x_patient_birth_date="2024-03-02", x_patient_sex="F", x_claim_frequency_code="3"),
        line(claim_id="C4", x_patient_birth_date="2024-03-01", x_patient_sex="unknown"),
    )
    assert found.lines("place_of_service", "state", "provider_specialty", "birth_date", "sex") == [
        ("11", "WA", "225100000X", None, None),
        (None, None, None, None, None),
        (None, None, None, None, "female"),
        (None, None, None, date(2024, 3, 1), None),
    ]
    assert found.lines("findings")[1] == [
        "bad-npi-check-digit",
        "malformed-place-of-service",
        "malformed-taxonomy",
        "state-unknown",
    ]
    assert found.lines("findings")[2] == ["birth-after-service", "frequency-code-unknown"]
    assert found.lines("rendering_npi")[1] == "1234567890"


def test_every_finding_has_its_sentence(tmp_path: Path) -> None:
    source = (Path(__file__).parents[2] / "src/medpol/claims/lines.py").read_text("utf-8")
    assert all(f'"{key}"' in source for key in FINDINGS)


def test_other_columns_are_named_and_ignored_or_carried(tmp_path: Path) -> None:
    found = read(tmp_path, line(note="a", desk="7"), line(claim_id="C2", note=None, desk="8"), carry=("desk",))
    assert found.read.inputs[0].ignored == ("note",)
    assert found.lines("desk") == ["7", "8"]


@pytest.mark.parametrize("name", ["code", "Findings", "final_status", "line_id"])
def test_a_carried_column_may_not_take_a_name_of_the_output(tmp_path: Path, name: str) -> None:
    with pytest.raises(ClaimsRefused, match="--carry"):
        read(tmp_path, line(**{name: "x"}), carry=(name,))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.text(st.sampled_from("MEVZ0179.xA -!é"), min_size=1, max_size=9),
            st.sampled_from(["2015-09-30", "2015-10-01", "2024-02-29"]),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_a_diagnosis_is_normalised_as_the_model_does(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    rows = [
        line(claim_id=f"C{at}", diagnosis_code_1=code, claim_line_start_date=day)
        for at, (code, day) in enumerate(cells)
    ]
    expected = []
    for code, day in cells:
        system = DIAGNOSIS_SYSTEMS[0] if day >= "2015-10-01" else DIAGNOSIS_SYSTEMS[1]
        held = SYSTEMS.normalise(system, code)
        expected.append(None if not code.strip(" ") else [held if held is not None else "!" + code.strip(" ")])
    assert read(tmp_path_factory.mktemp("cells"), *rows).lines("diagnoses") == expected


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.sampled_from("0129GDTFUAZgé "), min_size=1, max_size=7), min_size=1, max_size=60))
def test_a_service_code_is_normalised_as_the_model_does(
    tmp_path_factory: pytest.TempPathFactory, codes: list[str]
) -> None:
    rows = [line(claim_id=f"C{at}", hcpcs_code=code) for at, code in enumerate(codes)]
    expected = []
    for code in codes:
        fitting = [
            (system, held)
            for system in ("CPT", "HCPCS", "CDT")
            if (held := SYSTEMS.normalise(system, code)) is not None
        ]
        blank = not code.strip(" ")
        expected.append((*fitting[0], False) if fitting else (None, None if blank else code, not blank))
    assert read(tmp_path_factory.mktemp("cells"), *rows).lines("code_system", "code", "is_code_malformed") == expected
