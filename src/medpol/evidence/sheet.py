"""Results as one sheet, a row a result, with the columns that review tools use; and a sheet read back to results.

Numbers stand as they were printed. The columns of the groups are those of a data table of a review: *Study ID, Year,
Experimental mean, SD, Total, Events* and the same of the control group.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from medpol.evidence.flat import csv_text, unquoted
from medpol.model.studies import Checked, Favours, GroupResult, Reported, Result, Study

_ESTIMATE = {
    "Estimate": "estimate", "CI start": "lower", "CI end": "upper", "Confidence level": "level", "p": "p",
    "Trials": "trials", "Participants": "participants",
}  # fmt: skip
_GROUP = {"mean": "mean", "SD": "sd", "Total": "size", "Events": "events", "percent": "percent"}
_WORDS = {
    "Outcome": "outcome", "Comparison": "comparator", "Timepoint": "timepoint", "Measure": "measure", "Unit": "unit",
    "Group": "group", "Direction": "direction", "Called": "called", "Certainty": "certainty", "Note": "note",
}  # fmt: skip
_SIDES = {"Experimental": "intervention_group", "Control": "comparator_group"}
COLUMNS = (
    "Study ID",
    "Year",
    *list(_WORDS)[:5],
    *(f"{side} {name}" for side in _SIDES for name in _GROUP),
    *_ESTIMATE,
    *list(_WORDS)[5:],
    "Favours",
    "Checked",
)


def results_sheet(studies: Iterable[Study]) -> str:
    """All results of records as CSV, by study and in the order of its record."""
    rows = [_row(study, result) for study in sorted(studies, key=lambda each: each.id) for result in study.results]
    return csv_text(COLUMNS, rows)


def _row(study: Study, result: Result) -> list[str]:
    cells = {"Study ID": study.id, "Year": "" if study.year is None else str(study.year)}
    cells |= {column: getattr(result, name) for column, name in _WORDS.items()}
    cells |= {column: _text(getattr(result, name)) for column, name in _ESTIMATE.items()}
    for side, attribute in _SIDES.items():
        group: GroupResult | None = getattr(result, attribute)
        for name, field in _GROUP.items():
            cells[f"{side} {name}"] = "" if group is None else _text(getattr(group, field))
    cells["Favours"] = "" if result.favours is None else result.favours.value
    cells["Checked"] = result.checked.value
    return [cells[column] for column in COLUMNS]


def _text(reported: Reported | None) -> str:
    return "" if reported is None else reported.text


@dataclass(frozen=True, slots=True)
class BadSheet:
    """A line of a sheet that cannot be taken, and why."""

    line: int
    says: str


def read_sheet(text: str) -> tuple[dict[str, list[Result]], tuple[BadSheet, ...]]:
    """Results by study from a sheet with these columns, in any order, and what could not be taken.

    *Study ID*, *Outcome*, *Comparison* and *Timepoint* must be there; an empty cell states nothing. Numbers from a sheet
    are *not checked* unless the sheet says against what they were held.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    names = list(reader.fieldnames or ())
    missing = [each for each in ("Study ID", "Outcome", "Comparison", "Timepoint") if each not in names]
    unknown = [each for each in names if each not in COLUMNS]
    problems = [BadSheet(1, f"the column {each!r} is missing") for each in missing]
    problems += [BadSheet(1, f"the column {each!r} is not known; known are {', '.join(COLUMNS)}") for each in unknown]
    found: dict[str, list[Result]] = {}
    if problems:
        return found, tuple(problems)
    for row in reader:
        cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
        if None in row:
            problems.append(BadSheet(reader.line_num, "more cells than columns"))
            continue
        made = _result(cells)
        if isinstance(made, str):
            problems.append(BadSheet(reader.line_num, made))
        else:
            found.setdefault(cells["Study ID"], []).append(made)
    return found, tuple(problems)


def _result(cells: dict[str, str]) -> Result | str:
    blank = [each for each in ("Study ID", "Outcome", "Comparison", "Timepoint") if not cells[each]]
    if blank:
        return f"{' and '.join(blank)} blank; write `not reported` where the source does not say"
    checked = next((each for each in Checked if each.value == (cells.get("Checked") or "no").casefold()), None)
    if checked is None:
        return f"Checked {cells['Checked']!r}; expected one of {', '.join(each.value for each in Checked)}"
    said = cells.get("Favours", "").casefold()
    favours = next((each for each in Favours if each.value == said), None)
    if said and favours is None:
        return f"Favours {said!r}; expected one of {', '.join(each.value for each in Favours)}"

    def number(column: str) -> Reported | None:
        cell = unquoted(cells.get(column, ""))
        return Reported(cell) if cell else None

    def group(side: str) -> GroupResult | None:
        numbers = {field: number(f"{side} {name}") for name, field in _GROUP.items()}
        return GroupResult(**numbers) if any(numbers.values()) else None

    words = {name: unquoted(cells.get(column, "")) for column, name in _WORDS.items()}
    estimates = {name: number(column) for column, name in _ESTIMATE.items()}
    groups = {attribute: group(side) for side, attribute in _SIDES.items()}
    return Result(**words, **estimates, **groups, favours=favours, checked=checked)  # type: ignore[arg-type]
