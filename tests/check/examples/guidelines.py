"""Examples of the rules about practice guidelines."""

from tests.check.evidence_texts import NEWER, document, guideline, guidelines
from tests.check.example import Example

EXAMPLES = {
    "an issuer that the rule leaves out": Example(
        "guideline-not-eligible",
        document(guidelines(guideline("Needle Makers of Ruritania", "neither", issuer="other"))),
        f"{NEWER}:26:9",
        old="Issuer: other",
        new="Issuer: NICE",
    ),
    "a text of six years ago": Example(
        "guideline-old",
        document(guidelines(guideline("American Needle Society", "neither", year=2019))),
        f"{NEWER}:28:7",
        old="Year: 2019",
        new="Year: 2020",
    ),
    "recommended, and investigational": Example(
        "guideline-disagrees-with-position",
        document(guidelines(guideline("American Needle Society"))),
        f"{NEWER}:32:13",
        old="Recommends: for",
        new="Recommends: neither",
    ),
    "advised against, and covered": Example(
        "guideline-disagrees-with-position",
        document(
            guidelines(guideline("NICE", "against", issuer="NICE")), criteria="Needling is **medically necessary**."
        ),
        f"{NEWER}:32:13",
        old="Recommends: against",
        new="Recommends: for",
    ),
}
