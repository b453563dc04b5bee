"""What claims cannot know, counted where it can be: the box that stands beside every figure."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from medpol.decide.engines.run.used import rule_facts
from medpol.decide.one import Desk
from medpol.impact.counting import one_row
from medpol.impact.values import Read

_NAMED = 8


def cannot_know(
    engine: duckdb.DuckDBPyConnection, desks: Sequence[Desk], read: Read, *, has_facts: bool
) -> tuple[str, ...]:
    """Sentences, each true of these claims."""
    counts = one_row(
        engine,
        """SELECT count(*) FILTER (is_final) AS final,
            count(*) FILTER (is_final AND (before_outcome = 'information_needed' OR after_outcome = 'information_needed'))
                AS waiting,
            count(*) FILTER (is_final AND line_of_business IS NULL) AS no_line,
            count(*) FILTER (is_final AND NOT has_contract) AS no_contract,
            count(*) FILTER (is_final AND history_complete_from IS NULL) AS no_edge,
            max(history_complete_from) AS latest_edge FROM compared""",
    )
    said = []
    facts = _facts(engine, desks)
    if facts:
        shown = ", ".join(facts[:_NAMED]) + (f" and {len(facts) - _NAMED} more" if len(facts) > _NAMED else "")
        given = "only as far as the facts file holds them" if has_facts else "and no facts file was given"
        said.append(
            f"Facts of the record are in no claim, {given}: {shown}. {_lines(counts['waiting'])} of {counts['final']:,} "
            "wait for some fact before or after; each may go either way, and is counted as waiting, not as covered."
        )
    elif counts["waiting"]:
        said.append(f"{_lines(counts['waiting'])} wait for something that the claims do not say, before or after.")
    if counts["no_edge"]:
        said.append(
            f"{_lines(counts['no_edge'])} come from a source that does not say from when its history is complete: "
            "of them, what was never done before cannot be told from what was done earlier."
        )
    elif counts["latest_edge"] is not None:
        said.append(f"History is complete from {counts['latest_edge']} at the latest: care before it is not counted.")
    if counts["no_line"]:
        said.append(f"{_lines(counts['no_line'])} say no line of business that is declared.")
    if counts["no_contract"]:
        said.append(
            f"{_lines(counts['no_contract'])} are answered without a member's contract: a booklet may cover or exclude more."
        )
    if read.allowed_zero:
        said.append(
            f"{_lines(read.allowed_zero)} have an allowed amount of 0: what was refused when it was paid counts as nothing "
            "here, so dollars are understated."
        )
    if read.allowed_missing:
        said.append(f"{_lines(read.allowed_missing)} state no allowed amount: counted as lines, in no sum of dollars.")
    if read.without_member:
        said.append(f"{_lines(read.without_member)} name no member: counted as lines, in no number of members.")
    said.append(
        "Care that was never claimed, and what doctors and members do otherwise once the policy changes, are in no claim; "
        "nor is what a person decides on review, an appeal, or an authorisation given outside of the claim."
    )
    return tuple(said)


def _lines(count: int) -> str:
    return f"{count:,} final line{'' if count == 1 else 's'}"


def _facts(engine: duckdb.DuckDBPyConnection, desks: Sequence[Desk]) -> list[str]:
    """The documented facts that rules of policies read which answered any line, in either plan."""
    policies = {
        row[0]
        for row in engine.execute(
            "SELECT before_policy FROM compared WHERE is_final UNION SELECT after_policy FROM compared WHERE is_final"
        ).fetchall()
    }
    found = {row["name"] for desk in desks for row in rule_facts(desk).to_pylist() if row["policy"] in policies}
    return sorted(found)
