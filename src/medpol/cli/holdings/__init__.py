"""What a library holds, as plain values for a day and a day of knowledge: their field names are the keys of the JSON."""

from medpol.cli.holdings.coded import CodeShown, CodesShown, NamedBy, Span, show_codes
from medpol.cli.holdings.dated import (
    CodesChanged,
    Gap,
    PolicyHistory,
    Review,
    Superseded,
    VersionSaid,
    policy_history,
)
from medpol.cli.holdings.listed import Listed, PolicyList, list_policies
from medpol.cli.holdings.pieces import CodeSaid, HistorySaid, PositionSaid, ScopeSaid
from medpol.cli.holdings.redlined import redline_of
from medpol.cli.holdings.shown import PolicyShown, PopulationSaid, RuleSaid, Sentence, TrialSaid, show_policy

__all__ = [
    "CodeSaid",
    "CodeShown",
    "CodesChanged",
    "CodesShown",
    "Gap",
    "HistorySaid",
    "Listed",
    "NamedBy",
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
    "list_policies",
    "policy_history",
    "redline_of",
    "show_codes",
    "show_policy",
]
