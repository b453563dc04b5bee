"""Synthetic 837P and 837I files from edge rows: what a sender would have sent, read back as the same rows.

Persons, addresses and names are invented and look it. What an 837 has no place for (allowed and paid amounts, plan, state)
is not written; a value that it cannot hold, as one with a delimiter in it, is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import BinaryIO, TypeVar

from medpol.claims.columns import SHAPES, ColumnType
from medpol.claims.x12.batches import FAMILIES, WIDTH, ClaimRow
from medpol.claims.x12.claim import RENDERING, TAXONOMY
from medpol.claims.x12.delimiters import Delimiters
from medpol.claims.x12.elements import MOST_CODES
from medpol.claims.x12.qualifiers import ROLES, Role
from medpol.claims.x12.structure import INSTITUTIONAL, PROFESSIONAL

_Item = TypeVar("_Item")
Row = Mapping[str, str | None]
"""One line by the names of its edge columns; a name that is absent is null."""

VERSIONS = {PROFESSIONAL: "005010X222A1", INSTITUTIONAL: "005010X223A2"}
_ISO = re.compile(SHAPES[ColumnType.DATE], re.ASCII)
_MONEY = re.compile(SHAPES[ColumnType.MONEY], re.ASCII)
_SELF, _OTHER = "18", "G8"
_ADDRESS = (["N3", "1 EXAMPLE STREET"], ["N4", "EXAMPLETOWN", "OH", "000000000"])
_NAMES = {family: tuple(f"{family}_{at}" for at in range(1, WIDTH[family] + 1)) for family in FAMILIES}
_OF_CLAIM = frozenset(ClaimRow._fields).union(*_NAMES.values()) - frozenset(
    (*FAMILIES, "interchange", "functional_group", "transaction", "claim_type")
)


class CannotCarry(ValueError):
    """An 837 has no way to say this: the column, the value, and what it would take."""

    def __init__(self, column: str, value: str | None, expected: str) -> None:
        super().__init__(f"{column} {value!r}: {expected}")
        self.column, self.value = column, value


@dataclass(frozen=True, slots=True)
class Sending:
    """How rows are cut into interchanges, and how these are written."""

    delimiters: Delimiters = field(default_factory=Delimiters)
    line_end: str = ""
    claims_per_transaction: int = 1000
    transactions_per_group: int = 10
    groups_per_interchange: int = 1
    created: date = date(2020, 1, 1)
    is_test: bool = True


def write_837(rows: Iterable[Row], kind: str, file: BinaryIO, sending: Sending | None = None) -> int:
    """Write the rows, which stand claim by claim, as 837P (``professional``) or 837I; how many segments that took.

    ``claim_type`` is not read: ``kind`` is what is written. Raises ``CannotCarry`` for a value that an 837 cannot hold.
    """
    sending = sending or Sending()
    delimiters, count = sending.delimiters, 0
    for segment in segments_of(rows, kind, sending):
        text = delimiters.element.join(segment).rstrip(delimiters.element)
        if segment[0] == "ISA":
            text = delimiters.element.join(segment)
        file.write(f"{text}{delimiters.segment}{sending.line_end}".encode("ascii"))
        count += 1
    return count


def segments_of(rows: Iterable[Row], kind: str, sending: Sending) -> Iterator[list[str]]:
    """The segments of the interchanges, as elements."""
    claims = (list(lines) for _, lines in groupby(rows, key=lambda row: row.get("claim_id")))
    transactions = _cut(claims, sending.claims_per_transaction)
    interchanges = _cut(_cut(transactions, sending.transactions_per_group), sending.groups_per_interchange)
    for interchange, groups in enumerate(interchanges, start=1):
        yield _isa(f"{interchange:09}", sending)
        for number, group in enumerate(groups, start=1):
            day = f"{sending.created:%Y%m%d}"
            yield ["GS", "HC", "SENDER", "RECEIVER", day, "0000", str(number), "X", VERSIONS[kind]]
            for at, transaction in enumerate(group, start=1):
                body = list(_Transaction(kind, sending).segments(transaction))
                control = f"{at:04}"
                yield ["ST", "837", control, VERSIONS[kind]]
                yield from body
                yield ["SE", str(len(body) + 2), control]
            yield ["GE", str(len(group)), str(number)]
        yield ["IEA", str(len(groups)), f"{interchange:09}"]


def _cut(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    part: list[_Item] = []
    for item in items:
        part.append(item)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _isa(control: str, sending: Sending) -> list[str]:
    signs = sending.delimiters
    elements = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'SENDER':15}", "ZZ", f"{'RECEIVER':15}"]
    elements += [f"{sending.created:%y%m%d}", "0000", signs.repetition, "00501", control, "0"]
    return [*elements, "T" if sending.is_test else "P", signs.component]


class _Transaction:
    """One transaction set: its levels follow the claims, a new one wherever provider, subscriber or patient changes."""

    def __init__(self, kind: str, sending: Sending) -> None:
        self.kind, self.sending = kind, sending
        signs = sending.delimiters
        held_apart = re.escape(f"{signs.element}{signs.component}{signs.repetition}{signs.segment}")
        self.unheld = re.compile(f"[{held_apart}\\r\\n]|[^\\x00-\\x7f]")
        self.levels = 0
        self.billing_level = self.subscriber_level = 0

    def segments(self, claims: Sequence[Sequence[Row]]) -> Iterator[list[str]]:
        yield ["BHT", "0019", "00", "0001", f"{self.sending.created:%Y%m%d}", "0000", "CH"]
        yield ["NM1", "41", "2", "SYNTHETIC SENDER", "", "", "", "", "46", "SENDER"]
        yield ["PER", "IC", "NOBODY", "TE", "5555550100"]
        yield ["NM1", "40", "2", "SYNTHETIC PAYER", "", "", "", "", "46", "RECEIVER"]
        by_provider = [list(part) for _, part in groupby(claims, key=lambda lines: _get(lines[0], "billing_npi"))]
        for of_provider in by_provider:
            yield self._level("", "20", has_children=True)
            self.billing_level = self.levels
            yield self._named(["NM1", "85", "2", "SYNTHETIC CLINIC"], "XX", of_provider[0][0], "billing_npi")
            yield from _ADDRESS
            yield ["REF", "EI", "000000000"]
            for _, part in groupby(of_provider, key=lambda lines: _subscriber_key(lines[0])):
                yield from self._subscriber(list(part))

    def _subscriber(self, claims: list[Sequence[Row]]) -> Iterator[list[str]]:
        """Level 22, with the claims of the subscriber; or of one dependent after the other, at level 23."""
        row = claims[0][0]
        is_self = _is_subscriber(row)
        yield self._level(str(self.billing_level), "22", has_children=not is_self)
        self.subscriber_level = self.levels
        relationship = _SELF if is_self else ""
        yield ["SBR", "P", relationship, "", "", "", "", "", "", self._text(row, "x_claim_filing_code")]
        member = "x_subscriber_id" if _get(row, "x_subscriber_id") else "member_id"
        yield self._named(
            ["NM1", "IL", "1", "INVENTED", "SUBSCRIBER"], "MI", row, member if is_self else "x_subscriber_id"
        )
        yield from _ADDRESS
        if is_self:
            yield from self._demographics(row)
        yield self._named(["NM1", "PR", "2", "SYNTHETIC PAYER"], "PI", row, "payer")
        if is_self:
            for lines in claims:
                yield from self._claim(lines)
            return
        for _, part in groupby(claims, key=lambda lines: _patient_key(lines[0])):
            yield from self._dependent(list(part))

    def _dependent(self, claims: list[Sequence[Row]]) -> Iterator[list[str]]:
        row = claims[0][0]
        yield self._level(str(self.subscriber_level), "23", has_children=False)
        yield ["PAT", self._text(row, "x_patient_relationship") or _OTHER]
        yield ["NM1", "QC", "1", "INVENTED", "DEPENDENT"]
        yield from _ADDRESS
        yield from self._demographics(row)
        if _get(row, "member_id"):
            yield ["REF", "1W", self._text(row, "member_id")]
        for lines in claims:
            yield from self._claim(lines)

    def _level(self, parent: str, level: str, *, has_children: bool) -> list[str]:
        self.levels += 1
        return ["HL", str(self.levels), parent, level, "1" if has_children else "0"]

    def _named(self, names: list[str], qualifier: str, row: Row, column: str) -> list[str]:
        value = self._text(row, column)
        return [*names, *[""] * (8 - len(names)), qualifier, value] if value else names

    def _demographics(self, row: Row) -> Iterator[list[str]]:
        day, sex = self._text(row, "x_patient_birth_date"), self._text(row, "x_patient_sex")
        if day or sex:
            yield ["DMG", "D8" if day else "", _compact(day), sex]

    # ------------------------------------------------------------------ claim and lines

    def _claim(self, lines: Sequence[Row]) -> Iterator[list[str]]:
        row = lines[0]
        for line in lines[1:]:
            for column in (line.keys() | row.keys()) & _OF_CLAIM:
                if _get(line, column) != _get(row, column):
                    raise CannotCarry(
                        column, line.get(column), f"the lines of claim {row.get('claim_id')} differ in it"
                    )
        is_professional = self.kind == PROFESSIONAL
        yield ["CLM", self._text(row, "claim_id"), _total(lines), "", "", self._setting(lines), "Y", "A", "Y", "Y"]
        if not is_professional:
            yield from self._period("434", row, "claim_start_date", "claim_end_date")
            yield ["CL1", "3", "", "01"]
        elif _get(row, "discharge_date"):
            yield ["DTP", "096", "D8", _compact(self._text(row, "discharge_date"))]
        if not is_professional:
            self._refuse_professional(lines)
        authorization = self._shared(lines, "x_prior_auth_number")
        if authorization:
            yield ["REF", "G1", authorization]
        if _get(row, "x_original_claim_id"):
            yield ["REF", "F8", self._text(row, "x_original_claim_id")]
        yield from self._codes(row)
        renders = self._shared(lines, "rendering_npi", "x_rendering_taxonomy")
        if renders:
            yield from self._rendering(row)
        for line in lines:
            yield from self._line(line, row, is_own=not renders, has_authorization=not authorization)

    def _refuse_professional(self, lines: Sequence[Row]) -> None:
        """Raises ``CannotCarry`` for what the institutional guide has no place for."""
        for line in lines:
            if _get(line, "x_rendering_taxonomy"):
                raise CannotCarry("x_rendering_taxonomy", line["x_rendering_taxonomy"], "an 837I states none")
            if _get(line, "x_prior_auth_number") != _get(lines[0], "x_prior_auth_number"):
                raise CannotCarry(
                    "x_prior_auth_number", line.get("x_prior_auth_number"), "an 837I has one for its claim"
                )

    def _shared(self, lines: Sequence[Row], *columns: str) -> str:
        """The value of the first column, where all lines agree in all of the columns; then the claim can say it."""
        is_one = len({tuple(_get(line, column) for column in columns) for line in lines}) == 1
        return self._text(lines[0], columns[0]) if is_one else ""

    def _setting(self, lines: Sequence[Row]) -> str:
        """CLM05: place of service or bill type, and the frequency, which is 1 where none is given."""
        row, component = lines[0], self.sending.delimiters.component
        frequency = self._text(row, "x_claim_frequency_code") or "1"
        if self.kind == PROFESSIONAL:
            facility, of = self._text(row, "place_of_service_code"), "B"
            if not facility:
                raise CannotCarry(
                    "place_of_service_code", None, "a professional claim names the place of its first line"
                )
        else:
            bill_type, of = self._text(row, "bill_type_code"), "A"
            facility = bill_type[:-1]
            if not facility or bill_type[-1] != frequency:
                raise CannotCarry("bill_type_code", bill_type, f"it ends with the frequency, {frequency}")
        return component.join((facility, of, frequency))

    def _codes(self, row: Row) -> Iterator[list[str]]:
        component = self.sending.delimiters.component
        diagnoses = self._family(row, "diagnosis_code")
        said = (_get(row, "x_diagnosis_qualifiers") or "").split(",") if _get(row, "x_diagnosis_qualifiers") else []
        qualifiers = said or ["ABK", *["ABF"] * (len(diagnoses) - 1)]
        if len(qualifiers) != len(diagnoses) and diagnoses:
            raise CannotCarry("x_diagnosis_qualifiers", ",".join(said), f"one for each of {len(diagnoses)} diagnoses")
        composites = [
            component.join((of, code)) if code else "" for of, code in zip(qualifiers, diagnoses, strict=False)
        ]
        # The institutional guide has the principal diagnosis in a segment of its own.
        first = 1 if self.kind == INSTITUTIONAL else MOST_CODES
        yield from (["HI", *part] for part in (composites[:first], *_cut(composites[first:], MOST_CODES)) if part)
        for apart in filter(None, (_get(row, "x_diagnoses_apart") or "").split(",")):
            qualifier, _, code = apart.partition(":")
            if ROLES.get(qualifier) is not Role.APART:
                raise CannotCarry("x_diagnoses_apart", apart, "a qualifier such as ABJ, APR or ABN, and a code")
            yield ["HI", f"{qualifier}{component}{code}"]
        yield from self._procedures(row)

    def _procedures(self, row: Row) -> Iterator[list[str]]:
        component = self.sending.delimiters.component
        codes, days = self._family(row, "procedure_code"), self._family(row, "procedure_date")
        if codes and self.kind == PROFESSIONAL:
            raise CannotCarry("procedure_code_1", codes[0], "an 837P has no such procedures")
        principal, other = ("BR", "BQ") if _get(row, "procedure_code_type") == "icd-9-cm" else ("BBR", "BBQ")
        parts = []
        for at, code in enumerate(codes):
            day = days[at] if at < len(days) else ""
            dated = (code, "D8", _compact(day)) if day else (code,)
            parts.append(component.join((other if at else principal, *dated)))
        yield from (["HI", *part] for part in (parts[:1], *_cut(parts[1:], MOST_CODES)) if part)

    def _rendering(self, row: Row) -> Iterator[list[str]]:
        yield self._named(["NM1", RENDERING, "1", "INVENTED", "PROVIDER"], "XX", row, "rendering_npi")
        if _get(row, "x_rendering_taxonomy"):
            yield ["PRV", "PE", TAXONOMY, self._text(row, "x_rendering_taxonomy")]

    def _line(self, line: Row, claim: Row, *, is_own: bool, has_authorization: bool) -> Iterator[list[str]]:
        yield ["LX", self._text(line, "claim_line_number")]
        amounts = [self._text(line, name) for name in ("charge_amount", "x_unit_basis", "service_unit_quantity")]
        if self.kind == PROFESSIONAL:
            place = self._text(line, "place_of_service_code")
            if not place:
                raise CannotCarry("place_of_service_code", None, "a line without a place has its claim's")
            place = "" if place == _get(claim, "place_of_service_code") else place
            pointers = (_get(line, "x_diagnosis_pointers") or "").replace(",", self.sending.delimiters.component)
            yield ["SV1", self._procedure(line), *amounts, place, "", pointers]
        else:
            yield ["SV2", self._text(line, "revenue_center_code"), self._procedure(line), *amounts]
        yield from self._period("472", line, "claim_line_start_date", "claim_line_end_date")
        if has_authorization and _get(line, "x_prior_auth_number"):
            yield ["REF", "G1", self._text(line, "x_prior_auth_number")]
        if _get(line, "x_ndc"):
            yield ["LIN", "", "N4", self._text(line, "x_ndc")]
            if _get(line, "x_ndc_quantity") or _get(line, "x_ndc_unit"):
                yield ["CTP", "", "", "", self._text(line, "x_ndc_quantity"), self._text(line, "x_ndc_unit")]
        if is_own and (_get(line, "rendering_npi") or _get(line, "x_rendering_taxonomy")):
            yield from self._rendering(line)

    def _procedure(self, line: Row) -> str:
        code = self._text(line, "hcpcs_code")
        parts = [self._text(line, f"hcpcs_modifier_{at}") for at in range(1, 5)]
        if not code and (any(parts) or self.kind == PROFESSIONAL):
            raise CannotCarry("hcpcs_code", None, "a code: only a line with a revenue centre goes without")
        if _get(line, "hcpcs_modifier_5"):
            raise CannotCarry("hcpcs_modifier_5", line.get("hcpcs_modifier_5"), "an 837 has four modifiers")
        system = self._text(line, "x_service_code_system") or "HC"
        component = self.sending.delimiters.component
        return component.join((system, code, *parts)).rstrip(component) if code else ""

    def _period(self, of: str, row: Row, first: str, last: str) -> Iterator[list[str]]:
        start, end = _compact(self._text(row, first)), _compact(self._text(row, last))
        if start:
            yield ["DTP", of, "RD8" if end else "D8", f"{start}-{end}" if end else start]

    def _family(self, row: Row, family: str) -> list[str]:
        """The values of a numbered family up to its last."""
        names = _NAMES[family]
        last = max((at for at, name in enumerate(names, start=1) if row.get(name)), default=0)
        return [self._text(row, name) for name in names[:last]]

    def _text(self, row: Row, column: str) -> str:
        """The value, if an element can hold it."""
        value = _get(row, column)
        if value and self.unheld.search(value):
            raise CannotCarry(column, value, "ASCII without a delimiter: choose other delimiters")
        return value


def _get(row: Row, column: str) -> str:
    return row.get(column) or ""


def _is_subscriber(row: Row) -> bool:
    """Whether the patient is the subscriber: said so, or nothing said and no other id."""
    relationship, subscriber = _get(row, "x_patient_relationship"), _get(row, "x_subscriber_id")
    return relationship == _SELF or (not relationship and subscriber in ("", _get(row, "member_id")))


def _subscriber_key(row: Row) -> tuple[str, ...]:
    """What a level 22 says: two claims that agree in it may share the level."""
    names = ("x_subscriber_id", "payer", "x_claim_filing_code")
    own = _patient_key(row) if _is_subscriber(row) else ()
    return (*(_get(row, name) for name in names), *own)


def _patient_key(row: Row) -> tuple[str, ...]:
    names = ("member_id", "x_patient_relationship", "x_patient_birth_date", "x_patient_sex")
    return tuple(_get(row, name) for name in names)


def _compact(day: str) -> str:
    """The day as X12 writes it; what is no day stays, so that a fault can be planted."""
    return day.replace("-", "") if _ISO.fullmatch(day) else day


def _total(lines: Sequence[Row]) -> str:
    """CLM02: the sum of the charges that are amounts."""
    charges = [_get(line, "charge_amount") for line in lines]
    return str(sum((Decimal(each) for each in charges if _MONEY.fullmatch(each)), Decimal(0)))
