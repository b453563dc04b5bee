"""The headings that publishers give to the sections that we know; a publisher's own meaning of a word comes first."""

from __future__ import annotations

import re

from medpol.ingest.contexts import position_heading
from medpol.ingest.profiles import NO_PROFILE, Profile
from medpol.model.policy import SectionName
from medpol.text.headings import HEADINGS, heading_key

_SYNONYMS: dict[SectionName, tuple[str, ...]] = {
    SectionName.CRITERIA: (
        "medical policy statement",
        "medical necessity criteria",
        "clinical criteria",
        "clinical coverage criteria",
        "criteria for coverage",
        "coverage",
        "coverage determination",
        "coverage indications, limitations, and/or medical necessity",
        "indications and limitations of coverage",
        "indications and limitations of coverage and/or medical necessity",
        "policy position",
        "policy criteria",
        "policy statement and criteria",
        "policy and criteria",
        "approval criteria",
        "prior authorization criteria",
        "criteria for approval",
        "drug criteria",
    ),
    SectionName.CODING: (
        "current coding",
        "coding implications",
        "coding section",
        "coding and billing information",
        "billing/coding",
        "billing/coding information",
        "billing/coding/physician documentation information",
        "billing and coding",
        "billing and coding information",
        "applicable coding",
        "procedure codes",
        "code list",
        "cpt/hcpcs",
        "cpt/hcpcs codes",
        "cpt codes",
        "hcpcs codes",
        "icd-10 codes",
        "icd-10-cm codes",
        "diagnosis codes",
    ),
    SectionName.DOCUMENTATION: ("documentation requirement", "required documentation", "documentation guidelines"),
    SectionName.DEFINITIONS: ("definition", "glossary"),
    SectionName.RELATED: ("related policies / guidelines", "related policies and guidelines", "related coverage resources", "see also"),
    SectionName.DESCRIPTION: ("description/scope", "description of services", "description of service", "item description", "service description"),
    SectionName.BACKGROUND: ("background/overview", "scientific background"),
    SectionName.EVIDENCE: (
        "key points",
        "rationale/source",
        "summary/analysis of evidence",
        "analysis of evidence (rationale for determination)",
        "evidence summary",
        "review of evidence",
    ),
    SectionName.TRIALS: ("ongoing clinical trials",),
    SectionName.GUIDELINES: ("supplemental information", "professional society guidelines", "clinical practice guidelines"),
    SectionName.MEDICARE: (
        "cms",
        "cms national coverage policy",
        "medicare national coverage determination",
        "centers for medicare and medicaid services",
        "centers for medicare & medicaid services",
    ),
    SectionName.REGULATORY: ("u.s. food and drug administration (fda)", "regulatory information"),
    SectionName.REFERENCES: ("reference", "reference sources", "sources"),
    SectionName.HISTORY: (
        "document history",
        "revision history",
        "revision history information",
        "revision details",
        "revisions",
        "policy revisions",
        "policy updates",
        "policy implementation/update information",
        "update information",
        "update history",
        "p&t revisions",
        "p&t revision history",
        "change log",
        "review history",
        "reviews, revisions, and approvals",
    ),
    SectionName.SCOPE: (
        "application",
        "applicable states",
        "product variations",
        "line of business",
        "lines of business",
        "products",
        "benefit variations",
        "benefit application",
        "benefits application",
        "program exceptions",
    ),
    SectionName.DISCLAIMER: ("notice", "legal notice", "disclaimers"),
}  # fmt: skip
_KNOWN = HEADINGS | {synonym: name for name, synonyms in _SYNONYMS.items() for synonym in synonyms}
_PATTERNS = (
    (
        SectionName.HISTORY,
        re.compile(
            r"\b(?:policy|document|revision|review|update) (?:revision )?history(?: information)?:?$", re.IGNORECASE
        ),
    ),
    (
        SectionName.CODING,
        re.compile(
            r"^(?:applicable |covered |billing )*(?:CPT|HCPCS|ICD-10|ICD-9|CDT)(?:-CM|-PCS)?[^.;:\d]*\bcodes?\b(?! of\b)[^.;:\d]*:?$",
            re.IGNORECASE,
        ),
    ),
)
_NUMBERED = re.compile(r"^(?:[ivx]{1,5}|[a-z]|\d{1,2})[.)]\s+", re.IGNORECASE)


def section_named(heading: str, profile: Profile = NO_PROFILE) -> SectionName | None:
    """The standard section that a heading opens: by the publisher's profile, by synonym, by the position that it names."""
    plain = _NUMBERED.sub("", " ".join(heading.replace("*", "").split()), count=1)
    for words in (plain, re.sub(r"\s*\([^()]*\)$", "", plain)):
        key = heading_key(words)
        if (name := profile.headings.get(key) or _KNOWN.get(key)) is not None:
            return name
    if len(plain.split()) <= 8 and (
        found_name := next((name for name, pattern in _PATTERNS if pattern.search(plain)), None)
    ):
        return found_name
    parts = [_KNOWN.get(heading_key(part)) for part in plain.split("/")]
    if len(parts) > 1 and (found := [name for name in parts if name is not None]):
        return found[0]
    return SectionName.CRITERIA if position_heading(plain.rstrip(" :")) else None
