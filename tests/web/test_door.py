"""What holds for every route: headers, permissions, methods, hostile input, logs and errors."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from tests.support import policy
from tests.web.portal import Tags, portal, portal_of

from medpol.decide.holdings import Opened
from medpol.web.door import SECURITY_HEADERS
from medpol.web.pages import PAGES
from medpol.web.pages.code import CODE
from medpol.web.permissions import PERMISSIONS, UndeclaredRoute, check_declared
from medpol.web.site import Served

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{7*7}}",
    "'; DROP TABLE policies; --",
    "]\"'`;--",
    "//evil.example/",
    "/\\evil.example",
    "\x00\x1b[31m",
    "../../../../etc/passwd",
    "é" * 300,
    "=cmd|' /C calc'!A0",
)


class _Places(dict[str, str]):
    """What stands for each parameter of a route; a policy's number for those that later pages add."""

    def __missing__(self, name: str) -> str:
        return "2.01.100"


PLACES = _Places(system="CPT", code="20560", name="x.css", path="x")
ADDRESSES = sorted(
    {path.format_map(PLACES) for path in PERMISSIONS}
    | {
        page.path.replace(":str", "").format_map(PLACES) + ending
        for page in PAGES
        if page.path != "/"
        for ending in page.endings
        if ending != ".pdf" or page is CODE  # laying one out takes a second; what comes back is the same for each
    }
    | {"/nothing", "/search?q=needling", "/api/coverage?code=20560", "/policies/none", "/index.json"}
)


def test_every_answer_of_every_route_carries_the_security_headers() -> None:
    with portal() as held:
        for address in ADDRESSES:
            for answer in (
                held.get(address),
                held.client.head(address),
                held.client.post(address, follow_redirects=False),
                held.client.delete(address),
                held.client.request("BREW", address),
            ):
                for name, value in SECURITY_HEADERS.items():
                    assert answer.headers[name] == value, (address, name)
                assert answer.status_code < 500, address


def test_pages_hold_no_inline_script_and_no_inline_style() -> None:
    with portal() as held:
        for address in ADDRESSES:
            answer = held.client.get(address)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            for tag, attributes in Tags(answer.text).found:
                assert tag != "style", address
                assert tag != "script" or attributes.get("src", "").startswith("/static/"), address
                assert not any(name == "style" or name.startswith("on") for name in attributes), (address, attributes)


def test_a_route_without_a_permission_stops_the_start() -> None:
    with pytest.raises(UndeclaredRoute, match="/secret"):
        check_declared([*PERMISSIONS, "/secret"])
    with pytest.raises(UndeclaredRoute, match="do not exist: /health"):
        check_declared([path for path in PERMISSIONS if path != "/health"])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_in_every_parameter_comes_out_inert(hostile: str) -> None:
    text = quote(hostile, safe="")
    addresses = [
        *(re.sub(r"\{[^}]*\}", lambda _: text, path) for path in PERMISSIONS if "{" in path),
        *(
            f"{path.format_map(PLACES)}?{name}={text}"
            for path in PERMISSIONS
            for name in (
                "q",
                "page",
                "date_of_service",
                "known_on",
                "code",
                "service",
                "policy",
                "contract",
                "line_of_business",
            )
        ),
        f"/search?q=needling&{text}={text}",
        f"/{text}",
    ]
    with portal() as held:
        for address in addresses:
            answer = held.get(address)
            assert answer.status_code < 500, address
            if answer.status_code in (301, 302, 303, 307, 308):
                assert answer.headers["location"].startswith("/"), address
                assert not answer.headers["location"].startswith(("//", "/\\")), address
            if answer.headers["content-type"].startswith("text/html") and "<" in hostile:
                assert hostile not in answer.text, address
            if answer.headers["content-type"].startswith("text/html"):
                tags = Tags(answer.text).found
                assert not any(tag == "img" and not each["src"].startswith("/static/") for tag, each in tags), address
                assert not any(name.startswith("on") for _, each in tags for name in each), address
                assert not any(each.get("href", "/").startswith(("javascript", "//", "/\\")) for _, each in tags), (
                    address
                )
            if answer.status_code >= 400 and not address.startswith("/coverage?"):  # which keeps its form filled
                assert hostile not in answer.text and text not in answer.text, address
        posted = held.client.post("/codes", data={"codes": hostile})
        assert posted.status_code < 500
        assert "<script>alert" not in posted.text and "<img src=x" not in posted.text
        assert all("onerror" not in name for _, held_by in Tags(posted.text).found for name in held_by)


