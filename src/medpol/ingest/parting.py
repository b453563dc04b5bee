"""A document's blocks parted into its header and its sections, by headings, by lines set off, by words that open a paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from medpol.ingest.blocks import Block, Part
from medpol.ingest.bodies import Passage
from medpol.ingest.coding import CodingSection
from medpol.ingest.contexts import context_of, position_heading
from medpol.ingest.header import is_layout
from medpol.ingest.pages import Pages
from medpol.ingest.populations import opens_population
from medpol.ingest.profiles import NO_PROFILE, Profile
from medpol.ingest.report import Account
from medpol.ingest.synonyms import section_named
from medpol.model.policy import SectionName

_CLOSED = frozenset({SectionName.CRITERIA, SectionName.GUIDELINES, SectionName.REFERENCES, SectionName.HISTORY})
_OPENS_ANYWHERE = frozenset(
    {SectionName.CODING, SectionName.DOCUMENTATION, SectionName.HISTORY, SectionName.REFERENCES}
)
_HEADED = re.compile(r"(?P<heading>[A-Za-z][\w /&,()'-]{2,70}?)\s*:\s+(?P<rest>\S.*)", re.DOTALL)


def whole_heading(block: Block, profile: Profile) -> SectionName | None:
    """The section that a block names as a heading by itself: a heading, or a short line that is nothing else."""
    if block.kind == "heading":
        return section_named(block.text, profile)
    if block.kind == "paragraph" and len(block.parts) == 1 and len(block.text) <= 160:
        is_set_off = block.is_bold or block.text.isupper() or block.text.endswith(":")
        name = section_named(block.text, profile)
        if position_heading(block.text.rstrip(" :")) and not (block.is_bold or block.text.isupper()):
            return None
        return name if is_set_off or len(block.text.split()) <= 6 else None
    return None


@dataclass(slots=True)
class Parting:
    """Parts one document. ``front`` is what stands above its first section."""

    pages: Pages
    account: Account
    profile: Profile = NO_PROFILE
    front: list[Block] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    heads_are_bold: bool = False

    def part(self) -> None:
        """Part the blocks into the header and the sections."""
        base = min(
            (
                block.level
                for block in self.pages.blocks
                if block.kind == "heading" and section_named(block.text, self.profile)
            ),
            default=2,
        )
        named = [block for block in self.pages.blocks if whole_heading(block, self.profile) is not None]
        self.heads_are_bold = sum(block.kind == "paragraph" and block.is_bold for block in named) > 2 and not any(
            block.kind == "heading" for block in named
        )
        heading, name = "", None
        blocks: list[Block] = []
        pieces = [piece for block in self.pages.blocks for piece in _pieces(block, self.profile)]
        for block in pieces:
            if is_layout(block, self.account):
                continue
            opened = self._opens(block, base, bool(heading), name)
            if opened is None:
                blocks.append(block)
                continue
            self._close(heading, name, blocks)
            heading, name, rest = opened
            blocks = [rest] if rest is not None else []
            if rest is None:
                self.account.taken(block.lines, f"heading of the section {name.value if name else heading}")
        self._close(heading, name, blocks)
        self._reconsider()

    def _close(self, heading: str, name: SectionName | None, blocks: Sequence[Block]) -> None:
        if heading:
            self.passages.append(Passage(heading, name, tuple(blocks)))
        else:
            self.front += blocks

    def _opens(
        self, block: Block, base: int, is_inside: bool, current: SectionName | None
    ) -> tuple[str, SectionName | None, Block | None] | None:
        """Heading, name and first words of the section that a block opens, or ``None`` where it opens none."""
        text = block.text
        if block.kind == "heading":
            return self._by_heading(block, base, is_inside, current)
        if block.kind != "paragraph":
            return None
        name = whole_heading(block, self.profile)
        if name is not None and (current not in _CLOSED or name in _OPENS_ANYWHERE or self._is_outer(block, current)):
            return text, name, None
        if self._is_unknown_head(block, current) and is_inside:
            return text, None, None
        return self._by_lead(block, current)

    def _by_lead(
        self, block: Block, current: SectionName | None
    ) -> tuple[str, SectionName | None, Block | None] | None:
        """A paragraph that opens a section by its first words: bold, or in capitals before a colon."""
        match = _HEADED.fullmatch(block.text)
        lead = block.lead.rstrip(" :")
        if match is not None and (match["heading"].isupper() or lead == match["heading"].strip()):
            lead = match["heading"].strip()
        name = section_named(lead, self.profile) if lead else None
        stays = current in _CLOSED and current is not name and name not in _OPENS_ANYWHERE and not lead.isupper()
        if name is None or position_heading(lead) or stays:
            return None
        rest = _behind(block, lead)
        return (lead, name, rest) if rest is not None else None

    def _is_unknown_head(self, block: Block, current: SectionName | None) -> bool:
        """Whether a bold line heads a section that we do not know, in a document whose sections are headed by bold lines."""
        is_short = len(block.text.split()) <= 8 and re.search(r"[.;,:]$", block.text) is None
        return self.heads_are_bold and block.is_bold and is_short and current is not SectionName.CRITERIA

    def _is_outer(self, block: Block, current: SectionName | None) -> bool:
        """Whether a line set off inside a closed section ends it: bold or in capitals, and no position of the criteria."""
        is_position = bool(position_heading(block.text.rstrip(" :")))
        if current is SectionName.CRITERIA and is_position:
            return False
        return block.is_bold or block.text.isupper()

    def _by_heading(
        self, block: Block, base: int, is_inside: bool, current: SectionName | None
    ) -> tuple[str, SectionName | None, Block | None] | None:
        text = block.text
        name = section_named(text, self.profile)
        if name is SectionName.CRITERIA and position_heading(text.rstrip(" :")) and current is SectionName.CRITERIA:
            return None
        if current is SectionName.CRITERIA and context_of(text, 9999).kind in ("days", "phase"):
            return None
        if block.level <= base:
            if name is None and not is_inside:
                return None
            return text, name, None
        may_open = name is not None and (current not in _CLOSED or name in _OPENS_ANYWHERE)
        if may_open and name is SectionName.CRITERIA and current is not None:
            may_open = bool(position_heading(text.rstrip(" :")))
        return (text, name, None) if may_open else None

    def _reconsider(self) -> None:
        """Sections whose content tells another name than their heading: evidence under "Summary", codes under guidelines."""
        found = []
        for passage in self.passages:
            name = passage.name
            if name is SectionName.INTRODUCTION and any(map(opens_population, passage.blocks)):
                name = SectionName.EVIDENCE
            found.append(replace(passage, name=name))
        self.passages = [piece for passage in found for piece in self._without_codes(passage)]

    def _without_codes(self, passage: Passage) -> Sequence[Passage]:
        """A section of considerations, with its tables of codes as a Coding section of their own."""
        if passage.name is not None:
            return (passage,)
        codes = [block for block in passage.blocks if CodingSection.is_code_table(block)]
        if not codes:
            return (passage,)
        rest = tuple(block for block in passage.blocks if block not in codes)
        return (replace(passage, blocks=rest), Passage("", SectionName.CODING, tuple(codes)))


def _pieces(block: Block, profile: Profile) -> Sequence[Block]:
    """A paragraph parted at lines that head sections: where lines stand close, they are read as one paragraph."""
    if block.kind != "paragraph" or len(block.parts) < 2:
        return (block,)
    found: list[list[Part]] = [[]]
    for part in block.parts:
        words = part.text.strip()
        is_head = (words.isupper() or words.endswith(":")) and section_named(words, profile) is not None
        if is_head and (words.isupper() or not position_heading(words.rstrip(" :"))):
            found += [[part], []]
        else:
            found[-1].append(part)
    if len(found) == 1:
        return (block,)
    pieces = []
    for parts in filter(None, found):
        own = tuple(dict.fromkeys(part.line for part in parts))
        pieces.append(replace(block, parts=tuple(parts), lead="", is_bold=False, lines=own))
    spoken = {line for piece in pieces for line in piece.lines}
    rest = tuple(line for line in block.lines if line not in spoken)
    return (replace(pieces[0], lines=(*pieces[0].lines, *rest)), *pieces[1:])


def _behind(block: Block, lead: str) -> Block | None:
    """A paragraph without the words that open it; ``None`` where it does not open with them, or holds nothing else."""
    words = re.escape(lead).replace(r"\ ", r"\s+")
    first = block.parts[0]
    rest = re.sub(rf"^\s*{words}\s*:?\s*", "", first.text, count=1)
    if rest == first.text:
        return None
    parts = (*((Part(rest, first.line),) if rest else ()), *block.parts[1:])
    return replace(block, parts=parts, lead="", is_bold=False) if parts else None
