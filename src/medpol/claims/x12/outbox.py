"""Rows wait here until their interchange is whole: in memory while it is small, in a nameless temporary file when not.

Nothing of an interchange leaves before its IEA agrees, and nothing of one that does not agree leaves at all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from medpol.claims.x12.batches import BATCH, SCHEMA, ClaimRow, LineRow, record_batch

IN_MEMORY = 64 << 20
"""Bytes of one interchange's batches that stay in memory; what is more goes to the temporary folder."""


_CLAIM, _LINE = len(ClaimRow._fields), len(LineRow._fields)


class Outbox:
    """Claims and lines as they are read; ``leaving`` gives the batches whose interchange was confirmed."""

    def __init__(self, *, batch: int = BATCH, temporary: Path | None = None, in_memory: int = IN_MEMORY) -> None:
        self._claims: list[Any] = []
        self._lines: list[Any] = []
        self._batch = batch * _LINE
        self._temporary, self._in_memory = temporary, in_memory
        self._confirmed_claims = self._confirmed_lines = 0
        self._held: _Held | None = None
        self._ready: list[Iterable[pa.RecordBatch]] = []

    def add_claim(self, row: ClaimRow) -> int:
        """The place of the claim, by which its lines name it until there is no room."""
        self._claims.extend(row)
        return len(self._claims) // _CLAIM - 1

    def add_line(self, row: LineRow) -> None:
        self._lines.extend(row)

    def is_full(self) -> bool:
        """Whether a batch is here; then ``make_room`` is due, after which every claim has to be added anew."""
        return len(self._lines) >= self._batch

    def make_room(self) -> None:
        """Pack what is here: the confirmed part is ready to leave, the open interchange's part is held apart."""
        self._pack_confirmed()
        if self._lines:
            if self._held is None:
                self._held = _Held(self._temporary, self._in_memory)
            self._held.write(record_batch(self._claims, self._lines))
        self._claims.clear()
        self._lines.clear()

    def confirm(self) -> None:
        """The open interchange is whole: its rows may leave, in their order."""
        if self._held is not None:
            self.make_room()
            self._ready.append(self._held.read())
            self._held = None
        self._confirmed_claims, self._confirmed_lines = len(self._claims), len(self._lines)

    def drop(self) -> None:
        """The open interchange is refused: nothing of it stays."""
        if self._held is not None:
            self._held.close()
            self._held = None
        del self._claims[self._confirmed_claims :]
        del self._lines[self._confirmed_lines :]

    def leaving(self, *, is_end: bool = False) -> Iterator[pa.RecordBatch]:
        """The batches that are ready; at the end of the file also the last, smaller one."""
        if is_end:
            self.drop()
            self._pack_confirmed()
        ready, self._ready = self._ready, []
        for batches in ready:
            yield from batches

    def _pack_confirmed(self) -> None:
        if self._confirmed_lines:
            claims, lines = self._claims[: self._confirmed_claims], self._lines[: self._confirmed_lines]
            self._ready.append((record_batch(claims, lines),))
            del self._claims[: self._confirmed_claims]
            del self._lines[: self._confirmed_lines]
            # The lines that stay count their claims from the first that stays.
            gone = self._confirmed_claims // _CLAIM
            self._lines[::_LINE] = [claim - gone for claim in self._lines[::_LINE]]
        self._confirmed_claims = self._confirmed_lines = 0


class _Held:
    """The batches of one interchange, written as an Arrow stream; the file has no name and no one else can open it."""

    def __init__(self, temporary: Path | None, in_memory: int) -> None:
        folder = None if temporary is None else str(temporary)
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory, dir=folder)  # noqa: SIM115
        self._stream = pa.ipc.new_stream(pa.PythonFile(self._file, mode="w"), SCHEMA)

    def write(self, batch: pa.RecordBatch) -> None:
        self._stream.write_batch(batch)

    def read(self) -> Iterator[pa.RecordBatch]:
        self._stream.close()
        self._file.seek(0)
        with self._file, pa.ipc.open_stream(pa.PythonFile(self._file, mode="r")) as stream:
            yield from stream

    def close(self) -> None:
        self._file.close()
