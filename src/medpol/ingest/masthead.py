"""The header of any publisher's policy: labels and values in lines, in tables, under or above one another; title and status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import Block, Part
from medpol.ingest.chronicle import date_of
from medpol.ingest.escape import inline
from medpol.ingest.fields import Field, cells_as_fields, fields_in
from medpol.ingest.header import NOTHING, lines_of
from medpol.ingest.report import Account
from medpol.model.dates import StatedDate

_BANNER = re.compile(
    r"(?:(?:corporate|clinical|medical|pharmacy|drug|reimbursement|commercial|coverage|payment|utilization|management|community|plan|individual|exchange|"
    r"prior|authorization|local|national|and|&)[\s-]*)*(?:policy|policies|guidelines?|bulletin|determination|criteria)(?:\s+(?:manual|document))?(?:\s*\((?:LCD|NCD)\))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:(?:medical |clinical |drug )?(?:policy|guideline)s?\s*[–—:#-]\s*)?(?P<number>(?=[A-Z0-9.-]*\d)[A-Z]{1,8}(?:[.-][A-Z0-9]+)*[.-]?\d[\w.-]*|\d{1,2}\.\d{2,3}\.\d{2,3}\w?)(?P<rest>\s*[–—:-]?\s+.*|)",
)
_BRACKETED = re.compile(r"(?P<title>.+?)\s*\((?P<number>(?=[A-Z0-9.-]*\d)[A-Z]{1,8}[.-]?[A-Z0-9.-]*\d[\w.-]*)\)")
_KIND_IN_FRONT = re.compile(
    r"^(?:(?:local|national) coverage determination(?: \((?:LCD|NCD)\))?|(?:(?:medical|clinical|coverage|drug|corporate) ){0,4}policy)\s*[:–—-]\s*",
    re.IGNORECASE,
)
_STATUS = r"archived|retired|inactive|superseded|notification|notice|draft|future|proposed|withdrawn"
_STATUS_AFTER = re.compile(
    rf"(?P<title>.+?)\s*(?:[–—:-]\s*|[(\[]\s*)(?P<status>{_STATUS})(?: policy)?\s*[)\]]?", re.IGNORECASE
)
_STATUS_BEFORE = re.compile(
    rf"[(\[]?(?P<status>{_STATUS})(?: of)?(?: policy)?[)\]]?\s*[–—:-]\s*(?P<title>\S.+)", re.IGNORECASE
)
_PERFORMED = re.compile(r"for services performed on or (?:after|before)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Token:
    """A line of the header: a field, or words that no label opens."""

    line: int
    field: Field | None = None
    words: str = ""
    may_be_title: bool = False


@dataclass(slots=True)
class Masthead:
    """Reads the blocks above the first section. ``kept`` are the lines that have no place of their own in a draft."""

    account: Account
    fields: dict[str, Field] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    title: str = ""
    number: str = ""
    status: str = ""
    kept: list[Block] = field(default_factory=list)
    codes: list[Block] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def read(self, blocks: Sequence[Block]) -> None:
        tokens = [token for block in blocks for token in _tokens(block)]
        self._pair(_titled(tokens, blocks))
        for block in blocks:
            spoken = {part.line for part in lines_of(block)}
            self.account.kept([line for line in block.lines if line not in spoken], "header")
        self._identify()

    def value(self, kind: str) -> str:
        """A field's value, empty where the header says that there is none."""
        held = self.fields.get(kind)
        value = held.value.strip(" *†") if held is not None else ""
        return "" if NOTHING.fullmatch(value) else value

    def texts(self) -> tuple[str, ...]:
        """Every value as printed: the years written in full there date those of two digits."""
        return tuple(held.value for held in self.fields.values())

    def date(self, kind: str, pivot: int) -> StatedDate | None:
        """The date of a field; one that is no date is asked about and never repaired."""
        value = _PERFORMED.sub("", self.value(kind))
        if not value:
            return None
        stated = date_of(value, pivot)
        if stated is None:
            bare = re.sub(r"\s*\([^()]*\)$", "", value)
            stated = date_of(bare, pivot) if bare != value else None
        if stated is None:
            self.ask(f"{kind} {inline(value)!r} is no date that can be read: what should it be?", (self.lines[kind],))
        return stated

    def ask(self, question: str, lines: Iterable[int]) -> None:
        if question not in self.doubts:
            self.doubts.append(question)
        self.account.doubtful(lines, question)

    # ------------------------------------------------------------------ labels and values

    def _pair(self, tokens: Sequence[_Token]) -> None:
        """Give each label without a value the line behind it; the line before it, where the run of lines ends in a label."""
        backwards = self._values_stand_first(tokens)
        used: set[int] = set()
        for at, token in enumerate(tokens):
            if token.field is None or token.field.value:
                continue
            other = at - 1 if backwards else at + 1
            if (
                0 <= other < len(tokens)
                and tokens[other].field is None
                and other not in used
                and not _BANNER.fullmatch(tokens[other].words)
            ):
                used.add(other)
                self._take(
                    Field(token.field.kind, token.field.label, tokens[other].words), token.line, tokens[other].line
                )
            else:
                self._take(token.field, token.line)
        if backwards:
            self.ask(
                "the header prints its values before their labels: is each value that of the label below it?",
                [token.line for token in tokens if token.field is not None and not token.field.value],
            )
        for at, token in enumerate(tokens):
            if token.field is not None and token.field.value:
                self._take(token.field, token.line)
            elif token.field is None and at not in used:
                self._words(token)

    def _values_stand_first(self, tokens: Sequence[_Token]) -> bool:
        lone = [at for at, token in enumerate(tokens) if token.field is not None and not token.field.value]
        if len(lone) < 2 or (lone[-1] + 1 < len(tokens) and tokens[lone[-1] + 1].field is None):
            return False
        return all(at > 0 and tokens[at - 1].field is None for at in lone)

    def _take(self, one: Field, *lines: int) -> None:
        kind = one.kind
        if kind == "codes":
            self.codes.append(Block("paragraph", (Part(f"{one.label}: {one.value}", lines[0]),), lines=tuple(lines)))
            return
        if kind == "related":
            self._relate(one.value, lines)
            return
        is_new = kind not in self.fields or kind == "other"
        self.account.taken(lines, f"{kind if kind != 'other' else one.label}: {one.value}")
        if is_new:
            self.fields[kind], self.lines[kind] = one, lines[0]
        elif self.fields[kind].value != one.value:
            self.ask(
                f"the header states {kind} twice: (1) {inline(self.fields[kind].value)!r}; (2) {inline(one.value)!r}: which is meant?",
                (self.lines[kind], *lines),
            )
        if kind not in _IN_FRONT_MATTER or not is_new:
            self.kept.append(
                Block("paragraph", (Part(f"{one.label.rstrip(' :')}: {one.value}", lines[0]),), lines=tuple(lines))
            )

    def _relate(self, value: str, lines: Sequence[int]) -> None:
        if NOTHING.fullmatch(value) or not value:
            self.account.taken(lines, "related policies: none")
            return
        for part in re.split(r"[;|]", value):
            words = part.strip()
            match = re.match(r"(?P<number>(?=\S*\d)[A-Z0-9][\w.-]*)[\s,–—:-]*(?P<title>.*)", words)
            self.related.append((match["number"], match["title"]) if match is not None else ("", words))
        self.account.taken(lines, "related policies")

    def _words(self, token: _Token) -> None:
        words = token.words
        if _BANNER.fullmatch(words):
            self.account.layout((token.line,), "banner")
        elif not self.title and token.may_be_title:
            self.title = words
            self.lines["title line"] = token.line
            self.account.taken((token.line,), f"title: {words}")
        else:
            self.kept.append(Block("paragraph", (Part(words, token.line),), lines=(token.line,)))
            self.account.kept((token.line,), "header line not known")

    # ------------------------------------------------------------------ number, title, status

    def _identify(self) -> None:
        printed, labelled = self.title, self.value("title")
        if labelled:
            if printed and printed != labelled:
                self.kept.insert(
                    0, Block("paragraph", (Part(printed, self.lines["title line"]),), lines=(self.lines["title line"],))
                )
            self.title = labelled
        reference = self.fields.get("reference policy")
        if "number" not in self.fields and reference is not None and "number" in reference.label.casefold():
            self.fields["number"] = self.fields.pop("reference policy")
            self.lines["number"] = self.lines["reference policy"]
        self.number = re.sub(r"^#\s*", "", self.value("number"))
        self._split_title(printed)
        self.title = _KIND_IN_FRONT.sub("", self.title)
        for pattern in (_STATUS_AFTER, _STATUS_BEFORE):
            if (match := pattern.fullmatch(self.title)) is not None:
                self.title, said = match["title"].strip(), match["status"].casefold()
                line = self.lines.get("title line" if not labelled else "title", 0)
                self.account.taken((line,) if line else (), f"status, in the title: {said}")
                self.status = said
        self.status = self.status or self.value("status").casefold()
        spaced = len(self.number.split()) > 1
        if self.number and spaced:
            self.ask(
                f"the policy's number is printed as {inline(self.number)!r}: which is it?", (self.lines["number"],)
            )
        if not self.number and self.title:
            self.number = "-".join(re.findall(r"[a-z0-9]+", self.title.casefold()))[:60].strip("-")
            self.ask("the document states no number: its title stands in for it; what is the policy's number?", ())

    def _split_title(self, printed: str) -> None:
        """Take a number out of the title, where no field states one."""
        for words in dict.fromkeys((self.title, printed)):
            bare = _KIND_IN_FRONT.sub("", words)
            match = _BRACKETED.fullmatch(bare) or _NUMBERED.fullmatch(bare)
            if match is None or (self.number and match["number"] != self.number):
                continue
            rest = match.groupdict().get("rest") or match.groupdict().get("title") or ""
            self.number = self.number or match["number"].rstrip(".")
            title = rest.strip(" –—:-")
            if title:
                self.title = title if words == self.title else self.title
            elif words == self.title and self.kept:
                self._next_title()
            return

    def _next_title(self) -> None:
        """Where the first line was the number alone, the next line that stands by itself is the title."""
        block = self.kept[0]
        if ":" not in block.text:
            self.title = block.text
            self.kept.remove(block)
            self.account.taken(block.lines, f"title: {block.text}")


