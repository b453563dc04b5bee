"""From which number on a suggested certainty steps down: settings of a library, with GRADE's customary values."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class GradingThresholds:
    """What the suggestions of `medpol.evidence.grading` are held against.

    Shares and I² are shares of 1. ``high_risk_one_step`` and ``high_risk_two_steps`` are shares of a pool's weight that
    trials at high risk of bias carry; ``small_study_p`` is the p of Egger's test below which small studies differ.
    """

    high_risk_one_step: float = 0.30
    high_risk_two_steps: float = 0.70
    i2: float = 0.50
    participants: int = 400
    small_study_p: float = 0.10

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.name != "participants" and not 0 <= getattr(self, each.name) <= 1:
                raise ValueError(f"{each.name} = {getattr(self, each.name)}; expected a share from 0 to 1")
        if self.high_risk_two_steps < self.high_risk_one_step:
            raise ValueError(
                f"high_risk_two_steps = {self.high_risk_two_steps} is below "
                f"high_risk_one_step = {self.high_risk_one_step}; expected the greater share for two steps"
            )
        if self.participants < 0:
            raise ValueError(f"participants = {self.participants}; expected 0 or more")
