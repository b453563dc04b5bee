"""``medpol impact``: two plans over one set of claims, and what goes from one answer to another."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.claims.fence import MEMORY_LIMIT, THREADS
from medpol.claims.intake import ClaimsDoNotReconcile, share_of
from medpol.claims.maps import ColumnMap
from medpol.claims.sources import ClaimInput
from medpol.cli.claims import (
    Contracts,
    DataSource,
    Eligibility,
    FactsFile,
    HistoryIsWhole,
    Map,
    MaxRejects,
    MemoryLimit,
    Strict,
    StrictPointers,
    Threads,
    map_given,
    telling_refusals,
    work_folder,
)
from medpol.cli.claims_decide import refuse_size
from medpol.cli.claims_progress import RunProgress
from medpol.cli.opening import KnownOn, Policies, Verbose, day_given, read_or_stop, refuse_errors, tell
from medpol.cli.output import Page, talk, write_bytes
from medpol.cli.pages.impact import print_impact
from medpol.cli.progress import waiting
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, UNRECONCILED, USAGE, WRITE_FAILED, Stop
from medpol.decide.engines.run.contracts import with_contracts
from medpol.decide.engines.run.running import Done
from medpol.decide.holdings import open_desk, written
from medpol.decide.one import Desk
from medpol.impact import Claims, Impact, Side, as_csv, compare, impact_page, tables_of
from medpol.impact.comparing import Asked
from medpol.impact.tables import NAMES
from medpol.library import SHIPPED, DraftRefused, Library, with_draft


class ImpactFormat(StrEnum):
    """How an impact is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


Many = list[Path] | None
Day = date | None


def impact(
    claims: Annotated[
        list[Path],
        typer.Option(
            "--claims", metavar="FILE", readable=False, help="Claims: CSV, Parquet or 837; once for each file."
        ),
    ],
    policies: Policies = None,
    draft: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="A policy to try in the library, as if it were published."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="DIR", readable=False, help="Another library, answered instead.")
    ] = None,
    in_force_from: Annotated[
        Day,
        typer.Option(
            metavar="D", parser=day_given, help="From when the draft is in force; its own first day if left out."
        ),
    ] = None,
    first_day: Annotated[
        Day, typer.Option("--from", metavar="D", parser=day_given, help="Compare care from this day on.")
    ] = None,
    last_day: Annotated[
        Day, typer.Option("--to", metavar="D", parser=day_given, help="Compare care up to this day, which is included.")
    ] = None,
    known_on: KnownOn = None,
    review_cost: Annotated[
        str | None, typer.Option(metavar="DOLLARS", help="What one review costs, such as 42.00.")
    ] = None,
    map: Map = None,
    data_source: DataSource = None,
    eligibility: Eligibility = None,
    contracts: Contracts = None,
    facts: FactsFile = None,
    history: Annotated[
        Many, typer.Option(metavar="FILE", readable=False, help="Earlier claims: counted, not compared.")
    ] = None,
    history_is_whole: HistoryIsWhole = False,
    strict_pointers: StrictPointers = False,
    examples: Annotated[int, typer.Option(metavar="N", min=0, help="How many changed lines are explained.")] = 20,
    with_lines: Annotated[
        bool, typer.Option("--with-lines", help="Name the claim, the member and the day of each line that is shown.")
    ] = False,
    smallest_cell: Annotated[
        int | None, typer.Option(metavar="N", min=2, help="Put groups of fewer members together; nothing if left out.")
    ] = None,
    max_rejects: MaxRejects = "0.1%",
    memory_limit: MemoryLimit = MEMORY_LIMIT,
    threads: Threads = THREADS,
    strict: Strict = False,
    format: Annotated[
        ImpactFormat, typer.Option("--format", help="For a person, for a program, a spreadsheet, or one HTML file.")
    ] = ImpactFormat.TEXT,
    table: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"With --format csv, one table alone: {', '.join(NAMES)}.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Write there; to stdout if left out.")
    ] = None,
    verbose: Verbose = False,
) -> int:
    """What a policy change would do to claims already made: their lines, members, dollars and reviews, before and after.

    A draft is answered as if it were published and in force from its first day, in place of what its policy holds from
    then on; --in-force-from tries it on earlier care. Nothing in the library changes. Lines that are not final are
    answered, counted, and left out of dollars. No member is named unless --with-lines is given.
    """
    _refuse_wrong(draft, against, in_force_from, first_day, last_day, table, format)
    cost, day = _cost(review_cost), known_on or date.today()
    refuse_size(memory_limit)
    _refuse_share(max_rejects)
    _refuse_out(out)
    with telling_refusals(), work_folder(None) as work:
        before, library = _opened(policies, contracts, work / "before")
        if draft is not None:
            after, side = _tried(library, draft, day, in_force_from, first_day)
        else:
            assert against is not None
            after, _ = _opened(against, contracts, work / "after")
            side = Side(str(against), after.plan.plan_hash)
        how = map_given(map, tuple(dict.fromkeys((*before.lines, *after.lines))))
        asked = Asked(
            Side(str(SHIPPED if policies is None else policies), before.plan.plan_hash),
            side,
            day,
            cost,
            smallest_cell,
            with_lines,
            examples,
        )
        with RunProgress() as progress:
            given = Claims(
                inputs=_inputs(claims, history, how, data_source, strict),
                work=_folder(work / "claims"),
                eligibility=None if eligibility is None else ClaimInput(eligibility, how),
                facts=None if facts is None else ClaimInput(facts, how),
                is_history_whole=history_is_whole,
                is_strict_on_pointers=strict_pointers,
                first_day=first_day,
                last_day=last_day,
                max_rejects=max_rejects,
                memory_limit=memory_limit,
                threads=threads,
                told=lambda doing, lines, of: progress.told(Done(doing, lines, of)),
            )
            found = _compared(before, after, given, asked)
    _warn(found)
    _write(found, format, table, out)
    return DONE


