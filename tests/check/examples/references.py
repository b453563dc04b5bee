"""Examples of the rules about references, addresses and the names of bodies."""

from tests.check.evidence_texts import NEWER, document, guideline, guidelines, references
from tests.check.example import Example

SOUND = "Smith AB, Jones C. A trial of needles. Pain. Jan 2020; 161(1): 1-9. PMID 31862748"
OTHER = "Brown DE. A trial of pins. Pain. Feb 2021; 162(2): 1-9. PMID 33436401"
ACADEMY = "American Academy of Orthopaedic Manual Physical Therapists"

EXAMPLES = {
    "a reference that nothing cites": Example(
        "reference-never-cited",
        document("## Background\n\nNeedles are thin [1].\n", references(SOUND, OTHER)),
        f"{NEWER}:27:4",
        old="thin [1].",
        new="thin [1-2].",
    ),
    "an author named without a mark": Example(
        "reference-never-cited",
        document("## Background\n\nNeedles are thin [1]. The trial by Brown agrees.\n", references(SOUND, OTHER)),
        f"{NEWER}:27:4",
        old="by Brown agrees",
        new="by Brown [2] agrees",
    ),
    "a number beyond the list": Example(
        "citation-without-reference",
        document("## Background\n\nNeedles are thin [1, 3].\n", references(SOUND)),
        f"{NEWER}:22:18",
        old="[1, 3]",
        new="[1]",
    ),
    "a number set high beyond the list": Example(
        "citation-without-reference",
        document("## Background\n\nNeedles are thin.<sup>1,2</sup>\n", references(SOUND)),
        f"{NEWER}:22:18",
        old="<sup>1,2</sup>",
        new="<sup>1</sup>",
    ),
    "a paper without its number": Example(
        "reference-without-pmid",
        document("## Background\n\nNeedles are thin [1].\n", references(SOUND.removesuffix(" PMID 31862748"))),
        f"{NEWER}:26:4",
        old="161(1): 1-9.",
        new="161(1): 1-9. PMID 31862748",
    ),
    "a number of another archive": Example(
        "pmid-malformed",
        document("## Background\n\nNeedles are thin [1].\n", references(SOUND.replace("31862748", "PMC7896252"))),
        f"{NEWER}:26:77",
        old="PMID PMC7896252",
        new="PMID 31862748",
    ),
    "nine digits": Example(
        "pmid-malformed",
        document("## Background\n\nNeedles are thin [1].\n", references(SOUND + "0.")),
        f"{NEWER}:26:77",
        old="318627480",
        new="31862748",
    ),
    "one paper twice": Example(
        "duplicate-reference",
        document("## Background\n\nThin [1, 2].\n", references(SOUND, "Smith AB. Needles. 2020. PMID: 31862748")),
        f"{NEWER}:27:4",
        old="2. Smith AB. Needles. 2020. PMID: 31862748",
        new="2. Brown DE. Pins. 2021. PMID: 33436401",
    ),
    "an address through a university": Example(
        "address-not-public",
        document(
            "## Background\n\nThin [1].\n",
            references(SOUND + ". https://www-ncbi-nlm-nih-gov.proxy.lib.example.edu/pubmed/1"),
        ),
        f"{NEWER}:26:87",
        old="https://www-ncbi-nlm-nih-gov.proxy.lib.example.edu/pubmed/1",
        new="https://pubmed.ncbi.nlm.nih.gov/1",
    ),
    "an address of one network": Example(
        "address-not-public",
        document("## Background\n\nSee http://192.168.0.12/policies for pictures.\n"),
        f"{NEWER}:22:5",
        old="http://192.168.0.12/policies",
        new="https://www.example.org/policies",
    ),
    "a file on somebody's disk": Example(
        "address-not-public",
        document("## Background\n\nSee C:\\Policies\\needles.docx for pictures.\n"),
        f"{NEWER}:22:5",
        old="C:\\Policies\\needles.docx",
        new="https://www.example.org/policies",
    ),
    "an academy named in another order": Example(
        "body-named-two-ways",
        document(
            guidelines(guideline(ACADEMY, recommends="neither")),
            "## Background\n\nThe American Academy of Manual Orthopaedic Physical Therapists speaks of needles.\n",
        ),
        f"{NEWER}:38:5",
        old="American Academy of Manual Orthopaedic Physical Therapists",
        new=ACADEMY,
    ),
}
