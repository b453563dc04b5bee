"""The days of service that a published block speaks for: "on or after", "before", "effective", each side as it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from medpol.ingest.chronicle import Printed, dates_in
from medpol.model.dates import ONE_DAY

_OPENS = re.compile(
    r"(?:(?:this (?:policy|section) (?:is )?)?(?:effective|applies|coverage|policy)?\W*(?:for|to)?\W*(?:(?:claims|services?) with )?"
    r"(?:dates? of services?|services? (?:performed|provided|rendered))|(?:policy )?effective|prior to|before|on or (?:after|before)|after|from|between|until|through)\b",
    re.IGNORECASE,
)
_LEFT_OVER = re.compile(
    r"\b(?:effective|for|dates?|of|services?|the|policy|coverage|criteria|statement|claims|with|performed|provided|rendered|on|or|after|before|prior|to|until|through|"
    r"between|and|from|beginning|starting|this|section|applies|is|only|inclusive|dos)\b|[\W_]",
    re.IGNORECASE,
)
_SIDES: tuple[tuple[str, str], ...] = (
    ("from", r"on (?:or|and) after|on/after|and after|and later|beginning(?: on)?|starting(?: on)?"),
    ("to", r"on (?:or|and) before|on/before|through|until and including|up to and including"),
    ("before", r"before|prior to|until"),
    ("after", r"after"),
    ("from", r"from|between|effective(?: date)?|on|for"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Branch:
    """A block's days: ``line`` as the notation spells them; ``question`` in place of it where a date states no day.

    ``start`` and ``end`` are the stated days, ``starts_after`` and ``ends_before`` whether they leave their day out.
    """

    words: str
    line: str = ""
    question: str = ""
    start: date | None = None
    end: date | None = None
    starts_after: bool = False
    ends_before: bool = False


def branch_of(text: str, pivot: int) -> Branch | None:
    """The days that a heading or a lone line gives to what stands below it, or ``None`` where it gives none."""
    words = " ".join(text.split()).strip(" :*")
    dates = dates_in(words, pivot)
    if not 1 <= len(dates) <= 2 or len(words) > 140 or _OPENS.match(words) is None:
        return None
    rest = words
    for printed in reversed(dates):
        rest = rest[: printed.start] + rest[printed.end :]
    if _LEFT_OVER.sub("", rest):
        return None
    return _branch(words, dates)


def _branch(words: str, dates: tuple[Printed, ...]) -> Branch:
    if any(printed.stated is None or printed.stated.day is None for printed in dates):
        return Branch(words, question=f"the date of service is one of those that {words!r} means")
    sides, last = [], 0
    for at, printed in enumerate(dates):
        behind = words[printed.end :] if at + 1 == len(dates) else ""
        side = _side(words[last : printed.start], behind)
        sides.append("to" if at == 1 and side == "from" else side)
        last = printed.end
    days = [printed.stated.day for printed in dates if printed.stated is not None and printed.stated.day is not None]
    made = Branch(words, " ".join(f"{side} {day}" for side, day in zip(sides, days, strict=True)))
    found: dict[str, object] = {}
    for side, day in zip(sides, days, strict=True):
        if side in ("from", "after"):
            found |= {"start": day, "starts_after": side == "after"}
        else:
            found |= {"end": day, "ends_before": side == "before"}
    if len(days) == 2 and ("start" not in found or "end" not in found or days[0] > days[1]):
        return Branch(words, question=f"the date of service is one of those that {words!r} means")
    return Branch(made.words, made.line, "", **found)  # type: ignore[arg-type]


def _side(before: str, behind: str) -> str:
    """Which side of a date is meant: the words behind it ("and after") outrank those before."""
    for text, pattern in ((behind, r"^\W*(?:{})\b"), (before, r"\b(?:{})\W*$")):
        for side, words in _SIDES:
            if re.search(pattern.format(words), text, re.IGNORECASE):
                return side
    return next((side for side, words in _SIDES if re.search(rf"\b(?:{words})\b", before, re.IGNORECASE)), "from")


def boundary_doubts(branches: Iterable[Branch]) -> tuple[str, ...]:
    """The questions that dated blocks raise together: a day at a boundary that stands in no block, or in two."""
    dated = list(dict.fromkeys(branch for branch in branches if branch.line))
    doubts = []
    for early in dated:
        for late in dated:
            if early is late or early.end is None or late.start is None:
                continue
            last = early.end - ONE_DAY if early.ends_before else early.end
            first = late.start + ONE_DAY if late.starts_after else late.start
            if first - last == 2 * ONE_DAY:
                day = first - ONE_DAY
                doubts.append(
                    f"{day} stands in neither block: (1) it belongs to {early.words!r}; (2) it belongs to {late.words!r}: which is meant?"
                )
            elif first == last:
                doubts.append(
                    f"{first} stands in two blocks: (1) it belongs to {early.words!r}; (2) it belongs to {late.words!r}: which is meant?"
                )
    return tuple(dict.fromkeys(doubts))
