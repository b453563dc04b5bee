"""What stands above the first section of the publisher's pages: number, title, dates, related policies; page furniture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from medpol.ingest.blocks import Block, Part
from medpol.ingest.escape import inline
from medpol.ingest.pages import Pages
from medpol.ingest.report import Account
from medpol.text.headings import section_of

_NUMBER = re.compile(
    r"(?:POLICY|GUIDELINES?)\s*[–—:-]\s*(?P<number>[A-Z0-9][\w.]*\d[\w.-]*)(?P<rest>.*)", re.IGNORECASE
)
_OWN_NUMBER = re.compile(r"\d{1,2}\.\d{2}\.\d{2,3}", re.ASCII)
_TITLE_BEHIND = re.compile(r"\s*[–—:-]*\s*[A-Z0-9\"“(][^;|`$<>]*")
_FIELDS: tuple[tuple[str, str], ...] = (
    ("reference policy", r"(?:BCBSA )?Ref(?:\.|erence) Policy(?: No\.?| Number)?"),
    ("effective", r"Effective Date"),
    ("last revised", r"Last Revised|Last Revision(?: Date)?"),
    ("replaces", r"Replaces"),
    ("related", r"Related (?:Medical |Medical & Pharmacy )?(?:Policies|Guidelines)(?: ?/ ?Guidelines)?"),
)
_FIELD = tuple((name, re.compile(rf"(?:{pattern})\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)) for name, pattern in _FIELDS)
_LAYOUT = re.compile(
    r"select a hyperlink\b.*|clicking this icon\b.*|(?:page )?\d+ of \d+|page (?:\| )?\d+(?: of \d+)?(?:\s*∞)?|∞|back to top|return to top|print",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"(?:©|\(c\)|Copyright)\s*(?:\d{4}(?:\s*[-–]\s*\d{4})?,?)?\s+([A-Z][\w.&' -]{1,60}?)[.,]?\s+All rights reserved",
    re.IGNORECASE,
)
NOTHING = re.compile(r"(?:N/?A|None|Not applicable)\.?", re.IGNORECASE)


def is_ours(pages: Pages) -> bool:
    """Whether the opening has this publisher's numbered title or its reference policy, and another mark of the layout."""
    opening = [part.text for block in pages.blocks[:40] for part in lines_of(block)]
    marks = {name for text in opening for name, pattern in _FIELD if name != "replaces" and pattern.match(text.strip())}
    headed = (_NUMBER.search(block.text) for block in pages.blocks[:10] if block.kind in ("heading", "paragraph"))
    numbered = any(match is not None and _OWN_NUMBER.match(match["number"]) for match in headed)
    return (numbered or "reference policy" in marks) and len(marks) + numbered >= 2


def lines_of(block: Block) -> tuple[Part, ...]:
    """The lines of a block; of a table its rows, a cell's own lines apart."""
    if block.kind != "table":
        return block.parts
    texts = [(" ".join(row.filled).split("\n"), row.lines) for row in block.rows]
    return tuple(Part(text, lines[min(at, len(lines) - 1)]) for held, lines in texts for at, text in enumerate(held))


def is_layout(block: Block, account: Account) -> bool:
    """Whether a block is page furniture: menus, page numbers, the way back up. It is accounted for as layout."""
    text = block.text
    if block.kind not in ("paragraph", "item", "heading") or len(text) > 400:
        return False
    names = [each.strip() for part in block.parts for each in part.text.split("|") if each.strip()]
    is_menu = "|" in text and len(names) > 1 and all(each.isupper() for each in names)
    if _LAYOUT.fullmatch(text) or is_menu:
        account.layout(block.lines, "menu" if is_menu else "page furniture")
        return True
    return False


def rights_holder(pages: Pages) -> str:
    """The publisher that the document's own notice of rights names; empty where it has no such notice."""
    for block in pages.blocks:
        if match := _RIGHTS.search(block.text):
            return match[1]
    return ""


@dataclass(slots=True)
class Header:
    """Reads the header line by line. ``preamble`` holds the lines it does not know; ``end`` is the first block behind it."""

    pages: Pages
    account: Account
    fields: dict[str, str] = field(default_factory=dict)
    number: str = ""
    title: str = ""
    preamble: list[Block] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    end: int = 0

    def read(self) -> None:
        in_related = False
        self.end = len(self.pages.blocks)
        for at, block in enumerate(self.pages.blocks):
            if is_layout(block, self.account):
                in_related = False
            elif block.kind == "heading" and self._ends(block):
                self.end = at
                return
            else:
                for part in lines_of(block):
                    in_related = self._line(part, in_related, block.kind)
                spoken = {part.line for part in lines_of(block)}
                self.account.kept([line for line in block.lines if line not in spoken], "header")

    def _ends(self, heading: Block) -> bool:
        """Whether a heading is that of a section: one we know, or any that is neither number nor title."""
        return (bool(self.title) or section_of(heading.text) is not None) and _numbered(heading.text) is None

    def problems(self) -> list[str]:
        wanted = (("number", self.number), ("title", self.title))
        return [f"the document's {name} was not found above its first section" for name, found in wanted if not found]

    def value(self, name: str) -> str:
        """A field's value, empty where the header says that there is none."""
        value = self.fields.get(name, "").strip(" *†")
        return "" if NOTHING.fullmatch(value) else value

    def _line(self, part: Part, in_related: bool, kind: str) -> bool:
        """Read one line; whether related policies are being listed behind it."""
        text, lines = " ".join(part.text.split()), (part.line,)
        name, value = next(
            ((name, match[1].strip()) for name, pattern in _FIELD if (match := pattern.match(text))), ("", "")
        )
        if name and name not in self.fields:
            self.fields[name] = value
            self.account.taken(lines, f"{name}: {value}" if name != "related" else "related policies")
            if name == "related" and value:
                self._relate(value, lines)
            return name == "related"
        if not self.number and kind != "item" and (match := _numbered(text)) is not None:
            self.number = match["number"].rstrip(".")
            self.account.taken(lines, f"policy: {self.number}")
            self._behind_number(match["rest"], lines)
        elif not self.title and kind in ("heading", "paragraph") and not name:
            self.title = text
            self.account.taken(lines, f"title: {text}")
        elif not (in_related and self._relate(text, lines)):
            self.preamble.append(Block("paragraph", (part,), lines=lines))
            self.account.kept(lines, "header line not known")
        return in_related

    def _behind_number(self, rest: str, lines: Sequence[int]) -> None:
        """Take the words behind the number as the title where they look like one; other words are asked about."""
        words = rest.strip(" –—:-")
        if _TITLE_BEHIND.fullmatch(rest):
            self.title = words
        elif words:
            question = (
                f"{inline(words)[:60]!r} stands behind the policy number {self.number} and is no title: what is it?"
            )
            self.doubts.append(question)
            self.account.doubtful(lines, question)

    def _relate(self, text: str, lines: Sequence[int]) -> bool:
        """Take a related policy, or the word that there is none; whether the line was either."""
        if NOTHING.fullmatch(text):
            self.account.taken(lines, "related policies: none")
            return True
        match = re.match(r"(?P<number>[A-Z0-9]\w*(?:[.-]\w+)*\.?\d[\w.]*)\s+(?P<title>.+)", text)
        if match is None:
            return False
        self.related.append((match["number"], match["title"].strip(" –—-")))
        self.account.taken(lines, f"related policy {match['number']}")
        return True


def _numbered(text: str) -> re.Match[str] | None:
    return _NUMBER.search(text) if len(text) < 200 else None
