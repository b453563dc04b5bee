"""What the watch keeps, read for a review: its proposals for one policy, and until when it asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from medpol.cli.stops import NOT_FOUND, REFUSED, Stop
from medpol.cli.trials import remembered
from medpol.evidence.watching import Proposal
from medpol.library import slug
from medpol.renewal.values import Noticed
from medpol.renewal.watched import asked_until, noticed


def watched_for(state: Path, policy: str, since: date | None) -> tuple[tuple[Noticed, ...], date | None]:
    """The proposals for a policy since a day, and the day until which everything was asked. Ends the command (3, 4)."""
    if not state.is_dir():
        raise Stop(NOT_FOUND, f"--watched {state}: no such folder; expected the --state of medpol watch")
    memory = remembered(state)
    if policy not in memory.policies:
        raise Stop(
            NOT_FOUND, f"--watched {state}: nothing is kept of {policy} there\n    mend: medpol watch {policy} first"
        )
    held = [_read(each) for each in sorted((state / "proposals" / slug(policy)).glob("*.json"))]
    return noticed(held, policy, since), asked_until(memory, policy)


def _read(path: Path) -> Proposal:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Proposal)
    except (OSError, msgspec.MsgspecError) as problem:
        raise Stop(REFUSED, f"{path} cannot be read as a proposal: {problem}") from problem
