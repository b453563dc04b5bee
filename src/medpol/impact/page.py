"""An impact as one HTML file: nothing loaded, no script, a table beside each chart, light, dark and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from medpol.impact import charts
from medpol.impact.falls import breakdown, examples, turns
from medpol.impact.markup import STYLE, both, signed, table
from medpol.impact.tables import band_words, counted, headline, money, not_final_words, supposed, tables_of, words
from medpol.impact.values import OUTCOMES, Impact, totals
from medpol.text.markup import harmless


def impact_page(impact: Impact) -> str:
    """The page, whole."""
    side = impact.question.after
    title = f"Impact of a draft of {side.policy}" if side.draft is not None else f"Impact of {side.policies}"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{harmless(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
        f"<h1>{harmless(title)}</h1>",
        f'<p class="lead">{harmless(headline(impact))}</p>',
        f'<p class="suppose">{harmless(supposed(impact))}</p>',
        f'<p class="soft">{harmless(_asked(impact))}</p>',
        *_figures(impact),
        *_limits(impact),
        *_outcomes(impact),
        *_reviews(impact),
        *turns(impact),
        *(part for each in impact.breakdowns for part in breakdown(each)),
        *examples(impact),
        *_foot(impact),
    ]
    return "\n".join((*parts, "</main>\n</body>\n</html>", ""))


def _asked(impact: Impact) -> str:
    asked, read = impact.question, impact.read
    days = f"Care from {read.first_day} to {read.last_day}" if read.first_day else "No care in the days asked for"
    return f"{days}; as known on {asked.known_on}. {counted(read.final_lines, 'final line')}, {counted(read.members, 'member')}, {money(read.allowed_amount)} allowed."


# ---------------------------------------------------------------------------- the first screen


def _figures(impact: Impact) -> Iterator[str]:
    changed, reviews = impact.outcome_changed, impact.reviews
    items = [
        (
            "Lines with another outcome",
            f"{changed.lines:,}",
            f"and {impact.otherwise_changed.lines:,} with another reason, position or authorisation",
        ),
        ("Members", f"{changed.members:,}", "with another outcome"),
        ("Allowed dollars", money(changed.allowed_amount), "of final lines with another outcome"),
        ("Reviews", signed(reviews.added_reviews), f"{reviews.before:,} before, {reviews.after:,} after"),
    ]
    if reviews.net is not None:
        name = "Lost by the change" if reviews.net < 0 else "Saved by the change"
        items.append((name, money(abs(reviews.net)), f"at {money(impact.question.review_cost)} a review"))
    items.append(
        ("Break-even review cost", "none" if reviews.break_even is None else money(reviews.break_even), "see Reviews")
    )
    yield '<dl class="figures">'
    for name, value, more in items:
        yield f"<div><dt>{harmless(name)}</dt><dd>{harmless(value)}<small>{harmless(more)}</small></dd></div>"
    yield "</dl>"


def _limits(impact: Impact) -> Iterator[str]:
    yield '<section class="limits">\n<h2>What claims cannot know</h2>\n<ul>'
    yield from (f"<li>{harmless(each)}</li>" for each in impact.cannot_know)
    yield "</ul>\n</section>"


# ---------------------------------------------------------------------------- sections


def _outcomes(impact: Impact) -> Iterator[str]:
    changed = [each for each in impact.outcomes if each.before != each.after]
    before, after = (totals(changed, side) for side in ("before", "after"))
    rows = [(words(name), before[name][0], after[name][0]) for name in OUTCOMES if before[name][0] or after[name][0]]
    yield "<section>\n<h2>Outcome before and after</h2>"
    if rows:
        yield "<p>Final lines whose outcome changes: what they had, and what they would get.</p>"
        yield both(lambda width: charts.pairs("Final lines whose outcome changes", rows, width))
    yield _matrix(impact)
    together = [each for each in impact.outcomes if each.together]
    for cell in together:
        yield f'<p class="small soft">{cell.together} cells of fewer than {impact.question.smallest_cell} members together: {cell.lines:,} lines, {money(cell.allowed_amount)}. They are in no total here.</p>'
    yield (
        '<p class="small soft">Every line that was compared is in one cell. Members and dollars are of final lines; '
        "information needed is an outcome of its own: such a line waits for facts, and is neither covered nor refused.</p>"
    )
    if impact.read.not_final:
        yield f'<p class="small soft">{harmless(not_final_words(impact.read))}</p>'
    yield "</section>"


def _matrix(impact: Impact) -> str:
    cells = {(each.before, each.after): each for each in impact.outcomes if not each.together}
    rows = [name for name in OUTCOMES if any(before == name for before, _ in cells)]
    names = [name for name in OUTCOMES if any(after == name for _, after in cells)]
    head = "".join(f'<th class="n" scope="col">{harmless(words(name))}</th>' for name in names)
    body = []
    for before in rows:
        inside = []
        for after in names:
            cell = cells.get((before, after))
            look = "n stays" if before == after else "n"
            if cell is None:
                inside.append(f'<td class="{look} none">–</td>')
            else:
                inside.append(
                    f'<td class="{look}">{cell.lines:,}<small>{counted(cell.members, "member")}</small>'
                    f"<small>{money(cell.allowed_amount)}</small></td>"
                )
        body.append(
            f'<tr><th scope="row">{harmless(words(before))}</th>{"".join(inside)}{_sum(impact, before, "before")}</tr>'
        )
    feet = "".join(_sum(impact, name, "after") for name in names)
    every = sum(each.lines for each in cells.values())
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Cross-table of outcomes"><table class="matrix">'
        "<caption>Lines by outcome before (rows) and after (columns), with their members and allowed dollars; what stays is tinted"
        f'</caption>\n<thead><tr><th scope="col">before \\ after</th>{head}<th class="n" scope="col">lines before</th></tr></thead>'
        f"<tbody>{''.join(body)}</tbody>"
        f'<tfoot><tr><th scope="row">lines after</th>{feet}<td class="n">{every:,}</td></tr></tfoot></table></div>'
    )


def _sum(impact: Impact, outcome: str, side: str) -> str:
    lines = sum(
        each.lines
        for each in impact.outcomes
        if not each.together and (each.before if side == "before" else each.after) == outcome
    )
    return f'<td class="n">{lines:,}</td>'


def _reviews(impact: Impact) -> Iterator[str]:
    found = impact.reviews
    costs = next(each for each in tables_of(impact) if each.name == "reviews")
    yield "<section>\n<h2>Reviews</h2>"
    yield (
        "<p>A review is a final line that somebody has to look at: a recommendation not to cover, a referral, or an "
        "authorisation that is required. A line that waits for facts is none: it is counted apart.</p>"
    )
    yield f'<p class="lead">{harmless(found.says)}</p>'
    if found.before or found.after:
        yield both(
            lambda width: charts.crossing(
                "What the change saves, by the cost of one review",
                found.no_longer_allowed,
                found.added_reviews,
                found.break_even,
                impact.question.review_cost,
                width,
            )
        )
    yield table(
        "Reviews and their cost",
        ("", "before", "after", "change"),
        [(str(name), *(_value(str(name), each) for each in values)) for name, *values in costs.rows],
    )
    yield (
        '<p class="small soft">Dollars not covered are the allowed amounts of lines recommended against: the most that the '
        "reviews can keep from being paid, since a person may decide otherwise. Lines that are referred are reviewed, and "
        "their dollars are not counted as kept.</p>"
    )
    if impact.bands:
        yield "<h3>Is it small amounts that are looked at?</h3>"
        rows = [
            (band_words(each).replace(" to under $", "\N{EN DASH}"), each.reviews_before, each.reviews_after)
            for each in impact.bands
        ]
        yield both(lambda width: charts.pairs("Reviews by the allowed amount of their line", rows, width))
        yield table(
            "Reviews by the allowed amount of their line",
            ("allowed amount", "reviews before", "reviews after", "allowed before", "allowed after"),
            [
                (
                    band_words(each),
                    f"{each.reviews_before:,}",
                    f"{each.reviews_after:,}",
                    money(each.allowed_before),
                    money(each.allowed_after),
                )
                for each in impact.bands
            ],
        )
    yield "</section>"


def _value(name: str, value: object) -> str:
    if value is None:
        return ""
    is_money = isinstance(value, Decimal) and not name.startswith("reviews")
    return money(value) if is_money and isinstance(value, Decimal) else f"{value:,}"


def _foot(impact: Impact) -> Iterator[str]:
    yield "<section>\n<h2>How this was made</h2>"
    for name in ("question", "read"):
        items = next(each for each in tables_of(impact) if each.name == name)
        yield f'<div class="scroll" tabindex="0" role="region" aria-label="{harmless(items.title)}"><table><caption>{harmless(items.title)}</caption><tbody>'
        for item, value in items.rows:
            shown = "" if value is None else f"{value:,}" if isinstance(value, (int, Decimal)) else str(value)
            look = ' class="hash"' if "hash" in str(item) or item == "sha256" else ""
            yield f'<tr><th scope="row">{harmless(str(item))}</th><td{look}>{harmless(shown)}</td></tr>'
        yield "</tbody></table></div>"
    least = impact.question.smallest_cell
    small = (
        "No count is hidden for being small."
        if least is None
        else f"Groups of fewer than {least} members are put together; totals of the whole are shown."
    )
    yield f'<p class="small soft">{small} Every answer is advice: no line is denied or paid here.</p>\n</section>'
