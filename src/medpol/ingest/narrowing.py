"""What narrows a position in its own sentence: limits in number, time or money, and the persons it is said for.

Such a sentence holds for some cases alone; read without its words it would hold for all.
"""

from __future__ import annotations

import re

_NUMBER = r"(?:\$?\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice)"
_LIMIT = re.compile(
    rf"\b(?:up to|at most|(?:no|not) more than|(?:a )?maximum of|more than|less than|fewer than|greater than|at least|limit(?:ed)? (?:to|of)|"
    rf"not to exceed|(?:does|do|may|must|can) not exceed|exceed(?:s|ing)?|in excess of|beyond|over|under|above|below|costing)\s+(?:a |the |an )?(?:maximum of |first )?"
    rf"(?:age(?:s|d)? (?:of )?)?{_NUMBER}(?![-\w])(?!\s+(?:\(\w+\)\s+)?(?:or more\s+)?(?:of|the|these|following)\b)[^.;:]*"
    rf"|\b{_NUMBER}\b(?:\s+[\w-]+){{0,3}}?\s+(?:per|every|each|a|in any)\s+(?:\w+\s+){{0,2}}?(?:day|week|month|year|lifetime|episode|member|visit)s?\b[^.;:]*"
    rf"|\bonce (?:per|every|a|in a)\b[^.;:]*|[<>≤≥]\s*{_NUMBER}[^.;:]*",
    re.IGNORECASE,
)
_PERSONS = re.compile(
    r"\b(?:for|in|to|of|with)\s+(?:[\w-]+\s+){0,2}?(?:adults?|child(?:ren)?|infants?|newborns?|neonates?|adolescents?|minors?|women|men|males?|females?)\b"
    r"|\b(?:adults?|child(?:ren)?|members?|patients?|individuals?|persons?|people|women|men|males?|females?)\s+(?:who|whose|with|without|having|aged?|ages|under|over|younger|older|between|\(?\d)"
    r"|\b(?:aged?|ages)\s+(?:of\s+)?\d|\b\d+\s*(?:-|–|to)\s*\d+\s+years?\b|\byears? (?:of age|old)\b|\b(?:and|or) (?:older|younger|above|over|under)\b",
    re.IGNORECASE,
)


def is_limited(sentence: str) -> bool:
    """Whether a sentence sets a limit in number, time or money."""
    return _LIMIT.search(sentence) is not None


def is_narrowed(sentence: str) -> bool:
    """Whether a sentence without a list speaks for some cases alone: within a limit, or for the persons that it names."""
    return is_limited(sentence) or _PERSONS.search(sentence) is not None


def limit_in(sentence: str) -> str:
    """The words of a sentence that set its limit."""
    found = _LIMIT.search(sentence)
    return found[0].strip(" ,") if found is not None else ""
