"""What another careful project got wrong and said so (Datasette's change log): each of its slips is a test of ours."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from tests.support import policy, put
from tests.web.portal import Portal, Tags, looked_twice, portal, portal_of

from medpol.exchange.addresses import ENDINGS
from medpol.web.limits import limits_of
from medpol.web.pages import PAGES
from medpol.web.pages.code import CODE
from medpol.web.permissions import PERMISSIONS

MARKUP = "\"'><script id=planted>alert`1`</script><img src=x onerror=alert(1)>{{71917191*71917191}}"
FIELDS = (
    *(
        "q",
        "page",
        "date_of_service",
        "known_on",
        "from",
        "to",
        "view",
        "lane",
        "policy",
        "code",
        "code_system",
        "system",
    ),
    *("service", "line_of_business", "contract", "since", "skip", "status", "position", "section", "changed_since"),
    *(
        "codes",
        "number",
        "id",
        "record",
        "format",
        "callback",
        "next",
        "redirect",
        "return_to",
        "debug",
        "_debug",
        "trace",
    ),
    *("_trace", "_json", "_shape", "_method", "lang", "error", "message", "title"),
)
"""Every field that some page reads, those that other programs are asked by, and such as a debugger would listen to."""
PLACES = {"system": "CPT", "page": "2.01.100", "code": "20560", "name": "x.css", "path": "x"}


def filled(route: str, **places: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: {**PLACES, **places}.get(match[1], "2.01.100"), route)


ROUTES = sorted({filled(route) for route in PERMISSIONS} - {"/metrics"})
TWINS = sorted(
    filled(page.path.replace(":str", "")) + ending
    for page in PAGES
    if page.path != "/"
    for ending in page.endings
    if ending != ".pdf" or page is CODE  # laying one out takes a second
)


def assert_inert(answer: object, address: str) -> None:
    """What was planted is no element and no attribute; only an answer in JSON, which nothing runs, may say it as it was."""
    kind = answer.headers.get("content-type", "")
    assert answer.status_code not in (500, 502), address
    assert answer.headers["x-content-type-options"] == "nosniff", address
    is_data = kind in ("application/json", "application/x-ndjson") and answer.status_code < 400
    assert is_data or "<script id=planted>" not in answer.text, address
    if kind.startswith("text/html"):
        tags = Tags(answer.text).found
        assert not any(each.get("id") == "planted" or "onerror" in each for _, each in tags), address
        assert "5172082361330481" not in answer.text, address  # long, since ids of pages are drawn by chance


# ---------------------------------------------------------------------------- reflected markup by a debug parameter


def test_markup_in_every_field_of_every_route_and_twin_comes_back_raw_from_none() -> None:
    text = quote(MARKUP, safe="")
    with portal() as held:
        documented = held.get("/api/openapi.json").json()["paths"]
        named = {
            each["name"] for path in documented.values() for op in path.values() for each in op.get("parameters", ())
        }
        for route in (*ROUTES, *TWINS):
            if route.endswith(".pdf"):
                continue  # laid out from the page's own HTML; tests/web/test_printing.py plants markup there
            every = "&".join(f"{name}={text}" for name in FIELDS)
            assert_inert(held.get(f"{route}?{every}"), route)
            assert_inert(held.get(f"{route}?{text}={text}"), route)
            for name in sorted({*FIELDS, *named} if route in ROUTES else {"date_of_service", "page", "view", "code"}):
                assert_inert(held.get(f"{route}?{name}={text}"), f"{route}?{name}")
        for route in PERMISSIONS:
            for name in re.findall(r"\{(\w+)\}", route):
                for ending in ("", *(each for each in ENDINGS if each != ".pdf")):
                    assert_inert(held.get(filled(route, **{name: text + ending})), route)


def test_no_field_turns_on_anything_that_is_not_documented() -> None:
    with portal() as held:
        for route in ("/policies/2.01.100", "/changes", "/calendar", "/codes/CPT/20560"):
            plain = held.get(route)
            for name in ("debug", "_debug", "trace", "_trace", "_json", "_shape", "format", "callback"):
                asked = held.get(f"{route}?{name}=1")
                assert (asked.status_code, asked.content) == (plain.status_code, plain.content), (route, name)


def test_markup_comes_back_raw_from_no_form_and_no_refusal() -> None:
    with portal(limits=limits_of(20)) as held:
        for route in ("/codes", "/coverage", "/api/determinations", "/api/determinations/batch", "/changes"):
            assert_inert(held.client.post(route, data=dict.fromkeys(FIELDS, MARKUP)), route)
            assert_inert(
                held.client.post(route, json={MARKUP: MARKUP, "code": MARKUP, "facts": {MARKUP: MARKUP}}), route
            )
            assert_inert(held.client.post(route, content=MARKUP.encode()), route)
        for _ in range(30):
            answer = held.get(f"/policies/{quote(MARKUP, safe='')}", host="x", referer=MARKUP, user_agent=MARKUP)
            assert_inert(answer, "a refusal")
        assert answer.status_code == 429


# ---------------------------------------------------------------------------- open redirects


@pytest.mark.parametrize(
    "start", ["//evil.example", "/\\evil.example", "/%2F/evil.example", "/%5Cevil.example", "/.//evil.example"]
)
def test_no_address_sends_a_reader_to_another_host(start: str) -> None:
    fields = "&".join(f"{name}={quote(start, safe='')}" for name in ("next", "redirect", "return_to", "q", "policy"))
    with portal() as held:
        for path in (start, f"{start}/", f"{start}/..", f"/policies{start}", f"/policies/{start}/", f"/{start}/policies", f"/search?{fields}", f"/?{fields}"):  # fmt: skip
            answer = held.client.get(httpx_path(path), follow_redirects=False)
            assert answer.status_code < 500, path
            place = answer.headers.get("location", "/")
            assert place.startswith("/") and not place.startswith(("//", "/\\")), (path, place)
            assert urlsplit(place).netloc == "" and "evil" not in urlsplit(place).netloc


def httpx_path(path: str) -> str:
    """The address below a host, so that the client does not read the path's own beginning as one."""
    return f"http://testserver.local{path}"