# Kinds that a draft states in a place of its own; the others stand in its preamble, as printed.
_IN_FRONT_MATTER = frozenset(
    [
        "number",
        "title",
        "effective",
        "approved",
        "published",
        "next review",
        "last revised",
        "literature through",
        "reference policy",
        "replaces",
        "publisher",
    ]
)


def _titled(tokens: Sequence[_Token], blocks: Sequence[Block]) -> Sequence[_Token]:
    """The tokens where the one heading of the first level alone may be the title: what a page prints above it is navigation."""
    first = {
        (part.line, " ".join(part.text.split()))
        for block in blocks
        if block.kind == "heading" and block.level == 1
        for part in lines_of(block)
    }
    heads = [
        token
        for token in tokens
        if token.field is None and (token.line, token.words) in first and not _BANNER.fullmatch(token.words)
    ]
    if len(heads) != 1:
        return tokens
    return [replace(token, may_be_title=token is heads[0]) for token in tokens]


def _tokens(block: Block) -> Iterable[_Token]:
    may_be_title = block.kind in ("heading", "paragraph")
    if block.kind == "table":
        for row in block.rows:
            if found := cells_as_fields(row.filled):
                yield from (_Token(row.lines[0], each) for each in found)
            else:
                yield from _line_tokens(" | ".join(row.filled), row.lines[0], False)
        return
    for part in lines_of(block):
        yield from _line_tokens(part.text, part.line, may_be_title)


def _line_tokens(text: str, line: int, may_be_title: bool) -> Iterable[_Token]:
    before, found = fields_in(" ".join(text.split()))
    if before:
        yield _Token(line, None, before, may_be_title)
    yield from (_Token(line, each) for each in found)
