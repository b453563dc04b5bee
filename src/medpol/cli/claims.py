"""``medpol claims seal`` and ``medpol claims inspect``: what a file of claims is, before anything is answered."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from medpol.claims.fence import MEMORY_LIMIT, THREADS, open_engine
from medpol.claims.findings import FINDINGS
from medpol.claims.inspecting import EXAMPLES, Inspected, inspect_claims
from medpol.claims.intake import ReadOptions
from medpol.claims.maps import PLAIN, ColumnMap, plugged_map, read_map
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused
from medpol.claims.sealing import seal_file
from medpol.claims.sources import ClaimInput
from medpol.cli.opening import Format, InFormat, Verbose, open_library
from medpol.cli.output import Page, counted, talk, write_json
from medpol.cli.progress import waiting
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, WRITE_FAILED, Stop
from medpol.cli.stops import FINDINGS as FOUND

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", readable=False, help="Claims: CSV, Parquet, or X12 837P and 837I.")
]
Map = Annotated[
    str | None,
    typer.Option("--map", metavar="MAP", help="A column map: a TOML file, or the name of a plug-in."),
]
DataSource = Annotated[str | None, typer.Option(metavar="NAME", help="The data source of rows that name none.")]
Eligibility = Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help="Spans of the members.")]
Contracts = Annotated[Path | None, typer.Option(metavar="FILE", readable=False, help="Provisions of member contracts.")]
FactsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", readable=False, help="Documented facts of the members.")
]
HistoryIsWhole = Annotated[
    bool, typer.Option("--history-is-whole", help="The plan counts only what it paid: nothing earlier is missing.")
]
StrictPointers = Annotated[
    bool,
    typer.Option(
        "--strict-pointers",
        help="Where lines point at no diagnosis and only some of the claim's fit a criterion, it is not known whether theirs do.",
    ),
]
MaxRejects = Annotated[str, typer.Option(metavar="SHARE|N", help="Stop where more rows than this are rejected.")]
Strict = Annotated[bool, typer.Option("--strict", help="Read 837 files with the strict reader.")]
WorkFolder = Annotated[
    Path | None,
    typer.Option(
        "--work",
        metavar="DIR",
        readable=False,
        help="Where to keep what is read meanwhile; the system's place if left out.",
    ),
]
MemoryLimit = Annotated[str, typer.Option(metavar="SIZE", help="What the engine may hold in memory.")]
Threads = Annotated[int, typer.Option(metavar="N", min=1, help="Threads of the engine.")]


def seal(
    files: Files,
    map: Map = None,
    data_source: DataSource = None,
    strict: Strict = False,
    work: WorkFolder = None,
    memory_limit: MemoryLimit = MEMORY_LIMIT,
    threads: Threads = THREADS,
    verbose: Verbose = False,
) -> int:
    """Write FILE.seal.json beside each file: its hash, size, rows, billed dollars, first and last day.

    Sent along, it shows on arrival that the file is whole and is read as it was here.
    """
    with telling_refusals(), work_folder(work) as folder:
        how = map_given(map)
        for path in files:
            with waiting(f"sealing {path}"):
                target = seal_file(
                    ClaimInput(path, how, data_source, is_strict=strict),
                    folder,
                    memory_limit=memory_limit,
                    threads=threads,
                )
            talk(f"sealed: {target}")
    return DONE


def inspect(
    files: Files,
    map: Map = None,
    data_source: DataSource = None,
    eligibility: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Spans of the members.")
    ] = None,
    facts: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Documented facts of the members.")
    ] = None,
    history: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", readable=False, help="Earlier claims: counted, not answered.")
    ] = None,
    policies: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            readable=False,
            help="A library: its lines of business, code systems and contracts are known.",
        ),
    ] = None,
    strict: Strict = False,
    work: WorkFolder = None,
    memory_limit: MemoryLimit = MEMORY_LIMIT,
    threads: Threads = THREADS,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Read claims as `decide` would, and say what was found and what would be rejected; answer nothing (1: rejects)."""
    with telling_refusals(), work_folder(work) as folder:
        lines, systems, contracts = _known(policies)
        how = map_given(map, lines)
        options = ReadOptions(
            work=folder,
            eligibility=None if eligibility is None else ClaimInput(eligibility, how),
            facts=None if facts is None else ClaimInput(facts, how),
            declared_lines=lines,
            declared_systems=systems,
            contracts=contracts,
            memory_limit=memory_limit,
            threads=threads,
        )
        inputs = [
            *(ClaimInput(each, how, data_source, is_strict=strict) for each in files),
            *(ClaimInput(each, how, data_source, is_history=True, is_strict=strict) for each in history or ()),
        ]
        with waiting(f"reading {counted(len(inputs), 'file')}"):
            engine = open_engine([folder], memory_limit=memory_limit, threads=threads)
            found = inspect_claims(engine, inputs, options)
            engine.close()
    if format is Format.JSON:
        write_json(found.as_dict())
    else:
        _print_inspected(Page(), found)
    return FOUND if found.read.rejected else DONE


