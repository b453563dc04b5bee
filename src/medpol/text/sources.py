"""Contracts, mandates, Medicare sources and ``plans.md``: the sources beside policies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from medpol.model.contract import (
    FUNDINGS,
    CoverageSource,
    Effect,
    MemberPlan,
    Provision,
    Rank,
    SourceKind,
)
from medpol.model.criteria import Expression
from medpol.model.dates import ONE_DAY, EffectivePeriod, parse_day
from medpol.model.diagnostic import Source
from medpol.model.lines import LINES_OF_BUSINESS, STATES, Scope, normalise_line
from medpol.model.positions import STANDARD_LABELS, CoveragePosition
from medpol.text.blocks import Block, is_within_limits, read_blocks
from medpol.text.coding import last_day_shown, read_period
from medpol.text.expressions import ExpressionProblem, Guard, parse_expression
from medpol.text.facts import report_broken_table
from medpol.text.head import Head, read_head
from medpol.text.names import NameResolver, Vocabulary, facts_by_name
from medpol.text.reader import read_lines, read_plans, read_states
from medpol.text.source import Findings, canonical_text, content_hash, refuse_control_characters, shorten
from medpol.text.spans import mark
from medpol.text.tables import Row, print_table, read_table

HEAD_KEYS = (
    "contract",
    "mandate",
    "title",
    "rank",
    "effective",
    "ends",
    "published",
    "lines of business",
    "lines",
    "states",
    "plans",
    "funding",
    "group code",
    "contact",
    "rights",
    "source",
)
PROVISION_COLUMNS = ("Effect", "System", "Code or group", "Position", "From", "To", "Published", "When", "Clause")
PLAN_COLUMNS = (
    "Plan",
    "Line of business",
    "States",
    "Funding",
    "Plan year starts",
    "Contract",
    "Contact",
    "From",
    "To",
)
_RANKS = {
    "1": Rank.LAW,
    "law": Rank.LAW,
    "mandate": Rank.LAW,
    "2": Rank.CONTRACT,
    "contract": Rank.CONTRACT,
    "member contract": Rank.CONTRACT,
    "3": Rank.MEDICARE,
    "medicare": Rank.MEDICARE,
    "medicare source": Rank.MEDICARE,
    "4": Rank.POLICY,
    "policy": Rank.POLICY,
}
_EFFECTS = {effect.value: effect for effect in Effect} | {
    "needs authorization": Effect.NEEDS_AUTHORIZATION,
    "no authorization": Effect.NO_AUTHORIZATION,
}
_GROUP_CODES = ("CO", "PR", "OA", "PI", "CR")


def read_source(
    text: str, findings: Findings, vocabulary: Vocabulary, groups: tuple[str, ...], diagnosis_groups: tuple[str, ...]
) -> CoverageSource | None:
    """A contract, mandate or Medicare source. ``groups`` are the Coding groups of the library's policies."""
    canonical = canonical_text(text)
    lines = canonical.split("\n")[:-1]
    if refuse_control_characters(canonical, findings) or not is_within_limits(lines, findings):
        return None
    mapping, taken = read_head(lines, findings, known=HEAD_KEYS)
    if mapping is None:
        return None
    head = Head(mapping, findings)
    is_contract = mapping.get("contract") is not None
    if is_contract == (mapping.get("mandate") is not None):
        findings.error(
            1,
            1,
            "missing-key",
            "neither `contract:` nor `mandate:`" if not is_contract else "`contract:` beside `mandate:`",
            "one of the two, with an id",
            "write the id under the right key",
        )
        return None
    identity = head.required("contract" if is_contract else "mandate", "write its id")
    rank = Rank.CONTRACT if is_contract else Rank.LAW
    if head.text("rank"):
        stated = _RANKS.get(head.text("rank").casefold())
        if stated is None:
            findings.unknown_name(*head.where("rank"), "unknown-rank", "rank", head.text("rank"), _RANKS)
        else:
            rank = stated
    kind = SourceKind.CONTRACT if is_contract else SourceKind.MEDICARE if rank is Rank.MEDICARE else SourceKind.MANDATE
    prose: list[str] = []
    provisions: list[Provision] = []
    heading = ""
    in_provisions = False
    resolver = NameResolver(
        findings, vocabulary, facts_by_name(vocabulary.facts), groups, diagnosis_groups=diagnosis_groups
    )
    for block in read_blocks(lines[taken:], taken + 1):
        if block.kind == "heading" and block.level == 1 and not heading:
            heading = block.text.strip()
        elif block.kind == "heading":
            in_provisions = block.text.strip().casefold() == "provisions"
            if not in_provisions:
                prose.append("\n".join(lines[block.line - 1 : block.end - 1]))
        elif in_provisions and block.kind == "table":
            provisions += _provisions(block, findings, vocabulary, resolver, groups)
        else:
            if block.kind == "paragraph":
                report_broken_table(block, findings)
            prose.append("\n".join(lines[block.line - 1 : block.end - 1]).rstrip(" \t\n"))
    funding = head.text("funding") or None
    if funding is not None and funding not in FUNDINGS:
        findings.unknown_name(*head.where("funding"), "unknown-funding", "funding", funding, FUNDINGS)
        funding = None
    group_code = head.text("group code") or None
    if group_code is not None and group_code not in _GROUP_CODES:
        findings.unknown_name(
            *head.where("group code"), "unknown-group-code", "adjustment group", group_code, _GROUP_CODES
        )
    return CoverageSource(
        kind=kind,
        id=identity,
        title=head.text("title"),
        rank=rank,
        period=_period(head, findings),
        published=_whole_day(head, "published", findings),
        lines_of_business=read_lines(head, ("lines of business", "lines"), findings, vocabulary),
        states=read_states(head, findings),
        plans=read_plans(head),
        funding=funding,
        group_code=group_code,
        contact=head.text("contact"),
        rights=head.text("rights"),
        origin=head.text("source"),
        heading=heading,
        prose="\n\n".join(prose),
        provisions=tuple(provisions),
        source=Source(findings.file),
        content_hash=content_hash(text),
    )


