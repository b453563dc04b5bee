"""Days: the seed codes at every boundary of policy 2.01.100, lines of business beside it, versions, notices and spans."""

from __future__ import annotations

from medpol.claims.synth.planting import (
    ARCHIVED,
    COVERED,
    CROSSES,
    IN_NOTICE,
    MEDICARE_ADVANTAGE,
    NO_LINE,
    NO_VERSION,
    NOT_COVERED,
    NOT_YET_VALID,
    OUT_OF_SCOPE,
    UNLINED,
    Said,
    line,
    plant,
)

SEED_CODES = ("20560", "20561")

_SEED_DAYS: tuple[tuple[str, Said, str], ...] = (
    ("2019-06-01", NOT_YET_VALID, "needling had no code of its own in 2019: the code begins 2020-01-01"),
    ("2019-12-31", NOT_YET_VALID, "the code begins the day after"),
    ("2020-01-01", NOT_COVERED, "the coding update is in force from this day: investigational"),
    ("2020-02-29", NOT_COVERED, "the last day before the archive: investigational"),
    ("2020-03-01", ARCHIVED, "archived from this day"),
    ("2023-12-06", IN_NOTICE, "reinstated by publication of 2023-09-01, in force only from the day after"),
    ("2023-12-07", NOT_COVERED, "reinstated from this day: investigational"),
    ("2024-06-30", NOT_COVERED, "the last day of the reinstated text: investigational"),
    ("2024-07-01", NOT_COVERED, "the annual review left the statement as it was: investigational"),
)
_ADVANTAGE_DAYS: tuple[tuple[str, Said, str], ...] = (
    ("2019-12-31", NOT_YET_VALID, "whether the code is valid is asked before any line of business"),
    ("2020-01-01", OUT_OF_SCOPE, "the policy does not speak for Medicare Advantage"),
    ("2020-03-01", ARCHIVED, "archived for everybody"),
    ("2023-12-07", OUT_OF_SCOPE, "the reinstated policy does not speak for Medicare Advantage"),
    ("2024-07-01", OUT_OF_SCOPE, "the policy does not speak for Medicare Advantage"),
)
_UNLINED_DAYS: tuple[tuple[str, Said, str], ...] = (
    ("2019-12-31", NOT_YET_VALID, "whether the code is valid is asked before any line of business"),
    ("2020-02-29", NO_LINE, "not covered, but for Medicare Advantage, which it may be"),
    ("2020-03-01", ARCHIVED, "archived, whichever line of business it is"),
    ("2024-07-01", NO_LINE, "not covered, but for Medicare Advantage, which it may be"),
)
_MASSAGE = "ZZ0101"
_MASSAGE_DAYS: tuple[tuple[str, Said, str], ...] = (
    ("2018-09-30", NO_VERSION, "nothing was published yet"),
    ("2018-10-01", IN_NOTICE, "published this day, in force from 2019-01-01"),
    ("2018-12-31", IN_NOTICE, "in force from the day after"),
    ("2019-01-01", COVERED, "the first day of the first version"),
    ("2020-12-31", COVERED, "the last day before the archive"),
    ("2021-01-01", ARCHIVED, "the first day of the archive"),
    ("2022-03-31", ARCHIVED, "the reinstatement was published the day after"),
    ("2022-04-01", IN_NOTICE, "the reinstatement is published, in force from 2022-07-01"),
    ("2022-06-30", IN_NOTICE, "in force from the day after"),
    ("2022-07-01", NOT_COVERED, "reinstated, now not medically necessary"),
)


_SPANNING = (
    line("20560", "2020-02-27", NOT_COVERED, "the span ends before the archive", claim_line_end_date="2020-02-29"),
    line(
        "20560", "2020-02-28", CROSSES, "investigational at first, archived at last", claim_line_end_date="2020-03-01"
    ),
    line(
        "20560", "2023-12-05", CROSSES, "in notice at first, investigational at last", claim_line_end_date="2023-12-07"
    ),
    line("20560", "2024-06-30", NOT_COVERED, "two versions that say the same", claim_line_end_date="2024-07-01"),
    line(_MASSAGE, "2020-12-30", COVERED, "the span ends before the archive", claim_line_end_date="2020-12-31"),
    line(_MASSAGE, "2020-12-31", CROSSES, "covered at first, archived at last", claim_line_end_date="2021-01-01"),
    line(_MASSAGE, "2022-06-30", CROSSES, "in notice at first, not covered at last", claim_line_end_date="2022-07-31"),
    line(_MASSAGE, "2019-03-01", COVERED, "a span of one day", claim_line_end_date="2019-03-01"),
)

DAYS = (
    *(plant("seed-day", line(code, *each)) for code in SEED_CODES for each in _SEED_DAYS),
    *(
        plant("medicare-advantage", line(code, *each), member=MEDICARE_ADVANTAGE)
        for code in SEED_CODES
        for each in _ADVANTAGE_DAYS
    ),
    *(plant("no-line-of-business", line(code, *each), member=UNLINED) for code in SEED_CODES for each in _UNLINED_DAYS),
    *(plant("version-day", line(_MASSAGE, *each)) for each in _MASSAGE_DAYS),
    *(plant("span", each) for each in _SPANNING),
    plant(
        "text-leaves-days-out",
        line("ZZ1001", "2020-12-31", COVERED, "the last day of the first rule"),
        line("ZZ1001", "2021-01-01", Said("refer", "text-ambiguous"), "the text leaves this day in no rule"),
        line("ZZ1001", "2021-01-31", Said("refer", "text-ambiguous"), "the text leaves this day in no rule"),
        line("ZZ1001", "2021-02-01", NOT_COVERED, "the first day of the second rule"),
    ),
)
