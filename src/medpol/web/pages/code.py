"""One code, and many pasted at once: whether each is valid that day, which policies name it, and at what position."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings import CodeShown, NamedBy, Span, position_said, show_codes
from medpol.decide.holdings.coded import show_code_in
from medpol.model.codes import FREE_TEXT_SYSTEMS
from medpol.web.asof import day_words, general_bar, segment
from medpol.web.chips import STATUSES, chips_of
from medpol.web.feeds import ENTRIES, feed_bytes
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, csv_bytes
from medpol.web.problems import Near, Problem, Refused, bad_request, not_found
from medpol.web.strips import strip

MOST_CODES = 10_000
_BETWEEN = re.compile(r"[\s,;]+")
_LONGEST = 64


def code_address(system: str, code: str) -> str:
    return f"/codes/{segment(system)}/{segment(code)}"


@dataclass(frozen=True, slots=True)
class OneCode:
    """``explains`` says where the code stands that day, in one sentence; it is never a statement of coverage."""

    date_of_service: date
    known_on: date
    explains: str
    code: CodeShown


def find_code(visit: Visit) -> Content | Elsewhere:
    systems = visit.served.desk.plan.systems
    system = systems.canonical(visit.place["system"])
    if system is None:
        raise not_found(
            "no code system has that name",
            *(Near(name, code_address(name, "")) for name in systems.names() if name not in FREE_TEXT_SYSTEMS),
        )
    given = visit.place["page"]
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    shown = show_code_in(visit.served.opened, system, given, day, known_on)
    if shown.code is None:
        return _malformed(visit, system, shown)
    address = code_address(system, shown.code)
    if (visit.place["system"], given) != (system, shown.code):
        return Elsewhere(visit.as_of.link(address + visit.place.get("ending", "")))
    value = OneCode(day, known_on, _explains(shown, day), shown)
    dressed = {
        "statuses": STATUSES,
        "chips": {span: chips_of(span.positions) for by in shown.policies for span in by.spans},
        "strips": {by.policy: strip(by.spans, day) for by in shown.policies},
    }
    title = f"{system} {shown.code}"
    bar = general_bar(visit.as_of, address, {})
    return Content(title, address, value, bar, cite=title, dressed=dressed)


def _malformed(visit: Visit, system: str, shown: CodeShown) -> Content:
    """What was typed is shown as what it is, with the shape it lacks; nothing is looked up."""
    value = OneCode(
        visit.as_of.date_of_service,
        visit.as_of.known_on,
        f"This has not the shape of a code of {system}, so no policy can name it.",
        shown,
    )
    bar = general_bar(visit.as_of, "/codes", {})
    return Content(f"{system}: no such shape", "/codes", value, bar, dressed={"statuses": STATUSES})


def _explains(shown: CodeShown, day: date) -> str:
    match shown.state:
        case "unnamed":
            return (
                "No policy names it; medpol holds no list to say whether it exists. That does not mean it is covered."
            )
        case "not_yet_valid" if shown.first_day is not None:
            return f"Not yet valid on {day_words(day)}: the code begins on {day_words(shown.first_day)}."
        case "ended" if shown.last_day is not None:
            return f"No longer valid on {day_words(day)}: its last day was {day_words(shown.last_day)}."
    speaking = [by for by in shown.policies if (span := span_on(by, day)) is not None and not span.is_archived]
    if not speaking:
        return (
            f"Valid on {day_words(day)}, and in no policy that was in force that day. That does not mean it is covered."
        )
    many = f"{len(speaking)} policies in force name" if len(speaking) > 1 else "One policy in force names"
    return f"{many} it on {day_words(day)}."


def span_on(by: NamedBy, day: date) -> Span | None:
    """The days of a policy that hold a day, the first of those that do."""
    return next(
        (span for span in by.spans if span.first_day <= day and (span.last_day is None or day <= span.last_day)), None
    )


def _code_csv(visit: Visit, content: Content) -> bytes:
    value: OneCode = content.value
    return csv_bytes(
        ("system", "code", "policy", "title", "first_day", "last_day", "version", "group", "role", "positions"),
        (
            (
                value.code.system,
                value.code.code,
                by.policy,
                by.title,
                span.first_day,
                span.last_day,
                span.version,
                "archived" if span.is_archived else span.group,
                span.role,
                "; ".join(map(position_said, span.positions)),
            )
            for by in value.code.policies
            for span in by.spans
        ),
    )


def _code_atom(visit: Visit, content: Content) -> bytes:
    code = content.value.code.code
    if code is None:
        raise not_found("this is no code", mend="correct its spelling")
    changes = visit.served.changes(visit.as_of.known_on, code=code, limit=ENTRIES)
    return feed_bytes(
        changes, f"Changes of medical policies that name {content.title}", content.address, {}, visit.as_of
    )


CODE = Page("/codes/{system:str}/{page:str}", "code.html", find_code, twins={".csv": _code_csv, ".atom": _code_atom})


# ---------------------------------------------------------------------------- many


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One pasted code on one policy, or on none."""

    given: str
    system: str | None
    code: str | None
    state: str
    says: str
    policy: str | None
    title: str | None
    status: str | None
    first_day: date | None
    last_day: date | None
    positions: str


