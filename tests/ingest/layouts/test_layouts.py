"""Ten layouts, each made from a known truth, imported and compared with it: exactly where the words are certain, as a
question with both readings where they are not."""

from __future__ import annotations

from datetime import date

import pytest
from tests.ingest import media
from tests.ingest.layouts.families import FAMILIES
from tests.ingest.layouts.sheets import markdown, page
from tests.ingest.layouts.truth import CERTAIN, UNSURE, Truth, truth_of
from tests.support import desk, said

from medpol.ingest import Ingested, Kind, ingest
from medpol.model.criteria import Criterion, Group, Leaf, Rule
from medpol.model.lines import Scope
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.positions import CoveragePosition, Outcome
from medpol.text.names import Vocabulary
from medpol.text.reader import read_policy
from medpol.text.source import Findings

SEEDS = range(6)
FACES = {"md": markdown, "html": page}
NO_SCOPE = ("determination", "drug")


def imported(family: str, truth: Truth, face: str = "md") -> tuple[Ingested, dict[date, PolicyVersion]]:
    """The import of one layout, and its versions by first day; it must raise no problem and read back without error."""
    text = FACES[face](FAMILIES[family](truth))
    result = ingest(text.encode(), f"policy.{face}")
    assert result.diagnostics == (), [str(each) for each in result.diagnostics]
    assert result.report.publisher == "general"
    versions = {}
    for path, draft in result.drafts[1:]:
        findings = Findings(path)
        version = read_policy(draft, findings, Vocabulary())
        assert version is not None and not findings.has_errors, findings.found
        assert version.rights and version.origin
        assert version.effective is not None and version.effective.day is not None
        versions[version.effective.day] = version
    return result, versions


def shown(criterion: Criterion) -> object:
    """A tree as nested lists: a question's words, or structure, number and parts."""
    match criterion:
        case Leaf(sentence=sentence, expression=None):
            return sentence.rstrip(".")
        case Group(structure=structure, needed=needed, parts=parts):
            return [structure.value, needed, *map(shown, parts)]
    raise AssertionError(criterion)


def rule_of(version: PolicyVersion, service: str) -> Rule:
    """The rule with criteria for a service; of a drug's, that for a first request."""
    slug = service.replace(" ", "-").removesuffix("s")
    return next(rule for rule in version.rules if slug in rule.services and rule.criteria is not None)


def asks(result: Ingested) -> list[str]:
    return [each.question for each in result.report.questions]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_certain_is_taken_exactly(family: str, face: str, seed: int) -> None:
    truth = truth_of(seed)
    result, versions = imported(family, truth, face)
    version = versions[truth.effective]
    assert truth.number.replace(".", "") in version.policy.replace(".", "").replace("_", "")
    assert version.title == truth.title
    assert sorted(versions) == sorted(event.day for event in truth.history)
    assert [(row.day.day, row.event) for row in version.history] == _rows(family, truth)
    rule = rule_of(version, truth.service)
    assert rule.statement.position.canonical is CoveragePosition.MEDICALLY_NECESSARY
    tree = shown(rule.criteria) if rule.criteria is not None else None
    assert tree == _asked_first(family, truth)
    assert not [question for question in asks(result) if "(1)" in question]
    assert version.lines_of_business == _lines(family)


def _rows(family: str, truth: Truth) -> list[tuple[date, str]]:
    rows = [(event.day, event.kind) for event in truth.history]
    return rows


def _asked_first(family: str, truth: Truth) -> object:
    """The tree of the truth; a drug's first request is a question of its own before it."""
    tree = truth.listed.tree()
    if family != "drug":
        return tree
    assert isinstance(tree, list)
    asked = "this is an initial request"
    return [*tree[:2], asked, *tree[2:]] if tree[0] == "all of" else ["all of", None, asked, tree]


def _lines(family: str) -> Scope:
    if family == "drug":
        return Scope(("commercial",))
    return Scope() if family == "determination" else Scope(None, ("medicare_advantage",))


@pytest.mark.parametrize("mark", CERTAIN)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_certain_mark_gives_its_tree(family: str, mark: str) -> None:
    truth = truth_of(11, mark)
    _, versions = imported(family, truth)
    rule = rule_of(versions[truth.effective], truth.service)
    assert rule.criteria is not None and shown(rule.criteria) == _asked_first(family, truth)


@pytest.mark.parametrize("mark", UNSURE)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_can_be_read_in_two_ways_is_one_question_with_both_readings(family: str, face: str, mark: str) -> None:
    truth = truth_of(7, mark)
    result, versions = imported(family, truth, face)
    version = versions[truth.effective]
    readings = [question for question in asks(result) if "(1)" in question and "(2)" in question]
    assert len(readings) == 1 and readings[0] in version.doubtful
    rule = rule_of(version, truth.service)
    assert isinstance(rule.criteria, Group)
    questions = [part for part in rule.criteria.parts if shown(part) != "this is an initial request"]
    assert len(questions) == 1 and isinstance(questions[0], Leaf)
    words = questions[0].sentence
    assert all(each in words and each in readings[0] for each in truth.listed.items)
    line = next(line for line in result.report.lines if truth.listed.items[0] in line.text)
    assert line.kind is Kind.DOUBTFUL


