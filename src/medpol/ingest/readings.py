"""What a published list can be read as: one tree where its words agree, else two readings that are put to a person.

The certain marks are structure words ("all of the following"), and joining words that stand where a list ends. "Both",
"either" and "one of" alone, orphan words that do not fit, numbers that restart and indents that were lost are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)"
_LISTED = r"(?:of\s+)?(?:the\s+)?(?:these|following|criteria|conditions|requirements)\b"
_STRONG = (
    ("least", rf"\b(?:at least|no fewer than|(?:a )?minimum of)\s+{_NUMBER}\b|\b{_NUMBER}\s*\+?\s+or more\b"),
    ("least", rf"\bany\s+(?!one\b){_NUMBER}\s+{_LISTED}"),
    ("all", rf"\b(?:all(?:\s+{_NUMBER})?|each|every|every one)\s+{_LISTED}|\b(?:all|each)(?: of)?\)?$"),
    ("any", rf"\bany(?: one)?\s+{_LISTED}|\bany(?: of)?\)?$"),
    ("none", rf"\bnone\s+{_LISTED}|\bnone(?: of)?\)?$"),
)
_WEAK = (
    ("both", rf"\bboth\s+{_LISTED}|\bboth(?: of)?\)?$"),
    ("either", rf"\beither(?: one)?\s+{_LISTED}|\beither(?: of)?\)?$"),
    ("neither", rf"\bneither\s+{_LISTED}|\bneither(?: of)?\)?$"),
    ("some", rf"(?<!least )(?<!any )\b(?P<some>{_NUMBER})(?: of)?\s+(?:the\s+)?(?:these|following)\b|(?<!any )\b{_NUMBER} of\)?$"),
)  # fmt: skip
OPEN_LIST = re.compile(
    r"\bincluding,? (?:but )?(?:is |are )?(?:not limited to|without limitation)\b|\bbut (?:is |are )?not limited to\b",
    re.IGNORECASE,
)
_BRACKETED = re.compile(rf"\b({_NUMBER})\s*\(\s*({_NUMBER})\s*\)", re.IGNORECASE)
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ALL_N = re.compile(rf"\ball\s+({_NUMBER})\s+{_LISTED}", re.IGNORECASE)
_AT_MOST = re.compile(
    rf"\b(?:(?:no|not) more than|at most|up to|fewer than|less than|(?:a )?maximum of|only|exactly)\s+{_NUMBER}\s+{_LISTED}",
    re.IGNORECASE,
)
# What turns a structure round, up to the structure words that it reaches in the same clause.
_COUNTED = (
    rf"\b(?:all|any|none|both|either|neither|each|every|{_NUMBER})\b(?:\s+(?:or more|one|{_NUMBER}))?\s+{_LISTED}"
)
_CLAUSE = r"(?:\s+(?!(?:and|but|when|if|who|whose|which)\b)[\w'’/()-]+){0,8}?"
_TURNED = re.compile(
    rf"\b(?P<word>unless|except(?:ing)?|until|excluding|other than)\b(?P<reach>[^,;]*?(?:{_COUNTED}|\bthe following\b|$))"
    rf"|(?<!\bor )\b(?P<no>not(?! only\b)(?! (?:less|fewer|more|limited))|no(?! (?:less|fewer|more)\b)|never|cannot|nor|without|(?:absence|lack|exclusion) of|fail(?:s|ed|ing|ure)? to)\b"
    rf"{_CLAUSE}\s+(?:{_COUNTED}|the following\b)"
    rf"|n['’]t\b{_CLAUSE}\s+(?:{_COUNTED}|the following\b)"
    rf"|\b(?:without|(?:absence|lack|exclusion) of)(?: (?:all|any|both|either|each)(?: of)?)?$"
    rf"|(?:{_COUNTED}){_CLAUSE}\s+(?:not|never|absent|unmet|excluded|ruled out|(?:is|are|has|have|do|does|was|were)n['’]t)\b"
    rf"|(?:{_COUNTED}|\bthe following\b).*?\b(?:unless|except|excluding|other than)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"\W*(and|or)\b(?!/)", re.IGNORECASE)
_ENDING = re.compile(r"[\s.,;]+(and|or)[\s.:;,]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bullet:
    """A listed line before the tree is made: its words, how deep it lies, and its number where it is numbered."""

    text: str
    depth: int
    number: int | None = None

    @property
    def joining(self) -> str:
        """The word "and" or "or" that stands on this line alone; empty where the line is an item."""
        word = self.text.strip(" .;,:").casefold()
        return word if word in ("and", "or") else ""


def joining_words(bullets: Sequence[Bullet]) -> tuple[tuple[int, str], ...]:
    """The joining words at either end of the outermost items, each with the number of its item."""
    outer = min((each.depth for each in bullets), default=0)
    found: list[tuple[int, str]] = []
    number = 0
    for each in bullets:
        if each.joining:
            continue
        number += each.depth == outer
        ends = (_OPENING.match(each.text) if each.depth == outer else None, _ENDING.search(each.text.rstrip()))
        found += [(number, match[1].casefold()) for match in ends if match is not None]
    return tuple(dict.fromkeys(found))


def opens_list(text: str) -> bool:
    """Whether an item announces a list of its own: it ends in a colon, or in words that count what follows."""
    words = _ENDING.sub("", text.rstrip())
    if words.endswith(":"):
        return True
    return re.search(r"\b(?:following|these)\b(?:\s+\w+){0,4}$", words.rstrip(" .;,")) is not None and bool(
        _kinds(words)
    )


def plain_counts(text: str) -> str:
    """A text in which a number said twice ("two (2)") is said once; one that is said in two values stays as it is."""
    once = _BRACKETED.sub(lambda found: found[1] if _value(found[1]) == _value(found[2]) else found[0], text)
    return re.sub(
        rf"(?<!no )(?<!not )\bmore than ({_NUMBER})(?=\s+{_LISTED})",
        lambda found: f"at least {_value(found[1]) + 1}",
        once,
        flags=re.IGNORECASE,
    )


def _value(number: str) -> int:
    return int(number) if number.isdigit() else _NUMBERS.index(number.casefold()) + 1


def turned(text: str) -> re.Match[str] | None:
    """Where a sentence over a list negates it or excepts from it: the structure words alone would say the opposite."""
    return _TURNED.search(plain_counts(text).rstrip(" :.;,"))


def lists_subjects(text: str) -> bool:
    """Whether a sentence says its position of each thing listed below it: "The following are ..."."""
    return re.match(r"(?:each|all|any) of the following\b|the following\b", text, re.IGNORECASE) is not None and bool(
        re.match(r"(?:\w+ of )?the following(?: (?!when\b|if\b)[\w-]+){0,4} (?:is|are)\b", text, re.IGNORECASE)
    )


def unsure(text: str, bullets: Sequence[Bullet], published: str = "") -> str:
    """The question, both readings spelled out, where a sentence and its list can be read in two ways; else empty.

    ``published`` are the words to cite where ``text`` is the sentence without its position.
    """
    outer = min((each.depth for each in bullets), default=0)
    items = [each for each in bullets if not each.joining and each.depth == outer]
    if not items:
        return ""
    name, words = f"the list below {short(published or text)!r}", [short(bare(each.text), 90) for each in items]
    listed = "; ".join(words)
    text = plain_counts(text)
    if (found := turned(text)) is not None:
        return (
            f"{name} is negated or excepted from ({short(found[0])!r}): (1) where not all of: {listed}; "
            f"(2) where none of: {listed}: which is meant?"
        )
    if question := _miscounted(name, text, listed, len(items)):
        return question
    if OPEN_LIST.search(text):
        return f"{name} is open: (1) only what is listed counts: {listed}; (2) what is like it counts as well: which is meant?"
    if moved := _restarting(name, items) or _lost_indent(name, bullets, outer):
        return _with_groups(moved, bullets, outer)
    if len(items) == 1 and not (_kinds(text) & {"least", "none", "some", "both"}):
        return ""
    orphans = [each.joining for each in bullets if each.joining and each.depth == outer]
    if set(orphans) == {"and", "or"}:
        return _mixed(name, bullets, outer)
    return _with_groups(_counting(name, text, listed, len(items), orphans, joining_words(bullets)), bullets, outer)


def _miscounted(name: str, text: str, listed: str, count: int) -> str:
    """The question where the number above a list is said in two values, is not that of its items, or is an upper bound."""
    if (found := _BRACKETED.search(text)) is not None:
        return (
            f"{name} counts in two ways ({found[0]!r}): (1) at least {_value(found[1])} of: {listed}; "
            f"(2) at least {_value(found[2])} of: {listed}: which is meant?"
        )
    if (found := _AT_MOST.search(text)) is not None:
        return f"{name} says {found[0]!r}: (1) no more than that of: {listed}, none being enough; (2) exactly that many of: {listed}: which is meant?"
    if (found := _ALL_N.search(text)) is not None and _value(found[1]) != count:
        return f"{name} says {found[0]!r}, and {count} stand below it: (1) all of: {listed}; (2) at least {_value(found[1])} of: {listed}: which is meant?"
    return ""


def _counting(
    name: str, text: str, listed: str, count: int, orphans: Sequence[str], ends: Sequence[tuple[int, str]]
) -> str:
    """The question where the words that count do not agree, or where none is certain."""
    kinds = _kinds(text)
    two = f"(1) all of: {listed}; (2) any of: {listed}: which is meant?"
    if len(kinds) > 1:
        return f"{name} is counted in two ways by the words above it: {two}"
    kind = next(iter(kinds), "")
    fits = {"all": "and", "both": "and", "any": "or", "either": "or", "some": "or"}
    joined = set(orphans) | {word for _, word in ends}
    other = joined - {fits[kind]} if kind in fits else set()
    if kind in ("all", "any") and other:
        said = ", ".join(f"item {number} says {word}" for number, word in ends if word in other)
        said = said or f"a line between them says {min(other)}"
        return f"the list says {kind.upper()}, {said} ({name.removeprefix('the list ')}): {two}"
    if kind in ("all", "any", "least", "none") and (kind in fits or not orphans or set(orphans) == {"and"}):
        return ""
    is_joined = len(joined) == 1 and (
        len(orphans) == count - 1 or (count - 1, min(joined)) in ends or (count, min(joined)) in ends
    )
    if not kind and not joined and lists_subjects(text):
        return ""
    if is_joined and not orphans and (not kind or (kind in fits and joined == {fits[kind]})):
        return ""
    match kind:
        case "":
            said = ", ".join(f"item {number} says {word}" for number, word in ends)
            if orphans:
                said = f"a line of its own between items says {orphans[0].upper()}"
            return f"{name} does not say how it counts{', ' + said if said else ''}: {two}"
        case "either" | "some":
            number = _some(text)
            return f"{name} says only {_word(text)!r}: (1) at least {number} of: {listed}; (2) exactly {number} of: {listed}: which is meant?"
        case "neither":
            return f"{name} says only 'neither': (1) none of: {listed}; (2) not all of: {listed}: which is meant?"
        case _:
            return f"{name} says only {_word(text)!r}: {two}"


def _kinds(text: str) -> set[str]:
    words = text.rstrip(" :.;,")
    found = {kind for kind, pattern in _STRONG if re.search(pattern, words, re.IGNORECASE)}
    return found or {kind for kind, pattern in _WEAK if re.search(pattern, words, re.IGNORECASE)}


def _word(text: str) -> str:
    words = text.rstrip(" :.;,")
    for _, pattern in _WEAK:
        if match := re.search(pattern, words, re.IGNORECASE):
            return match[0].strip(" ()")
    return "the following"


def _some(text: str) -> str:
    match = re.search(_WEAK[-1][1], text.rstrip(" :.;,"), re.IGNORECASE)
    return re.split(r"\s", match[0])[0].casefold() if match is not None else "one"


def _restarting(name: str, items: Sequence[Bullet]) -> str:
    """Numbers that begin anew at one depth: another list, or the list of the item before them."""
    for at, (one, other) in enumerate(pairwise(items), 1):
        if one.number is not None and other.number is not None and other.number <= one.number and other.number == 1:
            before, behind = (
                "; ".join(short(bare(each.text), 90) for each in part) for part in (items[:at], items[at:])
            )
            return (
                f"{name} begins its numbers anew: (1) one list: {before}; {behind}; (2) {behind} stand below "
                f"{short(bare(one.text), 90)!r}: which is meant?"
            )
    return ""


def _lost_indent(name: str, bullets: Sequence[Bullet], outer: int) -> str:
    """An item that announces a list, with what could be that list standing beside it."""
    for at, each in enumerate(bullets[:-1]):
        if each.depth == outer and not each.joining and bullets[at + 1].depth == outer and opens_list(each.text):
            flat = [
                (place, short(bare(other.text), 90))
                for place, other in enumerate(bullets)
                if other.depth == outer and not other.joining
            ]
            above = "; ".join(text for place, text in flat if place <= at).rstrip(":")
            below = "; ".join(text for place, text in flat if place > at)
            return f"{name} may have lost an indent: (1) {above}, and below that: {below}; (2) {above}; and beside that: {below}: which is meant?"
    return ""


def _with_groups(question: str, bullets: Sequence[Bullet], outer: int) -> str:
    """The question with one more reading where the word "or" alone on a line parts the items into groups."""
    groups: list[list[str]] = [[]]
    for each in bullets:
        if each.depth == outer and each.joining == "or":
            groups.append([])
        elif each.depth == outer and not each.joining:
            groups[-1].append(short(bare(each.text), 90))
    held = [group for group in groups if group]
    if not question or len(held) < 2 or all(len(group) == 1 for group in held):
        return question
    shown = " or ".join(f"({' and '.join(group)})" if len(group) > 1 else group[0] for group in held)
    return question.replace(": which is meant?", f"; (3) one group or another: {shown}: which is meant?")


def _mixed(name: str, bullets: Sequence[Bullet], outer: int) -> str:
    """A list joined by both words: which of them binds first."""
    run = [each.joining or short(bare(each.text), 90) for each in bullets if each.depth == outer]
    words = [each.joining for each in bullets if each.depth == outer]
    readings = []
    for inner, between in (("and", "or"), ("or", "and")):
        groups: list[list[str]] = [[]]
        for text, joining in zip(run, words, strict=True):
            if joining == between:
                groups.append([])
            elif not joining:
                groups[-1].append(text)
        shown = [f" {inner} ".join(group) for group in groups if group]
        readings.append(f" {between} ".join(f"({each})" if f" {inner} " in each else each for each in shown))
    return f"{name} mixes its joining words: (1) {readings[0]}; (2) {readings[1]}: which is meant?"


def as_words(bullets: Sequence[Bullet]) -> str:
    """A list as one run of words, for the one question that it becomes."""
    pieces: list[str] = []
    for each in bullets:
        end = _ENDING.search(each.text.rstrip())
        if each.joining and pieces:
            pieces[-1] = f"{pieces[-1].rstrip(';')} {each.joining}"
        elif not each.joining:
            mark = f" {end[1].casefold()}" if end is not None else "" if each.text.rstrip().endswith(":") else ";"
            pieces.append(bare(each.text) + mark)
    return " ".join(pieces).rstrip(" ;")


def bare(text: str) -> str:
    """A listed line without the signs and the joining word that end it."""
    return _ENDING.sub("", text.strip()).rstrip(" .;,")


def short(text: str, limit: int = 60) -> str:
    """The beginning of some words, spaces collapsed."""
    words = " ".join(text.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"
