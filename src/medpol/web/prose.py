"""A document's Markdown as HTML that can do nothing: no raw HTML is read, and what is left is cleaned by an allow-list."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_CITED = re.compile(r"\[(\d{1,4}(?:\s?[-–,]\s?\d{1,4})*)\]", re.ASCII)
_HEADING = re.compile(r"<(/?)h([12])>")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")


@lru_cache(maxsize=4_096)
def html_of(text: str) -> str:
    """The HTML of a passage. Headings stand below a page's own two; links leave without saying from where."""
    made = _HEADING.sub(r"<\1h3>", _MARKDOWN.render(text))
    return nh3.clean(
        made, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https"}, link_rel="noopener noreferrer"
    )


def bold(sentence: str) -> Markup:
    """One sentence of criteria: nothing in it is markup but the bold of its position."""
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(sentence))))


class Citations:
    """The passages of one page: marks such as ``[17]`` become links to its references, which link back."""

    def __init__(self, numbers: Collection[int]) -> None:
        self._numbers = frozenset(numbers)
        self.places: dict[int, list[str]] = {}

    def html(self, text: str) -> Markup:
        return Markup(_CITED.sub(self._linked, html_of(text)))  # cleaned above; the links are ours

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
