"""Words beside an expression: judgement, the kind of a count, the day of a request; and mentions of what is not there."""

from __future__ import annotations

import pytest
from tests.check.example import found
from tests.check.written import findings, one_item
from tests.support import policy

JUDGEMENT = ("judgement-beside-expression",)
KIND = ("count-without-its-kind", "count-of-another-kind")
COUNT = "count({what} of needling, {window}) {rest}"
ROLLING = "rolling 12 months through"


@pytest.mark.parametrize(
    "item",
    [
        "A trial of at least 6 weeks. `therapy.duration >= 6 weeks`",
        "An adequate trial of at least 6 weeks was tried.",
        "The trial was adequate. `therapy.adequate`",
        "Significant weakness was found. `weakness`",
        "Therapy was unsuitable. `therapy.outcome = unsuitable`",
        "Significant relief, defined as at least 50 %. `relief >= 50 %`",
        "Significant relief (at least 50 %). `relief >= 50 %`",
        "Significant relief, that is, 50 % or more. `relief >= 50 %`",
        "A significant other agrees, and 6 weeks of therapy failed. `therapy.duration >= 6 weeks`",
        "A statistically significant gain after 6 weeks. `therapy.duration >= 6 weeks`",
        "Renal insufficiency for 6 weeks. `therapy.duration >= 6 weeks`",
        "Severe, excessive sleepiness for 6 weeks. `therapy.duration >= 6 weeks`",
    ],
)
def test_words_that_the_expression_reads_or_that_are_no_judgement_are_no_finding(item: str) -> None:
    assert findings(one_item(item), JUDGEMENT) == []


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ("An appropriate trial of at least 6 weeks. `therapy.duration >= 6 weeks`", "appropriate"),
        ("Pain is significantly less, at least 50 %. `relief >= 50 %`", "significantly"),
        ("A band is felt, where applicable. `band`", "where applicable"),
        ("A band is felt, as clinically indicated. `band`", "as clinically indicated"),
        ("Sufficient therapy of 6 weeks. `therapy.duration >= 6 weeks`", "Sufficient"),
        ("A timely session followed. `since(last(needling)) >= 6 weeks`", "timely"),
    ],
)
def test_a_word_of_judgement_that_nothing_asks_for_is_found_at_the_word(item: str, word: str) -> None:
    (only,) = findings(one_item(item), JUDGEMENT)
    assert f'"{word}"' in only
    assert only.startswith(f"14:{item.index(word) + 3} ")


@pytest.mark.parametrize(
    ("words", "window"),
    [
        ("No more than 3 sessions in any 12 months", ROLLING),
        ("No more than 3 sessions in the last 12 months", ROLLING),
        ("No more than 3 visits per rolling year", ROLLING),
        ("No more than 3 sessions in the 12 months before, this one included", ROLLING),
        ("No more than 3 treatments within the previous twelve months", ROLLING),
        ("No more than 3 sessions in a calendar year", "calendar year through"),
        ("No more than 3 sessions in a plan year", "plan year through"),
        ("No more than 3 sessions in a benefit year", "plan year through"),
        ("No more than 3 sessions in a lifetime", "lifetime through"),
        ("No more than 3 sessions, however long ago", "lifetime through"),
        ("No more than 3 times", "lifetime through"),
        ("No more than 3 sessions in 6 weeks", "rolling 6 weeks through"),
        ("No more than 3 sessions in 6 months", "rolling 6 months through"),
        ("No more than 3 sessions on one day", "same day"),
        ("Not on more than 3 days in any 90 days", "rolling 90 days through"),
    ],
)
def test_a_count_whose_kind_the_words_say_is_no_finding(words: str, window: str) -> None:
    count = COUNT.format(what="sessions", window=window, rest="<= 3")
    assert findings(one_item(f"{words}. `{count}`"), KIND) == []


@pytest.mark.parametrize(
    ("words", "what"), [("No more than 3 lines, not units,", "lines"), ("No more than 3 units a visit", "units")]
)
def test_a_measure_that_is_named_may_be_told_apart_from_another(words: str, what: str) -> None:
    count = COUNT.format(what=what, window=ROLLING, rest="<= 3")
    assert findings(one_item(f"{words} in any 12 months. `{count}`"), KIND) == []


def test_what_stands_above_the_list_is_taken_as_said() -> None:
    count = COUNT.format(what="sessions", window=ROLLING, rest="<= 3")
    criteria = one_item(f"All of these in any 12 months:\n  - No more than 3 sessions. `{count}`")
    assert findings(criteria, KIND) == []


@pytest.mark.parametrize("rest", ["= 0", ">= 1", "> 0"])
def test_none_and_some_need_no_measure(rest: str) -> None:
    count = COUNT.format(what="sessions", window="rolling 12 months before", rest=rest)
    assert findings(one_item(f"As in the 12 months before. `{count}`"), KIND) == []


