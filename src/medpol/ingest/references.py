"""The numbered references of a document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from medpol.ingest.blocks import Block
from medpol.ingest.escape import prose
from medpol.ingest.report import Account
from medpol.model.diagnostic import Source
from medpol.model.evidence import Reference
from medpol.text.evidence import cited

_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(.+)", re.DOTALL)


def read_references(
    blocks: Sequence[Block], account: Account
) -> tuple[tuple[Reference, ...], tuple[Block, ...], tuple[str, ...]]:
    """The numbered references, the blocks that are none, and the doubts. A number that is missing keeps its place."""
    found: list[Reference] = []
    others: list[Block] = []
    doubts: list[str] = []
    for block in blocks:
        number, text = block.number, block.text
        if block.kind == "paragraph" and (match := _NUMBERED.fullmatch(text)):
            number, text = int(match[1]), match[2]
        if block.kind not in ("paragraph", "item") or number is None or not len(found) < number <= len(found) + 50:
            others.append(block)
            continue
        while len(found) + 1 < number:
            doubts.append(f"reference {len(found) + 1} is not printed: what is it?")
            account.doubtful(block.lines, doubts[-1])
            found.append(cited("Not printed in the source.", len(found) + 1, Source("")))
        reference = cited(prose(text), number, Source(""))
        found.append(reference)
        fields = [name for name in ("authors", "title", "journal", "date", "pmid") if getattr(reference, name)]
        account.taken(block.lines, f"reference {number}: {', '.join(fields) or 'text'}")
    return tuple(found), tuple(others), tuple(doubts)
