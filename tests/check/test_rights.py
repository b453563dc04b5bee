"""Which documents are asked for their rights."""

from __future__ import annotations

import pytest
from tests.check.example import found
from tests.support import policy

NEWER = "EX-1/2025-01-01.md"


@pytest.mark.parametrize(
    "head",
    [
        "",
        "rights: own words throughout",
        "rights: own words throughout\nsource: Example medical policy 1, its facts restated",
        "doubtful:\n  - is the day of approval right?",
    ],
    ids=["our own", "our own, and said so", "facts restated", "a question that is no mark of import"],
)
def test_a_document_that_took_nothing_over_or_says_what_holds_is_left_alone(head: str) -> None:
    assert found({NEWER: policy("2025-01-01", "2024-06-01", head=head)}) == ()
