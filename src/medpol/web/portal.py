"""From a request to a reply: reads the two days, asks the page for its value, and renders it or one of its twins."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2_fragments import render_block

import medpol
from medpol.decide.holdings import lines_words, period_words, scope_words, written
from medpol.exchange.addresses import named
from medpol.web.asof import AsOf, day_words, read_as_of
from medpol.web.assets import Assets
from medpol.web.coverage import LookUps
from medpol.web.pages import Content, Elsewhere, Page, Visit
from medpol.web.pages.answered import fact_words
from medpol.web.pages.code import code_address
from medpol.web.pages.page import PDF, TWINS, without_ending
from medpol.web.pages.policy import policy_address
from medpol.web.printing import CAN_PRINT, Press
from medpol.web.problems import Problem, Refused, bad_request
from medpol.web.prose import bold
from medpol.web.replies import NEVER, Kept, Reply, accepts_gzip, is_current, kept_for, tag_of, zipped
from medpol.web.site import Site

_HTML = "text/html; charset=utf-8"
_MOST_FIELDS = 400
_MOST_REFUSALS = 256
_KEPT_BYTES = 32 * 1_024 * 1_024
"""How much memory pages that were made may take."""
_SOME_ID = b"0" * 16
"""Stands in a page that is written once for many requests, where each gets its own id."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as a page reads it. ``query`` and ``form`` are as they were sent; ``form`` is none for a GET."""

    path: str
    place: Mapping[str, str]
    query: bytes
    form: bytes | None = None
    if_none_match: str = ""
    accept_encoding: str = ""
    accept: str = ""
    target: str = ""
    id: str = ""
    cookies: str = ""

    @property
    def wants_json(self) -> bool:
        """Whether what goes wrong is said as JSON: to programs, and where a twin was asked for that programs read."""
        is_for_programs = self.path.startswith("/api/") or without_ending(self.path)[1] not in ("", PDF)
        return is_for_programs or ("json" in self.accept and "html" not in self.accept)


