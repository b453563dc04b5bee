"""Search: codes letter by letter, words of published texts on any two days, and nothing that a reader types is an error."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import archive, library, policy

from medpol.decide.holdings.searched import Searcher
from medpol.library import SHIPPED, load
from medpol.library.search import MAXIMUM_WORDS, Exact, Filters, Findings

SEED = Searcher(load(SHIPPED))
TODAY = date(2026, 11, 23)


def day(text: str) -> date:
    return date.fromisoformat(text)


def seed(words: str, on: str = "2026-11-23", known_on: str | None = None, **more: Any) -> Findings:
    return SEED.find(words, day(on), day(known_on or "2026-11-23"), **more)


def searcher(files: dict[str, str]) -> Searcher:
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return Searcher(held)


def numbers(found: Findings) -> list[str]:
    return [each.policy for each in found.found]


def text_of(found: Findings) -> str:
    return "".join(run.text for each in found.found for run in each.snippet)


# ---------------------------------------------------------------------------- what a reader types


@pytest.mark.parametrize(
    "words",
    [
        *(
            "dry-needling",
            "2.01.100",
            "M79.18",
            "C++",
            "o'neil",
            "AND",
            "OR NOT",
            "NEAR(a b)",
            "words:dry",
            "dry*",
            "^dry",
        ),
        *(
            '"',
            '""',
            "'",
            "`",
            "-",
            "(",
            ")",
            "{passage}: dry",
            "dry AND",
            "dry OR",
            '"dry needling',
            "a\x00b",
            "\x00",
            "\ud800",
        ),
        *(
            "",
            " ",
            "\t\n",
            "…",
            "💉",
            "é",
            "\u0301",
            "%_",
            "*",
            "; DROP TABLE passage; --",
            "\x02dry\x03",
            "passage MATCH 'x'",
        ),
        *("x" * 10_000, "dry " * 2_500, "a-" * 5_000, '"' * 10_000, " ".join(map(str, range(2_000)))),
    ],
)
def test_whatever_is_typed_is_no_error(words: str) -> None:
    found = seed(words)
    assert found.total == len(found.found)


@given(st.text(max_size=60))
def test_no_text_at_all_is_an_error(words: str) -> None:
    assert seed(words).total in (0, 1)


@given(
    st.lists(
        st.sampled_from(['"', "dry", "AND", "OR", "NOT", "(", ")", "*", ":", "^", "+", "-", "NEAR", ","]), max_size=9
    )
)
def test_no_operator_of_the_index_is_one_for_the_reader(parts: list[str]) -> None:
    """Only words count: operators are words like any other, and signs are none."""
    assert seed(" ".join(parts)).words == tuple(dict.fromkeys(each for each in parts if each.isalpha()))


def test_the_empty_question_finds_nothing_and_offers_nothing() -> None:
    found = seed(" ' ")
    assert (found.words, found.total, found.found, found.facets, found.near_words) == ((), 0, (), (), ())


def test_words_beyond_those_searched_for_are_counted() -> None:
    found = seed(" ".join(f"needling{at}" for at in range(MAXIMUM_WORDS + 3)))
    assert (len(found.words), found.words_left_out) == (MAXIMUM_WORDS, 3)


@pytest.mark.parametrize("words", ["needle", "NEEDLES", "dry-needling", "Nèedling", "dry needling", "needling dry"])
def test_a_word_is_found_in_its_other_forms_and_without_its_accents(words: str) -> None:
    assert numbers(seed(words)) == ["2.01.100"]


def test_words_with_accents_in_a_document_are_found_without() -> None:
    found = searcher({"EX-1/2024-05-01.md": policy(criteria="Ménière therapy is **investigational**.")})
    assert numbers(found.find("meniere", TODAY, TODAY)) == ["EX-1"]


def test_every_word_must_stand_somewhere_in_the_text_though_not_in_one_section() -> None:
    assert numbers(seed("temporomandibular 20560")) == ["2.01.100"]
    assert not seed("needling hovercraft").found


# ---------------------------------------------------------------------------- codes and numbers


def test_a_code_or_number_typed_exactly_is_told_as_such() -> None:
    assert seed("20560").exact == (Exact("code", "CPT", "20560"),)
    assert seed("2.01.100").exact == (Exact("policy", None, "2.01.100"),)
    assert seed("nct06023264").exact == (Exact("trial", None, "NCT06023264"),)
    assert seed("20560 needling").exact == ()
    assert seed("20560").found[0].codes == ("20560",)


def test_leading_zeros_are_kept() -> None:
    held = searcher(
        {
            "EX-1/2024-05-01.md": policy(codes="| a | revenue | 0420 | governed | | |"),
            "EX-2/2024-05-01.md": policy(number="EX-2", codes="| b | NDC | 00000042000 | governed | | |"),
        }
    )
    assert numbers(held.find("0420", TODAY, TODAY)) == ["EX-1"]
    assert not held.find("420", TODAY, TODAY).exact


def test_a_diagnosis_is_found_with_and_without_its_dot_and_by_the_beginning_that_a_row_names() -> None:
    rows = "| needling | CPT | 20560 | governed | | |\n| pain | ICD-10-CM | M79.1x | supports | | |"
    held = searcher({"EX-1/2024-05-01.md": policy(codes=rows)})
    for words in ("M79.18", "m7918", "M79.12"):
        found = held.find(words, TODAY, TODAY)
        assert (numbers(found), found.found[0].codes, found.found[0].is_exact) == (["EX-1"], ("M79.1*",), True)
    assert not held.find("M79.2", TODAY, TODAY).found


def test_a_code_stands_before_its_mention_and_what_is_in_force_before_what_is_archived() -> None:
    mention = "Needling, which has code 20560 too, is **investigational**."
    other = "| other | CPT | 20999 | governed | | |"
    held = searcher(
        {
            "A-1/2024-05-01.md": policy(number="A-1", criteria=mention, codes=other),
            "B-2/2024-05-01.md": policy(number="B-2"),
            "B-2/2025-05-01.md": archive("2025-05-01", "2025-01-01", number="B-2"),
            "C-3/2024-05-01.md": policy(number="C-3"),
        }
    )
    found = held.find("20560", TODAY, TODAY)
    assert [(each.policy, each.is_exact, each.status) for each in found.found] == [
        ("C-3", True, "in_force"),
        ("B-2", True, "archived"),
        ("A-1", False, "in_force"),
    ]


def test_a_word_in_the_title_or_the_criteria_weighs_more_than_one_in_the_references() -> None:
    held = searcher(
        {
            "A-1/2024-05-01.md": policy(number="A-1")
            + "\n## References\n\n1. Doe J. Cupping and cupping. J. 2010;1(1):1-2.\n",
            "B-2/2024-05-01.md": policy(number="B-2", criteria="Cupping is **investigational**."),
            "C-3/2024-05-01.md": policy(number="C-3").replace("title: Needles", "title: Cupping"),
        }
    )
    assert numbers(held.find("cupping", TODAY, TODAY)) == ["C-3", "B-2", "A-1"]


def test_near_codes_share_a_beginning_and_near_words_a_spelling() -> None:
    found = seed("20562")
    assert (found.total, found.near_codes) == (0, ("20560", "20561"))
    assert seed("neelding").near_words == ("needling",)
    assert seed("20562", "2019-08-01", "2019-08-01").near_codes == (), "the codes were named by no text then"


# ---------------------------------------------------------------------------- two days


def test_a_past_day_searches_the_text_of_that_day() -> None:
    then, now = seed("injections", "2019-08-01"), seed("trigger injections")
    assert then.found[0].version == day("2019-07-01")
    assert "Trigger point injections and dry needling" in text_of(then)
    assert all(each.version == day("2024-07-01") for each in now.found)


def test_what_was_not_known_yet_is_not_found() -> None:
    assert seed("20560", "2019-08-01", "2019-08-01").found == ()
    assert seed("20560", "2020-01-01", "2020-01-01").found[0].version == day("2020-01-01")
    assert seed("needling", "2018-12-31", "2018-12-31").found == ()


@pytest.mark.parametrize(
    ("on", "status", "version"),
    [
        ("2020-02-29", "in_force", "2020-01-01"),
        ("2020-03-01", "archived", "2020-01-01"),
        ("2023-08-31", "archived", "2020-01-01"),
        ("2023-12-06", "in_notice", "2023-12-07"),
        ("2023-12-07", "in_force", "2023-12-07"),
    ],
)
def test_the_seed_is_found_by_the_text_that_stands(on: str, status: str, version: str) -> None:
    found = seed("20560", on, on).found[0]
    assert (found.status, found.version) == (status, day(version))


def test_an_announced_change_is_told_beside_the_text_in_force_and_found_by_its_own_words() -> None:
    held = searcher(
        {
            "EX-1/2024-05-01.md": policy(),
            "EX-1/2025-05-01.md": policy(
                "2025-05-01", "2025-01-01", criteria="Needling by laser is **investigational**."
            ),
        }
    )
    on = day("2025-02-01")
    (found,) = held.find("needling", on, on).found
    assert (found.version, found.status, found.announced) == (day("2024-05-01"), "in_force", day("2025-05-01"))
    (found,) = held.find("laser", on, on).found
    assert (found.version, found.status) == (day("2025-05-01"), "in_notice")
    assert not held.find("laser", day("2024-12-31"), on).found, "it was not announced by then"


# ---------------------------------------------------------------------------- drafts, rights, facets


def test_drafts_alter_nothing_that_is_public() -> None:
    files = {
        "EX-1/2024-05-01.md": policy(),
        "EX-2/2024-05-01.md": policy(number="EX-2", criteria="Cupping is **cosmetic**."),
    }
    secret = policy("2027-01-01", None, number="EX-9", criteria="Cupping and zapping are **covered**.")
    with_draft = searcher({**files, "EX-9/2027-01-01.md": secret, "EX-1/2027-01-01.md": policy("2027-01-01", None)})
    for words in ("needling", "cupping", "zapping", "zaping", "20560", "20569", "EX-9", "EX-8", "Needles"):
        assert with_draft.find(words, TODAY, TODAY) == searcher(files).find(words, TODAY, TODAY)
    assert numbers(with_draft.find_drafts("zapping", TODAY)) == ["EX-9"]


def test_prose_is_not_shown_where_rights_do_not_allow_it() -> None:
    head = "source: Another plan's policy\nrights: the publisher's own words; not for display, download or export"
    held = searcher({"EX-1/2024-05-01.md": policy(head=head)})
    (found,) = held.find("needling", TODAY, TODAY).found
    assert (found.snippet, found.is_withheld, found.sections) == (
        (),
        True,
        ("Title", "Policy coverage criteria", "Coding"),
    )
    (found,) = seed("needling").found
    assert not found.is_withheld and any(run.is_match for run in found.snippet)


def test_snippets_are_plain_runs_in_which_no_mark_of_a_document_counts() -> None:
    prose = "\n## Description\n\nNeedling <mark>of</mark> &amp; \u202e\u200bmuscles, \\*twice\\*.\n"
    held = searcher(
        {
            "EX-1/2024-05-01.md": policy(
                criteria="It is **investigational**.", codes="| it | local | it | governed | | |"
            )
            + prose
        }
    )
    (found,) = held.find("needling", TODAY, TODAY).found
    assert [run.text for run in found.snippet if run.is_match] == ["Needling"]
    assert "".join(run.text for run in found.snippet) == "Needling <mark>of</mark> &amp; muscles, *twice*."


def test_facets_count_policies_and_narrow_what_is_found() -> None:
    held = searcher(
        {
            "EX-1/2024-05-01.md": policy(),
            "EX-2/2024-05-01.md": policy(
                number="EX-2", criteria="Needling is **cosmetic**.", head="lines of business: {in: [medicaid]}"
            ),
            "EX-3/2024-05-01.md": policy(number="EX-3"),
            "EX-3/2025-01-01.md": archive("2025-01-01", "2024-12-01", number="EX-3"),
        }
    )
    found = held.find("needling", TODAY, TODAY)
    counts = {(each.facet, each.value): each.policies for each in found.facets}
    assert (counts["status", "in_force"], counts["status", "archived"]) == (2, 1)
    assert (counts["position", "investigational"], counts["position", "cosmetic"]) == (2, 1)
    assert (counts["line_of_business", "medicaid"], counts["line_of_business", "commercial"]) == (3, 2)
    for filters, left in (
        (Filters(position="cosmetic"), ["EX-2"]),
        (Filters(status="archived"), ["EX-3"]),
        (Filters(line_of_business="commercial", status="in_force"), ["EX-1"]),
        (Filters(section="Medicare"), []),
        (Filters(changed_since=day("2024-02-01")), []),
    ):
        assert numbers(held.find("needling", TODAY, TODAY, filters)) == left
    part = held.find("needling", TODAY, TODAY, limit=1, offset=1)
    assert (part.total, numbers(part)) == (3, ["EX-2"])


# ---------------------------------------------------------------------------- derived, rebuilt, shared


def test_an_index_made_from_the_one_before_finds_the_same_as_a_new_one() -> None:
    files = {
        f"EX-{at}/2024-05-01.md": policy(number=f"EX-{at}", criteria=f"Kind{at} needling is **cosmetic**.")
        for at in range(9)
    }
    before = library(files)
    del files["EX-3/2024-05-01.md"]
    files["EX-4/2024-05-01.md"] = policy(number="EX-4", criteria="Cupping is **cosmetic**.")
    files["EX-5/2024-05-01.md"] = policy(None, None, number="EX-5", head="effective: 2024-05-01")
    after = library(files)
    renewed, fresh = Searcher(after, Searcher(before)), Searcher(after)
    for words in ("needling", "cupping", "kind3", "kind4", "kind5", "20560", "EX-3", "knid2"):
        assert renewed.find(words, TODAY, TODAY) == fresh.find(words, TODAY, TODAY)


def test_what_was_asked_before_alters_nothing_that_is_found() -> None:
    asked = [
        (words, day(on), day(known))
        for words in ("needling", "trigger point", "pain", "20560", "nedling", "needling temporomandibular")
        for on in ("2018-06-01", "2021-03-14", "2024-08-02", "2026-11-23")
        for known in ("2019-08-01", "2023-10-01", "2026-11-23")
    ]
    fresh = [Searcher(SEED.library).find(*each) for each in asked[::9]]
    for each in (*asked, *reversed(asked)):
        SEED.find(*each)
    assert [SEED.find(*each) for each in asked[::9]] == fresh


def test_every_page_of_a_long_list_is_the_part_of_the_whole_that_it_says() -> None:
    held = searcher({f"EX-{at:03}/2024-05-01.md": policy(number=f"EX-{at:03}") for at in range(230)})
    whole = held.find("needling", TODAY, TODAY, limit=1_000)
    assert (whole.total, len(whole.found)) == (230, 230)
    for offset in range(0, 250, 25):
        part = held.find("needling", TODAY, TODAY, limit=25, offset=offset)
        assert (part.total, part.facets, part.found) == (230, whole.facets, whole.found[offset : offset + 25])
    chosen = held.find("needling", TODAY, TODAY, Filters(status="in_force"), limit=25, offset=225)
    assert (chosen.total, chosen.found) == (230, whole.found[225:])


def test_many_readers_search_at_once_while_the_library_is_replaced() -> None:
    holder = [SEED]

    def ask(at: int) -> Findings:
        if at % 50 == 25:
            holder[0] = Searcher(SEED.library, holder[0])
        return holder[0].find(("needling", "20560", "temporomandibular")[at % 3], TODAY, TODAY)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(300)))
    alone = [seed(words) for words in ("needling", "20560", "temporomandibular")]
    assert all(each == alone[at % 3] for at, each in enumerate(found))


def test_a_document_with_errors_is_not_searched() -> None:
    held = library({"EX-1/2024-05-01.md": policy(criteria="Needling is **quite good**.")})
    assert held.errors
    assert not Searcher(held).find("needling", TODAY, TODAY).found


def test_what_is_found_is_a_plain_value() -> None:
    assert dataclasses.asdict(seed("20560"))["found"][0]["policy"] == "2.01.100"
