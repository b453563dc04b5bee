"""Rules that hold the typed claims of a history row against the files: what it says happened must have happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.history import UNCHANGED, claims, disagree, own_rows
from medpol.check.holdings import Holdings
from medpol.model.criteria import Criterion, Group, Leaf
from medpol.model.dates import stated
from medpol.model.diagnostic import Severity
from medpol.model.evidence import HistoryRow, Reference
from medpol.model.policy import CodeRole, PolicyVersion

_CODES_ADDED = re.compile(r"(?:new )?codes added:?\s+(.+)", re.IGNORECASE)
_CODES_DELETED = re.compile(r"codes (?:deleted|removed|terminated):?\s+(.+)", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]?\d[0-9A-Za-z.]{2,6}", re.ASCII)
_LITERATURE = re.compile(r"literature (?:reviewed? |searche?d? )?through:?\s+(.+)", re.IGNORECASE)
_REFERENCES_ADDED = re.compile(r"(?:new )?references added", re.IGNORECASE)
_NO_REFERENCES_ADDED = re.compile(r"no (?:new )?references added", re.IGNORECASE)


@rule(Subject.DATES, Severity.WARNING)
def statement_not_unchanged(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row says that the statement is unchanged, and it is not that of the version before.

    Compared are the statements, their criteria and what holds otherwise. A criterion in other words is the same where its
    expression is, so a spelling may be corrected; one that was a question and is read by an expression now is the same
    where its words are. Only the row that tells of the version itself is held against it, and only where a version was in
    force on the day before: a reinstated policy has nothing to be unchanged from. Drop the claim, or correct the
    statement.
    """
    for version, row in _told(holdings):
        before = holdings.in_force_before(version)
        if before is not None and UNCHANGED in claims(row) and statements_differ(version, before):
            yield Finding(
                holdings.words_place(row.source, UNCHANGED),
                f"the statement is said to be unchanged, and differs from {before.source.file}",
                "the statements of the version before",
                "drop the claim, or correct the statement",
            )


