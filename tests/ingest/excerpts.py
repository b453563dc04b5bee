"""Excerpts of policies as publishers lay them out, invented here, each with what a careful reader would answer for a case of
which nothing is known. Services and sentences are ours."""

from __future__ import annotations

from dataclasses import dataclass

HEADER = "# Tin Drums\n\nPolicy Number: TD-12\n\nEffective Date: March 4, 2022\n\nPublish Date: February 1, 2022\n\n"
CODES = "## Coding\n\n| HCPCS Code | Description |\n|---|---|\n| C9999 | A drum |\n"
CODE = "C9999"
LISTED = "\n\n- loud ears\n- quiet hands"
WHEN_ALL = "Tin drums are medically necessary when all of the following are met:"


@dataclass(frozen=True)
class Excerpt:
    """``criteria`` is the criteria section. ``answers`` are the outcomes that its words allow for an unknown case; ``asked``
    words that the draft's questions or criteria must hold."""

    name: str
    criteria: str
    answers: tuple[str, ...] = ("information_needed",)
    asked: tuple[str, ...] = ()
    codes: str = CODES

    @property
    def document(self) -> str:
        return f"{HEADER}\n\n## Coverage Rationale\n\n{self.criteria}\n\n{self.codes}\n"


UNKNOWN = ("information_needed", "refer", "not_addressed")

