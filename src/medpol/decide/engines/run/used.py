"""The column ``facts_used`` of ``--detail full``: the documented facts that the rule which answered reads.

Of each fact the latest by ``observed_on`` on or before the day of service, known by then, as the decision itself takes it;
two values of one day that disagree are none.
"""

from __future__ import annotations

import pyarrow as pa

from medpol.decide.one import Desk
from medpol.decide.rows import LiteralKind
from medpol.decide.table.lines import facts_of
from medpol.decide.table.schema import DETERMINATIONS

TYPE = "STRUCT(name VARCHAR, value VARCHAR, source VARCHAR, observed_on DATE)[]"
_AFTER = "missing_facts"
_AT = DETERMINATIONS.names.index(_AFTER) + 1
COLUMNS: tuple[str, ...] = (*DETERMINATIONS.names[:_AT], "facts_used", *DETERMINATIONS.names[_AT:])
"""The columns of both folders, in the order in which they are written."""

RULE_FACTS = "rule_facts"


def rule_facts(desk: Desk) -> pa.Table:
    """Which documented facts each rule reads, by the content of its version and its name."""
    rows = {
        (version.row.policy, version.row.content_hash, rule.name, name)
        for versions in desk.versions.values()
        for version in versions
        for rule in version.row.rules
        for literal in rule.literals
        if literal.kind is not LiteralKind.QUESTION
        for name in facts_of(literal)
        if name in desk.declared
    }
    names = ("policy", "policy_hash", "rule", "name")
    columns = list(zip(*sorted(rows), strict=True)) or [()] * len(names)
    return pa.table({name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)})


def with_facts_used(relation: str) -> str:
    """SQL that makes ``facts_of_rows`` for the rows of a relation."""
    return f"""
CREATE OR REPLACE TEMP TABLE facts_of_rows AS
WITH asked AS (SELECT DISTINCT line_id, known_on, policy, policy_hash, rule FROM {relation} WHERE rule IS NOT NULL),
seen AS (
    SELECT a.line_id, a.policy, a.policy_hash, a.rule, f.name,
        f.value || coalesce(' ' || f.unit, '') AS value, f.source, f.observed_on,
        rank() OVER (PARTITION BY a.line_id, a.policy, a.policy_hash, a.rule, f.name ORDER BY f.observed_on DESC) AS place
    FROM asked a
    JOIN {RULE_FACTS} n USING (policy, policy_hash, rule)
    JOIN part_lines p ON p.line_id = a.line_id
    JOIN facts f ON f.member_id = p.member_id AND f.name = n.name
    WHERE f.observed_on <= p.date_of_service AND (f.recorded_on IS NULL OR f.recorded_on <= a.known_on)
),
latest AS (
    SELECT line_id, policy, policy_hash, rule, name, min(value) AS value, min(source) AS source, min(observed_on) AS observed_on
    FROM seen WHERE place = 1 GROUP BY ALL HAVING count(DISTINCT value) = 1
)
SELECT line_id, policy, policy_hash, rule,
    list({{'name': name, 'value': value, 'source': source, 'observed_on': observed_on}} ORDER BY name) AS facts_used
FROM latest GROUP BY ALL
"""
