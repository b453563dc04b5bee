"""Lists whose labels are typed into paragraphs: "1 improvement", "(a) gout", "iii. rust"; items where a run proves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from medpol.ingest.blocks import Block, Part
from medpol.ingest.bullets import JOINING
from medpol.ingest.labels import ENDS, JOINS, Label, Unit, depths, label_of, proven


@dataclass(frozen=True, slots=True)
class Labelled:
    """A line of a paragraph: its words, its label where it begins with one, and whether a run shows that it is a label."""

    words: str
    line: int
    mark: str = ""
    is_proven: bool = False
    depth: int = 0


def typed_labels(parts: Sequence[Part]) -> tuple[Labelled, ...]:
    """The lines of one paragraph or cell with their labels; a run must stand in those lines alone."""
    units = [Unit(label_of(part.text.strip())) for part in parts]
    return _settled([(part, unit.label) for part, unit in zip(parts, units, strict=True)], units)


def labelled(blocks: Sequence[Block]) -> Mapping[int, tuple[Labelled, ...]]:
    """The labelled lines of the paragraphs among some blocks, by the place of their block, and those of items in one run
    with them. A heading, a table and a paragraph without a label end a run."""
    lines: list[tuple[Part, Label | None]] = []
    units: list[Unit] = []
    owners: list[int] = []
    for at, block in enumerate(blocks):
        for place, part in enumerate(block.parts if block.kind in ("paragraph", "item") else ()):
            label = label_of(part.text.strip()) if block.kind == "paragraph" else _of_item(block, place)
            lines.append((part, label))
            units.append(_unit(part) if block.kind == "paragraph" and not place else Unit(label))
            owners.append(at)
        if block.kind in ("heading", "table"):
            lines.append((Part("", 0), None))
            units.append(Unit(None, ENDS))
            owners.append(at)
    settled = _settled(lines, units)
    found: dict[int, list[Labelled]] = {}
    among: set[int] = set()  # items that stand in one run with paragraphs
    segment: list[int] = []
    is_mixed = False
    for at, each, unit in zip(owners, settled, units, strict=True):
        found.setdefault(at, []).append(each)
        if unit.kind == ENDS:
            segment, is_mixed = [], False
        elif each.is_proven:
            segment.append(at)
            is_mixed = is_mixed or blocks[at].kind == "paragraph"
            if is_mixed:
                among.update(segment)
                segment = []
    return {
        at: tuple(held)
        for at, held in found.items()
        if any(each.mark for each in held)
        and ((blocks[at].kind == "item" and at in among) or _may_be_typed(blocks[at]))
    }


def _may_be_typed(block: Block) -> bool:
    return block.kind == "paragraph" and not block.is_bold


def _of_item(block: Block, place: int) -> Label | None:
    return label_of(f"{block.mark} {block.text}") if block.mark and not place else None


def _unit(part: Part) -> Unit:
    text = part.text.strip()
    if JOINING.fullmatch(text):
        return Unit(None, JOINS)
    label = label_of(text)
    return Unit(label) if label is not None else Unit(None, ENDS)


def _settled(lines: Sequence[tuple[Part, Label | None]], units: Sequence[Unit]) -> tuple[Labelled, ...]:
    shown = proven(units)
    deep: dict[int, int] = {}
    run: list[tuple[int, str]] = []
    for at in range(len(lines) + 1):
        label = lines[at][1] if at in shown else None
        if label is not None:
            run.append((at, label.mark))
        elif at == len(lines) or units[at].kind == ENDS:
            deep |= zip((place for place, _ in run), depths([mark for _, mark in run]), strict=True)
            run = []
    return tuple(
        Labelled(label.words, part.line, label.mark, at in shown, deep.get(at, 0))
        if label is not None
        else Labelled(part.text, part.line)
        for at, (part, label) in enumerate(lines)
    )
