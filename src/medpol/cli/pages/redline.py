"""A redline as a page at the terminal: what it means, then the words, readable without colour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from medpol.cli.output import Page, Words, counted, styled
from medpol.cli.pages.words import heading
from medpol.library.redline import Block, Change, Item, Kind, Mark, Redline, Run, SectionWords
from medpol.library.redline import Words as RedlineWords
from medpol.library.redline.phrases import (
    QUOTED,
    SIGNS,
    between_words,
    block_places,
    gap_words,
    grouped,
    places_words,
    section_title,
    version_words,
)
from medpol.model.criteria import UNNAMED_RULE

_STYLES = {
    Kind.ADDED: "green",
    Kind.REMOVED: "red",
    Kind.CHANGED: "yellow",
    Kind.MOVED: "cyan",
    Kind.REWORDED: "dim",
    Kind.UNCHANGED: "dim",
}
_ASCII = {"⇄": "<>", "≈": "^", "→": "->", "“": '"', "”": '"', "…": "...", "·": "-", "○": "o"}

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
    sign, style = SIGNS[each.kind], _STYLES[each.kind]
    is_named = each.rule not in (None, UNNAMED_RULE) and each.subject in QUOTED
    rule = f"{each.rule}: " if is_named else ""
    places = " → ".join(part for part in map(places_words, (each.before, each.after)) if part)
    is_quoted = each.subject in QUOTED
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
