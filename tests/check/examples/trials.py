"""Examples of the rules about the trials table."""

from tests.check.evidence_texts import HARMS, NEWER, document, population, review, trials
from tests.check.example import Example

ROW = "| NCT01234567 | A trial of Nov 2024 | Neck pain | 50 | {} | |"

EXAMPLES = {
    "ongoing and over": Example(
        "ongoing-trial-past-completion",
        document(trials(ROW.format("Nov 2024"))),
        f"{NEWER}:26:56",
        old="| 50 | Nov 2024 |",
        new="| 50 | Jan 2025 |",
    ),
    "a population of another name": Example(
        "trial-of-no-population",
        document(review(population("Pain in the shoulder", HARMS)), trials(ROW.format("Nov 2026"))),
        f"{NEWER}:34:39",
        old="| Neck pain |",
        new="| Pain in the shoulder |",
    ),
    "one trial in two rows": Example(
        "trial-listed-twice",
        document(trials(ROW.format("Nov 2026"), ROW.format("Dec 2026"))),
        f"{NEWER}:27:3",
        old=ROW.format("Dec 2026"),
        new=ROW.format("Dec 2026").replace("4567", "4568"),
    ),
    "a number with a digit too few": Example(
        "trial-number-malformed",
        document("## Background\n\nA trial is under way (NCT0123456).\n"),
        f"{NEWER}:22:23",
        old="NCT0123456",
        new="NCT01234567",
    ),
}
