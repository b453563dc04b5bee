"""Published words as they may stand in a draft: nothing in them can act as markup or as a line of the notation."""

from __future__ import annotations

import re

# Words before a colon that open a field line or a rule line of the notation.
_FIELDS = re.compile(
    r"(Audience|Studies|Outcomes|Conclusion|Inclusion rule|Issuer|Year|Kind|Systematic review|Strength ratings|"
    r"Conflict handling|Recommends|Statement|Approval needed|Services|When|Dates of service|Approved for):(?=\s|$)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:#{1,6}(?=\s|$)|[-+](?=\s|$)|[-=~_|>]|\d{1,9}(?=[.)](?:\s|$)))")


def inline(text: str) -> str:
    """Words inside a line: on one line, no emphasis, no tag, no link, no code."""
    words = " ".join(text.split())
    words = re.sub(r"\\(?=[!-/:-@\[-`{-~])", r"\\\\", words)
    words = re.sub(r"<(?=[A-Za-z/!?])", r"\\<", words)
    words = re.sub(r"&(?=#?\w+;)", r"\\&", words)
    words = words.replace("`", "\\`").replace("*", "\\*").replace("](", "]\\(").replace("]:", "]\\:")
    return words


def prose(text: str) -> str:
    """A paragraph: as ``inline``, and its beginning opens no heading, list, quote, table or field."""
    words = inline(text)
    if (match := _OPENING.match(words)) is not None:
        at = match.end() if words[0].isdigit() else 0
        words = f"{words[:at]}\\{words[at:]}"
    elif (match := _FIELDS.match(words)) is not None:
        words = f"{match[1]}\\{words[len(match[1]) :]}"
    return words


def sentence(text: str) -> str:
    """A sentence of the criteria, where a backslash is no escape: signs of markup are put in other words."""
    words = " ".join(text.split()).replace("`", "'").replace("**", "").replace("*", "")
    words = re.sub(r"<(?=[A-Za-z/!?])", "< ", words).replace("](", "] (")
    return re.sub(r"^(?:(?:#{1,6}|[-+>|=~_•]|\d{1,9}[.)](?=\s))[ \t]*)+", "", words).strip()
