"""The end of a run in words: lines and dollars by outcome, position, policy and reason, and what has none of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from medpol.cli.output import Page, counted

MOST = 12
"""Rows of a table; the rest stands in the manifest."""
OUTCOMES = ("covered", "not_covered", "information_needed", "refer", "not_addressed")
_NOT_FINAL = {
    "replaced": "replaced by a later claim",
    "void": "void",
    "reversal": "reversals",
    "undetermined": "undetermined: which line stands cannot be told",
}

Row = Mapping[str, Any]


def print_summary(page: Page, whole: Row, out: Path) -> None:
    """The summary of a manifest."""
    adds_up = whole["reconciled"]
    rows, billed = adds_up["rows"], adds_up["billed_amount"]
    known = "when each was paid" if whole["known_on_paid_date"] else f"on {whole['known_on']}"
    page.title(f"{counted(rows['answered'], 'claim line')} answered, as known {known}")
    page.field("read", f"{counted(rows['read'], 'row')}, billed {dollars(billed['read'])}")
    for name, words in (
        ("rejected", "cannot be read, see rejects/"),
        ("set_aside", "not final, by --final-only"),
        ("left_out", "named by no policy, by --only addressed"),
    ):
        if rows[name]:
            page.field(name.replace("_", " "), f"{counted(rows[name], 'row')}, billed {dollars(billed[name])}: {words}")
    final = whole["final"]
    if final["outcomes"]:
        _print_outcomes(page, final["outcomes"])
        positions = [each for each in final["positions"] if each["coverage_position"] is not None]
        _print_table(page, "By position", ("position", "outcome"), _named(positions, "coverage_position", "outcome"))
        policies = [each for each in final["policies"] if each["policy"] is not None]
        _print_table(page, "By policy", ("policy", "outcome"), _named(policies, "policy", "outcome"))
        _print_table(page, "By reason", ("reason", "outcome"), _named(final["reasons"], "reason_key", "outcome"))
    _print_waiting(page, final)
    _print_not_final(page, whole["by_final_status"])
    _print_table(page, "Rejected", ("reason",), _named(whole["rejected"], "reject_key"))
    _print_odd(page, whole)
    page.blank()
    page.line("Every not covered and every refer is a recommendation until a person makes it.")
    page.line(f"{out}: line/ and policy/ hold the determinations, manifest.json every sum; run {whole['run_id']}")


def _print_outcomes(page: Page, outcomes: Sequence[Row]) -> None:
    total = sum(each["lines"] for each in outcomes)
    held = {each["outcome"]: each for each in outcomes}
    page.blank()
    page.title("Final lines by outcome")
    page.table(
        ("outcome", "lines", "share", "billed", "allowed", "at risk"),
        [
            (
                name.replace("_", " "),
                f"{held[name]['lines']:,}".rjust(11),
                f"{100 * held[name]['lines'] / total:.1f}%".rjust(6),
                *(
                    dollars(held[name][each]).rjust(16)
                    for each in ("billed_amount", "allowed_amount", "at_risk_amount")
                ),
            )
            for name in OUTCOMES
            if name in held
        ],
    )
    missing = sum(each["allowed_missing"] for each in outcomes)
    if missing:
        page.line(f"{counted(missing, 'line')} without an allowed amount: left out of allowed and at risk", indent=2)


def _named(rows: Sequence[Row], *keys: str) -> list[tuple[tuple[str, ...], Row]]:
    """Rows with their words, most lines first."""
    ordered = sorted(rows, key=lambda row: -row["lines"])
    return [
        (
            tuple(
                (row[key] or "none")
                if key in ("policy", "reason_key", "reject_key")
                else (row[key] or "none").replace("_", " ")
                for key in keys
            ),
            row,
        )
        for row in ordered
    ]


def _print_table(page: Page, title: str, titles: Sequence[str], rows: Sequence[tuple[tuple[str, ...], Row]]) -> None:
    if not rows:
        return
    page.blank()
    page.title(title)
    has_allowed = "allowed_amount" in rows[0][1]
    page.table(
        (*titles, "lines", "billed", *(("allowed",) if has_allowed else ())),
        [
            (
                *words,
                f"{row['lines']:,}".rjust(11),
                dollars(row["billed_amount"]).rjust(16),
                *((dollars(row["allowed_amount"]).rjust(16),) if has_allowed else ()),
            )
            for words, row in rows[:MOST]
        ],
    )
    if len(rows) > MOST:
        page.line(f"and {len(rows) - MOST} more in manifest.json", indent=2)


def _print_waiting(page: Page, final: Row) -> None:
    waiting = [each for each in final["reasons"] if each["outcome"] == "information_needed"]
    if waiting:
        lines = sum(each["lines"] for each in waiting)
        at_risk = sum((Decimal(each["at_risk_amount"]) for each in waiting), Decimal(0))
        page.blank()
        page.line(
            f"{counted(lines, 'final line')} {'waits' if lines == 1 else 'wait'} for facts, allowed "
            f"{dollars(str(at_risk))}: ask for them before anything is concluded; medpol claims explain says which."
        )


def _print_not_final(page: Page, statuses: Sequence[Row]) -> None:
    rows = [((_NOT_FINAL[each["final_status"]],), each) for each in statuses if each["final_status"] in _NOT_FINAL]
    _print_table(page, "Answered, but left out of every sum above", ("lines that are not final",), rows)


def _print_odd(page: Page, whole: Row) -> None:
    read = whole["read"]
    findings = sorted(read["findings"].items(), key=lambda each: (-each[1], each[0]))
    if findings:
        page.blank()
        page.title("Odd about the lines read")
        page.table(("finding", "lines"), [(name, f"{count:,}") for name, count in findings[:MOST]])
    if read["undeclared_lines_of_business"]:
        page.blank()
        page.title("Lines of business that the library does not declare: taken as unknown")
        page.table(
            ("name", "rows"), [(name, f"{count:,}") for name, count in read["undeclared_lines_of_business"].items()]
        )
    if whole["unsealed_inputs"]:
        page.blank()
        for path in whole["unsealed_inputs"]:
            page.line(f"unsealed input: {path}: nothing tells whether it is as it was sent", indent=2, hang=2)


def dollars(amount: str) -> str:
    """An amount as a person writes it."""
    value = Decimal(amount)
    return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"
