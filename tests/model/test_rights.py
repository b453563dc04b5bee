"""Whether a document's sentences may be shown to everybody, as its ``rights:`` says it."""

from __future__ import annotations

import pytest

from medpol.model.policy import PolicyVersion
from medpol.model.rights import may_show_prose


@pytest.mark.parametrize(
    ("rights", "taken", "written_here"),
    [
        ("", False, True),
        ("the publisher's own words", False, True),
        ("used by arrangement with the publisher", False, True),
        ("own words throughout, may be shown, downloaded and exported; no AMA descriptor is carried", True, True),
        ("our own words", True, True),
        ("ours", True, True),
        ("Example Health Plan allows copying of this text", True, True),
        ("may be freely copied", True, True),
        ("CC BY 4.0", True, True),
        ("public domain", True, True),
        ("no restrictions on display", True, True),
        (
            "the publisher's own words, all rights reserved by the publisher; not for display, download or export",
            False,
            False,
        ),
        ("the publisher's own words; may not be shown", False, False),
        ("our own words, confidential", False, False),
        ("may be shown only to members", False, False),
        ("Do not copy", False, False),
        ("All Rights Reserved.", False, False),
    ],
)
def test_words_that_forbid_decide_then_words_that_allow_then_where_the_text_is_from(
    rights: str, taken: bool, written_here: bool
) -> None:
    assert may_show_prose(PolicyVersion("EX-1", "Needles", rights=rights, origin="Another plan's policy")) is taken
    assert may_show_prose(PolicyVersion("EX-1", "Needles", rights=rights)) is written_here


def test_a_text_that_was_carried_back_by_an_import_is_taken_from_elsewhere() -> None:
    doubt = "title, carried back from the text of 2024-07-01"
    assert not may_show_prose(PolicyVersion("EX-1", "Needles", doubtful=(doubt,)))
    assert may_show_prose(PolicyVersion("EX-1", "Needles", doubtful=("is the dose right?",)))
