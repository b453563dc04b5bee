"""The members of a block: their spans in eligibility, and what is documented of some.

Members belong to one block, so a block can be made, joined and decided without any other.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from medpol.claims.synth.planting import FIRST_SPAN, PAYER
from medpol.claims.synth.rows import DOCUMENTED, SPANS, chosen, constant, day_number, days_of, numbered, where
from medpol.claims.synth.words import Words, below, happens, weighed

MEMBERS = 4096
"""Members of a block."""
_PLANS: tuple[tuple[int, str, str], ...] = (
    (45, "zz-commercial", "commercial"),
    (12, "zz-individual", "commercial"),
    (6, "zz-vermont", "commercial"),
    (6, "zz-ohio", "commercial"),
    (6, "zz-self-funded", "self-insured"),
    (3, "zz-booklet", "commercial"),
    (14, "zz-medicare-advantage", "medicare"),
    (6, "zz-medicaid", "medicaid"),
    (2, "zz-unlisted", "medicare"),
)
"""Weight, plan and payer type of the members. Individual is told by the plan alone: see the map."""
_GENDERS = ("female", "male", "unknown")


def member_ids(block: int, members: npt.NDArray[np.int64]) -> pa.Array:
    return numbered("ZZM", block * MEMBERS + members, 11)


def spans(words: Words) -> pa.Table:
    """Eligibility of the members of a block: most have one open span, some change their plan, some have a gap.

    One birth date in a hundred is missing.
    """
    members = np.arange(MEMBERS, dtype=np.int64)
    draw = words.draw
    plan = weighed(draw(101, MEMBERS), [weight for weight, _, _ in _PLANS])
    other = weighed(draw(102, MEMBERS), [weight for weight, _, _ in _PLANS])
    birth = day_number(date(1935, 1, 1)) + below(draw(103, MEMBERS), 365 * 80).astype(np.int64)
    is_born = ~happens(draw(104, MEMBERS), Fraction(1, 100))
    gender = weighed(draw(105, MEMBERS), (52, 47, 1))
    changes = happens(draw(106, MEMBERS), Fraction(1, 10))
    change = day_number(date(2021, 1, 1)) + below(draw(107, MEMBERS), 1_000).astype(np.int64)
    gap = below(draw(108, MEMBERS), 90).astype(np.int64) * happens(draw(109, MEMBERS), Fraction(1, 4))
    is_late = happens(draw(110, MEMBERS), Fraction(1, 5))
    start = np.where(
        is_late,
        day_number(date(2019, 1, 1)) + below(draw(111, MEMBERS), 700).astype(np.int64),
        day_number(date.fromisoformat(FIRST_SPAN)),
    )
    who = {
        "member_id": member_ids(words.block, members),
        "payer": constant(PAYER, MEMBERS),
        "birth_date": where(is_born, days_of(birth)),
        "gender": chosen(_GENDERS, gender),
        "first_name": constant("INVENTED", MEMBERS),
        "last_name": numbered("MEMBER ", words.block * MEMBERS + members, 11),
    }
    first = (
        who
        | _plan_cells(plan)
        | {
            "enrollment_start_date": days_of(start),
            "enrollment_end_date": where(changes, days_of(change - 1)),
        }
    )
    second = (
        who
        | _plan_cells(other)
        | {
            "enrollment_start_date": days_of(change + gap),
            "enrollment_end_date": pa.nulls(MEMBERS, pa.date32()),
        }
    )
    return pa.concat_tables([_spans_table(first), _spans_table(second).filter(pa.array(changes))])


def _plan_cells(plan: npt.NDArray[np.intp]) -> dict[str, pa.Array]:
    return {
        "plan": chosen([name for _, name, _ in _PLANS], plan),
        "payer_type": chosen([kind for _, _, kind in _PLANS], plan),
    }


def _spans_table(cells: dict[str, pa.Array]) -> pa.Table:
    return pa.table([cells.get(each.name, pa.nulls(MEMBERS, each.type)) for each in SPANS], schema=SPANS)


def facts(words: Words) -> pa.Table:
    """What is documented of some members of a block: how long exercises were tried, and whether they failed."""
    draw = words.draw
    members = np.arange(MEMBERS, dtype=np.int64)
    is_tried, is_told = happens(draw(121, MEMBERS), Fraction(1, 5)), happens(draw(122, MEMBERS), Fraction(1, 5))
    day = days_of(day_number(date(2019, 1, 1)) + below(draw(123, MEMBERS), 1_500).astype(np.int64))
    weeks = pa.array(below(draw(124, MEMBERS), 16).astype(np.int64)).cast(pa.string())
    failed = chosen(("yes", "no"), below(draw(125, MEMBERS), 2).astype(np.intp))

    def table(name: str, value: pa.Array, unit: str | None, kept: npt.NDArray[np.bool_]) -> pa.Table:
        cells = {
            "member_id": member_ids(words.block, members),
            "name": constant(name, MEMBERS),
            "value": value,
            "unit": constant(unit, MEMBERS),
            "observed_on": day,
            "source": constant("record", MEMBERS),
        }
        columns = [cells.get(each.name, pa.nulls(MEMBERS, each.type)) for each in DOCUMENTED]
        return pa.table(columns, schema=DOCUMENTED).filter(pa.array(kept))

    return pa.concat_tables(
        [table("exercises.duration", weeks, "weeks", is_tried), table("exercises.failed", failed, None, is_told)]
    )
