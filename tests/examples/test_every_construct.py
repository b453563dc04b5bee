"""The examples use the whole notation: every alternative that the code knows is reached by some document of them.

Almost nothing here is a list of its own. Each family is read from where the code keeps it (the grammar itself, enums,
tables of units and columns, patterns of the block reader), so that a new alternative fails until an example uses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, NamedTuple

import pytest
from lark import Lark, Token
from tests.support import EXAMPLES, ROOT, files_of, library

from medpol.decide import worked
from medpol.library import Library, settings
from medpol.lifecycle import withdrawn_from
from medpol.model import contract, criteria
from medpol.model.criteria import UNNAMED_RULE, Group, Leaf, Membership, Path, Rule, Window
from medpol.model.facts import BUILT_IN_FACTS, FACT_SOURCES, FactType
from medpol.model.policy import Addressed, CodeRole, CodeRow, PolicyVersion, SectionName, dose_facts
from medpol.model.positions import REASON_KINDS, STANDARD_LABELS, CoveragePosition, Outcome
from medpol.model.quantities import UNITS, Quantity, canonical_unit, parse_quantity
from medpol.text import coding, facts, reader, sources
from medpol.text import criteria as rules_face
from medpol.text import evidence as evidence_face
from medpol.text.blocks import read_blocks
from medpol.text.expressions import GRAMMAR, ExpressionProblem, parse_expression
from medpol.text.spans import mark
from medpol.text.tables import header_key, split_cells

PAGE = (ROOT / "docs/notation.md").read_text(encoding="utf-8")


# ---------------------------------------------------------------------------- what the documents hold


class Held(NamedTuple):
    """A library's files, and the library that is read from them."""

    files: dict[str, bytes]
    library: Library

    @classmethod
    def of(cls, files: dict[str, bytes]) -> Held:
        held = library({path: data for path, data in files.items() if not path.endswith("/cases.md")})
        assert not held.errors, "\n".join(map(str, held.errors))
        return cls(files, held)

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for version in self.library.versions for rule in version.rules)

    @property
    def code_rows(self) -> tuple[CodeRow, ...]:
        return tuple(row for version in self.library.versions for row in version.code_rows)

    @property
    def provisions(self) -> tuple[contract.Provision, ...]:
        return tuple(each for source in self.library.sources for each in source.provisions)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(data.decode() for data in self.files.values())


def within(value: object) -> Iterator[Any]:
    """The value and every value of a dataclass inside it."""
    if isinstance(value, tuple):
        for each in value:
            yield from within(each)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from within(getattr(value, field.name))


def expressions(held: Held) -> list[str]:
    """Every expression of the library as it is written."""
    found: list[str] = []
    for rule in held.rules:
        found += [] if rule.when is None else [rule.when.code]
        found += [
            each.code for each in within((rule.criteria, rule.unless)) if isinstance(each, Leaf | Group) and each.code
        ]
    return found + [code.text for each in held.provisions for code in mark(each.when_code).codes]


@cache
def tables(text: str) -> tuple[tuple[list[str], list[list[str]]], ...]:
    """The titles and the rows of every table of a document."""
    found = []
    for block in read_blocks(text.split("\n")):
        if block.kind == "table":
            titles = [header_key(cell.text) for cell in split_cells(block.lines[0])]
            found.append((titles, [[cell.text for cell in split_cells(line)] for line in block.lines[2:]]))
    return tuple(found)


def filled(held: Held, *columns: str) -> set[str]:
    """Which columns of a kind of table are filled in some row: of every table that has no other columns."""
    names = {header_key(each): each for each in columns}
    found: set[str] = set()
    for text in held.texts:
        for titles, rows in tables(text):
            if set(titles) <= names.keys():
                found |= {names[title] for row in rows for title, cell in zip(titles, row, strict=True) if cell}
    return found


# ---------------------------------------------------------------------------- the grammar of expressions


class Read(NamedTuple):
    """What a parser of the grammar did with some expressions: the productions and the tokens that it used."""

    productions: frozenset[str]
    tokens: frozenset[tuple[str, str]]


