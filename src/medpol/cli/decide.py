"""``medpol decide``: one case from options, or many from lines of JSON."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer

from medpol.cli.opening import Policies, Verbose, open_library
from medpol.cli.output import Page, write_bytes
from medpol.cli.pages import print_answer
from medpol.cli.progress import Progress
from medpol.cli.stops import DONE, NOT_FOUND, OUTCOME_CODES, REFUSED, USAGE, Stop
from medpol.decide.cases import CaseError, UnknownContract, decode_case, decode_json, encode_answer
from medpol.decide.explain import determine
from medpol.decide.one import Desk
from medpol.decide.worked import read_event
from medpol.model.facts import BUILT_IN_FACTS, FactType

MAXIMUM_LINE = 1 << 20
"""Bytes of one case in a file of cases; a longer line is refused, so that no file fills the memory."""


class Format(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"


_OPTIONS = {
    "diagnoses": "--diagnosis",
    "modifiers": "--modifier",
    "facts": "--fact",
    "facts_file": "--facts",
    "assumed": "--assume",
    "answers": "--answer",
    "records_complete": "--record-complete",
}
"""Keys of a case whose option has another name."""

Many = list[str] | None


def decide(
    policies: Policies = None,
    code: Annotated[str | None, typer.Option(metavar="CODE", help="The code of the service, such as 20560.")] = None,
    service: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The service by the name of its Coding group, in place of a code."),
    ] = None,
    code_system: Annotated[
        str | None, typer.Option(metavar="NAME", help="CPT, HCPCS, ...; found from the code if left out.")
    ] = None,
    policy: Annotated[str | None, typer.Option(metavar="NUMBER", help="Ask this policy only.")] = None,
    date_of_service: Annotated[
        str | None, typer.Option(metavar="D", help="The day care is given; today if left out.")
    ] = None,
    known_on: Annotated[
        str | None, typer.Option(metavar="D", help="Only what was known by that day; today if left out.")
    ] = None,
    line_of_business: Annotated[
        str | None, typer.Option(metavar="NAME", help="commercial, medicare-advantage, medicaid, ...")
    ] = None,
    contract: Annotated[str | None, typer.Option(metavar="ID", help="The member's contract.")] = None,
    plan: Annotated[str | None, typer.Option(metavar="ID", help="The member's plan, a row of plans.md.")] = None,
    state: Annotated[str | None, typer.Option(metavar="WA", help="Where the member is covered.")] = None,
    diagnosis: Annotated[Many, typer.Option(metavar="CODE", help="A diagnosis; give the whole list.")] = None,
    age: Annotated[str | None, typer.Option(metavar='"44 years"', help="The age as recorded.")] = None,
    birth_date: Annotated[str | None, typer.Option(metavar="D", help="Or the day of birth.")] = None,
    sex: Annotated[str | None, typer.Option(metavar="WORD", help="As the plan records it.")] = None,
    units: Annotated[str | None, typer.Option(metavar="N", help="Units of the service.")] = None,
    modifier: Annotated[Many, typer.Option(metavar="CODE", help="A modifier of the line.")] = None,
    place_of_service: Annotated[str | None, typer.Option(metavar="CODE", help="Such as 11.")] = None,
    provider_specialty: Annotated[str | None, typer.Option(metavar="NAME", help="As the plan records it.")] = None,
    fact: Annotated[
        Many, typer.Option(metavar="NAME=VALUE", help="A documented fact; yes/no, or with its unit.")
    ] = None,
    facts: Annotated[str | None, typer.Option(metavar="FILE|-", help="Documented facts as a JSON object.")] = None,
    assume: Annotated[
        Many,
        typer.Option(metavar="NAME=VALUE", help="A fact supposed, not documented; only a covered answer may use it."),
    ] = None,
    answer: Annotated[
        Many,
        typer.Option(metavar='"WORDS=yes"', help="The answer to a question of the policy, by words of it or its id."),
    ] = None,
    history: Annotated[
        Many, typer.Option(metavar="CODE:DATE[:UNITS]", help="An earlier service; fields may follow after a space.")
    ] = None,
    history_complete_from: Annotated[
        str | None, typer.Option(metavar="D", help="The history is whole from this day, or from birth.")
    ] = None,
    history_incomplete_for: Annotated[Many, typer.Option(metavar="GROUP", help="But not for this group.")] = None,
    record_complete: Annotated[
        Many, typer.Option(metavar="NAME", help="What is not in this record did not happen.")
    ] = None,
    cases: Annotated[str | None, typer.Option(metavar="FILE|-", help="Many cases, a JSON object a line.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add the tree of criteria, judged, and every source.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Give the outcome as exit code (see medpol --help).")
    ] = False,
    format: Annotated[Format | None, typer.Option(help="text, json for one answer, ndjson for --cases.")] = None,
    verbose: Verbose = False,
) -> int:
    """Answer whether a service is covered on a day: the outcome, its reason, and the sentence it rests on."""
    texts: dict[str, Any] = {
        "code": code,
        "service": service,
        "code_system": code_system,
        "policy": policy,
        "date_of_service": date_of_service,
        "known_on": known_on,
        "line_of_business": line_of_business,
        "contract": contract,
        "plan": plan,
        "state": state,
        "diagnoses": diagnosis,
        "age": age,
        "birth_date": birth_date,
        "sex": sex,
        "units": units,
        "modifiers": modifier,
        "place_of_service": place_of_service,
        "provider_specialty": provider_specialty,
        "history_complete_from": history_complete_from,
        "history_incomplete_for": history_incomplete_for,
        "records_complete": record_complete,
    }
    given = {key: value for key, value in texts.items() if value is not None}
    for key in ("diagnoses", "modifiers", "history_incomplete_for", "records_complete"):
        if any(not each.strip() for each in given.get(key, ())):
            raise Stop(USAGE, f"{_option(key)} names nothing: expected a value, or leave the option out")
    pairs = {"facts": fact, "assumed": assume, "answers": answer}
    if cases is not None:
        named = [
            name
            for name, value in {**given, **pairs, "history": history, "facts_file": facts}.items()
            if value and name not in ("date_of_service", "known_on")
        ]
        _refuse_beside_cases(named, explain, exit_code, format)
        return decide_cases(open_library(policies).desk, cases, given, date.today())
    if (code is None) == (service is None):
        raise Stop(USAGE, "give the service: --code CODE or --service NAME, one of the two (or --cases FILE)")
    if format is Format.NDJSON:
        raise Stop(USAGE, "--format ndjson goes with --cases; one case is written as text or json")
    split = {key: _split(_option(key), each) for key, each in pairs.items() if each}
    if history:
        given["history"] = [_event(each) for each in history]
    desk = open_library(policies).desk
    read: dict[str, Any] = {}
    try:
        read = {} if facts is None else _facts_of(facts)
        return _decide_one(desk, _case(desk, given, split, read), format, explain, exit_code)
    except CaseError as problem:
        in_options = {name for name, _ in split.get("facts", ())}
        raise Stop(_code_of(problem), _in_options(problem, read.keys() - in_options)) from None


def _decide_one(desk: Desk, given: Mapping[str, Any], format: Format | None, explain: bool, exit_code: bool) -> int:
    case, known_on = decode_case(desk, given, date.today())
    found = determine(desk, case, known_on)
    if format is Format.JSON:
        write_bytes(encode_answer(found) + b"\n")
    else:
        print_answer(Page(), desk, case, found, explain=explain)
    return OUTCOME_CODES[found.outcome] if exit_code else DONE


# ---------------------------------------------------------------------------- one case from options


def _facts_of(path: str) -> dict[str, Any]:
    """The facts of ``--facts``; what is wrong with the file is said of that option, at its key."""
    try:
        read = decode_json(_read(path))
    except CaseError as problem:
        where = f"$.facts_file{problem.where.removeprefix('$')}"
        raise CaseError(where, problem.found, problem.expected, problem.mend) from None
    if not isinstance(read, dict):
        raise CaseError(
            "$.facts_file", f"a {type(read).__name__}", "an object of names and values", 'write {"name": value}'
        )
    return read


def _case(
    desk: Desk, given: dict[str, Any], pairs: Mapping[str, list[tuple[str, str]]], read: Mapping[str, Any]
) -> dict[str, Any]:
    """The case as JSON values, with the facts of ``--fact`` beside those of ``--facts``, which are ``read`` already."""
    types = {each.name: each.type for each in (*BUILT_IN_FACTS, *desk.plan.facts)}
    types |= {each.name: each.type for version in desk.plan.versions for each in version.facts}
    for key, held in pairs.items():
        if key == "answers":
            given[key] = _once(key, ((name, {"yes": True, "no": False}.get(value, value)) for name, value in held))
        else:
            given[key] = _once(key, ((name, fact_value(value, types.get(name))) for name, value in held))
    if read:
        given["facts"] = _once("facts", (*read.items(), *given.get("facts", {}).items()))
    return given


def _once(key: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    held: dict[str, Any] = {}
    for name, value in pairs:
        if name in held and held[name] != value:
            raise CaseError(
                f"$.{key}.{name}", f"two values, {held[name]!r} and {value!r}", "one value", "drop one of the two"
            )
        held[name] = value
    return held


def fact_value(text: str, kind: FactType | None) -> Any:
    """The text of an option as the JSON value that a case would hold; what it means is settled on reading the case."""
    if kind is FactType.CODES:
        return [each.strip() for each in text.split(",") if each.strip()]
    if kind is FactType.OBSERVATIONS:
        parts = [each.strip() for each in text.split(";") if each.strip()]
        return [{"date": each[:10], "value": each[10:].strip(" :")} for each in parts]
    return text


def _split(option: str, pairs: Iterable[str]) -> list[tuple[str, str]]:
    held = []
    for pair in pairs:
        name, equals, value = pair.rpartition("=") if option == "--answer" else pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise Stop(USAGE, f"{option} {pair!r}: expected NAME=VALUE, such as {option} {_EXAMPLES[option]}")
        held.append((name.strip(), value.strip()))
    return held


_EXAMPLES = {
    "--fact": '"conservative_therapy.duration=8 weeks"',
    "--assume": "exam.taut_band=yes",
    "--answer": '"written treatment plan=yes"',
}


def _event(text: str) -> dict[str, Any]:
    event = read_event(text)
    if event is None:
        raise Stop(USAGE, f"--history {text!r}: expected CODE:DATE[:UNITS], such as --history 20552:2024-01-31:1")
    return event


def _read(path: str) -> bytes:
    with _opened(path) as stream:
        return stream.read()


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """A file, or stdin for ``-``. Ends the command where it cannot be opened."""
    if path == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(path).open("rb"))
        except FileNotFoundError:
            raise Stop(NOT_FOUND, f"no file at {path}") from None
        except OSError as problem:
            raise Stop(REFUSED, f"{path} cannot be read: {problem.strerror}") from problem
        yield stream


def _option(key: str) -> str:
    return _OPTIONS.get(key, "--" + key.replace("_", "-"))


def _code_of(problem: CaseError) -> int:
    """A name that the library does not hold is not found; any other case is refused."""
    return NOT_FOUND if isinstance(problem, UnknownContract) or problem.where == "$.policy" else REFUSED


def _in_options(problem: CaseError, in_file: Collection[str]) -> str:
    """The problem with its place in the words of the command line; ``in_file`` names what ``--facts`` alone holds."""
    key, dot, rest = problem.where.removeprefix("$.").partition(".")
    key = key.split("[")[0]
    if key == "facts" and any(rest == name or rest.startswith((f"{name}.", f"{name}[")) for name in in_file):
        key = "facts_file"
    place = problem.where if key in ("", "$") else _option(key) + (f" {rest}" if dot else "")
    words = f"{place}: {problem.found}" + (f"; expected {problem.expected}" if problem.expected else "")
    return words + (f"\n    mend: {problem.mend}" if problem.mend else "")


# ---------------------------------------------------------------------------- many cases


def _refuse_beside_cases(named: list[str], explain: bool, exit_code: bool, format: Format | None) -> None:
    if named:
        raise Stop(
            USAGE,
            f"--cases beside {_option(named[0]).replace('_', '-')}: each line of the file is a whole case; "
            "only --date-of-service and --known-on may stand for lines without their own",
        )
    if explain or exit_code:
        raise Stop(USAGE, f"--cases beside {'--explain' if explain else '--exit-code'}: that speaks of one answer")
    if format not in (None, Format.NDJSON):
        raise Stop(USAGE, f"--cases beside --format {format.value}: many answers are written as ndjson")


def decide_cases(desk: Desk, path: str, defaults: Mapping[str, Any], today: date) -> int:
    """One line of JSON for each case, in order; 4 at the end where a case could not be decided."""
    code = DONE
    with _opened(path) as stream, Progress("cases") as progress:
        for number, line in enumerate(_lines(stream), 1):
            written, is_good = _decided(desk, number, line, defaults, today)
            write_bytes(written + b"\n", flush=path == "-")
            code = code if is_good else REFUSED
            progress.step()
        write_bytes(b"")
    return code


def _decided(desk: Desk, number: int, line: bytes, defaults: Mapping[str, Any], today: date) -> tuple[bytes, bool]:
    try:
        if len(line) > MAXIMUM_LINE:
            raise CaseError("$", f"a line of more than {MAXIMUM_LINE:,} bytes", "one case a line", "split it")
        given = decode_json(line)
        if isinstance(given, dict):
            given = {**defaults, **given}
        case, known_on = decode_case(desk, given, today)
    except CaseError as problem:
        return msgspec.json.encode({"case": number, "error": problem.as_dict()}), False
    return encode_answer(determine(desk, case, known_on)), True


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines that hold something. Of a line beyond the limit only its beginning is kept."""
    is_first = True
    while line := stream.readline(MAXIMUM_LINE + 2):
        while len(line) > MAXIMUM_LINE and not line.endswith(b"\n"):
            rest = stream.readline(MAXIMUM_LINE)
            if not rest or rest.endswith(b"\n"):
                break
        if is_first:
            line, is_first = line.removeprefix(b"\xef\xbb\xbf"), False
        if line.strip():
            yield line
