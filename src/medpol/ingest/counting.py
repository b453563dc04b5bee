"""The words that say how a list counts: all of, any of, at least N of, none of; and those that say it only by halves."""

from __future__ import annotations

import re

from medpol.ingest.bullets import ENDING

NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)"
LISTED = r"(?:of\s+)?(?:the\s+)?(?:these|following|criteria|conditions|requirements)\b"
_STRONG = (
    ("least", rf"\b(?:at least|no fewer than|(?:a )?minimum of)\s+{NUMBER}(?:\s+or more)?(?:\s+{LISTED}|(?: of)?\)?$)"),
    ("least", rf"\b{NUMBER}\s*\+?\s+or more(?:\s+{LISTED}|(?: of)?\)?$)"),
    ("least", rf"\bany\s+(?!one\b){NUMBER}\s+{LISTED}"),
    ("all", rf"\b(?:all(?:\s+{NUMBER})?|each|every|every one)\s+{LISTED}|\b(?:all|each)(?: of)?\)?$"),
    ("any", rf"\bany(?: one)?\s+{LISTED}|\bany(?: of)?\)?$"),
    ("none", rf"\bnone\s+{LISTED}|\bnone(?: of)?\)?$"),
)
_WEAK = (
    ("both", rf"\bboth\s+{LISTED}|\bboth(?: of)?\)?$"),
    ("either", rf"\beither(?: one)?\s+{LISTED}|\beither(?: of)?\)?$"),
    ("neither", rf"\bneither\s+{LISTED}|\bneither(?: of)?\)?$"),
    ("some", rf"(?<!least )(?<!any )\b(?P<some>{NUMBER})(?: of)?\s+(?:the\s+)?(?:these|following)\b|(?<!any )\b{NUMBER} of\)?$"),
)  # fmt: skip
BRACKETED = re.compile(rf"\b({NUMBER})\s*\(\s*({NUMBER})\s*\)", re.IGNORECASE)
_VALUES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ALL_N = re.compile(rf"\ball\s+({NUMBER})\s+{LISTED}", re.IGNORECASE)
AT_MOST = re.compile(
    rf"\b(?:(?:no|not) more than|at most|up to|fewer than|less than|(?:a )?maximum of|only|exactly)\s+{NUMBER}\s+{LISTED}",
    re.IGNORECASE,
)


def opens_list(text: str) -> bool:
    """Whether an item announces a list of its own: it ends in a colon, or in words that count what follows."""
    words = ENDING.sub("", text.rstrip())
    if words.endswith(":"):
        return True
    return re.search(r"\b(?:following|these)\b(?:\s+\w+){0,4}$", words.rstrip(" .;,")) is not None and bool(
        kinds(words)
    )


def plain_counts(text: str) -> str:
    """A text in which a number said twice ("two (2)") is said once; one that is said in two values stays as it is."""
    once = BRACKETED.sub(lambda found: found[1] if value(found[1]) == value(found[2]) else found[0], text)
    return re.sub(
        rf"(?<!no )(?<!not )\bmore than ({NUMBER})(?=\s+{LISTED})",
        lambda found: f"at least {value(found[1]) + 1}",
        once,
        flags=re.IGNORECASE,
    )


def value(number: str) -> int:
    return int(number) if number.isdigit() else _VALUES.index(number.casefold()) + 1


def lists_subjects(text: str) -> bool:
    """Whether a sentence says its position of each thing listed below it: "The following are ..."."""
    return re.match(r"(?:each|all|any) of the following\b|the following\b", text, re.IGNORECASE) is not None and bool(
        re.match(r"(?:\w+ of )?the following(?: (?!when\b|if\b)[\w-]+){0,4} (?:is|are)\b", text, re.IGNORECASE)
    )


def kinds(text: str) -> set[str]:
    words = text.rstrip(" :.;,")
    found = {kind for kind, pattern in _STRONG if re.search(pattern, words, re.IGNORECASE)}
    return found or {kind for kind, pattern in _WEAK if re.search(pattern, words, re.IGNORECASE)}


def counted_ways(text: str) -> tuple[str, ...]:
    """Each way in which some words count a list, as a reading says it, in the order in which they stand."""
    words = text.rstrip(" :.;,")
    found = [
        (match.start(), kind, match[0])
        for kind, pattern in (*_STRONG, *_WEAK)
        for match in re.finditer(pattern, words, re.IGNORECASE)
    ]
    said = []
    for _, kind, held in sorted(found):
        number = re.search(rf"\b{NUMBER}\b", held, re.IGNORECASE)
        fixed = {
            "all": "all of",
            "any": "any of",
            "none": "none of",
            "both": "all of",
            "either": "any of",
            "neither": "none of",
        }
        said.append(fixed.get(kind) or f"at least {value(number[0]) if number is not None else 'one'} of")
    return tuple(dict.fromkeys(said))


def weak_word(text: str) -> str:
    words = text.rstrip(" :.;,")
    for _, pattern in _WEAK:
        if match := re.search(pattern, words, re.IGNORECASE):
            return match[0].strip(" ()")
    return "the following"


def some(text: str) -> str:
    match = re.search(_WEAK[-1][1], text.rstrip(" :.;,"), re.IGNORECASE)
    return re.split(r"\s", match[0])[0].casefold() if match is not None else "one"
