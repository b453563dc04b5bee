"""History rows: their dates by verb, their event, what they claim, the codes they name and the position they state.

Dates are taken where they parse and never repaired: a broken one is kept as text and asked about. The century of a
two-digit year is the document's: the latest that does not lie more than a year past its newest whole date.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medpol.ingest.escape import inline
from medpol.ingest.published import CodeChange, Event
from medpol.ingest.remaining import headed, joined_otherwise
from medpol.ingest.stating import denial_in, denied, position_in, sentences
from medpol.ingest.wording import ruling
from medpol.model.codes import CodeSystems
from medpol.model.dates import StatedDate
from medpol.model.policy import Notice

_FIRST_YEAR = 1960
_MONTHS = {name.casefold()[:3]: at for at, name in enumerate(calendar.month_name) if name}
_MONTH_NAMES = {name.casefold() for name in (*calendar.month_name, *calendar.month_abbr) if name} | {"sept"}
_DATE = re.compile(
    r"(?P<iso>\b\d{4}-\d{1,2}-\d{1,2}\b)"
    r"|(?P<numbers>\b\d{1,2}[/-]\d{1,2}[/-]\d{2,6}\b)"
    r"|(?P<month_slash>\b\d{1,2}/\d{4,6}\b)"
    r"|\b(?P<name>[A-Z][a-z]{2,9})\.?\s+(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{4,6})\b"
    r"|\b(?P<day2>\d{1,2})\s+(?P<name2>[A-Z][a-z]{2,9})\.?,?\s+(?P<year2>\d{4,6})\b"
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A date as printed at a place of a text; ``stated`` is ``None`` where it is broken."""

    start: int
    end: int
    text: str
    stated: StatedDate | None


def dates_in(text: str, pivot: int) -> tuple[Printed, ...]:
    """Every date of a text. ``pivot`` is the last year that a two-digit year may mean."""
    found = []
    for match in _DATE.finditer(text):
        name = match["name"] or match["name2"]
        if name is not None and name.casefold() not in _MONTH_NAMES and match["day"] is None and match["day2"] is None:
            continue
        found.append(Printed(match.start(), match.end(), match[0], _stated(match, pivot)))
    return tuple(found)


def date_of(text: str, pivot: int) -> StatedDate | None:
    """The date that a cell or field holds and nothing else, or ``None``; ``7/11`` alone is a month."""
    plain = " ".join(text.split()).rstrip("*†. ")
    if match := re.fullmatch(r"(\d{1,2})/(\d{2})", plain, re.ASCII):
        return _month(_century(int(match[2]), pivot), int(match[1]))
    found = dates_in(plain, pivot)
    return found[0].stated if len(found) == 1 and found[0].text == plain else None


def _stated(match: re.Match[str], pivot: int) -> StatedDate | None:
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        return _day(year, month, day)
    if match["numbers"]:
        month, day, year = map(int, re.split(r"[/-]", match["numbers"]))
        digits = len(re.split(r"[/-]", match["numbers"])[2])
        return (
            _day(_century(year, pivot), month, day) if digits == 2 else _day(year, month, day) if digits == 4 else None
        )
    if match["month_slash"]:
        month, year = map(int, match["month_slash"].split("/"))
        return _month(year, month)
    name, day_text, year_text = (
        match["name"] or match["name2"],
        match["day"] or match["day2"],
        match["year"] or match["year2"],
    )
    if name.casefold() not in _MONTH_NAMES or len(year_text) != 4:
        return None
    month, year = _MONTHS[name.casefold()[:3]], int(year_text)
    return _month(year, month) if day_text is None else _day(year, month, int(day_text))


def _century(year: int, pivot: int) -> int:
    """The year that two digits mean; 0, which is none, where the document writes no year in full, and where the newest
    one that it writes is too old for them: no policy is of the first half of the last century."""
    if not pivot:
        return 0
    read = 2000 + year if 2000 + year <= pivot else 1900 + year
    return read if read >= _FIRST_YEAR else 0


def _day(year: int, month: int, day: int) -> StatedDate | None:
    if not 1900 <= year < 2200:
        return None
    try:
        whole = date(year, month, day)
    except ValueError:
        return None
    return StatedDate(whole.isoformat(), whole)


def _month(year: int, month: int) -> StatedDate | None:
    return StatedDate(f"{year:04}-{month:02}") if 1 <= month <= 12 and 1900 <= year < 2200 else None