EXCERPTS = (
    # ------------------------------------------------------------------ drug policies
    Excerpt("step therapy", "Tin drums may be considered medically necessary when all of the following criteria are met:\n\n1. Age 18 years or older; AND\n2. Trial and failure of at least two of the following, or contraindication to all:\n    - copper bells\n    - wooden bells\n    - bone bells\n3. Prescribed by or in consultation with an otologist\n\nLength of approval: 6 months\n\nTin drums are considered investigational for all other indications.", asked=("(1) at least 2 of: copper bells; wooden bells; bone bells; (2) all of",)),
    Excerpt("initial and renewal", "### Initial criteria\n\nTin drums are covered when all of the following are met:\n\n- loud ears\n- quiet hands\n\n### Renewal criteria\n\nTin drums are covered if the member responded to treatment.", asked=("this is an initial request", "this is a request for renewal")),
    Excerpt("quantity beside a position", "Tin drums are covered. Coverage is up to 12 units.", asked=("Coverage is up to 12 units",)),
    Excerpt("label indications", "Tin drums are covered for FDA-approved indications.", asked=("for FDA-approved indications",)),
    # ------------------------------------------------------------------ determinations and bulletins
    Excerpt("determination with a limit", "Tin drums are considered reasonable and necessary for patients with documented gout who have failed bells. Repeat drums are limited to three per rolling 12 months.", asked=("limited to three per rolling 12 months",)),
    Excerpt("limitations in prose", "Tin drums will be considered reasonable and necessary. Limitations: drums must not be used with bells. More than three sessions are not reasonable and necessary.", asked=("drums must not be used with bells",)),
    Excerpt("bulletin with a day", "Effective for dates of service on or after July 1, 2022, tin drums are covered. Prior to that date tin drums are investigational."),
    Excerpt("bulletin until a day", "Until June 30, 2022, tin drums are covered."),
    Excerpt("bulletin beginning on a day", "Beginning January 1, 2023 tin drums are covered."),
    Excerpt("one state", "In Ohio, tin drums are covered."),
    Excerpt("questions and answers", "**Q: Are tin drums covered?**\n\nA: Yes, tin drums are covered when the ears are loud.\n\n**Q: Are brass drums covered?**\n\nA: No.", asked=("the ears are loud",)),
    Excerpt("a word before a colon", "Adults: tin drums are covered.", asked=("Adults",)),
    # ------------------------------------------------------------------ tables
    Excerpt("criteria in cells", "| Service | Medically Necessary | Investigational |\n|---|---|---|\n| Tin drums | Gout; loud ears | All other uses |", asked=("Gout; loud ears",)),
    Excerpt("positions in cells", "| Indication | Coverage |\n|---|---|\n| Gout | Medically necessary |\n| Headache | Investigational |", asked=('this case fits "Gout"', 'this case fits "Headache"')),
    Excerpt("positions in cells beside criteria", "| Indication | Position | Criteria |\n|---|---|---|\n| Gout | Covered | Loud ears and quiet hands |\n| Rust | Not covered | |", asked=('this case fits "Gout"', "Loud ears and quiet hands", 'this case fits "Rust"')),
    Excerpt("a table for a list", f"{WHEN_ALL}\n\n| Criterion | Proof |\n|---|---|\n| loud ears | a letter |\n| quiet hands | a picture |", asked=("'loud ears: a letter' stands in a table, where a list is announced",)),
    # ------------------------------------------------------------------ notes, footnotes, what stands beside
    Excerpt("a requirement behind", "Tin drums are considered medically necessary. The member must have failed bells for six weeks.", asked=("The member must have failed bells",)),
    Excerpt("a requirement before", "Members must be 18 years of age or older. Tin drums are considered medically necessary.", asked=("Members must be 18 years",)),
    Excerpt("a starred footnote", "Tin drums are considered medically necessary.*\n\n*Adults with gout", asked=("this fits: Adults with gout",)),
    Excerpt("a footnote with a number", "Tin drums are covered[^1].\n\n[^1]: adults with gout", asked=("adults with gout",)),
    Excerpt("a footnote below an unfavourable position", "Tin drums are investigational.*\n\n*Adults with gout", asked=("Adults with gout",)),
    Excerpt("contracts may cover", "Tin drums are not covered. Some contracts may cover drums.", asked=("Some contracts may cover drums",)),
    Excerpt("exclusions under a heading", "Tin drums are covered.\n\n### Exclusions\n\n- brass drums\n- drums for pets", asked=("'brass drums' is listed below no statement",)),
    Excerpt("excluded in a note", "Tin drums are covered.\n\nNote: the following are excluded:\n\n- brass drums\n- pet drums", asked=("the following are excluded", "'brass drums' is listed below no statement")),
    Excerpt("unless, behind a list", f"{WHEN_ALL}{LISTED}\n\nUnless the member is deaf.", asked=("Unless the member is deaf",)),
    Excerpt("an exception behind a list", f"{WHEN_ALL}{LISTED}\n\nException: children need not meet the second criterion.", asked=("children need not meet the second criterion",)),
    # ------------------------------------------------------------------ for whom
    Excerpt("a heading of persons", "### Children under 18\n\nTin drums are considered medically necessary.", asked=('this case fits "Children under 18"',)),
    Excerpt("headings of diagnoses", "### Gout\n\nTin drums are considered medically necessary.\n\n### Rust\n\nTin drums are considered investigational.", asked=('this case fits "Gout"', 'this case fits "Rust"')),
    Excerpt("headings of lines", "### Commercial\n\nTin drums are covered.\n\n### Medicare Advantage\n\nTin drums are not covered.", asked=('this case fits "Commercial"',)),
    Excerpt("for, before the position", "Tin drums for gout are covered.", asked=("this fits: Tin drums for gout are covered",)),
    Excerpt("for, before an unfavourable position", "Tin drums for gout are considered investigational.", asked=("Tin drums for gout",)),
    Excerpt("for, behind an unfavourable position", "Tin drums are investigational for gout.", asked=("investigational for gout",)),
    Excerpt("in brackets", "Tin drums (for gout only) are considered medically necessary."),
    Excerpt("behind a dash", "Tin drums are considered medically necessary - gout only."),
    Excerpt("other than", "Tin drums other than brass drums are investigational."),
    Excerpt("all but", "Tin drums are covered for all indications but gout."),
    Excerpt("outside of", "Tin drums are not covered outside of clinical trials."),
    Excerpt("instead of", "Tin drums are medically necessary instead of surgery."),
    Excerpt("subject to", "Tin drums are covered subject to review by the plan."),
    Excerpt("as long as", "Tin drums are covered as long as the ears are loud."),
    Excerpt("provided that", "Tin drums are covered, provided that the ears are loud."),
    Excerpt("but not", "Tin drums are covered but not for children."),
    Excerpt("a second position in a sentence", "Tin drums are covered; however, brass drums are not covered.", asked=("states a second position ('not covered')",)),
    Excerpt("a second position in brackets", "Tin drums are covered (brass drums are not covered).", asked=("states a second position ('not covered')",)),
    Excerpt("some of a service", "Some tin drums are covered."),
    Excerpt("not all of a service", "Not all tin drums are covered."),
    Excerpt("a second one", "A second tin drum is not covered."),
    Excerpt("repeat", "Repeat tin drums are considered not medically necessary."),
    Excerpt("at a place", "Tin drums at home are not covered."),
    Excerpt("generally", "Tin drums are generally covered.", asked=("limits its position",)),
    Excerpt("may be covered", "Tin drums may be covered.", asked=("limits its position",)),
    Excerpt("a code in a sentence", "C9999 is not covered when billed with C9998. Tin drums are covered.", asked=("billed with C9998",)),
    # ------------------------------------------------------------------ lists
    Excerpt("a list behind AND", "Tin drums are covered when the member has gout AND\n\n- loud ears\n- quiet hands", asked=("does not say how it counts",)),
    Excerpt("a number above that counts years", "Members at least 18 years of age may receive tin drums, which are covered when the following are met:" + LISTED, asked=("does not say how it counts",)),
    Excerpt("a lone AND before a paragraph", f"{WHEN_ALL}{LISTED}\n\nAND\n\nThe member has gout.", asked=("'The member has gout.' stands behind a lone AND", "- The member has gout")),
    Excerpt("AND/OR", f"{WHEN_ALL}\n\n- loud ears\n- AND/OR\n- quiet hands", asked=("AND/OR stands alone between 'loud ears' and 'quiet hands'",)),
    Excerpt("-OR-", "Tin drums are medically necessary when the following are met:\n\n- loud ears\n\n-OR-\n\n- quiet hands", asked=("OR stands alone between 'loud ears' and 'quiet hands'",)),
    Excerpt("one that is left out", f"{WHEN_ALL}\n\n1. loud ears\n2. quiet hands\n4. warm feet", asked=("goes from '2.' to '4.'", "a line is missing between 'quiet hands' and 'warm feet'")),
    Excerpt("exception beside a list", f"{WHEN_ALL[:-1]}, except for children:{LISTED}", asked=("stands beside an exception ('except for children'): (1) it holds where the list does: loud ears; quiet hands; and never in the case of 'children'; (2) in the case of 'children' it holds without the list",)),
    Excerpt("exception before a list", f"Tin drums are covered, except for children, when all of the following are met:{LISTED}", asked=("stands beside an exception ('except for children')",)),
    Excerpt("for whom, before a list", f"Tin drums are covered for adults when all of the following are met:{LISTED}", asked=('- this case fits "for adults"\n- loud ears\n- quiet hands',)),
    Excerpt("for what, before the position and a list", f"Tin drums for gout are covered when any of the following is met:{LISTED}", asked=('- this case fits "for gout"', "  - loud ears")),
    Excerpt("positions as list items", "- Investigational: tin drums for gout\n- Medically necessary: tin drums for rust", asked=("tin drums for gout", "tin drums for rust")),
    # ------------------------------------------------------------------ what is certain stays an answer
    Excerpt("plainly covered", "Tin drums are covered.", ("covered",)),
    Excerpt("covered for all", "Tin drums are covered for all indications.", ("covered",)),
    Excerpt("plainly investigational", "Tin drums are considered investigational.", ("not_covered",)),
    Excerpt("investigational for all", "Tin drums are considered investigational for all indications, including but not limited to gout.", ("not_covered",)),
    Excerpt("investigational with its reason", "Tin drums are considered investigational as there is insufficient evidence.", ("not_covered",)),
    Excerpt("not covered, of whatever kind", "Tin drums are not covered regardless of the indication.", ("not_covered",)),
    Excerpt("posted", "Tin drums: Not covered", ("not_covered",)),
)  # fmt: skip
