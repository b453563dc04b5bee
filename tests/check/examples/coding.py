"""Examples of the rules about codes."""

from tests.check.example import Example
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"
OTHER = "EX-2/2025-01-01.md"
PLAIN = "Needling is **investigational**."


def needling(*rows: str, criteria: str = PLAIN, number: str = "EX-1", head: str = "") -> str:
    """A version from 2025 on, known half a year before; each row is ``group | system | code | role | from | to``."""
    return policy(
        "2025-01-01",
        "2024-06-01",
        number=number,
        head=head,
        criteria=criteria,
        codes="\n".join(f"| {row} |" for row in rows),
    )


NEEDLING = "needling | CPT | 20560 | governed | |"
TWO_SERVICES = "### One\n\nServices: `needling`\n\nNeedling is **investigational**."
CONDITIONAL = "Needling is **medically necessary** when all of these are met:\n\n- It is the arm.\n\nOtherwise **investigational**."
SPLIT = f"{TWO_SERVICES}\n\n### Two\n\nServices: `cupping`\n\n{CONDITIONAL.replace('Needling', 'Cupping')}"

EXAMPLES = {
    "a code that ended before the version": Example(
        "code-outside-validity",
        {NEWER: needling(NEEDLING, "needling | CPT | 20561 | governed | 2020-01-01 | 2024-12-31")},
        f"{NEWER}:19:52",
        old="2024-12-31",
        new="2025-12-31",
    ),
    "a code that begins long after": Example(
        "code-outside-validity",
        {NEWER: needling(NEEDLING, "needling | CPT | 20561 | governed | 2026-01-01 |")},
        f"{NEWER}:19:39",
        old="2026-01-01",
        new="2020-01-01",
    ),
    "a code that begins when the version was replaced": Example(
        "code-outside-validity",
        {
            "EX-1/2024-05-01.md": policy(codes="| needling | CPT | 20560 | governed | 2024-07-01 | |"),
            "EX-1/2024-07-01.md": policy("2024-07-01", "2024-06-01"),
        },
        "EX-1/2024-05-01.md:18:39",
        old="2024-07-01",
        new="2020-01-01",
    ),
    "a group that nothing speaks of": Example(
        "group-without-rule",
        {NEWER: needling(NEEDLING, "cupping | CPT | 97016 | governed | |", criteria=TWO_SERVICES)},
        f"{NEWER}:23:3",
        old="`needling`",
        new="`needling` `cupping`",
    ),
    "supporting diagnoses that ended": Example(
        "codes-that-ended",
        {
            NEWER: needling(
                NEEDLING,
                "back-pain | ICD-10-CM | M54.5 | supports | | 2021-09-30",
                "back-pain | ICD-10-CM | M54.50 | supports | 2021-10-01 |",
            )
        },
        f"{NEWER}:19:48",
        old="| back-pain | ICD-10-CM | M54.5 | supports | | 2021-09-30 |\n",
        new="",
    ),
    "a value set with a code that ended elsewhere": Example(
        "codes-that-ended",
        {
            NEWER: needling(
                NEEDLING,
                criteria="Needling is **medically necessary** for pain. `diagnosis in pain`\n\nOtherwise **investigational**.",
            )
            + "\n## Definitions\n\n- `pain`: `M54.5`, `M79.18`\n",
            "EX-2/2020-01-01.md": policy(
                "2020-01-01",
                "2019-06-01",
                number="EX-2",
                codes="| cupping | CPT | 97016 | governed | | |\n| back | ICD-10-CM | M54.5 | supports | | 2021-09-30 |",
            ),
        },
        f"{NEWER}:24:12",
        old="`M54.5`, `M79.18`",
        new="`M54.50`, `M79.18`",
    ),
    "an unconditional position on a code of another policy": Example(
        "unconditional-on-shared-code",
        {
            NEWER: needling(NEEDLING, head="lines of business: {in: [commercial]}"),
            OTHER: needling(NEEDLING, criteria=CONDITIONAL, number="EX-2"),
        },
        f"{NEWER}:13:1",
        old="| needling | CPT | 20560 |",
        new="| needling | CPT | 20561 |",
    ),
    "an unconditional position on a code of another service": Example(
        "unconditional-on-shared-code",
        {NEWER: needling(NEEDLING, "cupping | CPT | 20560 | governed | |", criteria=SPLIT)},
        f"{NEWER}:16:1",
        old="Needling is **investigational**.",
        new='When: elsewhere `service.place = "12"`\n\nNeedling is **investigational**.',
    ),
    "two policies with conditions of their own": Example(
        "code-in-two-policies",
        {
            NEWER: needling(NEEDLING, criteria=CONDITIONAL),
            OTHER: needling(NEEDLING, criteria=CONDITIONAL.replace("arm", "leg"), number="EX-2"),
        },
        f"{OTHER}:22:20",
        old="| needling | CPT | 20560 | governed | | |",
        new="| needling | CPT | 20561 | governed | | |",
    ),
}
