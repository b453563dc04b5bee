"""Files that are whole or not there at all, and the lock of a folder.

A file is written aside as ``.tmp-NAME`` in its own folder, synced, hashed, renamed, and its folder synced. A failed sync
ends the run: what the kernel dropped once it does not write later, so nothing is tried again.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

ASIDE = ".tmp-"
LOCK = ".lock"
_FULL = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO, errno.EROFS}


class WriteFailed(RuntimeError):
    """Something could not be written or synced. What is in the folder already is whole: the run can be resumed."""


class FolderBusy(RuntimeError):
    """Another process writes into the folder."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is in its place: where it is below the folder of the run, its size and its SHA-256."""

    path: str
    bytes: int
    sha256: str

    def as_dict(self) -> dict[str, Any]:
        return {"path": self.path, "bytes": self.bytes, "sha256": self.sha256}


def _nothing(step: str) -> None:
    """Nobody wants to know which step was reached."""


@dataclass(frozen=True, slots=True)
class Disk:
    """The folder of a run. ``reached`` is told each named step; ``sync`` is how a file is made to last."""

    folder: Path
    reached: Callable[[str], None] = _nothing
    sync: Callable[[int], None] = os.fsync

    def aside(self, path: str) -> Path:
        """Where a file is written before it is whole."""
        target = self.folder / path
        return target.with_name(ASIDE + target.name)

    def write_json(self, path: str, value: Mapping[str, Any], name: str) -> Written:
        """A JSON file in its place, by the same steps as any other; ``name`` is how its steps are called."""
        with writing(self.folder / path):
            self.reached(f"before_{name}")
            self.aside(path).write_bytes(json_bytes(value))
        return self.place((path,), name)[0]

    def place(self, paths: Sequence[str], name: str = "") -> tuple[Written, ...]:
        """Put files that were written aside in their places, each of them lasting."""
        after = f"after_{name}_" if name else "after_"
        placed = []
        for path in paths:
            with writing(self.folder / path):
                self.reached(f"{after}write")
                self._sync(self.aside(path))
                self.reached(f"{after}sync")
                placed.append(Written(path, self.aside(path).stat().st_size, sha256_of(self.aside(path))))
                self.reached(f"{after}hash")
        for path in paths:
            with writing(self.folder / path):
                self.aside(path).rename(self.folder / path)
            self.reached(f"{after}rename")
        for parent in sorted({(self.folder / path).parent for path in paths}):
            with writing(parent):
                self._sync(parent)
            self.reached(f"{after}folder_sync")
        return tuple(placed)

    def written(self, path: str) -> Written:
        """A file as it stands in its place."""
        with writing(self.folder / path):
            return Written(path, (self.folder / path).stat().st_size, sha256_of(self.folder / path))

    def make_folders(self, *names: str) -> None:
        """Make what is not there; what an earlier start renamed into those that are is made to last, if it did not."""
        with writing(self.folder):
            for name in names:
                if (self.folder / name).is_dir():
                    self._sync(self.folder / name)
                (self.folder / name).mkdir(mode=0o700, exist_ok=True)
            self._sync(self.folder)
            self._sync(self.folder.resolve().parent)

    def drop_unfinished(self) -> None:
        """Take away what was written aside and never put in its place."""
        with writing(self.folder):
            for path in sorted(self.folder.rglob(f"{ASIDE}*")):
                if path.is_file():
                    path.unlink()

    def _sync(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            self.sync(handle)
        finally:
            os.close(handle)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns every failure to write into ``WriteFailed``."""
    try:
        yield
    except OSError as problem:
        raise WriteFailed(f"{path}: {problem.strerror or problem}") from problem
    except (duckdb.IOException, duckdb.OutOfMemoryException) as problem:
        raise write_failure(problem) or WriteFailed(f"{path}: {_first_line(problem)}") from problem


def _first_line(problem: BaseException) -> str:
    """The beginning of what an engine says: the rest quotes statements."""
    return str(problem).splitlines()[0][:300]


def write_failure(problem: BaseException | None) -> WriteFailed | None:
    """What a full or broken disk, or too little memory, is behind a problem that speaks of something else."""
    while problem is not None:
        if isinstance(problem, duckdb.OutOfMemoryException):  # of temporary space as well
            return WriteFailed(f"more memory is needed than --memory-limit gives: {_first_line(problem)}")
        if isinstance(problem, OSError) and problem.errno in _FULL:
            return WriteFailed(f"{problem.filename or 'a file of the run'}: {problem.strerror}")
        if isinstance(problem, duckdb.Error) and any(f'"errno":"{each}"' in str(problem) for each in _FULL):
            return WriteFailed(_first_line(problem))
        problem = problem.__cause__ or problem.__context__
    return None


def refuse_busy(folder: Path) -> None:
    """Raises ``FolderBusy`` at once where another process has the folder; makes nothing."""
    if (folder / LOCK).is_file():
        with locked(folder):
            pass


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder, made where it is not there, for this process alone. Raises ``FolderBusy``, and waits for nobody."""
    with writing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderBusy(f"{folder}: another run writes into it") from None
        yield
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """The one spelling of a JSON file of a run."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file of a run. Raises ``ValueError`` where it is none."""
    held = json.loads(path.read_bytes())
    if not isinstance(held, dict):
        raise ValueError(f"{path}: a {type(held).__name__}; expected an object")
    return held
