"""What a run writes: every line answered once, by the same bytes whenever and however it is run."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyarrow.csv import read_csv
from pyarrow.parquet import read_table as read_parquet
from tests.claims.reading import line, write_csv, write_parquet
from tests.cli.running import run, run_apart
from tests.decide.engines.making import KNOWN_ON, arguments, claims, decide, drawn_rows, left, rows_of
from tests.support import EXAMPLES, library, policy, put

from medpol.claims.refused import ClaimsRefused
from medpol.claims.sources import ClaimInput
from medpol.claims.x12.structure import PROFESSIONAL
from medpol.claims.x12.writing import write_837
from medpol.decide.engines.run.contracts import with_contracts
from medpol.decide.engines.run.disk import read_json
from medpol.decide.table.schema import DETERMINATIONS
from medpol.library import SHIPPED

ROWS = [
    *drawn_rows(150),
    line(
        claim_id="glucose",
        hcpcs_code="K0553",
        claim_line_start_date="2022-02-16",
        x_line_of_business="commercial",
        x_state="WA",
    ),
]
NEEDLING = line(
    claim_id="N1",
    hcpcs_code="20560",
    claim_line_start_date="2024-08-02",
    x_line_of_business="commercial",
    paid_date="2024-09-01",
    allowed_amount="40.00",
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``claims.csv`` and the run ``out`` over it."""
    folder = tmp_path_factory.mktemp("whole")
    done = decide(claims(folder, ROWS), folder / "out", "--lines-per-part", 60)
    assert done.code == 0, done.talk
    return folder


def one(folder: Path, *rows: dict[str, str | None], options: tuple[object, ...] = ()) -> dict[str, Any]:
    """The one line row of a run over these rows with the shipped library."""
    done = decide(claims(folder, rows), folder / "out", *options, policies=SHIPPED)
    assert done.code == 0, done.talk
    (row,) = rows_of(folder / "out").line
    return row


# ---------------------------------------------------------------------------- the rows


def test_every_row_is_a_line_or_a_reject_and_dollars_add_up(whole: Path) -> None:
    found = rows_of(whole / "out").line
    held = read_json(whole / "out" / "manifest.json")
    assert len(found) == held["reconciled"]["rows"]["answered"] == len(ROWS)
    billed = sum(Decimal(str(row["charge_amount"])) for row in ROWS)
    assert sum(row["billed_amount"] for row in found) == billed
    assert held["reconciled"]["billed_amount"]["read"] == f"{billed:.2f}"
    keys = Counter((row["claim_id"], row["claim_line_number"]) for row in ROWS)
    assert Counter((row["claim_id"], str(row["claim_line_number"])) for row in found) == keys


def test_the_files_have_the_columns_and_types_of_the_determinations_table(whole: Path) -> None:
    for kind in ("line", "policy"):
        for path in (whole / "out" / kind).iterdir():
            schema = pq.read_schema(path)
            for field in DETERMINATIONS:
                assert schema.field(field.name).type == field.type, field.name
            assert schema.names[len(schema.names) - 3 :] == ["determination_id", "plan_hash", "engine_version"]


def test_each_policy_row_stands_beside_its_line(whole: Path) -> None:
    found = rows_of(whole / "out")
    lines = {(row["claim_id"], row["claim_line_number"], row["determination_id"]) for row in found.line}
    assert found.policy
    assert {(row["claim_id"], row["claim_line_number"], row["determination_id"]) for row in found.policy} <= lines


def test_only_addressed_leaves_out_what_nothing_names_and_counts_it(whole: Path, tmp_path: Path) -> None:
    done = decide(whole / "claims.csv", tmp_path / "out", "--only", "addressed")
    assert done.code == 0
    nothing = ("no-policy-names-code", "no-service-code")
    every = rows_of(whole / "out").line
    assert rows_of(tmp_path / "out").line == [row for row in every if row["reason_key"] not in nothing]
    held = read_json(tmp_path / "out" / "manifest.json")
    gone = [row for row in every if row["reason_key"] in nothing]
    assert held["reconciled"]["rows"]["left_out"] == len(gone) > 0
    assert held["reconciled"]["billed_amount"]["left_out"] == f"{sum(row['billed_amount'] for row in gone):.2f}"
    assert rows_of(tmp_path / "out").policy == rows_of(whole / "out").policy


