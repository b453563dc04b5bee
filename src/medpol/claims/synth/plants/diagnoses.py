"""Diagnoses: present, absent, malformed, wrongly qualified, and those that pointers choose."""

from __future__ import annotations

from medpol.claims.synth.planting import MET, NOT_MET, WAITS, PlantedLine, Said, line, plant

_PATCH, _DAY = "ZZ0201", "2024-07-01"
_NAMES = "diagnosis_code_1", "diagnosis_code_2", "diagnosis_code_3"


def _with(diagnoses: tuple[str | None, ...], said: Said, why: str, **cells: str | None) -> PlantedLine:
    return line(_PATCH, _DAY, said, why, **dict(zip(_NAMES, diagnoses, strict=False)), **cells)


_LISTED: tuple[tuple[str, PlantedLine], ...] = (
    ("diagnosis", _with(("M79.18",), MET, "the diagnosis is in the list")),
    ("diagnosis", _with(("R52",), NOT_MET, "the one diagnosis is not in the list")),
    ("diagnosis", _with(("R52", "M79.18"), MET, "one of two diagnoses is in the list")),
    ("diagnosis-missing", _with((None,), WAITS, "no diagnosis is given: the list is unknown, not empty")),
    ("diagnosis-spelling", _with(("M7918",), MET, "without its dot")),
    ("diagnosis-spelling", _with(("m79.18",), MET, "in lower case")),
    ("diagnosis-prefix", _with(("M54.50",), MET, "below a prefix of the list")),
    ("diagnosis-prefix", _with(("M54.5",), MET, "the prefix itself, as it was coded before it was split")),
    ("diagnosis-prefix", _with(("M54.6",), NOT_MET, "beside a prefix of the list")),
    ("diagnosis-malformed", _with(("125.9",), WAITS, "a one for an I: the broken token may have been any")),
    ("diagnosis-malformed", _with(("M80-M84",), WAITS, "a range in one cell: it may have been any")),
    ("diagnosis-malformed", _with(("M79.18-",), WAITS, "a trailing hyphen is not mended")),
    ("diagnosis-malformed", _with(("thru",), WAITS, "a word is no code")),
    ("diagnosis-malformed", _with(("125.9", "M79.18"), MET, "another token is in the list")),
    ("diagnosis-malformed", _with(("125.9", "R52"), WAITS, "the other is not in the list, the broken one may be")),
)
_QUALIFIED: tuple[tuple[str, PlantedLine], ...] = (
    (
        "qualifier-wrong",
        _with(("M79.18",), MET, "marked as ICD-9-CM, can only be ICD-10-CM", x_diagnosis_qualifiers="BK"),
    ),
    ("qualifier-wrong", _with(("V70.0",), WAITS, "marked as ICD-9-CM, fits both systems", x_diagnosis_qualifiers="BK")),
    ("qualifier-old", _with(("729.1",), MET, "ICD-9-CM as it says, and in the list", x_diagnosis_qualifiers="BK")),
    ("leading-zero", _with(("012.3",), MET, "the zero at its head is kept", x_diagnosis_qualifiers="BK")),
    ("leading-zero", _with(("12.3",), WAITS, "without its zero it is malformed", x_diagnosis_qualifiers="BK")),
    (
        "type-wrong",
        _with(("M79.18",), WAITS, "said to be ICD-9-CM, where it is malformed", diagnosis_code_type="icd-9-cm"),
    ),
    ("type-old", _with(("729.1",), MET, "ICD-9-CM as it says, and in the list", diagnosis_code_type="icd-9-cm")),
)
_POINTED: tuple[tuple[str, PlantedLine], ...] = (
    ("pointers", _with(("R52", "M79.18"), MET, "it points at the one in the list", x_diagnosis_pointers="2")),
    ("pointers", _with(("R52", "M79.18"), NOT_MET, "it points at the other", x_diagnosis_pointers="1")),
    ("pointers", _with(("R52", "M79.18"), MET, "it points at both", x_diagnosis_pointers="1,2")),
    (
        "pointer-dangling",
        _with(("R52",), WAITS, "it points at nothing: that may have been any", x_diagnosis_pointers="3"),
    ),
)

DIAGNOSES = (
    *(plant(name, each) for name, each in (*_LISTED, *_QUALIFIED, *_POINTED)),
    plant(
        "pointers-by-line",
        *(
            PlantedLine(
                _PATCH,
                _DAY,
                said,
                why,
                claim="A",
                line=number,
                cells={"diagnosis_code_1": "R52", "diagnosis_code_2": "M79.18", "x_diagnosis_pointers": pointer},
            )
            for number, pointer, said, why in (
                (1, "1", NOT_MET, "the first line points at what is not in the list"),
                (2, "2", MET, "the second line of the claim points at what is"),
            )
        ),
    ),
)
