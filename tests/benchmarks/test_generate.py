"""The library that we measure with is a valid one, and the peer that we measure against answers the same questions."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import generate
import peer

from medpol.decide.cases import decode_case
from medpol.decide.one import Desk, settle
from medpol.decide.plan import compile_library
from medpol.library import Library, read_library

SHAPE = generate.Shape(12, 3, 4)


def _library(shape: generate.Shape) -> Library:
    return read_library({path: text.encode() for path, text in generate.library_files(shape).items()})


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert generate.library_files(SHAPE) == generate.library_files(SHAPE)
    assert generate.library_files(SHAPE) != generate.library_files(generate.Shape(12, 3, 5))
    assert generate.cases(SHAPE, 20) == generate.cases(SHAPE, 20)


def test_every_version_reads_without_a_diagnostic_and_is_about_3_kb() -> None:
    library = _library(SHAPE)
    assert not library.diagnostics
    assert len(library.versions) == SHAPE.files
    assert all(2_800 <= len(text) <= 4_600 for path, text in library.texts.items() if path[0].isdigit())


def test_the_peer_agrees_with_medpol_in_nearly_every_case_without_contract_or_mandate() -> None:
    library = _library(SHAPE)
    desk = Desk(compile_library(library))
    index = peer.index_of(peer.policies_of(library))
    day = date.fromisoformat(generate.KNOWN_ON)
    differing = []
    cases = [each for each in generate.cases(SHAPE, 400, history=3) if "contract" not in each]
    for raw in cases:
        settled = settle(desk, decode_case(desk, raw, day)[0], day)
        if not settled.provisions and settled.outcome.value != peer.decide(index, peer.prepared(raw)):
            differing.append((raw, settled.outcome))
    assert len(differing) <= 0.05 * len(cases)
