"""Adjustments: replacements and voids by frequency code, reversals, later payments, and chains that are broken.

Every line is answered; what an adjustment changes is whether the line counts.
"""

from __future__ import annotations

from medpol.claims.synth.planting import MET, NOT_COVERED, NOT_MET, Plant, PlantedLine, Said, plant

_NEEDLING, _DAY, _LATER = "20560", "2024-07-01", "2024-07-08"
_INVESTIGATIONAL = "investigational, as every line of needling in force"


def _frequency(
    claim: str, code: str | None, status: str, replaces: str = "", day: str = _DAY, why: str = _INVESTIGATIONAL
) -> PlantedLine:
    cells = {} if code is None else {"x_claim_frequency_code": code}
    return PlantedLine(
        _NEEDLING, day, NOT_COVERED, why, claim=claim, replaces=replaces, final_status=status, cells=cells
    )


def _paid(status: str, paid_date: str | None, charge: str, allowed: str, paid: str, why: str) -> PlantedLine:
    cells = {"paid_date": paid_date, "charge_amount": charge, "allowed_amount": allowed, "paid_amount": paid}
    return PlantedLine(_NEEDLING, _DAY, NOT_COVERED, why, claim="A", final_status=status, cells=cells)


def _visit(
    claim: str, day: str, said: Said, why: str, status: str = "final", code: str = "1", of: str = ""
) -> PlantedLine:
    return PlantedLine(
        "ZZ0301", day, said, why, claim=claim, replaces=of, final_status=status, cells={"x_claim_frequency_code": code}
    )


ADJUSTMENTS: tuple[Plant, ...] = (
    plant(
        "replacement",
        _frequency("A", "1", "replaced", why="replaced whole by a later claim"),
        _frequency("B", "7", "final", "A", _LATER, "the replacement stands"),
    ),
    plant(
        "void",
        _frequency("A", "1", "void", why="made void by a later claim"),
        _frequency("B", "8", "void", "A", why="the void of a claim is void itself"),
    ),
    plant(
        "replacement-of-replacement",
        _frequency("A", "1", "replaced"),
        _frequency("B", "7", "replaced", "A"),
        _frequency("C", "7", "final", "B", why="the last of three stands"),
    ),
    plant("broken-chain", _frequency("B", "7", "undetermined", "MISSING", why="its original is not in the file")),
    plant("broken-chain", _frequency("B", "8", "undetermined", "MISSING", why="its original is not in the file")),
    plant(
        "forked-chain",
        _frequency("A", "1", "replaced"),
        _frequency("B", "7", "undetermined", "A", why="two claims replace one"),
        _frequency("C", "7", "undetermined", "A", why="two claims replace one"),
    ),
    plant("frequency-unknown", _frequency("A", "5", "undetermined", why="none of 1, 7 and 8")),
    plant(
        "replaced-visit-does-not-count",
        _visit("A", "2023-04-03", MET, "under the limit of 3 in 12 months", "replaced"),
        _visit("B", "2023-04-10", MET, "under the limit; the visit it replaces does not count", code="7", of="A"),
        _visit("C", "2023-05-03", MET, "under the limit of 3 in 12 months"),
        _visit("D", "2023-06-03", MET, "at the limit: the replaced visit does not count"),
        _visit("E", "2023-07-03", NOT_MET, "over the limit of 3"),
    ),
    plant(
        "reversal",
        _paid("void", "2024-07-20", "100.00", "60.00", "48.00", "cancelled by a line of the same amounts below zero"),
        _paid("reversal", "2024-08-20", "-100.00", "-60.00", "-48.00", "it cancels the line before"),
        _paid("final", "2024-08-21", "90.00", "54.00", "43.20", "what was billed instead"),
    ),
    plant(
        "paid-again",
        _paid("replaced", "2024-07-20", "100.00", "60.00", "0.00", "a later payment stands in its place"),
        _paid("final", "2024-08-20", "100.00", "60.00", "48.00", "the later payment"),
    ),
    plant(
        "reversal-of-nothing", _paid("undetermined", "2024-08-20", "-100.00", "-60.00", "-48.00", "it cancels no line")
    ),
    plant(
        "charge-missing",
        PlantedLine(
            _NEEDLING, _DAY, NOT_COVERED, "no charge is given, which changes no answer", cells={"charge_amount": None}
        ),
    ),
)