# ---------------------------------------------------------------------------- names that break out


def test_names_of_files_and_folders_hold_any_sign_and_stay_names(tmp_path: Path) -> None:
    folders = ["a]b", 'c"d', "e'f;--", "g`h", "<script id=planted>", "=cmd|' !A0"]
    files = {f"{name}/2024-05-01.md": policy(number=f"EX-{at}") for at, name in enumerate(folders)}
    with portal_of(tmp_path, {"facts.md": "", **files}) as held:
        listed = held.get("/policies.json").json()["policies"]
        assert len(listed) == len(folders)
        for at, name in enumerate(folders):
            for ending in ("", ".json", ".md", ".atom", ".ics", "/history", "/history.csv", "/history.svg"):
                answer = held.get(f"/policies/EX-{at}{ending}")
                assert answer.status_code == 200, (name, ending)
                if not ending.endswith((".json", ".csv", ".md")):
                    assert_inert(answer, f"{name}{ending}")
            assert held.get(f"/policies/EX-{at}.json").json()["text"]["file"] == f"{name}/2024-05-01.md"
            history = held.get(f"/policies/EX-{at}/history.csv").text
            assert ",=cmd" not in history and "\n=cmd" not in history


# ---------------------------------------------------------------------------- the path in an error


def test_an_error_repeats_nothing_of_the_address_and_near_names_are_the_librarys() -> None:
    with portal() as held:
        for path in ("zebulon-quagmire", "policies/zebulon-quagmire", "codes/zebulon/quagmire", "static/zebulon", "determinations/zebulon", "api/policies/zebulon", "policies/2.01.1zebulon"):  # fmt: skip
            for accept in ("text/html", "application/json"):
                answer = held.get(f"/{path}", accept=accept)
                assert answer.status_code == 404
                assert not re.search("zebulon|quagmire", answer.text, re.IGNORECASE), path
        assert "2.01.100" in held.get("/policies/2.01.1zebulon").text


