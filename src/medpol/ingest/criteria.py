"""The criteria section of a published document: tables whose column headings are positions, sentences and lists, to rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import INNER_BULLETS, Block, Part, Row
from medpol.ingest.branches import boundary_doubts
from medpol.ingest.bullets import JOINING, NO_DEPTH, Bullet, short
from medpol.ingest.contexts import Context, Contexts, context_of
from medpol.ingest.escape import inline, prose
from medpol.ingest.published import CriteriaText, Ruling
from medpol.ingest.remaining import headed, joined_otherwise, otherwise_doubt, rest_doubt
from medpol.ingest.report import Account
from medpol.ingest.rows import Columns, columns_of, stated_in_cell
from medpol.ingest.statements import Statement, may_narrow, rule_of, said_of
from medpol.ingest.stating import column_label, denial_in, denied, position_in, sentences
from medpol.ingest.typed import Labelled, labelled, typed_labels
from medpol.model.positions import FAVOURABLE, STANDARD_LABELS

_SPLIT = re.compile(rf"\n|(?:^|(?<=\s))(?=[{INNER_BULLETS}] )")
_MARKED = re.compile(rf"(?P<mark>[{INNER_BULLETS}*+-])\s+(?P<words>\S.*)", re.DOTALL)
_NOTE = re.compile(r"notes?\b\s*:|(?P<sign>\[\^\w+\](?=:)|[*†‡§]+(?=\s|\w))", re.IGNORECASE)
_APPROVED_FOR = re.compile(
    r"(?:(?:length|duration) of (?:approval|authori[sz]ation)|(?:approval|authori[sz]ation) (?:duration|length|period)|approved for)\s*:\s*(?P<time>\d{1,3} (?:days?|weeks?|months?|years?))[.]?",
    re.IGNORECASE,
)
_POINTS_BELOW = re.compile(
    r"\b(?:criteria|guidelines?|conditions?|indications?)\b[^.]*\b(?:below|shown|outlined|listed)\b|\b(?:below|following)\b[^.]*\b(?:criteria|guidelines?)\b[^:]*$",
    re.IGNORECASE,
)
_POSTED = re.compile(r"(?P<what>[^:.;]{2,80}?)\s*(?::|\s[–—-])\s+(?P<label>[A-Za-z/ ,&-]{5,70}?)\.?")
_LABELLED = re.compile(r"(?P<label>[A-Za-z/ ,&-]{5,70}?)\s*:\s+(?P<rest>\S.*)", re.DOTALL)


@dataclass(slots=True)
class CriteriaSection:
    """Reads the blocks of the section one by one. ``title`` names the service where no sentence does; ``pivot`` is the last
    year that a two-digit year may mean."""

    account: Account
    title: str
    pivot: int = 0
    columns: Columns | None = None
    contexts: Contexts = field(default_factory=Contexts)
    statements: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    is_closed: bool = False
    has_loose_lines: bool = False
    is_denied: bool = False
    hindrances: list[str] = field(default_factory=list)
    row_subject: str | None = None

    @property
    def last(self) -> Statement | None:
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
        labels = labelled(blocks)
        for at, block in enumerate(blocks):
            match block.kind:
                case "heading":
                    self._enter(context_of(block.text, self.pivot), block.level, block.lines)
                case "table" if self._listed_table(block):
                    continue
                case "table":
                    for place in range(len(block.rows)):
                        self._row(block.rows, place)
                    self.row_subject = None
                case "item":
                    self._item(block, labels.get(at, ()))
                case _:
                    self._paragraph(block, labels.get(at, ()))
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

    def _row(self, rows: Sequence[Row], at: int) -> None:
        row = rows[at]
        columns = columns_of(rows, at)
        label = column_label(row.cells[0])
        if columns is not None:
            self.columns = columns
            held = ", ".join(filter(None, columns.labels)) or "none is a position"
            self.account.taken(row.lines, f"columns of the criteria table: {held}")
        elif len(row.filled) == 1 and not (self.columns and self.columns.labels[0]):
            self._lone(row)
        elif label is not None and len(row.cells) == 2:
            self._text(row.cells[1], row.lines, self.subject, label)
        else:
            self._cells(row)

    def _cells(self, row: Row) -> None:
        """The cells of a row, each under its column's position; a row that states none is one note."""
        columns = self.columns.labels if self.columns is not None else ()
        first = 0 if columns and columns[0] else 1
        subject = self.subject if first == 0 else " ".join(row.cells[0].split())
        case = subject if self.columns is not None and self.columns.lists_cases and first else ""
        before = len(self.statements)
        if first and (stated := stated_in_cell(row)) is not None and not any(columns):
            label, words = stated
            if words:
                self._text(words, row.lines, self.title if case else subject, label)
            else:
                self._open("", row.lines, self.title if case else subject, label)
        else:
            named = [
                (cell, columns[at] if at < len(columns) else None) for at, cell in enumerate(row.cells) if at >= first
            ]
            if all(column is None and not _speaks(cell) for cell, column in named):
                words = ": ".join(" ".join(cell.split()) for cell in row.filled)
                if self.last is not None and self.last.takes_items and not self.last.bullets:
                    self._loose_line(words, row.lines, "stands in a table, where a list is announced")
                else:
                    self._note(words, row.lines)
                    self._hinder(words, row.lines)
                return
            for cell, column in named:
                if cell:
                    self._text(cell, row.lines, self.title if case else subject, column)
        for each in self.statements[before:]:
            each.case = case

    def _listed_table(self, block: Block) -> bool:
        """Take a table whose first cells are the labels of a list that a statement announces; whether it is one."""
        if self.last is None or not self.last.takes_items or any(len(row.cells) != 2 for row in block.rows):
            return False
        labels = typed_labels([Part(" ".join(row.cells), row.lines[0]) for row in block.rows])
        if not all(
            label.is_proven and label.mark == row.cells[0] for label, row in zip(labels, block.rows, strict=True)
        ):
            return False
        for label, row in zip(labels, block.rows, strict=True):
            self._bullet(" ".join(label.words.split()), label.depth, row.lines, label.mark)
        return True

    def _lone(self, row: Row) -> None:
        cell = row.filled[0]
        if not _speaks(cell) and len(cell.split()) <= 12:
            self.row_subject = " ".join(cell.split())
            self.account.taken(row.lines, "heading in the criteria table")
        else:
            self._text(cell, row.lines, self.subject, None)

    def _paragraph(self, block: Block, labels: Sequence[Labelled]) -> None:
        text = block.text
        if JOINING.fullmatch(text):
            self._orphan(text, block.lines)
        elif (note := _NOTE.match(text)) is not None:
            self._note(text, block.lines)
            self._hinder(text, block.lines, note["sign"] or "")
        elif self._approved_for(text, block.lines) or self._lead(block) or self._typed_list(block, labels):
            return
        else:
            self._text(
                "\n".join(part.text for part in block.parts) if _has_marks(block) else text,
                block.lines,
                self.subject,
                None,
            )

    def _typed_list(self, block: Block, labels: Sequence[Labelled]) -> bool:
        """Take the lines of a paragraph whose labels are typed: items where a run proves them, else asked; whether it did."""
        if not labels or not self._is_listed(block.text):
            return False
        for part, label in zip(block.parts, labels, strict=True):
            if JOINING.fullmatch(part.text.strip()):
                self._bullet(part.text.strip(), NO_DEPTH, (part.line,))
            elif label.is_proven:
                self._bullet(label.words, label.depth, (part.line,), label.mark)
            elif label.mark:
                self._loose_line(part.text, (part.line,), "begins with a label that no other line shows to be one")
            elif self.last is not None and self.last.bullets and part is not block.parts[0]:
                last = self.last.bullets[-1]
                self.last.bullets[-1] = replace(last, text=f"{last.text} {part.text.strip()}")
                self.last.lines.append(part.line)
            else:
                self._sentences(part.text, (part.line,), self.subject, None)
        self.statements[-1].lines += block.lines
        return True

    def _loose_line(self, text: str, lines: Sequence[int], why: str) -> None:
        """Keep a line that may be a condition of a statement, and hold every favourable statement to it."""
        self._note(text, lines)
        if self.is_denied:  # asked about with the sentence that denies
            return
        self.has_loose_lines = True
        self._ask(f"{short(inline(text))!r} {why}: of which statement is it a condition?", lines)

    def _orphan(self, word: str, lines: Sequence[int]) -> None:
        """Take a joining word on a line of its own: it joins the lines of the last list, or what cannot be told."""
        if self.last is not None and self.last.takes_items:
            self._bullet(word, NO_DEPTH, lines)
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
        if self._labelled_lead(block):
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

    def _labelled_lead(self, block: Block) -> bool:
        """Take a line that opens with a position and a colon, or ends with them: "Not covered: bells"; whether it is one."""
        posted = _POSTED.fullmatch(block.text)
        if posted is not None and (stated := column_label(posted["label"])) is not None:
            self._open("", block.lines, posted["what"].strip(), stated)
            return True
        lead = _LABELLED.fullmatch(block.text)
        label = column_label(lead["label"]) if lead is not None else None
        if lead is None or label is None:
            return False
        self._enter(Context("position", "", label), 8, ())
        self._text(lead["rest"], block.lines, self.subject, None)
        return True

    def _item(self, block: Block, typed: Sequence[Labelled] = ()) -> None:
        words: list[str] = []
        joining = ""
        below: list[Labelled] = []
        labels = typed_labels((replace(block.parts[0], text=f"{block.mark} {block.parts[0].text}"), *block.parts[1:]))
        for at, part in enumerate(block.parts):
            if JOINING.fullmatch(part.text.strip()):
                joining = part.text.strip()
            elif at and labels[at].is_proven:
                below.append(labels[at])
            elif below:
                below[-1] = replace(below[-1], words=f"{below[-1].words} {part.text.strip()}")
            else:
                words.append(part.text)
        text = " ".join(" ".join(words).split())
        if self._approved_for(text, block.lines):
            return
        if not _speaks(text) and self.label is None and self._labelled_lead(block):
            return
        if self.last is None and self.label is not None and not _speaks(text):
            self._open("", block.lines, self.subject, self.label)
        if self._is_listed(text):
            if text or not joining:
                level = typed[0].depth if typed and typed[0].is_proven else block.level
                self._bullet(text, level, block.lines, block.mark)
            for each in below:
                beside = 0 if labels[0].is_proven else 1
                self._bullet(each.words, block.level + beside + each.depth, (each.line,), each.mark)
            if joining:
                self._bullet(joining, block.level, block.lines)
            return
        whole = " ".join([text, *(each.words for each in below)])
        if _speaks(text) or self.label is not None or (self.last is not None and text.rstrip().endswith(":")):
            self._text(whole, block.lines, self.subject, None)
        else:
            self._loose_line(whole, block.lines, "is listed below no statement")

    def _is_listed(self, text: str) -> bool:
        """Whether a listed line is an item of the last statement."""
        last = self.last
        return last is not None and last.takes_items and not _speaks(text)

    # ------------------------------------------------------------------ words

    def _text(self, cell: str, lines: Sequence[int], subject: str, column: str | None) -> None:
        """Read the words of a cell or paragraph: sentences that rule, their inline lists, and notes."""
        signs: list[str] = []
        opened = False
        pieces = [piece.strip() for piece in _SPLIT.split(cell) if piece.strip()]
        labels = typed_labels([Part(piece, 0) for piece in pieces])
        for piece, label in zip(pieces, labels, strict=True):
            marked = _MARKED.fullmatch(piece)
            if JOINING.fullmatch(piece):
                self._orphan(piece, lines)
            elif label.is_proven and self._is_listed(label.words):
                self._bullet(label.words, len(signs) + label.depth, lines, label.mark)
            elif marked is not None and self._is_listed(marked["words"]):
                signs = (
                    signs[: signs.index(marked["mark"]) + 1] if marked["mark"] in signs else [*signs, marked["mark"]]
                )
                self._bullet(marked["words"], len(signs) - 1, lines)
            else:
                if label.mark and not label.is_proven and self._is_listed(piece) and self.last is not None:
                    self._loose_line(piece, lines, "begins with a label that no other line shows to be one")
                    continue
                words = marked["words"] if marked is not None else piece
                opened = self._sentences(words, lines, subject, None if opened else column) or opened
                signs = []

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
            elif (last := self.last) is not None and last.bullets and last.bullets[-1].joining and last.takes_items:
                self._bullet(sentence, -last.base, lines)
                self._ask(
                    f"{short(inline(sentence))!r} stands behind a lone {last.bullets[-2].joining.upper()}: is it one more condition of "
                    "the statement above it?",
                    lines,
                )
            else:
                self._note(sentence, lines)
                self._hinder(sentence, lines)
        return opened

    def _hinder(self, sentence: str, lines: Sequence[int], sign: str = "") -> None:
        """Hold the statement before a sentence that may narrow it to that sentence; one before any statement holds all.
        ``sign`` is that of a footnote, which narrows the statement that refers to it."""
        last = self.statements[-1] if self.statements else None
        noted = next((each for each in reversed(self.statements) if sign and each.refers_to(sign)), None)
        if self.is_denied or (noted is None and not may_narrow(sentence, last)):
            return
        last = noted or last
        (last.hindrances if last is not None else self.hindrances).append(sentence)
        self._ask(
            f"{short(inline(sentence))!r} may narrow what is stated: (1) it is one more condition; (2) it is advice: which is meant?",
            lines,
        )

    def _open(self, sentence: str, lines: Sequence[int], subject: str, column: str | None) -> None:
        phase = self.contexts.last("phase")
        self.statements.append(
            Statement(
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

    def _bullet(self, text: str, depth: int, lines: Sequence[int], mark: str = "") -> None:
        last = self.statements[-1]
        last.bullets.append(Bullet(text, depth if depth == NO_DEPTH else depth + last.base, mark))
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
            one = rule_of(statement, self.title, self.hindrances, has_loose_lines=self.has_loose_lines)
            self.account.taken(statement.lines, said_of(one, statement))
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


def _speaks(text: str) -> bool:
    """Whether a text states a position, or denies one."""
    return position_in(text) is not None or bool(denial_in(text))


def _has_marks(block: Block) -> bool:
    return any(_MARKED.fullmatch(part.text.strip()) or JOINING.fullmatch(part.text.strip()) for part in block.parts[1:])
