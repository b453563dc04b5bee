"""Three readings of one library agree: the engine, its plan rows read from disk by another process, and the oracle.

2,000 generated libraries of 50 cases each, in shards so that the suite can share them out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.decide.comparing import answer_of, differences, generated, one_line

from medpol.decide.plan import read_plan, write_plan

SHARDS = 20
LIBRARIES = 2_000
CASES = 50
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("shard", range(SHARDS))
def test_engine_rows_on_disk_and_oracle_agree(shard: int, tmp_path: Path) -> None:
    size = LIBRARIES // SHARDS
    lines: list[str] = []
    for seed in range(shard * size, (shard + 1) * size):
        each = generated(seed, CASES)
        found = list(differences(each))
        assert not found, "\n".join(found[:3])
        (tmp_path / f"{seed:06}.plan.json").write_bytes(write_plan(each.desk.plan))
        (tmp_path / f"{seed:06}.cases.json").write_bytes(msgspec.json.encode([str(each.known_on), each.cases]))
        lines += [one_line(answer_of(each.desk, given, each.known_on)[1]) for given in each.cases]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    other = subprocess.run(
        [sys.executable, "-m", "tests.decide.from_rows", str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=True,
    )
    assert other.stdout.splitlines() == lines


def test_a_plan_reads_back_as_it_was_written() -> None:
    for seed in range(40):
        plan = generated(seed, 0).desk.plan
        assert read_plan(write_plan(plan)) == plan


def test_the_oracle_imports_the_standard_library_alone() -> None:
    text = (ROOT / "tests/oracle/oracle.py").read_text(encoding="utf-8")
    imported = {line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= {*sys.stdlib_module_names, "__future__"}
