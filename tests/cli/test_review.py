"""``medpol review`` at the terminal, for a program, and as files."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests.cli.running import copied, run
from tests.support import archive, put

from medpol.library import load

REVIEW = ("review", "2.01.100", "--today", "2025-05-15")


def test_the_dry_needling_review_of_2025_comes_out_in_one_command(tmp_path: Path) -> None:
    found = run(*REVIEW, "--out", str(tmp_path / "review"))
    assert found.code == 0
    names = sorted(each.name for each in (tmp_path / "review").iterdir())
    assert names == ["2025-07-01.md", "redline.html", "review.html", "review.json"]
    packet = msgspec.json.decode((tmp_path / "review" / "review.json").read_bytes())
    assert packet["draft"]["untrue"] == []
    assert packet["standing"]["due"] == "2025-07-01"


def test_the_draft_fits_the_library_and_alters_no_answer(tmp_path: Path) -> None:
    root = copied(tmp_path)
    run(*REVIEW, "--policies", str(root), "--out", str(tmp_path / "review"))
    draft = tmp_path / "review" / "2025-07-01.md"
    (root / "2.01.100" / draft.name).write_bytes(draft.read_bytes())
    assert not load(root).errors
    asked = ("decide", "--code", "20560", "--date-of-service", "2025-08-01", "--format", "json")
    with_it = msgspec.json.decode(run(*asked, "--policies", str(root)).data)
    assert with_it["version"] == "2024-07-01"


def test_the_three_forms_say_the_same(tmp_path: Path) -> None:
    text, data, page = (run(*REVIEW, "--format", form).data.decode() for form in ("text", "json", "html"))
    for nct in ("NCT06023264", "NCT05624515"):
        assert nct in text and nct in data and nct in page


def test_a_folder_that_holds_something_is_not_written_into(tmp_path: Path) -> None:
    put(tmp_path, {"held/notes.txt": b"mine"})
    found = run(*REVIEW, "--out", str(tmp_path / "held"))
    assert found.code == 2
    assert sorted(each.name for each in (tmp_path / "held").iterdir()) == ["notes.txt"]


def test_an_archived_policy_has_nothing_to_review(tmp_path: Path) -> None:
    root = put(
        copied(tmp_path), {"2.01.100/2025-01-01.md": archive("2025-01-01", "2024-12-01", number="2.01.100").encode()}
    )
    found = run(*REVIEW, "--policies", str(root))
    assert found.code == 4
    assert "archived" in found.talk


def test_a_day_before_the_policy_has_nothing_to_review() -> None:
    found = run("review", "2.01.100", "--today", "2010-01-01")
    assert found.code == 3
    assert "--today" in found.talk


def test_options_about_claims_without_claims_are_refused(tmp_path: Path) -> None:
    assert run(*REVIEW, "--eligibility", str(tmp_path / "x.csv")).code == 2


def test_claims_give_lines_and_dollars_of_the_governed_codes_alone(tmp_path: Path) -> None:
    claims = tmp_path / "claims.csv"
    claims.write_text(
        "claim_id,claim_line_number,data_source,person_id,claim_line_start_date,hcpcs_code,diagnosis_code_1,allowed_amount,claim_type\n"
        "a,1,S,p1,2025-01-10,20560,M79.18,60.00,professional\n"
        "b,1,S,p2,2025-01-11,99213,M54.2,90.00,professional\n"
    )
    found = run(*REVIEW, "--claims", str(claims), "--format", "json")
    assert found.code == 0, found.talk
    volume = msgspec.json.decode(found.data)["volume"]
    assert [(each["code"], each["lines"]) for each in volume["by_code"]] == [("20560", 1)]
    assert volume["changed_lines"] == 0


def test_what_the_watch_proposed_is_listed_with_its_source(tmp_path: Path) -> None:
    state = tmp_path / "state"
    (tmp_path / "empty").mkdir()
    ran = run("watch", "2.01.100", "--state", str(state), "--saved", str(tmp_path / "empty"), "--today", "2025-05-10")
    assert state.is_dir(), ran.talk
    missing = run(*REVIEW, "--watched", str(tmp_path / "nowhere"))
    assert missing.code == 3 and "--watched" in missing.talk
    found = run(*REVIEW, "--watched", str(state), "--format", "json")
    assert found.code == 0, found.talk
    noticed = msgspec.json.decode(found.data)["noticed"]
    assert {"overdue"} <= {each["kind"] for each in noticed}


def test_a_search_older_than_the_one_before_is_refused() -> None:
    found = run(*REVIEW, "--literature-through", "2024-01-01")
    assert found.code == 4
    assert "before that of the version" in found.talk