def test_hostile_text_of_documents_comes_out_inert(tmp_path: Path) -> None:
    evil = '<img src=x onerror="alert(1)">'
    text = policy(
        number="EX-1",
        criteria="Needling is **investigational**.",
        codes="| needling | CPT | 20560 | governed | | |",
    )
    text = text.replace("title: Needles", f"title: '{evil} & [x](javascript:alert(1))'")
    text += f"\n## Description\n\n{evil} [go](javascript:alert(1)) <script>alert(2)</script>\n\n<iframe src=//evil.example></iframe>\n"
    with portal_of(
        tmp_path, {"facts.md": "", "EX-1/2024-05-01.md": text, "EX-2/2024-05-01.md": policy(number="EX-2")}
    ) as held:
        for address in ("/", "/policies", "/policies/EX-1", "/codes/CPT/20560", "/search?q=onerror"):
            tags = Tags(held.client.get(address).text).found
            assert not any(tag in ("iframe", "object", "embed") for tag, _ in tags), address
            assert not any(tag == "img" and not each["src"].startswith("/static/") for tag, each in tags), address
            assert not any(each.get("href", "").startswith("javascript") for _, each in tags), address
            assert not any(name.startswith("on") for _, each in tags for name in each), address


def test_a_post_from_another_site_is_refused() -> None:
    with portal() as held:
        codes = {"codes": "20560"}
        for headers, status in (
            ({}, 200),
            ({"sec-fetch-site": "same-origin"}, 200),
            ({"sec-fetch-site": "none"}, 200),
            ({"sec-fetch-site": "cross-site"}, 403),
            ({"sec-fetch-site": "same-site"}, 403),
            ({"origin": "http://testserver.local"}, 200),
            ({"origin": "http://evil.example"}, 403),
            ({"origin": "null"}, 403),
        ):
            assert held.client.post("/codes", data=codes, headers=headers).status_code == status, headers


def test_errors_have_one_shape_as_page_and_as_json() -> None:
    with portal() as held:
        asked = {
            "/nothing": 404,
            "/policies/9.99": 404,
            "/policies?page=x": 400,
            "/policies/2.01.100?known_on=2999-01-01": 400,
            "/policies/2.01.100?date_of_service=2024-02-30": 400,
            "/policies/2.01.100?date_of_service=2024-01-01&date_of_service=2024-01-02": 400,
        }
        for address, status in asked.items():
            page = held.get(address, accept="text/html")
            assert page.status_code == status and page.headers["content-type"] == "text/html; charset=utf-8"
            assert page.headers["cache-control"] == "no-store"
            said = held.get(address, accept="application/json")
            value = msgspec.json.decode(said.content)
            assert said.status_code == status == value["status"]
            assert set(value) == {"status", "error", "where", "found", "expected", "mend", "near", "id"}
            assert value["id"] in said.text and value["found"]
        assert held.client.post("/policies").status_code == 405
        assert held.client.post("/codes", content=b"x" * 1_100_000).status_code == 413


def test_the_log_holds_routes_and_never_what_was_asked() -> None:
    with portal() as held:
        planted = "Zebulon-Quagmire"
        for address in (
            f"/search?q={planted}",
            f"/policies/{planted}",
            f"/{planted}",
            f"/api/coverage?code={planted}",
            f"/api/coverage?age={planted}",
        ):
            held.get(address)
        held.client.post("/codes", data={"codes": planted})
        assert planted.encode() not in held.logged.getvalue()
        assert planted not in held.get("/metrics").text
        routes = {entry["route"] for entry in held.entries()}
        assert routes == {"/search", "/policies/{page}", "none", "/api/coverage", "/codes", "/metrics"}


def test_metrics_are_for_this_machine_alone() -> None:
    with portal() as held:
        assert "medpol_http_requests_total" in held.get("/metrics").text
        assert held.get("/metrics", x_forwarded_for="10.0.0.1").status_code == 404


def test_a_bug_gives_an_id_and_nothing_else() -> None:
    with portal() as held:
        held.site.now = Served(Opened(held.site.now.library, None), None, "0" * 64)  # a library that nothing can ask
        for address in ("/policies", "/api/coverage?code=20560", "/api/policies"):
            broken = held.get(address, accept="application/json")
            assert broken.status_code == 500
            assert "NoneType" not in broken.text
        assert any(entry["event"] == "bug" for entry in held.entries())


def test_a_body_of_head_is_empty_and_its_headers_are_those_of_get() -> None:
    with portal() as held:
        head, full = held.client.head("/policies/2.01.100"), held.client.get("/policies/2.01.100")
        assert head.status_code == 200 and head.content == b""
        assert head.headers["etag"] == full.headers["etag"]
