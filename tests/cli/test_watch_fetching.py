"""The one fetch: patient with a busy service, deaf to everything but registered hosts. No test waits, none is on a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import respx
from tests.evidence.watching.shapes import page, study, version

from medpol.cli.fetching import Fetcher
from medpol.cli.recordings import Recordings
from medpol.cli.stops import Stop
from medpol.evidence.watching import FetchFailed, Request, watch
from medpol.evidence.watching.clinical_trials import SOURCE as REGISTRY
from medpol.evidence.watching.memory import Memory
from medpol.evidence.watching.values import TrialListed, Watched

HOST = "clinicaltrials.gov"
ADDRESS = f"https://{HOST}/api/v2/studies?filter.ids=NCT00000001"
PUBMED = "eutils.ncbi.nlm.nih.gov"
START = datetime(2024, 2, 8, 9, tzinfo=UTC)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now)


def fetcher(clock: Clock | None = None, **more: object) -> Fetcher:
    held = clock or Clock()
    given = {
        "clock": held,
        "wall": held.wall,
        "sleep": held.sleep,
        "chance": lambda: 1.0,
        "resolve": lambda host: ["9.9.9.9"],
    }
    return Fetcher([HOST, PUBMED, "api.crossref.org"], "analyst@example.org", **(given | more))  # type: ignore[arg-type]


def answered(body: bytes = b"{}", **headers: str) -> httpx.Response:
    return httpx.Response(200, content=body, headers={"content-type": "application/json"} | headers)


@respx.mock
def test_an_answer_comes_back_as_it_is_and_we_say_who_we_are() -> None:
    route = respx.get(ADDRESS).mock(return_value=answered(b"[1]"))
    answer = fetcher()(Request(ADDRESS))
    assert (answer.status, answer.body, answer.address, answer.fetched_at) == (
        200,
        b"[1]",
        ADDRESS,
        "2024-02-08T09:00:00Z",
    )
    sent = route.calls[0].request.headers
    assert sent["user-agent"].startswith("medpol/") and "mailto:analyst@example.org" in sent["user-agent"]
    assert sent["accept"] == "application/json"


@respx.mock
@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_service_is_waited_for_longer_each_time(status: int) -> None:
    clock = Clock()
    respx.get(ADDRESS).mock(side_effect=[httpx.Response(status)] * 4 + [answered()])
    assert fetcher(clock)(Request(ADDRESS)).status == 200
    assert [each for each in clock.slept if each >= 1] == [1, 2, 4, 8]


@respx.mock
def test_waiting_is_spread_by_chance_and_capped() -> None:
    clock = Clock()
    respx.get(ADDRESS).mock(return_value=httpx.Response(503))
    with pytest.raises(FetchFailed, match=r"status 503.*tried 6 times"):
        fetcher(clock, chance=lambda: 0.0)(Request(ADDRESS))
    assert sum(clock.slept) < 6 * 60


@respx.mock
@pytest.mark.parametrize(("said", "waited"), [("7", 7), ("Thu, 08 Feb 2024 09:00:30 GMT", 30), ("soon", 1)])
def test_a_service_is_waited_for_as_long_as_it_asks(said: str, waited: float) -> None:
    clock = Clock()
    respx.get(ADDRESS).mock(side_effect=[httpx.Response(429, headers={"retry-after": said}), answered()])
    assert fetcher(clock)(Request(ADDRESS)).status == 200
    assert clock.slept[0] == waited


@respx.mock
def test_a_service_that_asks_for_a_day_is_left_alone() -> None:
    route = respx.get(ADDRESS).mock(return_value=httpx.Response(429, headers={"retry-after": "86400"}))
    with pytest.raises(FetchFailed, match="left alone for 86,400 seconds"):
        fetcher()(Request(ADDRESS))
    assert route.call_count == 1


@respx.mock
def test_time_outs_and_cut_off_answers_are_tried_again() -> None:
    respx.get(ADDRESS).mock(
        side_effect=[
            httpx.ReadTimeout("slow"),
            httpx.RemoteProtocolError("cut"),
            answered(b"{", **{"content-length": "900"}),
            answered(b"{}"),
        ]
    )
    assert fetcher()(Request(ADDRESS)).body == b"{}"


@respx.mock
@pytest.mark.parametrize(
    ("side_effect", "said"),
    [
        (httpx.ReadTimeout("slow"), "in time"),
        (httpx.ConnectError("no route"), "cannot be reached"),
        (answered(b"{", **{"content-length": "900"}), "1 of 900 bytes"),
    ],
)
def test_a_service_that_stays_away_is_named_as_such(side_effect: object, said: str) -> None:
    respx.get(ADDRESS).mock(side_effect=[side_effect] * 6)
    with pytest.raises(FetchFailed, match=said):
        fetcher()(Request(ADDRESS))


@respx.mock
def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    read = []

    def endless():  # type: ignore[no-untyped-def]
        while True:
            read.append(1)
            yield b"x" * 1000

    respx.get(ADDRESS).mock(return_value=httpx.Response(200, content=endless()))
    with pytest.raises(FetchFailed, match="larger than 5,000 bytes"):
        fetcher()(Request(ADDRESS, limit=5000))
    assert len(read) == 6


@respx.mock
def test_an_answer_that_drips_is_given_up() -> None:
    clock = Clock()

    def dripping():  # type: ignore[no-untyped-def]
        while True:
            clock.now += 10
            yield b"x"

    respx.get(ADDRESS).mock(return_value=httpx.Response(200, content=dripping()))
    with pytest.raises(FetchFailed, match="longer than 120 seconds"):
        fetcher(clock)(Request(ADDRESS))


@respx.mock
def test_redirects_stay_at_home() -> None:
    respx.get(ADDRESS).mock(return_value=httpx.Response(301, headers={"location": "/api/v2/other"}))
    respx.get(f"https://{HOST}/api/v2/other").mock(return_value=answered(b"[2]"))
    answer = fetcher()(Request(ADDRESS))
    assert (answer.body, answer.address) == (b"[2]", ADDRESS)


@respx.mock
@pytest.mark.parametrize(
    "location",
    [
        "https://example.org/x",
        f"http://{HOST}/x",
        f"https://{HOST}:8443/x",
        "//example.org/x",
        f"https://{HOST}@example.org/x",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(location: str) -> None:
    respx.get(ADDRESS).mock(return_value=httpx.Response(302, headers={"location": location}))
    with pytest.raises(FetchFailed, match="not followed there"):
        fetcher()(Request(ADDRESS))
    assert len(respx.calls) == 1


@respx.mock
def test_redirects_in_a_circle_end() -> None:
    respx.get(ADDRESS).mock(return_value=httpx.Response(302, headers={"location": ADDRESS}))
    with pytest.raises(FetchFailed, match="more than 3 times"):
        fetcher()(Request(ADDRESS))


@pytest.mark.parametrize(
    "address",
    [
        f"http://{HOST}/x",
        "https://example.org/x",
        f"https://{HOST}:8443/x",
        f"https://user@{HOST}/x",
        "file:///etc/hosts",
    ],
)
def test_only_https_to_registered_hosts_is_spoken(address: str) -> None:
    with pytest.raises(FetchFailed, match="only https to"):
        fetcher()(Request(address))


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.1.1", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1", "224.0.0.1"]
)
def test_a_name_that_stands_for_a_private_address_is_not_spoken_to(address: str) -> None:
    with pytest.raises(FetchFailed, match="no public address"):
        fetcher(resolve=lambda host: ["9.9.9.9", address])(Request(ADDRESS))


@respx.mock
def test_each_host_has_its_own_pace() -> None:
    respx.get(url__startswith="https://").mock(return_value=answered())
    for key, pause in (("", 1 / 3), ("k", 0.1)):
        clock = Clock()
        fetch = fetcher(clock, key=key)
        for host, each in ((HOST, 1.0), (PUBMED, pause)):
            before = clock.now
            for _ in range(4):
                fetch(Request(f"https://{host}/x"))
            assert clock.now - before == pytest.approx(3 * each)


@respx.mock
def test_key_and_contact_leave_with_the_request_and_are_kept_nowhere(tmp_path: Path) -> None:
    route = respx.get(url__startswith=f"https://{PUBMED}/").mock(
        return_value=answered(b'{"api-key":"s3cret"}', **{"set-cookie": "a=b"})
    )
    record = Recordings(tmp_path, secrets=("s3cret", "analyst@example.org"))
    answer = fetcher(key="s3cret", record=record)(Request(f"https://{PUBMED}/e?db=pubmed"))
    sent = str(route.calls[0].request.url)
    assert "api_key=s3cret" in sent and "email=analyst%40example.org" in sent and "tool=medpol" in sent
    assert answer.address == f"https://{PUBMED}/e?db=pubmed"
    written = next(tmp_path.glob("*.json")).read_text()
    assert "s3cret" not in written and "analyst" not in written and "cookie" not in written
    again = Recordings.read(tmp_path)(Request(f"https://{PUBMED}/e?db=pubmed"))
    assert (again.body, again.header("content-type")) == (b'{"api-key":"REDACTED"}', "application/json")


@respx.mock
def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    route = respx.get(ADDRESS).mock(
        side_effect=[
            answered(b"[1]", etag='"a"', **{"last-modified": "Wed, 07 Feb 2024 09:00:00 GMT"}),
            httpx.Response(304),
        ]
    )
    fetcher(kept=Recordings.read(tmp_path, must_exist=False))(Request(ADDRESS))
    clock = Clock()
    clock.now = 60.0
    answer = fetcher(clock, kept=Recordings.read(tmp_path))(Request(ADDRESS))
    assert (answer.status, answer.body, answer.fetched_at) == (200, b"[1]", "2024-02-08T09:01:00Z")
    sent = route.calls[1].request.headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"a"', "Wed, 07 Feb 2024 09:00:00 GMT")


def test_a_body_that_is_no_text_is_recorded_byte_for_byte(tmp_path: Path) -> None:
    with respx.mock:
        respx.get(ADDRESS).mock(return_value=answered(b"\xff\x00\xfe"))
        fetcher(record=Recordings(tmp_path))(Request(ADDRESS))
    assert Recordings.read(tmp_path)(Request(ADDRESS)).body == b"\xff\x00\xfe"


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '{"kind": "medpol recorded answer 2", "request": "x", "status": 200, "headers": {}, "fetched_at": "x", "body": ""}',
    ],
)
def test_a_file_that_is_no_recorded_answer_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(Stop, match=r"a\.json is no recorded answer"):
        Recordings.read(tmp_path)


@respx.mock
def test_busy_services_lose_no_page() -> None:
    """Twenty-one pages, every one of them refused once or twice first."""
    trials = tuple(TrialListed(f"NCT{at:08d}", completion="Dec 2024") for at in range(1, 2001))
    tries: dict[str, int] = {}

    def service(request: httpx.Request) -> httpx.Response:
        address = str(request.url)
        tries[address] = tries.get(address, 0) + 1
        if tries[address] <= 1 + len(address) % 2:
            return httpx.Response((429, 503)[tries[address] % 2], headers={"retry-after": "2"})
        if request.url.path.endswith("/version"):
            return answered(version())
        return answered(page([study(nct, completion="2024-12") for nct in request.url.params["filter.ids"].split("|")]))

    respx.get(url__startswith=f"https://{HOST}/").mock(side_effect=service)
    steps = list(watch([Watched("EX-1", trials)], [REGISTRY], Memory(), fetcher(), START.date()))
    assert [each.refused for each in steps if each.refused] == []
    assert len(steps[-1].memory.of("EX-1").trials) == 2000
    assert len(tries) == 21
