"""``cases.md``: worked cases kept beside a policy, as tables that an analyst can correct, run as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from medpol.decide.cases import CaseError, decode_case
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.plan import ENROLLED
from medpol.model.determination import Determination
from medpol.model.diagnostic import Diagnostic, Severity, Source, nearest
from medpol.model.facts import FactType
from medpol.model.positions import REASON_KINDS, STANDARD_LABELS, CoveragePosition, Outcome
from medpol.text.blocks import is_within_limits, read_blocks
from medpol.text.source import Findings, canonical_text, refuse_control_characters
from medpol.text.tables import Cell, Row, header_key, read_table, split_cells

COLUMNS = {
    "code": "code",
    "code system": "code_system",
    "service": "service",
    "policy": "policy",
    "date of service": "date_of_service",
    "known on": "known_on",
    "line of business": "line_of_business",
    "contract": "contract",
    "plan": "plan",
    "state": "state",
    "diagnoses": "diagnoses",
    "age": "age",
    "birth date": "birth_date",
    "sex": "sex",
    "units": "units",
    "modifiers": "modifiers",
    "place of service": "place_of_service",
    "provider specialty": "provider_specialty",
    "answers": "answers",
    "history": "history",
    "history complete from": "history_complete_from",
    "history incomplete for": "history_incomplete_for",
    "records complete": "records_complete",
    "assumed": "assumed",
}
_LISTS = frozenset({"diagnoses", "modifiers", "history_incomplete_for", "records_complete"})
_SAID = ("determination", "why")


@dataclass(frozen=True, slots=True)
class Worked:
    """One row: the case as JSON values, and what it should come to."""

    case: Mapping[str, Any]
    expected: str
    why: str
    source: Source


@dataclass(frozen=True, slots=True)
class Failing:
    """A row whose answer is another than the row says."""

    worked: Worked
    found: str
    reason: str


def read_worked(text: str, desk: Desk, findings: Findings) -> tuple[Worked, ...]:
    """The rows of a ``cases.md``. What cannot be read becomes a finding at its cell."""
    lines = canonical_text(text).split("\n")[:-1]
    if refuse_control_characters(text, findings) or not is_within_limits(lines, findings):
        return ()
    types = (
        {ENROLLED: FactType.YES_NO}
        | {fact.name: fact.type for fact in desk.plan.facts}
        | {fact.name: fact.type for row in desk.plan.versions for fact in row.facts}
    )
    found: list[Worked] = []
    for block in read_blocks(lines):
        if block.kind != "table":
            continue
        titles = [header_key(cell.text) for cell in split_cells(block.lines[0])]
        if "determination" not in titles:
            continue
        facts = [name for name in types if header_key(name) in titles]
        for row in read_table(block, findings, (*COLUMNS, *_SAID, *facts), what="table of cases"):
            worked = _row(row, types, findings)
            if worked is not None:
                found.append(worked)
    return tuple(found)


def _row(row: Row, types: Mapping[str, FactType], findings: Findings) -> Worked | None:
    before = len(findings.found)
    case: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for name, cell in row.cells:
        if not cell.text or name in _SAID or name.startswith("?"):
            continue
        if name in types:
            facts[name] = _fact(cell.text, types[name])
        else:
            key = COLUMNS[name]
            case[key] = _value(key, cell, types, findings)
    if facts:
        case["facts"] = facts
    day = case.get("known_on")
    if isinstance(day, str) and day.casefold() == "today":
        findings.error(
            row["known on"].line,
            row["known on"].column,
            "no-today",
            "`today` in a worked case",
            "a day, or nothing for all that is held",
            "write the day, or leave the cell empty",
        )
    if "date_of_service" not in case:
        findings.error(row.line, 1, "no-date-of-service", "a case without a date of service", "a day", "write it")
    if not row.text("determination"):
        findings.error(
            row.line,
            1,
            "no-determination",
            "a case without its determination",
            "an outcome[, position][, reason key]",
            "write it",
        )
    else:
        _check_expected(row["determination"], findings)
    if len(findings.found) > before:
        return None
    return Worked(case, row.text("determination"), row.text("why"), Source(findings.file, row.line, 1))


def _fact(text: str, kind: FactType) -> Any:
    if kind is FactType.CODES:
        return [each.strip() for each in text.split(",") if each.strip()]
    if kind is FactType.OBSERVATIONS:
        return [
            {"date": each.strip()[:10], "value": each.strip()[10:].strip(" :")}
            for each in text.split(";")
            if each.strip()
        ]
    return text


def _value(key: str, cell: Cell, types: Mapping[str, FactType], findings: Findings) -> Any:
    if key in _LISTS:
        return [each.strip() for each in cell.text.split(",") if each.strip()]
    match key:
        case "answers":
            return _pairs(
                cell, findings, lambda words, answer: {"yes": True, "no": False}.get(answer.casefold(), answer)
            )
        case "assumed":
            return _pairs(cell, findings, lambda name, value: _fact(value, types.get(name, FactType.TEXT)))
        case "history":
            return [
                event
                for text in cell.text.split(";")
                if text.strip() and (event := _event(text.strip(), cell, findings)) is not None
            ]
        case _:
            return cell.text


def _pairs(cell: Cell, findings: Findings, value_of: Any) -> dict[str, Any]:
    found = {}
    for text in cell.text.split(";"):
        if not text.strip():
            continue
        words, equals, value = text.rpartition("=")
        if not equals or not words.strip() or not value.strip():
            findings.error(
                cell.line,
                cell.column,
                "bad-pair",
                f"{text.strip()!r}",
                "`words = yes`, several separated by semicolons",
                "write it so",
            )
            continue
        found[words.strip()] = value_of(words.strip(), value.strip())
    return found


_EVENT = re.compile(
    r"(?P<code>[^:]+):(?P<date>\d{4}-\d{2}-\d{2})(?::(?P<units>\d+(?:\.\d+)?))?(?:[ ,]+(?P<facts>.+))?", re.ASCII
)


def read_event(text: str) -> dict[str, Any] | None:
    """``CODE:DATE[:UNITS][ field=value, ...]`` as an event of a case; ``None`` where it is none. A group stands as ``group NAME``."""
    match = _EVENT.fullmatch(text)
    if match is None:
        return None
    name = match["code"].strip()
    event: dict[str, Any] = {"group": name[6:].strip()} if name.startswith("group ") else {"code": name}
    event["date"] = match["date"]
    if match["units"]:
        event["units"] = match["units"]
    facts: dict[str, Any] = {}
    for pair in re.split(r",\s*", match["facts"] or ""):
        if pair:
            field, equals, value = pair.partition("=")
            if not equals:
                return None
            facts[field.strip()] = value.strip()
    if facts:
        event["facts"] = facts
    return event


def _event(text: str, cell: Cell, findings: Findings) -> dict[str, Any] | None:
    event = read_event(text)
    if event is None:
        findings.error(
            cell.line,
            cell.column,
            "bad-event",
            f"{text!r}",
            "CODE:DATE[:UNITS][ field=value]",
            "write it so, several separated by semicolons",
        )
    return event


# ---------------------------------------------------------------------------- running


def _expected(text: str) -> tuple[str, str | None, str | None]:
    """Outcome, position and reason key of ``outcome[, position][, reason key]``."""
    outcome, *rest = (part.strip() for part in text.split(",", 1))
    names = "_".join(outcome.casefold().replace("-", " ").split())
    position = key = None
    for part in [each.strip() for each in ",".join(rest).split(",") if each.strip()]:
        if part in REASON_KINDS:
            key = part
        else:
            position = part if position is None else f"{position}, {part}"
    return names, position, key


def _canonical(position: str) -> str | None:
    words = " ".join(position.casefold().replace("_", " ").split())
    held = STANDARD_LABELS.get(words) or next(
        (each for each in CoveragePosition if each.value.replace("_", " ") == words), None
    )
    return None if held is None else held.value


def _check_expected(cell: Cell, findings: Findings) -> None:
    outcome, position, _ = _expected(cell.text)
    outcomes = [each.value for each in Outcome]
    if outcome not in outcomes:
        findings.unknown_name(
            cell.line,
            cell.column,
            "unknown-outcome",
            "outcome",
            outcome.replace("_", " "),
            [each.replace("_", " ") for each in outcomes],
        )
    elif position is not None and _canonical(position) is None and nearest(position, REASON_KINDS):
        findings.unknown_name(
            cell.line,
            cell.column,
            "unknown-reason",
            "reason key or position",
            position,
            [*REASON_KINDS, *(each.value for each in CoveragePosition)],
        )


def run_worked(desk: Desk, worked: Iterable[Worked], all_held: date) -> tuple[list[Failing], list[Diagnostic]]:
    """The rows that come to another answer, and the rows whose case cannot be decided. No clock: blank is all that is held."""
    failing: list[Failing] = []
    problems: list[Diagnostic] = []
    for each in worked:
        try:
            case, known_on = decode_case(desk, each.case, all_held)
        except CaseError as problem:
            problems.append(
                Diagnostic(
                    each.source,
                    Severity.ERROR,
                    "bad-case",
                    f"{problem.where}: {problem.found}",
                    problem.expected,
                    problem.mend,
                )
            )
            continue
        answer = determine(desk, case, known_on, smallest=False)
        if not _agrees(answer, each.expected):
            failing.append(Failing(each, said(answer), answer.reason))
    return failing, problems


def _agrees(answer: Determination, expected: str) -> bool:
    outcome, position, key = _expected(expected)
    if answer.outcome.value != outcome or (key is not None and answer.reason_key != key):
        return False
    if position is None:
        return True
    if answer.position is None:
        return False
    return (
        position.casefold() == answer.position.label.casefold()
        or _canonical(position) == answer.position.canonical.value
    )


def said(answer: Determination) -> str:
    """The answer as a determination cell would say it."""
    parts = [answer.outcome.value.replace("_", " ")]
    if answer.position is not None:
        parts.append(answer.position.canonical.value.replace("_", " "))
    return ", ".join([*parts, answer.reason_key])