def pivot_of(texts: Iterable[str]) -> int:
    """The newest year that the texts write in full within a date, and one more; 0 where they write none."""
    years = [
        int(printed.stated.text[:4]) for text in texts for printed in dates_in(text, 0) if printed.stated is not None
    ]
    return max(years) + 1 if years else 0


def newest_year(texts: Iterable[str]) -> int:
    """As ``pivot_of``, from years that stand by themselves: a notice of rights, a reference."""
    years = [int(year) for text in texts for year in re.findall(r"(?<![\d/.-])(?:19|20)\d{2}(?![\d/.-])", text)]
    return max(years) + 1 if years else 0


# ---------------------------------------------------------------------------- events

_EVENTS: tuple[tuple[str, str], ...] = (
    ("reinstated", r"\breinstat|\bre-?activat|\bre-?instituted|\bput back in force|\bbrought back"),
    ("archived", r"\barchiv"),
    ("retired", r"\bretir(?:e|ed|ing)\b(?! code)|\bpolic(?:y|ies) deleted|\bdelet(?:e|ed|ing) policy|\bsunset"),
    ("superseded", r"\bsupersed|\breplaced (?:by|with) policy|\bpolicy (?:is )?replaced by"),
    ("withdrawn", r"\bwithdr[ae]w|\brescind"),
    ("delegated", r"\bdelegat|\b(?:managed|administered|reviewed) by (?:an? )?(?:vendor|evicore|carelon|aim\b)"),
    ("renumbered", r"\brenumber|\bpolicy (?:number|no\.?) (?:was |is )?chang|\bchang\w+ (?:the )?policy number|\bnew policy number|\bmoved to (?:new )?policy"),
    ("title change", r"\btitle (?:was |is )?(?:chang|updat|revis)|\b(?:chang\w+|renam\w+|updat\w+|revis\w+) (?:the )?(?:policy )?(?:title|name)\b|\brenamed"),
    ("scope change", r"\bscope (?:was |is )?(?:chang|updat|expand|narrow|revis)|\b(?:chang\w+|expand\w+|narrow\w+|updat\w+) (?:the )?scope"),
    ("position change", r"\b(?:position|policy statements?|statements?|coverage) (?:was |were |is |has been |have been )?(?:chang|revis|amend|updat|modif)|\b(?:chang\w+|revis\w+|amend\w+|modif\w+) (?:the )?(?:policy )?(?:position|statements?)\b|\bpolicy statement added|\bnow considered"),
    ("criteria change", r"\bcriteri(?:a|on) (?:was |were |is |are )?(?:chang|updat|revis|clarif|add|remov|modif|amend)|\b(?:chang\w+|updat\w+|revis\w+|clarif\w+|add\w+|remov\w+|modif\w+|amend\w+|new) (?:the )?(?:policy |coverage |medical necessity )*criteri"),
    ("new policy", r"\bnew (?:lcd|ncd|guideline|document)\b|\bnew (?:\w+ )?polic|\bpolicy (?:created|established|adopted|introduced)|\b(?:add|adopt|creat)\w* (?:as )?(?:a )?(?:new )?(?:medical )?polic"),
    ("annual review", r"\bannual(?:ly)? (?:policy )?(?:review|update)|\byearly review|\breviewed annually"),
    ("interim review", r"\binterim (?:review|update)|\boff-cycle|\bminor update|\bpolicy (?:reviewed|updated)\b"),
    ("notification", r"\bnotification\b|\bnotice\b"),
    ("drug update", r"\b(?:drug|product|brand|medication)s? (?:\w+ )?(?:was |were )?(?:add|remov|preferred)|\b(?:add|remov|mov)\w* .{0,40}\b(?:drug|preferred|non-preferred|medication)"),
    ("coding update", r"\bcodes?\b[^.;]{0,80}\b(?:added|removed|deleted|terminated|discontinued)|\bcod(?:ing|es?) (?:update|change|correction|review|added|removed|deleted)|\b(?:add|remov|delet|updat|terminat|new)\w* (?:\w+ ){0,3}codes?\b|\bupdat\w+ (?:the )?coding"),
    ("literature update", r"\bliterature (?:review |search )?update|\bupdat\w+ (?:with )?(?:the )?literature|\breferences? (?:updat|add)|\bliterature (?:search|review)\b"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _EVENTS)


def event_of(comment: str) -> str:
    """The event that a row's comment tells first, by the closed list of events; ``other`` where none is recognised."""
    found = []
    for order, (name, pattern) in enumerate(_COMPILED):
        if (match := pattern.search(comment)) is not None:
            found.append((match.start(), order, name))
    return min(found)[2] if found else "other"


# ---------------------------------------------------------------------------- verbs of dates

_VERBS: tuple[tuple[str, str], ...] = (
    ("literature", r"\bthrough(?: the end of)?\b"),
    ("approved", r"\b(?:approved|approval|adopted)\b"),
    ("effective", r"\b(?:effective|takes? effect|took effect|in effect|in force|beginning|starting|implemented|implementation)\b"),
    ("sent", r"\b(?:sent|mailed|given|notified)\b"),
    ("published", r"\b(?:published|posted|issued)\b"),
    ("other", r"\b(?:reviewed|revised|review|printed|dated|scheduled|until|before|after|prior to|announced)\b"),
    ("effective", r"\b(?:archived|retired|terminated|superseded|replaced|reinstated|ended)\b"),
)  # fmt: skip
_CODES = re.compile(r"\bcodes?\b", re.IGNORECASE)
_NOTICE = re.compile(
    r"\b(?:(\d{1,3})[- ]days?['’]?\s+)?(?:(provider|member|public)s?\s+)?(?:notification|notice)\b", re.IGNORECASE
)


@dataclass(slots=True)
class _Dates:
    """The dates of one comment by their verb."""

    approved: StatedDate | None = None
    effective: StatedDate | None = None
    published: StatedDate | None = None
    sent: StatedDate | None = None
    literature: StatedDate | None = None
    effective_is_broken: bool = False


def _verb(lead: str) -> str:
    """The kind of date that the words in front of it announce; nothing where they announce none."""
    best = (-1, "")
    for kind, pattern in _VERBS:
        for match in re.finditer(pattern, lead, re.IGNORECASE):
            best = max(best, (match.start(), kind))
    if best[1] == "literature" and not re.search(r"\b(?:literature|search\w*|evidence)\b", lead, re.IGNORECASE):
        return "other"  # "open for comment through ..."
    return best[1]


def _is_of_codes(lead: str) -> bool:
    """Whether the words in front of a date, since the last one, speak of codes: "CPT code 00000 effective"."""
    tail = lead.rsplit("(", 1)[-1] if lead.count("(") > lead.count(")") else lead
    return (
        _CODES.search(lead) is not None and re.search(r"\b(?:effective|valid|as of)\b", tail, re.IGNORECASE) is not None
    )


def _read_dates(comment: str, row: StatedDate, pivot: int, doubts: list[str]) -> tuple[_Dates, dict[int, Printed]]:
    """The policy's own dates, and those of codes by the start of the sentence they stand in."""
    held = _Dates()
    of_codes: dict[int, Printed] = {}
    last = 0
    for printed in dates_in(comment, pivot):
        lead = comment[last : printed.start]
        boundary = max((match.end() for match in re.finditer(r"[.;]\s+(?=[A-Z])", lead)), default=0)
        lead = lead[boundary:]
        last = printed.end
        if _is_of_codes(lead):
            of_codes[printed.start] = printed
            if printed.stated is None or printed.stated.day is None:
                doubts.append(f"codes effective {printed.text!r}: on which day do they begin?")
            continue
        _place(held, _verb(lead), printed, lead, row, doubts)
    return held, of_codes


def _place(held: _Dates, verb: str, printed: Printed, lead: str, row: StatedDate, doubts: list[str]) -> None:
    stated = printed.stated
    if stated is None:
        doubts.append(f"{printed.text!r}, printed behind {verb or 'no verb'}, is no date: what should it be?")
        held.effective_is_broken |= verb == "effective"
        return
    match verb:
        case "approved" if held.approved is None:
            held.approved = stated
        case "effective" if held.effective is None:
            held.effective = stated
            if stated.day is None:
                doubts.append(f"effective {printed.text!r} states no day: on which day does it take effect?")
        case "published" if held.published is None:
            held.published = stated
        case "sent" if held.sent is None:
            held.sent = stated
        case "literature" if held.literature is None:
            held.literature = stated
        case "" if not re.search(r"\w", lead) and stated == row and held.effective is None:
            held.effective = stated
            doubts.append(
                f"the date {printed.text!r} has no verb; it equals the row's own and was read as the day of effect"
            )
        case "other":
            pass
        case _:
            doubts.append(f"what is {printed.text!r} the date of?")


# ---------------------------------------------------------------------------- claims and codes

_UNCHANGED = re.compile(
    r"\b(?:statements?|criteria|position|coverage)\s+(?:(?:remains?|is|are|was|were)\s+)?unchanged"
    r"|\bno changes? (?:(?:was|were) made )?(?:to|in) (?:the )?(?:policy|statements?|criteria|position)"
    r"|\bno policy (?:statement )?changes?",
    re.IGNORECASE,
)
_NO_REFERENCES = re.compile(r"\bno (?:new )?references? (?:(?:was|were) )?added", re.IGNORECASE)
_REFERENCES = re.compile(
    r"\breferences?(?: [\d, –-]+(?:and \d+)?)? ?(?:(?:was|were) )?added|\badded (?:new )?references?", re.IGNORECASE
)
_ACTION = re.compile(r"\b(add|new\b|includ|remov|delet|terminat|discontinu|drop)\w*", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![\w./-])(\d{5}|\d{4}[FTUAM]|[A-Z]\d{4}|[A-Z]\d[\dAB](?:\.[\dA-Z]{1,4}|[\dA-Z]{0,4})|(?=[A-Z]*\d)[0-9A-HJ-NP-Z]{7}|\d{5}-\d{4}-\d{2})(?![\w/]|\.\w|-\d)"
)
_GLUED_CODE = re.compile(r"^\s*([A-Z]?\d{4,5}[A-Z]?)(?=[A-Z][a-z])", re.MULTILINE)
_CODE_RANGE = re.compile(r"\b([A-Z]?\d[\dA-Z.]{2,6})\s*(?:-|–|—|thru|through)\s*([A-Z]?\d[\dA-Z.]{2,6})\b")
_SYSTEM_NAMES = re.compile(r"\b(CPT|HCPCS|CDT|ICD-10-PCS|ICD-10-CM|ICD-10|ICD-9|NDC|revenue)\b", re.IGNORECASE)


