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
    box = visit.page.get_by_label("A word, a code or a policy number")
    box.fill("20560")
    box.press("Enter")
    expect(visit.page).to_have_url(re.compile(r"/codes/CPT/20560$"))
    box.fill("trigger points")
    box.press("Enter")
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
    expect(visit.page).to_have_url(visit.address + SEED)


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
    expect(visit.page.locator("main")).to_contain_text("97 days")
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


def test_the_clinician_finds_why_on_what_evidence_and_how_to_appeal(visit: Visit) -> None:
    visit.go(SEED)
    head = visit.page.locator("dl.facts").first
    expect(head).to_contain_text("Plantar heel: insufficient")
    expect(head).to_contain_text("American Physical Therapy Association: recommends for")
    expect(head).to_contain_text("no name is recorded here; approved on 2024-06-10")
    expect(head).to_contain_text("ask the plan for a review by a qualified clinician")
    for name, says in (("Plantar heel", "395 participants"), ("American Physical Therapy Association", "2023")):
        head.get_by_role("link", name=name).click()
        panel = visit.page.locator(":target")
        expect(panel).to_be_in_viewport()
        expect(panel).to_contain_text(says)
    _look_up(visit, "20560", "2024-08-01", "commercial")
    visit.page.get_by_role("link", name="Practice guidelines").click()
    expect(visit.page.get_by_role("heading", name="Practice guidelines")).to_be_in_viewport()


# ---------------------------------------------------------------------------- by keyboard alone


_WHERE = """goal => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  // The button within a field for a day has the focus itself: the field, which stands for it here, is not drawn with it.
  const isSeen = parseFloat(getComputedStyle(at).outlineWidth) >= 2 || (at.type === "date" && !at.matches(":focus"));
  const line = at.getClientRects()[0] || box;
  const over = document.elementFromPoint(line.x + Math.min(line.width / 2, 12), line.y + Math.min(line.height / 2, 12));
  const isCovered = over !== null && !at.contains(over) && !over.contains(at) && !(at.labels && [...at.labels].some((each) => each.contains(over)));
  return [goal === at, isSeen && !isCovered && box.bottom > 0 && box.top < innerHeight, at.outerHTML.slice(0, 120)];
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


def test_the_director_needs_no_mouse(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED)) as visit:
        keys, page = visit.page.keyboard, visit.page
        visit.go("/")
        _tab_to(visit, page.get_by_role("link", name="Calendar", exact=True))
        keys.press("Enter")
        page.wait_for_url("**/calendar")
        _tab_to(visit, page.get_by_role("region", name="Late").get_by_role("link"))
        keys.press("Enter")
        page.wait_for_url("**/policies/*")
        _tab_to(visit, page.get_by_role("link", name="Compare with the version before"))
        keys.press("Enter")
        page.wait_for_url("**/compare?*")
        _tab_to(visit, page.locator("select[name=from]"))
        keys.type("2019-07")
        _tab_to(visit, page.locator("select[name=to]"), most=1)
        keys.type("2023")
        _tab_to(visit, page.get_by_role("button", name="Compare"), most=1)
        keys.press("Enter")
        expect(page.locator("main")).to_contain_text("No policy was in force on 1,376 of the days between")


def test_the_analyst_needs_no_mouse(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED)) as visit:
        keys, page = visit.page.keyboard, visit.page
        visit.go(SEED)
        _tab_to(visit, page.locator(".asof summary"))
        keys.press("Enter")
        _tab_to(visit, page.locator(".asof").get_by_label("Day of care"), most=1)
        keys.type("03142021")
        _tab_to(visit, page.locator(".asof").get_by_role("button", name="Show"))
        keys.press("Enter")
        expect(page.locator("[data-days]")).to_be_focused()
        assert "archived 2020-03-01" in visit.text
        _tab_to(visit, page.get_by_role("link", name="History", exact=True).first)
        keys.press("Enter")
        page.wait_for_url("**/history?*")
        _tab_to(visit, page.get_by_label("Move the line to another day of care"))
        keys.type("08012024")
        _tab_to(visit, page.get_by_role("button", name="Move"))
        keys.press("Enter")
        expect(page.locator("[data-days]")).to_contain_text("1 August 2024")
        visit.go("/codes")
        _tab_to(visit, page.get_by_label("Codes, one a line"))
        keys.type("20560")
        _tab_to(visit, page.get_by_role("button", name="Show", exact=True), most=1)
        keys.press("Enter")
        expect(page.locator("main")).to_contain_text("valid that day")


def test_a_page_is_gone_through_to_its_end_by_keyboard_and_the_focus_is_never_covered(
    browser: Browser, address_of: Address
) -> None:
    with visiting(browser, address_of(SHIPPED), size={"width": 1280, "height": 500}) as visit:
        visit.go(SEED)
        _tab_to(visit, visit.page.locator("#compact"), most=300)


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
