"""``medpol watch`` and ``medpol trials``: two recorded days of an invented policy, what is written, and what is kept."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest
import respx
from tests.cli.running import Ran, run
from tests.recordings.write import EVENTFUL, FILES, HERE
from tests.support import ROOT, files_of, put

import medpol.cli.watch as command
from medpol.cli.fetching import Fetcher
from medpol.cli.stops import FINDINGS
from medpol.evidence.watching import Kind, Request

EVERYTHING = {
    ("error", "cited-study-retracted", "PMID 111"),
    ("error", "cited-study-of-concern", "DOI 10.1000/abc"),
    ("warning", "cited-study-corrected", "PMID 113"),
    ("task", "cited-study-superseded", "PMID 114"),
    ("warning", "status-changed", "NCT00000001"),
    ("warning", "overdue", "NCT00000002"),
    ("warning", "completed-without-results", "NCT00000003"),
    ("task", "results-posted", "NCT00000004"),
    ("task", "published", "NCT00000005"),
    ("note", "status-changed", "NCT00000006"),
    ("note", "stale", "NCT00000006"),
    ("note", "design-moved", "NCT00000007"),
    ("task", "published", "NCT00000008"),
    ("note", "new-trial", "NCT00000099"),
    ("task", "newer-evidence", "PMID 700"),
}


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return put(
        tmp_path / "policies", {name: text.encode() for name, text in FILES.items()} | {"facts.md": b"# Facts\n"}
    )


def watch(policies: Path, saved: str | Path, *more: object) -> Ran:
    folder = saved if isinstance(saved, Path) else HERE / saved
    return run("watch", "EX-1", "--policies", policies, "--state", policies.parent / "state", "--saved", folder, *more)


def events(ran: Ran) -> list[tuple[str, str, str]]:
    return [(each["weight"], each["kind"], each["subject"]) for each in ran.json["proposals"]]


def test_every_event_is_raised_once_from_recorded_answers(policies: Path) -> None:
    first = watch(policies, "first", "--format", "json")
    assert (first.code, first.json["today"], first.json["proposals"], first.json["refused"]) == (
        0,
        "2024-02-08",
        [],
        [],
    )
    second = watch(policies, "second", "--format", "json")
    assert (second.code, second.json["today"], second.json["refused"]) == (1, "2024-07-01", [])
    told = events(second)
    assert len(told) == len(set(told)) and set(told) == EVERYTHING
    again = watch(policies, "second", "--sources", "crossref", "--format", "json")
    assert (again.code, again.json["proposals"], again.json["refused"]) == (0, [], [])


def test_a_proposal_is_a_page_that_people_sign_with_its_json_beside_it(policies: Path) -> None:
    before = files_of(policies)
    watch(policies, "first")
    ran = watch(policies, "second")
    written = files_of(policies.parent / "state/proposals")
    assert len(written) == 2 * len(EVERYTHING)
    page = next(text.decode() for name, text in written.items() if "overdue" in name and name.endswith(".md"))
    assert page.startswith("# Warning: overdue NCT00000002\n") and "Signed by:" in page
    assert (
        "| Address | https://clinicaltrials.gov/api/v2/studies?filter.ids=" in page and "| Raw answer | sha256:" in page
    )
    for name, text in written.items():
        if name.endswith(".json"):
            held = json.loads(text)
            assert held["policy"] == "EX-1" and held["provenance"]["fetched_at"] == "2024-07-01T09:00:00Z"
    assert files_of(policies) == before
    titles = [each for each in ran.text.splitlines() if each in ("2 errors", "4 warnings", "5 tasks", "4 notes")]
    assert titles == ["2 errors", "4 warnings", "5 tasks", "4 notes"]
    assert "\n15 proposals to read and sign in" in ran.text


def test_a_signed_page_is_never_written_over(policies: Path) -> None:
    watch(policies, "first")
    watch(policies, "second")
    state = policies.parent / "state"
    page = next(state.rglob("*overdue*.md"))
    page.write_text("signed\n")
    (state / "seen.json").unlink()  # as if all had been forgotten
    watch(policies, "first")
    watch(policies, "second")
    assert page.read_text() == "signed\n"
    assert len(list(state.rglob("*overdue*.md"))) == 1


def test_an_interrupted_run_goes_on_and_tells_nothing_twice(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken off between any proposal and what was seen; however often that happens, each proposal is there once."""
    watch(policies, "first")
    state, kept = policies.parent / "state", command.write_whole
    breaks = 0
    for left in range(40):
        count = left

        def failing(path: Path, data: bytes) -> None:
            nonlocal count
            if count == 0:
                raise KeyboardInterrupt
            count -= 1
            kept(path, data)

        monkeypatch.setattr(command, "write_whole", failing)
        ran = watch(policies, "second", "--format", "json")
        if ran.code != 130:
            break
        breaks += 1
    assert breaks > 5
    names = [each.name for each in (state / "proposals").rglob("*.json")]
    held = [json.loads(each.read_text()) for each in (state / "proposals").rglob("*.json")]
    assert {(each["weight"], each["kind"], each["subject"]) for each in held} == EVERYTHING
    assert len(names) == len(EVERYTHING) == len(list((state / "proposals").rglob("*.md")))


