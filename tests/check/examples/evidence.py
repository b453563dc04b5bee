"""Examples of the rules about the evidence review."""

from tests.check.evidence_texts import HARMS, NEWER, document, population, review
from tests.check.example import Example

HEEL = "Plantar heel"

EXAMPLES = {
    "nothing concluded": Example(
        "population-without-conclusion",
        document(review(population("Pain", HARMS, conclusion="not stated"))),
        f"{NEWER}:26:13",
        old="Conclusion: **not stated**",
        new="Conclusion: **insufficient**",
    ),
    "no line that concludes": Example(
        "population-without-conclusion",
        document(review(population("Pain", HARMS, conclusion=""))),
        f"{NEWER}:22:1",
        old=HARMS,
        new=f"{HARMS}\n\nConclusion: **insufficient**",
    ),
    "an outcome without a result": Example(
        "outcome-without-result",
        document(review(population("Pain", f"Pain fell. {HARMS}", "symptoms; quality of life"))),
        f"{NEWER}:26:21",
        old=HARMS,
        new=f"{HARMS} SF-36 scores did not differ.",
    ),
    "a net outcome without harms": Example(
        "net-outcome-without-harms",
        document(review(population("Pain", "Pain did not differ. The net health outcome is unknown."))),
        f"{NEWER}:24:26",
        old="did not differ.",
        new="did not differ. Complications were rare.",
    ),
    "a jaw measured by the neck": Example(
        "instrument-of-another-region",
        document(
            review(population("Temporomandibular", "Disability (Neck Disability Index) did not differ.")),
            title="Needles for the jaw",
        ),
        f"{NEWER}:24:13",
        old="Neck Disability Index",
        new="Jaw Functional Limitation Scale",
    ),
    "two counts of one review": Example(
        "studies-disagree-with-prose",
        document(
            review(
                population(
                    "Pain",
                    "The review held six trials with 395 people.",
                    studies="systematic review, 6 studies, 380 participants",
                )
            )
        ),
        f"{NEWER}:26:10",
        old="380 participants",
        new="395 participants",
    ),
    "covered on insufficient evidence": Example(
        "position-not-supported",
        document(review(population("Pain", HARMS)), criteria="Needling is **medically necessary**."),
        f"{NEWER}:12:15",
        old="Conclusion: **insufficient**",
        new="Conclusion: **sufficient**",
    ),
    "investigational on sufficient evidence": Example(
        "position-not-supported",
        document(review(population("Pain", HARMS, conclusion="sufficient"))),
        f"{NEWER}:12:15",
        old="**investigational**",
        new="**medically necessary**",
    ),
    "a statement of every region": Example(
        "statement-wider-than-populations",
        document(review(population(HEEL, HARMS), population("Shoulder", HARMS))),
        f"{NEWER}:12:1",
        old="### Population: Shoulder",
        new="### Population: Other regions",
    ),
    "a statement of every age": Example(
        "statement-wider-than-populations",
        document(
            review(population("Adults with migraine", HARMS, conclusion="sufficient")),
            criteria="Needling is **medically necessary**.",
        ),
        f"{NEWER}:12:1",
        old="Adults with migraine",
        new="Adults and children with migraine",
    ),
    "no evidence, and a result": Example(
        "passages-disagree",
        document(
            "## Introduction\n\nAudience: public\n\nThere is no evidence that needling relieves pain.\n",
            review(population("Pain", f"Pain was less after three sessions. {HARMS}")),
        ),
        f"{NEWER}:24:10",
        old="There is no evidence that needling relieves pain.",
        new="It is not proven that needling relieves pain.",
    ),
}
