"""Where a policy stands on a day: in force, in notice, archived, or nothing yet. Derived from dated events, never stored."""

from medpol.lifecycle.standing import Dated, Standing, Status, standing, withdrawn_from
from medpol.lifecycle.timeline import (
    DatedVersion,
    Once,
    Period,
    dated,
    last_day,
    once_known,
    periods,
    version_named,
)

__all__ = [
    "Dated",
    "DatedVersion",
    "Once",
    "Period",
    "Standing",
    "Status",
    "dated",
    "last_day",
    "once_known",
    "periods",
    "standing",
    "version_named",
    "withdrawn_from",
]
