"""The labels of a policy's header and what they name: number, title, status, and each kind of date apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

_POLICY = r"(?:medical |clinical |coverage |drug |pharmacy |corporate |payment ){0,4}(?:policy|guideline|document|bulletin|lcd|ncd|determination)"
_LABELS: tuple[tuple[str, str], ...] = (
    ("original effective", r"(?:original|initial|first) (?:policy )?effective(?: date)?|origination(?: date)?|(?:policy )?original date|initiated|date of origin|origin(?:al)? date"),
    ("notice start", r"notice (?:period )?start(?: date)?|notice (?:sent|given|mailed)(?: date)?|(?:provider )?notification date"),
    ("notice end", r"notice (?:period )?end(?: date)?"),
    ("ended", r"(?:revision |policy )?end(?:ing)? date|retire(?:d|ment)(?: date| on)?|archived?(?: date| on)|archived|termination date|terminated|superseded(?: on)?|replaced on|inactive (?:date|as of)"),
    ("web", r"web (?:posting )?date|web posted"),
    ("implementation", r"implementation date"),
    ("printed", r"print(?:ed)?(?: date| on)?"),
    ("approved", r"(?:committee |board |p&t )?approval date|(?:committee |board |p&t )?approved(?: by [\w& ]{1,40}?)?(?: date| on)?|date approved|adopted|adoption date"),
    ("published", r"publish(?:ed)?(?: date| on)?|publication date|posted(?: date| on)?|posting date|issued?(?: date| on)?|date (?:published|issued|posted)"),
    ("next review", r"next (?:cap |scheduled |annual )?(?:review|p&t review)(?: date)?|review due(?: date)?|due for review"),
    ("last revised", r"(?:last|latest|most recent) (?:revision|revised|update|updated)(?: date)?|revision date|revised(?: date)?|last revised"),
    ("last reviewed", r"(?:last|latest|most recent|current) (?:cap |annual )?(?:review|reviewed)(?: date)?|review(?:ed)?(?: date)|reviewed|date reviewed"),
    ("literature through", r"literature (?:review|search(?:ed)?)(?: date| through)?|evidence (?:reviewed )?through"),
    ("effective", r"(?:current )?(?:policy |revision )?effective(?: date| from| on)?(?: of (?:this )?(?:version|policy))?|date effective"),
    ("number", rf"{_POLICY} ?(?:number|no\.?|#|id)|(?:policy )?number|{_POLICY} ?#|policy id|mp ?#|guideline ?#|file name"),
    ("title", rf"{_POLICY} title|{_POLICY} name|name of (?:the )?(?:policy|procedure|service|drug)|title|subject|topic"),
    ("status", r"(?:policy |document )?status"),
    ("reference policy", r"(?:bcbsa )?ref(?:\.|erence) (?:policy|number)(?: no\.?| number)?"),
    ("replaces", r"replaces(?: policy)?|formerly|previous (?:policy )?number"),
    ("related", r"related (?:medical |coverage )?(?:policies|guidelines|policy)"),
    ("lines", r"lines? of business|products?|product lines?|applies to|plans? (?:covered|included)"),
    ("states", r"applicable states|states"),
    ("publisher", r"contractor(?: name)?|publisher|issued by|health plan|company"),
    ("codes", r"(?:cpt|hcpcs|cpt/hcpcs|icd-10(?:-cm)?)(?: procedure| diagnosis)?(?: codes?)?"),
    ("other", r"category|section|policy grade|department|policy type|version|type|author|place of service|page|contract number|jurisdiction|review frequency"),
)  # fmt: skip
DATE_KINDS = frozenset(
    [
        "original effective",
        "notice start",
        "notice end",
        "ended",
        "web",
        "implementation",
        "printed",
        "approved",
        "published",
        "next review",
        "last revised",
        "last reviewed",
        "literature through",
        "effective",
    ]
)
_WHOLE = tuple((kind, re.compile(rf"(?:date of )?(?:{pattern})\*?", re.IGNORECASE)) for kind, pattern in _LABELS)
_ANY = "(?:date of )?(?:" + "|".join(f"(?:{pattern})" for _, pattern in _LABELS) + ")"
_LABELLED = re.compile(rf"(?:^|(?<=[\s|;,(]))(?P<label>{_ANY})\*?\s*:(?!\S*//)", re.IGNORECASE)
_BARE = re.compile(rf"(?P<label>{_ANY})\*?[ \t]+(?P<value>\S.*)", re.IGNORECASE)
_NUMBER = re.compile(r"(?=\S*\d)[A-Z0-9][\w.,/-]*\d[\w.-]*", re.IGNORECASE)
_DATED = re.compile(
    r"(?:for services performed on or (?:after|before)\s+)?(?:\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2}|[A-Z][a-z]{2,9}\.? (?:\d{1,2},? )?\d{4})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A label of the header as printed, its kind, and its value; the value is empty where it stands elsewhere."""

    kind: str
    label: str
    value: str


def kind_of(label: str) -> str:
    """What a label names; empty where it is none that we know."""
    words = " ".join(label.split()).rstrip(" :")
    return next((kind for kind, pattern in _WHOLE if pattern.fullmatch(words)), "")


def fields_in(text: str) -> tuple[str, tuple[Field, ...]]:
    """The words of a line before its first label, and its labels with their values."""
    found = list(_LABELLED.finditer(text))
    if found:
        ends = [*(match.start() for match in found[1:]), len(text)]
        fields = [
            Field(kind_of(match["label"]), match["label"], text[match.end() : end].strip(" \t|;"))
            for match, end in zip(found, ends, strict=True)
        ]
        return text[: found[0].start()].strip(" |;(,"), tuple(fields)
    if kind := kind_of(text):
        return "", (Field(kind, text.strip(), ""),)
    bare = _BARE.fullmatch(text)
    if bare is not None and (kind := kind_of(bare["label"])):
        fits = _DATED if kind in DATE_KINDS else _NUMBER if kind == "number" else None
        if fits is not None and fits.fullmatch(bare["value"].strip(" *.")):
            return "", (Field(kind, bare["label"], bare["value"].strip()),)
    return text, ()


def cells_as_fields(cells: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields of a table row whose cells are labels, each with its value beside it; none where a label has no cell behind."""
    found: list[Field] = []
    at = 0
    while at < len(cells):
        label = " ".join(cells[at].split())
        kind = kind_of(label)
        if not kind or at + 1 >= len(cells):
            return ()
        found.append(Field(kind, label.rstrip(" :"), " ".join(cells[at + 1].split())))
        at += 2
    return tuple(found)
