"""The second half of ``make demo``: a million claim lines made, decided, and held against the answers planted in them.

The commands are those that anybody runs, in processes of their own. A planted truth is written by hand beside the plant;
nothing that decides had a part in it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from medpol.cli.output import Page

KEY = ["data_source", "claim_id", "claim_line_number"]
_SHOWN = 5


def million(page: Page, rows: int, folder: Path) -> bool:
    """Make, decide, compare; whether every planted line got the answer that was planted."""
    made, run = folder / "claims", folder / "run"
    page.blank()
    page.title(f"{rows:,} claim lines, invented, with planted truths")
    sys.stdout.flush()
    _command("claims", "synth", "--rows", str(rows), "--seed", "7", "--out", str(made))
    page.blank()
    sys.stdout.flush()
    _command(
        *("claims", "decide", str(made / "claims.parquet"), "--policies", str(made / "policies")),
        *("--map", str(made / "map.toml"), "--eligibility", str(made / "eligibility.parquet")),
        *("--facts", str(made / "facts.parquet"), "--out", str(run)),
    )
    return _compare(page, made / "truth.parquet", run / "line")


def _command(*words: str) -> None:
    """One command of medpol, its pages going where ours go. Ends the demo where the command fails."""
    done = subprocess.run([sys.executable, "-m", "medpol", *words], check=False)
    if done.returncode:
        raise SystemExit(f"medpol {' '.join(words[:2])} ended with {done.returncode}")


def _compare(page: Page, truth: Path, lines: Path) -> bool:
    planted = _keyed(pq.read_table(truth, columns=[*KEY, "final_status", "outcome", "reason_key", "reject_key", "why"]))
    planted = planted.filter(pc.is_null(planted.column("reject_key")))
    answered = _keyed(pq.read_table(lines, columns=[*KEY, "final_status", "outcome", "reason_key"]))
    # a claim and its replacement bear one key: which of the two a row is, its status says
    keys = [*KEY, "final_status"]
    joined = planted.join(answered, keys=keys, join_type="left outer", right_suffix="_found")
    differing = [
        row
        for row in joined.to_pylist()
        if (row["outcome"], row["reason_key"]) != (row["outcome_found"], row["reason_key_found"])
    ]
    page.blank()
    page.line(
        f"{len(joined) - len(differing):,} of {len(joined):,} planted lines got the answer that was planted.",
        style="red" if differing else "green",
    )
    for row in differing[:_SHOWN]:
        page.line(f"✕ {row['claim_id']} line {row['claim_line_number']}: {row['why']}", indent=2, hang=2)
        page.line(
            f"planted {row['outcome']}, {row['reason_key']}; found {row['outcome_found']}, {row['reason_key_found']}",
            indent=4,
        )
    return not differing


def _keyed(table: pa.Table) -> pa.Table:
    """The table with its line numbers as numbers: the truth keeps them as the claims spell them."""
    at = table.column_names.index("claim_line_number")
    return table.set_column(at, "claim_line_number", table.column("claim_line_number").cast(pa.int32()))
