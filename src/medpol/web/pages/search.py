"""Search: a code or a number typed exactly goes to its page; other words give policies, the best first, with facets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings import show_codes
from medpol.decide.holdings.pieces import positions_of
from medpol.library.search import Facet, Filters, Findings
from medpol.model.dates import parse_day
from medpol.web.asof import AsOf, general_bar
from medpol.web.chips import STATUSES, Chip, chips_of
from medpol.web.pages.code import code_address
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, page_asked, pages_of
from medpol.web.pages.policy import policy_address
from medpol.web.problems import bad_request

PER_PAGE = 25
LONGEST = 500
_FACETS = {
    "status": "Standing",
    "position": "Position",
    "line_of_business": "Line of business",
    "section": "Found in",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, how many policies have it, and where choosing it, or letting go of it, leads."""

    words: str
    policies: int
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found. ``is_unnamed_code``: what was typed has the shape of a code, and no policy names it."""

    words: str
    page: int
    pages: int
    is_unnamed_code: bool
    findings: Findings


def words_asked(visit: Visit) -> str:
    """What was typed into the search box, its white space as single blanks. Raises ``Refused`` where it is too long."""
    words = " ".join(visit.query.get("q", "").split())
    if len(words) > LONGEST:
        raise bad_request(
            "q", f"more than {LONGEST} characters", "a few words, a code or a policy's number", "shorten it"
        )
    return words


def find_results(visit: Visit) -> Content | Elsewhere:
    words = words_asked(visit)
    if not words:
        return Elsewhere(visit.as_of.link("/"))
    filters = _filters(visit.query)
    if (exact := _exact(visit, words)) is not None and filters == Filters():
        return Elsewhere(visit.as_of.link(exact))
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    page = page_asked(visit.query)
    found = visit.served.searcher.find(words, day, known_on, filters, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    codes = [] if found.total else show_codes(visit.served.opened, [words], day, known_on).codes
    is_code = any(each.state != "malformed" for each in codes)
    value = Results(words, page, pages_of(found.total, PER_PAGE), is_code, found)
    keep = {"q": words} | {name: visit.query[name] for name in _NAMES if visit.query.get(name)}
    dressed = {"chips": _chips(visit, found), "statuses": STATUSES, "facets": _choices(visit.as_of, keep, found.facets)}
    return Content("Search", "/search", value, general_bar(visit.as_of, "/search", keep), keep, dressed=dressed)


_NAMES = (*_FACETS, "changed_since")


def _exact(visit: Visit, words: str) -> str | None:
    """The page of what was typed letter by letter, a number before a code; none for a code that two systems name."""
    number = visit.served.number(words)
    if number is not None and visit.served.is_known(number, visit.as_of.known_on):
        return policy_address(number)
    codes = show_codes(visit.served.opened, [words], visit.as_of.date_of_service, visit.as_of.known_on).codes
    named = [(each.system, each.code) for each in codes if each.policies and each.system and each.code]
    return code_address(*named[0]) if len(named) == 1 else None


def _filters(query: Mapping[str, str]) -> Filters:
    since: date | None = None
    if text := query.get("changed_since", ""):
        since = parse_day(text)
        if since is None:
            raise bad_request("changed_since", "this is no day", "YYYY-MM-DD")
    chosen = {name: query.get(name) or None for name in _FACETS}
    return Filters(chosen["position"], chosen["line_of_business"], chosen["section"], chosen["status"], since)


def _chips(visit: Visit, found: Findings) -> dict[str, tuple[Chip, ...]]:
    """The positions of each text that was found."""
    files = {each.file: each.policy for each in found.found}
    return {
        version.row.file: chips_of(positions_of(version))
        for policy in dict.fromkeys(files.values())
        for version in visit.served.desk.versions[policy]
        if version.row.file in files
    }


def _choices(as_of: AsOf, keep: Mapping[str, str], facets: tuple[Facet, ...]) -> dict[str, list[Choice]]:
    """The facets that leave a choice, by the words over them."""
    found: dict[str, list[Choice]] = {}
    for each in facets:
        is_chosen = keep.get(each.facet) == each.value
        address = as_of.link("/search", **{**keep, each.facet: "" if is_chosen else each.value})
        words = each.value.replace("_", " ")
        found.setdefault(_FACETS[each.facet], []).append(Choice(words, each.policies, is_chosen, address))
    return {name: held for name, held in found.items() if len(held) > 1 or held[0].is_chosen}


SEARCH = Page("/search", "search.html", find_results)
