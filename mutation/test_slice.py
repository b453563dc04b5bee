"""A slice of the comparison with the oracle, one library a test: `mutation/run.py` says how many, in the copy it makes."""

from __future__ import annotations

import pytest
from tests.decide.comparing import differences, generated

LIBRARIES = 1
CASES = 50


@pytest.mark.parametrize("seed", range(LIBRARIES))
def test_the_engine_and_the_oracle_agree(seed: int) -> None:
    assert not list(differences(generated(seed, CASES)))
