"""The library that the plants were read in: the shipped one, and invented policies beside it on the invented system ZZ."""

from __future__ import annotations

import re
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from medpol.model.codes import CodeSystems
from medpol.model.contract import CoverageSource, Provision
from medpol.model.diagnostic import errors
from medpol.text.names import Vocabulary
from medpol.text.source import Findings
from medpol.text.sources import read_source

DOCUMENTS = Path(str(files("medpol.claims.synth") / "documents"))
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[0-9]{4}-[0-9]{2}-[0-9]{2})?\.md", re.ASCII)
_GROUP = re.compile(r"^\| *([a-z][a-z0-9-]*) *\|", re.MULTILINE | re.ASCII)
"""The first cell of a row of a Coding table."""
SYSTEM = ("ZZ", "ZZ[0-9]{4}")
"""The invented code system, as ``medpol.toml`` declares it."""
_SHARED = ("contracts", "mandates")
_SETTINGS = ("adjustments.toml",)
CONTRACTS = pa.schema(
    [
        (name, pa.string())
        for name in (
            "contract_id",
            "from",
            "to",
            "rank",
            "effect",
            "code_system",
            "code",
            "group",
            "coverage_position",
            "when",
            "clause",
            "published",
            "group_code",
        )
    ]
)
"""One row per provision of a contract, as ``contracts/`` of the library says it; ``to`` is the last day."""


def write_library(folder: Path, shipped: Path) -> None:
    """Writes the library; ``shipped`` is the one of the package. Plans, facts and settings are those of the invented one."""
    for root in (shipped, DOCUMENTS):
        for path in sorted(root.rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and (root is DOCUMENTS or _is_taken(relative)):
                target = folder / relative
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())


def _is_taken(relative: Path) -> bool:
    """Of the shipped library: versions, contracts and mandates, adjustment codes."""
    if len(relative.parts) == 1:
        return relative.name in _SETTINGS
    if relative.parts[0] in _SHARED:
        return True
    return len(relative.parts) == 2 and _VERSION.fullmatch(relative.name) is not None


def contract_provisions(folder: Path) -> pa.Table:
    """What the contracts of the library at ``folder`` provide."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*/*.md")))
    groups = tuple(dict.fromkeys(_GROUP.findall(text)))
    vocabulary = Vocabulary(systems=CodeSystems(declared=(SYSTEM,)))
    rows: list[dict[str, str | None]] = []
    for path in sorted((folder / "contracts").glob("*.md"), key=lambda path: path.stem):
        findings = Findings(path.name)
        contract = read_source(path.read_text("utf-8"), findings, vocabulary, groups, ())
        assert contract is not None and not errors(findings.found), f"{path}: {findings.found}"
        rows += [_provision_row(contract, each) for each in contract.provisions]
    return pa.Table.from_pylist(rows, CONTRACTS)


def _provision_row(contract: CoverageSource, provision: Provision) -> dict[str, str | None]:
    published = provision.published or contract.published
    return {
        "contract_id": contract.id,
        "from": _day(max(filter(None, (contract.period.start, provision.period.start)), default=None)),
        "to": _last_day(min(filter(None, (contract.period.end, provision.period.end)), default=None)),
        "rank": str(contract.rank.value),
        "effect": provision.effect.value,
        "code_system": provision.system,
        "code": provision.code,
        "group": provision.group,
        "coverage_position": None if provision.position is None else provision.position.value,
        "when": provision.when_code or None,
        "clause": provision.clause,
        "published": _day(published),
        "group_code": contract.group_code,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else str(day)


def _last_day(end: date | None) -> str | None:
    """Periods are half-open inside, and name their last day outside."""
    return None if end is None else str(end - timedelta(days=1))
