"""The populations of an evidence section: who, which studies, which outcomes, what is concluded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from medpol.ingest.blocks import Block
from medpol.ingest.escape import inline, prose
from medpol.ingest.naming import singular
from medpol.ingest.report import Account
from medpol.model.evidence import Conclusion, Population, StudyBody

_COUNTS = {
    word: at
    for at, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_PEOPLE = "individuals|patients|people|participants|subjects|adults|children|women|men"

_OPENING = re.compile(
    rf"For (?:{_PEOPLE}) (?:who have |with |who are |undergoing |at )?(?P<who>.+?),? (?:who|that) (?:receive|are treated with|"
    r"undergo|are given|use)s? (?P<what>.+?), (?:the )?evidence includes (?P<studies>.+?)\.(?=\s|$)",
    re.IGNORECASE,
)
_OUTCOMES = re.compile(
    r"relevant outcomes? (?:of interest )?(?:are|is|include|includes) (?P<list>.+?)\.(?=\s|$)", re.IGNORECASE
)
_CONCLUDES = re.compile(
    r"evidence is (?P<word>insufficient|sufficient|not sufficient) to (?P<rest>[^.]+)", re.IGNORECASE
)
_KINDS: tuple[tuple[str, str], ...] = (
    ("systematic review with meta-analysis", r"systematic reviews?\s+(?:and|with|plus)\s+(?:a\s+)?meta-?anal\w+"),
    ("nonrandomized trial", r"non-?randomi[sz]ed(?: controlled)?(?: comparative)? (?:trials?|studies|study)"),
    ("randomized controlled trial", r"\bRCTs?\b|\brandomi[sz]ed(?:,? \w+,?)? (?:controlled |clinical )?(?:trials?|studies)"),
    ("systematic review", r"systematic reviews?"),
    ("meta-analysis", r"meta-?anal\w+"),
)  # fmt: skip
_INCLUDED = re.compile(
    rf"systematic review[^.]*?\b(?:included|identified|comprised|pooled)\s+(?P<n>\d+|{'|'.join(_COUNTS)})\s+(?:\w+\s+){{0,3}}?(?:stud(?:y|ies)|trials?|RCTs?)"
    rf"(?:\s+(?:enrolling|with|of|including|in|totaling)\s+(?:a total of\s+)?(?P<people>\d[\d,]*)\s+(?:{_PEOPLE}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review of evidence yields: populations, and the paragraphs that belong to none."""

    populations: tuple[Population, ...]
    others: tuple[Block, ...]
    doubts: tuple[str, ...]


def opens_population(block: Block) -> bool:
    """Whether a paragraph describes a population in the usual form."""
    return block.kind in ("paragraph", "item") and _OPENING.match(block.text) is not None


def read_populations(blocks: Sequence[Block], account: Account) -> Reviewed:
    """The populations of an evidence section, in the publisher's form: one paragraph each, of more where it runs on."""
    held: list[tuple[str, list[Block]]] = []
    others: list[Block] = []
    for block in blocks:
        match = _OPENING.match(block.text) if block.kind in ("paragraph", "item") else None
        if match is not None:
            held.append((match["who"], [block]))
        elif held and block.kind in ("paragraph", "item") and not _concluded(held[-1][1]):
            held[-1][1].append(block)
        else:
            others.append(block)
    names = _names([(who, _treatment(inner[0])) for who, inner in held])
    doubts: list[str] = []
    found = tuple(_population(name, inner, account, doubts) for name, (_, inner) in zip(names, held, strict=True))
    return Reviewed(found, tuple(others), tuple(doubts))


_GRID = ("populations?", "interventions?", "comparators?", "outcomes?")
_GRID_LEAD = re.compile(
    rf"^(?:(?:{_PEOPLE}|interventions? of interest|comparators? of interest|relevant outcomes?)\s*(?:are|is|include|includes)?\s*:\s*|•\s*|[-*◦]\s+|with\s+)+",
    re.IGNORECASE,
)


def grid_at(blocks: Sequence[Block]) -> int | None:
    """Which block is a table of population, intervention, comparator and outcome; ``None`` where none is."""
    for at, block in enumerate(blocks):
        if block.rows and len(block.rows[0].cells) == 4:
            names = [" ".join(cell.casefold().split()).rstrip(" :") for cell in block.rows[0].cells]
            if all(re.fullmatch(pattern, name) for pattern, name in zip(_GRID, names, strict=True)):
                return at
    return None


def read_grid(block: Block, account: Account) -> tuple[Population, ...]:
    """The populations of such a table: who, and which outcomes. It states no studies and no conclusion."""
    account.layout(block.rows[0].lines, "heading row of the population table")
    found: list[Population] = []
    for row in block.rows[1:]:
        cells = [_pieces(cell) for cell in (*row.cells, "", "", "", "")[:4]]
        who = ", ".join(cells[0]) or "population"
        text = "; ".join(
            f"{name}: {', '.join(cell)}"
            for name, cell in zip(("intervention", "comparator"), cells[1:3], strict=True)
            if cell
        )
        name = inline(who[0].upper() + who[1:])
        count = sum(each.name.split(" (")[0] == name for each in found)
        outcomes = tuple(inline(each).replace(";", ",") for each in cells[3])
        found.append(
            Population(f"{name} ({count + 1})" if count else name, prose(text), (), outcomes, Conclusion.NOT_STATED)
        )
        account.taken(row.lines, f"population {who}: {len(outcomes)} outcomes; the table states no conclusion")
    return tuple(found)


def _pieces(cell: str) -> list[str]:
    """The entries of a cell, one a line or one a bullet."""
    parts = [_GRID_LEAD.sub("", piece.strip()).strip(" .;") for piece in re.split(r"\n|(?=•)", cell)]
    return [" ".join(part.split()) for part in parts if part and not part.endswith(":")]


