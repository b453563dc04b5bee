"""A rule about mentions: "discussed above", "see Table 2 below", and nothing of that name stands there."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.prose import Sentence, body_lines
from medpol.model.diagnostic import Severity
from medpol.model.policy import PolicyVersion, SectionName

_VERB = (
    "(?:discussed|described|noted|listed|mentioned|summari[sz]ed|reviewed|shown|outlined|cited|defined|stated|presented"
    "|reported|given|detailed|referenced|referred to|introduced|explained|provided)"
)
_POINTING = re.compile(
    rf"\b(?P<verb>{_VERB})\s+(?:in (?:the )?(?:section|table|text) )?(?P<where>above|earlier|previously|below)\b(?!\s+the\b)",
    re.IGNORECASE,
)
_STUDY = re.compile(
    r"\b(?:study|trial|review|analysis|meta-analysis|report|registry)\s+\(?(?P<where>above|below)\b(?!\s+(?:the|an?|age|[0-9]))",
    re.IGNORECASE,
)
_SEE = re.compile(
    r"\b(?:[Ss]ee|[Rr]efer to)\s+(?:the\s+)?[\"“]?(?P<name>[A-Z][\w/&-]*(?:\s+(?:[A-Z][\w/&-]*|of|and|for|the))*)[\"”]?"
    r"(?:\s+(?:section|table|heading))?,?\s+(?P<where>above|below)\b"
)
_NUMBERED = re.compile(
    r"\b(?P<name>(?:Table|Figure|Appendix|Exhibit|Box)\s+(?:[0-9]+[A-Za-z]?|[A-Z])\b)(?:\]\([^)]*\))?"
    r"(?!\s*(?:of|in|from|by)\b)(?P<words>[^.:;\n]{0,40}?\b(?P<where>above|below)\b)"
)
_MAY_POINT = re.compile(r"\b(?:above|below|earlier|previously)\b", re.IGNORECASE)
_ANY_WORD = re.compile(r"\w+")
_WORD = r"[^\W\d_][^\W\d_'’]*"
_AUTHOR = re.compile(
    rf"(?P<name>(?:\b{_WORD}(?:[-‐]{_WORD})*\s+){{0,4}}?\b(?P<last>{_WORD}(?:[-‐]{_WORD})*))"
    r"(?:'s|’s)?(?:,? et al\.?|,? and (?:colleagues|coworkers|associates))?"
    r"(?:\s+(?:trial|study|review|analysis|meta-analysis|report|guideline|statement|registry))?"
    r"(?:\s*\[[0-9, –-]+\]|\s*<sup>[^<]*</sup>|\s*\((?:18|19|20)[0-9]{2}\)|\s+in (?:19|20)[0-9]{2})*"
    r"\s*,?\s*\(?\s*(?:as |which (?:is|was|were|are) |that (?:is|was|were|are) |also )?$"
)
_COMMON = re.compile(
    "as|the|an?|in|on|of|for|this|these|those|its?|all|some|such|we|they|s?he|when|where|while|after|before|if|and|or|but|both"
    "|each|any|criteria|table|figure|section|appendix|polic(?:y|ies)|medical|introduction|background|description|note"
    "|january|february|march|april|may|june|july|august|september|october|november|december",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"(?:ish|ese|ean|ian|ican|erman|utch|reek|rench|andinavian)$")


@rule(Subject.REFERENCES, Severity.WARNING)
def mention_of_nothing(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The text points at something above or below that is not there.

    "... the review by an author, discussed above", and nothing above names the author; "see Table 2 below", and no table
    2 follows: the trace of a passage that was cut, or copied from a longer document. Only what is named can be looked
    for, so "as discussed above" alone says nothing. The list of references is no discussion, and a table of another
    document ("Table 2 of the guideline") is not looked for. Restore the passage, or drop the mention.
    """
    for version in holdings.versions:
        if not _MAY_POINT.search(holdings.library.texts.get(version.source.file, "")):
            continue
        body: _Body | None = None
        for sentence in holdings.sentences(version):
            for mention in _mentions(sentence.text):
                body = body or _Body(holdings.lines(version.source.file), version)
                if not _stands(mention, sentence, body):
                    yield Finding(
                        sentence.place(mention.at),
                        f'"{mention.words}": nothing {mention.where} this names {mention.name}',
                        f"{mention.name} {mention.where} this",
                        "restore the passage that was meant, or drop the mention",
                    )


