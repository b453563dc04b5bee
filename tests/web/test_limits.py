"""How often one place may ask: what is let in, what is told to wait, and who counts as one place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from tests.web.portal import portal

from medpol.web.limits import Gate, Kind, Limits, client_of, kind_of, limits_of

PROXIES = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def scope(path: str = "/policies", peer: str = "192.0.2.1", method: str = "GET") -> dict[str, object]:
    return {"type": "http", "method": method, "path": path, "client": (peer, 1234), "headers": []}


def let_in(gate: Gate, count: int, **asked: str) -> list[bool]:
    return [gate.refusal(scope(**asked), {}) is None for _ in range(count)]


def test_so_many_are_let_in_and_the_next_is_told_how_long_to_wait() -> None:
    clock = Clock()
    gate = Gate(limits_of(60), ticks=clock)
    assert let_in(gate, 11) == [True] * 10 + [False]
    refused = gate.refusal(scope(), {})
    assert refused is not None and refused.status == 429 and refused.headers == {"Retry-After": "1"}
    assert refused.expected == "at most 60 pages a minute"
    clock.now += 1.0
    assert let_in(gate, 2) == [True, False]
    clock.now += 3_600.0
    assert let_in(gate, 11) == [True] * 10 + [False], "what was not used is not saved up beyond ten seconds' worth"
    for _ in range(60):
        clock.now += 1.0
        assert let_in(gate, 2) == [True, False]


def test_a_client_that_is_told_to_wait_is_let_in_when_it_waited() -> None:
    clock = Clock()
    gate = Gate(limits_of(7), ticks=clock)
    let_in(gate, 7)
    refused = gate.refusal(scope(), {})
    assert refused is not None
    clock.now += int(refused.headers["Retry-After"])
    assert gate.refusal(scope(), {}) is None


def test_clients_and_kinds_of_requests_are_counted_apart() -> None:
    gate = Gate(limits_of(120), ticks=Clock())
    assert let_in(gate, 21) == [True] * 20 + [False]
    assert let_in(gate, 1, peer="192.0.2.2") == [True]
    assert let_in(gate, 201, path="/search/hints") == [True] * 200 + [False], "who types asks at nearly every letter"
    assert let_in(gate, 101, path="/api/coverage") == [True] * 100 + [False]
    assert let_in(gate, 7, path="/policies/EX-1.pdf") == [True] * 6 + [False]
    assert let_in(gate, 21, path="/api/determinations", method="POST") == [True] * 20 + [False]
    assert let_in(gate, 500, path="/static/style.css") == [True] * 500
    assert let_in(gate, 500, path="/health") == [True] * 500


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/", Kind.READ),
        ("GET", "/policies/EX-1.json", Kind.READ),
        ("GET", "/api/policies/EX-1", Kind.READ),
        ("GET", "/nothing/at/all", Kind.READ),
        ("GET", "/coverage", Kind.LOOK_UP),
        ("GET", "/search/hints", Kind.HINT),
        ("GET", "/search/hints.json", Kind.HINT),
        ("POST", "/coverage", Kind.DECIDE),
        ("POST", "/api/determinations", Kind.DECIDE),
        ("POST", "/api/determinations/batch", Kind.HEAVY),
        ("POST", "/codes", Kind.HEAVY),
        ("GET", "/determinations/0123456789abcdef.pdf", Kind.HEAVY),
        ("GET", "/metrics", None),
    ],
)
def test_the_kind_of_a_request_is_told_by_its_address(method: str, path: str, kind: Kind | None) -> None:
    assert kind_of(method, path) is kind


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", "198.51.100.9", (), "192.0.2.1"),  # nobody was declared, so nobody is believed
        ("192.0.2.1", "198.51.100.9", PROXIES, "192.0.2.1"),  # it did not come through one that was
        ("127.0.0.1", "198.51.100.9", PROXIES, "198.51.100.9"),
        ("127.0.0.1", "203.0.113.7, 198.51.100.9", PROXIES, "198.51.100.9"),  # the first was written by the client
        ("127.0.0.1", "203.0.113.7, 198.51.100.9, 10.1.2.3", PROXIES, "198.51.100.9"),
        ("127.0.0.1", "", PROXIES, "127.0.0.1"),
        ("127.0.0.1", "10.1.2.3", PROXIES, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.9:50123", PROXIES, "198.51.100.9"),
        ("127.0.0.1", "::ffff:198.51.100.9", PROXIES, "198.51.100.9"),
        ("127.0.0.1", "<script>", PROXIES, "unknown"),
        ("testclient", "198.51.100.9", PROXIES, "unknown"),
    ],
)
def test_who_asks_is_the_other_end_unless_a_declared_proxy_says_otherwise(
    peer: str, forwarded: str, proxies: Sequence[object], client: str
) -> None:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    assert client_of(scope(peer=peer), headers, proxies) == client


def test_the_addresses_of_one_subscriber_of_ipv6_count_as_one_client() -> None:
    one, other, elsewhere = ("2001:db8:1:2::1", "[2001:db8:1:2:ffff::2]:443", "2001:db8:1:3::1")
    found = [client_of(scope(peer="fd00::1"), {"x-forwarded-for": each}, PROXIES) for each in (one, other, elsewhere)]
    assert found[0] == found[1] != found[2]


def test_what_is_remembered_of_clients_is_bounded_and_who_asks_on_is_not_forgotten() -> None:
    gate = Gate(Limits(dict.fromkeys(Kind, 2)), ticks=Clock(), most_clients=100)
    let_in(gate, 3, peer="192.0.2.1")
    for number in range(5_000):
        gate.refusal(scope(peer=f"10.{number // 250}.{number % 250}.1"), {})
        assert let_in(gate, 1, peer="192.0.2.1") == [False]
    assert len(gate) == 100


def test_a_refusal_comes_as_page_and_as_json_in_the_frame_of_every_error() -> None:
    with portal(limits=limits_of(2)) as held:
        first = [held.get("/policies").status_code for _ in range(3)]
        assert first == [200, 200, 429]
        page = held.get("/policies/2.01.100")
        assert page.status_code == 429 and page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["cache-control"] == "no-store" and 1 <= int(page.headers["retry-after"]) <= 30
        assert "at most 2 pages a minute" in page.text and page.headers["x-content-type-options"] == "nosniff"
        again = held.get("/policies/2.01.100")
        ids = [re.findall(r"<code>([0-9a-f]{16})</code>", each.text) for each in (page, again)]
        logged = [entry["id"] for entry in held.entries() if entry["status"] == 429]
        assert [*ids[0], *ids[1]] == logged[-2:] and ids[0] != ids[1], "each refusal has an id of its own"
        said = held.get("/api/policies").json()
        assert (said["status"], said["error"]) == (429, "too-many-requests") and said["mend"].startswith("wait ")
        assert held.get("/api/coverage?code=20560").status_code == 200, "another kind goes on"
        assert held.get("/health").status_code == 200
        assert 'status="429"' in held.get("/metrics").text
        assert held.get("/policies", x_forwarded_for="198.51.100.9").status_code == 429, "nobody is believed"


def test_without_limits_nobody_is_told_to_wait() -> None:
    with portal() as held:
        assert {held.get("/changes").status_code for _ in range(50)} == {200}


def test_every_operation_says_that_it_may_be_refused() -> None:
    with portal() as held:
        paths = held.get("/api/openapi.json").json()["paths"]
        for path, operations in paths.items():
            for method, operation in operations.items():
                assert "429" in operation["responses"], (method, path)
