"""The benchmark of the portal runs, and what it prints is plausible; how fast this machine is, no test asks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.running import environment
from tests.ledger.server import binaries
from tests.support import ROOT


def test_the_benchmark_measures_a_real_portal_and_finds_all_that_was_acknowledged() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.serve", "--policies", "20", "--versions", "3", "--seconds", "2"),
            *("--only", "weights", "--only", "pages", "--only", "recorded", "--only", "look-ups", "--only", "overload"),
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tables = _tables(done.stdout)
    pages = {row[0]: row for row in tables["Pages"]}
    assert len(pages) == 10 and all(float(row[2].replace(",", "")) > 0 for row in pages.values() if row[1] != "0")
    assert " 0 errors." in done.stdout
    weights = {row[0]: row for row in tables["Weights"]}
    assert 0 < float(weights["style sheet"][2]) < float(weights["first view of the policy, all"][2])
    recorded = {row[0]: row for row in tables["Recorded determinations"]}
    assert recorded["ledger afterwards"][4] == "met / met"
    assert all("lost" not in cell for cell in recorded["ledger afterwards"])
    look_ups = {row[0]: row for row in tables["Look-ups"]}
    assert float(look_ups["as fast as answered, 32 connections, a second"][1].replace(",", "")) > 100
    assert [row[4] for row in tables["Overload"]] == ["0", "0"], "no answer of 5xx"
    assert "Ledger: 0 lost" not in done.stdout and "as many entries; the chain holds" in done.stdout


@pytest.mark.skipif(binaries() is None and not os.environ.get("CI"), reason="no PostgreSQL server is installed here")
def test_one_measurement_on_postgresql_is_put_beside_the_others_of_the_page(tmp_path: Path) -> None:
    out = tmp_path / "RESULTS.md"
    before = "# Other\n\none\n\n# Served\n\ntwo\n\n## Overload: of old\n\nthree\n\n## Overload on PostgreSQL: of old\n\nfour\n"
    out.write_text(before, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.serve", "--policies", "20", "--versions", "3", "--seconds", "2"),
            *("--only", "overload", "--postgresql", "--out", str(out)),
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kept, measured = out.read_text(encoding="utf-8").split("## Overload on PostgreSQL")
    assert kept == before.split("## Overload on PostgreSQL", maxsplit=1)[0]
    assert "four" not in measured and "as many entries; the chain holds" in measured
    assert "Measured apart from the others: " in measured and "psycopg" in measured


def _tables(page: str) -> dict[str, list[tuple[str, ...]]]:
    """The rows of each section's table by the first words of its heading."""
    found = {}
    for part in page.split("\n## ")[1:]:
        heading = re.split(r"[:\n]", part, maxsplit=1)[0]
        rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
        found[heading] = [tuple(cell.strip() for cell in row) for row in rows[2:]]
    return found
