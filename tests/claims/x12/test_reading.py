"""What the streaming reader makes of an 837: one row per line, every value where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.claims.x12.documents import (
    DEPENDENT,
    DMG,
    HEADER,
    PROVIDER,
    SUBSCRIBER,
    WITH_DEPENDENT,
    I,
    P,
    body,
    claim,
    file_of,
    group,
    institutional,
    interchange,
    read,
    text,
    transaction,
)

SERVICE, DAY = "SV1*HC:20560*100.00*UN*1***1", "DTP*472*D8*20240105"


def test_a_professional_line_is_one_row_of_text(tmp_path: Path) -> None:
    rows, rejects = read(text(file_of(claim())), tmp_path)
    assert rejects == []
    assert rows == [
        {
            "position": 22,
            "interchange": "000000001",
            "functional_group": "1",
            "transaction": "0001",
            "claim_id": "C1",
            "claim_type": "professional",
            "claim_line_number": "1",
            "claim_line_start_date": "2024-01-05",
            "hcpcs_code": "20560",
            "diagnosis_code_1": "M7918",
            "diagnosis_code_2": "M542",
            "x_diagnosis_qualifiers": "ABK,ABF",
            "x_diagnosis_pointers": "1",
            "place_of_service_code": "11",
            "x_claim_frequency_code": "1",
            "charge_amount": "100.00",
            "x_unit_basis": "UN",
            "service_unit_quantity": "1",
            "billing_npi": "1234567893",
            "payer": "PAY1",
            "x_claim_filing_code": "CI",
            "member_id": "M1",
            "x_subscriber_id": "M1",
            "x_patient_relationship": "18",
            "x_patient_birth_date": "1970-01-31",
            "x_patient_sex": "F",
        }
    ]


def test_an_institutional_line_has_revenue_centre_bill_type_and_the_days_of_its_statement(tmp_path: Path) -> None:
    codes = "HI*ABK:M7918:::::::Y"
    more = (
        "HI*ABJ:R05",
        "HI*APR:R05*APR:R51",
        "HI*ABF:E1165*ABF:I10",
        "HI*BBR:0JH60DZ:D8:20240106",
        "HI*BBQ:0JH60DZ:D8:20240107",
    )
    [row], rejects = read(text(file_of(institutional("C1", *more, hi=codes), guide=I)), tmp_path)
    assert rejects == []
    assert row["bill_type_code"] == "131" and row["revenue_center_code"] == "0420" and row["hcpcs_code"] == "97110"
    assert (row["claim_start_date"], row["claim_end_date"]) == ("2024-01-05", "2024-01-07")
    assert row["x_diagnoses_apart"] == "ABJ:R05,APR:R05,APR:R51"
    assert {row["diagnosis_code_1"], row["diagnosis_code_2"], row["diagnosis_code_3"]} == {"M7918", "E1165", "I10"}
    assert (row["procedure_code_1"], row["procedure_date_1"]) == ("0JH60DZ", "2024-01-06")
    assert (row["procedure_code_2"], row["procedure_date_2"]) == ("0JH60DZ", "2024-01-07")
    assert row["procedure_code_type"] == "icd-10-pcs"
    assert "claim_line_start_date" not in row and "place_of_service_code" not in row


def test_a_revenue_only_line_has_no_code(tmp_path: Path) -> None:
    [row], rejects = read(text(file_of(institutional(lines=[("SV2*0120**1500*DA*5",)]), guide=I)), tmp_path)
    assert rejects == []
    assert "hcpcs_code" not in row and row["x_unit_basis"] == "DA" and row["charge_amount"] == "1500"


@pytest.mark.parametrize("system", ["ER", "IV", "WK"])
def test_a_code_of_another_system_is_not_taken_for_hcpcs(tmp_path: Path, system: str) -> None:
    [row], _ = read(text(file_of(claim(lines=[(f"SV1*{system}:20560*1*UN*1***1", DAY)]))), tmp_path)
    assert row["x_service_code_system"] == system


def test_a_composite_with_four_modifiers_and_a_description(tmp_path: Path) -> None:
    [row], _ = read(text(file_of(claim(lines=[("SV1*HC:20560:59:GP::25:words*1*UN*1***1", DAY)]))), tmp_path)
    assert [row.get(f"hcpcs_modifier_{at}") for at in range(1, 5)] == ["59", "GP", None, "25"]


@pytest.mark.parametrize("colons", [6, 400])
def test_a_composite_with_two_codes_is_no_code(tmp_path: Path, colons: int) -> None:
    composite = f"HC:20560{':' * colons}20561"
    [row], _ = read(text(file_of(claim(lines=[(f"SV1*{composite}*1*UN*1***1", DAY)]))), tmp_path)
    assert row["hcpcs_code"] == composite


def test_pointers_range_of_days_authorisation_drug_and_provider_belong_to_their_line(tmp_path: Path) -> None:
    lines = [
        (
            "SV1*HC:20560*60*MJ*15*12**2:1",
            "DTP*472*RD8*20240105-20240106",
            "REF*G1*AUTH2",
            "NM1*82*1*B*****XX*1679576722",
            "PRV*PE*PXC*208100000X",
        ),
        ("SV1*HC:J1100*40*UN*.5***2", DAY, "REF*G1*OTHER**2U:PAY9", "LIN**N4*00409488810", "CTP****2.5*ML"),
    ]
    more = ("REF*G1*AUTH1", "REF*F8*ORIGINAL", "NTE*ADD*NOTHING")
    providers = ("NM1*DN*1*A*****XX*1234567893", "NM1*82*1*A*****XX*1234567893", "PRV*PE*PXC*225100000X")
    whole = claim("C1", *more, lines=lines, setting="11:B:7")
    at = whole.index("LX*1")
    (first, second), rejects = read(text(file_of([*whole[:at], *providers, *whole[at:]])), tmp_path)
    assert rejects == []
    assert (first["x_diagnosis_pointers"], second["x_diagnosis_pointers"]) == ("2,1", "2")
    assert (first["claim_line_start_date"], first["claim_line_end_date"]) == ("2024-01-05", "2024-01-06")
    assert (first["place_of_service_code"], second["place_of_service_code"]) == ("12", "11")
    assert (first["x_prior_auth_number"], second["x_prior_auth_number"]) == ("AUTH2", "AUTH1")
    assert (first["rendering_npi"], first["x_rendering_taxonomy"]) == ("1679576722", "208100000X")
    assert (second["rendering_npi"], second["x_rendering_taxonomy"]) == ("1234567893", "225100000X")
    assert (second["x_ndc"], second["x_ndc_quantity"], second["x_ndc_unit"]) == ("00409488810", "2.5", "ML")
    assert second["service_unit_quantity"] == "0.5"
    assert {each["x_claim_frequency_code"] for each in (first, second)} == {"7"}
    assert {each["x_original_claim_id"] for each in (first, second)} == {"ORIGINAL"}


def test_what_another_payer_says_is_not_the_claims(tmp_path: Path) -> None:
    other = (
        "SBR*S*18*******MB",
        "AMT*D*5",
        "OI***Y***Y",
        "NM1*IL*1*INVENTED*ANN****MI*M9",
        "NM1*PR*2*OTHER*****PI*PAY9",
    )
    other += ("DTP*573*D8*20231231", "REF*G1*THEIRS", "REF*F8*THEIRS", "NM1*82*1", "REF*LU*1")
    whole = claim(lines=[(SERVICE, DAY, "SVD*PAY9*5*HC:20561**1", "CAS*CO*45*95", "DTP*573*D8*20231231")])
    at = whole.index("LX*1")
    [row], rejects = read(text(file_of([*whole[:at], *other, *whole[at:]])), tmp_path)
    assert rejects == []
    [plain], _ = read(text(file_of(claim())), tmp_path)
    assert row == {**plain, "position": row["position"]}


# ---------------------------------------------------------------------------- who


def test_a_dependent_is_the_patient_and_not_the_subscriber(tmp_path: Path) -> None:
    levels = [*HEADER, *PROVIDER, *WITH_DEPENDENT, *DEPENDENT, *claim()]
    [row], rejects = read(text(interchange(group(transaction(levels)))), tmp_path)
    assert rejects == []
    assert "member_id" not in row and row["x_subscriber_id"] == "M1"
    assert (row["x_patient_relationship"], row["x_patient_birth_date"], row["x_patient_sex"]) == (
        "19",
        "2010-01-01",
        "M",
    )


def test_a_dependent_with_an_id_of_their_own_is_that_member(tmp_path: Path) -> None:
    levels = [*HEADER, *PROVIDER, *WITH_DEPENDENT, *DEPENDENT, "REF*1W*M1-02", *claim()]
    [row], _ = read(text(interchange(group(transaction(levels)))), tmp_path)
    assert (row["member_id"], row["x_subscriber_id"]) == ("M1-02", "M1")


def test_a_subscriber_with_dependents_keeps_the_claims_of_their_own(tmp_path: Path) -> None:
    subscriber = ["HL*2*1*22*1", *SUBSCRIBER[1:]]
    levels = [
        *HEADER,
        *PROVIDER,
        *subscriber,
        *claim("OWN"),
        *DEPENDENT,
        *claim("CHILD"),
        "HL*4*1*22*0",
        *SUBSCRIBER[1:],
        *claim("LAST"),
    ]
    rows, rejects = read(text(interchange(group(transaction(levels)))), tmp_path)
    assert rejects == []
    assert [(row["claim_id"], row.get("member_id")) for row in rows] == [("OWN", "M1"), ("CHILD", None), ("LAST", "M1")]


def test_a_claim_below_a_subscriber_who_is_not_the_patient_has_no_member(tmp_path: Path) -> None:
    levels = [*HEADER, *PROVIDER, "HL*2*1*22*0", "SBR*P********CI", *SUBSCRIBER[2:], *claim()]
    [row], _ = read(text(interchange(group(transaction(levels)))), tmp_path)
    assert "member_id" not in row and row["x_subscriber_id"] == "M1"


def test_nothing_of_one_patient_reaches_the_next(tmp_path: Path) -> None:
    bare = ["HL*3*1*22*0", "SBR*P*18*******", "NM1*IL*1*INVENTED*EVE", "NM1*PR*2*PAYER"]
    rich = claim("C1", "REF*G1*AUTH", "REF*F8*O")
    levels = [*HEADER, *PROVIDER, *SUBSCRIBER, *rich, *bare, *claim("C2", hi="")]
    (_, row), rejects = read(text(interchange(group(transaction(levels)))), tmp_path)
    assert rejects == []
    gone = {"member_id", "x_subscriber_id", "x_patient_birth_date", "x_patient_sex", "payer", "x_claim_filing_code"}
    gone |= {"x_prior_auth_number", "x_original_claim_id", "diagnosis_code_1", "x_diagnosis_qualifiers"}
    assert not gone & set(row)


# ---------------------------------------------------------------------------- diagnoses


def test_an_empty_element_keeps_its_place_since_lines_point_at_places(tmp_path: Path) -> None:
    [row], _ = read(text(file_of(claim(hi="HI*ABK:M7918**ABF:M542"))), tmp_path)
    assert (row["diagnosis_code_1"], row["diagnosis_code_3"]) == ("M7918", "M542")
    assert "diagnosis_code_2" not in row and row["x_diagnosis_qualifiers"] == "ABK,,ABF"


@pytest.mark.parametrize("element", ["ABF:M542:M545", "ABF:M542^M545", "ABF:M542:D8:20240101"])
def test_an_element_with_more_than_its_code_stays_whole_and_is_no_code(tmp_path: Path, element: str) -> None:
    [row], _ = read(text(file_of(claim(hi=f"HI*ABK:M7918*{element}"))), tmp_path)
    assert row["diagnosis_code_2"] == element.removeprefix("ABF:")


def test_an_unknown_qualifier_is_kept_since_the_code_may_have_been_a_diagnosis(tmp_path: Path) -> None:
    [row], _ = read(text(file_of(claim(hi="HI*ABK:M7918*AFB:M542*BG:01"))), tmp_path)
    assert row["x_diagnosis_qualifiers"] == "ABK,AFB" and row["diagnosis_code_2"] == "M542"


def test_a_code_without_a_qualifier_is_of_no_system(tmp_path: Path) -> None:
    [row], _ = read(text(file_of(claim(hi="HI*:M7918"))), tmp_path)
    assert (row["diagnosis_code_1"], row["x_diagnosis_qualifiers"]) == ("M7918", "?")


def test_several_hi_segments_are_one_list(tmp_path: Path) -> None:
    more = "HI*" + "*".join(f"ABF:M54{at}" for at in range(12))
    [row], rejects = read(text(file_of(claim("C1", "HI*ABK:M7918", hi=more))), tmp_path)
    assert rejects == [] and row["diagnosis_code_13"] == "M5411"


# ---------------------------------------------------------------------------- the envelope


def test_several_interchanges_groups_and_transactions_are_read_in_order(tmp_path: Path) -> None:
    one = interchange(group(transaction(body(claim("A"))), transaction(body(claim("B")), control="0002")))
    two = interchange(
        group(transaction(body(claim("C")))),
        group(transaction(body(institutional("D")), I), guide=I, control="2"),
        control="000000002",
    )
    rows, rejects = read(text(one) + text(two), tmp_path)
    assert rejects == []
    places = [(row["claim_id"], row["interchange"], row["functional_group"], row["transaction"]) for row in rows]
    assert places == [
        ("A", "000000001", "1", "0001"),
        ("B", "000000001", "1", "0002"),
        ("C", "000000002", "1", "0001"),
        ("D", "000000002", "2", "0001"),
    ]
    assert [row["position"] for row in rows] == sorted(row["position"] for row in rows)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n", "\r\n\r\n"])
def test_line_ends_between_segments_change_nothing(tmp_path: Path, line_end: str) -> None:
    segments = file_of(claim("A"), claim("B"))
    assert read(text(segments, line_end), tmp_path) == read(text(segments), tmp_path)


@pytest.mark.parametrize("signs", ["|>!\n", "\x1d\x1c\x1f\x1e", "*:^\r", "+>&'"])
def test_any_delimiters_give_the_same_rows(tmp_path: Path, signs: str) -> None:
    plain = text(file_of(claim("A"), claim("B")))
    other = plain.translate(str.maketrans("*:^~", signs))
    assert read(other, tmp_path) == read(plain, tmp_path)


def test_each_interchange_has_its_own_delimiters(tmp_path: Path) -> None:
    plain = text(file_of(claim("A")))
    other = plain.translate(str.maketrans("*:^~", "|>!\n"))
    rows, rejects = read(plain + "\r\n" + other + plain, tmp_path)
    assert rejects == [] and [row["claim_id"] for row in rows] == ["A"] * 3


@pytest.mark.parametrize("block", [1, 7, 106, 107, 1000])
def test_the_size_of_a_block_changes_nothing(tmp_path: Path, block: int) -> None:
    whole = text(file_of(claim("A"), claim("B")), "\r\n") + text(file_of(claim("C"))).translate(
        str.maketrans("*:^~", "|>!\n")
    )
    assert read(whole, tmp_path, block=block) == read(whole, tmp_path)


@pytest.mark.parametrize("guide", ["005010X222", "005010X222A1", "005010X222A2"])
def test_an_addendum_of_the_guide_is_read(tmp_path: Path, guide: str) -> None:
    rows, _ = read(text(file_of(claim(), guide=guide)), tmp_path)
    assert len(rows) == 1


def test_an_interchange_larger_than_a_batch_waits_on_disk_and_leaves_whole(tmp_path: Path) -> None:
    claims = [claim(f"C{at}", lines=[(SERVICE, DAY)] * 3) for at in range(50)]
    whole = text(file_of(*claims)) + text(file_of(claim("LAST")))
    assert read(whole, tmp_path, batch=7, temporary=tmp_path) == read(whole, tmp_path)


def test_names_in_another_encoding_are_passed_and_ids_show_what_they_hold(tmp_path: Path) -> None:
    whole = text(file_of(claim("CLAIM"))).replace("INVENTED", "PE\u00d1A")
    [row], rejects = read(whole.encode("latin-1"), tmp_path)
    assert rejects == [] and row["claim_id"] == "CLAIM"
    odd = text(file_of(claim("CLAIM"))).replace("CLAIM", "CLA\u00cfM")
    assert read(odd.encode("latin-1"), tmp_path)[0][0]["claim_id"] == "CLA\\xcfM"
    assert read(odd.encode("latin-1"), tmp_path, encoding="latin-1")[0][0]["claim_id"] == "CLA\u00cfM"
    assert read(odd.encode("utf-8"), tmp_path, encoding="utf-8", block=1)[0][0]["claim_id"] == "CLA\u00cfM"


# ---------------------------------------------------------------------------- rejects of one line


@pytest.mark.parametrize(
    ("line", "key", "column"),
    [
        (("SV1*HC:20560**UN*1***1", DAY), "bad-amount", "charge_amount"),
        ((SERVICE, "DTP*472*D8*2024-01-05"), "bad-date", "claim_line_start_date"),
        ((SERVICE, "DTP*472*D8*"), "bad-date", "claim_line_start_date"),
        ((SERVICE, "DTP*472*TM*1200"), "bad-date", "claim_line_start_date"),
        ((SERVICE, "DTP*472*RD8*20240105"), "bad-date", "claim_line_start_date"),
        ((SERVICE, "DTP*472*D8*20240105*"), "bad-date", "claim_line_start_date"),
        ((SERVICE, DAY, *["REF*G1*AUTHORISATION"] * 20), "wrong-width", "x_prior_auth_number"),
        ((SERVICE, DAY, "LIN**N4*00409488810", "LIN**N4*00409488811"), "wrong-width", "x_ndc"),
    ],
)
def test_a_line_that_cannot_be_read_is_one_reject_with_its_segment(
    tmp_path: Path, line: tuple[str, ...], key: str, column: str
) -> None:
    segments = file_of(claim("C1", lines=[(SERVICE, DAY), line]), claim("C2"))
    rows, [reject] = read(text(segments), tmp_path)
    assert [(row["claim_id"], row["claim_line_number"]) for row in rows] == [("C1", "1"), ("C2", "1")]
    assert (reject.reject_key, reject.column, reject.claim_id, reject.claim_line_number) == (key, column, "C1", "2")
    assert reject.lines == 1 and segments[reject.position - 1] in line


@pytest.mark.parametrize(
    ("broken", "key", "found"),
    [
        (claim("C1", charge=""), "bad-amount", ""),
        (claim("C1", charge="1e3"), "bad-amount", "1e3"),
        (claim("C1", hi="HI*ABK:M791" + "*ABF:M542" * 12), "wrong-width", "13 elements of HI"),
        (claim("C1", *["HI*" + "*".join(["ABF:M542"] * 12)] * 2, hi="HI*ABF:M1*ABF:M2"), "wrong-width", "26 codes"),
        (claim("C1", "REF*F8*A", "REF*F8*B"), "wrong-width", "B"),
        (claim("C1", *["REF*G1*" + "A" * 99] * 9), "wrong-width", f"{'A' * 99},{'A' * 99},"),
        (claim("C1", "DTP*096*D8*2024"), "bad-date", "DTP 096 D8 2024"),
    ],
)
def test_a_claim_that_cannot_be_read_rejects_its_lines_and_no_others(
    tmp_path: Path, broken: list[str], key: str, found: str
) -> None:
    rows, [reject] = read(text(file_of(broken, claim("C2"))), tmp_path)
    assert [row["claim_id"] for row in rows] == ["C2"]
    assert (reject.reject_key, reject.found, reject.claim_id, reject.interchange) == (key, found, "C1", "000000001")


def test_a_bad_birth_date_goes_on_as_text_and_is_no_date(tmp_path: Path) -> None:
    whole = text(file_of(claim())).replace(DMG, "DMG*D8*1970*F")
    assert read(whole, tmp_path)[0][0]["x_patient_birth_date"] == "D8:1970"


def test_the_two_guides_share_no_lines(tmp_path: Path) -> None:
    assert read(text(file_of(institutional(), guide=P)), tmp_path)[0] == []
    assert read(text(file_of(claim(), guide=I)), tmp_path)[0] == []
