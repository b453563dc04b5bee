"""``medpol ingest``: a published document to drafts in a library, and the report of what was taken from where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.opening import Format, Verbose, tell
from medpol.cli.output import plain, talk, write_bytes, write_json, writing
from medpol.cli.progress import waiting
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, USAGE, Stop
from medpol.ingest import HoldsOther, Ingested, report_text, report_value, write_drafts
from medpol.ingest import ingest as read_published

_CODES = {"unknown-publisher": NOT_FOUND, "missing-library": USAGE}


def ingest(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", readable=False, help="The published document: Markdown, HTML, PDF or DOCX."),
    ],
    out: Annotated[
        str,
        typer.Option(metavar="DIR", readable=False, help="The library to write the drafts into; made where missing."),
    ],
    publisher: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose layout it has; found from the document if left out.")
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="The report for a person, or for a program.")
    ] = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Read a published policy into drafts: one file for each version that its history lets us state.

    The report says of every line whether it was taken, kept as text, is layout, or is doubtful and for a person.
    """
    data = _read(file)
    with waiting(f"reading {file}"):
        ingested = read_published(data, file.name, publisher, apart=True)
    tell(ingested.diagnostics)
    if ingested.has_errors:
        code = next((_CODES[each.rule] for each in ingested.diagnostics if each.rule in _CODES), REFUSED)
        raise Stop(code, f"{file} was not taken over; nothing was written")
    written = _write(ingested, out)
    if format is Format.JSON:
        write_json(report_value(ingested.report))
    else:
        write_bytes(plain(report_text(ingested.report)).encode("utf-8", "backslashreplace"))
    talk(f"{len(written)} files in {out}; {len(ingested.report.questions)} questions for a person")
    return DONE


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Stop(NOT_FOUND, f"no file at {file}") from None
    except OSError as problem:
        raise Stop(REFUSED, f"{file} cannot be read: {problem.strerror}") from problem


def _write(ingested: Ingested, out: str) -> tuple[Path, ...]:
    try:
        with writing():
            return write_drafts(ingested, out)
    except HoldsOther as problem:
        raise Stop(REFUSED, f"{out} {problem}") from None
