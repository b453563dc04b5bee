"""The lines of a published list before a tree is made of them: their words, depths and labels, the joining words between
them, and where their numbers begin anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from medpol.ingest.labels import begins, follows, same_dress

ENDING = re.compile(r"[\s.,;]+(and|or)[\s.:;,]*$", re.IGNORECASE)
_OPENING = re.compile(r"\W*(and|or)\b(?!/)", re.IGNORECASE)
JOINING = re.compile(r"[\s*_(\[–—-]*(?P<word>and\s*/\s*or|and|or)[\s*_)\]–—.:,;-]*", re.IGNORECASE)
_SHOWN = 12
NO_DEPTH = -1
"""The depth of a joining word that stands in no list, on a line of the page."""


@dataclass(frozen=True, slots=True)
class Bullet:
    """A listed line: its words, how deep it lies, and its label where it has one. ``is_loose``: a joining word of which
    the page does not tell what it joins."""

    text: str
    depth: int
    mark: str = ""
    is_loose: bool = False

    @property
    def joining(self) -> str:
        """The word "and", "or" or "and/or" that stands on this line alone; empty where the line is an item."""
        match = JOINING.fullmatch(self.text)
        return "".join(match["word"].casefold().split()) if match is not None else ""


def placed(bullets: Sequence[Bullet]) -> tuple[Bullet, ...]:
    """The lines, each joining word at the depth of those that it joins, and loose where that is not certain."""
    return tuple(
        _placed(each, before, after) if each.joining else each
        for each, (before, after) in zip(bullets, _neighbours(bullets), strict=True)
    )


def _neighbours(bullets: Sequence[Bullet]) -> list[tuple[Bullet | None, Bullet | None]]:
    """For each line the item before it and the item behind it, joining words passed over."""
    before: list[Bullet | None] = []
    behind: list[Bullet | None] = []
    last: Bullet | None = None
    following: Bullet | None = None
    for each in bullets:
        before.append(last)
        last = each if not each.joining else last
    for each in reversed(bullets):
        behind.append(following)
        following = each if not each.joining else following
    return list(zip(before, reversed(behind), strict=True))


def _placed(word: Bullet, before: Bullet | None, after: Bullet | None) -> Bullet:
    if before is None or after is None:
        other = before or after
        return replace(word, depth=other.depth if other is not None else 0, is_loose=True)
    own = after.depth if word.depth == NO_DEPTH else word.depth
    fits = own >= after.depth if before.depth == after.depth else before.depth > after.depth == own
    return replace(word, depth=min(before.depth, after.depth), is_loose=not fits)


def outermost(bullets: Sequence[Bullet]) -> int:
    return min((each.depth for each in bullets), default=0)


def with_own(bullets: Sequence[Bullet]) -> tuple[tuple[Bullet, tuple[Bullet, ...]], ...]:
    """The outermost lines, joining words among them, each with the lines that lie below it."""
    outer = outermost(bullets)
    found: list[tuple[Bullet, tuple[Bullet, ...]]] = []
    at = 0
    while at < len(bullets):
        end = at + 1
        while end < len(bullets) and bullets[end].depth > outer:
            end += 1
        found.append((bullets[at], tuple(bullets[at + 1 : end])))
        at = end
    return tuple(found)


def restart(bullets: Sequence[Bullet]) -> int | None:
    """The place of the first line whose label begins anew: behind labels of its own list, or behind a lone joining word."""
    last: dict[int, str] = {}
    for at, each in enumerate(bullets):
        if each.joining:
            continue
        for depth in [depth for depth in last if depth > each.depth]:
            del last[depth]
        before = last.get(each.depth, "")
        if each.mark and begins(each.mark):
            is_behind_word = at > 1 and bool(bullets[at - 1].joining)
            if (before or is_behind_word) and not follows(before, each.mark):
                return at
        if each.mark:
            last[each.depth] = each.mark
    return None


def jump(bullets: Sequence[Bullet]) -> tuple[int, int] | None:
    """The places of two lines of one list between whose labels one is left out; ``None`` where there are none."""
    last: dict[int, int] = {}
    for at, each in enumerate(bullets):
        for depth in [depth for depth in last if depth > each.depth]:
            del last[depth]
        if not each.mark or each.joining:
            continue
        before = last.get(each.depth)
        if (
            before is not None
            and same_dress(bullets[before].mark, each.mark)
            and not follows(bullets[before].mark, each.mark)
        ):
            return before, at
        last[each.depth] = at
    return None


def joining_words(bullets: Sequence[Bullet]) -> tuple[tuple[int, str], ...]:
    """The joining words at either end of the outermost items, each with the number of its item."""
    outer = outermost(bullets)
    found: list[tuple[int, str]] = []
    number = 0
    for each in bullets:
        if each.joining:
            continue
        number += each.depth == outer
        ends = (_OPENING.match(each.text) if each.depth == outer else None, ENDING.search(each.text.rstrip()))
        found += [(number, match[1].casefold()) for match in ends if match is not None]
    return tuple(dict.fromkeys(found))


# ---------------------------------------------------------------------------- words


def bare(text: str) -> str:
    """A listed line without the signs and the joining word that end it."""
    return ENDING.sub("", text.strip()).rstrip(" .;,")


def short(text: str, limit: int = 60) -> str:
    """The beginning of some words, spaces collapsed."""
    words = " ".join(text.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def shown(item: Bullet, below: Sequence[Bullet]) -> str:
    """An item in a question, with its own list in brackets."""
    text = short(bare(item.text), 120)
    return f"{text.rstrip(' :')} ({outline(below)})" if below else text


def outline(bullets: Sequence[Bullet]) -> str:
    """A list in a question: its items in their order, joining words in capitals where they stand, lists in brackets."""
    pieces: list[str] = []
    for each, below in with_own(bullets):
        if each.joining and pieces:
            pieces[-1] = f"{pieces[-1]} {each.joining.upper()}"
        elif not each.joining:
            pieces.append(shown(each, below))
    return "; ".join(pieces).replace(" AND;", " AND").replace(" OR;", " OR").replace(" AND/OR;", " AND/OR")


def alone(bullets: Sequence[Bullet]) -> str:
    """The outermost joining words that stand on lines of their own, each with its place; empty where there is none."""
    said = []
    outer = outermost(bullets)
    for each, (before, after) in zip(bullets, _neighbours(bullets), strict=True):
        if not each.joining or not (each.depth == outer or each.is_loose):
            continue
        names = [repr(short(bare(other.text))) for other in (before, after) if other is not None]
        if len(names) == 2:
            place = f"between {names[0]} and {names[1]}"
        else:
            place = "" if not names else f"{'behind' if before is not None else 'before'} {names[0]}"
        said.append(f"{each.joining.upper()} stands alone {place}")
    return ", ".join(said[:_SHOWN]) + (f", and {len(said) - _SHOWN} more" if len(said) > _SHOWN else "")


def as_words(bullets: Sequence[Bullet]) -> str:
    """A list as one run of words, for the one question that it becomes."""
    pieces: list[str] = []
    for before, each in zip((None, *bullets), bullets, strict=False):
        if before is not None and each.joining and before.joining == each.joining:
            continue
        end = ENDING.search(each.text.rstrip())
        if each.joining:
            pieces = [*pieces[:-1], f"{pieces[-1].rstrip(';')} {each.joining}"] if pieces else [each.joining]
        else:
            mark = f" {end[1].casefold()}" if end is not None else "" if each.text.rstrip().endswith(":") else ";"
            pieces.append(bare(each.text) + mark)
    return " ".join(pieces).rstrip(" ;")
