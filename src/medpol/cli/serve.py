"""``medpol serve``: the portal and the REST interface over a library, in one process."""

from __future__ import annotations

import signal
import socket
import sys
from datetime import UTC, date, datetime, tzinfo
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import typer

from medpol.cli.ledger import DATABASE, WrappingKeys, open_ledger
from medpol.cli.opening import Policies, Verbose, read_or_stop, tell, tell_of_evidence
from medpol.cli.output import talk
from medpol.cli.stops import BUSY, DONE, Stop
from medpol.ledger import Ledger
from medpol.library import SHIPPED, Library
from medpol.model.diagnostic import nearest
from medpol.web.limits import Limits, Network, limits_of
from medpol.web.serving import run, without_collector

LIMIT = 1_200


def zone_given(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all, or a folder of names
        near = nearest(name, sorted(available_timezones()))
        raise typer.BadParameter(
            f"{name!r} is no time zone; expected its IANA name, such as {near or 'America/Los_Angeles'}"
        ) from None


def networks_given(texts: list[str]) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(text.strip()) for text in texts)
    except ValueError:
        raise typer.BadParameter(
            "this is no address of a proxy; expected 127.0.0.1, ::1 or a network such as 10.88.0.0/16",
            param_hint="--trusted-proxy",
        ) from None


def site_given(text: str) -> str:
    """The address without a slash at its end."""
    try:
        parts = urlsplit(text.strip())
        is_whole = parts.scheme in ("http", "https") and parts.hostname is not None and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise typer.BadParameter(
            f"{text!r} is no address of a site; expected https://policies.example.org, nothing behind it"
        )
    return f"{parts.scheme}://{parts.netloc}"


def serve(
    policies: Policies = None,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="The port to listen at; 0 for any that is free.")
    ] = 8000,
    ledger: Annotated[
        str,
        typer.Option(
            "--ledger",
            "--database",
            metavar="PATH|URL|@FILE",
            help="Where determinations are recorded, made if it is not there: an SQLite file, "
            "postgresql://role@server/database, or @ and a file that holds either.",
        ),
    ] = DATABASE,
    wrapping_key: WrappingKeys = None,
    site: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            parser=site_given,
            help="The address under which people know the portal: feeds, calendars, PDFs and what is cited begin with it.",
        ),
    ] = None,
    time_zone: Annotated[
        ZoneInfo | None,
        typer.Option(
            metavar="NAME",
            parser=zone_given,
            help="Where today is today, by its IANA name, such as America/Los_Angeles; the machine's if left out.",
        ),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Pages that one client may ask for in a minute, other requests in proportion; 0 for no limit.",
        ),
    ] = LIMIT,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="A proxy, or a network of them, whose X-Forwarded-For says who the client is; again for each.",
        ),
    ] = None,
    staff: Annotated[
        bool,
        typer.Option(
            "--staff",
            help="Give the reviews of policies too, with drafts and findings: only where nobody but the plan's staff can ask.",
        ),
    ] = False,
    verbose: Verbose = False,
) -> int:
    """Serve a library as pages and over REST until it is stopped (Ctrl-C). Changed documents are taken over as they come.

    Documents with errors do not keep it from starting: it says them, answers 503, and serves the library once they are mended.
    Every determination is recorded in the ledger before it leaves; `medpol ledger` reads it.
    A line of JSON for each request goes to stderr: no text, no fact, no address.
    """
    path = SHIPPED if policies is None else policies
    with without_collector():
        library = read_or_stop(policies)
    limits = limits_of(limit, networks_given(trusted_proxy or [])) if limit else None
    listening = _listening(host, port)
    with listening, open_ledger(ledger, wrapping_key, must_exist=False) as opened:
        _serve(path, library, listening, _address(host, listening), opened, site or "", time_zone, limits, staff)
    return DONE


def today_in(zone: tzinfo | None, moment: datetime) -> date:
    """The day that a moment belongs to in a time zone, or where none is named in that of the machine."""
    return moment.astimezone(zone).date()


def _serve(
    path: Path,
    library: Library,
    listening: socket.socket,
    address: str,
    ledger: Ledger,
    site: str,
    zone: tzinfo | None,
    limits: Limits | None,
    for_staff: bool,
) -> None:
    signal.signal(signal.SIGTERM, _stopped)  # raised again once the server has ended: it is a stop like Ctrl-C
    signal.signal(signal.SIGINT, _stopped)
    _tell_errors(library)
    run(
        path,
        library,
        listening,
        today=lambda: today_in(zone, datetime.now(UTC)),
        now=lambda: datetime.now(UTC),
        log=sys.stderr.buffer,
        started=lambda: talk(f"medpol: serving {path} at {address} (stop with Ctrl-C)"),
        ledger=ledger,
        address=site,
        limits=limits,
        for_staff=for_staff,
    )


def _tell_errors(library: Library) -> None:
    if not library.errors:
        tell_of_evidence(library)
        return
    tell(library.errors)
    count = len(library.errors)
    errors, they_are = ("errors", "they are") if count > 1 else ("error", "it is")
    talk(f"medpol: the library has {count} {errors}: every page answers 503 until {they_are} mended")


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as problem:
        raise Stop(
            BUSY, f"cannot listen at {host} port {port}: {problem.strerror}\n    mend: choose another --port"
        ) from None


def _address(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}/"


def _stopped(number: int, frame: object) -> None:
    """A stop that was asked for is no failure."""
