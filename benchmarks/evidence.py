"""Measure pools: REML fits of ten studies, ours and PyMetaAnalysis side by side, whole and the estimate of tau² alone.

    python -m benchmarks.evidence                         prints
    python -m benchmarks.evidence --fits 10000 --write    and puts the section into RESULTS.md

The sets are drawn with a fixed seed. A whole pool of ours has the interval of tau², I², H², the test and the prediction
interval; without the interval of tau² it is what the other program is asked for.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time

import meta_analyze
from benchmarks.page import Table, machine, met, number, write_section

from medpol.evidence.pooling import Conventions, Effect, Measure, Pooled, VarianceInterval, pool

GOAL_MILLISECONDS = 1.0
STUDIES = 10
HEADING = "# Evidence"
RESULTS = Path(__file__).parent / "RESULTS.md"
Drawn = tuple[list[float], list[float]]


def sets(count: int, seed: int = 20240610) -> list[Drawn]:
    """Effects with their variances, ten a set; the spread between studies varies from none to large."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        spread = chance.choice((0.0, 0.1, 0.5, 1.0))
        variances = [chance.uniform(0.1, 0.6) ** 2 for _ in range(STUDIES)]
        found.append(([chance.gauss(-0.5, (each + spread**2) ** 0.5) for each in variances], variances))
    return found


def ours(conventions: Conventions) -> Callable[[Drawn], float]:
    def fit(drawn: Drawn) -> float:
        effects = [Effect(str(at), *each, Measure.MEAN_DIFFERENCE) for at, each in enumerate(zip(*drawn, strict=True))]
        pooled = pool(effects, conventions)
        assert isinstance(pooled, Pooled) and pooled.heterogeneity is not None
        return pooled.heterogeneity.tau2

    return fit


def theirs(drawn: Drawn) -> float:
    effects, variances = drawn
    found = meta_analyze.meta_analysis(effect=effects, variance=variances, model="random", tau2_method="REML")
    return float(found.tau2)


def milliseconds(fit: Callable[[Drawn], float], given: Sequence[Drawn]) -> tuple[float, float, list[float]]:
    """Mean and median time of a fit in milliseconds, and every tau²."""
    times, found = [], []
    for each in given:
        began = process_time()
        found.append(fit(each))
        times.append(1_000 * (process_time() - began))
    return sum(times) / len(times), median(times), found


def section(fits: int) -> str:
    given = sets(fits)
    without = Conventions(variance_interval=VarianceInterval.NONE)
    runs = {
        "medpol, whole pool": ours(Conventions()),
        "medpol, without the interval of tau²": ours(without),
        "PyMetaAnalysis": theirs,
    }
    table = Table(("REML fit of ten studies", "mean", "median", f"goal {GOAL_MILLISECONDS:g} ms"))
    tau2 = {}
    for name, fit in runs.items():
        milliseconds(fit, given[:50])  # the first calls load what they need
        mean, middle, tau2[name] = milliseconds(fit, given)
        goal = met(mean, GOAL_MILLISECONDS) if name.startswith("medpol") else ""
        table.add(name, f"{number(mean)} ms", f"{number(middle)} ms", goal)
    one, other = tau2["medpol, whole pool"], tau2["PyMetaAnalysis"]
    apart = [(a, b) for a, b in zip(one, other, strict=True) if abs(a - b) > 1e-6]
    at_zero = sum(b == 0 < a for a, b in apart)
    return (
        f"{HEADING}\n\n{fits:,} sets, one process, its own time on the processor. {machine('numpy', 'scipy', 'PyMetaAnalysis')}\n\n{table}\n\n"
        f"tau² of the two programs is more than 1e-6 apart in {len(apart)} of {fits:,} sets; in {at_zero} of them the other "
        "stops at 0 and ours at a maximum above it.\n"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--fits", type=int, default=10_000)
    options.add_argument("--write", action="store_true", help="put the section into RESULTS.md")
    asked = options.parse_args()
    made = section(asked.fits)
    print(made)
    if asked.write:
        write_section(RESULTS, made)


if __name__ == "__main__":
    main()
