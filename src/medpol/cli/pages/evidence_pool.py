"""Pages on pools for a person: a pool with its rows, a grade, a summary of findings, what would have to be true."""

from __future__ import annotations

from collections.abc import Sequence

from medpol.cli.output import Page, counted
from medpol.cli.pages.evidence import positions_words
from medpol.cli.pages.words import heading
from medpol.evidence.assessment import Open
from medpol.evidence.findings_table import Finding, FindingsTable
from medpol.evidence.grading import Graded, PublishedGrade, profiles_stated
from medpol.evidence.plain import conventions_value, shown_effect
from medpol.evidence.pooling import NoData, Pooled
from medpol.evidence.pools import PoolFound, Step
from medpol.evidence.rows import Row, as_printed
from medpol.evidence.what_if import Compared, SmallestTrial
from medpol.model.conventions import Conventions
from medpol.model.studies import NOT_REPORTED


def interval_words(estimate: float, lower: float, upper: float) -> str:
    """``-1.20 [-2.00, -0.40]``: two decimals, more where two would show nothing."""
    return f"{_figure(estimate)} [{_figure(lower)}, {_figure(upper)}]"


def _figure(number: float) -> str:
    return f"{number:.2f}" if abs(number) >= 0.05 or number == 0 else f"{number:.2g}"


def effect_words(pooled: Pooled | NoData) -> str:
    return "no data" if isinstance(pooled, NoData) else interval_words(*pooled.shown)


def print_pool(page: Page, found: PoolFound) -> None:
    """One pool: the question, the answer, each row, what is left out, what stands beside, the conventions."""
    asked, scale = found.asked, found.scale
    heading(page, _question(found))
    kind = "" if found.kind is None else f" ({found.kind.value})"
    people = "participants not known for all" if found.participants is None else f"{found.participants} participants"
    page.field("studies", f"{len(found.rows)}{kind}, {people}" if found.rows else "none in the pool")
    unit = f", {scale.unit}" if scale.unit else ""
    page.field("pooled", f"{effect_words(found.pooled)} ({scale.measure}{unit})")
    page.field("axis", scale.axis.says)
    if scale.important_difference is not None:
        page.field(
            "matters from", f"{scale.important_difference:g} ({scale.important_source or 'source not reported'})"
        )
    if isinstance(found.pooled, Pooled):
        _print_spread(page, found.pooled)
    if found.without_retracted is not None:
        page.field("retracted", f"{', '.join(found.retracted)}; without: {effect_words(found.without_retracted)}")
    if found.unverified:
        page.field("not verified", f"{found.unverified} of the rows")
    if found.rows:
        page.table(
            ("Study", "Effect", "Weight", "At", "Against", "As printed, and what was done with it"), _rows(found)
        )
    for each in found.left_out:
        page.field("left out", f"{each.study} ({each.timepoint}): {each.says}; {each.source}")
    for each_beside in found.beside:
        numbers = " ".join((each_beside.measure, each_beside.estimate)).strip()
        if each_beside.lower:
            numbers += f" [{each_beside.lower}, {each_beside.upper}]"
        trials = f", {each_beside.trials} trials" if each_beside.trials else ""
        certainty = f", certainty {each_beside.certainty}" if each_beside.certainty else ""
        of = f"{each_beside.outcome}, " if asked.also else ""
        page.field("review, beside", f"{each_beside.study} ({of}{each_beside.timepoint}): {numbers}{trials}{certainty}")
    if found.directions:
        page.field("in words", ", ".join(f"{count} favour {favours.value}" for favours, count in found.directions))
    print_conventions(page, found.conventions)
    if asked.method.value != "inverse variance":
        page.field("method", f"{asked.method.value}, fixed effect, normal test")


def _print_spread(page: Page, pooled: Pooled) -> None:
    spread = pooled.heterogeneity
    if spread is not None:
        tau2 = f"tau² {spread.tau2:.3g}, I² {100 * spread.i2:.0f} %, Q {spread.q:.2f} on {spread.degrees}"
        p = "p < 0.001" if spread.p < 0.001 else f"p = {spread.p:.3f}"
        page.field("differ by", f"{tau2}, {p}")
    if pooled.prediction is not None:
        show = pooled.measure.shown
        words = f"[{_figure(show(pooled.prediction.lower))}, {_figure(show(pooled.prediction.upper))}]"
        page.field("next study", f"{words}, {pooled.prediction.name}")
    for each in pooled.cautions:
        page.field("caution", each.sentence)


