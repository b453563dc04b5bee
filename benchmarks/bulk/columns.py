"""Columns drawn and put together many at once: numbers by numpy, and what they stand for as columns of Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from benchmarks.bulk.schemas import MONEY

Numbers = np.ndarray[Any, np.dtype[Any]]
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Zipf:
    """Ranks by Zipf's law: the first is drawn most."""

    heights: Numbers

    @classmethod
    def of(cls, count: int) -> Zipf:
        heights = np.cumsum(1.0 / np.arange(1, count + 1))
        return cls(heights / heights[-1])

    def draw(self, rng: np.random.Generator, count: int) -> Numbers:
        return np.minimum(np.searchsorted(self.heights, rng.random(count), side="right"), len(self.heights) - 1)


def day_number(day: date) -> int:
    return (day - _EPOCH).days


def weighed(rng: np.random.Generator, weights: Sequence[int], count: int) -> Numbers:
    heights = np.cumsum(weights) / sum(weights)
    return np.minimum(np.searchsorted(heights, rng.random(count), side="right"), len(weights) - 1)


def taken(words: pa.Array, at: Numbers) -> pa.Array:
    """The words at those places; nothing where the place is -1."""
    return words.take(pa.array(at, mask=at < 0))


def same(word: str, count: int) -> pa.Array:
    return taken(pa.array([word]), np.zeros(count, np.int64))


def sorted_once(at: Numbers) -> Numbers:
    """Each row of places rising, the same one once; -1 is none and stands first."""
    rows = np.sort(at, axis=1)
    rows[:, 1:][rows[:, 1:] == rows[:, :-1]] = -1
    return rows


def lists(words: pa.Array, at: Numbers, *, or_null: bool = False) -> pa.Array:
    """A list for each row of places, those of -1 left out; with ``or_null`` an empty one is null."""
    held = at >= 0
    ends = np.cumsum(held.sum(axis=1))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    mask = pa.array(~held.any(axis=1)) if or_null else None
    return pa.ListArray.from_arrays(pa.array(offsets), taken(words, at[held]), mask=mask)


def _validity(valid: Numbers | None) -> pa.Buffer | None:
    return None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))


def days(day: Numbers, valid: Numbers | None = None) -> pa.Array:
    held = pa.py_buffer(np.ascontiguousarray(day, np.int32))
    return pa.Array.from_buffers(pa.date32(), len(day), [_validity(valid), held])


def decimals(scaled: Numbers, valid: Numbers | None = None, of: pa.DataType = MONEY) -> pa.Array:
    """Decimals that are not negative, from whole numbers of their last place."""
    words = np.zeros((len(scaled), 2), np.int64)
    words[:, 0] = scaled
    return pa.Array.from_buffers(of, len(scaled), [_validity(valid), pa.py_buffer(words)])


def numbered(letter: str, numbers: Numbers, digits: int = 11) -> pa.Array:
    """A letter and the number in so many digits."""
    signs = np.empty((len(numbers), digits + 1), np.uint8)
    signs[:, 0] = ord(letter)
    left = numbers.copy()
    for at in range(digits, 0, -1):
        left, signs[:, at] = left // 10, left % 10 + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * (digits + 1)
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(signs))
