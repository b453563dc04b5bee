"""``medpol ledger``: verify the chain, export its head, show, replay and erase one record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from medpol import __version__
from medpol.cli.opening import Format, InFormat, Policies, Verbose, open_library
from medpol.cli.output import Page, counted, talk, write_json
from medpol.cli.stops import BUSY, DONE, FINDINGS, NOT_FOUND, REFUSED, USAGE, WRITE_FAILED, Stop
from medpol.decide.cases import CaseError, decode_case, decode_json, encode_answer
from medpol.decide.explain import determine
from medpol.decide.holdings.withheld import withheld_files, without_quotes
from medpol.decide.one import Desk
from medpol.ledger import (
    KEY_BYTES,
    Event,
    EventRecord,
    Head,
    HeadRefused,
    Held,
    Ledger,
    LedgerDamaged,
    LedgerMissing,
    LedgerRefused,
    LedgerUnavailable,
    Record,
    Replayed,
    Seal,
    SigningKey,
    Verified,
    has_password,
    public_key_of,
    read_head,
    read_public_text,
    signing_key,
)
from medpol.ledger import export_head as make_head
from medpol.ledger import replay as compare
from medpol.ledger import verify as walk

DATABASE = "medpol-ledger.db"
"""Where the ledger is when nothing else is said: in the working folder."""

DatabasePlace = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="PATH|URL|@FILE",
        help="An SQLite file, postgresql://role@server/database, or @ and a file that holds either.",
    ),
]
WrappingKeys = Annotated[
    list[Path] | None,
    typer.Option(
        "--wrapping-key",
        metavar="FILE",
        readable=False,
        help="32 bytes that wrap the keys of records; the first wraps new ones, each opens what it wrapped.",
    ),
]
RecordId = Annotated[str, typer.Argument(metavar="ID", help="The record's own random id, as in its address.")]


def verify(
    database: DatabasePlace = DATABASE,
    wrapping_key: WrappingKeys = None,
    head: Annotated[
        Path | None,
        typer.Option(
            "--head", metavar="FILE", readable=False, help="A head that was kept elsewhere: check against it."
        ),
    ] = None,
    public_key: Annotated[
        str | None,
        typer.Option("--public-key", metavar="FILE|ed25519:...", help="Who must have signed the head."),
    ] = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Walk the chain from the first entry to the last, and name the first that does not hold (exit code 1)."""
    if public_key is not None and head is None:
        raise Stop(USAGE, "--public-key goes with --head: it says who must have signed it")
    kept = None if head is None else _head(head, public_key)
    with open_ledger(database, wrapping_key, must_exist=True) as ledger:
        found = walk(ledger, kept)
    if format is Format.JSON:
        write_json({"holds": found.holds, **msgspec.to_builtins(found)})
    else:
        _print_verified(Page(), found, is_signer_known=public_key is not None)
    return DONE if found.holds else FINDINGS


def export_head(
    database: DatabasePlace = DATABASE,
    signing_key: Annotated[
        Path | None,
        typer.Option(
            "--signing-key",
            metavar="FILE",
            readable=False,
            help="An Ed25519 key in PEM, made where there is none; beside the database if left out.",
        ),
    ] = None,
    verbose: Verbose = False,
) -> int:
    """Print the end of the chain as JSON, signed. Kept in another place, it fixes every entry up to it."""
    with open_ledger(database, None, must_exist=True) as ledger:
        path = signing_key or Path(f"{ledger.database.beside}-signing.pem")
        key = _signing_key(path)
        made = make_head(ledger, key.private, datetime.now(UTC))
    if key.is_new:
        talk(f"made a signing key at {path}; its public key is {made.public_key}")
    write_json(made)
    return DONE


