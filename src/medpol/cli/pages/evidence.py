"""Pages on evidence for a person: where it stands, and what its table concludes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from medpol.cli.output import Page, counted
from medpol.cli.pages.words import heading
from medpol.evidence.assessment import Assessed
from medpol.evidence.status import EvidenceStanding, PopulationStanding, Stated
from medpol.model.positions import CoveragePosition


def print_standing(page: Page, found: EvidenceStanding) -> None:
    """Where the evidence of a policy stands, population by population."""
    page.title(f"Evidence of {found.policy}, as known on {found.known_on}")
    if found.version is None:
        page.field("version", "none stands that day")
    else:
        approved = "no whole day stated" if found.approved is None else str(found.approved)
        page.field("version", f"of {found.version}, approved {approved}")
    if found.known_then is not None:
        page.field("known then", f"{counted(found.known_then, 'study record')} on the day of approval")
    for each in found.populations:
        heading(page, each.population)
        _print_population(page, each)
    if found.since:
        heading(page, "Since then")
        for since in found.since:
            words = "new" if since.is_new else "a later record"
            page.line(
                f"{since.recorded}  {since.what} {since.id} ({since.population}), {words}; {since.source}",
                indent=2,
                hang=12,
            )


def _print_population(page: Page, each: PopulationStanding) -> None:
    if each.says:
        page.field("who", each.says)
    if each.assessed is None:
        page.field("conclusion", "not assessed: no profile")
    else:
        page.field("conclusion", each.conclusion or "not stated")
        if each.conclusion and each.conclusion != each.assessed.conclusion:
            page.field("by the table", f"{each.assessed.conclusion}, which disagrees")
        page.field("allows", positions_words(each.assessed.allowed))
    if each.printed is not None:
        page.field("printed", each.printed.value)
    page.field("signed", _signed(each))
    page.field(
        "studies",
        f"{each.studies}, with {counted(each.results, 'result')}, of which {each.unverified} not verified",
    )
    for stated in each.statements:
        sentence = f"{stated.rule}: {stated.label} ({stated.position.value.replace('_', ' ')}), "
        page.field("statement", Text(sentence).append_text(_allowed(stated)))


def _signed(each: PopulationStanding) -> str:
    if each.signature is None:
        return "nobody"
    words = f"{each.signature.name}, {each.signature.role}, {each.signature.day}"
    if each.is_signed_on_other_numbers is None:
        return f"{words}; names no inputs"
    return f"{words}; signed on other numbers" if each.is_signed_on_other_numbers else words


def _allowed(stated: Stated) -> Text:
    if stated.is_allowed is None:
        return Text("not for evidence to decide")
    if stated.is_allowed:
        return Text("allowed", "green")
    if stated.overridden:
        return Text(f"not allowed; kept because: {stated.overridden}", "yellow")
    return Text("not allowed", "red")


def print_assessed(page: Page, population: str, assessed: Assessed) -> None:
    """The criteria of one population, what the table concludes, and what is still possible."""
    heading(page, population)
    rows = [(str(at), met.value, criterion.value) for at, (criterion, met) in enumerate(assessed.criteria, 1)]
    page.table(("", "Met", "Criterion"), rows)
    page.field("conclusion", assessed.conclusion)
    page.field("allows", positions_words(assessed.allowed))
    if not assessed.is_settled:
        for each in assessed.possible:
            page.field("possible", f"{each.conclusion}: {positions_words(each.allowed)}")


def positions_words(positions: Sequence[CoveragePosition]) -> str:
    return ", ".join(each.value.replace("_", " ") for each in positions) or "none"
