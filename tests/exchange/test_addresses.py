"""Names as parts of addresses: every name has one, no two share one, and nothing on the way alters it."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.exchange.addresses import ENDINGS, named, segment
from medpol.web.pages.page import TWINS


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("2.01.100", "2.01.100"),
        ("MED/205.001", "MED~2F205.001"),
        ("A\\B", "A~5CB"),
        ("..", "~2E~2E"),
        ("EX-1.json", "EX-1~2Ejson"),
        ("~2F", "~7E2F"),
        ("100%", "100~25"),
        ("A B?c#d", "A%20B%3Fc%23d"),
        ("Hôpital 7", "H%C3%B4pital%207"),
    ],
)
def test_a_name_has_one_readable_address(name: str, part: str) -> None:
    assert segment(name) == part
    assert named(unquote(part)) == name


@given(st.text(min_size=1))
def test_a_name_comes_back_however_often_its_percent_signs_are_read(name: str) -> None:
    held = name.encode("utf-8", "ignore").decode()
    part = segment(held)
    once = unquote(part)
    assert named(once) == named(unquote(once)) == held
    assert not set("/\\?#%") & set(once) - set("?#"), "nothing left that ends or parts a path"
    assert not once.endswith(ENDINGS) and once not in (".", "..")


def test_the_endings_are_those_of_the_twins() -> None:
    assert set(ENDINGS) == set(TWINS)
