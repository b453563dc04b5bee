"""Where a policy stands on a day: in force, in notice, archived, or nothing yet. Derived from dated events, never stored."""

from medpol.lifecycle.agenda import Agenda, OfPolicy
from medpol.lifecycle.changes import Change, ChangeKind, changes, newest_first
from medpol.lifecycle.due import Due, Lane, coding_updates
from medpol.lifecycle.reviews import REVIEWS, ReviewDue, a_year_after, last_day_of, review_due
from medpol.lifecycle.standing import Dated, Standing, Status, is_held, standing, withdrawn_from
from medpol.lifecycle.timeline import (
    DatedVersion,
    Once,
    Period,
    by_policy,
    dated,
    last_day,
    once_known,
    periods,
    version_named,
)

__all__ = [
    "REVIEWS",
    "Agenda",
    "Change",
    "ChangeKind",
    "Dated",
    "DatedVersion",
    "Due",
    "Lane",
    "OfPolicy",
    "Once",
    "Period",
    "ReviewDue",
    "Standing",
    "Status",
    "a_year_after",
    "by_policy",
    "changes",
    "coding_updates",
    "dated",
    "is_held",
    "last_day",
    "last_day_of",
    "newest_first",
    "once_known",
    "periods",
    "review_due",
    "standing",
    "version_named",
    "withdrawn_from",
]
