"""Pictures of evidence: each is a value first, drawn as SVG and written as a table from that same value.

Nothing here computes: a forest plot is handed numbers, and what it draws stands in its table. Only ``pooled``, which
makes the values from pools, needs numpy through the pools; everything else does not.
"""

from medpol.evidence.drawing.bias import BiasLights, bias_lights, bias_svg, bias_table
from medpol.evidence.drawing.forest import (
    Forest,
    ForestGroup,
    ForestPool,
    ForestPrediction,
    ForestRow,
    forest_table,
)
from medpol.evidence.drawing.forest_drawn import forest_svg
from medpol.evidence.drawing.funnel import Funnel, FunnelPoint, funnel_svg, funnel_table
from medpol.evidence.drawing.looks import NARROW, WIDE
from medpol.evidence.drawing.published import published_forests
from medpol.evidence.drawing.trials import TrialBar, TrialTimeline, trial_timeline, trials_svg, trials_table
from medpol.evidence.drawing.twins import Table
from medpol.evidence.drawing.words import UNVERIFIED, UNVERIFIED_SAYS, study_label

__all__ = [
    "NARROW",
    "UNVERIFIED",
    "UNVERIFIED_SAYS",
    "WIDE",
    "BiasLights",
    "Forest",
    "ForestGroup",
    "ForestPool",
    "ForestPrediction",
    "ForestRow",
    "Funnel",
    "FunnelPoint",
    "Table",
    "TrialBar",
    "TrialTimeline",
    "bias_lights",
    "bias_svg",
    "bias_table",
    "forest_svg",
    "forest_table",
    "funnel_svg",
    "funnel_table",
    "published_forests",
    "study_label",
    "trial_timeline",
    "trials_svg",
    "trials_table",
]
