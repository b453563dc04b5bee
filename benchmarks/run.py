"""Measure medpol: load, compile, reload, check, decide, explain; each figure beside a limit of the same run and its goal.

    make bench                                   500 policies of 4 versions: 2,000 files
    make bench ARGS="--policies 2000 --versions 1 --rounds 7 --out benchmarks/RESULTS.md"

Every round measures every figure in a process of its own, limits in between, so that a busy machine slows both. The
figures are medians over the rounds; p50 and p99 are over cases, each at the quickest of five passes (other programs on
the machine make any single call slow), then medians over the rounds. A limit is the
least that any program would have to do: read and hash the bytes, parse the Markdown, look a code up and write an answer
of the same size as JSON. The peer is a plain recursive interpreter, two-valued and asked twice.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as version_of
from pathlib import Path
from time import perf_counter, perf_counter_ns, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import generate
import peer
from page import write_section

from medpol.check import check_library
from medpol.decide.cases import answer_as_dict, decode_case, encode_answer
from medpol.decide.explain import determine
from medpol.decide.one import Desk, settle
from medpol.decide.plan import compile_library, read_plan, write_plan
from medpol.library import load

PASSES = 5
WARMING, TIMED = 4_000, 2_000
SLOW_TIMED = 100
EVENTS, WITH_HISTORY = 24, 200


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is measured, in which unit, against which limit, with which goal."""

    key: str
    words: str
    unit: str
    limit: str = ""
    goal: float | None = None
    scale: float = 1.0


