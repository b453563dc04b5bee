"""The evidence sections of a published document to values: populations, trials, guidelines, regulatory, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from medpol.ingest.blocks import Block, Row
from medpol.ingest.escape import inline, prose
from medpol.ingest.report import Account
from medpol.ingest.wording import singular
from medpol.model.dates import parse_day, stated, stated_month
from medpol.model.diagnostic import Source
from medpol.model.evidence import (
    Conclusion,
    Direction,
    Guideline,
    GuidelineKind,
    Issuer,
    Population,
    Reference,
    Stated,
    StudyBody,
    Trial,
)
from medpol.text.evidence import cited

_COUNTS = {
    word: at
    for at, word in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_PEOPLE = "individuals|patients|people|participants|subjects|adults|children|women|men"

# ---------------------------------------------------------------------------- populations

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


# ---------------------------------------------------------------------------- trials

_TRIAL_COLUMNS: tuple[tuple[str, str], ...] = (
    ("nct", r"\bNCT\b|\btrial (?:no|number|id)|\bregist|\bidentifier"),
    ("enrolment", r"enrol|\bN\b|sample|participants"),
    ("completion", r"complet|\bdate\b"),
    ("status", r"\bstatus\b"),
    ("title", r"\bname\b|\btitle\b|\bstudy\b|\btrial\b"),
)  # fmt: skip
_NCT = re.compile(r"NCT\d{8}", re.ASCII)

# Small anatomy: words of trial titles that mean the part of the body that a population is named by.
_ANATOMY: tuple[tuple[str, ...], ...] = (
    ("neck", "cervic", "trapezius", "scapula"),
    ("shoulder", "subacromial", "rotator", "glenohumeral"),
    ("heel", "plantar", "calcane", "fascitis", "fasciitis", "foot"),
    ("temporomandibular", "tmj", "tmd", "jaw", "masticat", "masseter"),
    ("lumbar", "low back", "lumbopelvic"),
    ("knee", "patell", "gonarth"),
    ("hip", "trochanter", "glute"),
    ("elbow", "epicondyl"),
    ("head", "migrain", "cephal"),
    ("bladder", "urinar", "vesic", "incontinen"),
    ("bowel", "fecal", "faecal", "colon"),
    ("heart", "cardi", "atrial", "ventric"),
    ("lung", "pulmon", "asthma", "copd"),
    ("kidney", "renal"),
    ("skin", "dermat", "cutane"),
    ("spine", "spinal", "verteb"),
)


@dataclass(frozen=True, slots=True)
class TrialTable:
    """The trials of a table; ``group`` is the last heading inside it, for the table that continues it."""

    trials: tuple[Trial, ...]
    doubts: tuple[str, ...]
    group: str | None


def trial_columns(row: Row) -> dict[str, int] | None:
    """Which column is which in the heading row of a trials table, or ``None`` where it is no such row."""
    if len(row.cells) < 2:
        return None
    found: dict[str, int] = {}
    for name, pattern in _TRIAL_COLUMNS:
        for at, cell in enumerate(row.cells):
            if at not in found.values() and re.search(pattern, cell, re.IGNORECASE):
                found[name] = at
                break
    return found if {"nct", "title"} <= found.keys() else None


def read_trials(
    rows: Sequence[Row],
    populations: Sequence[Population],
    account: Account,
    group: str | None = None,
    columns: dict[str, int] | None = None,
) -> TrialTable:
    """The trials of a table. ``columns`` are those of the table it continues; else its first row heads them.

    ``group`` is the heading above it, where that says ongoing or unpublished.
    """
    if columns is None:
        columns = trial_columns(rows[0])
        assert columns is not None
        account.layout(rows[0].lines, "heading row of the trials table")
        rows = rows[1:]
    trials: list[Trial] = []
    doubts: list[str] = []
    for row in rows:
        if len(row.filled) == 1 and not _NCT.search(row.filled[0]):
            group = row.filled[0].casefold().strip(" :")
            account.taken(row.lines, f"trials below: {group}")
            if _published(group) == "?":
                doubts.append(f"trials under {group!r}: ongoing, unpublished or published?")
                account.doubtful(row.lines, doubts[-1])
            continue
        if group is None:
            doubts.append(f"{_cell(row, columns, 'nct')}: ongoing, unpublished or published? the table does not say")
            account.doubtful(row.lines, doubts[-1])
        trial, questions = _trial(row, columns, group or "", populations)
        trials.append(trial)
        account.taken(
            row.lines,
            f"trial {trial.nct}: title, population {trial.population or 'none'}, enrolment, completion, status",
        )
        for question in questions:
            doubts.append(question)
            account.doubtful(row.lines, question)
    return TrialTable(tuple(trials), tuple(doubts), group)


def _cell(row: Row, columns: dict[str, int], name: str) -> str:
    at = columns.get(name)
    return " ".join(row.cells[at].split()) if at is not None and at < len(row.cells) else ""


def _published(group: str) -> bool | str | None:
    if "unpublished" in group:
        return False
    if "ongoing" in group or not group:
        return None
    return True if "published" in group else "?"


def _trial(row: Row, columns: dict[str, int], group: str, populations: Sequence[Population]) -> tuple[Trial, list[str]]:
    printed, title = _cell(row, columns, "nct"), _cell(row, columns, "title")
    number = _NCT.search(printed)
    nct = number[0] if number else printed
    questions = [] if number else [f"{printed!r} is no trial number of the registry: which is it?"]
    size = _cell(row, columns, "enrolment").replace(",", "")
    if size and not (size.isascii() and size.isdigit() and len(size) < 9):
        questions.append(f"{nct}: the enrolment {size!r} is no number: how many?")
    completion, status = _cell(row, columns, "completion"), _cell(row, columns, "status")
    if (bracket := re.fullmatch(r"(.*?)\s*\(([^()]*)\)", completion)) is not None:
        completion, status = bracket[1], status or bracket[2]
    if completion and parse_day(completion) is None and stated_month(completion) is None:
        questions.append(f"{nct}: the completion {completion!r} is no month: when?")
    name, sure = population_of(title, populations)
    if not sure:
        questions.append(f"{nct}: of which population is this trial? its title does not say")
    published = _published(group)
    trial = Trial(
        inline(nct),
        inline(title),
        name,
        int(size) if size.isascii() and size.isdigit() and len(size) < 9 else None,
        stated(inline(completion)),
        inline(status),
        published if isinstance(published, bool) else None,
    )
    return trial, questions


def population_of(title: str, populations: Sequence[Population]) -> tuple[str, bool]:
    """The population that a trial's title names by its own distinctive words or by their anatomy; and whether one alone does."""
    words = title.casefold()
    scores = []
    for each in populations:
        own = set(re.findall(r"[a-z]{3,}", each.name.casefold())) - {"and", "the", "with", "who", "for", "are"}
        for other in populations:
            if other is not each:
                own -= set(re.findall(r"[a-z]{3,}", other.name.casefold()))
        marks = {word[:8] for word in own}
        for family in _ANATOMY:
            if any(re.search(rf"\b{re.escape(word)}", each.name, re.IGNORECASE) for word in family):
                marks.update(family)
        scores.append(sum(re.search(rf"\b{re.escape(mark)}", words) is not None for mark in marks))
    best = max(scores, default=0)
    if best and scores.count(best) == 1:
        return populations[scores.index(best)].name, True
    return "", not populations


