"""``medpol history``: the timeline, drawn."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from tests.cli.running import Ran, run
from tests.support import archive, policy, put

from medpol.cli.opening import open_library
from medpol.cli.output import Page
from medpol.cli.pages import print_history
from medpol.decide.holdings import policy_history
from medpol.model.dates import parse_day

GOLDEN = Path(__file__).parent / "golden"
DAYS = ("--date-of-service", "2024-08-02", "--known-on", "2026-01-01")


def drawn(found: Ran) -> list[str]:
    """The lines of the drawing."""
    return found.text.split("Timeline\n")[1].split("\n\nVersions")[0].split("\n")


def row(found: Ran, name: str) -> str:
    return next((line[14:] for line in drawn(found) if line.startswith(f"  {name}")), "")


@pytest.mark.parametrize(("name", "columns"), [("history-wide.txt", 100), ("history-narrow.txt", 48)])
def test_the_timeline_of_the_seed_reads_well(name: str, columns: int, update_golden: bool) -> None:
    found = run("history", "2.01.100", *DAYS, columns=columns)
    if update_golden:
        (GOLDEN / name).write_bytes(found.data)
    assert found.data == (GOLDEN / name).read_bytes()


def test_bars_gap_notice_reviews_and_codes_stand_at_their_days() -> None:
    found = run("history", "2.01.100", *DAYS)
    bars, notice, reviews, codes = (row(found, name) for name in ("in force", "notice", "reviews", "codes"))
    assert bars.count("┣") == 5  # one for each version in force
    gap = bars.index("╱"), bars.rindex("╱")
    assert gap[0] < notice.index("░") <= gap[1]
    assert notice.rindex("░") + 1 == gap[1] + 1 == bars.index("┣", gap[0])
    assert reviews.count("◆") == 2
    assert codes.count("┃") == 1
    assert bars[codes.index("┃")] == "┣"
    assert bars.endswith("▶")


def test_the_first_days_stand_below_their_bars_in_words() -> None:
    found = run("history", "2.01.100", *DAYS)
    lines = drawn(found)
    bars = row(found, "in force")
    for day in ("2019-01-01", "2019-07-01", "2020-01-01", "2020-03-01", "2023-12-07", "2024-07-01"):
        label = next(line[14:] for line in lines if f"└{day}" in line)
        assert bars[label.index(f"└{day}")] in "┣╱"


def test_the_day_asked_is_marked_where_it_lies() -> None:
    assert "▼ 2024-08-02" in row(run("history", "2.01.100", *DAYS), "care on")
    assert row(run("history", "2.01.100", "--date-of-service", "1950-01-01"), "care on") == ""


def corrected(folder: Path) -> Path:
    return put(
        folder,
        {
            "EX-1/2024-05-01.md": policy().encode(),
            "EX-1/2024-05-01.2024-06-15.md": policy(published="2024-06-15").encode(),
            "EX-1/2025-01-01.md": archive("2025-01-01", "2024-09-01").encode(),
            "EX-1/2026-01-01.md": policy("2026-01-01", "2025-10-01", head="withdraws: [2025-01-01]").encode(),
        },
    )


def test_the_second_clock_has_a_row_only_where_something_was_corrected(tmp_path: Path) -> None:
    root = corrected(tmp_path)
    before = run("history", "EX-1", "--policies", root, "--known-on", "2024-06-01")
    assert "once known" not in before.text
    after = run("history", "EX-1", "--policies", root, "--known-on", "2026-06-01")
    once = row(after, "once known")
    assert once.strip(" ") == "▒" * (once.rindex("▒") - once.index("▒") + 1)
    assert row(after, "in force").index("┣") == once.index("▒")
    assert "╱" not in row(after, "in force")  # the archive was withdrawn
    assert "once known, then corrected" in after.text
    narrow = run("history", "EX-1", "--policies", root, "--known-on", "2026-06-01", columns=50)
    assert "once known from 2024-01-29 until 2024-06-15" in " ".join(narrow.text.split())


def test_no_line_is_wider_than_the_terminal() -> None:
    for columns in (40, 63, 64, 80, 120):
        lines = drawn(run("history", "2.01.100", *DAYS, columns=columns))
        assert max(map(len, lines)) <= columns


def test_a_terminal_without_the_signs_gets_ascii() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    day = parse_day("2026-01-01")
    assert day is not None
    found = policy_history(open_library(None), "2.01.100", day, day)
    assert found is not None
    print_history(Page(stream, width=80), found)
    stream.flush()
    drawing = stream.buffer.getvalue().decode("ascii").split("Timeline\n")[1].split("\n\nVersions")[0]  # type: ignore[attr-defined]
    assert "?" not in drawing
    assert {"[", "=", "/", ".", "*", ">"} <= set(drawing)


def test_one_version_and_one_far_away_are_drawn_too(tmp_path: Path) -> None:
    alone = put(tmp_path / "alone", {"EX-1/2024-05-01.md": policy(published="2024-05-01").encode()})
    assert row(run("history", "EX-1", "--policies", alone), "in force").count("┣") == 1
    far = put(
        tmp_path / "far",
        {
            "EX-1/1000-01-01.md": policy("1000-01-01", "1000-01-01").encode(),
            "EX-1/9999-12-31.md": policy("9999-12-31", "2024-01-01").encode(),
        },
    )
    assert row(run("history", "EX-1", "--policies", far), "in force").count("┣") == 2


def test_the_json_tells_reviews_and_codes_beside_what_it_told() -> None:
    found = run("history", "2.01.100", *DAYS, "--format", "json").json
    assert {"policy", "title", "status", "versions", "gaps", "superseded", "events"} <= set(found)
    assert found["code_changes"] == [{"version": "2020-01-01", "joined": ["CPT 20560", "CPT 20561"], "left": []}]
    assert [(each["day"], each["event"]) for each in found["reviews"]] == [
        ("2019-07-01", "annual review"),
        ("2024-07-01", "annual review"),
    ]
    assert found["review_due"] is None