ROWS = (
    Row("bytes", "limit: read and SHA-256 the same files", "s"),
    Row("markdown", "limit: markdown-it alone over the same files", "s"),
    Row("load", "load, in one process", "s", "markdown", 10),
    Row("load_cpu", "the same, processor time", "s", "markdown_cpu"),
    Row("load_memory", "peak memory of that process, loaded and compiled", "MB"),
    Row("rows", "limit: write the compiled rows as JSON", "s"),
    Row("compile", "compile", "s", "rows", 1),
    Row("compile_cpu", "the same, processor time", "s"),
    Row("compile_one", "compile again, one file changed", "ms", "", 20),
    Row("reload_one", "load again, one file changed", "ms"),
    Row("ready", "make the plan ready to answer", "ms"),
    Row("check", "`medpol check`: load, and every rule of the linter", "s", "markdown", 20),
    Row("check_cpu", "the same, processor time", "s", "markdown_cpu"),
    Row("look_up_p50", "limit: look the code up, write 120 bytes of JSON, p50", "µs"),
    Row("decide_p50", "one decision, parsed case, no history, p50", "µs", "look_up_p50"),
    Row("decide_p99", "one decision, parsed case, no history, p99", "µs", "look_up_p50", 15),
    Row("decide_every_p99", "the same, of every call in every pass, p99", "µs"),
    Row("peer_p50", "peer: recursive interpreter asked twice, p50", "µs", "look_up_p50"),
    Row("peer_p99", "peer: recursive interpreter asked twice, p99", "µs", "look_up_p50"),
    Row("history_p50", f"one decision, {EVENTS} events of history, p50", "µs", "look_up_p50"),
    Row("history_p99", f"one decision, {EVENTS} events of history, p99", "µs", "look_up_p50"),
    Row("answer_p50", "limit: look the code up, write the whole answer as JSON, p50", "µs"),
    Row("explain_p50", "with full rationale and id, p50", "µs", "answer_p50", 100),
    Row("explain_p99", "with full rationale and id, p99", "µs", "answer_p50"),
    Row("change_p50", "with what is missing and would change, p50", "µs", "answer_p50"),
    Row("change_mean", "with what is missing and would change, mean", "ms", "", 5),
    Row("change_p99", "with what is missing and would change, p99", "ms"),
    Row("line_p50", "JSON case in, JSON answer out, p50", "µs", "answer_p50"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--policies", type=int, default=500)
    parser.add_argument("--versions", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, help="put the table into its section of this file too")
    parser.add_argument("--measure", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(MEASURES[given.measure](given.work)))
        return
    shape = generate.Shape(given.policies, given.versions, given.seed)
    with tempfile.TemporaryDirectory(prefix="medpol-bench-") as folder:
        page = _page(shape, given.rounds, _measured(Path(folder), shape, given.rounds))
    print(page)
    if given.out is not None:
        write_section(given.out, page)


def _measured(work: Path, shape: generate.Shape, rounds: int) -> dict[str, list[float]]:
    """Every figure of every round, by key."""
    files = generate.write_library(work / "library", shape)
    changed = next(path for path in files if path[0].isdigit())
    for name, count, history in (("warming", WARMING, 0), ("timed", TIMED, 0), ("history", WITH_HISTORY, EVENTS)):
        lines = generate.cases(shape, count, history=history)
        (work / f"{name}.json").write_text(json.dumps(lines), encoding="utf-8")
    (work / "changed.json").write_text(json.dumps([changed, generate.one_changed(files[changed])]), encoding="utf-8")
    _in_a_process("prepare", work)
    found: dict[str, list[float]] = {}
    for at in range(rounds):
        for name in ("bytes", "markdown", "load", "check", "decide", "peer", "explain", "change"):
            print(f"\rround {at + 1} of {rounds}: {name:<12}", end="", file=sys.stderr)
            for key, value in _in_a_process(name, work).items():
                found.setdefault(key, []).append(value)
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    return found


def _in_a_process(name: str, work: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--measure", name, "--work", str(work)], check=True, stdout=subprocess.PIPE
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


# ---------------------------------------------------------------------------- the page


def _page(shape: generate.Shape, rounds: int, found: dict[str, list[float]]) -> str:
    """The results as Markdown, ratios taken within each round."""
    lines = [
        "# Measured",
        "",
        f"{date.today()}. {shape.policies:,} policies of {shape.versions} versions: {shape.files:,} files of about 3 kB; "
        f"seed {shape.seed}; medians of {rounds} rounds, each figure in a fresh process. {_machine()}",
        "",
        "| what | median | least to most | times its limit | goal | |",
        "|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        held = found.get(row.key)
        if not held:
            lines.append(f"| {row.words} | not there yet | | | {_goal(row)} | {'not met' if row.goal else ''} |")
            continue
        middle = statistics.median(held)
        ratio = ""
        if row.limit and len(found.get(row.limit, ())) == len(held):
            ratio = f"{statistics.median(a / b for a, b in zip(held, found[row.limit], strict=True)):.1f}"
        met = "" if row.goal is None else "met" if middle <= row.goal else "not met"
        spread = f"{_number(min(held))} to {_number(max(held))}"
        lines.append(f"| {row.words} | {_number(middle)} {row.unit} | {spread} | {ratio} | {_goal(row)} | {met} |")
    agreed = statistics.median(found["peer_agrees"])
    lines += [
        "",
        f"The peer reads the same trees by code and day, knows neither contracts nor mandates nor bounds of months, and "
        f"agrees with medpol in {agreed:.1f} % of the cases. Goals are judged by wall time, also where the machine did other "
        "things too; the processor time beside it says what a free machine would need.",
        "",
        "A parsed case is what `decode_case` gives: normalised, and what it documents by name, as criteria read it; the last "
        "row is the whole way from JSON to JSON. p50 and p99 are over cases, each at the quickest of its passes; the row "
        "`of every call` holds the machine's interruptions too. The processes that decide freeze the collector's heap once "
        "the plan stands (`gc.freeze`), as any program that answers for long should; medpol itself leaves the collector alone.",
    ]
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _goal(row: Row) -> str:
    return "" if row.goal is None else f"≤ {row.goal:g} {row.unit}"


def _machine() -> str:
    packages = ", ".join(f"{name} {version_of(name)}" for name in ("markdown-it-py", "lark", "msgspec", "PyYAML"))
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores; "
        f"{platform.python_implementation()} {platform.python_version()}; {packages}."
    )


# ---------------------------------------------------------------------------- limits


def _files(work: Path) -> Iterator[Path]:
    return (path for path in sorted((work / "library").rglob("*.md")) if path.is_file())


def _bytes(work: Path) -> dict[str, float]:
    begun = perf_counter()
    for path in _files(work):
        hashlib.sha256(path.read_bytes()).hexdigest()
    return {"bytes": perf_counter() - begun}


def _markdown(work: Path) -> dict[str, float]:
    """Blocks and tables alone, as the reader asks for them."""
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark").enable("table").disable("reference")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    texts = [path.read_text(encoding="utf-8") for path in _files(work)]
    begun, used = perf_counter(), process_time()
    for text in texts:
        markdown.parse(text)
    return {"markdown": perf_counter() - begun, "markdown_cpu": process_time() - used}


# ---------------------------------------------------------------------------- load and compile


def _load(work: Path) -> dict[str, float]:
    begun, used = perf_counter(), process_time()
    library = load(work / "library")
    found = {"load": perf_counter() - begun, "load_cpu": process_time() - used}
    assert not library.diagnostics, library.diagnostics[:3]
    begun, used = perf_counter(), process_time()
    plan = compile_library(library)
    found |= {"compile": perf_counter() - begun, "compile_cpu": process_time() - used}
    begun = perf_counter()
    Desk(plan)
    found["ready"] = 1e3 * (perf_counter() - begun)
    begun = perf_counter()
    write_plan(plan)
    found["rows"] = perf_counter() - begun
    found["load_memory"] = _peak_memory()
    path, text = json.loads((work / "changed.json").read_text(encoding="utf-8"))
    target = work / "library" / path
    kept = target.read_bytes()
    target.write_text(text, encoding="utf-8", newline="\n")
    try:
        begun = perf_counter()
        changed = load(work / "library", previous=library)
        found["reload_one"] = 1e3 * (perf_counter() - begun)
        begun = perf_counter()
        again = compile_library(changed, plan)
        found["compile_one"] = 1e3 * (perf_counter() - begun)
    finally:
        target.write_bytes(kept)
    assert sum(a is b for a, b in zip(plan.versions, again.versions, strict=True)) == len(plan.versions) - 1
    return found


def _check(work: Path) -> dict[str, float]:
    begun, used = perf_counter(), process_time()
    check_library(load(work / "library"), date.fromisoformat(generate.KNOWN_ON))
    return {"check": perf_counter() - begun, "check_cpu": process_time() - used}


def _peak_memory() -> float:
    try:
        import resource
    except ImportError:
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


# ---------------------------------------------------------------------------- decide


def _prepare(work: Path) -> dict[str, float]:
    """The plan and the peer's trees, written once for the processes that decide."""
    library = load(work / "library")
    (work / "plan.json").write_bytes(write_plan(compile_library(library)))
    (work / "peer.json").write_text(json.dumps(peer.policies_of(library)), encoding="utf-8")
    return {}


def _desk(work: Path) -> Desk:
    desk = Desk(read_plan((work / "plan.json").read_bytes()))
    gc.collect()
    gc.freeze()  # as any long-lived server does once its library stands
    return desk


def _raw(work: Path, name: str) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = json.loads((work / f"{name}.json").read_text(encoding="utf-8"))
    return held


def _timed(
    call: Callable[[Any], object], items: Sequence[Any], passes: int = PASSES, every: list[int] | None = None
) -> list[int]:
    """Nanoseconds for each item, sorted: of its passes the quickest, so that only the item makes a call slow.

    ``every`` is given each call, those included in which another program or the collector took the time.
    """
    taken = [sys.maxsize] * len(items)
    for _ in range(passes):
        for at, item in enumerate(items):
            begun = perf_counter_ns()
            call(item)
            spent = perf_counter_ns() - begun
            taken[at] = min(taken[at], spent)
            if every is not None:
                every.append(spent)
    return sorted(taken)


def _at(taken: Sequence[int], share: float) -> float:
    """Microseconds at a share of the calls."""
    return taken[min(len(taken) - 1, int(len(taken) * share))] / 1e3


def _decide(work: Path) -> dict[str, float]:
    desk = _desk(work)
    day = date.fromisoformat(generate.KNOWN_ON)
    warming, timed, history = (
        [decode_case(desk, raw, day)[0] for raw in _raw(work, name)] for name in ("warming", "timed", "history")
    )
    index = desk.by_code
    small = {"outcome": "not_covered", "reason": "criteria-not-met", "rationale": [["Initial course", 123456, 654321]]}
    small["version"] = "0123456789abcdef01234567"

    def look_up(case: Any) -> str:
        return json.dumps({**small, "policy": index.get((case.code_system, case.code))})

    def decide(case: Any) -> object:
        return settle(desk, case, day)

    found = {}
    for name, call, first, held in (
        ("look_up", look_up, warming, timed),
        ("decide", decide, warming, timed),
        ("history", decide, history, history),
    ):
        _timed(call, first, 1)
        every: list[int] = []
        taken = _timed(call, held, every=every)
        found |= {f"{name}_p50": _at(taken, 0.5), f"{name}_p99": _at(taken, 0.99)}
        found |= {f"{name}_every_p99": _at(sorted(every), 0.99)}
    return found


def _peer(work: Path) -> dict[str, float]:
    desk = _desk(work)
    day = date.fromisoformat(generate.KNOWN_ON)
    index = peer.index_of(json.loads((work / "peer.json").read_text(encoding="utf-8")))
    raw = _raw(work, "timed")
    prepared = [peer.prepared(each) for each in raw]
    _timed(lambda case: peer.decide(index, case), prepared, 1)
    taken = _timed(lambda case: peer.decide(index, case), prepared)
    agreed = [
        peer.decide(index, case) == settle(desk, decode_case(desk, given, day)[0], day).outcome.value
        for case, given in zip(prepared, raw, strict=True)
    ]
    return {
        "peer_p50": _at(taken, 0.5),
        "peer_p99": _at(taken, 0.99),
        "peer_agrees": 100 * sum(agreed) / len(agreed),
    }


def _explain(work: Path) -> dict[str, float]:
    desk = _desk(work)
    day = date.fromisoformat(generate.KNOWN_ON)
    timed = [decode_case(desk, raw, day)[0] for raw in _raw(work, "timed")]
    answers = {id(case): answer_as_dict(determine(desk, case, day, smallest=False)) for case in timed}
    taken = _timed(lambda case: determine(desk, case, day, smallest=False), timed)
    found = {"explain_p50": _at(taken, 0.5), "explain_p99": _at(taken, 0.99)}
    index = desk.by_code
    taken = _timed(lambda case: (index.get((case.code_system, case.code)), json.dumps(answers[id(case)])), timed)
    return {**found, "answer_p50": _at(taken, 0.5)}


def _change(work: Path) -> dict[str, float]:
    """The slow part apart: determinations with their smallest sets, and whole lines of JSON."""
    desk = _desk(work)
    day = date.fromisoformat(generate.KNOWN_ON)
    raw = _raw(work, "timed")[:SLOW_TIMED]
    cases = [decode_case(desk, each, day)[0] for each in raw]
    _timed(lambda case: determine(desk, case, day, smallest=False), cases, 1)
    taken = _timed(lambda case: determine(desk, case, day), cases, 1)

    def line(given: dict[str, Any]) -> bytes:
        case, known_on = decode_case(desk, given, day)
        return encode_answer(determine(desk, case, known_on, smallest=False))

    found = {
        "change_p50": _at(taken, 0.5),
        "change_p99": _at(taken, 0.99) / 1e3,
        "change_mean": sum(taken) / len(taken) / 1e6,
    }
    return {**found, "line_p50": _at(_timed(line, raw), 0.5)}


MEASURES: dict[str, Callable[[Path], dict[str, float]]] = {
    "prepare": _prepare,
    "bytes": _bytes,
    "markdown": _markdown,
    "load": _load,
    "check": _check,
    "decide": _decide,
    "peer": _peer,
    "explain": _explain,
    "change": _change,
}

if __name__ == "__main__":
    main()
