"""The fuzzer's corpus, replayed without the fuzzer: only diagnostics come out, and clean texts keep the laws."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "fuzz"


def one_input() -> Callable[[bytes], None]:
    spec = importlib.util.spec_from_file_location("fuzz_reader", FUZZ / "fuzz_reader.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[bytes], None] = module.one_input
    return found


@pytest.mark.parametrize("path", sorted((FUZZ / "corpus").iterdir()), ids=lambda path: path.name)
def test_an_input_of_the_corpus_yields_diagnostics_alone(path: Path) -> None:
    one_input()(path.read_bytes())


@pytest.mark.parametrize("path", sorted((FUZZ / "corpus").iterdir()), ids=lambda path: path.name)
def test_so_does_each_input_with_a_line_left_out_or_a_byte_turned(path: Path) -> None:
    read = one_input()
    data = path.read_bytes()
    first, _, rest = data.partition(b"\n")
    lines = rest.split(b"\n")
    for at in range(len(lines)):
        read(first + b"\n" + b"\n".join(lines[:at] + lines[at + 1 :]))
    for at in range(0, len(rest), max(1, len(rest) // 40)):
        read(first + b"\n" + rest[:at] + bytes([rest[at] ^ 0x14]) + rest[at + 1 :])