# ---------------------------------------------------------------------------- guidelines

_US = re.compile(
    r"\bAmerican\b|\bof America\b|\bU\.?S\.?\b|\bUnited States\b|\bNational Comprehensive Cancer|\bNorth American\b|"
    r"\bSociety of (?:Interventional Radiology|Thoracic Surgeons|Nuclear Medicine)|\bEndocrine Society\b|\bHeart Rhythm Society\b"
)
_GOVERNMENT = re.compile(r"\bPreventive Services Task Force|\bCenters? for (?:Disease|Medicare)|\bAgency for|\bDepartment of|\bVeterans\b|\bNational Institutes of", re.IGNORECASE)  # fmt: skip
_ABROAD = re.compile(
    r"\b(?:European|British|Canadian|Australian|German|French|Italian|Spanish|Japanese|Royal|Scottish|UK)\b"
)
_AGAINST = re.compile(r"\bshould not\b|\b(?:do(?:es)?|did|is|are|was|were) not recommend\w*|\brecommend\w* against\b|\bnot recommended\b|\bnot support", re.IGNORECASE)  # fmt: skip
_NEITHER = re.compile(r"\binsufficient evidence\b|\binconclusive\b|\bno recommendation\b|\bneither\b.{0,40}\brecommend|\bcannot (?:be )?recommend", re.IGNORECASE)  # fmt: skip
_FOR = re.compile(r"\bshould be (?:used|offered|considered|performed|provided)\b|\brecommend(?:s|ed|ing)?\b|\brecommendations? (?:for|to use|in favou?r)\b|\bsupport\w*\b|\bendors\w*\b|\bmay be (?:used|offered|considered)\b|\bis (?:appropriate|indicated)\b", re.IGNORECASE)  # fmt: skip
_REVIEW = re.compile(r"\bbased (?:\w+ ){0,3}on (?:a|the|an updated|its) systematic review|\binformed by (?:a|the) systematic review|\bsystematic review (?:and guideline|informed|was (?:done|performed|conducted))", re.IGNORECASE)  # fmt: skip
_RATED = re.compile(r"\bstrength of (?:the )?(?:evidence|recommendations?)\b|\bgrade [A-D]\b|\blevel (?:[IV]+|\d|[A-C])\b|\b(?:strong|weak|conditional) recommendation|\(?(?:quality|certainty) of (?:the )?evidence", re.IGNORECASE)  # fmt: skip
_CONFLICTS = re.compile(r"\bconflicts? of interest\b", re.IGNORECASE)
INCLUSION_RULE = re.compile(r"\b(?:guidelines?|position statements?)\b.*\bconsidered for inclusion\b|\bwill be (?:considered for inclusion|included) if\b", re.IGNORECASE)  # fmt: skip


