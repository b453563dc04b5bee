"""What a run is asked, and ``run.json``: all of it that the bytes of the result hang on, under one hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from medpol import __version__
from medpol.claims.maps import ColumnMap
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused
from medpol.claims.sources import ClaimInput
from medpol.decide.engines.run.disk import json_bytes, sha256_of
from medpol.decide.rows import SEMANTICS, Plan

RUN = "run.json"
MANIFEST = "manifest.json"
TIMING = "timing.json"
FORMAT = 1
"""Of the folder: raised where the files of a run, or what stands in them, change."""
LINES_PER_PART = 250_000
ENGINE_VERSION = f"medpol {__version__}, duckdb {duckdb.__version__}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be decided, and how it is to be written."""

    inputs: tuple[ClaimInput, ...]
    """Those of ``--history`` as well, marked as such."""
    known_on: date
    by_paid_date: bool = False
    """Each line as known on the day on which it was paid; ``known_on`` where it states none."""
    eligibility: ClaimInput | None = None
    facts: ClaimInput | None = None
    contracts: Path | None = None
    carry: tuple[str, ...] = ()
    final_only: bool = False
    only_addressed: bool = False
    is_full: bool = False
    is_history_whole: bool = False
    is_strict_on_pointers: bool = False
    lines_per_part: int = LINES_PER_PART
    policies: str = ""
    """Where the library is."""
    engine_version: str = ENGINE_VERSION
    """What answers, and by which engine: it stands in every row."""


class AnotherRun(RuntimeError):
    """The folder holds a run of other inputs, policies or options."""

    def __init__(self, differing: str) -> None:
        super().__init__(differing)
        self.differing = differing


def run_json(asked: Asked, plan: Plan) -> dict[str, Any]:
    """What ``run.json`` says. Raises ``ClaimsNotFound`` or ``ClaimsRefused`` where a file cannot be read."""
    said: dict[str, Any] = {
        "format": FORMAT,
        "engine_version": asked.engine_version,
        "semantics": SEMANTICS,
        "plan_hash": plan.plan_hash,
        "known_on": str(asked.known_on),
        "known_on_paid_date": asked.by_paid_date,
        "inputs": [_input(each) for each in asked.inputs],
        "eligibility": None if asked.eligibility is None else _input(asked.eligibility),
        "facts": None if asked.facts is None else _input(asked.facts),
        "contracts": None if asked.contracts is None else _file(asked.contracts),
        "options": {
            "carry": list(asked.carry),
            "final_only": asked.final_only,
            "only_addressed": asked.only_addressed,
            "detail": "full" if asked.is_full else "compact",
            "history_is_whole": asked.is_history_whole,
            "strict_pointers": asked.is_strict_on_pointers,
        },
        "lines_per_part": asked.lines_per_part,
        "windows": "whole: what is counted is taken out of all inputs before the first part",
        "policies": asked.policies,
    }
    return {"run_id": run_id(said), **said}


def run_id(said: dict[str, Any]) -> str:
    """The hash of what is said, places of files apart: the same files elsewhere are the same run."""
    held = {key: _without_places(value) for key, value in said.items() if key not in ("run_id", "policies")}
    return f"run_{hashlib.sha256(json_bytes(held)).hexdigest()[:32]}"


def asked_of(said: dict[str, Any]) -> Asked:
    """The question that a ``run.json`` was written for."""
    options = said["options"]
    return Asked(
        inputs=tuple(_given(each) for each in said["inputs"]),
        known_on=date.fromisoformat(said["known_on"]),
        by_paid_date=said["known_on_paid_date"],
        eligibility=None if said["eligibility"] is None else _given(said["eligibility"]),
        facts=None if said["facts"] is None else _given(said["facts"]),
        contracts=None if said["contracts"] is None else Path(said["contracts"]["path"]),
        carry=tuple(options["carry"]),
        final_only=options["final_only"],
        only_addressed=options["only_addressed"],
        is_full=options["detail"] == "full",
        is_history_whole=options["history_is_whole"],
        is_strict_on_pointers=options["strict_pointers"],
        lines_per_part=said["lines_per_part"],
        policies=said["policies"],
        engine_version=said["engine_version"],
    )


def refuse_another(held: dict[str, Any], said: dict[str, Any]) -> None:
    """Raises ``AnotherRun`` with the first thing in which the run of the folder differs from the one that is asked."""
    differing = _first_difference(held, said, "")
    if differing:
        raise AnotherRun(differing)


def _input(given: ClaimInput) -> dict[str, Any]:
    return {
        **_file(given.path),
        "format": given.kind,
        "data_source": given.data_source,
        "is_history": given.is_history,
        "is_strict": given.is_strict,
        "map": msgspec.json.decode(msgspec.json.encode(given.map)),
    }


def _given(said: dict[str, Any]) -> ClaimInput:
    return ClaimInput(
        path=Path(said["path"]),
        map=msgspec.convert(said["map"], ColumnMap),
        data_source=said["data_source"],
        format=said["format"],
        is_history=said["is_history"],
        is_strict=said["is_strict"],
    )


def _file(path: Path) -> dict[str, Any]:
    try:
        return {"path": str(path), "bytes": path.stat().st_size, "sha256": sha256_of(path)}
    except FileNotFoundError:
        raise ClaimsNotFound(str(path), "no such file", "a file", "correct the path") from None
    except OSError as problem:
        raise ClaimsRefused(
            str(path), f"it cannot be read: {problem.strerror}", "a file", "see who may read it"
        ) from None


def _without_places(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_places(each) for key, each in value.items() if key != "path"}
    if isinstance(value, list):
        return [_without_places(each) for each in value]
    return value


def _first_difference(held: Any, said: Any, where: str) -> str:
    if isinstance(held, dict) and isinstance(said, dict):
        for key in (*said, *(key for key in held if key not in said)):
            # the hash of the whole tells nothing of what differs
            if key != "run_id" and (
                found := _first_difference(held.get(key), said.get(key), f"{where}.{key}".strip("."))
            ):
                return found
        return ""
    if isinstance(held, list) and isinstance(said, list) and len(held) == len(said):
        for at, (mine, theirs) in enumerate(zip(held, said, strict=True), 1):
            if found := _first_difference(mine, theirs, f"{where} {at}"):
                return found
        return ""
    return "" if held == said else f"{where} was {_short(held)}, now {_short(said)}"


def _short(value: Any) -> str:
    words = json_bytes({"": value}).decode()[6:-3].replace("\n", " ")
    return words if len(words) <= 100 else f"{words[:99]}…"
