"""``medpol list``, ``show``, ``code`` and ``history``: what a library holds, on a day and as known on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from medpol.cli import catalogue
from medpol.cli.answer import POSITIONS
from medpol.cli.catalogue import (
    CodeShown,
    HistorySaid,
    Listed,
    PolicyHistory,
    PolicyShown,
    PositionSaid,
    RuleSaid,
    ScopeSaid,
    Sentence,
    VersionSaid,
)
from medpol.cli.opening import DayOfService, KnownOn, Opened, Policies, Verbose, open_library
from medpol.cli.output import Page, Words, joined, styled, write_json
from medpol.cli.stops import DONE, NOT_FOUND, Stop
from medpol.model.diagnostic import nearest
from medpol.model.lines import MEDICARE_FAMILY
from medpol.model.positions import CoveragePosition


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


InFormat = Annotated[Format, typer.Option("--format", help="For a person, or for a program.")]
PolicyNumber = Annotated[str, typer.Argument(metavar="POLICY", help="The policy's number, such as 2.01.100.")]

_STATUSES = {
    "in_force": ("✓", "green"),
    "in_notice": ("◐", "yellow"),
    "archived": ("○", "cyan"),
    "no_version_yet": ("○", "cyan"),
    "not_known_yet": ("○", "cyan"),
    "draft": ("◌", "dim"),
}
_DATES = ("effective", "archived", "approved", "published", "row date", "notice sent", "notice days", "last revised")
_LATER_DATES = ("literature through", "review due")


def list_policies(
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """List the policies with their status on a day, their positions and codes."""
    day, known = _days(date_of_service, known_on)
    found = catalogue.list_policies(open_library(policies), day, known)
    if format is Format.JSON:
        write_json(found)
        return DONE
    page = Page()
    page.line(
        f"{len(found.policies)} polic{'y' if len(found.policies) == 1 else 'ies'}{_as_of(day, known)}", style="dim"
    )
    for each in found.policies:
        _print_listed(page, each)
    return DONE


def show(
    policy: PolicyNumber,
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show a policy as it stands on a day: dates, scope, criteria, codes, evidence, trials, history."""
    day, known = _days(date_of_service, known_on)
    opened = open_library(policies)
    number = _held(opened, policy)
    found = catalogue.show_policy(opened, number, day, known)
    if found is None:
        raise Stop(NOT_FOUND, f"nothing of {number} was known on {known}")
    if format is Format.JSON:
        write_json(found)
    else:
        _print_policy(Page(), found)
    return DONE


