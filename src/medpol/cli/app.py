"""The commands and how they end: which module holds which, the examples of their help, and the exit codes."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from medpol import __version__
from medpol.cli.output import close_quietly, talk, write_bytes, writing
from medpol.cli.stops import BUG, DONE, INTERRUPTED, USAGE, WRITE_FAILED, ReaderGone, Stop


@dataclass(frozen=True, slots=True)
class _Command:
    """Where a command lives, what the list of commands says of it, and the examples under its help."""

    module: str
    function: str
    about: str
    examples: tuple[str, ...]
    extra: str = ""
    """Which extra of the package it needs beside the core."""


COMMANDS: dict[str, _Command] = {
    "decide": _Command(
        "medpol.cli.decide",
        "decide",
        "Answer a case: the outcome, why, and on which sentence.",
        (
            "medpol decide --code 20560 --line-of-business commercial --date-of-service 2024-08-02",
            "medpol decide --code 20560 --contract example-rider-needling --format json",
            "medpol decide --policies examples/policies --code 20552 --diagnosis M79.18 --explain",
            "medpol decide --cases cases.ndjson --format ndjson > answers.ndjson",
        ),
    ),
    "list": _Command(
        "medpol.cli.show",
        "list_policies",
        "The policies, with their status on a day.",
        ("medpol list", "medpol list --policies examples/policies --date-of-service 2024-05-01 --format json"),
    ),
    "show": _Command(
        "medpol.cli.show",
        "show",
        "One policy as it stands on a day.",
        ("medpol show 2.01.100", "medpol show 2.01.100 --date-of-service 2020-02-01 --known-on 2020-02-01"),
    ),
    "code": _Command(
        "medpol.cli.show",
        "code",
        "Which policies name a code, and at what position.",
        ("medpol code 20560 20561", "medpol code M79.18 --format json"),
    ),
    "history": _Command(
        "medpol.cli.show",
        "history",
        "The versions of a policy, on both clocks.",
        ("medpol history 2.01.100", "medpol history 2.01.100 --known-on 2023-08-31"),
    ),
    "diff": _Command(
        "medpol.cli.diff",
        "diff",
        "What changed between two versions: the meaning, then the words.",
        (
            "medpol diff 2.01.100 2019-07-01 2023-12-07",
            "medpol diff 2.01.100 2023-12-07 2024-07-01 --semantic --format json",
            "medpol diff 2.01.100 2023-12-07 2024-07-01 --format html",
        ),
    ),
    "search": _Command(
        "medpol.cli.search",
        "search",
        "Words, codes and numbers in the published policies.",
        ("medpol search dry needling", "medpol search 20560 --date-of-service 2020-02-01 --format json"),
    ),
    "calendar": _Command(
        "medpol.cli.calendar",
        "calendar",
        "What is due: reviews, notices, days in force, coding updates.",
        (
            "medpol calendar --days 365",
            "medpol calendar --date-of-service 2023-09-10 --known-on 2023-09-10",
            "medpol calendar --policy 2.01.100 --ics policy.ics",
        ),
    ),
    "feed": _Command(
        "medpol.cli.calendar",
        "feed",
        "What became known of the policies, newest first.",
        ("medpol feed", "medpol feed --policy 2.01.100 --atom changes.atom --site https://policies.example.org"),
    ),
    "review": _Command(
        "medpol.cli.review",
        "review",
        "Prepare the next review of a policy: one paper, and a draft of the next version.",
        (
            "medpol review 2.01.100",
            "medpol review 2.01.100 --today 2025-05-15 --out review-2025",
            "medpol review 2.01.100 --claims claims.parquet --out review",
        ),
    ),
    "check": _Command(
        "medpol.cli.check",
        "check",
        "What is wrong or doubtful in documents.",
        (
            "medpol check examples/policies",
            "medpol check policies/2.01.100/2024-07-01.md --all",
            "medpol check --explain notice-too-short",
            "medpol check policies --format sarif > findings.sarif",
        ),
    ),
    "fmt": _Command(
        "medpol.cli.documents",
        "fmt",
        "Put the spelling of documents in order.",
        ("medpol fmt policies", "medpol fmt policies --check"),
    ),
    "test": _Command(
        "medpol.cli.documents",
        "test",
        "Run the worked cases kept beside policies.",
        ("medpol test", "medpol test examples/policies"),
    ),
    "ingest": _Command(
        "medpol.cli.ingest",
        "ingest",
        "A published document to drafts, with its report.",
        ("medpol ingest published.md --out library", "medpol ingest page.html --out library --publisher premera"),
    ),
    "watch": _Command(
        "medpol.cli.watch",
        "watch",
        "What has become of listed trials and cited papers.",
        (
            "medpol watch 2.01.100 --contact you@example.org",
            "medpol watch --all --policies policies --state /var/lib/medpol-watch --contact you@example.org",
            "medpol watch 2.01.100 --saved recorded --format json",
        ),
        "evidence",
    ),
    "trials": _Command(
        "medpol.cli.trials",
        "trials",
        "The registered trials of a policy, and which are overdue.",
        ("medpol trials 2.01.100", "medpol trials 2.01.100 --today 2024-02-08 --format csv"),
    ),
    "serve": _Command(
        "medpol.cli.serve",
        "serve",
        "The library as web pages and over REST.",
        ("medpol serve", "medpol serve --policies examples/policies --port 8080"),
        "web",
    ),
    "ledger verify": _Command(
        "medpol.cli.ledger",
        "verify",
        "Walk the chain, and name the first entry that does not hold.",
        (
            "medpol ledger verify",
            "medpol ledger verify --head heads/2026-11-23.json --public-key ledger-signing.pem",
            "medpol ledger verify --database postgresql://medpol@db/ledger --format json",
        ),
        "web",
    ),
    "ledger show": _Command(
        "medpol.cli.ledger",
        "show",
        "One record, with its case and its answer.",
        ("medpol ledger show 5f0c1e7b9a3d4c2e8b6f7a1d0c9e4b32",),
        "web",
    ),
    "ledger replay": _Command(
        "medpol.cli.ledger",
        "replay",
        "Decide a recorded case again, and compare the bytes.",
        ("medpol ledger replay 5f0c1e7b9a3d4c2e8b6f7a1d0c9e4b32 --policies policies",),
        "web",
    ),
    "ledger export-head": _Command(
        "medpol.cli.ledger",
        "export_head",
        "The end of the chain, signed, to be kept in another place.",
        ("medpol ledger export-head > heads/2026-11-23.json",),
        "web",
    ),
    "ledger erase": _Command(
        "medpol.cli.ledger",
        "erase",
        "Make the case and the answer of a record unreadable for ever.",
        ("medpol ledger erase 5f0c1e7b9a3d4c2e8b6f7a1d0c9e4b32 --yes",),
        "web",
    ),
    "claims seal": _Command(
        "medpol.cli.claims",
        "seal",
        "Say at the source what a file of claims holds, so that damage is seen.",
        ("medpol claims seal claims.parquet", "medpol claims seal jan.csv feb.csv --map warehouse.toml"),
        "claims",
    ),
    "claims inspect": _Command(
        "medpol.cli.claims",
        "inspect",
        "What files of claims hold, and what of them would be rejected.",
        (
            "medpol claims inspect claims.parquet --eligibility spans.parquet",
            "medpol claims inspect claims.csv --map warehouse.toml --format json",
        ),
        "claims",
    ),
    "claims decide": _Command(
        "medpol.cli.claims_decide",
        "decide",
        "Files of claims to a folder of determinations, and a summary.",
        (
            "medpol claims decide claims.parquet --out run-2026-11",
            "medpol claims decide jan.csv feb.csv --map warehouse.toml --eligibility spans.parquet --out run",
            "medpol claims decide claims.837 --data-source clearing-house --out run --resume",
            "medpol claims decide claims.parquet --out run --engine spark --spark-master spark://host:7077",
        ),
        "claims",
    ),
    "claims explain": _Command(
        "medpol.cli.claims_explain",
        "explain",
        "Why one line of a run got its answer, as `decide` would say it.",
        (
            "medpol claims explain run-2026-11 warehouse/C0001/1",
            "medpol claims explain run-2026-11 warehouse/C0001/1 --format json",
        ),
        "claims",
    ),
    "claims verify": _Command(
        "medpol.cli.claims_verify",
        "verify",
        "Check a finished run again: hashes, journal, sums, rows, keys.",
        ("medpol claims verify run-2026-11",),
        "claims",
    ),
    "impact": _Command(
        "medpol.cli.impact",
        "impact",
        "What a policy change would do to claims that were already made.",
        (
            "medpol impact --draft draft.md --claims claims.parquet --review-cost 42.00",
            "medpol impact --draft archive.md --in-force-from 2025-01-01 --claims 2025.csv --format html --out impact.html",
            "medpol impact --policies policies --against next-year --claims jan.csv --claims feb.csv --format json",
        ),
        "claims",
    ),
    "claims synth": _Command(
        "medpol.cli.claims_synth",
        "synth",
        "Invented claims whose answers are known beforehand.",
        (
            "medpol claims synth --rows 1_000_000 --seed 7 --out synthetic",
            "medpol claims synth --rows 10_000 --seed 7 --format 837p --faults 0.5% --out broken-837",
        ),
        "claims",
    ),
    "claims sql": _Command(
        "medpol.cli.claims_sql",
        "sql",
        "The SQL that decides claims, in the words of a warehouse.",
        (
            "medpol claims sql --dialect snowflake --policies policies",
            "medpol claims sql --dialect spark --policies policies --exchange exchange",
        ),
        "warehouse",
    ),
    "evidence status": _Command(
        "medpol.cli.evidence",
        "status",
        "Where the evidence of a policy stands: conclusions, signatures, what came since.",
        ("medpol evidence status 2.01.100", "medpol evidence status 2.01.100 --known-on 2024-02-08 --format json"),
    ),
    "evidence assess": _Command(
        "medpol.cli.evidence",
        "assess",
        "From the five criteria to a conclusion and the positions it allows.",
        (
            "medpol evidence assess 2.01.100",
            "medpol evidence assess 2.01.100 --population plantar-heel --criterion 2=met --criterion 3=met",
        ),
    ),
    "evidence pool": _Command(
        "medpol.cli.evidence_pool",
        "pool",
        "What studies say together, and what is left out and why.",
        (
            "medpol evidence pool 2.01.100",
            "medpol evidence pool 2.01.100 --population plantar-heel --outcome pain --timepoint short --unverified",
            "medpol evidence pool 2.01.100 --population plantar-heel --outcome pain --format csv",
        ),
        "evidence",
    ),
    "evidence grade": _Command(
        "medpol.cli.evidence_pool",
        "grade",
        "How certain a pool is, as suggested, with the numbers behind each step.",
        ("medpol evidence grade 2.01.100", "medpol evidence grade 2.01.100 --published --format json"),
        "evidence",
    ),
    "evidence findings": _Command(
        "medpol.cli.evidence_pool",
        "findings",
        "The summary of findings of each population.",
        (
            "medpol evidence findings 2.01.100",
            "medpol evidence findings 2.01.100 --population plantar-heel --format md",
        ),
        "evidence",
    ),
    "evidence draw": _Command(
        "medpol.cli.evidence_draw",
        "draw",
        "A forest plot, funnel, bias lights or timeline as a file, or its table.",
        (
            "medpol evidence draw forest 2.01.100 --pool heel-pain-short --out heel.svg",
            "medpol evidence draw timeline 2.01.100 --today 2024-07-01 --out trials.svg",
            "medpol evidence draw bias 2.01.100 --tool PEDro --out bias.csv",
        ),
        "evidence",
    ),
    "evidence what-if": _Command(
        "medpol.cli.evidence_what_if",
        "what_if",
        "What would have to be true for a pool to say something else.",
        (
            "medpol evidence what-if 2.01.100 --population plantar-heel --outcome pain --without cotchett-2014",
            "medpol evidence what-if 2.01.100 --pool heel-pain-short --smallest-trial --effect -2 --sd 2.5",
        ),
        "evidence",
    ),
    "evidence add": _Command(
        "medpol.cli.evidence_records",
        "add",
        "The draft of a record for one publication or registered trial.",
        (
            'medpol evidence add 2.01.100 --pmid 24700136 --kind "randomised trial" --policies policies',
            'medpol evidence add 2.01.100 --nct NCT07133139 --kind "randomised trial" --policies policies --saved answers',
        ),
        "evidence",
    ),
    "evidence import": _Command(
        "medpol.cli.evidence_records",
        "import_",
        "Citations as drafts of records, or a sheet of results.",
        (
            'medpol evidence import 2.01.100 found.ris --kind "randomised trial" --policies policies',
            "medpol evidence import 2.01.100 results.csv --as csv --policies policies",
        ),
        "evidence",
    ),
    "evidence export": _Command(
        "medpol.cli.evidence_records",
        "export",
        "The studies as RIS citations, or their results as CSV.",
        ("medpol evidence export 2.01.100", "medpol evidence export 2.01.100 --as csv --known-on 2024-06-10"),
        "evidence",
    ),
}

GROUPS = {
    "ledger": "The recorded determinations: verify, show, replay, erase.",
    "claims": "Claims in bulk: seal, inspect, decide, explain, verify, synth, sql.",
    "evidence": "Evidence beside a policy: status, assess, pool, grade, findings, draw, what-if, add, import, export.",
}
"""Commands of two words, by the first of them, and what the list of commands says of it."""

_ABOUT = "Medical policies as they are published, and what they say for one case on one day."
_EPILOG = """\b
Exit codes: 0 done, 1 findings, 2 usage, 3 not found, 4 input refused,
5 claims that do not add up, 70 a bug, 74 a write failed, 75 busy or unavailable.
decide --exit-code: covered 0, not covered 10, information needed 11, not addressed 12, refer 13.

