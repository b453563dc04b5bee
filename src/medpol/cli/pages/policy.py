"""A policy as a page: in the list, and whole."""

from __future__ import annotations

from rich.text import Text

from medpol.cli.output import Page, Words, joined, styled
from medpol.cli.pages.words import (
    as_of,
    heading,
    print_events,
    status_words,
)
from medpol.decide.holdings import (
    POSITIONS,
    Listed,
    PolicyShown,
    RuleSaid,
    Sentence,
    distinct_positions,
    lines_words,
    period_words,
    scope_words,
)
from medpol.model.positions import CoveragePosition

_DATES = ("effective", "archived", "approved", "published", "row date", "notice sent", "notice days", "last revised")
_LATER_DATES = ("literature through", "review due")


def print_listed(page: Page, each: Listed) -> None:
    page.blank()
    page.line(Text(each.policy, "bold"), "  ", Text.assemble(status_words(each.status)), f"  {each.title}", hang=2)
    facts = [
        each.publisher,
        f"version of {each.version}" if each.version else "",
        lines_words(each.lines_of_business),
    ]
    page.line(" · ".join(part for part in facts if part), indent=2, hang=2, style="dim")
    for words in distinct_positions(each.positions):
        page.line(words, indent=2, hang=2)
    codes = [f"{row.code} ({row.system})" for row in each.codes if row.code]
    if codes:
        page.line(", ".join(dict.fromkeys(codes)), indent=2, hang=2)


def print_policy(page: Page, policy: PolicyShown) -> None:
    page.line(Text(policy.policy, "bold"), "  ", Text(policy.title, "bold"))
    page.line(status_words(policy.status), as_of(policy.date_of_service, policy.known_on).removeprefix(","), indent=2)
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
    page.field("Speaks for", lines_words(policy.lines_of_business))
    for label, scope in (("States", policy.states), ("Plans", policy.plans)):
        if scope.inside is not None or scope.outside:
            page.field(label, scope_words(scope, "every other"))
    if policy.related:
        page.field("Related", ", ".join(policy.related))
    _print_criteria(page, policy)
    _print_codes(page, policy)
    _print_evidence(page, policy)
    print_events(page, policy.history)
    if policy.doubtful:
        heading(page, "Doubtful, for a person to settle")
        for each in policy.doubtful:
            page.line("- ", each, indent=2, hang=2)


def _print_criteria(page: Page, policy: PolicyShown) -> None:
    heading(page, "Criteria")
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
        heading(page, "Codes")
        page.table(
            ("Code", "System", "Group", "Role", "Days", "Our label"),
            [
                (
                    row.code or "none yet",
                    row.system,
                    row.group,
                    row.role,
                    period_words(row.first_day, row.last_day),
                    row.label,
                )
                for row in policy.codes
            ],
        )


def _print_evidence(page: Page, policy: PolicyShown) -> None:
    if policy.populations:
        heading(page, "Populations")
        for each in policy.populations:
            page.line(Text(each.name, "bold"), ": ", each.conclusion, indent=2, hang=2)
            page.line("; ".join(each.studies), indent=4, hang=2)
            page.line("outcomes: ", "; ".join(each.outcomes), indent=4, hang=2, style="dim")
    if policy.trials:
        overdue = sum(each.is_overdue for each in policy.trials)
        heading(
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
        heading(page, "Also")
        if any(counted):
            page.line(", ".join(part for part in counted if part), indent=2)
        if policy.medicare:
            page.line("Medicare, as the document says it: ", policy.medicare, indent=2, hang=2)
