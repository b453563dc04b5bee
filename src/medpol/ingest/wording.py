"""Published sentences to rules: where the position stands, what it hangs on, and which service it speaks of.

The rule is never to make a statement wider than it is. A sentence with a condition becomes a conditional statement whose
condition is a question; what cannot be taken apart surely is marked doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from medpol.ingest.escape import inline
from medpol.ingest.escape import sentence as safe
from medpol.ingest.published import Item, Ruling
from medpol.model.criteria import rule_name
from medpol.model.positions import FAVOURABLE, STANDARD_LABELS, CoveragePosition

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


# ---------------------------------------------------------------------------- positions


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a sentence states its position: the stretch to be made bold, and what it means."""

    start: int
    end: int
    label: str
    position: CoveragePosition
    is_declared: bool = False


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
_STATED = re.compile(_VERB + "(" + "|".join(map(re.escape, _CORE_LABELS)) + r")(?![\w/-])", re.IGNORECASE)
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
            is_label = words.endswith(f" {label}") and label in STANDARD_LABELS and len(_NO_AGAIN.findall(words)) == 1
            if not is_label and _NEGATED.fullmatch(match[0]) is None:
                return match[0]
    return ""


def denied(sentence: str) -> str:
    """The question that a denied position raises."""
    return f"{denial_in(sentence)!r} in {_short(sentence)!r}{_DENIES} and states none: what is the position?"


_DENIES = " denies a position"


def is_denial(question: str) -> bool:
    """Whether a question is that of a denied position."""
    return _DENIES in question


def in_question(made: Ruling) -> Ruling:
    """A statement of an earlier text, where the newer one denies a position: it holds only if a person says so."""
    if made.items:
        return made
    return _asked(made, made.statement, "this earlier statement still holds, although the newer text denies a position")


def position_in(text: str) -> Stand | None:
    """The first position that a sentence states, or ``None``; none where it denies one."""
    if denial_in(text):
        return None
    negated, stated = _NEGATED.search(text), _STATED.search(text)
    if negated is not None and (stated is None or negated.start() <= stated.start()):
        label = text[negated.start() : negated.end()]
        return Stand(negated.start(), negated.end(), label, CoveragePosition.NOT_MEDICALLY_NECESSARY, True)
    if stated is None:
        return None
    return Stand(stated.start(1), stated.end(1), stated[1], STANDARD_LABELS[stated[1].casefold()])


def column_label(heading: str) -> str | None:
    """The label that a column heading of a criteria table states, or ``None`` where it states none."""
    key = " ".join(heading.casefold().split()).rstrip(" :*")
    key = _COLUMNS.get(key, key)
    return key if key in STANDARD_LABELS else None


# ---------------------------------------------------------------------------- services

