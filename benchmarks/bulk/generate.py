"""Write a library, its compiled plan, and claims for it, once for every measurement that asks for the same shape."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.bulk import claims, library, members

ONE_POLICY = 10
"""The policy that is measured alone: neither the most frequent nor a rare one."""
MAP = f"""\
[history_complete_from]
{members.SOURCES[0]} = {members.COMPLETE_FROM}
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A folder of the benchmark, as generated."""

    folder: Path
    shape: members.ClaimsShape

    @property
    def plan(self) -> Path:
        return self.folder / "plan.json"

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def one_plan(self) -> Path:
        return self.folder / "one-plan.json"

    @property
    def facts(self) -> Path:
        """What is documented of the members of all partitions."""
        return self.folder / "facts.parquet"

    @property
    def partitions(self) -> list[Path]:
        return sorted((self.folder / "partitions").iterdir())

    @property
    def extracts(self) -> list[Path]:
        return sorted((self.folder / "extract").glob("*.parquet"))


def generate(folder: Path, shape: members.ClaimsShape, *, with_extract: bool = False) -> Made:
    """The folder for the shape: taken as it is where it holds that shape already.

    Raises:
        ValueError: The folder holds another shape.
    """
    said = {**dataclasses.asdict(shape), "has_extract": with_extract}
    mark = folder / "shape.json"
    if mark.exists():
        held = json.loads(mark.read_text(encoding="utf-8"))
        if {**held, "has_extract": with_extract} != said or (with_extract and not held["has_extract"]):
            raise ValueError(f"{folder} holds other claims: {held}; take another folder, or remove it")
        return Made(folder, shape)
    folder.mkdir(parents=True, exist_ok=True)
    made = Made(folder, shape)
    library.write_compiled(library.library_files(shape.library), made.library, made.plan)
    one = library.one_policy_files(min(ONE_POLICY, shape.library.policies - 1), shape.library)
    library.write_compiled(one, folder / "one-library", made.one_plan)
    claims.write_claims(shape, folder, with_extract=with_extract)
    held = [pq.read_table(each / "facts.parquet") for each in made.partitions]
    pq.write_table(pa.concat_tables(held), made.facts)
    (folder / "map.toml").write_text(MAP, encoding="utf-8")
    mark.write_text(json.dumps(said), encoding="utf-8")
    return made


def grown_plan(made: Made, shape: library.Shape) -> Path:
    """The compiled plan of the folder's library with more policies beside it."""
    if not shape.others:
        return made.plan
    folder = made.folder / f"grown-{shape.others}"
    plan = folder / "plan.json"
    if not plan.exists():
        library.write_compiled(library.library_files(shape), folder / "library", plan)
    return plan


def read_made(folder: Path, *, with_extract: bool = False) -> Made:
    """What stands in a folder of the benchmark. Raises ``ValueError`` where an extract is wanted and is not there."""
    held = json.loads((folder / "shape.json").read_text(encoding="utf-8"))
    if with_extract and not held["has_extract"]:
        raise ValueError(f"{folder} has no extract: take another folder, or remove it and generate it with --extract")
    del held["has_extract"]
    return Made(folder, members.ClaimsShape(**{**held, "library": library.Shape(**held["library"])}))
