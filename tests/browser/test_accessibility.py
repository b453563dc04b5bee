"""axe-core in a real browser, over every kind of page in every state, at two sizes and in two colour schemes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.browsing import PHONE, WIDE, visiting
from tests.browser.pages import KINDS

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OF_COLOUR = ["color-contrast", "link-in-text-block"]  # the rules that may differ between two colour schemes
_ASK = """async ([type, values]) => {
  const found = await axe.run(document, {runOnly: {type, values}, resultTypes: ["violations", "incomplete"]});
  const told = (rules, word) => rules.flatMap((rule) => rule.nodes.map((node) => [word(rule, node), node.target.join(" ")]));
  return [told(found.violations, (rule) => rule.id),
          told(found.incomplete, (rule, node) => [rule.id, node.any[0]?.data?.messageKey].join(" "))];
}"""

# What axe leaves to a person. The colours of both are recomputed, pair by pair, by tests/web/test_chips.py.
_UNDECIDED = {
    "color-contrast nonBmp": "a sign by itself, hidden from who listens, in the ink of the words beside it",
    "color-contrast bgOverlap": "words behind the list of hints, which closes when the focus goes",
    "target-size nonTabbableNeighbor": "the same",
    "color-contrast imgNode": "words of a drawing, outside its bars, in the inks of the page",
    "color-contrast shortTextContent": "one sign of a drawing, in the inks of the page or of a chip",
}


@pytest.mark.parametrize("name", KINDS)
def test_no_page_breaks_a_rule_of_accessibility(
    browser: Browser, address_of: Callable[[Path], str], axe_script: str, name: str
) -> None:
    kind = KINDS[name]
    with visiting(browser, address_of(kind.library)) as visit:
        kind.open(visit)
        assert kind.says in visit.text
        visit.page.evaluate(axe_script)
        for scheme, rules in (("light", ("tag", _TAGS)), ("dark", ("rule", _OF_COLOUR))):
            visit.page.emulate_media(color_scheme=scheme)
            for size in (WIDE, PHONE):
                visit.page.set_viewport_size(size)
                violations, undecided = visit.page.evaluate(_ASK, rules)
                assert violations == [], (scheme, size)
                assert [each for each in undecided if each[0] not in _UNDECIDED] == [], (scheme, size)


@pytest.mark.parametrize("name", KINDS)
def test_no_page_scrolls_sideways_on_a_phone_and_none_needs_a_script(
    browser: Browser, address_of: Callable[[Path], str], name: str
) -> None:
    kind = KINDS[name]
    with visiting(browser, address_of(kind.library), scripts=False, size=PHONE) as visit:
        kind.open(visit)
        assert kind.says in visit.text
        root = visit.page.locator("html")
        for width in (390, 320):
            visit.page.set_viewport_size({"width": width, "height": 700})
            assert root.evaluate("root => root.scrollWidth") <= width