@rule(Subject.DATES, Severity.WARNING)
def codes_not_added(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row says that codes were added which the Coding table does not hold, or that were there before.

    The row that tells of a version is held against its Coding table and that of the version in force before. A claim with
    such a code would be answered otherwise than the row leads one to think. Correct the claim, or the table.
    """
    for version, row in _told(holdings):
        before = holdings.in_force_before(version)
        for code in _codes_claimed(row, _CODES_ADDED):
            here, there = code in _codes(version), before is not None and code in _codes(before)
            if here and not there:
                continue
            where = "stands in the Coding table of the version before" if there else "is not in the Coding table"
            yield Finding(
                holdings.words_place(row.source, code),
                f"{code} is said to be added, and {where}",
                "codes that this version is the first to hold",
                "correct the claim, or the Coding table",
            )


@rule(Subject.DATES, Severity.WARNING)
def codes_not_deleted(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row says that codes were deleted which the Coding table still holds, or that were not there before.

    A code that stays in the table with its last day (``To``) counts as deleted; so does one kept for information. The
    row that tells of a version is held against its Coding table and that of the version in force before. Delete the
    code's row or give it its last day, or correct the claim.
    """
    for version, row in _told(holdings):
        before = holdings.in_force_before(version)
        for code in _codes_claimed(row, _CODES_DELETED):
            here, there = code in _codes(version, in_use=True), before is None or code in _codes(before)
            if there and not here:
                continue
            where = "still stands in the Coding table" if here else "was not in that of the version before"
            yield Finding(
                holdings.words_place(row.source, code),
                f"{code} is said to be deleted, and {where}",
                "codes that the version before was the last to hold",
                "delete the code or state its `To`, or correct the claim",
            )


@rule(Subject.DATES, Severity.WARNING)
def references_not_added(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row says that references were added, and the list holds none that the version before lacked.

    Two references are the same where their PubMed number, their title or their whole text is. Nothing is said where one
    of the two versions carries no References. Add what is missing, or correct the claim.
    """
    for version, row in _told(holdings):
        before = holdings.text_before(version)
        claim = next((each for each in row.says if _REFERENCES_ADDED.fullmatch(each.strip())), None)
        if claim is None or before is None or not before.references or not version.references:
            continue
        if not _new_references(version, before):
            yield Finding(
                holdings.words_place(row.source, claim),
                f"references are said to be added, and each stands in {before.source.file} already",
                "a reference that the version before lacked",
                "add the references, or write `no references added`",
            )


@rule(Subject.DATES, Severity.WARNING)
def references_added_unsaid(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row says that no references were added, and the list holds some that the version before lacked.

    Two references are the same where their PubMed number, their title or their whole text is. Nothing is said where one
    of the two versions carries no References. Correct the claim, or take the reference out.
    """
    for version, row in _told(holdings):
        before = holdings.text_before(version)
        claim = next((each for each in row.says if _NO_REFERENCES_ADDED.fullmatch(each.strip())), None)
        if claim is None or before is None or not before.references or not version.references:
            continue
        new = _new_references(version, before)
        if new:
            yield Finding(
                holdings.words_place(row.source, claim),
                f"no references are said to be added, and reference {new[0].number} (line {new[0].source.line}) "
                f"is not in {before.source.file}",
                "the references of the version before",
                "write `references added`, or take the reference out",
            )


@rule(Subject.DATES, Severity.WARNING)
def literature_days_differ(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A history row and the front matter name different ends of the literature search.

    The claim ``literature through ...`` of the row that tells of a version is held against ``literature through:``. A
    month agrees with each of its days. Nobody can tell which evidence the version rests on. Correct the one that is wrong.
    """
    for version, row in _told(holdings):
        here = version.literature_through
        for claim in row.says:
            match = _LITERATURE.fullmatch(claim.strip())
            if match is not None and here is not None and disagree(here, stated(match[1].strip())):
                yield Finding(
                    holdings.words_place(row.source, match[1].strip()),
                    f"literature through {match[1].strip()} in the History, and {here.text} in the front matter "
                    f"(line {version.place('literature through').line})",
                    "one day",
                    "correct the one that is wrong",
                )


def statements_differ(version: PolicyVersion, other: PolicyVersion) -> bool:
    """Whether two versions state other things: other statements, other criteria, another position otherwise."""
    if len(version.rules) != len(other.rules):
        return True
    return any(
        _said(one.statement.sentence) != _said(two.statement.sentence)
        or (one.otherwise and one.otherwise.position) != (two.otherwise and two.otherwise.position)
        or _criteria_differ(one.criteria, two.criteria)
        or _criteria_differ(one.unless, two.unless)
        for one, two in zip(version.rules, other.rules, strict=True)
    )


def _criteria_differ(one: Criterion | None, two: Criterion | None) -> bool:
    match one, two:
        case None, None:
            return False
        case Leaf(), Leaf():
            return _said(one.sentence) != _said(two.sentence) and (one.code is None or one.code != two.code)
        case Group(), Group():
            return (one.structure, one.needed, len(one.parts)) != (two.structure, two.needed, len(two.parts)) or any(
                _criteria_differ(part, other) for part, other in zip(one.parts, two.parts, strict=True)
            )
        case _:
            return True


def _said(sentence: str) -> str:
    return " ".join(sentence.casefold().split())


def _told(holdings: Holdings) -> Iterator[tuple[PolicyVersion, HistoryRow]]:
    """Each version with the last row that tells of it."""
    for version in holdings.versions:
        for row in own_rows(version)[-1:]:
            yield version, row


def _codes_claimed(row: HistoryRow, claim: re.Pattern[str]) -> Iterator[str]:
    for each in row.says:
        if (match := claim.fullmatch(each.strip())) is not None:
            yield from _CODE.findall(match[1])


def _codes(version: PolicyVersion, in_use: bool = False) -> frozenset[str]:
    """The codes of the Coding table, as printed and without their dot; ``in_use``: those with no last day that decide."""
    rows = [row for row in version.code_rows if row.pattern is not None]
    if in_use:
        rows = [row for row in rows if row.period.end is None and row.role is not CodeRole.INFORMATIONAL]
    plain = {row.pattern.text for row in rows if row.pattern is not None}
    return frozenset(plain | {f"{text[:3]}.{text[3:]}" for text in plain})


def _new_references(version: PolicyVersion, before: PolicyVersion) -> list[Reference]:
    known = {key for each in before.references for key in _keys(each)}
    return [each for each in version.references if not known & _keys(each)]


def _keys(reference: Reference) -> set[str]:
    return {key for key in (reference.pmid or "", _plain(reference.title), _plain(reference.text)) if key}


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


RULES = (
    statement_not_unchanged,
    codes_not_added,
    codes_not_deleted,
    references_not_added,
    references_added_unsaid,
    literature_days_differ,
)
