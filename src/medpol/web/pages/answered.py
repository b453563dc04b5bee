"""An answer's JSON made ready to be read: chips, sentences, groups and addresses; nothing is decided here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from medpol.decide.holdings import POSITIONS
from medpol.model.codes import shown
from medpol.model.positions import CoveragePosition
from medpol.web.asof import AsOf, day_words
from medpol.web.chips import Chip, position_chip
from medpol.web.pages.policy import evidence_address, policy_address
from medpol.web.pages.sections import sections_of
from medpol.web.site import Served

_OUTCOMES = {
    "covered": Chip("necessary", "✓", "Covered"),
    "not_covered": Chip("not-necessary", "✕", "Not covered"),
    "information_needed": Chip("needed", "?", "Information needed"),
    "not_addressed": Chip("none", "○", "Not addressed"),
    "refer": Chip("refer", "⇢", "For a person to decide"),
}
_PLAIN = {
    "covered": "By the policy this is covered",
    "not_covered": "By the policy this is not covered",
    "information_needed": "It cannot be said yet whether this is covered",
    "not_addressed": "No policy in force speaks to this",
    "refer": "A person has to decide this",
}
_TRUTHS = {"met": ("✓", "met"), "not_met": ("✕", "not met"), "unknown": ("?", "not documented")}
_AUTHORIZATION = {
    True: "Authorisation is required before care.",
    False: "Authorisation is not required.",
}
_ASKED = {
    "age": "Age",
    "birth_date": "Day of birth",
    "sex": "Sex",
    "state": "State",
    "plan": "Plan",
    "units": "Units",
    "modifiers": "Modifiers",
    "place_of_service": "Place of service",
    "provider_specialty": "Specialty of the provider",
    "history_complete_from": "History whole from",
}


@dataclass(frozen=True, slots=True)
class BranchSaid:
    """The values of a line of business (state, plan) that get one answer; each with where to look it up, if anywhere."""

    chip: Chip
    more: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AnswerSaid:
    """What a page says of an answer beside the answer itself."""

    chip: Chip
    position: Chip | None
    plain: str
    asked: str
    authorization: str
    contract: str
    may_differ: bool
    next_step: str
    branches: tuple[BranchSaid, ...]
    changes: tuple[tuple[str, ...], ...]
    no_change: str
    adjustment: str
    facts: tuple[tuple[str, str], ...]
    places: Mapping[str, str]
    truths: Mapping[str, tuple[str, str]]
    version_address: str
    grounds: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str], ...]


def say(served: Served, answer: Mapping[str, Any], case: Mapping[str, Any], look_up: Mapping[str, str]) -> AnswerSaid:
    """The words of an answer to a case; ``look_up`` holds the fields of the address by which it can be asked again."""
    as_of = AsOf(date.min, date.fromisoformat(answer["date_of_service"]), date.fromisoformat(answer["known_on"]))
    outcome = answer["outcome"]
    changes, no_change = _changes(answer["would_change"])
    policy = answer["policy"]
    version_address = "" if policy is None or served.number(policy) is None else as_of.pinned(policy_address(policy))
    return AnswerSaid(
        _OUTCOMES[outcome],
        _position(answer["position"]),
        f"{_PLAIN[outcome]}: {answer['reason']}.",
        asked_words(answer, case),
        _authorization(answer["authorization"]),
        _contract(case, answer["sources"]),
        case.get("contract") is None,
        _next_step(answer),
        _branches(answer["branches"], as_of, look_up),
        changes,
        no_change,
        _adjustment(answer["adjustment"]),
        tuple(_facts(case, _names(served, answer))),
        _places(served, answer, as_of),
        _TRUTHS,
        version_address,
        tuple(_grounds(served, answer, version_address)),
        tuple(_evidence(served, answer, as_of)),
    )


def spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def fact_words(fact: Mapping[str, Any]) -> str:
    """The value of a fact behind a criterion; diagnoses as they are written on paper."""
    value = str(fact["value"])
    return ", ".join(shown("ICD-10-CM", each) for each in value.split(", ")) if fact["name"] == "diagnosis" else value


def asked_words(answer: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    """The service, the day and the line in one line."""
    service = case.get("code") or spaced(case.get("service") or "no service named")
    line = case.get("line_of_business")
    day = day_words(date.fromisoformat(answer["date_of_service"]))
    return f"{service} · care on {day} · {spaced(line) if line else 'line of business not given'}"


def _position(position: Mapping[str, str] | None) -> Chip | None:
    if position is None:
        return None
    return position_chip(CoveragePosition(position["canonical"]), position["label"])


def _authorization(held: Mapping[str, Any]) -> str:
    if held["required"] is None and held["sentences"]:
        return "Whether authorisation is needed hangs on what is not documented."
    return _AUTHORIZATION.get(held["required"], "The policy does not state whether authorisation is needed.")


def _contract(case: Mapping[str, Any], sources: Iterable[Mapping[str, Any]]) -> str:
    contract = case.get("contract")
    if contract is None:
        return "None given, so this is answered from the policy. Your contract may differ."
    ruled = any(each["id"] == contract and each["ruled"] for each in sources)
    return f"{contract}: it decides this." if ruled else f"{contract}: it does not decide this."


def _next_step(answer: Mapping[str, Any]) -> str:
    match answer["outcome"]:
        case "information_needed" if answer["branches"]:
            return f"Choose the one that is the member’s, and ask again: {answer['missing'][0][0]['question']}"
        case "information_needed":
            return "Document what is listed under “What is missing”, then ask again. The list can be printed and sent."
        case "refer":
            return "Send this page with the record to the plan, where a qualified person decides."
        case "not_covered":
            return "This is advice. Ask the plan for its own decision before you act on it."
        case "not_addressed":
            return "Ask the plan: this is not a statement of coverage."
    return ""


def _branches(branches: Iterable[Mapping[str, Any]], as_of: AsOf, look_up: Mapping[str, str]) -> tuple[BranchSaid, ...]:
    held: dict[tuple[Chip, str], list[tuple[str, str]]] = {}
    for each in branches:
        dimension = next(iter(each))
        position = each["position"]
        more = spaced(each["reason_key"]) if position is None else POSITIONS[CoveragePosition(position["canonical"])][1]
        address = (
            as_of.pinned("/coverage", **{**look_up, dimension: each[dimension]})
            if look_up and dimension == "line_of_business"
            else ""
        )
        held.setdefault((_OUTCOMES[each["outcome"]], more), []).append((spaced(each[dimension]), address))
    return tuple(BranchSaid(chip, more, tuple(values)) for (chip, more), values in held.items())


def _changes(would: Mapping[str, Any] | None) -> tuple[tuple[tuple[str, ...], ...], str]:
    """Each smallest set as its items, and what to say where there is none."""
    if would is None:
        return (), ""
    if not would["can_change"]:
        return (), f"Nothing can: {would['why_not']}."
    sets = tuple(tuple(map(_change, held)) for held in would["sets"])
    if sets:
        return sets, "" if would["complete"] else "There may be others."
    return (), "No set of up to four facts was found" + ("." if would["complete"] else "; there may be others.")


def _change(each: Mapping[str, Any]) -> str:
    return f"{each['question']} {each['needed']}; now {each['now'] or 'not documented'}"


def _adjustment(held: Mapping[str, Any] | None) -> str:
    if held is None:
        return ""
    parts = (held["carc"] or "no CARC", *held["rarc"], f"group: {held['group'] or 'from the contract'}")
    return " · ".join(parts)


def _names(served: Served, answer: Mapping[str, Any]) -> dict[str, str]:
    """The question of each fact, and the sentence of each criterion that was answered."""
    names = {name: fact.question for name, fact in served.desk.declared.items() if fact.question}
    stack = [answer["criteria"]] if answer["criteria"] else []
    while stack:
        node = stack.pop()
        names[node["id"]] = node["text"]
        stack += node["parts"]
    return names


def _facts(case: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """What the case states about the person, for whoever reads the page in a chart."""
    if case.get("diagnoses") is not None:
        yield "Diagnoses", ", ".join(case["diagnoses"]) or "none"
    for key, label in _ASKED.items():
        if case.get(key) is not None:
            value = case[key]
            yield label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    for key, label in (("facts", ""), ("assumed", " (assumed)"), ("answers", "")):
        for name, value in (case.get(key) or {}).items():
            yield names.get(name, name) + label, _value(value)
    for event in case.get("history") or ():
        name = event.get("code") or event.get("group")
        more = "".join(f", {field} {_value(value)}" for field, value in (event.get("facts") or {}).items())
        units = f", {event['units']} units" if event.get("units") is not None else ""
        yield "Earlier", f"{name} on {event['date']}{units}{more}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(
            f"{each['value']} on {each['date']}" if isinstance(each, Mapping) else str(each) for each in value
        )
    return str(value)


def _places(served: Served, answer: Mapping[str, Any], as_of: AsOf) -> dict[str, str]:
    """The page of each document that is cited, at both dates; the line is added as the fragment."""
    policies = served.policy_of
    return {file: as_of.pinned(policy_address(policies[file])) for file in sorted(_files(answer)) if file in policies}


def _grounds(served: Served, answer: Mapping[str, Any], address: str) -> Iterable[tuple[str, str]]:
    """The sections of the text in which the policy weighs evidence and what others recommend: heading and address."""
    for version in served.opened.of(answer["policy"] or ""):
        if version.content_hash == answer["content_hash"]:
            for section in sections_of(version, is_withheld=True):
                if section.kind in ("evidence", "guidelines"):
                    yield section.heading, f"{address}#{section.anchor}"
            return


def _evidence(served: Served, answer: Mapping[str, Any], as_of: AsOf) -> Iterable[tuple[str, str]]:
    """The evidence of each population that is concluded on: its name, and its address as known when the version was approved."""
    policy = answer["policy"] or ""
    whole = served.library.evidence_of(policy)
    version = next((each for each in served.opened.of(policy) if each.content_hash == answer["content_hash"]), None)
    if whole is None or version is None:
        return
    approved = None if version.approved is None else version.approved.day
    known = whole.known_on(min(approved or as_of.known_on, as_of.known_on))
    address = evidence_address(policy, as_of, approved)
    for each in () if known.asked is None else known.asked.populations:
        if known.profile(each.id) is not None:
            yield each.named or each.says or each.id, f"{address}#population-{quote(quote(each.id, safe=''), safe='')}"


def _files(value: Any) -> set[str]:
    """Every document that is named anywhere in an answer."""
    if isinstance(value, Mapping):
        held = {value["file"]} if isinstance(value.get("file"), str) else set()
        return held.union(*map(_files, value.values()))
    return set().union(*map(_files, value)) if isinstance(value, list) else set()
