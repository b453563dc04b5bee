"""``medpol claims decide``: files of claims to a folder of determinations, and a summary for who manages claims."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medpol.claims.fence import MEMORY_LIMIT, THREADS
from medpol.claims.intake import ClaimsDoNotReconcile, share_of
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused
from medpol.claims.sources import ClaimInput
from medpol.cli.claims import (
    Contracts,
    DataSource,
    Eligibility,
    FactsFile,
    Files,
    HistoryIsWhole,
    Map,
    MaxRejects,
    Strict,
    StrictPointers,
    Threads,
    map_given,
    work_folder,
)
from medpol.cli.claims_progress import RunProgress
from medpol.cli.claims_spark import (
    MEMORY,
    SparkMaster,
    SparkProperties,
    master_of,
    properties_of,
    refuse_path,
    refuse_unreachable,
    refuse_without_java,
    spark_modules,
    telling_spark,
)
from medpol.cli.claims_summary import print_summary
from medpol.cli.faults import disk_of
from medpol.cli.opening import (
    Format,
    InFormat,
    Policies,
    Verbose,
    day_given,
    open_library,
    read_or_stop,
    refuse_errors,
)
from medpol.cli.output import Page, write_json
from medpol.cli.progress import waiting
from medpol.cli.stops import BUSY, DONE, NOT_FOUND, REFUSED, UNRECONCILED, USAGE, WRITE_FAILED, Stop
from medpol.decide.engines.run.asked import ENGINE_VERSION, LINES_PER_PART, RUN, AnotherRun, Asked
from medpol.decide.engines.run.contracts import with_contracts
from medpol.decide.engines.run.deciders import DeciderOf, inside
from medpol.decide.engines.run.disk import FolderBusy, WriteFailed, read_json, refuse_busy
from medpol.decide.engines.run.parts import DoesNotReconcile
from medpol.decide.engines.run.running import FolderTaken, Means, decide_claims
from medpol.decide.engines.run.used import COLUMNS
from medpol.decide.holdings import open_desk
from medpol.decide.one import Desk
from medpol.library import SHIPPED

PAID_DATE = "paid-date"


class Detail(StrEnum):
    """Whether the sentences and facts of each answer are written, or are left to ``explain``."""

    COMPACT = "compact"
    FULL = "full"


class Engine(StrEnum):
    """What decides the lines; the rows are the same."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Only(StrEnum):
    """Which lines get a row."""

    ADDRESSED = "addressed"


Many = list[Path] | None


