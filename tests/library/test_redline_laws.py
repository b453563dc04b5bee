"""Laws of the redline: nothing that a plan is compiled from changes in silence, and both directions say the same."""

from __future__ import annotations

import dataclasses
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from tests.oracle import generate
from tests.support import EXAMPLES, files_of, library

from medpol.decide.plan import compile_version
from medpol.decide.rows import Literal, LiteralKind, Node, PlanRule, PlanVersion
from medpol.library import SHIPPED, Library
from medpol.library.redline import Kind, Mark, Redline, Subject, redline
from medpol.library.redline.passages import sections_of
from medpol.model.criteria import Note, sentence_key
from medpol.model.dates import StatedDate
from medpol.model.policy import PolicyVersion
from medpol.model.quantities import Quantity

MIRRORED = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}


def between(held: Library, before: PolicyVersion, after: PolicyVersion) -> Redline:
    return redline(before, held.texts[before.source.file], after, held.texts[after.source.file], held.of(after.policy))


def libraries() -> Iterator[Library]:
    """The library that ships, the example, and a dozen generated ones."""
    yield library(files_of(SHIPPED))
    yield library(files_of(EXAMPLES))
    for seed in range(14):
        yield library(generate.generate_policy(random.Random(seed), wide=seed % 6 == 5))


LIBRARIES = list(libraries())
PAIRS = [
    (held, one, other)
    for held in LIBRARIES
    for policy in held.policies()
    for one in held.of(policy)
    for other in held.of(policy)
    if one is not other
]


# ---------------------------------------------------------------------------- what a plan is compiled from


def meant(row: PlanVersion) -> Any:
    """A compiled version without its place, its file and its days: sentences as their ids see them."""
    return _meant(
        replace(row, file="", content_hash="", places=(), known_from=date.min, first_day=date.min, published=None)
    )


def _meant(value: Any) -> Any:
    match value:
        case tuple():
            return tuple(map(_meant, value))
        case Node():
            value = replace(value, line=0, text=sentence_key(value.text))
        case Literal(kind=LiteralKind.QUESTION):
            value = replace(value, line=0, text=sentence_key(value.text), question="")
        case PlanRule():
            words = {name: sentence_key(getattr(value, name)) for name in ("statement", "otherwise_text", "qualifier")}
            value = replace(value, line=0, otherwise_line=0, **words)
        case _ if is_dataclass(value) and "line" in {each.name for each in fields(value)}:
            value = replace(value, line=0)  # type: ignore[type-var]
    if is_dataclass(value):
        return type(value), tuple(_meant(getattr(value, each.name)) for each in fields(value))
    return value


def rows(held: Library, version: PolicyVersion) -> Any:
    return meant(compile_version(version, held.facts, held.event_fields))


def told(found: Redline) -> list[Any]:
    """The items but those of stated days."""
    assert found.meaning is not None
    return [each for each in found.meaning if each.subject is not Subject.DATE]


def test_two_versions_that_compile_otherwise_are_told_apart() -> None:
    differing = 0
    for held, one, other in PAIRS:
        if not (one.is_draft or other.is_draft) and rows(held, one) != rows(held, other):
            differing += 1
            assert told(between(held, one, other)), (one.source.file, other.source.file)
    assert differing > 20


EDITS: tuple[tuple[str, str], ...] = (
    (r">=", ">"),
    (r"<=", "<"),
    (r" = yes", " = no"),
    (r"\bnot ", ""),
    (r" and ", " or "),
    (r"all of", "any of"),
    (r"any of", "none of"),
    (r"\b1\b", "2"),
    (r"\b6 weeks", "7 weeks"),
    (r"rolling 12", "rolling 13"),
    (r"before\b", "through"),
    (r"sessions of", "lines of"),
    (r"calendar year", "lifetime"),
    (r"\b3\b", "4"),
    (r"in every case ", ""),
    (r"K0101", "K0109"),
    (r"governed", "informational"),
    (r"A00", "A01"),
    (r"commercial", "individual"),
    (r"WA", "OR"),
    (r"Investigational", "Cosmetic"),
    (r"Medically necessary", "Reconstructive"),
    (r"failed", "helped"),
    (r"20\d\d-", "2021-"),
    (r"^- .*\n", ""),
    (r"^\d\. .*\n", ""),
    (r"^\| .*\n", ""),
    (r"^Otherwise .*\n", ""),
    (r"^Unless .*\n", ""),
    (r"^When: .*\n", ""),
    (r"^Approved for: .*\n", ""),
    (r"^Dates of service: .*\n", ""),
    (r" `[^`\n]*`$", ""),
    (r"\bis documented", "is not documented"),
)


