"""Sealing: a file is read as it will be, and what was found is written beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from medpol.claims import fence
from medpol.claims.seals import seal_path, written_seal
from medpol.claims.sources import ClaimInput, Snapshot
from medpol.claims.staging import Staging, stage


def seal_file(
    given: ClaimInput, work: Path, *, memory_limit: str = fence.MEMORY_LIMIT, threads: int = fence.THREADS
) -> Path:
    """Writes the seal of a file, and gives back where. Rows that would be rejected are counted like the others.

    Raises ``ClaimsRefused`` where the file is not whole: there is nothing to vouch for.
    """
    work.mkdir(parents=True, exist_ok=True)
    staging = Staging(folder=work, memory_limit=memory_limit, threads=threads, is_sealing=True)
    read = stage(replace(given, is_history=False), 0, staging)
    (work / read.staged).unlink()
    (work / read.refused).unlink(missing_ok=True)
    target = seal_path(given.path)
    snapshot = Snapshot(given.path, given.path, read.sha256, read.size)
    target.write_text(written_seal(snapshot, read.contents), "utf-8")
    return target
