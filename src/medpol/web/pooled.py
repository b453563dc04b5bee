"""The pools that a questions file declares, as forest plots; none where the package was installed without numpy and scipy."""

from __future__ import annotations

from medpol.evidence.drawing import Forest
from medpol.model.studies import EvidenceBase

try:
    from medpol.evidence.drawing.pooled import forest_of_pool, funnel_of_pool
    from medpol.evidence.pools import pools_of
except ModuleNotFoundError as missing:  # the extra `evidence` is not installed
    if (missing.name or "").split(".")[0] == "medpol":
        raise
    CAN_POOL = False
else:
    CAN_POOL = True

NOT_POOLED = "Pools are not computed here: this service was installed without the extra `evidence`."


def declared_forests(base: EvidenceBase) -> tuple[tuple[str, str, Forest, str], ...]:
    """For each declared pool its id, its population, its forest plot, and why no funnel is drawn (empty where one could be)."""
    if not CAN_POOL:
        return ()
    asked = () if base.asked is None else base.asked.pools
    return tuple(
        (each.id, each.population, forest_of_pool(found, base), funnel_of_pool(found, base).refused)
        for each, found in zip(asked, pools_of(base), strict=True)
    )
