"""The standard sections of a published document to the bodies of ours; every other section whole, under its own heading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from medpol.ingest.blocks import Block
from medpol.ingest.escape import inline
from medpol.ingest.guidelines import INCLUSION_RULE, approval_needed, read_guideline
from medpol.ingest.header import NOTHING
from medpol.ingest.populations import read_populations
from medpol.ingest.references import read_references
from medpol.ingest.render import render
from medpol.ingest.report import Account
from medpol.ingest.trials import read_trials, trial_columns
from medpol.model.evidence import Population, Trial
from medpol.model.policy import (
    Addressed,
    Body,
    Definitions,
    EvidenceReview,
    Guidelines,
    Medicare,
    Prose,
    References,
    Regulatory,
    Section,
    SectionName,
    Trials,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A section of the source: its heading as printed, the standard name it has, and its blocks."""

    heading: str
    name: SectionName | None
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class Bodies:
    """Reads the passages of one document; ``related`` are the policies that its header relates, by number and title."""

    account: Account
    passages: Sequence[Passage]
    related: Sequence[tuple[str, str]] = ()
    doubts: list[str] = field(default_factory=list)
    populations: tuple[Population, ...] = ()

    def _ask(self, question: str, lines: Sequence[int] = ()) -> None:
        self.doubts.append(question)
        self.account.doubtful(lines, question)

    def blocks(self, name: SectionName) -> tuple[Block, ...]:
        return tuple(block for passage in self.passages if passage.name is name for block in passage.blocks)

    def sections(self) -> list[Section]:
        """Every section but criteria, Coding and History, in our order; an unknown one stays behind its neighbour."""
        order = {name: at for at, name in enumerate(SectionName)}
        found: list[tuple[float, Section]] = []
        done = {None, SectionName.CRITERIA, SectionName.CODING, SectionName.HISTORY}
        place = 0.0
        names = [passage.name for passage in self.passages]
        first = [SectionName.EVIDENCE] if SectionName.EVIDENCE in names else []
        bodies = {
            name: self._body(name)
            for name in (
                *first,
                *(each for each in names if each is not None and each not in done and each not in first),
            )
        }
        unknown: dict[str, list[Block]] = {}
        for passage in self.passages:
            if passage.name is None:
                unknown.setdefault(passage.heading, []).extend(passage.blocks)
        for passage in self.passages:
            if passage.name is None and passage.heading in unknown:
                blocks = unknown.pop(passage.heading)
                self._keep(blocks, passage.heading)
                found.append((place + 0.5, Section(inline(passage.heading), None, Prose(render(blocks)))))
            elif passage.name is not None:
                place = max(place, order[passage.name])
                body = bodies.pop(passage.name, None)
                if body is not None:
                    found.append((order[passage.name], Section(passage.name.value, passage.name, body)))
        if self.related and SectionName.RELATED not in names:
            listed = "\n".join(f"- {inline(number)} {inline(title)}" for number, title in self.related)
            found.append(
                (order[SectionName.RELATED], Section(SectionName.RELATED.value, SectionName.RELATED, Prose(listed)))
            )
        return [section for _, section in sorted(found, key=lambda each: each[0])]

    def _keep(self, blocks: Sequence[Block], what: str) -> None:
        for block in blocks:
            self.account.kept(block.lines, what)

    def _body(self, name: SectionName) -> Body | None:
        """The body of a standard section; ``None`` where the source says only that there is nothing."""
        blocks = self.blocks(name)
        if all(NOTHING.fullmatch(block.text) for block in blocks if block.kind != "table") and not any(
            block.rows for block in blocks
        ):
            for block in blocks:
                self.account.taken(block.lines, f"{name.value}: nothing")
            return None
        match name:
            case SectionName.INTRODUCTION:
                return self._introduction(blocks)
            case SectionName.DISCLAIMER:
                self._keep(blocks, name.value)
                return Addressed((), render(blocks))
            case SectionName.DEFINITIONS:
                self._keep(blocks, name.value)
                return Definitions(prose=render(blocks, tables=False))
            case SectionName.EVIDENCE:
                return self._evidence(blocks)
            case SectionName.TRIALS:
                return self._trials(blocks)
            case SectionName.GUIDELINES:
                return self._guidelines(blocks)
            case SectionName.MEDICARE:
                return self._medicare(blocks)
            case SectionName.REGULATORY:
                return self._regulatory(blocks)
            case SectionName.REFERENCES:
                references, others, doubts = read_references(blocks, self.account)
                self.doubts += doubts
                self._keep(others, name.value)
                return References(references, render(others, numbers=False))
            case _:
                self._keep(blocks, name.value)
                return Prose(render(blocks))

    def _introduction(self, blocks: Sequence[Block]) -> Addressed:
        audience: tuple[str, ...] = ()
        for block in blocks:
            if re.search(r"\bgeneral knowledge\b|\bfor (?:the )?(?:public|members)\b", block.text, re.IGNORECASE):
                audience = ("public",)
                self.account.taken(block.lines, "audience of the introduction: public")
        self._keep(blocks, SectionName.INTRODUCTION.value)
        return Addressed(audience, render(blocks))

    def _evidence(self, blocks: Sequence[Block]) -> EvidenceReview:
        reviewed = read_populations(blocks, self.account)
        self.populations = reviewed.populations
        self.doubts += reviewed.doubts
        self._keep(reviewed.others, SectionName.EVIDENCE.value)
        return EvidenceReview(reviewed.populations, render(reviewed.others))

    def _trials(self, blocks: Sequence[Block]) -> Trials:
        trials, others = list[Trial](), list[Block]()
        group: str | None = None
        columns: dict[str, int] | None = None
        for block in blocks:
            headed = trial_columns(block.rows[0]) if block.rows else None
            if headed is not None or (
                columns is not None and block.rows and re.match(r"NCT\d", block.rows[0].cells[0])
            ):
                table = read_trials(block.rows, self.populations, self.account, group, None if headed else columns)
                columns, group = headed or columns, table.group
                trials += table.trials
                self.doubts += table.doubts
            elif re.match(r"table \d+\b", block.text, re.IGNORECASE) and len(block.text) < 120:
                self.account.layout(block.lines, "caption of a table")
            elif re.fullmatch(r"(?:ongoing|unpublished)(?: trials?)?:?", block.text, re.IGNORECASE):
                group = block.text.casefold().strip(" :")
                self.account.taken(block.lines, f"trials below: {group}")
            else:
                others.append(block)
        self._keep(others, SectionName.TRIALS.value)
        return Trials(tuple(trials), render(others, tables=False))

    def _guidelines(self, blocks: Sequence[Block]) -> Guidelines:
        lead: list[Block] = []
        bodies: list[tuple[Block, list[Block]]] = []
        rule = ""
        for block in blocks:
            if block.kind == "heading" and block.level <= min((each.level for each, _ in bodies), default=6):
                bodies.append((block, []))
            elif bodies:
                bodies[-1][1].append(block)
            elif not rule and block.kind == "paragraph" and INCLUSION_RULE.search(block.text):
                rule = inline(block.text)
                self.account.taken(block.lines, "inclusion rule of the guidelines")
            else:
                lead.append(block)
                self.account.kept((*block.lines,), SectionName.GUIDELINES.value)
        guidelines = []
        for heading, inner in bodies:
            guideline, doubts = read_guideline(heading, inner, render(_lowered(inner)), self.account)
            guidelines.append(guideline)
            self.doubts += doubts
        return Guidelines(rule, tuple(guidelines), render(lead))

    def _medicare(self, blocks: Sequence[Block]) -> Medicare:
        first = next((at for at, block in enumerate(blocks) if block.kind == "paragraph"), None)
        if first is None:
            self._keep(blocks, SectionName.MEDICARE.value)
            return Medicare("", (), render(blocks, tables=False))
        rest = [*blocks[:first], *blocks[first + 1 :]]
        self.account.taken(blocks[first].lines, "Medicare statement")
        self._keep(rest, SectionName.MEDICARE.value)
        return Medicare(inline(blocks[first].text), (), render(rest, tables=False))

    def _regulatory(self, blocks: Sequence[Block]) -> Regulatory:
        needed = approval_needed(" ".join(block.text for block in blocks))
        lines = [line for block in blocks for line in block.lines]
        if needed is None:
            self._ask("is approval needed to market this? the section does not say it in words we know", lines)
        else:
            self.account.taken(lines, f"regulatory status: approval needed: {'yes' if needed else 'no'}")
        self._keep(blocks, SectionName.REGULATORY.value)
        return Regulatory(needed, render(blocks))


def _lowered(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Headings inside one body's text as bold-free paragraphs: a heading there would open another body."""
    return tuple(
        Block("paragraph", block.parts, lines=block.lines) if block.kind == "heading" else block for block in blocks
    )
