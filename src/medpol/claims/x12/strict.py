"""The strict second reader of 837 files: the models of ``x12sdk`` check every segment, and the charges of every claim add up.

It gives the batches of ``read_837`` at some hundreds of claims a second, and refuses the whole interchange for whatever
one segment has wrong. ``x12sdk`` reads neither the envelope nor the text of a number: both are held here. Needs the extra
``x12``; as it is imported, ``x12sdk`` looks for a ``.env`` file in the folders above its own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import ValidationError
from x12sdk.models import X12Delimiters
from x12sdk.parsing import X12Parser, create_parser

from medpol.claims.columns import SHAPES, ColumnType
from medpol.claims.x12.batches import BATCH, ClaimRow, LineRow
from medpol.claims.x12.delimiters import Delimiters
from medpol.claims.x12.elements import HealthCodes, number_of, period_of, procedure_of
from medpol.claims.x12.outbox import Outbox
from medpol.claims.x12.reading import RELEASE, guide_of
from medpol.claims.x12.rejects import BrokenEnvelope, Rejected, SegmentReject
from medpol.claims.x12.segments import BLOCK, Kind, read_blocks
from medpol.claims.x12.structure import PROFESSIONAL

_NUMBERS = {"CLM": (2,), "SV1": (2, 4), "SV2": (3, 5), "CTP": (4,)}
"""Elements that are numbers: ``x12sdk`` would take 1e3 and 5_0 for such, and gives the text no more."""
_NUMBER = re.compile(SHAPES[ColumnType.QUANTITY], re.ASCII)
_ENVELOPE = {"ISA": 17, "GS": 9, "ST": 3, "SE": 3, "GE": 3, "IEA": 3}
_MEND = "mend the segment, or read the file without --strict, which rejects single lines where it can"
_MEMBER_QUALIFIERS = ("MI", "II")


def read_837_strict(
    path: Path,
    *,
    rejected: Rejected,
    block: int = BLOCK,
    batch: int = BATCH,
    encoding: str = "ascii",
    temporary: Path | None = None,
) -> Iterator[pa.RecordBatch]:
    """What ``read_837`` gives of the same file, if ``x12sdk`` accepts all of it; memory holds one transaction set."""
    logging.getLogger("x12sdk").setLevel(logging.CRITICAL)  # It would print what it found to standard error.
    outbox = Outbox(batch=batch, temporary=temporary)
    reader = _StrictReader(outbox, rejected)
    with path.open("rb") as file:
        for each in read_blocks(file, block=block, encoding=encoding):
            if each.kind is Kind.SEGMENTS:
                for segment in each.segments:
                    reader.read(segment.split(each.delimiters.element), each.delimiters)
            else:
                reader.refuse(BrokenEnvelope(each.why, each.kind.value, _MEND))
            yield from outbox.leaving()
    if reader.is_open:
        reader.refuse(BrokenEnvelope("the end of the file", "the IEA segment of the interchange", _MEND))
    reader.close()
    yield from outbox.leaving(is_end=True)


class _StrictReader:
    """The envelope, held segment by segment; what is between ST and SE goes to ``x12sdk``."""

    def __init__(self, outbox: Outbox, rejected: Rejected) -> None:
        self.outbox, self.rejected = outbox, rejected
        self.position = 0
        self.open: list[list[str]] = []
        """The segments that opened what is open: ISA, GS, ST."""
        self.counts = [0, 0, 0]
        self.fault: tuple[int, BrokenEnvelope] | None = None
        self.lines = 0
        self.interchange = ""
        self.parser: X12Parser | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.open)

    def refuse(self, problem: BrokenEnvelope) -> None:
        if self.fault is None:
            self.fault = self.position, problem
            self.outbox.drop()

    def close(self) -> None:
        """The interchange is over: its fault is told, if it has one."""
        if self.fault is not None:
            position, problem = self.fault
            self.rejected(
                SegmentReject(
                    position,
                    "envelope",
                    problem.found,
                    problem.expected,
                    problem.mend,
                    interchange=self.interchange or None,
                    lines=self.lines,
                )
            )
        self.open, self.fault, self.lines, self.interchange = [], None, 0, ""

    def read(self, elements: list[str], delimiters: Delimiters) -> None:
        self.position += 1
        name = elements[0]
        if name == "ISA":
            if self.open:
                self.refuse(BrokenEnvelope("an ISA segment inside of an interchange", "its IEA segment first", _MEND))
            self.close()
        self.lines += name == "LX"
        if self.fault is None:
            try:
                self._take(name, elements, delimiters)
            except BrokenEnvelope as problem:
                self.refuse(problem)
            except Exception as problem:  # x12sdk raises what its dictionaries raise, as KeyError and AttributeError
                self.refuse(BrokenEnvelope(_told(problem), "what the models of x12sdk accept", _MEND))
        if name == "IEA":
            if self.fault is None:
                self.outbox.confirm()
            self.close()

    def _take(self, name: str, elements: list[str], delimiters: Delimiters) -> None:
        depth = len(self.open)
        match name, depth:
            case "ISA", 0:
                self.interchange, self.counts = elements[13], [0, 0, 0]
                _hold("ISA12", elements[12], RELEASE)
            case "GS", 1:
                guide_of(elements[1], elements[8])
                self.counts[0], self.counts[1] = self.counts[0] + 1, 0
            case "ST", 2:
                _hold("ST", elements[1:], ["837", elements[2], *[self.open[1][8]] * (len(elements) - 3)])
                self.counts[1] += 1
                self.first_position, self.line_positions = self.position, list[int]()
                self.parser = create_parser("837", self.open[1][8], _x12sdk_delimiters(delimiters))
            case "SE", 3:
                _hold("SE", [int(elements[1]), elements[2]], [self.position - self.first_position + 1, self.open[2][2]])
            case "GE", 2:
                _hold("GE", [int(elements[1]), elements[2]], [self.counts[1], self.open[1][6]])
            case "IEA", 1:
                _hold("IEA", [int(elements[1]), elements[2]], [self.counts[0], self.open[0][13]])
            case _ if depth != 3 or name in _ENVELOPE:
                raise BrokenEnvelope(repr(name[:20]), "the envelope's order: ISA, GS, ST, SE, GE, IEA", _MEND)
        if depth == 3 or name == "ST":
            self._feed(name, elements, delimiters)
        if name in ("ISA", "GS", "ST"):
            self.open.append(elements)
        elif name in ("SE", "GE"):
            self.open.pop()

    def _feed(self, name: str, elements: list[str], delimiters: Delimiters) -> None:
        assert self.parser is not None
        for at in _NUMBERS.get(name, ()):
            if len(elements) > at and elements[at] and not _NUMBER.fullmatch(number_of(elements[at])):
                raise BrokenEnvelope(f"{name}{at:02} {elements[at]}", "a number", _MEND)
        if name == "DTP" and elements[2] in ("D8", "RD8") and period_of(elements[2], elements[3]) is None:
            raise BrokenEnvelope(" ".join(elements), "YYYYMMDD, or two of them with a hyphen between", _MEND)
        if name == "LX":
            self.line_positions.append(self.position)
        if name == "HL" and elements[3] == "22":
            # x12sdk hangs the claims of a subscriber who says to have dependents on the patient before; its parsing
            # reads HL04 for nothing else.
            elements = [*elements[:4], "0"]
        model = self.parser.parse(name, elements)
        if model is not None:
            _Walk(self, model, delimiters).put()


class _Walk:
    """The claims of one transaction set, as x12sdk's model has them, put into the outbox."""

    def __init__(self, reader: _StrictReader, model: Any, delimiters: Delimiters) -> None:
        self.reader, self.model, self.component = reader, model, delimiters.component
        _, group, _ = reader.open
        self.kind = guide_of(group[1], group[8])
        self.common = (reader.interchange, group[6], reader.open[2][2])
        self.positions = iter(reader.line_positions)

    def put(self) -> None:
        for billing in self.model.loop_2000a:
            for subscriber in billing.loop_2000b:
                for claim in subscriber.loop_2300 or ():
                    self._claim(claim, billing, subscriber, None)
                for patient in subscriber.loop_2000c or ():
                    for claim in patient.loop_2300 or ():
                        self._claim(claim, billing, subscriber, patient)

    def _claim(self, claim: Any, billing: Any, subscriber: Any, patient: Any) -> None:
        outbox, row = self.reader.outbox, self._claim_row(claim, billing, subscriber, patient)
        place = outbox.add_claim(row)
        rendering = claim.loop_2310b if self.kind == PROFESSIONAL else claim.loop_2310d
        for line in claim.loop_2400:
            if outbox.is_full():
                outbox.make_room()
                place = outbox.add_claim(row)
            outbox.add_line(self._line_row(line, claim, rendering, place))

    def _claim_row(self, claim: Any, billing: Any, subscriber: Any, patient: Any) -> ClaimRow:
        head, sbr = claim.clm_segment, subscriber.sbr_segment
        facility, of, frequency = head.health_care_service_location_information.split(self.component)
        codes = HealthCodes()
        for each in claim.hi_segment or ():
            # The last elements that are not there are null; those before, if empty, keep their place.
            elements = [getattr(each, f"health_care_code_{at}") for at in range(1, 13)]
            while elements and elements[-1] is None:
                elements.pop()
            codes.add((self.component.join(parts or ()) for parts in elements), self.component)
        person = patient.loop_2010ca if patient else subscriber.loop_2010ba
        subscriber_id, payer = (
            _member_id(subscriber.loop_2010ba),
            _text(subscriber.loop_2010bb.nm1_segment.identification_code),
        )
        member = subscriber_id if sbr.individual_relationship_code == "18" else ""
        if patient:
            member = _member_id(person) or _reference(person, "1W")
        start, end = self._dates(claim, "434") if self.kind != PROFESSIONAL else ("", "")
        filing_code = _text(sbr.claim_filing_indicator_code)
        relationship = patient.pat_segment.individual_relationship_code if patient else sbr.individual_relationship_code
        demographics = person.dmg_segment
        return ClaimRow(
            *self.common,
            claim_id=head.patient_control_number,
            claim_type=self.kind,
            claim_start_date=start,
            claim_end_date=end,
            discharge_date=self._dates(claim, "096")[0],
            bill_type_code=f"{facility}{frequency}" if self.kind != PROFESSIONAL and of == "A" else "",
            x_claim_frequency_code=frequency,
            x_original_claim_id=_reference(claim, "F8"),
            payer=payer,
            x_claim_filing_code=filing_code,
            member_id=member,
            x_subscriber_id=subscriber_id,
            x_patient_relationship=_text(relationship),
            x_patient_birth_date=_text(demographics and demographics.date_time_period),
            x_patient_sex=_text(demographics and demographics.gender_code),
            billing_npi=_npi(billing.loop_2010aa),
            x_diagnosis_qualifiers=",".join(codes.qualifiers),
            x_diagnoses_apart=",".join(codes.apart),
            procedure_code_type=codes.procedure_system,
            diagnosis_code=codes.diagnoses,
            procedure_code=codes.procedures,
            procedure_date=codes.procedure_dates,
        )

    def _line_row(self, line: Any, claim: Any, claim_rendering: Any, at: int) -> LineRow:
        is_professional = self.kind == PROFESSIONAL
        service = line.sv1_segment if is_professional else line.sv2_segment
        composite = (
            service.product_service_id_qualifier if is_professional else service.composite_medical_procedure_identifier
        )
        procedure = procedure_of(composite, self.component) if composite else ("",) * 6
        if procedure is None:
            raise BrokenEnvelope(f"the procedure {composite!r}", "qualifier and code", _MEND)
        own = line.loop_2420a if is_professional else line.loop_2420c
        rendering, drug = own or claim_rendering, line.loop_2410
        facility, of, _ = claim.clm_segment.health_care_service_location_information.split(self.component)
        place = _text(service.place_of_service_code) or (facility if of == "B" else "") if is_professional else ""
        pointers = _text(service.composite_diagnosis_code_pointer) if is_professional else ""
        authorization = _reference(line, "G1") or _reference(claim, "G1")
        has_code = drug is not None and drug.lin_segment.product_service_id_qualifier == "N4"
        return LineRow(
            at,
            next(self.positions),
            line.lx_segment.assigned_number,
            *self._dates(line, "472"),
            *procedure,
            revenue_center_code="" if is_professional else service.service_line_revenue_code,
            place_of_service_code=place,
            charge_amount=_text(service.line_item_charge_amount),
            x_unit_basis=_text(service.unit_basis_measurement_code if is_professional else service.measurement_code),
            service_unit_quantity=_text(service.service_unit_count),
            x_diagnosis_pointers=pointers.replace(self.component, ","),
            x_prior_auth_number=authorization,
            rendering_npi=_npi(rendering) if rendering else "",
            x_rendering_taxonomy=_taxonomy(rendering),
            x_ndc=drug.lin_segment.national_drug_code_universal_product_number if has_code else "",
            x_ndc_quantity=_text(drug and drug.ctp_segment.quantity),
            x_ndc_unit=_text(drug and drug.ctp_segment.composite_unit_of_measure).partition(self.component)[0],
        )

    def _dates(self, loop: Any, qualifier: str) -> tuple[str, str]:
        """The days of a loop's DTP; a claim that states the hour of discharge alone has no day of it."""
        for each in _listed(loop.dtp_segment):
            if each.date_time_qualifier == qualifier and each.date_time_period_format_qualifier in ("D8", "RD8"):
                # x12sdk has made a date of a single day, and left a range as it was.
                text = str(each.date_time_period)
                return period_of("RD8", text) or (text[:10], "")
        return "", ""


