"""Hypothesis strategies for whole policy versions, as values: what the writer prints, the reader must give back."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from medpol.model.codes import CodePattern
from medpol.model.criteria import (
    And,
    Comparison,
    Count,
    Criterion,
    DatesOfService,
    Expression,
    Group,
    Holds,
    IfThen,
    Last,
    LastField,
    Latest,
    Leaf,
    Measure,
    Membership,
    Not,
    Note,
    Or,
    Otherwise,
    Path,
    Rule,
    Side,
    Since,
    Statement,
    StatementKind,
    Structure,
    TableLookup,
    Text,
    When,
    Window,
    WindowKind,
    group_id,
    leaf_id,
    rule_name,
)
from medpol.model.dates import ONE_DAY, EffectivePeriod, StatedDate, parse_day, stated
from medpol.model.diagnostic import Source
from medpol.model.evidence import (
    HISTORY_EVENTS,
    Conclusion,
    Direction,
    Guideline,
    GuidelineKind,
    HistoryRow,
    Issuer,
    MedicareSource,
    Population,
    Stated,
    StudyBody,
    Trial,
)
from medpol.model.facts import FactDeclaration, FactType
from medpol.model.lines import LINES_OF_BUSINESS, Scope
from medpol.model.policy import (
    Addressed,
    Body,
    CodeRole,
    CodeRow,
    Coding,
    Criteria,
    Definitions,
    EvidenceReview,
    Guidelines,
    History,
    LookupTable,
    Medicare,
    Notice,
    PolicyVersion,
    Prose,
    References,
    Regulatory,
    Section,
    SectionName,
    Trials,
    ValueSet,
)
from medpol.model.positions import STANDARD_LABELS, CoveragePosition, Position
from medpol.model.quantities import Quantity
from medpol.text.evidence import cited

settings.register_profile(
    "text",
    max_examples=int(os.environ.get("MEDPOL_EXAMPLES", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
LAWS = settings.get_profile("text")

# ---------------------------------------------------------------------------- words

_CONTROL = "\x85\u2028\u2029\ufeff\ufffe\uffff"
_ODD = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=_CONTROL + "`*:;.|,<>"
)
_MARKUP = st.sampled_from(
    ["[a](b)", "< 5", "\\", "_x_", "&amp", "#", "| x |", "~~", "1.", "- ", "§", "“q”", "e\u0301", "::"]
)
_MEANT = re.compile(
    r"\b(when|if|unless|only|provided|except|and|or|all|any|none|both|either|neither|one|each|every|least|in every case)\b|<[A-Za-z/!?]",
    re.IGNORECASE,
)


@st.composite
def words(draw: st.DrawFn, start: str = "the") -> str:
    """A line of odd words that begins and ends in a plain one and carries none of the words of the notation."""
    pieces = draw(st.lists(st.text(_ODD, min_size=1, max_size=6) | _MARKUP, max_size=4))
    line = " ".join((start, *pieces, "end"))
    return line if not _MEANT.search(line) else f"{start} end"


def one_line(extra: str = "") -> st.SearchStrategy[str]:
    """Text for a table cell or a front-matter value, as it reads: without spaces at its ends."""
    odd = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=_CONTROL + extra)
    return st.text(odd, max_size=12).map(str.strip)


def some_text() -> st.SearchStrategy[str]:
    return one_line().filter(bool)


@st.composite
def prose(draw: st.DrawFn, tables: bool = True, numbers: bool = True) -> str:
    """Blocks of prose, an empty line between."""
    table = st.just("| a | b |\n|:-:|---|\n| c | d  |") if tables else st.just("> not a table")
    numbered = st.just("1. a\n2. b\n\n3. c") if numbers else st.just("+ a\n+ b")
    block = st.one_of(
        words(),
        st.tuples(words(), words("then")).map("\n".join),
        st.just("- a\n- b\n\n    - c"),
        st.just("* x\n  y"),
        numbered,
        table,
        st.just("```python\n## code  \n| a |\n```"),
        st.just("    indented  code"),
        st.just("<!-- a comment\n\n## inside -->"),
        st.just("<div>\nhtml"),
        st.just("***"),
        st.just("> quoted\n> - twice\nlazy"),
        st.just("#### Deeper"),
    )
    blocks = draw(st.lists(block, max_size=3))
    return "\n\n".join(blocks)


def days() -> st.SearchStrategy[date]:
    return st.dates(date(1, 1, 1), date(9999, 12, 30))


def stated_dates() -> st.SearchStrategy[StatedDate]:
    months = st.sampled_from(["2024-05", "May 2024", "Sept 2020", "5/2023", "Feb. 2019"])
    return (days().map(str) | months).map(stated)


def whole_days() -> st.SearchStrategy[StatedDate]:
    return days().map(lambda day: StatedDate(str(day), day))


@st.composite
def periods(draw: st.DrawFn) -> EffectivePeriod:
    first, last = draw(st.none() | days()), draw(st.none() | days())
    if first is not None and last is not None and last < first:
        first, last = last, first
    return EffectivePeriod(first, None if last is None else last + ONE_DAY)


# ---------------------------------------------------------------------------- expressions, all names of documents.VOCABULARY

GROUPS = ("needling", "guidance")
_NUMBERS = st.decimals(0, 9999, places=2, allow_nan=False).map(lambda number: Decimal(str(number)).normalize() + 0)
_COMPARISONS = st.sampled_from([">=", "<=", "=", ">", "<"])


def windows() -> st.SearchStrategy[Window]:
    sides = st.sampled_from(list(Side))
    return st.one_of(
        st.builds(
            Window,
            st.just(WindowKind.ROLLING),
            sides,
            st.integers(1, 3660),
            st.sampled_from(["days", "weeks", "months", "years"]),
        ),
        st.builds(
            Window, st.sampled_from([WindowKind.CALENDAR_YEAR, WindowKind.PLAN_YEAR, WindowKind.LIFETIME]), sides
        ),
        st.just(Window(WindowKind.SAME_DAY)),
    )


def _quantities(*units: str | None) -> st.SearchStrategy[Quantity]:
    return st.builds(Quantity, _NUMBERS, st.sampled_from(units))


def _where() -> st.SearchStrategy[Expression | None]:
    relief = st.builds(Comparison, st.just(Path("relief")), _COMPARISONS, _quantities("%"))
    outcome = st.builds(
        lambda choice: Comparison(Path("outcome"), "=", Text(choice, False)), st.sampled_from(["failed", "helped"])
    )
    return st.none() | relief | st.builds(lambda one, other: Or((one, other)), relief, outcome)


def _literals() -> st.SearchStrategy[Expression]:
    lasts = st.builds(Last, st.just(("needling",)), _where())
    duration = _quantities("days", "weeks", "months", "years")
    choices = st.sampled_from(["failed", "not_feasible", "helped"]).map(lambda choice: Text(choice, False))
    return st.one_of(
        st.sampled_from(["exam.band", "exam.twitch"]).map(lambda name: Holds(Path(name))),
        st.builds(Comparison, st.just(Path("therapy.duration")), _COMPARISONS, duration),
        st.builds(Comparison, st.just(Path("age")), _COMPARISONS, _quantities("years", "months")),
        st.builds(Comparison, st.just(Path("visits")), _COMPARISONS, _quantities(None)),
        st.builds(Comparison, st.just(Path("fev1")), _COMPARISONS, _quantities("%")),
        st.builds(Comparison, st.just(Path("onset")), _COMPARISONS, days()),
        st.builds(Comparison, st.just(Path("therapy.outcome")), st.just("="), choices),
        st.lists(choices, min_size=1, max_size=3).map(
            lambda each: Membership(Path("therapy.outcome"), None, tuple(each))
        ),
        st.just(Membership(Path("diagnosis"), "pain")),
        st.just(Membership(Path("diagnosis"), None, (Text("M79.18"), Text("M54.2")))),
        st.just(Comparison(Path("visits"), "<=", TableLookup("limits", "therapy.duration"))),
        st.builds(
            Comparison,
            st.builds(Count, st.sampled_from(list(Measure)), st.just(("needling",)), windows(), _where()),
            _COMPARISONS,
            _quantities(None),
        ),
        st.builds(Comparison, st.builds(Since, lasts), _COMPARISONS, duration),
        st.builds(Comparison, lasts.map(lambda last: LastField(last, "relief")), _COMPARISONS, _quantities("%")),
        st.builds(
            Comparison, st.builds(Latest, st.just("eosinophils"), windows()), _COMPARISONS, _quantities("cells/uL")
        ),
    )


def expressions() -> st.SearchStrategy[Expression]:
    tree = st.recursive(
        _literals() | _literals().map(Not),
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
        ),
        max_leaves=5,
    )
    return tree | st.builds(IfThen, tree, tree)


@st.composite
def coded(draw: st.DrawFn, expression: Expression) -> str:
    """A spelling of the expression: spaces between its words are free."""
    code = str(expression)
    gaps = draw(st.sampled_from([" ", "  "]))
    return draw(st.sampled_from(["", " "])) + code.replace(" and ", f"{gaps}and{gaps}")


# ---------------------------------------------------------------------------- criteria


def labels() -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(STANDARD_LABELS)) | st.sampled_from(["Medically Necessary", "INVESTIGATIONAL"])


def _position(label: str) -> Position:
    return Position(STANDARD_LABELS[label.casefold()], label)


_STRUCTURES = (
    (Structure.ALL, "all of these"),
    (Structure.ANY, "any of the following"),
    (Structure.NONE, "none of these"),
    (Structure.AT_LEAST, "at least {} of these"),
)


@st.composite
def _leaves(draw: st.DrawFn, rule: str, numbers: Sequence[int], start: str = "the") -> Leaf:
    number = next(iter(numbers))
    sentence = f"{draw(words(start))} {number}" + draw(st.sampled_from(["", ".", ";", ","]))
    if draw(st.booleans()):
        return Leaf(leaf_id(rule, sentence), sentence)
    expression = draw(expressions())
    return Leaf(leaf_id(rule, sentence), sentence, expression, draw(coded(expression)))


@st.composite
def _groups(draw: st.DrawFn, rule: str, numbers: Sequence[int], lead: str, depth: int) -> Group:
    parts: list[Criterion] = []
    for _ in range(draw(st.integers(1, 4))):
        if depth > 0 and draw(st.integers(0, 3)) == 0:
            inner = draw(_groups(rule, numbers, draw(words()), depth - 1))
            if draw(st.booleans()):
                guard = draw(expressions().filter(lambda each: not isinstance(each, IfThen)))
                inner = Group(
                    inner.id,
                    inner.sentence,
                    inner.structure,
                    inner.parts,
                    inner.needed,
                    guard,
                    f"if {guard}",
                    inner.marker,
                )
            parts.append(inner)
        else:
            parts.append(draw(_leaves(rule, numbers)))
    structure, spelled = draw(st.sampled_from(_STRUCTURES))
    needed = draw(st.integers(1, len(parts))) if structure is Structure.AT_LEAST else None
    return Group(
        group_id(rule, structure, needed, tuple(part.id for part in parts)),
        f"{lead} {spelled.format(needed)} {draw(st.sampled_from(['are met', 'hold']))}:",
        structure,
        tuple(parts),
        needed,
        marker=draw(st.sampled_from(["-", "*", "+", "1.", "1)"])),
    )


@st.composite
def _service_dates(draw: st.DrawFn) -> DatesOfService:
    one, other = sorted((draw(days()), draw(days())))
    if draw(st.booleans()):
        return DatesOfService(EffectivePeriod(one, None), f"from {one}")
    if draw(st.booleans()):
        return DatesOfService(EffectivePeriod(None, other), f"before {other}")
    return DatesOfService(EffectivePeriod(one, other + ONE_DAY), f"from {one} to {other}")


@st.composite
def _notes(draw: st.DrawFn, places: Sequence[str]) -> tuple[Note, ...]:
    text = st.lists(
        words() | st.sampled_from(["", "- a list", "  spaced  ", "> deeper", "**covered**"]), min_size=1, max_size=3
    )
    return tuple(Note("\n".join(draw(text)), place) for place in places if draw(st.integers(0, 3)) == 0)


@st.composite
def rules(draw: st.DrawFn, heading: str | None, services: bool) -> Rule:
    name = rule_name(heading) if heading is not None else "criteria"
    numbers: Sequence[int] = count(1)  # type: ignore[assignment]
    label = draw(labels())
    always = draw(st.sampled_from(["", " in every case"]))
    kind = draw(st.sampled_from(list(StatementKind)))
    criteria: Criterion | None = None
    unless: Criterion | None = None
    otherwise: Otherwise | None = None
    if kind is StatementKind.CONDITIONAL:
        lead = f"{draw(words('So'))} **{label}**{always} when"
        criteria = draw(_groups(name, numbers, lead, 2))
        sentence = criteria.sentence
    elif kind is StatementKind.SINGLE:
        sentence = f"{draw(words('So'))} **{label}**{always} when so"
        expression = draw(expressions())
        criteria = Leaf(leaf_id(name, sentence), sentence, expression, draw(coded(expression)))
    else:
        sentence = f"{draw(words('So'))} **{label}**{always}."
    if criteria is not None:
        if draw(st.booleans()):
            unless = draw(
                _leaves(name, numbers, "Unless") | words("Unless").flatmap(lambda lead: _groups(name, numbers, lead, 1))
            )
        if draw(st.booleans()):
            other = draw(labels().filter(lambda label: "authori" not in label.casefold()))
            otherwise = Otherwise(_position(other), f"Otherwise **{other}**.")
    held: dict[str, object] = {}
    if services or draw(st.booleans()):
        held["Services"] = draw(st.sampled_from([("needling",), ("guidance",), ("needling", "guidance")]))
    if draw(st.booleans()):
        expression = draw(expressions())
        held["When"] = When(draw(words()), expression, draw(coded(expression)))
    if draw(st.booleans()):
        held["Dates of service"] = draw(_service_dates())
    if draw(st.booleans()):
        held["Approved for"] = draw(words())
    order = tuple(draw(st.permutations(sorted(held))))
    places = [f"line {at}" for at in range(0 if heading is not None else 1, len(order) + 1)]
    places = [place for place in places if heading is not None or place != "line 0"]
    places.append("unless")
    places += ["otherwise"] * (unless is not None)
    places += ["end"] * (otherwise is not None)
    return Rule(
        name,
        heading,
        Statement(kind, sentence, _position(label), bool(always)),
        held.get("Services", ()),  # type: ignore[arg-type]
        held.get("When"),  # type: ignore[arg-type]
        held.get("Dates of service"),  # type: ignore[arg-type]
        held.get("Approved for"),  # type: ignore[arg-type]
        criteria,
        unless,
        otherwise,
        draw(_notes(places)),
        order,
    )


@st.composite
def criteria_bodies(draw: st.DrawFn) -> Criteria:
    how_many = draw(st.integers(0, 3))
    notes = tuple(note.text for note in draw(_notes(["a", "b"])))
    if how_many == 0:
        return Criteria((draw(rules(None, False)),), notes)
    names = [f"Rule {at}: {draw(words())}" for at in range(how_many)]
    return Criteria(tuple(draw(rules(name, how_many > 1)) for name in names), notes)


# ---------------------------------------------------------------------------- the other sections


@st.composite
def codings(draw: st.DrawFn) -> Coding:
    rows = [
        CodeRow(group, "CPT", CodePattern(code), CodeRole.GOVERNED, draw(periods()), draw(one_line()))
        for group, code in (("needling", "20560"), ("guidance", "76942"))
    ]
    rows.append(
        CodeRow("pain", "ICD-10-CM", CodePattern("M791", True), CodeRole.SUPPORTS, draw(periods()), draw(one_line()))
    )
    if draw(st.booleans()):
        dose = draw(_quantities("mg", "mg/kg", "IU"))
        rows.append(CodeRow("drug", "HCPCS", CodePattern("J0585"), CodeRole.INFORMATIONAL, dose_per_unit=dose))
    if draw(st.booleans()):
        rows.append(CodeRow("later", "", None, CodeRole.GOVERNED, label=draw(one_line())))
    return Coding(tuple(rows), draw(prose(tables=False)))


@st.composite
def definitions(draw: st.DrawFn) -> Definitions:
    sets = []
    for name in draw(st.lists(st.sampled_from(["unsuitable", "brände", "a-b_c"]), unique=True, max_size=3)):
        values = draw(st.lists(one_line("`").filter(bool), min_size=1, max_size=3, unique=True))
        is_open = draw(st.booleans())
        sentence = f"`{name}`: " + ", ".join(f"`{value}`" for value in values)
        sets.append(
            ValueSet(
                name, tuple(values), is_open, sentence + (", including but not limited to these" if is_open else "")
            )
        )
    limits = LookupTable(
        "limits",
        "Limits",
        ("Weeks", draw(words())),
        (
            (Quantity(Decimal(1), "weeks"), Quantity(Decimal(2))),
            (Quantity(Decimal("6.5"), "weeks"), Quantity(Decimal(8))),
        ),
    )
    facts = [
        FactDeclaration("pulse", FactType.QUANTITY, "/hour", question=draw(one_line()), sources=("record", "claims")),
        FactDeclaration("ease", FactType.CHOICE, None, ("well", "ill"), fhir_path=draw(one_line())),
        FactDeclaration("share", FactType.RATIO, "%", question=draw(one_line())),
    ]
    return Definitions(tuple(sets), (limits,), tuple(facts[: draw(st.integers(0, 3))]), draw(prose()))


@st.composite
def evidence_reviews(draw: st.DrawFn) -> EvidenceReview:
    items = st.lists(words(), max_size=3).map(tuple)
    studies = st.builds(StudyBody, words(), st.none() | st.integers(1, 99), st.none() | st.integers(0, 10**6))
    populations = st.builds(
        Population, words(), prose(), st.lists(studies, max_size=2).map(tuple), items, st.sampled_from(list(Conclusion))
    )
    return EvidenceReview(tuple(draw(st.lists(populations, max_size=3))), draw(prose()))


@st.composite
def trial_tables(draw: st.DrawFn) -> Trials:
    row = st.builds(
        Trial,
        st.just("NCT01234567"),
        one_line(),
        one_line(),
        st.none() | st.integers(0, 10**6),
        st.just(StatedDate("")) | stated_dates(),
        one_line(),
        st.sampled_from([None, False, True]),
    )
    trials = draw(st.lists(row, max_size=4))
    order = {None: 0, False: 1, True: 2}
    return Trials(tuple(sorted(trials, key=lambda each: order[each.is_published])), draw(prose()))


def guidelines() -> st.SearchStrategy[Guidelines]:
    stated_words = st.sampled_from(list(Stated))
    each = st.builds(
        Guideline,
        words(),
        st.none() | st.sampled_from(list(Issuer)),
        st.none() | st.integers(1900, 2099),
        st.none() | st.sampled_from(list(GuidelineKind)),
        stated_words,
        stated_words,
        stated_words,
        st.none() | st.sampled_from(list(Direction)),
        prose(),
    )
    return st.builds(Guidelines, st.just("") | words(), st.lists(each, max_size=2).map(tuple), prose())


def medicare() -> st.SearchStrategy[Medicare]:
    source = st.builds(MedicareSource, one_line(), st.just(StatedDate("")) | stated_dates(), one_line(), one_line())
    return st.builds(Medicare, st.just("") | words(), st.lists(source, max_size=2).map(tuple), prose())


@st.composite
def reference_lists(draw: st.DrawFn) -> References:
    texts = draw(st.lists(words("Doe J. Needles. J Pins. May 2019; 1: 2. PMID 123"), max_size=3))
    return References(
        tuple(cited(text, at, Source("")) for at, text in enumerate(texts, 1)), draw(prose(numbers=False))
    )


@st.composite
def histories(draw: st.DrawFn) -> History:
    row = st.builds(
        HistoryRow,
        st.just(StatedDate("")) | stated_dates(),
        st.sampled_from(HISTORY_EVENTS),
        st.none() | stated_dates(),
        st.none() | stated_dates(),
        st.none() | stated_dates(),
        st.lists(words(), max_size=2).map(tuple),
        one_line(),
    )
    return History(tuple(draw(st.lists(row, max_size=3))), draw(prose(tables=False)))


def _addressed() -> st.SearchStrategy[Addressed]:
    audience = st.lists(st.sampled_from(["public", "providers", "plan staff"]), unique=True).map(tuple)
    return st.builds(Addressed, audience, prose())


_BODIES: dict[SectionName, st.SearchStrategy[Body]] = {
    SectionName.INTRODUCTION: _addressed(),
    SectionName.DISCLAIMER: _addressed(),
    SectionName.EVIDENCE: evidence_reviews(),
    SectionName.TRIALS: trial_tables(),
    SectionName.GUIDELINES: guidelines(),
    SectionName.MEDICARE: medicare(),
    SectionName.REGULATORY: st.builds(Regulatory, st.sampled_from([None, True, False]), prose()),
    SectionName.REFERENCES: reference_lists(),
    SectionName.HISTORY: histories(),
    SectionName.SCOPE: prose().map(Prose),
    SectionName.BACKGROUND: prose().map(Prose),
}

# ---------------------------------------------------------------------------- the version


@st.composite
def _scopes(draw: st.DrawFn, values: Sequence[str]) -> Scope:
    picked = draw(st.lists(st.sampled_from(values), unique=True, max_size=4))
    cut = draw(st.integers(0, len(picked)))
    inside = draw(st.sampled_from([None, tuple(picked[:cut])]))
    return Scope(inside, tuple(picked[cut:]))


@st.composite
def versions(draw: st.DrawFn) -> PolicyVersion:
    """A version that reads without errors, with odd words wherever words may stand."""
    is_archived = draw(st.integers(0, 9)) == 0
    sections = [
        Section(name.value, name, draw(_BODIES[name]))
        for name in draw(st.lists(st.sampled_from(sorted(_BODIES, key=str)), unique=True, max_size=3))
    ]
    if is_archived:
        sections.append(Section("Policy coverage criteria", SectionName.CRITERIA, Criteria((), ("archived",))))
    else:
        sections += [
            Section("Policy coverage criteria", SectionName.CRITERIA, draw(criteria_bodies())),
            Section("Coding", SectionName.CODING, draw(codings())),
            Section("Definitions", SectionName.DEFINITIONS, draw(definitions())),
        ]
    if draw(st.booleans()):
        sections.append(Section(f"Our {draw(words())}", None, Prose(draw(prose()))))
    first_day = draw(stated_dates())
    label = draw(some_text().filter(lambda text: " ".join(text.split()).casefold() not in STANDARD_LABELS))
    return PolicyVersion(
        policy=draw(some_text()),
        title=draw(some_text()),
        publisher=draw(one_line()),
        reference_policy=draw(one_line()),
        replaces=draw(one_line()),
        effective=None if is_archived else first_day,
        archived=first_day if is_archived else None,
        approved=draw(st.none() | stated_dates()),
        row_date=draw(st.none() | stated_dates()),
        published=draw(st.none() | whole_days()),
        last_revised=draw(st.none() | stated_dates()),
        review_due=draw(st.none() | stated_dates()),
        literature_through=draw(st.none() | stated_dates()),
        notice=Notice(
            draw(st.none() | stated_dates()),
            draw(st.none() | st.integers(0, 99_999)),
            draw(one_line()),
            draw(one_line()),
        ),
        lines_of_business=draw(_scopes(LINES_OF_BUSINESS)),
        states=draw(_scopes(["WA", "OR", "NE", "TX"])),
        plans=draw(_scopes(["P1", "p_2", "no", "a: b", "- c", "{d}"])),
        related=tuple(draw(st.lists(some_text(), max_size=2))),
        positions=draw(st.sampled_from([(), ((label, CoveragePosition.INVESTIGATIONAL),)])),
        withdraws=tuple(draw(st.lists(days(), max_size=2))),
        rights=draw(one_line()),
        origin=draw(one_line()),
        doubtful=tuple(draw(st.lists(some_text(), max_size=2))),
        heading=draw(words()),
        preamble=draw(prose()),
        sections=tuple(draw(st.permutations(sections))),
    )


def as_stated(text: str) -> StatedDate:
    return StatedDate(text, parse_day(text))
