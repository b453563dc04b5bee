"""``medpol fmt`` and ``test``: the spelling of documents, and their worked cases."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from medpol.cli.opening import Format, InFormat, Verbose, refuse_errors
from medpol.cli.output import Page, counted, talk, write_bytes, write_json, writing
from medpol.cli.pages.findings import finding_value, print_finding
from medpol.cli.places import Place, bytes_of, cases_files, errors_of, find_place, kind_of
from medpol.cli.stops import DONE, FINDINGS, USAGE, Stop
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.decide.worked import Failing, Worked, read_worked, run_worked
from medpol.model.diagnostic import Diagnostic, errors
from medpol.text.format import DocumentKind, format_source
from medpol.text.source import MAXIMUM_BYTES, Findings, decode


def fmt(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", readable=False, help="A library, or a document of one; only --check goes without."
        ),
    ] = None,
    is_check: Annotated[
        bool, typer.Option("--check", help="Change nothing; list what would change, and exit 1.")
    ] = False,
    verbose: Verbose = False,
) -> int:
    """Put the spelling of documents in order: tables padded, lists numbered, headings as they are written elsewhere.

    What a document says is left alone, and a document with errors is not touched.
    """
    if path is None and not is_check:
        raise Stop(USAGE, "name the PATH to put in order; without one, --check looks at the library that ships")
    place = find_place(path)
    names = list(dict.fromkeys((*place.documents(), *cases_files(place))))
    if place.only is not None and kind_of(place.only) is DocumentKind.CASES and place.only not in names:
        names.append(place.only)
    changed, refused, read = [], [], 0
    for name in names:
        kind = kind_of(name)
        if kind is None or not (place.root / name).is_file():
            continue
        read += 1
        before = bytes_of(place.root / name)
        found = errors_of(place, name, kind, before)
        if found:
            refused.append(name)
            talk(f"{place.shown(name)} has errors and is left as it is; the first: {found[0]}")
            continue
        after = format_source(before.decode("utf-8"), kind).encode("utf-8")
        if len(after) > MAXIMUM_BYTES:
            refused.append(name)
            talk(
                f"{place.shown(name)} would grow to {len(after):,} bytes, more than the {MAXIMUM_BYTES:,} that a "
                "document may have, and is left as it is"
            )
            continue
        if after != before:
            changed.append(name)
            if not is_check:
                _replace(place.root / name, after)
    write_bytes("".join(f"{place.shown(name)}\n" for name in changed).encode("utf-8", "surrogateescape"))
    talk(f"{counted(len(changed), 'document')} {'would change' if is_check else 'put in order'}, of {read:,}")
    return FINDINGS if refused or (is_check and changed) else DONE


def _replace(path: Path, data: bytes) -> None:
    """The new text in place of the old one, whole or not at all: a link stays a link, and permissions stay."""
    with writing():
        target = path.resolve()
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", suffix=".medpol", delete=False
        ) as written:
            beside = Path(written.name)
            try:
                written.write(data)
                written.close()
                shutil.copymode(target, beside)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)


# ---------------------------------------------------------------------------- test


def test(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", readable=False, help="A library, a policy's folder or a cases.md; what ships if left out."
        ),
    ] = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Run the worked cases kept beside policies. Exit code 1 where one comes to another answer. No clock is read."""
    place = find_place(path)
    refuse_errors(place.library)
    desk = Desk(compile_library(place.library))
    names = cases_files(place)
    failing: list[Failing] = []
    problems: list[Diagnostic] = []
    ran = 0
    for name in names:
        worked, unread = _worked(place, name, desk)
        failed, unanswered = run_worked(desk, worked, desk.all_held)
        ran += len(worked)
        failing += failed
        problems += [*unread, *unanswered]
    if format is Format.JSON:
        write_json(_test_value(ran, failing, problems))
    else:
        _print_failing(failing, problems)
    if not names:
        talk("no cases.md stands beside a policy here: nothing was run")
    else:
        bad = f", {counted(len(problems), 'row')} that cannot be read or decided" if problems else ""
        talk(f"{counted(ran, 'case')} in {counted(len(names), 'file')}: {len(failing)} failing{bad}")
    return FINDINGS if failing or problems else DONE


def _worked(place: Place, name: str, desk: Desk) -> tuple[tuple[Worked, ...], tuple[Diagnostic, ...]]:
    findings = Findings(name)
    text = decode(bytes_of(place.root / name), findings)
    worked = () if text is None else read_worked(text, desk, findings)
    return worked, errors(findings.found)


def _print_failing(failing: Sequence[Failing], problems: Sequence[Diagnostic]) -> None:
    page = Page()
    for problem in problems:
        page.line(str(problem.source), hang=2, style="bold")
        print_finding(page, problem)
    for each in failing:
        page.line(Text("✕ ", "red"), Text(str(each.worked.source), "bold"), f"  {_case_words(each.worked)}", hang=2)
        page.line("expected: ", each.worked.expected, indent=2, hang=10)
        page.line("found:    ", Text(each.found, "bold"), f" ({each.reason})", indent=2, hang=10)
        if each.worked.why:
            page.line("why:      ", each.worked.why, indent=2, hang=10)


def _case_words(worked: Worked) -> str:
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in worked.case.items() if isinstance(value, str))


def _test_value(ran: int, failing: Sequence[Failing], problems: Sequence[Diagnostic]) -> dict[str, Any]:
    return {
        "cases": ran,
        "failing": [
            {
                "file": each.worked.source.file,
                "line": each.worked.source.line,
                "expected": each.worked.expected,
                "found": each.found,
                "reason": each.reason,
                "why": each.worked.why,
            }
            for each in failing
        ],
        "problems": [finding_value(each) for each in problems],
    }
