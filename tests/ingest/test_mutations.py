"""Some of the mutated documents of ``fuzz/mutate_ingest.py``: each holds the laws that are written there."""

from __future__ import annotations

import logging

import pytest
from fuzz.mutate_ingest import check
from fuzz.mutations import FORMATS, mutant


@pytest.mark.parametrize("first", range(0, 400, 40))
def test_a_mutated_document_leaves_a_clean_account(first: int) -> None:
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    for number in range(first, first + 40):
        check(mutant(number))


def test_a_mutated_document_is_answered_alike_in_a_child_process() -> None:
    for number in range(400, 400 + 2 * len(FORMATS)):
        check(mutant(number), apart=True)


def test_a_number_makes_the_same_document_again() -> None:
    for number in range(40, 40 + 4 * len(FORMATS)):
        assert mutant(number) == mutant(number)
