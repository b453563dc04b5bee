"""How the cost of `table` grows: with lines, with policies that match nothing, with the history of members."""

from __future__ import annotations

import math
import shutil
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from benchmarks.bulk import run
from benchmarks.bulk.generate import Made, generate, grown_plan
from benchmarks.bulk.measuring import Figures

from benchmarks import page

LINES = (1, 10)
POLICIES = (1, 4, 16)
HISTORY = (1, 10, 100)
EXPONENT_GOAL, POLICIES_GOAL = 1.02, 1.15


@dataclass(frozen=True, slots=True)
class Variant:
    """One size of one thing: how many times the base, the claims, and another plan where it has one."""

    what: str
    times: int
    made: Made
    plan: Path | None = None


def variants(made: Made) -> list[Variant]:
    """The sizes, generated beside the folder's own claims; these are the largest of the lines, and the base of policies."""
    shape, folder = made.shape, made.folder
    tenth = replace(shape, lines=shape.lines // LINES[-1])
    held = [Variant("lines", LINES[0], generate(folder / "tenth", tenth)), Variant("lines", LINES[-1], made)]
    for times in POLICIES:
        others = replace(shape.library, others=shape.library.policies * (times - 1))
        held.append(Variant("policies", times, made, grown_plan(made, others)))
    for times in HISTORY:
        longer = replace(tenth, history=times)
        held.append(Variant("history", times, generate(folder / f"history-{times}", longer)))
    return held


def measure(made: Made, scratch: Path, options: run.Options) -> str:
    """The results as Markdown, sizes interleaved and ratios taken within each round."""
    sizes = variants(made)
    found: dict[tuple[str, int], list[Figures]] = {}
    for at in range(options.rounds):
        for each in sizes:
            run.tell(f"round {at + 1} of {options.rounds}: {each.what} times {each.times}")
            more = [] if each.plan is None else [f"--plan={each.plan}"]
            figures = run.once("table", each.made, scratch / "out", options, *more)
            found.setdefault((each.what, each.times), []).append(figures)
    shutil.rmtree(scratch / "out", ignore_errors=True)
    return _part(made, options, found)


def ratio(found: Mapping[tuple[str, int], list[Figures]], what: str, times: int, name: str = "cpu") -> float:
    """The median over the rounds of what so many times the base takes of the base."""
    base = min(size for thing, size in found if thing == what)
    pairs = zip(found[what, times], found[what, base], strict=True)
    return float(statistics.median(a[name] / b[name] for a, b in pairs))


def _part(made: Made, options: run.Options, found: dict[tuple[str, int], list[Figures]]) -> str:
    words = {
        "lines": "lines",
        "policies": "policies, those beyond the base matching nothing",
        "history": "earlier services of each member",
    }
    table = page.Table(("what grows", "times", "wall, s", "CPU, s", "rows", "CPU of the base", "exponent", "goal", ""))
    for (what, times), figures in found.items():
        grown = ratio(found, what, times)
        exponent = math.log(grown) / math.log(times) if times > 1 else None
        goal, is_met = "", ""
        if what == "lines" and exponent is not None:
            goal, is_met = f"exponent ≤ {EXPONENT_GOAL}", page.met(exponent, EXPONENT_GOAL)
        if what == "policies" and times == POLICIES[-1]:
            goal, is_met = f"CPU ≤ × {POLICIES_GOAL}", page.met(grown, POLICIES_GOAL)
        table.add(
            words[what],
            times,
            *(page.number(statistics.median(each[name] for each in figures)) for name in ("wall", "cpu")),
            f"{figures[0]['rows']:,}",
            "" if exponent is None else f"× {grown:.2f}",
            "" if exponent is None else f"{exponent:.2f}",
            goal,
            is_met,
        )
    return "\n".join(
        [
            "## Growth",
            "",
            f"{date.today()}. {run.described(made)} Medians of {options.rounds} rounds, sizes interleaved, ratios within a round; "
            f"{run.resources(options)}. {page.machine(*run.PACKAGES)} History and the smaller size of lines: a tenth of the lines.",
            "",
            str(table),
        ]
    )
