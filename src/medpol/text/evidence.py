"""The printed evidence face: audiences, populations, trials, guidelines, Medicare, regulatory, references, history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from medpol.model.dates import StatedDate, parse_day, stated, stated_month
from medpol.model.diagnostic import Source
from medpol.model.evidence import (
    HISTORY_EVENTS,
    Conclusion,
    Direction,
    Guideline,
    GuidelineKind,
    HistoryRow,
    Issuer,
    MedicareSource,
    Population,
    Reference,
    Stated,
    StudyBody,
    Trial,
)
from medpol.model.policy import (
    Addressed,
    EvidenceReview,
    Guidelines,
    History,
    Medicare,
    References,
    Regulatory,
    Trials,
)
from medpol.text.blocks import Block
from medpol.text.facts import report_broken_table
from medpol.text.source import Findings, shorten
from medpol.text.tables import Cell, print_table, read_table

AUDIENCES = ("public", "providers", "plan staff")
TRIAL_COLUMNS = ("NCT", "Title", "Population", "Enrolment", "Completion", "Status")
SOURCE_COLUMNS = ("Source", "Date", "Says", "Address")
HISTORY_COLUMNS = ("Date", "Event", "Approved", "Effective", "Published", "Says", "Comment")
_GUIDELINE_FIELDS = (
    "Issuer",
    "Year",
    "Kind",
    "Systematic review",
    "Strength ratings",
    "Conflict handling",
    "Recommends",
)
_E = TypeVar("_E", bound=Enum)


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a section with its source lines as written."""

    block: Block
    raw: str


@dataclass(slots=True)
class Fields:
    """Field lines (`Name: value`) taken out of some paragraphs; what is left is prose."""

    values: dict[str, Cell] = field(default_factory=dict)
    prose: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n\n".join(self.prose)

    def get(self, name: str) -> str:
        return self.values[name].text if name in self.values else ""


def read_fields(pieces: Iterable[Piece], names: Sequence[str], findings: Findings) -> Fields:
    """The field lines of these names among the pieces, and what else stands there."""
    fields = Fields()
    pattern = re.compile("(" + "|".join(map(re.escape, names)) + r"):(?:\s+(.*)|$)")
    for piece in pieces:
        matches = (
            [pattern.fullmatch(line.text) for line in piece.block.lines] if piece.block.kind == "paragraph" else [None]
        )
        if not all(matches) or not matches:
            if piece.block.kind == "paragraph":
                report_broken_table(piece.block, findings)
            fields.prose.append(piece.raw)
            continue
        for line, match in zip(piece.block.lines, matches, strict=True):
            assert match is not None
            if match[1] in fields.values:
                findings.error(
                    line.line, line.column, "field-twice", f"`{match[1]}:` twice", "each field once", "delete one"
                )
            value = match[2] or ""
            fields.values[match[1]] = Cell(
                value.strip(), line.line, line.column + line.text.find(value, len(match[1]) + 1)
            )
    return fields


def read_choice(fields: Fields, name: str, kind: type[_E], findings: Findings, default: _E | None) -> _E | None:
    """The choice that a field line states; another word is an error."""
    cell = fields.values.get(name)
    if cell is None or not cell.text:
        return default
    for each in kind:
        if str(each.value).casefold() == cell.text.casefold().rstrip("."):
            return each
    findings.unknown_name(
        cell.line, cell.column, "unknown-choice", f"value of `{name}:`", cell.text, [str(each.value) for each in kind]
    )
    return default


def _parted(pieces: Sequence[Piece]) -> tuple[list[Piece], list[tuple[Piece, list[Piece]]]]:
    """What stands before the first level-3 heading, and each such heading with what stands under it."""
    before: list[Piece] = []
    parts: list[tuple[Piece, list[Piece]]] = []
    for piece in pieces:
        if piece.block.kind == "heading" and piece.block.level == 3:
            parts.append((piece, []))
        elif parts:
            parts[-1][1].append(piece)
        else:
            before.append(piece)
    return before, parts


def _report_broken(pieces: Iterable[Piece], findings: Findings) -> None:
    for piece in pieces:
        if piece.block.kind == "paragraph":
            report_broken_table(piece.block, findings)


def _prose(pieces: Iterable[Piece]) -> str:
    return "\n\n".join(piece.raw for piece in pieces)


