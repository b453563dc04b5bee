"""One code: whether it is valid that day, which policies name it over time, and at what position."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from medpol.decide.holdings import CodeShown, NamedBy, Span, position_said
from medpol.decide.holdings.coded import show_code_in
from medpol.exchange.addresses import segment
from medpol.model.codes import FREE_TEXT_SYSTEMS
from medpol.web.asof import day_words, general_bar
from medpol.web.chips import STATUSES, chips_of
from medpol.web.feeds import ENTRIES, feed_bytes
from medpol.web.pages.page import Content, Elsewhere, Page, Visit, csv_bytes
from medpol.web.problems import Near, not_found
from medpol.web.strips import strip


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
    shown: CodeShown = content.value.code
    if shown.code is None:
        raise not_found("this is no code", mend="correct its spelling")
    changes = visit.served.changes(visit.as_of.known_on, code=shown.code, code_system=shown.system, limit=ENTRIES)
    return feed_bytes(
        changes, f"Changes of medical policies that name {content.title}", content.address, {}, visit.as_of
    )


CODE = Page(
    "/codes/{system:str}/{page:str}",
    "code.html",
    find_code,
    twins={".csv": _code_csv, ".atom": _code_atom},
    prints=True,
)
