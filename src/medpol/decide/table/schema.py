"""The determinations table: one schema, two folders.

``policy/`` holds one row per claim line per source that names its code; ``line/`` holds one row per claim line, the
combined answer. Money stands on ``line`` rows only, so that no sum counts twice.
"""

from __future__ import annotations

import pyarrow as pa

_MONEY = pa.decimal128(12, 2)
_TEXTS = pa.list_(pa.string())

DETERMINATIONS = pa.schema(
    [
        ("data_source", pa.string()),
        ("claim_id", pa.string()),
        ("claim_line_number", pa.int32()),
        ("row_kind", pa.string()),
        ("date_of_service", pa.date32()),
        ("known_on", pa.date32()),
        ("line_of_business", pa.string()),
        ("member_contract", pa.string()),
        ("contract_given", pa.bool_()),
        ("code_system", pa.string()),
        ("code", pa.string()),
        ("source_kind", pa.string()),
        ("source_rank", pa.int16()),
        ("publisher", pa.string()),
        ("policy", pa.string()),
        ("policy_effective", pa.date32()),
        ("policy_published", pa.date32()),
        ("policy_hash", pa.string()),
        ("payer_label", pa.string()),
        ("coverage_position", pa.string()),
        ("outcome", pa.string()),
        ("reason_kind", pa.string()),
        ("reason_key", pa.string()),
        ("reason", pa.string()),
        ("criteria", pa.string()),
        ("unconditional", pa.bool_()),
        ("rule", pa.string()),
        ("met_bits", pa.list_(pa.int64())),
        ("unknown_bits", pa.list_(pa.int64())),
        ("criteria_not_met", _TEXTS),
        ("criteria_unknown", _TEXTS),
        ("cites", _TEXTS),
        ("missing_facts", _TEXTS),
        ("authorization_required", pa.bool_()),
        ("needs_review", pa.bool_()),
        ("group_code", pa.string()),
        ("carc", pa.string()),
        ("rarc_1", pa.string()),
        ("rarc_2", pa.string()),
        ("billed_amount", _MONEY),
        ("allowed_amount", _MONEY),
        ("paid_amount", _MONEY),
        ("at_risk_amount", _MONEY),
        ("final_status", pa.string()),
        ("diagnosis_scope", pa.string()),
        ("span_crosses_change", pa.bool_()),
        ("findings", _TEXTS),
        ("determination_id", pa.string()),
        ("plan_hash", pa.string()),
        ("engine_version", pa.string()),
    ]
)
"""Column, type, in the order in which they are written."""

VERDICT_COLUMNS = (
    "source_kind",
    "source_rank",
    "publisher",
    "policy",
    "policy_effective",
    "policy_published",
    "policy_hash",
    "payer_label",
    "coverage_position",
    "outcome",
    "reason_kind",
    "reason_key",
    "reason",
    "criteria",
    "unconditional",
    "rule",
    "criteria_not_met",
    "criteria_unknown",
    "cites",
    "missing_facts",
    "authorization_required",
    "needs_review",
    "group_code",
    "carc",
    "rarc_1",
    "rarc_2",
)
"""The columns that are the same for every line of a class."""

VERDICTS = pa.schema(
    [
        ("class", pa.int64()),
        ("place", pa.int16()),
        ("names_code", pa.bool_()),
        ("sources", pa.string()),
        ("unit", pa.int32()),
    ]
    + [DETERMINATIONS.field(name) for name in VERDICT_COLUMNS]
)
"""The answer of each class: place 0 is the line's own, from 1 on those of the sources. ``unit`` is that of the rule that
answered: its bits are those of each line."""
