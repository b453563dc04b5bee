"""Identities of criteria: of the sentence, not of its marker, place or expression."""

from __future__ import annotations

import pytest

from medpol.model.criteria import Structure, group_id, leaf_id, rule_name, sentence_key


@pytest.mark.parametrize(
    "sentence",
    [
        "A band is felt",
        "a band  is felt.",
        "A band is felt; and",
        "a band is felt, or",
        "A BAND is felt and;",
        "a band is felt: and and.",
    ],
)
def test_case_spaces_end_signs_and_trailing_words_do_not_matter(sentence: str) -> None:
    assert sentence_key(sentence) == "a band is felt"
    assert leaf_id("first", sentence) == leaf_id("first", "A band is felt")


def test_words_do_matter_and_so_does_the_rule() -> None:
    assert leaf_id("first", "A band is felt") != leaf_id("first", "No band is felt")
    assert leaf_id("first", "A band is felt") != leaf_id("later", "A band is felt")


def test_letters_composed_and_decomposed_are_one() -> None:
    assert sentence_key("caf\u00e9") == sentence_key("cafe\u0301")


@pytest.mark.parametrize(
    ("sentence", "key"),
    [("and", "and"), ("or", "or"), (" .;, ", ""), ("this and that", "this and that"), ("so . and", "so")],
)
def test_a_sentence_keeps_at_least_a_word(sentence: str, key: str) -> None:
    assert sentence_key(sentence) == key


def test_the_id_of_a_group_does_not_depend_on_the_order_of_its_parts() -> None:
    one = group_id("r", Structure.ALL, None, ("r/1", "r/2"))
    assert one == group_id("r", Structure.ALL, None, ("r/2", "r/1"))
    assert one != group_id("r", Structure.ANY, None, ("r/1", "r/2"))
    assert group_id("r", Structure.AT_LEAST, 1, ("r/1",)) != group_id("r", Structure.AT_LEAST, 2, ("r/1",))


@pytest.mark.parametrize(
    ("heading", "name"),
    [("First session", "first-session"), ("  Big: (and) small! ", "big-and-small"), ("***", "criteria")],
)
def test_a_rule_is_named_by_its_heading(heading: str, name: str) -> None:
    assert rule_name(heading) == name