def test_final_only_sets_aside_what_is_replaced_and_counts_it(whole: Path, tmp_path: Path) -> None:
    assert decide(whole / "claims.csv", tmp_path / "out", "--final-only").code == 0
    every = rows_of(whole / "out").line
    assert rows_of(tmp_path / "out").line == [row for row in every if row["final_status"] == "final"]
    aside = [row for row in every if row["final_status"] != "final"]
    held = read_json(tmp_path / "out" / "manifest.json")
    assert held["reconciled"]["rows"]["set_aside"] == len(aside) > 0
    assert [each["final_status"] for each in held["set_aside"]] == ["replaced"]


def test_carried_columns_follow_their_line(tmp_path: Path) -> None:
    rows = [line(claim_id=f"C{at}", batch=f"b{at}") for at in range(9)]
    assert decide(claims(tmp_path, rows), tmp_path / "out", "--carry", "batch").code == 0
    assert {row["claim_id"]: row["batch"] for row in rows_of(tmp_path / "out").line} == {
        row["claim_id"]: row["batch"] for row in rows
    }


def test_a_line_is_answered_as_known_when_it_was_paid(tmp_path: Path) -> None:
    rows = [{**NEEDLING, "claim_id": f"N{day}", "paid_date": day} for day in ("2023-08-31", "2024-09-01")]
    rows.append({**NEEDLING, "claim_id": "unpaid", "paid_date": None})
    file = claims(tmp_path, rows)
    assert decide(file, tmp_path / "paid", "--known-on", "paid-date", policies=SHIPPED).code == 0
    found = {row["claim_id"]: row for row in rows_of(tmp_path / "paid").line}
    for day in ("2023-08-31", "2024-09-01"):
        assert decide(file, tmp_path / day, "--known-on", day, policies=SHIPPED).code == 0
        (same,) = (row for row in rows_of(tmp_path / day).line if row["claim_id"] == f"N{day}")
        assert found[f"N{day}"] == same
    assert found["N2023-08-31"]["determination_id"] != found["N2024-09-01"]["determination_id"]
    assert found["unpaid"]["known_on"] == date.today()


POINTED = policy(
    criteria="""The service is **medically necessary** when all of the following are met:

- a fitting diagnosis `diagnosis in fitting`

Otherwise it is **investigational**.""",
    codes="| needling | HCPCS | K0101 | governed | | |\n| fitting | ICD-10-CM | M79.* | supports | | |",
)


def test_strict_pointers_leave_open_whose_diagnosis_fits(tmp_path: Path) -> None:
    (tmp_path / "policies" / "EX-1").mkdir(parents=True)
    (tmp_path / "policies" / "EX-1" / "2024-05-01.md").write_text(POINTED, encoding="utf-8")
    needed = "information_needed"
    cases = {
        "all": (("M7918", "M791"), {}, "covered", "covered"),
        "some": (("M7918", "E119"), {}, "covered", needed),
        "none": (("E119", "I10"), {}, "not_covered", "not_covered"),
        "one": (("M7918", None), {}, "covered", "covered"),
        "odd": (("M7918", "M80.M84"), {}, "covered", needed),
        "pointed": (("M7918", "E119"), {"x_diagnosis_pointers": "1"}, "covered", "covered"),
        "elsewhere": (("M7918", "E119"), {"x_diagnosis_pointers": "2"}, "not_covered", "not_covered"),
        "hospital": (("M7918", "E119"), {"claim_type": "institutional"}, "covered", "covered"),
    }
    rows = [
        line(
            claim_id=name,
            hcpcs_code="K0101",
            claim_line_start_date="2024-08-02",
            claim_type="professional",
            diagnosis_code_type="icd-10-cm",
            diagnosis_code_1=first,
            diagnosis_code_2=second,
            x_diagnosis_pointers=None,
            x_line_of_business="commercial",
        )
        | said
        for name, ((first, second), said, _, _) in cases.items()
    ]
    file = claims(tmp_path, rows)
    for at, options in ((2, ()), (3, ("--strict-pointers",))):
        out = tmp_path / f"out{at}"
        done = decide(file, out, *options, policies=tmp_path / "policies")
        assert done.code == 0, done.talk
        assert {row["claim_id"]: row["outcome"] for row in rows_of(out).line} == {
            name: each[at] for name, each in cases.items()
        }
        (source,) = {row["data_source"] for row in rows_of(out).line}
        told = run("claims", "explain", out, f"{source}/some/1")
        assert told.code == 0, told.talk
        assert ("INFORMATION NEEDED" in told.text.upper()) is (at == 3), told.text
        assert run("claims", "verify", out).code == 0


