"""``medpol claims sql``: the one SQL text in the words of a warehouse, and scripts to run it where the claims are."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from medpol.claims.fence import open_engine
from medpol.cli.claims import work_folder
from medpol.cli.extras import with_extra
from medpol.cli.opening import Policies, Verbose, day_given, open_library
from medpol.cli.output import Page, write_bytes
from medpol.cli.stops import DONE, REFUSED, USAGE, WRITE_FAILED, Stop
from medpol.decide.engines.run.disk import read_json


class Warehouse(StrEnum):
    """Whose SQL is written."""

    DUCKDB = "duckdb"
    SPARK = "spark"
    DATABRICKS = "databricks"
    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"


def sql(
    dialect: Annotated[Warehouse, typer.Option(help="Whose SQL is written.")],
    policies: Policies = None,
    known_on: Annotated[str | None, typer.Option(metavar="D", help="Only what was known by that day; today.")] = None,
    exchange: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="Run it there, by scripts and results in this folder."),
    ] = None,
    location: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where scripts put results, as the warehouse names it; the folder itself."),
    ] = None,
    verbose: Verbose = False,
) -> int:
    """Print the SQL that decides claims, with every table it reads; or, with --exchange, carry it out by files.

    In an exchange run each script that is written, put what it hands out into the folder, and give the command again.
    """
    module = with_extra("medpol.decide.engines.exchange", "warehouse", "claims sql")
    chosen = module.Dialect(dialect.value)
    if location is not None and exchange is None:
        raise Stop(USAGE, "--location says where an exchange puts results\n    mend: add --exchange DIR")
    with work_folder(None) as work:
        engine = open_engine([work])
        shadow = module.shadow_of(engine)
        try:
            desk = open_library(policies).desk
            if exchange is None:
                write_bytes(module.listing(desk, _day(known_on, None), chosen, shadow).encode())
            else:
                _exchange(module, desk, known_on, exchange, chosen, location, shadow)
        finally:
            engine.close()
    return DONE


def _exchange(
    module: Any, desk: Any, known_on: str | None, folder: Path, dialect: Any, location: str | None, shadow: Any
) -> None:
    if dialect not in module.EXECUTED:
        names = ", ".join(each.value for each in module.EXECUTED)
        raise Stop(
            USAGE,
            f"--exchange is for {names}: what {dialect.value} answers was never compared with medpol's own answers"
            "\n    mend: print its text without --exchange, or take the claims to one of these",
        )
    if dialect.value == "databricks" and location is None:
        raise Stop(
            USAGE, "Databricks does not write into a folder of this machine\n    mend: name a place with --location"
        )
    page = Page()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = str(folder.absolute()) if location is None else location
        last = module.exchanged(desk, _day(known_on, folder / module.ASKED), folder, dialect, place, shadow)
    except module.Waiting as waiting:
        page.title(f"{waiting.script}: run it in the warehouse")
        page.line(f"It needs the tables of {module.CLAIMS}, and what the scripts before it made.", indent=2)
        for each in waiting.results:
            page.line(f"then put here: {each}.parquet (or {each}.jsonl)", indent=2)
        page.line("and give this command again.", indent=2)
    except module.AnotherExchange as problem:
        raise Stop(REFUSED, f"{problem}\n    mend: begin in an empty folder") from None
    except module.ResultRefused as problem:
        raise Stop(REFUSED, f"{problem}\n    mend: run its script again, and put its result here unchanged") from None
    except OSError as problem:
        raise Stop(WRITE_FAILED, f"{problem.filename or folder}: {problem.strerror or problem}") from None
    else:
        page.title(f"{last}: run it in the warehouse; it is the last one")
        page.line(f"It writes {' and '.join(module.ROWS)}: the determinations.", indent=2)


def _day(given: str | None, held: Path | None) -> date:
    """The day as given; of an exchange that goes on, its own; else today."""
    if given is not None:
        return day_given(given)
    try:
        return date.today() if held is None else date.fromisoformat(read_json(held)["known_on"])
    except (OSError, ValueError, KeyError, TypeError):
        return date.today()
