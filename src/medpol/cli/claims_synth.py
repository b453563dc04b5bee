"""``medpol claims synth``: a folder of synthetic claims whose answers are known beforehand."""

from __future__ import annotations

import re
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from medpol.claims.synth import FolderInUse, Form, Made, Order, make
from medpol.claims.synth.faults import MOST
from medpol.claims.synth.words import MOST_SEED
from medpol.cli.claims_progress import RunProgress
from medpol.cli.opening import Verbose
from medpol.cli.output import Page, counted
from medpol.cli.stops import DONE, USAGE, WRITE_FAILED, Stop
from medpol.decide.engines.run.running import Done
from medpol.library import SHIPPED

_SHARE = re.compile(r"([0-9]{1,2}(?:[.][0-9]{1,6})?)%", re.ASCII)


class Claims(StrEnum):
    """How the claims are written; the tables beside them are Parquet beside Parquet, else CSV."""

    PARQUET = "parquet"
    CSV = "csv"
    PROFESSIONAL = "837p"
    INSTITUTIONAL = "837i"


def synth(
    rows: Annotated[int, typer.Option(metavar="N", min=1, help="Rows of claims, such as 1_000_000.")],
    seed: Annotated[int, typer.Option(metavar="S", min=0, max=MOST_SEED, help="Same seed, same claims.")],
    out: Annotated[Path, typer.Option(metavar="DIR", readable=False, help="An empty folder; made where missing.")],
    format: Annotated[Claims, typer.Option(help="How the claims are written.")] = Claims.PARQUET,
    faults: Annotated[
        str, typer.Option(metavar="SHARE", help="The share of rows to break, such as 0.5%; broken files are made too.")
    ] = "0%",
    verbose: Verbose = False,
) -> int:
    """Write invented claims, what is joined to them, the library they are about, and `truth`: planted answers, and why.

    Same seed, same bytes; fewer rows are the beginning of more. No person, code or policy of the invented part is real.
    """
    with RunProgress() as progress:
        told = Done("making claims", of=rows)

        def tell(made: int) -> None:
            told.lines = made
            progress.told(told)

        order = Order(rows, seed, out, SHIPPED, Form(format.value), _share(faults), tell)
        try:
            made = make(order)
        except FolderInUse:
            raise Stop(USAGE, f"{out} is not empty\n    mend: name another folder with --out, or empty it") from None
        except OSError as problem:
            raise Stop(WRITE_FAILED, f"{out} cannot be written: {problem.strerror or problem}") from None
    _print(Page(), order, made)
    return DONE


def _share(given: str) -> Fraction:
    found = _SHARE.fullmatch(given.strip())
    if found is None or Fraction(found[1]) / 100 > MOST:
        raise Stop(USAGE, f"--faults {given}: expected a share such as 0.5%, at most {100 * MOST}%")
    return Fraction(found[1]) / 100


def _print(page: Page, order: Order, made: Made) -> None:
    page.line(f"{made.claims}: {counted(made.rows, 'row')}, {counted(made.truths, 'planted truth')}")
    if made.rejects:
        page.line(
            f"of them {counted(made.rejects, 'row')} to be rejected, and {order.out / 'broken'}: files to be refused"
        )
    if made.left_out:
        page.line(f"{counted(made.left_out, 'planted row')} left out, which an {order.form.value} has no way to say")
    side = "parquet" if order.form is Form.PARQUET else "csv"
    page.line("to decide them:")
    page.unwrapped(
        f"  medpol claims decide {made.claims} --policies {order.out / 'policies'} --map {order.out / 'map.toml'}"
        f" --eligibility {order.out / f'eligibility.{side}'} --facts {order.out / f'facts.{side}'} --out RUN"
        + (" --max-rejects 100%" if made.rejects else "")
    )