@pytest.mark.parametrize("family", FAMILIES)
def test_the_second_service_is_never_covered(family: str) -> None:
    if family == "drug":
        return
    truth = truth_of(3)
    _, versions = imported(family, truth)
    slug = truth.second.replace(" ", "-").removesuffix("s")
    rules = [rule for rule in versions[truth.effective].rules if slug in rule.services]
    assert [rule.statement.position.canonical.outcome for rule in rules] == [Outcome.NOT_COVERED]
    assert all(rule.criteria is None for rule in rules)


@pytest.mark.parametrize("family", FAMILIES)
def test_codes_are_taken_without_their_words(family: str) -> None:
    truth = truth_of(5)
    result, versions = imported(family, truth)
    rows = [row for row in versions[truth.effective].code_rows if row.pattern is not None]
    found = {(row.system, row.pattern.text) for row in rows if row.pattern is not None}
    if family == "determination":
        assert not found
        assert any("article A57999" in question for question in asks(result))
        return
    assert found == {(system, code) for system, code, _ in truth.codes}
    assert all(row.role is CodeRole.GOVERNED for row in rows)
    if family == "when_covered":  # its codes stand in one line, without words
        assert any("of which service is each of" in question for question in asks(result))
    elif family != "drug":
        groups = {row.pattern.text: row.group for row in rows if row.pattern is not None}
        second = truth.second.replace(" ", "-").removesuffix("s")
        assert [code for code, group in groups.items() if group == second] == [truth.codes[2][1]]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_line_is_accounted_for_and_each_one_matters(family: str) -> None:
    truth = truth_of(9, "nested")
    result, _ = imported(family, truth)
    text = markdown(FAMILIES[family](truth))
    lines = text.split("\n")
    assert [line.number for line in result.report.lines] == [at for at, line in enumerate(lines, 1) if line.strip()]
    assert not any("not read" in what for line in result.report.lines for what in line.what)
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        other = ingest("\n".join(lines[:at] + lines[at + 1 :]).encode(), "policy.md")
        assert (other.report.lines, other.drafts) != (result.report.lines, result.drafts)


@pytest.mark.parametrize(
    ("after", "before", "asked"),
    [
        ("on or after", "before", ""),
        ("on or after", "prior to", ""),
        ("after", "on or before", ""),
        ("after", "before", "stands in neither block"),
        ("after", "prior to", "stands in neither block"),
        ("on or after", "through", "stands in two blocks"),
    ],
)
def test_the_day_between_two_blocks_is_put_to_a_person_where_none_holds_it(after: str, before: str, asked: str) -> None:
    truth = truth_of(4, "all")
    truth.extra.update({"after": after, "before": before})
    result, versions = imported("dated_blocks", truth)
    periods = [(rule.dates, rule.statement.position.canonical) for rule in versions[truth.effective].rules]
    assert all(dates is not None for dates, _ in periods)
    questions = [question for question in asks(result) if "block" in question]
    assert bool(questions) is bool(asked)
    for question in questions:
        assert asked in question and str(truth.boundary) in question and "(1)" in question and "(2)" in question


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("ending", ["pdf", "docx"])
def test_a_printed_face_gives_what_the_text_gives(family: str, ending: str) -> None:
    truth = truth_of(2, "nested")
    text = markdown(FAMILIES[family](truth))
    made = media.as_pdf(text) if ending == "pdf" else media.as_docx(text)
    printed = ingest(made, f"policy.{ending}")
    assert printed.diagnostics == ()
    assert _told(printed) == _told(ingest(text.encode(), "policy.md"))


def _told(result: Ingested) -> list[object]:
    """What a person would compare: title, rules, codes and history of each version."""
    found: list[object] = []
    for path, draft in result.drafts[1:]:
        version = read_policy(draft, Findings(path), Vocabulary())
        assert version is not None
        rules = [
            (rule.statement.position, rule.criteria and shown(rule.criteria), rule.dates) for rule in version.rules
        ]
        codes = [(row.group, row.pattern) for row in version.code_rows]
        history = [(row.day, row.event) for row in version.history]
        found.append((path, version.title, rules, codes, history))
    return found


@pytest.mark.parametrize("mark", UNSURE)
@pytest.mark.parametrize("family", ["rationale", "position_statement", "overview"])
def test_what_can_be_read_in_two_ways_is_never_answered(family: str, mark: str) -> None:
    truth = truth_of(7, mark)
    result, _ = imported(family, truth)
    plan = desk(dict(result.drafts))
    case = {"date_of_service": str(truth.effective), "line_of_business": "commercial"}
    assert said(plan, code=truth.codes[0][1], **case).startswith("information_needed,")
    assert said(plan, code=truth.codes[2][1], **case).startswith("not_covered,")
