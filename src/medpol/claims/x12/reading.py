"""The streaming reader of 837P and 837I files: one pass over element lists, and nothing of an interchange before its end.

``structure.TABLE`` says which segment may stand where; ``parties``, ``claim`` and ``line`` say what is read from it. Values
leave as text, to be checked where all cells are checked. A fault in the envelope, or a segment out of place, refuses the
whole interchange; a line whose amount, date or width cannot be read is a reject of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from medpol.claims.x12.batches import BATCH
from medpol.claims.x12.claim import OpenClaim
from medpol.claims.x12.cursor import PADDING, Actions, Cursor, Handler, given
from medpol.claims.x12.delimiters import Delimiters
from medpol.claims.x12.line import OpenLine
from medpol.claims.x12.outbox import Outbox
from medpol.claims.x12.parties import Parties
from medpol.claims.x12.rejects import BrokenEnvelope, Rejected, SegmentReject
from medpol.claims.x12.segments import BLOCK, LINE_ENDS, Kind, read_blocks
from medpol.claims.x12.structure import GUIDES, TABLE, Place, Step

RELEASE = "00501"
"""ISA12 of X12 5010."""
_ADDENDUM = re.compile(r"(A[0-9])?", re.ASCII)


def read_837(
    path: Path,
    *,
    rejected: Rejected,
    block: int = BLOCK,
    batch: int = BATCH,
    encoding: str = "ascii",
    temporary: Path | None = None,
) -> Iterator[pa.RecordBatch]:
    """The claim lines of a file of 837 interchanges, as batches of ``batches.SCHEMA``, in file order.

    Args:
        path: The file; delimiters are those of each ISA segment.
        rejected: Is handed what could not be read, as it is found; an interchange that is refused comes at its end.
        block: Bytes read at a time.
        batch: Lines of a batch, about. Memory holds a block, a batch, and up to 64 MB of an interchange that is open.
        encoding: How names and ids are written; a byte that it does not know shows as ``\\xe9``.
        temporary: The folder for what of an open interchange does not fit in memory.
    """
    outbox = Outbox(batch=batch, temporary=temporary)
    reader = _Reader(outbox, rejected)
    with path.open("rb") as file:
        for each in read_blocks(file, block=block, encoding=encoding):
            if each.kind is Kind.SEGMENTS:
                reader.feed(each.segments, each.delimiters)
            else:
                reader.stop(each.why, each.kind.value)
            yield from outbox.leaving()
    reader.end()
    yield from outbox.leaving(is_end=True)


def guide_of(functional_code: str, version: str) -> str:
    """Professional or institutional, as GS01 and GS08 say. Raises ``BrokenEnvelope`` for every other guide, by its name."""
    kind = GUIDES.get(version[:10])
    if functional_code != "HC" or kind is None or not _ADDENDUM.fullmatch(version[10:]):
        raise BrokenEnvelope(
            f"GS01 {functional_code}, GS08 {version}",
            "HC, and 005010X222 (837P) or 005010X223 (837I)",
            "take the group out of the interchange, or have it sent as one of these",
        )
    return kind


class _Reader:
    """The loop, the envelope and its counts. One instance reads one file."""

    def __init__(self, outbox: Outbox, rejected: Rejected) -> None:
        self.cursor = Cursor()
        self.outbox, self.rejected = outbox, rejected
        self.parties = Parties(self.cursor)
        self.claim = OpenClaim(self.cursor, self.parties)
        self.line = OpenLine(self.cursor, self.claim, outbox, rejected)
        self.cursor.tables = self._tables()
        self.outside: Actions = {"ISA": self._begin}
        self.skipping: Actions = {"LX": self._skip_line, "ISA": self._begin, "IEA": self._end_refused}
        self.fault: tuple[int, BrokenEnvelope] | None = None
        self.otherwise: Handler | None = self._stray
        self._close()

    # ------------------------------------------------------------------ the loop

    def feed(self, segments: list[str], delimiters: Delimiters) -> None:
        """Read whole segments that were split by these delimiters."""
        cursor, separator = self.cursor, delimiters.element
        cursor.component = delimiters.component
        position = cursor.position
        for segment in segments:
            position += 1
            elements = segment.split(separator)
            action = cursor.actions.get(elements[0], self.otherwise)
            if action is not None:
                cursor.position = position
                elements += PADDING
                try:
                    action(elements)
                except BrokenEnvelope as problem:
                    self._refuse(problem)
        cursor.position = position

    def stop(self, found: str, expected: str) -> None:
        """The file cannot be read on from here."""
        self._report()
        self.cursor.position += 1
        self._refuse(BrokenEnvelope(found, expected, "nothing from this place on was read: have the file sent again"))
        self._report()

    def end(self) -> None:
        """The file has ended: an interchange that is still open is refused."""
        if self.is_open:
            self._refuse(BrokenEnvelope("the end of the file", "the IEA segment of the interchange"))
        self._report()

    # ------------------------------------------------------------------ refusing

    def _refuse(self, problem: BrokenEnvelope) -> None:
        """Nothing of the open interchange is published; from here on its lines are only counted."""
        if self.fault is None:
            self.fault = self.cursor.position, problem
            self.outbox.drop()
        self.cursor.actions, self.otherwise = self.skipping, None

    def _report(self) -> None:
        """Tell of the interchange that was refused, if one was; then none is open."""
        if self.fault is not None:
            position, problem = self.fault
            self.rejected(
                SegmentReject(
                    position,
                    "envelope",
                    problem.found,
                    problem.expected,
                    problem.mend,
                    interchange=self.cursor.interchange or None,
                    lines=self.line.seen - self.line.rejected_lines,
                )
            )
            self._close()

    def _close(self) -> None:
        self.fault, self.is_open = None, False
        self.cursor.interchange = ""
        self.line.seen = self.line.rejected_lines = 0
        self.cursor.actions, self.otherwise = self.outside, self._stray

    def _skip_line(self, elements: list[str]) -> None:
        self.line.seen += 1

    def _end_refused(self, elements: list[str]) -> None:
        self._report()

    def _stray(self, elements: list[str]) -> None:
        """A segment that nothing waits for."""
        name, place = elements[0][:20], self.cursor.place
        self.line.seen += name == "LX"
        if not self.is_open:
            raise BrokenEnvelope(repr(name), "an ISA segment, or the end of the file")
        if name == "ISA":
            self._refuse(BrokenEnvelope("an ISA segment inside of an interchange", "its IEA segment first"))
            self._begin(elements)
        elif name[:1] and name[0] in LINE_ENDS:
            raise BrokenEnvelope("a line end inside of a segment", "line ends only behind the end of a segment")
        else:
            raise BrokenEnvelope(f"{name!r} in loop {place.value}", ", ".join(TABLE[place]))

    # ------------------------------------------------------------------ the envelope

    def _begin(self, elements: list[str]) -> None:
        self._report()
        self.cursor.interchange, self.is_open, self.groups = elements[13], True, 0
        self.cursor.go(Place.INTERCHANGE)
        if elements[12] != RELEASE:
            raise BrokenEnvelope(f"ISA12 {elements[12]}", RELEASE, "have the file sent as X12 5010")

    def _begin_group(self, elements: list[str]) -> None:
        self.cursor.kind = guide_of(elements[1], elements[8])
        self.claim.functional_group, self.version = elements[6], elements[8]
        self.groups += 1
        self.sets = 0
        self.cursor.go(Place.GROUP)

    def _begin_transaction(self, elements: list[str]) -> None:
        if elements[1] != "837" or elements[3] not in ("", self.version):
            raise BrokenEnvelope(f"ST {' '.join(given(elements)[1:])}", f"837 and {self.version}, as GS08 says")
        self.claim.transaction, self.first_position = elements[2], self.cursor.position
        self.sets += 1
        self.parties.begin()
        self.cursor.go(Place.HEADER)

    def _level(self, elements: list[str]) -> None:
        self.line.leave()
        self.parties.level(elements)

    def _end_transaction(self, elements: list[str]) -> None:
        self.line.leave()
        _agree("SE01", elements[1], self.cursor.position - self.first_position + 1)
        _agree("SE02", elements[2], self.claim.transaction)
        self.cursor.go(Place.GROUP)

    def _end_group(self, elements: list[str]) -> None:
        _agree("GE01", elements[1], self.sets)
        _agree("GE02", elements[2], self.claim.functional_group)
        self.cursor.go(Place.INTERCHANGE)

    def _end_interchange(self, elements: list[str]) -> None:
        try:
            _agree("IEA01", elements[1], self.groups)
            _agree("IEA02", elements[2], self.cursor.interchange)
        except BrokenEnvelope as problem:
            # The interchange ends here all the same: what follows is not its own.
            self._refuse(problem)
            self._report()
        else:
            self.outbox.confirm()
            self._close()

    def _tables(self) -> dict[Place, Actions]:
        parties, claim, line = self.parties, self.claim, self.line
        steps: dict[Step, Handler | None] = {
            Step.PASS: None,
            Step.GROUP: self._begin_group,
            Step.END_GROUP: self._end_group,
            Step.END_INTERCHANGE: self._end_interchange,
            Step.TRANSACTION: self._begin_transaction,
            Step.END_TRANSACTION: self._end_transaction,
            Step.LEVEL: self._level,
            Step.PARTY: parties.party,
            Step.BILLING_PROVIDER: parties.billing_provider,
            Step.SUBSCRIBER: parties.subscriber,
            Step.SUBSCRIBER_NAME: parties.subscriber_name,
            Step.PATIENT: parties.patient,
            Step.PATIENT_NAME: parties.patient_name,
            Step.PATIENT_REFERENCE: parties.patient_reference,
            Step.DEMOGRAPHICS: parties.demographics,
            Step.CLAIM: line.begin_claim,
            Step.CLAIM_DATE: claim.date,
            Step.CLAIM_REFERENCE: claim.reference,
            Step.CODES: claim.add_codes,
            Step.CLAIM_PROVIDER: claim.name_provider,
            Step.CLAIM_TAXONOMY: claim.taxonomy,
            Step.PROVIDER_REFERENCE: claim.provider_reference,
            Step.OTHER_SUBSCRIBER: claim.other_subscriber,
            Step.OTHER_DATE: claim.other_date,
            Step.LINE: line.begin,
            Step.PROFESSIONAL_SERVICE: line.professional_service,
            Step.INSTITUTIONAL_SERVICE: line.institutional_service,
            Step.LINE_DATE: line.date,
            Step.LINE_REFERENCE: line.reference,
            Step.DRUG: line.drug,
            Step.DRUG_QUANTITY: line.drug_quantity,
            Step.LINE_PROVIDER: line.name_provider,
            Step.LINE_TAXONOMY: line.taxonomy,
            Step.ADJUDICATION: line.adjudication,
            Step.FORM: line.form,
        }
        return {place: {name: steps[step] for name, step in table.items()} for place, table in TABLE.items()}


def _agree(name: str, found: str, expected: int | str) -> None:
    """Raises ``BrokenEnvelope`` where a count or a control number of an end is not that of its beginning."""
    wanted = str(expected)
    is_equal = found == wanted if isinstance(expected, str) else found.lstrip("0") == wanted
    if not found or not is_equal:
        raise BrokenEnvelope(f"{name} {found}", wanted)