def _period(head: Head, findings: Findings) -> EffectivePeriod:
    start, end = _whole_day(head, "effective", findings), _whole_day(head, "ends", findings)
    if start is not None and end is not None and end < start:
        findings.error(
            *head.where("ends"),
            "end-before-start",
            f"{end} lies before {start}",
            "a last day not before the first",
            "correct one of the two",
        )
        return EffectivePeriod(start)
    return EffectivePeriod(start, None if end is None else end + ONE_DAY)


def _whole_day(head: Head, key: str, findings: Findings) -> date | None:
    text = head.text(key)
    day = parse_day(text) if text else None
    if text and (day is None or day == date.max):
        findings.error(
            *head.where(key), "bad-date", f"`{key}: {shorten(text)}` is no day", "YYYY-MM-DD", "correct the date"
        )
        return None
    return day


def _provisions(
    block: Block, findings: Findings, vocabulary: Vocabulary, resolver: NameResolver, groups: tuple[str, ...]
) -> Iterable[Provision]:
    for row in read_table(block, findings, PROVISION_COLUMNS, required=("Effect",), what="provisions table"):
        before = len(findings.found)
        effect = _EFFECTS.get(row.text("Effect").casefold())
        if effect is None:
            findings.unknown_name(
                row["Effect"].line, row["Effect"].column, "unknown-effect", "effect", row.text("Effect"), _EFFECTS
            )
        target, position_cell = row["Code or group"], row["Position"]
        if bool(target.text) == bool(position_cell.text):
            findings.error(
                row.line,
                target.column,
                "code-or-position",
                "both a code and a position" if target.text else "neither a code nor a position",
                "exactly one of `Code or group` and `Position`",
                "fill one of the two",
            )
        system, code, group = _target(row, findings, vocabulary, groups)
        position = _position(row, findings)
        period = read_period(row, "From", "To", findings)
        published_text = row.text("Published")
        published = parse_day(published_text) if published_text else None
        if published_text and published is None:
            findings.error(
                row["Published"].line,
                row["Published"].column,
                "bad-date",
                f"{shorten(published_text)!r} is no day",
                "YYYY-MM-DD",
                "correct the date",
            )
        when, when_code = _when(row, findings, resolver)
        if len(findings.found) == before and effect is not None and period is not None:
            yield Provision(
                effect,
                system,
                code,
                group,
                position,
                period,
                published,
                when,
                when_code,
                row.text("Clause"),
                Source(findings.file, row.line, row["Effect"].column),
            )


