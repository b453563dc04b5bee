"""A redline as a page at the terminal: what it means, then the words, readable without colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.text import Text

from medpol.cli.output import Page, Words, counted, styled
from medpol.cli.pages.words import heading
from medpol.library.redline import (
    Block,
    Change,
    Gap,
    Item,
    Kind,
    Mark,
    Redline,
    Run,
    Said,
    SectionWords,
    Subject,
    VersionNamed,
)
from medpol.library.redline import Words as RedlineWords
from medpol.model.criteria import UNNAMED_RULE

SIGNS = {
    Kind.ADDED: ("+", "green"),
    Kind.REMOVED: ("-", "red"),
    Kind.CHANGED: ("~", "yellow"),
    Kind.MOVED: ("⇄", "cyan"),
    Kind.REWORDED: ("≈", "dim"),
    Kind.UNCHANGED: ("=", "dim"),
}
"""A sign of its own for each kind, so that no colour is needed."""
_ASCII = {"⇄": "<>", "≈": "^", "→": "->", "“": '"', "”": '"', "…": "...", "·": "-", "○": "o"}

GROUPS: tuple[tuple[str, frozenset[Subject]], ...] = (
    ("Scope and standing", frozenset({Subject.STANDING, Subject.SCOPE})),
    ("Services and statements", frozenset({Subject.SERVICE, Subject.STATEMENT})),
    ("Positions", frozenset({Subject.POSITION, Subject.AUTHORISATION})),
    ("Codes", frozenset({Subject.CODE})),
    ("Criteria", frozenset({Subject.RULE, Subject.CRITERION, Subject.STRUCTURE, Subject.CONDITION})),
    ("Definitions", frozenset({Subject.VALUE_SET, Subject.TABLE, Subject.FACT})),
    (
        "Evidence",
        frozenset(
            {
                Subject.POPULATION,
                Subject.TRIAL,
                Subject.GUIDELINE,
                Subject.REFERENCE,
                Subject.MEDICARE,
                Subject.REGULATORY,
            }
        ),
    ),
    ("Name and publisher", frozenset({Subject.IDENTITY})),
    ("Dates and record", frozenset({Subject.ORDER, Subject.DATE, Subject.HISTORY, Subject.RECORD})),
)
_QUOTED = frozenset({Subject.STATEMENT, Subject.RULE, Subject.CRITERION, Subject.STRUCTURE, Subject.CONDITION})
"""Subjects whose sentences are worth reading beside what is said of them."""
_MOST_PLACES = 4


# ---------------------------------------------------------------------------- words that every page uses


def version_words(version: VersionNamed) -> str:
    day = "without a first day" if version.version is None else str(version.version)
    kind = "draft of" if version.is_draft else "archived from" if version.is_archived else "version of"
    return f"{kind} {day}"


def gap_words(gaps: Sequence[Gap], days: int) -> str:
    spans = "; ".join(f"{gap.first_day} through {gap.last_day}" for gap in gaps)
    return f"No policy was in force on {days:,} of the days between: {spans}."


def between_words(versions: Sequence[VersionNamed]) -> str:
    named = ", ".join(f"{each.version}{' (archived)' if each.is_archived else ''}" for each in versions)
    return f"{counted(len(versions), 'version')} between: {named}"


def grouped(items: Iterable[Item]) -> Iterator[tuple[str, list[Item]]]:
    """The items under their headings; a heading without items is left out."""
    held = list(items)
    for name, subjects in GROUPS:
        inside = [each for each in held if each.subject in subjects]
        if inside:
            yield name, inside


def places_words(saids: Sequence[Said]) -> str:
    """Files and lines; lines of one file together."""
    files: dict[str, list[str]] = {}
    for each in saids:
        files.setdefault(each.file, []).append(str(each.line))
    return "; ".join(
        f"{file}:{','.join(lines[:_MOST_PLACES])}{',...' if len(lines) > _MOST_PLACES else ''}"
        for file, lines in files.items()
    )


def section_title(section: SectionWords) -> str:
    title = section.heading or "Title and opening"
    renamed = section.from_heading and section.to_heading and section.from_heading != section.to_heading
    return title + (f" (was “{section.from_heading}”)" if renamed else "")


def block_places(block: Block) -> str:
    lines = [str(line) for line in (block.from_line, block.to_line) if line is not None]
    return " → ".join(lines)


# ---------------------------------------------------------------------------- the page


def print_redline(page: Page, found: Redline) -> None:
    """The whole redline, or the part of it that is there."""
    shown = _Shown(page)
    shown.line(styled(f"{found.policy}  {found.title}", "bold"))
    for name, version in (("from", found.before), ("to", found.after)):
        shown.line(f"{name:<5} ", f"{version_words(version)}, {version.file}", indent=2, hang=6)
    shown.line(styled(f"{found.verdict}.", "bold"), indent=2)
    if found.meaning is not None:
        _print_meaning(shown, found, found.meaning)
    if found.words is not None:
        _print_words(shown, found.words)


class _Shown:
    """A page whose signs are spelled in ASCII where its encoding has no others."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._is_plain = not page.can_show("".join(_ASCII))

    def line(self, *words: Words, indent: int = 0, hang: int = 0) -> None:
        self.page.line(*map(self._spelled, words), indent=indent, hang=hang)

    def heading(self, words: str) -> None:
        heading(self.page, words)

    def _spelled(self, words: Words) -> Words:
        if not self._is_plain:
            return words
        if isinstance(words, str):
            return "".join(_ASCII.get(sign, sign) for sign in words)
        spelled = Text(style=words.style)
        for part in words.divide(at for span in words.spans for at in (span.start, span.end)):
            style = part.spans[0].style if part.spans else ""
            spelled.append("".join(_ASCII.get(sign, sign) for sign in part.plain), style)
        return spelled


