"""Examples of the rules about rights."""

from tests.check.example import Example
from tests.check.examples.scope import CONTRACT, contract
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"

EXAMPLES = {
    "imported, and no word on rights": Example(
        "rights-not-stated",
        {NEWER: policy("2025-01-01", "2024-06-01", head="source: Example medical policy 1, imported")},
        f"{NEWER}:6:9",
        old="source:",
        new="rights: the publisher's own words, not for display\nsource:",
    ),
    "carried back from a published text": Example(
        "rights-not-stated",
        {
            NEWER: policy(
                "2025-01-01", "2024-06-01", head="doubtful:\n  - title, carried back from the text of 2025-06-01"
            )
        },
        f"{NEWER}:7:5",
        old="doubtful:",
        new="rights: the publisher's own words, not for display\ndoubtful:",
    ),
    "a booklet taken over": Example(
        "rights-not-stated",
        {
            NEWER: policy("2025-01-01", "2024-06-01"),
            CONTRACT: contract("covers | | needling | | | |").replace(
                "rank: 2", "rank: 2\nsource: Example booklet of 2020"
            ),
        },
        f"{CONTRACT}:5:9",
        old="rank: 2\n",
        new="rank: 2\nrights: our own words\n",
    ),
}