def _told(problem: Exception) -> str:
    """What x12sdk found, without the values it found it in."""
    if isinstance(problem, ValidationError):
        first = problem.errors(include_input=False, include_url=False, include_context=False)[0]
        return f"{'.'.join(str(each) for each in first['loc'])}: {first['msg']}"
    return f"{type(problem).__name__}: {problem}"


def _hold(name: str, found: object, expected: object) -> None:
    if found != expected:
        raise BrokenEnvelope(f"{name} {found}", str(expected), _MEND)


def _x12sdk_delimiters(delimiters: Delimiters) -> X12Delimiters:
    return X12Delimiters(
        element_separator=delimiters.element,
        repetition_separator=delimiters.repetition,
        segment_terminator=delimiters.segment,
        component_separator=delimiters.component,
    )


def _listed(segments: Any) -> Sequence[Any]:
    return segments if isinstance(segments, list) else [] if segments is None else [segments]


def _text(value: Any) -> str:
    """A value of a model as the text it had; of a number in its plain form."""
    if value is None:
        return ""
    return format(value, "f") if hasattr(value, "as_tuple") else str(value)


def _npi(loop: Any) -> str:
    name = loop.nm1_segment
    return _text(name.identification_code) if name.identification_code_qualifier == "XX" else ""


def _member_id(loop: Any) -> str:
    name = loop.nm1_segment
    return _text(name.identification_code) if name.identification_code_qualifier in _MEMBER_QUALIFIERS else ""


def _reference(loop: Any, qualifier: str) -> str:
    return ",".join(
        each.reference_identification
        for each in _listed(loop.ref_segment)
        if each.reference_identification_qualifier == qualifier
    )


def _taxonomy(rendering: Any) -> str:
    provider = getattr(rendering, "prv_segment", None)
    return _text(provider.reference_identification) if provider is not None else ""
