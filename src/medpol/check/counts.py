"""Rules about counts: in which window, and of what, the words say and the expression counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from medpol.check.comparisons import read
from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.check.sentences import ReadSentence, sentences_read
from medpol.model.criteria import (
    Comparison,
    Count,
    Expression,
    Measure,
    Window,
    WindowKind,
)
from medpol.model.diagnostic import Severity
from medpol.model.quantities import Quantity
from medpol.text.uses import parts_of

_ROLLING = re.compile(
    r"\b(?:rolling|any|last|past|previous(?:ly)?|prior|preceding|before|ago|earlier|consecutive|since|trailing|following"
    r"|look-?back)\b",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"\bcalendar\b|\bJanuary\b", re.IGNORECASE)
_PLAN = re.compile(r"\b(?:plan|benefit|contract|policy|coverage|membership|fiscal) years?\b", re.IGNORECASE)
_LIFETIME = re.compile(r"\b(?:life-?time|in (?:their|his or her) life|ever)\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"\b(?:years?|yearly|annual(?:ly)?|months?|monthly|weeks?|weekly|days?|daily|12-month|hours?)\b", re.IGNORECASE
)
_SESSIONS = re.compile(
    r"\b(?:sessions?|visits?|days?|treatments?|encounters?|appointments?|dates?|times?|occasions?|courses?|cycles?|once"
    r"|twice|stays?|admissions?|nights?)\b",
    re.IGNORECASE,
)
_WINDOW_DAYS = re.compile(
    r"\b(?:in|any|within|last|past|previous|prior|rolling|every|per|the|a)\s+(?:[0-9]+|ten|thirty|sixty|ninety)[ -]days?\b",
    re.IGNORECASE,
)
_OTHER_MEASURES = {
    Measure.SESSIONS: re.compile(r"\b(?:(?:billing )?units?|claim lines?)\b", re.IGNORECASE),
    Measure.UNITS: re.compile(r"\b(?:sessions?|visits?|claim lines?)\b", re.IGNORECASE),
    Measure.LINES: re.compile(r"\b(?:billing units?|units?|sessions?|visits?)\b", re.IGNORECASE),
}
_OWN_MEASURE = {
    Measure.SESSIONS: _SESSIONS,
    Measure.UNITS: re.compile(r"\bunits?\b", re.IGNORECASE),
    Measure.LINES: re.compile(r"\blines?\b", re.IGNORECASE),
}
"""Words that name what is counted; beside them another measure is told apart from it: "lines, not units"."""
_KINDS = {WindowKind.CALENDAR_YEAR: _CALENDAR, WindowKind.PLAN_YEAR: _PLAN, WindowKind.ROLLING: _ROLLING}
_ONE_YEAR = re.compile(r"\b(?:12|twelve)[ -]months?\b|\b(?:365|360) days\b", re.IGNORECASE)


def _counts(whole: Expression) -> Iterator[tuple[Count, Quantity | None, str]]:
    """The counts that an expression compares, each once, with what with."""
    for part in parts_of(whole):
        if isinstance(part, Comparison) and isinstance(part.term, Count):
            yield part.term, part.value if isinstance(part.value, Quantity) else None, part.comparison


def _any_measure_would_do(value: Quantity | None, comparison: str) -> bool:
    """Whether only none or some is asked, which lines, sessions and units answer alike."""
    return value is not None and (comparison, str(value)) in (
        ("=", "0"),
        ("<=", "0"),
        ("<", "1"),
        (">=", "1"),
        (">", "0"),
    )


def _is_year(window: Window) -> bool:
    return window.kind in (WindowKind.CALENDAR_YEAR, WindowKind.PLAN_YEAR) or (
        window.kind is WindowKind.ROLLING
        and window.number is not None
        and (window.unit == "years" or (window.unit == "months" and window.number % 12 == 0) or window.number >= 360)
    )


@rule(Subject.WORDING, Severity.WARNING)
def count_without_its_kind(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """An expression counts in a window or by a measure that its sentence does not say.

    "No more than 3 in 12 months" is three in any twelve months to one reader and three from January to December to
    another; the expression takes a side that the words do not. So does "3 injections" where sessions are counted: three
    muscles on one day are one session. Windows of a year or of years count, and those the words do not mention at all;
    *lifetime* and *same day* do not, nor does a measure where only none or some is asked. What the heading, the
    statement or the sentence above the list says is taken as said. Write *in any 12 months*, *in a calendar
    year*, *in a plan year*; *sessions*.
    """
    for version in holdings.versions:
        for sentence in sentences_read(version):
            whole = f"{sentence.above}\n{sentence.plain_words}"
            for count, value, comparison in _counts(sentence.expression):
                kind = _KINDS.get(count.window.kind)
                mentioned = _PERIOD.search(whole) is not None
                unsaid = kind is not None and not kind.search(whole) and _other_kind(count, whole) is None
                if unsaid and (not mentioned or _is_year(count.window)):
                    window = _window_words(count.window)
                    yield _without_kind(holdings, sentence, window, mentioned, _mended_window(count.window))
                elif (
                    count.measure is Measure.SESSIONS
                    and not _any_measure_would_do(value, comparison)
                    and not _SESSIONS.search(_without_periods(whole))
                    and not _OTHER_MEASURES[Measure.SESSIONS].search(whole)
                ):
                    yield _without_kind(holdings, sentence, "sessions", True, "sessions")


def _without_periods(words: str) -> str:
    """The words without "in the 90 days before": those days are the window's, not the sessions'."""
    return _WINDOW_DAYS.sub(" ", words)


def _without_kind(holdings: Holdings, sentence: ReadSentence, what: str, mentioned: bool, mend: str) -> Finding:
    match = _PERIOD.search(sentence.plain_words) if what != "sessions" else None
    return Finding(
        sentence.place(holdings, match.start() if match is not None and mentioned else 0),
        f"the expression counts {'by' if what == 'sessions' else 'in'} {what}, and the words do not say so",
        "the kind of the count in the words",
        f'say "{mend}", or what is meant, and make the expression agree',
    )


def _window_words(window: Window) -> str:
    match window.kind:
        case WindowKind.CALENDAR_YEAR:
            return "a calendar year"
        case WindowKind.PLAN_YEAR:
            return "a plan year"
        case _:
            return f"a rolling {window.number} {window.unit}"


def _mended_window(window: Window) -> str:
    return (
        f"in any {window.number} {window.unit}" if window.kind is WindowKind.ROLLING else f"in {_window_words(window)}"
    )


@rule(Subject.WORDING, Severity.WARNING)
def count_of_another_kind(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A sentence says one kind of window or measure, and its expression counts in another.

    "3 sessions in a calendar year" over `count(sessions of injection, rolling 12 months through) <= 3`, or "120 units"
    over a count of sessions. People read the sentence, and the answer comes from the expression. Correct whichever is wrong.
    """
    for version in holdings.versions:
        for sentence in sentences_read(version):
            counts = tuple(_counts(sentence.expression))
            words = sentence.plain_words
            for count, value, comparison in counts:
                another = _other_kind(count, words)
                if another is not None and not any(_KINDS.get(each.window.kind) is another for each, _, _ in counts):
                    yield _differs(holdings, sentence, another.search(words), _window_words(count.window))
                other, own = _OTHER_MEASURES.get(count.measure), _OWN_MEASURE.get(count.measure)
                match = None if other is None or own is None or own.search(words) else other.search(words)
                if (
                    match is not None
                    and not _any_measure_would_do(value, comparison)
                    and all(each.measure is count.measure for each, _, _ in counts)
                    and not any(name.endswith("units") for name in read(sentence.expression, {}).facts)
                ):
                    yield _differs(holdings, sentence, match, count.measure.value)


def _differs(holdings: Holdings, sentence: ReadSentence, match: re.Match[str] | None, counted: str) -> Finding:
    return Finding(
        sentence.place(holdings, 0 if match is None else match.start()),
        f'the sentence says "{"" if match is None else match[0]}", and the expression counts in {counted}',
        "one kind of count in both",
        "correct the sentence or the expression",
    )


def _other_kind(count: Count, words: str) -> re.Pattern[str] | None:
    """The kind of window that the words name in place of the one that is counted in."""
    kind = count.window.kind
    if kind not in _KINDS or (kind is not WindowKind.ROLLING and _KINDS[kind].search(words)):
        return None
    others = [each for each in (_CALENDAR, _PLAN) if each is not _KINDS[kind] and each.search(words)]
    if not others and kind is WindowKind.CALENDAR_YEAR and _ONE_YEAR.search(words) and _ROLLING.search(words):
        return _ROLLING
    return others[0] if others else None


RULES = (count_without_its_kind, count_of_another_kind)
