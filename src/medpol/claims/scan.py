"""Our own look at the bytes of a CSV, before any engine reads it: records, widths, quotes, line ends, NUL, UTF-8.

What engines pass over without a word (ragged rows, a quote never closed, a file cut short) is refused here with its
line. The file goes by in blocks that end at a line end, so memory does not grow with it.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from medpol.claims.maps import LINE_ENDS, Delimited
from medpol.claims.refused import ClaimsRefused

BLOCK = 1 << 22
LONGEST_LINE = 1 << 21
"""A longer line is no claim line; DuckDB's own limit is about the same."""
_MARK = codecs.BOM_UTF8
_LF, _CR = 10, 13
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Header:
    """The first line: its names, and how it ends."""

    names: tuple[str, ...]
    line_end: bytes
    size: int
    """Bytes of it, line end included."""


def read_header(path: Path, shown: str, how: Delimited) -> Header:
    """The names of the first line, each once. Raises ``ClaimsRefused`` where it cannot be a header."""
    with path.open("rb") as file:
        start = file.read(LONGEST_LINE)
    if not start.strip(b"\r\n \xef\xbb\xbf"):
        raise ClaimsRefused(f"{shown}:1", "an empty file", "a header and its rows", "check how the file was made")
    line, found, _ = start.partition(b"\n")
    if b"\0" in line:
        raise ClaimsRefused(f"{shown}:1", "a NUL byte", "text", "declare the encoding, or write the file again")
    if not found and b"\r" in line:
        raise ClaimsRefused(
            f"{shown}:1", "lines that end in a carriage return alone", "LF or CRLF", "write the line ends again"
        )
    end = b"\r\n" if line.endswith(b"\r") else b"\n"
    declared = LINE_ENDS[how.line_end] if how.line_end is not None else end
    if end != declared and found:
        raise ClaimsRefused(f"{shown}:1", f"the line end {end!r}", f"{declared!r}, as the map declares", "correct it")
    size = len(line) + len(found)
    try:
        words = line.removeprefix(_MARK).removesuffix(b"\r").decode("utf-8")
        rows = list(
            csv.reader([words], delimiter=how.delimiter, quotechar=how.quote, strict=True)
            if how.quote
            else csv.reader([words], delimiter=how.delimiter, quoting=csv.QUOTE_NONE)
        )
    except (UnicodeDecodeError, csv.Error) as problem:
        raise ClaimsRefused(
            f"{shown}:1", f"the first line cannot be read: {problem}", "a header", "correct it, or declare the encoding"
        ) from None
    names = tuple(rows[0])
    for at, name in enumerate(names, 1):
        if not name.strip():
            raise ClaimsRefused(f"{shown}:1", f"no name for column {at}", "a name for each column", "name it")
        if name in names[: at - 1]:
            raise ClaimsRefused(f"{shown}:1", f"the column {name!r} twice", "each column once", "rename one")
    return Header(names, end, size)


