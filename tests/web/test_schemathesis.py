"""The interface is what its OpenAPI says: schemathesis asks a running portal every operation, well and badly.

What comes out is told in its own words; ``curl`` lines among them repeat a failing request. The seed is fixed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from tests.cli.running import environment
from tests.support import EXAMPLES

SEED = 20_560
WANTED = 2_000
EXAMPLES_EACH = 84
SETTINGS = """
[checks.negative_data_rejection]
expected-statuses = [400, 404, 409, 413, 422]
"""
"""More cases than a batch takes are too large, which is a refusal as good as any."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "use_after_free",
    "ensure_resource_availability",
)
"""All but those of signing in, which is not there yet, and that every body which fits the schema is taken: the schema does
not know the facts of a library, nor that a day of knowledge cannot lie ahead."""


@dataclass(frozen=True)
class Asked:
    """What schemathesis did: its exit code, its words, and how often each operation gave each status."""

    code: int
    said: str
    statuses: Counter[tuple[str, int]]

    @property
    def cases(self) -> int:
        return self.statuses.total()

    def given(self, status: int) -> set[str]:
        """The operations that gave a status."""
        return {operation for operation, given in self.statuses if given == status}


@contextmanager
def served(folder: Path, *more: str) -> Iterator[str]:
    """The address of a `medpol serve` over the example library, its ledger in a folder."""
    command = [sys.executable, "-m", "medpol", "serve", "--policies", EXAMPLES, "--port", "0"]
    process = subprocess.Popen(
        [*map(str, command), "--ledger", str(folder / "ledger.db"), *more],
        stderr=subprocess.PIPE,
        env=environment(),
        encoding="utf-8",
    )
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address is not None, said
        with (folder / "log").open("w") as log:
            drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=log)  # a full pipe would stop the server
        yield address[0]
        process.terminate()
        assert process.wait(60) == 0
        drain.wait(60)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def ask(address: str, folder: Path, checks: tuple[str, ...], examples: int, phases: str = "") -> Asked:
    settings, report = folder / "schemathesis.toml", folder / "report.ndjson"
    settings.write_text(SETTINGS)
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    done = subprocess.run(
        [
            *(*command, "--config-file", str(settings), "run", f"{address}api/openapi.json"),
            *("--checks", ",".join(checks), "--mode", "all", "--max-examples", str(examples), "--seed", str(SEED)),
            *("--workers", "1", "--generation-database", "none", "--continue-on-failure", "--no-color"),
            *("--report-ndjson-path", str(report)),
            *(("--phases", phases) if phases else ()),
        ],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    return Asked(done.returncode, done.stdout + done.stderr, Counter(_statuses(report)))


def _statuses(report: Path) -> Iterator[tuple[str, int]]:
    """The operation and the status of every answer, from the events that schemathesis wrote down."""
    for line in report.read_bytes().splitlines():
        finished = msgspec.json.decode(line).get("ScenarioFinished")
        if finished is None:
            continue
        recorded: dict[str, Any] = finished["recorder"]
        for made in recorded.get("interactions", {}).values():
            if made["response"] is not None:
                yield recorded["label"], made["response"]["status_code"]


def test_every_operation_does_what_is_documented(tmp_path: Path) -> None:
    with served(tmp_path, "--limit", "0") as address:
        found = ask(address, tmp_path, CHECKS, EXAMPLES_EACH)
    print(f"{found.cases} cases over {len({each for each, _ in found.statuses})} operations: {_summary(found)}")
    assert found.code == 0, found.said
    assert found.cases >= WANTED
    assert {status for _, status in found.statuses} >= {200, 201, 400, 404, 405, 413}
    assert found.given(201) == {"POST /api/determinations"}


def test_who_is_turned_away_is_told_as_documented(tmp_path: Path) -> None:
    with served(tmp_path, "--limit", "20") as address:
        found = ask(address, tmp_path, CHECKS[:5], 3)
    assert found.code == 0, found.said
    assert len(found.given(429)) > 5


def test_what_cannot_be_recorded_is_told_as_documented(tmp_path: Path) -> None:
    with served(tmp_path, "--limit", "0") as address:
        (tmp_path / "ledger.db").rename(tmp_path / "gone.db")
        found = ask(address, tmp_path, CHECKS[1:5], 6)
        (tmp_path / "gone.db").rename(tmp_path / "ledger.db")
    assert found.code == 0, found.said
    assert found.given(503) == {"POST /api/determinations", "POST /api/determinations/batch"}
    assert not found.given(201)


def _summary(found: Asked) -> str:
    told = Counter[int]()
    for (_, status), count in found.statuses.items():
        told[status] += count
    return ", ".join(f"{status}: {count}" for status, count in sorted(told.items()))
