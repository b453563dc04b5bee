"""Other rule engines beside medpol: the same trees and lines, each peer in a fresh process, agreement counted."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.bulk import run
from benchmarks.bulk.generate import Made
from benchmarks.bulk.measuring import Figures, in_a_process
from benchmarks.bulk.trees import sample

from benchmarks import page

WORDS = {
    "single": "medpol, one decision at a time",
    "closures": "Python closures",
    "interpreter": "plain interpreter",
    "pydantic": "pydantic and that interpreter",
    "zen": "zen-engine, expressions",
    "zen-graph": "zen-engine, decision graphs",
    "cel": "CEL (Rust)",
    "json-logic": "json-logic",
    "openfisca": "OpenFisca, each tree over all lines",
}
GOALS = {"zen": 50.0, "zen-graph": 150.0}
"""Lines per processor second of `table` against those of the peer."""
PACKAGES = (
    "duckdb",
    "zen-engine",
    "common-expression-language",
    "json-logic-qubit",
    "pydantic",
    "openfisca-core",
    "numpy",
)


def measure(made: Made, scratch: Path, rounds: int, threads: int, count: int, names: Sequence[str]) -> str:
    """The results as Markdown. Raises ``RowsDiffer`` where the bulk differs from the single reading."""
    options = run.Options(("table",), threads=threads)
    found: dict[str, list[Figures]] = {}
    path = scratch / "sample.json"
    for at in range(rounds):
        run.tell(f"round {at + 1} of {rounds}: table")
        found.setdefault("table", []).append(run.once("table", made, scratch / "table", options))
        if at == 0:
            sample(made, scratch / "table", count).write(path)
        for name in ("rows", *names):
            run.tell(f"round {at + 1} of {rounds}: {name}")
            figures = in_a_process("benchmarks.bulk.asked", name, str(path), str(made.folder))
            found.setdefault(name, []).append(figures)
    return _part(made, found, rounds, names)


def _part(made: Made, found: dict[str, list[Figures]], rounds: int, names: Sequence[str]) -> str:
    lines, table = made.shape.lines, found["table"]
    determinations = table[0]["rows"]
    policies = made.shape.library.policies * made.shape.library.versions
    shown = page.Table(
        (
            *("what", "µs a decision", "agrees", "lines/CPU s", "`table` is faster, times"),
            *("with rows made, lines/CPU s", "`table` is faster, times", "goal", ""),
        )
    )
    mine = [lines / each["cpu"] for each in table]
    shown.add(
        "`table`, all of it: reading, history, writing",
        f"{1e6 * statistics.median(each['cpu'] for each in table) / determinations:.2f}",
        "",
        page.number(statistics.median(mine)),
        "",
        "",
        "",
        "",
        "",
    )
    making = [each["seconds"] for each in found["rows"]]
    for name in names:
        taken = [each["seconds"] * (policies if name == "openfisca" else 1) for each in found[name]]
        of_lines = [lines / determinations / each if name != "openfisca" else 1 / each for each in taken]
        made_too = [1 / (row + 1 / each) for row, each in zip(making, of_lines, strict=True)]
        ratio = statistics.median(a / b for a, b in zip(mine, of_lines, strict=True))
        goal = GOALS.get(name)
        shown.add(
            WORDS[name],
            f"{1e6 * statistics.median(taken):.2f}",
            f"{found[name][0]['agreed']:,} of {found[name][0]['decisions']:,}",
            page.number(statistics.median(of_lines)),
            f"{ratio:.1f}",
            *(
                ("", "")
                if name == "openfisca"
                else (
                    page.number(statistics.median(made_too)),
                    f"{statistics.median(a / b for a, b in zip(mine, made_too, strict=True)):.1f}",
                )
            ),
            "" if goal is None else f"≥ {goal:g}",
            "" if goal is None else page.met(ratio, goal, at_least=True),
        )
    return "\n".join(
        [
            "## Peers",
            "",
            f"{date.today()}. {run.described(made)} {determinations:,} lines are for a code that something names. Medians of {rounds} rounds, "
            f"each figure in a fresh process, ratios within a round. {page.machine(*PACKAGES)}",
            "",
            str(shown),
            "",
            "Peers are given the tree of each line (an index by code) and the line as a dictionary, and nothing of reading, writing, "
            "history, contracts or reasons is counted for them; `table` does all of these in its figure. They are two-valued and asked "
            "twice, the unknown as the worse and as the better. Only lines whose tree reads the line alone are asked: peers have no "
            "windows. Lines for which nothing is named cost peers nothing here. `with rows made` adds what it takes to make the "
            f"dictionary of every line: {1e6 * statistics.median(making):.1f} µs. OpenFisca has no index: it judges every tree for every "
            f"line, and its cost of one of each is taken times the {policies:,} versions.",
        ]
    )
