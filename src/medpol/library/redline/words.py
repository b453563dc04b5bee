"""The words of two documents, aligned: by section, heading and criterion, then by likeness, then by place; then by word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from medpol.library.redline.alike import Effort, Pairing, in_order, likeness, rising, words_of
from medpol.library.redline.passages import Passage, SectionText, sections_of
from medpol.library.redline.values import Block, Change, Mark, Run, SectionWords, Words
from medpol.model.policy import PolicyVersion
from medpol.text.headings import heading_key

_UNLIKE = 0.3
"""Passages that only their place joins and that are less alike than this are shown whole, one after the other."""


def compare_words(
    before: PolicyVersion, before_text: str, after: PolicyVersion, after_text: str, effort: Effort
) -> Words:
    """The words of two versions, section by section, in the order of the second."""
    one, other = sections_of(before, before_text), sections_of(after, after_text)
    pairs = _pair_sections(one, other, effort)
    kept = set(rising(pairs))
    of_after = {j: i for i, j in pairs}
    sections: list[_Section] = []
    for i, j in _merged(len(one), len(other), of_after, kept):
        if i is None:
            assert j is not None
            passages = other[j].passages
            sections.append(_Section(None, other[j], False, [_alone(each, Mark.INSERTED) for each in passages]))
        elif j is None:
            passages = one[i].passages
            sections.append(_Section(one[i], None, False, [_alone(each, Mark.DELETED) for each in passages]))
        else:
            blocks = list(_aligned(one[i].passages, other[j].passages, effort))
            sections.append(_Section(one[i], other[j], (i, j) not in kept, blocks))
    _join_moved(sections)
    return Words(tuple(_said(each) for each in sections))


@dataclass(slots=True)
class _Section:
    before: SectionText | None
    after: SectionText | None
    is_moved: bool
    blocks: list[Block]


def _pair_sections(one: Sequence[SectionText], other: Sequence[SectionText], effort: Effort) -> list[tuple[int, int]]:
    pairing = Pairing(one, other)
    pairing.by(lambda section: section.name)
    pairing.by(lambda section: heading_key(section.heading))
    pairing.by_likeness(_whole, effort)
    return pairing.pairs


def _whole(section: SectionText) -> str:
    return " ".join((section.heading, *(each.text for each in section.passages)))


def _said(section: _Section) -> SectionWords:
    before, after, blocks = section.before, section.after, tuple(section.blocks)
    if before is None:
        change = Change.INSERTED
    elif after is None:
        change = Change.DELETED
    else:
        is_same = before.heading == after.heading and not any(
            each.change is not Change.EQUAL or each.is_moved for each in blocks
        )
        change = Change.EQUAL if is_same else Change.CHANGED
    held = after or before
    assert held is not None
    return SectionWords(
        None if held.name is None else held.name.value,
        None if before is None else before.heading,
        None if after is None else after.heading,
        change,
        section.is_moved,
        None if before is None else before.line,
        None if after is None else after.line,
        blocks,
    )


# ---------------------------------------------------------------------------- passages


def _aligned(one: Sequence[Passage], other: Sequence[Passage], effort: Effort) -> Iterator[Block]:
    """The passages of one section, in the order of the second version, what was deleted where it stood."""
    pairs = _pair_passages(one, other, effort)
    kept = set(rising(pairs))
    of_after = {j: i for i, j in pairs}
    for i, j in _merged(len(one), len(other), of_after, kept):
        if i is None:
            assert j is not None
            yield _alone(other[j], Mark.INSERTED)
        elif j is None:
            yield _alone(one[i], Mark.DELETED)
        else:
            yield _both(one[i], other[j], (i, j) not in kept, effort)


def _merged(
    count: int, others: int, of_after: Mapping[int, int], kept: set[tuple[int, int]]
) -> Iterator[tuple[int | None, int | None]]:
    """Places of both in one order: that of the second, with what only the first has behind what it followed there."""
    paired = set(of_after.values())
    at = 0
    for j in range(others):
        i = of_after.get(j)
        if i is not None and (i, j) in kept:
            yield from ((each, None) for each in range(at, i) if each not in paired)
            at = i + 1
        yield i, j
    yield from ((each, None) for each in range(at, count) if each not in paired)


def _pair_passages(one: Sequence[Passage], other: Sequence[Passage], effort: Effort) -> list[tuple[int, int]]:
    pairing = Pairing(one, other)
    pairing.take(in_order([(each.kind, each.text) for each in one], [(each.kind, each.text) for each in other], effort))
    pairing.by(lambda passage: (passage.kind, passage.text))
    pairing.by(lambda passage: heading_key(passage.text) if passage.kind == "heading" else None)
    pairing.by(lambda passage: passage.criterion)
    pairing.by(lambda passage: None if passage.expression is None else str(passage.expression))
    pairing.by_likeness(lambda passage: passage.text, effort, lambda passage: passage.kind)
    pairing.take(_by_place(pairing.left, pairing.right, rising(pairing.pairs)))
    return pairing.pairs


def _by_place(
    left: Mapping[int, Passage], right: Mapping[int, Passage], joined: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Passages of one kind that stand, in one order, between the same two that are joined."""

    def stretches(held: Mapping[int, Passage], ends: Sequence[int]) -> dict[int, tuple[int, str, int]]:
        found: dict[int, tuple[int, str, int]] = {}
        counts: dict[tuple[int, str], int] = {}
        stretch = 0
        for at, each in held.items():
            while stretch < len(ends) and ends[stretch] < at:
                stretch += 1
            nth = counts[stretch, each.kind] = counts.get((stretch, each.kind), 0) + 1
            found[at] = (stretch, each.kind, nth)
        return found

    places = {key: at for at, key in stretches(right, [j for _, j in joined]).items()}
    keys = stretches(left, [i for i, _ in joined])
    return [(at, places[key]) for at, key in keys.items() if key in places]