def test_what_was_not_to_be_had_is_named_and_the_rest_is_kept(policies: Path, tmp_path: Path) -> None:
    watch(policies, "first")
    partial = tmp_path / "partial"
    shutil.copytree(HERE / "second", partial)
    for each in partial.glob("api.crossref.org-*.json"):
        each.unlink()
    ran = watch(policies, partial, "--format", "json")
    assert ran.code == 4
    assert [(each["source"], each["address"]) for each in ran.json["refused"]] == [
        ("Crossref", "https://api.crossref.org/works/10.1000%2Fabc")
    ]
    assert set(events(ran)) == EVERYTHING - {("error", "cited-study-of-concern", "DOI 10.1000/abc")}
    later = watch(policies, "second", "--sources", "Crossref", "--format", "json")
    assert events(later) == [("error", "cited-study-of-concern", "DOI 10.1000/abc")]


def test_two_runs_do_not_share_a_state(policies: Path) -> None:
    state = policies.parent / "state"
    state.mkdir()
    handle = os.open(state / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        ran = watch(policies, "first")
        assert ran.code == 75 and "another run" in ran.talk
    finally:
        os.close(handle)
    assert watch(policies, "first").code == 0


def test_a_damaged_state_is_not_begun_anew(policies: Path) -> None:
    watch(policies, "first")
    (policies.parent / "state/seen.json").write_text('{"policies": {')
    ran = watch(policies, "second")
    assert ran.code == 4 and "seen.json" in ran.talk and "backup" in ran.talk


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "name the policies"),
        (("EX-1", "--all"), "name the policies"),
        (("EX-1",), "--contact"),
        (("EX-1", "--contact", "nobody"), "no mail address"),
        (("EX-1", "--saved", HERE / "first", "--record", "x"), "--record"),
        (("EX-1", "--saved", HERE / "first", "--sources", "pubmet"), "near: pubmed"),
    ],
)
def test_a_run_that_cannot_be_meant_is_refused(policies: Path, more: tuple[object, ...], said: str) -> None:
    ran = run("watch", "--policies", policies, "--state", policies.parent / "state", *more)
    assert ran.code == 2 and said in ran.talk


def test_a_policy_with_nothing_but_a_printed_table_is_watched(policies: Path) -> None:
    (policies / "EX-1/evidence/trials.md").unlink()
    ran = watch(policies, HERE, "--today", "2024-06-01", "--sources", "clinicaltrials.gov", "--format", "json")
    assert ("warning", "overdue", "NCT00000002") in events(ran)


def test_the_retraction_watch_table_is_read_from_the_disk(policies: Path, tmp_path: Path) -> None:
    table = tmp_path / "retractions.csv"
    table.write_text(
        "Record ID,RetractionDate,RetractionDOI,RetractionPubMedID,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature\n"
        "1,2/3/2024 0:00,10.1000/n,0,10.1000/ABC,0,Retraction\n"
    )
    ran = watch(policies, "first", "--retraction-watch", table, "--format", "json")
    assert events(ran) == [("error", "cited-study-retracted", "DOI 10.1000/abc")]


@pytest.mark.parametrize(("today", "overdue"), [("2024-02-08", 4), ("2024-07-01", 6)])
def test_the_trials_of_the_seed_are_shown_by_population(today: str, overdue: int) -> None:
    text = run("trials", "2.01.100", "--today", today)
    assert text.code == 0 and f", {overdue} overdue on {today}\n" in text.text
    shown = run("trials", "2.01.100", "--today", today, "--format", "json").json["trials"]
    held = [each for each in shown if each["title"]]  # those that the policy prints
    assert [len(held), sum(each["listed"] == "ongoing" for each in held)] == [10, 7]
    assert [sum(each[name] for each in shown) for name in ("has_passed", "is_overdue")] == [overdue + 3, overdue]
    assert len({each["population"] for each in held}) == 3
    rows = list(csv.DictReader(io.StringIO(run("trials", "2.01.100", "--today", today, "--format", "csv").text)))
    assert sum(each["is_overdue"] == "yes" for each in rows) == overdue