def code_changes(
    comment: str, of_codes: dict[int, Printed], pivot: int, event: str, doubts: list[str]
) -> tuple[CodeChange, ...]:
    """The codes that a comment adds or takes out, each with the day its own words give it."""
    found: list[CodeChange] = []
    start = 0
    for clause in sentences(comment):
        offset = comment.find(clause, start)
        start = offset + len(clause)
        named = _SYSTEM_NAMES.search(clause)
        if not (_CODES.search(clause) or named or event == "coding update") or _ACTION.search(clause) is None:
            continue
        began = [
            printed.stated.day
            for at, printed in of_codes.items()
            if offset <= at < start and printed.stated is not None
        ]
        found += _codes_of_clause(clause, began[0] if began else None, pivot, doubts)
    return tuple(dict.fromkeys(found))


def _codes_of_clause(clause: str, began: date | None, pivot: int, doubts: list[str]) -> Iterable[CodeChange]:
    blank = list(clause)
    for printed in dates_in(clause, pivot):
        blank[printed.start : printed.end] = " " * (printed.end - printed.start)
    words = "".join(blank)
    for match in _CODE_RANGE.finditer(words):
        doubts.append(f"the range {match[0]!r} is kept as text: which codes does it hold?")
        words = words.replace(match[0], " " * len(match[0]))
    actions = list(_ACTION.finditer(words))
    for at, action in enumerate(actions):
        end = actions[at + 1].start() if at + 1 < len(actions) else len(words)
        added = action[1].casefold() in ("add", "new", "includ")
        begin = 0 if at == 0 else action.start()
        part = words[begin:end]
        system_name = _SYSTEM_NAMES.search(part) or _SYSTEM_NAMES.search(words[:end])
        for code in _CODE.finditer(part):
            system = system_for(code[1], system_name[1] if system_name else "")
            if system is None:
                doubts.append(f"of which code system is {code[1]!r}?")
                continue
            normal = _SYSTEMS.normalise(system, code[1])
            assert normal is not None
            yield CodeChange(system, normal, added, began if added else None, words)


