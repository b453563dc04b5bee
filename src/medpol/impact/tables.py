"""An impact as plain tables, each with a name: what CSV writes, and what the page and the terminal print."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from medpol.impact.values import Band, Cell, Example, Explained, Impact, Read, Share, Turn

Value = str | int | Decimal | date | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHARE_TITLES = {
    "code": "By code",
    "billing_provider": "By billing provider",
    "rendering_provider": "By rendering provider",
    "plan": "By plan",
    "line_of_business": "By line of business",
    "month": "By month of care",
}
NAMES = ("question", "read", "outcomes", "turns", "reviews", "bands", *SHARE_TITLES, "examples", "cannot_know")
"""The tables that an impact has, in the order in which they are written."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under names of columns. ``titles`` are the same names for a person."""

    name: str
    title: str
    columns: tuple[str, ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def tables_of(impact: Impact) -> tuple[Table, ...]:
    """All tables, in the order of ``NAMES``."""
    return (
        _table("question", "What was asked", ("item", "value"), _question(impact)),
        _table("read", "What was read", ("item", "value"), _read(impact)),
        _table("outcomes", "Outcome before and after", *_of(Cell, impact.outcomes)),
        _table("turns", "Kinds of change", *_of(Turn, impact.turns)),
        _table("reviews", "Reviews and their cost", ("item", "before", "after", "change"), _reviews(impact)),
        _table("bands", "Reviews by the allowed amount of their line", *_of(Band, impact.bands)),
        *(
            _table(each.name, SHARE_TITLES[each.name], *_of(Share, each.rows, key=each.name))
            for each in impact.breakdowns
        ),
        _table("examples", "Lines that changed", *_examples(impact)),
        _table("cannot_know", "What claims cannot know", ("says",), [(each,) for each in impact.cannot_know]),
    )


def as_csv(tables: Sequence[Table]) -> str:
    """The tables one after the other, an empty line between: a line with ``table`` and its name, columns, rows.

    One table alone is written without its name, so that a spreadsheet reads it as it is. A text that a spreadsheet would
    take for a formula gets a ``'`` before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for at, table in enumerate(tables):
        if len(tables) > 1:
            if at:
                out.write("\n")
            writer.writerow(("table", table.name))
        writer.writerow(table.columns)
        writer.writerows([_cell(each) for each in row] for row in table.rows)
    return out.getvalue()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    words = value.replace("\r", " ")  # a reader of CSV may end the row there
    return f"'{words}" if value.startswith(_FORMULA) else words


def _table(name: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Table:
    return Table(name, title, tuple(columns), tuple(map(words, columns)), tuple(map(tuple, rows)))


def words(name: str) -> str:
    """A name of a column or an outcome as a person writes it."""
    return name.replace("_", " ")


def _of(kind: type[Any], rows: Sequence[Any], key: str = "") -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """A row for each value, a column for each of its fields."""
    names = tuple(each.name for each in fields(kind))
    return tuple(key if key and name == "key" else name for name in names), [
        tuple(getattr(row, name) for name in names) for row in rows
    ]


# ---------------------------------------------------------------------------- tables of items


def _question(impact: Impact) -> list[tuple[str, Value]]:
    asked = impact.question
    rows: list[tuple[str, Value]] = []
    for name, side in (("before", asked.before), ("after", asked.after)):
        rows += [(f"policies {name}", side.policies), (f"plan hash {name}", side.plan_hash)]
        if side.draft is not None:
            replaced = ", ".join(map(str, side.in_place_of)) or "none"
            rows += [
                ("draft", side.draft),
                ("draft hash", side.draft_hash),
                ("draft of policy", side.policy),
                ("supposed archived from" if side.is_archive else "supposed in force from", side.in_force_from),
                ("in place of versions from", replaced),
            ]
    rows += [
        ("known on", asked.known_on),
        ("care from", asked.first_day),
        ("care to", asked.last_day),
        ("cost of a review", asked.review_cost),
        ("smallest cell", asked.smallest_cell),
    ]
    for each in asked.inputs:
        rows += [("history" if each.is_history else "claims", each.path), ("sha256", each.sha256)]
    return [(name, value) for name, value in rows if value is not None]


def _read(impact: Impact) -> list[tuple[str, Value]]:
    read, changed, otherwise = impact.read, impact.outcome_changed, impact.otherwise_changed
    return [
        ("rows read", read.rows),
        ("rows rejected", read.rejected),
        ("lines outside of the days asked for", read.outside),
        ("lines compared", read.lines),
        *((f"lines {each.final_status}, in no dollars", each.lines) for each in read.not_final),
        ("final lines", read.final_lines),
        ("members of final lines", read.members),
        ("allowed dollars of final lines", read.allowed_amount),
        ("final lines without an allowed amount", read.allowed_missing),
        ("final lines allowed at 0", read.allowed_zero),
        ("final lines without a member", read.without_member),
        ("first day of care", read.first_day),
        ("last day of care", read.last_day),
        ("lines whose outcome changes", changed.lines),
        ("final lines whose outcome changes", changed.final_lines),
        ("members whose outcome changes", changed.members),
        ("allowed dollars whose outcome changes", changed.allowed_amount),
        ("lines whose outcome stays and whose reason, position or authorisation changes", otherwise.lines),
        ("allowed dollars of these", otherwise.allowed_amount),
    ]


def _reviews(impact: Impact) -> list[tuple[str, Value, Value, Value]]:
    found = impact.reviews

    def change(name: str, before: int | Decimal | None, after: int | Decimal | None) -> tuple[str, Value, Value, Value]:
        return name, before, after, None if before is None or after is None else after - before

    rows = [
        change("reviews, in lines", found.before, found.after),
        ("reviews added", None, None, found.added),
        ("reviews saved", None, None, found.saved),
        change("claims that hold them", found.claims_before, found.claims_after),
        change("allowed dollars under review", found.allowed_before, found.allowed_after),
        change("allowed dollars not covered", found.not_covered_before, found.not_covered_after),
        change("lines that wait for facts", found.waiting_before, found.waiting_after),
        change("reviews of lines allowed less than one costs", found.under_cost_before, found.under_cost_after),
        change("cost of the reviews", found.cost_before, found.cost_after),
        ("saved by the change at that cost", None, None, found.net),
        ("break-even cost of a review", None, None, found.break_even),
    ]
    return [row for row in rows if any(value is not None for value in row[1:])]


_SIDE = tuple(each.name for each in fields(Explained) if each.name != "sentences")
_LINE = ("data_source", "claim_id", "claim_line_number", "member_id", "date_of_service")


def _examples(impact: Impact) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    own = ("code_system", "code", "month", "allowed_amount", "final_status", "like_it")
    line = _LINE if impact.question.with_lines else ()
    columns = (*line, *own, *(f"{name}_{side}" for side in ("before", "after") for name in (*_SIDE, "sentences")))
    return columns, [
        (
            *(getattr(each, name) for name in (*line, *own)),
            *(value for side in (each.before, each.after) for value in _explained(side)),
        )
        for each in impact.examples
    ]


def _explained(side: Explained) -> list[Value]:
    cited = " | ".join(f"{each.file}:{each.line} {each.text}" for each in side.sentences)
    return [*(getattr(side, name) for name in _SIDE), cited or None]


# ---------------------------------------------------------------------------- words that every rendering uses


def money(amount: Decimal | None) -> str:
    """An amount as a person writes it."""
    if amount is None:
        return ""
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def headline(impact: Impact) -> str:
    """The whole in a sentence."""
    changed = impact.outcome_changed
    if not impact.changed_lines:
        return f"Nothing changes for {counted(impact.read.lines, 'claim line')}."
    return f"{changed.lines:,} of {counted(impact.read.lines, 'claim line')} would get another outcome: {counted(changed.members, 'member')}, {money(changed.allowed_amount)} allowed."


def supposed(impact: Impact) -> str:
    """What the what-if supposes."""
    side = impact.question.after
    if side.draft is None:
        return f"Every line is answered by {impact.question.before.policies}, and again by {side.policies}."
    what = "archived" if side.is_archive else "in force"
    place = f", in place of the versions from {', '.join(map(str, side.in_place_of))}" if side.in_place_of else ""
    return (
        f"Supposed: {side.draft} is published and {what} from {side.in_force_from} on{place}; earlier care is answered as "
        "before. It is a draft: nothing of it holds."
    )


def not_final_words(read: Read) -> str:
    """What is said of the lines that are not final."""
    each = ", ".join(f"{status.lines:,} {status.final_status}" for status in read.not_final)
    return (
        f"{counted(sum(status.lines for status in read.not_final), 'line')} not final ({each}): answered, in the cells "
        "above as lines, and left out of members, dollars and reviews."
    )


def band_words(band: Band) -> str:
    if band.together:
        return f"{band.together} small bands together"
    if band.at_least is None and band.under is None:
        return "no allowed amount"
    if band.at_least is None:
        return "negative"
    return f"${band.at_least:,} or more" if band.under is None else f"${band.at_least:,} to under ${band.under:,}"


def share_words(share: Share) -> str:
    if share.together:
        return f"{share.together} small groups together"
    return share.key or "none stated"


def example_words(each: Example) -> str:
    """A line that changed, in a phrase; its key and its member only where the impact holds them."""
    code = " ".join(part for part in (each.code_system, each.code) if part) or "no service code"
    amount = "no allowed amount" if each.allowed_amount is None else f"{money(each.allowed_amount)} allowed"
    key = "" if each.claim_id is None else f"{each.data_source}/{each.claim_id}/{each.claim_line_number}: "
    of = "" if each.member_id is None else f", member {each.member_id}"
    status = "" if each.final_status == "final" else f", {each.final_status}"
    return f"{key}{code}, {each.date_of_service or each.month}, {amount}{of}{status}"


def turn_words(turn: Turn) -> tuple[str, str]:
    """A kind of change in words: the answer before, the answer after."""
    if turn.together:
        return f"{turn.together} small kinds together", ""
    return (
        _answer(turn.outcome_before, turn.position_before, turn.reason_before, turn.authorization_before),
        _answer(turn.outcome_after, turn.position_after, turn.reason_after, turn.authorization_after),
    )


def _answer(outcome: str | None, position: str | None, reason: str | None, authorization: str | None) -> str:
    parts = [words(outcome or ""), *([words(position)] if position else []), reason or ""]
    return ", ".join((*parts, *([f"authorisation {authorization}"] if authorization else [])))
