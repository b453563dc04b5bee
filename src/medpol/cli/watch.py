"""``medpol watch``: ask the registry and the literature what has become of what policies rest on."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from medpol.cli.extras import with_extra
from medpol.cli.fetching import Fetcher
from medpol.cli.opening import (
    Format,
    InFormat,
    Policies,
    Today,
    Verbose,
    held_number,
    read_or_stop,
    refuse_errors,
    tell,
)
from medpol.cli.output import Page, talk, write_json, writing
from medpol.cli.pages.watching import print_proposals
from medpol.cli.progress import waiting
from medpol.cli.recordings import Recordings, write_whole
from medpol.cli.stops import BUSY, DONE, FINDINGS, REFUSED, USAGE, Stop
from medpol.cli.trials import MEMORY, newest, remembered
from medpol.evidence.watching import (
    Answer,
    EventWeight,
    EvidenceSource,
    Fetch,
    Proposal,
    Refused,
    Watched,
    as_json,
    as_markdown,
    file_name,
    watched,
    written_memory,
)
from medpol.evidence.watching import watch as steps
from medpol.evidence.watching.plugins import NotASource, source_key, sources
from medpol.evidence.watching.retraction_watch import SOURCE as RETRACTION_WATCH
from medpol.evidence.watching.retraction_watch import TABLE
from medpol.library import Library, slug
from medpol.model.dates import parse_day
from medpol.model.diagnostic import nearest

KEY_VARIABLE = "NCBI_API_KEY"
_MAIL = re.compile(r"[^\s@<>()\"',;:]+@[^\s@<>()\"',;:]+\.[^\s@<>()\"',;:]+", re.ASCII)
_LOCK, _ANSWERS, _PROPOSALS = "lock", "answers", "proposals"

Enter = Callable[[Proposal], Proposal]
"""Enters a proposal in the ledger, and gives back the one that stands there: the first of its id."""


def watch(
    named: Annotated[
        list[str] | None, typer.Argument(metavar="[POLICY]...", help="Numbers of policies, such as 2.01.100.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Every policy of the library that is not archived.")] = False,
    policies: Policies = None,
    today: Today = None,
    state: Annotated[
        Path, typer.Option("--state", metavar="FOLDER", help="Where what was seen is kept from run to run.")
    ] = Path("medpol-watch"),
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Where proposals are written; STATE/proposals if left out."),
    ] = None,
    saved: Annotated[
        Path | None,
        typer.Option("--saved", metavar="FOLDER", help="Recorded answers; nothing is asked of the network."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FOLDER", help="Write every answer there, to be used with --saved."),
    ] = None,
    chosen: Annotated[
        list[str] | None,
        typer.Option("--sources", metavar="NAME,...", help="Only these sources; may be given again."),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            "--retraction-watch", metavar="FILE", help="The Retraction Watch table (CSV), read from the disk."
        ),
    ] = None,
    ledger: Annotated[
        str | None,
        typer.Option(
            "--ledger",
            "--database",
            metavar="PATH|URL|@FILE",
            help="Enter every proposal in this ledger, made if it is not there: an SQLite file, "
            "postgresql://role@server/database, or @ and a file that holds either.",
        ),
    ] = None,
    contact: Annotated[
        str, typer.Option("--contact", metavar="MAIL", help="Your mail address, which the services are told.")
    ] = "",
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Ask what has become of listed trials and cited papers, and write proposals for people to read and sign.

    Policies and records are never changed. Exit code 0 with nothing new or notes alone, 1 where something opens a review,
    4 where an answer was refused or not to be had (what else was learned is kept), 75 while another run has the state.
    """
    library = read_or_stop(policies)
    refuse_errors(library)
    tell(library.evidence_errors)
    listed = _listed(library, named or (), is_all)
    asked = _sources(chosen or (), table)
    if saved is not None and record is not None:
        raise Stop(
            USAGE, "--saved asks nothing of the network, so there is nothing for --record to write: give one of them"
        )
    recordings = None if saved is None else Recordings.read(saved)
    day = today or (parse_day(recordings.last_day) if recordings is not None else None) or date.today()
    target = state / _PROPOSALS if out is None else out
    with _entering(ledger) as enter, _locked(state):
        kept = None if recordings is not None else Recordings.read(state / _ANSWERS, must_exist=False)
        fetch = recordings if recordings is not None else _live(asked, contact, kept, record)
        proposals, refused = _run(listed, asked, state, target, _with_table(fetch, table), day, enter)
        if kept is not None and not refused:
            kept.drop_unused()
    if format is Format.JSON:
        write_json({"today": day, "proposals": proposals, "refused": refused})
    else:
        print_proposals(Page(), proposals, refused, target)
    talk(f"watched on {day}: {', '.join(each.policy for each in listed[:5])}{' and others' if len(listed) > 5 else ''}")
    if refused:
        return REFUSED
    return FINDINGS if any(each.weight is not EventWeight.NOTE for each in proposals) else DONE


