"""``write``: a policy version printed as a new document. Reading it back gives the same version."""

from __future__ import annotations

from medpol.model.criteria import Criterion, Group, Leaf, Note, Rule
from medpol.model.policy import (
    Addressed,
    Body,
    Coding,
    Criteria,
    Definitions,
    EvidenceReview,
    Guidelines,
    History,
    Medicare,
    PolicyVersion,
    Prose,
    References,
    Regulatory,
    Trials,
)
from medpol.text.coding import print_coding, print_definitions
from medpol.text.evidence import (
    print_addressed,
    print_evidence,
    print_guidelines,
    print_history,
    print_medicare,
    print_references,
    print_regulatory,
    print_trials,
)
from medpol.text.sources import lines_in_words, quoted, scope_shown


def write(version: PolicyVersion) -> str:
    """The document of a version, LF line ends, one final LF."""
    parts = ["---\n" + "\n".join(_head(version)) + "\n---"]
    if version.heading:
        parts.append(f"# {version.heading}")
    if version.preamble:
        parts.append(version.preamble)
    for section in version.sections:
        parts.append(f"## {section.heading}")
        body = _print_body(section.body)
        if body:
            parts.append(body)
    return "\n\n".join(parts) + "\n"


def _head(version: PolicyVersion) -> list[str]:
    dates = {
        "effective": version.effective,
        "archived": version.archived,
        "approved": version.approved,
        "row date": version.row_date,
        "published": version.published,
        "notice sent": version.notice.sent,
    }
    later = {
        "last revised": version.last_revised,
        "review due": version.review_due,
        "literature through": version.literature_through,
    }
    texts = {
        "policy": version.policy,
        "title": version.title,
        "publisher": version.publisher,
        "reference policy": version.reference_policy,
        "replaces": version.replaces,
    }
    lines = [f"{key}: {quoted(text)}" for key, text in texts.items() if text]
    lines += [f"{key}: {quoted(day.text)}" for key, day in dates.items() if day is not None]
    if version.notice.days is not None:
        lines.append(f"notice days: {version.notice.days}")
    lines += [
        f"{key}: {quoted(text)}"
        for key, text in (("notice audience", version.notice.audience), ("notice reason", version.notice.reason))
        if text
    ]
    lines += [f"{key}: {quoted(day.text)}" for key, day in later.items() if day is not None]
    for key, scope in (
        ("lines of business", lines_in_words(version.lines_of_business)),
        ("states", version.states),
        ("plans", version.plans),
    ):
        if not scope.is_everything:
            lines.append(f"{key}: {scope_shown(scope)}")
    if version.related:
        lines.append(f"related: [{', '.join(map(quoted, version.related))}]")
    if version.positions:
        lines.append(
            "positions: {"
            + ", ".join(f"{quoted(label)}: {position.value}" for label, position in version.positions)
            + "}"
        )
    if version.withdraws:
        lines.append(f"withdraws: [{', '.join(map(str, version.withdraws))}]")
    lines += [
        f"{key}: {quoted(text)}" for key, text in (("rights", version.rights), ("source", version.origin)) if text
    ]
    if version.doubtful:
        lines.append("doubtful:")
        lines += [f"  - {quoted(each)}" for each in version.doubtful]
    return lines


def _print_body(body: Body) -> str:
    match body:
        case Prose(text):
            return text
        case Criteria():
            return _print_criteria(body)
        case Coding(rows, prose):
            return "\n\n".join(part for part in (print_coding(rows) if rows else "", prose) if part)
        case Definitions():
            return print_definitions(body)
        case Addressed():
            return print_addressed(body)
        case EvidenceReview():
            return print_evidence(body)
        case Trials():
            return print_trials(body)
        case Guidelines():
            return print_guidelines(body)
        case Medicare():
            return print_medicare(body)
        case Regulatory():
            return print_regulatory(body)
        case References():
            return print_references(body)
        case History():
            return print_history(body)


# ---------------------------------------------------------------------------- criteria


def _print_criteria(body: Criteria) -> str:
    parts = [_quote(note) for note in body.notes]
    for rule in body.rules:
        parts += _print_rule(rule)
    return "\n\n".join(parts)


def _print_rule(rule: Rule) -> list[str]:
    parts = [f"### {rule.heading}"] if rule.heading is not None else []
    for at, key in enumerate(_line_order(rule)):
        parts += _notes(rule, f"line {at}")
        parts.append(_rule_line(rule, key))
    parts += _notes(rule, f"line {len(_line_order(rule))}")
    statement = rule.statement.sentence
    match rule.criteria:
        case Leaf(code=code) if code is not None:
            parts.append(f"{statement} {span(code)}")
        case Group():
            parts += [statement, _print_list(rule.criteria)]
        case _:
            parts.append(statement)
    parts += _notes(rule, "unless")
    match rule.unless:
        case Leaf(sentence=sentence, code=code):
            parts.append(sentence if code is None else f"{sentence} {span(code)}")
        case Group():
            parts += [rule.unless.sentence, _print_list(rule.unless)]
        case None:
            pass
    parts += _notes(rule, "otherwise")
    if rule.otherwise is not None:
        parts.append(rule.otherwise.sentence)
    return parts + _notes(rule, "end")


def _line_order(rule: Rule) -> tuple[str, ...]:
    if rule.line_order:
        return rule.line_order
    held = {
        "Services": rule.services,
        "When": rule.when,
        "Dates of service": rule.dates,
        "Approved for": rule.approved_for,
    }
    return tuple(key for key, value in held.items() if value)


def _rule_line(rule: Rule, key: str) -> str:
    match key:
        case "Services":
            return "Services: " + ", ".join(map(span, rule.services))
        case "When":
            assert rule.when is not None
            return " ".join(part for part in ("When:", rule.when.sentence, span(rule.when.code)) if part)
        case "Dates of service":
            assert rule.dates is not None
            return f"Dates of service: {rule.dates.sentence}"
        case _:
            return f"Approved for: {rule.approved_for}"


def _print_list(group: Group, indent: str = "") -> str:
    lines: list[str] = []
    for at, part in enumerate(group.parts, 1):
        marker = group.marker if not group.marker.startswith("1") else f"{at}{group.marker[1:]}"
        lines.append(f"{indent}{marker} {_print_item(part)}")
        if isinstance(part, Group):
            lines.append(_print_list(part, indent + " " * (len(marker) + 1)))
    return "\n".join(lines)


def _print_item(part: Criterion) -> str:
    match part:
        case Leaf(sentence=sentence, code=code) | Group(sentence=sentence, code=code):
            return sentence if code is None else f"{sentence} {span(code)}"


def _notes(rule: Rule, place: str) -> list[str]:
    return [_quote(note.text) for note in rule.notes if _place(rule, note) == place]


def _place(rule: Rule, note: Note) -> str:
    """Where a note stands; a place that the rule does not have moves to the next one that it has."""
    if note.before == "unless" and rule.unless is None:
        return "otherwise" if rule.otherwise is not None else "end"
    if note.before == "otherwise" and rule.otherwise is None:
        return "end"
    return note.before or f"line {len(_line_order(rule))}"


def _quote(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def span(code: str) -> str:
    """The code in backticks that its own backticks cannot end."""
    longest = run = 0
    for sign in code:
        run = run + 1 if sign == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    is_spaced = code.startswith(" ") and code.endswith(" ") and code.strip()
    pad = " " if code.startswith("`") or code.endswith("`") or is_spaced else ""
    return f"{fence}{pad}{code}{pad}{fence}"
