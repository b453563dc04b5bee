"""Examples of the rules about words."""

from tests.check.example import Example
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"
FACTS = "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
THERAPY = "| therapy | quantity | weeks | How long was therapy tried? | record |\n"
LISTED = "Needling is **medically necessary** when all of these are met:\n\n{items}\n\nOtherwise **investigational**."


def _files(item: str, facts: str = "") -> dict[str, str]:
    written = policy("2025-01-01", "2024-06-01", criteria=LISTED.format(items=f"- {item}"))
    return {NEWER: written} | ({"facts.md": FACTS + facts} if facts else {})


EXAMPLES = {
    "judgement that nobody is asked for": Example(
        "judgement-beside-expression",
        _files("An adequate trial of therapy, at least 6 weeks. `therapy >= 6 weeks`", THERAPY),
        f"{NEWER}:14:6",
        old="An adequate trial",
        new="A trial",
    ),
    "one number in words, another in the expression": Example(
        "number-differs",
        _files("Therapy failed after at least six weeks. `therapy >= 8 weeks`", THERAPY),
        f"{NEWER}:14:33",
        old=">= 8 weeks",
        new=">= 6 weeks",
    ),
    "one number, two directions": Example(
        "comparison-differs",
        _files("At least 6 weeks of therapy failed. `therapy <= 6 weeks`", THERAPY),
        f"{NEWER}:14:12",
        old="<= 6 weeks",
        new=">= 42 days",
    ),
    "one number, in and out": Example(
        "comparison-differs",
        _files("Therapy was tried for more than 6 weeks. `therapy >= 6 weeks`", THERAPY),
        f"{NEWER}:14:35",
        old="more than",
        new="at least",
    ),
    "a duration that no part reads": Example(
        "number-not-read",
        _files("At least 6 weeks of therapy failed within the last 6 months. `therapy >= 6 weeks`", THERAPY),
        f"{NEWER}:14:54",
        old=" within the last 6 months",
        new="",
    ),
    "a year without its kind": Example(
        "count-without-its-kind",
        _files("No more than 3 sessions in 12 months. `count(sessions of needling, rolling 12 months through) <= 3`"),
        f"{NEWER}:14:33",
        old="in 12 months",
        new="in any 12 months",
    ),
    "a measure without its kind": Example(
        "count-without-its-kind",
        _files(
            "No more than 3 needles in any 12 months. `count(sessions of needling, rolling 12 months through) <= 3`"
        ),
        f"{NEWER}:14:3",
        old="3 needles",
        new="3 sessions",
    ),
    "a window of another kind": Example(
        "count-of-another-kind",
        _files(
            "No more than 3 sessions in a calendar year. `count(sessions of needling, rolling 12 months through) <= 3`"
        ),
        f"{NEWER}:14:32",
        old="rolling 12 months through",
        new="calendar year through",
    ),
    "the day of a request": Example(
        "request-day-in-words",
        _files("The request date is in 2025 or later. `date_of_service >= 2025-01-01`"),
        f"{NEWER}:14:7",
        old="The request date is",
        new="Care is given",
    ),
    "an author who is named nowhere above": Example(
        "mention-of-nothing",
        {
            NEWER: policy("2025-01-01", "2024-06-01")
            + "\n## Description\n\nPain is less, says the review by Example-Author (discussed above).\n"
        },
        f"{NEWER}:22:50",
        old=" (discussed above)",
        new="",
    ),
    "a table that does not follow": Example(
        "mention-of-nothing",
        {NEWER: policy("2025-01-01", "2024-06-01") + "\n## Description\n\nDoses are listed in Table 2 below.\n"},
        f"{NEWER}:22:21",
        old=" in Table 2 below",
        new=" by the maker",
    ),
}
