"""Every kind of page in every state that it has, as the accessibility test and the gallery of screenshots open them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import expect
from tests.browser.browsing import Visit
from tests.support import EXAMPLES

from medpol.library import SHIPPED

SEED = "/policies/2.01.100"
REDLINE = f"{SEED}/compare?from=2019-07-01&to=2023-12-07"
GAP = "?date_of_service=2021-03-14&known_on=2026-11-23"
PAST = "?date_of_service=2024-01-05&known_on=2026-11-23"
NOTICE = "?date_of_service=2023-10-01&known_on=2023-10-01"
LOOK_UP = "/coverage?code=20560&line_of_business=commercial&date_of_service={day}&known_on=2026-11-23"
INJECTION = "/coverage?code=20552&line_of_business=commercial&date_of_service=2024-08-02&known_on=2026-11-23"


@dataclass(frozen=True, slots=True)
class Kind:
    """A page in a state: where it is, what it must say so that we know it is that one, and what is done to reach it."""

    path: str
    says: str
    library: Path = SHIPPED
    status: int = 200
    then: Callable[[Visit], None] | None = None

    def open(self, visit: Visit) -> None:
        visit.go(self.path, self.status)
        if self.then:
            self.then(visit)
        expect(visit.page.locator("body")).to_contain_text(self.says, ignore_case=True)


def paste_codes(visit: Visit) -> None:
    visit.page.get_by_label("Codes, one a line").fill("20560\n20561\nM79.18\n20562\nnot a code")
    visit.page.get_by_role("button", name="Show", exact=True).last.click()


def decide(diagnosis: str) -> Callable[[Visit], None]:
    """Give a diagnosis, and have it decided and recorded."""

    def given(visit: Visit) -> None:
        question = visit.page.get_by_role("group", name="Which diagnoses is the service for?")
        question.get_by_label("Documented:").check()
        question.get_by_role("textbox").first.fill(diagnosis)
        visit.page.get_by_role("button", name="Decide and record").click()

    return given


def determination_alone(visit: Visit) -> None:
    decide("M79.18")(visit)
    visit.page.get_by_role("link", name="This determination by itself").click()


def type_for_hints(visit: Visit) -> None:
    visit.page.get_by_label("A word, a code or a policy number").press_sequentially("20")
    if visit.has_scripts:
        expect(visit.page.locator(".hint").first).to_be_visible()


def unfold_dates(visit: Visit) -> None:
    visit.page.get_by_text("Change dates").click()


KINDS = {
    "home": Kind("/", "In force today", EXAMPLES),
    "policies": Kind("/policies", "Physical and occupational therapy", EXAMPLES),
    "policy in force": Kind(SEED, "Dry Needling"),
    "policy with criteria": Kind("/policies/EX-2.02.001", "read by the engine", EXAMPLES),
    "policy archived": Kind(SEED + GAP, "archived 2020-03-01"),
    "policy on a past day": Kind(SEED + PAST, "Shown for care on 5 January 2024"),
    "policy in notice": Kind(SEED + NOTICE, "In force on 7 December 2023 (published 1 September 2023)"),
    "dates unfolded": Kind(SEED, "As known on", then=unfold_dates),
    "code": Kind("/codes/CPT/20560", "20560"),
    "codes": Kind("/codes", "Codes, one a line"),
    "codes pasted": Kind("/codes", "without the shape of a code", then=paste_codes),
    "hints": Kind("/", "In force today", EXAMPLES, then=type_for_hints),
    "hints by themselves": Kind("/search/hints?q=trig", "Trigger point injections", EXAMPLES),
    "search found": Kind("/search?q=needling", "policy for", SHIPPED),
    "search found many": Kind("/search?q=example", "policies for", EXAMPLES),
    "search empty": Kind("/search?q=20562", "No policy names 20562"),
    "history": Kind(SEED + "/history", "hatched: archived"),
    "evidence": Kind(SEED + "/evidence", "What the document concludes"),
    "evidence without records": Kind("/policies/EX-2.02.001/evidence", "No study is recorded", EXAMPLES),
    "evidence as it was when approved": Kind(
        SEED + "/evidence?evidence_known_on=2024-06-10", "Only the records known on 10 June 2024"
    ),
    "trials": Kind(SEED + "/trials", "What is coming for whom"),
    "trials without any": Kind("/policies/EX-2.02.001/trials", "No trial is listed", EXAMPLES),
    "review": Kind(SEED + "/review?today=2025-05-15", "For the plan's staff only"),
    "review of an archived policy": Kind(SEED + "/review?today=2021-03-14", "There is nothing to review"),
    "redline": Kind(REDLINE, "What it means"),
    "redline side by side": Kind(REDLINE + "&view=side", "Side by side"),
    "calendar": Kind("/calendar", "Late"),
    "calendar in notice": Kind("/calendar" + NOTICE, "notice runs until"),
    "calendar empty": Kind(
        "/calendar?lane=trial_expected&date_of_service=2019-02-01&known_on=2019-02-01", "Nothing due."
    ),
    "changes": Kind("/changes", "Changes"),
    "coverage form": Kind("/coverage", "Look up"),
    "look-up": Kind(LOOK_UP.format(day="2024-08-01"), "Not covered"),
    "look-up in the gap": Kind(LOOK_UP.format(day="2021-03-14"), "Not addressed"),
    "look-up with questions": Kind(INJECTION, "Decide and record", EXAMPLES),
    "determination not covered": Kind(LOOK_UP.format(day="2024-08-01"), "kept 2026-11-23", then=decide("M79.18")),
    "determination needs information": Kind(INJECTION, "What is still needed", EXAMPLES, then=decide("M79.18")),
    "determination alone": Kind(LOOK_UP.format(day="2024-08-01"), "Determination", then=determination_alone),
    "error": Kind("/policies/9.99.999", "no policy has that number", status=404),
    "error of a field": Kind("/coverage?code=20560&date_of_service=soon", "Expected", status=400),
}
