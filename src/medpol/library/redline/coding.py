"""What changed in the codes, and in the value sets, tables and facts that a document defines."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from medpol.library.redline.alike import Pairing
from medpol.library.redline.between import Between
from medpol.library.redline.values import Item, Kind, Said, Subject, item, said
from medpol.model.codes import CodePattern, pattern_shown
from medpol.model.dates import ONE_DAY, EffectivePeriod
from medpol.model.facts import FactDeclaration
from medpol.model.policy import CodeRole, CodeRow, LookupTable, PolicyVersion, ValueSet

_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def counted(number: int, word: str, words: str = "") -> str:
    """``two codes``; from eleven on in figures."""
    count = _COUNTED[number] if number < len(_COUNTED) else f"{number:,}"
    return f"{count} {word if number == 1 else words or word + 's'}"


def days_words(period: EffectivePeriod) -> str:
    """``from 2020-01-01 through 2020-12-31``, as far as it is stated."""
    last = "" if period.end is None else f"through {period.end - ONE_DAY}"
    return " ".join(part for part in ("" if period.start is None else f"from {period.start}", last) if part)


# ---------------------------------------------------------------------------- codes


class _Row(NamedTuple):
    """A row of a Coding table, and how it is put in words."""

    row: CodeRow

    @property
    def code(self) -> str:
        return "" if self.row.pattern is None else pattern_shown(self.row.system, self.row.pattern)

    @property
    def key(self) -> tuple[str, CodePattern | None]:
        return self.row.system, self.row.pattern

    @property
    def name(self) -> str:
        return (
            f"{self.row.system} {self.code}" if self.code else f"{self.row.group} ({self.row.system}, without a code)"
        )

    @property
    def words(self) -> str:
        held = (self.row.group, self.name if self.code else self.row.system, self.row.role.value)
        days = days_words(self.row.period)
        dose = "" if self.row.dose_per_unit is None else f"{self.row.dose_per_unit} a unit"
        return ", ".join(part for part in (*held, days, dose, self.row.label) if part)

    @property
    def said(self) -> tuple[Said, ...]:
        return said(self.words, self.row.source)


def of_codes(before: PolicyVersion, after: PolicyVersion, between: Between) -> Iterator[Item]:
    """Codes that joined or left, those that changed group or role, and what else their rows say."""
    one, other = [_Row(row) for row in before.code_rows], [_Row(row) for row in after.code_rows]
    pairing = Pairing(one, other)
    for key in _KEYS:
        pairing.by(key)
    groups, later_groups = {each.row.group for each in one}, {each.row.group for each in other}
    yield from _left_or_joined(pairing.left.values(), Kind.REMOVED, later_groups, between)
    yield from _left_or_joined(pairing.right.values(), Kind.ADDED, groups, between)
    for i, j in pairing.pairs:
        yield from _of_row(one[i], other[j])
    places = [j for _, j in pairing.pairs]
    if places != sorted(places):
        yield item(Kind.MOVED, Subject.ORDER, "codes", "the rows of the Coding table stand in another order")


_KEYS: tuple[Callable[[_Row], Hashable], ...] = (
    lambda each: each.row,
    lambda each: (each.key, each.row.group, each.row.role, each.row.period),
    lambda each: (each.key, each.row.group, each.row.role, each.row.label),
    lambda each: (each.key, each.row.group, each.row.role),
    lambda each: (each.key, each.row.group),
    lambda each: each.key if each.code else (each.key, each.row.role, each.row.label),
)
"""A row is the same while something of it stays: the code above all, or where there is none, the group or the label."""


def _left_or_joined(rows: Iterable[_Row], kind: Kind, other_groups: set[str], between: Between) -> Iterator[Item]:
    """Rows that only one version has, together where group, role, days and the version that tells of them agree."""
    holding = between.holding(lambda version: map(_key, version.code_rows))
    held: dict[tuple[str, str, CodeRole, EffectivePeriod, date | None, bool], list[_Row]] = {}
    for each in rows:
        row = each.row
        day = holding.changed_with(_key(row), is_added=kind is Kind.ADDED)
        held.setdefault((row.group, row.system, row.role, row.period, day, not each.code), []).append(each)
    for (group, _, _, _, day, is_bare), together in held.items():
        saids = tuple(each for row in together for each in row.said)
        yield item(
            kind,
            Subject.CODE,
            ", ".join(row.code or group for row in together),
            _joined_says(together, kind, day, group in other_groups, is_bare, between),
            saids if kind is Kind.REMOVED else (),
            saids if kind is Kind.ADDED else (),
            on=day,
        )


def _key(row: CodeRow) -> Hashable:
    return row.system, row.pattern, row.group, row.role


def _joined_says(
    rows: Sequence[_Row], kind: Kind, day: date | None, group_stays: bool, is_bare: bool, between: Between
) -> str:
    first = rows[0].row
    is_added = kind is Kind.ADDED
    if is_bare:
        verb = "came without a code of its own" if is_added else "is no longer listed without a code"
        why = ", as its group has codes" if group_stays and not is_added else ""
        return f"{first.group}: the service {verb}{between.on_words(day, is_added=is_added)}{why}"
    verb = "joined" if is_added else "left"
    names = ", ".join(row.code for row in rows)
    days = days_words(first.period)
    return (
        f"{counted(len(rows), 'code')} {verb}{between.on_words(day, is_added=is_added)}: {first.system} {names}, "
        f"{first.role.value} in {first.group}" + (f", valid {days}" if days else "")
    )


def _of_row(one: _Row, other: _Row) -> Iterator[Item]:
    row, later = one.row, other.row
    fields: tuple[tuple[str, object, object, str, str], ...] = (
        ("group", row.group, later.group, row.group, later.group),
        ("role", row.role, later.role, row.role.value, later.role.value),
        ("days of validity", row.period, later.period, days_words(row.period), days_words(later.period)),
        ("dose per unit", row.dose_per_unit, later.dose_per_unit, str(row.dose_per_unit), str(later.dose_per_unit)),
        ("our label", row.label, later.label, row.label, later.label),
    )
    for what, held, stands, words, later_words in fields:
        if held == stands:
            continue
        kind = Kind.REWORDED if what == "our label" else Kind.MOVED if what in ("group", "role") else Kind.CHANGED
        says = f"{other.name}: {what} {words or 'not stated'} → {later_words or 'not stated'}"
        yield item(kind, Subject.CODE, other.code or later.group, says, one.said, other.said)


# ---------------------------------------------------------------------------- definitions


def of_definitions(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    """Value sets, look-up tables and facts that the document defines itself."""
    one, other = before.definitions, after.definitions
    yield from _of_named(one.value_sets, other.value_sets, Subject.VALUE_SET, "the value set", _of_set, _set_words)
    yield from _of_named(one.tables, other.tables, Subject.TABLE, "the table", _of_table, _table_words)
    yield from _of_named(one.facts, other.facts, Subject.FACT, "the fact", _of_fact, _fact_words)


_D = TypeVar("_D", ValueSet, LookupTable, FactDeclaration)


def _of_named(
    before: Sequence[_D],
    after: Sequence[_D],
    subject: Subject,
    what: str,
    compare: Callable[[_D, _D], Iterator[tuple[Kind, str]]],
    words: Callable[[_D], str],
) -> Iterator[Item]:
    one: Mapping[str, _D] = {each.name: each for each in before}
    other: Mapping[str, _D] = {each.name: each for each in after}
    for name, held in one.items():
        if name not in other:
            yield item(
                Kind.REMOVED, subject, name, f"{what} {name} is gone: {words(held)}", said(words(held), held.source)
            )
    for name, stands in other.items():
        if name not in one:
            says = f"{what} {name} came: {words(stands)}"
            yield item(Kind.ADDED, subject, name, says, (), said(words(stands), stands.source))
            continue
        held = one[name]
        for kind, says in compare(held, stands):
            yield item(
                kind,
                subject,
                name,
                f"{what} {name}: {says}",
                said(words(held), held.source),
                said(words(stands), stands.source),
            )
    if set(one) == set(other) and list(one) != list(other):
        yield item(Kind.MOVED, Subject.ORDER, subject.value, f"{what}s stand in another order".replace("the ", "", 1))


def _of_set(one: ValueSet, other: ValueSet) -> Iterator[tuple[Kind, str]]:
    gone = [value for value in one.values if value not in other.values]
    come = [value for value in other.values if value not in one.values]
    if come:
        yield Kind.ADDED, f"{counted(len(come), 'value')} joined: {', '.join(come)}"
    if gone:
        yield Kind.REMOVED, f"{counted(len(gone), 'value')} left: {', '.join(gone)}"
    if not gone and not come and one.values != other.values:
        yield Kind.REWORDED, "the values stand in another order"
    if one.is_open != other.is_open:
        yield Kind.CHANGED, "closed → open: a miss is unknown" if other.is_open else "open → closed: a miss is a no"
    if (one.values, one.is_open) == (other.values, other.is_open) and one.sentence != other.sentence:
        yield Kind.REWORDED, "its sentence reads otherwise"


def _set_words(each: ValueSet) -> str:
    return ", ".join(each.values) + (" (open)" if each.is_open else "")


def _of_table(one: LookupTable, other: LookupTable) -> Iterator[tuple[Kind, str]]:
    rows, later = dict(one.rows), dict(other.rows)
    for above, value in one.rows:
        if above not in later:
            yield Kind.REMOVED, f"the row {above} | {value} is gone"
    for above, value in other.rows:
        if above not in rows:
            yield Kind.ADDED, f"the row {above} | {value} came"
        elif rows[above] != value:
            yield Kind.CHANGED, f"at {above}: {rows[above]} → {value}"
    if rows == later and one.rows != other.rows:
        yield Kind.REWORDED, "the rows stand in another order"
    if one.columns != other.columns:
        yield Kind.REWORDED, f"columns {' | '.join(one.columns)} → {' | '.join(other.columns)}"
    if one.heading != other.heading:
        yield Kind.REWORDED, f"heading {one.heading} → {other.heading}"


def _table_words(each: LookupTable) -> str:
    return f"{' | '.join(each.columns)}: " + "; ".join(f"{above} | {value}" for above, value in each.rows)


def _of_fact(one: FactDeclaration, other: FactDeclaration) -> Iterator[tuple[Kind, str]]:
    fields = (
        (Kind.CHANGED, "type", one.type.value, other.type.value),
        (Kind.CHANGED, "unit", one.unit or "", other.unit or ""),
        (Kind.CHANGED, "choices", ", ".join(one.choices), ", ".join(other.choices)),
        (Kind.CHANGED, "from", ", ".join(one.sources), ", ".join(other.sources)),
        (Kind.REWORDED, "question", one.question, other.question),
        (Kind.REWORDED, "FHIR path", one.fhir_path, other.fhir_path),
    )
    for kind, what, held, stands in fields:
        if held != stands:
            yield kind, f"{what} {held or 'not stated'} → {stands or 'not stated'}"


def _fact_words(each: FactDeclaration) -> str:
    return ", ".join(
        part for part in (each.type.value, each.unit or "", ", ".join(each.choices), each.question) if part
    )
