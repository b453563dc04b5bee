"""``medpol check``, ``fmt`` and ``test``: documents held against the notation, their spelling, and their worked cases."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from medpol.check import check_library
from medpol.cli.opening import Format, InFormat, Verbose, refuse_errors
from medpol.cli.output import Page, styled, talk, write_bytes, write_json, writing
from medpol.cli.places import Place, cases_files, find_place, kind_of
from medpol.cli.stops import DONE, FINDINGS, REFUSED, USAGE, Stop
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.decide.worked import Failing, Worked, read_worked, run_worked
from medpol.model.diagnostic import Diagnostic, Severity, errors
from medpol.text.format import DocumentKind, format_source
from medpol.text.source import MAXIMUM_BYTES, Findings, decode

_SEVERITIES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_ORDER = list(_SEVERITIES)


# ---------------------------------------------------------------------------- check


def check(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", readable=False, help="A library, or a document of one; what ships if left out."
        ),
    ] = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Find what is wrong or doubtful in policy documents. Exit code 1 with errors, 0 with warnings alone or none."""
    place = find_place(path)
    found = [each for each in check_library(place.library, date.today()) if place.holds(each.source.file)]
    documents = place.documents()
    if place.only is not None and kind_of(place.only) is DocumentKind.CASES:
        documents = [place.only]
        found = list(_errors_of(place, place.only, DocumentKind.CASES, _bytes(place.root / place.only)))
    if format is Format.JSON:
        write_json([_as_value(each) for each in found])
    else:
        _print_findings(found)
    talk(f"{_counted(len(documents), 'document')}: {_summary(found)}")
    return FINDINGS if errors(found) else DONE


def _as_value(each: Diagnostic) -> dict[str, Any]:
    return {
        "file": each.source.file,
        "line": each.source.line,
        "column": each.source.column,
        "severity": each.severity.value,
        "rule": each.rule,
        "found": each.found,
        "expected": each.expected,
        "mend": each.mend,
        "near": each.near,
    }


def _print_findings(found: Sequence[Diagnostic]) -> None:
    """By file, files with errors first; in a file, errors first."""
    by_file: dict[str, list[Diagnostic]] = {}
    for each in found:
        by_file.setdefault(each.source.file, []).append(each)
    page = Page()
    for file, held in sorted(by_file.items(), key=lambda item: (not errors(item[1]), item[0])):
        page.title(file)
        for each in sorted(held, key=lambda each: (_ORDER.index(each.severity), each.source)):
            _print_finding(page, each)
        page.blank()


def _print_finding(page: Page, each: Diagnostic) -> None:
    place = f"{each.source.line}:{each.source.column}"
    expected = f"; expected {each.expected}" if each.expected else ""
    words = (Text(each.severity.value, _SEVERITIES[each.severity]), styled(f" [{each.rule}] ", "dim"))
    page.line(f"{place:<8}", *words, each.found, expected, indent=2, hang=8)
    if each.mend:
        page.line("mend: ", each.mend, indent=10, hang=6)
    if each.near and each.near not in each.mend:
        page.line("near: ", each.near, indent=10, hang=6)


def _summary(found: Iterable[Diagnostic]) -> str:
    counts = dict.fromkeys(_ORDER, 0)
    for each in found:
        counts[each.severity] += 1
    parts = [_counted(count, severity.value) for severity, count in counts.items() if count]
    return ", ".join(parts) or "clean"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


# ---------------------------------------------------------------------------- fmt


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
        before = _bytes(place.root / name)
        found = _errors_of(place, name, kind, before)
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
    talk(f"{_counted(len(changed), 'document')} {'would change' if is_check else 'put in order'}, of {read:,}")
    return FINDINGS if refused or (is_check and changed) else DONE


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Stop(REFUSED, f"{path} cannot be read: {problem.strerror}") from problem


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


def _errors_of(place: Place, name: str, kind: DocumentKind, data: bytes) -> Sequence[Diagnostic]:
    """The errors of one document; worked cases are read against the library, which must be without any."""
    held = [each for each in place.library.errors if each.source.file == name]
    if held or kind is not DocumentKind.CASES:
        findings = Findings(name)
        if not held and decode(data, findings) is None:
            return findings.found
        return held
    if place.library.errors:
        return place.library.errors
    findings = Findings(name)
    text = decode(data, findings)
    if text is not None:
        read_worked(text, Desk(compile_library(place.library)), findings)
    return errors(findings.found)


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
        bad = f", {_counted(len(problems), 'row')} that cannot be read or decided" if problems else ""
        talk(f"{_counted(ran, 'case')} in {_counted(len(names), 'file')}: {len(failing)} failing{bad}")
    return FINDINGS if failing or problems else DONE


def _worked(place: Place, name: str, desk: Desk) -> tuple[tuple[Worked, ...], tuple[Diagnostic, ...]]:
    findings = Findings(name)
    text = decode(_bytes(place.root / name), findings)
    worked = () if text is None else read_worked(text, desk, findings)
    return worked, errors(findings.found)


def _print_failing(failing: Sequence[Failing], problems: Sequence[Diagnostic]) -> None:
    page = Page()
    for problem in problems:
        page.line(str(problem.source), hang=2, style="bold")
        _print_finding(page, problem)
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
        "problems": [_as_value(each) for each in problems],
    }
