"""Findings of the linter: as the values of their JSON, and as a page on which the weightiest come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from medpol.check import Allowed, Checked, Rule
from medpol.check.reading import may_be_a_warning, said_of, severity_of
from medpol.cli.output import Page, counted, styled
from medpol.model.diagnostic import Diagnostic, Severity

READING = "reading"
"""The subject of what the readers find: no rule of the linter, and no page of its own (docs/notation.md, section 22)."""
SEVERITIES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_ORDER = tuple(SEVERITIES)
_WEIGHTIEST = 5
_OF_ONE_KIND = 3


def finding_value(each: Diagnostic) -> dict[str, Any]:
    return {
        "file": each.source.file,
        "line": each.source.line,
        "column": each.source.column,
        "severity": each.severity.value,
        "rule": each.rule,
        "found": each.found,
        "expected": each.expected,
        "mend": each.mend,
        "near": each.near,
    }


def checked_value(checked: Checked, known: Mapping[str, Rule]) -> list[dict[str, Any]]:
    """Each finding with the subject of its rule, and whether its document has been replaced."""
    return [
        finding_value(each) | {"subject": _subject(each, known), "superseded": each.source.file in checked.superseded}
        for each in checked.found
    ]


def _subject(each: Diagnostic, known: Mapping[str, Rule]) -> str:
    return known[each.rule].subject.value if each.rule in known else READING


def summary(found: Iterable[Diagnostic]) -> str:
    """``1 error, 2 warnings``, or ``clean``."""
    counts = Counter(each.severity for each in found)
    return ", ".join(counted(counts[each], each.value) for each in _ORDER if counts[each]) or "clean"


# ---------------------------------------------------------------------------- as a page


@dataclass(frozen=True, slots=True)
class _Kind:
    """What one rule found in one file."""

    findings: tuple[Diagnostic, ...]
    weight: tuple[int, bool, int]

    @property
    def first(self) -> Diagnostic:
        return self.findings[0]


def print_findings(page: Page, checked: Checked, known: Mapping[str, Rule], *, is_whole: bool) -> None:
    """The weightiest kinds of findings, errors all of them, and the rest counted; or everything, file by file."""
    kinds = _kinds(checked, known)
    errors = sum(kind.first.severity is Severity.ERROR for kind in kinds)
    shown = kinds if is_whole else kinds[: max(_WEIGHTIEST, errors)]
    _print_kinds(page, shown, is_whole=is_whole)
    _print_rest(page, kinds[len(shown) :], checked.superseded)
    _print_allowed(page, checked.allowed, is_whole=is_whole)


def _kinds(checked: Checked, known: Mapping[str, Rule]) -> list[_Kind]:
    """By weight: the severity, texts that still hold before those that were replaced, the order of the rules' pages."""
    places = {name: at for at, name in enumerate(known)}
    held: dict[tuple[str, str], list[Diagnostic]] = {}
    for each in checked.found:
        held.setdefault((each.source.file, each.rule), []).append(each)
    kinds = [
        _Kind(
            tuple(findings),
            (_ORDER.index(findings[0].severity), file in checked.superseded, places.get(rule, -1)),
        )
        for (file, rule), findings in held.items()
    ]
    return sorted(kinds, key=lambda kind: (kind.weight, kind.first.source))


def _print_kinds(page: Page, kinds: Sequence[_Kind], *, is_whole: bool) -> None:
    """Under the names of their files; files stand in the order of their weightiest finding."""
    by_file: dict[str, list[_Kind]] = {}
    for kind in kinds:
        by_file.setdefault(kind.first.source.file, []).append(kind)
    for file, held in by_file.items():
        page.title(file)
        for kind in held:
            _print_kind(page, kind, is_whole=is_whole)
        page.blank()


def _print_kind(page: Page, kind: _Kind, *, is_whole: bool) -> None:
    is_listed = is_whole or kind.first.severity is Severity.ERROR or len(kind.findings) <= _OF_ONE_KIND
    for each in kind.findings if is_listed else kind.findings[:1]:
        print_finding(page, each)
    if not is_listed:
        more = kind.findings[1:]
        lines = ", ".join(str(each.source.line) for each in more[:12]) + (", ..." if len(more) > 12 else "")
        page.line(f"and {len(more)} more of this rule, at lines {lines}", indent=10, hang=2, style="dim")


def print_finding(page: Page, each: Diagnostic) -> None:
    place = f"{each.source.line}:{each.source.column}"
    expected = f"; expected {each.expected}" if each.expected else ""
    words = (Text(each.severity.value, SEVERITIES[each.severity]), styled(f" [{each.rule}] ", "dim"))
    page.line(f"{place:<8}", *words, each.found, expected, indent=2, hang=8)
    if each.mend:
        page.line("mend: ", each.mend, indent=10, hang=6)
    if each.near and each.near not in each.mend:
        page.line("near: ", each.near, indent=10, hang=6)


def _print_rest(page: Page, kinds: Sequence[_Kind], superseded: frozenset[str]) -> None:
    rest = [each for kind in kinds for each in kind.findings]
    if not rest:
        return
    page.line(f"And {counted(len(rest), 'finding')} that weigh less (--all shows them):", style="bold")
    counts = Counter(each.rule for each in rest)
    for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        old = sum(each.rule == rule and each.source.file in superseded for each in rest)
        where = f", {'all' if old == count else old} in texts that were replaced" if old else ""
        page.line(f"{count:>4}  {rule}", styled(where, "dim"), indent=2, hang=6)
    page.blank()


def _print_allowed(page: Page, allowed: Sequence[Allowed], *, is_whole: bool) -> None:
    if not allowed:
        return
    page.line(
        f"{counted(len(allowed), 'finding')} allowed, with a reason" + ("" if is_whole else " (--all shows them)"),
        style="dim",
    )
    for each in allowed if is_whole else ():
        page.line(
            f"{each.finding.source} [{each.finding.rule}] {each.finding.found}; because {each.allowance.because}",
            indent=2,
            hang=2,
        )


def print_reading(page: Page, name: str) -> None:
    """What reading finds under a name, and where the notation says more."""
    page.line(Text(name, "bold"), styled(f"  {READING}, {severity_of(name).value}", "dim"))
    page.blank()
    page.line(said_of(name))
    page.blank()
    kept = "A document can keep it where it is a warning" if may_be_a_warning(name) else "No document can keep it"
    page.line(f"It is found by reading, before any rule is asked. {kept}. The finding names the mend.", style="dim")


def print_rule(page: Page, rule: Rule) -> None:
    """One rule's page."""
    page.line(Text(rule.name, "bold"), styled(f"  {rule.subject.value}, {rule.severity.value}", "dim"))
    for paragraph in rule.page.split("\n\n"):
        page.blank()
        page.line(" ".join(paragraph.split()))
    page.blank()
    page.line(f"To keep what it finds: # medpol: allow {rule.name} because ...", style="dim", hang=2)


def print_rules(page: Page, known: Iterable[Rule]) -> None:
    """Every rule in a line, by subject."""
    subject = None
    for rule in known:
        if rule.subject is not subject:
            if subject is not None:
                page.blank()
            page.title(rule.subject.value)
            subject = rule.subject
        severity = Text(f"{rule.severity.value:<8}", SEVERITIES[rule.severity])
        page.line(severity, f"{rule.name}  ", styled(rule.summary, "dim"), indent=2, hang=10)