def test_full_detail_says_which_facts_were_used(tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text(
        "member_id,name,value,unit,observed_on,recorded_on,source\n"
        "M1,insulin.a_day,30,IU,2022-01-01,,record\n"
        "M1,insulin.a_day,25,IU,2021-06-01,,record\n"
        "M1,insulin.a_day,90,IU,2022-02-01,2030-01-01,record\n",
        "utf-8",
    )
    row = line(hcpcs_code="K0553", claim_line_start_date="2022-02-16", diagnosis_code_1="E119", x_state="WA")
    row["x_line_of_business"] = "commercial"
    done = decide(claims(tmp_path, [row]), tmp_path / "out", "--facts", facts, "--detail", "full")
    assert done.code == 0, done.talk
    (found,) = rows_of(tmp_path / "out").line
    assert found["rule"] is not None
    assert found["facts_used"] == [
        {"name": "insulin.a_day", "value": "30 IU", "source": "record", "observed_on": date(2022, 1, 1)}
    ]
    assert found["cites"]
    assert decide(tmp_path / "claims.csv", tmp_path / "compact", "--facts", facts).code == 0
    (compact,) = rows_of(tmp_path / "compact").line
    assert compact["facts_used"] is compact["cites"] is compact["missing_facts"] is None


def test_contracts_of_a_table_decide_as_the_same_contract_in_a_document(tmp_path: Path) -> None:
    table = tmp_path / "contracts.csv"
    table.write_text(
        'contract_id,effect,code_system,code,from,clause\ngiven-rider,covers,CPT,20560,2020-01-01,"Rider | 9"\n',
        "utf-8",
    )
    row = {**NEEDLING, "x_member_contract_id": "given-rider"}
    found = one(tmp_path, row, options=("--contracts", table))
    assert (found["outcome"], found["reason_key"]) == ("covered", "covered-by-contract")
    assert found["member_contract"] == "given-rider"


def test_a_row_of_contracts_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    table = tmp_path / "contracts.csv"
    table.write_text("contract_id,effect,code_system,code\nr1,covers,CPT,20560\nr1,cover,CPT,20560\n", "utf-8")
    done = decide(claims(tmp_path, [NEEDLING]), tmp_path / "out", "--contracts", table, policies=SHIPPED)
    assert done.code == 4
    assert "contracts.csv: row 2: effect 'cover'" in done.talk
    assert not (tmp_path / "out" / "run.json").exists()


@pytest.mark.parametrize("file", ["contracts/aa.md", "contracts/zz.md"])
def test_a_contract_that_the_library_holds_already_is_refused_by_its_row(tmp_path: Path, file: str) -> None:
    """Whatever the name of its file: of two texts none could be trusted."""
    document = (
        "---\ncontract: held\ntitle: Held\n---\n\n# Held\n\n## Provisions\n\n"
        "| Effect | System | Code or group |\n|---|---|---|\n| excludes | CPT | 20560 |\n"
    )
    held = library({"EX-1/2024-05-01.md": policy(), file: document})
    assert not held.errors, held.errors
    table = tmp_path / "contracts.csv"
    table.write_text("contract_id,effect,code_system,code\nnew,covers,CPT,20560\nheld,covers,CPT,20560\n", "utf-8")
    with pytest.raises(ClaimsRefused, match=rf"row 2.*{file}"):
        with_contracts(held, ClaimInput(table), put(tmp_path / "work", {"kept": b""}))


# ---------------------------------------------------------------------------- the same bytes


def test_the_same_run_gives_the_same_bytes_in_any_place_and_tongue(whole: Path, tmp_path: Path) -> None:
    settings = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    for number, (threads, env) in enumerate(((1, settings), (2, {"PYTHONHASHSEED": "0"}))):
        out = tmp_path / str(number)
        asked = arguments(whole / "claims.csv", out, "--lines-per-part", 60, "--threads", threads)
        done = run_apart("claims", "decide", *asked, env=env)
        assert done.code == 0, done.talk
        assert left(out) == left(whole / "out")


def test_csv_parquet_and_837_give_the_same_determinations(tmp_path: Path) -> None:
    rows = [
        line(
            claim_id=f"C{number:03}",
            data_source=None,
            claim_line_start_date=day,
            hcpcs_code=code,
            diagnosis_code_1="M7918",
            place_of_service_code="11",
            x_subscriber_id="M1",
            x_patient_relationship="18",
            x_patient_birth_date="1980-02-29",
            x_claim_filing_code="CI",
            x_diagnosis_pointers="1",
            service_unit_quantity="1",
            x_unit_basis="UN",
            hcpcs_modifier_1="LT",
        )
        for number, (day, code) in enumerate(
            (day, code) for day in ("2019-12-31", "2024-06-30", "2024-07-01") for code in ("20560", "20552", "L8614")
        )
    ]
    write_csv(tmp_path / "claims.csv", rows)
    write_parquet(tmp_path / "claims.parquet", rows)
    with (tmp_path / "claims.837").open("wb") as file:
        write_837(
            [{name: cell for name, cell in row.items() if name != "data_source"} for row in rows], PROFESSIONAL, file
        )
    how = tmp_path / "map.toml"
    how.write_text('data_source = "acme"\n[[line_of_business]]\nfiling_code = "CI"\nline = "commercial"\n', "utf-8")
    found = []
    for kind in ("csv", "parquet", "837"):
        done = decide(tmp_path / f"claims.{kind}", tmp_path / kind, "--map", how)
        assert done.code == 0, done.talk
        found.append(rows_of(tmp_path / kind))
    assert len(found[0].line) == len(rows)
    assert {row["line_of_business"] for row in found[0].line} == {"commercial"}
    assert found[0] == found[1] == found[2]


def test_order_of_files_rows_and_columns_and_any_split_change_nothing(whole: Path, tmp_path: Path) -> None:
    draw = random.Random(3)
    shuffled = draw.sample(ROWS, len(ROWS))
    names = draw.sample(list(ROWS[0]), len(ROWS[0]))
    files = [write_csv(tmp_path / f"{at}.csv", shuffled[at::3], names) for at in draw.sample(range(3), 3)]
    done = decide(files, tmp_path / "out", "--lines-per-part", 17)
    assert done.code == 0, done.talk
    assert rows_of(tmp_path / "out") == rows_of(whole / "out")
    held, again = (read_json(folder / "out" / "manifest.json") for folder in (whole, tmp_path))
    assert held["final"] == again["final"]
    assert held["by_final_status"] == again["by_final_status"]


def test_history_is_counted_and_not_answered(tmp_path: Path) -> None:
    earlier = [line(claim_id="E1", claim_line_start_date="2023-02-01", hcpcs_code="L8614")]
    asked = line(claim_id="A1", claim_line_start_date="2024-03-01", hcpcs_code="L8614")
    asked |= {"x_line_of_business": "commercial", "x_state": "WA"}
    history = claims(tmp_path, earlier, "history.csv")
    file = claims(tmp_path, [asked])
    assert decide(file, tmp_path / "with", "--history", history).code == 0
    assert decide(file, tmp_path / "without").code == 0
    (seen,), (unseen,) = (rows_of(tmp_path / name).line for name in ("with", "without"))
    assert seen["determination_id"] != unseen["determination_id"]
    assert seen["claim_id"] == "A1"


# ---------------------------------------------------------------------------- the command


def test_a_run_that_is_done_is_said_again_and_not_done_again(whole: Path) -> None:
    before = left(whole / "out")
    again = decide(whole / "claims.csv", whole / "out", "--lines-per-part", 60, "--resume")
    assert again.code == 0
    assert left(whole / "out") == before


def test_a_resumed_run_keeps_its_own_day(tmp_path: Path) -> None:
    file = claims(tmp_path, [NEEDLING])
    asked = ("claims", "decide", file, "--out", tmp_path / "out")
    assert run(*asked, "--known-on", "2024-10-01").code == 0
    again = run(*asked, "--resume")
    assert again.code == 0, again.talk
    assert "known on 2024-10-01" in again.text


def test_a_folder_that_holds_something_is_not_written_into(whole: Path, tmp_path: Path) -> None:
    taken = decide(whole / "claims.csv", whole / "out")
    assert taken.code == 2
    assert "--resume" in taken.talk
    (tmp_path / "mine.txt").write_text("mine")
    other = decide(whole / "claims.csv", tmp_path)
    assert other.code == 2
    assert "mine.txt" in other.talk
    assert sorted(each.name for each in tmp_path.iterdir()) == [".lock", "mine.txt"]


def test_a_resumed_run_with_other_options_or_policies_is_refused(whole: Path) -> None:
    before = left(whole / "out")
    for options, policies, differing in (
        (("--final-only",), EXAMPLES, "options.final_only"),
        ((), SHIPPED, "plan_hash"),
        (("--known-on", "2020-01-01"), EXAMPLES, "known_on"),
    ):
        done = decide(
            whole / "claims.csv", whole / "out", "--lines-per-part", 60, "--resume", *options, policies=policies
        )
        assert done.code == 4
        assert differing in done.talk
    assert left(whole / "out") == before


def test_too_many_rejects_stop_the_run_and_leave_them_to_be_read(tmp_path: Path) -> None:
    rows = [line(claim_id=f"C{at}") for at in range(20)] + [line(claim_id="bad", charge_amount="1,000.00")]
    file = claims(tmp_path, rows)
    asked = ("claims", "decide", file, "--out", tmp_path / "out", "--known-on", KNOWN_ON)
    done = run(*asked)
    assert done.code == 4
    assert "1 of 21 rows rejected" in done.talk
    (reject,) = pq.read_table(tmp_path / "out" / "rejects").to_pylist()
    assert (reject["position"], reject["reject_key"], reject["found"]) == (21, "bad-amount", "1,000.00")
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert run(*asked, "--max-rejects", "1", "--resume").code == 0


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("no-such.csv",), 3, "no such file"),
        (("{claims}", "--policies", "no-such"), 3, "no library at no-such"),
        (("{claims}", "--map", "no-such"), 3, "no-such"),
        (("{claims}", "--eligibility", "no-such.csv"), 3, "no-such.csv"),
        (("{claims}", "--known-on", "2024-13-01"), 2, "YYYY-MM-DD"),
        (("{claims}", "--max-rejects", "few"), 2, "'few' is neither"),
        (("{claims}", "--carry", "outcome"), 2, "outcome"),
        (("{claims}", "--carry", "a,a"), 2, "each once"),
        (("{claims}", "--only", "covered"), 2, "addressed"),
        (("{claims}", "--memory-limit", "much"), 2, "--memory-limit"),
        (("{claims}", "{claims}"), 4, "the same file twice"),
    ],
)
def test_what_cannot_be_run_says_so(tmp_path: Path, options: tuple[str, ...], code: int, words: str) -> None:
    file = claims(tmp_path, [NEEDLING])
    asked = [each.replace("{claims}", str(file)) for each in options]
    done = run("claims", "decide", *asked, "--out", tmp_path / "out")
    assert done.code == code
    assert words in done.talk
    assert "Traceback" not in done.talk


