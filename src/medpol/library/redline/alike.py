"""Which passages and which words of two texts belong together, in time that no text can make unbounded.

Comparing by ``difflib`` takes, at worst, time with the product of how often each element stands in both. That product is
counted first: above a limit, elements that stand once in each are matched, and what lies between them is not looked into.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Generic, TypeVar

ALIKE = 0.6
"""From this likeness on, two passages are one that was reworded."""
_WORD = re.compile(r"\w+(?:[.,'’/_-]\w+)*|[^\w\s]")


@dataclass(slots=True)
class Effort:
    """How much comparing one redline may still do: steps over elements, and over words of passages that may be alike."""

    steps: int = 4_000_000
    steps_at_once: int = 400_000
    words: int = 1_500_000

    def allows(self, steps: int) -> bool:
        """Take the steps, or say that they are too many."""
        if steps > min(self.steps_at_once, self.steps):
            return False
        self.steps -= steps
        return True


def words_of(text: str) -> list[str]:
    """The words and signs of a text: a number with its point, a dotted name and a day are one word each."""
    return _WORD.findall(text)


# ---------------------------------------------------------------------------- in one order

_H = TypeVar("_H", bound=Hashable)
_T = TypeVar("_T")


def in_order(before: Sequence[_H], after: Sequence[_H], effort: Effort) -> list[tuple[int, int]]:
    """Pairs of places with equal elements, rising in both."""
    start, end = 0, 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    one, other = before[start : len(before) - end], after[start : len(after) - end]
    seen, also = Counter(one), Counter(other)
    pairs = [(at, at) for at in range(start)]
    if effort.allows(sum(count * also[each] for each, count in seen.items() if each in also)):
        matcher = SequenceMatcher(None, one, other, autojunk=False)
        inner = [(i + at, j + at) for i, j, size in matcher.get_matching_blocks() for at in range(size)]
    else:
        place = {each: at for at, each in enumerate(other) if also[each] == 1}
        inner = rising((at, place[each]) for at, each in enumerate(one) if seen[each] == 1 and each in place)
    pairs += [(i + start, j + start) for i, j in inner]
    return pairs + [(len(before) - at, len(after) - at) for at in range(end, 0, -1)]


def rising(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs, given by their first place, whose second places rise too."""
    held = list(pairs)
    ends: list[int] = []  # the second place at which the best chain of each length ends
    last: list[int] = []  # the pair that stands there
    previous: list[int] = []
    for at, (_, second) in enumerate(held):
        length = bisect_left(ends, second)
        previous.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(second)
            last.append(at)
        else:
            ends[length], last[length] = second, at
    chain = []
    at = last[-1] if last else -1
    while at >= 0:
        chain.append(held[at])
        at = previous[at]
    return chain[::-1]


# ---------------------------------------------------------------------------- in any order


class Pairing(Generic[_T]):
    """Values of two sides, matched step by step; what a step matched, the next ones leave alone."""

    def __init__(self, before: Iterable[_T], after: Iterable[_T]) -> None:
        self.left, self.right = dict(enumerate(before)), dict(enumerate(after))
        self._found: list[tuple[int, int]] = []

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The places matched so far, by the first of them."""
        return sorted(self._found)

    def take(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Match these places, as far as both are still free."""
        for i, j in pairs:
            if i in self.left and j in self.right:
                self._found.append((i, j))
                del self.left[i], self.right[j]

    def by(self, key: Callable[[_T], Hashable | None]) -> None:
        """Match equal keys, the first with the first, the second with the second; ``None`` is no key."""
        waiting: dict[Hashable, list[int]] = {}
        for at in reversed(self.right):
            if (held := key(self.right[at])) is not None:
                waiting.setdefault(held, []).append(at)
        keys = [(at, waiting.get(key(each))) for at, each in self.left.items()]
        self.take([(at, places.pop()) for at, places in keys if places])

    def by_likeness(
        self, text: Callable[[_T], str], effort: Effort, within: Callable[[_T], Hashable | None] = lambda _: True
    ) -> None:
        """Match texts that are alike, only values with one key ``within``; ``None`` as the key takes a value out."""
        sides: list[dict[Hashable, dict[int, str]]] = [{}, {}]
        for side, held in zip(sides, (self.left, self.right), strict=True):
            for at, each in held.items():
                if (key := within(each)) is not None:
                    side.setdefault(key, {})[at] = text(each)
        for key, texts in sides[0].items():
            self.take(_alike(texts, sides[1].get(key, {}), effort))


def _alike(before: Mapping[int, str], after: Mapping[int, str], effort: Effort) -> list[tuple[int, int]]:
    """Places whose texts are alike, the likest pairs first, the nearer of equally like ones. The same read backwards.

    Pairs that stand near each other are looked at first, and no more once the effort is spent.
    """
    one = [(at, _bag(text)) for at, text in before.items()]
    other = [(at, _bag(text)) for at, text in after.items()]
    sizes = [sum(words.values()) for _, words in one]
    others = [sum(words.values()) for _, words in other]
    found: list[tuple[float, int, int, int, int, int]] = []
    for distance in range(max(len(one), len(other))):
        if effort.words <= 0:
            break
        for i, j in _apart(distance, len(one), len(other)):
            effort.words -= 1
            if 2 * min(sizes[i], others[j]) < ALIKE * (sizes[i] + others[j]):
                continue
            effort.words -= min(len(one[i][1]), len(other[j][1]))
            likeness = _likeness(one[i][1], other[j][1], sizes[i] + others[j])
            if likeness >= ALIKE:
                found.append((-likeness, distance, min(i, j), max(i, j), i, j))
    pairs, left, right = [], set(range(len(one))), set(range(len(other)))
    for *_, i, j in sorted(found):
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            pairs.append((one[i][0], other[j][0]))
    return sorted(pairs)


def _apart(distance: int, rows: int, columns: int) -> Iterable[tuple[int, int]]:
    """The cells of a table that lie so far from its diagonal."""
    for at in range(min(rows, columns - distance)):
        yield at, at + distance
    if distance:
        for at in range(min(rows - distance, columns)):
            yield at + distance, at


def likeness(one: str, other: str) -> float:
    """The share of words that two texts have in common: 0 to 1, whatever their order."""
    words, others = _bag(one), _bag(other)
    return _likeness(words, others, sum(words.values()) + sum(others.values()))


def _bag(text: str) -> Counter[str]:
    """How often each word stands in a text, signs left out unless it holds nothing else."""
    found = words_of(text.casefold())
    return Counter([each for each in found if each[0].isalnum()] or found)


def _likeness(one: Counter[str], other: Counter[str], words: int) -> float:
    common = sum(min(one[word], other[word]) for word in one.keys() & other.keys())
    return 2 * common / words if words else 1.0
