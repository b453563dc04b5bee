"""``medpol claims explain``: one line of a run, with the page that ``medpol decide`` would give of its case."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from medpol.claims.fence import MEMORY_LIMIT, THREADS
from medpol.cli.claims import MemoryLimit, Threads, work_folder
from medpol.cli.claims_decide import open_desk_with, refuse_size, telling_refusals
from medpol.cli.claims_summary import dollars
from medpol.cli.claims_verify import RunFolder
from medpol.cli.opening import Format, InFormat, Policies, Verbose
from medpol.cli.output import Page, write_json
from medpol.cli.pages import print_answer, print_criteria
from medpol.cli.progress import waiting
from medpol.cli.stops import DONE, NOT_FOUND, UNRECONCILED, Stop
from medpol.decide.cases import answer_as_dict
from medpol.decide.engines.run.explaining import DoesNotAgree, Explained, Run, explain_row
from medpol.decide.engines.run.running import Means
from medpol.decide.engines.run.verifying import NoRun
from medpol.decide.one import Desk


def explain(
    folder: RunFolder,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The line: data_source/claim_id/claim_line_number.")],
    policies: Policies = None,
    memory_limit: MemoryLimit = MEMORY_LIMIT,
    threads: Threads = THREADS,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Say why a line of a run got its answer: the sentences, each judged, with the values read again from its inputs.

    Where the inputs are gone or have changed, the sentences are shown with their truth values only.
    """
    refuse_size(memory_limit)
    with telling_refusals(folder), work_folder(None) as work:
        try:
            run = Run.open(folder.absolute())
            rows = run.rows(key, work / "spill")
            if not rows:
                raise Stop(
                    NOT_FOUND,
                    f"no line {key!r} in {folder}\n    mend: give data_source/claim_id/claim_line_number, as in line/",
                )
            desk = _desk(run, policies)
            with waiting("reading the inputs of the run again"):
                explained = [
                    explain_row(
                        run, desk, row, sources, work / f"line-{at}", Means(memory_limit=memory_limit, threads=threads)
                    )
                    for at, (row, sources) in enumerate(rows)
                ]
        except NoRun as problem:
            raise Stop(NOT_FOUND, str(problem)) from None
        except DoesNotAgree as problem:
            raise Stop(
                UNRECONCILED, f"{problem}\n    mend: medpol claims verify {folder}; report it where that finds nothing"
            ) from None
    if format is Format.JSON:
        write_json({"key": key, "rows": [_value(each) for each in explained]})
        return DONE
    page = Page()
    for at, each in enumerate(explained):
        if at:
            page.blank()
        _print(page, desk, each)
    return DONE


def _desk(run: Run, policies: Path | None) -> Desk | None:
    """The policies of the run, or those that are named instead; ``None`` where they are no longer there."""
    path = Path(run.asked.policies) if policies is None else policies
    if policies is None and not path.exists():
        return None
    contracts = run.asked.contracts
    if contracts is not None and not contracts.is_file():
        return None
    return open_desk_with(path, contracts)


def _value(each: Explained) -> dict[str, Any]:
    return {
        "row": dict(each.row),
        "sources": [dict(source) for source in each.sources],
        "answers": [answer_as_dict(answer.determination) for answer in each.answers],
        "values_not_read_again": each.why_not or None,
        "criteria": list(each.truths),
    }


def _print(page: Page, desk: Desk | None, each: Explained) -> None:
    row = each.row
    page.title(f"{row['data_source']}/{row['claim_id']}/{row['claim_line_number']}")
    page.field(
        "line", f"{row['final_status']}, billed {_money(row, 'billed_amount')}, allowed {_money(row, 'allowed_amount')}"
    )
    if row["findings"]:
        page.field("findings", ", ".join(row["findings"]))
    if row["span_crosses_change"]:
        page.field("lasts", f"into another version: {row['outcome'].replace('_', ' ')}, {row['reason']}")
    if desk is not None and each.answers:
        for answer in each.answers:
            page.blank()
            print_answer(page, desk, answer.case, answer.determination, explain=True)
        return
    page.field("outcome", row["outcome"].replace("_", " "))
    if row["coverage_position"] is not None:
        page.field("position", row["coverage_position"].replace("_", " "))
    page.field("because", f"{row['reason'] or row['reason_key']}")
    if row["policy"] is not None:
        page.field(
            "version", f"{row['policy']}, version of {row['policy_effective']}, sha256 {row['policy_hash'][:12]}"
        )
    page.field("values", f"cannot be shown: {each.why_not}")
    if each.truths:
        print_criteria(page, each.truths)
    elif row["rule"] is not None:
        page.field("rule", f"{row['rule']}: met {row['met_bits']}, unknown {row['unknown_bits']}")
    page.line(f"Id: {row['determination_id']}")


def _money(row: Mapping[str, Any], name: str) -> str:
    return "not stated" if row[name] is None else dollars(str(row[name]))
