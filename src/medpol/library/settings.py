"""``medpol.toml`` and ``adjustments.toml``: what a library sets for itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from medpol.model.codes import FREE_TEXT_SYSTEMS, SHAPES, CodeSystems
from medpol.model.dates import ONE_DAY, EffectivePeriod, parse_day
from medpol.model.grading import GradingThresholds
from medpol.model.lines import LINES_OF_BUSINESS, normalise_line
from medpol.model.positions import REASON_KINDS, CoveragePosition
from medpol.text.source import Findings

_SETTINGS = ("notice_days", "lines_of_business", "code_systems", "contact", "appeal", "evidence")
_THRESHOLDS = tuple(each.name for each in fields(GradingThresholds))
_ADJUSTMENT = (
    "reason_key",
    "coverage_position",
    "payer",
    "line_of_business",
    "state",
    "from",
    "to",
    "group",
    "carc",
    "rarc",
)
_MAXIMUM_SHAPE = 200
_MAXIMUM_DOTS = 64  # of one line: reading a dotted key takes time by the square of its length


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``medpol.toml`` may say. ``notice_days=None``: no notice is owed unless a version says so."""

    notice_days: int | None = None
    lines: tuple[str, ...] = ()
    systems: CodeSystems = CodeSystems()
    contact: str = "the benefit booklet, or member service"
    appeal: str = "ask the plan for a review by a qualified clinician; the booklet says how and by when to appeal"
    evidence: GradingThresholds = GradingThresholds()


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """Codes for a reason or a position, narrowed by line, state and days. ``group="contract"``: the contract's own."""

    reason_key: str | None = None
    position: CoveragePosition | None = None
    payer: str | None = None
    line_of_business: str | None = None
    state: str | None = None
    period: EffectivePeriod = EffectivePeriod()
    group: str | None = None
    carc: str | None = None
    rarc: tuple[str, ...] = ()


def _parse(text: str, findings: Findings) -> dict[str, Any]:
    for at, words in enumerate(text.split("\n"), 1):
        if words.count(".") > _MAXIMUM_DOTS:
            findings.error(
                at, 1, "too-deep", "a line of very many dots", f"at most {_MAXIMUM_DOTS}", "shorten the line"
            )
            return {}
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as problem:  # beside TOMLDecodeError: a number too long, tables too deep
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(problem))
        line, column = (int(place[1]), int(place[2])) if place else (1, 1)
        words = re.sub(r"\s*\(at .*\)$", "", str(problem))
        findings.error(line, column, "bad-toml", words, "TOML 1.0", "correct the line")
        return {}


def _line_of(text: str, key: str) -> int:
    """Where a key is set or heads a table; a comment or a value that holds the same words is passed over."""
    sets = re.compile(rf"""\ufeff?\s*(?:\[.*)?["']?{re.escape(key)}["']?\s*[]=.]""")
    return next((at for at, line in enumerate(text.split("\n"), 1) if sets.match(line)), 1)


