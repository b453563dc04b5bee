"""Words that several pages share: a status, a position, days, scopes, and the events of a history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from rich.text import Text

from medpol.cli.holdings import HistorySaid, PositionSaid, ScopeSaid
from medpol.cli.output import Page
from medpol.cli.pages.answer import POSITIONS
from medpol.model.lines import MEDICARE_FAMILY
from medpol.model.positions import CoveragePosition

STATUSES = {
    "in_force": ("✓", "green"),
    "in_notice": ("◐", "yellow"),
    "archived": ("○", "cyan"),
    "no_version_yet": ("○", "cyan"),
    "not_known_yet": ("○", "cyan"),
    "draft": ("◌", "dim"),
}


def as_of(day: date, known_on: date) -> str:
    return f", for care on {day}, as known on {known_on}"


def status_words(name: str) -> Text:
    glyph, style = STATUSES[name]
    return Text(f"{glyph} {name.replace('_', ' ')}", style)


def position_said(said: PositionSaid) -> str:
    glyph, name = POSITIONS[CoveragePosition(said.canonical)]
    own = "" if said.label.casefold() == name else f' ("{said.label}")'
    if said.is_conditional and glyph == "✓":
        glyph = "◐"
    words = f"{glyph} {name}{own}" + (" when criteria are met" if said.is_conditional else "")
    words += " (in some cases only)" if said.applies_when and not said.is_conditional else ""
    return words + (f", otherwise {said.otherwise}" if said.otherwise else "")


def distinct_positions(said: Iterable[PositionSaid]) -> list[str]:
    return list(dict.fromkeys(map(position_said, said)))


def period_words(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "no days stated"
    start = f"from {first}" if first is not None else ""
    return f"{start} through {last}".strip() if last is not None else start


def scope_words(scope: ScopeSaid, everything: str) -> str:
    def names(values: Iterable[str]) -> str:
        return ", ".join(value.replace("_", " ") for value in values)

    parts = [everything if scope.inside is None else names(scope.inside)]
    if scope.outside:
        parts.append(f"not {names(scope.outside)}")
    return "; ".join(parts)


def lines_words(scope: ScopeSaid) -> str:
    """The lines of business a policy speaks for; where some are out, the Medicare family is in only by name."""
    if scope.inside is not None or not scope.outside:
        return scope_words(scope, "every line of business")
    outside = [line for line in scope.outside if line not in MEDICARE_FAMILY]
    return scope_words(ScopeSaid(None, tuple(outside)), "every line of business but the Medicare family")


def heading(page: Page, words: str) -> None:
    page.blank()
    page.title(words)


def print_events(page: Page, events: Sequence[HistorySaid]) -> None:
    if not events:
        return
    heading(page, "History")
    for each in events:
        days = [
            f"{name} {value}"
            for name, value in (
                ("approved", each.approved),
                ("published", each.published),
                ("effective", each.effective),
            )
            if value
        ]
        page.line(
            f"{each.date}  ",
            Text(each.event, "bold"),
            "".join(f"  {words}" for words in days),
            "".join(f"; {words}" for words in each.says),
            f". {each.comment}" if each.comment else "",
            indent=2,
            hang=12,
        )
