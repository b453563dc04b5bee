"""The first job of each who comes, done in a real browser: with scripts, without, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.browser.browsing import Visit, visiting
from tests.browser.pages import GAP, SEED, decide
from tests.support import EXAMPLES
from tests.web.test_checker import WORDS
from tests.web.test_determinations import SEED as DAYS

from medpol.library import SHIPPED

Address = Callable[[Path], str]
REASONS = {
    "code-not-yet-valid": "the code begins 2020-01-01",
    "position-unconditional": "investigational",
    "archived": "archived 2020-03-01",
    "in-notice": "2023-12-07",
}


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def visit(request: pytest.FixtureRequest, browser: Browser, address_of: Address) -> Iterator[Visit]:
    """At the dry-needling library that ships."""
    with visiting(browser, address_of(SHIPPED), scripts=request.param) as opened:
        yield opened


def _look_up(visit: Visit, code: str, day: str, line: str) -> None:
    visit.page.get_by_role("link", name="Check coverage").click()
    form = visit.page.locator("form.look-up")
    form.get_by_label("Code", exact=True).fill(code)
    form.get_by_label("Day of care").fill(day)
    form.get_by_label("Line of business").select_option(label=line)
    form.get_by_role("button", name="Look up").click()


def _outcome(visit: Visit) -> Locator:
    return visit.page.locator("#a-outcome")


# ---------------------------------------------------------------------------- provider office and member


@pytest.mark.parametrize("day", DAYS)
def test_the_biller_is_answered_on_each_day_of_the_seed_and_can_have_it_recorded(visit: Visit, day: str) -> None:
    outcome, reason = DAYS[day]
    visit.go("/")
    _look_up(visit, "20560", day, "commercial")
    expect(_outcome(visit)).to_contain_text(WORDS[outcome])
    assert REASONS[reason] in visit.text
    decide("M79.18")(visit)
    expect(_outcome(visit)).to_contain_text(WORDS[outcome])
    assert "M79" not in visit.page.url, "no fact about a person stands in an address"
    visit.page.get_by_role("link", name="This determination by itself").click()
    expect(_outcome(visit)).to_contain_text(WORDS[outcome])
    assert day in visit.text and "This is not a promise of payment." in visit.text


def test_a_determination_opens_for_who_asked_and_for_nobody_else(
    visit: Visit, browser: Browser, address_of: Address
) -> None:
    visit.go("/")
    _look_up(visit, "20560", "2024-08-01", "commercial")
    decide("M79.18")(visit)
    visit.page.get_by_role("link", name="This determination by itself").click()
    expect(visit.page.get_by_role("heading", name="Determination", exact=True)).to_be_visible()
    with visiting(browser, address_of(SHIPPED)) as other:
        other.go(visit.page.url.removeprefix(visit.address), status=404)
        assert "M79" not in other.text


def test_a_medicare_advantage_member_is_told_that_this_policy_does_not_speak_for_them(visit: Visit) -> None:
    visit.go("/")
    expect(visit.page.locator(".asof .is-out-of-scope")).to_have_text("Does not apply to Medicare Advantage.")
    _look_up(visit, "20560", "2024-08-01", "medicare advantage")
    expect(_outcome(visit)).to_contain_text("Not addressed")
    assert "this policy does not speak for medicare advantage" in visit.text
    assert "Ask the plan: this is not a statement of coverage." in visit.text


def test_a_code_typed_into_the_search_box_opens_its_page_and_words_open_the_policy(visit: Visit) -> None:
    visit.go("/")
    visit.page.get_by_role("searchbox").first.fill("20560")
    visit.page.get_by_role("searchbox").first.press("Enter")
    expect(visit.page).to_have_url(re.compile(r"/codes/CPT/20560$"))
    visit.page.get_by_role("searchbox").first.fill("trigger points")
    visit.page.get_by_role("searchbox").first.press("Enter")
    visit.page.get_by_role("link", name="2.01.100").first.click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Dry Needling")


def test_answers_are_kept_from_step_to_step(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(EXAMPLES), scripts=False) as visit:
        visit.go("/")
        _look_up(visit, "20552", "2024-08-02", "commercial")
        decide("M79.18")(visit)
        expect(_outcome(visit)).to_contain_text("Information needed")
        assert "M79.18" in visit.page.locator("dl.facts").inner_text()
        asked = visit.page.locator(".asking legend").all_inner_texts()
        assert asked and "Which diagnoses is the service for?" not in asked


# ---------------------------------------------------------------------------- analyst and director


def test_the_analyst_sees_the_archived_days_hatched_and_counted(visit: Visit) -> None:
    visit.go("/")
    visit.page.get_by_role("link", name="History", exact=True).first.click()
    assert "No version was in force from 2020-03-01 through 2023-12-06: 1,376 days." in visit.text
    expect(visit.page.locator(".wide-chart .hatch").first).to_be_attached()
    expect(visit.page.locator(".wide-chart svg")).to_be_visible()
    visit.page.get_by_label("Move the line to another day of care").fill("2021-03-14")
    visit.page.get_by_role("button", name="Move").click()
    bar = visit.page.locator(".asof.is-nothing")
    expect(bar).to_contain_text("archived 2020-03-01, reinstated 2023-12-07")
    assert "repeating-linear-gradient" in bar.evaluate("bar => getComputedStyle(bar).backgroundImage")
    visit.page.get_by_role("link", name="2.01.100", exact=True).first.click()
    assert GAP in visit.page.url, "the days go along"
    visit.page.get_by_role("link", name="Show current").click()
    assert visit.page.url == visit.address + SEED


def test_the_analyst_reads_what_changed_across_the_gap_before_the_words(visit: Visit) -> None:
    visit.go(SEED + "/history")
    visit.page.get_by_role("link", name="Compare two versions").click()
    visit.page.locator("select[name=from]").select_option("2019-07-01")
    visit.page.locator("select[name=to]").select_option("2023-12-07")
    visit.page.get_by_role("button", name="Compare").click()
    meaning, words = visit.text.split("The words", 1)
    for said in (
        "trigger point injection left the services that the policy governs",
        "left the statement: “injections”",
        "two codes joined on 2020-01-01: CPT 20560, 20561",
        "the position is unchanged: investigational",
        "No policy was in force on 1,376 of the days between: 2020-03-01 through 2023-12-06.",
    ):
        assert said in meaning
    deleted = visit.page.locator("#redline del").first
    assert "line-through" in deleted.evaluate("each => getComputedStyle(each).textDecorationLine")
    assert "deleted:" in words and "inserted:" in words


def test_the_analyst_finds_the_notice_that_runs_on_a_past_day(visit: Visit) -> None:
    visit.go("/calendar")
    visit.page.get_by_text("Change dates").click()
    dates = visit.page.locator(".asof form")
    dates.get_by_label("Day of care").fill("2023-09-10")
    dates.get_by_label("As known on").fill("2023-09-10")
    dates.get_by_role("button", name="Show").click()
    assert "2023-09-01 through 2023-12-06, 97 days" in visit.text
    assert "notice runs until the change takes effect on 2023-12-07" in visit.text
    assert "2024-07-01 ▶" not in visit.text, "what was published later was not known that day"


def test_the_director_finds_the_overdue_review_first_and_goes_from_it_to_the_policy(visit: Visit) -> None:
    visit.go("/")
    visit.page.get_by_role("link", name="Calendar", exact=True).click()
    late = visit.page.get_by_role("region", name="Late")
    expect(late).to_contain_text("510 days late")
    expect(visit.page.locator("main section").first).to_contain_text("510 days late")
    late.get_by_role("link", name="2.01.100").click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Dry Needling")


# ---------------------------------------------------------------------------- by keyboard alone


_WHERE = """goal => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  // The button within a field for a day has the focus itself: the field, which stands for it here, is not drawn with it.
  const isSeen = parseFloat(getComputedStyle(at).outlineWidth) >= 2 || (at.type === "date" && !at.matches(":focus"));
  return [goal === at, isSeen && box.bottom > 0 && box.top < innerHeight, at.outerHTML.slice(0, 120)];
}"""


def _tab_to(visit: Visit, goal: Locator, most: int = 60) -> None:
    """Go on with the tab key until the focus is there; wherever it stops on the way it is seen, and in view."""
    for _ in range(most):
        visit.page.keyboard.press("Tab")
        is_there, is_seen, what = goal.evaluate(_WHERE)
        assert is_seen, f"the focus is not seen on {what}"
        if is_there:
            return
    raise AssertionError(f"the tab key does not come to {goal}")


def test_the_biller_needs_no_mouse(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED)) as visit:
        keys = visit.page.keyboard
        visit.go("/")
        _tab_to(visit, visit.page.get_by_role("link", name="Skip to the content"), most=1)
        _tab_to(visit, visit.page.get_by_role("link", name="Check coverage"))
        keys.press("Enter")
        visit.page.wait_for_url("**/coverage")
        _tab_to(visit, visit.page.get_by_role("link", name="Skip to the content"), most=1)
        keys.press("Enter")
        expect(visit.page.locator("main")).to_be_focused()
        form = visit.page.locator("form.look-up")
        _tab_to(visit, form.get_by_label("Code", exact=True), most=2)
        keys.type("20560")
        _tab_to(visit, form.get_by_label("Day of care"))
        keys.type("12072023")
        _tab_to(visit, form.get_by_label("Line of business"))
        keys.type("commercial")
        _tab_to(visit, form.get_by_role("button", name="Look up"))
        keys.press("Enter")
        expect(_outcome(visit)).to_contain_text("Not covered")
        assert "7 December 2023" in visit.text
        question = visit.page.get_by_role("group", name="Which diagnoses is the service for?")
        _tab_to(visit, question.get_by_label("Documented:"))
        keys.press("Space")
        _tab_to(visit, question.get_by_role("textbox").first, most=1)
        keys.type("M79.18")
        _tab_to(visit, visit.page.get_by_role("button", name="Decide and record"))
        keys.press("Enter")
        _tab_to(visit, visit.page.get_by_role("link", name="This determination by itself"))
        keys.press("Enter")
        expect(visit.page.get_by_role("heading", name="Determination", exact=True)).to_be_visible()


def test_the_keys_of_the_redline_go_by_change_and_can_be_turned_off(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED)) as visit:
        keys = visit.page.keyboard
        visit.go(SEED + "/compare?from=2019-07-01&to=2023-12-07")
        changes = visit.page.locator("#redline [data-change]")
        switch = visit.page.locator("#change-keys")
        _tab_to(visit, switch)
        keys.press("j")
        expect(changes.nth(0)).to_be_focused()
        keys.press("j")
        expect(changes.nth(1)).to_be_focused()
        keys.press("k")
        expect(changes.nth(0)).to_be_focused()
        switch.focus()
        keys.press("Space")
        keys.press("j")
        expect(switch).to_be_focused()


def test_the_slash_goes_to_the_search_box(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(EXAMPLES)) as visit:
        visit.go("/")
        visit.page.keyboard.press("/")
        expect(visit.page.locator("#q")).to_be_focused()
        visit.page.keyboard.type("EX-2.02.001")
        visit.page.keyboard.press("Enter")
        expect(visit.page).to_have_url(re.compile(r"/policies/EX-2\.02\.001$"))
