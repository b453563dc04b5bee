"""The open line of an 837: its service, day, pointers, drug and provider; as it ends, one row or one reject."""

from __future__ import annotations

from dataclasses import replace

from medpol.claims.x12.batches import ClaimRow, LineRow
from medpol.claims.x12.claim import RENDERING, TAXONOMY, OpenClaim
from medpol.claims.x12.cursor import Cursor, given, npi, once, period
from medpol.claims.x12.elements import number_of, procedure_of
from medpol.claims.x12.outbox import Outbox
from medpol.claims.x12.rejects import LONGEST_FOUND, BrokenEnvelope, Rejected, SegmentReject
from medpol.claims.x12.structure import INSTITUTIONAL, NO_PROVIDER, PROFESSIONAL, Place

_SERVICE_DAY, _AUTHORIZATION, _DRUG_CODE = "472", "G1", "N4"
_NO_PROCEDURE = ("", "", "", "", "", "")
_NUMBER_DIGITS = 9
_LINE_PLACES = frozenset({Place.LINE, Place.DRUG, Place.LINE_PROVIDER, Place.ADJUDICATION, Place.FORM})
_CLAIM_PLACES = frozenset({Place.CLAIM, Place.CLAIM_PROVIDER, Place.OTHER_PAYER})


class OpenLine:
    """A line from its LX to the segment that begins something else.

    ``seen`` and ``rejected_lines`` count those of the open interchange, so that its end can account for each.
    """

    def __init__(self, cursor: Cursor, claim: OpenClaim, outbox: Outbox, rejected: Rejected) -> None:
        self.cursor, self.claim, self.outbox, self.rejected = cursor, claim, outbox, rejected
        self.claim_row: ClaimRow | None = None
        self.seen = self.rejected_lines = 0

    def begin_claim(self, elements: list[str]) -> None:
        """CLM ends what is open and begins a claim."""
        self.leave()
        self.claim.begin(elements)
        self.claim_row, self.last_number = None, 0

    def begin(self, elements: list[str]) -> None:
        """LX: line numbers count up within a claim."""
        self.seen += 1
        if self.cursor.place in _LINE_PLACES:
            self._put()
        self._make_ready()
        number = elements[1]
        # A number that is none goes on as read, and is refused where all numbers are checked.
        if len(number) <= _NUMBER_DIGITS and number.isascii() and number.isdigit():
            if int(number) <= self.last_number:
                raise BrokenEnvelope(
                    f"LX {number} after LX {self.last_number}", "line numbers that count up in a claim"
                )
            self.last_number = int(number)
        self.number, self.position = number, self.cursor.position
        self.fault: SegmentReject | None = None
        self.procedure: tuple[str, str, str, str, str, str] | None = None
        self.revenue = self.place_of_service = self.pointers = self.start = self.end = self.authorization = ""
        self.rendering_npi: str | None = None
        self.rendering_taxonomy = self.ndc = self.ndc_quantity = self.ndc_unit = self.provider = ""
        self.cursor.go(Place.LINE)

    def _make_ready(self) -> None:
        """The claim of the line stands in the outbox, which has room."""
        is_full = self.outbox.is_full()
        if is_full:
            self.outbox.make_room()
        if self.claim_row is None:
            self.claim_row = self.claim.row()
            self.claim_at = self.outbox.add_claim(self.claim_row)
        elif is_full:
            self.claim_at = self.outbox.add_claim(self.claim_row)

    def professional_service(self, elements: list[str]) -> None:
        """SV1: procedure, charge, units, place of service, pointers."""
        if self.cursor.kind != PROFESSIONAL:
            raise BrokenEnvelope("SV1 in an 837I", "SV2")
        self._read_service(procedure_of(elements[1], self.cursor.component), elements, 1)
        self.place_of_service = elements[5]
        self.pointers = elements[7].replace(self.cursor.component, ",")

    def institutional_service(self, elements: list[str]) -> None:
        """SV2: revenue centre, procedure if there is one, charge, units."""
        if self.cursor.kind != INSTITUTIONAL:
            raise BrokenEnvelope("SV2 in an 837P", "SV1")
        self.revenue, composite = elements[1], elements[2]
        procedure = procedure_of(composite, self.cursor.component) if composite else _NO_PROCEDURE
        self._read_service(procedure, elements, 2)

    def _read_service(
        self, procedure: tuple[str, str, str, str, str, str] | None, elements: list[str], composite_at: int
    ) -> None:
        once(self.procedure, "service in one line")
        if procedure is None:
            expected = f"qualifier and code parted by {self.cursor.component!r}, the component separator of ISA16"
            raise BrokenEnvelope(f"the procedure {elements[composite_at]!r}", expected)
        charge = elements[composite_at + 1]
        if not charge:
            self._set_fault("bad-amount", "charge_amount", charge, "the charge of the line, US dollars")
        self.procedure, self.charge = procedure, number_of(charge)
        self.unit_basis, self.units = (
            elements[composite_at + 2],
            number_of(elements[composite_at + 3]),
        )

    def _set_fault(self, key: str, column: str, found: str, expected: str) -> None:
        if self.fault is None:
            self.fault = SegmentReject(self.cursor.position, key, found[:LONGEST_FOUND], expected, column=column)

    def date(self, elements: list[str]) -> None:
        """DTP 472: the day of service, or the first and last."""
        if elements[1] != _SERVICE_DAY:
            return
        once(self.start, "DTP 472 in one line")
        days = period(elements)
        if days is None:
            self._set_fault(
                "bad-date", "claim_line_start_date", " ".join(given(elements)), "DTP 472 with D8 or RD8 and its days"
            )
        else:
            self.start, self.end = days

    def reference(self, elements: list[str]) -> None:
        """REF G1: an authorisation; with a fourth element it is another payer's."""
        if elements[1] == _AUTHORIZATION and not elements[4] and self.fault is None:
            value = elements[2]
            self.authorization = f"{self.authorization},{value}" if self.authorization else value
            if len(self.authorization) > LONGEST_FOUND:
                self._set_fault("wrong-width", "x_prior_auth_number", self.authorization, "one authorisation")

    def drug(self, elements: list[str]) -> None:
        """LIN: the NDC, of which a line has one."""
        if elements[2] == _DRUG_CODE:
            if self.ndc:
                self._set_fault("wrong-width", "x_ndc", elements[3], "one drug in a line")
            self.ndc = elements[3]
        self.cursor.go(Place.DRUG)

    def drug_quantity(self, elements: list[str]) -> None:
        self.ndc_quantity = number_of(elements[4])
        self.ndc_unit = elements[5].partition(self.cursor.component)[0]

    def name_provider(self, elements: list[str]) -> None:
        """NM1: a rendering provider of the line stands in place of the claim's, taxonomy included."""
        self.provider = elements[1]
        if self.provider in NO_PROVIDER:
            raise BrokenEnvelope(f"NM1 {self.provider} in loop 2420", "a provider of the line")
        if self.provider == RENDERING:
            once(self.rendering_npi is not None, "rendering provider of one line")
            self.rendering_npi = npi(elements)
        self.cursor.go(Place.LINE_PROVIDER)

    def taxonomy(self, elements: list[str]) -> None:
        if self.provider == RENDERING and elements[2] == TAXONOMY:
            self.rendering_taxonomy = elements[3]

    def adjudication(self, elements: list[str]) -> None:
        """SVD: from here on the dates are another payer's."""
        self.cursor.go(Place.ADJUDICATION)

    def form(self, elements: list[str]) -> None:
        self.cursor.go(Place.FORM)

    def leave(self) -> None:
        """Claim or level ends: the last line is put, and a claim without any is refused."""
        if self.cursor.place in _CLAIM_PLACES:
            raise BrokenEnvelope("a claim without a service line", "an LX segment")
        if self.cursor.place in _LINE_PLACES:
            self._put()

    def _put(self) -> None:
        if self.procedure is None:
            raise BrokenEnvelope("a line without its service", "SV1 or SV2")
        claim = self.claim
        fault = self.fault or claim.fault
        if fault is not None:
            self._reject(fault)
            return
        is_own = self.rendering_npi is not None
        self.outbox.add_line(
            LineRow(
                self.claim_at,
                self.position,
                self.number,
                self.start,
                self.end,
                *self.procedure,
                self.revenue,
                self.place_of_service or claim.place_of_service,
                self.charge,
                self.unit_basis,
                self.units,
                self.pointers,
                self.authorization or claim.authorization,
                (self.rendering_npi or "") if is_own else claim.rendering_npi,
                self.rendering_taxonomy if is_own else claim.rendering_taxonomy,
                self.ndc,
                self.ndc_quantity,
                self.ndc_unit,
            )
        )

    def _reject(self, fault: SegmentReject) -> None:
        self.rejected_lines += 1
        claim_id, number = self.claim.claim_id or None, self.number or None
        self.rejected(replace(fault, claim_id=claim_id, claim_line_number=number, interchange=self.cursor.interchange))
