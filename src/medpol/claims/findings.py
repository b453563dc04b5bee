"""What may be odd about a line that is answered all the same: each key, and a sentence that says it."""

from __future__ import annotations

FINDINGS: dict[str, str] = {
    "bad-npi-check-digit": "An NPI is not ten digits, or its check digit does not fit.",
    "birth-after-service": "The member is born after the day of service; the birth date is taken as unknown.",
    "code-raised": "The service code was written in lower case.",
    "code-malformed": "The service code has the shape of no code system.",
    "code-trimmed": "The service code stood between spaces.",
    "diagnoses-of-claim": "No pointers say which diagnoses are the line's: those of the whole claim stand.",
    "diagnosis-dot-dropped": "A diagnosis was written with its dot.",
    "diagnosis-malformed": "A diagnosis has no code's shape in its system; it may have been any.",
    "diagnosis-raised": "A diagnosis was written in lower case.",
    "diagnosis-system-unknown": "The type or qualifier of a diagnosis names no system, or the code fits two.",
    "diagnosis-trimmed": "A diagnosis stood between spaces.",
    "eligibility-disagrees": "Spans of the day of service disagree; what they disagree on is unknown.",
    "frequency-code-unknown": "The claim frequency code is none of 1, 7 and 8.",
    "line-of-business-undeclared": "The line of business is a name that nobody declares; it is unknown.",
    "malformed-modifier": "A modifier is not two characters; which modifiers stand on the line is unknown.",
    "malformed-place-of-service": "The place of service is not two digits; it is unknown.",
    "malformed-taxonomy": "The provider's taxonomy code is malformed; the specialty is unknown.",
    "negative-units": "The units are negative; they are unknown.",
    "no-eligibility-span": "No span of the member holds the day of service.",
    "pointer-dangling": "A pointer points at no diagnosis of the claim; it may have been any.",
    "pointers-malformed": "The diagnosis pointers cannot be read; the diagnoses of the whole claim stand.",
    "qualifier-mismatch": "A diagnosis marked as ICD-9-CM can only be ICD-10-CM, and is read as such.",
    "state-unknown": "The state is no USPS abbreviation; it is unknown.",
}
