"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by a socket there, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

SETTINGS = "-c listen_addresses='' -c max_connections=40 -c shared_buffers=32MB"


def binaries() -> Path | None:
    """The newest server's programs, where one is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).parent if beside else None


def running() -> Iterator[Server]:
    """A server while tests need it. Where none is installed they are skipped, but never in CI."""
    programs = binaries()
    if programs is None:
        words = "no PostgreSQL server is installed here (Debian: apt install postgresql)"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)
    held = Server(programs)
    yield held
    held.close()


class Server:
    """One cluster. A server refuses to run as root, so there it runs as the user ``nobody``."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="medpol-pg-"))
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        self.run("initdb", "-D", self.data, "-U", "medpol", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    def run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            cwd=self.folder,
            user=self._user,
            extra_groups=None if self._user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )
        output = done.stdout.decode(errors="replace")
        assert done.returncode == 0, f"{program}: {output}"
        return output

    def start(self) -> None:
        options = f"{SETTINGS} -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", "-D", self.data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def new_database(self) -> str:
        """The address of an empty database: always the same one, emptied, since making one takes long."""
        with self.connect("postgres") as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ledger'")
            if connection.execute("SELECT FROM pg_database WHERE datname = 'ledger'").fetchone() is None:
                connection.execute("CREATE DATABASE ledger")
        with self.connect("ledger") as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return f"postgresql://medpol@/ledger?host={self.folder}"

    def connect(self, place: str) -> psycopg.Connection:
        """A connection of an administrator, to a database by its name or its address."""
        return psycopg.connect(host=str(self.folder), user="medpol", dbname=name_of(place), autocommit=True)

    def close(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def name_of(place: str) -> str:
    """The database in an address that ``new_database`` gave."""
    return place.removeprefix("postgresql://medpol@/").partition("?")[0]
