"""A policy document to a ``PolicyVersion``: front matter, sections, criteria, with every problem gathered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from medpol.model.codes import DIAGNOSIS_SYSTEMS
from medpol.model.criteria import Rule, rule_name
from medpol.model.dates import parse_day
from medpol.model.diagnostic import Source, nearest
from medpol.model.lines import LINES_OF_BUSINESS, STATES, Scope, normalise_line
from medpol.model.policy import (
    Body,
    Criteria,
    Notice,
    PolicyVersion,
    Prose,
    Section,
    SectionName,
    dose_facts,
    governed_groups,
)
from medpol.model.positions import STANDARD_LABELS, CoveragePosition
from medpol.text.blocks import Block, Line, is_within_limits, raw_block, read_blocks, report_unclosed, report_underlined
from medpol.text.coding import read_coding, read_definitions
from medpol.text.criteria import CriteriaReader, labels_with, report_same_sentences
from medpol.text.evidence import (
    Piece,
    read_addressed,
    read_evidence,
    read_guidelines,
    read_history,
    read_medicare,
    read_references,
    read_regulatory,
    read_trials,
)
from medpol.text.head import Head, Scalar, read_head
from medpol.text.headings import HEADINGS, heading_key, section_of, standard_heading
from medpol.text.names import NameResolver, Vocabulary, facts_by_name, report_cycles
from medpol.text.source import Findings, canonical_text, content_hash, refuse_control_characters, shorten
from medpol.text.spans import mark
from medpol.text.uses import rules_used

HEAD_KEYS = (
    "policy",
    "title",
    "publisher",
    "reference policy",
    "replaces",
    "effective",
    "archived",
    "approved",
    "row date",
    "published",
    "notice sent",
    "notice days",
    "notice audience",
    "notice reason",
    "last revised",
    "review due",
    "literature through",
    "lines of business",
    "states",
    "plans",
    "related",
    "positions",
    "withdraws",
    "rights",
    "source",
    "doubtful",
)
_RULE_LINE_OUTSIDE = re.compile(r"(?:Services|When|Dates of service|Approved for): |Otherwise \*\*")
_ADDRESS_ENDINGS = (".json", ".csv", ".md", ".ics", ".atom", ".svg", ".pdf")


def read_policy(text: str, findings: Findings, vocabulary: Vocabulary) -> PolicyVersion | None:
    """The version that a document states, or ``None`` where so little can be read that there is none.

    With errors among the findings the version is partial: it serves messages and must not decide.
    """
    canonical = canonical_text(text)
    lines = canonical.split("\n")[:-1]
    if refuse_control_characters(canonical, findings) or not is_within_limits(lines, findings):
        return None
    mapping, taken = read_head(lines, findings, known=HEAD_KEYS)
    if mapping is None:  # the body is read all the same, for what it has to say
        _body(PolicyVersion("", ""), lines, taken, findings, vocabulary)
        return None
    version = _identity(Head(mapping, findings), findings, vocabulary)
    version = replace(
        version,
        source=Source(findings.file),
        content_hash=content_hash(text),
        places=tuple((key.text, Source(findings.file, key.line, key.column)) for key, _ in mapping.entries),
    )
    return _body(version, lines, taken, findings, vocabulary)


# ---------------------------------------------------------------------------- front matter


def _identity(head: Head, findings: Findings, vocabulary: Vocabulary) -> PolicyVersion:
    policy = head.required("policy", "write the policy's number")
    if policy.endswith(_ADDRESS_ENDINGS):
        findings.error(
            *head.where("policy"),
            "bad-policy-number",
            f"the number {policy!r} ends like a file",
            "a number that no address ending is read from",
            "number it otherwise",
        )
    effective, archived = head.day("effective"), head.day("archived")
    if effective is None and archived is None:
        findings.error(
            *head.where("policy"),
            "missing-key",
            "neither `effective:` nor `archived:`",
            "the first day in force",
            "write `effective: YYYY-MM-DD`",
        )
    elif effective is not None and archived is not None:
        findings.error(
            *head.where("archived"),
            "effective-and-archived",
            "`effective:` beside `archived:`",
            "one of the two",
            "an archived version has `archived:` in place of `effective:`",
        )
    withdraws = []
    for item in head.texts("withdraws"):
        day = parse_day(item.text)
        if day is None:
            findings.error(
                item.line,
                item.column,
                "bad-date",
                f"{shorten(item.text)!r} is no day",
                "YYYY-MM-DD",
                "correct the date",
            )
        else:
            withdraws.append(day)
    return PolicyVersion(
        policy=policy,
        title=head.required("title", "write the policy's title"),
        publisher=head.text("publisher"),
        reference_policy=head.text("reference policy"),
        replaces=head.text("replaces"),
        effective=effective,
        archived=archived,
        approved=head.date("approved"),
        row_date=head.date("row date"),
        published=head.date("published"),
        last_revised=head.date("last revised"),
        review_due=head.date("review due"),
        literature_through=head.date("literature through"),
        notice=Notice(
            head.date("notice sent"),
            head.number("notice days"),
            head.text("notice audience"),
            head.text("notice reason"),
        ),
        lines_of_business=read_lines(head, ("lines of business",), findings, vocabulary),
        states=read_states(head, findings),
        plans=read_plans(head),
        related=tuple(item.text for item in head.texts("related")),
        positions=_positions(head, findings),
        withdraws=tuple(withdraws),
        rights=head.text("rights"),
        origin=head.text("source"),
        doubtful=tuple(item.text for item in head.texts("doubtful")),
    )


def read_lines(head: Head, keys: tuple[str, ...], findings: Findings, vocabulary: Vocabulary) -> Scope:
    """The lines of business of a front matter, normalised; an undeclared one is an error."""

    def names(items: Sequence[Scalar]) -> tuple[str, ...]:
        found = []
        for item in items:
            line = normalise_line(item.text, vocabulary.lines)
            if line is None:
                findings.unknown_name(
                    item.line,
                    item.column,
                    "unknown-line-of-business",
                    "line of business",
                    item.text,
                    (*LINES_OF_BUSINESS, *vocabulary.lines),
                )
            else:
                found.append(line)
        return tuple(found)

    return _scope(head, keys, names, findings)


def read_states(head: Head, findings: Findings) -> Scope:
    def names(items: Sequence[Scalar]) -> tuple[str, ...]:
        for item in items:
            if item.text not in STATES:
                findings.error(
                    item.line,
                    item.column,
                    "bad-state",
                    f"the state {shorten(item.text)!r}",
                    "the capital letters of a state or territory (USPS)",
                    "write it such as WA",
                )
        return tuple(item.text for item in items)

    return _scope(head, ("states",), names, findings)


def read_plans(head: Head) -> Scope:
    return _scope(head, ("plans",), lambda items: tuple(item.text for item in items), head.findings)


def _scope(head: Head, keys: tuple[str, ...], names: object, findings: Findings) -> Scope:
    inside, outside = head.in_and_out(*keys)
    assert callable(names)
    scope = Scope(None if inside is None else names(inside), names(outside))
    both = set(scope.inside or ()) & set(scope.outside)
    if both:
        findings.error(
            *head.where(keys[0]),
            "in-and-out",
            f"{', '.join(sorted(both))} both in and out",
            "one of the two",
            "delete one",
        )
    return scope


def _positions(head: Head, findings: Findings) -> tuple[tuple[str, CoveragePosition], ...]:
    known = {position.value: position for position in CoveragePosition}
    declared = []
    for label, canonical in head.pairs("positions"):
        position = known.get("_".join(canonical.text.casefold().replace("-", " ").replace("_", " ").split()))
        if position is None:
            findings.unknown_name(
                canonical.line, canonical.column, "unknown-position", "canonical position", canonical.text, known
            )
        elif STANDARD_LABELS.get(" ".join(label.text.casefold().split()), position) is not position:
            findings.error(
                label.line,
                label.column,
                "standard-label",
                f"the standard label {label.text!r} declared as {position.value}",
                "labels beyond the standard ones",
                "drop it, or give the label other words",
            )
        else:
            declared.append((label.text, position))
    return tuple(declared)


# ---------------------------------------------------------------------------- sections


def _body(
    version: PolicyVersion, lines: list[str], taken: int, findings: Findings, vocabulary: Vocabulary
) -> PolicyVersion:
    blocks = read_blocks(lines[taken:], taken + 1)
    heading, preamble, parts = _sections(blocks, lines, findings)
    labels = labels_with(version.positions)
    bodies: dict[int, Body] = {}
    for at, (block, inner) in enumerate(parts):
        name = section_of(block.text)
        if name is not SectionName.CRITERIA:
            bodies[at] = _read_section(name, inner, lines, findings, vocabulary)
            _report_misplaced(inner, findings, labels)
    _report_misplaced(preamble, findings, labels)
    sections = [
        Section(
            standard_heading(block.text),
            section_of(block.text),
            bodies.get(at, Prose("")),
            Source(findings.file, block.line, 1),
        )
        for at, (block, _) in enumerate(parts)
    ]
    draft = replace(
        version,
        heading="" if heading is None else heading.text.strip(),
        preamble=_raw(preamble, lines),
        sections=tuple(sections),
    )
    for at, (block, inner) in enumerate(parts):
        if section_of(block.text) is SectionName.CRITERIA:
            sections[at] = replace(sections[at], body=_criteria(draft, inner, lines, findings, vocabulary, labels))
    draft = replace(draft, sections=tuple(sections))
    _report_missing(draft, findings)
    return draft


def _sections(
    blocks: Sequence[Block], lines: list[str], findings: Findings
) -> tuple[Block | None, list[Block], list[tuple[Block, list[Block]]]]:
    title: Block | None = None
    preamble: list[Block] = []
    parts: list[tuple[Block, list[Block]]] = []
    seen: dict[SectionName, int] = {}
    for block in blocks:
        if block.kind in ("code", "html"):
            report_unclosed(block, findings)
        report_underlined(block, lines, findings)
        if block.kind == "heading" and block.level == 1:
            if title is not None or parts:
                findings.error(
                    block.line, block.column, "second-title", "a second level-1 heading", "one title", "make it `##`"
                )
            else:
                title = block
        elif block.kind == "heading" and block.level == 2:
            name = section_of(block.text)
            if name is None:
                _report_near_miss(block, findings)
            elif name in seen:
                findings.error(
                    block.line,
                    block.column,
                    "duplicate-section",
                    f"the section {name.value!r} twice (line {seen[name]})",
                    "each standard section once",
                    "join the two",
                )
            else:
                seen[name] = block.line
            parts.append((block, []))
        elif parts:
            parts[-1][1].append(block)
        else:
            preamble.append(block)
    return title, preamble, parts


def _report_near_miss(block: Block, findings: Findings) -> None:
    key = heading_key(block.text)
    if len(key) <= 3 or findings.is_full:
        return
    letters = set(key)
    alike = (
        name for name in HEADINGS if abs(len(name) - len(key)) <= 2 and 2 * len(letters & set(name)) >= len(letters)
    )
    near = nearest(key, alike)
    if near and _near_enough(near, key):
        findings.error(
            block.line,
            block.column,
            "near-miss-section",
            f"the section {shorten(block.text, 60)!r}",
            "a standard section name",
            f"write `## {HEADINGS[near].value}`",
            HEADINGS[near].value,
        )


def _near_enough(one: str, other: str) -> bool:
    """At most two letters apart for a long name, one for a short one."""
    return (
        nearest(other, [one]) == one
        and sum(a != b for a, b in zip(sorted(one), sorted(other), strict=False)) <= max(len(one), len(other)) // 2
    )


def _raw(blocks: Sequence[Block], lines: list[str]) -> str:
    return "\n\n".join(raw_block(block, lines) for block in blocks)


def _read_section(
    name: SectionName | None, inner: Sequence[Block], lines: list[str], findings: Findings, vocabulary: Vocabulary
) -> Body:
    pieces = [Piece(block, raw_block(block, lines)) for block in inner]
    match name:
        case SectionName.INTRODUCTION | SectionName.DISCLAIMER:
            return read_addressed(pieces, findings)
        case SectionName.CODING:
            prose = "\n\n".join(piece.raw for piece in pieces if piece.block.kind != "table")
            return read_coding(inner, findings, vocabulary.systems, prose)
        case SectionName.DEFINITIONS:
            return read_definitions(inner, findings, [piece.raw for piece in pieces])
        case SectionName.EVIDENCE:
            return read_evidence(pieces, findings)
        case SectionName.TRIALS:
            return read_trials(pieces, findings)
        case SectionName.GUIDELINES:
            return read_guidelines(pieces, findings)
        case SectionName.MEDICARE:
            return read_medicare(pieces, findings)
        case SectionName.REGULATORY:
            return read_regulatory(pieces, findings)
        case SectionName.REFERENCES:
            return read_references(pieces, findings)
        case SectionName.HISTORY:
            return read_history(pieces, findings)
        case _:
            return Prose("\n\n".join(piece.raw for piece in pieces))


def _report_misplaced(blocks: Sequence[Block], findings: Findings, labels: dict[str, CoveragePosition]) -> None:
    """Rule lines and bold positions outside the criteria section are rules nobody would run."""
    for line in _lines(blocks):
        bold = next((each for each in mark(line.text).bolds if " ".join(each.text.split()).casefold() in labels), None)
        if _RULE_LINE_OUTSIDE.match(line.text) or bold is not None:
            what = (
                f"the bold position {bold.text!r}" if bold is not None else f"a rule line: {shorten(line.text, 40)!r}"
            )
            findings.error(
                line.line,
                line.column + (bold.start if bold is not None else 0),
                "rule-outside-criteria",
                f"{what} outside the criteria section",
                "rules under `## Policy coverage criteria` only",
                "move it there (look for a heading just above that ended the section), or take the bold away",
            )


def _lines(blocks: Sequence[Block]) -> list[Line]:
    found: list[Line] = []
    for block in blocks:
        if block.kind in ("paragraph", "heading"):
            found += block.lines
        found += _lines(block.blocks)
    return found


def _criteria(
    version: PolicyVersion,
    blocks: Sequence[Block],
    lines: Sequence[str],
    findings: Findings,
    vocabulary: Vocabulary,
    labels: dict[str, CoveragePosition],
) -> Criteria:
    if version.is_archived:
        for block in blocks:
            if block.kind != "quote":
                findings.error(
                    block.line,
                    block.column,
                    "rules-when-archived",
                    "a rule in an archived version",
                    "notes alone, or no criteria section",
                    "move it to the version that is in force",
                )
                return Criteria()
    reader = CriteriaReader(findings.file, findings, labels)
    rules, notes = reader.read(blocks)
    definitions = version.definitions
    rows = version.code_rows
    _report_shared_names(version, findings)
    taken = facts_by_name(vocabulary.facts)
    for fact in definitions.facts:
        if fact.name in taken:
            findings.error(
                fact.source.line,
                fact.source.column,
                "duplicate-fact",
                f"the fact {fact.name!r} is declared already",
                "each name once",
                "delete one, or rename it",
            )
    resolver = NameResolver(
        findings,
        vocabulary,
        facts_by_name(vocabulary.facts, definitions.facts, dose_facts(rows)),
        dict.fromkeys(row.group for row in rows if row.system not in DIAGNOSIS_SYSTEMS),
        {each.name: each for each in definitions.value_sets},
        {each.name: each for each in definitions.tables},
        frozenset(rule_name(block.text) for block in blocks if block.kind == "heading" and block.level == 3),
        diagnosis_groups=dict.fromkeys(row.group for row in rows if row.system in DIAGNOSIS_SYSTEMS),
        lines=lines,
        plain_rules=frozenset(rule.name for rule in rules if rule.criteria is None),
    )
    governed = frozenset(governed_groups(version))
    resolved: list[Rule] = []
    several = sum(block.kind == "heading" and block.level == 3 for block in blocks) > 1
    for rule in rules:
        report_same_sentences(rule, findings)
        if several and not rule.services:
            findings.error(
                rule.source.line,
                rule.source.column,
                "services-missing",
                f"the rule {rule.name!r} names no services",
                "`Services:` in every rule where there are several",
                "write `Services: `group``",
            )
        for service in rule.services:
            if service in resolver.groups and service not in governed:
                findings.error(
                    *resolver.place_of(service, rule.services_source),
                    "group-not-governed",
                    f"`Services:` names {service!r}, which is not governed",
                    "a group with role governed",
                    "correct the role, or the name",
                )
        whole = resolver.rule(rule)
        if whole is not None:
            resolved.append(whole)
    for each in reader.unread:
        resolver.services(each.services, each.services_source)
        for expression in each.expressions:
            resolver.expression(*expression)
    if rules and not governed:
        findings.error(
            rules[0].source.line,
            rules[0].source.column,
            "nothing-governed",
            "rules, but no code or service with role governed",
            "a Coding row with role governed",
            "name the services in the Coding table (a row may have no code yet)",
        )
    report_cycles(resolved, findings, rules_used)
    return Criteria(tuple(resolved), notes)


def _report_shared_names(version: PolicyVersion, findings: Findings) -> None:
    groups = {row.group for row in version.code_rows}
    for each in version.definitions.value_sets:
        if each.name in groups:
            findings.error(
                each.source.line,
                each.source.column,
                "duplicate-name",
                f"{each.name!r} names a value set and a group",
                "each name once",
                "rename one",
            )


def _report_missing(version: PolicyVersion, findings: Findings) -> None:
    if version.is_archived or findings.has_errors:
        return
    section = version.section(SectionName.CRITERIA)
    if section is None:
        findings.error(
            1,
            1,
            "no-criteria",
            "no section `Policy coverage criteria`",
            "one, except in an archived version",
            "write it, or correct the heading's name",
        )
    elif not version.rules:
        findings.error(
            section.source.line,
            1,
            "no-rules",
            "a criteria section without a rule",
            "at least one statement",
            "write `... is **position**.`",
        )
