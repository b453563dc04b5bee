"""One block of rows: the plants, then the background, then what is broken on purpose; and what is true of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from medpol.claims.synth.background import background
from medpol.claims.synth.faults import with_faults
from medpol.claims.synth.members import facts, spans
from medpol.claims.synth.planted import PlantedRows
from medpol.claims.synth.planting import Form
from medpol.claims.synth.plants import PLANTS
from medpol.claims.synth.rows import CLAIMS, TRUTH
from medpol.claims.synth.words import Words

BLOCK_ROWS = 1 << 16
"""Rows of a block. A smaller number of rows is the beginning of a block, never another one."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows as they are written; ``left_out`` counts the planted rows that claims of the form cannot say."""

    claims: pa.Table
    spans: pa.Table
    facts: pa.Table
    truth: pa.Table
    left_out: int


def schema_of(share: Fraction) -> pa.Schema:
    """The schema of the claims: with broken cells, all of it is text, as an extract that holds them would be."""
    return pa.schema([(name, pa.string()) for name in CLAIMS.names]) if share else CLAIMS


def make_blocks(rows: int, seed: int, form: Form, share: Fraction) -> Iterator[Block]:
    """The blocks of a file of ``rows``; ``share`` of its rows are broken."""
    planted = PlantedRows(PLANTS, form)
    written = 0
    for number in range(-(-rows // BLOCK_ROWS)):
        block = _block(planted, Words(seed, number), form, share, min(BLOCK_ROWS, rows - number * BLOCK_ROWS), written)
        written += block.claims.num_rows
        yield block


def _block(planted: PlantedRows, words: Words, form: Form, share: Fraction, rows: int, written: int) -> Block:
    plants = planted.of_block(words.block, rows)
    first_row = words.block * BLOCK_ROWS + planted.count
    claims = pa.concat_tables([plants.claims, background(words, form, first_row, BLOCK_ROWS - planted.count)])
    truth = plants.truth
    if share:
        claims, broken = with_faults(claims, words, form, share, planted.count)
        truth = pa.concat_tables([truth, broken.filter(pc.less(broken["at"], rows))])
    is_written = np.ones(rows, dtype=np.bool_)
    carried = np.array(planted.is_carried, dtype=np.bool_)[:rows]
    is_written[: len(carried)] = carried
    claims = claims.slice(0, rows).filter(pa.array(is_written))
    place = np.cumsum(is_written) + written
    at = truth["at"].to_numpy()
    numbered = truth.set_column(TRUTH.get_field_index("row"), "row", pa.array(place[at], pa.int64()))
    return Block(
        claims.cast(schema_of(share)),
        pa.concat_tables([plants.spans, spans(words)]),
        pa.concat_tables([plants.facts, facts(words)]),
        numbered.drop_columns("at"),
        int((~is_written).sum()),
    )