@dataclass(frozen=True, slots=True)
class _Mention:
    """The words of a mention and where they begin in their sentence; what they name, and where that should stand."""

    at: int
    words: str
    name: str
    where: str


def _mentions(text: str) -> Iterator[_Mention]:
    for match in _POINTING.finditer(text):
        name = _named_before(text[: match.start()])
        if name:
            where = "below" if match["where"].casefold() == "below" else "above"
            yield _Mention(match.start(), match[0], name, where)
    for match in _STUDY.finditer(text):
        if name := _named_before(text[: match.start("where")].rstrip("( ")):
            yield _Mention(match.start(), match[0], name, match["where"].casefold())
    seen = list(_SEE.finditer(text))
    for match in seen:
        yield _Mention(match.start(), match[0], match["name"], match["where"])
    for match in _NUMBERED.finditer(text):
        if any(each.start() < match.start() < each.end() for each in seen):
            continue  # "See Table 2 below" is one mention
        yield _Mention(match.start(), match["name"] + match["words"], match["name"], match["where"])


def _named_before(before: str) -> str:
    """The proper name that the first words of a sentence end in; nothing where there is none."""
    match = _AUTHOR.search(before[-160:])
    if match is None:
        return ""
    name = match["last"]
    start = before.rfind(name)
    is_first = not re.search(r"\w", before[:start])
    # an acronym may stand above written out, and "RandomiSed" is no name
    if not name[0].isupper() or name.isupper() or (name[1:] != name[1:].lower() and "-" not in name):
        return ""
    plain = "-" not in name and "et al" not in before[start:] and "colleagues" not in before[start:]
    if _COMMON.fullmatch(name) or (plain and is_first) or _ORIGIN.search(name):
        return ""
    return name


class _Body:
    """The lines of a document but its list of references, by the words that stand on them."""

    __slots__ = ("_by_word", "lines")

    def __init__(self, lines: Sequence[str], version: PolicyVersion) -> None:
        body = body_lines(lines, version)
        self.lines = {number: line for number, line, section in body if section is not SectionName.REFERENCES}
        self._by_word: dict[str, list[int]] = {}
        for number, line in self.lines.items():
            for word in dict.fromkeys(_ANY_WORD.findall(line.casefold())):
                self._by_word.setdefault(word, []).append(number)

    def lines_with(self, name: str) -> Sequence[int]:
        """The numbers of the lines that hold every word of a name, rising."""
        held = sorted((self._by_word.get(word, []) for word in _ANY_WORD.findall(name.casefold())), key=len)
        return [number for number in held[0] if all(_holds(each, number) for each in held[1:])] if held else []


def _holds(numbers: Sequence[int], number: int) -> bool:
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _stands(mention: _Mention, sentence: Sentence, body: _Body) -> bool:
    """Whether something of the name stands above or below a mention, the list of references left out."""
    words = r"\s+".join(map(re.escape, mention.name.split()))
    name = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
    is_above = mention.where == "above"
    # what comes before the name itself, or behind the mention
    at = sentence.text.rfind(mention.name, 0, mention.at + len(mention.words)) if is_above else mention.at
    place = sentence.place(max(at, 0) if is_above else mention.at + len(mention.words) - 1)
    held = body.lines_with(mention.name)
    for number in held[: bisect_right(held, place.line)] if is_above else held[bisect_left(held, place.line) :]:
        line = body.lines[number]
        if number == place.line:
            line = line[: place.column - 1] if is_above else line[place.column :]
        if name.search(line):
            return True
    return False


RULES = (mention_of_nothing,)
