"""What `table` does with little memory: its peak, its time, and how much it lays on disk meanwhile."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.bulk import run
from benchmarks.bulk.generate import Made
from benchmarks.bulk.measuring import Figures

from benchmarks import page

LIMITS = ("256MB", "512MB", "1GB")
GOAL_AT, GOAL = "512MB", 1_024.0
"""Megabytes of the whole process, at any size of the input."""


def measure(made: Made, scratch: Path, options: run.Options, limits: Sequence[str] = LIMITS) -> str:
    """The results as Markdown; the limit of the options is the one that the others are held against."""
    found: dict[str, list[Figures]] = {}
    for at in range(options.rounds):
        for limit in (options.memory_limit, *limits):
            run.tell(f"round {at + 1} of {options.rounds}: {limit}")
            figures = run.once("table", made, scratch / "out", replace(options, memory_limit=limit))
            found.setdefault(limit, []).append(figures)
    shutil.rmtree(scratch / "out", ignore_errors=True)
    table = page.Table(
        ("memory limit", "peak, MB", "wall, s", "× wall", "CPU, s", "laid on disk at most, MB", "goal", "")
    )
    for limit, held in found.items():
        peak, wall, cpu, spilled = (
            statistics.median(each[name] for each in held) for name in ("peak", "wall", "cpu", "spilled")
        )
        slower = statistics.median(
            a["wall"] / b["wall"] for a, b in zip(held, found[options.memory_limit], strict=True)
        )
        is_judged = limit == GOAL_AT
        table.add(
            limit,
            page.number(peak),
            page.number(wall),
            f"{slower:.2f}",
            page.number(cpu),
            page.number(spilled),
            f"peak ≤ {GOAL:,.0f}" if is_judged else "",
            page.met(peak, GOAL) if is_judged else "",
        )
    return "\n".join(
        [
            "## Memory",
            "",
            f"{date.today()}. {run.described(made)} Medians of {options.rounds} rounds; {run.resources(options)} where nothing else is said. "
            f"{page.machine(*run.PACKAGES)} The limit is DuckDB's own; the peak is that of the whole process, the plan and Python included.",
            "",
            str(table),
        ]
    )
