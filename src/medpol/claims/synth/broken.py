"""Whole files broken on purpose, small ones, each in one way, with what must come of it: section 4 of the claims page as files.

``refused``: nothing of the file is read. ``rejected``: every line of it is a reject. ``read``: it is odd and sound.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medpol.claims.synth.background import background
from medpol.claims.synth.planting import Form
from medpol.claims.synth.rows import CLAIMS
from medpol.claims.synth.words import Words
from medpol.claims.synth.writing import ParquetTable, csv_lines, write_x12

_LINES = 40
_MARK = b"\xef\xbb\xbf"
TRUTH = "truth.csv"


@dataclass(frozen=True, slots=True)
class Broken:
    """A file: its name, what must come of it, why, and how its bytes are made of a sound file's."""

    name: str
    expected: str
    why: str
    bytes_of: Callable[[bytes], bytes]
    reject_key: str = ""


def write_broken(folder: Path, form: Form, seed: int) -> None:
    """Writes the broken files of a form, and the truth about them."""
    folder.mkdir()
    claims = background(Words(seed, 0), form, 0, _LINES)
    sound = folder / f"sound{_suffix(form)}"
    _write(sound, form, claims)
    data = sound.read_bytes()
    rows = [(sound.name, "read", "", "nothing is wrong with it")]
    for each in (*_files(form), *_tables(form, claims, folder)):
        name = each.name + _suffix(form)
        (folder / name).write_bytes(each.bytes_of(data))
        rows.append((name, each.expected, each.reject_key, each.why))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("file", "expected", "reject_key", "why"), *rows])
    (folder / TRUTH).write_text(out.getvalue(), "utf-8")


def _suffix(form: Form) -> str:
    return ".837" if form.is_x12 else f".{form.value}"


def _write(path: Path, form: Form, claims: pa.Table) -> None:
    if form.is_x12:
        write_x12(path, form, [claims])
    elif form is Form.CSV:
        path.write_bytes((",".join(claims.column_names) + "\n").encode("ascii") + csv_lines(claims))
    else:
        with ParquetTable(path, claims.schema) as table:
            table.put(claims)


def _files(form: Form) -> tuple[Broken, ...]:
    match form:
        case Form.CSV:
            return _CSV
        case Form.PARQUET:
            return _PARQUET
        case _:
            return _X12


# ---------------------------------------------------------------------------- CSV


def _line(data: bytes, at: int, change: Callable[[bytes], bytes]) -> bytes:
    """The file with one of its lines changed; the header is line 0."""
    lines = data.split(b"\n")
    lines[at] = change(lines[at])
    return b"\n".join(lines)