def _alone(passage: Passage, mark: Mark) -> Block:
    is_new = mark is Mark.INSERTED
    return Block(
        passage.kind,
        Change.INSERTED if is_new else Change.DELETED,
        (Run(mark, passage.text),),
        passage.depth,
        passage.marker,
        None if is_new else passage.line,
        passage.line if is_new else None,
        criterion=passage.criterion,
    )


def _both(one: Passage, other: Passage, is_moved: bool, effort: Effort) -> Block:
    runs = (Run(Mark.EQUAL, one.text),) if one.text == other.text else runs_of(one.text, other.text, effort)
    return Block(
        other.kind,
        Change.EQUAL if one.text == other.text else Change.CHANGED,
        runs,
        other.depth,
        other.marker,
        one.line,
        other.line,
        is_moved or one.depth != other.depth,
        criterion=other.criterion,
    )


def _join_moved(sections: Sequence[_Section]) -> None:
    """A passage that left one section and came, word for word, into another was moved."""
    gone: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for at, section in enumerate(sections):
        for place, block in enumerate(section.blocks):
            if block.change is Change.DELETED and len(words_of(block.runs[0].text)) > 2:
                gone.setdefault((block.kind, block.runs[0].text), []).append((at, place))
    taken: set[tuple[int, int]] = set()
    for section in sections:
        for place, block in enumerate(section.blocks):
            source = gone.get((block.kind, block.runs[0].text)) if block.change is Change.INSERTED else None
            if not source:
                continue
            where = source.pop(0)
            taken.add(where)
            origin = sections[where[0]]
            assert origin.before is not None
            section.blocks[place] = replace(
                block,
                change=Change.EQUAL,
                runs=(Run(Mark.EQUAL, block.runs[0].text),),
                from_line=origin.blocks[where[1]].from_line,
                is_moved=True,
                moved_from=origin.before.heading,
            )
    for at, section in enumerate(sections):
        section.blocks = [block for place, block in enumerate(section.blocks) if (at, place) not in taken]


# ---------------------------------------------------------------------------- words


def runs_of(before: str, after: str, effort: Effort) -> tuple[Run, ...]:
    """Two passages as runs of words. Changed words with but a space between them are one run."""
    if likeness(before, after) < _UNLIKE:
        return tuple(Run(mark, text) for mark, text in ((Mark.DELETED, before), (Mark.INSERTED, after)) if text)
    one, other = _tokens(before), _tokens(after)
    runs: list[tuple[Mark, str]] = []
    i = j = 0
    pairs = in_order([word for word, _ in one], [word for word, _ in other], effort)
    for left, right in (*pairs, (len(one), len(other))):
        runs += [(Mark.DELETED, token) for pair in one[i:left] for token in pair]
        runs += [(Mark.INSERTED, token) for pair in other[j:right] for token in pair]
        if left < len(one):
            (word, space), (_, later) = one[left], other[right]
            runs.append((Mark.EQUAL, word))
            runs += [(Mark.EQUAL, space)] if space == later else [(Mark.DELETED, space), (Mark.INSERTED, later)]
        i, j = left + 1, right + 1
    return tuple(_merged_runs(runs))


def _merged_runs(runs: Iterable[tuple[Mark, str]]) -> Iterator[Run]:
    """Changed words up to the next equal ones as one run each, equal white space between them taken in."""
    texts: dict[Mark, list[str]] = {mark: [] for mark in Mark}

    def changed() -> Iterator[Run]:
        gone, come = "".join(texts[Mark.DELETED]), "".join(texts[Mark.INSERTED])
        shared = " " if gone.endswith(" ") and come.endswith(" ") else ""
        for mark, text in ((Mark.DELETED, gone), (Mark.INSERTED, come)):
            if text.removesuffix(shared):
                yield Run(mark, text.removesuffix(shared))
        texts[Mark.DELETED], texts[Mark.INSERTED], texts[Mark.EQUAL] = [], [], [shared]

    for mark, text in runs:
        if mark is Mark.EQUAL:
            if texts[Mark.DELETED] or texts[Mark.INSERTED]:
                yield from changed()
            texts[mark].append(text)
        elif text:
            if equal := "".join(texts[Mark.EQUAL]):
                yield Run(Mark.EQUAL, equal)
            texts[Mark.EQUAL] = []
            texts[mark].append(text)
    if texts[Mark.DELETED] or texts[Mark.INSERTED]:
        yield from changed()
    if equal := "".join(texts[Mark.EQUAL]):
        yield Run(Mark.EQUAL, equal)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Each word or sign with the space behind it."""
    found = []
    at = 0
    for word in words_of(text):
        start = text.index(word, at)
        at = start + len(word)
        found.append((word, " " if text.startswith(" ", at) else ""))
    return found
