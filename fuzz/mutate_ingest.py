"""Mutated documents through the importer: whatever comes in, a clean account comes out.

    python fuzz/mutate_ingest.py --count 20000 --jobs 2 --apart 50

Each number is one document: a base of our own, as Markdown, HTML, PDF or DOCX, with one to five mutations that the number
alone decides. The same number makes the same document. Of each it is held that

- no exception gets out, and it takes no longer than `SECONDS`;
- there are drafts, or an error that says why there are none;
- every line that is not blank is in the report once, and every sign of a PDF in a line;
- drafts read back without an error, lie below the folder that they are written to, and hold no markup, no script and no
  link that leads anywhere but to the web;
- while it is read, no file is written, none outside the installation is opened, no connection and no process is made.

`--apart N` reads every Nth document in a child process too, as the command does, and holds the two answers to be equal.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import logging
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path, PurePosixPath
from types import FrameType

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz.mutations import FORMATS, Mutant, mutant
from markdown_it import MarkdownIt

from medpol.ingest import Ingested, write_drafts
from medpol.ingest.answer import Answer, decoded, encoded
from medpol.ingest.apart import kind_of, read_apart
from medpol.ingest.door import ingest_reading
from medpol.ingest.pages import read_text
from medpol.ingest.reading.child import answer
from medpol.ingest.reading.docx import read_docx
from medpol.ingest.reading.pdf import read_pdf, sheets_in
from medpol.ingest.reading.sheets import Glyph, Sheet, plain_signs
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

SECONDS = 30

# ---------------------------------------------------------------------------- the laws


class Broken(AssertionError):
    """A law that a document breaks."""


_watched = False
_PLACES = tuple({os.path.realpath(each) + os.sep for each in (*sys.path, sys.prefix, sys.base_prefix) if each})


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _watched:
        return
    if event.startswith(
        ("socket.", "subprocess.", "os.exec", "os.fork", "os.system", "os.remove", "os.rename", "os.mkdir")
    ):
        raise Broken(f"{event} while a document is read")
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND)
        if writes or (isinstance(path, str) and not os.path.realpath(path).startswith(_PLACES)):
            raise Broken(f"{path!r} opened while a document is read")


@contextlib.contextmanager
def _watching() -> Iterator[None]:
    global _watched  # noqa: PLW0603
    _watched = True
    try:
        yield
    finally:
        _watched = False


def read_here(data: bytes, name: str) -> Answer:
    """The answer of the functions that the child process runs, in this process."""
    match kind_of(data, name):
        case "pdf":
            return answer(read_pdf, data)
        case "docx":
            return answer(read_docx, data)
        case _:
            return answer(lambda held: read_text(held, name), data)


_MARKDOWN = MarkdownIt("commonmark")


def check(document: Mutant, *, apart: bool = False) -> str:
    """Hold the laws of one document; what came of it: drafted, or the rule of the first diagnostic."""
    with _watching():
        found = read_here(document.data, document.name)
        if found.reading is None and found.refusal is None:
            raise Broken("no answer")
        if decoded(encoded(found)) != found:
            raise Broken("an answer that changes on its way")
    if apart and kind_of(document.data, document.name) != "old-word":
        kind = kind_of(document.data, document.name)
        other = read_apart(document.data, kind, "." + document.name.rsplit(".", 1)[1])
        if other != found and (other.refusal is None or other.refusal.rule != "reading-given-up"):
            raise Broken(f"the child process answers otherwise: {other.refusal}, here {found.refusal}")
    if found.reading is None:
        assert found.refusal is not None
        return found.refusal.rule
    if found.reading.format == "pdf":
        _check_signs(document.data, found.reading.lines)
    with _watching():
        result = ingest_reading(document.data, document.name, found.reading)
    wanted = [at for at, line in enumerate(found.reading.lines, 1) if line.strip()]
    if [line.number for line in result.report.lines] != wanted:
        raise Broken("lines are missing in the report, or stand in it twice")
    if not result.drafts and not result.has_errors:
        raise Broken("neither drafts nor an error")
    for path, text in result.drafts:
        _check_draft(path, text)
    _check_written(result)
    return "drafted" if result.drafts else result.diagnostics[0].rule


def _check_signs(data: bytes, lines: Sequence[str]) -> None:
    """Every letter and digit that a page shows is in a line, as often as it shows it."""
    sheets = sheets_in(data)
    if any(sheet.links or _is_overprinted(sheet) for sheet in sheets):
        return  # an address takes the place of the words that are it; a sign printed twice in one place is one
    shown = collections.Counter("".join(plain_signs(each.text) for sheet in sheets for each in sheet.glyphs))
    said = collections.Counter("".join(lines))
    said["o"] += said["◦"]  # a lone o is how some programs print a bullet
    lost = {sign for sign in shown - said if sign.isalnum() and sign.isascii()}
    if lost:
        raise Broken(f"signs of a page are in no line: {sorted(lost)}")


def _is_overprinted(sheet: Sheet) -> bool:
    """Whether a sign stands nearly where the same sign stands already."""
    places: dict[tuple[str, int], list[Glyph]] = collections.defaultdict(list)
    for each in sheet.glyphs:
        band = int(each.y // 8)
        for near in (band - 1, band, band + 1):
            for other in places[each.text, near]:
                if abs(other.x0 - each.x0) < 0.15 * each.size and abs(other.y - each.y) < 0.5 * each.size:
                    return True
        places[each.text, band].append(each)
    return False


def _check_draft(path: str, text: str) -> None:
    parts = PurePosixPath(path).parts
    if ".." in parts or path.startswith("/") or "\\" in path or "\x00" in path or len(parts) > 2:
        raise Broken(f"a draft at {path!r}")
    if path == "facts.md":
        return
    findings = Findings(path)
    read_policy(text, findings, Vocabulary())
    if findings.has_errors:
        raise Broken(f"a draft that does not read back: {findings.found[0]}")
    body = text.split("\n---\n", 1)[-1]
    for token in _MARKDOWN.parse(body):
        for each in (token, *(token.children or ())):
            if each.type.startswith("html"):
                raise Broken(f"markup in a draft: {each.content[:60]!r}")
            address = str(each.attrs.get("href", each.attrs.get("src", "")))
            if each.type in ("link_open", "image") and not re.match(r"https?://", address, re.IGNORECASE):
                raise Broken(f"a link in a draft: {address[:60]!r}")


def _check_written(result: Ingested) -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        write_drafts(result, out)
        beside = sorted(each for each in os.listdir(folder) if each != "out")
        if beside:
            raise Broken(f"written beside the folder: {beside}")


def _too_long(signum: int, frame: FrameType | None) -> None:
    raise Broken(f"longer than {SECONDS} seconds")


def one(number: int, apart: int = 0) -> tuple[int, str, float, str]:
    """Number, what came of it, how long it took, what was broken."""
    signal.signal(signal.SIGALRM, _too_long)
    document = mutant(number)
    began = time.perf_counter()
    signal.alarm(SECONDS)
    try:
        said, broken = check(document, apart=bool(apart) and number // len(FORMATS) % apart == 0), ""
    except BaseException as problem:
        said, broken = "broken", f"{type(problem).__name__}: {problem} {document.steps}"
    finally:
        signal.alarm(0)
    return number, f"{document.name.rsplit('.', 1)[1]} {said}", time.perf_counter() - began, broken


def _ready() -> None:
    logging.disable(logging.CRITICAL)  # what a library says of damage is not what is looked for
    sys.addaudithook(_audit)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first document")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--apart", type=int, default=50, help="every Nth of a format in a child process too; 0 for none"
    )
    given = parser.parse_args()
    began = time.perf_counter()
    counts: collections.Counter[str] = collections.Counter()
    slowest, broken = (0.0, -1), 0
    with get_context("spawn").Pool(given.jobs, _ready) as pool:
        numbers = range(given.first, given.first + given.count)
        tasks = pool.imap_unordered(_task, ((number, given.apart) for number in numbers), chunksize=16)
        for number, said, seconds, problem in tasks:
            counts[said] += 1
            slowest = max(slowest, (seconds, number))
            if problem:
                broken += 1
                print(f"{number}: {problem}"[:600], flush=True)
    print(f"{given.count:,} documents in {time.perf_counter() - began:,.0f} s, {broken} broken a law")
    print(f"slowest: {slowest[1]} in {slowest[0]:.1f} s")
    for said, count in sorted(counts.items()):
        print(f"{count:>7,}  {said}")
    return 1 if broken else 0


def _task(task: tuple[int, int]) -> tuple[int, str, float, str]:
    return one(*task)


if __name__ == "__main__":
    sys.exit(main())
