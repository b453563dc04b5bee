"""What a piece of work took: wall and processor time with that of its children, and the most memory it held."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Figures = dict[str, Any]


def measured(
    work: Callable[[], Mapping[str, Any]], *, only_children: bool = False, beside: int | None = None
) -> Figures:
    """Do the work and give back what it says, with ``wall``, ``cpu`` (seconds) and ``peak`` (megabytes).

    Args:
        work: What is measured.
        only_children: The work is done by another process, and this one's memory is none of it.
        beside: The id of a process that works for this one and lives on after it, such as Spark's Java.
    """
    used, begun = _cpu(beside), perf_counter()
    found = dict(work())
    wall, cpu = perf_counter() - begun, _cpu(beside) - used
    peak = _megabytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    peak += 0 if only_children else _own_peak()
    return {**found, "wall": wall, "cpu": cpu, "peak": peak + (0 if beside is None else _peak_of(str(beside)))}


class Watched:
    """A folder that is looked at every now and then: the most bytes that lay in it."""

    def __init__(self, folder: Path, every: float = 0.02) -> None:
        self.folder, self.every, self.most = folder, every, 0
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self.every):
            try:
                self.most = max(self.most, sum(each.stat().st_size for each in self.folder.iterdir()))
            except FileNotFoundError:  # not there yet, or a file of it just gone
                continue


def in_a_process(module: str, *arguments: str) -> Figures:
    """What a fresh process of the module prints as JSON on its last line.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), *_paths()])},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{done.stderr[-4_000:]}")
    figures: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _paths() -> list[str]:
    return [each for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each]


def _cpu(beside: int | None) -> float:
    held = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = sum(each.ru_utime + each.ru_stime for each in held)
    if beside is not None:
        # proc(5): of the words behind the name, the 12th and 13th are its user and system ticks
        words = Path(f"/proc/{beside}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        used += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return used


def _own_peak() -> float:
    """From ``/proc`` where there is one: the kernel's own count for a process begins with that of its parent."""
    try:
        return _peak_of("self")
    except OSError:
        return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _peak_of(process: str) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _megabytes(most: int) -> float:
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