def parser(grammar: str) -> Lark:
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=True)


def productions(grammar: str) -> set[str]:
    """Every alternative of every rule of a grammar, as lark takes it apart."""
    return {str(rule) for rule in parser(grammar).rules}


def read(grammar: str, texts: Iterable[str]) -> Read:
    """The alternatives and tokens that are used when the texts are read by the grammar."""
    lark = parser(grammar)
    reductions = lark.parser.parser.parser.callbacks  # type: ignore[attr-defined]  # called at every production used
    used: set[str] = set()
    tokens: set[tuple[str, str]] = set()

    def watched(rule: object, build: Any) -> Any:
        def reduce(parts: list[Any]) -> Any:
            used.add(str(rule))
            tokens.update((part.type, str(part)) for part in parts if isinstance(part, Token))
            return build(parts)

        return reduce

    for rule, build in list(reductions.items()):
        reductions[rule] = watched(rule, build)
    for text in texts:
        lark.parse(text)
    return Read(frozenset(used), frozenset(tokens))


def words_of_terminals(grammar: str) -> set[tuple[str, str]]:
    """The words of every terminal that is a plain list of words or signs."""
    found: set[tuple[str, str]] = set()
    for terminal in parser(grammar).terminals:
        match = re.fullmatch(r"\(\?:((?:\\\W|[^()\[\]*+?\\])+)\)", terminal.pattern.to_regexp())
        if match is not None:
            found |= {(terminal.name, re.sub(r"\\(\W)", r"\1", word)) for word in match[1].split("|")}
    return found


def windows() -> set[str]:
    """Every window that the grammar takes: its kind, the unit of its length, its side."""
    lengths = ["", *(f" 1 {unit}" for unit in UNITS)]
    sides = ["", *(f" {side.value}" for side in criteria.Side)]
    texts = [f"{kind.value}{length}{side}" for kind in criteria.WindowKind for length in lengths for side in sides]
    return {
        text for text in texts if not isinstance(parse_expression(f"count(lines of a, {text}) = 0"), ExpressionProblem)
    }


def dimension(unit: str) -> str:
    return str(Quantity(parse_quantity(f"1 {unit}").number, unit).dimension)  # type: ignore[union-attr]


# ---------------------------------------------------------------------------- the families


def words_in(pattern: str) -> set[str]:
    """The words between which a pattern lets one choose: every `(a|b)` in it."""
    return {word for each in re.findall(r"\(([\w ]+(?:\|[\w ]+)+)\)", pattern) for word in each.split("|")}


def criteria_lines(held: Held) -> list[str]:
    """The lines of the criteria sections, in lower case, without code spans."""
    found: list[str] = []
    for version in held.library.versions:
        section = version.section(SectionName.CRITERIA)
        if section is not None:
            lines = held.library.texts[version.source.file].split("\n")[section.source.line :]
            until = next((at for at, line in enumerate(lines) if line.startswith("## ")), len(lines))
            found += [re.sub(r"`[^`]*`", "", line).casefold().rstrip() for line in lines[:until]]
    return found