def _print_meaning(shown: _Shown, found: Redline, items: Sequence[Item]) -> None:
    shown.heading("What it means")
    if found.versions_between:
        shown.line(between_words(found.versions_between), indent=2, hang=2)
    if found.days_without_policy:
        shown.line(f"○ {gap_words(found.gaps, found.days_without_policy)}", indent=2, hang=2)
    if not items:
        shown.line("nothing differs", indent=2)
    for name, inside in grouped(items):
        shown.line(styled(name, "bold"), indent=2)
        for each in inside:
            _print_item(shown, each)


def _print_item(shown: _Shown, each: Item) -> None:
    sign, style = SIGNS[each.kind]
    is_named = each.rule not in (None, UNNAMED_RULE) and each.subject in _QUOTED
    rule = f"{each.rule}: " if is_named else ""
    places = " → ".join(part for part in map(places_words, (each.before, each.after)) if part)
    is_quoted = each.subject in _QUOTED
    shown.line(
        styled(sign, style),
        " " * (2 - len(sign)),
        f"{rule}{each.says}",
        *(() if is_quoted or not places else (styled(f"  {places}", "dim"),)),
        indent=4,
        hang=2,
    )
    if is_quoted:
        for name, saids in (("from", each.before), ("to", each.after)):
            for said in saids:
                shown.line(
                    f"{name:<5}", f"“{said.text}”", styled(f"  {places_words((said,))}", "dim"), indent=8, hang=5
                )


# ---------------------------------------------------------------------------- words


def _print_words(shown: _Shown, words: RedlineWords) -> None:
    shown.heading("The words")
    if not words.is_changed:
        shown.line("nothing differs", indent=2)
    same = [section for section in words.sections if section.change is Change.EQUAL and not section.is_moved]
    for section in words.sections:
        if section.change is not Change.EQUAL or section.is_moved:
            _print_section(shown, section)
    if same:
        names = ", ".join(section.heading or "title and opening" for section in same)
        shown.line(f"{counted(len(same), 'section')} unchanged: {names}", indent=2, hang=2)


def _print_section(shown: _Shown, section: SectionWords) -> None:
    what = {Change.INSERTED: "  (inserted)", Change.DELETED: "  (deleted)"}.get(section.change, "")
    moved = "  (⇄ moved)" if section.is_moved else ""
    shown.line(styled(section_title(section), "bold"), what, moved, indent=2)
    for is_same, blocks in groupby(
        section.blocks, key=lambda block: block.change is Change.EQUAL and not block.is_moved
    ):
        if is_same:
            shown.line(styled(f"… {counted(len(list(blocks)), 'passage')} unchanged", "dim"), indent=4)
            continue
        for block in blocks:
            _print_block(shown, block)


def _print_block(shown: _Shown, block: Block) -> None:
    lead = f"{block.marker} " if block.marker else ""
    indent = 4 + 2 * max(0, block.depth - 1)
    where = styled(f"  {block_places(block)}", "dim")
    moved: tuple[Words, ...] = ()
    if block.is_moved:
        moved = (styled("⇄ moved" + (f" from “{block.moved_from}”" if block.moved_from else "") + ": ", "cyan"),)
    match block.change:
        case Change.INSERTED:
            shown.line(styled(f"+ {lead}{block.runs[0].text}", "green"), where, indent=indent, hang=2)
        case Change.DELETED:
            shown.line(styled(f"- {lead}{block.runs[0].text}", "red"), where, indent=indent, hang=2)
        case _:
            sign = "~ " if block.change is Change.CHANGED else "  "
            shown.line(sign, *moved, lead, *map(_run, block.runs), where, indent=indent, hang=2)


def _run(run: Run) -> Words:
    match run.mark:
        case Mark.DELETED:
            return styled(f"[-{run.text}-]", "red strike")
        case Mark.INSERTED:
            return styled(f"{{+{run.text}+}}", "green underline")
        case Mark.EQUAL:
            return run.text
