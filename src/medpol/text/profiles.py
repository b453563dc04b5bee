"""``evidence/profiles/<population>/<day>.md``: certainty, the five criteria, conclusion and signatures, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from medpol.model.diagnostic import Source
from medpol.model.positions import STANDARD_LABELS, CoveragePosition
from medpol.model.studies import (
    Certainty,
    CertaintyStep,
    Criterion,
    CriterionJudged,
    Domain,
    Level,
    Met,
    Overriding,
    Profile,
    Signature,
)
from medpol.text.evidence import Fields
from medpol.text.records import (
    NOT_SIGNED,
    Record,
    choice,
    open_record,
    or_not_reported,
    print_record,
    report_twice,
    signature,
    signed_cells,
    table_or_nothing,
    words,
)
from medpol.text.source import Findings, content_hash, shorten
from medpol.text.tables import Cell

PROFILE_KEYS = ("profile", "policy", "intervention", "recorded", "inputs", "rest")
SECTIONS = ("Certainty", "Reasons", "Criteria", "Conclusion", "Overridden")
CERTAINTY_COLUMNS = ("Outcome", "Comparator", "Timepoint", "Level", "Signed by", "Role", "On")
REASON_COLUMNS = ("Outcome", "Comparator", "Timepoint", "Domain", "Step", "Reason")
CRITERION_COLUMNS = ("Criterion", "Met", "Reason")
OVERRIDDEN_COLUMNS = ("Statement", "Position", "Reason", "Approved by", "Role", "On")
CONCLUSION_FIELDS = ("Conclusion", "Signed by", "Role", "On")
_BOLD = re.compile(r"\*\*([^*]+)\*\*\.?")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")
_STEP = re.compile(r"[-−+]?[0-3]")
POSITIONS: Mapping[str, CoveragePosition] = {
    **STANDARD_LABELS,
    **{each.value.replace("_", " "): each for each in CoveragePosition},
}
_Unit = tuple[str, str, str]


def read_profile(text: str, findings: Findings) -> Profile | None:
    """What was judged for one population, or ``None`` where it is not said for which, or on which day."""
    record = open_record(text, findings, PROFILE_KEYS, SECTIONS)
    if record is None:
        return None
    head, recorded = record.head, record.recorded()
    population = head.required("profile", "write the id of the population, which is the name of its folder")
    conclusion, signed = _conclusion(record)
    profile = Profile(
        population,
        head.text("intervention"),
        recorded or date.min,
        _inputs(record),
        _rest(record),
        tuple(_certainty(record)),
        tuple(_criteria(record)),
        conclusion,
        signed,
        tuple(_overridden(record)),
        record.prose(),
        head.required("policy", "write the policy's number"),
        Source(findings.file),
        content_hash(text),
    )
    return profile if population and recorded is not None else None


def _inputs(record: Record) -> str:
    text = record.head.text("inputs")
    if text and not _HASH.fullmatch(text):
        record.findings.error(
            *record.head.where("inputs"),
            "bad-value",
            f"`inputs: {shorten(text)}`",
            "`sha256:` and 64 hexadecimal digits",
            "copy it whole from `medpol evidence status`, or leave the key out",
        )
        return ""
    return text


def _rest(record: Record) -> bool:
    text = record.head.text("rest").casefold()
    if text not in ("", "yes", "no"):
        record.findings.unknown_name(
            *record.head.where("rest"), "unknown-choice", "value of `rest:`", text, ("yes", "no")
        )
    return text == "yes"


def _unit(cells: Iterable[Cell]) -> _Unit:
    outcome, comparator, timepoint = (cell.text for cell in cells)
    return outcome, comparator, timepoint


def _certainty(record: Record) -> list[Certainty]:
    findings = record.findings
    rows = record.rows("Certainty", CERTAINTY_COLUMNS)
    units = [(_unit(row[name] for name in CERTAINTY_COLUMNS[:3]), row) for row in rows]
    report_twice(((" / ".join(unit), row["Outcome"]) for unit, row in units), "certainty of", findings)
    steps = _steps(record, {unit for unit, _ in units})
    found = []
    for unit, row in units:
        level = choice(row, "Level", Level, findings)
        signed = signature(row["Signed by"], row["Role"], row["On"], findings)
        if level is not None:
            source = record.source(row["Outcome"])
            found.append(Certainty(*unit, level, tuple(steps.get(unit, ())), signed, source))
    return found


def _steps(record: Record, units: set[_Unit]) -> dict[_Unit, list[CertaintyStep]]:
    findings, steps = record.findings, dict[_Unit, list[CertaintyStep]]()
    for row in record.rows("Reasons", REASON_COLUMNS):
        unit, cell = _unit(row[name] for name in REASON_COLUMNS[:3]), row["Outcome"]
        if all(unit) and unit not in units:
            findings.error(
                cell.line,
                cell.column,
                "reason-without-certainty",
                f"a reason for {shorten(' / '.join(unit))}, which has no row under Certainty",
                "the outcome, comparator and timepoint of such a row",
                "add the row, or correct the reason's",
            )
        domain, step = choice(row, "Domain", Domain, findings), row["Step"]
        if step.text and not _STEP.fullmatch(step.text):
            findings.error(
                step.line,
                step.column,
                "bad-number",
                f"the step {shorten(step.text)!r}",
                "-1, -2, 0, +1 or +2",
                "correct it",
            )
        elif domain is not None and step.text:
            number = int(step.text.replace("−", "-"))
            steps.setdefault(unit, []).append(CertaintyStep(domain, number, words(row, "Reason"), record.source(cell)))
    return steps


def _criteria(record: Record) -> Iterable[CriterionJudged]:
    rows, findings = record.rows("Criteria", CRITERION_COLUMNS), record.findings
    report_twice(((row.text("Criterion").casefold(), row["Criterion"]) for row in rows), "criterion", findings)
    for row in rows:
        criterion, met = choice(row, "Criterion", Criterion, findings), choice(row, "Met", Met, findings)
        if criterion is not None and met is not None:
            yield CriterionJudged(criterion, met, words(row, "Reason"), record.source(row["Criterion"]))


def _conclusion(record: Record) -> tuple[str, Signature | None]:
    fields = record.fields("Conclusion", CONCLUSION_FIELDS)
    record.kept += fields.prose
    cell = fields.values.get("Conclusion")
    bold = None if cell is None else _BOLD.fullmatch(cell.text)
    if cell is not None and bold is None:
        record.findings.error(
            cell.line,
            cell.column,
            "bad-conclusion",
            f"the conclusion {shorten(cell.text)!r} is not bold" if cell.text else "a conclusion without words",
            "bold words",
            "write `Conclusion: **insufficient**`",
        )
    return " ".join(bold[1].split()).casefold() if bold is not None else "", _signed(fields, record.findings)


def _signed(fields: Fields, findings: Findings) -> Signature | None:
    name = fields.values.get("Signed by")
    if name is None:
        return None
    nowhere = Cell("", name.line, name.column)
    return signature(name, fields.values.get("Role", nowhere), fields.values.get("On", nowhere), findings)


def _overridden(record: Record) -> Iterable[Overriding]:
    findings = record.findings
    for row in record.rows("Overridden", OVERRIDDEN_COLUMNS):
        cell, name = row["Position"], row["Approved by"]
        position = POSITIONS.get(" ".join(cell.text.casefold().split()))
        if position is None and cell.text:
            findings.unknown_name(cell.line, cell.column, "unknown-position", "position", cell.text, POSITIONS)
        signed = signature(name, row["Role"], row["On"], findings)
        if signed is None and words(row, "Approved by") == "" and name.text:
            findings.error(
                name.line,
                name.column,
                "half-signed",
                "a statement kept against the table without anybody's approval",
                "the name, role and day of who approved it",
                "complete the row, or delete it",
            )
        if position is not None and signed is not None:
            source = record.source(row["Statement"])
            yield Overriding(row.text("Statement"), position, words(row, "Reason"), signed, source)


# ---------------------------------------------------------------------------- written anew


def write_profile(profile: Profile) -> str:
    """The document of a profile; reading it gives the same profile."""
    bodies = (
        table_or_nothing(
            CERTAINTY_COLUMNS,
            (
                (each.outcome, each.comparator, each.band, each.level.value, *signed_cells(each.signature))
                for each in profile.certainty
            ),
        ),
        table_or_nothing(
            REASON_COLUMNS,
            (
                (
                    each.outcome,
                    each.comparator,
                    each.band,
                    step.domain.value,
                    _stepped(step),
                    or_not_reported(step.reason),
                )
                for each in profile.certainty
                for step in each.steps
            ),
        ),
        table_or_nothing(
            CRITERION_COLUMNS,
            ((each.criterion.value, each.met.value, or_not_reported(each.reason)) for each in profile.criteria),
        ),
        _print_conclusion(profile),
        table_or_nothing(
            OVERRIDDEN_COLUMNS,
            (
                (
                    each.rule,
                    each.position.value.replace("_", " "),
                    or_not_reported(each.reason),
                    *signed_cells(each.signature),
                )
                for each in profile.overridden
            ),
        ),
    )
    head = (
        ("profile", profile.population),
        ("policy", profile.policy),
        ("intervention", profile.intervention),
        ("recorded", str(profile.recorded)),
        ("inputs", profile.inputs),
        ("rest", "yes" if profile.is_rest else ""),
    )
    return print_record(head, profile.prose, zip(SECTIONS, bodies, strict=True))


def _stepped(step: CertaintyStep) -> str:
    return f"{step.step:+d}" if step.step else "0"


def _print_conclusion(profile: Profile) -> str:
    lines = [f"Conclusion: **{profile.conclusion}**"] if profile.conclusion else []
    if profile.signature is not None:
        names = ("Signed by", "Role", "On")
        lines += [f"{name}: {value}" for name, value in zip(names, signed_cells(profile.signature), strict=True)]
    elif profile.conclusion:
        lines.append(f"Signed by: {NOT_SIGNED}")
    return "\n\n".join(lines)
