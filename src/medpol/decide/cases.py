"""A case in, an answer out: JSON to a normalised ``Case``, and a determination to the one JSON that every door gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from medpol.decide.literals import NOT_MET, compare_age
from medpol.decide.one import Desk, policies_naming
from medpol.decide.plan import ENROLLED
from medpol.decide.rows import LiteralKind, Node
from medpol.lifecycle import standing
from medpol.model.case import BIRTH, MALFORMED, Case
from medpol.model.codes import DIAGNOSIS_SYSTEMS, FREE_TEXT_SYSTEMS
from medpol.model.criteria import sentence_key
from medpol.model.dates import parse_day
from medpol.model.determination import AUTHORIZES, Asked, CitedSentence, Determination, JudgedCriterion
from medpol.model.diagnostic import nearest
from medpol.model.facts import Event, EventField, FactDeclaration, FactType, FactValue, Observation, normalise_sex
from medpol.model.lines import LINES_OF_BUSINESS, STATES, normalise_line
from medpol.model.positions import Position
from medpol.model.quantities import Quantity, canonical_unit, convertible, parse_quantity
from medpol.model.truth import Truth

CASE_KEYS = (
    "code",
    "service",
    "code_system",
    "policy",
    "date_of_service",
    "known_on",
    "line_of_business",
    "contract",
    "plan",
    "state",
    "diagnoses",
    "age",
    "birth_date",
    "sex",
    "units",
    "modifiers",
    "place_of_service",
    "provider_specialty",
    "facts",
    "assumed",
    "answers",
    "history",
    "history_complete_from",
    "history_incomplete_for",
    "records_complete",
)
_EVENT_KEYS = ("code", "group", "date", "units", "facts")
BUILT_IN_KEYS = {
    "diagnosis": "diagnoses",
    "age": "age",
    "sex": "sex",
    "member.state": "state",
    "member.line": "line_of_business",
    "member.plan": "plan",
    "service.place": "place_of_service",
    "service.units": "units",
    "service.modifier": "modifiers",
    "provider.specialty": "provider_specialty",
    "date_of_service": "date_of_service",
    "service.dose": "units",
}
_ENROLMENT = FactDeclaration(
    ENROLLED,
    FactType.YES_NO,
    question="Is the member enrolled in the study that the position asks for?",
    sources=("record",),
)
FIRST_YEAR, LAST_YEAR = 1800, 9000
MAXIMUM_HISTORY = 10_000


class CaseError(ValueError):
    """A case that cannot be decided: where in it, what was found, what was expected, and how to mend it."""

    def __init__(self, where: str, found: str, expected: str = "", mend: str = "") -> None:
        super().__init__(
            f"{where}: {found}"
            + (f"; expected {expected}" if expected else "")
            + (f"\n    mend: {mend}" if mend else "")
        )
        self.where, self.found, self.expected, self.mend = where, found, expected, mend

    def as_dict(self) -> dict[str, str]:
        return {"where": self.where, "found": self.found, "expected": self.expected, "mend": self.mend}


class UnknownContract(CaseError):
    """The case names a contract that the library does not hold; it is never read as "none given"."""


def decode_json(text: str | bytes) -> Any:
    """JSON with decimals kept exact and every key once. Raises ``CaseError`` where it is none."""
    try:
        words = text.decode("utf-8") if isinstance(text, bytes) else text
        return (
            json.loads(words) if words.startswith("\ufeff") else _DECODER.decode(words)
        )  # the mark gets its own words
    except CaseError:
        raise
    except (ValueError, InvalidOperation, RecursionError) as problem:
        raise CaseError("$", f"this is no JSON: {problem}", "one JSON object", "correct it") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key stands twice: the second would silently win."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise CaseError(f"$.{twice}", f"the key {twice!r} twice in one object", "each key once", "drop one")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=Decimal, parse_constant=_no_constant)


def decode_case(desk: Desk, given: object, today: date) -> tuple[Case, date]:
    """The normalised case and the day it is known on; ``today`` stands where a day is not given.

    Raises:
        UnknownContract: The contract is not held.
        CaseError: Anything else that cannot be read, with its place as a path (``$.facts.name``).
    """
    if not isinstance(given, Mapping):
        raise CaseError("$", f"a {type(given).__name__}", "an object with the keys of a case", 'write {"code": ...}')
    for key in given:
        if key not in CASE_KEYS:
            near = nearest(str(key), CASE_KEYS)
            raise CaseError(
                f"$.{key}",
                f"the key {key!r} is not known",
                "one of: " + ", ".join(CASE_KEYS),
                f"write {near!r}" if near else "drop it",
            )
    reader = _Reader(desk, {key: value for key, value in given.items() if value is not None})
    known_on = reader.day("known_on", today)
    case = reader.case(reader.day("date_of_service", today), known_on)
    return case, known_on


@dataclass(slots=True)
class _Reader:
    desk: Desk
    given: Mapping[str, Any]

    # ------------------------------------------------------------------ the whole

    def case(self, day: date, known_on: date) -> Case:
        code, system, malformed = self.code()
        service = self.text("service")
        if code is not None and service is not None:
            raise CaseError("$.service", "both a code and a service", "one of the two", "drop one")
        birth = None if "birth_date" not in self.given else self.day("birth_date", day)
        if birth is not None and birth > day:
            raise CaseError(
                "$.birth_date", f"{birth} lies after the day of service", "a day before it", "correct one of the two"
            )
        age = self.age(birth, day)
        facts = self.facts("facts")
        assumed = self.facts("assumed")
        for name, value in assumed.items():
            if name in facts and facts[name] != value:
                raise CaseError(f"$.assumed.{name}", "another value than in `facts`", "one value a fact", "drop one")
        case = Case(
            date_of_service=day,
            code=code,
            code_system=system,
            service=None if service is None else "-".join(service.casefold().replace("_", "-").split()),
            policy=self.policy(),
            line_of_business=self.line(),
            state=self.state(),
            diagnoses=self.diagnoses(day),
            age=age,
            birth_date=birth,
            sex=self.sex(),
            units=self.units("$.units", self.given.get("units")),
            modifiers=None
            if "modifiers" not in self.given
            else tuple(sorted({each.strip().upper() for each in self.texts("modifiers")})),
            place_of_service=self.text("place_of_service"),
            provider_specialty=self.text("provider_specialty"),
            facts=tuple(sorted(facts.items())),
            assumed=tuple(sorted((name, value) for name, value in assumed.items() if name not in facts)),
            history=self.history(),
            history_complete_from=self.complete_from(),
            history_incomplete_for=self.incomplete_for(),
            records_complete=self.records(),
            is_code_malformed=malformed,
        )
        case = self.with_service_name(self.with_plan(case))
        answers = self.answers(case, known_on)
        return replace(case, answers=answers) if answers else case

    def with_service_name(self, case: Case) -> Case:
        """The group's own spelling, where it differs from the question's in case or hyphens alone."""
        if case.service is None:
            return case
        for group in self.desk.by_service:
            if "-".join(group.casefold().replace("_", "-").split()) == case.service:
                return replace(case, service=group)
        return case

    def with_plan(self, case: Case) -> Case:
        """The case with what its plan and contract settle; two that disagree are an error."""
        contract, plan_id = self.text("contract"), self.text("plan")
        if plan_id is not None:
            rows = [row for row in self.desk.plan.member_plans if row.id == plan_id]
            if not rows:
                raise self.unknown("$.plan", "plan", plan_id, {row.id for row in self.desk.plan.member_plans})
            row = next((row for row in rows if row.period.covers(case.date_of_service)), None)
            if row is None:
                raise CaseError(
                    "$.plan",
                    f"the plan {plan_id!r} holds no row for {case.date_of_service}",
                    "a plan of that day",
                    "correct the plan or the day",
                )
            state = row.states[0] if len(row.states) == 1 else None
            for key, own, other in (
                ("line_of_business", case.line_of_business, row.line_of_business),
                ("contract", contract, row.contract),
                ("state", case.state, state),
            ):
                if own is not None and other is not None and own != other:
                    raise CaseError(
                        f"$.{key}",
                        f"{own!r}, but the plan {plan_id!r} says {other!r}",
                        "one value",
                        "drop one of the two, or correct it",
                    )
            if case.state is not None and row.states and case.state not in row.states:
                raise CaseError(
                    "$.state",
                    f"{case.state!r}, but the plan {plan_id!r} is in {', '.join(row.states)}",
                    "a state of the plan",
                    "correct one of the two",
                )
            contract = contract or row.contract
            case = replace(
                case,
                plan=plan_id,
                line_of_business=case.line_of_business or row.line_of_business,
                state=case.state or state,
                funding=row.funding,
                plan_year=row.plan_year,
                contact=row.contact,
            )
        if contract is not None:
            if contract not in self.desk.contracts:
                near = nearest(contract, self.desk.contracts)
                held = ", ".join(sorted(self.desk.contracts)) or "none"
                raise UnknownContract(
                    "$.contract",
                    f"the contract {contract!r} is not held",
                    f"one of: {held}",
                    f"write {near!r}" if near else "add it to contracts/",
                )
            case = replace(case, contract=contract, contact=case.contact or self.desk.contracts[contract][0].contact)
        return case

    # ------------------------------------------------------------------ plain keys

    def text(self, key: str) -> str | None:
        value = self.given.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and key == "place_of_service":
            raise CaseError(
                f"$.{key}", f"the number {value}", "a text, so that leading zeros survive", f'write "{value:02d}"'
            )
        if not isinstance(value, str) or not value.strip():
            raise CaseError(f"$.{key}", f"{value!r}", "a text", "write it in quotes")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.given.get(key, [])
        if isinstance(value, str):
            raise CaseError(f"$.{key}", f"{value!r}", "a list of texts", f'write ["{value}"]')
        if not isinstance(value, Sequence) or not all(isinstance(each, str) for each in value):
            raise CaseError(f"$.{key}", f"{value!r}", "a list of texts", 'write ["..."]')
        return tuple(value)

    def day(self, key: str, default: date) -> date:
        value = self.given.get(key)
        if value is None:
            return default
        found = parse_day(value) if isinstance(value, str) else None
        if found is None:
            raise CaseError(f"$.{key}", f"{value!r} is no day", "YYYY-MM-DD", "correct the date; nothing is repaired")
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise CaseError(
                f"$.{key}",
                f"the year of {value!r} is out of range",
                f"a year from {FIRST_YEAR} to {LAST_YEAR}",
                "correct the date; nothing is repaired",
            )
        return found

    def code(self) -> tuple[str | None, str | None, bool]:
        raw, systems = self.given.get("code"), self.desk.plan.systems
        if raw is None:
            return None, None, False
        if not isinstance(raw, str):
            raise CaseError("$.code", f"{raw!r}", "a text: a code is never a number", f'write "{raw}"')
        named = self.text("code_system")
        if named is not None:
            system = systems.canonical(named)
            if system is None:
                raise self.unknown("$.code_system", "code system", named, systems.names())
            code = systems.normalise(system, raw)
            return (raw, system, True) if code is None else (code, system, False)
        fitting = [(system, code) for system in systems.names() if (code := systems.normalise(system, raw)) is not None]
        held = [(system, code) for system, code in fitting if self.is_held(system, code)]
        services = [
            (system, code)
            for system, code in fitting
            if system not in DIAGNOSIS_SYSTEMS and system not in FREE_TEXT_SYSTEMS
        ]
        for choices in (held, services):
            if len(choices) == 1:
                return choices[0][1], choices[0][0], False
            if choices:
                names = ", ".join(system for system, _ in choices)
                raise CaseError(
                    "$.code",
                    f"{raw!r} has the shape of several code systems",
                    f"`code_system`, one of: {names}",
                    f'add "code_system": "{choices[0][0]}"',
                )
        return raw, None, True

    def is_held(self, system: str, code: str) -> bool:
        return (system, code) in self.desk.by_code or (system, code) in self.desk.codes_of_provisions

    def policy(self) -> str | None:
        name = self.text("policy")
        if name is not None and name not in self.desk.versions:
            raise self.unknown("$.policy", "policy", name, self.desk.versions)
        return name

    def line(self) -> str | None:
        text = self.text("line_of_business")
        if text is None:
            return None
        line = normalise_line(text, self.desk.plan.lines)
        if line is None:
            raise self.unknown(
                "$.line_of_business", "line of business", text, (*LINES_OF_BUSINESS, *self.desk.plan.lines)
            )
        return line

    def state(self) -> str | None:
        text = self.text("state")
        if text is not None and text.upper() not in STATES:
            raise CaseError("$.state", f"{text!r}", "two letters of a state or territory (USPS)", "write it such as WA")
        return None if text is None else text.upper()

    def sex(self) -> str | None:
        """The plan's word in one spelling: an "F" that criteria spell "female" must not read as another sex."""
        text = self.text("sex")
        return None if text is None else normalise_sex(text)

    def diagnoses(self, day: date) -> tuple[str, ...] | None:
        if "diagnoses" not in self.given:
            return None
        order = DIAGNOSIS_SYSTEMS if day >= date(2015, 10, 1) else tuple(reversed(DIAGNOSIS_SYSTEMS))
        found: dict[str, None] = {}
        for raw in self.texts("diagnoses"):
            code = next(
                (code for system in order if (code := self.desk.plan.systems.normalise(system, raw)) is not None), None
            )
            found[code if code is not None else MALFORMED + raw.strip()] = None
        return tuple(sorted(found))

    def age(self, birth: date | None, day: date) -> Quantity | None:
        raw = self.given.get("age")
        if raw is None:
            return None
        age = _parsed(raw) if isinstance(raw, str) else None
        if age is None or age.unit is None or not convertible(age.unit, "years") or age.number < 0:
            raise CaseError("$.age", f"{raw!r}", "an age with its unit", 'write it such as "44 years"')
        if birth is not None and compare_age(birth, "=", age, day) == NOT_MET:
            raise CaseError("$.age", f"{age}, but born on {birth}", "one age", "drop one of the two, or correct it")
        return age

    def units(self, where: str, raw: object) -> Decimal | None:
        if raw is None:
            return None
        number = _number(raw)
        if number is None or number < 0:
            raise CaseError(where, f"{raw!r}", "a number of units, not negative", "correct it")
        return number

    # ------------------------------------------------------------------ facts

    def declared(self) -> dict[str, FactDeclaration]:
        return self.desk.declared | {ENROLLED: _ENROLMENT}

    def facts(self, key: str) -> dict[str, FactValue]:
        given = self.given.get(key, {})
        if not isinstance(given, Mapping):
            raise CaseError(f"$.{key}", f"{given!r}", "an object of names and values", 'write {"name": value}')
        found: dict[str, FactValue] = {}
        for name, value in given.items():
            if name in BUILT_IN_KEYS:
                raise CaseError(
                    f"$.{key}.{name}",
                    f"the fact {name!r} has a key of its own",
                    f"`{BUILT_IN_KEYS[name]}`",
                    f"give it as `{BUILT_IN_KEYS[name]}`",
                )
            fact = _ENROLMENT if name == ENROLLED else self.desk.declared.get(name)
            if fact is None:
                raise self.unknown(f"$.{key}.{name}", "fact", name, self.declared())
            if value is not None:
                found[name] = read_value(f"$.{key}.{name}", value, fact.type, fact.unit, fact.choices)
        return found

    def history(self) -> tuple[Event, ...]:
        given = self.given.get("history", [])
        if isinstance(given, str | Mapping) or not isinstance(given, Sequence):
            raise CaseError("$.history", f"{given!r}", "a list of events", 'write [{"code": "...", "date": "..."}]')
        if len(given) > MAXIMUM_HISTORY:
            raise CaseError(
                "$.history",
                f"{len(given):,} events",
                f"at most {MAXIMUM_HISTORY:,}",
                "give the groups that the criteria count",
            )
        events = [self.event(f"$.history[{at}]", each) for at, each in enumerate(given)]
        return tuple(
            sorted(
                events,
                key=lambda each: (each.day, each.code or "", each.group or "", str(each.units), repr(each.facts)),
            )
        )

    def event(self, where: str, given: object) -> Event:
        if not isinstance(given, Mapping):
            raise CaseError(
                where, f"{given!r}", "an event with a code or group and a date", 'write {"code": "...", "date": "..."}'
            )
        for key in given:
            if key not in _EVENT_KEYS:
                near = nearest(str(key), _EVENT_KEYS)
                raise CaseError(
                    f"{where}.{key}",
                    f"the key {key!r} is not known",
                    "one of: " + ", ".join(_EVENT_KEYS),
                    f"write {near!r}" if near else "drop it",
                )
        code, group = given.get("code"), given.get("group")
        if (code is None) == (group is None) or not isinstance(code if code is not None else group, str):
            raise CaseError(
                where, "neither a code nor a group, or both", "one of the two, as text", "name the code, or the group"
            )
        raw_day = given.get("date")
        day = parse_day(raw_day) if isinstance(raw_day, str) else None
        if day is None:
            raise CaseError(
                f"{where}.date",
                f"{raw_day!r}" if raw_day is not None else "an event without a date",
                "YYYY-MM-DD",
                "give its day",
            )
        if group is not None:
            known = self.groups()
            name = next(
                (
                    each
                    for each in known
                    if each.casefold().replace("_", "-") == "-".join(group.casefold().replace("_", "-").split())
                ),
                None,
            )
            if name is None:
                raise self.unknown(f"{where}.group", "group", group, known)
            group = name
        text = None if code is None else " ".join(code.upper().split())
        if text is not None:
            text = self.history_code(where, text)
        fields = self.event_facts(where, given.get("facts", {}), self.groups_of(text) if group is None else (group,))
        return Event(day, text, group, self.units(f"{where}.units", given.get("units")), fields)

    def history_code(self, where: str, text: str) -> str:
        """A code of a billing system as it is matched, or a name that a therapy or local group holds.

        Anything else is refused: a misspelt name would count as some other event, and a complete history would then
        prove that the right one never happened.
        """
        systems = self.desk.plan.systems
        held = self.desk.groups_by_text
        for system in systems.systems_of(text):
            code = systems.normalise(system, text)
            if code is not None and (code in held or system not in DIAGNOSIS_SYSTEMS):
                return code
        if text in held:
            return text
        names = [name.casefold() for name in held if not systems.systems_of(name)]
        raise self.unknown(f"{where}.code", "code or name", text.casefold(), names)

    def groups(self) -> tuple[str, ...]:
        return self.desk.group_names

    def groups_of(self, code: str | None) -> tuple[str, ...]:
        return self.desk.groups_by_text.get(code or "", ())

    def event_facts(self, where: str, given: object, groups: Iterable[str]) -> tuple[tuple[str, FactValue], ...]:
        if not isinstance(given, Mapping):
            raise CaseError(f"{where}.facts", f"{given!r}", "an object of fields and values", 'write {"field": value}')
        mine = set(groups)
        fields: Sequence[EventField] = [each for each in self.desk.plan.event_fields if set(each.groups) & mine]
        found = []
        for name, value in given.items():
            field = next((each for each in fields if each.name == name), None)
            if field is None:
                raise self.unknown(f"{where}.facts.{name}", "field of the event", name, {each.name for each in fields})
            if value is not None:
                found.append((name, read_value(f"{where}.facts.{name}", value, field.type, field.unit, field.choices)))
        return tuple(sorted(found))

    def complete_from(self) -> date | None:
        if self.given.get("history_complete_from") == "birth":
            return BIRTH
        return None if "history_complete_from" not in self.given else self.day("history_complete_from", BIRTH)

    def incomplete_for(self) -> tuple[str, ...]:
        names = self.texts("history_incomplete_for")
        if not names:
            return ()
        known = (*self.groups(), *self.declared())
        for name in names:
            if name not in known:
                raise self.unknown("$.history_incomplete_for", "group", name, known)
        return tuple(sorted(set(names)))

    def records(self) -> tuple[str, ...]:
        names = self.texts("records_complete")
        if not names:
            return ()
        prefixes = {
            ".".join(name.split(".")[: at + 1]) for name in self.declared() for at in range(name.count(".") + 1)
        }
        for name in names:
            # a complete record that no fact of this library stands below is harmless; a misspelt one is not
            if not name or (name not in prefixes and nearest(name, prefixes)):
                raise self.unknown("$.records_complete", "record", name, prefixes)
        return tuple(sorted(set(names)))

    # ------------------------------------------------------------------ answers

    def answers(self, case: Case, known_on: date) -> tuple[tuple[str, bool], ...]:
        given = self.given.get("answers", {})
        if not isinstance(given, Mapping):
            raise CaseError(
                "$.answers",
                f"{given!r}",
                "an object of criteria and true or false",
                'write {"words of the sentence": true}',
            )
        if not given:
            return ()
        questions, taught = sentences_that_speak(self.desk, case, known_on)
        found: dict[str, bool] = {}
        for words, raw in given.items():
            where = f"$.answers[{words!r}]"
            answer = (
                raw
                if isinstance(raw, bool)
                else {"yes": True, "no": False}.get(raw.casefold())
                if isinstance(raw, str)
                else None
            )
            if answer is None:
                raise CaseError(where, f"{raw!r}", "true or false", "answer true or false")
            identity = _matching(where, words, questions, taught)
            if found.get(identity, answer) is not answer:
                raise CaseError(where, "another answer to the same sentence", "one answer a sentence", "drop one")
            found[identity] = answer
        return tuple(sorted(found.items()))

    def unknown(self, where: str, what: str, name: str, known: Iterable[str]) -> CaseError:
        names = sorted(set(known))
        near = nearest(name, names)
        listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        return CaseError(
            where,
            f"the {what} {name!r} is not known",
            f"one of: {listed}" if names else f"a declared {what}",
            f"write {near!r}" if near else f"use a declared {what}",
        )