def show(
    id: RecordId,
    database: DatabasePlace = DATABASE,
    wrapping_key: WrappingKeys = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show a record: when, from what, which answer; and the case and the answer, unless they are erased.

    Of an event, which the watch entered: its policy, what was found, and where it was read. Its own id does as well.
    """
    with open_ledger(database, wrapping_key, must_exist=True) as ledger:
        event = ledger.event(id)
        if event is not None:
            return _show_event(event, format)
        record = _record(ledger, id)
    if format is Format.JSON:
        write_json(_as_json(record))
    else:
        _print_record(Page(), record)
    return DONE


def replay(
    id: RecordId,
    policies: Policies = None,
    database: DatabasePlace = DATABASE,
    wrapping_key: WrappingKeys = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Decide a recorded case again from a library: the same bytes (0), or where they first differ (1).

    An event of the watch is passed over (0): it is no determination.
    """
    with open_ledger(database, wrapping_key, must_exist=True) as ledger:
        event = ledger.event(id)
        if event is not None:
            return _pass_over(event, format)
        record = _record(ledger, id)
    held = _held(record)
    opened = open_library(policies)
    desk, withheld = opened.desk, withheld_files(opened.library)
    try:
        found = compare(
            record, held, lambda case: _decided(desk, withheld, case), desk.plan.plan_hash, desk.plan.semantics
        )
    except CaseError as problem:  # its words may hold a value of the case
        return _cannot_be_decided(record, problem, format)
    if format is Format.JSON:
        write_json(found)
    else:
        _print_replayed(Page(), found)
    return DONE if found.is_same else FINDINGS


def erase(
    id: RecordId,
    database: DatabasePlace = DATABASE,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it, only what would be done is said.")] = False,
    verbose: Verbose = False,
) -> int:
    """Drop the key of a record: nobody can read its case and answer again, and the chain stays whole."""
    with open_ledger(database, None, must_exist=True) as ledger:
        event = ledger.event(id)
        if event is not None:
            raise Stop(
                REFUSED,
                f"entry {event.sequence} is an event, in which there is no fact about a person; expected a determination",
            )
        record = _record(ledger, id)
        if record.seal is Seal.ERASED:
            talk(f"entry {record.sequence} was erased on {_moment(record.erased_at)}; nothing is left to do")
            return DONE
        if not yes:
            raise Stop(
                USAGE, f"this would erase the case and the answer of entry {record.sequence} for ever\n    mend: --yes"
            )
        with _failing():
            ledger.erase(id, datetime.now(UTC))
    talk(f"erased: nobody can read the case and the answer of entry {record.sequence} again; backups keep their keys")
    return DONE


# ---------------------------------------------------------------------------- opening


@contextmanager
def open_ledger(place: str, wrapping_keys: Sequence[Path] | None, *, must_exist: bool) -> Iterator[Ledger]:
    """The ledger that the options name. Ends the command where it is missing (3), refused (4) or unavailable (75)."""
    with _failing():
        ledger = Ledger.open(database_place(place), wrapping_keys_of(wrapping_keys), must_exist=must_exist)
    with _failing(), ledger:
        yield ledger


@contextmanager
def entering(place: str) -> Iterator[Callable[[bytes], bytes]]:
    """What enters an event in a ledger, made if it is not there, and gives back the event as it was entered first."""
    with open_ledger(place, None, must_exist=False) as ledger:
        yield lambda body: ledger.enter(Event(body, datetime.now(UTC), __version__)).body


def database_place(option: str) -> str:
    """The database that ``--database`` names. A password among the arguments of a program is refused."""
    if option.startswith("@"):
        return _bytes_of(Path(option[1:])).decode("utf-8", "replace").strip()
    if has_password(option):
        raise Stop(
            USAGE,
            "--database with a password in it: everyone on this machine can read the arguments of a program\n"
            "    mend: put the address into a file and give @FILE, or the password into ~/.pgpass",
        )
    return option


def wrapping_keys_of(paths: Sequence[Path] | None) -> list[bytes]:
    """The keys in the files of ``--wrapping-key``."""
    keys = []
    for path in paths or ():
        key = _bytes_of(path)
        if len(key) != KEY_BYTES:
            raise Stop(
                REFUSED,
                f"--wrapping-key {path}: {len(key)} bytes; expected {KEY_BYTES} random ones\n"
                f"    mend: head -c {KEY_BYTES} /dev/urandom > {path.name}, and keep it where the database is not",
            )
        keys.append(key)
    return keys


@contextmanager
def _failing() -> Iterator[None]:
    """The failures of a ledger as exit codes."""
    try:
        yield
    except LedgerMissing as problem:
        raise Stop(
            NOT_FOUND, f"{problem}\n    mend: name it with --database, or start `medpol serve`, which makes it"
        ) from None
    except LedgerRefused as problem:
        raise Stop(REFUSED, str(problem)) from None
    except LedgerUnavailable as problem:
        raise Stop(BUSY, f"{problem}\n    mend: try again") from None
    except LedgerDamaged as problem:
        raise Stop(FINDINGS, str(problem)) from None


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Stop(NOT_FOUND, f"no file at {path}") from None
    except OSError as problem:
        raise Stop(REFUSED, f"{path} cannot be read: {problem.strerror}") from None


def _record(ledger: Ledger, id: str) -> Record:
    record = ledger.get(id)
    if record is None:
        near = (
            "\n    mend: this is the id of a determination; give the id of its record" if id.startswith("det_") else ""
        )
        raise Stop(NOT_FOUND, f"no record has this id{near}")
    return record


def _held(record: Record) -> Held:
    if record.held is None:
        raise Stop(NOT_FOUND, f"there is nothing to replay: {_why_closed(record)}")
    return record.held


def _why_closed(record: Record) -> str:
    if record.seal is Seal.ERASED:
        when = "" if record.erased_at is None else f" on {_moment(record.erased_at)}"
        return f"the case and the answer were erased{when}"
    return "the case and the answer are locked; give the key that wraps theirs with --wrapping-key"


# ---------------------------------------------------------------------------- events


class _ReadAt(msgspec.Struct):
    source: str = ""
    address: str = ""
    fetched_at: str = ""
    hash: str = ""


class _Said(msgspec.Struct):
    """Of an event's JSON, what a page of it says; an event of another medpol may say less."""

    id: str
    kind: str = ""
    weight: str = ""
    subject: str = ""
    found: str = ""
    provenance: _ReadAt = msgspec.field(default_factory=_ReadAt)


def _show_event(event: EventRecord, format: Format) -> int:
    if format is Format.JSON:
        plain = {name: getattr(event, name) for name in ("sequence", "id", "recorded_at", "policy", "medpol_version")}
        hashes = {"previous_hash": event.previous_hash.hex(), "row_hash": event.row_hash.hex()}
        write_json({**plain, **hashes, "kind": "event", "event": msgspec.Raw(event.body)})
    else:
        _print_event(Page(), event)
    return DONE


def _print_event(page: Page, event: EventRecord) -> None:
    said = msgspec.json.decode(event.body, type=_Said)
    page.title(f"entry {event.sequence} · event · {said.weight} · {said.kind}")
    for name, text in (
        ("Id", event.id),
        ("Event", said.id),
        ("Entered", f"{_moment(event.recorded_at)} by medpol {event.medpol_version}"),
        ("Policy", event.policy),
        ("Subject", said.subject),
        ("Found", said.found),
        ("Source", said.provenance.source),
        ("Address", said.provenance.address),
        ("Fetched at", said.provenance.fetched_at),
        ("Raw answer", said.provenance.hash),
        ("Row hash", event.row_hash.hex()),
    ):
        page.field(name, text or "not stated")


def _pass_over(event: EventRecord, format: Format) -> int:
    if format is Format.JSON:
        write_json({"id": event.id, "kind": "event", "is_determination": False})
    else:
        Page().line(f"entry {event.sequence} is an event, no determination: there is nothing to replay")
    return DONE


# ---------------------------------------------------------------------------- heads


def _head(path: Path, public_key: str | None) -> Head:
    data = _bytes_of(path)
    try:
        return read_head(data, None if public_key is None else _public_key(public_key))
    except HeadRefused as problem:
        raise Stop(FINDINGS, f"{path}: {problem}") from None


def _public_key(option: str) -> Ed25519PublicKey:
    try:
        return read_public_text(option) if option.startswith("ed25519:") else public_key_of(_bytes_of(Path(option)))
    except HeadRefused as problem:
        raise Stop(REFUSED, f"--public-key: {problem}") from None


def _signing_key(path: Path) -> SigningKey:
    try:
        return signing_key(path)
    except HeadRefused as problem:
        raise Stop(REFUSED, f"--signing-key {path}: {problem}") from None
    except OSError as problem:
        raise Stop(WRITE_FAILED, f"{path} cannot be made: {problem.strerror}") from None


# ---------------------------------------------------------------------------- deciding again


def _decided(desk: Desk, withheld: Collection[str], case: bytes) -> bytes:
    """The answer that a recorded case gets now, without words that may not be shown. It holds both days: no clock is asked."""
    given = decode_json(case)
    read, known_on = decode_case(desk, given, date.min)
    return encode_answer(without_quotes(determine(desk, read, known_on), withheld))


def _cannot_be_decided(record: Record, problem: CaseError, format: Format) -> int:
    """The library does not know something that the case names, so it answers otherwise; where is said, not what."""
    key = problem.where.removeprefix("$.").split(".")[0].split("[")[0]
    if format is Format.JSON:
        write_json({"id": record.id, "is_same": False, "cannot_be_decided_at": f"$.{key}"})
    else:
        Page().line(f"✕ this library cannot decide the case: it does not read its {key}")
    return FINDINGS


# ---------------------------------------------------------------------------- pages


def _print_verified(page: Page, found: Verified, *, is_signer_known: bool) -> None:
    if not found.holds:
        page.line(f"✕ the ledger does not hold: {counted(len(found.findings), 'finding')}", style="bold red")
        for each in found.findings:
            page.line("" if each.sequence is None else f"entry {each.sequence}: ", each.what, indent=2, hang=4)
    else:
        page.line(f"✓ the chain of {_entries(found.entries)} holds", style="green")
    page.field("Ledger", found.ledger)
    if found.erased:
        page.field("Erased", counted(found.erased, "record"))
    if found.unchecked:
        page.field(
            "Not checked", f"the keys of {counted(found.unchecked, 'record')}: wrapped by a key that was not given"
        )
    if found.head is None:
        page.field("Head", "none given: entries cut off at the end, or a chain computed anew, would not show (--head)")
    else:
        page.field("Head", f"entry {found.head.sequence}, exported {found.head.exported_at}")
        page.field(
            "Signed by", found.head.public_key + ("" if is_signer_known else "  (as it says itself: --public-key)")
        )


def _print_record(page: Page, record: Record) -> None:
    page.title(f"entry {record.sequence} · {record.outcome.replace('_', ' ')}")
    page.field("Id", record.id)
    page.field("Recorded", _moment(record.recorded_at))
    page.field("Policy", f"{record.policy or 'none'}" + (f", version of {record.version}" if record.version else ""))
    page.field("Reason", f"{record.reason_key} ({record.reason_kind.replace('_', ' ')})")
    page.field("Content hash", record.content_hash or "none")
    page.field("Plan hash", record.plan_hash)
    page.field("Decided by", f"medpol {record.medpol_version}, semantics {record.semantics}")
    page.field("Row hash", record.row_hash.hex())
    if record.held is None:
        page.field("Case, answer", _why_closed(record))
        return
    page.field("Determination", record.held.determination_id)
    for name, data in (("case", record.held.case), ("answer", record.held.answer)):
        page.blank()
        page.title(name)
        for line in msgspec.json.format(data, indent=2).decode().splitlines():
            page.unwrapped(line)


def _as_json(record: Record) -> dict[str, Any]:
    """The record, its hashes in hexadecimal digits, its case and answer as the JSON that they are."""
    held = record.held
    plain = {name: getattr(record, name) for name in _SHOWN}
    hashes = {"previous_hash": record.previous_hash.hex(), "row_hash": record.row_hash.hex()}
    return {
        **plain,
        **hashes,
        "determination_id": None if held is None else held.determination_id,
        "case": None if held is None else msgspec.Raw(held.case),
        "answer": None if held is None else msgspec.Raw(held.answer),
    }


_SHOWN = tuple(each.name for each in fields(Record) if each.name not in ("previous_hash", "row_hash", "held"))


def _print_replayed(page: Page, found: Replayed) -> None:
    if found.is_same:
        page.line("✓ the same bytes", style="green")
    else:
        page.line(f"✕ another answer: it first differs at {found.differs_at}", style="bold red")
    if not found.is_same_plan:
        page.field("Library", "not the one of the record (another plan hash); what the answer rests on decides")
    for each in found.changed_sources:
        page.field(
            "Changed",
            f"{each.id}, version of {each.version}, sha256 {(each.content_hash or '')[:12]}: not so in this library",
        )
    if not found.is_same_semantics:
        page.field("Semantics", "the meaning of the notation is of another number than in the record")
    page.field("Recorded by", f"medpol {found.recorded_by}")


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat().replace("+00:00", "Z")