_LEADS = re.compile(
    r"^(?:(?:the|a|an|any|all other|all|other|each|either)\s+|(?:use|uses|application|indications|treatment|performance)\s+"
    r"(?:of|for|with)\s+|note:\s*)+",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s+(?:for|in|as|when|if|to|with|without|by|using|that|which|who|where|during|under|is|are|may|must|can|will|has|have|on)\b.*|[(,;:].*",
    re.IGNORECASE,
)
_MAXIMUM_SLUG = 60


def services_in(subject: str) -> tuple[str, ...]:
    """The names of the services that the subject of a sentence speaks of, as group names."""
    plain = re.sub(r"\([^)]*\)", " ", subject)
    names: list[str] = []
    for part in re.split(r"\s+(?:and/or|and|or)\s+|\s*/\s*|;", _cut(plain), flags=re.IGNORECASE):
        name = _service_name(part)
        if name and name not in names:
            names.append(name)
    return tuple(names)


def _cut(subject: str) -> str:
    """The subject up to its first qualifier; a list with commas keeps its commas as "and"."""
    bare = _LEADS.sub("", " ".join(subject.split()))
    if re.fullmatch(r"[\w -]+(?:, [\w -]+)+,? (?:and|or) [\w -]+", bare):
        bare = re.sub(r",(?: (?:and|or))? ", " and ", bare)
    return _CUT.sub("", bare)


def _service_name(part: str) -> str:
    words = re.findall(r"[a-z0-9]+", _LEADS.sub("", part.strip()).casefold().replace("'", "").replace("’", ""))
    if "of" in words[2:]:
        words = words[: words.index("of", 2)]
    words = [word for word in words if word not in ("the", "a", "an")]
    if not words:
        return ""
    words[-1] = singular(words[-1])
    name = "-".join(words)
    while len(name) > _MAXIMUM_SLUG and "-" in name:
        name = name.rsplit("-", 1)[0]
    return name if name[0].isalpha() else f"service-{name}"


def singular(word: str) -> str:
    """A noun's singular by its ending; words that only look plural stay."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


_STOP = frozenset(
    [
        "of",
        "the",
        "a",
        "an",
        "and",
        "or",
        "for",
        "with",
        "without",
        "in",
        "to",
        "by",
        "as",
        "is",
        "are",
        "each",
        "any",
        "all",
        "other",
        "per",
        "not",
        "use",
    ]
)


def stems(text: str) -> frozenset[str]:
    """The stems of the words that tell one thing from another: "needling" and "needle" share one."""
    words = re.findall(r"[a-z]{3,}", re.sub(r"\bwithout\s+\S+", " ", text.casefold()))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    word = singular(word)
    for ending in ("ation", "ing", "ion", "ive", "al", "ed", "le", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


# ---------------------------------------------------------------------------- structure

_NUMBERS = "two|three|four|five|six|seven|eight|nine|ten"
_N = rf"(\d{{1,3}}|one|{_NUMBERS})"
_THESE = r"(?:of\s+)?(?:the\s+)?(?:these|following)\b"
_STRUCTURES: tuple[tuple[str, str, bool], ...] = (
    (
        rf"\b(?:at least|no fewer than|a minimum of|minimum of)\s+{_N}\s+(?:or more\s+)?{_THESE}",
        r"at least \1 of the following",
        False,
    ),
    (rf"\b{_N}\s*\+?\s+or more\s+{_THESE}", r"at least \1 of the following", False),
    (rf"\bany\s+{_N}\s+{_THESE}", r"at least \1 of the following", False),
    (rf"\b(?:either|any one|any)\s+(?:one\s+)?{_THESE}", "any of the following", False),
    (rf"(?<!least )\bone\s+{_THESE}", "any of the following", True),
    (rf"\b(?:both|each|every one|all|every)\s+{_THESE}", "all of the following", False),
    (rf"\b(?:none|neither)\s+{_THESE}", "none of the following", False),
    (
        rf"(?<!least )\b(\d{{1,2}}|{_NUMBERS})\s+of\s+(?:the\s+)?(?:these|following)\b",
        r"at least \1 of the following",
        True,
    ),
)
_STRUCTURE = re.compile(r"\b(?:(?:all|any|none)|at least (\d{1,3}|one|" + _NUMBERS + r")) of the following\b")
_NUMBER_WORDS = {word: at for at, word in enumerate(("one", *_NUMBERS.split("|")), 1)}


@dataclass(frozen=True, slots=True)
class Structured:
    """A sentence over a list, in the notation's words, ending in a colon."""

    text: str
    doubt: str = ""


def structured(
    text: str, parts: Sequence[Item], joined: str = "", against: Sequence[tuple[int, str]] = ()
) -> Structured:
    """Put the structure words of a sentence over ``parts`` in the notation's spelling.

    ``joined`` is the word that stands on lines of its own between the items: "and", "or", or none; ``against`` what the
    items' own joining words are (``joining_words``).
    """
    words, doubt = _spelled(text)
    found = list(_STRUCTURE.finditer(words))
    if len(found) == 1 and _needed(found[0]) <= max(1, len(parts)):
        kind = found[0][0].split()[0]
        if (kind, joined) in (("all", "or"), ("any", "and")):
            doubt = f"{_short(text)!r} stands over items joined by {joined!r}: its own words were kept; which is meant?"
        other = {"all": "or", "any": "and"}.get(kind, "")
        if said := _said_by(against, other):
            doubt = f"the list says {kind.upper()}, {said} (below {_short(text)!r}): which is meant?"
        return Structured(words + ":", doubt)
    if len(found) == 1:
        doubt = f"{_short(text)!r} asks for more items than stand below it: were some lost?"
    cut = words[: found[0].start()].rstrip(" ,;:") if found else words
    cut = re.sub(r"(?:^|\s+)the following(?: criteria| conditions)?(?: (?:are|is) met)?$", "", cut, flags=re.IGNORECASE)
    kind = "any" if joined == "or" else "all"
    doubt = doubt or f"{_short(text)!r} does not say how its list counts: read as {kind} of these"
    if said := _said_by(against, {"all": "or", "any": "and"}[kind]):
        doubt = f"{doubt}, but {said}"
    link = "" if not cut else " " if re.search(r"\b(?:when|if|with|by|of|are|is|has|have)$", cut) else ", "
    return Structured(f"{cut}{link}{kind} of these:", doubt)


def _spelled(text: str) -> tuple[str, str]:
    """A sentence with its structure words respelled, and the doubt where a respelling is a reading."""
    words, doubt = safe(text).rstrip(" :.;,"), ""
    for pattern, spelling, is_doubtful in _STRUCTURES:
        changed = re.sub(pattern, spelling, words, flags=re.IGNORECASE)
        read = _STRUCTURE.search(changed)
        if changed != words and is_doubtful and read is not None and _STRUCTURE.search(words) is None:
            doubt = f"the structure of {_short(text)!r} was read as {read[0]!r}"
        words = changed
    return words, doubt


def _needed(structure: re.Match[str]) -> int:
    """How many items a structure asks for at least."""
    number = structure[1] or "one"
    return int(number) if number.isdigit() else _NUMBER_WORDS[number.casefold()]


def _short(text: str, limit: int = 60) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


# ---------------------------------------------------------------------------- lists


@dataclass(frozen=True, slots=True)
class Bullet:
    """A listed line before the tree is made: its words and how deep it lies."""

    text: str
    depth: int


def tree(bullets: Sequence[Bullet], doubts: list[str]) -> tuple[tuple[Item, ...], str]:
    """The items of a list with their own lists, and the word on lines of its own between the outermost ones.

    Where both words stand between items, the list can be read as two trees: it becomes one question.
    """
    outer = min((each.depth for each in bullets), default=0)
    items: list[Item] = []
    words: list[str] = []
    run: list[str] = []
    at = 0
    while at < len(bullets):
        end = at + 1
        while end < len(bullets) and bullets[end].depth > outer:
            end += 1
        word = bullets[at].text.strip(" .;,:").casefold()
        if word in ("and", "or"):
            words.append(word)
        else:
            items.append(_item(bullets[at].text, bullets[at + 1 : end], doubts))
        run += [word] if word in ("and", "or") else [each.text.rstrip(" .;,:") for each in bullets[at:end]]
        at = end
    items = [item for item in items if item.text]
    if len(set(words)) == 2 or ("or" in words and len(words) < len(items) - 1):
        doubts.append(
            f"the list of {_short(run[0])!r} mixes its joining words: it was made one question; what is meant?"
        )
        return (Item(safe(" ".join(run)).rstrip(" :")),), ""
    return tuple(items), words[0] if words else ""


_OPENING = re.compile(r"\W*(and|or)\b(?!/)", re.IGNORECASE)
_ENDING = re.compile(r"[\s.,;]+(and|or)[\s.:;,]*$", re.IGNORECASE)


def joining_words(bullets: Sequence[Bullet]) -> tuple[tuple[int, str], ...]:
    """The joining words at either end of the outermost items, each with the number of its item."""
    outer = min((each.depth for each in bullets), default=0)
    found: list[tuple[int, str]] = []
    number = 0
    for each in bullets:
        if each.text.strip(" .;,:").casefold() in ("and", "or"):
            continue
        number += each.depth == outer
        ends = (_OPENING.match(each.text) if each.depth == outer else None, _ENDING.search(each.text.rstrip()))
        found += [(number, match[1].casefold()) for match in ends if match is not None]
    return tuple(dict.fromkeys(found))


def _said_by(words: Sequence[tuple[int, str]], other: str) -> str:
    """Which items say the other word: "item 2 says or"."""
    return ", ".join(f"item {number} says {word}" for number, word in words if word == other)


def _item(text: str, below: Sequence[Bullet], doubts: list[str]) -> Item:
    parts, joined = tree(below, doubts) if below else ((), "")
    text = _ENDING.sub("", text.rstrip())
    if parts:
        made = structured(text, parts, joined, joining_words(below))
        if made.doubt:
            doubts.append(made.doubt)
        return Item(made.text, parts)
    return Item(safe(text).rstrip(" :;,"))


# ---------------------------------------------------------------------------- statements

_CONDITION = re.compile(r"\b(when|if|unless|only|provided|except)\b", re.IGNORECASE)
_IN_FRONT = re.compile(r"(when|if)\b\s*(.+?),\s+(.+)", re.IGNORECASE | re.DOTALL)
_OTHERWISE = re.compile(
    r"\b(?:all other|any other|other than|otherwise|(?:is|are|were) not met|not meeting|do(?:es)? not meet|not listed|not (?:otherwise )?specified)\b",
    re.IGNORECASE,
)


def ruling(sentence: str, bullets: Sequence[Bullet], subject: str = "", column: str | None = None) -> Ruling | None:
    """The rule that a published sentence states with the list below it, or ``None`` where it states no position.

    ``subject`` is the first cell of its table row, or the heading above; ``column`` the label of its column.
    """
    words = safe(sentence)
    words = re.sub(r"^(?:[A-Za-z]|[ivxIVX]{1,4}|\d{1,2})[.)]\s+", "", words)
    published, words = words, re.sub(r"^(?:otherwise|unless otherwise \w+),?\s+", "", words, flags=re.IGNORECASE)
    stand = position_in(words)
    doubts: list[str] = []
    parts, joined = tree(bullets, doubts)
    against = joining_words(bullets)
    if stand is None:
        return None if column is None else _by_column(words, parts, joined, against, subject, column, doubts)
    declared = ((stand.label, stand.position),) if stand.is_declared else ()
    services = services_in(_subject(words, stand)) or services_in(subject)
    made = Ruling("", stand.position, services, safe(subject), declared=declared, plain_words=published)
    before, after = _LOOSE_STRUCTURE.sub("among those", words[: stand.start]), words[stand.end :]
    bold = f"{before}**{stand.label}**"
    if parts:
        whole = _over_list(bold, after, parts, joined, against)
        if whole.doubt:
            doubts.append(whole.doubt)
        return replace(made, statement=whole.text, items=parts, doubts=tuple(doubts))
    if words.endswith(":"):
        after = after.rstrip(" :")
        doubts.append(f"{_short(words)!r} ends in a colon, but no list follows: was one lost?")
        if not after.strip() or _CONDITION.search(after) is None:
            return _asked(
                replace(made, doubts=tuple(doubts)),
                bold,
                f"the condition that {_short(words, 200).rstrip(': ')} names is met",
            )
    if _CONDITION.search(before) or _CONDITION.search(after):
        return _conditional(replace(made, doubts=tuple(doubts)), before, stand, after)
    return replace(made, statement=f"{bold}{after}", doubts=tuple(doubts))


def _subject(words: str, stand: Stand) -> str:
    """The words before the verb of the position; behind an opening condition, what follows its comma."""
    before = re.sub(
        r"\s+(?:is|are|may|can|will|has|have|remains?|was|were)\b(?:\s+\w+){0,4}\s*$",
        "",
        words[: stand.start].rstrip(),
        flags=re.IGNORECASE,
    )
    front = _IN_FRONT.fullmatch(before)
    return front[3] if front else before


_LOOSE_STRUCTURE = re.compile(r"\bof (?:these|the following)\b", re.IGNORECASE)


def _over_list(
    bold: str, after: str, parts: tuple[Item, ...], joined: str, against: Sequence[tuple[int, str]]
) -> Structured:
    made = structured(after, parts, joined, against)
    text = f"{bold} {made.text}" if not made.text.startswith((",", ":", ".")) else f"{bold}{made.text}"
    return Structured(re.sub(r"\*\* (?:, )?(all|any) of these:$", r"** when \1 of these are met:", text), made.doubt)


def _asked(made: Ruling, bold: str, condition: str, kind: str = "all") -> Ruling:
    """A conditional statement over one question."""
    lead = re.sub(r"[\s,;:.-]+$", "", bold)
    item = re.sub(r"[\s.,;:]*(?:\b(?:and|or)\b[\s.,;:]*)*$", "", condition, flags=re.IGNORECASE)
    return replace(
        made, statement=f"{lead} when {kind} of these are met:", items=(Item(safe(item) or "the condition is met"),)
    )


def _conditional(made: Ruling, before: str, stand: Stand, after: str) -> Ruling:
    """A condition in prose becomes a question: the part behind when, if, unless, only, provided, except."""
    doubt = f"the condition in {_short(made.plain_words)!r} is prose; it was made a question"
    made = replace(made, doubts=(*made.doubts, doubt))
    bold = f"{before}**{stand.label}**"
    match = _CONDITION.search(after)
    if match is not None and _CONDITION.search(before) is None:
        start, word = match.start(), match[1].casefold()
        condition = re.sub(
            r"^(?:only\s+)?(?:when|if|provided(?:\s+that)?|unless|except(?:\s+(?:for|when|if|that|as))?|only)\s+",
            "",
            after[start:].strip(),
            flags=re.IGNORECASE,
        ).rstrip(" .:;,")
        kind = "none" if word in ("unless", "except") else "all"
        if condition and _CONDITION.search(bold + after[:start]) is None:
            return _asked(made, bold + after[:start].rstrip(), condition, kind)
    front = _IN_FRONT.fullmatch(before + "\0" + after.rstrip("."))
    if front is not None and _CONDITION.search(front[3]) is None and "\0" in front[3]:
        main = front[3].replace("\0", f"**{stand.label}**")
        return _asked(made, main[0].upper() + main[1:], front[2])
    service = made.heading or " and ".join(made.services).replace("-", " ") or "This service"
    return _asked(made, f"{_tamed(service)}: **{stand.label}**", made.plain_words.rstrip(" .:"))


def _tamed(name: str) -> str:
    """A name without the words that would read as a condition or as the structure of a list."""
    bare = " ".join(_LOOSE_STRUCTURE.sub(" ", _CONDITION.sub(" ", name)).split()).strip(" ,;:")
    return bare or "This service"


def _by_column(
    words: str,
    parts: tuple[Item, ...],
    joined: str,
    against: Sequence[tuple[int, str]],
    subject: str,
    column: str,
    doubts: list[str],
) -> Ruling:
    """A cell that states no position of its own stands under the position of its column, as a condition."""
    name = safe(subject).rstrip(" .:")
    made = Ruling("", STANDARD_LABELS[column], services_in(subject) or services_in(words), name, plain_words=words)
    bold = f"{_tamed(name or words)}: **{column}**"
    bare = words.rstrip(" .:")
    if not bare or bare.casefold() == name.casefold():
        if parts:
            made_list = _over_list(bold, "", parts, joined, against)
            return replace(
                made, statement=made_list.text, items=parts, doubts=(*doubts, *filter(None, (made_list.doubt,)))
            )
        return replace(made, statement=bold + ".", doubts=tuple(doubts))
    if re.fullmatch(r"(?:all|any) (?:indications?|uses?|diagnos[ei]s|conditions?)", bare, re.IGNORECASE) and not parts:
        return replace(made, statement=f"{bold} for {bare.casefold()}.", doubts=tuple(doubts))
    doubts.append(
        f"the cell {_short(words)!r} states no position: that of its column was taken, its words as the condition"
    )
    if parts:
        inner = structured(words, parts, joined, against)
        if inner.doubt:
            doubts.append(inner.doubt)
        return replace(_asked(made, bold, ""), items=(Item(inner.text, parts),), doubts=tuple(doubts))
    return replace(_asked(made, bold, bare), doubts=tuple(doubts))


def is_otherwise(made: Ruling) -> bool:
    """Whether a statement speaks of every case that the one before it leaves."""
    return made.position not in FAVOURABLE and _OTHERWISE.search(made.plain_words) is not None


def joined_otherwise(rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Statements of "all other" cases as the ``Otherwise`` of the favourable one before them, their words kept as a note."""
    found: list[Ruling] = []
    for made in rulings:
        last = found[-1] if found else None
        fits = last is not None and last.items and not last.otherwise and last.position in FAVOURABLE
        if fits and last is not None and is_otherwise(made) and _same_service(last, made):
            label = re.search(r"\*\*(.+?)\*\*", made.statement)
            found[-1] = replace(
                last,
                otherwise=f"Otherwise **{label[1] if label else made.position.value}**.",
                notes=(*last.notes, made.plain_words, *made.notes),
                declared=(*last.declared, *made.declared),
                doubts=(
                    *last.doubts,
                    f"{_short(made.plain_words)!r} was read as the otherwise of the statement before it",
                ),
            )
        else:
            found.append(made)
    return tuple(found)


def otherwise_doubt(made: Ruling) -> str:
    return f"{_short(made.plain_words)!r} was read as the otherwise of the statement before it"


def _same_service(one: Ruling, other: Ruling) -> bool:
    """Whether two statements speak of one service; one that names none, or only "uses", speaks of the last."""
    if not set(one.services).isdisjoint(other.services) or not other.services:
        return True
    return bool(stems(" ".join(one.services)) & stems(" ".join(other.services))) or bool(
        re.match(r"(?:all|any) other (?:uses?|indications?|conditions?|situations?)", other.plain_words, re.IGNORECASE)
    )


def headed(rulings: Sequence[Ruling]) -> tuple[Ruling, ...]:
    """Each rule with a heading of its own: its subject, with its position where two rules share one."""
    taken: set[str] = set()
    found = []
    for one in rulings:
        subject = inline(one.heading or " and ".join(one.services).replace("-", " ")) or "Criteria"
        subject = subject[0].upper() + subject[1:]
        heading = subject
        if rule_name(heading) in taken:
            heading = f"{subject}: {one.position.value.replace('_', ' ')}"
        number = 2
        while rule_name(heading) in taken:
            heading = f"{subject} {number}"
            number += 1
        taken.add(rule_name(heading))
        found.append(replace(one, heading=heading))
    return tuple(found)
