"""Examples of the rules about scope and precedence."""

from tests.check.example import Example
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"
CONTRACT = "contracts/example.md"
SOURCES = "### Dated sources\n\n| Source | Date | Says |\n|---|---|---|\n"


def medicare(statement: str, source: str) -> str:
    return policy("2025-01-01", "2024-06-01") + f"\n## Medicare\n\nStatement: {statement}\n\n{SOURCES}| {source} |\n"


def contract(*provisions: str, ends: str = "", kind: str = "contract", rank: int = 2) -> str:
    """A contract from 2020 on; each provision is ``effect | system | code or group | position | from | to | when``."""
    last = f"ends: {ends}\n" if ends else ""
    rows = "".join(f"| {each} |\n" for each in provisions)
    return (
        f"---\n{kind}: example\ntitle: Example\nrank: {rank}\neffective: 2020-01-01\n{last}---\n\n# Example\n\n## Provisions\n\n"
        f"| Effect | System | Code or group | Position | From | To | When |\n|---|---|---|---|---|---|---|\n{rows}"
    )


EXAMPLES = {
    "a national determination that the statement denies": Example(
        "medicare-statement-contradicted",
        {
            NEWER: medicare(
                "There is no national coverage determination.", "NCD 999.1 | 2020-01-21 | Needling is covered."
            )
        },
        f"{NEWER}:22:21",
        old="There is no national coverage determination.",
        new="NCD 999.1 covers needling.",
    ),
    "a provision after the end of its contract": Example(
        "provision-never-acts",
        {
            NEWER: policy("2025-01-01", "2024-06-01"),
            CONTRACT: contract("covers | | needling | | 2024-01-01 | |", ends="2023-12-31"),
        },
        f"{CONTRACT}:15:27",
        old="2024-01-01",
        new="2023-01-01",
    ),
    "an exception of the rank of its rule": Example(
        "provisions-disagree",
        {
            NEWER: policy("2025-01-01", "2024-06-01"),
            CONTRACT: contract("covers | | needling | | | |", "excludes | | needling | | | | `age < 18 years`"),
        },
        f"{CONTRACT}:15:3",
        old="| covers | | needling | | | | |",
        new="| covers | | needling | | | | `age >= 18 years` |",
    ),
}
