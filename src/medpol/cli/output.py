"""Stdout for data, stderr for talk: bytes, plain text, and pages with a little colour on a terminal.

Texts of others (documents, cases) are laid out as plain words: no markup in them is read, no control character let
through. Without a terminal, or with ``NO_COLOR``, a page is the same text without a single escape code.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from medpol.cli.stops import WRITE_FAILED, ReaderGone, Stop
from medpol.decide.holdings.written import written

Words = str | Text
FIELD = 17
"""The column in which the text of a field begins."""
_WIDTH_ELSEWHERE = 100
_NARROWEST, _WIDEST = 40, 120
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udfff]")


def plain(text: str) -> str:
    """The text with control characters made visible, so that no document can speak to the terminal itself."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def counted(count: int, what: str) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


# ---------------------------------------------------------------------------- data


@contextmanager
def writing() -> Iterator[None]:
    """Turns a failure to write into its exit code, and a reader that went away into the quiet end."""
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as problem:
        raise Stop(WRITE_FAILED, f"writing failed: {problem.strerror or problem}") from problem


def write_bytes(data: bytes, *, flush: bool = True) -> None:
    """Bytes to stdout, as they are on every machine."""
    with writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        if flush:
            sys.stdout.buffer.flush()


def write_json(value: Any) -> None:
    """One JSON value for a program, the same bytes at every door."""
    write_bytes(written(value))


def talk(message: str) -> None:
    """Words on stderr."""
    with suppress(OSError):  # nobody to talk to
        print(plain(message), file=sys.stderr, flush=True)


def close_quietly() -> None:
    """Let what is still unwritten go nowhere: whoever read stdout has left, and nothing failed."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---------------------------------------------------------------------------- pages


def is_styled(stream: TextIO) -> bool:
    """Whether colour is welcome: a terminal that can, and no ``NO_COLOR``."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class _Terminal(Console):
    def on_broken_pipe(self) -> None:
        raise ReaderGone


class Page:
    """Lines of text on a stream, wrapped at the terminal's width."""

    def __init__(self, stream: TextIO | None = None, *, width: int | None = None) -> None:
        self.stream = sys.stdout if stream is None else stream
        columns = shutil.get_terminal_size((_WIDTH_ELSEWHERE, 24)).columns if width is None else width
        self.width = max(_NARROWEST, min(columns, _WIDEST))
        in_colour = is_styled(self.stream)
        self._console = _Terminal(
            file=self.stream,
            width=self.width,
            force_terminal=in_colour,
            color_system="auto" if in_colour else None,
            no_color=not in_colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def line(self, *words: Words, indent: int = 0, hang: int = 0, style: str = "") -> None:
        """Words side by side, wrapped; the lines after the first stand ``hang`` further to the right."""
        text = joined(words, style)
        lines = self._wrapped(text, self.width - indent - hang)
        for at, each in enumerate(lines):
            self._print(Text(" " * (indent + (hang if at else 0))).append_text(each))

    def unwrapped(self, *words: Words) -> None:
        """One line as it is: a row of a drawing, made for the width."""
        self._print(joined(words))

    def field(self, label: str, *paragraphs: Words, style: str = "") -> None:
        """A label, and its paragraphs beside it."""
        head = Text().append(f"  {label}".ljust(FIELD), "bold")
        for paragraph in paragraphs:
            for each in self._wrapped(joined((paragraph,), style), self.width - FIELD):
                self._print(head.append_text(each))
                head = Text(" " * FIELD)

    def can_show(self, text: str) -> bool:
        """Whether every sign of the text has a spelling in the encoding of the stream."""
        try:
            text.encode(self.stream.encoding or "ascii")
        except UnicodeEncodeError:
            return False
        return True

    def title(self, text: str) -> None:
        self.line(text, style="bold")

    def blank(self) -> None:
        self._print(Text(""))

    def table(self, titles: Sequence[str], rows: Iterable[Sequence[Words]], indent: int = 2) -> None:
        """Columns as wide as their cells; the last one wraps."""
        held = [[words if isinstance(words, Text) else Text(plain(words)) for words in row] for row in rows]
        heads = [Text(title, "dim") for title in titles]
        widths = [max(cell_len(row[at].plain) for row in (heads, *held)) for at in range(len(titles) - 1)]
        left = indent + sum(widths) + 2 * len(widths)
        room = max(self.width - left, 24)
        for row in (heads, *held):
            line = Text(" " * indent)
            for cell, width in zip(row[:-1], widths, strict=True):
                line.append_text(cell).append(" " * (width - cell_len(cell.plain) + 2))
            for at, each in enumerate(self._wrapped(row[-1], room)):
                self._print(line.append_text(each) if at == 0 else Text(" " * left).append_text(each))

    def _wrapped(self, text: Text, width: int) -> Sequence[Text]:
        lines = text.wrap(self._console, max(width, 20))
        return list(lines) or [Text("")]

    def _print(self, text: Text) -> None:
        text.rstrip()
        with writing():
            self._console.print(text, soft_wrap=True)


def joined(words: Iterable[Words], style: str = "") -> Text:
    text = Text(style=style)
    for each in words:
        if isinstance(each, Text):
            text.append_text(each)
        else:
            text.append(plain(each))
    return text


def styled(text: str, style: str) -> Text:
    """The words in a style, with whatever they hold made harmless."""
    return Text(plain(text), style)
