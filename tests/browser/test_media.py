"""Every kind of page as others read it: with wide spacing, in colours of their own, on paper, without motion, by finger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.browsing import PHONE, WIDE, visiting
from tests.browser.pages import KINDS, LOOK_UP, PAST, REDLINE, SEED
from tests.support import EXAMPLES

from medpol.library import SHIPPED

Address = Callable[[Path], str]

# The spacing of WCAG 1.4.12, set by script: the pages' own rules let no style stand in a page.
_SPACED = """() => document.querySelectorAll("*").forEach((each) => {
  each.style.setProperty("line-height", "1.5", "important");
  each.style.setProperty("letter-spacing", "0.12em", "important");
  each.style.setProperty("word-spacing", "0.16em", "important");
  if (each.tagName === "P") { each.style.setProperty("margin-bottom", "2em", "important"); }
})"""
# Words that are cut off: their box hides what does not fit, and something does not. What is only for listeners is left out.
_CUT = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const how = getComputedStyle(each), box = each.getBoundingClientRect();
  if (!each.textContent.trim() || box.width <= 1 || each.closest(".visually-hidden, svg, select")) { return false; }
  const hidesAcross = ["hidden", "clip"].includes(how.overflowX), hidesDown = ["hidden", "clip"].includes(how.overflowY);
  return (hidesAcross && each.scrollWidth > each.clientWidth + 1) || (hidesDown && each.scrollHeight > each.clientHeight + 1);
}).map((each) => each.outerHTML.slice(0, 120))"""
# What is pressed and is smaller than 24 px, unless it stands in a line of words (WCAG 2.5.8), with nothing else to press
# within the circle of 24 px around its middle.
_SMALL = """() => {
  const seen = (each) => each.checkVisibility({visibilityProperty: true}) && each.getBoundingClientRect().width > 1;
  // The list of hints lies over the page while it is open.
  const isAbove = (each) => each.closest(".hints") !== null;
  const all = [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden]), textarea")]
    .filter((each) => seen(each) && !each.closest(".visually-hidden, .skip"));
  const boxes = all.map((each) => (each.closest("label.check") || each).getBoundingClientRect());
  const inLine = (each) => getComputedStyle(each).display.startsWith("inline") && !getComputedStyle(each).display.includes("flex")
    && [...each.parentElement.childNodes].some((other) => other.nodeType === 3 && other.data.trim().length > 1);
  const isSmall = (box) => box.width < 24 || box.height < 24;
  const meets = (at) => boxes.some((box, other) => {
    if (other === at || isAbove(all[other]) !== isAbove(all[at]) || all[other].contains(all[at]) || all[at].contains(all[other])) { return false; }
    const x = boxes[at].x + boxes[at].width / 2, y = boxes[at].y + boxes[at].height / 2;
    const near = isSmall(box) ? [box.x + box.width / 2, box.y + box.height / 2]
      : [Math.max(box.left, Math.min(x, box.right)), Math.max(box.top, Math.min(y, box.bottom))];
    return Math.hypot(near[0] - x, near[1] - y) < (isSmall(box) ? 24 : 12) - 0.5;
  });
  return all.filter((each, at) => isSmall(boxes[at]) && !inLine(each) && meets(at)).map((each) => each.outerHTML.slice(0, 140));
}"""


@pytest.mark.parametrize("name", KINDS)
def test_nothing_is_cut_off_with_wide_spacing_and_all_that_is_pressed_is_large_enough(
    browser: Browser, address_of: Address, name: str
) -> None:
    kind = KINDS[name]
    with visiting(browser, address_of(kind.library)) as visit:
        kind.open(visit)
        for size in (WIDE, PHONE):
            visit.page.set_viewport_size(size)
            assert visit.page.evaluate(_SMALL) == [], size
        visit.page.evaluate(_SPACED)
        for width in (1280, 390, 320):
            visit.page.set_viewport_size({"width": width, "height": 800})
            assert visit.page.evaluate(_CUT) == [], width
            assert visit.page.locator("html").evaluate("root => root.scrollWidth") <= width


# ---------------------------------------------------------------------------- colours of their own, and none


def test_in_forced_colours_chips_banners_and_changes_keep_what_tells_them_apart(
    browser: Browser, address_of: Address
) -> None:
    with visiting(browser, address_of(SHIPPED)) as visit:
        visit.page.emulate_media(forced_colors="active")
        visit.go(SEED)
        chip = visit.page.locator(".chip", has_text="investigational").first
        style = "each => { const how = getComputedStyle(each); return [how.borderTopStyle, parseFloat(how.borderTopWidth) > 0]; }"
        assert chip.evaluate(style) == ["dashed", True] and "△" in chip.inner_text()
        visit.go(LOOK_UP.format(day="2024-08-01"))
        assert visit.page.locator(".banner").evaluate(style) == ["solid", True]
        assert "✕" in visit.page.locator(".banner").inner_text()
        visit.go(REDLINE)
        lines = "each => getComputedStyle(each).textDecorationLine"
        assert visit.page.locator("#redline del").first.evaluate(lines) == "line-through"
        assert visit.page.locator("#redline ins").first.evaluate(lines) == "underline"
        visit.page.get_by_text("Keys j and k").click()
        visit.page.keyboard.press("Tab")
        focused = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert focused not in ("none", ""), "the focus is seen"