class Portal:
    """The site, the clock, the templates and the assets: everything that a page is rendered with.

    ``address`` is the one under which people know the portal, such as ``https://policies.example.org``; empty where nobody
    said it.
    """

    def __init__(
        self,
        site: Site,
        today: Callable[[], date],
        address: str = "",
        *,
        can_print: bool = CAN_PRINT,
        for_staff: bool = False,
    ) -> None:
        self.site, self.today, self.address, self.assets = site, today, address, Assets()
        self._for_staff = for_staff
        self._press = Press(self.assets, address, can_print=can_print)
        self._templates = _environment(self.assets)
        self.frame_hash = hashlib.sha256(
            repr((_templates_hash(), self.assets.hash, medpol.__version__, address, can_print, for_staff)).encode()
        ).hexdigest()
        self._look_ups = LookUps(site.now)
        self._kept = Kept(_KEPT_BYTES)
        self._turned_away: dict[object, bytes] = {}

    @property
    def look_ups(self) -> LookUps:
        """The look-ups of the library that is served now."""
        held = self._look_ups
        if held.served is not self.site.now:
            held = self._look_ups = LookUps(self.site.now)
        return held

    def show(self, page: Page, asked: Asked) -> Reply:
        """The page, or the twin that its address asks for. Raises ``Refused``."""
        place, ending = dict(asked.place), ""
        if "page" in place:
            place["page"], ending = without_ending(place["page"])
        else:
            ending = without_ending(asked.path)[1]
        place = {name: named(part) for name, part in place.items()} | {"ending": ending}
        if ending and ending not in page.endings:
            raise Refused(Problem(404, "this page has no such twin", "one of: " + ", ".join(page.endings)))
        query = fields_of(asked.query)
        as_of = read_as_of(query, self.today(), self.address)
        served, trouble = self.site.now, self.site.trouble
        visit = Visit(served, as_of, place, query, None if asked.form is None else fields_of(asked.form), asked.cookies)
        if asked.form is not None or page.is_private:
            return self._made(page, visit, asked, {"Cache-Control": NEVER})
        tag = tag_of(served, self.frame_hash, as_of, trouble)
        headers = {"Cache-Control": kept_for(as_of, trouble), "ETag": tag, "Vary": "HX-Request, HX-Target"}
        if is_current(asked.if_none_match, tag):
            return Reply(304, _HTML, b"", headers)
        target = asked.target if asked.target in page.fragments else ""
        key = (tag, asked.path, asked.query, target, accepts_gzip(asked.accept_encoding))
        reply = self._kept.get(key)
        if reply is None:
            reply = self._made(page, visit, asked, headers)
            is_plain = reply.headers.get("ETag") == tag
            if (
                is_plain and self.site.now is served and self.site.trouble is trouble
            ):  # the frame told of the same state
                self._kept.put(key, reply)
        return reply

    def _made(self, page: Page, visit: Visit, asked: Asked, headers: dict[str, str]) -> Reply:
        """The page or its twin as it is sent; what is no plain page goes without ``headers``, and is kept by nobody."""
        ending = visit.place["ending"]
        content = page.find(visit)
        if isinstance(content, Elsewhere):
            return Reply(302, _HTML, b"", {"Location": content.address, "Cache-Control": "no-cache"})
        as_of = content.as_of or visit.as_of
        if content.status != 200 or content.headers:
            headers = {"Cache-Control": NEVER, **content.headers}
        if ending == ".json" and ending not in page.twins:
            body = written(content.value)
        elif ending == PDF:
            html = self._html(page, content, as_of, "")
            body = self._press.pdf(html, is_private=page.is_private or content.status != 200)
        elif ending:
            body = page.twins[ending](visit, content)
        else:
            body = self._html(page, content, as_of, asked.target).encode()
        return zipped(Reply(content.status, TWINS.get(ending, _HTML), body, headers), asked.accept_encoding)

    def problem(self, problem: Problem, asked: Asked) -> Reply:
        """What went wrong, as a page in the frame or as JSON."""
        headers = {"Cache-Control": NEVER, **problem.headers}
        if asked.wants_json:
            return Reply(problem.status, "application/json", written(problem.said(asked.id)), headers)
        body = self._turning_away(problem) if problem.status == 429 else self._problem_page(problem, asked.id).encode()
        return Reply(problem.status, _HTML, body.replace(_SOME_ID, asked.id.encode()), headers)

    def _problem_page(self, problem: Problem, id: str) -> str:
        context = self._frame(AsOf(self.today(), site=self.address))
        context |= {"problem": problem, "id": id, "title": problem.name, "content": None}
        return self._templates.get_template("problem.html").render(context)

    def _turning_away(self, problem: Problem) -> bytes:
        """The page for who asks too often, written once for many: to turn somebody away must cost next to nothing."""
        key = (problem.expected, problem.mend, self.site.now.plan_hash, self.site.trouble)
        if key not in self._turned_away:
            if len(self._turned_away) >= _MOST_REFUSALS:
                self._turned_away.clear()
            self._turned_away[key] = self._problem_page(problem, _SOME_ID.decode()).encode()
        return self._turned_away[key]

    def _html(self, page: Page, content: Content, as_of: AsOf, target: str) -> str:
        twins = [
            (ending.removeprefix("."), as_of.link(_twin(content.address, ending), **content.keep))
            for ending in page.endings
            if ending != PDF or self._press.can_print
        ]
        context = self._frame(as_of) | {
            "content": content,
            "value": content.value,
            "title": content.title,
            "twins": () if page.posts and content.value is not None else twins,
            **content.dressed,
        }
        if target in page.fragments:
            return render_block(self._templates, page.template, page.fragments[target], context)
        return self._templates.get_template(page.template).render(context)

    def _frame(self, as_of: AsOf) -> dict[str, Any]:
        """What every template may ask for; ``parts`` are the macros that pages and fragments share."""
        frame = {
            "as_of": as_of,
            "link": as_of.link,
            "trouble": self.site.trouble if self.site.is_ready else None,
            "library_hash": self.site.now.plan_hash,
            "version": medpol.__version__,
            "can_print": self._press.can_print,
            "for_staff": self._for_staff,
        }
        return frame | {"parts": self._templates.get_template("parts.html").make_module(frame)}


def _twin(path: str, ending: str) -> str:
    return ("/index" if path == "/" else path) + ending


def fields_of(text: bytes) -> dict[str, str]:
    """The fields of an address or a form, each once.

    Raises:
        Refused: Text that is no UTF-8, too many fields, or one of them twice.
    """
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise bad_request("", "the fields cannot be read", f"UTF-8, at most {_MOST_FIELDS} fields") from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise bad_request("", "one field is given twice", "each field once", "drop one of the two")
    return found


def _environment(assets: Assets) -> Environment:
    """Every template escapes what it prints, whatever its ending."""
    made = Environment(
        loader=PackageLoader("medpol.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # an upgrade below a running service does not get into its pages half
    )
    made.filters |= {"day": day_words, "bold": bold, "lines_words": lines_words, "segment": _quoted}
    made.globals |= {
        "asset": assets.named,
        "policy_address": policy_address,
        "code_address": code_address,
        "period_words": period_words,
        "scope_words": scope_words,
        "fact_words": fact_words,
    }
    return made


def _quoted(text: str) -> str:
    """A name in an address of others, or behind a ``#``, whatever signs it holds."""
    return quote(text, safe="")


def _templates_hash() -> str:
    folder = files("medpol.web") / "templates"
    texts = sorted((each.name, each.read_bytes()) for each in folder.iterdir() if each.name.endswith(".html"))
    return hashlib.sha256(repr(texts).encode()).hexdigest()