def words_of_the_page() -> set[str]:
    """The words and signs that the page on the notation quotes in the grammar of blocks."""
    grammar = next(
        block
        for block in re.findall(r"^```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
        if "rule-line* statement" in block
    )
    return {word.casefold() for word in re.findall(r'"([^"]+)"', grammar)}


def unless_form(rule: Rule) -> str:
    match rule.unless:
        case None:
            return "none"
        case Leaf(expression=None):
            return "a question"
        case Leaf():
            return "an expression"
        case Group():
            return "a list"


def note_places(rules: Iterable[Rule]) -> set[str]:
    return {re.sub(r"\d+", "n", note.before) for rule in rules for note in rule.notes}


@cache
def places_for_notes() -> set[str]:
    """Where a note may stand in a rule, found by putting one everywhere."""
    note = "> note\n\n"
    blocks = ("Services: `a`", "Approved for: a year", "**Covered** when all of these hold:\n\n- one", "Unless two.")
    body = note + "".join(f"{each}\n\n{note}" for each in (*blocks, "Otherwise **not covered**."))
    text = (
        "---\npolicy: EX-1\ntitle: t\neffective: 2024-01-01\npublished: 2023-01-01\n---\n\n## Policy coverage criteria\n\n"
        f"### One\n\n{body}## Coding\n\n| Group | System | Code | Role |\n|---|---|---|---|\n| a | local | b | governed |\n"
    )
    return note_places(Held.of({"EX-1/2024-01-01.md": text.encode()}).rules)


def facts_read(held: Held) -> set[str]:
    """The names of the facts that some expression reads, fields of events apart."""
    found: set[str] = set()
    for rule in (*held.rules, *held.provisions):
        for each in within(rule):
            match each:
                case Path(name=name):
                    found.add(name)
                case criteria.Latest(fact=name) | criteria.TableLookup(fact=name):
                    found.add(name)
    return found


def fact_types(held: Held) -> dict[str, FactType]:
    local = [fact for version in held.library.versions for fact in version.definitions.facts]
    dosed = [fact for version in held.library.versions for fact in dose_facts(version.code_rows)]
    return {fact.name: fact.type for fact in (*held.library.facts, *local, *BUILT_IN_FACTS, *dosed)}


def scope_forms(held: Held) -> set[str]:
    """How scopes are written: with `in`, with `out`, with both, as a plain list."""
    found: set[str] = set()
    for text in held.texts:
        for value in re.findall(r"^(?:lines of business|lines|states|plans): (.+)$", text, re.MULTILINE):
            keys = re.findall(r"\b(in|out):", value)
            found.add(" and ".join(keys) if keys else "a plain list")
    return found


def front_matter_keys(held: Held, folder: str | None) -> set[str]:
    """The keys that stand in front matter: of policies, or of the files in a folder."""
    found: set[str] = set()
    for path, data in held.files.items():
        is_source = path.split("/")[0] in ("contracts", "mandates")
        text = data.decode()
        if text.startswith("---\n") and is_source == (folder is not None):
            found |= set(re.findall(r"^([a-z][a-z ]*):", text.split("---\n")[1], re.MULTILINE))
    return found


def cells(held: Held, column: str) -> list[str]:
    """Every filled cell of a column of the worked cases."""
    found: list[str] = []
    for path, data in held.files.items():
        for titles, rows in tables(data.decode()) if path.endswith("/cases.md") else ():
            if column in titles:
                found += [row[titles.index(column)] for row in rows]
    return [each for each in found if each]


def toml_keys(held: Held, name: str) -> set[str]:
    return set(re.findall(r"^\[*([a-z_]+)\b", held.files[name].decode(), re.MULTILINE))


def lives(versions: Iterable[PolicyVersion]) -> set[str]:
    """What a version may go through, as far as these do."""
    held = tuple(versions)
    found: set[str] = set()
    for each in held:
        others = [other for other in held if other.policy == each.policy and other is not each and not other.is_draft]
        happened = {
            "drafted": each.is_draft,
            "archived": each.is_archived,
            "noticed": each.notice.sent is not None,
            "withdrawn": withdrawn_from(each, others) is not None,
            "corrected": any(other.first_day == each.first_day for other in others),
            "followed by another": any(_first(each) < _first(other) for other in others),
        }
        found |= {name for name, is_so in happened.items() if is_so}
    return found


def _first(version: PolicyVersion) -> str:
    return str(version.first_day or "")


class Family(NamedTuple):
    wanted: set[str]
    reached: set[str]


def families(held: Held, grammar: str = GRAMMAR) -> dict[str, Family]:
    """Every family of alternatives: what the code knows, and what the documents reach."""
    written = read(grammar, expressions(held))
    rules, versions, rows = held.rules, held.library.versions, held.code_rows
    types = fact_types(held)
    used = facts_read(held)
    lines = criteria_lines(held)
    groups = [each for rule in rules for each in within(rule) if isinstance(each, Group)]
    leaves = [each for rule in rules for each in within(rule) if isinstance(each, Leaf)]
    stated = {rule.statement.position for rule in rules}
    positions = stated | {rule.otherwise.position for rule in rules if rule.otherwise is not None}
    sections = [section for version in versions for section in version.sections]
    not_of_events = {FactType.OBSERVATIONS, FactType.AGE, FactType.CODES}  # no published policy asks an event for them
    return {
        "production of the expression grammar": Family(productions(grammar), set(written.productions)),
        "word of the expression grammar": Family(
            {" ".join(each) for each in words_of_terminals(grammar)}, {" ".join(each) for each in written.tokens}
        ),
        "window": Family(
            {re.sub(r" 1 (\w+)", r" n \1", each) for each in windows()},
            {
                re.sub(r" \d+ (\w+)", r" n \1", str(each))
                for rule in rules
                for each in within(rule)
                if isinstance(each, Window)
            },
        ),
        "family of units": Family(
            {dimension(unit) for unit in UNITS},
            {dimension(str(canonical_unit(text))) for kind, text in written.tokens if kind == "UNIT"},
        ),
        "type of fact that an expression reads": Family(
            {kind.value for kind in FactType}, {types[name].value for name in used if name in types}
        ),
        "built-in fact": Family({fact.name for fact in BUILT_IN_FACTS}, used),
        "source of a fact": Family(
            set(FACT_SOURCES), {source for fact in held.library.facts for source in fact.sources}
        ),
        "type of a field of events": Family(
            {kind.value for kind in FactType if kind not in not_of_events},
            {field.type.value for field in held.library.event_fields},
        ),
        "value set": Family(
            {"closed", "open"},
            {
                "open" if each.is_open else "closed"
                for version in versions
                for each in version.definitions.value_sets
                if any(
                    isinstance(use, Membership) and use.named == each.name
                    for rule in version.rules
                    for use in within(rule)
                )
            },
        ),
        "rule line": Family(
            {each.casefold() for each in rules_face.RULE_LINES},
            {each.casefold() for rule in rules for each in rule.line_order},
        ),
        "word of `Dates of service`": Family(
            words_in(rules_face._DATES.pattern),
            {word for rule in rules if rule.dates for word in re.findall(r"[a-z]+", rule.dates.sentence.casefold())},
        ),
        "kind of statement": Family(
            {kind.value for kind in criteria.StatementKind}, {rule.statement.kind.value for rule in rules}
        ),
        "in every case": Family({"True", "False"}, {str(rule.statement.in_every_case) for rule in rules}),
        "name of a rule": Family(
            {"given", "unnamed"}, {"unnamed" if rule.name == UNNAMED_RULE else "given" for rule in rules}
        ),
        "structure": Family({kind.value for kind in criteria.Structure}, {each.structure.value for each in groups}),
        "structure word": Family(
            words_in(rules_face._STRUCTURE.pattern) - set(rules_face._NUMBER_WORDS),
            {
                word
                for word in words_in(rules_face._STRUCTURE.pattern)
                if any(re.search(rf"\b{word}\b", each.sentence.casefold()) for each in groups)
            },
        ),
        "number of an at-least": Family(
            {"in digits", "in words"},
            {
                "in digits" if re.search(r"at least \d", each.sentence.casefold()) else "in words"
                for each in groups
                if each.needed is not None
            },
        ),
        "guard of a list": Family({"True", "False"}, {str(each.guard is not None) for each in groups}),
        "sentence": Family(
            {"question", "taught"}, {"question" if each.expression is None else "taught" for each in leaves}
        ),
        "word at the end of an item": Family(
            words_in(rules_face._TAIL.pattern), {line.split()[-1] for line in lines if line.split()}
        ),
        "sign at the end of an item": Family(
            set(".;,"),
            {line[-1] for line in lines if re.match(r"\s*(?:-|\d+\.) ", line)}
            | {line.split()[-2][-1] for line in lines if line.endswith((" and", " or"))},
        ),
        "marker of a list": Family({"-", "1."}, {each.marker for each in groups}),
        "word of the grammar of blocks": Family(
            words_of_the_page(), {word for word in words_of_the_page() if any(word in line for line in lines)}
        ),
        "unless": Family({"none", "a question", "an expression", "a list"}, {unless_form(rule) for rule in rules}),
        "otherwise": Family(
            {"True", "False"}, {str(rule.otherwise is not None) for rule in rules if rule.criteria is not None}
        ),
        "place of a note": Family(places_for_notes(), note_places(rules)),
        "note before all rules": Family(
            {"True"}, {"True" for section in sections if getattr(section.body, "notes", ())}
        ),
        "position": Family({each.value for each in CoveragePosition}, {each.canonical.value for each in positions}),
        "family of standard labels": Family(
            {each.value for each in STANDARD_LABELS.values()},
            {
                STANDARD_LABELS[each.label.casefold()].value
                for each in positions
                if each.label.casefold() in STANDARD_LABELS
            },
        ),
        "label of the payer's own": Family(
            {"True"}, {str(each.label.casefold() not in STANDARD_LABELS) for each in positions}
        ),
        "section": Family({each.value for each in SectionName}, {each.name.value for each in sections if each.name}),
        "heading": Family(
            {"standard", "alias", "unknown"},
            {
                "unknown" if each.name is None else "standard" if each.heading == each.name.value else "alias"
                for each in sections
            },
        ),
        "text before the first section": Family({"True"}, {str(bool(version.preamble)) for version in versions}),
        "audience": Family(
            set(evidence_face.AUDIENCES),
            {word for each in sections if isinstance(each.body, Addressed) for word in each.body.audience},
        ),
        "front matter of a policy": Family(set(reader.HEAD_KEYS), front_matter_keys(held, None)),
        "front matter of a source": Family(set(sources.HEAD_KEYS), front_matter_keys(held, "sources")),
        "way to write a scope": Family({"in", "out", "in and out", "a plain list"}, scope_forms(held)),
        "life of a version": Family(
            {"drafted", "archived", "noticed", "withdrawn", "corrected", "followed by another"}, lives(versions)
        ),
        "date to the month": Family(
            {"True"}, {str(each.day is None) for version in versions for each in within(version.review_due)}
        ),
        "role of a group": Family({role.value for role in CodeRole}, {row.role.value for row in rows}),
        "code system": Family(set(held.library.settings.systems.names()), {row.system for row in rows if row.system}),
        "code": Family(
            {"whole", "prefix", "none yet"},
            {"none yet" if row.pattern is None else "prefix" if row.pattern.is_prefix else "whole" for row in rows},
        ),
        "way to write a prefix": Family(
            {"x", "*"},
            {cell[-1] for text in held.texts for cell in re.findall(r"\| ICD-10-CM +\| (\S+[x*]) +\|", text)},
        ),
        "column of the Coding table": Family(set(coding.CODE_COLUMNS), filled(held, *coding.CODE_COLUMNS)),
        "column of the facts": Family(set(facts.FACT_COLUMNS), filled(held, *facts.FACT_COLUMNS)),
        "column of the fields of events": Family(set(facts.FIELD_COLUMNS), filled(held, *facts.FIELD_COLUMNS)),
        "column of the provisions": Family(set(sources.PROVISION_COLUMNS), filled(held, *sources.PROVISION_COLUMNS)),
        "column of the plans": Family(set(sources.PLAN_COLUMNS), filled(held, *sources.PLAN_COLUMNS)),
        "column of the history": Family(
            set(evidence_face.HISTORY_COLUMNS), filled(held, *evidence_face.HISTORY_COLUMNS)
        ),
        "column of the trials": Family(set(evidence_face.TRIAL_COLUMNS), filled(held, *evidence_face.TRIAL_COLUMNS)),
        "column of the dated sources": Family(
            set(evidence_face.SOURCE_COLUMNS), filled(held, *evidence_face.SOURCE_COLUMNS)
        ),
        "field of a guideline": Family(
            set(evidence_face._GUIDELINE_FIELDS),
            {name for text in held.texts for name in re.findall(r"^([A-Z][a-z ]+): ", text, re.MULTILINE)},
        ),
        "effect of a provision": Family(
            {each.value for each in contract.Effect}, {each.effect.value for each in held.provisions}
        ),
        "target of a provision": Family(
            {"code", "group", "position"},
            {
                name
                for each in held.provisions
                for name in ("code", "group", "position")
                if getattr(each, name) is not None
            },
        ),
        "kind of source": Family(
            {each.value for each in contract.SourceKind},
            {each.kind.value for each in held.library.sources} | {contract.SourceKind.POLICY.value for _ in versions},
        ),
        "rank": Family(
            {each.name for each in contract.Rank},
            {each.rank.name for each in held.library.sources} | {contract.Rank.POLICY.name for _ in versions},
        ),
        "funding": Family(set(contract.FUNDINGS), {str(plan.funding) for plan in held.library.plans}),
        "setting": Family(set(settings._SETTINGS), toml_keys(held, "medpol.toml")),
        "key of an adjustment": Family(set(settings._ADJUSTMENT), toml_keys(held, "adjustments.toml")),
        "column of the worked cases": Family(
            {*worked.COLUMNS, *worked._SAID}, {each for each in (*worked.COLUMNS, *worked._SAID) if cells(held, each)}
        ),
        "outcome of a worked case": Family(
            {each.value for each in Outcome}, {worked._expected(cell)[0] for cell in cells(held, "determination")}
        ),
        "reason of a worked case": Family(
            set(REASON_KINDS) - {"text-ambiguous"},  # two rules that disagree are a fault, and no example has one
            {str(worked._expected(cell)[2]) for cell in cells(held, "determination")},
        ),
    }


EXAMPLE_LIBRARY = Held.of(files_of(EXAMPLES))
FAMILIES = families(EXAMPLE_LIBRARY)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_alternative_is_reached_by_an_example(name: str) -> None:
    family = FAMILIES[name]
    assert family.wanted, "nothing was found where the code keeps them"
    assert family.wanted - family.reached == set(), f"no document of examples/policies uses this {name}"


# ---------------------------------------------------------------------------- and it would fail


@pytest.mark.parametrize(
    ("before", "after", "family", "missed"),
    [
        ('| "same" "day" ', '| "episode" SIDE -> lifetime | "same" "day" ', 0, "<window : EPISODE SIDE>"),
        (
            '| "criteria" "("',
            '| "documented" "(" NAME ")" -> rule_criteria | "criteria" "("',
            0,
            "<atom : DOCUMENTED LPAR NAME RPAR>",
        ),
        ('MEASURE: "lines"', 'MEASURE: "days" | "lines"', 1, "MEASURE days"),
        ('CMP: ">="', 'CMP: "~" | ">="', 1, "CMP ~"),
    ],
)
def test_an_alternative_that_the_grammar_gains_is_missed(before: str, after: str, family: int, missed: str) -> None:
    assert GRAMMAR.count(before) == 1
    name = ("production of the expression grammar", "word of the expression grammar")[family]
    wanted, reached = families(EXAMPLE_LIBRARY, GRAMMAR.replace(before, after))[name]
    assert wanted - reached == {missed}


@pytest.mark.parametrize(
    ("folder", "name", "missed"),
    [
        ("EX-1.04.030", "life of a version", {"withdrawn", "corrected"}),
        ("EX-1.04.030", "family of units", {"international units", "amount concentration"}),
        ("EX-5.01.010", "built-in fact", {"service.dose"}),
        ("EX-12.04.050", "value set", {"open"}),
        ("EX-12.04.050", "position", {"evidence_development"}),
        ("EX-2.01.080", "life of a version", {"archived"}),
    ],
)
def test_what_one_policy_alone_uses_is_missed_without_it(folder: str, name: str, missed: set[str]) -> None:
    files = {path: data for path, data in EXAMPLE_LIBRARY.files.items() if not path.startswith(f"{folder}/")}
    wanted, reached = families(Held.of(files))[name]
    assert wanted - reached == missed
