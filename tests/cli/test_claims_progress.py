"""How far a run over claims is: the line that a terminal shows, and the silence elsewhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.claims.reading import line, write_csv
from tests.cli.running import run
from tests.cli.test_terminal import ESCAPE, on_a_terminal

from medpol.cli.claims_progress import progress_line
from medpol.decide.engines.run.running import Done


def test_the_line_says_the_share_done_the_rate_the_time_left_and_the_outcomes() -> None:
    done = Done("deciding", 25_000, 100_000, 0, Counter(not_covered=20, covered=24_980))
    assert progress_line(done, 2.0) == (
        "25,000 of 100,000 lines (25%), 12,500 lines/s, 6 s left; covered 24,980, not covered 20"
    )
    assert "2 min 05 s left" in progress_line(Done("", 1_000, 126_000, 0), 1.0)
    assert "2 h 46 min left" in progress_line(Done("", 1, 10_001, 0), 1.0)


def test_lines_of_an_earlier_start_make_no_run_look_faster() -> None:
    assert "1,000 lines/s, 8 s left" in progress_line(Done("", 92_000, 100_000, 90_000), 2.0)
    assert "lines/s" not in progress_line(Done("", 90_000, 100_000, 90_000), 2.0)


def test_before_lines_are_counted_it_says_what_is_done() -> None:
    assert progress_line(Done("reading claims.csv"), 1.0) == "reading claims.csv"


def test_progress_is_shown_on_a_terminal_alone_and_is_gone_at_the_end(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "claims.csv", [line(claim_id=f"C{at}") for at in range(20)])
    sent = on_a_terminal("claims", "decide", file, "--out", tmp_path / "out")
    assert "20 of 20 lines (100%)" in sent
    shown, _, page = sent.rpartition(f"\r{ESCAPE}[K")
    assert "lines/s" in shown
    assert "lines/s" not in page
    assert "20 claim lines answered" in page
    assert run("claims", "decide", file, "--out", tmp_path / "piped").talk == ""
