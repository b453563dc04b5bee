"""Lists to trees in the notation: structure words in our spelling, items with their own lists, inner lists in question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from medpol.ingest.bullets import ENDING, Bullet, as_words, joining_words, outermost, short, with_own
from medpol.ingest.counting import plain_counts
from medpol.ingest.escape import sentence as safe
from medpol.ingest.published import Item
from medpol.ingest.readings import OPEN_LIST, unsure

_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten"
_N = rf"(\d{{1,3}}|one|{_NUMBERS})"
_THESE = r"(?:of\s+)?(?:the\s+)?(?:these|following)\b"
_STRUCTURES: tuple[tuple[str, str], ...] = (
    (
        rf"\b(?:at least|no fewer than|a minimum of|minimum of)\s+{_N}\s+(?:or more\s+)?{_THESE}",
        r"at least \1 of the following",
    ),
    (rf"\b{_N}\s*\+?\s+or more\s+{_THESE}", r"at least \1 of the following"),
    (rf"\bany\s+(?!one\b){_N}\s+{_THESE}", r"at least \1 of the following"),
    (rf"\ball\s+{_N}\s+{_THESE}", "all of the following"),
    (rf"\b(?:either|any one|any)\s+(?:one\s+)?{_THESE}", "any of the following"),
    (rf"(?<!least )\bone\s+{_THESE}", "any of the following"),
    (rf"\b(?:both|each|every one|all|every)\s+{_THESE}", "all of the following"),
    (rf"\b(?:none|neither)\s+{_THESE}", "none of the following"),
    (rf"(?<!least )\b(\d{{1,2}}|{_NUMBERS})\s+of\s+(?:the\s+)?(?:these|following)\b", r"at least \1 of the following"),
    (r"\b(all|any|none) (?:of )?(?:the )?(?:following )?(criteria|conditions|requirements)(?: listed)?(?: below)?\b", r"\1 of the following \2"),
    (r"\(?\b(?:all|each|both)(?: of)?\)?$", "all of the following"),
    (r"\(?\b(?:any|either)(?: of)?\)?$", "any of the following"),
    (r"\(?\bnone(?: of)?\)?$", "none of the following"),
)  # fmt: skip
_STRUCTURE = re.compile(r"\b(?:(?:all|any|none)|at least (\d{1,3}|one|" + _NUMBERS + r")) of the following\b")
_NUMBER_WORDS = {word: at for at, word in enumerate(("one", *_NUMBERS.split("|")), 1)}


@dataclass(frozen=True, slots=True)
class Structured:
    """A sentence over a list, in the notation's words, ending in a colon."""

    text: str
    doubt: str = ""


def structured(text: str, parts: Sequence[Item], joined: str = "") -> Structured:
    """Put the structure words of a sentence over ``parts`` in the notation's spelling.

    ``joined`` is the word that joins the items ("and", "or", or none). The list is one that reads in one way alone.
    """
    words = _spelled(text)
    found = list(_STRUCTURE.finditer(words))
    if len(found) == 1 and _needed(found[0]) <= max(1, len(parts)):
        return Structured(words + ":")
    doubt = f"{short(text)!r} asks for more items than stand below it: were some lost?" if len(found) == 1 else ""
    cut = words[: found[0].start()].rstrip(" ,;:") if found else words
    cut = re.sub(r"(?:^|\s+)the following(?: criteria| conditions)?(?: (?:are|is) met)?$", "", cut, flags=re.IGNORECASE)
    link = "" if not cut else " " if re.search(r"\b(?:when|if|with|by|of|are|is|has|have)$", cut) else ", "
    return Structured(f"{cut}{link}{'any' if joined == 'or' else 'all'} of these:", doubt)


def _spelled(text: str) -> str:
    """A sentence with its structure words in the notation's spelling."""
    words = plain_counts(safe(text)).rstrip(" :.;,")
    for pattern, spelling in _STRUCTURES:
        words = re.sub(pattern, spelling, words, flags=re.IGNORECASE)
    return words


def _needed(structure: re.Match[str]) -> int:
    """How many items a structure asks for at least."""
    number = structure[1] or "one"
    return int(number) if number.isdigit() else _NUMBER_WORDS[number.casefold()]


# ---------------------------------------------------------------------------- lists


def tree(bullets: Sequence[Bullet], doubts: list[str]) -> tuple[Item, ...]:
    """The items of a list with their own lists; an inner list that can be read in two ways becomes one question."""
    items = [_item(each.text, below, doubts) for each, below in with_own(bullets) if not each.joining]
    return tuple(item for item in items if item.text)


def _item(text: str, below: Sequence[Bullet], doubts: list[str]) -> Item:
    text = ENDING.sub("", text.rstrip())
    if below:
        if question := unsure(text, below):
            doubts.append(question)
            return Item(safe(f"{text.rstrip(' :.;,')}: {as_words(below)}").rstrip(" :;,"))
        parts = tree(below, doubts)
        made = structured(text, parts, joined_by(below))
        doubts += filter(None, (made.doubt,))
        return Item(made.text, parts)
    if OPEN_LIST.search(text):
        doubts.append(
            f"{short(text, 90)!r} is an open list: (1) only what is named counts; (2) what is like it counts as well: which is meant?"
        )
    return Item(safe(text).rstrip(" :;,"))


def joined_by(bullets: Sequence[Bullet]) -> str:
    """The word that joins the outermost items: "and", "or", or none."""
    outer = outermost(bullets)
    words = [each.joining for each in bullets if each.joining and each.depth == outer]
    words += [word for _, word in joining_words(bullets)]
    return words[0] if words else ""