def edited(text: str, chance: random.Random) -> Iterator[str]:
    """The text with one thing changed, for each kind of change that it allows: at a place that chance picks."""
    for pattern, new in EDITS:
        places = list(re.finditer(pattern, text, re.MULTILINE))
        if places:
            place = chance.choice(places)
            yield text[: place.start()] + new + text[place.end() :]


def test_whatever_one_edit_does_to_the_plan_is_told() -> None:
    """One change in one document, read again by the real reader; edits that make no valid document are left out."""
    chance = random.Random(7)
    altered = 0
    for held in LIBRARIES:
        files: dict[str, str | bytes] = dict(held.texts)
        for version in held.versions[:2]:
            file = version.source.file
            for text in edited(held.texts[file], chance):
                changed = library({**files, file: text})
                later = next((each for each in changed.versions if each.source.file == file), None)
                if changed.errors or later is None or later.is_draft or version.is_draft:
                    continue
                found = redline(version, held.texts[file], later, text)
                if rows(held, version) != rows(changed, later):
                    altered += 1
                    assert told(found), (file, text)
                assert found.words_change is (bodies(held.texts[file], version) != bodies(text, later))
    assert altered > 100


def bodies(text: str, version: PolicyVersion) -> list[Any]:
    return [
        (section.heading, [(each.kind, each.text, each.depth) for each in section.passages])
        for section in sections_of(version, text)
    ]


# ---------------------------------------------------------------------------- every field

