"""The child process that reads Markdown and HTML. The second argument says how the document's name ends."""

from __future__ import annotations

import sys

from medpol.ingest.answer import Reading
from medpol.ingest.pages import read_text
from medpol.ingest.reading.child import run


def read(data: bytes) -> Reading:
    """A document of text as its lines and blocks."""
    return read_text(data, f"document{sys.argv[2]}")


if __name__ == "__main__":
    run(read)
