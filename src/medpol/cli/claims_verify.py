"""``medpol claims verify``: a finished run checked again from its own files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.claims import work_folder
from medpol.cli.opening import Format, InFormat, Verbose
from medpol.cli.output import Page, counted, write_json
from medpol.cli.stops import DONE, FINDINGS, NOT_FOUND, Stop
from medpol.decide.engines.run.verifying import NoRun, Verified, verify_run

MOST = 50
"""Problems that are printed; with ``--format json`` all are."""

RunFolder = Annotated[Path, typer.Argument(metavar="DIR", readable=False, help="The folder of a run.")]


def verify(folder: RunFolder, format: InFormat = Format.TEXT, verbose: Verbose = False) -> int:
    """Check that a run is whole: every file is what was written, rows and dollars add up, no key stands twice.

    Exit code 1 where anything does not hold.
    """
    try:
        with work_folder(None) as spill:
            verified = verify_run(folder.absolute(), spill)
    except NoRun as problem:
        raise Stop(NOT_FOUND, str(problem)) from None
    if format is Format.JSON:
        write_json(asdict(verified))
    else:
        _print(Page(), verified)
    return FINDINGS if verified.problems else DONE


def _print(page: Page, verified: Verified) -> None:
    if not verified.problems:
        page.line(
            f"whole: {counted(verified.files, 'file')}, {counted(verified.line_rows, 'line row')}, "
            f"{counted(verified.policy_rows, 'policy row')}"
        )
        page.line(f"{verified.run_id}, manifest sha256 {verified.manifest_sha256}")
        return
    for problem in verified.problems[:MOST]:
        page.line(str(problem), hang=2)
    if len(verified.problems) > MOST:
        page.line(f"and {len(verified.problems) - MOST} more")
    page.line(f"{counted(len(verified.problems), 'problem')}: do not use this run")
