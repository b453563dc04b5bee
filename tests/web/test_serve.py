"""``medpol serve`` as a process: it says where it answers, writes its log, and stops when asked."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from tests.cli.running import environment, run
from tests.support import EXAMPLES


def test_it_says_where_it_answers_and_stops_when_asked(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    served = subprocess.Popen(
        [sys.executable, "-m", "medpol", "serve", "--policies", str(EXAMPLES), "--port", "0", "--ledger", str(place)],
        stderr=subprocess.PIPE,
        env=environment(),
        encoding="utf-8",
    )
    assert served.stderr is not None
    try:
        said = served.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address is not None, said
        with urlopen(f"{address[0]}health") as answer:
            assert json.load(answer)["status"] == "ok"
        asked = Request(f"{address[0]}api/determinations", b'{"code": "20552"}')
        with urlopen(asked) as answer:
            id = answer.headers["Medpol-Record"].partition(";")[0]
        with urlopen(f"{address[0]}policies/EX-2.02.001") as answer:
            assert "server" not in answer.headers
        served.send_signal(signal.SIGTERM)
        rest = served.stderr.read()
        assert served.wait(timeout=60) == 0
    finally:
        served.kill()
        served.stderr.close()
        served.wait()
    assert [json.loads(line)["route"] for line in rest.splitlines()] == [
        "/health",
        "/api/determinations",
        "/policies/{page}",
    ]
    kept = run("ledger", "show", id, "--database", place, "--format", "json")
    assert kept.code == 0 and kept.json["case"]["code"] == "20552"
    assert run("ledger", "verify", "--database", place).code == 0


def test_a_port_that_is_taken_ends_it_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = run("serve", "--port", taken.getsockname()[1])
    assert ran.code == 75 and "choose another --port" in ran.talk


def test_a_folder_that_holds_no_library_ends_it_at_once() -> None:
    assert run("serve", "--policies", "/nowhere/at/all").code == 3


def test_a_ledger_that_cannot_be_worked_with_ends_it_at_once(tmp_path: Path) -> None:
    place = tmp_path / "ledger.db"
    place.write_bytes(b"no database at all " * 100)
    assert run("serve", "--port", "0", "--ledger", place).code == 4
    assert run("serve", "--port", "0", "--database", "postgresql://me:secret@nowhere/db").code == 2
