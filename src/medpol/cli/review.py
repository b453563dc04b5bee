"""``medpol review``: everything since the last literature day of a policy in one paper, and a draft of its next version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from medpol.check import check_library
from medpol.cli.extras import with_extra
from medpol.cli.opening import Policies, Today, Verbose, day_given, held_number, read_or_stop, refuse_errors
from medpol.cli.output import Page, talk, write_bytes, write_json, writing
from medpol.cli.pages import redline_page
from medpol.cli.progress import waiting
from medpol.cli.stops import DONE, NOT_FOUND, REFUSED, USAGE, Stop
from medpol.decide.holdings import written
from medpol.library import Library
from medpol.model.policy import PolicyVersion
from medpol.renewal import Given, Packet, RenewalRefused, Renewed, gather, packet_page, renewed, standing_on
from medpol.renewal.tables import headline, parts
from medpol.renewal.values import Noticed, Volume


class PacketFormat(StrEnum):
    """How a packet is written."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class ClaimsGiven:
    """Claims for volume and cost, with what says how they are to be read; ``known_on`` is the second clock."""

    files: tuple[Path, ...]
    map: str | None
    eligibility: Path | None
    contracts: Path | None
    known_on: date


def review(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The policy's number, such as 2.01.100.")],
    policies: Policies = None,
    today: Today = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", readable=False, help="Write the paper, the draft and its redline there."),
    ] = None,
    effective: Annotated[
        date | None,
        typer.Option(
            "--effective",
            metavar="D",
            parser=day_given,
            help="The draft's first day; the day the review is due, or the first of the next month, if left out.",
        ),
    ] = None,
    literature_through: Annotated[
        date | None,
        typer.Option(
            "--literature-through",
            metavar="D",
            parser=day_given,
            help="The day to which the literature was searched; that of the last watch, or today, if left out.",
        ),
    ] = None,
    watched: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", readable=False, help="The --state of `medpol watch`: what it proposed is listed."
        ),
    ] = None,
    claims: Annotated[
        list[Path] | None,
        typer.Option(
            "--claims", metavar="FILE", readable=False, help="Claims, for volume and cost; needs medpol[claims]."
        ),
    ] = None,
    map: Annotated[
        str | None, typer.Option("--map", metavar="MAP", help="How the columns of the claims are named.")
    ] = None,
    eligibility: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Spans of the claims' members.")
    ] = None,
    contracts: Annotated[
        Path | None, typer.Option(metavar="FILE", readable=False, help="Provisions of their contracts.")
    ] = None,
    format: Annotated[
        PacketFormat, typer.Option("--format", help="For a person, for a program, or one HTML page.")
    ] = PacketFormat.TEXT,
    verbose: Verbose = False,
) -> int:
    """Prepare the next review of a policy, from what is stored: nothing is asked of a network, and no policy is altered.

    With --out, DIR holds review.html (to read, print and sign), review.json, the draft under its first day's name, and
    redline.html. The draft governs nothing: somebody mends it, states when it was approved and published, and moves it
    into the library.
    """
    day = today or date.today()
    library = read_or_stop(policies)
    refuse_errors(library)
    number = held_number(library, policy)
    standing = standing_on(library, number, day)
    if standing is None:
        raise Stop(NOT_FOUND, f"no version of {number} is in force on {day} or to come\n    mend: name another --today")
    _refuse_out(out)
    noticed, watched_until = _watched(watched, number, standing)
    given = ClaimsGiven(tuple(claims or ()), map, eligibility, contracts, day)
    if not claims and (map or eligibility or contracts):
        raise Stop(USAGE, "--map, --eligibility and --contracts go with --claims")
    draft = _drafted(library, standing, day, literature_through or watched_until or day, effective)
    with waiting(f"checking {number}"):
        checked = check_library(library, day)
    packet = gather(
        Given(
            library,
            checked,
            day,
            noticed,
            watched_until,
            None if not claims else _volume(library, draft, standing, given),
        ),
        standing,
        draft,
    )
    if out is not None:
        _keep(out, packet, draft)
    else:
        _write(packet, format)
    return DONE


def _refuse_out(out: Path | None) -> None:
    """Said before the work, not after it."""
    if out is not None and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise Stop(USAGE, f"--out {out}: expected a folder that is empty, or not there yet")


def _watched(folder: Path | None, policy: str, standing: PolicyVersion) -> tuple[tuple[Noticed, ...], date | None]:
    """What the watch proposed since the last literature day, and until when it asked; nothing where no folder is named."""
    if folder is None:
        return (), None
    reading = with_extra("medpol.cli.review_watched", "evidence", "--watched")
    through = standing.literature_through
    found: tuple[tuple[Noticed, ...], date | None] = reading.watched_for(
        folder, policy, None if through is None else through.last_day()
    )
    return found


def _drafted(
    library: Library, standing: PolicyVersion, today: date, literature_through: date, effective: date | None
) -> Renewed:
    try:
        return renewed(library, standing, today, literature_through, effective)
    except RenewalRefused as problem:
        raise Stop(REFUSED, str(problem)) from None


def _volume(library: Library, draft: Renewed, standing: PolicyVersion, given: ClaimsGiven) -> Volume:
    counting = with_extra("medpol.cli.review_claims", "claims", "--claims")
    found: Volume = counting.volume_of_claims(library, draft, standing, given)
    return found


def _keep(out: Path, packet: Packet, draft: Renewed) -> None:
    files = {
        "review.html": packet_page(packet).encode(),
        "review.json": written(packet),
        "redline.html": redline_page(draft.redline).encode(),
        draft.file.rsplit("/", 1)[1]: draft.text.encode(),
    }
    with writing():
        out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / name).write_bytes(data)
    talk(headline(packet))
    for name in files:
        talk(f"written: {out / name}")


def _write(packet: Packet, format: PacketFormat) -> None:
    match format:
        case PacketFormat.JSON:
            write_json(packet)
        case PacketFormat.HTML:
            write_bytes(packet_page(packet).encode())
        case PacketFormat.TEXT:
            _print(Page(), packet)


def _print(page: Page, packet: Packet) -> None:
    page.title(f"{packet.standing.policy}  {packet.standing.title}")
    page.line(headline(packet))
    for each in parts(packet):
        if each.title == "Sign-off":
            continue  # a paper is signed, a terminal is not
        page.blank()
        page.title(each.title)
        for said in each.says:
            page.line(said, indent=2)
        if each.rows:
            page.table(each.columns, each.rows)
