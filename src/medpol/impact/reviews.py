"""Reviews before and after, what they cost, and the cost of one review at which the change pays for itself."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import duckdb

from medpol.impact.counting import one_row
from medpol.impact.sql import IS_REVIEW
from medpol.impact.values import Reviews

_CENT = Decimal("0.01")


def reviews_of(engine: duckdb.DuckDBPyConnection, cost: Decimal | None) -> Reviews:
    """The reviews of final lines."""
    before, after = (IS_REVIEW.format(side=side) for side in ("before", "after"))
    under = "NULL" if cost is None else str(cost)
    counts = one_row(
        engine,
        f"""SELECT count(*) FILTER ({before}) AS before, count(*) FILTER ({after}) AS after,
            count(*) FILTER ({after} AND NOT {before}) AS added, count(*) FILTER ({before} AND NOT {after}) AS saved,
            count(DISTINCT (data_source, claim_id)) FILTER ({before}) AS claims_before,
            count(DISTINCT (data_source, claim_id)) FILTER ({after}) AS claims_after,
            coalesce(sum(allowed_amount) FILTER ({before}), 0) AS allowed_before,
            coalesce(sum(allowed_amount) FILTER ({after}), 0) AS allowed_after,
            count(*) FILTER (before_outcome = 'information_needed') AS waiting_before,
            count(*) FILTER (after_outcome = 'information_needed') AS waiting_after,
            coalesce(sum(allowed_amount) FILTER (before_outcome = 'not_covered'), 0) AS not_covered_before,
            coalesce(sum(allowed_amount) FILTER (after_outcome = 'not_covered'), 0) AS not_covered_after,
            count(*) FILTER ({before} AND allowed_amount < {under}) AS under_cost_before,
            count(*) FILTER ({after} AND allowed_amount < {under}) AS under_cost_after
            FROM compared WHERE is_final""",
    )
    if cost is None:
        counts |= {"under_cost_before": None, "under_cost_after": None}
    reviews = counts["after"] - counts["before"]
    dollars = counts["not_covered_after"] - counts["not_covered_before"]
    return Reviews(
        **counts,
        cost_before=None if cost is None else cost * counts["before"],
        cost_after=None if cost is None else cost * counts["after"],
        net=None if cost is None else dollars - cost * reviews,
        break_even=break_even(reviews, dollars),
        says=break_even_words(reviews, dollars),
    )


def break_even(reviews: int, dollars: Decimal) -> Decimal | None:
    """The cost of one review at which added reviews cost what they keep from being allowed, to the cent.

    ``None`` where no cost does: the number of reviews stays, or one of the two grows while the other falls.
    """
    if reviews == 0 or (dollars / reviews) < 0:
        return None
    return (dollars / reviews).quantize(_CENT, ROUND_HALF_EVEN)


def break_even_words(reviews: int, dollars: Decimal) -> str:
    """What the break-even says, in a sentence."""
    cost = break_even(reviews, dollars)
    amount = f"${abs(dollars):,.2f}"
    if reviews == 0:
        if dollars == 0:
            return "Neither the number of reviews nor the dollars not covered change: the cost of a review does not matter."
        return f"The number of reviews stays, and {amount} {'more' if dollars > 0 else 'less'} are not covered: the cost of a review does not matter."
    many = f"{abs(reviews):,} {'review' if abs(reviews) == 1 else 'reviews'}"
    if cost is None:
        if reviews > 0:
            return f"{many} more, and {amount} less are not covered: the change costs more at any cost of a review."
        return f"{many} fewer, and {amount} more are not covered: the change saves at any cost of a review."
    if reviews > 0:
        return (
            f"{many} more keep {amount} from being allowed: worth it while a review costs less than ${cost:,.2f}, "
            "a loss where it costs more."
        )
    return (
        f"{many} fewer let {amount} be allowed: worth it where a review costs more than ${cost:,.2f}, "
        "a loss where it costs less."
    )
