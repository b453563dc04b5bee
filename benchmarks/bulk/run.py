"""Engines beside the limit, round after round, each in a fresh process; their rows held against one reference."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.bulk import embedded
from benchmarks.bulk.generate import Made
from benchmarks.bulk.measuring import Figures, in_a_process
from benchmarks.bulk.reference import Reference, check_sample

from benchmarks import page

HEADING = "# Decided in bulk"
WORDS = {
    "table": "`decide.table` on DuckDB, compact determinations",
    "rows": "the same, all rows in full",
    "whole": "`medpol claims decide`: strict reading, parts, hashes, manifest",
    "one": "one policy, compact",
    "spark": "`decide.table` on Spark, compact",
}
LIMIT_WORDS = {
    "table": "limit: read what deciding needs, write rows of that size",
    "rows": "limit: read that and what full rows copy, write rows of that size",
    "whole": "limit: read the whole extract, write rows of that size",
    "one": "full scan of what deciding needs",
}
GOALS = {"table": 2.5, "one": 0.5}
"""Wall time against the limit of the same round."""
SPARK_GOAL = 20.0
PACKAGES = ("medpol", "duckdb", "pyarrow", "numpy")
_ODD_PART = 300_000


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure."""

    engines: tuple[str, ...]
    rounds: int = 5
    memory_limit: str = "4GB"
    threads: int = 2
    lines_a_part: int = embedded.LINES_A_PART
    spark_master: str | None = None

    def arguments(self) -> list[str]:
        held = ["--memory-limit", self.memory_limit, "--threads", str(self.threads)]
        held += ["--lines-a-part", str(self.lines_a_part)]
        return held + (["--spark-master", self.spark_master] if self.spark_master else [])


def measure(made: Made, scratch: Path, options: Options) -> tuple[dict[str, list[Figures]], int, int]:
    """Every figure of every round; how many rows there are, and how many lines were read one by one as well.

    Raises:
        RowsDiffer: An engine gave other rows than the reference.
    """
    checked = check_sample(made, embedded.read_desk(made.plan), scratch)
    results = {"table": _reference(made, scratch / "reference", options), **_limit_rows(made, scratch, options)}
    references = {"table": Reference(made, results["table"], scratch)}
    if "one" in options.engines:
        results["one"] = _reference(made, scratch / "reference-one", options, "one")
        references["one"] = Reference(made, results["one"], scratch)
    found: dict[str, list[Figures]] = {}
    for at in range(options.rounds):
        for engine in options.engines:
            limit = "table" if engine == "spark" else engine
            rows_of = [] if limit == "one" else [f"--rows-of={results[limit]}"]
            out = scratch / "limit"
            tell(f"round {at + 1} of {options.rounds}: limit of {engine}")
            found.setdefault(f"limit-{engine}", []).append(once(f"limit-{limit}", made, out, options, *rows_of))
            out = scratch / "out"
            tell(f"round {at + 1} of {options.rounds}: {engine}")
            figures = once(engine, made, out, options)
            references["one" if engine == "one" else "table"].check(out)
            shutil.rmtree(out)
            found.setdefault(engine, []).append(figures)
    return found, references["table"].rows, checked


def _reference(made: Made, out: Path, options: Options, engine: str = "table") -> Path:
    """Parts of another size than those that are measured: how lines are divided must not show in a row."""
    tell("the reference")
    other = _ODD_PART if options.lines_a_part != _ODD_PART else _ODD_PART + 1
    once(engine, made, out, options, f"--lines-a-part={other}")
    return out


def _limit_rows(made: Made, scratch: Path, options: Options) -> dict[str, Path]:
    """The rows that the limits of the other engines write: those of a run of each."""
    held: dict[str, Path] = {}
    for engine in ("rows", "whole"):
        if engine in options.engines:
            tell(f"the rows that the limit of {engine} writes")
            held[engine] = scratch / f"result-{engine}"
            once(engine, made, held[engine], options)
    return held


def once(engine: str, made: Made, out: Path, options: Options, *more: str) -> Figures:
    """One engine, or limit, in a fresh process; its rows stay in ``out``."""
    shutil.rmtree(out, ignore_errors=True)
    return in_a_process("benchmarks.bulk.engines", engine, str(made.folder), str(out), *options.arguments(), *more)