_SYSTEMS = CodeSystems()
_SYSTEM_WORDS = {
    "icd-10": "ICD-10-CM",
    "icd-10 diagnosis": "ICD-10-CM",
    "icd-10 cm": "ICD-10-CM",
    "icd-10 procedure": "ICD-10-PCS",
    "icd-10 pcs": "ICD-10-PCS",
    "icd-9": "ICD-9-CM",
    "revenue": "revenue",
    "revenue codes": "revenue",
    "hcpcs level ii": "HCPCS",
    "dental": "CDT",
    "ada": "CDT",
}


def codes_shaped(text: str) -> tuple[str, ...]:
    """What has the shape of a code in a text, each once; also at the start of a line with its words right behind it."""
    found = [*_GLUED_CODE.findall(text), *_CODE.findall(text)]
    return tuple(dict.fromkeys(each for each in found if _SYSTEMS.systems_of(each)))


def system_named(text: str) -> str | None:
    """The code system that a heading or a word names, or ``None``."""
    key = re.sub(r"\s+(?:codes?|procedure codes?)$", "", " ".join(text.casefold().split()).strip(" :*"))
    return _SYSTEM_WORDS.get(key) or _SYSTEMS.canonical(key)


def system_for(code: str, named: str) -> str | None:
    """The system of a code: the one named, where its shape fits; else the only one whose shape it has."""
    system = system_named(named) if named else None
    if system is not None and _SYSTEMS.normalise(system, code) is not None:
        return system
    if named.casefold() == "icd-10" and _SYSTEMS.normalise("ICD-10-PCS", code) is not None:
        return "ICD-10-PCS"
    fitting = [name for name in _SYSTEMS.systems_of(code) if name not in ("revenue", "ICD-9-CM")]
    return fitting[0] if len(fitting) == 1 else None


