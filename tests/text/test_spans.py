"""Code spans by their backtick runs in order, and bold outside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.text.strategies import LAWS

from medpol.text.spans import mark, without
from medpol.text.writer import span


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("a `b` c", ["b"]),
        ("``a ` b`` `c`", ["a ` b", "c"]),
        ("` a `", ["a"]),
        ("`  a  `", [" a "]),
        ("`   `", ["   "]),
        ("` a`", [" a"]),
        ("`a ``b`` c`", ["a ``b`` c"]),
        ("```a``", []),
    ],
)
def test_a_run_of_backticks_closes_the_next_run_of_its_length(text: str, codes: list[str]) -> None:
    marked = mark(text)
    assert [code.text for code in marked.codes] == codes
    assert all(text[code.offset :].startswith(code.text) for code in marked.codes)


def test_a_run_that_nothing_closes_is_lone() -> None:
    assert mark("a `b").lone_backtick == 2
    assert mark("`a` ``b").lone_backtick == 4
    assert mark("`a`").lone_backtick is None


def test_bold_inside_code_is_code() -> None:
    marked = mark("**a** `**b` **c**")
    assert [bold.text for bold in marked.bolds] == ["a", "c"]
    assert marked.lone_bold is None
    assert mark("**a** **b").lone_bold == 6


def test_what_is_left_without_its_spans() -> None:
    marked = mark("a `b` c `d`.")
    assert without(marked.text, marked.codes) == "a  c ."


@LAWS
@given(st.text("` a*\\", min_size=1, max_size=12).filter(str.strip))
def test_a_code_in_backticks_is_the_code_that_is_read(code: str) -> None:
    marked = mark(f"words {span(code)} words")
    assert [each.text for each in marked.codes] == [code]
