"""Service codes: their first and last day, their spelling, lines without one, and codes that nothing names."""

from __future__ import annotations

from medpol.claims.synth.planting import (
    COVERED,
    ENDED,
    MALFORMED,
    NO_CODE,
    NOT_COVERED,
    NOT_YET_VALID,
    UNNAMED,
    line,
    plant,
)

_MASSAGE_DAY = "2019-05-02"
_SPELLED = (
    line("zz0101", _MASSAGE_DAY, COVERED, "lower case is raised, and counted"),
    line("ZZ0001", _MASSAGE_DAY, UNNAMED, "leading zeros stay: this is no other code, and nothing names it"),
    line("ZZ101", _MASSAGE_DAY, MALFORMED, "a leading zero is gone: no guess is made at what it was"),
    line("ZZ01O1", _MASSAGE_DAY, MALFORMED, "a letter O for a zero fits no system"),
    line("2056O", "2024-07-01", MALFORMED, "a letter O for a zero fits no system"),
    line("20562", "2024-07-01", UNNAMED, "no policy, contract or mandate names it"),
    line("ZZ0101", _MASSAGE_DAY, UNNAMED, "of another system, as the claim says", x_service_code_system="IV"),
    line("ZZ9999", "2024-07-01", UNNAMED, "no policy, contract or mandate names it"),
)

CODES = (
    *(plant("code-spelling", each) for each in _SPELLED),
    plant("code-between-blanks", line(" ZZ0101 ", _MASSAGE_DAY, COVERED, "blanks around it are dropped")),
    plant(
        "code-ends",
        line("ZZ0102", "2019-12-31", COVERED, "the last day of the code"),
        line("ZZ0102", "2020-01-01", ENDED, "the code ended the day before"),
        line("ZZ0102", "2022-08-01", ENDED, "the code ended long before"),
    ),
    plant(
        "code-begins",
        line("ZZ0103", "2022-08-31", NOT_YET_VALID, "the code begins the day after"),
        line("ZZ0103", "2022-09-01", NOT_COVERED, "the first day of the code: not medically necessary"),
    ),
    plant("no-service-code", line(None, "2024-07-01", NO_CODE, "a line with a revenue centre alone")),
)