# ---------------------------------------------------------------------------- a row


def read_event(cell: str, comment: str, pivot: int, lines: Sequence[int]) -> Event:
    """One row of the history taken apart."""
    doubts: list[str] = []
    day = date_of(cell, pivot)
    if day is None:
        doubts.append(f"the row's date {cell!r} is no date: which day is it?")
    elif day.day is None:
        doubts.append(f"the row's date {cell!r} states no day: which day is it?")
    row = day or StatedDate("")
    words = " ".join(comment.split())
    held, of_codes = _read_dates(words, row, pivot, doubts)
    event = event_of(words)
    if event == "other":
        doubts.append(f"what kind of event is {words[:60]!r}?")
    codes = code_changes(words, of_codes, pivot, event, doubts)
    notices = list(_NOTICE.finditer(words))
    notice = next((each for each in notices if each[1]), notices[0] if notices else None)
    later = (
        held.effective is not None
        and row.day is not None
        and held.effective.day is not None
        and row.day < held.effective.day
    )
    if notice is not None and later and held.published is None:
        held.published = (
            row  # the row announces what takes effect behind the notice: its own day is that of publication
        )
    began = None if held.effective_is_broken else (held.effective or row).day
    if held.approved is not None and held.approved.day is not None and began is not None and held.approved.day > began:
        doubts.append(f"approved {held.approved.text}, later than its first day {began}: which of the two is right?")
    denials = [denied(each) for each in sentences(words) if denial_in(each)]
    doubts += denials
    made = (ruling(_statement_words(each), ()) for each in sentences(words))
    rulings = headed(joined_otherwise(each for each in made if each is not None))
    audience = {"provider": "providers", "member": "members"}.get((notice[2] or "").casefold(), "") if notice else ""
    return Event(
        row,
        " ".join(cell.split()),
        event,
        inline(words),
        held.approved,
        held.effective,
        held.published,
        held.literature,
        Notice(held.sent, int(notice[1]) if notice and notice[1] else None, audience, ""),
        _claims(words, held, codes),
        rulings,
        codes,
        _says_changed(words) or bool(denials),
        held.effective_is_broken,
        tuple(doubts),
        tuple(lines),
    )


def _statement_words(text: str) -> str:
    """A sentence that quotes the statement, without what announces it and without the day from which it holds."""
    announced = re.fullmatch(r"[^:]{3,120}:\s+(.+)", text, re.DOTALL)
    if announced is not None and position_in(announced[1]) is not None:
        text = announced[1][0].upper() + announced[1][1:]
    return re.sub(r",?\s+(?:effective|beginning|starting)\s+(?:on\s+)?(?=[A-Z][a-z]+\.? \d|\d).*$", ".", text)


def _says_changed(words: str) -> bool:
    changed = any(
        pattern.search(words) for name, pattern in _COMPILED if name in ("criteria change", "position change")
    )
    return changed and _UNCHANGED.search(words) is None


def _claims(words: str, held: _Dates, codes: Iterable[CodeChange]) -> tuple[str, ...]:
    claims = []
    if held.literature is not None:
        claims.append(f"literature through {held.literature.text}")
    if _NO_REFERENCES.search(words):
        claims.append("no references added")
    elif _REFERENCES.search(words):
        claims.append("references added")
    if _UNCHANGED.search(words):
        claims.append("statement unchanged")
    added = [change.code for change in codes if change.added]
    if added:
        claims.append(f"codes added {', '.join(added)}")
    return tuple(claims)
