"""Codes that a table lists as not covered, or under a word that is unknown: a rule of their own, which waits for a person
and then wins.

The criteria may decide for such a code, or the table may; until somebody has said which, no draft may cover it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from medpol.ingest.published import Item, ListedCode, Ruling
from medpol.model.policy import CodeRole, CodeRow
from medpol.model.positions import STANDARD_LABELS


def listed_against(codes: Iterable[ListedCode], rows: Sequence[CodeRow]) -> tuple[Ruling, ...]:
    """One rule for each position under which codes of these rows are listed, over the question whether it is one."""
    return tuple(_rule(label, held) for label, held in _by_label(codes, rows).items())


def rows_against(codes: Iterable[ListedCode], rows: Sequence[CodeRow]) -> tuple[CodeRow, ...]:
    """The rows of those rules' groups: each code stands in the group of its service as well."""
    return tuple(
        CodeRow(_group(label), row.system, row.pattern, CodeRole.GOVERNED, row.period)
        for label, held in _by_label(codes, rows).items()
        for row in held
    )


def _by_label(codes: Iterable[ListedCode], rows: Sequence[CodeRow]) -> dict[str, list[CodeRow]]:
    """The governed rows of the codes that are listed against, each code once."""
    found: dict[str, list[CodeRow]] = {}
    for code in codes:
        if not code.listed_as:
            continue
        row = next((row for row in rows if _names(row, code)), None)
        if row is not None:
            found.setdefault(code.listed_as, []).append(row)
    return found


def _names(row: CodeRow, code: ListedCode) -> bool:
    return (
        row.role is CodeRole.GOVERNED
        and row.pattern is not None
        and (row.system, row.pattern.text) == (code.system, code.code)
    )


def _group(label: str) -> str:
    return "codes-listed-as-" + "-".join("".join(sign if sign.isalnum() else " " for sign in label.casefold()).split())


def _rule(label: str, rows: Sequence[CodeRow]) -> Ruling:
    named = ", ".join(row.pattern.text for row in rows if row.pattern is not None)
    return Ruling(
        f"Codes listed as such: **{label}** in every case when all of these are met:",
        STANDARD_LABELS[label],
        (_group(label),),
        f"Codes listed as {label}",
        (Item(f"the code table's own word on {named} is a position of the policy, whatever its criteria say"),),
        plain_words=f"Codes listed as {label}",
    )