@pytest.mark.parametrize(
    ("words", "what", "window", "rest", "says"),
    [
        ("No more than 3 sessions a year", "sessions", ROLLING, "<= 3", "counts in a rolling 12 months"),
        ("No more than 3 sessions annually", "sessions", ROLLING, "<= 3", "counts in a rolling 12 months"),
        ("No more than 3 sessions in 2 years", "sessions", "rolling 24 months through", "<= 3", "rolling 24 months"),
        ("No more than 3 sessions", "sessions", ROLLING, "<= 3", "counts in a rolling 12 months"),
        ("No more than 3 sessions a year", "sessions", "calendar year through", "<= 3", "counts in a calendar year"),
        ("No more than 3 sessions a year", "sessions", "plan year through", "<= 3", "counts in a plan year"),
        ("No more than 3 injections in any 12 months", "sessions", ROLLING, "<= 3", "counts by sessions"),
        ("No more than 3 sessions in a calendar year", "sessions", ROLLING, "<= 3", 'says "calendar"'),
        ("No more than 3 sessions in a plan year", "sessions", "calendar year through", "<= 3", 'says "plan year"'),
        ("No more than 3 sessions in any 12 months", "sessions", "calendar year through", "<= 3", 'says "any"'),
        ("No more than 3 units in any 12 months", "sessions", ROLLING, "<= 3", 'says "units"'),
        ("No more than 3 visits in any 12 months", "units", ROLLING, "<= 3", 'says "visits"'),
        ("No more than 3 sessions in any 12 months", "lines", ROLLING, "<= 3", 'says "sessions"'),
    ],
)
def test_a_count_of_no_kind_or_of_another_is_found_once(
    words: str, what: str, window: str, rest: str, says: str
) -> None:
    count = COUNT.format(what=what, window=window, rest=rest)
    (only,) = findings(one_item(f"{words}. `{count}`"), KIND)
    assert says in only


def test_a_switch_by_the_day_of_request_is_found_in_its_heading_and_the_day_of_care_is_not() -> None:
    rule = (
        "### {heading}\n\nServices: `needling`\n\nDates of service: from 2025-01-01\n\nNeedling is **investigational**."
    )
    only = ("request-day-in-words",)
    (one,) = findings(rule.format(heading="Requests received from 2025 on"), only)
    assert one.startswith('12:5 request-day-in-words: "Requests received"')
    assert findings(rule.format(heading="Care on request from 2025 on"), only) == []


MENTION = "## Description\n\nThe technique was studied by Onlyhere and colleagues.\n\n### Doses\n\n{sentence}\n"


@pytest.mark.parametrize(
    "sentence",
    [
        "As discussed above, pain is less.",
        "The trials discussed above were small.",
        "The RCTs (discussed above) were small.",
        "The review by Onlyhere, discussed above, agrees.",
        "The Onlyhere study described above agrees.",
        "The Danish trial described above agrees.",
        "Onlyhere et al, mentioned earlier, agree.",
        "Values described above the median are high.",
        "Table 2. Doses\n\nDoses are listed in Table 2 above.",
        "As Table 2 of the guideline says, below 5 mg nothing happens.",
        "See Table 1.",
        "See the Doses section above.",
        "The Onlyhere study above agrees.",
        "The Danish study above agrees.",
        "In the Onlyhere and Smith trial above age 65 counted.",
        "A needle goes in below the skin; what is given above it differs.",
        "People in March (described above) were younger.",
        "Also noted above are doses.",
        "A band described previously hurts.",
    ],
)
def test_a_mention_of_what_is_there_or_has_no_name_is_no_finding(sentence: str) -> None:
    files = {"EX-1/2025-01-01.md": policy("2025-01-01", "2024-06-01") + "\n" + MENTION.format(sentence=sentence)}
    assert [each.found for each in found(files) if each.rule == "mention-of-nothing"] == []


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("The review by Somebody-Else discussed above agrees.", "Somebody-Else"),
        ("The review by Else, described earlier, agrees.", "Else"),
        ("The Else study (noted above) agrees.", "Else"),
        ("Else et al (2019), cited previously, agree.", "Else"),
        ("The review by Else [3], discussed above, agrees.", "Else"),
        ("Doses are listed in Table 3 below.", "Table 3"),
        ("As the Else study above showed, pain is less.", "Else"),
        ("See Appendix B below.", "Appendix B"),
        ("See the Definitions section below.", "Definitions"),
        ("As Figure 1 above shows, pain is less.", "Figure 1"),
    ],
)
def test_a_mention_of_what_is_nowhere_is_found_and_named(sentence: str, name: str) -> None:
    files = {"EX-1/2025-01-01.md": policy("2025-01-01", "2024-06-01") + "\n" + MENTION.format(sentence=sentence)}
    (only,) = [each for each in found(files) if each.rule == "mention-of-nothing"]
    assert name in only.found


def test_an_author_in_the_references_alone_is_not_discussed_above() -> None:
    text = policy("2025-01-01", "2024-06-01") + (
        "\n## References\n\n1. Else A. Needles. J Pain. 2019; 1(1): 1-2. PMID 12345678\n"
        "\n## Regulatory status\n\nThe review by Else [1], discussed above, agrees.\n"
    )
    assert "mention-of-nothing" in {each.rule for each in found({"EX-1/2025-01-01.md": text})}