def tell(words: str) -> None:
    print(f"\r{words:<70}", end="", file=sys.stderr, flush=True)


# ---------------------------------------------------------------------------- the page


def section(made: Made, options: Options, found: dict[str, list[Figures]], rows: int, checked: int) -> str:
    """The results as Markdown, ratios taken within each round."""
    shape = made.shape
    table = page.Table(
        (
            "what",
            "wall, s",
            "CPU, s",
            "peak, MB",
            "lines/s",
            "determinations/s",
            "× limit wall",
            "× limit CPU",
            "goal",
            "",
        )
    )
    for engine in options.engines:
        if engine != "spark":
            _row(table, LIMIT_WORDS[engine], found[f"limit-{engine}"], shape.lines)
        _row(table, WORDS[engine], found[engine], shape.lines, found[f"limit-{engine}"], GOALS.get(engine))
    lines = [
        "## Engines",
        "",
        f"{date.today()}. {described(made)} {rows:,} lines are for a code that something names; {checked:,} of them were read one by one "
        f"as well, and every run gave the rows of one reference. Medians of {options.rounds} rounds, each figure in a fresh "
        f"process, ratios within a round; {resources(options)}. {page.machine(*PACKAGES)} Load average: {os.getloadavg()[0]:.1f}.",
        "",
        str(table),
        "",
    ]
    if {"table", "spark"} <= set(options.engines):
        ratio = statistics.median(
            spark["wall"] / mine["wall"] for spark, mine in zip(found["spark"], found["table"], strict=True)
        )
        lines += [
            f"Spark on `{options.spark_master or f'local[{options.threads}]'}` takes {ratio:.1f} times the wall time of DuckDB; "
            f"goal ≥ {SPARK_GOAL:g}: {page.met(ratio, SPARK_GOAL, at_least=True)}.",
            "",
        ]
    lines += _statements(found)
    return "\n".join(lines)


def resources(options: Options) -> str:
    return f"memory limit {options.memory_limit}, {options.threads} threads, {options.lines_a_part:,} lines a part"


def described(made: Made) -> str:
    shape = made.shape
    library = shape.library
    others = f" and {library.others:,} policies that match nothing" if library.others else ""
    return (
        f"{shape.lines:,} claim lines in {shape.partitions} partition(s), {library.policies:,} policies of "
        f"{library.versions} versions{others}, seed {library.seed}."
    )


def _row(
    table: page.Table,
    words: str,
    figures: Sequence[Figures],
    lines: int,
    limits: Sequence[Figures] = (),
    goal: float | None = None,
) -> None:
    wall, cpu, peak = (statistics.median(each[name] for each in figures) for name in ("wall", "cpu", "peak"))
    ratios = {
        name: statistics.median(a[name] / b[name] for a, b in zip(figures, limits, strict=True)) if limits else None
        for name in ("wall", "cpu")
    }
    rows = figures[0]["rows"]
    table.add(
        words,
        page.number(wall),
        page.number(cpu),
        page.number(peak),
        page.number(lines / wall),
        page.number(rows / wall) if rows else "",
        *("" if each is None else f"{each:.2f}" for each in ratios.values()),
        "" if goal is None else f"≤ {goal:g}",
        "" if goal is None or ratios["wall"] is None else page.met(ratios["wall"], goal),
    )


def _statements(found: dict[str, list[Figures]]) -> list[str]:
    """Where `table` spends its time: the statements that cost most, and what is Python's own."""
    figures = found.get("table")
    if not figures:
        return []
    middle = sorted(figures, key=lambda each: each["wall"])[len(figures) // 2]
    costly = sorted(middle["statements"].items(), key=lambda each: -each[1])[:6]
    apart = middle["wall"] - sum(middle["statements"].values())
    named = ", ".join(f"`{name}` {page.number(seconds)} s" for name, seconds in costly)
    return [
        f"Of the wall time of `table`, {page.number(apart)} s is Python between statements ({middle['classes']:,} classes of lines, each answered once). The statements that cost most: {named}.",
        "",
    ]
