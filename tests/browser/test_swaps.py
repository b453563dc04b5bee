"""What htmx saves a reader: hints while typing, the days changed in place, the steps of the checker; each the same without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Request, expect
from tests.browser.browsing import PHONE, Visit, visiting
from tests.browser.pages import INJECTION, LOOK_UP, SEED, decide
from tests.support import EXAMPLES, archive, policy, put

from medpol.library import SHIPPED

Address = Callable[[Path], str]


@pytest.fixture
def visit(browser: Browser, address_of: Address) -> Iterator[Visit]:
    """At the dry-needling library that ships, with scripts."""
    with visiting(browser, address_of(SHIPPED)) as opened:
        yield opened


def _search_box(visit: Visit) -> Locator:
    return visit.page.get_by_label("A word, a code or a policy number")


def _hints(visit: Visit) -> Locator:
    return visit.page.get_by_role("listbox", name="Hints").get_by_role("option")


def _documents(visit: Visit) -> list[str]:
    """The whole pages that the browser loads from now on."""
    loaded: list[str] = []

    def note(asked: Request) -> None:
        if asked.is_navigation_request():
            loaded.append(asked.url)

    visit.page.on("request", note)
    return loaded


# ---------------------------------------------------------------------------- hints


def test_hints_are_gone_through_and_taken_by_keyboard_alone(visit: Visit) -> None:
    visit.go("/calendar")
    keys, box = visit.page.keyboard, _search_box(visit)
    keys.press("/")
    keys.type("205")
    options = _hints(visit)
    expect(options).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(visit.page.get_by_role("status")).to_have_text("2 hints")
    keys.press("ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    expect(visit.page.locator("[role=option][aria-selected=true]")).to_have_count(0)
    keys.press("ArrowDown")
    expect(box).to_be_focused()
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    keys.press("Enter")
    expect(visit.page).to_have_url(re.compile(r"/codes/CPT/20560$"))


def test_hints_close_on_escape_and_when_the_focus_goes_and_the_search_goes_on_as_before(visit: Visit) -> None:
    visit.go("/calendar")
    keys, hints = visit.page.keyboard, visit.page.locator("#q-hints")
    _search_box(visit).focus()
    keys.type("dry")
    expect(hints).to_be_visible()
    keys.press("Escape")
    expect(hints).to_be_hidden()
    keys.type(" need")
    expect(hints).to_be_visible()
    visit.page.locator("h1").click()
    expect(hints).to_be_hidden()
    _search_box(visit).press("Enter")
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("“dry need”")


def test_a_hint_can_be_clicked_and_says_what_it_is(visit: Visit) -> None:
    visit.go("/calendar?date_of_service=2019-08-01&known_on=2019-08-01")
    _search_box(visit).press_sequentially("needl")
    hint = _hints(visit)
    expect(hint).to_contain_text("2.01.100")
    hint.click()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("2.01.100")
    assert "date_of_service=2019-08-01&known_on=2019-08-01" in visit.page.url, "the days go along"


def test_hints_on_a_past_day_are_of_that_day_and_a_draft_is_never_among_them(
    browser: Browser, address_of: Address, tmp_path: Path
) -> None:
    draft = policy(None, None, number="EX-2", head="status: draft").replace("Needles", "Needle sedges")
    late = policy("2025-05-01", "2025-01-29", number="EX-3").replace("Needles", "Needle rushes")
    files = {"EX-1/2024-05-01.md": policy(), "EX-2/draft.md": draft, "EX-3/2025-05-01.md": late}
    library = put(tmp_path, {name: text.encode() for name, text in files.items()})
    with visiting(browser, address_of(library)) as visit:
        for day, titles in (("2024-06-01", ["Needles"]), ("2026-01-01", ["Needles", "Needle rushes"])):
            visit.go(f"/calendar?date_of_service={day}&known_on={day}")
            _search_box(visit).press_sequentially("needl")
            options = _hints(visit)
            expect(options).to_have_count(len(titles))
            assert [each in options.all_inner_texts()[at] for at, each in enumerate(titles)] == [True] * len(titles)


# ---------------------------------------------------------------------------- the days


def test_the_days_change_in_place_are_announced_and_can_be_gone_back_from(visit: Visit) -> None:
    visit.go(SEED)
    loaded = _documents(visit)
    visit.page.get_by_text("Change dates").click()
    visit.page.locator(".asof").get_by_label("Day of care").fill("2021-03-14")
    visit.page.locator(".asof").get_by_role("button", name="Show").click()
    expect(visit.page).to_have_url(re.compile(r"date_of_service=2021-03-14&known_on=2026-11-23"))
    says = visit.page.locator("[data-days]")
    expect(says).to_be_focused()
    expect(says).to_contain_text("archived 2020-03-01")
    expect(visit.page.get_by_role("status")).to_contain_text("archived 2020-03-01")
    assert loaded == [], "no page was loaded whole"
    nav = visit.page.get_by_role("link", name="Calendar", exact=True)
    assert "date_of_service=2021-03-14" in (nav.get_attribute("href") or ""), "every link carries the new days"
    visit.page.go_back()
    expect(says).to_contain_text("In force today")
    assert visit.page.content().count("<header") == 1, "going back shows a whole page"


def test_a_day_that_is_none_is_said_in_place(visit: Visit) -> None:
    visit.go("/calendar?date_of_service=2020-01-01&known_on=2020-01-01")
    visit.page.get_by_text("Change dates").click()
    day = visit.page.locator(".asof").get_by_label("Day of care")
    day.evaluate("each => { each.type = 'text'; }")
    day.fill("soon")
    day.press("Enter")
    expect(visit.page.locator("[data-result]")).to_be_focused()
    assert "YYYY-MM-DD" in visit.text
    assert len(visit.complaints) == 1 and "400" in visit.complaints.pop()


def test_results_are_narrowed_in_place_and_the_days_of_the_bar_keep_what_was_chosen(
    browser: Browser, address_of: Address
) -> None:
    with visiting(browser, address_of(EXAMPLES)) as visit:
        visit.go("/search?q=plan")
        loaded = _documents(visit)
        visit.page.get_by_role("region", name="Narrow the results").get_by_role("link", name="medicaid").click()
        expect(visit.page).to_have_url(re.compile(r"line_of_business=medicaid"))
        expect(visit.page.get_by_role("heading", level=1)).to_be_focused()
        kept = visit.page.locator(".asof input[name=line_of_business]")
        expect(kept).to_have_attribute("value", "medicaid")
        assert loaded == []


# ---------------------------------------------------------------------------- the checker


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_answer_is_in_view_and_has_the_focus_on_a_phone(
    browser: Browser, address_of: Address, scripts: bool
) -> None:
    with visiting(browser, address_of(SHIPPED), scripts=scripts, size=PHONE) as visit:
        visit.go("/coverage")
        form = visit.page.locator("form.look-up")
        form.get_by_label("Code", exact=True).fill("20560")
        form.get_by_label("Line of business").select_option(label="commercial")
        form.get_by_role("button", name="Look up").click()
        outcome = visit.page.locator("#a-outcome")
        expect(outcome).to_contain_text("Not covered")
        expect(outcome if scripts else visit.page.locator("#result")).to_be_focused()
        expect(outcome).to_be_in_viewport()
        answer, again = visit.page.locator(".answer").bounding_box(), visit.page.locator(".look-up").bounding_box()
        assert answer and again and answer["y"] + answer["height"] <= again["y"], "the answer stands before the form"


def test_a_step_of_the_checker_loads_no_page_and_no_fact_stands_in_the_address(
    browser: Browser, address_of: Address
) -> None:
    with visiting(browser, address_of(EXAMPLES)) as visit:
        visit.go(INJECTION)
        before, loaded = visit.page.url, _documents(visit)
        decide("M79.18")(visit)
        expect(visit.page.get_by_role("heading", name="What is still needed")).to_be_visible()
        expect(visit.page.locator("#a-outcome")).to_be_focused()
        expect(visit.page.get_by_role("status")).to_have_text("? Information needed")
        assert loaded == [] and visit.page.url == before
        assert visit.page.title().startswith("Determination")
        kept = visit.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
        assert "M79" not in kept and "history-cache" not in kept, "no page with facts is kept in the browser's storage"


def test_an_answer_that_cannot_be_read_is_said_in_place_and_the_form_stays_filled(
    browser: Browser, address_of: Address
) -> None:
    with visiting(browser, address_of(EXAMPLES)) as visit:
        visit.go(INJECTION)
        decide("M79.18")(visit)
        question = visit.page.get_by_role("group", name=re.compile("Which earlier"))
        question.get_by_label("Documented:").check()
        question.get_by_role("textbox").first.fill("yesterday")
        visit.page.get_by_role("button", name="Decide and record").click()
        wrong = visit.page.get_by_role("alert")
        expect(wrong).to_be_focused()
        expect(wrong).to_contain_text("nothing was decided or recorded")
        expect(question.get_by_role("textbox").first).to_have_value("yesterday")
        assert len(visit.complaints) == 1 and "400" in visit.complaints.pop()


def test_a_step_that_the_server_refuses_is_seen(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED)) as visit:
        visit.go(LOOK_UP.format(day="2024-08-01"))
        visit.page.locator(".asking input[type=text]").evaluate("each => { each.removeAttribute('maxlength') }")
        decide("x" * 1_100_000)(visit)
        expect(visit.page.locator("[data-result]")).to_be_focused()
        expect(visit.page.locator("#step")).to_contain_text("Id of this request")
        expect(visit.page.locator("header.top")).to_have_count(1)
        assert len(visit.complaints) == 1 and "413" in visit.complaints.pop()


def test_an_archived_policy_of_a_library_is_hinted_at_as_what_it_is(
    browser: Browser, address_of: Address, tmp_path: Path
) -> None:
    files = {"EX-1/2024-05-01.md": policy(), "EX-1/2025-01-01.md": archive("2025-01-01", "2024-11-01")}
    files |= {"EX-2/2024-05-01.md": policy(number="EX-2")}
    with visiting(browser, address_of(put(tmp_path, {name: text.encode() for name, text in files.items()}))) as visit:
        visit.go("/")
        _search_box(visit).press_sequentially("need")
        options = _hints(visit)
        expect(options).to_have_count(2)
        assert ["archived" in each for each in options.all_inner_texts()] == [False, True]
