"""Lines of business from the words of a Scope section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from medpol.ingest.blocks import Block
from medpol.ingest.bullets import short
from medpol.ingest.escape import inline
from medpol.ingest.report import Account, Kind
from medpol.model.lines import EVERYWHERE, LINES_OF_BUSINESS, STATES, Scope, normalise_line

_NOT_FOR = re.compile(
    r"\b(?:(?:does|do) not apply to|(?:is|are) not applicable to|excludes?) (?:members (?:of|enrolled in|with) )?([^.;]+?)(?:\.|;|$)",
    re.IGNORECASE,
)
_ONLY_FOR = re.compile(
    r"\b(?:appl(?:y|ies) only to|(?:is|are) (?:only )?applicable only to|(?:is )?limited to)(?: the following:?)? (?:members (?:of|enrolled in|with) )?([^.;]+?)(?:\.|;|$)",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"(?<!not )\bappl(?:y|ies) to (?:members (?:of|enrolled in|with) )?([^.;]+?)(?:[,;] (?:but|and) (?=(?:it )?(?:does|do) not)|\.|;|$)",
    re.IGNORECASE,
)
_MAY_NOT = re.compile(r"\bmay not apply to (?:members (?:of|enrolled in|with) )?([^.;]+?)(?:\.|;|$)", re.IGNORECASE)
_TICK = re.compile(r"^\s*(?P<mark>[☒☑✓✔■]|\[[xX]\]|[☐□]|\[ ?\])\s*(?P<name>\S.*)$")
_EMPTY = ("☐", "□", "[ ]", "[]")
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
        if _ticked(block, account, inside, outside, doubts):
            continue
        for pattern, found in ((_NOT_FOR, outside), (_ONLY_FOR, inside)):
            for match in pattern.finditer(block.text):
                found += _named(match[1], block, account, doubts) if not states_in(match[1]) else ()
        if _NOT_FOR.search(block.text) is not None and _ONLY_FOR.search(block.text) is None:
            inside += _spoken_for(block, account, doubts)
        for match in _MAY_NOT.finditer(block.text):
            doubts.append(
                f"the policy may not apply to {match[1].strip()!r}: (1) it applies; (2) it does not apply: which is meant?"
            )
            account.doubtful(block.lines, doubts[-1])
    return _scope(inside, outside), tuple(doubts)


def _spoken_for(block: Block, account: Account, doubts: list[str]) -> tuple[str, ...]:
    """The lines that a text says it applies to, in the block where it takes others out; a question where one is not known."""
    found: list[str] = []
    for match in _FOR.finditer(block.text):
        names = [_ABOUT.sub(" ", part) for part in _PARTS.split(match[1])]
        lines = [_line_named(" ".join(name.split())) for name in names]
        if re.match(r"all\b", match[1], re.IGNORECASE) or states_in(match[1]):
            continue
        if None in lines:
            doubts.append(
                f"{short(inline(block.text), 90)!r}: does the policy speak for {match[1].strip()!r} alone, or for every line that it does not take out?"
            )
            account.doubtful(block.lines, doubts[-1])
            continue
        found += [line for line in lines if line is not None]
    for line in found:
        account.taken(block.lines, f"lines of business: {line}")
    return tuple(found)


def _line_named(name: str) -> str | None:
    return normalise_line(_LINE_ALIASES.get(name.casefold(), name))


_PARTS = re.compile(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+|/")


def unread(blocks: Sequence[Block], account: Account) -> tuple[str, ...]:
    """The questions about sentences that name a line or a state, and of which nothing was taken."""
    spoken = {
        line
        for entry in account.entries
        if entry.what.startswith(("lines of business", "states:"))
        for line in entry.lines
    }
    spoken |= {line for entry in account.entries if entry.kind is Kind.DOUBTFUL for line in entry.lines}
    doubts = []
    for block in blocks:
        if spoken.isdisjoint(block.lines) and _NAMES_SCOPE.search(block.text):
            doubts.append(
                f"{short(inline(block.text), 90)!r}: for which lines of business and states does the policy speak?"
            )
            account.doubtful(block.lines, doubts[-1])
    return tuple(doubts)


def listed_lines(text: str, block: Block, account: Account) -> tuple[Scope, tuple[str, ...]]:
    """The lines that a field of the header lists: the policy speaks for these alone."""
    doubts: list[str] = []
    if re.fullmatch(r"all(?: (?:lines?(?: of business)?|products?|plans?|members?))?\.?", text.strip(), re.IGNORECASE):
        account.taken(block.lines, "lines of business: all")
        return EVERYWHERE, ()
    inside = list(_named(text.replace(";", ","), block, account, doubts))
    return (EVERYWHERE if doubts else _scope(inside, [])), tuple(doubts)


def _scope(inside: Sequence[str], outside: Sequence[str]) -> Scope:
    out = tuple(dict.fromkeys(outside))
    kept = tuple(line for line in dict.fromkeys(inside) if line not in out)
    return Scope(kept or None, out) if kept or out else EVERYWHERE


def _ticked(block: Block, account: Account, inside: list[str], outside: list[str], doubts: list[str]) -> bool:
    """Take boxes that are ticked or empty, one a line; whether the block holds any."""
    found = False
    rows = [(" ".join(row.filled), row.lines) for row in block.rows]
    for text, lines in rows or [(part.text, (part.line,)) for part in block.parts]:
        if (match := _TICK.match(text)) is not None:
            found = True
            one = Block("paragraph", lines=tuple(lines))
            (outside if match["mark"] in _EMPTY else inside).extend(_named(match["name"], one, account, doubts))
    return found


_STATE_NAMES = dict(
    zip(
        ["alabama", "alaska", "arizona", "arkansas", "california", "colorado", "connecticut", "delaware", "florida", "georgia", "hawaii", "idaho", "illinois", "indiana", "iowa", "kansas", "kentucky", "louisiana", "maine", "maryland", "massachusetts", "michigan", "minnesota", "mississippi", "missouri", "montana", "nebraska", "nevada", "ohio", "oklahoma", "oregon", "pennsylvania", "tennessee", "texas", "utah", "vermont", "virginia", "washington", "wisconsin", "wyoming"],
        ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "OH", "OK", "OR", "PA", "TN", "TX", "UT", "VT", "VA", "WA", "WI", "WY"],
        strict=True,
    )
) | {
    "district of columbia": "DC",
    "new hampshire": "NH",
    "new jersey": "NJ",
    "new mexico": "NM",
    "new york": "NY",
    "north carolina": "NC",
    "north dakota": "ND",
    "puerto rico": "PR",
    "rhode island": "RI",
    "south carolina": "SC",
    "south dakota": "SD",
    "west virginia": "WV",
}  # fmt: skip


_NAMES_SCOPE = re.compile(
    r"\bappl(?:y|ies)\b[^.]*\b(?:"
    + "|".join((*(name.replace("_", " ") for name in LINES_OF_BUSINESS), *_STATE_NAMES, "states?"))
    + r")\b",
    re.IGNORECASE,
)


def states_in(text: str) -> tuple[str, ...]:
    """The states that a list names, and nothing but states; empty where anything else stands in it."""
    bare = re.sub(r"\b(?:the )?(?:states? of|following states?:?|members (?:in|of))\b", " ", text, flags=re.IGNORECASE)
    names = [" ".join(part.split()).strip(" .:") for part in re.split(r",\s*(?:and|or)?\s*|\s+(?:and|or)\s+|;", bare)]
    found = [_STATE_NAMES.get(name.casefold()) or (name if name in STATES else None) for name in names if name]
    return tuple(code for code in found if code) if found and all(found) else ()


def states_of(blocks: Sequence[Block], account: Account) -> Scope:
    """The states that the text takes out, or limits itself to."""
    outside: list[str] = []
    inside: list[str] = []
    for block in blocks:
        for pattern, found in ((_NOT_FOR, outside), (_ONLY_FOR, inside)):
            for match in pattern.finditer(block.text):
                states = states_in(match[1])
                if states:
                    account.taken(block.lines, f"states: {', '.join(states)}")
                found += states
    return _scope(inside, outside)


def _named(text: str, block: Block, account: Account, doubts: list[str]) -> Iterable[str]:
    for part in _PARTS.split(text):
        name = " ".join(_ABOUT.sub(" ", part).split())
        line = _line_named(name)
        if line is not None:
            account.taken(block.lines, f"lines of business: {line}")
            yield line
        elif name:
            doubts.append(f"the scope names {name!r}: which line of business is it?")
            account.doubtful(block.lines, doubts[-1])


_ABOUT = re.compile(
    r"\b(?:the|our|members?|plans?|products?|lines? of business|contracts?|any|program|enrollees|following|members of)\b|\([^)]*\)",
    re.IGNORECASE,
)
