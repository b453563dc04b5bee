"""Hints while somebody types in the search box: a code, a title or a policy to go to at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings.hinted import Hint
from medpol.web.asof import general_bar
from medpol.web.pages.code import code_address
from medpol.web.pages.page import Content, Page, Visit
from medpol.web.pages.policy import policy_address
from medpol.web.pages.search import words_asked


@dataclass(frozen=True, slots=True)
class Hints:
    """What the words typed so far may mean, by the texts that stand that day."""

    words: str
    date_of_service: date
    known_on: date
    hints: tuple[Hint, ...]


def find_hints(visit: Visit) -> Content:
    words, as_of = words_asked(visit), visit.as_of
    found = visit.served.hinter.hints(words, as_of.date_of_service, as_of.known_on)
    value = Hints(words, as_of.date_of_service, as_of.known_on, found)
    keep = {"q": words} if words else {}
    dressed = {"shown": tuple((each, as_of.link(_address(each)), _more(each)) for each in found)}
    return Content("Hints", "/search/hints", value, general_bar(as_of, "/search/hints", keep), keep, dressed=dressed)


def _address(hint: Hint) -> str:
    return code_address(hint.system, hint.text) if hint.kind == "code" else policy_address(hint.text)


def _more(hint: Hint) -> str:
    """What stands small beside a hint."""
    if hint.kind == "code":
        return f"{hint.system}, in {hint.policies} polic{'y' if hint.policies == 1 else 'ies'}"
    return "" if hint.status == "in_force" else hint.status.replace("_", " ")


HINTS = Page("/search/hints", "hints.html", find_hints, fragments={"q-hints": "hints"})