def decide(
    files: Files,
    out: Annotated[
        Path, typer.Option(metavar="DIR", readable=False, help="The folder of the run; made where missing.")
    ],
    policies: Policies = None,
    known_on: Annotated[
        str | None,
        typer.Option(metavar="D|paid-date", help="Only what was known by that day, or when each line was paid; today."),
    ] = None,
    map: Map = None,
    data_source: DataSource = None,
    eligibility: Eligibility = None,
    contracts: Contracts = None,
    facts: FactsFile = None,
    history: Annotated[
        Many, typer.Option(metavar="FILE", readable=False, help="Earlier claims: counted, not answered.")
    ] = None,
    history_is_whole: HistoryIsWhole = False,
    strict_pointers: StrictPointers = False,
    final_only: Annotated[
        bool, typer.Option("--final-only", help="Set aside lines that are replaced, void, reversed or undetermined.")
    ] = False,
    only: Annotated[
        Only | None, typer.Option(metavar="addressed", help="Leave out lines whose code nothing names; count them.")
    ] = None,
    detail: Annotated[
        Detail, typer.Option(help="full: sentences, missing and used facts on each row.")
    ] = Detail.COMPACT,
    carry: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns of the input to copy to the line rows.")
    ] = None,
    max_rejects: MaxRejects = "0.1%",
    lines_per_part: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Lines of one part file: 250,000, or 5,000,000 where Spark decides."),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="What decides the lines.")] = Engine.DUCKDB,
    spark_master: SparkMaster = None,
    spark_conf: SparkProperties = None,
    memory_limit: Annotated[
        str | None, typer.Option(metavar="SIZE", help="What the engine may hold in memory: 512MB, or 2GB for Spark.")
    ] = None,
    threads: Threads = THREADS,
    strict: Strict = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that is in the folder.")] = False,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Answer every line of claims: determinations, rejects and a manifest in a folder, and a summary of them.

    Nothing counts until the manifest is written. A run that was stopped goes on with --resume, and ends in the same bytes.
    """
    if memory_limit is not None:
        refuse_size(memory_limit)
    if out.exists() and not out.is_dir():
        raise Stop(USAGE, f"--out {out}: a file; expected a folder")
    with telling_refusals(out):
        refuse_busy(out)  # before a large library is read: who waits for nothing should not wait long
        by = _by(engine, out, spark_master, spark_conf or [], memory_limit, threads)
        desk = open_desk_with(policies, contracts)
        how = map_given(map, desk.lines)
        asked = Asked(
            inputs=(
                *(ClaimInput(_whole(each), how, data_source, is_strict=strict) for each in files),
                *(
                    ClaimInput(_whole(each), how, data_source, is_history=True, is_strict=strict)
                    for each in history or ()
                ),
            ),
            known_on=_known_on(known_on, out, resume),
            by_paid_date=known_on == PAID_DATE,
            eligibility=None if eligibility is None else ClaimInput(_whole(eligibility), how),
            facts=None if facts is None else ClaimInput(_whole(facts), how),
            contracts=None if contracts is None else _whole(contracts),
            carry=_carried(carry),
            final_only=final_only,
            only_addressed=only is not None,
            is_full=detail is Detail.FULL,
            is_history_whole=history_is_whole,
            is_strict_on_pointers=strict_pointers,
            lines_per_part=lines_per_part or by.lines_per_part,
            policies=str(_whole(SHIPPED if policies is None else policies)),
            engine_version=by.engine_version,
        )
        _refuse_share(max_rejects)
        memory = memory_limit or MEMORY_LIMIT
        with RunProgress() as progress, by.telling():
            means = Means(memory, threads, max_rejects, progress.told, _Timing(threads, memory), by.decider)
            whole = decide_claims(asked, desk, disk_of(out), means, resume=resume)
    if format is Format.JSON:
        write_json(whole)
    else:
        print_summary(Page(), whole, out)
    return DONE


@dataclass(frozen=True, slots=True)
class _By:
    """The engine of a run, and how its failures are told."""

    engine_version: str = ENGINE_VERSION
    lines_per_part: int = LINES_PER_PART
    decider: DeciderOf = inside
    telling: Callable[[], AbstractContextManager[None]] = nullcontext


def _by(
    engine: Engine, out: Path, master: str | None, properties: Sequence[str], memory: str | None, threads: int
) -> _By:
    """The engine as asked; ends the command where something that it needs is missing."""
    if engine is Engine.DUCKDB:
        if master is not None or properties:
            raise Stop(USAGE, "--spark-master and --spark-conf are for --engine spark\n    mend: add --engine spark")
        return _By()
    module = spark_modules()
    at = master_of(master, threads)
    held = properties_of(properties, at, memory or MEMORY, threads)
    refuse_path(out)
    refuse_without_java(os.environ)
    refuse_unreachable(at)
    return _By(module.ENGINE_VERSION, module.LINES_PER_PART, module.SparkOf(at, held), lambda: telling_spark(module))


def open_desk_with(policies: Path | None, contracts: Path | None) -> Desk:
    """The desk of a library, with the contracts of a table beside its own."""
    if contracts is None:
        return open_library(policies).desk
    library = read_or_stop(policies)
    refuse_errors(library)
    with work_folder(None) as work, waiting(f"reading {contracts}"):
        library = with_contracts(library, ClaimInput(contracts), work)
    refuse_errors(library)
    return open_desk(library).desk


@contextmanager
def telling_refusals(out: Path) -> Iterator[None]:
    """Turns what may end a run early into its exit code and what to do about it."""
    again = f"\n    mend: run the same command again with --resume; what {out} holds already is whole"
    try:
        yield
    except FolderBusy as problem:
        raise Stop(BUSY, f"{problem}\n    mend: wait for it, or name another folder with --out") from None
    except FolderTaken as problem:
        raise Stop(USAGE, f"{problem}\n    mend: --resume goes on with a run; else name another folder") from None
    except AnotherRun as problem:
        raise Stop(
            REFUSED,
            f"{out} holds another run: {problem}\n    mend: give it the same files and options, or name another folder",
        ) from None
    except ClaimsRefused as problem:
        raise Stop(NOT_FOUND if isinstance(problem, ClaimsNotFound) else REFUSED, str(problem)) from None
    except (DoesNotReconcile, ClaimsDoNotReconcile) as problem:
        raise Stop(
            UNRECONCILED, f"it does not add up, so no manifest was written: {problem}\n    mend: report this run"
        ) from None
    except WriteFailed as problem:
        raise Stop(WRITE_FAILED, f"writing failed: {problem}{again}") from None


def _known_on(given: str | None, out: Path, resume: bool) -> date:
    """The day as given; of a run that is resumed, its own; else today."""
    if given not in (None, PAID_DATE):
        return day_given(given)
    try:
        return date.fromisoformat(read_json(out / RUN)["known_on"]) if resume else date.today()
    except (OSError, ValueError, KeyError, TypeError):
        return date.today()


def _whole(path: Path) -> Path:
    """The path from the root: so the run says the same wherever it is started, and ``explain`` finds the file again."""
    return Path(path).absolute()


def _carried(given: str | None) -> tuple[str, ...]:
    names = () if given is None else tuple(each.strip() for each in given.split(","))
    for at, name in enumerate(names):
        if not name or name in names[:at]:
            raise Stop(USAGE, f"--carry {given}: expected names of columns with commas between, each once")
        if name.casefold() in COLUMNS:
            raise Stop(USAGE, f"--carry {name}: the output has a column of that name\n    mend: rename it in the file")
    return names


def refuse_size(given: str) -> None:
    """End the command where a size of memory cannot be read."""
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)? ?[KMGT]i?B", given, re.ASCII | re.IGNORECASE):
        raise Stop(USAGE, f"--memory-limit {given!r}: expected a size such as 512MB or 2GB")


def _refuse_share(given: str) -> None:
    try:
        share_of(given, 0)
    except ValueError as problem:
        raise Stop(USAGE, f"--max-rejects {problem}") from None


class _Timing:
    """What ``timing.json`` says: the only file of a run that differs from one to the next."""

    def __init__(self, threads: int, memory_limit: str) -> None:
        self.begun_at, self.started = datetime.now(UTC), time.monotonic()
        self.threads, self.memory_limit = threads, memory_limit

    def __call__(self) -> dict[str, Any]:
        return {
            "begun_at": self.begun_at.isoformat(timespec="seconds"),
            "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self.started, 3),
            "threads": self.threads,
            "memory_limit": self.memory_limit,
        }
