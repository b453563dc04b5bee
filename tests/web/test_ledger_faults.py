"""The ledger's database goes away or fills up under a portal: no determination leaves, look-ups do, and it goes on by itself."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from litestar.testing import TestClient
from tests.cli.running import environment
from tests.ledger.server import Server, running

import medpol
from medpol.ledger import Ledger, verify
from medpol.library import SHIPPED
from medpol.web import Log, Site, make_app
from medpol.web.recording import Recording

CASE = {"code": "20560", "line_of_business": "commercial", "age": "44 years"}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from running()


@contextmanager
def portal_on(place: str) -> Iterator[tuple[TestClient, Ledger]]:
    log = Log(io.BytesIO(), lambda: NOON)
    site = Site(SHIPPED, medpol.read(SHIPPED), log)
    with Ledger.open(place, patience_seconds=2) as ledger:
        app = make_app(site, today=lambda: date(2026, 11, 23), log=log, recording=Recording(ledger, lambda: NOON))
        with TestClient(app) as client:
            yield client, ledger


def test_a_postgresql_that_is_gone_gives_503_and_is_found_again(server: Server) -> None:
    with portal_on(server.new_database()) as (client, ledger):
        assert client.post("/api/determinations", json=CASE).status_code == 201
        server.stop("immediate")
        try:
            for answer in (
                client.post("/api/determinations", json=CASE),
                client.post("/api/determinations/batch", json=[CASE, CASE]),
                client.post("/coverage", data={"code": "20560", "f.diagnosis": "=", "v.diagnosis": "M79.18"}),
            ):
                assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
                assert "investigational" not in answer.text and "medpol-record" not in answer.headers
            look_up = client.get("/api/coverage?code=20560&line_of_business=commercial")
            assert (look_up.status_code, look_up.json()["outcome"]) == (200, "not_covered")
            assert client.get("/policies/2.01.100").status_code == client.get("/search?q=needling").status_code == 200
        finally:
            server.start()
        assert client.post("/api/determinations", json=CASE).status_code == 201
        found = verify(ledger)
        assert found.holds and found.entries == 2


FULL = """
import io, json, resource, signal, sys
from datetime import UTC, date, datetime
from litestar.testing import TestClient
import medpol
from medpol.ledger import Ledger, verify
from medpol.library import SHIPPED
from medpol.web import Log, Site, make_app
from medpol.web.recording import Recording

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
noon, case = datetime(2026, 11, 23, 12, tzinfo=UTC), json.loads(sys.argv[2])
log = Log(io.BytesIO(), lambda: noon)
with Ledger.open(sys.argv[1], patience_seconds=2) as ledger:
    site = Site(SHIPPED, medpol.read(SHIPPED), log)
    app = make_app(site, today=lambda: date(2026, 11, 23), log=log, recording=Recording(ledger, lambda: noon))
    with TestClient(app) as client:
        ask = lambda: client.post("/api/determinations", json=case)
        kept = [ask().headers["medpol-record"].partition(";")[0] for _ in range(5)]
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
        refused = []
        for _ in range(400):
            answer = ask()
            if answer.status_code == 201:
                kept.append(answer.headers["medpol-record"].partition(";")[0])
            else:
                refused.append([answer.status_code, answer.headers.get("retry-after"), "not_covered" in answer.text])
            if len(refused) == 3:
                break
        look_up = client.get("/api/coverage?code=20560&line_of_business=commercial")
        page = client.get("/policies/2.01.100")
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        answer = ask()
        kept.append(answer.headers["medpol-record"].partition(";")[0])
    found = verify(ledger)
    lost = [id for id in kept if ledger.get(id) is None]
meanwhile = [look_up.status_code, look_up.json()["outcome"], page.status_code]
print(json.dumps([refused, meanwhile, found.holds, found.entries - len(kept), lost]))
"""


def test_a_full_disk_gives_503_and_is_found_to_have_room_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The limit on the size of a file stands for the full disk: SQLite sees the same failure, and no root is needed."""
    place = tmp_path_factory.mktemp("full") / "ledger.db"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(place), json.dumps(CASE)], env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    refused, meanwhile, holds, others, lost = json.loads(done.stdout)
    assert refused == [[503, "5", False]] * 3
    assert meanwhile == [200, "not_covered", 200]
    assert (holds, others, lost) == (True, 0, [])
