"""Each law is shown on both databases: a file of SQLite, and a real PostgreSQL that the tests start."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.server import Server, binaries


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server. Where none is installed the tests that need it are skipped, but never in CI."""
    programs = binaries()
    if programs is None:
        words = "no PostgreSQL server is installed here (Debian: apt install postgresql)"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)
    held = Server(programs)
    yield held
    held.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger may be, in either database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    server: Server = request.getfixturevalue("server")
    return server.new_database()
