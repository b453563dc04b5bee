"""A published document, as bytes, to its pages: decoded, untrusted markup dropped, taken apart into source blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from medpol.ingest.answer import MAXIMUM_BLOCKS, MAXIMUM_LINES, Reading, Refused
from medpol.ingest.blocks import Block, TooMuch
from medpol.ingest.html import html_blocks, without_hidden, without_untrusted, worded_lines
from medpol.ingest.markdown import markdown_blocks
from medpol.ingest.report import Account

MAXIMUM_BYTES = 4 << 20
MAXIMUM_MARKS = 100_000


@dataclass(frozen=True, slots=True)
class Pages:
    """A document as its blocks. ``format`` is markdown, html, pdf or docx; ``lines`` are those of the source, or the lines
    that were found on its pages; ``pages`` the page of each line, none where it has no pages."""

    name: str
    format: str
    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    pages: tuple[int, ...] = ()


def read_text(data: bytes, name: str) -> Reading:
    """The reading of a document of text. Raises Refused where it is not UTF-8 or past a limit."""
    account = Account()
    try:
        pages = read_pages(decoded(data), name, account)
    except UnicodeDecodeError as problem:
        found = f"byte 0x{data[problem.start]:02x} at offset {problem.start} is not UTF-8"
        raise Refused("not-utf-8", found, "text in UTF-8", "save the document as UTF-8") from None
    except TooMuch as problem:
        mend = "check that this is a policy document, or split it"
        raise Refused("document-too-large", str(problem), "a published policy", mend) from None
    return Reading(pages.format, pages.lines, pages.blocks, tuple(account.entries))


def decoded(data: bytes) -> str:
    """The document's text with LF line ends. Raises TooMuch past the size limit, UnicodeDecodeError where it is not UTF-8."""
    if len(data) > MAXIMUM_BYTES:
        raise TooMuch(f"{len(data):,} bytes; at most {MAXIMUM_BYTES:,}")
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def read_pages(text: str, name: str, account: Account) -> Pages:
    """The pages of a decoded document. Raises TooMuch where it is past a limit."""
    lines = tuple(text.split("\n"))
    if len(lines) > MAXIMUM_LINES:
        raise TooMuch(f"{len(lines):,} lines; at most {MAXIMUM_LINES:,}")
    marks = sum(text.count(mark) for mark in "<[*`")
    if marks > MAXIMUM_MARKS:
        raise TooMuch(f"{marks:,} marks of markup; at most {MAXIMUM_MARKS:,}")
    format = format_of(text, name)
    clean = without_hidden(without_untrusted(lines, account), account)
    blocks = html_blocks(clean, account) if format == "html" else markdown_blocks(clean, account)
    if len(blocks) > MAXIMUM_BLOCKS:
        raise TooMuch(f"{len(blocks):,} paragraphs, items and tables; at most {MAXIMUM_BLOCKS:,}")
    _unread_layout(
        lines, blocks, account, worded_lines(clean) if format == "html" else frozenset(range(1, len(lines) + 1))
    )
    return Pages(name, format, lines, blocks)


def format_of(text: str, name: str) -> str:
    """html or markdown: by the file's ending, else by how the text begins."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending in ("html", "htm", "xhtml"):
        return "html"
    if ending in ("md", "markdown", "txt"):
        return "markdown"
    return "html" if re.match(r"\s*<(?:!doctype|html|head|body|[hp]1?\b|div)", text, re.IGNORECASE) else "markdown"


def _unread_layout(lines: Sequence[str], blocks: Iterable[Block], account: Account, worded: frozenset[int]) -> None:
    """Account for lines that hold only marks: rules, fences, delimiter rows, tags, the head of a web page.

    ``worded`` are the lines with words outside every tag.
    """
    spoken = {line for block in blocks for line in block.lines}
    spoken |= {line for entry in account.entries for line in entry.lines}
    for number, line in enumerate(lines, 1):
        if line.strip() and number not in spoken:
            untitled = re.sub(r"<title\b[^<>]*>[^<]*(?:</title>|$)", "", line, flags=re.IGNORECASE)
            if number not in worded or not re.sub(r"<[^<>]*>|[\s|:=*_`~+#>-]", "", untitled):
                account.layout((number,), "marks without words" if untitled == line else "the page's title bar")
