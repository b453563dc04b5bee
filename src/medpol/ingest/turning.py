"""Where a sentence over a list negates it, or excepts something: the structure words alone would say the opposite, or too much."""

from __future__ import annotations

import re

from medpol.ingest.counting import LISTED, NUMBER, plain_counts

# What turns a structure round, up to the structure words that it reaches in the same clause.
_COUNTED = rf"\b(?:all|any|none|both|either|neither|each|every|{NUMBER})\b(?:\s+(?:or more|one|{NUMBER}))?\s+{LISTED}"
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
# An exception with words of its own: persons or cases, not the list.
_EXCEPTION = re.compile(
    r"\b(?:except(?:ing|ions?)?(?: (?:for|in|when|if|where|that|as))*|with the exceptions? of|excluding|other than|apart from|save for|but not(?! limited)|unless(?! otherwise))\b"
    r"(?P<what>[^,;:]*)",
    re.IGNORECASE,
)
_LIST_NAMED = re.compile(rf"{_COUNTED}|\bthe following\b|\bthese\b|\bbelow\b", re.IGNORECASE)


def turned(text: str) -> re.Match[str] | None:
    """Where a sentence over a list negates it or excepts from it: the structure words alone would say the opposite."""
    return _TURNED.search(plain_counts(text).rstrip(" :.;,"))


def exception_in(text: str) -> str:
    """What a sentence over a list excepts in words of its own ("except for children"); empty where it excepts nothing, or
    the list itself."""
    for found in _EXCEPTION.finditer(text):
        what = found["what"].strip(" .")
        if what and _LIST_NAMED.search(what) is None:
            return found[0].strip(" .,;:")
    return ""
