"""The criteria section of a published document: tables whose column headings are positions, sentences and lists, to rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import INNER_BULLETS, Block, Row
from medpol.ingest.branches import boundary_doubts
from medpol.ingest.contexts import Context, Contexts, context_of
from medpol.ingest.escape import inline, prose
from medpol.ingest.published import CriteriaText, Ruling
from medpol.ingest.readings import Bullet, short
from medpol.ingest.report import Account
from medpol.ingest.stating import column_label, denial_in, denied, position_in, sentences
from medpol.ingest.wording import also_when, headed, joined_otherwise, otherwise_doubt, rest_doubt, ruling, services_in
from medpol.model.positions import FAVOURABLE, STANDARD_LABELS

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
_LETTERED = re.compile(r"(?:[A-Z]|I{1,3}|IV|VI{0,3})[.)]\s+(?P<words>\S.*)", re.DOTALL)
_JOINING = re.compile(r"(?:and|or)[.:,;]?", re.IGNORECASE)
_APPROVED_FOR = re.compile(
    r"(?:(?:length|duration) of (?:approval|authori[sz]ation)|(?:approval|authori[sz]ation) (?:duration|length|period)|approved for)\s*:\s*(?P<time>\d{1,3} (?:days?|weeks?|months?|years?))[.]?",
    re.IGNORECASE,
)
_POINTS_BELOW = re.compile(
    r"\b(?:criteria|guidelines?|conditions?|indications?)\b[^.]*\b(?:below|shown|outlined|listed)\b|\b(?:below|following)\b[^.]*\b(?:criteria|guidelines?)\b[^:]*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"(?P<label>[A-Za-z/ ,&-]{5,70}?)\s*:\s+(?P<rest>\S.*)", re.DOTALL)


@dataclass(slots=True)
class _Statement:
    """A sentence of the section with the list gathered below it, and the headings it stands under."""

    sentence: str
    subject: str
    column: str | None
    lines: list[int]
    bullets: list[Bullet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    base: int = 0
    days: Context | None = None
    phase: str = ""
    approved_for: str = ""

    @property
    def takes_items(self) -> bool:
        return bool(self.bullets) or re.search(r"^$|:\s*$|\b(?:following|these)\b[^.]*$", self.sentence) is not None


@dataclass(slots=True)
class CriteriaSection:
    """Reads the blocks of the section one by one. ``title`` names the service where no sentence does; ``pivot`` is the last
    year that a two-digit year may mean."""

    account: Account
    title: str
    pivot: int = 0
    columns: tuple[str | None, ...] | None = None
    contexts: Contexts = field(default_factory=Contexts)
    statements: list[_Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    is_closed: bool = False
    has_loose_lines: bool = False
    is_denied: bool = False
    row_subject: str | None = None

    @property
    def last(self) -> _Statement | None:
        """The statement that a listed line would belong to; none behind a sentence that denies a position."""
        return self.statements[-1] if self.statements and not self.is_closed else None

    @property
    def subject(self) -> str:
        """The service that the table row or the headings name; empty where none does."""
        if self.row_subject is not None:
            return self.row_subject
        position, service = self.contexts.last("position"), self.contexts.last("service")
        return (position.text if position is not None else "") or (service.text if service is not None else "")

    @property
    def label(self) -> str | None:
        """The position that the headings give; none where none does."""
        position = self.contexts.last("position")
        return position.label if position is not None else None

    def read(self, blocks: Sequence[Block]) -> CriteriaText:
        for block in blocks:
            match block.kind:
                case "heading":
                    self._enter(context_of(block.text, self.pivot), block.level, block.lines)
                case "table":
                    for at, row in enumerate(block.rows):
                        self._row(row, is_first=at == 0)
                    self.row_subject = None
                case "item":
                    self._item(block)
                case _:
                    self._paragraph(block)
        return CriteriaText(self._rulings(), tuple(self.notes))

    # ------------------------------------------------------------------ blocks

    def _enter(self, context: Context, level: int, lines: Sequence[int]) -> None:
        self.columns, self.is_closed, self.is_denied, self.row_subject = None, True, False, None
        self.contexts.enter(context, level)
        said = {
            "days": context.branch.line if context.branch is not None else "",
            "position": context.label,
            "phase": context.text,
            "service": "",
        }[context.kind]
        self.account.taken(lines, f"heading in the criteria: {said}" if said else "heading in the criteria")
        if context.branch is not None and context.branch.question:
            self._ask(
                f"{context.text!r} states no whole day: between which days of service does its block hold?", lines
            )

    def _row(self, row: Row, *, is_first: bool) -> None:
        labels = tuple(column_label(cell) for cell in row.cells)
        words = {word for cell in row.cells for word in re.findall(r"[a-z]+", cell.casefold())}
        is_head = any(labels[1:]) or (len(labels) > 1 and all(labels))
        if is_head or (is_first and len(row.cells) > 1 and words <= _HEAD_WORDS):
            self.columns = labels if all(labels) else (None, *labels[1:])
            self.account.taken(
                row.lines,
                f"columns of the criteria table: {', '.join(filter(None, self.columns)) or 'none is a position'}",
            )
        elif len(row.filled) == 1 and not (self.columns and self.columns[0]):
            self._lone(row)
        elif labels[0] is not None and len(row.cells) == 2:
            self._text(row.cells[1], row.lines, self.subject, labels[0])
        else:
            self._cells(row)

    def _cells(self, row: Row) -> None:
        """The cells of a row, each under its column's position; a row that states none is one note."""
        columns = self.columns or ()
        first = 0 if columns and columns[0] else 1
        named = [(cell, columns[at] if at < len(columns) else None) for at, cell in enumerate(row.cells) if at >= first]
        if all(column is None and not _speaks(cell) for cell, column in named):
            self._note(": ".join(" ".join(cell.split()) for cell in row.filled), row.lines)
            return
        for cell, column in named:
            if cell:
                self._text(cell, row.lines, self.subject if first == 0 else " ".join(row.cells[0].split()), column)

    def _lone(self, row: Row) -> None:
        cell = row.filled[0]
        if not _speaks(cell) and len(cell.split()) <= 12:
            self.row_subject = " ".join(cell.split())
            self.account.taken(row.lines, "heading in the criteria table")
        else:
            self._text(cell, row.lines, self.subject, None)

    def _paragraph(self, block: Block) -> None:
        text = block.text
        lettered = [_LETTERED.fullmatch(part.text.strip()) for part in block.parts]
        if _JOINING.fullmatch(text):
            self._orphan(text, block.lines)
        elif re.match(r"notes?\b\s*:", text, re.IGNORECASE):
            self._note(text, block.lines)
        elif self._approved_for(text, block.lines) or self._lead(block):
            return
        elif all(match is not None and self._is_listed(match["words"]) for match in lettered):
            for match, part in zip(lettered, block.parts, strict=True):
                self._bullet(match["words"] if match is not None else part.text, 0, (part.line,))
            self.statements[-1].lines += block.lines
        else:
            self._text(
                "\n".join(part.text for part in block.parts) if _has_marks(block) else text,
                block.lines,
                self.subject,
                None,
            )

    def _orphan(self, word: str, lines: Sequence[int]) -> None:
        """Take a joining word on a line of its own: it joins the items of the last list, or what cannot be told."""
        if self.last is not None and self.last.bullets:
            self._bullet(word, 0, lines)
            return
        self._note(word, lines)
        self._ask(f"{word!r} stands alone and joins no listed lines: what does it join?", lines)

    def _approved_for(self, text: str, lines: Sequence[int]) -> bool:
        """Take how long an approval holds; whether the line says it."""
        match = _APPROVED_FOR.fullmatch(text)
        if match is None or not self.statements or self.statements[-1].approved_for:
            return False
        self.statements[-1].approved_for = match["time"]
        self.account.taken(lines, f"approved for {match['time']}")
        return True

    def _lead(self, block: Block) -> bool:
        """Take a short line that stands as a heading: days, a phase, a position, or bold words; whether it is one."""
        text = block.text
        labelled = _LABELLED.fullmatch(text)
        label = column_label(labelled["label"]) if labelled is not None else None
        if labelled is not None and label is not None:
            self._enter(Context("position", "", label), 8, ())
            self._text(labelled["rest"], block.lines, self.subject, None)
            return True
        if len(text.split()) > 18:
            return False
        context = context_of(text, self.pivot)
        if context.kind != "service" or (
            block.is_bold and not _speaks(text) and not re.search(r"[.:;]\s*$|\bfollowing\b", text)
        ):
            level = {"days": 7, "service": 7, "position": 8, "phase": 9}[context.kind]
            self._enter(context, level, block.lines)
            return True
        return False

    def _item(self, block: Block) -> None:
        words: list[str] = []
        joining = ""
        lettered: list[tuple[str, int]] = []
        for part in block.parts:
            match = _LETTERED.fullmatch(part.text.strip()) if words else None
            if _JOINING.fullmatch(part.text.strip()):
                joining = part.text.strip()
            elif match is not None:
                lettered.append((match["words"], part.line))
            else:
                words.append(part.text)
        text = " ".join(" ".join(words).split())
        if self._approved_for(text, block.lines):
            return
        if self.last is None and self.label is not None and not _speaks(text):
            self._open("", block.lines, self.subject, self.label)
        if self._is_listed(text):
            if text or not joining:
                self._bullet(text, block.level, block.lines, block.number)
            if joining:
                self._bullet(joining, block.level, block.lines)
            for each, line in lettered:
                self._bullet(each, 0, (line,))
        elif _speaks(text) or self.last is not None or self.label is not None:
            self._text(" ".join([text, *(each for each, _ in lettered)]), block.lines, self.subject, None)
        else:
            self._note(" ".join([text, *(each for each, _ in lettered)]), block.lines)
            if self.is_denied:  # asked about with the sentence that denies
                return
            self.has_loose_lines = True
            self._ask(f"{short(inline(text))!r} is listed below no statement: of which is it a condition?", block.lines)

    def _is_listed(self, text: str) -> bool:
        """Whether a listed line is an item of the last statement."""
        last = self.last
        return last is not None and last.takes_items and not _speaks(text)

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
            elif marked is not None and self._is_listed(marked["words"]):
                kind = "1" if marked["mark"][0].isdigit() else "a" if marked["mark"][0].isalpha() else marked["mark"]
                marks = marks[: marks.index(kind) + 1] if kind in marks else [*marks, kind]
                number = int(marked["mark"][:-1]) if kind == "1" else None
                self._bullet(marked["words"], len(marks) - 1, lines, number)
            else:
                words = marked["words"] if marked is not None else piece
                opened = self._sentences(words, lines, subject, None if opened else column) or opened
                marks = []

    def _sentences(self, words: str, lines: Sequence[int], subject: str, column: str | None) -> bool:
        """Read a run of sentences; whether one opened a statement."""
        opened = False
        for sentence in sentences(re.sub(r"^(?:[IVX]{1,4}|[A-Z])\.\s+(?=[A-Z])", "", words)):
            if denial_in(sentence):
                self._note(sentence, lines)
                self._ask(denied(sentence), lines)
                self.is_closed = self.is_denied = True
                opened = opened or column is not None
            elif position_in(sentence) is not None or (column is not None and not opened):
                self._open(sentence, lines, subject, column)
                opened = True
            elif self.label is not None and (self.last is None or sentence.rstrip().endswith(":")):
                self._open(sentence, lines, subject, self.label)
                opened = True
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

    def _open(self, sentence: str, lines: Sequence[int], subject: str, column: str | None) -> None:
        phase = self.contexts.last("phase")
        self.statements.append(
            _Statement(
                sentence,
                subject or (self.title if column is not None and not sentence else ""),
                column,
                list(lines),
                days=self.contexts.last("days"),
                phase=phase.text if phase is not None else "",
            )
        )
        self.is_closed = self.is_denied = False
        own, given = position_in(sentence), self.label
        if own is not None and given is not None:
            heading = STANDARD_LABELS[given.casefold()]
            if (own.position in FAVOURABLE) != (heading in FAVOURABLE):
                self._ask(
                    f"{short(inline(sentence))!r} stands below a heading that says {given!r}: (1) {own.label}, as the sentence "
                    f"says; (2) {given}, as the heading says: which is meant?",
                    lines,
                )

    def _bullet(self, text: str, depth: int, lines: Sequence[int], number: int | None = None) -> None:
        last = self.statements[-1]
        last.bullets.append(Bullet(text, depth + last.base, number))
        last.lines += lines

    def _note(self, text: str, lines: Sequence[int]) -> None:
        self.account.kept(lines, "note in the criteria")
        (self.statements[-1].notes if self.statements else self.notes).append(prose(text))

    def _ask(self, question: str, lines: Sequence[int]) -> None:
        self.doubts.append(question)
        self.account.doubtful(lines, question)

    # ------------------------------------------------------------------ rules

    def _rulings(self) -> tuple[Ruling, ...]:
        self._take_pointers()
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
            if self.has_loose_lines and one.position in FAVOURABLE:
                one = also_when(one, "the conditions that the criteria list elsewhere are met")
            one = _within(replace(one, notes=(*one.notes, *statement.notes)), statement)
            self.account.taken(statement.lines, _said(one, statement))
            lines_of[len(made)] = statement.lines
            made.append(one)
        joined = joined_otherwise(made)
        asked = {question for one in joined for question in one.doubts}
        for at, one in enumerate(made):
            for question in (*one.doubts, otherwise_doubt(one), rest_doubt(one)):
                if question in asked:
                    self.account.doubtful(lines_of[at], question)
        self._ask_boundaries()
        return headed(joined)

    def _take_pointers(self) -> None:
        """Sentences that only point at the criteria of another statement are notes: they would be a second rule beside it."""
        listed = [each for each in self.statements if each.bullets]
        for statement in list(self.statements):
            own = position_in(statement.sentence)
            others = [each for each in listed if each is not statement]
            if own is None or own.position not in FAVOURABLE or statement.bullets or not others:
                continue
            if _POINTS_BELOW.search(statement.sentence):
                self.statements.remove(statement)
                self.account.kept(statement.lines, "note in the criteria")
                self.notes += [prose(statement.sentence), *statement.notes]
                self._ask(
                    f"{short(inline(statement.sentence))!r} points at criteria that stand elsewhere and was made no rule: are they those below?",
                    statement.lines,
                )

    def _ask_boundaries(self) -> None:
        branches = [
            each.days.branch for each in self.statements if each.days is not None and each.days.branch is not None
        ]
        lines = [line for each in self.statements if each.days is not None for line in each.lines]
        for question in boundary_doubts(branches):
            self._ask(question, lines)


def _within(one: Ruling, statement: _Statement) -> Ruling:
    """A rule with what the headings above its statement say: its days of service, its phase; how long an approval holds."""
    branch = statement.days.branch if statement.days is not None else None
    if statement.phase:
        one = also_when(one, f"this is {statement.phase}")
        one = replace(
            one, heading=f"{one.heading or statement.subject}: {statement.phase.split(' ', 1)[1]}".strip(": ")
        )
    if branch is not None and branch.question:
        one = also_when(one, branch.question)
    return replace(one, dates=branch.line if branch is not None else "", approved_for=statement.approved_for)


def _speaks(text: str) -> bool:
    """Whether a text states a position, or denies one."""
    return position_in(text) is not None or bool(denial_in(text))


def _said(one: Ruling, statement: _Statement) -> str:
    listed = f", over {len(statement.bullets)} listed lines" if statement.bullets else ""
    dates = f", dates of service {one.dates}" if one.dates else ""
    return f"statement: {one.position.value.replace('_', ' ')} for {', '.join(one.services)}{listed}{dates}"


def _has_marks(block: Block) -> bool:
    return any(
        _MARKED.fullmatch(part.text.strip()) or _JOINING.fullmatch(part.text.strip()) for part in block.parts[1:]
    )