# ---------------------------------------------------------------------------- what is given


def _refuse_wrong(
    draft: Path | None,
    against: Path | None,
    in_force_from: Day,
    first_day: Day,
    last_day: Day,
    table: str | None,
    format: ImpactFormat,
) -> None:
    if (draft is None) == (against is None):
        raise Stop(USAGE, "expected --draft FILE or --against DIR, and one of them only")
    if in_force_from is not None and draft is None:
        raise Stop(USAGE, "--in-force-from goes with --draft: a library says itself what is in force")
    if first_day is not None and last_day is not None and last_day < first_day:
        raise Stop(USAGE, f"--to {last_day} is before --from {first_day}\n    mend: exchange them")
    if table is not None and format is not ImpactFormat.CSV:
        raise Stop(USAGE, "--table goes with --format csv")
    if table is not None and table not in NAMES:
        raise Stop(USAGE, f"--table {table}: no such table; expected one of {', '.join(NAMES)}")


def _cost(given: str | None) -> Decimal | None:
    if given is None:
        return None
    whole, _, cents = given.partition(".")
    if not (
        given.isascii() and whole.isdigit() and len(whole) <= 7 and (not cents or cents.isdigit()) and len(cents) <= 2
    ):
        raise Stop(USAGE, f"--review-cost {given!r}: expected dollars such as 42 or 42.50")
    return Decimal(given)


def _refuse_share(given: str) -> None:
    try:
        share_of(given, 0)
    except ValueError as problem:
        raise Stop(USAGE, f"--max-rejects {problem}") from None


def _refuse_out(out: Path | None) -> None:
    """Said before an hour of work, not after it."""
    if out is not None and out.is_dir():
        raise Stop(USAGE, f"--out {out}: a folder; expected a file")
    if out is not None and not out.absolute().parent.is_dir():
        raise Stop(NOT_FOUND, f"--out {out}: no folder {out.absolute().parent}")


