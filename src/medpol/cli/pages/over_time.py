"""A code and a policy over time, as pages."""

from __future__ import annotations

from datetime import date

from rich.text import Text

from medpol.cli.output import Page, styled
from medpol.cli.pages.drawn import codes_words, print_timeline
from medpol.cli.pages.words import as_of, heading, print_events, status_words
from medpol.decide.holdings import CodeShown, PolicyHistory, VersionSaid, distinct_positions, period_words


def print_code(page: Page, each: CodeShown, day: date, known_on: date) -> None:
    system = f" ({each.system})" if each.system else ""
    label = f"  {'; '.join(each.labels)}" if each.labels else ""
    name = each.code or each.given.strip() or repr(each.given)
    page.line(styled(f"{name}{system}", "bold"), label, styled(as_of(day, known_on), "dim"), hang=2)
    glyph = {"named": "✓", "malformed": "✕", "not_yet_valid": "○", "ended": "○", "unnamed": "○"}[each.state]
    days = "" if each.state in ("malformed", "unnamed") else f" ({period_words(each.first_day, each.last_day)})"
    page.line(f"{glyph} {each.says}{days}", indent=2, hang=2)
    if each.near:
        page.line("near: ", ", ".join(each.near), indent=2)
    for policy in each.policies:
        page.line(Text(policy.policy, "bold"), "  ", status_words(policy.status), f"  {policy.title}", indent=2, hang=2)
        for span in policy.spans:
            if span.is_archived:
                words = "archived: no policy in force"
            elif span.positions:
                words = "; ".join(distinct_positions(span.positions))
            elif span.role == "governed":
                words = f"in {span.group}, of which no rule speaks"
            else:
                words = f"{span.role}: in the group {span.group}"
            page.line(f"{period_words(span.first_day, span.last_day)}  ", words, indent=4, hang=2)


def print_history(page: Page, found: PolicyHistory) -> None:
    page.line(Text(f"{found.policy}  {found.title}", "bold"))
    page.line(status_words(found.status), as_of(found.date_of_service, found.known_on).removeprefix(","), indent=2)
    heading(page, "Timeline")
    print_timeline(page, found)
    heading(page, "Versions")
    page.table(
        ("First day", "Last day", "Days", "Known from", "What it says"),
        [
            (
                Text(f"{each.version}", "bold" if each.is_in_force_that_day else ""),
                "" if each.last_day is None else str(each.last_day),
                "" if each.days is None else f"{each.days:,}",
                f"{each.known_from}" + (" inferred" if each.known_from_is_inferred else ""),
                _what_it_says(each),
            )
            for each in found.versions
        ],
    )
    for gap in found.gaps:
        end = f"{gap.first_day} through {gap.last_day}" if gap.last_day is not None else f"from {gap.first_day} on"
        days = "" if gap.days is None else f", {gap.days:,} days"
        page.line(f"○ No version was in force {end}{days}.", indent=2, hang=2)
    for old in found.superseded:
        by = "withdrawn" if old.by == "withdrawn" else f"replaced by {old.by}"
        page.line(
            f"⇄ {old.file}, first day {old.version}: known from {old.known_from}, {by} on {old.until}", indent=2, hang=2
        )
    for changed in found.code_changes:
        page.line(f"Codes on {changed.version}: {codes_words(changed.joined, changed.left)}.", indent=2, hang=2)
    print_events(page, found.events)
    page.blank()
    page.line(f"As known on {found.known_on}; what was published later is not shown.", style="dim")


def _what_it_says(each: VersionSaid) -> str:
    words = (
        "○ archived: no policy in force"
        if each.is_archived
        else "; ".join(distinct_positions(each.positions)) or "no rule"
    )
    if each.is_in_force_that_day:
        words += " · in force that day"
    if each.known_before_days > 0:
        owed = f", {each.notice_days_owed} owed" if each.notice_days_owed is not None and not each.is_archived else ""
        words += f" · notice: known {each.known_before_days} days before{owed}"
    elif each.known_before_days < 0:
        words += f" · retroactive: known {-each.known_before_days} days after its first day"
    return words