def read_guideline(
    heading: Block, blocks: Sequence[Block], printed: str, account: Account
) -> tuple[Guideline, tuple[str, ...]]:
    """What one body says; a field that the words do not state stays "not stated", a recommendation nobody words is neither."""
    text = " ".join(block.text for block in blocks)
    lines = [*heading.lines, *(line for block in blocks for line in block.lines)]
    body, doubts = heading.text, []
    issuer = issuer_of(body)
    if issuer is None:
        doubts.append(f"{body}: what kind of issuer is it?")
    year = re.search(r"\b(?:19|20)\d{2}\b", text)
    if year is None:
        doubts.append(f"{body}: of which year is its statement?")
    kind = _kind(text)
    if kind is None:
        doubts.append(f"{body}: a guideline or a position statement?")
    recommends = _direction(text)
    if recommends is None:
        doubts.append(f"{body}: does it recommend for, against, or neither?")
    guideline = Guideline(
        inline(body),
        issuer,
        int(year[0]) if year else None,
        kind,
        Stated.YES if _REVIEW.search(text) else Stated.NOT_STATED,
        Stated.YES if _RATED.search(text) else Stated.NOT_STATED,
        Stated.YES if _CONFLICTS.search(text) else Stated.NOT_STATED,
        recommends,
        printed,
    )
    account.taken(lines, f"guideline: {body}, issuer, year, kind, recommends")
    for question in doubts:
        account.doubtful(lines, question)
    return guideline, tuple(doubts)


def issuer_of(body: str) -> Issuer | None:
    if re.search(r"\bNICE\b|National Institute for (?:Health|Clinical)", body):
        return Issuer.NICE
    if _GOVERNMENT.search(body) or _ABROAD.search(body):
        return Issuer.OTHER
    if re.search(r"\bInternational\b|\bWorld\b|\bGlobal\b", body):
        return None
    return Issuer.US_SOCIETY if _US.search(body) else None


def _kind(text: str) -> GuidelineKind | None:
    found = [
        (match.start(), kind)
        for kind, pattern in (
            (
                GuidelineKind.POSITION_STATEMENT,
                r"\bposition (?:statement|paper)|\bstatement\b|\bwhite paper\b|\bconsensus\b",
            ),
            (GuidelineKind.GUIDELINE, r"\bguid(?:eline|ance)s?\b|\bpractice parameter|\brecommendations? (?:on|for)\b"),
        )
        if (match := re.search(pattern, text, re.IGNORECASE)) is not None
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _direction(text: str) -> Direction | None:
    against = _AGAINST.search(text) is not None
    rest = _AGAINST.sub(" ", text)
    neither = _NEITHER.search(rest) is not None
    favours = _FOR.search(_NEITHER.sub(" ", rest)) is not None
    if favours and (against or neither):
        return None
    if against:
        return Direction.AGAINST
    if neither:
        return Direction.NEITHER
    return Direction.FOR if favours else None


# ---------------------------------------------------------------------------- regulatory, references

_NOT_NEEDED = re.compile(
    r"\bnot (?:subject to|regulated|require\w*|need\w*)\b|\bdo(?:es)? not (?:require|need)\b|\bno (?:FDA |U\.?S\.? )?(?:approval|clearance) (?:is )?(?:needed|required)"
    r"|\bexempt from",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"\b510\(k\)|\b(?:cleared|approved|approval|clearance|authori[sz]ed|marketing)\b.{0,80}\b(?:FDA|Food and Drug)|"
    r"\b(?:FDA|Food and Drug Administration)\b.{0,80}\b(?:cleared|approved|approval|clearance|granted|authori[sz])|\bpremarket approval\b|\bsubject to (?:FDA|regulation)",
    re.IGNORECASE | re.DOTALL,
)


def approval_needed(text: str) -> bool | None:
    """Whether a device or drug must be approved to be marketed, as far as the section says."""
    if _NOT_NEEDED.search(text):
        return False
    return True if _NEEDED.search(text) else None


_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(.+)", re.DOTALL)


def read_references(
    blocks: Sequence[Block], account: Account
) -> tuple[tuple[Reference, ...], tuple[Block, ...], tuple[str, ...]]:
    """The numbered references, the blocks that are none, and the doubts. A number that is missing keeps its place."""
    found: list[Reference] = []
    others: list[Block] = []
    doubts: list[str] = []
    for block in blocks:
        number, text = block.number, block.text
        if block.kind == "paragraph" and (match := _NUMBERED.fullmatch(text)):
            number, text = int(match[1]), match[2]
        if block.kind not in ("paragraph", "item") or number is None or not len(found) < number <= len(found) + 50:
            others.append(block)
            continue
        while len(found) + 1 < number:
            doubts.append(f"reference {len(found) + 1} is not printed: what is it?")
            account.doubtful(block.lines, doubts[-1])
            found.append(cited("Not printed in the source.", len(found) + 1, Source("")))
        reference = cited(prose(text), number, Source(""))
        found.append(reference)
        fields = [name for name in ("authors", "title", "journal", "date", "pmid") if getattr(reference, name)]
        account.taken(block.lines, f"reference {number}: {', '.join(fields) or 'text'}")
    return tuple(found), tuple(others), tuple(doubts)