\b
Examples:
  medpol decide --code 20560
  medpol show 2.01.100"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give back its exit code. Data goes to stdout, talk to stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    _speak_utf_8()
    try:
        code = _run(given)
        with writing():
            sys.stdout.flush()
        return code
    except Stop as stop:
        if stop.message:
            talk(f"medpol: {stop.message}")
        if stop.code == WRITE_FAILED:
            close_quietly()
        return stop.code
    except ReaderGone:
        close_quietly()
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as bug:
        return _bug(bug, given)


def _run(arguments: list[str]) -> int:
    try:
        result: Any = _application(arguments)(args=arguments, prog_name="medpol", standalone_mode=False)
    except typer.TyperException as problem:  # an option that cannot be read; it says which
        show = getattr(problem, "show", None)
        if show is not None:
            show()
        else:
            talk(f"medpol: {problem}")
        return problem.exit_code
    except typer.Abort:
        return INTERRUPTED
    return result if isinstance(result, int) else DONE


def _application(arguments: Sequence[str]) -> typer.Typer:
    """The application with every command by name; only the one that is asked for is imported."""
    application = _group("medpol")
    application.callback(help=_ABOUT, epilog=_EPILOG)(_front)
    groups = {name: _group(name) for name in GROUPS}
    words = [each for each in arguments if not each.startswith("-")]
    for name, command in COMMANDS.items():
        first, _, second = name.partition(" ")
        is_asked = words[:2] == [first, second] if second else words[:1] == [first]
        examples = "\n".join(("\b", "Examples:", *(f"  {each}" for each in command.examples)))
        (groups[first] if second else application).command(
            second or first, cls=_Single, epilog=examples, short_help=command.about
        )(_function(name, command) if is_asked else _only_listed)
    for name, group in groups.items():
        application.add_typer(group, name=name, help=GROUPS[name])
    return application