def _whole(piece: Piece, inner: Sequence[Piece]) -> str:
    return _prose((piece, *inner))


def _items(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.rstrip(".").split(";") if each.strip())


# ---------------------------------------------------------------------------- introduction, disclaimer


def read_addressed(pieces: Sequence[Piece], findings: Findings) -> Addressed:
    fields = read_fields(pieces, ("Audience",), findings)
    audience = tuple(each.strip() for each in fields.get("Audience").rstrip(".").split(",") if each.strip())
    for each in audience:
        if each not in AUDIENCES:
            cell = fields.values["Audience"]
            findings.unknown_name(cell.line, cell.column, "unknown-audience", "audience", each, AUDIENCES)
    return Addressed(audience, fields.text)


def print_addressed(body: Addressed) -> str:
    head = f"Audience: {', '.join(body.audience)}" if body.audience else ""
    return "\n\n".join(part for part in (head, body.prose) if part)


# ---------------------------------------------------------------------------- evidence review

_STUDIES = re.compile(
    r"(?P<kind>.+?)(?:, (?P<studies>\d+) (?:studies|study|trials|trial))?(?:, (?P<participants>[\d,]*\d) participants)?",
    re.ASCII,
)
_CONCLUSION = re.compile(r"\*\*([^*]+)\*\*\.?")


def read_evidence(pieces: Sequence[Piece], findings: Findings) -> EvidenceReview:
    before, parts = _parted(pieces)
    populations: list[Population] = []
    prose = [piece.raw for piece in before]
    for piece, inner in parts:
        name = re.fullmatch(r"Population:\s*(.+)", piece.block.text)
        if name is None:
            prose.append(_whole(piece, inner))
            continue
        fields = read_fields(inner, ("Studies", "Outcomes", "Conclusion"), findings)
        populations.append(
            Population(
                name[1].strip(),
                fields.text,
                _studies(fields),
                _items(fields.get("Outcomes")),
                _conclusion(fields, piece, findings),
                Source(findings.file, piece.block.line, 1),
            )
        )
    return EvidenceReview(tuple(populations), "\n\n".join(prose))


def _studies(fields: Fields) -> tuple[StudyBody, ...]:
    bodies = []
    for item in _items(fields.get("Studies")):
        match = _STUDIES.fullmatch(item)
        if match is not None:
            bodies.append(
                StudyBody(
                    match["kind"],
                    None if match["studies"] is None else int(match["studies"]),
                    None if match["participants"] is None else int(match["participants"].replace(",", "")),
                )
            )
    return tuple(bodies)


def _conclusion(fields: Fields, piece: Piece, findings: Findings) -> Conclusion:
    cell = fields.values.get("Conclusion")
    if cell is None:
        return Conclusion.NOT_STATED
    match = _CONCLUSION.fullmatch(cell.text)
    words = " ".join((match[1] if match else cell.text).split()).casefold()
    for each in Conclusion:
        if each.value == words and match is not None:
            return each
    if match is None and words in [each.value for each in Conclusion]:
        findings.error(
            cell.line,
            cell.column,
            "bad-conclusion",
            f"the conclusion {cell.text!r} is not bold",
            "bold words",
            f"write **{words}**",
        )
    else:
        findings.unknown_name(
            cell.line, cell.column, "bad-conclusion", "conclusion", words, [each.value for each in Conclusion]
        )
    return Conclusion.NOT_STATED


def print_evidence(body: EvidenceReview) -> str:
    parts = [body.prose] if body.prose else []
    for each in body.populations:
        parts.append(f"### Population: {each.name}")
        if each.prose:
            parts.append(each.prose)
        if each.studies:
            parts.append("Studies: " + "; ".join(map(_study_shown, each.studies)))
        if each.outcomes:
            parts.append("Outcomes: " + "; ".join(each.outcomes))
        parts.append(f"Conclusion: **{each.conclusion.value}**")
    return "\n\n".join(parts)


def _study_shown(body: StudyBody) -> str:
    text = body.kind
    if body.studies is not None:
        text += f", {body.studies} {'study' if body.studies == 1 else 'studies'}"
    return text if body.participants is None else f"{text}, {body.participants} participants"


# ---------------------------------------------------------------------------- trials

_NCT = re.compile(r"NCT\d{8}", re.ASCII)
_PUBLISHED = {"ongoing": None, "unpublished": False, "published": True}


