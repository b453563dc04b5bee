"""Where a policy stands on a day: in force, in notice, archived, or nothing yet. Derived from dated events, never stored."""

from medpol.lifecycle.standing import Dated, Standing, Status, standing, withdrawn_from

__all__ = ["Dated", "Standing", "Status", "standing", "withdrawn_from"]