def _group(name: str) -> typer.Typer:
    return typer.Typer(
        name=name,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


def _function(name: str, command: _Command) -> Any:
    """What a command runs. Ends it where the package was installed without the extra that it needs."""
    try:
        return getattr(import_module(command.module), command.function)
    except ModuleNotFoundError as missing:
        if not command.extra or (missing.name or "").split(".")[0] == "medpol":
            raise
        raise Stop(
            USAGE,
            f"medpol {name} needs {missing.name}, which is not installed\n"
            f"    mend: pip install 'medpol[{command.extra}]'",
        ) from None


def _only_listed() -> None:
    """Stands for a command that is not asked for: of it, only the name and a line are shown."""


class _Single(TyperCommand):
    """A command that takes an option of one value once: of two, the first would silently be dropped."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        order: list[Any] = list(self.make_parser(ctx).parse_args(list(args))[2])
        for each in order:
            is_single = each.param_type_name == "option" and not each.multiple and not each.is_flag
            if is_single and order.count(each) > 1:
                raise typer.BadParameter("given more than once; expected one value", ctx=ctx, param=each)
        return super().parse_args(ctx, args)


def _version(is_asked: bool) -> None:
    if is_asked:
        write_bytes(f"medpol {__version__}\n".encode())
        raise typer.Exit(DONE)


def _front(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version and leave.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="On a bug, show where it happened.")] = False,
) -> None:
    """What stands before the commands; the help of the whole is said where the application is made."""


def _speak_utf_8() -> None:
    """The same bytes in every locale; what a terminal cannot show becomes a question mark, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _bug(bug: Exception, arguments: Sequence[str]) -> int:
    if "-v" in arguments or "--verbose" in arguments:
        talk("".join(traceback.format_exception(bug)).rstrip())
    talk(
        f"medpol: this is a bug in medpol, not in your input: {type(bug).__name__}: {bug}\n"
        "    mend: run it again with `medpol -v ...` and report what it prints; no answer was given"
    )
    return BUG