def is_trials_heading(text: str) -> bool:
    """Whether the tables under a heading of the section hold trials."""
    return text.strip().casefold() in _PUBLISHED


def read_trials(pieces: Sequence[Piece], findings: Findings) -> Trials:
    before, parts = _parted(pieces)
    trials: list[Trial] = []
    prose: list[str] = []
    for heading, inner in [(None, before), *parts]:
        kind = heading.block.text.strip().casefold() if heading is not None else ""
        tables = [piece for piece in inner if piece.block.kind == "table"]
        if kind not in _PUBLISHED or not tables:
            prose += [_whole(heading, inner)] if heading is not None else [piece.raw for piece in inner]
            _report_broken(inner, findings)
            continue
        for piece in inner:
            if piece.block.kind == "table":
                trials += _trials(piece.block, _PUBLISHED[kind], findings)
            else:
                _report_broken([piece], findings)
                prose.append(piece.raw)
    return Trials(tuple(trials), "\n\n".join(prose))


def _trials(block: Block, is_published: bool | None, findings: Findings) -> Iterable[Trial]:
    for row in read_table(block, findings, TRIAL_COLUMNS, required=TRIAL_COLUMNS[:2], what="trials table"):
        nct, enrolment, completion = row["NCT"], row["Enrolment"], row["Completion"]
        if not _NCT.fullmatch(nct.text):
            findings.warning(
                nct.line,
                nct.column,
                "bad-nct",
                f"{shorten(nct.text)!r} is no trial number",
                "NCT and eight digits",
                "correct the number",
            )
        if enrolment.text and not (enrolment.text.isascii() and enrolment.text.isdigit() and len(enrolment.text) < 9):
            findings.error(
                enrolment.line,
                enrolment.column,
                "bad-number",
                f"the enrolment {shorten(enrolment.text)!r}",
                "a whole number",
                "correct it",
            )
            continue
        if completion.text and stated_month(completion.text) is None and parse_day(completion.text) is None:
            findings.warning(
                completion.line,
                completion.column,
                "bad-date",
                f"the completion {shorten(completion.text)!r}",
                "a month such as May 2024",
                "correct it",
            )
        yield Trial(
            nct.text,
            row.text("Title"),
            row.text("Population"),
            int(enrolment.text) if enrolment.text else None,
            stated(completion.text),
            row.text("Status"),
            is_published,
            Source(findings.file, nct.line, nct.column),
        )


def print_trials(body: Trials) -> str:
    parts = [body.prose] if body.prose else []
    for heading, is_published in (("Ongoing", None), ("Unpublished", False), ("Published", True)):
        rows = [
            (
                each.nct,
                each.title,
                each.population,
                "" if each.enrolment is None else str(each.enrolment),
                each.completion.text,
                each.status,
            )
            for each in body.trials
            if each.is_published is is_published
        ]
        if rows:
            parts += [f"### {heading}", print_table(TRIAL_COLUMNS, rows)]
    return "\n\n".join(parts)


# ---------------------------------------------------------------------------- guidelines


def read_guidelines(pieces: Sequence[Piece], findings: Findings) -> Guidelines:
    before, parts = _parted(pieces)
    lead = read_fields(before, ("Inclusion rule",), findings)
    guidelines: list[Guideline] = []
    prose = list(lead.prose)
    for piece, inner in parts:
        fields = read_fields(inner, _GUIDELINE_FIELDS, findings)
        if not fields.values:
            prose.append(_whole(piece, inner))
            continue
        year = fields.get("Year")
        if year and not (year.isascii() and year.isdigit() and len(year) == 4):
            cell = fields.values["Year"]
            findings.error(
                cell.line, cell.column, "bad-number", f"the year {shorten(year)!r}", "four digits", "correct it"
            )
            year = ""
        guidelines.append(
            Guideline(
                piece.block.text.strip(),
                read_choice(fields, "Issuer", Issuer, findings, None),
                int(year) if year else None,
                read_choice(fields, "Kind", GuidelineKind, findings, None),
                read_choice(fields, "Systematic review", Stated, findings, Stated.NOT_STATED) or Stated.NOT_STATED,
                read_choice(fields, "Strength ratings", Stated, findings, Stated.NOT_STATED) or Stated.NOT_STATED,
                read_choice(fields, "Conflict handling", Stated, findings, Stated.NOT_STATED) or Stated.NOT_STATED,
                read_choice(fields, "Recommends", Direction, findings, None),
                fields.text,
                Source(findings.file, piece.block.line, 1),
            )
        )
    return Guidelines(lead.get("Inclusion rule"), tuple(guidelines), "\n\n".join(prose))


