"""The criteria section: rule lines, statements, lists, unless and otherwise, to rules of ``model.criteria``.

What CommonMark would misread silently is an error here (docs/notation.md, section "Blocks"): one item is one source line,
one list has one marker, and every list has a structure sentence right above it at its own level.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medpol.model.criteria import (
    UNNAMED_RULE,
    Criterion,
    DatesOfService,
    Expression,
    Group,
    Leaf,
    Note,
    Otherwise,
    Rule,
    Statement,
    StatementKind,
    Structure,
    When,
    group_id,
    leaf_id,
    rule_name,
    sentence_key,
)
from medpol.model.dates import ONE_DAY, EffectivePeriod, parse_day
from medpol.model.diagnostic import Source, nearest
from medpol.model.positions import STANDARD_LABELS, CoveragePosition, Position
from medpol.text.blocks import Block, Line
from medpol.text.expressions import ExpressionProblem, Guard, parse_expression
from medpol.text.source import Findings, shorten
from medpol.text.spans import Marked, Span, blanked, mark, without

RULE_LINES = ("Services", "When", "Dates of service", "Approved for")
RULE_LINE = re.compile(r"(Services|When|Dates of service|Approved for):(?=\s|$)", re.IGNORECASE)
_NUMBER_WORDS = {
    word: at
    for at, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), 1)
}
_STRUCTURE = re.compile(
    r"\b(?:(all|any|none) of|at least (\d{1,5}|" + "|".join(_NUMBER_WORDS) + r") of) (?:these|the following)\b",
    re.IGNORECASE,
)
_LOOSE_STRUCTURE = re.compile(
    r"\b(both|either|one or more of|one of|each of|every one of|all|any|none|neither|at least \w+)\b", re.IGNORECASE
)
_MENDS = {
    "both": "write `all of these:`",
    "either": "write `any of these:`",
    "one of": "write `any of these:` or `at least 1 of these:`",
    "one or more of": "write `any of these:`",
    "each of": "write `all of these:`",
    "every one of": "write `all of these:`",
    "neither": "write `none of these:`",
}
_CONDITIONAL_WORDS = re.compile(r"\b(when|if|unless|only|provided|except)\b", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:not|never|no longer|cannot|can't|isn't|aren't|neither|nor)"
    r"(?:\s+(?:be|being|been|is|are|considered|deemed|regarded|held|found|to|as|currently|yet|always))*\s*$",
    re.IGNORECASE,
)
_TURNED_BEFORE = re.compile(
    r"(?:\b(?:unless|except|excepting|excluding|until|till|(?<!with or )without|lack(?:s|ing)?|absence of|absent"
    r"|free (?:of|from)|never|nor|neither|cannot|denies|fail(?:s|ed|ing)? to|other than|rather than|instead of"
    r"|rul(?:e|es|ed|ing) out|(?:not|no)(?!\s+(?:more|less|later|fewer|longer|earlier|greater|only|limited)\b))\b|n't\b)"
    r"(?:\s+(?!(?:when|if|where|once|provided|and|but)\b)[\w'’-]+){0,5}\s*$"
    r"|\b(?:unless|except|not|until)\s+(?:when|if|where|once)\s*$",
    re.IGNORECASE,
)
_TURNED_BEHIND = re.compile(
    r"^(?:\s+(?!(?:that|which|who|whose|when|if)\b)[\w'’-]+){0,3}?\s+(?:not|never|no longer|cannot|absent|missing|lacking|unmet"
    r"|excluded|ruled out|false|untrue)\b|^(?:\s+[\w'’-]+){0,2}?\s+\w+n['’]t\b",
    re.IGNORECASE,
)
_LEADING_UNLESS = re.compile(r"\W*unless\b", re.IGNORECASE)
_IN_EVERY_CASE = re.compile(r"\bin every case\b", re.IGNORECASE)
_ALPHA_NUMBERING = re.compile(r"(?:[a-hj-z]|[ivx]{1,5})[.)]\s", re.IGNORECASE)
_TAIL = re.compile(r"[.;,]? ?(?:\b(and|or)\b)? ?[.;,]?", re.IGNORECASE)
_JOINING = re.compile(r"[.;,\s](and|or)$", re.IGNORECASE)
_DATES = re.compile(
    r"(?:(from|after) (\d{4}-\d{2}-\d{2}))?\s*(?:(to|before) (\d{4}-\d{2}-\d{2}))?\.?", re.ASCII | re.IGNORECASE
)


@dataclass(slots=True)
class _Rule:
    """A rule while it is being read."""

    name: str
    heading: str | None
    line: int
    column: int
    services: tuple[str, ...] = ()
    services_source: Source = Source("")
    when: When | None = None
    dates: DatesOfService | None = None
    approved_for: str | None = None
    statement: Statement | None = None
    criteria: Criterion | None = None
    unless: Criterion | None = None
    otherwise: Otherwise | None = None
    notes: tuple[Note, ...] = ()
    line_order: tuple[str, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """What a rule that cannot be used names all the same: its services, and its expressions with their places."""

    services: tuple[str, ...]
    services_source: Source
    expressions: tuple[tuple[Expression, str, int, int], ...]


@dataclass(slots=True)
class CriteriaReader:
    """Reads the blocks of one criteria section. ``labels`` maps case-folded payer labels to positions."""

    file: str
    findings: Findings
    labels: Mapping[str, CoveragePosition]
    unread: list[Unread] = field(default_factory=list)
    _parsed_so_far: list[tuple[Expression, str, int, int]] = field(default_factory=list)
    _lists_read: set[int] = field(default_factory=set)

    # ------------------------------------------------------------------ sections and rules

    def read(self, blocks: Sequence[Block]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
        """The rules in document order, and the notes that stand before them."""
        rules: list[_Rule] = []
        names: set[str] = set()
        notes: list[str] = []
        current: _Rule | None = None
        groups: list[tuple[_Rule, list[Block]]] = []
        has_headings = any(block.kind == "heading" and block.level == 3 for block in blocks)
        for block in blocks:
            if block.kind == "heading":
                if block.level != 3:
                    self._error(
                        block,
                        "heading-in-criteria",
                        f"a level-{block.level} heading in the criteria",
                        "rules under level-3 headings",
                        "make it a level-3 heading, or move it to Definitions",
                    )
                    continue
                current = _Rule(rule_name(block.text), block.text, block.line, block.column)
                if current.name in names:
                    self._error(
                        block, "duplicate-rule", f"the rule {current.name!r} twice", "each rule name once", "rename one"
                    )
                names.add(current.name)
                groups.append((current, []))
            elif current is None and block.kind == "quote":
                self._whole_quote(block)
                notes.append(_quote_text(block))
            elif current is None and has_headings:
                self._error(
                    block,
                    "text-before-rules",
                    "text before the first rule heading",
                    "notes (`> ...`) or a heading",
                    "move it under a `###` heading",
                )
            else:
                if current is None:
                    current = _Rule(UNNAMED_RULE, None, block.line, block.column)
                    groups.append((current, []))
                groups[-1][1].append(block)
        for rule, body in groups:
            before = len(self._parsed_so_far)
            self._rule(rule, body)
            rules.append(rule)
            if rule.failed or rule.statement is None:
                parsed = tuple(self._parsed_so_far[before:])
                self.unread.append(Unread(rule.services, rule.services_source, parsed))
        finished = tuple(self._finish(rule) for rule in rules if rule.statement is not None and not rule.failed)
        return finished, tuple(notes)

    def _finish(self, rule: _Rule) -> Rule:
        assert rule.statement is not None
        return Rule(
            rule.name,
            rule.heading,
            rule.statement,
            rule.services,
            rule.when,
            rule.dates,
            rule.approved_for,
            rule.criteria,
            rule.unless,
            rule.otherwise,
            rule.notes,
            rule.line_order,
            Source(self.file, rule.line, rule.column),
            rule.services_source,
        )

    def _whole_quote(self, block: Block) -> bool:
        """Report a line without `>` under a note: CommonMark reads it into the note, and nobody would run it."""
        for line in block.lines:
            if not _QUOTED.match(line.text):
                self._at(
                    line,
                    "soft-break",
                    f"a line right under a note is read into it: {shorten(line.text, 40)!r}",
                    "an empty line behind the note",
                    "put an empty line between the note and this line",
                )
                return False
        return True

    def _rule(self, rule: _Rule, blocks: list[Block]) -> None:
        at = 0
        while at < len(blocks):
            block = blocks[at]
            following = blocks[at + 1] if at + 1 < len(blocks) else None
            listed = following if following is not None and following.kind == "list" else None
            match block.kind:
                case "quote":
                    rule.failed |= not self._whole_quote(block)
                    rule.notes = (*rule.notes, Note(_quote_text(block), self._note_place(rule)))
                case "paragraph":
                    at += self._paragraph(rule, block, listed)
                case "list" if at and blocks[at - 1].kind == "list":
                    self._error(
                        block,
                        "list-without-structure",
                        "a second list right behind the first: Markdown begins one where the marker changes",
                        "one marker a list (`-`, or 1. 2. 3.), each list under its own sentence",
                        "keep one marker a list, or indent this list under its item",
                    )
                    rule.failed = True
                case "list":
                    self._error(
                        block,
                        "list-without-structure",
                        "a list with no structure sentence right above it",
                        "a sentence such as `... all of these:` at the list's own level",
                        "write the sentence, or indent the list under the item it belongs to (and keep one marker a list)",
                    )
                    rule.failed = True
                    self._look_through(rule, block)
                case "rule":
                    self._error(block, "rule-line", "a line of dashes in the criteria", "an empty line", "delete it")
                case "table":
                    self._error(
                        block, "table-in-criteria", "a table in the criteria", "sentences", "move it under Definitions"
                    )
                    rule.failed = True
                case _:
                    self._error(
                        block,
                        "block-in-criteria",
                        f"{_block_words(block)} in the criteria",
                        "sentences and lists",
                        "write it as sentences, or as a note (`> ...`)",
                    )
                    rule.failed = True
            at += 1
        if rule.statement is None and not rule.failed:
            self.findings.error(
                rule.line,
                rule.column,
                "no-statement",
                f"the rule {rule.name!r} states no position",
                "one sentence with a bold position",
                "write it, such as `... is **investigational**.`",
            )

    @staticmethod
    def _note_place(rule: _Rule) -> str:
        if rule.otherwise is not None:
            return "end"
        if rule.unless is not None:
            return "otherwise"
        return "unless" if rule.statement is not None else f"line {len(rule.line_order)}"

    def _paragraph(self, rule: _Rule, block: Block, listed: Block | None) -> int:
        """Read a paragraph; the number of further blocks that it took (its list)."""
        took = self._sentence(rule, block, listed)
        if took and listed is not None and listed.line not in self._lists_read:
            self._look_through(rule, listed)
        return took

    def _look_through(self, rule: _Rule, listed: Block) -> None:
        """Read a list that no sentence can use, for the findings in it alone."""
        for item in listed.blocks:
            self._item(rule, item, None, is_last=False)

    def _sentence(self, rule: _Rule, block: Block, listed: Block | None) -> int:
        first = block.lines[0]
        if RULE_LINE.match(first.text):
            self._rule_lines(rule, block)
            return 0
        if self._misread(block, rule):
            return 1 if listed is not None and first.text.rstrip("` ").endswith(":") else 0
        marked = mark(first.text)
        if not self._balanced(marked, first):
            rule.failed = True
            return 1 if listed is not None else 0
        word = first.text.split(None, 1)[0].casefold().rstrip(",:") if first.text.split() else ""
        if word == "otherwise":
            self._otherwise(rule, marked, first)
            return 0
        if word == "unless":
            return self._unless(rule, marked, first, listed)
        return self._statement(rule, marked, first, listed)

    def _misread(self, block: Block, rule: _Rule) -> bool:
        """Report lines that CommonMark joins or demotes; true where the paragraph cannot be read."""
        first = block.lines[0]
        if first.text.strip(" .;,").casefold() in ("and", "or"):
            self._at(
                first,
                "orphan-word",
                f"the word {first.text.strip()!r} on a line of its own",
                "a structure sentence",
                "delete it and say `all of these:` or `any of these:` above the list",
            )
            rule.failed = True
            return True
        if _ALPHA_NUMBERING.match(first.text):
            self._at(
                first,
                "letter-numbering",
                f"an item numbered {first.text.split()[0]!r}: Markdown reads a paragraph",
                "`-` or 1, 2, 3",
                "use `-` or 1, 2, 3",
            )
            rule.failed = True
            return True
        for line in block.lines[1:]:
            rule.failed = True
            if RULE_LINE.match(line.text):
                self._at(
                    line,
                    "soft-break",
                    f"{line.text.split(':')[0]}: inside a sentence",
                    "an empty line before it",
                    "put rule lines above the statement, with an empty line between",
                )
            else:
                self._soft_break(line)
        return len(block.lines) > 1

    def _soft_break(self, line: Line) -> None:
        words = line.text.strip(" .;,").casefold()
        if words in ("and", "or"):
            self._at(
                line,
                "orphan-word",
                f"the word {line.text.strip()!r} on a line of its own",
                "a structure sentence",
                "delete it and say `all of these:` or `any of these:` above the list",
            )
        elif _ALPHA_NUMBERING.match(line.text):
            self._at(
                line,
                "letter-numbering",
                f"an item numbered {line.text.split()[0]!r}: Markdown reads a paragraph",
                "`-` or 1, 2, 3",
                "use `-` or 1, 2, 3",
            )
        else:
            self._at(
                line,
                "soft-break",
                f"a second line in one sentence: {shorten(line.text, 40)!r}",
                "one sentence, one source line",
                "join the lines, or put an empty line between two sentences",
            )

    # ------------------------------------------------------------------ rule lines

    def _rule_lines(self, rule: _Rule, block: Block) -> None:
        for line in block.lines:
            match = RULE_LINE.match(line.text)
            if match is None:
                self._soft_break(line)
                rule.failed = True
                continue
            key = match[1].capitalize()
            value = line.text[match.end() :].strip()
            if rule.statement is not None:
                self._at(
                    line,
                    "rule-line-late",
                    f"`{key}:` after the statement",
                    "rule lines above the statement",
                    "move it above, or begin a new rule with a `###` heading",
                )
                rule.failed = True
            elif key in rule.line_order:
                self._at(line, "rule-line-twice", f"`{key}:` twice in one rule", "each rule line once", "delete one")
                rule.failed = True
            else:
                rule.line_order = (*rule.line_order, key)
                self._rule_line(rule, key, value, line)

    def _rule_line(self, rule: _Rule, key: str, value: str, line: Line) -> None:
        marked = mark(line.text)
        if not self._balanced(marked, line):
            rule.failed = True
            return
        match key:
            case "Services":
                rest = without(line.text, marked.codes)[len("Services:") :]
                if not marked.codes or re.sub(r"\band\b|[,;.]", "", rest).strip():
                    self._at(
                        line,
                        "bad-services",
                        f"`Services:` {shorten(value, 40)!r}",
                        "names of groups in code spans",
                        "write it such as `Services: `injection``",
                    )
                    rule.failed = True
                rule.services_source = Source(self.file, line.line, line.column)
                rule.services = tuple(code.text for code in marked.codes)
            case "When":
                if len(marked.codes) != 1 or without(line.text, marked.codes)[marked.codes[0].start :].strip(" ."):
                    self._at(
                        line,
                        "bad-when",
                        f"`When:` with {len(marked.codes)} code spans",
                        "words and one code span at the end",
                        "end the line in one expression",
                    )
                    rule.failed = True
                    return
                code = marked.codes[0]
                expression = self._expression(code, line)
                if expression is None:
                    rule.failed = True
                    return
                words = line.text[len("When:") : code.start].strip()
                if not words:
                    self._at(
                        line,
                        "bad-when",
                        "`When:` without words",
                        "words that a person reads, then the expression",
                        "say in words when the rule speaks",
                    )
                    rule.failed = True
                    return
                rule.when = When(words, expression, code.text, Source(self.file, line.line, line.column))
            case "Dates of service":
                rule.dates = self._dates(value, line)
                rule.failed |= rule.dates is None
            case _:
                if not value:
                    self._at(
                        line,
                        "empty-line",
                        "`Approved for:` without words",
                        "for how long",
                        "write it, or drop the line",
                    )
                rule.approved_for = value

    def _dates(self, value: str, line: Line) -> DatesOfService | None:
        match = _DATES.fullmatch(value)
        if match is None or not (match[1] or match[3]):
            self._at(
                line,
                "bad-dates",
                f"`Dates of service:` {shorten(value, 40)!r}",
                "from or after a day, to or before a day",
                "write it such as `from 2021-07-01` or `before 2021-07-01`",
            )
            return None
        start = parse_day(match[2]) if match[2] else None
        end = parse_day(match[4]) if match[4] else None
        if (match[2] and start is None) or (match[4] and end is None):
            self._at(
                line, "bad-date", f"{shorten(value, 40)!r} holds a day that is none", "YYYY-MM-DD", "correct the date"
            )
            return None
        if start is not None and match[1].casefold() == "after":
            start += ONE_DAY
        if end is not None and match[3].casefold() == "to":
            end += ONE_DAY
        if start is not None and end is not None and start >= end:
            self._at(
                line,
                "empty-dates",
                f"{shorten(value, 40)!r} holds no day",
                "a first day before the last",
                "correct the dates",
            )
            return None
        return DatesOfService(EffectivePeriod(start, end), value.rstrip("."), Source(self.file, line.line, line.column))

    # ------------------------------------------------------------------ statement, unless, otherwise

    def _statement(self, rule: _Rule, marked: Marked, line: Line, listed: Block | None) -> int:
        took = 1 if listed is not None else 0
        if rule.statement is not None or rule.otherwise is not None:
            what = (
                "a second position in one rule"
                if marked.bolds
                else f"a sentence without a position: {shorten(line.text, 40)!r}"
            )
            self._at(
                line,
                "second-statement",
                what,
                "one statement a rule",
                "begin a new rule with a `###` heading"
                if marked.bolds
                else "make it a note (`> ...`), or an item of the list",
            )
            rule.failed = True
            return took
        if len(marked.bolds) != 1:
            self._at(
                line,
                "no-position" if not marked.bolds else "several-positions",
                f"{len(marked.bolds)} bold words in the statement"
                if marked.bolds
                else f"no bold position in {shorten(line.text, 60)!r}",
                "exactly one bold position",
                "make the position bold, or make the sentence a note (`> ...`)"
                if not marked.bolds
                else "state one position a rule",
            )
            rule.failed = True
            return took
        position = self._position(marked.bolds[0], line)
        if position is None or self._negated(marked, line):
            rule.failed = True
            return took
        source = Source(self.file, line.line, line.column)
        words = without(line.text, marked.codes).strip()
        in_every_case = _IN_EVERY_CASE.search(_unbold(words)) is not None
        if marked.codes:
            if words.endswith(":") or listed is not None:
                self._at(
                    line,
                    "expression-on-structure",
                    "an expression on a sentence that has a list",
                    "either an expression or a list",
                    "move the expression to an item of the list",
                )
                rule.failed = True
                return took
            leaf = self._single(rule, marked, line)
            if leaf is None:
                rule.failed = True
                return took
            rule.criteria = leaf
            rule.statement = Statement(StatementKind.SINGLE, leaf.sentence, position, in_every_case, source)
            return took
        if words.endswith(":"):
            structure = self._structure(words, line, listed)
            rule.statement = Statement(StatementKind.CONDITIONAL, line.text.strip(), position, in_every_case, source)
            if structure is None or listed is None:
                rule.failed = True
                return took
            rule.criteria = self._group(rule, structure, line.text.strip(), listed, source, guard=None, code=None)
            rule.failed |= rule.criteria is None
            return took
        if listed is not None:
            self._list_without_structure(words, line)
            rule.failed = True
            return took
        word = _CONDITIONAL_WORDS.search(_unbold(words))
        if word is not None:
            self._at(
                line,
                "condition-in-prose",
                f"the word {word[0]!r} in a sentence that no expression reads",
                "a list, or an expression at the end",
                "end the sentence in an expression, or in `... all of these:` and a list",
                offset=line.text.find(word[0]),
            )
            rule.failed = True
            return took
        rule.statement = Statement(StatementKind.PLAIN, line.text.strip(), position, in_every_case, source)
        return took

    def _single(self, rule: _Rule, marked: Marked, line: Line) -> Leaf | None:
        """The leaf of a statement that ends in its expression."""
        code = marked.codes[-1]
        if len(marked.codes) > 1 or line.text[code.end :].strip(" .;,"):
            self._at(
                line,
                "code-span-place",
                "a code span that does not end the sentence",
                "one expression, at the end",
                "move the expression to the end of the sentence",
                offset=code.start,
            )
            return None
        expression = self._expression(code, line)
        if expression is None:
            return None
        sentence = line.text[: code.start].strip()
        return Leaf(
            leaf_id(rule.name, sentence), sentence, expression, code.text, Source(self.file, line.line, line.column)
        )

    def _unless(self, rule: _Rule, marked: Marked, line: Line, listed: Block | None) -> int:
        took = 1 if listed is not None else 0
        problem = None
        if rule.statement is None:
            problem = "before the statement"
        elif rule.unless is not None:
            problem = "twice in one rule"
        elif rule.otherwise is not None:
            problem = "after `Otherwise`"
        elif rule.criteria is None:
            problem = "under a position that has no criteria"
        if problem is not None:
            if not rule.failed:
                self._at(
                    line,
                    "unless-place",
                    f"`Unless` {problem}",
                    "statement, unless, otherwise, in this order",
                    "move it, or write the exception as an item of an any-of list",
                )
            rule.failed = True
            return took
        if marked.bolds:
            self._bold_in_item(marked.bolds[0], line)
            rule.failed = True
            return took
        source = Source(self.file, line.line, line.column)
        words = without(line.text, marked.codes).strip()
        if words.endswith(":") and not marked.codes:
            structure = self._structure(words, line, listed)
            if structure is None or listed is None:
                rule.failed = True
                return took
            rule.unless = self._group(rule, structure, line.text.strip(), listed, source, None, None)
            rule.failed |= rule.unless is None
            return took
        if listed is not None:
            self._list_without_structure(words, line)
            rule.failed = True
            return took
        if not marked.codes:
            sentence = line.text.strip()
            rule.unless = Leaf(leaf_id(rule.name, sentence), sentence, None, None, source)
            return took
        rule.unless = self._single(rule, marked, line)
        rule.failed |= rule.unless is None
        return took

    def _otherwise(self, rule: _Rule, marked: Marked, line: Line) -> None:
        if rule.otherwise is not None or rule.statement is None or rule.criteria is None:
            if not rule.failed:
                where = "twice in one rule" if rule.otherwise is not None else "without criteria above it"
                self._at(
                    line,
                    "otherwise-place",
                    f"`Otherwise` {where}",
                    "once, under criteria",
                    "move it under the criteria, or drop it",
                )
            rule.failed = True
            return
        if len(marked.bolds) != 1 or marked.codes:
            self._at(
                line, "bad-otherwise", f"{shorten(line.text, 60)!r}", "`Otherwise **position**.`", "write just that"
            )
            rule.failed = True
            return
        position = self._position(marked.bolds[0], line)
        if position is None or self._negated(marked, line):
            rule.failed = True
            return
        if position.canonical is CoveragePosition.AUTHORIZATION_ONLY:
            self._at(
                line,
                "bad-otherwise",
                f"**{position.label}** says nothing of coverage",
                "a coverage position",
                "state authorisation in a rule of its own",
                offset=marked.bolds[0].start,
            )
            rule.failed = True
            return
        rule.otherwise = Otherwise(position, line.text.strip(), Source(self.file, line.line, line.column))

    def _negated(self, marked: Marked, line: Line) -> bool:
        """Report a negation outside the bold words: the position alone is read, so it would say the opposite."""
        bold = marked.bolds[0]
        found = _NEGATED.search(line.text[: bold.start])
        if found is not None:
            self._at(
                line,
                "negated-position",
                f"{found[0].strip()!r} in front of **{bold.text}**",
                "the whole position in bold",
                f"write such as **not {bold.text}**, or the position that is meant",
                offset=found.start(),
            )
        return found is not None

    def _position(self, bold: Span, line: Line) -> Position | None:
        label = " ".join(bold.text.split())
        canonical = self.labels.get(label.casefold())
        if canonical is None:
            near = nearest(label, self.labels)
            self._at(
                line,
                "unknown-position",
                f"the bold words {shorten(label)!r} are no position",
                "a standard label, or one declared in `positions:`",
                f"write **{near}**" if near else "declare it in the front matter: positions: {label: canonical}",
                offset=bold.start,
                near=near,
            )
            return None
        return Position(canonical, label)

    # ------------------------------------------------------------------ lists

    def _structure(self, words: str, line: Line, listed: Block | None) -> tuple[Structure, int | None] | None:
        """The structure of a sentence that ends in a colon; reports what keeps it from having one."""
        found = list(_STRUCTURE.finditer(words))
        if len(found) > 1:
            self._at(
                line,
                "two-structures",
                "two structure words in one sentence",
                "one a sentence",
                "split the sentence: give the second its own item and list",
                offset=max(0, line.text.find(found[1][0])),
            )
            return None
        if not found:
            self._no_structure(words, line)
            return None
        if listed is None:
            self._at(
                line,
                "structure-without-list",
                "a structure sentence without a list below it",
                "a list right below, at its own level",
                "write the list, indented under its item",
            )
            return None
        match = found[0]
        if self._is_turned_round(words, match, line):
            return None
        if match[1]:
            return {"all": Structure.ALL, "any": Structure.ANY, "none": Structure.NONE}[match[1].casefold()], None
        number = match[2].casefold()
        needed = int(number) if number.isdigit() else _NUMBER_WORDS[number]
        if not 1 <= needed <= len(listed.blocks):
            self._at(
                line,
                "bad-number",
                f"at least {needed} of a list of {len(listed.blocks)}",
                f"a number from 1 to {len(listed.blocks)}",
                "correct the number or the list",
                offset=max(0, line.text.find(match[0])),
            )
            return None
        return Structure.AT_LEAST, needed

    def _is_turned_round(self, words: str, match: re.Match[str], line: Line) -> bool:
        """Whether other words of the sentence turn its structure words round: read alone, these would say the opposite."""
        before = words[: match.start()]
        if _LEADING_UNLESS.match(before):  # the line's own word, which says what it means
            before = _LEADING_UNLESS.sub("", before, count=1)
        turned = _TURNED_BEFORE.search(re.sub(r"\*\*[^*]*\*\*", " , ", before))
        behind = _TURNED_BEHIND.search(words[match.end() :].rstrip(" :"))
        if turned is None and behind is None:
            return False
        told = match[0] if turned is None else f"{turned[0].strip()} {match[0]}"
        told += "" if behind is None else behind[0]
        self._at(
            line,
            "negated-structure",
            f"{shorten(told, 60)!r}: words that turn {match[0]!r} round",
            "structure words that say themselves what is meant",
            "write `none of these` for what must be absent; for an exception, give the other position first, "
            "`... when all of these are met:`, and this one as `Otherwise`, or write an `Unless` line",
            offset=max(0, line.text.find(match[0])),
        )
        return True

    def _no_structure(self, words: str, line: Line) -> None:
        loose = _LOOSE_STRUCTURE.search(words)
        word = loose[1].casefold() if loose else ""
        self._at(
            line,
            "structure-word",
            f"{loose[1]!r} as the only mark of structure" if loose else f"no structure words in {shorten(words, 50)!r}",
            "all of / any of / none of / at least N of, then `these` or `the following`",
            _MENDS.get(word, "write `all of these:` or `any of these:`, whichever is meant"),
            offset=loose.start() if loose else 0,
        )

    def _list_without_structure(self, words: str, line: Line) -> None:
        self._at(
            line,
            "list-under-plain",
            f"a list under {shorten(words, 40)!r}",
            "a structure sentence that ends in a colon",
            "end the sentence in `all of these:` or `any of these:`",
        )

    def _group(
        self,
        rule: _Rule,
        structure: tuple[Structure, int | None],
        sentence: str,
        listed: Block,
        source: Source,
        guard: Expression | None,
        code: str | None,
    ) -> Group | None:
        kind, needed = structure
        self._lists_read.add(listed.line)
        parts: list[Criterion] = []
        broken = False
        self._numbers(listed)
        for at, item in enumerate(listed.blocks):
            part = self._item(rule, item, kind, is_last=at == len(listed.blocks) - 1)
            if part is None:
                broken = True
            else:
                parts.append(part)
        if broken:
            return None
        marker = listed.marker if not listed.level else ("1" + listed.marker)
        return Group(
            group_id(rule.name, kind, needed, tuple(part.id for part in parts)),
            sentence,
            kind,
            tuple(parts),
            needed,
            guard,
            code,
            marker,
            source,
        )

    def _numbers(self, listed: Block) -> None:
        if not listed.level:
            return
        numbers = [item.number for item in listed.blocks]
        if numbers != [str(at) for at in range(1, len(numbers) + 1)] and set(numbers) != {"1"}:
            item = next((item for at, item in enumerate(listed.blocks, 1) if item.number != str(at)), listed.blocks[0])
            self._error(
                item,
                "list-numbers",
                f"the number {item.number} out of turn",
                "1, 2, 3 or all 1",
                "renumber the list; a wrapped line that begins with a number reads as an item",
            )

    def _item(self, rule: _Rule, item: Block, kind: Structure | None, *, is_last: bool) -> Criterion | None:
        """One item. ``kind`` is the structure of its list, ``None`` where none is known."""
        part = self._read_item(rule, item, kind, is_last=is_last)
        for nested in item.blocks[1:]:
            if part is None and nested.kind == "list" and nested.line not in self._lists_read:
                self._look_through(rule, nested)
        return part

    def _read_item(self, rule: _Rule, item: Block, kind: Structure | None, *, is_last: bool) -> Criterion | None:
        if not item.blocks or item.blocks[0].kind != "paragraph":
            what = item.blocks[0] if item.blocks else item
            self._error(
                what,
                "empty-item",
                "an item without a sentence" if not item.blocks else f"{_block_words(what)} as an item",
                "a sentence",
                "write the sentence, or delete the item",
            )
            return None
        paragraph, *rest = item.blocks
        line = paragraph.lines[0]
        broken = False
        for extra in paragraph.lines[1:]:
            broken = True
            words = extra.text.casefold()
            if words.startswith(("otherwise", "unless")):
                self._at(
                    extra,
                    "soft-break",
                    f"{extra.text.split()[0]!r} right under a list: Markdown reads it into the last item",
                    "an empty line before it",
                    "put an empty line between the list and this sentence",
                )
            else:
                self._soft_break(extra)
        nested = rest[0] if rest and rest[0].kind == "list" else None
        for block in rest[1:] if nested is not None else rest:
            broken = True
            if block.kind == "list":
                self._error(
                    block,
                    "list-without-structure",
                    "a second list in one item",
                    "one list under a structure sentence",
                    "keep one marker a list, or give the list a sentence of its own",
                )
            elif block.kind == "paragraph" and block.text.strip(" .;,").casefold() in ("and", "or"):
                self._soft_break(block.lines[0])
            else:
                self._error(
                    block,
                    "block-in-item",
                    f"{_block_words(block)} inside an item",
                    "one sentence an item",
                    "make it an item of its own, or a note between the rules",
                )
        marked = mark(line.text)
        if not self._balanced(marked, line):
            return None
        if marked.bolds:
            self._bold_in_item(marked.bolds[0], line)
            return None
        if line.text.strip(" .;,").casefold() in ("and", "or"):
            self._soft_break(line)
            return None
        if broken:
            for code in marked.codes[-1:]:
                self._parsed(code, line)
            return None
        source = Source(self.file, line.line, line.column)
        words = without(line.text, marked.codes).strip()
        if words.endswith(":") or nested is not None:
            return self._inner_group(rule, marked, line, words, nested, source)
        return self._leaf(rule, marked, line, kind, source, is_last=is_last)

    def _inner_group(
        self, rule: _Rule, marked: Marked, line: Line, words: str, nested: Block | None, source: Source
    ) -> Group | None:
        if not words.endswith(":"):
            if nested is not None and (match := _STRUCTURE.search(words)):
                self._at(
                    line,
                    "structure-colon",
                    f"a structure sentence that does not end in a colon: {match[0]!r}",
                    "a colon",
                    "end it in a colon",
                )
            else:
                self._list_without_structure(words, line)
            return None
        guard: Expression | None = None
        code: str | None = None
        if marked.codes:
            span = marked.codes[-1]
            before = line.text[: span.start].rstrip()
            if len(marked.codes) > 1 or not before.endswith(":") or not span.text.lstrip().startswith("if "):
                self._at(
                    line,
                    "expression-on-structure",
                    "an expression on a structure sentence",
                    "a guard `if ...` behind the colon, or none",
                    "move the expression to an item of the list",
                    offset=span.start,
                )
                return None
            parsed = self._parsed(span, line)
            if parsed is None:
                return None
            if not isinstance(parsed, Guard):
                self._at(
                    line,
                    "expression-on-structure",
                    "an expression on a structure sentence",
                    "a guard `if ...` behind the colon",
                    "move the expression to an item of the list",
                    offset=span.start,
                )
                return None
            guard, code = parsed.condition, span.text
        structure = self._structure(words, line, nested)
        if structure is None or nested is None:
            return None
        return self._group(rule, structure, words, nested, source, guard, code)

    def _leaf(
        self, rule: _Rule, marked: Marked, line: Line, kind: Structure | None, source: Source, *, is_last: bool
    ) -> Leaf | None:
        expression: Expression | None = None
        code: str | None = None
        if marked.codes:
            span = marked.codes[-1]
            tail = line.text[span.end :]
            match = _TAIL.fullmatch(" ".join(tail.split()))
            if len(marked.codes) > 1 or match is None:
                self._at(
                    line,
                    "code-span-place",
                    "a code span that does not end the sentence",
                    "one expression, at the end of the item",
                    "move the expression to the end of the sentence",
                    offset=marked.codes[0].start,
                )
                return None
            expression = self._expression(span, line)
            if expression is None:
                return None
            code = span.text
            sentence, joining = line.text[: span.start].strip(), match[1]
        else:
            sentence = line.text.strip()
            match = _JOINING.search(sentence.rstrip(" .;,")[-4:])
            joining = match[1] if match else None
            if sentence[:1].isdigit():
                self.findings.warning(
                    line.line,
                    line.column,
                    "question-starts-with-digit",
                    f"a question that begins with a quantity: {shorten(sentence, 40)!r}",
                    "words first, so that Markdown cannot take the number for a list",
                    "begin it with words",
                )
        if joining is not None and kind is not None:
            wanted = {Structure.ALL: "and", Structure.ANY: "or"}.get(kind, "")
            if joining.casefold() != wanted or is_last:
                self._at(
                    line,
                    "joining-word",
                    f"a trailing {joining!r} in " + (f"a list of `{kind.value}`" if not is_last else "the last item"),
                    "only a word that agrees with the list, never in its last item",
                    "delete it",
                    offset=max(0, line.text.casefold().rfind(joining.casefold())),
                )
                return None
        if not sentence_key(sentence):
            self._at(
                line,
                "empty-item",
                "an item without words",
                "a sentence that a person can read",
                "write the sentence before the expression",
            )
            return None
        return Leaf(leaf_id(rule.name, sentence), sentence, expression, code, source)

    # ------------------------------------------------------------------ pieces

    def _parsed(self, span: Span, line: Line) -> Expression | Guard | None:
        parsed = parse_expression(span.text)
        if isinstance(parsed, ExpressionProblem):
            self._at(
                line,
                parsed.rule,
                parsed.found if parsed.rule != "bad-expression" else f"{parsed.found} in `{shorten(span.text, 60)}`",
                parsed.expected,
                parsed.mend,
                offset=span.offset + parsed.offset,
                near=parsed.near,
            )
            return None
        expression = parsed.condition if isinstance(parsed, Guard) else parsed
        self._parsed_so_far.append((expression, span.text, line.line, line.column + span.offset))
        return parsed

    def _expression(self, span: Span, line: Line) -> Expression | None:
        parsed = self._parsed(span, line)
        if isinstance(parsed, Guard):
            self._at(
                line,
                "guard-place",
                "`if` without `then`",
                "`if A then B`, or a guard behind the colon of a structure sentence",
                "add `then ...`",
                offset=span.start,
            )
            return None
        return parsed

    def _balanced(self, marked: Marked, line: Line) -> bool:
        """Whether every mark of the line is closed and none is HTML, which a reader would not see as we cite it."""
        tag = _TAG.search(blanked(marked))
        if tag is not None:
            self._at(
                line,
                "html-in-criteria",
                f"HTML in a sentence: {shorten(line.text[tag.start() :], 30)!r}",
                "plain words",
                "take the markup away, or write `less than`",
                offset=tag.start(),
            )
            return False
        if marked.lone_backtick is not None:
            self._at(
                line,
                "lone-backtick",
                "a lone backtick: the expression would become prose",
                "backticks in pairs",
                "add the missing backtick",
                offset=marked.lone_backtick,
            )
        if marked.lone_bold is not None:
            self._at(
                line,
                "unbalanced-bold",
                "bold that is opened and not closed",
                "`**` in pairs",
                "close it",
                offset=marked.lone_bold,
            )
        return marked.lone_backtick is None and marked.lone_bold is None

    def _bold_in_item(self, bold: Span, line: Line) -> None:
        self._at(
            line,
            "bold-in-item",
            f"bold words outside a statement: {shorten(bold.text, 40)!r}",
            "bold for the position alone",
            "take the bold away, or state the position in a rule of its own",
            offset=bold.start,
        )

    def _error(self, block: Block, rule: str, found: str, expected: str, mend: str) -> None:
        self.findings.error(block.line, block.column, rule, found, expected, mend)

    def _at(
        self, line: Line, rule: str, found: str, expected: str, mend: str, *, offset: int = 0, near: str = ""
    ) -> None:
        self.findings.error(line.line, line.column + offset, rule, found, expected, mend, near)


def _unbold(text: str) -> str:
    return re.sub(r"\*\*[^*]*\*\*", " ", text)


_QUOTED = re.compile(r"[ \t]*>")
_TAG = re.compile(r"<[A-Za-z/!?]")


def _quote_text(block: Block) -> str:
    return "\n".join(re.sub(r"^\s*> ?", "", line.text) for line in block.lines)


def _block_words(block: Block) -> str:
    return {
        "code": "a code block",
        "html": "HTML",
        "quote": "a quote",
        "table": "a table",
        "rule": "a line of dashes",
        "list": "a list",
        "heading": "a heading",
        "paragraph": "a paragraph",
    }.get(block.kind, block.kind)


def labels_with(declared: Sequence[tuple[str, CoveragePosition]]) -> dict[str, CoveragePosition]:
    """The labels of one document: the standard ones and those its ``positions:`` declares."""
    return STANDARD_LABELS | {" ".join(label.casefold().split()): position for label, position in declared}


def report_same_sentences(rule: Rule, findings: Findings) -> None:
    """Report a sentence that stands twice in a rule with two meanings; the same sentence with one meaning is one criterion."""
    from_id: dict[str, Leaf] = {}

    def visit(part: Criterion | None) -> None:
        match part:
            case Leaf():
                first = from_id.setdefault(part.id, part)
                if first.expression != part.expression:
                    findings.error(
                        part.source.line,
                        part.source.column,
                        "same-sentence",
                        f"the sentence of line {first.source.line} again, with another expression",
                        "one meaning a sentence",
                        "word the two sentences apart",
                    )
            case Group(parts=parts):
                for each in parts:
                    visit(each)
            case None:
                pass

    visit(rule.criteria)
    visit(rule.unless)