@dataclass(frozen=True, slots=True)
class ManyCodes:
    """``count`` is of different codes pasted; ``malformed`` are those that have the shape of none."""

    date_of_service: date
    known_on: date
    count: int
    malformed: tuple[str, ...]
    rows: tuple[CodeRow, ...]


def find_codes(visit: Visit) -> Content:
    text = "" if visit.form is None else visit.form.get("codes", "")
    given = list(dict.fromkeys(each for each in _BETWEEN.split(text) if each))
    if len(given) > MOST_CODES:
        raise Refused(
            Problem(413, f"{len(given):,} codes", f"at most {MOST_CODES:,} at a time", "paste them in parts", "codes")
        )
    if visit.form is not None and not given:
        raise bad_request("codes", "no code was pasted", f"1 to {MOST_CODES:,} codes, one a line or with commas")
    if any(len(each) > _LONGEST for each in given):
        raise bad_request("codes", f"a word of more than {_LONGEST} signs", "codes, one a line or with commas")
    day, known_on = visit.as_of.date_of_service, visit.as_of.known_on
    found = show_codes(visit.served.opened, given, day, known_on).codes
    rows = tuple(row for shown in found for row in _rows(shown, day))
    malformed = tuple(each.given for each in found if each.state == "malformed")
    value = ManyCodes(day, known_on, len(given), malformed, rows)
    bar = general_bar(visit.as_of, "/codes", {})
    return Content("Codes", "/codes", value, bar, dressed={"pasted": text, "statuses": STATUSES})


def _rows(shown: CodeShown, day: date) -> list[CodeRow]:
    if not shown.policies:
        return [CodeRow(shown.given, shown.system, shown.code, shown.state, shown.says, *(None,) * 5, "")]
    found = []
    for by in shown.policies:
        span = span_on(by, day)
        said = "" if span is None else "; ".join(map(position_said, span.positions)) or span.role or "archived"
        first, last = (None, None) if span is None else (span.first_day, span.last_day)
        found.append(
            CodeRow(
                shown.given,
                shown.system,
                shown.code,
                shown.state,
                shown.says,
                by.policy,
                by.title,
                by.status,
                first,
                last,
                said,
            )
        )
    return found


def _codes_csv(visit: Visit, content: Content) -> bytes:
    value: ManyCodes = content.value
    heads = (
        "given",
        "system",
        "code",
        "state",
        "says",
        "policy",
        "title",
        "status",
        "first_day",
        "last_day",
        "positions",
    )
    return csv_bytes(heads, ([getattr(row, head) for head in heads] for row in value.rows))


CODES = Page("/codes", "codes.html", find_codes, twins={".csv": _codes_csv}, posts=True)
