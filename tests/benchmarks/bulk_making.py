"""Small folders of the bulk benchmark, made once for the tests of a process."""

from __future__ import annotations

from pathlib import Path

from benchmarks.bulk.generate import Made, generate
from benchmarks.bulk.library import Shape
from benchmarks.bulk.members import ClaimsShape

SMALL = ClaimsShape(12_000, Shape(40), lines_a_partition=7_000)
"""Two partitions, so that nothing rests on there being one."""


def small(folder: Path) -> Made:
    return generate(folder, SMALL, with_extract=True)
