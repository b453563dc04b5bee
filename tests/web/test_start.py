"""A library that is broken when the service starts: nothing of it is served, everything says so, and mending it is enough."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from tests.cli.running import environment, run
from tests.support import policy, put
from tests.web.portal import Tags, looked_twice, portal_of

from medpol.web.permissions import PERMISSIONS

BROKEN = {
    "facts.md": "",
    "EX-1/2024-05-01.md": policy(),
    "EX-2/2024-05-01.md": policy(number="EX-2", effective="2024-13-45"),
}
ALWAYS = {"/health", "/health/details", "/metrics", "/static/{name}"}


def test_no_address_serves_a_part_of_a_broken_library_as_if_it_were_the_whole(tmp_path: Path) -> None:
    with portal_of(tmp_path, BROKEN) as held:
        for path in PERMISSIONS.keys() - ALWAYS:
            address = re.sub(r"\{[^}]*\}", "EX-1", path)
            for answer in (held.get(address), held.client.post(address, json={"code": "20560"})):
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "5"), address
                assert answer.headers["cache-control"] == "no-store"
                assert "needl" not in answer.text.casefold() and "2024-13-45" not in answer.text, address
        page = Tags(held.get("/policies/EX-1").text)
        assert "the library has errors, so nothing of it is served" in page.text
        assert "last good state" not in page.text
        sheet = next(each["href"] for tag, each in page.found if tag == "link" and each.get("rel") == "stylesheet")
        assert held.get(sheet).status_code == 200
        assert held.get("/api/policies").json()["status"] == 503


def test_the_state_of_the_service_says_why_and_names_no_document(tmp_path: Path) -> None:
    with portal_of(tmp_path, BROKEN) as held:
        health = held.get("/health")
        assert (health.status_code, health.json()["status"], health.headers["retry-after"]) == (503, "no-library", "5")
        details = held.get("/health/details").json()
        assert (details["status"], details["errors"], details["problems"]) == ("no-library", 1, [])
        assert "medpol_library_errors 1.0" in held.get("/metrics").text
        assert "EX-2" not in health.text + held.get("/metrics").text


def test_it_is_served_as_soon_as_it_is_mended_and_kept_from_then_on(tmp_path: Path) -> None:
    with portal_of(tmp_path, BROKEN) as held:
        put(tmp_path, {"EX-2/2024-05-01.md": policy(number="EX-2", effective="2024-14-01").encode()})
        assert looked_twice(held.site)
        assert held.get("/policies").status_code == 503, "another error is an error still"
        put(tmp_path, {"EX-2/2024-05-01.md": policy(number="EX-2").encode()})
        assert looked_twice(held.site)
        assert held.get("/health").json()["status"] == "ok"
        assert {"EX-1", "EX-2"} <= set(Tags(held.get("/policies").text).text.split())
        assert held.get("/api/coverage?code=20560").json()["outcome"] == "not_covered"
        put(tmp_path, {"EX-2/2024-05-01.md": policy(number="EX-2", effective="2024-13-45").encode()})
        assert looked_twice(held.site)
        assert (held.get("/health").status_code, held.get("/health").json()["status"]) == (200, "last-good")
        assert held.get("/policies/EX-2").status_code == 200


def _fetched(address: str) -> tuple[int, str]:
    try:
        with urlopen(address) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_the_terminal_shows_each_error_with_its_place_and_the_service_comes_up_by_itself(tmp_path: Path) -> None:
    library = put(tmp_path / "library", {name: text.encode() for name, text in BROKEN.items()})
    served = subprocess.Popen(
        [
            *(sys.executable, "-m", "medpol", "serve", "--policies", str(library), "--port", "0"),
            *("--ledger", str(tmp_path / "ledger.db"), "--site", "https://policies.example.org/", "--limit", "0"),
            *("--time-zone", "America/Los_Angeles", "--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8"),
        ],
        stderr=subprocess.PIPE,
        env=environment(),
        encoding="utf-8",
    )
    assert served.stderr is not None
    try:
        said = ""
        while (address := re.search(r"http://127\.0\.0\.1:\d+", said)) is None:
            line = served.stderr.readline()
            assert line, said
            said += line
        assert re.search(r"EX-2/2024-05-01\.md:4:\d+: error", said), said
        assert "every page answers 503 until it is mended" in said
        assert _fetched(f"{address[0]}/policies")[0] == 503
        put(library, {"EX-2/2024-05-01.md": policy(number="EX-2").encode()})
        last = time.monotonic() + 60
        while (found := _fetched(f"{address[0]}/policies/EX-2"))[0] != 200:
            assert time.monotonic() < last, found
            time.sleep(0.2)
        assert "https://policies.example.org/policies/EX-2?date_of_service=" in found[1]
        served.send_signal(signal.SIGTERM)
        served.stderr.read()
        assert served.wait(timeout=60) == 0
    finally:
        served.kill()
        served.stderr.close()
        served.wait()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--time-zone", "America/Los_Angles", "America/Los_Angeles"),
        ("--time-zone", "", "IANA"),
        ("--time-zone", "../etc/passwd", "IANA"),
        ("--time-zone", "America", "IANA"),
        ("--site", "policies.example.org", "expected https://policies.example.org"),
        ("--site", "https://policies.example.org/medical", "nothing behind it"),
        ("--site", "https://me@policies.example.org", "nothing behind it"),
        ("--site", "javascript:alert(1)", "nothing behind it"),
        ("--trusted-proxy", "localhost", "expected 127.0.0.1"),
        ("--trusted-proxy", "10.0.0.0/99", "expected 127.0.0.1"),
        ("--limit", "-1", "greater than or equal to 0"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_with_what_was_expected(option: str, value: str, said: str) -> None:
    ran = run("serve", "--port", "0", option, value)
    assert ran.code == 2 and said in " ".join(ran.talk.split()), ran.talk
