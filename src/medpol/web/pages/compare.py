"""The redline of two versions of a policy: what the change means, then the words, inline or side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from medpol.decide.holdings import NoVersionNamed
from medpol.decide.holdings.withheld import without_prose
from medpol.decide.one import PreparedVersion
from medpol.library.redline import Block, Change, Item, Mark, Redline, Run, SectionWords, VersionNamed
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
from medpol.lifecycle import Period, last_day, periods
from medpol.model.criteria import UNNAMED_RULE
from medpol.web.asof import address as address_of
from medpol.web.asof import general_bar, read_day
from medpol.web.markdown import heading, sentence, words
from medpol.web.pages.page import Content, Elsewhere, Page, Visit
from medpol.web.pages.policy import policy_address, policy_named
from medpol.web.problems import Near, bad_request, not_found

SIDE = "side"
_BETWEEN_CELLS = re.compile(r" ?\| ?")
_FEW = 2
"""So many unchanged passages in a row are shown as they are; more are folded."""


def compare_address(policy: str, before: date, after: date) -> str:
    return address_of(f"{policy_address(policy)}/compare", [("from", before), ("to", after)])


def redline_at(visit: Visit, number: str, first: date, second: date) -> Redline:
    """The redline of the versions that two days name, without what is not ours to show. Raises ``Refused``."""
    try:
        found = visit.served.redlines(number, first, second, visit.as_of.known_on)
    except NoVersionNamed as problem:
        near = (Near(str(day), visit.as_of.on(day).link(policy_address(number))) for day in problem.near)
        raise not_found("no version stands on one of the two days", *near, mend="choose a first day") from None
    return without_prose(found, visit.served.withheld)


def find_redline(visit: Visit) -> Content | Elsewhere:
    number = policy_named(visit, visit.place["number"])
    address, query = f"{policy_address(number)}/compare", visit.query
    held = periods(visit.served.desk.versions[number], visit.as_of.known_on)
    first, second = read_day(query, "from"), read_day(query, "to")
    if first is None or second is None or visit.place["number"] != number:
        before, after = _offered(held, visit.as_of.date_of_service)
        chosen = {"from": first or before, "to": second or after}
        return Elsewhere(visit.as_of.link(address + visit.place["ending"], **chosen))
    view = query.get("view", "")
    if view not in ("", SIDE):
        raise bad_request("view", "there is no such view", f"{SIDE}, or nothing for the text inline")
    value = redline_at(visit, number, first, second)
    keep = {"from": str(first), "to": str(second)} | ({"view": view} if view else {})
    title = f"{number}: {version_words(value.before)} against {version_words(value.after)}"
    bar = general_bar(visit.as_of, address, keep)
    dressed = _dressed(value) | {"choices": _choices(held), "view": view, "named": (first, second)}
    stamp = f"sha256 {value.before.content_hash} against {value.after.content_hash}"
    return Content(title, address, value, bar, keep, cite=title, dressed=dressed, stamp=stamp)


def _offered(held: Sequence[Period[PreparedVersion]], day: date) -> tuple[date, date]:
    """The text that stands on a day, or the last before it, and the text before that one."""
    texts = [each.start for each in held if not each.is_archived] or [held[0].start]
    begun = [each for each in texts if each <= day] or texts[:1]
    return (begun[-2] if len(begun) > 1 else begun[-1]), begun[-1]


def _choices(held: Sequence[Period[PreparedVersion]]) -> tuple[tuple[date, str], ...]:
    """The versions to choose from, in words."""
    return tuple(
        (each.start, f"{each.start}{' archived' if each.is_archived else ''}, {_until(each)}") for each in held
    )


def _until(period: Period[PreparedVersion]) -> str:
    end = last_day(period.end)
    return "no end announced" if end is None else f"through {end}"


# ---------------------------------------------------------------------------- the value in words


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item of meaning: its sign, what it says, and the sentences worth reading beside it."""

    sign: str
    kind: str
    rule: str
    says: str
    places: str
    quotes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Passages:
    """Passages of a section in a row; ``is_folded``: nothing differs in them."""

    is_folded: bool
    passages: tuple[PassageShown, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a row of a table under the head of its column, with the runs of both versions."""

    head: str
    runs: tuple[Run, ...]

    @property
    def before(self) -> tuple[Run, ...]:
        return _without(Mark.INSERTED, self.runs)

    @property
    def after(self) -> tuple[Run, ...]:
        return _without(Mark.DELETED, self.runs)


@dataclass(frozen=True, slots=True)
class PassageShown:
    """One passage: the runs of both versions for the text inline, those of each for the two side by side.

    A row of a table is shown by its ``cells``.
    """

    block: Block
    anchor: str
    moved: str
    place: str
    before: tuple[Run, ...]
    after: tuple[Run, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class SectionShown:
    anchor: str
    title: str
    is_same: bool
    what: str
    passages: int
    groups: tuple[Passages, ...]


def _dressed(value: Redline) -> dict[str, Any]:
    sections = () if value.words is None else tuple(map(_section, value.words.sections))
    return {
        "before": version_words(value.before),
        "after": version_words(value.after),
        "between": between_words(value.versions_between) if value.versions_between else "",
        "gaps": gap_words(value.gaps, value.days_without_policy) if value.days_without_policy else "",
        "groups": [(name, tuple(map(_item, inside))) for name, inside in grouped(value.meaning or ())],
        "sections": sections,
        "is_withheld": value.words is None,
    }


def _item(each: Item) -> ItemShown:
    is_quoted = each.subject in QUOTED
    rule = each.rule if is_quoted and each.rule not in (None, UNNAMED_RULE) else ""
    places = " → ".join(part for part in map(places_words, (each.before, each.after)) if part)
    quotes = tuple(
        (name, said.text, places_words((said,)))
        for name, saids in (("from", each.before), ("to", each.after))
        for said in saids
    )
    sign = SIGNS[each.kind]
    return ItemShown(
        sign, each.kind.value, rule or "", each.says, "" if is_quoted else places, quotes if is_quoted else ()
    )


def _section(section: SectionWords) -> SectionShown:
    is_same = section.change is Change.EQUAL and not section.is_moved
    parts = [{Change.INSERTED: "inserted", Change.DELETED: "deleted"}.get(section.change, "")]
    parts.append("⇄ moved" if section.is_moved else "")
    what = ", ".join(part for part in parts if part)
    anchor = f"section-{section.to_line}" if section.to_line is not None else f"from-section-{section.from_line}"
    return SectionShown(anchor, section_title(section), is_same, what, len(section.blocks), tuple(_groups(section)))


def _groups(section: SectionWords) -> Iterator[Passages]:
    """The passages in a row that differ, or do not. The heads of a table stand at the cells of its other rows."""
    headed = zip(section.blocks, _heads(section.blocks), strict=True)
    for is_same, blocks in groupby(headed, key=lambda each: _is_same(each[0])):
        shown = tuple(_passage(block, heads) for block, heads in blocks if heads or block.kind != "row" or not is_same)
        if shown:
            yield Passages(is_same and len(shown) > _FEW, shown)


def _is_same(block: Block) -> bool:
    return block.change is Change.EQUAL and not block.is_moved


def _heads(blocks: Iterable[Block]) -> Iterator[tuple[str, ...]]:
    """For each passage the heads of the columns, where it is a row of a table that is not its first."""
    heads: tuple[str, ...] = ()
    for block in blocks:
        is_row = block.kind == "row"
        yield heads if is_row else ()
        if not is_row:
            heads = ()
        elif not heads:
            heads = tuple("".join(run.text for run in runs).strip() for runs in _cells(block.runs))


def _cells(runs: Iterable[Run]) -> list[list[Run]]:
    """The runs of a row cell by cell. Where one version has a cell more, what it says stands in the next one's place."""
    cells: list[list[Run]] = [[]]
    before = after = 0
    for run in runs:
        for place, text in enumerate(_BETWEEN_CELLS.split(run.text)):
            if place:
                before += run.mark is not Mark.INSERTED
                after += run.mark is not Mark.DELETED
            at = before if run.mark is Mark.DELETED else after
            cells += [[] for _ in range(at + 1 - len(cells))]
            if text.strip():
                cells[at].append(Run(run.mark, text))
    return cells


def _named_cells(block: Block, heads: Sequence[str]) -> Iterator[Cell]:
    for place, runs in enumerate(_cells(block.runs)):
        if runs:
            yield Cell(heads[place] if place < len(heads) else "", tuple(runs))


def _without(mark: Mark, runs: Iterable[Run]) -> tuple[Run, ...]:
    return tuple(each for each in runs if each.mark is not mark)


def _passage(block: Block, heads: Sequence[str]) -> PassageShown:
    is_same = _is_same(block)
    moved = ""
    if block.is_moved:
        moved = "moved" + (f" from “{block.moved_from}”" if block.moved_from else "")
    anchor = f"to-{block.to_line}" if block.to_line is not None else f"from-{block.from_line}"
    return PassageShown(
        block,
        anchor,
        moved,
        "" if is_same else block_places(block),
        _without(Mark.INSERTED, block.runs),
        _without(Mark.DELETED, block.runs),
        tuple(_named_cells(block, heads)) if block.kind == "row" else (),
    )


# ---------------------------------------------------------------------------- as Markdown


def _markdown(visit: Visit, content: Content) -> bytes:
    return "\n".join(_lines(content.value)).encode()


def _lines(value: Redline) -> Iterator[str]:
    yield heading(1, f"{value.policy} {value.title}: redline")
    for name, version in (("From", value.before), ("To", value.after)):
        yield f"- {name}: {_named(version)}"
    yield f"\n**{words(value.verdict)}.**\n"
    yield heading(2, "What it means")
    shown = _dressed(value)
    for line in (shown["between"], shown["gaps"]):
        if line:
            yield f"{words(line)}\n"
    for name, items in shown["groups"]:
        yield heading(3, name)
        for each in items:
            rule = f"{words(each.rule)}: " if each.rule else ""
            yield f"- {each.kind}: {rule}{words(each.says)}"
            for side, text, place in each.quotes:
                yield f"    - {side}: “{sentence(text)}” ({words(place)})"
        yield ""
    yield heading(2, "The words")
    if value.words is None:
        yield "The words are not shown: the rights of these documents do not allow it.\n"
    for section in shown["sections"]:
        yield from _section_lines(section)


def _named(version: VersionNamed) -> str:
    return f"{version_words(version)}, {words(version.file)}, sha256 {version.content_hash}"


def _section_lines(section: SectionShown) -> Iterator[str]:
    if section.is_same:
        yield f"{words(section.title)}: unchanged.\n"
        return
    yield heading(3, section.title + (f" ({section.what})" if section.what else ""))
    for group in section.groups:
        if group.is_folded:
            yield f"… {len(group.passages)} passages unchanged\n"
            continue
        for each in group.passages:
            lead = f"⇄ {words(each.moved)}: " if each.moved else ""
            yield f"{lead}{''.join(map(_run, each.block.runs))}\n"


def _run(run: Run) -> str:
    edge = run.text[: len(run.text) - len(run.text.lstrip())], run.text[len(run.text.rstrip()) :]
    held = sentence(run.text)
    match run.mark:
        case Mark.DELETED:
            held = f"<del>{held}</del>"
        case Mark.INSERTED:
            held = f"<ins>{held}</ins>"
    return f"{' ' if edge[0] else ''}{held}{' ' if edge[1] and run.text.strip() else ''}"


REDLINE = Page("/policies/{number:str}/compare", "compare.html", find_redline, twins={".md": _markdown}, prints=True)
