"""Values as Markdown for the ``.md`` twins: words of others stand in it as words, never as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!])")


def words(value: object) -> str:
    """One line of text in which nothing is markup; an absent value is empty."""
    return "" if value is None else _MARKUP.sub(r"\\\1", " ".join(str(value).split()))


def sentence(text: str) -> str:
    """The same of a sentence of criteria, whose position is bold as in the document."""
    return words(text).replace(r"\*\*", "**")


def heading(depth: int, text: str) -> str:
    return f"{'#' * depth} {words(text)}\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table, with an empty line after it."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(map(words, row))} |"
    yield ""