def test_the_summary_is_in_a_claims_manager_s_words_and_speaks_of_no_denial(whole: Path, tmp_path: Path) -> None:
    done = decide(whole / "claims.csv", tmp_path / "out")
    for words in ("Final lines by outcome", "By position", "By policy", "By reason", "wait for facts", "replaced"):
        assert words in done.text
    assert "a recommendation until a person makes it" in done.text
    as_json = decide(whole / "claims.csv", tmp_path / "out", "--resume", "--format", "json")
    assert as_json.json == read_json(tmp_path / "out" / "manifest.json")
    for text in (done.text, as_json.text):
        assert not re.search("deni", text, re.IGNORECASE)


def test_nothing_of_a_person_stands_outside_the_rows(tmp_path: Path) -> None:
    rows = [
        line(claim_id="CANARY-1", member_id="CANARY-2", x_patient_birth_date="1911-11-11"),
        line(claim_id="CANARY-3", member_id="CANARY-2", charge_amount="CANARY-4"),
    ]
    done = decide(claims(tmp_path, rows), tmp_path / "out", policies=SHIPPED)
    assert done.code == 0, done.talk
    said = [
        done.data,
        done.talk.encode(),
        *(data for name, data in left(tmp_path / "out").items() if "parquet" not in name),
    ]
    assert not any(b"CANARY" in each or b"1911-11-11" in each for each in said)
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        ".lock", "journal", "line", "manifest.json", "policy", "rejects", "run.json", "timing.json"
    ]  # fmt: skip
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_no_sum_of_dollars_holds_a_line_that_is_not_final(whole: Path) -> None:
    held = read_json(whole / "out" / "manifest.json")
    final = [row for row in rows_of(whole / "out").line if row["final_status"] == "final"]
    assert sum(each["lines"] for each in held["final"]["outcomes"]) == len(final)
    for name in ("outcomes", "positions", "policies", "reasons"):
        billed = sum(Decimal(each["billed_amount"]) for each in held["final"][name])
        assert billed == sum(row["billed_amount"] for row in final)


