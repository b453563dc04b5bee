"""The plants as rows: claims, spans, documented facts and truth of one block, each with ids of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from medpol.claims.npi import check_digit
from medpol.claims.synth.planting import PAYER, Form, Plant, PlantedLine
from medpol.claims.synth.rows import CLAIM_COLUMNS, CLAIMS, DATA_SOURCE, DOCUMENTED, FILING_CODE, SPANS, TRUTH, parsed

BLOCK_SIGN = "{b}"
"""What stands for the number of the block in an id."""
BLOCK_DIGITS = 7
_RENDERING, _BILLING = (f"2{number:08}{check_digit(f'2{number:08}')}" for number in (1, 2))
"""Real numbers begin with 1."""
_IDS = ("claim_id", "member_id", "x_subscriber_id", "x_original_claim_id")


@dataclass(frozen=True, slots=True)
class Planted:
    """The plants of one block."""

    claims: pa.Table
    spans: pa.Table
    facts: pa.Table
    truth: pa.Table


@dataclass(slots=True)
class PlantedRows:
    """The rows of all plants, made once; a block takes them with its number in their ids.

    A plant that claims of the form cannot say keeps its rows, so that every other row stands where it does in other
    forms; ``is_carried`` says which are written.
    """

    plants: Sequence[Plant]
    form: Form
    ends: list[int] = field(default_factory=list)
    """Of each plant, the row behind its last."""
    is_carried: list[bool] = field(default_factory=list)
    """Of each row."""
    _claims: pa.Table = field(init=False)
    _spans: pa.Table = field(init=False)
    _facts: pa.Table = field(init=False)
    _truth: pa.Table = field(init=False)

    def __post_init__(self) -> None:
        claims: list[dict[str, str | None]] = []
        spans: list[dict[str, str | None]] = []
        facts: list[dict[str, str | None]] = []
        truth: list[dict[str, str | None]] = []
        for number, plant in enumerate(self.plants):
            carried = plant.is_carried_by(self.form)
            of_plant = list(_claim_rows(number, plant, self.form))
            claims += of_plant
            spans += _span_rows(number, plant)
            facts += _fact_rows(number, plant)
            if carried:
                truth += [
                    _truth_row(plant, line, row) | {"at": str(len(self.is_carried) + at)}
                    for at, (line, row) in enumerate(zip(plant.lines, of_plant, strict=True))
                ]
            self.is_carried += [carried] * len(of_plant)
            self.ends.append(len(claims))
        self._claims = _table(claims, CLAIMS)
        self._spans, self._facts = _table(spans, SPANS), _table(facts, DOCUMENTED)
        self._truth = _table(truth, TRUTH.append(pa.field("at", pa.int64())))

    @property
    def count(self) -> int:
        """Rows of a block that are planted."""
        return self.ends[-1]

    def of_block(self, block: int, rows: int) -> Planted:
        """The plants of a block of which ``rows`` are written; a plant that is cut is true no more, and left out of truth.

        ``at`` of the truth is the row in the block, from 0.
        """
        whole = max((end for end in self.ends if end <= rows), default=0)
        truth = self._truth.filter(pc.less(self._truth["at"], whole))
        return Planted(
            _with_ids(self._claims, block),
            _with_ids(self._spans, block),
            _with_ids(self._facts, block),
            _with_ids(truth, block),
        )


def _table(rows: Sequence[dict[str, str | None]], schema: pa.Schema) -> pa.Table:
    return pa.table([parsed([row.get(each.name) for row in rows], each.type) for each in schema], schema=schema)


def _with_ids(table: pa.Table, block: int) -> pa.Table:
    for name in _IDS:
        if name in table.column_names:
            ids = pc.replace_substring(table[name], BLOCK_SIGN, f"{block:0{BLOCK_DIGITS}}")
            table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), ids)
    return table


def _member_id(number: int, plant: Plant) -> str:
    return plant.member_id or f"ZZP{BLOCK_SIGN}{number:03}"


def _claim_id(number: int, label: str) -> str:
    return f"ZZP{BLOCK_SIGN}-{number:03}{label}"


def _claim_rows(number: int, plant: Plant, form: Form) -> Iterator[dict[str, str | None]]:
    for at, line in enumerate(plant.lines, 1):
        yield {name: _plain(form, line).get(name) for name in CLAIM_COLUMNS} | {
            "claim_id": _claim_id(number, line.claim or f".{at}"),
            "claim_line_number": str(line.line),
            "member_id": _member_id(number, plant),
            "x_original_claim_id": _claim_id(number, line.replaces) if line.replaces else None,
            **line.cells,
        }


def _plain(form: Form, line: PlantedLine) -> dict[str, str | None]:
    """A line as most are; what a plant is about differs."""
    is_institutional = form is Form.INSTITUTIONAL or (line.code is None and not form.is_x12)
    frequency = line.cells.get("x_claim_frequency_code")
    setting: dict[str, str | None] = (
        {"claim_type": "institutional", "bill_type_code": f"13{frequency or '1'}", "revenue_center_code": "0999"}
        if is_institutional
        else {"claim_type": "professional", "place_of_service_code": "11"}
    )
    return {
        "data_source": DATA_SOURCE,
        "claim_line_start_date": line.day,
        "hcpcs_code": line.code,
        "diagnosis_code_1": "M79.18",
        "payer": PAYER,
        "x_claim_filing_code": FILING_CODE,
        "rendering_npi": _RENDERING,
        "billing_npi": _BILLING,
        "service_unit_quantity": "1",
        "x_unit_basis": "UN",
        "charge_amount": "100.00",
        "allowed_amount": "60.00",
        "paid_amount": "48.00",
        **setting,
    }


def _span_rows(number: int, plant: Plant) -> Iterator[dict[str, str | None]]:
    for member in plant.member.spans:
        yield {
            "member_id": _member_id(number, plant),
            "enrollment_start_date": member.first_day,
            "enrollment_end_date": member.last_day,
            "payer": PAYER,
            "payer_type": member.payer_type,
            "plan": member.plan,
            "group_id": member.group_id,
            "birth_date": member.birth_date,
            "gender": member.gender,
            "first_name": "INVENTED",
            "last_name": f"PLANT {number:03}",
        }


def _fact_rows(number: int, plant: Plant) -> Iterator[dict[str, str | None]]:
    for fact in plant.facts:
        yield {
            "member_id": _member_id(number, plant),
            "name": fact.name,
            "value": fact.value,
            "unit": fact.unit,
            "observed_on": fact.observed_on,
            "recorded_on": fact.recorded_on,
            "source": "record",
        }


def _truth_row(plant: Plant, line: PlantedLine, row: dict[str, str | None]) -> dict[str, str | None]:
    return {
        **{name: row[name] for name in ("data_source", "claim_id", "claim_line_number")},
        "outcome": line.said.outcome,
        "reason_key": line.said.reason_key,
        "final_status": line.final_status,
        "plant": plant.name,
        "why": line.why,
    }
