"""``assessment.md``: a payer's own table from the five criteria to the positions that a conclusion allows."""

from __future__ import annotations

from collections.abc import Iterable

from medpol.model.diagnostic import Source
from medpol.model.positions import CoveragePosition
from medpol.model.studies import AssessmentRow, Criterion, Met
from medpol.text.blocks import is_within_limits, read_blocks
from medpol.text.facts import report_broken_table
from medpol.text.profiles import POSITIONS
from medpol.text.records import NONE, choice
from medpol.text.source import Findings, canonical_text, refuse_control_characters
from medpol.text.tables import Row, print_table, read_table

_NUMBERED = dict(zip(("1", "2", "3", "4", "5"), Criterion, strict=True))
ASSESSMENT_COLUMNS = (*_NUMBERED, "Conclusion", "Allowed positions")


def read_assessment(text: str, findings: Findings) -> tuple[AssessmentRow, ...]:
    """The rows of the table, the first that fits counts; other text around it is for people."""
    canonical = canonical_text(text)
    lines = canonical.split("\n")[:-1]
    if refuse_control_characters(canonical, findings) or not is_within_limits(lines, findings):
        return ()
    found: list[AssessmentRow] = []
    for block in read_blocks(lines):
        if block.kind == "table":
            rows = read_table(block, findings, ASSESSMENT_COLUMNS, required=ASSESSMENT_COLUMNS, what="assessment table")
            found += (_row(row, findings) for row in rows)
        elif block.kind == "paragraph":
            report_broken_table(block, findings)
    if not found and not findings.has_errors:
        findings.error(
            1,
            1,
            "no-assessment",
            "no row of a table",
            f"the columns {', '.join(ASSESSMENT_COLUMNS)}",
            "write one, or delete the file",
        )
    return tuple(found)


def _row(row: Row, findings: Findings) -> AssessmentRow:
    needs = []
    for column, criterion in _NUMBERED.items():
        met = choice(row, column, Met, findings)
        if met is not None:
            needs.append((criterion, met))
    conclusion = row["Conclusion"]
    if not conclusion.text:
        findings.error(
            conclusion.line, conclusion.column, "blank-cell", "a row without a conclusion", "its words", "write them"
        )
    source = Source(findings.file, conclusion.line, conclusion.column)
    words = " ".join(conclusion.text.replace("*", "").split()).casefold()
    return AssessmentRow(tuple(needs), words, tuple(_allowed(row, findings)), source)


def _allowed(row: Row, findings: Findings) -> Iterable[CoveragePosition]:
    """Positions parted by commas or semicolons. *With criteria* belongs to the one before it: a statement may have some."""
    cell = row["Allowed positions"]
    if not cell.text:
        findings.error(
            cell.line, cell.column, "blank-cell", "a row that allows a blank", "positions, or `none`", f"write `{NONE}`"
        )
    for each in cell.text.replace(";", ",").split(","):
        name = " ".join(each.casefold().split())
        if name in ("", NONE, "with criteria"):
            continue
        if name in POSITIONS:
            yield POSITIONS[name]
        else:
            findings.unknown_name(cell.line, cell.column, "unknown-position", "position", name, POSITIONS)


def write_assessment(rows: Iterable[AssessmentRow]) -> str:
    """The table as a document; reading it gives the same rows."""

    def cells(each: AssessmentRow) -> tuple[str, ...]:
        needs = dict(each.needs)
        met = (needs[criterion].value if criterion in needs else "" for criterion in Criterion)
        return (*met, each.conclusion, ", ".join(one.value.replace("_", " ") for one in each.allowed) or NONE)

    return print_table(ASSESSMENT_COLUMNS, map(cells, rows)) + "\n"
