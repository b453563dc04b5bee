"""``make demo``: the main job on real input. Reads a published policy, checks it, decides two tables of days, explains,
says what the answer rests on and which review is due; then makes a million claim lines, decides them and holds them against the answers planted in them (``million.py``).

Where the published document lies beside this repository (``../shared/seed``) it is imported; else the library that
ships answers. Every answer is held against the one in the tables: exit code 1 where one differs.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from million import million

from medpol.check import check_library
from medpol.cli.output import Page, close_quietly, styled
from medpol.cli.pages import outcome_words, print_answer
from medpol.cli.pages.evidence import print_standing
from medpol.cli.stops import ReaderGone
from medpol.decide.cases import decode_case
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.decide.worked import Worked, run_worked
from medpol.evidence.status import evidence_standing
from medpol.ingest import Kind, Report, ingest, write_drafts
from medpol.library import SHIPPED, Library, load
from medpol.model.diagnostic import Severity, Source
from medpol.renewal import Given, gather, renewed, standing_on
from medpol.renewal.tables import headline

SEED = Path(__file__).resolve().parents[2] / "shared" / "seed"

_SEVERAL = re.compile(r"reference(?= \d)|population|code(?! system)|trial(?= NCT)|guideline|history")

# asked, day of service, known on (empty: all that is held), line of business, contract, expected
Row = tuple[str, str, str, str, str, str]
BY_DAY: tuple[Row, ...] = (
    ("20560", "2019-12-31", "", "commercial", "", "not addressed, code-not-yet-valid"),
    ("20560", "2020-01-01", "", "commercial", "", "not covered, investigational"),
    ("20561", "2020-02-29", "", "commercial", "", "not covered, investigational"),
    ("20560", "2020-03-01", "", "commercial", "", "not addressed, archived"),
    ("20560", "2023-12-06", "", "commercial", "", "not addressed, in-notice"),
    ("20560", "2023-12-07", "", "commercial", "", "not covered, investigational"),
    ("20560", "2023-12-07", "2023-08-31", "commercial", "", "not addressed, archived"),
    ("20560", "2024-07-01", "", "commercial", "", "not covered, investigational"),
    ("20560", "2024-07-01", "", "medicare advantage", "", "not addressed, line-of-business-out-of-scope"),
    ("20562", "2024-07-01", "", "commercial", "", "not addressed, no-policy-names-code"),
    ("20560", "2024-07-01", "", "commercial", "example-rider-needling", "covered, covered-by-contract"),
)
BY_KNOWLEDGE: tuple[Row, ...] = (
    ("20560", "2024-07-01", "2019-06-30", "commercial", "", "not addressed, no-policy-names-code"),
    ("20560", "2020-03-05", "2020-02-29", "commercial", "", "not covered, investigational"),
    ("20560", "2020-03-05", "2020-03-01", "commercial", "", "not addressed, archived"),
    ("20560", "2018-12-31", "", "commercial", "", "not addressed, code-not-yet-valid"),
    ("20561", "2024-06-30", "", "commercial", "", "not covered, investigational"),
    ("dry-needling", "2019-06-01", "", "commercial", "", "not covered, investigational"),
    ("trigger-point-injection", "2019-06-01", "", "commercial", "", "not covered, investigational"),
    ("trigger-point-injection", "2023-12-07", "", "commercial", "", "not addressed, no-rule-applies"),
    ("97810", "2024-07-01", "", "commercial", "example-acupuncture-only", "covered, covered-by-contract"),
)
REVIEWED, REVIEW_DAY = "2.01.100", date(2025, 5, 15)
WHOLE = {"code": "20560", "date_of_service": "2024-08-02", "line_of_business": "commercial", "diagnoses": ["M79.18"]}
TABLES = (
    ("Care on these days", BY_DAY),
    ("The second clock, and services before they had a code", BY_KNOWLEDGE),
)


def main(lines: int = 0) -> int:
    """The tables of days, one answer whole, and ``lines`` claim lines; the exit code."""
    page = Page()
    shipped = _desk(load(SHIPPED))
    with _library(page) as library:
        _print_check(page, library)
        desk = _desk(library)
        differing = 0
        for title, rows in TABLES:
            page.blank()
            page.title(title)
            differing += sum(not _print_row(page, desk, shipped, row) for row in rows)
        count = sum(len(rows) for _, rows in TABLES)
        page.blank()
        page.line(f"{count - differing} of {count} answers are as expected.", style="red" if differing else "green")
        page.blank()
        page.title("One of them whole")
        case, known_on = decode_case(desk, WHOLE, desk.all_held)
        print_answer(page, desk, case, determine(desk, case, known_on), explain=True)
    _print_evidence(page, load(SHIPPED))
    if lines:
        with tempfile.TemporaryDirectory() as folder:
            differing += not million(page, lines, Path(folder))
    return 1 if differing else 0


@contextmanager
def _library(page: Page) -> Iterator[Library]:
    """The library to decide from: imported from the published document where it lies beside us, else the one that ships."""
    found = sorted(SEED.glob("*.md")) if SEED.is_dir() else []
    if not found:
        page.title("The library that ships")
        page.line("No published document is at hand to import: this is the library that comes with medpol.", indent=2)
        yield load(SHIPPED)
        return
    with tempfile.TemporaryDirectory() as folder:
        ingested = ingest(found[0].read_bytes(), found[0].name)
        if ingested.has_errors:
            raise SystemExit("\n".join(map(str, ingested.diagnostics)))
        write_drafts(ingested, Path(folder))
        _print_report(page, ingested.report)
        yield load(folder)


def _desk(library: Library) -> Desk:
    return Desk(compile_library(library))


# ---------------------------------------------------------------------------- pages


def _print_report(page: Page, report: Report) -> None:
    """What was taken from where, several of a kind in one row."""
    page.title(f"Imported: {report.source}")
    page.table(("Taken", "How many", "From line"), list(_taken(report)))
    counts = ", ".join(f"{kind.value} {report.count(kind)}" for kind in Kind if report.count(kind))
    page.line(f"Every non-blank line is accounted for: {counts}.", indent=2, hang=2)
    for each in report.questions:
        page.line("? ", each.question, indent=2, hang=2)
    versions = [path.rsplit("/", 1)[1].removesuffix(".md") for path in report.drafts if "/" in path]
    page.line(f"{len(versions)} versions, each a file: {', '.join(versions)}", indent=2, hang=2)


def _taken(report: Report) -> Iterable[tuple[str, str, str]]:
    held: dict[str, list[int]] = {}
    for line in report.lines:
        for what in line.what if line.kind is Kind.TAKEN else ():
            match = _SEVERAL.match(what)
            held.setdefault(match[0] if match else re.split("[:,]", what)[0].casefold(), []).append(line.number)
    for kind, numbers in held.items():
        if not kind.startswith("heading"):
            yield kind, str(len(numbers)), f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _print_check(page: Page, library: Library) -> None:
    found = check_library(library).found
    counts = {severity: sum(each.severity is severity for each in found) for severity in Severity}
    page.blank()
    page.title("Checked")
    page.line(", ".join(f"{count} {severity.value}s" for severity, count in counts.items()), indent=2)
    for each in found:
        if each.severity is not Severity.NOTE:
            page.line(f"{each.source}  ", each.found, indent=2, hang=4)


def _print_evidence(page: Page, library: Library) -> None:
    """What the answer rests on, and the review that is due, of the library that ships: a published policy has no records."""
    page.blank()
    page.title("What it rests on")
    evidence = library.evidence_of(REVIEWED)
    standing = standing_on(library, REVIEWED, REVIEW_DAY)
    assert evidence is not None and standing is not None
    print_standing(page, evidence_standing(evidence, standing, REVIEW_DAY, library.assessment))
    page.blank()
    page.title("The review that is due")
    draft = renewed(library, standing, REVIEW_DAY, REVIEW_DAY)
    packet = gather(Given(library, check_library(library, REVIEW_DAY), REVIEW_DAY), standing, draft)
    page.line(headline(packet), indent=2)
    page.line(f"medpol review {REVIEWED} --today {REVIEW_DAY} --out review    writes the paper and the draft", indent=2)


def _print_row(page: Page, desk: Desk, shipped: Desk, row: Row) -> bool:
    """One answer with its reason. Contracts are those of the shipped library: a published policy brings none."""
    asked, day, known_on, line, contract, expected = row
    desk = shipped if contract else desk
    given = {"code" if asked[0].isdigit() else "service": asked, "date_of_service": day, "line_of_business": line}
    given |= {"known_on": known_on} if known_on else {}
    given |= {"contract": contract} if contract else {}
    failing, problems = run_worked(desk, [Worked(given, expected, "", Source("demo"))], desk.all_held)
    if problems:
        page.line(f"✕ {problems[0].found}", indent=2)
        return False
    case, known = decode_case(desk, given, desk.all_held)
    answer = determine(desk, case, known, smallest=False)
    question = f"{day}  {asked}, {line}" + (f", known on {known_on}" if known_on else "")
    question += f", {contract}" if contract else ""
    page.line("✕ " if failing else "✓ ", f"{question}  ", outcome_words(answer.outcome), indent=2, hang=14)
    page.line(styled(answer.reason, "dim"), indent=16, hang=2)
    if failing:
        page.line(f"expected: {expected}", indent=16, style="red")
    return not failing


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000, help="claim lines to make and decide; 0 for none")
    try:
        sys.exit(main(parser.parse_args().lines))
    except ReaderGone:
        close_quietly()
