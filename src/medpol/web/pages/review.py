"""The review of a policy, for the plan's own staff: everything since its last literature day, the draft, a sheet to sign."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from medpol.renewal.tables import Part, headline, parts
from medpol.web.asof import AsOf, general_bar, read_day
from medpol.web.pages.page import Content, Elsewhere, Page, Visit
from medpol.web.pages.policy import policy_address, policy_named
from medpol.web.review_shown import ReviewPage, Reviews

TODAY = "today"
_NOT_HERE = "What the watch found"
_CODE = re.compile(r"`([^`]+)`")


def review_page(reviews: Reviews) -> Page:
    """The page of one review. Drafts and findings stand on it, so that nobody keeps it."""

    def find(visit: Visit) -> Content | Elsewhere:
        number = policy_named(visit, visit.place["number"])
        address = f"{policy_address(number)}/review"
        given = read_day(visit.query, TODAY)
        if visit.place["number"] != number:
            return Elsewhere(visit.as_of.link(address + visit.place["ending"], **{TODAY: given}))
        day = given or visit.as_of.date_of_service
        return _content(reviews.on(number, day), address, visit.as_of)

    return Page("/policies/{number:str}/review", "review.html", find, is_private=True, prints=True)


def _content(value: ReviewPage, address: str, as_of: AsOf) -> Content:
    days = AsOf(as_of.today, value.today, min(value.today, as_of.today), as_of.site)
    packet = value.packet
    dressed = {
        "headline": "" if packet is None else headline(packet),
        "paper": () if packet is None else tuple(each for each in parts(packet) if each.title != _NOT_HERE),
        "anchor": _anchor,
        "said": _said,
    }
    title = f"Review of {value.policy} {value.title}"
    stamp = "" if packet is None else f"draft sha256 {packet.draft.content_hash}"
    bar = general_bar(days, address, {})
    return Content(title, address, value, bar, {TODAY: str(value.today)}, dressed=dressed, as_of=days, stamp=stamp)


def _anchor(part: Part) -> str:
    return part.title.casefold().replace(" ", "-")


def _said(text: str) -> Markup:
    """A sentence or a cell of the paper: between backticks stands code, and a path may break behind each slash."""
    parts = (
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part).replace("/", Markup("/<wbr>"))
        for at, part in enumerate(_CODE.split(text))
    )
    return Markup("").join(parts)