def read_settings(text: str, findings: Findings) -> Settings:
    table = _parse(text, findings)
    for key in table:
        if key not in _SETTINGS:
            findings.unknown_name(_line_of(text, key), 1, "unknown-key", "setting", key, _SETTINGS)

    def wrong(key: str, expected: str) -> None:
        findings.error(_line_of(text, key), 1, "bad-setting", f"{key} = {table[key]!r}", expected, f"write {expected}")

    days = table.get("notice_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= 3660):
        wrong("notice_days", "a whole number of days")
        days = None
    lines: list[str] = []
    declared = table.get("lines_of_business", [])
    if not isinstance(declared, list) or not all(isinstance(each, str) for each in declared):
        wrong("lines_of_business", "a list of names")
        declared = []
    for each in declared:
        name = normalise_line(each, [_slug(each)])
        if name is not None and name not in LINES_OF_BUSINESS:
            lines.append(name)
    systems: list[tuple[str, str]] = []
    tables = table.get("code_systems", {})
    if not isinstance(tables, dict):
        wrong("code_systems", "tables such as [code_systems.ZZ] with a shape")
        tables = {}
    for name, value in tables.items():
        shape = value.get("shape") if isinstance(value, dict) else value
        if name in (*SHAPES, *FREE_TEXT_SYSTEMS):
            findings.error(
                _line_of(text, name),
                1,
                "built-in-system",
                f"the code system {name!r} is built in",
                "a name of its own",
                "rename it",
            )
        elif not isinstance(shape, str) or not _is_simple_shape(shape):
            findings.error(
                _line_of(text, name),
                1,
                "bad-shape",
                f"the shape of {name!r}",
                "letters, digits, [classes], {n}, {n,m}, ? and |",
                "write a simple pattern such as ZZ[0-9]{4}",
            )
        else:
            systems.append((name, shape))
    contact, appeal = table.get("contact"), table.get("appeal")
    for key, words in (("contact", contact), ("appeal", appeal)):
        if words is not None and not isinstance(words, str):
            wrong(key, "a text")
    return Settings(
        days,
        tuple(lines),
        CodeSystems(tuple(systems)),
        contact if isinstance(contact, str) else Settings().contact,
        appeal if isinstance(appeal, str) else Settings().appeal,
        _thresholds(table.get("evidence", {}), text, findings),
    )


def _thresholds(table: object, text: str, findings: Findings) -> GradingThresholds:
    """The table `[evidence]`: from which numbers on a suggested certainty steps down."""
    line = _line_of(text, "evidence")
    if not isinstance(table, dict):
        findings.error(line, 1, "bad-setting", "`evidence`", "a table of numbers", "write [evidence]")
        return GradingThresholds()
    given: dict[str, Any] = {}
    for key, value in table.items():
        kinds = (int,) if key == "participants" else (int, float)
        if key not in _THRESHOLDS:
            findings.unknown_name(_line_of(text, key), 1, "unknown-key", "threshold", key, _THRESHOLDS)
        elif isinstance(value, bool) or not isinstance(value, kinds):
            expected = "a whole number of people" if key == "participants" else "a share from 0 to 1, such as 0.5"
            findings.error(_line_of(text, key), 1, "bad-setting", f"{key} = {value!r}", expected, f"write {expected}")
        else:
            given[key] = value
    try:
        return GradingThresholds(**given)
    except ValueError as problem:
        found, _, expected = str(problem).partition("; expected ")
        findings.error(line, 1, "bad-setting", found, expected, f"write {expected}")
        return GradingThresholds()


def _slug(text: str) -> str:
    return "_".join(text.strip().casefold().replace("-", " ").replace("_", " ").split())


def _is_simple_shape(shape: str) -> bool:
    """A pattern without unbounded repeats or groups, so that no code can make it slow."""
    if len(shape) > _MAXIMUM_SHAPE or not re.fullmatch(
        r"(?:[A-Z0-9a-z.-]|\[[A-Za-z0-9-]+\]|\{\d{1,2}(?:,\d{1,2})?\}|\?|\|)+", shape
    ):
        return False
    try:
        re.compile(shape, re.ASCII)
    except re.error:
        return False
    return True


def read_adjustments(text: str, findings: Findings) -> tuple[AdjustmentRow, ...]:
    """The rows of ``adjustments.toml``; the first that fits an answer is used, the narrower one before the wider."""
    table = _parse(text, findings)
    for key in table:
        if key != "adjustment":
            findings.unknown_name(_line_of(text, key), 1, "unknown-key", "table", key, ("adjustment",))
    rows: list[AdjustmentRow] = []
    held = table.get("adjustment", [])
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        findings.error(
            _line_of(text, "adjustment"),
            1,
            "bad-setting",
            "`adjustment`",
            "[[adjustment]] tables",
            "write [[adjustment]]",
        )
        return ()
    starts = [at for at, line in enumerate(text.split("\n"), 1) if line.strip().startswith("[[adjustment")]
    for at, each in enumerate(held):
        row = _adjustment(each, starts[at] if at < len(starts) else 1, findings)
        if row is not None:
            rows.append(row)
    return tuple(sorted(rows, key=_narrowness, reverse=True))


def _narrowness(row: AdjustmentRow) -> int:
    stated: Iterable[object] = (
        row.payer,
        row.line_of_business,
        row.state,
        row.period.start,
        row.period.end,
        row.reason_key,
    )
    return sum(value is not None for value in stated)


def _adjustment(table: dict[str, Any], line: int, findings: Findings) -> AdjustmentRow | None:
    before = len(findings.found)
    for key in table:
        if key not in _ADJUSTMENT:
            findings.unknown_name(line, 1, "unknown-key", "key of an adjustment", key, _ADJUSTMENT)
    words: dict[str, str | None] = {}
    for key in _ADJUSTMENT:
        value = table.get(key)
        if isinstance(value, datetime | date) and key in ("from", "to"):
            value = value.isoformat()[:10]
        if value is not None and key != "rarc" and not isinstance(value, str):
            findings.error(line, 1, "bad-setting", f"{key} = {value!r}", "a text", "put it in quotes")
        words[key] = value if isinstance(value, str) else None
    rarc = table.get("rarc", [])
    if not isinstance(rarc, list) or not all(
        isinstance(each, str) and re.fullmatch(r"(?:M|MA|N)\d{1,3}", each, re.ASCII) for each in rarc
    ):
        findings.error(line, 1, "bad-setting", f"rarc = {rarc!r}", "a list of RARCs such as N130", "correct it")
        rarc = []
    reason, position = words["reason_key"], words["coverage_position"]
    if (reason is None) == (position is None):
        findings.error(
            line, 1, "bad-setting", "both or neither of reason_key and coverage_position", "exactly one", "keep one"
        )
    if reason is not None and reason not in REASON_KINDS:
        findings.unknown_name(line, 1, "unknown-reason", "reason key", reason, REASON_KINDS)
    canonical = next((each for each in CoveragePosition if each.value == position), None)
    if position is not None and canonical is None:
        findings.unknown_name(
            line, 1, "unknown-position", "position", position, [each.value for each in CoveragePosition]
        )
    carc = words["carc"]
    if carc is not None and not re.fullmatch(r"[A-Z]?\d{1,3}", carc, re.ASCII):
        findings.error(line, 1, "bad-setting", f"carc = {carc!r}", "a CARC such as 55", "correct it")
    start, end = (parse_day(words[key] or "") for key in ("from", "to"))
    for key, day in (("from", start), ("to", end)):
        if words[key] and day is None:
            findings.error(line, 1, "bad-date", f"{key} = {words[key]!r}", "YYYY-MM-DD", "correct the date")
    lob = words["line_of_business"]
    if len(findings.found) > before:
        return None
    return AdjustmentRow(
        reason,
        canonical,
        words["payer"],
        None if lob is None else _slug(lob),
        words["state"],
        EffectivePeriod(start, None if end is None else end + ONE_DAY),
        words["group"],
        carc,
        tuple(rarc),
    )