RICH = """---
policy: EX-9
title: A rich policy
publisher: Example
reference policy: 9
replaces: EX-8
effective: 2024-05-01
approved: 2024-01-16
row date: 2024-01-20
published: 2024-01-29
notice sent: 2024-01-30
notice days: 60
notice audience: providers
notice reason: narrower
last revised: 2024-01-10
review due: 2025-01-16
literature through: 2023-11-30
lines of business: {in: [commercial, individual], out: [medicaid]}
states: {in: [WA, OR]}
plans: {in: [GOLD]}
related: [EX-1]
positions: {Held to be of use: covered_with_limits}
withdraws: [2023-05-01]
rights: ours
source: written here
doubtful:
  - the title
---

# A rich policy

## Policy coverage criteria

### First

Services: `needling`

When: none before `count(sessions of needling where pain_relief >= 50 %, rolling 12 months before) = 0`

Dates of service: from 2024-05-01 to 2025-12-31

Approved for: six months

**Held to be of use** in every case when at least 2 of these hold:

- Long enough. `therapy.duration >= 6 weeks and therapy.outcome in (failed, helped)`
- Any of these: `if age >= 18 years`
  - a list `diagnosis in pain`
  - a table `body.mass <= table(mass-by-age, therapy.duration)`
  - since `since(last(needling)) >= 3 months`
  - relief `last(needling).pain_relief >= 50 %`
- A person says so.

Unless a director allows it. `override.director`

Otherwise **not medically necessary**.

### Second

Services: `guidance`

Guidance is **investigational**.

## Coding

| Group | System | Code | Role | From | To | Our label | Dose per unit |
|---|---|---|---|---|---|---|---|
| needling | HCPCS | J0101 | governed | 2024-01-01 | 2026-12-31 | needles | 5 mg |
| guidance | CPT | 76942 | governed | | | pictures | |
| pain | ICD-10-CM | M79.* | supports | | | pain | |

## Definitions

- `outcomes-of-note`: `failed`, `helped`

### Mass by age

| therapy.duration | body.mass |
|---|---|
| 4 weeks | 70 kg |
| 8 weeks | 80 kg |

### Facts

| Fact | Type | Unit or choices | Question | From | FHIR path |
|---|---|---|---|---|---|
| exam.own | choice | one, two | Which? | record | Observation.value |

## Evidence review

### Population: Adults

Prose.

Outcomes: pain, function

Conclusion: **insufficient**

## Clinical trials

### Ongoing

| NCT | Title | Population | Enrolment | Completion | Status |
|---|---|---|---|---|---|
| NCT01234567 | A trial | Adults | 60 | 2025-03 | recruiting |

## Practice guidelines

Inclusion rule: societies of the US.

### A society

Issuer: US professional society

Year: 2020

Kind: guideline

Systematic review: yes

Strength ratings: no

Conflict handling: yes

Recommends: for

Text.

## Medicare

Statement: none exists.

| Source | Date | Says | Address |
|---|---|---|---|
| NCD 1 | 2020-01-01 | covered | https://example.org |

## Regulatory status

Approval needed: no

## References

1. Author A. A title. A Journal. 2020; 1(1): 1-2. PMID 12345678

## History

| Date | Event | Approved | Effective | Published | Says | Comment |
|---|---|---|---|---|---|---|
| 2024-01-20 | new policy | 2024-01-16 | 2024-05-01 | 2024-01-29 | references added | begun |
"""
FACTS = """# Facts

| Fact | Type | Unit or choices | Question | From |
|---|---|---|---|---|
| therapy.duration | quantity | weeks | How long? | record |
| therapy.outcome | choice | failed, helped | What came of it? | record |
| body.mass | quantity | kg | How heavy? | record |
| override.director | yes/no | | Allowed? | plan |

## Event fields

| Group | Field | Type | Unit or choices | Question |
|---|---|---|---|---|
| needling | pain_relief | quantity | % | How much? |
"""
EARLIER = "---\npolicy: EX-9\ntitle: Before\narchived: 2023-05-01\npublished: 2023-04-01\n---\n\n# Before\n"

DERIVED = {"id", "code", "source", "content_hash", "places", "marker"}
"""Made from other fields, or not compared."""
WORDS_ALONE = {
    "heading",
    "preamble",
    "prose",
    "notes",
    "line_order",
    "number",
    "authors",
    "journal",
    "date",
    "audience",
}
"""Told among the words; a reference is told by its text, which holds these."""
TOLD_BY_OTHERS = {
    ("StatedDate", "day"),  # made from its text
    ("Reference", "title"),  # so are these two
    ("Reference", "pmid"),
    ("Section", "name"),
    ("Trial", "is_published"),  # made from the heading that it stands under
    ("Rule", "heading"),
    ("DatesOfService", "sentence"),  # made into days
}


def rich() -> tuple[PolicyVersion, str]:
    held = library({"facts.md": FACTS, "EX-9/2024-05-01.md": RICH, "EX-9/2023-05-01.md": EARLIER})
    assert not held.errors, "\n".join(map(str, held.errors))
    return held.of("EX-9")[1], RICH


def other_value(value: Any) -> Any:
    """Another value of the same type; the same one where the type has no other."""
    match value:
        case bool():
            return not value
        case Enum():
            return next(each for each in type(value) if each is not value)
        case Decimal():
            return value + 1
        case int():
            return value + 1
        case StatedDate():
            return StatedDate("1999-01-01", date(1999, 1, 1))
        case date():
            return value + timedelta(days=1)
        case "%" | "kg" | "mg" | "weeks" | "months" | "years":
            return {"%": "mg", "kg": "lb", "mg": "g", "weeks": "days", "months": "years", "years": "months"}[value]
        case ">=" | "<=" | "=":
            return ">" if value != ">" else "<"
        case str():
            return f"{value} otherwise"
        case _:
            return value


PAIRED = {"LookupTable.rows", "LookupTable.columns", "PolicyVersion.positions"}
"""Fields of pairs: a pair never loses its half."""


