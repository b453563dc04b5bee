"""Documented facts and ages: what was so on the day, what was known, what is missing and what contradicts itself."""

from __future__ import annotations

from medpol.claims.synth.planting import (
    COMMERCIAL,
    MET,
    NOT_MET,
    WAITS,
    Member,
    Plant,
    PlantedFact,
    PlantedLine,
    Said,
    line,
    plant,
)

_BRACE, _DAY = "ZZ0401", "2024-07-01"
_FAILED = PlantedFact("exercises.failed", "yes", None, "2024-05-02")


def _weeks(weeks: str, observed_on: str = "2024-05-02", recorded_on: str | None = None) -> PlantedFact:
    return PlantedFact("exercises.duration", weeks, "weeks", observed_on, recorded_on)


def _brace(name: str, said: Said, why: str, *facts: PlantedFact, member: Member = COMMERCIAL, **cells: str) -> Plant:
    return plant(name, line(_BRACE, _DAY, said, why, **cells), member=member, facts=facts)


_SPRING = PlantedFact("spring.in_place", "yes", None, "2024-01-08")

FACTS = (
    _brace("fact-at", MET, "exactly 6 weeks, and failed", _weeks("6"), _FAILED),
    _brace("fact-under", NOT_MET, "5.9 weeks are not 6", _weeks("5.9"), _FAILED),
    _brace("fact-missing", WAITS, "nobody documented whether they failed", _weeks("8")),
    _brace("facts-missing", WAITS, "nothing is documented"),
    _brace(
        "fact-settles",
        NOT_MET,
        "they helped, whatever else is not documented",
        PlantedFact("exercises.failed", "no", None, "2024-05-02"),
    ),
    _brace(
        "fact-latest",
        NOT_MET,
        "the later value of two stands: 4 weeks",
        _weeks("8", "2024-03-01"),
        _weeks("4", "2024-06-01"),
        _FAILED,
    ),
    _brace("fact-of-the-day", MET, "observed on the very day", _weeks("8", _DAY), _FAILED),
    _brace("fact-later", WAITS, "observed a day after the service", _weeks("8", "2024-07-02"), _FAILED),
    _brace(
        "fact-not-yet-recorded",
        WAITS,
        "nobody could know it before 2999",
        _weeks("8", "2024-05-02", "2999-01-01"),
        _FAILED,
    ),
    _brace("facts-disagree", WAITS, "two values of one day contradict each other", _weeks("8"), _weeks("4"), _FAILED),
    _brace("age-at", MET, "18 years old this day", _weeks("8"), _FAILED, member=Member(birth_date="2006-07-01")),
    _brace(
        "age-under", NOT_MET, "18 years old the day after", _weeks("8"), _FAILED, member=Member(birth_date="2006-07-02")
    ),
    _brace("age-settles", NOT_MET, "17 years old, whatever is not documented", member=Member(birth_date="2007-01-15")),
    _brace("birth-date-missing", WAITS, "the age is not known", _weeks("8"), _FAILED, member=Member(birth_date=None)),
    plant(
        "unfavourable-rule",
        PlantedLine("ZZ0701", _DAY, Said("not_covered", "criteria-met"), "a spring is in place: investigational"),
        facts=(_SPRING,),
    ),
    plant(
        "unfavourable-rule-fails",
        PlantedLine("ZZ0701", _DAY, Said("not_addressed", "no-rule-applies"), "no spring is in place: nothing is said"),
        facts=(PlantedFact("spring.in_place", "no", None, "2024-01-08"),),
    ),
    plant("unfavourable-rule-waits", PlantedLine("ZZ0701", _DAY, WAITS, "nobody documented whether one is in place")),
)
