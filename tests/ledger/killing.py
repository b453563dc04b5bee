"""Two writers, killed at random again and again; what they were told is recorded is written down elsewhere.

    python -m tests.ledger.killing PLACE FOLDER KILLS SEED

Each writer is forked from this process, which has imported everything, so that a life is short and most of it is
spent writing. An acknowledgement is one ``write`` to a file of the writer's own.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

from tests.ledger.making import ready
from tests.support import ROOT

from medpol.ledger import Ledger, LedgerUnavailable

WRITERS, THREADS = 2, 4


def write(place: str, acknowledgements: Path) -> None:
    """Record for ever, from several threads."""
    file = os.open(acknowledgements, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    ledger = Ledger.open(place, patience_seconds=20)

    def record() -> None:
        number = 0
        while True:
            try:
                recorded = ledger.record(ready(number % 10))
            except LedgerUnavailable:
                continue
            os.write(file, f"{recorded.id} {recorded.row_hash.hex()}\n".encode())
            number += 1

    threads = [Thread(target=record, daemon=True) for _ in range(THREADS)]
    for each in threads:
        each.start()
    threads[0].join()


def kill_writers(place: str, folder: Path, kills: int, seed: int) -> None:
    """Fork two writers, kill one of them at random, fork another in its place; at the end kill both."""
    for number in range(10):
        ready(number)
    draw = random.Random(seed)
    living = [_fork(place, folder / f"acknowledged-{each}") for each in range(WRITERS)]
    for each in range(kills):
        time.sleep(draw.uniform(0.02, 0.5))
        at = draw.randrange(WRITERS)
        _kill(living[at])
        living[at] = _fork(place, folder / f"acknowledged-{WRITERS + each}")
    for each in living:
        _kill(each)


def _fork(place: str, acknowledgements: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            write(place, acknowledgements)
        finally:
            os._exit(1)
    return child


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"a writer ended by itself: {status}"


def killed(place: str, folder: Path, kills: int, seed: int) -> dict[str, str]:
    """Run the killing in a process of its own, and give what was acknowledged: ids and hashes."""
    subprocess.run(
        [sys.executable, "-m", "tests.ledger.killing", place, str(folder), str(kills), str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        check=True,
        timeout=900,
    )
    lines = [line for each in folder.glob("acknowledged-*") for line in each.read_text().splitlines()]
    return dict(line.split() for line in lines)


if __name__ == "__main__":
    kill_writers(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
