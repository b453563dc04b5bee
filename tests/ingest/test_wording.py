"""Sentences to rules, and history comments to events."""

from __future__ import annotations

import pytest

from medpol.ingest.bullets import Bullet
from medpol.ingest.chronicle import date_of, dates_in, event_of, pivot_of, read_event
from medpol.ingest.naming import services_in
from medpol.ingest.stating import position_in, sentences
from medpol.ingest.wording import ruling
from medpol.model.evidence import HISTORY_EVENTS


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Spoons are considered investigational.", "investigational"),
        ("Spoons may be considered medically necessary.", "medically necessary"),
        ("Spoons are considered not medically necessary.", "not medically necessary"),
        ("Spoons are not considered medically necessary.", "not considered medically necessary"),
        (
            "Spoons are considered experimental, investigational, or unproven.",
            "experimental, investigational, or unproven",
        ),
        ("Spoons are now considered cosmetic.", "cosmetic"),
        ("Costs covered by the spoon fund were established.", None),
        ("The criteria are met.", None),
    ],
)
def test_a_position_stands_behind_the_verb_that_states_it(text: str, label: str | None) -> None:
    found = position_in(text)
    assert (found.label if found else None) == label


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("Silver spoons for the treatment of soup", ("silver-spoon",)),
        ("Silver spoons of any size", ("silver-spoon",)),
        ("Implantation of a silver spoon", ("implantation-of-silver-spoon",)),
        ("Use of spoons and golden forks", ("spoon", "golden-fork")),
        ("Spoons (SP), forks, and biopsies", ("spoon", "fork", "biopsy")),
        ("All other uses of spoons", ("spoon",)),
        ("3D spoons", ("service-3d-spoon",)),
        ("", ()),
    ],
)
def test_services_are_named_by_the_subject(subject: str, names: tuple[str, ...]) -> None:
    assert services_in(subject) == names


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("when ALL of the following criteria are met:", "when all of the following criteria are met:"),
        ("when one or more of the following is true:", "when at least one of the following is true:"),
        ("when ALL:", "when all of the following:"),
        ("when all criteria below are met:", "when all of the following criteria are met:"),
        ("when at least 2 of the following are true:", "when at least 2 of the following are true:"),
        ("when none of these applies:", "when none of the following applies:"),
    ],
)
def test_structure_words_are_put_in_our_spelling(said: str, printed: str) -> None:
    made = ruling(f"Spoons are considered medically necessary {said}", (Bullet("a", 0), Bullet("b", 0)))
    assert made is not None
    assert made.statement == f"Spoons are considered **medically necessary** {printed}"


def test_items_joined_by_both_words_become_one_question() -> None:
    bullets = [Bullet(text, 0) for text in ("a", "AND", "b", "OR", "c")]
    made = ruling("Spoons are considered medically necessary when all of the following are met:", bullets)
    assert made is not None and [item.text for item in made.items] == ["all of the following are met: a and b or c"]
    assert "(1) (a and b) or c; (2) a and (b or c)" in made.doubts[0]


@pytest.mark.parametrize(
    ("text", "statement", "item"),
    [
        ("Spoons are considered investigational unless soup is hot.", "Spoons are considered **investigational** when none of these are met:", "soup is hot"),
        ("Spoons are considered medically necessary only if soup is hot.", "Spoons are considered **medically necessary** when all of these are met:", "soup is hot"),
        ("If soup is hot, spoons are considered cosmetic.", "Spoons are considered **cosmetic** when all of these are met:", "soup is hot"),
    ],
)  # fmt: skip
def test_a_condition_in_prose_becomes_a_question(text: str, statement: str, item: str) -> None:
    made = ruling(text, ())
    assert made is not None
    assert (made.statement, [each.text for each in made.items]) == (statement, [item])
    assert made.doubts


def test_a_column_gives_the_position_of_a_cell_that_states_none() -> None:
    made = ruling("Soup is hot", (), "Silver spoons", "medically necessary")
    assert made is not None
    assert made.statement == "Silver spoons: **medically necessary** when all of these are met:"
    assert made.services == ("silver-spoon",)


def test_abbreviations_end_no_sentence() -> None:
    assert sentences("See e.g. Spoons et al. Then 2. End.") == ("See e.g. Spoons et al. Then 2.", "End.")


