"""What the qualifiers of an HI segment say a code is to its claim: public facts of X12 5010.

ABK and ABF are ICD-10-CM, BK and BF ICD-9-CM; which system a token is read as, ``claims.lines`` says, by its shape and day.
"""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """What a code of an HI segment is to its claim."""

    DIAGNOSIS = "supports criteria, and lines point at it"
    APART = "admitting, reason for visit, external cause: kept apart, supports no criterion unless a policy names it"
    PROCEDURE = "a procedure of an institutional claim"
    OTHER = "no diagnosis and no procedure: value, condition, occurrence, group, treatment"


ROLES: dict[str, Role] = {
    **dict.fromkeys(("ABK", "ABF", "BK", "BF"), Role.DIAGNOSIS),
    **dict.fromkeys(("ABJ", "BJ", "APR", "PR", "ABN", "BN"), Role.APART),
    **dict.fromkeys(("BBR", "BBQ", "BR", "BQ"), Role.PROCEDURE),
    **dict.fromkeys(("BE", "BG", "BH", "BI", "BO", "BP", "CAH", "DR", "TC"), Role.OTHER),
}
"""Any other qualifier is kept with the diagnoses, its system unknown: it may have been one."""

PRINCIPAL_PROCEDURES = ("BBR", "BR")
PROCEDURE_SYSTEMS: dict[str, str] = {"BBR": "icd-10-pcs", "BBQ": "icd-10-pcs", "BR": "icd-9-cm", "BQ": "icd-9-cm"}