def print_guidelines(body: Guidelines) -> str:
    parts = [f"Inclusion rule: {body.inclusion_rule}"] if body.inclusion_rule else []
    if body.prose:
        parts.append(body.prose)
    for each in body.guidelines:
        stated_fields: Mapping[str, object] = {
            "Issuer": each.issuer and each.issuer.value,
            "Year": each.year,
            "Kind": each.kind and each.kind.value,
            "Systematic review": each.systematic_review.value,
            "Strength ratings": each.strength_ratings.value,
            "Conflict handling": each.conflict_handling.value,
            "Recommends": each.recommends and each.recommends.value,
        }
        parts.append(f"### {each.body}")
        parts += [f"{name}: {value}" for name, value in stated_fields.items() if value is not None]
        if each.prose:
            parts.append(each.prose)
    return "\n\n".join(parts)


# ---------------------------------------------------------------------------- Medicare, regulatory


def read_medicare(pieces: Sequence[Piece], findings: Findings) -> Medicare:
    before, parts = _parted(pieces)
    fields = read_fields(before, ("Statement",), findings)
    sources: list[MedicareSource] = []
    prose = list(fields.prose)
    for piece, inner in parts:
        tables = [each for each in inner if each.block.kind == "table"]
        _report_broken(inner, findings)
        if piece.block.text.strip().casefold() != "dated sources" or not tables:
            prose.append(_whole(piece, inner))
            continue
        for each in inner:
            if each.block.kind != "table":
                prose.append(each.raw)
                continue
            for row in read_table(
                each.block, findings, SOURCE_COLUMNS, required=SOURCE_COLUMNS[:2], what="sources table"
            ):
                sources.append(
                    MedicareSource(
                        row.text("Source"),
                        _date(row["Date"], findings) or StatedDate(""),
                        row.text("Says"),
                        row.text("Address"),
                        Source(findings.file, row.line, row["Source"].column),
                    )
                )
    return Medicare(fields.get("Statement"), tuple(sources), "\n\n".join(prose))


def print_medicare(body: Medicare) -> str:
    parts = [f"Statement: {body.statement}"] if body.statement else []
    if body.prose:
        parts.append(body.prose)
    if body.sources:
        parts += [
            "### Dated sources",
            print_table(SOURCE_COLUMNS, ((each.name, each.day.text, each.says, each.address) for each in body.sources)),
        ]
    return "\n\n".join(parts)


def read_regulatory(pieces: Sequence[Piece], findings: Findings) -> Regulatory:
    fields = read_fields(pieces, ("Approval needed",), findings)
    needed = read_choice(fields, "Approval needed", Stated, findings, Stated.NOT_STATED)
    return Regulatory({Stated.YES: True, Stated.NO: False}.get(needed or Stated.NOT_STATED), fields.text)


def print_regulatory(body: Regulatory) -> str:
    head = "" if body.approval_needed is None else f"Approval needed: {'yes' if body.approval_needed else 'no'}"
    return "\n\n".join(part for part in (head, body.prose) if part)


# ---------------------------------------------------------------------------- references

_PMID = re.compile(r"\bPMID:?\s*(\d{1,9})\b", re.ASCII)
_CITATION_DATE = re.compile(
    r"\s((?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.? (?:\d{1,2},? )?)?(?:19|20)\d{2})(?=\s*[;.])",
    re.ASCII,
)

_SEMICOLON = re.compile(r"\s*;")


_ACCESSED = re.compile(r"\s*(?:https?://\S+\s*)?\bAccessed\b.*$")
_BOOK = re.compile(r"\s+In:\s+(?:.*?\beds?\.\s+)?")
_LONGEST_CITATION = 4_000


