"""Where the change falls and why, as sections of the page: kinds of change, tables by code and so on, single lines."""

from __future__ import annotations

from collections.abc import Iterator

from medpol.impact import charts
from medpol.impact.markup import both, more, table
from medpol.impact.tables import SHARE_TITLES, counted, example_words, money, share_words, turn_words, words
from medpol.impact.values import Breakdown, Example, Explained, Impact
from medpol.text.markup import harmless

_MOST = 15
"""Rows of a table that may be long; the rest is counted, and stands in CSV and JSON."""
_MOST_MONTHS = 36
_CHARTED = 8


def turns(impact: Impact) -> Iterator[str]:
    """The kinds of change, most dollars first."""
    if not impact.turns:
        return
    yield "<section>\n<h2>What changes into what</h2>"
    yield table(
        "Changed lines by the answer before and after",
        ("before", "after", "lines", "members", "allowed"),
        [
            (*turn_words(each), f"{each.lines:,}", f"{each.members:,}", money(each.allowed_amount))
            for each in impact.turns[:_MOST]
        ],
        texts=2,
    )
    yield from more(len(impact.turns) - _MOST, "kind")
    yield "</section>"


def breakdown(found: Breakdown) -> Iterator[str]:
    """One thing to go by: a chart, and the rows in which something changes."""
    title = SHARE_TITLES[found.name]
    if not found.rows or (len(found.rows) == 1 and found.rows[0].key is None and not found.rows[0].together):
        yield f'<section>\n<h2>{title}</h2>\n<p class="soft">No claim line says which.</p>\n</section>'
        return
    is_month = found.name == "month"
    changed = [each for each in found.rows if each.changed_lines]
    rows = changed[: _MOST_MONTHS if is_month else _MOST]
    yield f"<section>\n<h2>{title}</h2>"
    months = [each for each in found.rows if not each.together]
    if is_month and len(months) > 1 and any(each.reviews_before or each.reviews_after for each in months):
        pairs = [(share_words(each), each.reviews_before, each.reviews_after) for each in months]
        yield both(lambda width: charts.columns("Reviews by month of care, before and after", pairs, width))
    elif not is_month and len(changed) > 1:
        shown = [(share_words(each), each.changed_allowed) for each in changed[:_CHARTED]]
        yield both(
            lambda width: charts.bars(f"Allowed dollars that change, {title.lower()}", shown, width, charts.dollars)
        )
    if not changed:
        yield f'<p class="soft">Nothing changes in any of {len(found.rows):,}.</p>\n</section>'
        return
    yield table(
        f"Where final lines change, {title.lower()}",
        ("", "lines", "change", "members", "allowed, changed", "reviews before", "after", "waiting before", "after"),
        [
            (
                share_words(each),
                f"{each.final_lines:,}",
                f"{each.changed_lines:,}",
                f"{each.changed_members:,}",
                money(each.changed_allowed),
                f"{each.reviews_before:,}",
                f"{each.reviews_after:,}",
                f"{each.waiting_before:,}",
                f"{each.waiting_after:,}",
            )
            for each in rows
        ],
    )
    yield from more(len(changed) - len(rows), "row")
    yield "</section>"


def examples(impact: Impact) -> Iterator[str]:
    """The lines that are shown one by one."""
    if not impact.changed_lines:
        return
    yield "<section>\n<h2>Lines that change, and why</h2>"
    yield (
        f'<p class="soft">{counted(len(impact.examples), "line")} shown, the largest of every kind of change first; '
        f"{impact.unexplained:,} more are counted above.</p>"
    )
    yield from (_example(each) for each in impact.examples)
    yield "</section>"


def _example(each: Example) -> str:
    like = "the only line of its kind" if each.like_it == 1 else f"one of {each.like_it:,} that change like it"
    return (
        f'<div class="change"><p><strong>{harmless(example_words(each))}</strong> '
        f'<span class="soft small">{harmless(like)}</span></p>\n<div class="sides">'
        f"{_explained('Before', each.before)}{_explained('After', each.after)}</div></div>"
    )


def _explained(name: str, side: Explained) -> str:
    position = f", {words(side.position)}" if side.position else ""
    source = f"{side.policy} of {side.version}" if side.policy and side.version else side.policy or "no policy"
    rule = f", rule {side.rule}" if side.rule else ""
    authorization = f"<p>Authorisation {harmless(side.authorization)}.</p>" if side.authorization else ""
    quotes = "".join(
        f'<blockquote>{harmless(each.text)} <span class="soft small">{harmless(each.file)}:{each.line}</span></blockquote>'
        for each in side.sentences
    )
    return (
        f"<div><h4>{name}: {harmless(words(side.outcome) + position)}</h4><p>{harmless(side.reason)}</p>{authorization}{quotes}"
        f'<p class="soft small">{harmless(side.reason_key)}; {harmless(source + rule)}</p></div>'
    )