def _target(
    row: Row, findings: Findings, vocabulary: Vocabulary, groups: tuple[str, ...]
) -> tuple[str | None, str | None, str | None]:
    target = row["Code or group"]
    text = target.text.strip("`")
    if not text:
        return None, None, None
    if not row.text("System"):
        if text not in groups:
            findings.unknown_name(
                target.line,
                target.column,
                "unknown-group",
                "group",
                text,
                groups,
                "name a Coding group of a policy, or give the code its System",
            )
        return None, None, text
    system = vocabulary.systems.canonical(row.text("System"))
    if system is None:
        findings.unknown_name(
            row["System"].line,
            row["System"].column,
            "unknown-system",
            "code system",
            row.text("System"),
            vocabulary.systems.names(),
        )
        return None, None, None
    code = vocabulary.systems.normalise(system, text)
    if code is None:
        findings.error(
            target.line,
            target.column,
            "bad-code",
            f"{shorten(text)!r} does not have the shape of {system}",
            "one code",
            "correct the code",
        )
    return system, code, None


def _position(row: Row, findings: Findings) -> CoveragePosition | None:
    cell = row["Position"]
    if not cell.text:
        return None
    words = " ".join(cell.text.casefold().replace("_", " ").split())
    position = STANDARD_LABELS.get(words) or next(
        (each for each in CoveragePosition if each.value.replace("_", " ") == words), None
    )
    if position is None:
        findings.unknown_name(
            cell.line, cell.column, "unknown-position", "position", cell.text, [each.value for each in CoveragePosition]
        )
    return position


def _when(row: Row, findings: Findings, resolver: NameResolver) -> tuple[Expression | None, str]:
    cell = row["When"]
    if not cell.text:
        return None, ""
    marked = mark(cell.text)
    if len(marked.codes) != 1:
        findings.error(
            cell.line,
            cell.column,
            "bad-when",
            f"`When` {shorten(cell.text)!r}",
            "one expression in a code span",
            "write it such as `age >= 18 years`",
        )
        return None, ""
    span = marked.codes[0]
    parsed = parse_expression(span.text)
    if isinstance(parsed, ExpressionProblem):
        findings.error(
            cell.line,
            cell.column + span.offset + parsed.offset,
            parsed.rule,
            parsed.found,
            parsed.expected,
            parsed.mend,
            parsed.near,
        )
        return None, ""
    if isinstance(parsed, Guard):
        findings.error(cell.line, cell.column, "guard-place", "`if` without `then`", "`if A then B`", "add `then ...`")
        return None, ""
    return resolver.expression(parsed, span.text, cell.line, cell.column + span.offset), cell.text


def print_source(source: CoverageSource) -> str:
    """The document of a contract, mandate or Medicare source."""
    from_scope = {
        "lines of business": lines_in_words(source.lines_of_business),
        "states": source.states,
        "plans": source.plans,
    }
    head = [
        f"{'contract' if source.kind is SourceKind.CONTRACT else 'mandate'}: {quoted(source.id)}",
        f"title: {quoted(source.title)}" if source.title else "",
        f"rank: {int(source.rank)}",
        f"effective: {source.period.start}" if source.period.start else "",
        f"ends: {last_day_shown(source.period)}" if source.period.end else "",
        f"published: {source.published}" if source.published else "",
        *(f"{key}: {scope_shown(scope)}" for key, scope in from_scope.items() if not scope.is_everything),
        f"funding: {source.funding}" if source.funding else "",
        f"group code: {source.group_code}" if source.group_code else "",
        f"contact: {quoted(source.contact)}" if source.contact else "",
        f"rights: {quoted(source.rights)}" if source.rights else "",
        f"source: {quoted(source.origin)}" if source.origin else "",
    ]
    parts = ["---\n" + "\n".join(line for line in head if line) + "\n---"]
    if source.heading:
        parts.append(f"# {source.heading}")
    if source.prose:
        parts.append(source.prose)
    if source.provisions:
        parts += ["## Provisions", print_table(PROVISION_COLUMNS, map(_provision_cells, source.provisions))]
    return "\n\n".join(parts) + "\n"


def _provision_cells(each: Provision) -> tuple[str, ...]:
    return (
        each.effect.value,
        each.system or "",
        each.code or each.group or "",
        each.position.value.replace("_", " ") if each.position else "",
        str(each.period.start or ""),
        last_day_shown(each.period),
        str(each.published or ""),
        each.when_code,
        each.clause,
    )


_PLAIN = re.compile(r"[^\W_][^:#\n\[\]{},\"'`&*!|>%@]*", re.UNICODE)


def quoted(text: str) -> str:
    """A YAML scalar that reads back as the same text: plain where that is safe, else in double quotes."""
    if _PLAIN.fullmatch(text) and text == text.strip() and text.isprintable():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in escaped) + '"'