def _rows(found: PoolFound) -> list[tuple[str, ...]]:
    weights = _weights(found)
    return [
        (
            row.study,
            _row_effect(row, found),
            f"{100 * weights[row.study]:.1f} %" if row.study in weights else "",
            row.timepoint,
            row.comparator,
            "; ".join((row.printed, *row.told)),
        )
        for row in found.rows
    ]


def _weights(found: PoolFound) -> dict[str, float]:
    if isinstance(found.pooled, NoData):
        return {}
    return {each.study: weight for each, weight in zip(found.pooled.effects, found.pooled.weights, strict=True)}


def _row_effect(row: Row, found: PoolFound) -> str:
    effect = row.effect
    if effect is None:
        return "none of its own"
    return interval_words(
        *shown_effect(effect.estimate, effect.standard_error, effect.measure, found.conventions.level)
    )


def row_cells(found: Sequence[PoolFound]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The rows of pools as a table of cells: numbers in full, each with where it stands."""
    columns = (
        "Population", "Outcome", "Comparator", "Timepoint", "Study", "Year", "Measure", "Unit", "Estimate", "Lower",
        "Upper", "SE", "Weight", "N", "Comparator N", "Checked", "Printed", "Told", "Source",
    )  # fmt: skip
    rows = []
    for each in found:
        weights = _weights(each)
        for row in each.rows:
            effect = row.effect
            numbers = (
                ("", "", "", "")
                if effect is None
                else (
                    *(
                        repr(number)
                        for number in shown_effect(
                            effect.estimate, effect.standard_error, effect.measure, each.conventions.level
                        )
                    ),
                    repr(effect.standard_error),
                )
            )
            rows.append(
                (
                    each.asked.population,
                    "; ".join(each.asked.outcomes),
                    row.comparator,
                    row.timepoint,
                    row.study,
                    "" if row.year is None else str(row.year),
                    each.scale.measure,
                    each.scale.unit,
                    *numbers,
                    repr(weights[row.study]) if row.study in weights else "",
                    *("" if size is None else str(size) for size in row.sizes),
                    row.checked.value,
                    row.printed,
                    "; ".join(row.told),
                    str(row.source),
                )
            )
    return columns, rows


def print_conventions(page: Page, conventions: Conventions) -> None:
    words = (f"{name.replace('_', ' ')}: {value}" for name, value in conventions_value(conventions).items())
    page.field("conventions", "; ".join(words))


def _question(found: PoolFound) -> str:
    asked = found.asked
    against = ", ".join(asked.comparators) or "any comparator"
    pool = f"{asked.pool}: " if asked.pool else ""
    return (
        f"{pool}{asked.population}, {' and '.join(asked.outcomes)}, against {against}, {asked.timepoint or 'any time'}"
    )


# ---------------------------------------------------------------------------- certainty


def print_graded(page: Page, found: PoolFound, graded: Graded) -> None:
    """What is suggested for a pool, domain by domain, and what a person signed."""
    heading(page, _question(found))
    page.field("pooled", effect_words(found.pooled))
    page.field("starts", f"{graded.start.value}: {graded.start_reason}")
    for each in graded.suggestions:
        page.field(_step_words(each.step), f"{each.domain.value}: {each.reason}")
    page.field("suggested", "nothing to grade" if graded.suggested is None else graded.suggested.value)
    page.field("signed", _signed_words(graded))
    if graded.disagrees:
        page.field("disagrees", graded.disagrees)


def _step_words(step: int | None) -> str:
    return "  ?" if step is None else f"{step:+d}" if step else "  0"


def _signed_words(graded: Graded) -> str:
    signed = graded.signed
    if signed is None:
        return "by nobody"
    who = "not signed" if signed.signature is None else f"{signed.signature.name}, {signed.signature.day}"
    return f"{signed.level.value} ({who})"


def print_published(page: Page, grades: Sequence[PublishedGrade]) -> None:
    """Pools that reviews published: the certainty their authors state beside the suggestion."""
    profiles = profiles_stated(grades)
    agreeing = sum(each[0].agrees for each in profiles)
    page.line(f"{agreeing} of {counted(len(profiles), 'profile')} as their authors state")
    for each in profiles:
        for one in each:
            result = one.result
            heading(page, f"{one.study}, {result.outcome}, against {result.comparator}, {result.timepoint}")
            page.field("printed", as_printed(result))
            for suggestion in one.graded.suggestions:
                if suggestion.step:
                    page.field(_step_words(suggestion.step), f"{suggestion.domain.value}: {suggestion.reason}")
            suggested = one.graded.suggested
            page.field("suggested", "nothing" if suggested is None else suggested.value)
            page.field("stated", f"{one.stated}{'' if one.agrees else ', which differs'}")


# ---------------------------------------------------------------------------- summary of findings


def print_findings(page: Page, table: FindingsTable) -> None:
    """The summary of findings of one population."""
    heading(page, f"{table.population}: {table.says}" if table.says else table.population)
    columns, rows = findings_cells(table)
    if not rows:
        page.line("Nothing is asked about this population, and no study reports a harm.", indent=2)
    for outcome, against, band, *cells in rows:
        page.line(", ".join(each for each in (outcome, against, band) if each), indent=2)
        told = (f"{name.casefold()} {cell}" for name, cell in zip(columns[3:], cells, strict=True) if cell)
        page.line("; ".join(told), indent=4)
    print_conventions(page, table.conventions)


def findings_cells(table: FindingsTable) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The table as cells; harms stand below outcomes, with their design, pooled with nothing."""
    columns = ("Outcome", "Against", "Follow-up", "Studies", "Participants", "Effect", "Signed", "Suggested", "Remarks")
    rows = [_finding_cells(each) for each in table.rows]
    for each in table.harms:
        harm = each.harm
        percent = harm.percent.text if harm.percent.number is None else f"{harm.percent.text.rstrip(' %')} %"
        rate = f"{harm.events.text} of {harm.of.text} ({percent}) {harm.counted}"
        rows.append(
            (
                f"harm: {harm.event}",
                harm.group,
                "",
                each.study,
                "",
                rate,
                "",
                "",
                f"{each.kind.value}; severity {harm.severity or NOT_REPORTED}; checked: {harm.checked.value}",
            )
        )
    return columns, rows


def _finding_cells(each: Finding) -> tuple[str, ...]:
    found, graded = each.found, each.graded
    remarks = [caution.sentence for caution in found.cautions]
    if found.unverified:
        remarks.append(f"{found.unverified} not verified")
    if found.left_out:
        remarks.append(f"{counted(len(found.left_out), 'result')} left out")
    if found.beside:
        remarks.append(f"{counted(len(found.beside), 'pool')} of reviews beside")
    if graded.disagrees:
        remarks.append(graded.disagrees)
    effect = effect_words(found.pooled)
    if found.rows:
        effect = f"{found.scale.measure} {effect}{f' {found.scale.unit}' if found.scale.unit else ''}"
    return (
        " and ".join(each.found.asked.outcomes),
        ", ".join(each.comparators) or "any",
        each.band or "any",
        str(len(found.rows)),
        "not known" if found.participants is None and found.rows else str(found.participants or 0),
        effect,
        "" if graded.signed is None else graded.signed.level.value,
        "" if graded.suggested is None else graded.suggested.value,
        "; ".join(remarks),
    )


# ---------------------------------------------------------------------------- what would have to be true


def print_steps(page: Page, found: PoolFound, *, with_steps: bool) -> None:
    """The pool as it is; with steps, each study left out and the pool as studies came."""
    heading(page, _question(found))
    page.field("pooled", effect_words(found.pooled))
    if not with_steps:
        return
    _print_each(page, "without", found.leave_one_out)
    _print_each(page, "up to", found.cumulative)
    if not found.rows:
        page.field("studies", "none in the pool")


def _print_each(page: Page, label: str, steps: Sequence[Step]) -> None:
    for each in steps:
        page.field(label, f"{each.study}: {interval_words(each.estimate, each.lower, each.upper)}, k = {each.studies}")


def print_compared(page: Page, compared: Compared) -> None:
    before, after = compared.before, compared.after
    page.field("changed", compared.changed)
    page.field("then", f"{effect_words(after.pooled)}, k = {len(after.rows)} instead of {len(before.rows)}")
    came = {row.study for row in after.rows} - {row.study for row in before.rows}
    went = {row.study for row in before.rows} - {row.study for row in after.rows}
    if came:
        page.field("in", ", ".join(sorted(came)))
    if went:
        page.field("out", ", ".join(sorted(went)))
    if not came and not went:
        same = before.rows == after.rows
        page.field("note", "nothing in this pool changes" if same else "the same studies, with other numbers")


def print_smallest(page: Page, found: SmallestTrial) -> None:
    page.field("smallest trial", found.says)
    page.field("pooled then", effect_words(found.pooled))


def print_opened(page: Page, would_open: Sequence[Open], has_profile: bool) -> None:
    """Which conclusions would be open once the evidence permits conclusions and the net outcome improves."""
    if not has_profile:
        page.field("would open", "not assessed: no profile of this population")
    for each in would_open:
        page.field("would open", f"{each.conclusion}: {positions_words(each.allowed)}")
    page.line("If criteria 2 and 3 were then met. Not a forecast.", style="dim", indent=2)