def _known(
    policies: Path | None,
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], frozenset[str] | None]:
    """Lines of business and code systems that a library declares, and the contracts it holds; none named: not looked up."""
    if policies is None:
        return (), (), None
    desk = open_library(policies).desk
    return tuple(desk.plan.lines), tuple(desk.plan.systems.declared), frozenset(desk.contracts)


def map_given(words: str | None, lines: tuple[str, ...] = ()) -> ColumnMap:
    """The column map of ``--map``: a file where there is one, else a plug-in."""
    if words is None:
        return PLAIN
    path = Path(words)
    return read_map(path, lines) if path.suffix == ".toml" or path.exists() else plugged_map(words)


@contextmanager
def work_folder(given: Path | None) -> Iterator[Path]:
    """A folder that nobody else may read, gone afterwards with all that was kept in it."""
    try:
        with tempfile.TemporaryDirectory(prefix="medpol-claims-", dir=given) as folder:
            yield Path(folder).resolve()
    except FileNotFoundError as problem:
        raise Stop(NOT_FOUND, f"no folder at {problem.filename or given}") from None


@contextmanager
def telling_refusals() -> Iterator[None]:
    """Turns what may end the reading of claims into its exit code and what to do about it."""
    try:
        yield
    except ClaimsRefused as problem:
        raise Stop(NOT_FOUND if isinstance(problem, ClaimsNotFound) else REFUSED, str(problem)) from None
    except duckdb.OutOfMemoryException:
        raise Stop(WRITE_FAILED, "the engine needs more memory\n    mend: give more with --memory-limit") from None
    except OSError as problem:
        raise Stop(
            WRITE_FAILED, f"writing failed: {problem.strerror or problem}: {os.fspath(problem.filename or '')}"
        ) from None


# ---------------------------------------------------------------------------- pages


def _print_inspected(page: Page, found: Inspected) -> None:
    read = found.read
    page.title(
        f"{counted(read.rows, 'row')}: {counted(read.lines, 'line')} would be answered, {read.rejected:,} rejected"
    )
    for each in read.inputs:
        page.blank()
        page.title(each.path)
        page.field("read as", f"{each.format}{', as history' if each.is_history else ''}, {each.size:,} bytes")
        page.field("rows", f"{each.rows:,}: {counted(each.lines, 'line')}, {sum(each.rejects.values()):,} rejected")
        unread = f"; {counted(each.billed_missing, 'row')} without an amount" if each.billed_missing else ""
        page.field("billed", f"${each.billed_read:,.2f}, of it rejected ${each.billed_rejected:,.2f}{unread}")
        page.field("care", f"from {each.first_day} to {each.last_day}" if each.first_day else "no day at all")
        page.field("sources", ", ".join(each.data_sources) or "none")
        page.field(
            "seal", "sealed, and as sealed" if each.is_sealed else "unsealed input: damage on the way cannot be seen"
        )
        if each.is_money_floating:
            page.field("amounts", "from floating point, taken where they are a whole cent")
        if each.ignored:
            page.field("ignored", ", ".join(each.ignored))
    _print_counts(page, found)
    _print_rejects(page, found)


def _print_counts(page: Page, found: Inspected) -> None:
    read = found.read
    page.blank()
    page.title("Which lines stand")
    page.table(
        ("lines", "billed", "final status"),
        [(f"{lines:,}", f"${billed:,.2f}", status) for status, (lines, billed) in read.final_statuses.items()],
    )
    if read.findings:
        page.blank()
        page.title("What is odd, and answered all the same")
        page.table(
            ("lines", "finding", "which means"),
            [(f"{count:,}", key, FINDINGS.get(key, "")) for key, count in read.findings.items()],
        )
    if read.undeclared_lines:
        page.blank()
        page.title("Names of lines of business that nobody declares")
        page.table(("rows", "name"), [(f"{count:,}", name) for name, count in read.undeclared_lines.items()])


def _print_rejects(page: Page, found: Inspected) -> None:
    if not found.rejects:
        return
    page.blank()
    page.title("What would be rejected")
    for kind in found.rejects:
        page.blank()
        page.line(f"{kind.reject_key}, {kind.column or 'the whole'}: {counted(kind.rows, 'row')}", indent=2)
        page.line(f"expected {kind.expected}", indent=4, hang=2)
        page.line(f"mend: {kind.mend}", indent=4, hang=2)
        page.table(("place", "found"), [(each.place, each.found or "nothing") for each in kind.examples], indent=4)
        if kind.rows > EXAMPLES:
            page.line(f"and {kind.rows - EXAMPLES:,} more", indent=4)