def scope_shown(scope: Scope) -> str:
    """``{in: [...], out: [...]}``."""
    parts = [] if scope.inside is None else [f"in: [{', '.join(map(quoted, scope.inside))}]"]
    if scope.outside:
        parts.append(f"out: [{', '.join(map(quoted, scope.outside))}]")
    return "{" + ", ".join(parts) + "}"


def lines_in_words(scope: Scope) -> Scope:
    """Lines of business as people write them."""
    inside = None if scope.inside is None else tuple(each.replace("_", " ") for each in scope.inside)
    return Scope(inside, tuple(each.replace("_", " ") for each in scope.outside))


# ---------------------------------------------------------------------------- plans


def read_member_plans(text: str, findings: Findings, vocabulary: Vocabulary) -> tuple[MemberPlan, ...]:
    """The rows of ``plans.md``."""
    canonical = canonical_text(text)
    lines = canonical.split("\n")[:-1]
    if refuse_control_characters(canonical, findings) or not is_within_limits(lines, findings):
        return ()
    plans: list[MemberPlan] = []
    for block in read_blocks(lines):
        if block.kind == "table":
            for row in read_table(block, findings, PLAN_COLUMNS, required=PLAN_COLUMNS[:1], what="plans table"):
                plan = _plan(row, findings, vocabulary)
                if plan is not None:
                    plans.append(plan)
        elif block.kind == "paragraph":
            report_broken_table(block, findings)
    by_id: dict[str, list[MemberPlan]] = {}
    for plan in plans:
        by_id.setdefault(plan.id, []).append(plan)
    for rows in by_id.values():
        _report_overlaps(sorted(rows, key=lambda each: each.period.start or date.min), findings)
    return tuple(plans)


def _report_overlaps(rows: Iterable[MemberPlan], findings: Findings) -> None:
    """Report rows of one plan, in the order of their first days, that hold on one day."""
    longest: MemberPlan | None = None
    for row in rows:
        if longest is not None and (longest.period.end is None or (row.period.start or date.min) < longest.period.end):
            first, second = sorted((longest, row), key=lambda each: each.source.line)
            findings.error(
                second.source.line,
                second.source.column,
                "duplicate-plan",
                f"the plan {row.id!r} twice on one day (line {first.source.line})",
                "one row a plan and day",
                "correct From and To",
            )
        if longest is None or (longest.period.end or date.max) < (row.period.end or date.max):
            longest = row


def _plan(row: Row, findings: Findings, vocabulary: Vocabulary) -> MemberPlan | None:
    before = len(findings.found)
    identity = row["Plan"]
    if not identity.text:
        findings.error(row.line, identity.column, "missing-id", "a plan without an id", "an id", "write it")
    line = None
    if row.text("Line of business"):
        line = normalise_line(row.text("Line of business"), vocabulary.lines)
        if line is None:
            cell = row["Line of business"]
            findings.unknown_name(
                cell.line,
                cell.column,
                "unknown-line-of-business",
                "line of business",
                cell.text,
                (*LINES_OF_BUSINESS, *vocabulary.lines),
            )
    states = tuple(each.strip() for each in re.split(r"[,;]", row.text("States")) if each.strip())
    for each in dict.fromkeys(states):
        if findings.is_full:
            break
        if each not in STATES:
            findings.error(
                row["States"].line,
                row["States"].column,
                "bad-state",
                f"the state {shorten(each)!r}",
                "the capital letters of a state or territory (USPS)",
                "write it such as WA",
            )
    funding = row.text("Funding") or None
    if funding is not None and funding not in FUNDINGS:
        findings.unknown_name(
            row["Funding"].line, row["Funding"].column, "unknown-funding", "funding", funding, FUNDINGS
        )
    year = None
    if row.text("Plan year starts"):
        match = re.fullmatch(r"(\d{2})-(\d{2})", row.text("Plan year starts"), re.ASCII)
        if match is None or parse_day(f"2023-{match[0]}") is None:
            cell = row["Plan year starts"]
            findings.error(
                cell.line,
                cell.column,
                "bad-date",
                f"the plan year {cell.text!r}",
                "month and day such as 01-01",
                "correct it",
            )
        else:
            year = (int(match[1]), int(match[2]))
    period = read_period(row, "From", "To", findings)
    if len(findings.found) > before or period is None:
        return None
    return MemberPlan(
        identity.text,
        line,
        states,
        funding,
        year,
        row.text("Contract") or None,
        row.text("Contact"),
        period,
        Source(findings.file, row.line, identity.column),
    )
