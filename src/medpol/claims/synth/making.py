"""The door: a folder of synthetic claims with the tables beside them, the library they are about, and what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pyarrow as pa

from medpol.claims.synth.blocks import make_blocks, schema_of
from medpol.claims.synth.broken import write_broken
from medpol.claims.synth.library import CONTRACTS, contract_provisions, write_library
from medpol.claims.synth.planting import Form
from medpol.claims.synth.rows import DOCUMENTED, SPANS, TRUTH
from medpol.claims.synth.writing import table_at, write_x12

MAP = """\
# The column map of the synthetic claims: what a plan knows of its own extract.
data_source = "SYNTHETIC"

[history_complete_from]
SYNTHETIC = 2019-01-01

# A payer whose members are all commercial, for patients who have no id of their own.
[[line_of_business]]
payer = "ZZPAYER2"
line = "commercial"

# Of what eligibility says, the plan tells more than the payer type.
[[line_of_business]]
plan = "zz-individual"
line = "individual"

[[line_of_business]]
payer_type = "medicare"
plan = "zz-medicare-advantage"
line = "medicare_advantage"

[[contract]]
group_id = "ZZ-RIDER-GROUP"
contract = "zz-rider"
"""
_SUFFIXES = {Form.PARQUET: "parquet", Form.CSV: "csv", Form.PROFESSIONAL: "837", Form.INSTITUTIONAL: "837"}
LIBRARY, BROKEN = "policies", "broken"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. ``shipped``: the library of the package, whose policies are planted against as well."""

    rows: int
    seed: int
    out: Path
    shipped: Path
    form: Form = Form.PARQUET
    faults: Fraction = Fraction(0)
    told: Callable[[int], None] = field(default=lambda rows: None)
    """Is told how many rows have been made."""


@dataclass(slots=True)
class Made:
    """What was made, in numbers."""

    claims: Path
    rows: int = 0
    truths: int = 0
    rejects: int = 0
    left_out: int = 0
    """Planted rows that claims of the form have no way to say."""


class FolderInUse(ValueError):
    """The folder holds something already."""


def make(order: Order) -> Made:
    """Write everything. Raises ``FolderInUse`` for a folder that is not empty, ``OSError`` where it cannot be written."""
    out = order.out
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise FolderInUse(str(out))
    write_library(out / LIBRARY, order.shipped)
    (out / "map.toml").write_text(MAP, "utf-8")
    with table_at(out, "contracts", order.form, CONTRACTS) as table:
        table.put(contract_provisions(out / LIBRARY))
    made = Made(out / f"claims.{_SUFFIXES[order.form]}")
    with ExitStack() as tables:
        eligibility = tables.enter_context(table_at(out, "eligibility", order.form, SPANS))
        facts = tables.enter_context(table_at(out, "facts", order.form, DOCUMENTED))
        truth = tables.enter_context(table_at(out, "truth", order.form, TRUTH))

        def claims() -> Iterator[pa.Table]:
            """The claims of each block, when what belongs to it is written."""
            for block in make_blocks(order.rows, order.seed, order.form, order.faults):
                eligibility.put(block.spans)
                facts.put(block.facts)
                truth.put(block.truth)
                made.rows += block.claims.num_rows
                made.left_out += block.left_out
                made.truths += block.truth.num_rows
                made.rejects += block.truth.num_rows - block.truth["reject_key"].null_count
                yield block.claims
                order.told(made.rows + made.left_out)

        if order.form.is_x12:
            write_x12(made.claims, order.form, claims())
        else:
            with table_at(out, "claims", order.form, schema_of(order.faults)) as table:
                for each in claims():
                    table.put(each)
    if order.faults:
        write_broken(out / BROKEN, order.form, order.seed)
    return made