# ---------------------------------------------------------------------------- private names


DRAFT = policy(number="EX-9", effective="2025-01-01", published=None).replace("Needles", "Embargoed zeppelins")


def _everything(held: Portal) -> list[tuple[str, int, bytes, dict[str, str]]]:
    """Every page, twin, operation and description of a library, headers with them."""
    pages = [
        *("/", "/index.json", "/policies", "/policies.json", "/policies.csv", "/search?q=needl", "/search?q=zeppelins"),
        *(
            "/search?q=EX-9",
            "/calendar",
            "/calendar.json",
            "/calendar.ics",
            "/calendar.csv",
            "/changes",
            "/changes.json",
        ),
        *("/changes.atom", "/changes.csv", "/changes?policy=EX-9", "/calendar?policy=EX-9", "/codes/CPT/20560"),
        *("/codes/CPT/20560.atom", "/codes/CPT/99999", "/policies/EX", "/policies/EX-8", "/coverage?code=20560"),
        *(
            "/coverage?code=99999",
            "/api/openapi.json",
            "/api/policies",
            "/api/changes",
            "/api/calendar",
            "/api/codes/20560",
        ),
        *("/api/coverage?code=20560", "/api/coverage?code=20560&policy=EX-9", "/health", "/health/details"),
        *(
            f"/policies/EX-1{each}"
            for each in ("", ".json", ".md", ".atom", ".ics", ".pdf", "/history", "/history.svg")
        ),
    ]
    found = []
    for page in pages:
        answer = held.get(page)
        unlike = {name: value for name, value in answer.headers.items() if name != "date"}
        body = (
            re.sub(rb"\b[0-9a-f]{16}\b(?=</code>|\")", b"", answer.content)
            if answer.status_code >= 400
            else answer.content
        )
        found.append((page, answer.status_code, body, unlike))
    return found


def test_a_draft_alters_no_byte_of_any_answer(tmp_path: Path) -> None:
    with portal_of(tmp_path, {"facts.md": "", "EX-1/2024-05-01.md": policy()}) as held:
        before, asked_before = _everything(held), held.get("/policies/EX-9")
        put(tmp_path, {"EX-9/2025-01-01.md": DRAFT.encode(), "EX-1/2031-01-01.md": policy("2031-01-01", None).encode()})
        assert looked_twice(held.site)
        assert _everything(held) == before
        for address in ("/policies/EX-9", "/policies/EX-9/history", "/policies/EX-9.json", "/api/policies/EX-9"):
            of_draft, of_nothing = held.get(address), held.get(address.replace("EX-9", "EX-7"))
            assert of_draft.status_code == of_nothing.status_code == asked_before.status_code == 404
            assert len(of_draft.content) == len(of_nothing.content)
            assert "zeppelin" not in of_draft.text.casefold()


# ---------------------------------------------------------------------------- what is one reader's in what all may keep


def test_two_readers_fetch_the_same_bytes_and_no_cookie_comes_with_a_page_that_may_be_kept() -> None:
    with portal() as held:
        posted = held.client.post("/api/determinations", json={"code": "20560", "line_of_business": "commercial"})
        cookie = posted.headers["set-cookie"].partition(";")[0]
        held.client.cookies.clear()
        for route in (*ROUTES, *TWINS):
            one = held.get(route, user_agent="one", accept_language="de")
            other = held.get(route, user_agent="other", cookie=cookie, referer="https://elsewhere.example/")
            assert "set-cookie" not in one.headers and "set-cookie" not in other.headers
            if "no-store" in one.headers.get("cache-control", ""):
                continue
            assert (one.status_code, one.content) == (other.status_code, other.content), route
            assert not re.search(r"csrf|nonce|token", one.text if not route.endswith(".pdf") else "", re.IGNORECASE), (
                route
            )
