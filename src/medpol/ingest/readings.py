"""What a published list can be read as: one tree where its words agree, else two readings that are put to a person.

The certain marks are structure words ("all of the following"), and joining words that stand where a list ends. "Both",
"either" and "one of" alone, orphan words that do not fit, numbers that restart and indents that were lost are not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from medpol.ingest.bullets import (
    Bullet,
    alone,
    bare,
    joining_words,
    jump,
    outermost,
    outline,
    restart,
    short,
    shown,
    with_own,
)
from medpol.ingest.counting import (
    ALL_N,
    AT_MOST,
    BRACKETED,
    counted_ways,
    kinds,
    lists_subjects,
    opens_list,
    plain_counts,
    some,
    value,
    weak_word,
)
from medpol.ingest.turning import exception_in, turned

OPEN_LIST = re.compile(
    r"\bincluding,? (?:but )?(?:is |are )?(?:not limited to|without limitation)\b|\bbut (?:is |are )?not limited to\b",
    re.IGNORECASE,
)
_ASKS = ": which is meant?"


def unsure(text: str, bullets: Sequence[Bullet], published: str = "") -> str:
    """The question, both readings spelled out, where a sentence and its list can be read in two ways; else empty.

    ``published`` are the words to cite where ``text`` is the sentence without its position. ``bullets`` are placed.
    """
    items = [shown(each, below) for each, below in with_own(bullets) if not each.joining]
    name = f"the list below {short(published or text)!r}"
    if orphans := alone(bullets):
        name += f" ({orphans})"
    if not items:
        return ""
    question = _question(name, plain_counts(text), bullets, items)
    return _with_groups(question, kinds(text), bullets)


def _question(name: str, text: str, bullets: Sequence[Bullet], items: Sequence[str]) -> str:
    listed, outer = "; ".join(items), outermost(bullets)
    if excepted := exception_in(text):
        return (
            f"{name} stands beside an exception ({excepted!r}): (1) it holds where the list does: {listed}; and never in the "
            f"case of {_object(excepted)!r}; (2) in the case of {_object(excepted)!r} it holds without the list: {listed}{_ASKS}"
        )
    if (found := turned(text)) is not None:
        return (
            f"{name} is negated or excepted from ({short(found[0])!r}): (1) where not all of: {listed}; "
            f"(2) where none of: {listed}{_ASKS}"
        )
    if question := _miscounted(name, text, listed, len(items)):
        return question
    if OPEN_LIST.search(text):
        return f"{name} is open: (1) only what is listed counts: {listed}; (2) what is like it counts as well{_ASKS}"
    if (
        question := _restarting(name, bullets)
        or _jumping(name, bullets)
        or _loose(name, bullets)
        or _lost_indent(name, bullets, outer)
    ):
        return question
    if len(items) == 1 and not (kinds(text) & {"least", "none", "some", "both"}):
        return ""
    orphans = [each.joining for each in bullets if each.joining and each.depth == outer]
    if len(set(orphans)) > 1 and "and/or" not in orphans:
        return _mixed(name, bullets)
    return _counting(name, text, listed, len(items), orphans, joining_words(bullets))


def _object(excepted: str) -> str:
    """What an exception leaves out, without the words that except it."""
    return re.sub(
        r"^(?:except(?:ing|ions?)?|with the exceptions? of|excluding|other than|apart from|save|but not|unless)(?: (?:for|in|when|if|where|that|as))*\s+",
        "",
        excepted,
        flags=re.IGNORECASE,
    )


def _miscounted(name: str, text: str, listed: str, count: int) -> str:
    """The question where the number above a list is said in two values, is not that of its items, or is an upper bound."""
    if (found := BRACKETED.search(text)) is not None:
        return (
            f"{name} counts in two ways ({found[0]!r}): (1) at least {value(found[1])} of: {listed}; "
            f"(2) at least {value(found[2])} of: {listed}{_ASKS}"
        )
    if (found := AT_MOST.search(text)) is not None:
        return f"{name} says {found[0]!r}: (1) no more than that of: {listed}, none being enough; (2) exactly that many of: {listed}{_ASKS}"
    if (found := ALL_N.search(text)) is not None and value(found[1]) != count:
        return f"{name} says {found[0]!r}, and {count} stand below it: (1) all of: {listed}; (2) at least {value(found[1])} of: {listed}{_ASKS}"
    return ""


def _counting(
    name: str, text: str, listed: str, count: int, orphans: Sequence[str], ends: Sequence[tuple[int, str]]
) -> str:
    """The question where the words that count do not agree, or where none is certain."""
    said_kinds = kinds(text)
    two = f"(1) all of: {listed}; (2) any of: {listed}{_ASKS}"
    if len(said_kinds) > 1:
        ways = [f"({at}) {way}: {listed}" for at, way in enumerate(counted_ways(text), 1)]
        return f"{name} is counted in two ways by the words above it: {'; '.join(ways)}{_ASKS}"
    kind = next(iter(said_kinds), "")
    fits = {"all": "and", "both": "and", "any": "or", "either": "or", "some": "or"}
    joined = set(orphans) | {word for _, word in ends}
    other = joined - {fits[kind]} if kind in fits else set()
    if kind in ("all", "any") and other:
        said = ", ".join(f"item {number} says {word}" for number, word in ends if word in other)
        said = said or f"a line between them says {min(other)}"
        return f"the list says {kind.upper()}, {said} ({name.removeprefix('the list ')}): {two}"
    if kind in ("all", "any", "least", "none") and (kind in fits or not orphans or set(orphans) == {"and"}):
        return ""
    is_joined = len(joined) == 1 and (
        len(orphans) == count - 1 or (count - 1, min(joined)) in ends or (count, min(joined)) in ends
    )
    if not kind and not joined and lists_subjects(text):
        return ""
    if is_joined and not orphans and (not kind or (kind in fits and joined == {fits[kind]})):
        return ""
    match kind:
        case "":
            said = ", ".join(f"item {number} says {word}" for number, word in ends)
            if orphans:
                said = f"a line of its own between items says {orphans[0].upper()}"
            return f"{name} does not say how it counts{', ' + said if said else ''}: {two}"
        case "either" | "some":
            number = some(text)
            return f"{name} says only {weak_word(text)!r}: (1) at least {number} of: {listed}; (2) exactly {number} of: {listed}{_ASKS}"
        case "neither":
            return f"{name} says only 'neither': (1) none of: {listed}; (2) not all of: {listed}{_ASKS}"
        case _:
            return f"{name} says only {weak_word(text)!r}: {two}"


# ---------------------------------------------------------------------------- what the page does not tell


def _restarting(name: str, bullets: Sequence[Bullet]) -> str:
    """Labels that begin anew: the list goes on, or a new one begins below the line before it."""
    at = restart(bullets)
    if at is None:
        return ""
    before, behind = bullets[:at], bullets[at:]
    last = next(each for each in reversed(before) if not each.joining)
    trimmed = before[:-1] if before[-1].joining else before
    goes_on = (
        outline(bullets)
        if behind[0].depth == outermost(bullets)
        else f"{outline(before)}; {outline(behind)}".replace(" AND; ", " AND ").replace(" OR; ", " OR ")
    )
    return (
        f"{name} begins its numbers anew: (1) one list, which goes on: {goes_on}; (2) a new list begins below "
        f"{short(bare(last.text), 90)!r}: {outline(trimmed)}, and below that: {outline(behind)}{_ASKS}"
    )


def _jumping(name: str, bullets: Sequence[Bullet]) -> str:
    """Labels that leave one out: a line may be missing."""
    found = jump(bullets)
    if found is None:
        return ""
    before, behind = bullets[found[0]], bullets[found[1]]
    return (
        f"{name} goes from {before.mark!r} to {behind.mark!r}: (1) it is whole: {outline(bullets)}; (2) a line is missing between "
        f"{short(bare(before.text), 90)!r} and {short(bare(behind.text), 90)!r}{_ASKS}"
    )


def _loose(name: str, bullets: Sequence[Bullet]) -> str:
    """A joining word at an end of the list, or between lines of different depths."""
    at = next((at for at, each in enumerate(bullets) if each.is_loose), None)
    if at is None:
        return ""
    word = bullets[at].joining.upper()
    before, behind = bullets[:at], bullets[at + 1 :]
    if not any(not each.joining for each in behind):
        return f"{name} ends in {word}: (1) what follows the list belongs to it: {outline(before)} {word} what follows; (2) it ends there: {outline(before)}{_ASKS}"
    if not any(not each.joining for each in before):
        return f"{name} begins with {word}: (1) what stands above belongs to it: what stands above {word} {outline(behind)}; (2) it begins there: {outline(behind)}{_ASKS}"
    last = next(each for each in reversed(before) if not each.joining)
    first = next(each for each in behind if not each.joining)
    return (
        f"{name} does not tell what its {word} joins: (1) the two lines beside it: {short(bare(last.text), 90)!r} {word} "
        f"{short(bare(first.text), 90)!r}; (2) all that stands before it, and all behind it: ({outline(before)}) {word} ({outline(behind)}){_ASKS}"
    )


def _lost_indent(name: str, bullets: Sequence[Bullet], outer: int) -> str:
    """An item that announces a list, with what could be that list standing beside it."""
    for at, each in enumerate(bullets[:-1]):
        if each.depth == outer and not each.joining and bullets[at + 1].depth == outer and opens_list(each.text):
            above = outline(bullets[: at + 1]).rstrip(":")
            below = outline(bullets[at + 1 :])
            return f"{name} may have lost an indent: (1) {above}, and below that: {below}; (2) {above}; and beside that: {below}{_ASKS}"
    return ""


def _with_groups(question: str, said: set[str], bullets: Sequence[Bullet]) -> str:
    """The question with one more reading where a word alone on a line parts the items into groups: OR always, AND where the
    list says ANY."""
    parts = "and" if said == {"any"} else "or"
    inner = "or" if parts == "and" else "and"
    groups: list[list[str]] = [[]]
    for each, below in with_own(bullets):
        if each.joining == parts:
            groups.append([])
        elif not each.joining:
            groups[-1].append(shown(each, below))
    held = [group for group in groups if group]
    if not question or len(held) < 2 or all(len(group) == 1 for group in held):
        return question
    read = f" {parts} ".join(f"({f' {inner} '.join(group)})" if len(group) > 1 else group[0] for group in held)
    said_of = "one group or another" if parts == "or" else "each group"
    return question.removesuffix(_ASKS) + f"; (3) {said_of}: {read}{_ASKS}"


def _mixed(name: str, bullets: Sequence[Bullet]) -> str:
    """A list joined by both words: which of them binds first."""
    run = [(each.joining, shown(each, below)) for each, below in with_own(bullets)]
    readings = []
    for inner, between in (("and", "or"), ("or", "and")):
        groups: list[list[str]] = [[]]
        for joining, text in run:
            if joining == between:
                groups.append([])
            elif not joining:
                groups[-1].append(text)
        held = [f" {inner} ".join(group) for group in groups if group]
        readings.append(f" {between} ".join(f"({each})" if f" {inner} " in each else each for each in held))
    return f"{name} mixes its joining words: (1) {readings[0]}; (2) {readings[1]}{_ASKS}"
