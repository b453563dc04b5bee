"""The questions that an answer still hangs on, as fields of a form; and a filled form as a case.

A field of a form is ``f.<fact>`` or ``q.<criterion>``: ``=`` and a value is an answer, ``?`` is "not documented", and
nothing is a question that nobody answered. What is typed beside a choice stands in ``v.<fact>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medpol.decide.cases import BUILT_IN_KEYS
from medpol.decide.one import Desk
from medpol.decide.worked import read_event
from medpol.model.facts import FactDeclaration, FactType
from medpol.model.lines import LINES_OF_BUSINESS

NOT_DOCUMENTED = "?"
HISTORY = "f.history"
DIAGNOSIS = "f.diagnosis"
_NUMBER = re.compile(r"\d{1,18}(?:\.\d{1,12})?", re.ASCII)
_BETWEEN = re.compile(r"[\s,;+]+")
_KEYS = {
    **BUILT_IN_KEYS,
    **{key: key for key in ("line_of_business", "state", "plan")},
    "funding": "plan",
}
"""The key of a case that a fact has to itself, by the name an answer asks for it by."""
_LISTS = ("diagnoses", "modifiers")


class BadField(ValueError):
    """A field of the form that cannot be read as it stands. ``name`` is the field's."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(expected)
        self.name, self.expected = name, expected


@dataclass(frozen=True, slots=True)
class Question:
    """One field. ``choices`` are values and words; ``typed`` says what is to be typed where there is something to type.

    ``whole``: its answer may be that nothing of it ever was, and that the record of it is whole.
    """

    name: str
    words: str
    choices: tuple[tuple[str, str], ...] = ()
    typed: str = ""
    hint: str = ""
    lines: bool = False
    whole: bool = False

    @property
    def typed_name(self) -> str:
        return "v." + self.name[2:]


_YES_NO = (("=yes", "Yes"), ("=no", "No"))


def questions(desk: Desk, answer: Mapping[str, Any], given: Mapping[str, str]) -> tuple[Question, ...]:
    """What the answer still needs and was not asked yet, the one that settles soonest first."""
    asked = [(each.get("fact"), each.get("criterion"), each["question"]) for each in _wanted(answer)]
    if not asked and answer["outcome"] == "information_needed":
        asked = list(_unknown(answer["criteria"]))
    found: dict[str, Question] = {}
    for fact, criterion, words in asked:
        question = _question(desk, fact, criterion, words)
        if not given.get(question.name):
            found.setdefault(question.name, question)
    return tuple(found.values())


