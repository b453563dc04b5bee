"""What a library holds, as plain values for a day and a day of knowledge: their field names are the keys of the JSON."""

from medpol.decide.holdings.coded import CodeShown, CodesShown, NamedBy, Span, show_codes
from medpol.decide.holdings.dated import (
    CodesChanged,
    Gap,
    PolicyHistory,
    Review,
    Superseded,
    VersionSaid,
    policy_history,
)
from medpol.decide.holdings.listed import Listed, PolicyList, list_policies
from medpol.decide.holdings.opened import Opened, open_desk
from medpol.decide.holdings.pieces import CodeSaid, HistorySaid, PositionSaid, ScopeSaid
from medpol.decide.holdings.redlined import NoVersionNamed, redline_of
from medpol.decide.holdings.shown import PolicyShown, PopulationSaid, RuleSaid, Sentence, TrialSaid, show_policy
from medpol.decide.holdings.words import (
    POSITIONS,
    distinct_positions,
    lines_words,
    period_words,
    position_said,
    scope_words,
)
from medpol.decide.holdings.written import written

__all__ = [
    "POSITIONS",
    "CodeSaid",
    "CodeShown",
    "CodesChanged",
    "CodesShown",
    "Gap",
    "HistorySaid",
    "Listed",
    "NamedBy",
    "NoVersionNamed",
    "Opened",
    "PolicyHistory",
    "PolicyList",
    "PolicyShown",
    "PopulationSaid",
    "PositionSaid",
    "Review",
    "RuleSaid",
    "ScopeSaid",
    "Sentence",
    "Span",
    "Superseded",
    "TrialSaid",
    "VersionSaid",
    "distinct_positions",
    "lines_words",
    "list_policies",
    "open_desk",
    "period_words",
    "policy_history",
    "position_said",
    "redline_of",
    "scope_words",
    "show_codes",
    "show_policy",
    "written",
]
