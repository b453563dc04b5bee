"""The words are Philox4x64-10's, and what is made of them is exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medpol.claims.synth.words import Words, below, happens, ranked, weighed

_WORD = (1 << 64) - 1


def _philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Ten rounds as Salmon and others publish them (SC11, section 3.3; Random123's constants)."""
    one, two = key
    a, b, c, d = counter
    for _ in range(10):
        high_a, low_a = divmod(0xD2E7470EE14C6C93 * a, 1 << 64)
        high_c, low_c = divmod(0xCA5A826395121157 * c, 1 << 64)
        a, b, c, d = high_c ^ b ^ one, low_c, high_a ^ d ^ two, low_a
        one, two = (one + 0x9E3779B97F4A7C15) & _WORD, (two + 0xBB67AE8584CAA73B) & _WORD
    return a, b, c, d


def test_the_reference_gives_the_published_words() -> None:
    """Known answers of Random123 1.14 (kat_vectors): philox4x64, 10 rounds, all zero."""
    assert _philox((0, 0), (0, 0, 0, 0)) == (
        0x16554D9ECA36314C,
        0xDB20FE9D672D0FDC,
        0xD7E772CEE186176B,
        0x7E68B68AEC7BA23B,
    )


@given(seed=st.integers(0, (1 << 63) - 1), block=st.integers(0, 1 << 20), stream=st.integers(0, 300))
def test_words_are_those_of_key_and_counter(seed: int, block: int, stream: int) -> None:
    drawn = [int(each) for each in Words(seed, block).draw(stream, 12)]
    expected = [word for at in (1, 2, 3) for word in _philox((seed, 0), (at, 0, stream, block))]
    assert drawn == expected


@given(st.integers(1, 200), st.integers(1, 200))
def test_fewer_words_are_the_beginning_of_more(fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    words = Words(7, 1)
    assert words.draw(5, fewer).tolist() == words.draw(5, more)[:fewer].tolist()


@given(st.lists(st.integers(0, _WORD), min_size=1), st.integers(1, 1 << 32))
def test_numbers_below_an_end_are_the_exact_share_of_the_word(words: list[int], end: int) -> None:
    found = below(np.array(words, dtype=np.uint64), end)
    assert found.tolist() == [(word >> 32) * end >> 32 for word in words]
    assert all(each < end for each in found.tolist())


def test_what_befalls_a_share_befalls_just_that_share() -> None:
    words = np.array([0, (1 << 63) - 1, 1 << 63, _WORD], dtype=np.uint64)
    assert happens(words, Fraction(1, 2)).tolist() == [True, True, False, False]
    assert happens(words, Fraction(0)).tolist() == [False] * 4


def test_ranks_fall_off_as_zipf_says() -> None:
    counts = np.bincount(ranked(Words(7, 0).draw(1, 200_000), 50), minlength=50)
    harmonic = sum(1 / rank for rank in range(1, 51))
    for rank in (0, 1, 4, 9, 49):
        assert abs(int(counts[rank]) - 200_000 / harmonic / (rank + 1)) < 900


def test_weights_of_nothing_are_never_picked() -> None:
    words = np.array([0, 1 << 62, 1 << 63, _WORD], dtype=np.uint64)
    assert set(weighed(words, (0, 3, 0, 1)).tolist()) == {1, 3}