def _wanted(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The items of the smallest sets: first what stands in the shortest set, then what stands in most."""
    sets = answer["missing"]
    items = {(each.get("fact"), each.get("criterion")): each for held in sets for each in held}

    def rank(key: tuple[str | None, str | None]) -> tuple[int, int]:
        holding = [held for held in sets if any((each.get("fact"), each.get("criterion")) == key for each in held)]
        return min(map(len, holding)), -len(holding)

    return [items[key] for key in sorted(items, key=rank)]


def _unknown(node: Mapping[str, Any] | None) -> Iterator[tuple[str | None, str | None, str]]:
    """The facts of the leaves that are not known, where no small set of them settles the answer."""
    if node is None or node["truth"] != "unknown" or not node.get("applies", True):
        return
    for part in node["parts"]:
        yield from _unknown(part)
    if not node["parts"]:
        for fact in node["facts"]:
            yield fact["name"], None, node["text"]
        if not node["facts"]:
            yield None, node["id"], node["text"]


def _question(desk: Desk, fact: str | None, criterion: str | None, words: str) -> Question:
    if fact is None:
        return Question(f"q.{criterion}", words, _YES_NO)
    name = f"f.{fact}"
    match _KEYS.get(fact):
        case "line_of_business":
            lines = dict.fromkeys((*LINES_OF_BUSINESS, *desk.plan.lines))
            return Question(name, words, tuple((f"={line}", _spaced(line)) for line in lines))
        case "plan":
            plans = dict.fromkeys(row.id for row in desk.plan.member_plans)
            return Question(name, words, tuple((f"={plan}", plan) for plan in plans))
        case "diagnoses":
            return Question(name, words, typed="ICD-10-CM codes, with commas")
        case "state":
            return Question(name, words, typed="Two letters, such as WA")
        case "sex":
            return Question(name, words, (("=female", "Female"), ("=male", "Male")))
    declared = desk.declared.get(fact)
    if declared is None:
        hint = (
            "One a line: CODE:DATE, then :UNITS if they count, then FIELD=VALUE for what is documented of it, such as "
            "20552:2024-01-31:1"
        )
        return Question(HISTORY, words, typed="Earlier services or therapies", hint=hint, lines=True, whole=True)
    return _declared(declared, words)


def _declared(fact: FactDeclaration, words: str) -> Question:
    name, words = f"f.{fact.name}", fact.question or words
    match fact.type:
        case FactType.YES_NO:
            return Question(name, words, _YES_NO)
        case FactType.CHOICE:
            return Question(name, words, tuple((f"={each}", _spaced(each)) for each in fact.choices))
        case FactType.OBSERVATIONS:
            hint = f"One a line: the day and the value, such as 2024-01-31 1 {fact.unit}"
            return Question(name, words, typed="Dated values", hint=hint, lines=True)
        case FactType.DATE:
            return Question(name, words, typed="A day, YYYY-MM-DD")
        case FactType.CODES:
            return Question(name, words, typed="Codes, with commas")
        case FactType.COUNT:
            return Question(name, words, typed="A whole number")
        case FactType.TEXT:
            return Question(name, words, typed="In words")
    unit = _unit(fact)
    return Question(name, words, typed=f"In {unit}, or with another unit" if unit else "With its unit")


def _unit(fact: FactDeclaration) -> str:
    match fact.type:
        case FactType.AGE:
            return "years"
        case FactType.RATIO:
            return "%"
    return fact.unit or ""


def _spaced(name: str) -> str:
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def question_of(desk: Desk, name: str) -> Question | None:
    """The question of a field that was sent, where the library knows its fact."""
    fact = name.removeprefix("f.")
    if not name.startswith("f.") or (fact not in _KEYS and fact not in desk.declared and name != HISTORY):
        return None
    declared = desk.declared.get(fact)
    return _question(desk, fact, None, declared.question if declared is not None else _spaced(fact))


# ---------------------------------------------------------------------------- a filled form


def answers_in(form: Mapping[str, str]) -> dict[str, str]:
    """The fields of a form that answer questions, for the next step to carry along.

    What was typed is documented, unless another choice was made.
    """
    given = {name: value for name, value in form.items() if name[:2] in ("f.", "q.", "v.", "w.") and value.strip()}
    typed = {f"f.{name[2:]}": "=" for name in given if name.startswith("v.")}
    return typed | given


def has_fact(form: Mapping[str, str]) -> bool:
    return any(name[:2] in ("f.", "q.") and value.startswith("=") for name, value in form.items())


def case_of(desk: Desk, asked: Mapping[str, str], form: Mapping[str, str]) -> dict[str, Any]:
    """The case of a filled form. ``asked`` holds what a look-up may hold; what is not documented is left out.

    Raises:
        BadField: A field says that something is documented, and not what.
    """
    case: dict[str, Any] = dict(asked)
    facts: dict[str, Any] = {}
    for name, answer in form.items():
        if not answer.startswith("=") or name[:2] not in ("f.", "q."):
            continue
        if name.startswith("q."):
            case.setdefault("answers", {})[name[2:]] = answer == "=yes"
        elif name == HISTORY:
            case |= _history(form, answer)
        else:
            fact = name[2:]
            value = answer[1:] or form.get(f"v.{fact}", "").strip()
            if not value:
                raise BadField(name, "the value that is documented, or “not documented”")
            key, declared = _KEYS.get(fact), desk.declared.get(fact)
            if key is not None:
                case[key] = _built_in(key, value)
            else:
                facts[fact] = value if declared is None else _value(name, declared, value)
    return {**case, "facts": facts} if facts else case


def _built_in(key: str, value: str) -> Any:
    if key in _LISTS:
        return _codes(value)
    return f"{value} years" if key == "age" and _NUMBER.fullmatch(value) else value


def _value(name: str, fact: FactDeclaration, value: str) -> Any:
    match fact.type:
        case FactType.CODES:
            return _codes(value)
        case FactType.OBSERVATIONS:
            parts = [line.split(None, 1) for line in _lines(value)]
            if any(len(part) != 2 for part in parts):
                raise BadField(name, f"on each line a day and a value, such as 2024-01-31 1 {fact.unit}")
            return [{"date": day.rstrip(":"), "value": text} for day, text in parts]
    unit = _unit(fact)
    return f"{value} {unit}" if unit and _NUMBER.fullmatch(value) else value


def _history(form: Mapping[str, str], answer: str) -> dict[str, Any]:
    if answer == "=none":
        return {"history": [], "history_complete_from": "birth"}
    events = []
    for line in _lines(form.get("v.history", "")):
        event = read_event(line)
        if event is None:
            raise BadField(HISTORY, "on each line CODE:DATE, such as 20552:2024-01-31")
        events.append(event)
    if not events:
        raise BadField(HISTORY, "the earlier services, “none”, or “not documented”")
    whole = form.get("w.history", "").strip()
    return {"history": events} | ({"history_complete_from": whole} if whole else {})


def _codes(text: str) -> list[str]:
    return [each for each in _BETWEEN.split(text) if each]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def field_of(where: str, names: Iterable[str]) -> str:
    """The field that a place in a case came from, of the names that were sent; empty where it is none of them."""
    key, _, rest = where.removeprefix("$.").partition(".")
    key = key.split("[")[0]
    for name in names:
        fact = name[2:]
        if name.startswith("f.") and (_KEYS.get(fact) == key or (key == "facts" and rest.split("[")[0] == fact)):
            return name
    return HISTORY if key.startswith("history") else ""