def cited(text: str, number: int, source: Source) -> Reference:
    """A citation taken apart as far as it keeps to `Authors. Title. Journal. Date; ...`, or to a chapter `In:` a book.

    Its text is kept whole; the day on which somebody looked at an address is no date of it.
    """
    plain = text.replace("*", "").strip()
    pmid = _PMID.search(plain)
    authors = title = journal = day = ""
    spoken = _ACCESSED.sub("", plain) if len(plain) <= _LONGEST_CITATION else ""
    dates = list(_CITATION_DATE.finditer(spoken))
    if dates:
        chosen = next((each for each in dates if spoken[each.end() :].lstrip().startswith(";")), dates[-1])
        day = chosen[1]
        before = spoken[: chosen.start()].strip().rstrip(".;")
        book = _BOOK.search(before)
        pieces = re.split(r"(?<=[.?!])\s+", (before[: book.start()] if book else before).rstrip(".") + ".")
        authors = pieces[0].rstrip(".")
        if book is not None or len(pieces) == 2:
            title, journal = " ".join(pieces[1:]).rstrip("."), before[book.end() :] if book else ""
        elif len(pieces) >= 3:
            title, journal = " ".join(pieces[1:-1]).rstrip("."), pieces[-1].rstrip(".")
    return Reference(number, text.strip(), authors, title, journal, day, pmid[1] if pmid else None, source)


def read_references(pieces: Sequence[Piece], findings: Findings) -> References:
    references: list[Reference] = []
    prose: list[str] = []
    for piece in pieces:
        block = piece.block
        if block.kind != "list" or not block.level:
            prose.append(piece.raw)
            continue
        for item in block.blocks:
            paragraph = item.blocks[0] if item.blocks else item
            text = " ".join(line.text for line in paragraph.lines)
            for extra in paragraph.lines[1:2]:
                findings.error(
                    extra.line,
                    extra.column,
                    "soft-break",
                    "a second line in a reference",
                    "one reference, one line",
                    "join the lines",
                )
            number = int(item.number)
            source = Source(findings.file, item.line, paragraph.column)
            if number != len(references) + 1:
                findings.error(
                    item.line,
                    paragraph.column,
                    "list-numbers",
                    f"the reference {number} out of turn",
                    f"{len(references) + 1}",
                    "renumber the references",
                )
            references.append(cited(text, number, source))
    return References(tuple(references), "\n\n".join(prose))


def print_references(body: References) -> str:
    parts = [body.prose] if body.prose else []
    if body.references:
        parts.append("\n".join(f"{each.number}. {each.text}" for each in body.references))
    return "\n\n".join(parts)


# ---------------------------------------------------------------------------- history


def read_history(pieces: Sequence[Piece], findings: Findings) -> History:
    rows: list[HistoryRow] = []
    prose: list[str] = []
    for piece in pieces:
        if piece.block.kind != "table":
            if piece.block.kind == "paragraph":
                report_broken_table(piece.block, findings)
            prose.append(piece.raw)
            continue
        for row in read_table(
            piece.block, findings, HISTORY_COLUMNS, required=HISTORY_COLUMNS[:2], what="history table"
        ):
            event = row["Event"]
            if event.text.casefold() not in HISTORY_EVENTS:
                findings.unknown_name(event.line, event.column, "unknown-event", "event", event.text, HISTORY_EVENTS)
            rows.append(
                HistoryRow(
                    _date(row["Date"], findings) or StatedDate(""),
                    event.text.casefold(),
                    _date(row["Approved"], findings),
                    _date(row["Effective"], findings),
                    _date(row["Published"], findings),
                    _items(row.text("Says")),
                    row.text("Comment"),
                    Source(findings.file, row.line, row["Date"].column),
                )
            )
    return History(tuple(rows), "\n\n".join(prose))


def print_history(body: History) -> str:
    parts = [body.prose] if body.prose else []
    if body.rows:
        parts.append(print_table(HISTORY_COLUMNS, map(history_cells, body.rows)))
    return "\n\n".join(parts)


def history_cells(row: HistoryRow) -> tuple[str, ...]:
    """The cells of a row of the History, in the order of its columns."""
    days = ("" if day is None else day.text for day in (row.approved, row.effective, row.published))
    return (row.day.text, row.event, *days, "; ".join(row.says), row.comment)


def _date(cell: Cell, findings: Findings) -> StatedDate | None:
    if not cell.text:
        return None
    if parse_day(cell.text) is None and stated_month(cell.text) is None:
        findings.error(
            cell.line,
            cell.column,
            "bad-date",
            f"{shorten(cell.text)!r} is no date",
            "YYYY-MM-DD, or a month where no day is stated",
            "correct the date; nothing is repaired",
        )
    return stated(cell.text)
