"""The doors of the benchmark: what to make or measure, how large, and where the figures go."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.bulk import embedded, generate, growth, library, members, memory, peers, run

from benchmarks import page

RESULTS = Path(__file__).resolve().parents[1] / "RESULTS.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description=__doc__)
    parts = parser.add_subparsers(dest="what", required=True)
    for name, (words, _) in COMMANDS.items():
        part = parts.add_parser(name, help=words, description=words)
        part.add_argument("folder", type=Path, help="where the library and the claims are, or are to be")
        part.add_argument("--lines", type=int, default=1_000_000)
        part.add_argument("--policies", type=int, default=2_000)
        part.add_argument("--versions", type=int, default=2)
        part.add_argument("--seed", type=int, default=1)
        part.add_argument("--lines-a-partition", type=int, default=members.LINES_A_PARTITION)
        if name == "generate":
            part.add_argument("--others", type=int, default=0, help="policies beside them that match nothing")
            part.add_argument("--history", type=int, default=0, help="earlier services of each member beside the lines")
            part.add_argument(
                "--extract", action="store_true", help="also the extract that `medpol claims decide` reads"
            )
            continue
        part.add_argument("--rounds", type=int, default=5)
        part.add_argument("--threads", type=int, default=2)
        part.add_argument(
            "--scratch", type=Path, help="where results are written meanwhile; a temporary folder if left out"
        )
        part.add_argument("--write", action="store_true", help=f"put the results into their section of {RESULTS.name}")
        if name != "peers":
            part.add_argument("--memory-limit", default="4GB")
            part.add_argument("--lines-a-part", type=int, default=embedded.LINES_A_PART)
        if name == "run":
            part.add_argument(
                "--engine", action="append", choices=sorted(run.WORDS), help="only these; may be repeated"
            )
            part.add_argument("--spark-master", help="spark://HOST:PORT of a cluster; this machine if left out")
        if name == "peers":
            part.add_argument(
                "--peer", action="append", choices=sorted(peers.WORDS), help="only these; may be repeated"
            )
            part.add_argument("--sample", type=int, default=20_000, help="how many lines the peers are asked about")
    given = parser.parse_args()
    try:
        COMMANDS[given.what][1](given)
    except ValueError as problem:
        parser.error(str(problem))


def _made(given: argparse.Namespace, *, with_extract: bool = False) -> generate.Made:
    """What stands in the folder, else what is made there now."""
    if given.what != "generate" and (given.folder / "shape.json").exists():
        return generate.read_made(given.folder, with_extract=with_extract)
    shape = library.Shape(given.policies, given.versions, getattr(given, "others", 0), given.seed)
    return generate.generate(
        given.folder,
        members.ClaimsShape(given.lines, shape, getattr(given, "history", 0), given.lines_a_partition),
        with_extract=with_extract,
    )


def _generate(given: argparse.Namespace) -> None:
    made = _made(given, with_extract=given.extract)
    print(f"{made.folder}: {run.described(made)}")


def _run(given: argparse.Namespace) -> None:
    engines = tuple(given.engine or ("table", "rows", "whole", "one"))
    made = _made(given, with_extract="whole" in engines)
    options = _options(given, engines, given.spark_master)
    _measured(given, lambda scratch: run.section(made, options, *run.measure(made, scratch, options)))


def _options(given: argparse.Namespace, engines: tuple[str, ...], spark_master: str | None = None) -> run.Options:
    return run.Options(engines, given.rounds, given.memory_limit, given.threads, given.lines_a_part, spark_master)


def _measured(given: argparse.Namespace, measure: Callable[[Path], str]) -> None:
    """Measure in a scratch folder, print the part of the page, and put it into the results where that is asked."""
    if given.scratch is not None:
        given.scratch.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="medpol-bulk-", dir=given.scratch))
    try:
        part = measure(scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print("\r" + " " * 70 + "\r", end="", file=sys.stderr)
    print(part)
    if given.write:
        page.write_part(RESULTS, run.HEADING, part)


def _peers(given: argparse.Namespace) -> None:
    names = tuple(given.peer or peers.WORDS)
    made = _made(given)
    _measured(given, lambda scratch: peers.measure(made, scratch, given.rounds, given.threads, given.sample, names))


def _growth(given: argparse.Namespace) -> None:
    made = _made(given)
    _measured(given, lambda scratch: growth.measure(made, scratch, _options(given, ("table",))))


def _memory(given: argparse.Namespace) -> None:
    made = _made(given)
    _measured(given, lambda scratch: memory.measure(made, scratch, _options(given, ("table",))))


COMMANDS: dict[str, tuple[str, Callable[[argparse.Namespace], None]]] = {
    "generate": ("write a library and claims for it", _generate),
    "run": ("measure engines beside the limit", _run),
    "growth": ("measure how the cost grows", _growth),
    "memory": ("measure `table` with little memory", _memory),
    "peers": ("measure other rule engines beside `table`", _peers),
}


if __name__ == "__main__":
    main()
