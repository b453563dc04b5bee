"""Which cases a sentence speaks of beside its list: "for gout", "in adults", a heading "Children". They become criteria.

A sentence that is against a service and names what the policy is about ("Drums for Gout") speaks of all that the policy
does; every other narrowing is a question of the draft, so that no statement is wider than its words.
"""

from __future__ import annotations

import re
from dataclasses import replace

from medpol.ingest.bullets import short
from medpol.ingest.naming import beyond, kind_in, stems
from medpol.ingest.published import Ruling
from medpol.ingest.stating import Stand, position_in
from medpol.ingest.wording import CONDITION, FITS, PREFIX, also_when, without_verb
from medpol.model.positions import FAVOURABLE, Outcome

_FRONT = re.compile(
    r"(?P<words>(?:for|in|among|with|without|after|before|during|following|prior to|within|under|as|at|on|once|until|where|beyond|effective|beginning|starting)\b(?:[^,]|,(?= \d{4}\b))+),\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_FRONT_OF_ALL = re.compile(
    r"(?:in (?:general|all|any|every|summary|conclusion|addition|this policy)|at (?:this|the present) time|as (?:such|noted)|for (?:all|any|every|these|this|that)|on (?:review|balance)|under (?:this|the) (?:policy|plan))\b",
    re.IGNORECASE,
)
_CASES = (
    r"(?:members?|patients?|individuals?|persons?|people|indications?|uses?|purposes?|cases?|conditions?|circumstances?|situations?|settings?|diagnos[ei]s|ages|"
    r"applications?)"
)
_BEHIND = re.compile(
    r"(?P<also>\s*,?\s*(?:and|or|/)\s+(?:considered\s+)?[\w/-]+(?:\s+(?!for\b|in\b|as\b|with\b|after\b)[\w/-]+){0,3})?\s*,?\s*"
    r"(?P<words>(?:for|to (?:treat|diagnose|manage|prevent|evaluate|screen|detect|monitor|assess|relieve)|in|as|with|without|after|before|following|during|among|when|within|beyond|outside|"
    r"at|on|under|through|via|by|per|while|where|using|until|prior to|from|among)\b.*)",
    re.IGNORECASE | re.DOTALL,
)
_OF_ALL = re.compile(
    rf"(?:for|in|under|with) (?:the )?(?:(?:treatment|use|management) (?:of|in) )?(?:all|any|every) (?:of the )?(?!other)(?:\w+ )?{_CASES}\b(?:\s*,?\s*including\b.*)?\W*",
    re.IGNORECASE | re.DOTALL,
)
# Why something is not covered, or where that is said: no case of its own.
_REASON = re.compile(
    r"(?:as (?:there|it|they|the (?:evidence|safety|effectiveness|available)|its|their|a result|not|defined|described|noted|outlined|above)|"
    r"in (?:the absence of (?:sufficient |adequate )?(?:evidence|data|studies)|accordance|general|this (?:policy|plan)|that|view|light)|with (?:insufficient|respect)|"
    r"by (?:the plan|us|this policy)|on the basis|at (?:this|the present) time|due to|under the (?:\w+ )?(?:benefit|contract)|from coverage|"
    r"for (?:the )?(?:following |these )?reasons?|for (?:lack|want)|under (?:this|the) (?:policy|plan))\b",
    re.IGNORECASE,
)
_PLAINLY = re.compile(
    r"(?:\s*(?:services?|benefits?|items?|procedures?))?(?:\s*\[[\d, ^–-]+\])*[\s.;:,*†‡]*|\s*(?:under (?:this|the) (?:\w+ )?(?:policy|plan|benefit)|at this time)\W*",
    re.IGNORECASE,
)
_BY_HALVES = re.compile(
    r"\b(?:generally|usually|typically|often|normally|ordinarily|mostly|sometimes|routinely)\s+(?:considered\s+|deemed\s+)?$",
    re.IGNORECASE,
)
_MAYBE = re.compile(r"\b(?:may|can|could|might) (?:also )?be\s+$", re.IGNORECASE)
# Words of a narrowing by which nothing is told apart.
_GENERAL = stems(
    "treatment treat treating management manage therapy therapeutic patients individuals members persons people purpose diagnosis who have using their those"
)
_NAMES = re.compile(r"(?:to|with|without|by|using|on|per|that|which)\b", re.IGNORECASE)
_PLAIN_HEADINGS = stems(
    "policy policies coverage covered criteria criterion statement statements position positions indication indications general guideline guidelines medical medically "
    "necessity necessary services service information determination determinations considerations limitations requirements rationale notes background clinical "
    "recommendation recommendations answer yes note notes summary overview description application procedure procedures treatment treatments device devices therapy drug drugs section product products"
)