def _concluded(blocks: Iterable[Block]) -> bool:
    return any(_CONCLUDES.search(block.text) for block in blocks)


def _treatment(block: Block) -> str:
    match = _OPENING.match(block.text)
    return match["what"] if match else ""


def _names(people: Sequence[tuple[str, str]]) -> list[str]:
    """A short name for each population: what sets its description apart from the others'."""
    words = [who.split() for who, _ in people]
    if len(words) > 1 and len({who for who, _ in people}) == len(people):
        head = _shared(words)
        tail = _shared([each[::-1] for each in words])
        known = {word.casefold() for word in words[0][:head]}
        cut = [each[head : len(each) - tail or None] if head + tail < len(each) else each for each in words]
        names = [" ".join(word for word in each if word.casefold() not in known) or " ".join(each) for each in cut]
    else:
        names = [who if len({w for w, _ in people}) == len(people) else f"{who}, {what}" for who, what in people]
    tidy = [re.sub(r"\s+and/or\s+", "/", name).strip(" ,;:") or "population" for name in names]
    shown = [name[0].upper() + name[1:] for name in tidy]
    return [name if shown.index(name) == at else f"{name} ({at + 1})" for at, name in enumerate(shown)]


def _shared(lists: Sequence[Sequence[str]]) -> int:
    """How many words all lists begin with."""
    count = 0
    for together in zip(*lists, strict=False):
        if len({word.casefold() for word in together}) > 1:
            break
        count += 1
    return count


def _population(name: str, blocks: Sequence[Block], account: Account, doubts: list[str]) -> Population:
    text = " ".join(block.text for block in blocks)
    lines = [line for block in blocks for line in block.lines]
    opening, outcomes = _OPENING.match(text), _OUTCOMES.search(text)
    assert opening is not None
    conclusion = _conclusion(text)
    if conclusion is Conclusion.NOT_STATED:
        doubts.append(f"population {name!r}: what does the document conclude of its evidence?")
        account.doubtful(lines, doubts[-1])
    if outcomes is None:
        doubts.append(f"population {name!r}: which outcomes are relevant? none are listed in the usual form")
        account.doubtful(lines, doubts[-1])
    population = Population(
        inline(name),
        "\n\n".join(prose(block.text) for block in blocks),
        _studies(opening["studies"], text[opening.end() :]),
        _listed(outcomes["list"]) if outcomes else (),
        conclusion,
    )
    shown = "; ".join(
        filter(None, (", ".join(each.kind for each in population.studies), f"{len(population.outcomes)} outcomes"))
    )
    account.taken(lines, f"population {name}: {shown}; conclusion {conclusion.value}")
    return population


def _listed(text: str) -> tuple[str, ...]:
    parts = re.split(r",\s+(?:and\s+)?|\s+and\s+(?=[^,]*$)", text.replace(";", ","))
    return tuple(inline(part.strip()) for part in parts if part.strip())


def _conclusion(text: str) -> Conclusion:
    found = list(_CONCLUDES.finditer(text))
    if not found:
        return Conclusion.NOT_STATED
    match = found[-1]
    rest = match["rest"].casefold()
    if match["word"].casefold() != "sufficient":
        return Conclusion.INSUFFICIENT_HARM if "harm" in rest else Conclusion.INSUFFICIENT
    unlikely = re.search(r"\b(?:unlikely|not|no|worsen\w*)\b|does not", rest)
    return Conclusion.NOT_STATED if unlikely else Conclusion.SUFFICIENT


def _studies(listed: str, rest: str) -> tuple[StudyBody, ...]:
    """The kinds of study that the opening lists, with their number where it counts trials; a review with what it included."""
    if re.match(r"no\b", listed, re.IGNORECASE):
        return ()
    bodies = [_study(part) for part in re.split(r",\s*(?:and\s+)?|\s+and\s+(?!meta)", listed) if part.strip()]
    bodies = [body for at, body in enumerate(bodies) if body.kind not in [each.kind for each in bodies[:at]]]
    included = _INCLUDED.search(rest)
    if included is not None:
        people = included["people"]
        bodies = [
            replace(
                body,
                studies=_number(included["n"]),
                participants=int(people.replace(",", "")) if people else None,
            )
            if body.kind.startswith("systematic review") and body.studies is None
            else body
            for body in bodies
        ]
    pooled, pattern = _KINDS[0]
    if re.search(pattern, rest, re.IGNORECASE) and all(body.kind != pooled for body in bodies):
        bodies.append(StudyBody(pooled))
    return tuple(bodies)


def _study(part: str) -> StudyBody:
    words = re.sub(r"\([^)]*\)", "", part).replace(";", ",").strip()
    number = re.match(rf"(?:a total of )?(\d+|{'|'.join(_COUNTS)})\s+(.+)", words, re.IGNORECASE)
    rest = (
        number[2]
        if number
        else re.sub(r"^(?:an?|the|several|multiple|some|numerous)\s+", "", words, flags=re.IGNORECASE)
    )
    head = re.split(r"\s+(?:of|in|with|comparing|enrolling|from)\s+", rest, maxsplit=1)[0]
    for kind, pattern in _KINDS:
        if re.search(pattern, head, re.IGNORECASE):
            count = _number(number[1]) if number and "review" not in kind and "meta" not in kind else None
            return StudyBody(kind, count)
    plural = head.split()
    kind = " ".join((*plural[:-1], _singular_study(plural[-1]))) if plural else "study"
    return StudyBody(inline(kind).replace(",", ""), _number(number[1]) if number else None)


def _singular_study(word: str) -> str:
    return {"studies": "study", "series": "series", "analyses": "analysis"}.get(word.casefold(), singular(word))


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _COUNTS[text.casefold()]
