"""The sentences of a version that an expression reads, each with its rule, its words and the place of any of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from medpol.check.holdings import Holdings
from medpol.model.criteria import Criterion, Expression, Group, Leaf, Rule
from medpol.model.diagnostic import Source
from medpol.model.policy import PolicyVersion

_BOLD = re.compile(r"\*\*[^*]*\*\*")


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """One sentence and its expression. ``above``: the heading, the statement and the structure sentences it stands under.

    ``is_guard``: the expression stands behind a structure sentence and says for whom the list is.
    """

    rule: Rule
    words: str
    expression: Expression
    code: str
    source: Source
    above: str = ""
    is_guard: bool = False

    def place(self, holdings: Holdings, offset: int = 0) -> Source:
        """Where the words stand, from the character at ``offset`` on."""
        at = holdings.line(self.source).find(self.words)
        return self.source if at < 0 else Source(self.source.file, self.source.line, at + offset + 1)

    def code_place(self, holdings: Holdings, name: str) -> Source:
        """Where a name stands in the expression."""
        line = holdings.line(self.source)
        begin = line.rfind(self.code)
        found = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)", self.code) if begin >= 0 else None
        return self.source if found is None else Source(self.source.file, self.source.line, begin + found.start() + 1)

    @property
    def plain_words(self) -> str:
        """The words with the bold position blanked, every other character at its place."""
        return _BOLD.sub(lambda match: " " * len(match[0]), self.words)


def sentences_read(version: PolicyVersion) -> Iterator[ReadSentence]:
    """Every sentence of a version that has an expression, in document order: When, criteria with their guards, unless."""
    for rule in version.rules:
        above = f"{rule.heading or ''}\n{rule.statement.sentence}"
        if rule.when is not None:
            when = rule.when
            yield ReadSentence(rule, when.sentence, when.expression, when.code, when.source, rule.heading or "")
            above += "\n" + when.sentence
        for part in (rule.criteria, rule.unless):
            yield from _below(rule, part, above)


def _below(rule: Rule, part: Criterion | None, above: str) -> Iterator[ReadSentence]:
    match part:
        case Leaf(expression=expression, code=code):
            if expression is not None:
                yield ReadSentence(rule, part.sentence, expression, code or "", part.source, above)
        case Group(guard=guard, code=code, parts=parts):
            if guard is not None:
                yield ReadSentence(rule, part.sentence, guard, code or "", part.source, above, True)
            for each in parts:
                yield from _below(rule, each, f"{above}\n{part.sentence}")
        case None:
            pass