def held_to(made: Ruling, title: str, subject: str = "", case: str = "") -> Ruling:
    """A statement held to the cases that its sentence, or the heading above it, speaks of. ``title`` is the policy's;
    ``case`` the cell of its row that names an indication."""
    if made.position.outcome not in (Outcome.COVERED, Outcome.NOT_COVERED):
        return made
    stand = position_in(made.plain_words)
    own = [each for each in _in_sentence(made, stand) if _narrows(each, made, title)]
    above = [each for each in _above(made, stand, title, subject) if _narrows(each, made, title)]
    found = list(dict.fromkeys((*own, *above, *([case] if case else ()))))
    if not made.items and stand is not None and (own or _is_wider(made, stand)):
        doubt = f"{short(made.plain_words)!r} limits its position to some cases or amounts: it was made a question; which are they?"
        made = also_when(replace(made, doubts=(*made.doubts, doubt)), f"{FITS} {made.plain_words.rstrip(' .:')}")
        found = [each for each in found if each not in own]
    for words in found:
        if not any(words in item.text for item in made.items):
            made = also_when(made, f'this case fits "{words}"')
    return made


def _in_sentence(made: Ruling, stand: Stand | None) -> tuple[str, ...]:
    """The cases that a sentence names before its position and behind it, up to its condition or list."""
    if stand is None:
        return ()
    before = without_verb(made.plain_words[: stand.start])
    found = []
    if (prefix := PREFIX.fullmatch(before)) is not None:
        found += [] if stems(prefix["words"]) <= _PLAIN_HEADINGS else [prefix["words"]]
        before = prefix["rest"]
    front = _FRONT.fullmatch(before)
    if front is not None:
        found += [] if _FRONT_OF_ALL.match(front["words"]) else [front["words"]]
        before = front["rest"]
    if CONDITION.search(before) is None:
        found += [beyond(stand.about or before), kind_in(stand.about or before)]
    after = _up_to_condition(made.plain_words[stand.end :]) if not stand.about else ""
    behind = _BEHIND.fullmatch(after)
    if behind is not None and _OF_ALL.fullmatch(behind["words"].strip()) is None:
        words = behind["words"].strip(" .:;,")
        found += [] if made.position not in FAVOURABLE and _REASON.match(words) else [words]
    return tuple(each[0].lower() + each[1:] for each in found if each)


def _up_to_condition(after: str) -> str:
    """The words behind a position that stand before its condition, and before the words that count a list."""
    condition = CONDITION.search(after)
    words = after[: condition.start()] if condition is not None else after
    counted = re.search(
        r"(?:,\s*)?\b(?:(?:and|with|by|meeting|who meet|that meet)\s+)?(?:all|any|each|both|either|none|one|at least \w+)?(?: of)? ?(?:the )?following\b",
        words,
        re.IGNORECASE,
    )
    return words[: counted.start()] if counted is not None else words


def _above(made: Ruling, stand: Stand | None, title: str, subject: str) -> tuple[str, ...]:
    """The cases that a heading, or the first cell of a row, speaks of."""
    if not subject or subject == title:
        return ()
    words = beyond(subject)
    own = stems(subject.removesuffix(words))
    known = stems(
        f"{title} {made.plain_words} {' '.join(made.services) if stand is not None else ''}".replace("-", " ")
    )
    if own and own <= _PLAIN_HEADINGS:
        return (words,) if words else ()
    is_case = own.isdisjoint(known) if made.position in FAVOURABLE or stand is not None else False
    return (subject,) if is_case else (words,) if words else ()


def _narrows(words: str, made: Ruling, title: str) -> bool:
    """Whether some words hold a statement to fewer cases than the policy speaks of."""
    telling = stems(words) - _GENERAL
    if not telling and not re.search(r"\d", words) and not kind_in(words):
        return False
    is_titled = bool(title) and bool(telling) and telling <= stems(title)
    if is_titled and (made.position not in FAVOURABLE or _NAMES.match(words) is not None):
        return False
    return _REASON.match(words) is None or made.position in FAVOURABLE


def _is_wider(made: Ruling, stand: Stand) -> bool:
    """Whether a sentence without a list says its position by halves ("generally", "may be covered"), or a favourable one
    goes on behind it: what it says there holds it to something."""
    after = made.plain_words[stand.end :]
    if _BY_HALVES.search(made.plain_words[: stand.start]):
        return True
    if stand.label.casefold() in ("covered", "eligible for coverage") and _MAYBE.search(
        made.plain_words[: stand.start]
    ):
        return True
    if made.position not in FAVOURABLE or stand.about or _PLAINLY.fullmatch(after) is not None:
        return False
    return _OF_ALL.fullmatch(after.strip()) is None
