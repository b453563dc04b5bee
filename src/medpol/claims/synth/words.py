"""Random words that are the same everywhere: raw words of Philox by counter, made into numbers with integers alone.

Distributions of a library may change between its versions, so none is used: Philox4x64-10 is a published function of key
and counter (Salmon and others, SC11), NumPy's ``random_raw`` gives its words as they are, and what is made of them is here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.uint64]
MOST_SEED = (1 << 63) - 1
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one block of rows: a range of the counter of its own, in which each stream has one again.

    Streams up to 99 are for the rows, those up to 199 for members, the others for faults; no two draws share one.
    """

    seed: int
    block: int

    def draw(self, stream: int, count: int) -> Numbers:
        """The first ``count`` words of a stream; fewer are the beginning of more."""
        key = np.array([self.seed, 0], dtype=np.uint64)
        counter = np.array([0, 0, stream, self.block], dtype=np.uint64)
        raw: Numbers = np.random.Philox(key=key, counter=counter).random_raw(count)
        return raw


def below(words: Numbers, end: int) -> Numbers:
    """Whole numbers from 0 up to and without ``end``, which is at most 2**32, one of each word."""
    return ((words >> _HALF) * np.uint64(end)) >> _HALF


def happens(words: Numbers, share: Fraction) -> npt.NDArray[np.bool_]:
    """Whether something that befalls ``share`` of the rows befalls each; the share is exact to 1 in 2**32."""
    return (words >> _HALF) < np.uint64(share.numerator * (1 << 32) // share.denominator)


def ranked(words: Numbers, count: int) -> npt.NDArray[np.intp]:
    """Ranks from 0, after Zipf: rank r comes 1 / (r + 1) times as often as the first."""
    return _picked(words, [1_000_000 // (rank + 1) for rank in range(count)])


def weighed(words: Numbers, weights: Sequence[int]) -> npt.NDArray[np.intp]:
    """Places in ``weights``, each as often as its weight."""
    return _picked(words, weights)


def _picked(words: Numbers, weights: Sequence[int]) -> npt.NDArray[np.intp]:
    ends = np.cumsum(np.array(weights, dtype=np.uint64), dtype=np.uint64)
    return np.searchsorted(ends, below(words, int(ends[-1])), side="right")
