"""Where a published sentence states a coverage position, where it denies one, and which label a heading is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from medpol.ingest.bullets import short
from medpol.model.positions import STANDARD_LABELS, CoveragePosition

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|et al|No|Dr|St|U\.S|approx|cf|Inc|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z])\.$"
)


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, end marks kept; abbreviations and initials end none."""
    found: list[str] = []
    start = 0
    for match in re.finditer(r"[.!?][\"”)\]]*\s+(?=[A-Z0-9\"“(*])", text):
        if not _ABBREVIATION.search(text[start : match.start() + 1]):
            found.append(text[start : match.end()].strip())
            start = match.end()
    return tuple(each for each in (*found, text[start:].strip()) if each)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a sentence states its position: the stretch to be made bold, and what it means.

    ``about`` is what stands behind it as that of which it speaks; ``is_asked``: whether its words mean this position is a
    question of its own.
    """

    start: int
    end: int
    label: str
    position: CoveragePosition
    is_declared: bool = False
    about: str = ""
    is_asked: bool = False


# Labels are looked for behind a verb that states them, so "covered" or "established" in passing is no position.
_VERB = (
    r"\b(?:is|are|be|remains?|considered|deemed)\b"
    r"(?:\s+(?:now|also|both|generally|therefore|thus|always|to be|currently|either))*\s+"
)
# Names of vendors and words of reasoning: labels elsewhere, and here mere words.
_NOT_LABELS = frozenset(
    ("established", "interqual", "evicore", "carelon", "nccn", "palmetto article", "medical director", "refer")
)
_CORE_LABELS = sorted(
    (
        label
        for label in STANDARD_LABELS
        if label not in _NOT_LABELS
        and not label.startswith(("considered ", "may be ", "meets ", "does not ", "current evidence", "subject to"))
    ),
    key=lambda label: (-len(label), label),
)
# Said of a service as often as the labels of ours, and declared by the drafts that hold them.
_DECLARED_LABELS = {
    "not medically reasonable and necessary": CoveragePosition.NOT_MEDICALLY_NECESSARY,
    "medically reasonable and necessary": CoveragePosition.MEDICALLY_NECESSARY,
    "not reasonable and necessary": CoveragePosition.NOT_MEDICALLY_NECESSARY,
}
_STATED = re.compile(
    _VERB + "(" + "|".join(map(re.escape, (*_DECLARED_LABELS, *_CORE_LABELS))) + r")(?![\w/-])", re.IGNORECASE
)
_NEGATED = re.compile(
    r"\bnot\s+(?:be\s+)?(?:generally\s+)?(?:considered|deemed)(?:\s+to\s+be)?\s+(medically necessary|reasonable and necessary)\b",
    re.IGNORECASE,
)
# A position that is denied, not stated: behind a verb of judgement with a negation before it, or right behind a negation.
_NO = r"(?:\b(?:not|never|no longer|cannot|neither|nor|hardly|ceases?|ceased)\b|n['’]t\b)"
_ADVERBS = (
    r"(?:(?:now|also|any|both|generally|always|currently|either|necessarily|longer|yet|routinely|to be)\s+)*[\"“”'‘*_]*"
)
_ANY_LABEL = "(" + "|".join(map(re.escape, _CORE_LABELS)) + r")(?![\w/-])"
_FINITE = (
    r"(?:is|are|was|were|remains?|may|must|can|will|should|shall|would|that|which|who|and|or|but|if|when|unless)\b"
)
_DENIED = (
    re.compile(
        rf"{_NO}(?:\s+(?!{_FINITE})[\w'’-]+){{0,8}}?\s+(?:considered|deemed|regarded as|classified as|be|been)\s+{_ADVERBS}{_ANY_LABEL}",
        re.IGNORECASE,
    ),
    re.compile(rf"\bnor\s+(?:is|are)\s+\w+\s+(?:considered\s+|deemed\s+)?{_ADVERBS}{_ANY_LABEL}", re.IGNORECASE),
    re.compile(
        rf"\b(?:is|are|be|was|were|remains?|considered|deemed)(?:\s+{_ADVERBS}|(?=n['’]t)){_NO}\s+{_ADVERBS}{_ANY_LABEL}",
        re.IGNORECASE,
    ),
)
_NO_AGAIN = re.compile(_NO, re.IGNORECASE)
_COLUMNS = {
    "medical necessity": "medically necessary",
    "investigational/experimental": "investigational",
    "experimental/investigational": "experimental/investigational",
    "not medical necessity": "not medically necessary",
}


def denial_in(text: str) -> str:
    """The stretch in which a sentence denies a position ("no longer considered investigational"); empty where none does.

    What is denied is no position, nor is its opposite stated. "Not considered medically necessary" is a label of its own.
    """
    for pattern in _DENIED:
        for match in pattern.finditer(text):
            words = " ".join(match[0].casefold().split())
            label = f"not {match[1].casefold()}"
            is_label = (
                words.endswith(f" {label}")
                and (label in STANDARD_LABELS or label in _DECLARED_LABELS)
                and len(_NO_AGAIN.findall(words)) == 1
            )
            if not is_label and _NEGATED.fullmatch(match[0]) is None:
                return match[0]
    return ""


def denied(sentence: str) -> str:
    """The question that a denied position raises."""
    return f"{denial_in(sentence)!r} in {short(sentence)!r}{_DENIES} and states none: what is the position?"


_DENIES = " denies a position"


def is_denial(question: str) -> bool:
    """Whether a question is that of a denied position."""
    return _DENIES in question


def position_in(text: str) -> Stand | None:
    """The first position that a sentence states, or ``None``; none where it denies one."""
    if denial_in(text):
        return None
    developed = _DEVELOPMENT.search(text)
    if developed is not None:
        return _other(developed, CoveragePosition.EVIDENCE_DEVELOPMENT)
    negated, stated = _NEGATED.search(text), _STATED.search(text)
    if negated is not None and (stated is None or negated.start() <= stated.start()):
        label = text[negated.start() : negated.end()]
        return Stand(negated.start(), negated.end(), label, CoveragePosition.NOT_MEDICALLY_NECESSARY, True)
    if stated is not None:
        label = stated[1].casefold()
        declared = _DECLARED_LABELS.get(label)
        position = declared or STANDARD_LABELS[label]
        return Stand(stated.start(1), stated.end(1), stated[1], position, declared is not None)
    for position, pattern in _OTHER_WORDS:
        if (match := pattern.search(text)) is not None:
            return _other(match, position)
    return None


# Positions that stand in other words than a label behind a verb; a label of ours, or one that the draft declares.
_DEVELOPMENT = re.compile(
    r"\b(?P<label>coverage with evidence development|covered in (?:an )?IDE trials?)\b", re.IGNORECASE
)
_VENDORS = "|".join(
    re.escape(label)
    for label, position in STANDARD_LABELS.items()
    if position is CoveragePosition.DELEGATED and label != "delegated"
)
_OTHER_WORDS: tuple[tuple[CoveragePosition, re.Pattern[str]], ...] = tuple(
    (position, re.compile(pattern, re.IGNORECASE))
    for position, pattern in (
        (CoveragePosition.NOT_COVERED, r"\b(?P<label>(?:does|do|will|can) not provide coverage|no coverage (?:is|will be) provided)\b(?: (?:for|of) (?P<about>.+))?"),
        (CoveragePosition.MEDICALLY_NECESSARY, r"(?<!not )\b(?P<label>provides? coverage|coverage (?:is|will be|may be) provided)\b(?: (?:for|of) (?P<about>.+))?"),
        (CoveragePosition.NOT_MEDICALLY_NECESSARY, r"\b(?P<label>(?:does|do) not meet (?:[\w’']+ ){0,6}?primary coverage criteria)\b"),
        (CoveragePosition.MEDICALLY_NECESSARY, r"(?<!not )\b(?P<label>meets? (?:[\w’']+ ){0,6}?primary coverage criteria)\b"),
        (CoveragePosition.MEDICALLY_NECESSARY, r"\bsafety and (?:effectiveness|efficacy) of (?P<about>.+?) (?:has|have) been (?P<label>established)\b"),
        (CoveragePosition.AUTHORIZATION_ONLY, r"(?<!not )\b(?P<label>prior authori[sz]ation (?:is |are )?required|requires? prior authori[sz]ation|subject to prior authori[sz]ation)\b(?: for (?P<about>.+))?"),
        (CoveragePosition.DELEGATED, rf"\b(?:refer(?:red)? to|see|use[sd]?|using|per|according to|(?:managed|administered|reviewed) (?:by|using|with)|delegated to|criteria (?:of|from))\s+(?:the\s+)?(?:current\s+)?(?P<label>{_VENDORS})(?![\w-])"),
        (CoveragePosition.REFER, r"\b(?P<label>refer(?:red)? to (?:a|the) medical director)\b|\b(?:review(?:ed)? by|decided by) (?:a|the|our) (?P<director>medical director)\b|\b(?P<individual>individual consideration)\b"),
        (CoveragePosition.MEDICALLY_NECESSARY, r"\b(?:may|will|can) be (?P<asked>approved|authori[sz]ed)\b(?! by)"),
    )
)  # fmt: skip


def _other(match: re.Match[str], position: CoveragePosition) -> Stand:
    held = {name: value for name, value in match.groupdict().items() if value is not None}
    about = held.pop("about", "")
    name, label = next(iter(held.items()))
    is_standard = STANDARD_LABELS.get(label.casefold()) is position
    return Stand(match.start(name), match.end(name), label, position, not is_standard, about, name == "asked")


def column_label(heading: str) -> str | None:
    """The label that a column heading of a criteria table states, or ``None`` where it states none."""
    key = " ".join(heading.casefold().split()).rstrip(" :*")
    key = _COLUMNS.get(key, key)
    return key if key in STANDARD_LABELS else None