def variants(
    value: Any, path: tuple[str, ...] = (), *, may_shorten: bool = True
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The value with one thing in it changed, for every field at any depth, with the path to it."""
    if isinstance(value, tuple):
        for at, part in enumerate(value):
            for inner, changed in variants(part, path, may_shorten=path[-1] not in PAIRED):
                yield inner, (*value[:at], changed, *value[at + 1 :])
        if value and may_shorten and path[-1] != "LookupTable.columns":
            yield (*path, "one less"), value[:-1]
    elif is_dataclass(value) and not isinstance(value, Note | StatedDate | Quantity):
        kind = type(value).__name__
        for each in fields(value):
            is_told = each.name not in DERIVED | WORDS_ALONE and (kind, each.name) not in TOLD_BY_OTHERS
            if is_told and each.compare:
                for inner, changed in variants(getattr(value, each.name), (*path, f"{kind}.{each.name}")):
                    yield inner, _replaced(value, each.name, changed)
    elif isinstance(value, Quantity):
        yield (*path, "Quantity.number"), replace(value, number=value.number + 1)
    elif (changed := other_value(value)) != value:
        yield path, changed


def _replaced(value: Any, name: str, changed: Any) -> Any:
    return dataclasses.replace(value, **{name: changed})


def test_every_field_of_a_version_is_told_where_it_changes() -> None:
    """So a field that somebody adds to the model, and that the redline does not read, fails here."""
    version, text = rich()
    seen = [
        (path, redline(version, text, changed, text).meaning)
        for path, changed in variants(version)
        if path[-2:] != ("Rule.criteria", "Group.sentence")  # the statement's own sentence
    ]
    assert [" / ".join(path) for path, meaning in seen if not meaning] == []
    assert len({path[-1] for path, _ in seen}) > 90


def test_nothing_is_left_out_of_the_rich_policy_by_being_empty() -> None:
    """Each kind of value that a version can hold has a value there, so that the test above changes it."""
    version, _ = rich()
    empty = [each.name for each in fields(version) if not getattr(version, each.name) and each.name not in DERIVED]
    assert empty == ["archived", "preamble"]


# ---------------------------------------------------------------------------- the same, and the reverse


@pytest.mark.parametrize("held", LIBRARIES)
def test_a_version_beside_itself_has_nothing_to_say(held: Library) -> None:
    for version in held.versions:
        found = between(held, version, version)
        assert (found.meaning, found.meaning_changes, found.words_change) == ((), False, False)
        assert found.verdict == "No change in wording or meaning"
        assert not found.gaps
        assert not found.versions_between


def test_the_reverse_says_the_same_the_other_way_round() -> None:
    for held, one, other in PAIRS[::2]:
        forth, back = between(held, one, other), between(held, other, one)
        assert forth.meaning is not None
        assert back.meaning is not None
        said = Counter((each.kind, each.subject, each.before, each.after, each.on) for each in forth.meaning)
        reverse = Counter(
            (MIRRORED.get(each.kind, each.kind), each.subject, each.after, each.before, each.on)
            for each in back.meaning
        )
        assert said == reverse, (one.source.file, other.source.file)
        assert (forth.gaps, forth.meaning_changes) == (back.gaps, back.meaning_changes)
        assert forth.words_change is back.words_change


def test_the_runs_give_both_texts_back() -> None:
    """Equal and deleted runs are the passages of the first, equal and inserted ones those of the second."""
    for held, one, other in PAIRS:
        found = between(held, one, other)
        assert found.words is not None
        for version, wanted in ((one, Mark.DELETED), (other, Mark.INSERTED)):
            passages = Counter(
                each.text
                for section in sections_of(version, held.texts[version.source.file])
                for each in section.passages
            )
            runs = Counter(
                "".join(run.text for run in block.runs if run.mark in (Mark.EQUAL, wanted))
                for section in found.words.sections
                for block in section.blocks
                if any(run.mark in (Mark.EQUAL, wanted) for run in block.runs)
            )
            assert runs == passages
