"""The SQL that sets two answers of each line side by side; one text, whatever the plans say."""

from __future__ import annotations

SIDES = ("before", "after")
_ANSWERED = (
    "outcome",
    "reason_key",
    "reason",
    "coverage_position",
    "authorization_required",
    "needs_review",
    "policy",
    "policy_effective",
    "rule",
)
ANSWER = ", ".join(("line_id", "line_of_business", "member_contract", *_ANSWERED))
"""What is kept of a line's answer."""

IS_REVIEW = "(coalesce({side}_needs_review, false) OR coalesce({side}_authorization_required, false))"
"""A line that a person has to look at: a recommendation against coverage, a referral, or authorisation to be given."""

_SAME = ("outcome", "reason_key", "coverage_position", "authorization_required")

COMPARED = f"""
SELECT l.line_id, l.data_source, l.claim_id, l.claim_line_number, l.date_of_service, l.member_id, l.code_system, l.code,
    l.billing_npi, l.rendering_npi, l.plan, coalesce(b.line_of_business, a.line_of_business) AS line_of_business,
    strftime(l.date_of_service, '%Y-%m') AS month, l.final_status, l.final_status = 'final' AS is_final,
    l.allowed_amount, l.history_complete_from, b.member_contract IS NOT NULL AS has_contract,
    {", ".join(f"{at}.{name} AS {side}_{name}" for side, at in (("before", "b"), ("after", "a")) for name in _ANSWERED)},
    b.outcome <> a.outcome AS is_outcome_changed,
    {" OR ".join(f"b.{name} IS DISTINCT FROM a.{name}" for name in _SAME)} AS is_changed
FROM part_lines l JOIN before_rows b USING (line_id) JOIN after_rows a USING (line_id)
ORDER BY l.line_id
"""
