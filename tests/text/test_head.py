"""Front matter: YAML 1.2 in which every scalar is text, keys once, no anchors, aliases or tags."""

from __future__ import annotations

import pytest
from tests.text.documents import CODING, assert_found, places, read, read_clean

from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Severity
from medpol.model.lines import Scope

BODY = "\n# Needles\n\n## Policy coverage criteria\n\nIt is **covered**.\n" + CODING


def head(*lines: str, without: tuple[str, ...] = ()) -> str:
    given = {
        "policy": "policy: EX-1",
        "title": "title: Needles",
        "effective": "effective: 2024-05-01",
        "published": "published: 2024-01-29",
    }
    kept = [line for key, line in given.items() if key not in without]
    return "\n".join(("---", *kept, *lines, "---", "")) + BODY


def test_every_scalar_is_text_and_nothing_is_converted() -> None:
    version = read_clean(
        head("policy: 020560", "title: no", "publisher: on", "source: 1e3", "rights: ~", without=("policy", "title"))
    )
    assert (version.policy, version.title, version.publisher) == ("020560", "no", "on")
    assert (version.origin, version.rights) == ("1e3", "~")


def test_lines_states_and_plans_may_say_in_and_out() -> None:
    version = read_clean(
        head(
            "lines of business: {in: [Commercial, individual], out: [Medicare-Advantage]}",
            "states: {out: [WA, OR]}",
            "plans: [P1, p_2]",
        )
    )
    assert version.lines_of_business == Scope(("commercial", "individual"), ("medicare_advantage",))
    assert version.states == Scope(None, ("WA", "OR"))
    assert version.plans == Scope(("P1", "p_2"))


def test_a_month_as_effective_is_a_draft_and_a_warning() -> None:
    plain, _ = places(head("effective: ¦2024-05", without=("effective",)))
    version, _ = read(plain)
    assert version is not None
    assert version.is_draft
    assert version.effective == StatedDate("2024-05")
    assert_found(head("effective: ¦2024-05", without=("effective",)), ["draft-date"], severity=Severity.WARNING)


def test_other_dates_may_be_months_and_stay_as_printed() -> None:
    version = read_clean(head("approved: May 2024", "review due: 2025-01", "literature through: 5/2023"))
    assert version.approved == StatedDate("May 2024")
    assert version.review_due == StatedDate("2025-01")
    assert version.literature_through == StatedDate("5/2023")


def test_without_published_a_version_is_known_from_its_row_date_and_without_either_a_draft() -> None:
    version = read_clean(head("row date: 2024-02-01", without=("published",)))
    assert str(version.known_from) == "2024-02-01"
    assert version.known_from_is_inferred
    assert read_clean(head(without=("published",))).is_draft


@pytest.mark.parametrize(
    ("key", "near"), [("efective", "effective"), ("line of business", "lines of business"), ("reviewdue", "review due")]
)
def test_an_unknown_key_is_an_error_with_the_nearest(key: str, near: str) -> None:
    found = assert_found(head(f"¦{key}: x"), ["unknown-key"])
    assert found[0].near == near


def test_a_key_twice_is_an_error() -> None:
    assert_found(head("¦title: Pins"), ["duplicate-key"])
    assert_found(head("states: {in: [WA], ¦in: [OR]}"), ["bad-front-matter"])


@pytest.mark.parametrize(
    ("line", "found_words"),
    [
        ("publisher: ¦&a Plan", "an anchor or alias"),
        ("publisher: ¦!!str Plan", "the tag"),
        ("publisher: ¦!x Plan", "the tag"),
    ],
)
def test_anchors_and_tags_are_refused(line: str, found_words: str) -> None:
    found = assert_found(head(line), ["bad-front-matter"])
    assert found_words in found[0].found


def test_an_alias_is_refused_and_the_rest_is_read_all_the_same() -> None:
    found = assert_found(
        head("publisher: ¦&a Plan", "source: ¦*a", "¦efective: x"), ["bad-front-matter"] * 2 + ["unknown-key"]
    )
    assert found[1].found == "an anchor or alias"


def test_yaml_that_cannot_be_read_says_where_and_the_body_still_speaks() -> None:
    text = head("publisher: [a, b", without=("published",)).replace("It is **covered**", "It is **covred**")
    _, found = read(text)
    assert [each.rule for each in found] == ["bad-front-matter", "unknown-position"]
    assert found[0].source.line in (5, 6, 7)


def test_a_document_begins_with_its_front_matter() -> None:
    assert_found("¦# Needles\n", ["no-front-matter"])
    assert_found("¦---\npolicy: EX-1\n", ["no-front-matter"])


def test_what_is_required_is_required() -> None:
    assert_found("¦" + head(without=("policy",)), ["missing-key"])
    assert_found("¦" + head(without=("title",)), ["missing-key"])
    found = assert_found(head(without=("effective",)).replace("EX-1", "¦EX-1"), ["missing-key"])
    assert "effective" in found[0].mend
    both = head("archived: ¦2024-06-01").replace("It is", "¦It is")
    assert_found(both, ["effective-and-archived", "rules-when-archived"])


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("approved: ¦2024-02-30", "bad-date"),
        ("approved: ¦last spring", "bad-date"),
        ("withdraws: [2024-01-01, ¦2024-01-32]", "bad-date"),
        ("notice days: ¦ninety", "bad-number"),
        ("states: {in: [¦Washington]}", "bad-state"),
        ("lines of business: {in: [¦comercial]}", "unknown-line-of-business"),
        ("lines of business: {¦inn: [commercial]}", "unknown-key"),
        ("lines of business: ¦{in: [commercial], out: [commercial]}", "in-and-out"),
        ("positions: {Unproven yet: ¦investigatonal}", "unknown-position"),
        ("publisher: ¦[a, b]", "bad-value"),
        ("related: ¦{a: b}", "bad-value"),
    ],
)
def test_values_are_checked_where_they_stand(line: str, rule: str) -> None:
    assert_found(head(line), [rule])


def test_values_nested_too_deep_are_refused() -> None:
    _, found = read(head("related: " + "[" * 12 + "]" * 12))
    assert [each.rule for each in found] == ["bad-front-matter"]


def test_a_number_that_ends_like_an_address_is_refused() -> None:
    assert_found(head("policy: ¦EX-1.json", without=("policy",)), ["bad-policy-number"])


def test_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    plain = read_clean(head())
    for text in (head().replace("\n", "\r\n"), "\ufeff" + head(), head() + "\n\n", head().rstrip("\n")):
        version = read_clean(text)
        assert version == plain
        assert version.content_hash == plain.content_hash
