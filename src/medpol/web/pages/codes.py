"""Many codes pasted at once: whether each is valid that day, which policies name it, and which of them is no code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings import CodeShown, position_said, show_codes
from medpol.web.asof import general_bar
from medpol.web.chips import STATUSES
from medpol.web.pages.code import span_on
from medpol.web.pages.page import Content, Page, Visit, csv_bytes
from medpol.web.problems import Problem, Refused, bad_request

MOST_CODES = 10_000
_BETWEEN = re.compile(r"[\r\n,;]+")
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One pasted code on one policy, or on none."""

    given: str
    system: str | None
    code: str | None
    state: str
    says: str
    policy: str | None
    title: str | None
    status: str | None
    first_day: date | None
    last_day: date | None
    positions: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is no code, as it was pasted, and what keeps it from being one."""

    given: str
    why: str


@dataclass(frozen=True, slots=True)
class ManyCodes:
    """``count`` is of different codes pasted; ``malformed`` are those that have the shape of none, and why."""

    date_of_service: date
    known_on: date
    count: int
    malformed: tuple[Malformed, ...]
    rows: tuple[CodeRow, ...]


def find_codes(visit: Visit) -> Content:
    text = "" if visit.form is None else visit.form.get("codes", "")
    given = list(dict.fromkeys(_pasted(text)))
    if len(given) > MOST_CODES:
        raise Refused(
            Problem(413, f"{len(given):,} codes", f"at most {MOST_CODES:,} at a time", "paste them in parts", "codes")
        )
    if visit.form is not None and not given:
        raise bad_request("codes", "no code was pasted", f"1 to {MOST_CODES:,} codes, one a line or with commas")
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    found = show_codes(visit.served.opened, given, day, known_on, that_day_only=True).codes
    rows = tuple(row for shown in found for row in _rows(shown, day))
    malformed = tuple(Malformed(each.given, _why(each.given)) for each in found if each.state == "malformed")
    value = ManyCodes(day, known_on, len(given), malformed, rows)
    bar = general_bar(visit.as_of, "/codes", {})
    return Content("Codes", "/codes", value, bar, dressed={"pasted": text, "statuses": STATUSES})


def _pasted(text: str) -> Iterator[str]:
    """The codes that were pasted. What stands between two commas is several codes where each of its words holds a digit;
    else it is one entry, so that a sentence is told as what it is and not word by word."""
    for part in _BETWEEN.split(text):
        words = part.split()
        if all(any(sign.isdigit() for sign in word) for word in words):
            yield from words
        else:
            entry = " ".join(words)
            yield entry if len(entry) <= _LONGEST else entry[: _LONGEST - 1] + "…"


def _why(given: str) -> str:
    """What keeps a text from being a code."""
    if " " in given:
        return "words: give each code alone, on its line or between commas"
    if given.isascii() and given.isdigit():
        return f"{len(given)} digit{'' if len(given) == 1 else 's'}: CPT has five, a revenue code four, an NDC eleven"
    if strange := sorted({each for each in given if not (each.isascii() and each.isalnum()) and each not in ".-"}):
        return f"no code holds {' '.join(strange)}"
    if not any(each.isdigit() for each in given):
        return "letters alone, and no policy names it as a code of its own"
    return "the shape of no code system: HCPCS is a letter and four digits, ICD-10-CM a letter, a digit and up to five more"


def _rows(shown: CodeShown, day: date) -> list[CodeRow]:
    if not shown.policies:
        says = _why(shown.given) if shown.state == "malformed" else shown.says
        return [CodeRow(shown.given, shown.system, shown.code, shown.state, says, *(None,) * 5, "")]
    found = []
    for by in shown.policies:
        span = span_on(by, day)
        said = "" if span is None else "; ".join(map(position_said, span.positions)) or span.role or "archived"
        first, last = (None, None) if span is None else (span.first_day, span.last_day)
        found.append(
            CodeRow(
                shown.given,
                shown.system,
                shown.code,
                shown.state,
                shown.says,
                by.policy,
                by.title,
                by.status,
                first,
                last,
                said,
            )
        )
    return found


def _codes_csv(visit: Visit, content: Content) -> bytes:
    value: ManyCodes = content.value
    heads = (
        "given",
        "system",
        "code",
        "state",
        "says",
        "policy",
        "title",
        "status",
        "first_day",
        "last_day",
        "positions",
    )
    return csv_bytes(heads, ([getattr(row, head) for head in heads] for row in value.rows))


CODES = Page("/codes", "codes.html", find_codes, twins={".csv": _codes_csv}, posts=True)
