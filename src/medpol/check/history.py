"""Rules that hold the typed claims of a history row against the files: what it says happened must have happened."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.check.rule import in_force_before, warning, words_place
from medpol.library import Library
from medpol.model.diagnostic import Diagnostic
from medpol.model.evidence import HistoryRow
from medpol.model.policy import PolicyVersion

_CODES_ADDED = re.compile(r"codes added:?\s+(.+)", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]?\d[0-9A-Za-z.]{2,6}", re.ASCII)


def statement_not_unchanged(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """A history row says that the statement is unchanged, and it is not that of the version before.

    Only the row that tells of the version itself is held against it, and only where a version was in force on the day
    before: a reinstated policy has nothing to be unchanged from.
    """
    for version in library.versions:
        row = _own_row(version)
        before = in_force_before(library, version)
        if row is None or before is None or "statement unchanged" not in map(str.casefold, row.says):
            continue
        if _statements(version) != _statements(before):
            yield warning(
                words_place(library, row.source, "statement unchanged"),
                "statement-not-unchanged",
                f"the statement is said to be unchanged, and differs from {before.source.file}",
                "the statements of the version before",
                "drop the claim, or correct the statement",
            )


def codes_not_added(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """A history row says that codes were added which the Coding table does not hold, or that were there before."""
    for version in library.versions:
        row = _own_row(version)
        before = in_force_before(library, version)
        for claim in row.says if row is not None else ():
            match = _CODES_ADDED.fullmatch(claim.strip())
            if match is None or row is None:
                continue
            for code in _CODE.findall(match[1]):
                here, there = code in _codes(version), before is not None and code in _codes(before)
                if here and not there:
                    continue
                where = "stands in the Coding table of the version before" if there else "is not in the Coding table"
                yield warning(
                    words_place(library, row.source, code),
                    "codes-not-added",
                    f"{code} is said to be added, and {where}",
                    "codes that this version is the first to hold",
                    "correct the claim, or the Coding table",
                )


def _own_row(version: PolicyVersion) -> HistoryRow | None:
    """The row that tells of the version: the last whose effective day, or else own day, is the version's first."""
    if version.first_day is None:
        return None
    held = [
        row
        for row in version.history
        if (row.effective.day if row.effective is not None else row.day.day) == version.first_day
    ]
    return held[-1] if held else None


def _statements(version: PolicyVersion) -> tuple[str, ...]:
    return tuple(" ".join(rule.statement.sentence.casefold().split()) for rule in version.rules)


def _codes(version: PolicyVersion) -> frozenset[str]:
    return frozenset(row.pattern.text for row in version.code_rows if row.pattern is not None)