def _inputs(
    claims: list[Path], history: Many, how: ColumnMap, data_source: str | None, strict: bool
) -> tuple[ClaimInput, ...]:
    return tuple(
        ClaimInput(path, how, data_source, is_history=is_history, is_strict=strict)
        for is_history, paths in ((False, claims), (True, history or ()))
        for path in paths
    )


def _opened(policies: Path | None, contracts: Path | None, work: Path) -> tuple[Desk, Library]:
    """A library, with the contracts of a table beside its own."""
    library = read_or_stop(policies)
    refuse_errors(library)
    if contracts is not None:
        with waiting(f"reading {contracts}"):
            library = with_contracts(library, ClaimInput(contracts), _folder(work))
    return open_desk(library).desk, library


def _tried(library: Library, draft: Path, known_on: date, in_force_from: Day, otherwise: Day) -> tuple[Desk, Side]:
    try:
        data = draft.read_bytes()
    except FileNotFoundError:
        raise Stop(NOT_FOUND, f"no file at {draft}: expected a policy, as medpol ingest writes it") from None
    except OSError as problem:
        raise Stop(REFUSED, f"{draft} cannot be read: {problem.strerror}") from None
    try:
        tried = with_draft(library, data, str(draft), known_on, in_force_from, otherwise)
    except DraftRefused as problem:
        tell(problem.diagnostics)
        raise Stop(REFUSED, str(problem) + (f"\n    mend: {problem.mend}" if problem.mend else "")) from None
    desk = open_desk(tried.library).desk
    side = Side(
        library.root,
        desk.plan.plan_hash,
        draft=str(draft),
        draft_hash=tried.version.content_hash,
        draft_path=tried.version.source.file,
        policy=tried.version.policy,
        in_force_from=tried.in_force_from,
        is_archive=tried.version.is_archived,
        in_place_of=tried.in_place_of,
    )
    return desk, side


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _compared(before: Desk, after: Desk, claims: Claims, asked: Asked) -> Impact:
    try:
        return compare(before, after, claims, asked)
    except ClaimsDoNotReconcile as problem:
        raise Stop(
            UNRECONCILED, f"it does not add up, so nothing is told: {problem}\n    mend: report this run"
        ) from None


# ---------------------------------------------------------------------------- what is written


def _warn(found: Impact) -> None:
    """What makes an impact of nothing, said where it is seen even when the data go to a file."""
    from_day, last = found.question.after.in_force_from, found.read.last_day
    if last is None:
        talk("no line of care in the days asked for: nothing was compared")
    elif from_day is not None and from_day > last:
        talk(
            f"the draft is in force from {from_day}, after the last care compared ({last}): it answers none of it\n"
            f"    mend: try it on this care with --in-force-from {found.read.first_day}"
        )


def _write(found: Impact, format: ImpactFormat, table: str | None, out: Path | None) -> None:
    match format:
        case ImpactFormat.JSON:
            data = written(found)
        case ImpactFormat.HTML:
            data = impact_page(found).encode()
        case ImpactFormat.CSV:
            data = as_csv([each for each in tables_of(found) if table in (None, each.name)]).encode()
        case ImpactFormat.TEXT:
            if out is None:
                print_impact(Page(), found)
                return
            data = _as_text(found)
    if out is None:
        write_bytes(data)
    else:
        _put(out, data, is_private=found.question.with_lines)
        talk(f"written: {out}")


def _as_text(found: Impact) -> bytes:
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n") as file:
        print_impact(Page(file, width=100), found)
        file.flush()
        file.seek(0)
        return file.read().encode()


def _put(out: Path, data: bytes, *, is_private: bool) -> None:
    """The file whole or not at all; where it names members, nobody else may read it."""
    aside = out.absolute().with_name(f".{out.name}.tmp")
    try:
        aside.touch(mode=0o600 if is_private else 0o666)
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(out)
    except OSError as problem:
        aside.unlink(missing_ok=True)
        raise Stop(WRITE_FAILED, f"writing {out} failed: {problem.strerror or problem}") from None
