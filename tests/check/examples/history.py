"""Examples of the rules that hold the history against the files."""

from tests.check.example import Example
from tests.support import archive, policy

NEWER = "EX-1/2025-01-01.md"
LATER = policy("2025-01-01", "2024-06-01", criteria="Needling is **not medically necessary**.")
SAME = policy("2025-01-01", "2024-06-01")
ONE_CODE = "| needling | CPT | 20560 | governed | | |"
TWO_CODES = f"{ONE_CODE}\n| needling | CPT | 20561 | governed | | |"
OLDER = "EX-1/2024-05-01.md"
ADAMS = "1. Adams B. On needles. J Needles. 2020; 1(1): 1-9. PMID 11111111\n"
CHEN = "1. Chen D. More needles. J Needles. 2023; 4(1): 1-9. PMID 22222222\n"
CITING = "\n## Background\n\nNeedles are old [1].\n\n## References\n\n"
ROWS = "\n## History\n\n| Date | Event | Says |\n|---|---|---|\n"

EXAMPLES = {
    "a statement that did change": Example(
        "statement-not-unchanged",
        {
            "EX-1/2024-05-01.md": policy(),
            NEWER: LATER + ROWS + "| 2025-01-01 | annual review | literature through 2024-02; statement unchanged |\n",
        },
        f"{NEWER}:24:60",
        old="**not medically necessary**",
        new="**investigational**",
    ),
    "a code said to be added that is not there": Example(
        "codes-not-added",
        {NEWER: LATER + ROWS + "| 2025-01-01 | coding update | codes added 20560, 20561 |\n"},
        f"{NEWER}:24:51",
        old="20560, 20561",
        new="20560",
    ),
    "a code said to be added that was there before": Example(
        "codes-not-added",
        {
            "EX-1/2024-05-01.md": policy(),
            NEWER: SAME + ROWS + "| 2025-01-01 | coding update | codes added 20560 |\n",
        },
        f"{NEWER}:24:44",
        old="codes added 20560",
        new="references added",
    ),
    "a code said to be deleted that stays": Example(
        "codes-not-deleted",
        {
            OLDER: policy(codes=TWO_CODES),
            NEWER: SAME.replace(ONE_CODE, TWO_CODES) + ROWS + "| 2025-01-01 | coding update | codes deleted 20561 |\n",
        },
        f"{NEWER}:25:46",
        old="| needling | CPT | 20561 | governed | | |",
        new="| needling | CPT | 20561 | governed | | 2025-12-31 |",
    ),
    "references said to be added that are not": Example(
        "references-not-added",
        {
            OLDER: policy() + CITING + ADAMS,
            NEWER: SAME + CITING + ADAMS + ROWS + "| 2025-01-01 | annual review | references added |\n",
        },
        f"{NEWER}:32:32",
        old=ADAMS,
        new=CHEN,
    ),
    "references added, and said not to be": Example(
        "references-added-unsaid",
        {
            OLDER: policy() + CITING + ADAMS,
            NEWER: SAME + CITING + CHEN + ROWS + "| 2025-01-01 | annual review | no references added |\n",
        },
        f"{NEWER}:32:32",
        old="no references added",
        new="references added",
    ),
    "two ends of one literature search": Example(
        "literature-days-differ",
        {
            NEWER: policy("2025-01-01", "2024-06-01", head="literature through: 2024-02-08")
            + ROWS
            + "| 2025-01-01 | annual review | literature through 2024-03 |\n"
        },
        f"{NEWER}:25:51",
        old="literature through 2024-03",
        new="literature through 2024-02",
    ),
    "a row without its version": Example(
        "row-without-version",
        {
            OLDER: policy(),
            NEWER: SAME + ROWS + "| 2024-08-01 | annual review | |\n| 2025-01-01 | annual review | |\n",
        },
        f"{NEWER}:24:3",
        old="| 2024-08-01 |",
        new="| 2024-05-01 |",
    ),
    "a version without its row": Example(
        "version-without-row",
        {
            OLDER: policy(),
            "EX-1/2024-08-01.md": policy("2024-08-01", "2024-06-01"),
            NEWER: SAME + ROWS + "| 2024-05-01 | new policy | |\n| 2025-01-01 | annual review | |\n",
        },
        f"{NEWER}:20:1",
        old="| new policy | |\n",
        new="| new policy | |\n| 2024-08-01 | annual review | |\n",
    ),
    "a position changed without a word": Example(
        "change-without-row",
        {OLDER: policy(), NEWER: LATER + ROWS + "| 2025-01-01 | annual review | literature through 2024-02 |\n"},
        f"{NEWER}:24:16",
        old="| annual review |",
        new="| position change |",
    ),
    "a code dropped without a word": Example(
        "change-without-row",
        {OLDER: policy(codes=TWO_CODES), NEWER: SAME + ROWS + "| 2025-01-01 | annual review | |\n"},
        f"{NEWER}:24:16",
        old="| annual review | |",
        new="| annual review | codes deleted 20561 |",
    ),
    "a line of business left out without a word": Example(
        "change-without-row",
        {
            OLDER: policy(head="lines of business: {in: [commercial, medicaid]}"),
            NEWER: policy("2025-01-01", "2024-06-01", head="lines of business: {in: [commercial]}")
            + ROWS
            + "| 2025-01-01 | annual review | statement unchanged |\n",
        },
        f"{NEWER}:25:16",
        old="| annual review |",
        new="| scope change |",
    ),
    "a service dropped over an archived time": Example(
        "change-without-row",
        {
            OLDER: policy(codes=f"{ONE_CODE}\n| cupping | CPT | | governed | | |"),
            "EX-1/2024-08-01.md": archive("2024-08-01", "2024-06-01"),
            NEWER: policy("2025-01-01", "2024-06-01", criteria="Needling is **cosmetic**.")
            + ROWS
            + "| 2024-05-01 | new policy | |\n| 2024-08-01 | archived | |\n| 2025-01-01 | reinstated | |\n",
        },
        f"{NEWER}:26:16",
        old="| 2025-01-01 | reinstated | |\n",
        new="| 2025-01-01 | reinstated | |\n| 2025-01-01 | criteria change | |\n",
    ),
    "a row with another day of publication than the front matter": Example(
        "row-days-differ",
        {
            NEWER: SAME
            + "\n## History\n\n| Date | Event | Published |\n|---|---|---|\n| 2025-01-01 | annual review | 2024-07-01 |\n"
        },
        f"{NEWER}:24:32",
        old="2024-07-01",
        new="2024-06-01",
    ),
    "a row whose year is wrong": Example(
        "history-out-of-order",
        {
            NEWER: SAME
            + "\n## History\n\n| Date | Event |\n|---|---|\n| 2025-01-01 | annual review |\n"
            + "| 2013-06-01 | annual review |\n| 2023-01-01 | annual review |\n"
        },
        f"{NEWER}:26:3",
        old="2013-06-01",
        new="2024-06-01",
    ),
}
