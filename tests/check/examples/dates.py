"""Examples of the rules about days."""

from datetime import date

from tests.check.example import Example
from tests.support import archive, policy

NEWER = "EX-1/2025-01-01.md"
REVIEWED = (
    policy("2025-01-01", "2024-06-01")
    + "\n## History\n\n| Date | Event |\n|---|---|\n| 2024-01-01 | annual review |\n| 2025-01-01 | annual review |\n"
)

EXAMPLES = {
    "notice from publication, days owed by the version": Example(
        "notice-too-short",
        {NEWER: policy("2025-01-01", "2024-10-04", head="notice days: 90")},
        f"{NEWER}:4:12",
        old="published: 2024-10-04",
        new="published: 2024-10-03",
    ),
    "notice from its own day": Example(
        "notice-too-short",
        {NEWER: policy("2025-01-01", "2024-06-01", head="notice sent: 2024-12-01\nnotice days: 60")},
        f"{NEWER}:4:12",
        old="notice sent: 2024-12-01",
        new="notice sent: 2024-11-01",
    ),
    "days owed by the library": Example(
        "notice-too-short",
        {NEWER: policy("2025-01-01", "2024-10-04"), "medpol.toml": "notice_days = 90\n"},
        f"{NEWER}:4:12",
        old="published: 2024-10-04",
        new="published: 2024-10-03",
    ),
    "notice owed where the statement changed": Example(
        "notice-too-short",
        {
            "EX-1/2024-05-01.md": policy(head="notice days: 0"),
            NEWER: policy("2025-01-01", "2024-12-31", head="notice days: 90", criteria="Needling is **cosmetic**."),
        },
        f"{NEWER}:4:12",
        old="Needling is **cosmetic**.",
        new="Needling is **investigational**.",
    ),
    "in force before it was known": Example(
        "retroactive-effective",
        {NEWER: policy("2025-01-01", "2025-01-11")},
        f"{NEWER}:4:12",
        old="published: 2025-01-11",
        new="published: 2025-01-01",
    ),
    "an archive before it was known": Example(
        "retroactive-effective",
        {"EX-1/2025-01-01.md": archive("2025-01-01", "2025-01-11")},
        f"{NEWER}:4:11",
        old="published: 2025-01-11",
        new="published: 2025-01-01",
    ),
    "a row date in place of a publication": Example(
        "published-inferred",
        {NEWER: policy("2025-01-01", None, head="row date: 2025-01-01")},
        f"{NEWER}:5:11",
        old="row date: 2025-01-01",
        new="published: 2025-01-01",
    ),
    "a version that nobody can know": Example(
        "draft-governs-nothing",
        {NEWER: policy("2025-01-01", None, head="approved: 2024-06-01")},
        f"{NEWER}:4:12",
        old="approved: 2024-06-01",
        new="published: 2024-06-01",
    ),
    "approved after it was published": Example(
        "dates-out-of-order",
        {NEWER: policy("2025-01-01", "2024-06-01", head="approved: 2024-06-11")},
        f"{NEWER}:6:11",
        old="approved: 2024-06-11",
        new="approved: 2024-05-11",
    ),
    "approved after notice was sent": Example(
        "dates-out-of-order",
        {NEWER: policy("2025-01-01", "2024-06-01", head="approved: 2024-05-11\nnotice sent: 2024-04-01")},
        f"{NEWER}:6:11",
        old="notice sent: 2024-04-01",
        new="notice sent: 2024-06-01",
    ),
    "notice sent after the first day": Example(
        "dates-out-of-order",
        {NEWER: policy("2025-01-01", "2024-06-01", head="notice sent: 2025-01-02")},
        f"{NEWER}:6:14",
        old="notice sent: 2025-01-02",
        new="notice sent: 2025-01-01",
    ),
    "literature of a month after the approval": Example(
        "dates-out-of-order",
        {NEWER: policy("2025-01-01", "2024-06-01", head="approved: 2024-05-11\nliterature through: 2024-06")},
        f"{NEWER}:7:21",
        old="literature through: 2024-06",
        new="literature through: 2024-05",
    ),
    "a review due before the first day": Example(
        "dates-out-of-order",
        {NEWER: policy("2025-01-01", "2024-06-01", head="review due: 2024-12-31")},
        f"{NEWER}:6:13",
        old="review due: 2024-12-31",
        new="review due: 2025-12-31",
    ),
    "a review past its stated day": Example(
        "review-overdue",
        {NEWER: policy("2025-01-01", "2024-06-01", head="review due: 2025-12-31")},
        f"{NEWER}:6:13",
        old="review due: 2025-12-31",
        new="review due: 2026-12-31",
        today=date(2026, 1, 1),
    ),
    "a review each year, and none for more than one": Example(
        "review-overdue",
        {NEWER: REVIEWED},
        f"{NEWER}:25:3",
        old="published: 2024-06-01",
        new="published: 2024-06-01\nreview due: 2027-01-01",
        today=date(2026, 1, 2),
    ),
    "literature older than a year": Example(
        "literature-old-at-approval",
        {NEWER: policy("2025-01-01", "2024-06-01", head="approved: 2024-05-11\nliterature through: 2023-04")},
        f"{NEWER}:7:21",
        old="literature through: 2023-04",
        new="literature through: 2023-05",
    ),
}
