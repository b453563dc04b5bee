"""Lines of business from the words of a Scope section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from medpol.ingest.blocks import Block
from medpol.ingest.report import Account
from medpol.model.lines import EVERYWHERE, LINES_OF_BUSINESS, Scope, normalise_line

_NOT_FOR = re.compile(
    r"\b(?:does|do) not apply to (?:members (?:of|enrolled in|with) )?([^.;]+?)(?:\.|;|$)", re.IGNORECASE
)
_ONLY_FOR = re.compile(
    r"\bappl(?:y|ies) only to (?:members (?:of|enrolled in|with) )?([^.;]+?)(?:\.|;|$)", re.IGNORECASE
)
_LINE_ALIASES = {
    "fep": "federal employee",
    "federal employees": "federal employee",
    "federal employee health benefits": "federal employee",
    "ma": "medicare advantage",
    "medicare supplemental": "medicare supplement",
    "medigap": "medicare supplement",
    "individual and family": "individual",
    "original medicare": "medicare",
} | {line.replace("_", " "): line for line in LINES_OF_BUSINESS}


def lines_of_business(blocks: Sequence[Block], account: Account) -> tuple[Scope, tuple[str, ...]]:
    """The lines that the text takes out, or limits itself to; and the questions about names that are no known line."""
    outside: list[str] = []
    inside: list[str] = []
    doubts: list[str] = []
    for block in blocks:
        for pattern, found in ((_NOT_FOR, outside), (_ONLY_FOR, inside)):
            for match in pattern.finditer(block.text):
                found += _named(match[1], block, account, doubts)
    out = tuple(dict.fromkeys(outside))
    kept = tuple(line for line in dict.fromkeys(inside) if line not in out)
    return (Scope(kept or None, out) if kept or out else EVERYWHERE), tuple(doubts)


def _named(text: str, block: Block, account: Account, doubts: list[str]) -> Iterable[str]:
    for part in re.split(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+|/", text):
        name = " ".join(_ABOUT.sub(" ", part).split())
        line = normalise_line(_LINE_ALIASES.get(name.casefold(), name))
        if line is not None:
            account.taken(block.lines, f"lines of business: {line}")
            yield line
        elif name:
            doubts.append(f"the scope names {name!r}: which line of business is it?")
            account.doubtful(block.lines, doubts[-1])


_ABOUT = re.compile(
    r"\b(?:the|our|members?|plans?|products?|lines? of business|contracts?|any|program|enrollees)\b|\([^)]*\)",
    re.IGNORECASE,
)
