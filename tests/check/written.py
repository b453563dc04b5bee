"""Small documents for the rules about sentences: one item with its expression, and what the rules find in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tests.support import library, policy

from medpol.check import check_library

PLACE = "EX-1/2025-01-01.md"
FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| therapy.duration | quantity | weeks | How long was therapy tried? | record |
| therapy.recent | quantity | weeks | How long was therapy tried within the last 6 months? | record |
| therapy.outcome | choice | failed, unsuitable, helped | What came of therapy? | record |
| therapy.adequate | yes/no | | Was the trial adequate? | record |
| weakness | yes/no | | Is there significant weakness? | record |
| relief | ratio | | By how much did pain lessen? | record |
| strength | quantity | points | Which grade of strength? | record |
| bmi | quantity | kg/m2 | Body mass index? | record |
| weight | quantity | kg | Weight? | record |
| pressure | quantity | mmHg | Blood pressure? | record |
| dose | quantity | mg/day | Which dose? | record |
| ahi | quantity | /hour | How many events an hour? | record |
| walk | quantity | m | How far in 6 minutes? | record |
| hba1c | quantity | % | HbA1c? | record |
| visits | count | | How many visits? | record |
| adult | yes/no | | Is the member an adult? | record |
| band | yes/no | | Is a band felt? | record |
| onset | date | | When did it begin? | record |
| eosinophils | observations | cells/uL | Eosinophil counts? | record |

## Event fields

| Group | Field | Type | Unit or choices | Question |
|---|---|---|---|---|
| needling | gain | quantity | % | By how much did it help? |
| needling | tried_for | quantity | weeks | For how long? |
| needling | ended | text | | How did it end? |
"""
_ONE = "Needling is **medically necessary** when all of these are met:\n\n- {item}\n\nOtherwise **investigational**."
_DEFINED = "\n## Definitions\n\n- `unsafe`: including but not limited to `D66`, `D67`\n- `muscle-pain`: `M79.18`\n"


def one_item(item: str) -> str:
    return _ONE.format(item=item)


def findings(criteria: str, only: Iterable[str], *, head: str = "", more: Mapping[str, str] | None = None) -> list[str]:
    """``line:column rule: what was found`` of the rules named, in one version with these criteria."""
    files = {"facts.md": FACTS, PLACE: policy("2025-01-01", "2024-06-01", criteria=criteria, head=head) + _DEFINED}
    held = library(files | dict(more or {}))
    assert not held.errors, "\n".join(map(str, held.errors))
    return [
        f"{each.source.line}:{each.source.column} {each.rule}: {each.found}"
        for each in check_library(held, only=only).found
    ]