def test_who_wants_less_motion_gets_none(browser: Browser, address_of: Address) -> None:
    moves = """() => [...document.querySelectorAll("*")].filter((each) => {
      const how = getComputedStyle(each);
      return how.scrollBehavior === "smooth" || parseFloat(how.transitionDuration) > 0 || how.animationName !== "none";
    }).length"""
    with visiting(browser, address_of(SHIPPED)) as visit:
        for path in (SEED, REDLINE, "/coverage", "/calendar"):
            visit.go(path)
            assert visit.page.evaluate(moves) == 0, path


# ---------------------------------------------------------------------------- on paper


def _is_drawn(page: Page, words: str) -> bool:
    return page.locator(words).first.evaluate(
        "each => each.checkVisibility() && each.getBoundingClientRect().height > 0"
    )


def test_on_paper_nothing_is_folded_and_addresses_are_spelled_out(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(EXAMPLES), scripts=False) as visit:
        visit.go("/policies/EX-2.02.001")
        visit.page.emulate_media(media="print")
        assert _is_drawn(visit.page, "details.expression code"), "the rules behind the sentences"
        for hidden in ("nav", "form.search", ".asof details", ".back", "#compact"):
            assert not _is_drawn(visit.page, hidden), hidden
    with visiting(browser, address_of(SHIPPED), scripts=False) as visit:
        visit.go(SEED)
        visit.page.emulate_media(media="print")
        link = visit.page.locator('main a[href^="https://pubmed"]').first
        assert (link.get_attribute("href") or "-") in link.evaluate("each => getComputedStyle(each, '::after').content")
        visit.go(REDLINE)
        assert _is_drawn(visit.page, "details.same .passage"), "the passages that did not change"


@pytest.mark.parametrize(
    "path", [SEED, SEED + PAST, REDLINE, f"{SEED}/history", "/calendar", LOOK_UP.format(day="2024-08-01")]
)
def test_on_paper_both_days_and_the_hash_of_the_content_stand_at_the_foot(
    browser: Browser, address_of: Address, path: str
) -> None:
    with visiting(browser, address_of(SHIPPED), scripts=False) as visit:
        visit.go(path)
        visit.page.emulate_media(media="print")
        assert _is_drawn(visit.page, ".print-foot")
        foot = visit.page.locator(".print-foot").inner_text()
        assert foot.count("20") >= 2 and "as known on 2026-11-23" in foot and "sha256" in foot
        if path == SEED:
            value = visit.page.request.get(f"{visit.address}{SEED}.json").json()
            assert value["text"]["content_hash"] in foot


def test_on_paper_chips_keep_their_sign_and_their_border(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED), scripts=False) as visit:
        visit.go(SEED)
        visit.page.emulate_media(media="print", color_scheme="dark")
        how = visit.page.locator(".chip", has_text="investigational").first.evaluate(
            "each => { const how = getComputedStyle(each); return [how.borderTopStyle, how.color, each.innerText]; }"
        )
        assert how[0] == "dashed" and "△" in how[2]
        assert how[1] == "rgb(122, 65, 0)", "dark ink, however dark the screen is"
        assert visit.page.locator("body").evaluate("body => getComputedStyle(body).color") == "rgb(27, 34, 41)"


def test_an_answer_for_the_chart_fits_one_page(browser: Browser, address_of: Address) -> None:
    with visiting(browser, address_of(SHIPPED), scripts=False) as visit:
        visit.go(LOOK_UP.format(day="2024-08-01"))
        pages = visit.page.pdf(format="Letter").count(b"/Type /Page\n")
        assert pages == 1


# ---------------------------------------------------------------------------- what a first visit costs


def test_a_first_visit_is_light(browser: Browser, address_of: Address) -> None:
    """Budgets of the first view, as they come over the wire."""
    for library, path in ((SHIPPED, SEED), (EXAMPLES, "/"), (SHIPPED, REDLINE), (SHIPPED, "/coverage")):
        with visiting(browser, address_of(library)) as visit:
            sizes: dict[str, tuple[str, int]] = {}
            visit.page.on(
                "requestfinished",
                lambda made, sizes=sizes: sizes.__setitem__(
                    made.url, (made.resource_type, made.sizes()["responseBodySize"])
                ),
            )
            visit.go(path)
            visit.page.wait_for_load_state("networkidle")
            of = {kind: sum(size for held, size in sizes.values() if held == kind) for kind, _ in sizes.values()}
            assert len(sizes) <= 8, list(sizes)
            assert sum(of.values()) <= 200_000, of
            assert of["document"] <= 20_000 if path != SEED else of["document"] <= 60_000, of
            assert of["stylesheet"] <= 12_000 and of["script"] <= 21_000 and of.get("font", 0) <= 80_000, of
