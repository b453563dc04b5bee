"""p of two groups from what is printed: Welch's test, over the rounding of every number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind_from_stats

from medpol.evidence.p_values import Printed, of_means

MEANS = st.decimals(-50, 50, places=1).map(float)
SDS = st.decimals(1, 30, places=1).map(float)
SIZES = st.integers(2, 200)
WITHIN = st.floats(-1, 1)


@given(MEANS, SDS, SIZES, MEANS, SDS, SIZES, WITHIN, WITHIN, WITHIN, WITHIN)
def test_no_p_of_numbers_that_round_to_the_printed_ones_lies_outside_the_range(
    m1: float, s1: float, n1: int, m2: float, s2: float, n2: int, a: float, b: float, c: float, d: float
) -> None:
    found = of_means(Printed(m1, 0.05, s1, 0.05, n1), Printed(m2, 0.05, s2, 0.05, n2))
    for equal in (True, False):
        p = ttest_ind_from_stats(
            m1 + a * 0.05, s1 + b * 0.05, n1, m2 + c * 0.05, s2 + d * 0.05, n2, equal_var=equal
        ).pvalue
        assert found.least - 1e-9 <= p <= found.most + 1e-9


def test_at_the_printed_numbers_it_is_welchs_p() -> None:
    found = of_means(Printed(6.41, 0.005, 0.83, 0.005, 33), Printed(6.96, 0.005, 0.87, 0.005, 33))
    assert found.printed == pytest.approx(ttest_ind_from_stats(6.41, 0.83, 33, 6.96, 0.87, 33, equal_var=False).pvalue)
    assert found.one_sided.printed == pytest.approx(found.printed / 2)


@pytest.mark.parametrize(("sd", "size"), [(0.0, 20), (1.0, 1)])
def test_a_group_that_cannot_be_tested_is_refused(sd: float, size: int) -> None:
    with pytest.raises(ValueError, match="no test of"):
        of_means(Printed(1, 0.5, sd, 0.05, size), Printed(2, 0.5, 1, 0.05, 20))
