"""The criteria section of a published document: tables whose column headings are positions, sentences and lists, to rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import INNER_BULLETS, Block, Row
from medpol.ingest.escape import inline, prose
from medpol.ingest.published import CriteriaText, Ruling
from medpol.ingest.report import Account
from medpol.ingest.wording import (
    Bullet,
    column_label,
    denial_in,
    denied,
    headed,
    joined_otherwise,
    otherwise_doubt,
    position_in,
    ruling,
    sentences,
    services_in,
)

_HEAD_WORDS = frozenset(
    [
        "treatment",
        "treatments",
        "service",
        "services",
        "procedure",
        "procedures",
        "condition",
        "conditions",
        "indication",
        "indications",
        "drug",
        "drugs",
        "device",
        "devices",
        "test",
        "tests",
        "technology",
        "therapy",
        "item",
        "items",
        "criteria",
        "coverage",
        "policy",
        "description",
        "requirement",
    ]
)
_SPLIT = re.compile(rf"\n|(?:^|(?<=\s))(?=[{INNER_BULLETS}] )")
_MARKED = re.compile(rf"(?P<mark>[{INNER_BULLETS}*+-]|\d{{1,2}}[.)]|[a-z][.)])\s+(?P<words>\S.*)", re.DOTALL)
_JOINING = re.compile(r"(?:and|or)[.:,;]?", re.IGNORECASE)


@dataclass(slots=True)
class _Statement:
    """A sentence of the section with the list gathered below it."""

    sentence: str
    subject: str
    column: str | None
    lines: list[int]
    bullets: list[Bullet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    base: int = 0

    @property
    def takes_items(self) -> bool:
        return bool(self.bullets) or re.search(r":\s*$|\b(?:following|these)\b[^.]*$", self.sentence) is not None


@dataclass(slots=True)
class CriteriaSection:
    """Reads the blocks of the section one by one. ``title`` names the service where no sentence does."""

    account: Account
    title: str
    columns: tuple[str | None, ...] | None = None
    subject: str = ""
    statements: list[_Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    is_closed: bool = False

    @property
    def last(self) -> _Statement | None:
        """The statement that a listed line would belong to; none behind a sentence that denies a position."""
        return self.statements[-1] if self.statements and not self.is_closed else None

    def read(self, blocks: Sequence[Block]) -> CriteriaText:
        for block in blocks:
            match block.kind:
                case "heading":
                    self.subject, self.columns = block.text, None
                    self.account.taken(block.lines, "heading in the criteria")
                case "table":
                    subject = self.subject
                    for at, row in enumerate(block.rows):
                        self._row(row, is_first=at == 0)
                    self.subject = subject
                case "item":
                    self._item(block)
                case _:
                    self._paragraph(block)
        return CriteriaText(self._rulings(), tuple(self.notes))

    # ------------------------------------------------------------------ blocks

    def _row(self, row: Row, *, is_first: bool) -> None:
        labels = tuple(column_label(cell) for cell in row.cells[1:])
        words = {word for cell in row.cells for word in re.findall(r"[a-z]+", cell.casefold())}
        if any(labels) or (is_first and len(row.cells) > 1 and words <= _HEAD_WORDS):
            self.columns = labels
            self.account.taken(
                row.lines, f"columns of the criteria table: {', '.join(filter(None, labels)) or 'none is a position'}"
            )
        elif len(row.filled) == 1:
            self._lone(row)
        else:
            for at, cell in enumerate(row.cells[1:]):
                column = self.columns[at] if self.columns is not None and at < len(self.columns) else None
                if cell:
                    self._text(cell, row.lines, " ".join(row.cells[0].split()), column)

    def _lone(self, row: Row) -> None:
        cell = row.filled[0]
        if not _speaks(cell) and len(cell.split()) <= 12:
            self.subject = " ".join(cell.split())
            self.account.taken(row.lines, "heading in the criteria table")
        else:
            self._text(cell, row.lines, self.subject, None)

    def _paragraph(self, block: Block) -> None:
        text = block.text
        if _JOINING.fullmatch(text) and self.last is not None:
            self._bullet(text, 0, block.lines)
        elif re.match(r"notes?\b\s*:", text, re.IGNORECASE):
            self._note(text, block.lines)
        else:
            self._text(
                "\n".join(part.text for part in block.parts) if _has_marks(block) else text,
                block.lines,
                self.subject,
                None,
            )

    def _item(self, block: Block) -> None:
        words, joining = [], ""
        for part in block.parts:
            if _JOINING.fullmatch(part.text.strip()):
                joining = part.text.strip()
            else:
                words.append(part.text)
        text = " ".join(" ".join(words).split())
        last = self.last
        if last is not None and last.takes_items and not _speaks(text):
            self._bullet(text, block.level, block.lines)
            if joining:
                self._bullet(joining, block.level, block.lines)
        else:
            self._text(text, block.lines, self.subject, None)

    # ------------------------------------------------------------------ words

    def _text(self, cell: str, lines: Sequence[int], subject: str, column: str | None) -> None:
        """Read the words of a cell or paragraph: sentences that rule, their inline lists, and notes."""
        marks: list[str] = []
        opened = False
        for piece in _SPLIT.split(cell):
            piece = piece.strip()
            marked = _MARKED.fullmatch(piece)
            last = self.last
            if not piece:
                continue
            if _JOINING.fullmatch(piece) and last is not None:
                self._bullet(piece, max(0, len(marks) - 1), lines)
            elif marked is not None and last is not None and last.takes_items and not _speaks(marked["words"]):
                kind = "1" if marked["mark"][0].isdigit() else "a" if marked["mark"][0].isalpha() else marked["mark"]
                marks = marks[: marks.index(kind) + 1] if kind in marks else [*marks, kind]
                self._bullet(marked["words"], len(marks) - 1, lines)
            else:
                words = marked["words"] if marked is not None else piece
                opened = self._sentences(words, lines, subject, None if opened else column) or opened
                marks = []

    def _sentences(self, words: str, lines: Sequence[int], subject: str, column: str | None) -> bool:
        """Read a run of sentences; whether one opened a statement."""
        opened = False
        for sentence in sentences(words):
            if denial_in(sentence):
                self._note(sentence, lines)
                self._ask(denied(sentence), lines)
                self.is_closed = True
                opened = opened or column is not None
            elif position_in(sentence) is not None or (column is not None and not opened):
                self.statements.append(_Statement(sentence, subject, column, list(lines)))
                opened, self.is_closed = True, False
            elif sentence.rstrip().endswith(":") and (last := self.last) is not None and last.takes_items:
                last.base = 0
                self._bullet(sentence, 0, lines)
                last.base = 1
                self._ask(
                    f"{inline(sentence)[:60]!r} opens another list: is it one more condition of the statement above it?",
                    lines,
                )
            else:
                self._note(sentence, lines)
        return opened

    def _bullet(self, text: str, depth: int, lines: Sequence[int]) -> None:
        last = self.statements[-1]
        last.bullets.append(Bullet(text, depth + last.base))
        last.lines += lines

    def _note(self, text: str, lines: Sequence[int]) -> None:
        self.account.kept(lines, "note in the criteria")
        (self.statements[-1].notes if self.statements else self.notes).append(prose(text))

    def _ask(self, question: str, lines: Sequence[int]) -> None:
        self.doubts.append(question)
        self.account.doubtful(lines, question)

    # ------------------------------------------------------------------ rules

    def _rulings(self) -> tuple[Ruling, ...]:
        made: list[Ruling] = []
        lines_of: dict[int, list[int]] = {}
        for statement in self.statements:
            one = ruling(statement.sentence, statement.bullets, statement.subject, statement.column)
            assert one is not None  # a statement is opened by a position of its own or of its column
            if not one.services:
                one = replace(
                    one,
                    services=services_in(self.title) or ("service",),
                    doubts=(*one.doubts, f"of which service does {one.plain_words[:60]!r} speak?"),
                )
            one = replace(one, notes=(*one.notes, *statement.notes))
            self.account.taken(statement.lines, _said(one, statement))
            lines_of[len(made)] = statement.lines
            made.append(one)
        joined = joined_otherwise(made)
        asked = {question for one in joined for question in one.doubts}
        for at, one in enumerate(made):
            for question in (*one.doubts, otherwise_doubt(one)):
                if question in asked:
                    self.account.doubtful(lines_of[at], question)
        return headed(joined)


def _speaks(text: str) -> bool:
    """Whether a text states a position, or denies one."""
    return position_in(text) is not None or bool(denial_in(text))


def _said(one: Ruling, statement: _Statement) -> str:
    listed = f", over {len(statement.bullets)} listed lines" if statement.bullets else ""
    return f"statement: {one.position.value.replace('_', ' ')} for {', '.join(one.services)}{listed}"


def _has_marks(block: Block) -> bool:
    return any(
        _MARKED.fullmatch(part.text.strip()) or _JOINING.fullmatch(part.text.strip()) for part in block.parts[1:]
    )
