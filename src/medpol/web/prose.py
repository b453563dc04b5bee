"""A document's Markdown as HTML that can do nothing: no raw HTML is read, and what is left is cleaned by an allow-list."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
BEGIN, END = "\ue000", "\ue001"
_SIGNS = re.compile(f"[{BEGIN}{END}]")
_PLACE = re.compile(f"{BEGIN}(\\d+){END}")
_CITED = re.compile(r"\[(\d{1,4}(?:\s?[-–,]\s?\d{1,4})*)\]", re.ASCII)
_HEADING = re.compile(r"<(/?)h([12])>")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


@lru_cache(maxsize=4_096)
def html_of(text: str, marked: tuple[str, ...] = ()) -> str:
    """The HTML of a text. Headings stand below a page's own two; links leave without saying from where.

    Before each passage of which the words are in ``marked`` stands its place there, between the two signs ``BEGIN`` and
    ``END``, which no text keeps.
    """
    tokens = _MARKDOWN.parse(_SIGNS.sub("", text))
    if marked:
        _mark(tokens, {words: place for place, words in enumerate(marked)})
    made = _HEADING.sub(r"<\1h3>", _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
    return nh3.clean(
        made, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https"}, link_rel="noopener noreferrer"
    )


def _mark(tokens: Sequence[Token], places: Mapping[str, int]) -> None:
    """Put a sign before the words of each passage that has a place: a paragraph, a heading, an item, a row."""
    row: list[Token] | None = None
    before = ""
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row:
            _sign(row[0], places.get(" | ".join(each.content.strip() for each in row)))
            row = None
        elif token.type == "inline" and row is not None:
            row.append(token)
        elif token.type == "inline":
            _sign(token, places.get(" ".join(f"{before} {token.content}".split())))
        before = token.markup if token.type == "heading_open" else ""


def _sign(inline: Token, place: int | None) -> None:
    if place is not None and inline.children is not None:
        inline.children.insert(0, Token("text", "", 0, content=f"{BEGIN}{place}{END}"))


def bold(sentence: str) -> Markup:
    """One sentence of criteria: nothing in it is markup but the bold of its position."""
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(sentence))))


class Citations:
    """The texts of one page: marks such as ``[17]`` become links to its references, which link back.

    ``marks`` holds, by its words, what stands before a passage.
    """

    def __init__(self, numbers: Collection[int], marks: Mapping[str, Markup]) -> None:
        self._numbers = frozenset(numbers)
        self._marked, self._marks = tuple(_SIGNS.sub("", words) for words in marks), tuple(marks.values())
        self.places: dict[int, list[str]] = {}

    def html(self, text: str) -> Markup:
        made = _CITED.sub(self._linked, html_of(text, self._marked))
        return Markup(_PLACE.sub(lambda match: self._marks[int(match[1])], made))  # cleaned above; the rest is ours

    def _linked(self, match: re.Match[str]) -> str:
        return "[" + re.sub(r"\d+", self._link, match[1]) + "]"

    def _link(self, match: re.Match[str]) -> str:
        number = int(match[0])
        if number not in self._numbers:
            return match[0]
        held = self.places.setdefault(number, [])
        place = f"cite-{number}-{len(held) + 1}"
        held.append(place)
        return f'<a id="{place}" href="#ref-{number}">{match[0]}</a>'
