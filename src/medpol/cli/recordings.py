"""Answers kept in files, one each: recorded from a live run, saved for a site without a network, or kept to be asked again.

The format, field by field, is in docs/watching.md. An address holds no key and no mail address: they are added to a
request only as it leaves, and never come back.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from medpol.cli.output import writing
from medpol.cli.stops import NOT_FOUND, REFUSED, Stop
from medpol.evidence.watching import Answer, FetchFailed, Request

_KIND = "medpol recorded answer 1"
_HEADERS = ("content-type", "etag", "last-modified", "date")
"""Headers that are kept; a cookie is not."""


class _Recording(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    request: str
    status: int
    headers: dict[str, str]
    fetched_at: str
    synthetic: bool = False
    body: str | None = None
    body_base64: str | None = None


class Recordings:
    """Answers by their address. ``folder`` is where new ones are written; ``secrets`` are taken out of what is written."""

    def __init__(self, folder: Path, held: dict[str, Answer] | None = None, secrets: Iterable[str] = ()) -> None:
        self.folder, self._held = folder, {} if held is None else held
        self._secrets = tuple(each.encode() for each in secrets if each)
        self._used: set[str] = set()

    @classmethod
    def read(cls, folder: Path, *, must_exist: bool = True) -> Recordings:
        """The answers of a folder; of two to one address, the later one. Ends the command where one cannot be read (4)."""
        if not folder.is_dir():
            if must_exist:
                raise Stop(NOT_FOUND, f"no recorded answers at {folder}: expected a folder that --record wrote")
            return cls(folder)
        held: dict[str, Answer] = {}
        for path in sorted(folder.rglob("*.json")):
            answer = _read(path)
            known = held.get(answer.address)
            if known is None or known.fetched_at <= answer.fetched_at:
                held[answer.address] = answer
        return cls(folder, held)

    def __call__(self, request: Request) -> Answer:
        """The recorded answer. Raises ``FetchFailed`` where none was recorded."""
        answer = self.find(request.address)
        if answer is None:
            raise FetchFailed(f"no answer to it is recorded in {self.folder}")
        return answer

    def find(self, address: str) -> Answer | None:
        self._used.add(address)
        return self._held.get(address)

    @property
    def last_day(self) -> str:
        """The day of the latest answer, nothing where there is none: what was recorded is as old as that."""
        return max((each.fetched_at[:10] for each in self._held.values()), default="")

    def keep(self, answer: Answer) -> None:
        """Write an answer into its file, whole or not at all."""
        self._held[answer.address] = answer
        self._used.add(answer.address)
        body = answer.body
        for each in self._secrets:
            body = body.replace(each, b"REDACTED")
        recording = _Recording(
            _KIND,
            answer.address,
            answer.status,
            {name: value for name, value in answer.headers if name in _HEADERS},
            answer.fetched_at,
        )
        try:
            recording.body = body.decode()
        except UnicodeDecodeError:
            recording.body_base64 = base64.b64encode(body).decode()
        write_whole(self._path(answer.address), msgspec.json.format(msgspec.json.encode(recording), indent=1) + b"\n")

    def drop_unused(self) -> None:
        """Remove the files of addresses that nobody asked for since the folder was read."""
        for address in self._held.keys() - self._used:
            with writing():
                self._path(address).unlink(missing_ok=True)

    def _path(self, address: str) -> Path:
        host = urlsplit(address).hostname or "unknown"
        return self.folder / f"{host}-{hashlib.sha256(address.encode()).hexdigest()[:16]}.json"


def write_whole(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all, on the disk before this comes back."""
    with writing():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.part")
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def _read(path: Path) -> Answer:
    try:
        held = msgspec.json.decode(path.read_bytes(), type=_Recording)
        if held.kind != _KIND:
            raise ValueError(f"kind is {held.kind!r}; expected {_KIND!r}")
        if (held.body is None) == (held.body_base64 is None):
            raise ValueError("expected one of body and body_base64")
        body = held.body.encode() if held.body is not None else base64.b64decode(held.body_base64 or "", validate=True)
    except OSError as problem:
        raise Stop(REFUSED, f"{path} cannot be read: {problem.strerror}") from problem
    except (ValueError, RecursionError) as problem:
        raise Stop(REFUSED, f"{path} is no recorded answer: {problem}") from problem
    headers = tuple((name.lower(), value) for name, value in held.headers.items())
    return Answer(held.request, held.status, headers, body, held.fetched_at)