def test_trials_show_what_the_watch_has_seen(policies: Path) -> None:
    watch(policies, "first")
    watch(policies, "second")
    state = policies.parent / "state"
    ran = run("trials", "EX-1", "--policies", policies, "--state", state, "--today", "2024-07-01", "--format", "json")
    held = {each["nct"]: each for each in ran.json["trials"]}
    assert held["NCT00000001"]["status"] == "TERMINATED" and not held["NCT00000001"]["is_overdue"]
    assert held["NCT00000004"]["has_results"] and held["NCT00000007"]["enrolment"] == 80
    assert held["NCT00000002"]["known_from"] == "2024-07-01T09:00:00Z"


def test_trials_as_they_were_known_on_a_day(policies: Path) -> None:
    ran = run("trials", "EX-1", "--policies", policies, "--known-on", "2024-01-01")
    assert ran.code == 3 and "no version of EX-1 was known on 2024-01-01" in ran.talk
    assert run("trials", "EX-1", "--policies", policies, "--known-on", "2024-01-29").code == 0
    assert run("trials", "EX-2", "--policies", policies).code == 3


def test_what_was_seen_is_shown_without_the_extra_that_asks() -> None:
    """The portal and `medpol trials` read values of the watch where neither the clients nor what they need is installed."""
    missing = "import sys\nfor each in ('httpx', 'defusedxml', 'numpy', 'scipy'): sys.modules[each] = None\n"
    code = f"{missing}import medpol.evidence.watching\n"
    code += (
        "from medpol.cli import main\nassert main(['trials', '2.01.100']) == 0\nassert main(['watch', '--all']) == 2\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "pip install 'medpol[evidence]'" in done.stderr


def test_the_page_and_the_units_say_what_the_command_does() -> None:
    page = (ROOT / "docs/watching.md").read_text()
    for kind in Kind:
        assert f"`{kind.value}`" in page
    unit, timer = ((ROOT / f"deploy/medpol-watch.{each}").read_text() for each in ("service", "timer"))
    said = run("watch", "--help").text
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page + unit + timer)) - {"--now"}
    assert options and all(each in said for each in options)
    assert command.KEY_VARIABLE in page and command.KEY_VARIABLE in unit
    assert f"SuccessExitStatus={FINDINGS}" in unit


@respx.mock
def test_what_a_live_run_records_gives_the_same_without_a_network(
    policies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def service(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        kept = re.sub(r"[?&](?:tool|email|api_key|mailto)=[^&]*", "", str(request.url))
        kinds = ("text/xml",) if "efetch" in kept else ("application/json",)
        answer = EVENTFUL(Request(kept, kinds))
        return httpx.Response(
            200, content=answer.body, headers={"content-type": answer.header("content-type"), "etag": '"1"'}
        )

    respx.get(url__startswith="https://").mock(side_effect=service)
    patient = partial(Fetcher, sleep=lambda seconds: None, resolve=lambda host: ["9.9.9.9"])
    monkeypatch.setattr(command, "Fetcher", patient)
    monkeypatch.setenv(command.KEY_VARIABLE, "s3cret")
    given = ("watch", "EX-1", "--policies", policies, "--today", "2024-07-01", "--format", "json")
    live = run(*given, "--state", tmp_path / "live", "--record", tmp_path / "kept", "--contact", "analyst@example.org")
    assert (live.code, live.json["refused"]) == (1, [])
    assert any("api_key=s3cret" in each for each in asked)
    for name, data in (files_of(tmp_path / "kept") | files_of(tmp_path / "live")).items():
        assert b"s3cret" not in data and b"analyst" not in data, name
    saved = run(*given, "--state", tmp_path / "saved", "--saved", tmp_path / "kept")
    assert [each["id"] for each in saved.json["proposals"]] == [each["id"] for each in live.json["proposals"]]
    # nothing was seen before, and the table states no status for this one to differ from
    assert set(events(saved)) == EVERYTHING - {("note", "status-changed", "NCT00000006")}
