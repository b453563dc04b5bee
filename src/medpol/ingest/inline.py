"""The words of a source line, the same from Markdown and from HTML: marks read, nothing of the markup carried.

Bold is remembered where it opens a line (``**Note:**``); a superscript number is a citation, ``[17]``; an address stands
as text only where the link's own words are that address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_CITATION = re.compile(r"\d{1,3}(?:\s*[,–-]\s*\d{1,3})*", re.ASCII)
_UNIT_BEFORE = re.compile(r"(?:\b(?:m|cm|mm|dm|km|in|ft)|\d)$")
_ATTRIBUTE = re.compile(r"([A-Za-z_:][\w:.-]*)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)([^<]*?)/?>", re.DOTALL)
_MARKS = frozenset("*_`[]<>&\\!")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udfff]")

# Elements whose whole content is dropped: nothing in them is a policy's words.
UNTRUSTED = frozenset(
    re.findall(
        r"\w+",
        """script style iframe object embed applet svg math template noscript frameset audio video canvas select textarea
    button""",
    )
)
# Elements whose tag alone is dropped.
UNTRUSTED_TAGS = UNTRUSTED | {"link", "meta", "base", "input", "form", "frame", "source", "track", "param"}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a line or cell. ``lead`` is the bold stretch that opens it, ``is_bold`` says all of it is."""

    text: str
    lead: str = ""
    is_bold: bool = False


@dataclass(slots=True)
class Builder:
    """Gathers words from text and tags; ``drop`` hears of everything that is not carried, in words for the report."""

    drop: Callable[[str], None]
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    bold: int = 0
    bold_from: int | None = None
    bolds: list[tuple[int, int]] = field(default_factory=list)
    sup_from: int | None = None
    links: list[tuple[str, int]] = field(default_factory=list)

    def text(self, data: str) -> None:
        if _CONTROL.search(data):
            self.drop("a control character")
            data = _CONTROL.sub(" ", data)
        self._add(data.replace("\u00a0", " ").replace("\u200b", ""))

    def _add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def _replace_from(self, at: int, piece: str) -> None:
        self.length -= sum(map(len, self.pieces[at:]))
        del self.pieces[at:]
        self._add(piece)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        for name, value in attributes.items():
            if name.startswith("on"):
                self.drop(f"the attribute {name} of <{tag}>")
            elif name in ("href", "src", "srcset", "action", "formaction", "background") and is_untrusted(value):
                self.drop(f"a link to {shown_address(value)}")
        match tag:
            case "b" | "strong":
                if not self.bold:
                    self.bold_from = self.length
                self.bold += 1
            case "sup":
                self.sup_from = len(self.pieces)
            case "a":
                self.links.append((attributes.get("href", ""), len(self.pieces)))
            case "br":
                self._add("\n")
            case "img":
                self.drop("a picture" + (f": {attributes['alt'][:60]}" if attributes.get("alt") else ""))

    def end(self, tag: str) -> None:
        match tag:
            case "b" | "strong" if self.bold:
                self.bold -= 1
                if not self.bold and self.bold_from is not None:
                    self.bolds.append((self.bold_from, self.length))
            case "sup" if self.sup_from is not None:
                self._superscript(self.sup_from)
                self.sup_from = None
            case "a" if self.links:
                self._link(*self.links.pop())

    def _superscript(self, start: int) -> None:
        before, content = "".join(self.pieces[max(0, start - 3) : start])[-4:], "".join(self.pieces[start:]).strip()
        if not _CITATION.fullmatch(content):
            return
        if _UNIT_BEFORE.search(before):
            content = f"^{content}" if before[-1].isdigit() else content
        else:
            content = f"[{content}]"
        self._replace_from(start, content)

    def _link(self, address: str, start: int) -> None:
        words = "".join(self.pieces[start:])
        if WEB_ADDRESS.match(address) and WEB_ADDRESS.match(words.replace("\\", "").strip()):
            self._replace_from(start, address.replace(" ", "%20") + "\n" * words.count("\n"))

    def raw(self) -> str:
        """Everything gathered, spaces as they came."""
        if self.bold and self.bold_from is not None:
            self.bolds.append((self.bold_from, self.length))
            self.bold = 0
        return "".join(self.pieces)

    def words(self) -> Words:
        """What was gathered. Only whole spaces change: each run inside a line is one."""
        whole = self.raw()
        lead = ""
        if self.bolds and not whole[: self.bolds[0][0]].strip():
            lead = " ".join(whole[slice(*self.bolds[0])].split())
        text = tidy(whole)
        return Words(text, lead, bool(text) and lead == " ".join(text.split()))


def tidy(text: str) -> str:
    """Spaces collapsed and trimmed on each line; tabs and line breaks stay."""
    return "\n".join(re.sub(r"[ \r\f\v]+", " ", line).strip(" ") for line in text.split("\n")).strip("\n")


def is_untrusted(address: str) -> bool:
    """Whether an address leads anywhere but the web or the same page: scripts, files, data, relative and local paths."""
    plain = re.sub(r"[\s\x00-\x1f]", "", address)
    return bool(plain) and not plain.startswith("#") and WEB_ADDRESS.match(plain) is None


def shown_address(address: str) -> str:
    """An address for the report: its scheme, or that it is local; never the address itself, which may be a payload."""
    plain = re.sub(r"[\s\x00-\x1f]", "", address)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,20}):", plain)
    return f"a {scheme[1].lower()}: address" if scheme else "a local or relative address"


def attributes_of(text: str) -> dict[str, str]:
    """The attributes of a tag, names in lower case, quotes taken off."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        found.setdefault(match[1].lower(), (match[2] or "").strip("\"'"))
    return found


# ---------------------------------------------------------------------------- Markdown


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark")
    # Every link is parsed, so that its address can be judged here and reported; none is carried unjudged.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    return markdown


_MARKDOWN = _markdown()


def markdown_words(text: str, drop: Callable[[str], None]) -> Words:
    """The words of one line of Markdown."""
    builder = Builder(drop)
    if _MARKS.isdisjoint(text):
        builder.text(text)
        return builder.words()
    for token in _MARKDOWN.parseInline(text):
        for child in token.children or ():
            _token(child, builder)
    return builder.words()


def _token(token: Token, builder: Builder) -> None:
    match token.type:
        case "text" | "code_inline":
            builder.text(token.content)
        case "softbreak" | "hardbreak":
            builder.text("\n")
        case "strong_open" | "link_open":
            builder.start(token.tag, {name: str(value) for name, value in token.attrs.items()})
        case "strong_close" | "link_close":
            builder.end(token.tag)
        case "image":
            builder.start("img", {"src": str(token.attrs.get("src", "")), "alt": token.content})
        case "html_inline":
            tag_words(token.content, builder)


def tag_words(content: str, builder: Builder) -> None:
    """Feed one tag, or report what is no tag (a comment, a declaration)."""
    tag = _TAG.fullmatch(content)
    if tag is None:
        builder.drop("a comment or declaration")
    elif tag[2].lower() in UNTRUSTED_TAGS:
        builder.drop(f"<{tag[2].lower()}>")
    elif tag[1]:
        builder.end(tag[2].lower())
    else:
        builder.start(tag[2].lower(), attributes_of(tag[3]))
