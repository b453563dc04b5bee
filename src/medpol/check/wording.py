"""Rules about words beside an expression: judgement that nothing reads, the day of a request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.check.comparisons import read
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.sentences import ReadSentence, sentences_read
from medpol.model.diagnostic import Severity
from medpol.model.facts import EventField, FactDeclaration
from medpol.model.policy import PolicyVersion

# ---------------------------------------------------------------------------- judgement

_JUDGEMENT = re.compile(
    r"(?<![\w-])(?:(?P<stem>appropriate|adequate|significant|insignificant|inadequate|reasonable|unreasonable|sufficient"
    r"|insufficient|suitable|substantial|considerable|satisfactory|acceptable|meaningful|optimal|proper)(?:ly)?"
    r"|inadequately|adequately|reasonably|suitably|substantially|considerably|satisfactorily|acceptably|timely"
    r"|as (?:clinically |medically )?(?:applicable|indicated|needed|appropriate)|(?:where|if) (?:clinically |medically )?(?:applicable|indicated|needed|appropriate))(?![\w-])",
    re.IGNORECASE,
)
_NO_JUDGEMENT = re.compile(
    r"\bsignificant others?\b|\bstatistically significant(?:ly)?\b|\breasonable and (?:customary|necessary)\b"
    r"|\b(?:optimal|proper) name\b",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(
    r"[^.;]{0,40}?(?:\(|\bdefined (?:as|by)\b|\bmeaning\b|\bthat is\b|\bi\.e\.|\bas (?:shown|measured|evidenced|documented) by\b"
    r"|\b(?:shown|measured|evidenced|graded) by\b)",
    re.IGNORECASE,
)


@rule(Subject.WORDING, Severity.WARNING)
def judgement_beside_expression(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A word that calls for judgement stands in a sentence whose expression does not ask for it.

    "An adequate trial of at least 6 weeks" over `therapy.duration >= 6 weeks`: six weeks of anything meet it, and nobody
    is asked whether the trial was adequate. Words such as *appropriate*, *significant*, *sufficient*, *reasonable* count.
    They do not where the sentence says what the word means ("significant, defined as ..."), where the name, a choice or
    the question of a fact in the expression holds the word, or in a sentence without an expression, which a person
    answers. Take the word out, or make it an item of its own.
    """
    for version in holdings.versions:
        questions: dict[str, str] | None = None
        for sentence in sentences_read(version):
            words = _NO_JUDGEMENT.sub(lambda match: " " * len(match[0]), sentence.plain_words)
            for match in _JUDGEMENT.finditer(words):
                questions = _questions(holdings, version) if questions is None else questions
                if _EXPLAINED.match(words, match.end()) or _is_asked(match[0], sentence, questions):
                    continue
                yield Finding(
                    sentence.place(holdings, match.start()),
                    f'"{match[0]}" calls for judgement, and `{sentence.code}` does not ask for it',
                    "words that the expression tests",
                    "take the word out, say what it means, or make it an item of its own that a person answers",
                )


def _questions(holdings: Holdings, version: PolicyVersion) -> dict[str, str]:
    """The question and choices of every fact and field, by name."""
    library = holdings.library
    held: list[EventField | FactDeclaration] = [*library.event_fields, *library.facts, *version.definitions.facts]
    return {each.name: f"{each.question} {' '.join(each.choices)}".casefold() for each in held}


def _is_asked(word: str, sentence: ReadSentence, questions: dict[str, str]) -> bool:
    stem = word.casefold().split()[-1][:7]
    facts = read(sentence.expression, {}).facts
    return stem in sentence.code.casefold() or any(stem in questions.get(name, "") for name in facts)


# ---------------------------------------------------------------------------- the day of a request

_REQUEST = re.compile(
    r"\b(?:dates? of (?:the )?requests?|request dates?|requests? (?:received|submitted|made|dated|filed)"
    r"|requested (?:on|after|before|from|between))\b",
    re.IGNORECASE,
)


@rule(Subject.WORDING, Severity.WARNING)
def request_day_in_words(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """The words speak of the day of a request, and the rule reads the day on which care is given.

    ``Dates of service`` and `date_of_service` are the days of care. Some publishers switch criteria by the day on which a
    request comes in; a request of June for care in July then falls under the other rule. Say which day is meant; a day of
    request needs a fact of its own.
    """
    for version in holdings.versions:
        for each in version.rules:
            if each.dates is None:
                continue
            for words, place in ((each.heading or "", each.source), (each.statement.sentence, each.statement.source)):
                match = _REQUEST.search(words)
                if match is not None:
                    yield Finding(
                        holdings.words_place(place, match[0]),
                        f'"{match[0]}", and `Dates of service: {each.dates.sentence}` reads the day of care',
                        "one kind of day in both",
                        "speak of the day of care, or ask for the day of the request in a fact of its own",
                    )
        for sentence in sentences_read(version):
            match = _REQUEST.search(sentence.plain_words)
            if match is not None and "date_of_service" in read(sentence.expression, {}).facts:
                yield Finding(
                    sentence.place(holdings, match.start()),
                    f'"{match[0]}", and `{sentence.code}` reads the day of care',
                    "one kind of day in both",
                    "speak of the day of care, or ask for the day of the request in a fact of its own",
                )


RULES = (judgement_beside_expression, request_day_in_words)
