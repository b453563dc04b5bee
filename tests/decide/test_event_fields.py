"""Fields of events: of every type that may be declared, inside ``where`` and behind ``last``."""

from __future__ import annotations

import pytest
from tests.support import desk, policy, said

FIELDS = """
# Facts

## Event fields

| Group | Field | Type | Unit or choices |
|---|---|---|---|
| needling | genes | codes | |
| needling | age_then | age | |
"""


@pytest.mark.parametrize(
    ("expression", "fields", "answer"),
    [
        ('genes in ("BRCA1", "PALB2")', {"genes": ["TP53", "BRCA1"]}, "covered"),
        ('genes in ("BRCA1", "PALB2")', {"genes": ["TP53"]}, "not_covered"),
        ('genes in ("BRCA1", "PALB2")', {}, "information_needed"),
        ("age_then < 50 years", {"age_then": "49 years"}, "covered"),
        ("age_then > 49 years", {"age_then": "49 years"}, "information_needed"),  # 49 is anything up to 50
        ("age_then < 50 years", {"age_then": "50 years"}, "not_covered"),
    ],
)
@pytest.mark.parametrize("term", ["where", "last"])
def test_a_field_of_codes_or_of_an_age_is_read_as_such_a_fact_is(
    term: str, expression: str, fields: dict[str, object], answer: str
) -> None:
    name, rest = expression.split(" ", 1)
    taught = (
        f"count(lines of needling where {expression}, lifetime before) >= 1"
        if term == "where"
        else f"last(needling).{name} {rest}"
    )
    rule = f"**Medically necessary** when all of these are met:\n\n- so `{taught}`\n\nOtherwise **not covered**."
    held = desk({"facts.md": FIELDS, "EX-1/2024-05-01.md": policy(criteria=rule)})
    case = {
        "code": "20560",
        "date_of_service": "2024-06-03",
        "known_on": "2024-06-03",
        "line_of_business": "commercial",
        "history": [{"code": "20560", "date": "2024-01-08", "facts": fields}],
        "history_complete_from": "birth",
    }
    assert said(held, **case).split(",")[0] == answer


@pytest.mark.parametrize(
    ("text", "answer"), [("BRCA1", "covered"), ("TP53+ brca1", "covered"), ("TP53", "not_covered")]
)
def test_a_field_of_codes_may_be_given_as_text_where_there_is_room_for_text_alone(text: str, answer: str) -> None:
    criteria = (
        "Needling is **medically necessary** when all of these are met:\n\n"
        '- A line with the gene. `count(lines of needling where genes in ("BRCA1"), lifetime before) >= 1`'
    )
    held = desk({"facts.md": FIELDS, "EX-1/2024-05-01.md": policy(criteria=criteria)})
    given = {"code": "20560", "date": "2024-05-02", "facts": {"genes": text}}
    case = {"date_of_service": "2024-06-01", "history": [given], "history_complete_from": "birth"}
    assert said(held, code="20560", **case).split(",")[0] == answer
