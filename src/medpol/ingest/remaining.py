"""Statements of what the ones before them leave: "all other uses", "otherwise"; and the headings by which rules are told apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from medpol.ingest.bullets import short
from medpol.ingest.escape import inline
from medpol.ingest.naming import stems
from medpol.ingest.published import Ruling
from medpol.ingest.wording import FITS, also_when
from medpol.model.criteria import rule_name
from medpol.model.positions import FAVOURABLE

_OTHERWISE = re.compile(
    r"\b(?:all other|any other|other than|otherwise|(?:is|are|were) not met|not meeting|do(?:es)? not meet|not listed|not (?:otherwise )?specified)\b",
    re.IGNORECASE,
)


def is_otherwise(made: Ruling) -> bool:
    """Whether a statement speaks of every case that the one before it leaves."""
    return made.position not in FAVOURABLE and _OTHERWISE.search(made.plain_words) is not None


def joined_otherwise(rulings: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Statements of "all other" cases as the ``Otherwise`` of the favourable one before them, their words kept as a note."""
    found: list[Ruling] = []
    for made in rulings:
        last = found[-1] if found else None
        fits = last is not None and last.items and not last.otherwise and last.position in FAVOURABLE
        fits = fits and last is not None and not last.items[0].text.startswith(FITS)  # other than what is not certain
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
    return also_when(replace(made, doubts=(*made.doubts, rest_doubt(made))), f"{FITS} {made.plain_words.rstrip(' .:')}")


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
