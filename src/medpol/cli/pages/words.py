"""Words that several pages share: a status, a position, days, scopes, and the events of a history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.text import Text

from medpol.cli.output import Page
from medpol.decide.holdings import HistorySaid

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