def sentences_that_speak(desk: Desk, case: Case, known_on: date) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Of the rules that speak that day: questions by id, and taught sentences by id with the fact each reads."""
    questions: dict[str, str] = {}
    taught: dict[str, tuple[str, str]] = {}
    for policy in policies_naming(desk, case):
        version = standing(desk.versions[policy], case.date_of_service, known_on).version
        dispatch = (
            None
            if version is None or version.is_archived or version.first_day > case.date_of_service
            else version.dispatch(case)
        )
        for rule in dispatch.rules if dispatch is not None else ():
            if rule.row.dates is not None and not rule.row.dates.covers(case.date_of_service):
                continue
            for literal in rule.row.literals:
                if literal.kind is LiteralKind.QUESTION:
                    questions[literal.item] = literal.text
            for node in _leaf_nodes(rule.row.criteria_node, rule.row.unless_node):
                held = [rule.row.literals[at] for at in node.literals]
                if held and all(literal.kind is not LiteralKind.QUESTION for literal in held):
                    taught[node.id] = (node.text, ", ".join(dict.fromkeys(literal.item for literal in held)))
    return questions, taught


def _leaf_nodes(*nodes: Node | None) -> Iterable[Node]:
    for node in nodes:
        if node is not None and not node.structure:
            yield node
        elif node is not None:
            yield from _leaf_nodes(*node.parts)


def _matching(where: str, words: str, questions: Mapping[str, str], taught: Mapping[str, tuple[str, str]]) -> str:
    """The one question whose id these are, or whose sentence holds these words."""
    if words in questions:
        return words
    if words in taught:
        raise CaseError(
            where,
            "this sentence is read from a fact",
            "an answer to a question without an expression",
            f"document the fact: {taught[words][1]}",
        )
    key = sentence_key(words)
    holding = [identity for identity, sentence in questions.items() if key and key in sentence_key(sentence)]
    if len(holding) == 1:
        return holding[0]
    if not holding:
        read = [
            (identity, fact) for identity, (sentence, fact) in taught.items() if key and key in sentence_key(sentence)
        ]
        if read:
            raise CaseError(
                where,
                "this sentence is read from a fact",
                "an answer to a question without an expression",
                f"document the fact: {read[0][1]}",
            )
        raise CaseError(
            where,
            "no question of a rule that speaks that day holds these words",
            "one of: " + "; ".join(f"{identity} ({sentence})" for identity, sentence in questions.items())
            if questions
            else "a question of the policy",
            "copy the words or the id",
        )
    raise CaseError(
        where,
        "several sentences hold these words",
        "one of the ids " + ", ".join(holding),
        "give the id, or more words",
    )


# ---------------------------------------------------------------------------- answers


def encode_answer(answer: Determination) -> bytes:
    """The one JSON of an answer, for the command line, the web and any file: keys in a fixed order, no floats."""
    return msgspec.json.encode(answer_as_dict(answer))


def answer_as_dict(answer: Determination) -> dict[str, Any]:
    """The answer as plain JSON values, in the order in which a reader wants them."""
    would = answer.would_change
    return {
        "outcome": answer.outcome.value,
        "position": _position(answer.position),
        "reason_kind": answer.reason_kind.value,
        "reason_key": answer.reason_key,
        "reason": answer.reason,
        "reading": list(answer.reading),
        "date_of_service": str(answer.date_of_service),
        "known_on": str(answer.known_on),
        "policy": answer.policy,
        "version": _day(answer.version),
        "content_hash": answer.content_hash,
        "sentences": _sentences(answer.sentences),
        "criteria": _tree(answer.criteria),
        "missing": [[_asked(each, with_values=False) for each in held] for held in answer.missing],
        "would_change": None
        if would is None
        else {
            "can_change": would.can_change,
            "why_not": would.why_not,
            "complete": would.complete,
            "sets": [[_asked(each, with_values=True) for each in held] for held in would.sets],
        },
        "branches": [
            {
                each.dimension: each.value,
                "outcome": each.outcome.value,
                "position": _position(each.position),
                "reason_key": each.reason_key,
            }
            for each in answer.branches
        ],
        "assumed": list(answer.assumed),
        "sources": [
            {
                "kind": each.kind.value,
                "id": each.id,
                "rank": each.rank,
                "outcome": each.outcome.value,
                "position": _position(each.position),
                "version": _day(each.version),
                "published": _day(each.published),
                "content_hash": each.content_hash,
                "reason_key": each.reason_key,
                "ruled": each.ruled,
                "sentences": _sentences(each.sentences),
                "rationale": [
                    {"rule": row.rule, "met_bits": str(row.met_bits), "unknown_bits": str(row.unknown_bits)}
                    for row in each.rationale
                ],
            }
            for each in answer.sources
        ],
        "authorization": {
            "required": answer.authorization.required,
            "sentences": _sentences(answer.authorization.sentences),
        },
        "adjustment": None
        if answer.adjustment is None
        else {
            "group": answer.adjustment.group,
            "carc": answer.adjustment.carc,
            "rarc": list(answer.adjustment.rarc),
        },
        "appeal": answer.appeal,
        "contact": answer.contact,
        "determination_id": answer.determination_id,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)


def _position(position: Position | None) -> dict[str, str] | None:
    return None if position is None else {"canonical": position.canonical.value, "label": position.label}


def _sentences(held: Iterable[CitedSentence]) -> list[dict[str, Any]]:
    return [{"file": each.file, "line": each.line, "text": each.text} for each in held]


def _tree(trees: Sequence[JudgedCriterion]) -> dict[str, Any] | None:
    """The tree of the rule that was judged; several rules stand under one root."""
    if not trees:
        return None
    if len(trees) == 1:
        return _judged(trees[0])
    deciding = [each for each in trees if each.structure != AUTHORIZES] or trees
    best = max((each.truth for each in deciding), key=[Truth.NOT_MET, Truth.UNKNOWN, Truth.MET].index)
    return {
        "id": "rules",
        "text": "the rules that speak of this service",
        "truth": best.value,
        "structure": "rules",
        "facts": [],
        "parts": [_judged(each) for each in trees],
    }


def _judged(node: JudgedCriterion) -> dict[str, Any]:
    return {
        "id": node.id,
        "text": node.text,
        "truth": node.truth.value,
        "structure": node.structure,
        "applies": node.applies,
        "file": node.file,
        "line": node.line,
        "facts": [{"name": each.name, "value": each.value, "source": each.source} for each in node.facts],
        "parts": [_judged(part) for part in node.parts],
    }


def _asked(each: Asked, *, with_values: bool) -> dict[str, Any]:
    named = {"fact": each.fact} if each.fact is not None else {"criterion": each.criterion}
    values = {"now": each.now, "needed": each.needed} if with_values else {}
    return {**named, **values, "question": each.question}


# ---------------------------------------------------------------------------- values


_parsed = lru_cache(maxsize=65_536)(parse_quantity)
_plain_number = lru_cache(maxsize=65_536)(Quantity)
"""The same few quantities are given in case after case."""


def _number(raw: object) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int | Decimal):
        number = Decimal(raw)
        return number if number.is_finite() and abs(number.adjusted()) <= 18 else None
    if isinstance(raw, str) and re.fullmatch(r"-?\d{1,18}(\.\d{1,12})?", raw.strip(), re.ASCII):
        return Decimal(raw.strip())
    return None


def read_value(where: str, raw: object, kind: FactType, unit: str | None, choices: Sequence[str]) -> FactValue:
    """The value of a fact or field by its declared type; nothing is guessed. Raises ``CaseError``."""
    match kind:
        case FactType.YES_NO:
            answer = (
                raw
                if isinstance(raw, bool)
                else {"yes": True, "no": False, "true": True, "false": False}.get(raw.strip().casefold())
                if isinstance(raw, str)
                else None
            )
            if answer is not None:
                return answer
            raise CaseError(where, f"{raw!r}", "yes or no", "write true or false")
        case FactType.CHOICE:
            if isinstance(raw, str) and raw.strip() in choices:
                return raw.strip()
            near = nearest(str(raw), choices)
            raise CaseError(
                where,
                f"{raw!r} is no choice",
                "one of: " + ", ".join(choices),
                f"write {near!r}" if near else "choose one",
            )
        case FactType.TEXT:
            if isinstance(raw, str) and raw.strip():
                return raw.strip()
            raise CaseError(where, f"{raw!r}", "a text", "write it in quotes")
        case FactType.CODES:
            if isinstance(raw, str):  # an option or a cell of a table, which hold no lists
                raw = [each for each in re.split(r"\s*[,+]\s*", raw.strip()) if each]
            if isinstance(raw, Sequence) and all(isinstance(each, str) for each in raw):
                return tuple(sorted({str(each).strip().upper() for each in raw}))
            raise CaseError(
                where, f"{raw!r}", "a list of codes", 'write ["A", "B"], or "A+B" where there is room for text alone'
            )
        case FactType.DATE:
            day = parse_day(raw) if isinstance(raw, str) else None
            if day is not None:
                return day
            raise CaseError(where, f"{raw!r} is no day", "YYYY-MM-DD", "correct the date")
        case FactType.AGE:
            day = parse_day(raw) if isinstance(raw, str) else None
            if day is not None:
                return day
            return _quantity(where, raw, "years")
        case FactType.COUNT:
            number = _number(raw)
            if number is not None and number >= 0 and number == number.to_integral_value():
                return _plain_number(number)
            raise CaseError(where, f"{raw!r}", "a whole number, not negative", "correct it")
        case FactType.RATIO:
            number = _number(raw)
            return Quantity(number * 100, "%") if number is not None else _quantity(where, raw, "%")
        case FactType.QUANTITY:
            return _quantity(where, raw, unit or "")
        case FactType.OBSERVATIONS:
            return _observations(where, raw, unit or "")


def _quantity(where: str, raw: object, unit: str) -> Quantity:
    quantity = _parsed(raw) if isinstance(raw, str) else None
    if quantity is not None and quantity.unit is None:
        raise CaseError(
            where,
            f"{raw!r} has no unit",
            f"a quantity such as {quantity.number} {unit}",
            f'write "{quantity.number} {unit}"',
        )
    if quantity is None or not convertible(quantity.unit, canonical_unit(unit)):
        raise CaseError(
            where, f"{raw!r}", f"a quantity in a unit that converts to {unit}", f'write it such as "6 {unit}"'
        )
    if quantity.number < 0 and convertible(quantity.unit, "days"):
        raise CaseError(where, f"{raw!r}", "a time that is not negative", "correct it")
    return quantity


def _observations(where: str, raw: object, unit: str) -> tuple[Observation, ...]:
    if isinstance(raw, str | Mapping) or not isinstance(raw, Sequence):
        raise CaseError(
            where, f"{raw!r}", "a list of dated observations", f'write [{{"date": "2024-01-31", "value": "1 {unit}"}}]'
        )
    found = []
    for at, each in enumerate(raw):
        place = f"{where}[{at}]"
        if not isinstance(each, Mapping) or set(each) != {"date", "value"}:
            raise CaseError(
                place,
                f"{each!r}",
                "an object with `date` and `value`",
                f'write {{"date": "2024-01-31", "value": "1 {unit}"}}',
            )
        day = parse_day(each["date"]) if isinstance(each["date"], str) else None
        if day is None:
            raise CaseError(f"{place}.date", f"{each['date']!r} is no day", "YYYY-MM-DD", "correct the date")
        found.append(Observation(day, _quantity(f"{place}.value", each["value"], unit)))
    return tuple(sorted(found, key=lambda each: (each.day, str(each.value))))
