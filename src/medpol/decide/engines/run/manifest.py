"""A run adds up, exactly, or there is no manifest: rows and billed dollars of each input, and the sums over all parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from medpol.claims.intake import ClaimsRead
from medpol.decide.engines.run import counted
from medpol.decide.engines.run.asked import FORMAT
from medpol.decide.engines.run.counted import Totals
from medpol.decide.engines.run.disk import Written
from medpol.decide.engines.run.parts import DoesNotReconcile

Entry = Mapping[str, Any]
FATES = {
    "answered": counted.BY,
    "left_out": ("reason_key", "final_status"),
    "set_aside": ("final_status",),
    "rejected": ("reject_key",),
}
"""What becomes of a row that is read, and by what it is summed: a ``line`` row; left out by ``--only addressed``;
set aside by ``--final-only``; rejected."""


class Ledger:
    """What the journal entries add up to, taken in one after the other."""

    def __init__(self, history: Iterable[int] = ()) -> None:
        self.history = frozenset(history)
        """Inputs whose lines are counted as earlier services: of them only rejects are summed, and apart."""
        self.totals = {name: Totals(by) for name, by in FATES.items()}
        self.of_inputs: dict[int, dict[str, tuple[int, Decimal]]] = {}
        self.files: list[Mapping[str, Any]] = []
        self.line_rows = self.policy_rows = 0

    def take(self, entry: Entry) -> None:
        """Raises ``DoesNotReconcile`` where the entry itself does not add up."""
        held = self.of_inputs.setdefault(entry["input"], {name: (0, Decimal(0)) for name in FATES})
        counts = {name: counted.lines(entry.get(name, ())) for name in FATES}
        for name, count in counts.items():
            rows = entry.get(name, ())
            held[name] = (held[name][0] + count, held[name][1] + counted.dollars(rows))
            if entry["input"] not in self.history:
                self.totals[name].add(rows)
        self.files += entry["files"]
        self.line_rows += entry.get("line_rows", 0)
        self.policy_rows += entry.get("policy_rows", 0)
        where = entry["files"][0]["path"]
        if "lines_read" in entry:
            _refuse(where, "lines", entry["lines_read"], {name: counts[name] for name in FATES if name != "rejected"})
            _refuse(where, "rows", entry["line_rows"], {"answered": counts["answered"]})

    def sums(self) -> dict[str, tuple[int, Decimal]]:
        """Rows and billed dollars of all inputs that were answered, by what became of them."""
        held = {name: (0, Decimal(0)) for name in FATES}
        for number, sums in self.of_inputs.items():
            if number not in self.history:
                for name, (rows, billed) in sums.items():
                    held[name] = (held[name][0] + rows, held[name][1] + billed)
        return held

    def final(self) -> dict[str, list[dict[str, Any]]]:
        """Sums over the lines that stand."""
        rows = [row for row in self.totals["answered"].rows() if row["final_status"] == "final"]
        return {
            "outcomes": counted.added(rows, ("outcome",)),
            "positions": counted.added(rows, ("outcome", "coverage_position")),
            "policies": counted.added(rows, ("policy", "outcome")),
            "reasons": counted.added(rows, ("outcome", "reason_key")),
        }

    def refuse_difference(self, inputs: Iterable[Mapping[str, Any]]) -> None:
        """Raises ``DoesNotReconcile`` where an input, as ``InputRead`` says it, is not what became of it."""
        for each in inputs:
            sums = dict(self.of_inputs.get(each["number"], {}))
            if each["number"] in self.history:
                sums["answered"] = (each["lines"], Decimal(each["billed_lines"]))
            rows = {name: rows for name, (rows, _) in sums.items()}
            billed = {name: billed for name, (_, billed) in sums.items()}
            _refuse(each["path"], "rows", each["rows"], rows)
            _refuse(each["path"], "billed dollars", Decimal(each["billed_read"]), billed)


def manifest(said: Mapping[str, Any], read: ClaimsRead, ledger: Ledger, journal: Iterable[Written]) -> dict[str, Any]:
    """What ``manifest.json`` says; the same for the same inputs, whenever and however often the run was begun."""
    sums = ledger.sums()
    billed = sum((each.billed_read for each in read.inputs if not each.is_history), Decimal(0))
    return {
        "format": FORMAT,
        "run_id": said["run_id"],
        "engine_version": said["engine_version"],
        "plan_hash": said["plan_hash"],
        "known_on": said["known_on"],
        "known_on_paid_date": said["known_on_paid_date"],
        "reconciled": {
            "rows": {"read": read.rows, **{name: rows for name, (rows, _) in sums.items()}},
            "billed_amount": {"read": f"{billed:.2f}", **{name: f"{held:.2f}" for name, (_, held) in sums.items()}},
        },
        "line_rows": ledger.line_rows,
        "policy_rows": ledger.policy_rows,
        "final": ledger.final(),
        "by_final_status": counted.added(ledger.totals["answered"].rows(), ("final_status",)),
        **{name: ledger.totals[name].rows() for name in FATES if name != "answered"},
        "unsealed_inputs": list(read.unsealed),
        "read": read.as_dict(),
        "parts": ledger.files,
        "journal": [each.as_dict() for each in journal],
    }


def _refuse(where: str, what: str, read: object, sums: Mapping[str, Any]) -> None:
    if sum(sums.values()) != read:
        parts = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sums.items())
        raise DoesNotReconcile(f"{where}: {what} read {read}; {parts}")
