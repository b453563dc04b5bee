"""Where a run is made to break, for the tests of what happens then. Without ``MEDPOL_TEST_FAULTS=1`` nothing here acts.

``MEDPOL_CRASH_AT=after_rename:3`` kills the process when a step is reached for the third time;
``MEDPOL_FAIL_SYNC_AT=5`` makes the fifth sync fail; ``MEDPOL_STEPS_TO=FILE`` writes down each step.
"""

from __future__ import annotations

import errno
import os
import signal
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from medpol.decide.engines.run.disk import Disk

SWITCH = "MEDPOL_TEST_FAULTS"


def disk_of(folder: Path) -> Disk:
    """The folder of a run; with the test switch set, one that breaks where it is told to."""
    if os.environ.get(SWITCH) != "1":
        return Disk(folder)
    faults = _Faults(os.environ)
    return Disk(folder, faults.reached, faults.sync)


class _Faults:
    def __init__(self, settings: Mapping[str, str]) -> None:
        self.step, _, times = settings.get("MEDPOL_CRASH_AT", "").partition(":")
        self.times = int(times or 1)
        self.failing_sync = int(settings.get("MEDPOL_FAIL_SYNC_AT", 0))
        self.written_to = settings.get("MEDPOL_STEPS_TO", "")
        self.steps: Counter[str] = Counter()

    def reached(self, step: str) -> None:
        self.steps[step] += 1
        if self.written_to:
            with Path(self.written_to).open("a", encoding="ascii") as file:
                file.write(f"{step}:{self.steps[step]}\n")
        if step == self.step and self.steps[step] == self.times:
            os.kill(os.getpid(), signal.SIGKILL)

    def sync(self, handle: int) -> None:
        self.steps["sync"] += 1
        if self.steps["sync"] == self.failing_sync:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fsync(handle)
