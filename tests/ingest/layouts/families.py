"""Layouts of publishers, as a policy's truth set out in blocks. Orders and headings are facts of such pages; words are ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.ingest.layouts.sheets import Sheet, bold, heading, item, paragraph, table
from tests.ingest.layouts.truth import Listed, Truth

PROSE = "A harbour word about wares that nobody sells."


def listed(one: Listed) -> list[Sheet]:
    """A list of criteria with its mark on the page."""
    match one.mark:
        case "all by joining" | "any by joining":
            word = "and" if one.mark.startswith("all") else "or"
            *before, last = one.items
            ends = [f"{each};" for each in before[:-1]] + [f"{before[-1]}; {word}"]
            return [item(each) for each in (*ends, f"{last}.")]
        case "nested":
            assert one.inner is not None
            return [*map(item, one.items), item("Any of the following:"), *(item(each, 1) for each in one.inner.items)]
        case "orphans" | "all with orphans":
            word = "OR" if one.mark == "orphans" else "AND"
            found: list[Sheet] = []
            for each in one.items:
                found += [paragraph(word)] * bool(found) + [item(each)]
            return found
        case "mixed orphans":
            first, second, third = one.items
            return [item(first), paragraph("AND"), item(second), paragraph("OR"), item(third)]
        case "numbers restart":
            return [item(each, 0, number) for each, number in zip(one.items, (1, 2, 1), strict=True)]
        case "lost indent":
            first, *rest = one.items
            return [item(first), item("At least one of the following:"), *map(item, rest)]
        case "against":
            first, second, *rest = one.items
            return [item(first), item(f"{second}; or"), *map(item, rest)]
        case _:
            return [*map(item, one.items)]


def statements(truth: Truth, favourable: str, against: str, verb: str = "considered ") -> list[Sheet]:
    """The service under its criteria, all other uses of it, and a second service that is never covered."""
    name = truth.service.capitalize()
    return [
        paragraph(f"{name} are {verb}{favourable} {truth.listed.words()}"),
        *listed(truth.listed),
        paragraph(f"{truth.second.capitalize()} are {verb}{against}."),
    ]


def codes(truth: Truth) -> list[Sheet]:
    return [table(("HCPCS Code", "Description"), *((code, words) for _, code, words in truth.codes))]


def _rows(truth: Truth, newest_first: bool = False) -> Sequence[tuple[str, str]]:
    rows = [(truth.row_day(event.day), event.words) for event in truth.history]
    return rows[::-1] if newest_first else rows


def premera_2015(truth: Truth) -> list[Sheet]:
    """One paragraph a header line, policy first, code tables under Policy Guidelines, history last."""
    return [
        heading("Medical Policy", 1),
        heading(truth.title, 1),
        table(("Number", truth.number), ("Effective Date", truth.day(truth.effective)), ("Replaces", "N/A")),
        heading("Policy"),
        *statements(truth, "medically necessary", "investigational"),
        heading("Related Policies"),
        paragraph("None"),
        heading("Policy Guidelines"),
        paragraph(PROSE),
        *codes(truth),
        heading("Description"),
        paragraph(PROSE),
        heading("Scope"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading("Rationale"),
        paragraph(PROSE),
        heading("References"),
        paragraph("1. Doe J. Wares. J Wares. 2020; 1(1): 2-3. PMID 99000001"),
        heading("Appendix"),
        paragraph("N/A"),
        heading("History"),
        table(("Date", "Reason"), *_rows(truth)),
    ]


def portal(truth: Truth) -> list[Sheet]:
    """Number, latest review and category as lines; POLICY first in capitals; history as dated lines."""
    return [
        paragraph("Name of Policy:"),
        paragraph(truth.title),
        paragraph(f"Policy #: {truth.number}"),
        paragraph(f"Effective Date: {truth.day(truth.effective)}"),
        paragraph(f"Latest Review Date: {truth.last_review:%B %Y}"),
        paragraph("Category: Wares"),
        bold("POLICY:"),
        *statements(truth, "medically necessary", "investigational"),
        bold("DESCRIPTION OF PROCEDURE OR SERVICE:"),
        paragraph(PROSE),
        bold("KEY POINTS:"),
        paragraph(PROSE),
        bold("BENEFIT APPLICATION:"),
        paragraph("This policy does not apply to Medicare Advantage."),
        bold("CURRENT CODING:"),
        *(paragraph(f"HCPCS: {code} – {words}") for _, code, words in truth.codes),
        bold("POLICY HISTORY:"),
        *(paragraph(f"{day}: {words}") for day, words in _rows(truth)),
    ]


def pico(truth: Truth) -> list[Sheet]:
    """A header table with a population grid, then summary, objective and policy statements."""
    return [
        heading(truth.title, 1),
        table(
            ("Policy Number", truth.number),
            ("Status", "Active"),
            ("Effective Date", truth.day(truth.effective)),
            ("Last Review", truth.day(truth.last_review)),
            ("Next Review", truth.day(truth.next_review)),
        ),
        table(
            ("Populations", "Interventions", "Comparators", "Outcomes"),
            (
                "Individuals: With cold wrists",
                "Interventions of interest are: Wares",
                "Comparators of interest are: Baths",
                "Relevant outcomes include: Warmth",
            ),
        ),
        heading("Summary"),
        paragraph(PROSE),
        heading("Objective"),
        paragraph(PROSE),
        heading("Policy Statements"),
        *statements(truth, "medically necessary", "investigational"),
        heading("Coding"),
        *codes(truth),
        heading("Benefit Application"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading("Policy History"),
        table(
            ("Date", "Action", "Description"),
            *((truth.row_day(each.day), "Reviewed", each.words) for each in truth.history),
        ),
    ]


def rationale(truth: Truth) -> list[Sheet]:
    """Application and Coverage Rationale; joint labels; a history table of summaries, newest first."""
    return [
        heading(truth.title, 1),
        paragraph(f"Policy Number: {truth.number}"),
        paragraph(f"Effective Date: {truth.day(truth.effective)}"),
        heading("Application"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading("Coverage Rationale"),
        *statements(truth, "proven and medically necessary", "unproven and not medically necessary", ""),
        heading("Definitions"),
        paragraph(PROSE),
        heading("Applicable Codes"),
        *codes(truth),
        heading("Description of Services"),
        paragraph(PROSE),
        heading("Benefit Considerations"),
        paragraph(PROSE),
        heading("Clinical Evidence"),
        paragraph(PROSE),
        heading("Policy History/Revision Information"),
        table(("Date", "Summary of Changes"), *_rows(truth, newest_first=True)),
        heading("Instructions for Use"),
        paragraph(PROSE),
    ]


def overview(truth: Truth) -> list[Sheet]:
    """Labels in a header table of pairs; Overview, Coverage Policy, General Background, codes with their type."""
    return [
        heading("Medical Coverage Policy", 1),
        table(
            ("Effective Date", truth.day(truth.effective), "Next Review Date", truth.day(truth.next_review)),
            ("Coverage Policy Number", truth.number, "Title", truth.title),
        ),
        heading("Overview"),
        paragraph(PROSE),
        heading("Coverage Policy"),
        *statements(truth, "medically necessary", "experimental, investigational or unproven"),
        heading("General Background"),
        paragraph(PROSE),
        heading("Medicare Coverage Determinations"),
        paragraph("No determination was found."),
        heading("Coding/Billing Information"),
        table(("Code Type", "Code", "Description"), *truth.codes),
        heading("Lines of Business"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading("Revision Details"),
        table(
            ("Type of Revision", "Summary of Changes", "Date"), *(("Review", words, day) for day, words in _rows(truth))
        ),
    ]


def position_statement(truth: Truth) -> list[Sheet]:
    """Subject and dates above; positions as headings inside the statement; document history with status."""
    name = truth.service.capitalize()
    return [
        paragraph(f"Subject: {truth.title}"),
        paragraph(f"Guideline #: {truth.number}"),
        paragraph("Status: Reviewed"),
        paragraph(f"Effective Date: {truth.day(truth.effective)}"),
        paragraph(f"Last Review Date: {truth.day(truth.last_review)}"),
        heading("Description/Scope"),
        paragraph(PROSE),
        heading("Position Statement"),
        bold("Medically Necessary:"),
        paragraph(f"{name} are considered medically necessary {truth.listed.words()}"),
        *listed(truth.listed),
        bold("Investigational and Not Medically Necessary:"),
        paragraph(f"{truth.second.capitalize()} are considered investigational and not medically necessary."),
        heading("Rationale"),
        paragraph(PROSE),
        heading("Background/Overview"),
        paragraph(PROSE),
        heading("Coding"),
        *codes(truth),
        heading("Products"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading("Document History"),
        table(
            ("Status", "Date", "Action"), *(("Reviewed", day, words) for day, words in _rows(truth, newest_first=True))
        ),
    ]


def when_covered(truth: Truth) -> list[Sheet]:
    """When covered and when not covered as sections; codes in one line; notices as dated lines."""
    name = truth.service.capitalize()
    return [
        heading("Corporate Medical Policy", 1),
        heading(truth.title, 1),
        paragraph(f"File Name: ware_{truth.number.replace('.', '_')}"),
        paragraph(f"Origination: {truth.original.month}/{truth.original.year}"),
        paragraph(f"Effective Date: {truth.day(truth.effective)}"),
        paragraph(f"Last Review: {truth.last_review.month}/{truth.last_review.year}"),
        heading("Description of Procedure or Service"),
        paragraph(PROSE),
        heading("Policy"),
        paragraph(f"The plan will provide coverage for {truth.service} when the criteria shown below are met."),
        heading("Benefits Application"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading(f"When {name} are covered"),
        paragraph(f"{name} are covered {truth.listed.words()}"),
        *listed(truth.listed),
        heading(f"When {name} are not covered"),
        paragraph(f"{truth.second.capitalize()} are not covered."),
        heading("Billing/Coding/Physician Documentation Information"),
        paragraph("HCPCS codes: " + ", ".join(code for _, code, _ in truth.codes)),
        heading("Policy Implementation/Update Information"),
        *(paragraph(f"{day} {words}") for day, words in _rows(truth)),
    ]


def dated_blocks(truth: Truth) -> list[Sheet]:
    """Description, then blocks of the policy by day of service; the older block knows no criteria."""
    name = truth.service.capitalize()
    after, before = truth.extra.get("after", "on or after"), truth.extra.get("before", "before")
    day = f"{truth.boundary:%B} {truth.boundary.day}, {truth.boundary.year}"
    return [
        heading(truth.title, 1),
        paragraph(f"Coverage Policy #: {truth.number}"),
        paragraph(f"Effective Date: {truth.day(truth.effective)}"),
        paragraph(f"Initiated: {truth.original:%B %Y}"),
        heading("Description"),
        paragraph(PROSE),
        heading("Policy/Coverage"),
        heading(f"Effective for dates of service {after} {day}", 3),
        *statements(truth, "medically necessary", "investigational"),
        heading(f"Effective for dates of service {before} {day}", 3),
        paragraph(f"{name} are considered investigational."),
        heading("Rationale"),
        paragraph(PROSE),
        heading("CPT/HCPCS"),
        *codes(truth),
        heading("Applicable States"),
        paragraph("This policy does not apply to Medicare Advantage."),
        heading("Policy History"),
        table(("Date", "Action"), *_rows(truth)),
    ]


def determination(truth: Truth) -> list[Sheet]:
    """A local determination: contractor and dates in a table, codes in an article of another number."""
    return [
        heading(f"Local Coverage Determination (LCD): {truth.title} (L{truth.number.replace('.', '')})", 1),
        table(
            ("Contractor Name", truth.publisher),
            ("LCD ID", f"L{truth.number.replace('.', '')}"),
            ("LCD Title", truth.title),
        ),
        table(
            ("Original Effective Date", f"For services performed on or after {truth.day(truth.original)}"),
            ("Revision Effective Date", f"For services performed on or after {truth.day(truth.effective)}"),
            ("Revision Ending Date", "N/A"),
            ("Retirement Date", "N/A"),
        ),
        heading("CMS National Coverage Policy"),
        paragraph(PROSE),
        heading("Coverage Guidance"),
        bold("Coverage Indications, Limitations, and/or Medical Necessity"),
        *statements(truth, "reasonable and necessary", "not reasonable and necessary"),
        heading("Summary of Evidence"),
        paragraph(PROSE),
        heading("Revision History Information"),
        table(("Revision History Date", "Number", "Explanation"), *((day, "R1", words) for day, words in _rows(truth))),
        heading("Associated Documents"),
        paragraph("The codes stand in article A57999, billing and coding."),
    ]


def drug(truth: Truth) -> list[Sheet]:
    """Criteria a product, first and renewal requests apart, how long an approval holds, quantities."""
    name = truth.service.capitalize()
    return [
        heading("Drug Policy", 1),
        heading(truth.title, 1),
        paragraph(f"Policy Number: {truth.number} Effective Date: {truth.day(truth.effective)}"),
        paragraph("Line of Business: Commercial"),
        heading("Criteria"),
        heading(name, 3),
        heading("Initial Approval Criteria", 4),
        paragraph(f"{name} are considered medically necessary {truth.listed.words()}"),
        *listed(truth.listed),
        paragraph("Length of approval: 6 months"),
        heading("Renewal Criteria", 4),
        paragraph(f"{name} are considered medically necessary when all of the following are met:"),
        item("The harbour bell rings better"),
        item("No splinters were found"),
        paragraph("Length of approval: 12 months"),
        heading("Quantity Limits"),
        table(("Product", "Limit"), (name, "9 a month")),
        heading("Coding"),
        *codes(truth),
        heading("P&T Revisions"),
        *(paragraph(f"{day}: {words}") for day, words in _rows(truth)),
    ]


FAMILIES: dict[str, Callable[[Truth], list[Sheet]]] = {
    each.__name__: each
    for each in (
        premera_2015,
        portal,
        pico,
        rationale,
        overview,
        position_statement,
        when_covered,
        dated_blocks,
        determination,
        drug,
    )
}
