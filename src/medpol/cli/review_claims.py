"""The claims of a review: one pass over them under the version that stands and under the draft."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from medpol.claims.sources import ClaimInput
from medpol.cli.claims import map_given, telling_refusals, work_folder
from medpol.cli.claims_progress import RunProgress
from medpol.cli.review import ClaimsGiven
from medpol.decide.engines.run.contracts import with_contracts
from medpol.decide.engines.run.running import Done
from medpol.decide.holdings import open_desk
from medpol.decide.one import Desk
from medpol.impact import Claims, Side, compare
from medpol.impact.comparing import Asked
from medpol.library import Library
from medpol.model.policy import PolicyVersion
from medpol.renewal import Renewed
from medpol.renewal.values import Volume
from medpol.renewal.volume import volume_of


def volume_of_claims(library: Library, draft: Renewed, standing: PolicyVersion, said: ClaimsGiven) -> Volume:
    """What the claims say of the policy. Other policies are left out: they would answer lines that are not its own."""
    with telling_refusals(), work_folder(None) as work, RunProgress() as progress:
        before, after = (_opened(each, standing.policy, said, work / name) for name, each in _two(library, draft))
        how = map_given(said.map, tuple(dict.fromkeys((*before.lines, *after.lines))))
        given = Claims(
            inputs=tuple(ClaimInput(path, how) for path in said.files),
            work=_folder(work / "claims"),
            eligibility=None if said.eligibility is None else ClaimInput(said.eligibility, how),
            told=lambda doing, lines, of: progress.told(Done(doing, lines, of)),
        )
        asked = Asked(
            Side(library.root, before.plan.plan_hash),
            Side(library.root, after.plan.plan_hash, policy=standing.policy, in_force_from=draft.effective),
            said.known_on,
            examples=0,
        )
        return volume_of(compare(before, after, given, asked), standing)


def _two(library: Library, draft: Renewed) -> Iterator[tuple[str, Library]]:
    yield "before", library
    yield "after", draft.library


def _opened(library: Library, policy: str, said: ClaimsGiven, work: Path) -> Desk:
    alone = replace(library, versions=library.of(policy))
    if said.contracts is not None:
        alone = with_contracts(alone, ClaimInput(said.contracts), _folder(work))
    return open_desk(alone).desk


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
