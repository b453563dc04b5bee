"""Coverage positions, outcomes and reasons: closed lists, and the payer words that are read without a declaration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    COVERED = "covered"
    NOT_COVERED = "not_covered"
    INFORMATION_NEEDED = "information_needed"
    NOT_ADDRESSED = "not_addressed"
    REFER = "refer"


class CoveragePosition(Enum):
    """What a policy says of a service; the payer's own label is kept beside it."""

    MEDICALLY_NECESSARY = "medically_necessary"
    RECONSTRUCTIVE = "reconstructive"
    COVERED_WITH_LIMITS = "covered_with_limits"
    NOT_MEDICALLY_NECESSARY = "not_medically_necessary"
    INVESTIGATIONAL = "investigational"
    COSMETIC = "cosmetic"
    NOT_COVERED = "not_covered"
    REFER = "refer"
    DELEGATED = "delegated"
    EVIDENCE_DEVELOPMENT = "evidence_development"
    AUTHORIZATION_ONLY = "authorization_only"

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of a position that holds; ``None`` for the one that speaks of authorisation alone."""
        if self in FAVOURABLE:
            return Outcome.COVERED
        if self in _REFERRED:
            return Outcome.REFER
        return None if self is CoveragePosition.AUTHORIZATION_ONLY else Outcome.NOT_COVERED


FAVOURABLE = frozenset(
    {
        CoveragePosition.MEDICALLY_NECESSARY,
        CoveragePosition.RECONSTRUCTIVE,
        CoveragePosition.COVERED_WITH_LIMITS,
    }
)
_REFERRED = frozenset({CoveragePosition.REFER, CoveragePosition.DELEGATED, CoveragePosition.EVIDENCE_DEVELOPMENT})

_P = CoveragePosition
STANDARD_LABELS: dict[str, CoveragePosition] = {
    label: position
    for position, labels in {
        _P.MEDICALLY_NECESSARY: (
            "medically necessary",
            "may be considered medically necessary",
            "considered medically necessary",
            "reasonable and necessary",
            "eligible for coverage",
            "meets primary coverage criteria",
            "proven and medically necessary",
            "established",
            "covered",
        ),
        _P.NOT_MEDICALLY_NECESSARY: (
            "not medically necessary",
            "considered not medically necessary",
            "does not meet",
            "current evidence does not support",
        ),
        _P.INVESTIGATIONAL: (
            "investigational",
            "considered investigational",
            "experimental/investigational",
            "experimental",
            "experimental or investigational",
            "e/i",
            "experimental, investigational or unproven",
            "experimental, investigational, or unproven",
            "unproven and not medically necessary",
            "unproven",
            "investigational and not medically necessary",
            "inv&nmn",
        ),
        _P.COSMETIC: ("cosmetic", "considered cosmetic"),
        _P.RECONSTRUCTIVE: ("reconstructive", "considered reconstructive", "whcra-mandated"),
        _P.NOT_COVERED: ("not covered", "noncovered", "non-covered", "benefit contract exclusion"),
        _P.COVERED_WITH_LIMITS: ("covered with conditions", "covered with limits", "limited coverage"),
        _P.EVIDENCE_DEVELOPMENT: (
            "coverage with evidence development",
            "evidence development",
            "covered in ide trial",
        ),
        _P.DELEGATED: (
            "delegated",
            "interqual",
            "evicore",
            "carelon",
            "nccn",
            "palmetto article",
        ),
        _P.REFER: (
            "refer",
            "refer to a medical director",
            "medical director",
            "individual consideration",
        ),
        _P.AUTHORIZATION_ONLY: (
            "prior authorization required",
            "prior authorisation required",
            "authorization required",
            "authorisation required",
            "subject to prior authorization",
            "subject to prior authorization above a threshold",
        ),
    }.items()
    for label in labels
}


@dataclass(frozen=True, slots=True)
class Position:
    """A coverage position with the payer's label as printed."""

    canonical: CoveragePosition
    label: str


class ReasonKind(Enum):
    ADMINISTRATIVE = "administrative"
    CONTRACT = "contract"
    POLICY_POSITION = "policy_position"
    CRITERIA_NOT_MET = "criteria_not_met"
    DOCUMENTATION_MISSING = "documentation_missing"
    OUT_OF_SCOPE = "out_of_scope"
    CONFLICT = "conflict"


# Reason keys in the order in which causes of "not addressed" are preferred where several hold; then the others.
REASON_KINDS: dict[str, ReasonKind] = {
    "code-malformed": ReasonKind.ADMINISTRATIVE,
    "no-service-code": ReasonKind.ADMINISTRATIVE,
    "code-not-yet-valid": ReasonKind.ADMINISTRATIVE,
    "code-ended": ReasonKind.ADMINISTRATIVE,
    "line-of-business-out-of-scope": ReasonKind.OUT_OF_SCOPE,
    "state-out-of-scope": ReasonKind.OUT_OF_SCOPE,
    "plan-out-of-scope": ReasonKind.OUT_OF_SCOPE,
    "in-notice": ReasonKind.ADMINISTRATIVE,
    "archived": ReasonKind.ADMINISTRATIVE,
    "no-version-yet": ReasonKind.ADMINISTRATIVE,
    "no-rule-applies": ReasonKind.ADMINISTRATIVE,
    "no-policy-names-code": ReasonKind.ADMINISTRATIVE,
    "criteria-met": ReasonKind.POLICY_POSITION,
    "position-unconditional": ReasonKind.POLICY_POSITION,
    "criteria-not-met": ReasonKind.CRITERIA_NOT_MET,
    "facts-missing": ReasonKind.DOCUMENTATION_MISSING,
    "covered-by-contract": ReasonKind.CONTRACT,
    "excluded-by-contract": ReasonKind.CONTRACT,
    "covered-by-mandate": ReasonKind.POLICY_POSITION,
    "excluded-by-mandate": ReasonKind.POLICY_POSITION,
    "medicare-source": ReasonKind.POLICY_POSITION,
    "line-of-business-unknown": ReasonKind.DOCUMENTATION_MISSING,
    "state-unknown": ReasonKind.DOCUMENTATION_MISSING,
    "plan-unknown": ReasonKind.DOCUMENTATION_MISSING,
    "text-orders-review": ReasonKind.POLICY_POSITION,
    "text-ambiguous": ReasonKind.CONFLICT,
    "sources-disagree": ReasonKind.CONFLICT,
    "diagnosis-outside": ReasonKind.POLICY_POSITION,
    "delegated": ReasonKind.POLICY_POSITION,
    "evidence-development": ReasonKind.POLICY_POSITION,
}