def code(
    codes: Annotated[list[str], typer.Argument(metavar="CODE...", help="Codes of services or diagnoses.")],
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Say of each code which policies name it, from when to when, and at what position."""
    day, known = _days(date_of_service, known_on)
    found = catalogue.show_codes(open_library(policies), codes, day, known)
    if format is Format.JSON:
        write_json(found)
        return DONE
    page = Page()
    for at, each in enumerate(found.codes):
        if at:
            page.blank()
        _print_code(page, each, day, known)
    return DONE


def history(
    policy: PolicyNumber,
    policies: Policies = None,
    date_of_service: DayOfService = None,
    known_on: KnownOn = None,
    format: InFormat = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show the versions of a policy on both clocks: in force from when, and known from when."""
    day, known = _days(date_of_service, known_on)
    opened = open_library(policies)
    number = _held(opened, policy)
    found = catalogue.policy_history(opened, number, day, known)
    if found is None:
        raise Stop(NOT_FOUND, f"no version of {number} was known on {known}")
    if format is Format.JSON:
        write_json(found)
    else:
        _print_history(Page(), found)
    return DONE


def _days(date_of_service: date | None, known_on: date | None) -> tuple[date, date]:
    today = date.today()
    return date_of_service or today, known_on or today


def _held(opened: Opened, policy: str) -> str:
    """The number as the library spells it. Ends the command where it holds no such policy."""
    held = opened.library.policies()
    number = next((each for each in held if each.casefold() == policy.strip().casefold()), None)
    if number is None:
        near = nearest(policy, held)
        raise Stop(
            NOT_FOUND,
            f"no policy {policy!r} in this library"
            + (f"\n    near: {near}" if near else "\n    mend: medpol list shows what it holds"),
        )
    return number


# ---------------------------------------------------------------------------- words


def _as_of(day: date, known_on: date) -> str:
    return f", for care on {day}, as known on {known_on}"


def _status(name: str) -> Text:
    glyph, style = _STATUSES[name]
    return Text(f"{glyph} {name.replace('_', ' ')}", style)


def _position(said: PositionSaid) -> str:
    glyph, name = POSITIONS[CoveragePosition(said.canonical)]
    own = "" if said.label.casefold() == name else f' ("{said.label}")'
    if said.is_conditional and glyph == "✓":
        glyph = "◐"
    words = f"{glyph} {name}{own}" + (" when criteria are met" if said.is_conditional else "")
    words += " (in some cases only)" if said.applies_when and not said.is_conditional else ""
    return words + (f", otherwise {said.otherwise}" if said.otherwise else "")


def _distinct(said: Iterable[PositionSaid]) -> list[str]:
    return list(dict.fromkeys(map(_position, said)))


def _period(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "no days stated"
    start = f"from {first}" if first is not None else ""
    return f"{start} through {last}".strip() if last is not None else start


def _scope(scope: ScopeSaid, everything: str) -> str:
    def names(values: Iterable[str]) -> str:
        return ", ".join(value.replace("_", " ") for value in values)

    parts = [everything if scope.inside is None else names(scope.inside)]
    if scope.outside:
        parts.append(f"not {names(scope.outside)}")
    return "; ".join(parts)


def _lines(scope: ScopeSaid) -> str:
    """The lines of business a policy speaks for; where some are out, the Medicare family is in only by name."""
    if scope.inside is not None or not scope.outside:
        return _scope(scope, "every line of business")
    outside = [line for line in scope.outside if line not in MEDICARE_FAMILY]
    return _scope(ScopeSaid(None, tuple(outside)), "every line of business but the Medicare family")


# ---------------------------------------------------------------------------- list and show


def _print_listed(page: Page, each: Listed) -> None:
    page.blank()
    page.line(Text(each.policy, "bold"), "  ", Text.assemble(_status(each.status)), f"  {each.title}", hang=2)
    facts = [
        each.publisher,
        f"version of {each.version}" if each.version else "",
        _lines(each.lines_of_business),
    ]
    page.line(" · ".join(part for part in facts if part), indent=2, hang=2, style="dim")
    for words in _distinct(each.positions):
        page.line(words, indent=2, hang=2)
    codes = [f"{row.code} ({row.system})" for row in each.codes if row.code]
    if codes:
        page.line(", ".join(dict.fromkeys(codes)), indent=2, hang=2)


def _print_policy(page: Page, policy: PolicyShown) -> None:
    page.line(Text(policy.policy, "bold"), "  ", Text(policy.title, "bold"))
    page.line(_status(policy.status), _as_of(policy.date_of_service, policy.known_on).removeprefix(","), indent=2)
    page.line(
        " · ".join(
            part
            for part in (
                policy.publisher,
                f"version of {policy.version}" if policy.version else "no first day stated",
                policy.file,
                f"sha256 {policy.content_hash[:12]}",
            )
            if part
        ),
        indent=2,
        hang=2,
        style="dim",
    )
    page.field("Dates", ", ".join(f"{name} {policy.dates[name]}" for name in _DATES if name in policy.dates))
    later = [f"{name} {policy.dates[name]}" for name in _LATER_DATES if name in policy.dates]
    if later:
        page.field("", ", ".join(later))
    if policy.known_from_is_inferred:
        page.field("Known from", f"{policy.known_from}, inferred from the row date: no published day is stated")
    elif policy.known_from is not None:
        page.field("Known from", f"{policy.known_from}")
    page.field("Speaks for", _lines(policy.lines_of_business))
    for label, scope in (("States", policy.states), ("Plans", policy.plans)):
        if scope.inside is not None or scope.outside:
            page.field(label, _scope(scope, "every other"))
    if policy.related:
        page.field("Related", ", ".join(policy.related))
    _print_criteria(page, policy)
    _print_codes(page, policy)
    _print_evidence(page, policy)
    _print_events(page, policy.history)
    if policy.doubtful:
        _heading(page, "Doubtful, for a person to settle")
        for each in policy.doubtful:
            page.line("- ", each, indent=2, hang=2)


def _heading(page: Page, words: str) -> None:
    page.blank()
    page.title(words)


def _print_criteria(page: Page, policy: PolicyShown) -> None:
    _heading(page, "Criteria")
    if not policy.criteria:
        page.line("none: the policy is archived" if policy.status == "archived" else "none", indent=2)
    if policy.last_text_in_force is not None:
        last = policy.last_text_in_force
        page.line(f"The last text in force: medpol show {policy.policy} --date-of-service {last}", indent=2, hang=2)
    for rule in policy.criteria:
        _print_rule(page, rule)


def _print_rule(page: Page, rule: RuleSaid) -> None:
    page.line(Text(rule.name, "bold"), styled(f"  for {', '.join(rule.services) or 'no service'}", "dim"), indent=2)
    if rule.when is not None:
        page.line("When: ", rule.when, _badge("engine"), _expression(rule.when_expression), indent=4, hang=2)
    for label, words in (("Dates of service", rule.dates_of_service), ("Approved for", rule.approved_for)):
        if words is not None:
            page.line(f"{label}: {words}", indent=4, hang=2)
    glyph, _ = POSITIONS[CoveragePosition(rule.canonical)]
    if rule.criteria is None:
        page.line(
            f"{glyph} ",
            _bold(rule.statement),
            styled("" if rule.when else "  for every patient", "dim"),
            indent=4,
            hang=2,
        )
    else:
        page.line("◐ " if glyph == "✓" else f"{glyph} ", _bold(rule.statement), indent=4, hang=2)
        _print_sentences(page, rule.criteria, rule.statement)
    if rule.unless is not None:
        _print_sentence(page, rule.unless, 4)
    if rule.otherwise is not None:
        page.line(_bold(rule.otherwise), indent=4)


def _print_sentences(page: Page, criterion: Sentence, statement: str) -> None:
    """What stands below a statement; the statement itself is not said twice."""
    if criterion.parts:
        for part in criterion.parts:
            _print_sentence(page, part, 6)
    else:
        words = criterion.text if criterion.text not in statement else ""
        page.line(words, _badge(criterion.read_by), _expression(criterion.expression), indent=6, hang=2)


def _print_sentence(page: Page, sentence: Sentence, indent: int) -> None:
    badge: Words = "" if sentence.parts else _badge(sentence.read_by)
    page.line("- ", _bold(sentence.text), badge, _expression(sentence.expression), indent=indent, hang=2)
    for part in sentence.parts:
        _print_sentence(page, part, indent + 2)


def _badge(read_by: str) -> Text:
    return Text("  [read by the engine]", "green") if read_by == "engine" else Text("  [a question]", "yellow")


def _expression(text: str | None) -> Text:
    return styled("" if text is None else f"  {text}", "dim")


def _bold(sentence: str) -> Text:
    """The sentence with its bold position bold, and without the signs that say so."""
    before, _, rest = sentence.partition("**")
    inside, _, after = rest.partition("**")
    return joined((before, styled(inside, "bold"), after))


def _print_codes(page: Page, policy: PolicyShown) -> None:
    if policy.codes:
        _heading(page, "Codes")
        page.table(
            ("Code", "System", "Group", "Role", "Days", "Our label"),
            [
                (
                    row.code or "none yet",
                    row.system,
                    row.group,
                    row.role,
                    _period(row.first_day, row.last_day),
                    row.label,
                )
                for row in policy.codes
            ],
        )


def _print_evidence(page: Page, policy: PolicyShown) -> None:
    if policy.populations:
        _heading(page, "Populations")
        for each in policy.populations:
            page.line(Text(each.name, "bold"), ": ", each.conclusion, indent=2, hang=2)
            page.line("; ".join(each.studies), indent=4, hang=2)
            page.line("outcomes: ", "; ".join(each.outcomes), indent=4, hang=2, style="dim")
    if policy.trials:
        overdue = sum(each.is_overdue for each in policy.trials)
        _heading(
            page, f"Trials ({len(policy.trials)}, {overdue} past their completion month on {policy.date_of_service})"
        )
        page.table(
            ("Trial", "Completion", "Planned", "Population", "Title"),
            [
                (
                    each.nct,
                    Text(f"{each.completion} overdue", "yellow") if each.is_overdue else each.completion,
                    "" if each.enrolment is None else str(each.enrolment),
                    each.population,
                    each.title + (f" ({each.status})" if each.status else ""),
                )
                for each in policy.trials
            ],
        )
    counted = [
        f"{len(policy.guidelines)} guideline bod{'y' if len(policy.guidelines) == 1 else 'ies'}"
        if policy.guidelines
        else "",
        f"{policy.references} references" if policy.references else "",
    ]
    if any(counted) or policy.medicare:
        _heading(page, "Also")
        if any(counted):
            page.line(", ".join(part for part in counted if part), indent=2)
        if policy.medicare:
            page.line("Medicare, as the document says it: ", policy.medicare, indent=2, hang=2)


def _print_events(page: Page, events: Sequence[HistorySaid]) -> None:
    if not events:
        return
    _heading(page, "History")
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


# ---------------------------------------------------------------------------- code and history


def _print_code(page: Page, each: CodeShown, day: date, known_on: date) -> None:
    system = f" ({each.system})" if each.system else ""
    label = f"  {'; '.join(each.labels)}" if each.labels else ""
    page.line(Text(f"{each.code or each.given}{system}", "bold"), label, styled(_as_of(day, known_on), "dim"), hang=2)
    glyph = {"named": "✓", "malformed": "✕", "not_yet_valid": "○", "ended": "○", "unnamed": "○"}[each.state]
    days = "" if each.state in ("malformed", "unnamed") else f" ({_period(each.first_day, each.last_day)})"
    page.line(f"{glyph} {each.says}{days}", indent=2, hang=2)
    if each.near:
        page.line("near: ", ", ".join(each.near), indent=2)
    for policy in each.policies:
        page.line(Text(policy.policy, "bold"), "  ", _status(policy.status), f"  {policy.title}", indent=2, hang=2)
        for span in policy.spans:
            if span.is_archived:
                words = "archived: no policy in force"
            elif span.positions:
                words = "; ".join(_distinct(span.positions))
            elif span.role == "governed":
                words = f"in {span.group}, of which no rule speaks"
            else:
                words = f"{span.role}: in the group {span.group}"
            page.line(f"{_period(span.first_day, span.last_day)}  ", words, indent=4, hang=2)


def _print_history(page: Page, found: PolicyHistory) -> None:
    page.line(Text(f"{found.policy}  {found.title}", "bold"))
    page.line(_status(found.status), _as_of(found.date_of_service, found.known_on).removeprefix(","), indent=2)
    _heading(page, "Versions")
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
    _print_events(page, found.events)
    page.blank()
    page.line(f"As known on {found.known_on}; what was published later is not shown.", style="dim")


def _what_it_says(each: VersionSaid) -> str:
    words = "○ archived: no policy in force" if each.is_archived else "; ".join(_distinct(each.positions)) or "no rule"
    if each.is_in_force_that_day:
        words += " · in force that day"
    if each.known_before_days > 0:
        owed = f", {each.notice_days_owed} owed" if each.notice_days_owed is not None and not each.is_archived else ""
        words += f" · notice: known {each.known_before_days} days before{owed}"
    elif each.known_before_days < 0:
        words += f" · retroactive: known {-each.known_before_days} days after its first day"
    return words