def in_utf_8(path: Path, shown: str, encoding: str, target: Path) -> None:
    """The file in UTF-8, at ``target``. Raises ``ClaimsRefused`` at the first byte that the encoding does not have."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    with path.open("rb") as file, target.open("wb") as out:
        while True:
            block = file.read(BLOCK)
            try:
                words = decoder.decode(block, final=not block)
            except UnicodeDecodeError as problem:
                at = line + problem.object[: problem.start].count(b"\n")
                raise ClaimsRefused(
                    f"{shown}:{at}", f"bytes that are not {encoding}", encoding, "declare the encoding it is in"
                ) from None
            line += words.count("\n")
            out.write(words.encode("utf-8"))
            if not block:
                return


@dataclass(slots=True)
class _Place:
    """Where the scan stands at the beginning of a block."""

    line: int = 2
    records: int = 0
    delimiters: int = 0
    """Of the record that a block before this one began."""
    begun_at: int = 0
    """The line on which that record began, or 0 where none is open."""
    is_inside: bool = False
    quote_line: int = 0
    blank_at: int = 0


def count_records(
    path: Path, shown: str, how: Delimited, header: Header, one_line: Collection[int], *, may_end_open: bool
) -> int:
    """Records below the header, each of the header's width. Raises ``ClaimsRefused`` with the line at fault.

    ``one_line`` are the columns in which a line end inside quotes is refused. ``may_end_open``: a seal has shown that
    the file is whole, so its last line needs no line end.
    """
    place = _Place()
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    block = b""
    for block in _blocks(path, shown, header.size):
        _check_bytes(block, decoder, shown, place)
        _scan(block, shown, how, header, one_line, place)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_text(shown, place.line) from None
    if place.is_inside:
        raise ClaimsRefused(
            f"{shown}:{place.quote_line}", "a quote that is never closed", "its closing quote", "close or double it"
        )
    ends_open = bool(block) and not block.endswith(b"\n")
    if not block:
        with path.open("rb") as file:
            ends_open = not file.read(header.size).endswith(b"\n")
            place.line = 1
    if ends_open and not may_end_open:
        raise ClaimsRefused(
            f"{shown}:{place.line}",
            "a last line without a line end: a file that was cut looks like this",
            "a line end after the last record",
            "send it whole with its seal (`medpol claims seal`), or add the line end",
        )
    return place.records


def _blocks(path: Path, shown: str, start: int) -> Iterator[bytes]:
    """The file below its header in blocks that end at a line end, the last one as it is."""
    rest = b""
    with path.open("rb") as file:
        file.seek(start)
        while more := file.read(BLOCK):
            whole, end, left = (rest + more).rpartition(b"\n")
            if end:
                yield whole + end
            rest = left
            if len(rest) > LONGEST_LINE:
                raise ClaimsRefused(
                    shown, f"a line longer than {LONGEST_LINE:,} bytes", "claim lines", "check how the file was made"
                )
    if rest:
        yield rest


def _check_bytes(block: bytes, decoder: codecs.IncrementalDecoder, shown: str, place: _Place) -> None:
    for bad, what, expected in ((b"\0", "a NUL byte", "text"), (_MARK, "a second byte order mark", "one at the start")):
        if (at := block.find(bad)) >= 0:
            line = place.line + block.count(b"\n", 0, at)
            raise ClaimsRefused(f"{shown}:{line}", what, expected, "write the file again without it")
    try:
        decoder.decode(block)
    except UnicodeDecodeError as problem:
        raise _not_text(shown, place.line + block.count(b"\n", 0, problem.start)) from None


def _not_text(shown: str, line: int) -> ClaimsRefused:
    return ClaimsRefused(
        f"{shown}:{line}", "bytes that are not UTF-8", "UTF-8", "declare the encoding in the map; it is never guessed"
    )


def _scan(block: bytes, shown: str, how: Delimited, header: Header, one_line: Collection[int], place: _Place) -> None:
    signs = np.frombuffer(block, dtype=np.uint8)
    lines = np.flatnonzero(signs == _LF)
    delimiters = np.flatnonzero(signs == ord(how.delimiter))
    outside_lines, returns = lines, np.flatnonzero(signs == _CR)
    if how.quote and (place.is_inside or how.quote.encode() in block):
        is_quote = signs == ord(how.quote)
        inside = np.bitwise_xor.accumulate(is_quote.view(np.uint8)) ^ np.uint8(place.is_inside)
        _check_quotes(signs, np.flatnonzero(is_quote), inside, lines, ord(how.delimiter), shown, place)
        delimiters = delimiters[inside[delimiters] == 0]
        outside_lines = lines[inside[lines] == 0]
        within = np.sort(np.concatenate((lines[inside[lines] == 1], returns[inside[returns] == 1])))
        returns = returns[inside[returns] == 0]
        _check_within(within, outside_lines, delimiters, lines, header, one_line, shown, place)
        place.is_inside = bool(inside[-1])
    _check_line_ends(signs, outside_lines, returns, lines, header, shown, place)
    _check_records(len(block), outside_lines, delimiters, lines, header, shown, place)
    place.line += len(lines)


def _line_of(position: int, lines: Places, place: _Place) -> int:
    return place.line + int(np.searchsorted(lines, position))


def _check_quotes(
    signs: npt.NDArray[np.uint8],
    quotes: Places,
    inside: npt.NDArray[np.uint8],
    lines: Places,
    delimiter: int,
    shown: str,
    place: _Place,
) -> None:
    """A quote opens a cell at its start and closes it at its end; one within it stands doubled."""
    if not len(quotes):
        return
    quote = signs[quotes[0]]
    opening, closing = quotes[inside[quotes] == 1], quotes[inside[quotes] == 0]
    before = signs[opening - 1]
    starts = (opening == 0) | (before == delimiter) | (before == _LF) | (before == quote)
    after = signs[np.minimum(closing + 1, len(signs) - 1)]
    ends = (closing == len(signs) - 1) | (after == delimiter) | (after == _LF) | (after == _CR) | (after == quote)
    if len(opening):
        place.quote_line = _line_of(int(opening[-1]), lines, place)
    bad = [int(each[~fits][0]) for each, fits in ((opening, starts), (closing, ends)) if not fits.all()]
    if bad:
        first = min(bad)
        opened = opening[opening <= first]
        line = _line_of(int(opened[-1]), lines, place) if len(opened) else place.line
        raise ClaimsRefused(
            f"{shown}:{line}",
            "a quote that is not closed, or stands within a cell",
            "quotes around a whole cell, and one within it doubled",
            "close or double it, or declare the quote in the map",
        )


def _check_within(
    within: Places,
    records: Places,
    delimiters: Places,
    lines: Places,
    header: Header,
    one_line: Collection[int],
    shown: str,
    place: _Place,
) -> None:
    """Line ends inside quotes are lawful in names and notes alone."""
    if not len(within):
        return
    record = np.searchsorted(records, within)
    first = np.where(
        record == 0, 0, np.searchsorted(delimiters, records[np.maximum(record - 1, 0)]) if len(records) else 0
    )
    column = np.searchsorted(delimiters, within) - first + np.where(record == 0, place.delimiters, 0)
    bad = np.isin(column, list(one_line))
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        named = header.names[int(column[at])]
        raise ClaimsRefused(
            f"{shown}:{_line_of(int(within[at]), lines, place)}",
            f"a line end inside the quotes of {named!r}",
            "a cell on one line",
            "correct the cell; it holds a code, a day, a number or an amount",
        )


def _check_line_ends(
    signs: npt.NDArray[np.uint8],
    records: Places,
    returns: Places,
    lines: Places,
    header: Header,
    shown: str,
    place: _Place,
) -> None:
    if header.line_end == b"\n":
        bad = returns
    else:
        alone = records[(records == 0) | (signs[records - 1] != _CR)]
        after = signs[np.minimum(returns + 1, len(signs) - 1)]
        bad = np.sort(np.concatenate((alone, returns[after != _LF])))
    if len(bad):
        raise ClaimsRefused(
            f"{shown}:{_line_of(int(bad[0]), lines, place)}",
            "another line end than on the first line",
            f"{header.line_end!r} throughout",
            "write all line ends the same, and declare which (`line_end`)",
        )


def _check_records(
    size: int, records: Places, delimiters: Places, lines: Places, header: Header, shown: str, place: _Place
) -> None:
    """Widths and blank lines of the records that end in this block; what is left over begins the next."""
    is_open = not len(records) or records[-1] != size - 1
    ends = np.append(records, size) if is_open else records
    widths = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
    starts = np.concatenate((np.zeros(1, dtype=np.intp), ends[:-1] + 1))
    blank = (ends - starts) == len(header.line_end) - 1
    begun = np.searchsorted(lines, starts) + place.line
    widths[0] += place.delimiters
    if place.begun_at:
        blank[0], begun[0] = False, place.begun_at
    place.begun_at = place.delimiters = 0
    if is_open and place.is_inside:  # the record goes on in the next block
        place.begun_at, place.delimiters = int(begun[-1]), int(widths[-1]) - 1
        widths, blank, begun = widths[:-1], blank[:-1], begun[:-1]
    elif is_open:
        blank[-1] = False
    if place.blank_at and (len(widths) or place.begun_at):
        raise _blank(shown, place.blank_at)
    if blank.any():
        at = int(np.flatnonzero(blank)[0])
        place.blank_at = int(begun[at])
        if at < len(blank) - 1 or place.begun_at:
            raise _blank(shown, place.blank_at)
        widths = widths[:-1]
    wrong = np.flatnonzero(widths != len(header.names))
    if len(wrong):
        at = int(wrong[0])
        raise ClaimsRefused(
            f"{shown}:{int(begun[at])}",
            f"{int(widths[at])} cells",
            f"{len(header.names)}, as in the header",
            "quote the cell that holds the delimiter, or correct the row",
        )
    place.records += len(widths)


def _blank(shown: str, line: int) -> ClaimsRefused:
    return ClaimsRefused(f"{shown}:{line}", "a blank line", "a record", "drop it")
