"""``medpol serve``: the portal and the REST interface over a library, in one process."""

from __future__ import annotations

import signal
import socket
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from medpol.cli.ledger import DATABASE, WrappingKeys, open_ledger
from medpol.cli.opening import Policies, Verbose, read_or_stop, refuse_errors
from medpol.cli.output import talk
from medpol.cli.stops import BUSY, DONE, Stop
from medpol.ledger import Ledger
from medpol.library import SHIPPED, Library
from medpol.web.serving import run


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
    verbose: Verbose = False,
) -> int:
    """Serve a library as pages and over REST until it is stopped (Ctrl-C). Changed documents are taken over as they come.

    Every determination is recorded in the ledger before it leaves; `medpol ledger` reads it.
    A line of JSON for each request goes to stderr: no text, no fact, no address.
    """
    path = SHIPPED if policies is None else policies
    library = read_or_stop(policies)
    refuse_errors(library)
    listening = _listening(host, port)
    with listening, open_ledger(ledger, wrapping_key, must_exist=False) as opened:
        _serve(path, library, listening, _address(host, listening), opened)
    return DONE


def _serve(path: Path, library: Library, listening: socket.socket, address: str, ledger: Ledger) -> None:
    signal.signal(signal.SIGTERM, _stopped)  # raised again once the server has ended: it is a stop like Ctrl-C
    signal.signal(signal.SIGINT, _stopped)
    run(
        path,
        library,
        listening,
        today=date.today,
        now=lambda: datetime.now(UTC),
        log=sys.stderr.buffer,
        started=lambda: talk(f"medpol: serving {path} at {address} (stop with Ctrl-C)"),
        ledger=ledger,
    )


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
