"""What claims say of the policy under review, from its impact: the only module of the room that needs the extra `claims`."""

from __future__ import annotations

from medpol.impact import Impact
from medpol.model.codes import pattern_shown
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.renewal.values import OfCode, Volume


def volume_of(impact: Impact, version: PolicyVersion) -> Volume:
    """The final lines of the codes that a version governs: nobody else's lines are among them."""
    governed = {
        pattern_shown(row.system, row.pattern)
        for row in version.code_rows
        if row.pattern is not None and row.role is CodeRole.GOVERNED
    }
    shares = next((each.rows for each in impact.breakdowns if each.name == "code"), ())
    return Volume(
        impact.read.first_day,
        impact.read.last_day,
        tuple(
            OfCode(each.key, each.final_lines, each.not_covered_before, each.waiting_before, each.reviews_before)
            for each in shares
            if each.key is not None and each.key in governed
        ),
        impact.changed_lines,
        impact.cannot_know,
    )
