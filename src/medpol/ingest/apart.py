"""A document read apart: in a child process with limits, which gives back lines and blocks or is given up.

The child gets the document on its standard input, no environment, and the import paths of this process; it is this
Python with none of the user's settings (``-I``). Whatever it does, what comes out here is an answer.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Timer

from medpol.ingest.answer import MAXIMUM_ANSWER, Answer, Refusal, decoded

MAXIMUM_BYTES = 32 << 20
SECONDS = 120.0
"""How long a reading may take by the clock; its processor time is limited in the child itself."""
_PROGRAMS = {
    "pdf": "medpol.ingest.reading.pdf",
    "docx": "medpol.ingest.reading.docx",
    "text": "medpol.ingest.reading.text",
}
_NEEDED = {"pdf": "pdfminer", "docx": "docx"}
_START = "import sys; from runpy import run_module; sys.path += sys.argv[3:]; run_module(sys.argv[1], None, '__main__')"
_EXPECTED = "a document that can be read in two minutes and 2 GB"


def kind_of(data: bytes, name: str) -> str:
    """What program reads a document: pdf, docx or text; old-word where none does. The bytes say so before the name."""
    if data[:1024].lstrip(b"\xef\xbb\xbf\x00\t\n\r ").startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "old-word"
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending in ("pdf", "docx"):
        return ending
    return "docx" if data.startswith(b"PK\x03\x04") and _is_word(data) else "text"


def _is_word(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return any(each.startswith("word/") for each in package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False


def read_apart(data: bytes, kind: str, ending: str = "", *, seconds: float = SECONDS) -> Answer:
    """The answer of a child process that reads a document of one kind. ``ending`` is that of its name, for text."""
    needed = _NEEDED.get(kind)
    if needed is not None and find_spec(needed) is None:
        found = f"reading {kind.upper()} needs a library that is not installed"
        return _refused("missing-library", found, "the extra for reading PDF and DOCX", "pip install 'medpol[ingest]'")
    if len(data) > MAXIMUM_BYTES:
        found = f"{len(data):,} bytes; at most {MAXIMUM_BYTES:,}"
        return _refused("document-too-large", found, "a published policy", "split the document")
    try:
        output, code = _output(_command(_PROGRAMS[kind], ending), data, seconds)
    except OSError as problem:
        found = f"no process to read it in could be started ({problem.strerror or type(problem).__name__})"
        return _refused("unreadable-document", found, "a running Python", "try again when the machine has room")
    if code is None:
        return _given_up(f"reading it took longer than {seconds:g} seconds")
    if code < 0 and -code == getattr(signal, "SIGXCPU", 0):
        return _given_up("reading it used up the processor time that it may take")
    if code != 0:
        return _given_up(f"reading it ended by signal {-code}" if code < 0 else f"reading it broke off with {code}")
    try:
        return decoded(output)
    except (ValueError, RecursionError) as problem:
        return _given_up(f"its reading gave no answer that can be used ({str(problem)[:80]})")


def _command(program: str, ending: str) -> list[str]:
    """How the child is started: this Python, without the user's settings and without writing bytecode."""
    paths = [str(Path(__file__).resolve().parents[2]), *(each for each in sys.path if Path(each).is_absolute())]
    return [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, program, ending, *dict.fromkeys(paths)]


def _output(command: list[str], data: bytes, seconds: float) -> tuple[bytes, int | None]:
    """What a process wrote, at most as much as an answer may hold, and its exit code; ``None`` where its time ran out."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, close_fds=True
    ) as process:
        late: list[bool] = []

        def stop() -> None:
            late.append(True)
            process.kill()

        clock = Timer(seconds, stop)
        clock.start()
        try:
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(data)
                process.stdin.close()
            except OSError:  # the child ended before it had read everything: its exit code says more
                pass
            output = process.stdout.read(MAXIMUM_ANSWER + 1)
            if len(output) > MAXIMUM_ANSWER:
                process.kill()
            code = process.wait()
        finally:
            process.kill()
            clock.cancel()
    return output, None if late else code


def _given_up(found: str) -> Answer:
    mend = "save it again from the program that made it, split it, or use the publisher's web page"
    return _refused("reading-given-up", found, _EXPECTED, mend)


def _refused(rule: str, found: str, expected: str, mend: str) -> Answer:
    return Answer(refusal=Refusal(rule, found, expected, mend))
