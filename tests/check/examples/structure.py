"""Examples of the rules about how a document is built."""

from tests.check.example import Example
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"
FACTS = "# Facts\n\n| Fact | Type | Unit or choices | Question | From |\n|---|---|---|---|---|\n"
BAND = "| band | yes/no | | Is a band felt? | record |\n"
FIELDS = "\n## Event fields\n\n| Group | Field | Type | Unit or choices | Question |\n|---|---|---|---|---|\n"
RELIEF = "| needling | relief | yes/no | | Did it help? |\n"
LISTED = "Needling is **medically necessary** when all of these are met:\n\n{items}\n\nOtherwise **investigational**."
DEEP = """- any of these:
  - all of these:
    - any of these:
      - all of these:
        - {words}
          - the band is felt
          - the band is seen"""
SHALLOW = """- any of these:
  - all of these:
    - any of these:
      - all of these:
        - the band is felt or seen"""
FELT = "- A band is felt. `band`"


def _needling(items: str, after: str = "") -> str:
    return policy("2025-01-01", "2024-06-01", criteria=LISTED.format(items=items)) + after


EXAMPLES = {
    "a list six levels deep": Example(
        "nesting-too-deep",
        {NEWER: _needling(DEEP.format(words="any of these:"))},
        f"{NEWER}:18:11",
        old=DEEP.format(words="any of these:"),
        new=SHALLOW,
    ),
    "the same words twice": Example(
        "criterion-twice",
        {NEWER: _needling("- The band is felt.\n- The band is seen.\n- The band is felt.")},
        f"{NEWER}:16:3",
        old="seen.\n- The band is felt.",
        new="seen.",
    ),
    "an expression that was copied": Example(
        "criterion-twice",
        {NEWER: _needling('- Muscle pain. `diagnosis in ("M79.18")`\n- Neck pain. `diagnosis in ("M79.18")`')},
        f"{NEWER}:15:3",
        old='Neck pain. `diagnosis in ("M79.18")`',
        new='Neck pain. `diagnosis in ("M54.2")`',
    ),
    "a fact that nothing reads": Example(
        "fact-never-used",
        {"facts.md": FACTS + BAND + BAND.replace("band", "spot"), NEWER: _needling(FELT)},
        "facts.md:6:3",
        old=BAND.replace("band", "spot"),
        new="",
    ),
    "a field of events that nothing reads": Example(
        "fact-never-used",
        {"facts.md": FACTS + BAND + FIELDS + RELIEF, NEWER: _needling(FELT)},
        "facts.md:11:14",
        old=FIELDS + RELIEF,
        new="",
    ),
    "a fact of one document that nothing reads": Example(
        "fact-never-used",
        {NEWER: _needling("- A band is felt.", "\n## Definitions\n\n| Fact | Type |\n|---|---|\n| spot | yes/no |\n")},
        f"{NEWER}:28:3",
        old="- A band is felt.",
        new="- A spot is felt. `spot`",
    ),
    "a value set that nothing reads": Example(
        "definition-never-used",
        {NEWER: _needling("- The pain is of the muscle.", "\n## Definitions\n\n- `muscle-pain`: `M79.18`, `M79.12`\n")},
        f"{NEWER}:26:3",
        old="of the muscle.",
        new="of the muscle. `diagnosis in muscle-pain`",
    ),
}
