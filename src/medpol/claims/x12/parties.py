"""Whose claim it is: the HL levels of an 837, with billing provider, subscriber, payer and patient.

The patient is the subscriber (a claim below level 22) or a dependent (below 23). A dependent has an id of their own only
where the file gives one: the subscriber's is never taken for it, or two persons would share one history.
"""

from __future__ import annotations

from medpol.claims.x12.cursor import Cursor, given, member_id, npi
from medpol.claims.x12.elements import period_of
from medpol.claims.x12.rejects import BrokenEnvelope
from medpol.claims.x12.structure import PARTIES, Place

_BILLING, _SUBSCRIBER, _PATIENT = "20", "22", "23"
_ABOVE = {_SUBSCRIBER: _BILLING, _PATIENT: _SUBSCRIBER}
_SELF = "18"
_NO_CHILDREN = "0"
_PARTS = {"85": 1, "SBR": 2, "IL": 4, "PR": 8, "PAT": 16, "QC": 32}
"""What is named once in its level, each a bit: who and whose of a claim are asked often."""
_OF_BILLING, _OF_SUBSCRIBER, _OF_PATIENT = 1, 2 + 4 + 8, 16 + 32
_NEEDED = {
    "": _OF_BILLING,
    _BILLING: _OF_BILLING,
    _SUBSCRIBER: _OF_BILLING + _OF_SUBSCRIBER,
    _PATIENT: _OF_BILLING + _OF_SUBSCRIBER + _OF_PATIENT,
}
_COMPLETE = "billing provider, subscriber, payer and patient, each in its loop, before a claim"


class Parties:
    """The open levels of a transaction set, and what they say."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.begin()

    def begin(self) -> None:
        """A transaction set begins: no level is open."""
        self._count, self._level = 0, ""
        self._open: dict[str, tuple[str, str]] = {}
        self._named = 0
        self.billing_npi = self.subscriber_id = self.patient_id = self.payer = ""
        self.filing_code = self.relationship = self.birth_date = self.sex = ""

    def level(self, elements: list[str]) -> None:
        """HL: numbers count up from 1; a level hangs on the open one above it, which says that it has any below."""
        self._count += 1
        number, parent, level = elements[1], elements[2], elements[3]
        above, children = self._open.get(_ABOVE.get(level, ""), ("", ""))
        is_placed = (level == _BILLING or above) and parent == above and children != _NO_CHILDREN
        if number != str(self._count) or level not in (_BILLING, _SUBSCRIBER, _PATIENT) or not is_placed:
            raise BrokenEnvelope(
                f"HL {' '.join(given(elements)[1:])}", f"level {self._count}, below the open one above it"
            )
        self._open[level], self._level = (number, elements[4]), level
        if level == _BILLING:
            self._open.pop(_SUBSCRIBER, None)
            self._named = 0
            self.billing_npi = ""
            self.cursor.go(Place.BILLING)
        elif level == _SUBSCRIBER:
            self._named &= _OF_BILLING
            self.subscriber_id = self.patient_id = self.payer = self.filing_code = ""
            self.relationship = self.birth_date = self.sex = ""
            self.cursor.go(Place.SUBSCRIBER)
        else:
            self._named &= _OF_BILLING + _OF_SUBSCRIBER
            self.patient_id = self.relationship = self.birth_date = self.sex = ""
            self.cursor.go(Place.PATIENT)

    def party(self, elements: list[str]) -> None:
        """NM1 of the header: submitter and receiver, whom no column needs."""
        who = elements[1]
        if who not in PARTIES[self.cursor.place]:
            raise BrokenEnvelope(f"NM1 {who} in loop {self.cursor.place.value}", "the parties of that loop")

    def billing_provider(self, elements: list[str]) -> None:
        self.party(elements)
        if elements[1] == "85":
            self._name("85")
            self.billing_npi = npi(elements)

    def subscriber(self, elements: list[str]) -> None:
        """SBR: 18 as the relationship says that the subscriber is the patient."""
        self._name("SBR")
        self.relationship, self.filing_code = elements[2], elements[9]

    def subscriber_name(self, elements: list[str]) -> None:
        self.party(elements)
        self._name(elements[1])
        if elements[1] == "PR":
            self.payer = elements[9]
        else:
            self.subscriber_id = member_id(elements)

    def patient(self, elements: list[str]) -> None:
        self._name("PAT")
        self.relationship = elements[1]

    def patient_name(self, elements: list[str]) -> None:
        self.party(elements)
        self._name("QC")
        self.patient_id = member_id(elements)

    def patient_reference(self, elements: list[str]) -> None:
        if elements[1] == "1W" and not self.patient_id:
            self.patient_id = elements[2]

    def demographics(self, elements: list[str]) -> None:
        """DMG: a birth date of another form stays as read, with that form's name, and is refused with all bad dates."""
        form, text = elements[1], elements[2]
        day = period_of(form, text)
        self.birth_date = f"{form}:{text}" if day is None and text else day[0] if day else ""
        self.sex = elements[3]

    def member(self) -> str:
        """The patient's own id; empty where the file gives none.

        Raises ``BrokenEnvelope`` where somebody whom a claim needs was not named before it.
        """
        missing = _NEEDED[self._level] & ~self._named
        if missing:
            names = ", ".join(name for name, bit in _PARTS.items() if bit & missing)
            raise BrokenEnvelope(f"a claim without {names}", _COMPLETE)
        if self._level == _PATIENT:
            return self.patient_id
        return self.subscriber_id if self.relationship == _SELF else ""

    def _name(self, who: str) -> None:
        bit = _PARTS[who]
        if self._named & bit:
            raise BrokenEnvelope(f"a second {who} of one level", "one")
        self._named |= bit
