"""Section headings: the standard names, the aliases read for them, and the near misses."""

from __future__ import annotations

from functools import lru_cache

from medpol.model.policy import SectionName

_ALIASES: dict[SectionName, tuple[str, ...]] = {
    SectionName.INTRODUCTION: ("Overview", "Summary"),
    SectionName.CRITERIA: (
        "Policy",
        "Policy statement",
        "Policy statements",
        "Position statement",
        "Clinical indications",
        "Coverage policy",
        "Coverage rationale",
        "Criteria",
        "Coverage criteria",
        "Policy/Coverage",
        "Coverage guidance",
        "Indications and limitations",
        "Coverage indications",
    ),
    SectionName.CODING: ("Coding information", "Applicable codes", "Coding/Billing information", "Codes"),
    SectionName.DOCUMENTATION: ("Required information", "Documentation"),
    SectionName.DEFINITIONS: ("Definition of terms", "Related information"),
    SectionName.RELATED: ("Related medical policies",),
    SectionName.DESCRIPTION: ("Description of procedure or service", "Item/Service description"),
    SectionName.BACKGROUND: ("General background",),
    SectionName.EVIDENCE: ("Summary of evidence", "Rationale", "Clinical evidence", "Evidence", "Analysis of evidence"),
    SectionName.TRIALS: ("Ongoing and unpublished clinical trials", "Summary of key trials", "Trials"),
    SectionName.GUIDELINES: ("Practice guidelines and position statements", "Professional statements"),
    SectionName.MEDICARE: ("Medicare national coverage", "Medicare coverage determinations"),
    SectionName.REGULATORY: ("U.S. Food and Drug Administration", "FDA", "Approved by governing bodies"),
    SectionName.REFERENCES: ("Bibliography",),
    SectionName.HISTORY: (
        "Policy history",
        "Revision information",
        "Revision log",
        "Policy history/revision information",
    ),
    SectionName.SCOPE: ("Applicability",),
    SectionName.DISCLAIMER: ("Important reminder", "Instructions for use"),
}


@lru_cache(maxsize=1024)
def heading_key(text: str) -> str:
    """The heading as it is compared: case and spacing do not matter, nor bold and a closing colon."""
    return " ".join(text.replace("*", "").casefold().split()).rstrip(" :.")


HEADINGS: dict[str, SectionName] = {heading_key(name.value): name for name in SectionName} | {
    heading_key(alias): name for name, aliases in _ALIASES.items() for alias in aliases
}


def section_of(heading: str) -> SectionName | None:
    """The standard section a heading names, directly or by an alias."""
    return HEADINGS.get(heading_key(heading))


def standard_heading(heading: str) -> str:
    """The heading as it is printed: a standard name in its own spelling, any other as it stands."""
    name = section_of(heading)
    return name.value if name is not None and heading_key(name.value) == heading_key(heading) else heading.strip()
