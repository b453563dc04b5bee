"""Published sentences to rules: where the position stands, what it hangs on, and which service it speaks of.

The rule is never to make a statement wider than it is. A sentence with a condition becomes a conditional statement whose
condition is a question; what cannot be taken apart surely is marked doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from medpol.ingest.bullets import Bullet, as_words, placed, short
from medpol.ingest.counting import lists_subjects
from medpol.ingest.escape import sentence as safe
from medpol.ingest.naming import services_in, stems
from medpol.ingest.narrowing import is_limited, is_narrowed, limit_in
from medpol.ingest.published import Item, Ruling
from medpol.ingest.readings import unsure
from medpol.ingest.stating import Stand, position_in
from medpol.ingest.structures import Structured, joined_by, structured, tree
from medpol.ingest.turning import exception_in, turned
from medpol.model.positions import FAVOURABLE, STANDARD_LABELS, Outcome

# ---------------------------------------------------------------------------- statements

CONDITION = re.compile(r"\b(when|if|unless|only|provided|except)\b", re.IGNORECASE)
_IN_FRONT = re.compile(r"(when|if)\b\s*(.+?),\s+(.+)", re.IGNORECASE | re.DOTALL)
_EXCEPTED_IN_FRONT = re.compile(
    r"(unless|until|except(?: for| when| if)?)\b\s*(.+?),\s+(.+)", re.IGNORECASE | re.DOTALL
)
_CASE_IN_FRONT = re.compile(
    r"((?:in|among|with|without|after|before|during|following|prior to|within|once|effective|beginning|starting|as of|for(?! (?:[\w-]+ ){0,4}criteria\b))\b)\s*"
    r"((?:[^,]|,(?= \d{4}\b))+),\s+(.+)",
    re.IGNORECASE | re.DOTALL,
)
PREFIX = re.compile(r"(?P<words>[^:,;]{1,60}):\s+(?P<rest>\S.*)", re.DOTALL)
"""A few words and a colon before a sentence: "Adults: drums are covered"."""


def ruling(sentence: str, bullets: Sequence[Bullet], subject: str = "", column: str | None = None) -> Ruling | None:
    """The rule that a published sentence states with the list below it, or ``None`` where it states no position.

    ``subject`` is the first cell of its table row, or the heading above; ``column`` the label of its column.
    """
    bullets = placed(bullets)
    only_words = bool(bullets) and all(each.joining for each in bullets)
    made = _ruling(sentence, () if only_words else bullets, subject, column)
    if made is not None and only_words:
        made = _without_lines(made, bullets)
    stand = position_in(_unmarked(safe(sentence)))
    if made is not None and stand is not None:
        made = _second_asked(made, stand)
    if made is not None and not made.items and is_narrowed(made.plain_words):
        made = also_when(
            replace(
                made,
                doubts=(
                    *made.doubts,
                    f"{short(made.plain_words)!r} limits its position to some cases or amounts: it was made a question; which are they?",
                ),
            ),
            f"{FITS} {made.plain_words.rstrip(' .:')}",
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


def _second_asked(made: Ruling, stand: Stand) -> Ruling:
    """A statement whose sentence states another position as well, with another outcome: which of them holds is a question."""
    behind = made.plain_words[stand.end :] if stand.label in made.plain_words else ""
    second = position_in(behind)
    if second is None or second.position.outcome is stand.position.outcome or second.position.outcome is None:
        return made
    doubt = f"{short(made.plain_words)!r} states a second position ({second.label!r}), and only the first was made a rule: what of the second?"
    made = replace(made, doubts=(*made.doubts, doubt))
    return made if made.items else also_when(made, f"{FITS} {made.plain_words.rstrip(' .:')}")


def _without_lines(made: Ruling, words: Sequence[Bullet]) -> Ruling:
    """A statement below which joining words stand, and nothing that they could join."""
    stood = ", ".join(each.joining.upper() for each in words)
    doubt = f"below {short(made.plain_words)!r} stand {stood} alone: which lines do they join, and were those lost?"
    return also_when(replace(made, doubts=(*made.doubts, doubt)), f"what {stood} joined below this sentence is met")


FITS = "this fits:"


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
    if bullets and (turned(published_lead) or turned(after) or exception_in(f"{published_lead}, {after}")):
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
        if not after.strip() or CONDITION.search(after) is None:
            return _asked(
                replace(made, doubts=tuple(doubts)),
                bold,
                f"the condition that {short(words, 200).rstrip(': ')} names is met",
            )
    if CONDITION.search(before) or CONDITION.search(after) or _is_vague(made, words):
        return _conditional(replace(made, doubts=tuple(doubts)), before, stand, after)
    return replace(made, statement=f"{bold}{after}", doubts=tuple(doubts))


_REQUEST = re.compile(
    r"(?:a|an|any|each|all) (?:second|repeat(?:ed)?|further|additional|subsequent|other) requests?\b.*", re.IGNORECASE
)


def without_verb(before: str) -> str:
    """The words before a position without the verb that states it."""
    verb = r"\s+(?:is|are|may|can|will|has|have|remains?|was|were)\b(?:\s+\w+){0,4}\s*$"
    return re.sub(verb, "", before.rstrip(), flags=re.IGNORECASE)


def _subject(words: str, stand: Stand) -> str:
    """The words before the verb of the position; behind an opening condition, what follows its comma."""
    before = without_verb(words[: stand.start])
    if (prefix := PREFIX.fullmatch(before)) is not None:
        before = prefix["rest"]
    front = _EXCEPTED_IN_FRONT.fullmatch(before) or _IN_FRONT.fullmatch(before)
    if front is None and stand.position.outcome in (Outcome.COVERED, Outcome.NOT_COVERED):
        front = _CASE_IN_FRONT.fullmatch(before)
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
    match = CONDITION.search(after)
    start = match.start() if match is not None else len(after) if CONDITION.search(bold) else 0
    condition = re.sub(r"^\s*(?:(?:only|when|if|provided that)\s+)*", "", after[start:], flags=re.IGNORECASE).rstrip(
        " .:;,"
    )
    lead = _LOOSE_STRUCTURE.sub("among those", after[:start].rstrip())
    listed = as_words(bullets)
    return _asked(made, bold + lead, f"{condition}: {listed}" if condition else listed)


def _turned_list(made: Ruling, before: str, stand: Stand, after: str, bullets: Sequence[Bullet]) -> Ruling:
    """A statement whose list is negated or excepted from: one question in the words of the source."""
    found = turned(after) if not exception_in(made.plain_words) else None
    listed = as_words(bullets)
    if found is None or CONDITION.search(before) or CONDITION.search(after[: found.start()]):
        return _asked(
            made, f"{_named(made)}: **{stand.label}**", f"{FITS} {made.plain_words.rstrip(' :.;,')}: {listed}"
        )
    words = after[found.start() :].strip().rstrip(" :.;,")
    return _asked(made, f"{before}**{stand.label}**{after[: found.start()]}", f"{FITS} {words}: {listed}")


def _asked(made: Ruling, bold: str, condition: str, kind: str = "all") -> Ruling:
    """A conditional statement over one question."""
    lead = re.sub(r"[\s,;:.-]+$", "", bold)
    if _NEGATES.search(lead.rsplit("**", 1)[-1]):  # it would turn the structure words round
        label = lead.rsplit("**", 2)[1]
        lead = f"{_named(made)}: **{label}**"
    item = re.sub(r"[\s.,;:]*(?:\b(?:and|or)\b[\s.,;:]*)*$", "", condition, flags=re.IGNORECASE)
    return replace(
        made, statement=f"{lead} when {kind} of these are met:", items=(Item(safe(item) or "the condition is met"),)
    )


_NEGATES = re.compile(r"\b(?:not|no|never|cannot|neither|nor|none|without)\b|n['’]t\b|[;.:]", re.IGNORECASE)


def _named(made: Ruling) -> str:
    """The service of which a statement speaks, in words that open a sentence."""
    return _tamed(made.heading or " and ".join(made.services).replace("-", " ") or "This service")


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
    match = CONDITION.search(after)
    if match is not None and CONDITION.search(before) is None:
        start, word = match.start(), match[1].casefold()
        condition = re.sub(
            r"^(?:only\s+)?(?:when|if|provided(?:\s+that)?|unless|except(?:\s+(?:for|when|if|that|as))?|only)\s+",
            "",
            after[start:].strip(),
            flags=re.IGNORECASE,
        ).rstrip(" .:;,")
        kind = "none" if word in ("unless", "except") else "all"
        if condition and CONDITION.search(bold + after[:start]) is None:
            return _asked(made, bold + after[:start].rstrip(), condition, kind)
    front = _IN_FRONT.fullmatch(before + "\0" + after.rstrip("."))
    if front is not None and CONDITION.search(front[3]) is None and "\0" in front[3]:
        main = front[3].replace("\0", f"**{stand.label}**")
        return _asked(made, main[0].upper() + main[1:], front[2])
    return _asked(made, f"{_named(made)}: **{stand.label}**", made.plain_words.rstrip(" .:"))


def _tamed(name: str) -> str:
    """A name without the words that would read as a condition or as the structure of a list."""
    bare = " ".join(_LOOSE_STRUCTURE.sub(" ", CONDITION.sub(" ", name)).split()).strip(" ,;:")
    return bare or "This service"


def _by_column(words: str, bullets: Sequence[Bullet], subject: str, column: str, doubts: list[str]) -> Ruling:
    """A cell that states no position of its own stands under the position of its column, as a condition."""
    name = safe(subject).rstrip(" .:")
    made = Ruling("", STANDARD_LABELS[column], services_in(subject) or services_in(words), name, plain_words=words)
    bold = f"{_tamed(name or words)}: **{column}**"
    bare = words.rstrip(" .:")
    question = unsure(words, bullets, words or f"{name}: {column}") if bullets else ""
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