# ---------------------------------------------------------------------------- dates and events


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("01/01/19", "2019-01-01"),
        ("1/1/97", "1997-01-01"),
        ("10/1/2023", "2023-10-01"),
        ("07-01-2025", "2025-07-01"),
        ("Feb. 5, 2021", "2021-02-05"),
        ("Sep 12, 2023", "2023-09-12"),
        ("12 September 2023", "2023-09-12"),
        ("July 2021", "2021-07"),
        ("7/11", "2011-07"),
        ("3/1980", "1980-03"),
        ("2024-10-02", "2024-10-02"),
        ("10/20201", None),
        ("February 30, 2023", None),
        ("13/13/20", None),
        ("Febuary 3, 2023", None),
        ("soon", None),
    ],
)
def test_dates_are_read_as_printed_and_never_repaired(printed: str, text: str | None) -> None:
    found = date_of(printed, 2026)
    assert (found.text if found else None) == text


def test_the_century_is_the_documents() -> None:
    assert pivot_of(["Effective July 1, 2024", "01/01/97"]) == 2025
    assert pivot_of(["01/01/97"]) == 0
    assert [each.stated for each in dates_in("01/01/97", 0)] == [None]


@pytest.mark.parametrize(
    ("comment", "event"),
    [
        ("New policy, approved March 1, 2020.", "new policy"),
        ("New PR Policy replacing 1.2.3.", "new policy"),
        ("Annual Review, approved March 1, 2020. Codes updated.", "annual review"),
        ("Interim Review, approved March 1, 2020.", "interim review"),
        ("Coding update. Removed CPT codes 29998 and 29999.", "coding update"),
        ("Added HCPCS code C9999.", "coding update"),
        ("Archive policy.", "archived"),
        ("Policy is being archived.", "archived"),
        ("Reinstating previously archived policy.", "reinstated"),
        ("Title changed to Spoons.", "title change"),
        ("Policy renumbered from 1.2.3.", "renumbered"),
        ("Policy retired.", "retired"),
        ("Superseded by 1.2.3.", "superseded"),
        ("Policy withdrawn.", "withdrawn"),
        ("Criteria clarified for spoons.", "criteria change"),
        ("Policy statement revised.", "position change"),
        ("Literature review update; no changes.", "literature update"),
        ("90-day notification of a change.", "notification"),
        ("Review delegated to a vendor.", "delegated"),
        ("Something else.", "other"),
    ],
)
def test_the_event_is_the_one_that_a_row_tells_first(comment: str, event: str) -> None:
    assert event_of(comment) == event
    assert event in HISTORY_EVENTS


def test_dates_go_by_their_verb() -> None:
    event = read_event("04/01/24", "Annual Review, approved March 5, 2024, effective July 5, 2024, following a 90-day provider notification sent April 2, 2024. Added CPT code 29999 (new code effective 1/1/24).", 2025, (1,))  # fmt: skip
    assert (event.approved and event.approved.text, event.effective and event.effective.text) == (
        "2024-03-05",
        "2024-07-05",
    )
    assert (event.published and event.published.text, event.notice.sent and event.notice.sent.text) == (
        "2024-04-01",
        "2024-04-02",
    )
    assert [(change.code, str(change.start)) for change in event.codes] == [("29999", "2024-01-01")]
    assert str(event.first_day) == "2024-07-05"


def test_a_broken_day_of_effect_states_no_first_day() -> None:
    event = read_event("04/01/24", "Annual Review, effective July 45, 2024.", 2025, (1,))
    assert event.first_day is None
    assert event.doubts


def test_a_date_without_a_verb_is_the_day_of_effect_only_where_it_equals_the_rows() -> None:
    same = read_event("03/01/24", "Archive policy, approved February 6, 2024, March 1, 2024.", 2025, (1,))
    other = read_event("03/01/24", "Archive policy, approved February 6, 2024, March 9, 2024.", 2025, (1,))
    assert same.effective is not None and other.effective is None
    assert same.doubts and other.doubts


def test_code_ranges_are_kept_as_text() -> None:
    event = read_event("03/01/24", "Coding update, added CPT codes 29990-29995.", 2025, (1,))
    assert event.codes == ()
    assert any("29990-29995" in doubt for doubt in event.doubts)