# ---------------------------------------------------------------------------- what is asked


def _listed(library: Library, named: Sequence[str], is_all: bool) -> list[Watched]:
    if bool(named) == is_all:
        raise Stop(USAGE, "name the policies to watch, or give --all for every one")
    numbers = [held_number(library, each) for each in dict.fromkeys(named)] if named else library.policies()
    held = [(each, newest(library, each)) for each in numbers]
    return [
        watched(number, version, library.evidence_of(number))
        for number, version in held
        if named or version is None or not version.is_archived
    ]


def _sources(chosen: Sequence[str], table: Path | None) -> list[EvidenceSource]:
    try:
        known = sources()
    except NotASource as problem:
        raise Stop(REFUSED, str(problem)) from problem
    names = [source_key(each) for text in chosen for each in text.split(",") if each.strip()]
    for name in names:
        if name not in known:
            near = nearest(name, known)
            raise Stop(
                USAGE,
                f"no source is named {name}; expected some of {', '.join(known)}"
                + (f"\n    near: {near}" if near else ""),
            )
    held = [each for name, each in known.items() if (name in names if names else each.is_asked)]
    return held if table is None or RETRACTION_WATCH in held else [*held, RETRACTION_WATCH]


def _live(asked: Sequence[EvidenceSource], contact: str, kept: Recordings | None, record: Path | None) -> Fetch:
    if not _MAIL.fullmatch(contact):
        said = f"{contact!r} is no mail address" if contact else "the services want to know whom to write to"
        raise Stop(USAGE, f"{said}: give --contact you@example.org (or --saved FOLDER, which asks nobody)")
    key = os.environ.get(KEY_VARIABLE, "").strip()
    recorder = None if record is None else Recordings(record, secrets=(key, contact))
    return Fetcher((host for each in asked for host in each.hosts), contact, key=key, kept=kept, record=recorder)


def _with_table(fetch: Fetch, table: Path | None) -> Fetch:
    """The same fetch, which takes the Retraction Watch table from a file where one is given."""
    if table is None:
        return fetch
    try:
        body = table.read_bytes()
        day = datetime.fromtimestamp(table.stat().st_mtime, UTC)
    except OSError as problem:
        raise Stop(REFUSED, f"{table} cannot be read: {problem.strerror}") from problem
    answer = Answer(TABLE, 200, (("content-type", "text/csv"),), body, f"{day:%Y-%m-%dT%H:%M:%SZ}")
    return lambda request: answer if request.address == TABLE else fetch(request)


# ---------------------------------------------------------------------------- the run


def _run(
    listed: Sequence[Watched],
    asked: Sequence[EvidenceSource],
    state: Path,
    out: Path,
    fetch: Fetch,
    today: date,
    enter: Enter,
) -> tuple[list[Proposal], list[Refused]]:
    """Every step: its proposals are in the ledger and on the disk before what was seen is, so that nothing is lost between."""
    memory = remembered(state)
    proposals: list[Proposal] = []
    refused: list[Refused] = []
    with waiting("asking the registry and the literature"):
        for step in steps(listed, asked, memory, fetch, today):
            for each in step.proposals:
                proposals.append(enter(each))
                _write(proposals[-1], out)
            refused += [] if step.refused is None else [step.refused]
            if step.memory is not memory:
                write_whole(state / MEMORY, written_memory(step.memory))
                memory = step.memory
    return proposals, refused


def _write(proposal: Proposal, out: Path) -> None:
    """Put a proposal on the disk; where an interrupted run has done so already, its files stay as they are."""
    folder, name = out / slug(proposal.policy), file_name(proposal)
    if any(folder.glob(f"*-{proposal.id}.json")):
        return
    write_whole(folder / f"{name}.md", as_markdown(proposal).encode())
    write_whole(folder / f"{name}.json", as_json(proposal))


@contextmanager
def _entering(ledger: str | None) -> Iterator[Enter]:
    """What enters a proposal in the ledger that is named, opened before anything is asked or written."""
    if ledger is None:
        yield lambda proposal: proposal
        return
    with with_extra("medpol.cli.ledger", "web", "--ledger").entering(ledger) as enter:
        yield lambda proposal: _entered(proposal, enter(as_json(proposal)))


def _entered(proposal: Proposal, body: bytes) -> Proposal:
    """The proposal as the ledger holds it: where a run that was broken off entered it, with that run's day and answer."""
    try:
        return msgspec.json.decode(body, type=Proposal)
    except msgspec.MsgspecError as problem:
        raise Stop(
            REFUSED,
            f"the ledger holds the event {proposal.id}, which is no proposal as this medpol writes them: {problem}\n"
            "    mend: run the watch with the medpol that entered it, or a newer one",
        ) from problem


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The folder of what was seen, made where it is not there, for this process alone. Waits for nobody (75)."""
    with writing():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(BUSY, f"another run of the watch has {folder}; try again once it has ended") from None
        yield
    finally:
        os.close(handle)
