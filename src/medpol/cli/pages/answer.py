"""A determination as a page for a person: the outcome, why, on which sentence, what is missing, whom to ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from medpol.cli.output import Page, Words, joined, styled
from medpol.decide.holdings import POSITIONS
from medpol.decide.one import Desk
from medpol.lifecycle import periods
from medpol.model.case import Case
from medpol.model.codes import shown
from medpol.model.determination import (
    Adjustment,
    Asked,
    Authorization,
    Branch,
    CitedSentence,
    Determination,
    JudgedCriterion,
    RuledSource,
    UsedFact,
    WouldChange,
)
from medpol.model.positions import Outcome, Position
from medpol.model.truth import Truth

OUTCOMES = {
    Outcome.COVERED: ("✓", "covered", "green"),
    Outcome.NOT_COVERED: ("✕", "not covered", "red"),
    Outcome.INFORMATION_NEEDED: ("?", "information needed", "yellow"),
    Outcome.NOT_ADDRESSED: ("○", "not addressed", "cyan"),
    Outcome.REFER: ("⇢", "refer", "magenta"),
}
_TRUTHS = {Truth.MET: ("✓", "green"), Truth.NOT_MET: ("✕", "red"), Truth.UNKNOWN: ("?", "yellow")}
_BANNER = 25
_FEW = 3
_ADVICE = "Advice only: a qualified person makes an adverse determination."


def outcome_words(outcome: Outcome, *, loud: bool = False) -> Text:
    glyph, name, style = OUTCOMES[outcome]
    return Text(f"{glyph} {name.upper() if loud else name}", f"bold {style}" if loud else style)


def position_words(position: Position) -> str:
    """The position in the field's words, with the payer's own beside it where they differ."""
    glyph, name = POSITIONS[position.canonical]
    own = "" if position.label.casefold() == name else f' ("{position.label}")'
    return f"{glyph} {name}{own}"


def spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def print_answer(page: Page, desk: Desk, case: Case, answer: Determination, *, explain: bool = False) -> None:
    """The whole page of one answer; ``explain`` adds the tree of criteria and every source."""
    kind = spaced(answer.reason_kind.value)
    second = position_words(answer.position) if answer.position is not None else spaced(answer.reason_key)
    page.line(_padded(outcome_words(answer.outcome, loud=True), _BANNER), Text(second.lstrip(), "bold"))
    page.line(_case_line(desk, case, answer), indent=2, hang=2, style="dim")
    _branches(page, answer.branches)
    because = joined((answer.reason, styled(f"   reason: {kind}", "dim")))
    page.field("Because", because, *_some(_quotes(answer.sentences), "sentences", explain))
    if answer.reading:
        page.field("Reading", *answer.reading)
    if answer.version is not None:
        page.field("Version", _version(desk, answer))
    if answer.assumed:
        page.field("Assumed", "only with what was assumed, not documented: " + ", ".join(answer.assumed))
    page.field("Missing", *_missing(answer, explain))
    if answer.would_change is not None:
        page.field("Would change", *_would_change(answer.would_change))
    page.field("Contract", _contract(case, answer.sources))
    page.field("Authorisation", *_authorization(answer.authorization))
    if answer.contact:
        page.field("Contact", answer.contact)
    if answer.adjustment is not None:
        page.field("On a claim", _adjustment(answer.adjustment))
    if answer.appeal:
        page.field("Appeal", answer.appeal)
    if answer.outcome is Outcome.NOT_ADDRESSED:
        page.line("This is not a statement of coverage.", indent=2)
    if explain:
        _explain(page, answer)
    _closing(page, answer.determination_id)


# ---------------------------------------------------------------------------- the parts of the page


def _padded(text: Text, width: int) -> Text:
    text.append(" " * max(2, width - len(text.plain)))
    return text


def _case_line(desk: Desk, case: Case, answer: Determination) -> str:
    asked = shown(case.code_system or "", case.code) if case.code is not None else spaced(case.service or "")
    parts = [
        asked,
        f"care on {answer.date_of_service}",
        spaced(case.line_of_business) if case.line_of_business else "line of business not given",
        case.state,
        case.plan and f"plan {case.plan}",
        case.diagnoses and "for " + ", ".join(shown("ICD-10-CM", each.lstrip("!")) for each in case.diagnoses),
        f"known on {answer.known_on}",
    ]
    return " · ".join(part for part in parts if part)


def _branches(page: Page, branches: Sequence[Branch]) -> None:
    """What each line of business (state, plan) would get, those with one answer together."""
    held: dict[tuple[Outcome, Position | None, str], list[str]] = {}
    for each in branches:
        held.setdefault((each.outcome, each.position, each.reason_key), []).append(spaced(each.value))
    for (outcome, position, key), values in held.items():
        second = position_words(position) if position is not None else spaced(key)
        page.line(
            _padded(outcome_words(outcome), _BANNER - 2),
            ", ".join(values),
            styled(f"   {second}", "dim"),
            indent=2,
            hang=_BANNER - 2,
        )


def _quotes(sentences: Iterable[CitedSentence]) -> list[Words]:
    return [joined((f"“{each.text}” ", styled(f"{each.file}:{each.line}", "dim"))) for each in sentences]


def _version(desk: Desk, answer: Determination) -> Text:
    held = periods(desk.versions.get(answer.policy or "", ()), answer.known_on)
    period = next((each for each in held if each.start == answer.version), None)
    if period is None:
        words = f"{answer.policy}, version of {answer.version}"
    else:
        words = f"{answer.policy}, {period.words(answer.date_of_service)}"
    return joined((words, styled(f"   sha256 {(answer.content_hash or '')[:12]}", "dim")))


def _some(words: list[Words], what: str, explain: bool) -> list[Words]:
    """The first few, with a word on how many more there are."""
    if explain or len(words) <= _FEW + 1:
        return words
    return [*words[:_FEW], styled(f"and {len(words) - _FEW} more {what} (--explain)", "dim")]


def _closing(page: Page, identity: str) -> None:
    if len(_ADVICE) + len(identity) + 8 <= page.width:
        page.line(f"{_ADVICE} Id: {identity}", indent=2, style="dim")
        return
    page.line(_ADVICE, indent=2, style="dim")
    page.line(f"Id: {identity}", indent=2, style="dim")


def _missing(answer: Determination, explain: bool) -> list[Words]:
    if answer.outcome is not Outcome.INFORMATION_NEEDED:
        return ["nothing"]
    if not answer.missing:
        return ["no small set of facts settles it; see --explain"]
    if len(answer.missing) == 1:
        return [_question(each) for each in answer.missing[0]]
    sets: list[Words] = [
        joined(joined(("\n   " if place else f"{at}. ", _question(each))) for place, each in enumerate(held))
        for at, held in enumerate(answer.missing, 1)
    ]
    return [f"one of these {len(sets)} sets:", *_some(sets, "sets", explain)]


def _question(each: Asked) -> Text:
    return joined((each.question, styled(f"  {each.fact or each.criterion}", "dim")))


def _would_change(would: WouldChange) -> list[Words]:
    if not would.can_change:
        return [f"nothing can: {would.why_not}"]
    if not would.sets:
        return [
            "nothing small: no set of up to four facts was found" + ("" if would.complete else "; there may be others")
        ]
    lines: list[Words] = []
    for at, held in enumerate(would.sets, 1):
        number = f"{at}. " if len(would.sets) > 1 else ""
        lines.append(number + "; and ".join(map(_change, held)))
    return lines if would.complete else [*lines, "there may be others"]


def _change(each: Asked) -> str:
    return f"{each.fact or each.question}: {each.needed}, now {each.now or 'not documented'}"


def _contract(case: Case, sources: Iterable[RuledSource]) -> str:
    if case.contract is None:
        return "none given: a member contract may differ (--contract)"
    held = [each for each in sources if each.id == case.contract]
    ruled = any(each.ruled for each in held)
    return case.contract + (": it decides this" if ruled else ": it does not decide this")


def _authorization(authorization: Authorization) -> list[Words]:
    if authorization.required is None:
        words = "it hangs on what is not documented" if authorization.sentences else "not stated by the policy"
    else:
        words = "required" if authorization.required else "not required"
    return [words, *_quotes(authorization.sentences)]


def _adjustment(adjustment: Adjustment) -> str:
    return " · ".join(
        (adjustment.carc or "no CARC", *adjustment.rarc, f"group: {adjustment.group or 'from the contract'}")
    )


# ---------------------------------------------------------------------------- explained


def print_criteria(page: Page, criteria: Iterable[JudgedCriterion]) -> None:
    """The tree of criteria, judged."""
    page.blank()
    page.title("Criteria")
    for each in criteria:
        _tree(page, each, 2)


def _explain(page: Page, answer: Determination) -> None:
    if answer.criteria:
        print_criteria(page, answer.criteria)
    page.blank()
    page.title("Sources")
    for source in answer.sources:
        _source(page, source)
    if not answer.sources:
        page.line("none names this service", indent=2)
    page.blank()


def _tree(page: Page, node: JudgedCriterion, indent: int) -> None:
    glyph, style = _TRUTHS[node.truth]
    is_named = node.structure == "rule" and bool(node.parts)  # its statement stands again over its criteria
    words: list[Words] = [Text(f"{glyph} ", style), f"rule {node.id}" if is_named else node.text]
    if not node.applies:
        words.append(styled("  does not apply", "dim"))
    for used in node.facts:
        value = "not documented" if used.value is None else _coded(used)
        source = f" ({used.source})" if used.source else ""
        words.append(styled(f"  {used.name}: {value}{source}", "dim"))
    if node.structure in ("", "rule"):
        words.append(styled(f"  {node.file}:{node.line}", "dim"))
    page.line(*words, indent=indent, hang=2)
    for part in node.parts:
        _tree(page, part, indent + 2)


def _coded(used: UsedFact) -> str:
    if used.name != "diagnosis" or used.value is None:
        return used.value or ""
    return ", ".join(shown("ICD-10-CM", code) for code in used.value.split(", "))


def _source(page: Page, source: RuledSource) -> None:
    version = "" if source.version is None else f", version of {source.version}"
    position = "" if source.position is None else f" · {position_words(source.position)}"
    page.line(
        outcome_words(source.outcome),
        f"{position}  {source.kind.value} {source.id}{version}",
        styled(f"  {spaced(source.reason_key)}", "dim"),
        styled("  rules here" if source.ruled else "", "bold"),
        styled(f"  sha256 {(source.content_hash or '')[:12]}", "dim"),
        indent=2,
        hang=2,
    )
    for quote in _quotes(source.sentences):
        page.line(quote, indent=4, hang=2)
