"""One peer in a process of its own: the trees and rows of a sample, each row asked about its tree, twice.

    python -m benchmarks.bulk.asked PEER SAMPLE.json FOLDER

Trees are compiled, rows are dictionaries and the tree of a row is given before the clock starts, so that only decisions are
measured. Prints the processor time of one decision, and in how many the outcome is that of the reference.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import pyarrow.parquet as pq
from benchmarks.bulk import embedded, plain, spoken
from benchmarks.bulk.engines import NEEDED
from benchmarks.bulk.generate import read_made
from benchmarks.bulk.library import KNOWN_ON
from benchmarks.bulk.measuring import Figures
from benchmarks.bulk.reference import cases_of
from benchmarks.bulk.trees import LISTS, Sample, Tree, outcome_of

from medpol.decide.one import settle

Asked = tuple[bool, bool]
Decider = Callable[[int, dict[str, Any]], Asked]
"""The tree's number and the row; what comes of it with the unknown as the worse, and as the better."""
_BATCH = 1_000


def closures(trees: Sequence[Tree]) -> Decider:
    held = [plain.closure(each["tree"]) for each in trees]
    return lambda at, row: (held[at](row, False), held[at](row, True))


def interpreter(trees: Sequence[Tree]) -> Decider:
    held = [each["tree"] for each in trees]
    read = dict.__getitem__
    return lambda at, row: (plain.holds(held[at], row, False, read), plain.holds(held[at], row, True, read))


def pydantic_model(trees: Sequence[Tree]) -> Decider:
    import pydantic

    fields: dict[str, Any] = dict.fromkeys(LISTS, (list[str] | None, None))
    fields |= dict.fromkeys(("sex", "place", "specialty"), (str | None, None))
    fields |= dict.fromkeys(("age", "units"), (float | None, None))
    line = pydantic.create_model("Line", **fields)
    held, read = [each["tree"] for each in trees], getattr

    def decide(at: int, row: dict[str, Any]) -> Asked:
        made = line.model_validate(row)
        return plain.holds(held[at], made, False, read), plain.holds(held[at], made, True, read)

    return decide


def zen_expressions(trees: Sequence[Tree]) -> Decider:
    import zen

    held = [zen.compile_expression(spoken.zen(each["tree"])) for each in trees]
    return lambda at, row: (
        held[at].evaluate({**row, "unknown": False}),
        held[at].evaluate({**row, "unknown": True}),
    )


def zen_graphs(trees: Sequence[Tree]) -> Decider:
    import zen

    engine = zen.ZenEngine()
    held = [engine.create_decision(spoken.zen_graph(each["tree"])) for each in trees]
    return lambda at, row: (
        held[at].evaluate({**row, "unknown": False})["result"]["met"],
        held[at].evaluate({**row, "unknown": True})["result"]["met"],
    )


def cel(trees: Sequence[Tree]) -> Decider:
    import cel as language

    held = [language.compile(spoken.cel(each["tree"])) for each in trees]
    return lambda at, row: (
        held[at].execute({**row, "unknown": False}),
        held[at].execute({**row, "unknown": True}),
    )


def json_logic(trees: Sequence[Tree]) -> Decider:
    from json_logic import jsonLogic

    held = [spoken.json_logic(each["tree"]) for each in trees]
    return lambda at, row: (
        bool(jsonLogic(held[at], {**row, "unknown": False})),
        bool(jsonLogic(held[at], {**row, "unknown": True})),
    )


PEERS: dict[str, tuple[str, Callable[[Sequence[Tree]], Decider]]] = {
    "closures": ("Python closures", closures),
    "interpreter": ("plain interpreter", interpreter),
    "pydantic": ("pydantic and the interpreter", pydantic_model),
    "zen": ("zen-engine, expressions", zen_expressions),
    "zen-graph": ("zen-engine, decision graphs", zen_graphs),
    "cel": ("CEL (Rust)", cel),
    "json-logic": ("json-logic", json_logic),
}


def ask(peer: str, drawn: Sample) -> Figures:
    """Every row of the sample asked about its tree."""
    decide = PEERS[peer][1](drawn.trees)
    for at, row in list(zip(drawn.asked, drawn.rows, strict=True))[:_BATCH]:
        decide(at, row)
    begun = process_time()
    answers = [decide(at, row) for at, row in zip(drawn.asked, drawn.rows, strict=True)]
    used = process_time() - begun
    agreed = sum(
        outcome_of(drawn.trees[at], bool(worse), bool(better)) == outcome
        for at, (worse, better), outcome in zip(drawn.asked, answers, drawn.outcomes, strict=True)
    )
    return {"seconds": used / len(answers), "decisions": len(answers), "agreed": agreed}


def ask_single(drawn: Sample, folder: Path) -> Figures:
    """The same lines by medpol's own single decision: everything that holds for a line, not one tree alone."""
    desk = embedded.read_desk(read_made(folder).plan)
    cases, outcomes = [], []
    for number, case in cases_of(read_made(folder), desk, drawn.lines).items():
        cases.append(case)
        outcomes.append(drawn.outcomes[drawn.lines.index(number)])
    gc.collect()
    gc.freeze()  # as any long-lived program does once its library stands
    for case in cases[:_BATCH]:
        settle(desk, case, KNOWN_ON)
    begun = process_time()
    answers = [settle(desk, case, KNOWN_ON) for case in cases]
    used = process_time() - begun
    agreed = sum(answer.outcome.value == outcome for answer, outcome in zip(answers, outcomes, strict=True))
    return {"seconds": used / len(answers), "decisions": len(answers), "agreed": agreed}


def dictionaries(folder: Path, count: int) -> Figures:
    """What it takes to have rows at all: the lines of a table made into dictionaries, one by one."""
    file = pq.ParquetFile(read_made(folder).partitions[0] / "lines.parquet")
    table = next(file.iter_batches(count, columns=list(NEEDED)))
    begun = process_time()
    rows = table.to_pylist()
    return {"seconds": (process_time() - begun) / len(rows), "decisions": len(rows), "agreed": len(rows)}


def main() -> None:
    peer, path, folder = sys.argv[1:]
    drawn = Sample.read(Path(path))
    match peer:
        case "single":
            found = ask_single(drawn, Path(folder))
        case "rows":
            found = dictionaries(Path(folder), len(drawn.rows))
        case "openfisca":
            from benchmarks.bulk import openfisca

            found = openfisca.ask(drawn)
        case _:
            found = ask(peer, drawn)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
