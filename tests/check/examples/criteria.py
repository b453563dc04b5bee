"""Examples of the rules about criteria."""

from tests.check.example import Example
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"
LISTED = "Needling is **{position}** when all of these are met:\n\n- It is the arm.\n\nUnless a director allows it.{otherwise}"
OTHERWISE = "\n\nOtherwise **investigational**."
FAVOURABLE = "Needling is **medically necessary** when all of these are met:\n\n"
OPEN = "\n## Definitions\n\n- `unsafe`: including but not limited to `D66`, `D67`\n"
BRANCHES = (
    "### Old\n\nServices: `needling`\n\nDates of service: {old}\n\nNeedling is **medically necessary**.\n\n"
    "### New\n\nServices: `needling`\n\nDates of service: {new}\n\nNeedling is **investigational**."
)


def _branches(old: str, new: str) -> str:
    return policy("2025-01-01", "2024-06-01", criteria=BRANCHES.format(old=old, new=new))


def _needling(criteria: str) -> str:
    return policy("2025-01-01", "2024-06-01", criteria=criteria)


EXAMPLES = {
    "words that no expression reads": Example(
        "qualifier-not-read",
        {NEWER: _needling("Needling for tension headache is **investigational**.")},
        f"{NEWER}:12:10",
        old="for tension headache ",
        new="",
    ),
    "a condition in a word that the reader passes": Example(
        "qualifier-not-read",
        {NEWER: _needling("Needling is **investigational** until a trial reports.")},
        f"{NEWER}:12:33",
        old=" until a trial reports",
        new="",
    ),
    "a condition that no criterion takes up": Example(
        "qualifier-not-read",
        {
            NEWER: _needling(
                "Needling for the treatment of tension headache is **medically necessary** when all of these are met:\n\n"
                "- The patient is an adult. `age >= 18 years`" + OTHERWISE
            )
        },
        f"{NEWER}:12:10",
        old="- The patient is",
        new="- Tension headache is diagnosed.\n- The patient is",
    ),
    "an exception to an unfavourable position": Example(
        "unless-under-unfavourable",
        {NEWER: _needling(LISTED.format(position="investigational", otherwise="\n\nOtherwise **not covered**."))},
        f"{NEWER}:16:1",
        old="**investigational**",
        new="**medically necessary**",
    ),
    "no position where criteria fail": Example(
        "otherwise-missing",
        {NEWER: _needling(FAVOURABLE + "- It is the arm.")},
        f"{NEWER}:12:13",
        old="- It is the arm.",
        new="- It is the arm." + OTHERWISE,
    ),
    "items that exclude each other": Example(
        "criteria-never-met",
        {
            NEWER: _needling(
                FAVOURABLE
                + "- The patient is a child. `age < 18 years`\n- The patient is 65 or older. `age >= 65 years`"
                + OTHERWISE
            )
        },
        f"{NEWER}:15:3",
        old="all of these are met",
        new="any of these are met",
    ),
    "an open list asked for what is not in it": Example(
        "open-list-decides-negative",
        {NEWER: _needling(FAVOURABLE + "- It is safe. `diagnosis not in unsafe`" + OTHERWISE) + OPEN},
        f"{NEWER}:14:33",
        old="including but not limited to ",
        new="",
    ),
    "a boundary day in neither branch": Example(
        "boundary-day-lost",
        {NEWER: _branches("before 2025-07-01", "after 2025-07-01")},
        f"{NEWER}:24:19",
        old="after 2025-07-01",
        new="from 2025-07-01",
    ),
    "days between two branches": Example(
        "days-in-no-rule",
        {NEWER: _branches("to 2025-06-30", "from 2025-08-01")},
        f"{NEWER}:24:19",
        old="from 2025-08-01",
        new="from 2025-07-01",
    ),
    "a boundary day in both branches": Example(
        "days-in-two-rules",
        {NEWER: _branches("to 2025-07-01", "from 2025-07-01")},
        f"{NEWER}:24:19",
        old="to 2025-07-01",
        new="to 2025-06-30",
    ),
    "a branch of days before the version": Example(
        "branch-before-first-day",
        {NEWER: _branches("before 2025-01-01", "from 2025-01-01")},
        f"{NEWER}:16:19",
        old="### Old\n\nServices: `needling`\n\nDates of service: before 2025-01-01\n\n"
        "Needling is **medically necessary**.\n\n",
        new="",
    ),
}
