"""The child process in which a document of others is read: limits first, then the reading, then one answer in JSON.

``run`` is a program's last line. The document comes on standard input, the answer goes to standard output, and the process
ends; it can open no file for writing, no file outside the installation for reading, no connection, and start no process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from medpol.ingest.answer import MAXIMUM_ANSWER, Answer, Reading, Refusal, Refused, encoded
from medpol.ingest.blocks import TooMuch

try:
    import resource
except ImportError:  # no such limits on this platform; the parent's clock still ends the process
    resource = None  # type: ignore[assignment]

CPU_SECONDS = 60
ADDRESS_SPACE = 2 << 30
_OPEN_FILES = 64
_FORBIDDEN: tuple[str, ...] = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.startfile"),
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *("shutil.", "ctypes.", "pickle.find_class", "ftplib.", "smtplib.", "urllib.", "http.", "webbrowser."),
)


def answer(read: Callable[[bytes], Reading], data: bytes) -> Answer:
    """The reading of a document, or the refusal that its trouble is. No exception of a library gets out."""
    try:
        return Answer(read(data))
    except Refused as problem:
        return Answer(refusal=problem.refusal)
    except TooMuch as problem:
        return Answer(refusal=_too_much(str(problem)))
    except MemoryError:
        return Answer(refusal=_too_much("it needs more memory than a reading may take"))
    except RecursionError:
        return Answer(refusal=_too_much("its objects lie too deep in one another"))
    except Exception as problem:
        found = f"it is damaged ({type(problem).__name__})"
        return Answer(refusal=Refusal("unreadable-document", found, *_WHOLE))


_WHOLE = ("a whole document", "save it again from the program that made it")


def _too_much(found: str) -> Refusal:
    return Refusal(
        "document-too-large", found, "a published policy", "check that this is a policy document, or split it"
    )


def run(read: Callable[[bytes], Reading]) -> None:
    """Read the document on standard input within limits, and answer on standard output."""
    _limit()
    data = sys.stdin.buffer.read()
    _guard()
    found = encoded(answer(read, data))
    if len(found) > MAXIMUM_ANSWER:
        found = encoded(Answer(refusal=_too_much("its text is longer than any policy's")))
    sys.stdout.buffer.write(found)
    sys.stdout.buffer.flush()
    os._exit(0)  # what a document left in memory is not taken apart piece by piece


def _limit() -> None:
    """Limits of the system, where it has them: processor time, memory, no file written, no core left behind."""
    if resource is None:
        return
    for name, most, hard in (
        ("RLIMIT_CPU", CPU_SECONDS, CPU_SECONDS + 1),  # the signal of the first says why the process ended
        ("RLIMIT_AS", ADDRESS_SPACE, ADDRESS_SPACE),
        ("RLIMIT_FSIZE", 0, 0),
        ("RLIMIT_CORE", 0, 0),
        ("RLIMIT_NOFILE", _OPEN_FILES, _OPEN_FILES),
    ):
        kind = getattr(resource, name, None)
        if kind is not None:
            try:
                resource.setrlimit(kind, (most, hard))
            except (ValueError, OSError):  # a lower limit stands already, or the system keeps this one for itself
                continue


def _guard() -> None:
    """From here on Python itself refuses files, connections and processes. There is no way back."""
    allowed = tuple({os.path.abspath(each) + os.sep for each in (*sys.path, sys.prefix, sys.base_prefix) if each})

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not for a reading process")
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (
                os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
            )
            named = os.path.realpath(os.fsdecode(path)) if isinstance(path, (str, bytes)) else ""
            if writes or not named.startswith(allowed):
                raise PermissionError("a reading process opens no file of others")

    sys.addaudithook(refuse)