def _reordered(data: bytes) -> bytes:
    """Every row, header and all, from its last cell to its first."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row[::-1] for row in csv.reader(io.StringIO(data.decode("utf-8"))))
    return out.getvalue().encode("utf-8")


def _second_name(header: bytes) -> bytes:
    """The header with its second name in place of its third."""
    first, second, _, rest = header.split(b",", 3)
    return b",".join((first, second, second, rest))


_CSV: tuple[Broken, ...] = (
    Broken("ragged", "refused", "a row has a cell less", lambda data: _line(data, 7, lambda line: line.rpartition(b",")[0]), "wrong-width"),
    Broken("unclosed-quote", "refused", "a quote is never closed", lambda data: _line(data, 7, lambda line: b'"' + line)),
    Broken("other-order", "read", "the columns stand in another order, and are read by name", _reordered),
    Broken("no-header", "refused", "the first line is a row", lambda data: data.partition(b"\n")[2]),
    Broken("header-twice", "refused", "two columns have one name", lambda data: _line(data, 0, _second_name)),
    Broken("nul-byte", "refused", "a NUL byte", lambda data: _line(data, 7, lambda line: line + b"\0")),
    Broken("mixed-line-ends", "refused", "one line ends in CR LF", lambda data: _line(data, 7, lambda line: line + b"\r")),
    Broken("blank-line", "refused", "a blank line between rows", lambda data: _line(data, 7, lambda line: b"\n" + line)),
    Broken("open-end", "refused", "the last line has no line end, as in a file that was cut", lambda data: data[:-1]),
    Broken("cut", "refused", "cut in the middle of a row", lambda data: data[: data.index(b"\n", len(data) * 2 // 3) - 9]),
    Broken("marked", "read", "a byte order mark at its head", lambda data: _MARK + data),
    Broken("marked-twice", "refused", "a second byte order mark", lambda data: _MARK + _line(data, 7, lambda line: _MARK + line)),
    Broken("not-utf-8", "refused", "bytes of another encoding", lambda data: _line(data, 7, lambda line: b"\xe9" + line)),
    Broken(
        "line-end-in-code", "refused", "a line end inside the quotes of a code",
        lambda data: data.replace(b",professional,", b',"profes\nsional",', 1),
    ),
)  # fmt: skip

# ---------------------------------------------------------------------------- Parquet


def _flipped(data: bytes) -> bytes:
    """One bit turned in the last byte of a page: nothing but the checksum of the page tells."""
    chunk = pq.ParquetFile(pa.BufferReader(data)).metadata.row_group(0).column(CLAIMS.get_field_index("claim_id"))
    first = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
    at = first + chunk.total_compressed_size - 1
    return data[:at] + bytes([data[at] ^ 16]) + data[at + 1 :]


_PARQUET: tuple[Broken, ...] = (
    Broken("cut", "refused", "cut before its end", lambda data: data[: len(data) * 2 // 3]),
    Broken("no-head", "refused", "cut at its head", lambda data: data[64:]),
    Broken("flipped-bit", "refused", "a bit is turned, which the checksum of its page tells", _flipped),
)


def _tables(form: Form, claims: pa.Table, folder: Path) -> Iterator[Broken]:
    """Parquet files that are whole, but whose columns cannot be what they are named."""
    if form is not Form.PARQUET:
        return
    codes = pa.array(range(claims.num_rows), pa.int64())
    at = CLAIMS.get_field_index("hcpcs_code")
    cents = pa.array([0.285] * claims.num_rows, pa.float64())
    amount = CLAIMS.get_field_index("charge_amount")
    whole = pa.array([index + 0.1 + 0.2 for index in range(claims.num_rows)], pa.float64())
    for name, expected, key, why, table in (
        ("integer-codes", "refused", "", "codes are numbers: leading zeros are gone", claims.set_column(at, "hcpcs_code", codes)),
        ("case-of-names", "refused", "", "two columns differ in case alone", claims.append_column("HCPCS_CODE", claims["hcpcs_code"])),
        ("no-code-column", "refused", "", "the column of service codes is not there", claims.drop_columns("hcpcs_code")),
        ("floating-cents", "read", "", "floating point just beside whole cents", claims.set_column(amount, "charge_amount", whole)),
        ("floating-parts", "rejected", "bad-amount", "floating point between two cents", claims.set_column(amount, "charge_amount", cents)),
    ):  # fmt: skip
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        data = sink.getvalue().to_pybytes()
        yield Broken(name, expected, why, lambda _, data=data: data, key)  # type: ignore[misc]


# ---------------------------------------------------------------------------- X12


def _element(data: bytes, segment: bytes, at: int, value: bytes) -> bytes:
    """The file with one element of the first segment of its name set."""
    segments = data.split(b"~")
    for number, each in enumerate(segments):
        elements = each.split(b"*")
        if elements[0] == segment:
            elements[at] = value
            segments[number] = b"*".join(elements)
            return b"~".join(segments)
    raise AssertionError(segment)


_X12: tuple[Broken, ...] = (
    Broken("interchange-number", "rejected", "IEA02 is not ISA13", lambda data: _element(data, b"IEA", 2, b"000000009"), "envelope"),
    Broken("group-count", "rejected", "IEA01 counts another number of groups", lambda data: _element(data, b"IEA", 1, b"9"), "envelope"),
    Broken("group-number", "rejected", "GE02 is not GS06", lambda data: _element(data, b"GE", 2, b"9"), "envelope"),
    Broken("set-count", "rejected", "GE01 counts another number of transaction sets", lambda data: _element(data, b"GE", 1, b"9"), "envelope"),
    Broken("set-number", "rejected", "SE02 is not ST02", lambda data: _element(data, b"SE", 2, b"0009"), "envelope"),
    Broken("segment-count", "rejected", "SE01 counts another number of segments", lambda data: _element(data, b"SE", 1, b"9"), "envelope"),
    Broken("cut", "rejected", "cut before its IEA", lambda data: data[: data.rindex(b"~", 0, len(data) * 2 // 3) + 1], "envelope"),
    Broken("old-qualifiers", "read", "BK and BF before ICD-10 codes, as old feeds write", lambda data: data.replace(b"ABK:", b"BK:").replace(b"ABF:", b"BF:")),
    Broken("line-ends", "read", "a line end after each segment", lambda data: data.replace(b"~", b"~\n")),
)  # fmt: skip
