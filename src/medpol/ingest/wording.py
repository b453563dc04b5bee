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
from medpol.ingest.narrowing import is_limited, is_narrowed, limit_in
from medpol.ingest.published import Item, Ruling
from medpol.ingest.readings import (
    OPEN_LIST,
    Bullet,
    as_words,
    joining_words,
    lists_subjects,
    plain_counts,
    short,
    turned,
    unsure,
)
from medpol.ingest.stating import Stand, position_in
from medpol.model.criteria import rule_name
from medpol.model.positions import FAVOURABLE, STANDARD_LABELS

# ---------------------------------------------------------------------------- services

_LEADS = re.compile(
    r"^(?:(?:up to|at most|(?:a )?maximum of|(?:no|not)? ?more than|limited to)\s+(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\(\d+\)\s+)?)?"
    r"(?:it is the (?:[\w ]+ )?policy (?:of [\w ]+? )?that\s+)?(?:(?:the|a|an|any|all other|all|other|each|either)\s+|(?:use|uses|application|indications|treatment|performance)\s+"
    r"(?:of|for|with)\s+|note:\s*)*",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s+(?:for|in|as|when|if|to|with|without|by|using|that|which|who|where|during|under|above|below|exceeding|costing|per|over(?=\s+\$?\d)|up(?=\s+to\b)|is|are|may|must|can|will|has|have|on)\b.*|[(,;:].*",
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
    if not words or words[0] == "following":
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
_STRUCTURES: tuple[tuple[str, str], ...] = (
    (
        rf"\b(?:at least|no fewer than|a minimum of|minimum of)\s+{_N}\s+(?:or more\s+)?{_THESE}",
        r"at least \1 of the following",
    ),
    (rf"\b{_N}\s*\+?\s+or more\s+{_THESE}", r"at least \1 of the following"),
    (rf"\bany\s+(?!one\b){_N}\s+{_THESE}", r"at least \1 of the following"),
    (rf"\ball\s+{_N}\s+{_THESE}", "all of the following"),
    (rf"\b(?:either|any one|any)\s+(?:one\s+)?{_THESE}", "any of the following"),
    (rf"(?<!least )\bone\s+{_THESE}", "any of the following"),
    (rf"\b(?:both|each|every one|all|every)\s+{_THESE}", "all of the following"),
    (rf"\b(?:none|neither)\s+{_THESE}", "none of the following"),
    (rf"(?<!least )\b(\d{{1,2}}|{_NUMBERS})\s+of\s+(?:the\s+)?(?:these|following)\b", r"at least \1 of the following"),
    (r"\b(all|any|none) (?:of )?(?:the )?(?:following )?(criteria|conditions|requirements)(?: listed)?(?: below)?\b", r"\1 of the following \2"),
    (r"\(?\b(?:all|each|both)(?: of)?\)?$", "all of the following"),
    (r"\(?\b(?:any|either)(?: of)?\)?$", "any of the following"),
    (r"\(?\bnone(?: of)?\)?$", "none of the following"),
)  # fmt: skip
_STRUCTURE = re.compile(r"\b(?:(?:all|any|none)|at least (\d{1,3}|one|" + _NUMBERS + r")) of the following\b")
_NUMBER_WORDS = {word: at for at, word in enumerate(("one", *_NUMBERS.split("|")), 1)}


@dataclass(frozen=True, slots=True)
class Structured:
    """A sentence over a list, in the notation's words, ending in a colon."""

    text: str
    doubt: str = ""


def structured(text: str, parts: Sequence[Item], joined: str = "") -> Structured:
    """Put the structure words of a sentence over ``parts`` in the notation's spelling.

    ``joined`` is the word that joins the items ("and", "or", or none). The list is one that reads in one way alone.
    """
    words = _spelled(text)
    found = list(_STRUCTURE.finditer(words))
    if len(found) == 1 and _needed(found[0]) <= max(1, len(parts)):
        return Structured(words + ":")
    doubt = f"{short(text)!r} asks for more items than stand below it: were some lost?" if len(found) == 1 else ""
    cut = words[: found[0].start()].rstrip(" ,;:") if found else words
    cut = re.sub(r"(?:^|\s+)the following(?: criteria| conditions)?(?: (?:are|is) met)?$", "", cut, flags=re.IGNORECASE)
    link = "" if not cut else " " if re.search(r"\b(?:when|if|with|by|of|are|is|has|have)$", cut) else ", "
    return Structured(f"{cut}{link}{'any' if joined == 'or' else 'all'} of these:", doubt)


def _spelled(text: str) -> str:
    """A sentence with its structure words in the notation's spelling."""
    words = plain_counts(safe(text)).rstrip(" :.;,")
    for pattern, spelling in _STRUCTURES:
        words = re.sub(pattern, spelling, words, flags=re.IGNORECASE)
    return words


def _needed(structure: re.Match[str]) -> int:
    """How many items a structure asks for at least."""
    number = structure[1] or "one"
    return int(number) if number.isdigit() else _NUMBER_WORDS[number.casefold()]


# ---------------------------------------------------------------------------- lists


def tree(bullets: Sequence[Bullet], doubts: list[str]) -> tuple[Item, ...]:
    """The items of a list with their own lists; an inner list that can be read in two ways becomes one question."""
    outer = min((each.depth for each in bullets), default=0)
    items: list[Item] = []
    at = 0
    while at < len(bullets):
        end = at + 1
        while end < len(bullets) and bullets[end].depth > outer:
            end += 1
        if not bullets[at].joining:
            items.append(_item(bullets[at].text, bullets[at + 1 : end], doubts))
        at = end
    return tuple(item for item in items if item.text)


_ENDING = re.compile(r"[\s.,;]+(and|or)[\s.:;,]*$", re.IGNORECASE)


def _item(text: str, below: Sequence[Bullet], doubts: list[str]) -> Item:
    text = _ENDING.sub("", text.rstrip())
    if below:
        if question := unsure(text, below):
            doubts.append(question)
            return Item(safe(f"{text.rstrip(' :.;,')}: {as_words(below)}").rstrip(" :;,"))
        parts = tree(below, doubts)
        made = structured(text, parts, joined_by(below))
        doubts += filter(None, (made.doubt,))
        return Item(made.text, parts)
    if OPEN_LIST.search(text):
        doubts.append(
            f"{short(text, 90)!r} is an open list: (1) only what is named counts; (2) what is like it counts as well: which is meant?"
        )
    return Item(safe(text).rstrip(" :;,"))


def joined_by(bullets: Sequence[Bullet]) -> str:
    """The word that joins the outermost items: "and", "or", or none."""
    outer = min((each.depth for each in bullets), default=0)
    words = [each.joining for each in bullets if each.joining and each.depth == outer]
    words += [word for _, word in joining_words(bullets)]
    return words[0] if words else ""


# ---------------------------------------------------------------------------- statements

_CONDITION = re.compile(r"\b(when|if|unless|only|provided|except)\b", re.IGNORECASE)
_IN_FRONT = re.compile(r"(when|if)\b\s*(.+?),\s+(.+)", re.IGNORECASE | re.DOTALL)
_EXCEPTED_IN_FRONT = re.compile(
    r"(unless|until|except(?: for| when| if)?)\b\s*(.+?),\s+(.+)", re.IGNORECASE | re.DOTALL
)
_OTHERWISE = re.compile(
    r"\b(?:all other|any other|other than|otherwise|(?:is|are|were) not met|not meeting|do(?:es)? not meet|not listed|not (?:otherwise )?specified)\b",
    re.IGNORECASE,
)


def ruling(sentence: str, bullets: Sequence[Bullet], subject: str = "", column: str | None = None) -> Ruling | None:
    """The rule that a published sentence states with the list below it, or ``None`` where it states no position.

    ``subject`` is the first cell of its table row, or the heading above; ``column`` the label of its column.
    """
    if all(each.joining for each in bullets):
        bullets = ()
    made = _ruling(sentence, bullets, subject, column)
    stand = position_in(_unmarked(safe(sentence)))
    if made is not None and not made.items and (is_narrowed(made.plain_words) or _is_for_some(made, stand)):
        made = also_when(
            replace(
                made,
                doubts=(
                    *made.doubts,
                    f"{short(made.plain_words)!r} limits its position to some cases or amounts: it was made a question; which are they?",
                ),
            ),
            f"{_FITS} {made.plain_words.rstrip(' .:')}",
        )
    elif (
        made is not None and is_limited(made.plain_words) and not turned(made.plain_words[stand.end if stand else 0 :])
    ):
        made = also_when(
            replace(
                made,
                doubts=(
                    *made.doubts,
                    f"{short(made.plain_words)!r} sets a limit beside its list: it was made a question; what does it count?",
                ),
            ),
            f"this is within the limit: {limit_in(made.plain_words)}",
        )
    if made is None or stand is None or not stand.is_asked:
        return made
    return also_when(
        replace(made, doubts=(*made.doubts, f"{stand.label!r} is no label that is known: which position is it?")),
        f"the publisher's word '{stand.label}' means {stand.position.value.replace('_', ' ')}",
    )


def _is_for_some(made: Ruling, stand: Stand | None) -> bool:
    """Whether a favourable sentence says what for, behind its position: it holds for that alone."""
    if stand is None or made.position not in FAVOURABLE:
        return False
    after = made.statement.rsplit("**", 1)[-1]
    return _FOR_SOME.match(after) is not None and _FOR_EVERY.match(after) is None


_FOR_SOME = re.compile(
    r"\s*(?:,\s*)?(?:for|to (?:treat|diagnose|manage|prevent|evaluate|screen)|in|as|with|after|following|when)\b",
    re.IGNORECASE,
)
_FOR_EVERY = re.compile(
    r"\s*(?:for|in) (?:all|any|every) (?:members?|patients?|individuals?|indications?|uses?|cases?|conditions?|diagnos[ei]s)\W*$",
    re.IGNORECASE,
)


_FITS = "this fits:"


def also_when(made: Ruling, question: str) -> Ruling:
    """A statement that holds only where one more question is answered with yes."""
    if not made.items:
        return _asked(made, made.statement, question)
    before, after = made.statement.rsplit("**", 1)
    asked = Item(safe(question))
    if re.search(r"\ball of (?:these|the following)\b", after):
        return replace(made, items=(asked, *made.items))
    words = re.sub(r"^\W*(?:(?:only|when|if)\s+)*", "", after)
    return replace(made, statement=f"{before}** when all of these are met:", items=(asked, Item(words, made.items)))


def _unmarked(words: str) -> str:
    """A sentence without the letter or number that lists it, and without a leading "otherwise"."""
    words = re.sub(r"^(?:[A-Za-z]|[ivxIVX]{1,4}|\d{1,2})[.)]\s+", "", words)
    return re.sub(r"^(?:otherwise|unless otherwise \w+),?\s+", "", words, flags=re.IGNORECASE)


def _ruling(sentence: str, bullets: Sequence[Bullet], subject: str, column: str | None) -> Ruling | None:
    words = safe(sentence)
    words = re.sub(r"^(?:[A-Za-z]|[ivxIVX]{1,4}|\d{1,2})[.)]\s+", "", words)
    published, words = words, re.sub(r"^(?:otherwise|unless otherwise \w+),?\s+", "", words, flags=re.IGNORECASE)
    stand = position_in(words)
    doubts: list[str] = []
    if stand is None:
        return None if column is None else _by_column(words, bullets, subject, column, doubts)
    declared = ((stand.label, stand.position),) if stand.is_declared else ()
    own, given = services_in(stand.about or _subject(words, stand)), services_in(subject)
    heading = safe(subject) if not own or not given or stems(" ".join(own)) & stems(" ".join(given)) else ""
    services = own or given
    made = Ruling("", stand.position, services, heading, declared=declared, plain_words=published)
    before, after = _LOOSE_STRUCTURE.sub("among those", words[: stand.start]), words[stand.end :]
    if not bullets and (request := _REQUEST.match(_subject(words, stand))) is not None:
        made = replace(made, services=services_in(subject), heading=safe(subject))
        return _asked(made, f"{before}**{stand.label}**", f"this is {request[0][0].lower()}{request[0][1:]}")
    bold = f"{before}**{stand.label}**"
    published_lead = words[: stand.start]
    if bullets and (turned(published_lead) or turned(after)):
        question = unsure(f"{published_lead}, {after}", bullets, words)
        return _turned_list(replace(made, doubts=(question,)), before, stand, after, bullets)
    if bullets:
        if question := unsure(f"{published_lead}, {after}", bullets, words):
            return _unsure_list(replace(made, doubts=(question,)), bold, after, bullets)
        parts = tree(bullets, doubts)
        whole = _over_list(bold, after, parts, "or" if lists_subjects(words) else joined_by(bullets))
        doubts += filter(None, (whole.doubt,))
        return replace(made, statement=whole.text, items=parts, doubts=tuple(doubts))
    if words.endswith(":"):
        after = after.rstrip(" :")
        doubts.append(f"{short(words)!r} ends in a colon, but no list follows: was one lost?")
        if not after.strip() or _CONDITION.search(after) is None:
            return _asked(
                replace(made, doubts=tuple(doubts)),
                bold,
                f"the condition that {short(words, 200).rstrip(': ')} names is met",
            )
    if _CONDITION.search(before) or _CONDITION.search(after) or _is_vague(made, words):
        return _conditional(replace(made, doubts=tuple(doubts)), before, stand, after)
    return replace(made, statement=f"{bold}{after}", doubts=tuple(doubts))


_REQUEST = re.compile(
    r"(?:a|an|any|each|all) (?:second|repeat(?:ed)?|further|additional|subsequent|other) requests?\b.*", re.IGNORECASE
)


def _subject(words: str, stand: Stand) -> str:
    """The words before the verb of the position; behind an opening condition, what follows its comma."""
    before = re.sub(
        r"\s+(?:is|are|may|can|will|has|have|remains?|was|were)\b(?:\s+\w+){0,4}\s*$",
        "",
        words[: stand.start].rstrip(),
        flags=re.IGNORECASE,
    )
    front = _EXCEPTED_IN_FRONT.fullmatch(before) or _IN_FRONT.fullmatch(before)
    return _CRITERIA_FOR.sub("", front[3] if front else before)


# "For clinical coverage criteria for stays, refer to ...": what is spoken of stands behind.
_CRITERIA_FOR = re.compile(r"^for (?:[\w-]+ ){0,4}criteria(?:\s+(?:for|of))?[\s,]*", re.IGNORECASE)


_LOOSE_STRUCTURE = re.compile(r"\bof (?:these|the following)\b", re.IGNORECASE)


def _over_list(bold: str, after: str, parts: tuple[Item, ...], joined: str) -> Structured:
    made = structured(after, parts, joined)
    text = f"{bold} {made.text}" if not made.text.startswith((",", ":", ".")) else f"{bold}{made.text}"
    return Structured(re.sub(r"\*\* (?:, )?(all|any) of these:$", r"** when \1 of these are met:", text), made.doubt)


def _unsure_list(made: Ruling, bold: str, after: str, bullets: Sequence[Bullet]) -> Ruling:
    """A statement whose list can be read in two ways: the list is one question, in the words of the source."""
    match = _CONDITION.search(after)
    start = match.start() if match is not None else len(after) if _CONDITION.search(bold) else 0
    condition = re.sub(r"^\s*(?:(?:only|when|if|provided that)\s+)*", "", after[start:], flags=re.IGNORECASE).rstrip(
        " .:;,"
    )
    lead = _LOOSE_STRUCTURE.sub("among those", after[:start].rstrip())
    listed = as_words(bullets)
    return _asked(made, bold + lead, f"{condition}: {listed}" if condition else listed)


def _turned_list(made: Ruling, before: str, stand: Stand, after: str, bullets: Sequence[Bullet]) -> Ruling:
    """A statement whose list is negated or excepted from: one question in the words of the source."""
    found = turned(after)
    listed = as_words(bullets)
    if found is None or _CONDITION.search(before) or _CONDITION.search(after[: found.start()]):
        service = made.heading or " and ".join(made.services).replace("-", " ") or "This service"
        return _asked(
            made, f"{_tamed(service)}: **{stand.label}**", f"{_FITS} {made.plain_words.rstrip(' :.;,')}: {listed}"
        )
    words = after[found.start() :].strip().rstrip(" :.;,")
    return _asked(made, f"{before}**{stand.label}**{after[: found.start()]}", f"{_FITS} {words}: {listed}")


def _asked(made: Ruling, bold: str, condition: str, kind: str = "all") -> Ruling:
    """A conditional statement over one question."""
    lead = re.sub(r"[\s,;:.-]+$", "", bold)
    item = re.sub(r"[\s.,;:]*(?:\b(?:and|or)\b[\s.,;:]*)*$", "", condition, flags=re.IGNORECASE)
    return replace(
        made, statement=f"{lead} when {kind} of these are met:", items=(Item(safe(item) or "the condition is met"),)
    )


_VAGUE = re.compile(
    r"\b(?:in|for|under) (?:certain|select(?:ed)?|some|limited|specific|the following) (?:[\w-]+ ){0,2}?"
    r"(?:circumstances|cases|situations|indications|conditions|patients|individuals|members)\b|\bon a case[- ]by[- ]case\b",
    re.IGNORECASE,
)


def _is_vague(made: Ruling, words: str) -> bool:
    """Whether a favourable sentence holds for cases that it does not name: it covers nobody until somebody says whom."""
    return made.position in FAVOURABLE and _VAGUE.search(words) is not None


def _conditional(made: Ruling, before: str, stand: Stand, after: str) -> Ruling:
    """A condition in prose becomes a question: the part behind when, if, unless, only, provided, except."""
    doubt = f"the condition in {short(made.plain_words)!r} is prose; it was made a question"
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


def _by_column(words: str, bullets: Sequence[Bullet], subject: str, column: str, doubts: list[str]) -> Ruling:
    """A cell that states no position of its own stands under the position of its column, as a condition."""
    name = safe(subject).rstrip(" .:")
    made = Ruling("", STANDARD_LABELS[column], services_in(subject) or services_in(words), name, plain_words=words)
    bold = f"{_tamed(name or words)}: **{column}**"
    bare = words.rstrip(" .:")
    question = unsure(words, bullets) if bullets else ""
    parts = tree(bullets, doubts) if bullets and not question else ()
    if not bare or bare.casefold() == name.casefold():
        if question:
            return _unsure_list(replace(made, doubts=(question,)), bold, "", bullets)
        if parts:
            made_list = _over_list(bold, "", parts, joined_by(bullets))
            doubts += filter(None, (made_list.doubt,))
            return replace(made, statement=made_list.text, items=parts, doubts=tuple(doubts))
        return replace(made, statement=bold + ".", doubts=tuple(doubts))
    if (
        re.fullmatch(r"(?:all|any) (?:indications?|uses?|diagnos[ei]s|conditions?)", bare, re.IGNORECASE)
        and not bullets
    ):
        return replace(made, statement=f"{bold} for {bare.casefold()}.", doubts=tuple(doubts))
    doubts.append(
        f"the cell {short(words)!r} states no position: that of its column was taken, its words as the condition"
    )
    if question:
        return _asked(replace(made, doubts=(*doubts, question)), bold, f"{bare}: {as_words(bullets)}")
    if parts:
        inner = structured(words, parts, joined_by(bullets))
        doubts += filter(None, (inner.doubt,))
        return replace(_asked(made, bold, ""), items=(Item(inner.text, parts),), doubts=tuple(doubts))
    return replace(_asked(made, bold, bare), doubts=tuple(doubts))


def in_question(made: Ruling) -> Ruling:
    """A statement of an earlier text, where the newer one denies a position: it holds only if a person says so."""
    if made.items:
        return made
    return _asked(made, made.statement, "this earlier statement still holds, although the newer text denies a position")


def is_otherwise(made: Ruling) -> bool:
    """Whether a statement speaks of every case that the one before it leaves."""
    return made.position not in FAVOURABLE and _OTHERWISE.search(made.plain_words) is not None


def joined_otherwise(rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Statements of "all other" cases as the ``Otherwise`` of the favourable one before them, their words kept as a note."""
    found: list[Ruling] = []
    for made in rulings:
        last = found[-1] if found else None
        fits = last is not None and last.items and not last.otherwise and last.position in FAVOURABLE
        fits = fits and last is not None and not last.items[0].text.startswith(_FITS)  # other than what is not certain
        if fits and last is not None and last.dates == made.dates and is_otherwise(made) and _same_service(last, made):
            label = re.search(r"\*\*(.+?)\*\*", made.statement)
            found[-1] = replace(
                last,
                otherwise=f"Otherwise **{label[1] if label else made.position.value}**.",
                notes=(*last.notes, made.plain_words, *made.notes),
                declared=(*last.declared, *made.declared),
                doubts=(
                    *last.doubts,
                    f"{short(made.plain_words)!r} was read as the otherwise of the statement before it",
                ),
            )
        else:
            found.append(_rest_asked(made))
    return tuple(found)


_REST = re.compile(
    r"\b(?:all|any) other (?:[\w-]+ ){0,2}?(?:cases?|indications?|circumstances?|situations?|conditions?|uses?|diagnos[ei]s|patients?|members?|individuals?|purposes?)\b|^otherwise\b",
    re.IGNORECASE,
)


def _rest_asked(made: Ruling) -> Ruling:
    """A statement of "all other" cases that follows no list of its own service: which cases are left is a question."""
    if made.items or _REST.search(made.plain_words) is None:
        return made
    return also_when(
        replace(made, doubts=(*made.doubts, rest_doubt(made))), f"{_FITS} {made.plain_words.rstrip(' .:')}"
    )


def rest_doubt(made: Ruling) -> str:
    return f"{short(made.plain_words)!r} speaks of all other cases, and no list right before it says which: other than what?"


def otherwise_doubt(made: Ruling) -> str:
    return f"{short(made.plain_words)!r} was read as the otherwise of the statement before it"


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
