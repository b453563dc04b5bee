"""The amounts that a sentence names, each with its unit and direction.

Only what is certainly an amount is read: a number in a name ("L5", "type 2"), a date, a code, a reference or "2 of the
following" is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from medpol.model.quantities import Quantity, canonical_unit, convertible


@dataclass(frozen=True, slots=True)
class Said:
    """An amount in a sentence. ``comparison`` is that of its words, if any.

    ``is_soft``: words such as "up to" or "between" that leave the end itself open. ``is_negated``: a *not* stands before
    it, so its direction may be turned. ``counts``: a bare number before a noun, or with none behind it ("40 or more").
    ``is_times``: how often something was done ("twice"), which is a count and nothing else.
    """

    text: str
    offset: int
    quantity: Quantity
    comparison: str = ""
    is_soft: bool = False
    is_negated: bool = False
    counts: bool = True
    in_range: bool = False
    is_times: bool = False


_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_ONES += " eighteen nineteen twenty"
_WORDS = {word: at for at, word in enumerate(_ONES.split(), 1)}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORDS |= _TENS
_WORDS |= {f"{ten}-{one}": n + at for ten, n in _TENS.items() for at, one in enumerate(_ONES.split()[:9], 1)}
_WORD_NUMBER = "|".join(sorted(_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,12}})(?:\.[0-9]{{1,6}})?|\b(?:{_WORD_NUMBER})\b"
_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?"
)
_NO_AMOUNT = re.compile(
    r"\[[0-9,\s–-]*\]"  # a citation
    r"|\b[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?\b|\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b"
    rf"|\b(?:{_MONTHS})\.? [0-9]{{1,2}}(?:, ?[0-9]{{4}})?\b|\b[0-9]{{1,2}} (?:{_MONTHS})\b(?: [0-9]{{4}})?"
    rf"|\b(?:{_MONTHS}),? [0-9]{{4}}\b"
    r"|\b[0-9]+(?:\.[0-9]+){2,}\b|\b[0-9]+[/:][0-9]+(?:[/:][0-9]+)?\b|https?://\S+"
    r"|\b(?:type|types|stage|stages|grade|grades|class|classes|phase|level|levels|tier|step|table|figure|section|sections"
    r"|criterion|criteria|item|items|line|lines|paragraph|part|chapter|appendix|exhibit|note|reference|number|no\.|group"
    r"|category|schedule|title|version|policy|article|code|codes|factor|vitamin|chromosome|exon|trisomy|serotype|schedule"
    rf"|cohort|arm|lead|interleukin|influenza|hepatitis) (?:(?:{_NUMBER})(?:\s?(?:,|and|or|to|-|–)\s?)?)+"
    rf"|\b(?:{_NUMBER}) (?:of|from) (?:the (?:following|above|below|listed)|these|those|them|which)\b"
    rf"|\b(?:{_NUMBER})-(?:minute|hour|lead|point|item|view|dimensional|drug|stage|step|way|person|level|segment)s?\b"
    r"|\b[A-Za-z]+-[0-9][\w.]*|(?<!/)\b(?!c?m2\b)[A-Za-z]+[0-9][\w.]*(?:\s?[-–/]\s?[A-Za-z]?[0-9]+)?|\b[0-9]+(?:st|nd|rd|th)\b"
    r"|\$\s?[0-9][0-9,.]*",
    re.IGNORECASE,
)
_AROUND, _NEAR = 200, 60
"""How many signs around a number are looked at, so that a long line costs no more than its length."""
_LEAST, _MOST, _MORE, _LESS = ">=", "<=", ">", "<"
_BEFORE: tuple[tuple[str, str, bool], ...] = (  # words in front, the comparison, soft; the first that fits holds
    (r"(?:equal to|at) or (?:greater than|more than|higher than|above|over)", _LEAST, False),
    (r"(?:equal to|at) or (?:less than|lower than|fewer than|below|under)", _MOST, False),
    (r"(?:greater|more|higher) than or equal to|≥|>=|=>", _LEAST, False),
    (r"(?:less|lower|fewer) than or equal to|≤|<=|=<", _MOST, False),
    (r"(?:no|not) (?:more|longer|greater|higher|older|larger) than|at most|not (?:to )?exceed(?:ing)?", _MOST, False),
    (r"(?:does|do|must|may|shall|should|can|will) not exceed|without exceeding|not (?:over|above)", _MOST, False),
    (r"(?:a |the )?maximum(?: of| is| being)?", _MOST, False),
    (r"(?:no|not) (?:less|fewer|lower|shorter|younger|smaller) than|at least|not (?:under|below)", _LEAST, False),
    (r"(?:a |the )?minimum(?: of| is| being)?", _LEAST, False),
    (r"no(?:t)? (?:sooner|earlier) than", _LEAST, True),
    (r"up to|within|through|limited to|no(?:t)? later than", _MOST, True),
    (r"(?:more|greater|longer|higher|older|larger) than|in excess of|exceed(?:s|ed|ing)?|above|>", _MORE, False),
    (r"(?:for|lasting|over the age of|aged?|of|been|just|patients|anyone|people) over|over the age of", _MORE, False),
    (r"(?:less|fewer|lower|shorter|younger|smaller|sooner) than|under|below|<", _LESS, False),
    (r"exactly|equal to", "=", False),
)
_FILLER = r"\s*(?:(?:a|an|the|total|period|duration|age|ages|score|of|any|about|only|last|past)\s+)*"
_COMPARING = tuple(
    (re.compile(rf"(?<![\w-])(?:{words}){_FILLER}$", re.IGNORECASE), comparison, soft)
    for words, comparison, soft in _BEFORE
)
_BEHIND = re.compile(
    r"\s*(?:of age|old)?,?\s*(?:\+|(?:and|or) (?:(?P<least>more|greater|older|longer|higher|above|over|better|up|later)"
    r"|(?P<most>less|fewer|younger|lower|below|under|shorter|sooner|smaller))\b(?!\s+(?:than|[0-9])))",
    re.IGNORECASE,
)
_OVER = re.compile(r"\bover\s+$", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|no|never|none|without|neither|nor|cannot|fails?|failed|failure|lacks?|outside|unless|other than|\w+n't)\b",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"\b(?:halved|halves|halving|by half|(?:at least|more than|less than) half(?! an?\b| hour| of the)|half or (?:more|better))\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?P<dozen>\b(?:a|one) dozen\b)|(?P<six>\bhalf (?:a )?dozen\b)"
    r"|(?P<times>\b(?:twice|thrice)\b(?!\s+(?:the|as|its|that|this|what|normal|upper|an?|per|each|every|over|daily|weekly"
    r"|monthly|yearly|annually)\b|-))"
    # behind other words "a fortnight" may be how often: "two visits a fortnight"
    r"|(?:^|(?<=\b(?:than|most|over|with|past|last|full)\s)|(?<=\b(?:least|after|under|about|whole)\s)|(?<=\b(?:of|in)\s)"
    r"|(?<=\b(?:for|one)\s)|(?<=\bwithin\s))(?:(?P<fortnight>(?:a |one )?fortnight)|(?P<half_year>half a year))\b",
    re.IGNORECASE,
)
_SPOKEN_AS = {"dozen": "12", "six": "6", "fortnight": "2 weeks", "half_year": "6 months"}
_DEFINITE = re.compile(
    r"\b(?:the|these|those|all|both|of|first|last|next|another|each|every|day|days|week|weeks|month|months|year|visit"
    r"|session|age|ages|in|on|at|by)\s+$",
    re.IGNORECASE,
)
_RANGE = re.compile(
    rf"(?P<from>{_NUMBER})(?P<unit>\s?%|\s?[A-Za-z/]+)?\s?(?:-|–|\bto\b|\bthrough\b|\band\b)\s?(?P<to>{_NUMBER})",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(rf"(?<![\w.,])(?:{_NUMBER})(?: or |/)(?:{_NUMBER})(?![\w%])", re.IGNORECASE)
_ONE_NUMBER = re.compile(rf"(?<![\w.,/:$#^–−-])(?:{_NUMBER})(?![\w,]*[0-9])", re.IGNORECASE)
_TWICE = re.compile(rf"(?<![\w.,-])(?P<first>{_NUMBER})\s?\((?P<digits>[0-9]+)\)", re.IGNORECASE)
_UNIT = re.compile(
    r"\s{0,2}-?\s?(?:(?:consecutive|continuous|full|complete|calendar|cumulative|total|additional|whole)\s)?(?P<unit>%|per ?cent\b|[A-Za-zµμ]+(?:/[A-Za-zµμ0-9²^]+)?²?)"
)
_PER = re.compile(
    r"(?:\s|-)*(?:per|a|an|each|every)\s+(?P<per>[a-z]+(?: meter| metre)?)|\s*/\s*(?P<slash>[A-Za-zµμ]+²?)", re.I
)
_DAILY = re.compile(r"\s+(?:daily)\b", re.IGNORECASE)
_NO_UNITS = frozenset(["a", "an", "in", "l", "d", "g", "h", "m", "to", "or", "of", "and", "is", "at"])
_BARE = frozenset(("sessions", "units", "points"))
_PER_UNIT = {
    "day": "day", "kilogram": "kg", "kg": "kg", "hour": "hour", "h": "hour", "liter": "L", "litre": "L", "microliter": "uL",
    "microlitre": "uL", "deciliter": "dL", "decilitre": "dL", "milliliter": "mL", "millilitre": "mL", "m2": "m2", "m²": "m2",
    "square meter": "m2", "square metre": "m2", "ul": "uL", "dl": "dL", "ml": "mL", "l": "L", "μl": "uL", "µl": "uL",
}  # fmt: skip


@lru_cache(maxsize=65_536)  # three rules ask for each sentence, and the versions of a policy share most of theirs
def said(sentence: str) -> tuple[Said, ...]:
    """The amounts that a sentence names, in its order; its bold position has been blanked by the caller."""
    text = _SPOKEN.sub(_in_digits, sentence)
    text = _TWICE.sub(_digits_alone, text)  # first: what is blanked next may not part the two
    text = _NO_AMOUNT.sub(_blank, text)
    found: list[Said] = [
        Said(match[0], match.start(), Quantity(Decimal(50), "%"), _half_comparison(match[0]))
        for match in _HALF.finditer(text)
    ]
    ranges = [(match, ends) for match in _RANGE.finditer(text) if (ends := _range(text, match))]
    found += [each for _, ends in ranges for each in ends]
    taken = {match.start() for match, _ in ranges}
    text = _RANGE.sub(lambda match: _blank(match) if match.start() in taken else match[0], text)
    text = _ALTERNATIVE.sub(_blank, text)
    found += [each for match in _ONE_NUMBER.finditer(text) if (each := _one(text, match)) is not None]
    return tuple(sorted(_as_spoken(sentence, found), key=lambda each: each.offset))


def _in_digits(match: re.Match[str]) -> str:
    """ "a dozen" and the like with a figure, every sign behind it at its place."""
    words = match[0]
    if match["times"]:
        return ("2" if words.casefold() == "twice" else "3").ljust(len(words))
    digits = _SPOKEN_AS[match.lastgroup or ""]
    # a figure alone goes to the end, beside the unit that may follow
    return digits.ljust(len(words)) if " " in digits else digits.rjust(len(words))


def _as_spoken(sentence: str, found: list[Said]) -> Iterator[Said]:
    """The amounts, those that were given figures in the words of the sentence again."""
    spoken = list(_SPOKEN.finditer(sentence))
    for each in found:
        match = next((match for match in spoken if match.start() <= each.offset < match.end()), None)
        if match is None:
            yield each
            continue
        end = max(match.end(), each.offset + len(each.text))
        is_times = match["times"] is not None
        yield replace(each, text=sentence[match.start() : end], offset=match.start(), is_times=is_times)


def _digits_alone(match: re.Match[str]) -> str:
    """ "six (6) weeks" as "6 weeks", every sign at its place."""
    at = match.start("digits") - match.start()
    return (
        (" " * at + match["digits"]).ljust(len(match[0]))
        if _number(match["first"]) == _number(match["digits"])
        else match[0]
    )


def _blank(match: re.Match[str]) -> str:
    return "\x00" * len(match[0])


def _half_comparison(words: str) -> str:
    words = words.casefold()
    if "at least" in words or "or " in words:
        return _LEAST
    return _MORE if "more than" in words else _LESS if "less than" in words else ""


def _number(text: str) -> Decimal:
    word = text.casefold()
    return Decimal(_WORDS[word]) if word in _WORDS else Decimal(text.replace(",", ""))


def _one(text: str, match: re.Match[str]) -> Said | None:
    number, begin, end = _number(match[0]), match.start(), match.end()
    unit, end_of_unit = _unit(text, end)
    before, behind = text[max(0, begin - _AROUND) : begin], text[end_of_unit : end_of_unit + _AROUND]
    comparison, soft, words_begin = _comparison(before, behind)
    is_negated = _NOT.search(before[:words_begin]) is not None
    spelled = " ".join(text[begin:end_of_unit].split())
    if not comparison and unit is not None and _OVER.search(before[-_NEAR:]) and not convertible(unit, "days"):
        comparison = _MORE  # "over 6 weeks" is mostly a stretch of time, not a bound
    if unit is not None:
        is_rate = convertible(unit, "days") and _PER.match(text, end_of_unit) is not None  # "4 hours per night"
        return None if is_rate else Said(spelled, begin, Quantity(number, unit), comparison, soft, is_negated)
    if re.match(r"(?:\s?(?:-|hundred|thousand|million|times\b|x\b|/))|[A-Za-z]", behind, re.IGNORECASE):
        return None
    if number >= 1000 or (not comparison and (_DEFINITE.search(before[-_NEAR:]) or match[0].casefold() == "one")):
        return None
    counts = (
        re.match(r"\s+(?!or\b|and\b|of age\b|to\b|on\b|in\b|at\b|when\b|by\b|for\b|with\b)[A-Za-z]", behind) is not None
    )
    return Said(match[0], begin, Quantity(number), comparison, soft, is_negated, counts)


def _range(text: str, match: re.Match[str]) -> list[Said]:
    """Both ends of "18 to 65 years"; what joins two numbers otherwise is no range."""
    before = text[max(0, match.start() - _AROUND) : match.start()]
    joined_by_and = re.search(r"\band\b", match[0], re.IGNORECASE) is not None
    low, high = _number(match["from"]), _number(match["to"])
    if (
        re.search(r"[\w.,/:$#^–−-]$", before)
        or low >= high
        or (joined_by_and and not re.search(r"\bbetween\s+$", before, re.I))
    ):
        return []
    unit, end = _unit(text, match.end())
    own = canonical_unit((match["unit"] or "").strip()) if match["unit"] else unit
    if unit is None and (high >= 1000 or re.match(r"[\w-]", text[match.end() : match.end() + 1])):
        return []
    is_negated = _NOT.search(before) is not None
    shown = text[match.start() : end].strip()
    at = match.start()
    return [
        Said(shown, at, Quantity(low, own), _LEAST, True, is_negated, False, True),
        Said(shown, at, Quantity(high, unit), _MOST, True, is_negated, False, True),
    ]


def _comparison(before: str, behind: str) -> tuple[str, bool, int]:
    """The comparison that the words around a number make, whether it is soft, and where its words begin."""
    match = _BEHIND.match(behind)
    if match is not None:
        return (_MOST if match["most"] else _LEAST), False, len(before)
    skipped = max(0, len(before) - _NEAR)
    for pattern, comparison, soft in _COMPARING:
        found = pattern.search(before, skipped)
        if found is not None:
            return comparison, soft, found.start()
    return "", False, len(before)


def _unit(text: str, at: int) -> tuple[str | None, int]:
    """The unit that stands behind a number, and where it ends; ``None`` where none of the table does."""
    match = _UNIT.match(text, at)
    if match is None:
        return None, at
    spelled = match["unit"]
    if spelled.startswith("%") or spelled.casefold().startswith("per"):
        share = "%" if spelled == "%" or re.fullmatch(r"per ?cent", spelled, re.IGNORECASE) else None
        if share is not None:
            return share, match.end()
        per = re.match(r"\s+per\s+hour\b", text[at : at + _AROUND], re.IGNORECASE)
        return ("/hour", at + per.end()) if per else (None, at)
    attached = text[at : match.start("unit")] == ""
    unit = canonical_unit(spelled) or canonical_unit(spelled.casefold())
    if spelled.casefold() in _NO_UNITS and not (attached and spelled in ("g", "m", "L", "l")):
        unit = "g" if spelled == "g" else None
    if spelled.casefold() in ("cells", "events"):
        unit = spelled.casefold()
    if unit is None or unit in _BARE:
        return None, at
    per = _PER.match(text, match.end())
    if per is not None:
        other = _PER_UNIT.get((per["per"] or per["slash"]).casefold())
        joined = None if other is None else canonical_unit(f"{'' if unit == 'events' else unit}/{other}")
        if joined is not None:
            return joined, per.end()
    if (daily := _DAILY.match(text, match.end())) and (rate := canonical_unit(f"{unit}/day")):
        return rate, daily.end()
    return (None, at) if unit in ("cells", "events") else (unit, match.end())
