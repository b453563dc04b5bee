"""Whose claim it is: dependents with and without an id, ids that differ in zeros alone, members whom nobody enrolled."""

from __future__ import annotations

from medpol.claims.synth.planting import (
    COMMERCIAL_PAYER,
    CROSSES,
    MET,
    NO_LINE,
    NOBODY,
    NOT_COVERED,
    NOT_MET,
    OUT_OF_SCOPE,
    WAITS,
    Member,
    Plant,
    PlantedFact,
    PlantedLine,
    line,
    plant,
)

_VISIT, _BRACE, _DAY = "ZZ0301", "ZZ0401", "2024-07-01"
_SUBSCRIBER = "ZZ{b}SUB"
_OWN = {"x_subscriber_id": _SUBSCRIBER, "x_patient_relationship": "19"}
_CHANGING = Member(last_day="2024-03-31", then=Member("zz-medicare-advantage", "medicare", "2024-04-01"))
_TRIED = (
    PlantedFact("exercises.duration", "8", "weeks", "2024-05-02"),
    PlantedFact("exercises.failed", "yes", None, "2024-05-02"),
)
_UNDER = "under the limit of 3 in 12 months"

PERSONS = (
    plant(
        "dependent-with-id",
        line(_VISIT, "2023-04-03", MET, "the visits of the subscriber are not the dependent's", **_OWN),
        line(_VISIT, "2023-05-03", MET, _UNDER, **_OWN),
    ),
    plant(
        "dependent-without-id",
        line(
            _VISIT,
            "2023-05-03",
            WAITS,
            "no id: the history of the dependent is not known",
            **_OWN,
            member_id=None,
            payer=COMMERCIAL_PAYER,
        ),
        line(
            _BRACE,
            _DAY,
            NOT_MET,
            "17 years old, as the claim says",
            **_OWN,
            member_id=None,
            payer=COMMERCIAL_PAYER,
            x_patient_birth_date="2007-01-15",
        ),
        line(
            _BRACE,
            _DAY,
            WAITS,
            "30 years old, and no id to find facts by",
            **_OWN,
            member_id=None,
            payer=COMMERCIAL_PAYER,
            x_patient_birth_date="1994-01-15",
        ),
        line("20560", _DAY, NO_LINE, "no id, and a payer of several lines of business", **_OWN, member_id=None),
    ),
    Plant(
        "leading-zeros", (line(_BRACE, _DAY, MET, "the facts are of this member"),), facts=_TRIED, member_id="00{b}7"
    ),
    Plant(
        "leading-zeros",
        (line(_BRACE, _DAY, WAITS, "the facts are of the member with more zeros, who is another"),),
        member_id="{b}7",
    ),
    plant(
        "span-ends",
        line("20560", "2024-06-30", NOT_COVERED, "the last day of the span is in it"),
        line("20560", "2024-07-01", NO_LINE, "the span ended the day before: the line of business is unknown"),
        member=Member(last_day="2024-06-30"),
    ),
    plant(
        "span-of-a-day",
        line("20560", "2024-06-30", NO_LINE, "the span begins the day after"),
        line("20560", "2024-07-01", NOT_COVERED, "a span of one day, and this is it"),
        line("20560", "2024-07-02", NO_LINE, "the span ended the day before"),
        member=Member(first_day="2024-07-01", last_day="2024-07-01"),
    ),
    plant(
        "line-of-business-changes",
        line("20560", "2024-03-31", NOT_COVERED, "the last day as a commercial member"),
        line("20560", "2024-04-01", OUT_OF_SCOPE, "the first day in Medicare Advantage"),
        line(
            "20560",
            "2024-03-31",
            CROSSES,
            "from the last commercial day into Medicare Advantage, for which the policy does not speak",
            claim_line_end_date="2024-04-01",
        ),
        member=_CHANGING,
    ),
    plant(
        "spans-disagree",
        line("20560", "2024-03-31", NOT_COVERED, "one span holds the day"),
        line("20560", "2024-04-02", NO_LINE, "a commercial span and one of Medicare Advantage hold the day"),
        member=Member(then=Member("zz-medicare-advantage", "medicare", "2024-04-01")),
    ),
    plant(
        "nobody-enrolled",
        line("20560", _DAY, NO_LINE, "no span holds the day: the line of business is unknown"),
        line("20560", _DAY, NOT_COVERED, "the payer has commercial members alone", payer=COMMERCIAL_PAYER),
        member=NOBODY,
    ),
    Plant(
        "subscriber-of-dependents",
        (
            PlantedLine(_VISIT, "2023-04-05", MET, _UNDER),
            PlantedLine(_VISIT, "2023-05-05", MET, _UNDER),
            PlantedLine(_VISIT, "2023-06-05", MET, "at the limit of 3"),
            PlantedLine(_VISIT, "2023-07-05", NOT_MET, "over the limit of 3; the dependents' are their own"),
        ),
        member_id=_SUBSCRIBER,
    ),
)
