"""An impact in words: the cross-table first, then reviews and their break-even, then where it falls and why."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from medpol.cli.output import Page, counted
from medpol.impact.tables import (
    band_words,
    example_words,
    headline,
    money,
    not_final_words,
    share_words,
    supposed,
    tables_of,
    turn_words,
    words,
)
from medpol.impact.values import OUTCOMES, Explained, Impact, Share, totals

_MOST = 10
"""Rows of a table; the rest is counted."""

_MOST_MONTHS = 24


def print_impact(page: Page, found: Impact) -> None:
    """The whole."""
    page.title(headline(found))
    page.line(supposed(found))
    read = found.read
    page.field("care", f"from {read.first_day} to {read.last_day}" if read.first_day else "none in the days asked for")
    page.field("known on", str(found.question.known_on))
    page.field(
        "compared",
        f"{counted(read.lines, 'line')}, {read.final_lines:,} of them final: {counted(read.members, 'member')}, "
        f"{money(read.allowed_amount)} allowed",
    )
    if read.rejected or read.outside:
        page.field(
            "not compared",
            f"{counted(read.rejected, 'row')} rejected, {counted(read.outside, 'line')} outside of the days",
        )
    if read.not_final:
        page.field("not final", not_final_words(read))
    _print_outcomes(page, found)
    _print_reviews(page, found)
    _print_turns(page, found)
    for breakdown in found.breakdowns:
        _print_shares(page, breakdown.name, breakdown.rows)
    _print_examples(page, found)
    page.blank()
    page.title("What claims cannot know")
    for said in found.cannot_know:
        page.line(f"- {said}", indent=2, hang=2)
    least = found.question.smallest_cell
    page.blank()
    page.line(
        "No count is hidden for being small; --smallest-cell 11 puts small groups together."
        if least is None
        else f"Groups of fewer than {least} members are put together; totals of the whole are shown."
    )
    page.line("Every answer is advice: no line is denied or paid here.")


def _figure(value: int) -> str:
    return f"{value:,}".rjust(9)


def _amount(value: Decimal) -> str:
    return money(value).rjust(15)


def _print_outcomes(page: Page, found: Impact) -> None:
    page.blank()
    page.title("Outcome before and after")
    order = {name: at for at, name in enumerate(OUTCOMES)}
    cells = sorted(
        found.outcomes,
        key=lambda each: (each.together > 0, order.get(each.before or "", 9), order.get(each.after or "", 9)),
    )
    page.table(
        ("lines", "members", "allowed", "before", "after"),
        [
            (
                _figure(each.lines),
                _figure(each.members),
                _amount(each.allowed_amount),
                f"{each.together} small cells" if each.together else words(each.before or ""),
                "together" if each.together else "the same" if each.before == each.after else words(each.after or ""),
            )
            for each in cells
        ],
    )
    before, after = (totals(found.outcomes, side) for side in ("before", "after"))
    page.blank()
    page.table(
        ("final lines", "before", "after"),
        [
            (words(name), _figure(before[name][0]), _figure(after[name][0]))
            for name in OUTCOMES
            if before[name][0] or after[name][0]
        ],
    )
    if found.otherwise_changed.lines:
        page.line(
            f"{counted(found.otherwise_changed.lines, 'line')} with the same outcome for another reason, at another "
            "position, or with another authorisation",
            indent=2,
        )


def _print_reviews(page: Page, found: Impact) -> None:
    page.blank()
    page.title("Reviews")
    page.line("A final line that somebody has to look at: not covered, refer, or authorisation required.", indent=2)
    table = next(each for each in tables_of(found) if each.name == "reviews")
    page.table(
        ("", "before", "after", "change"),
        [(str(name), *(_value(each) for each in values)) for name, *values in table.rows],
    )
    page.line(found.reviews.says, indent=2)
    if found.bands:
        page.blank()
        page.table(
            ("allowed amount of the line", "reviews before", "reviews after"),
            [(band_words(each), _figure(each.reviews_before), _figure(each.reviews_after)) for each in found.bands],
        )


def _value(value: object) -> str:
    if value is None:
        return ""
    return (money(value) if isinstance(value, Decimal) else f"{value:,}").rjust(14)


def _print_turns(page: Page, found: Impact) -> None:
    if not found.turns:
        return
    page.blank()
    page.title("What changes into what")
    for each in found.turns[:_MOST]:
        before, after = turn_words(each)
        page.line(
            f"{counted(each.lines, 'line')}, {counted(each.members, 'member')}, {money(each.allowed_amount)}: {before}"
            + (f" → {after}" if after else ""),
            indent=2,
            hang=4,
        )
    _print_more(page, len(found.turns) - _MOST)


def _print_shares(page: Page, name: str, rows: Sequence[Share]) -> None:
    if not rows or not any(each.changed_lines for each in rows):
        return
    changed = [each for each in rows if each.changed_lines]
    shown = changed[: _MOST_MONTHS if name == "month" else _MOST]
    page.blank()
    page.title(f"By {words(name)}")
    page.table(
        (words(name), "lines", "change", "members", "allowed, changed", "reviews before", "after"),
        [
            (
                share_words(each),
                _figure(each.final_lines),
                _figure(each.changed_lines),
                _figure(each.changed_members),
                _amount(each.changed_allowed),
                _figure(each.reviews_before),
                _figure(each.reviews_after),
            )
            for each in shown
        ],
    )
    _print_more(page, len(changed) - len(shown))


def _print_more(page: Page, count: int) -> None:
    if count > 0:
        page.line(f"and {count:,} more, in CSV and JSON", indent=2)


def _print_examples(page: Page, found: Impact) -> None:
    if not found.examples:
        return
    page.blank()
    page.title(f"Lines that change, and why: {len(found.examples)} shown, {found.unexplained:,} more counted")
    for each in found.examples:
        page.blank()
        page.line(f"{example_words(each)}; {counted(each.like_it, 'line')} like it", indent=2, hang=2)
        for name, side in (("before", each.before), ("after", each.after)):
            _print_side(page, name, side)


def _print_side(page: Page, name: str, side: Explained) -> None:
    position = f", {words(side.position)}" if side.position else ""
    source = f" ({side.policy} of {side.version})" if side.policy and side.version else ""
    rule = f", rule {side.rule}" if side.rule else ""
    page.field(f"  {name}", f"{words(side.outcome)}{position}: {side.reason_key}{source}{rule}", side.reason)
    for each in side.sentences:
        page.field("", f"“{each.text}” {each.file}:{each.line}")