@pytest.mark.parametrize(("format", "claims_file", "beside"), [
    ("parquet", "claims.parquet", "parquet"), ("csv", "claims.csv", "csv"), ("837p", "claims.837", "csv")
])  # fmt: skip
def test_every_planted_truth_of_synthetic_claims_comes_out(
    tmp_path: Path, format: str, claims_file: str, beside: str
) -> None:
    made = tmp_path / "made"
    assert run("claims", "synth", "--rows", 1_000, "--seed", 7, "--format", format, "--out", made).code == 0
    done = decide(
        made / claims_file,
        tmp_path / "out",
        *("--map", made / "map.toml", "--eligibility", made / f"eligibility.{beside}"),
        *("--facts", made / f"facts.{beside}", "--lines-per-part", 700),
        policies=made / "policies",
    )
    assert done.code == 0, done.talk
    found = {
        (row["claim_id"], str(row["claim_line_number"])): (row["outcome"], row["reason_key"])
        for row in rows_of(tmp_path / "out").line
    }
    read = read_parquet if beside == "parquet" else read_csv
    truths = [row for row in read(made / f"truth.{beside}").to_pylist() if not row["reject_key"]]
    assert len(truths) > 200
    assert [found[row["claim_id"], str(row["claim_line_number"])] for row in truths] == [
        (row["outcome"], row["reason_key"]) for row in truths
    ]
