"""A library without errors, with its plan ready to answer: what is asked for everything a library holds on a day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from medpol.decide.holdings.naming import Naming
from medpol.decide.holdings.pieces import code_written
from medpol.decide.one import Desk, PreparedVersion
from medpol.decide.plan import compile_library
from medpol.library import Library, oldest_first
from medpol.model.codes import FREE_TEXT_SYSTEMS, shown
from medpol.model.policy import PolicyVersion

_Key = tuple[str, str]
"""A code system, and the text of a code or of the beginning of codes."""


@dataclass(frozen=True)
class Opened:
    """A library and its desk; what is looked up in it again and again is put in order once, when first asked for."""

    library: Library
    desk: Desk

    def prepare(self) -> None:
        """Put all of it in order now."""
        _ = self.by_policy, self.naming, self.by_beginning

    @cached_property
    def by_policy(self) -> dict[str, tuple[PolicyVersion, ...]]:
        """The versions of each policy in the order of ``Library.of``, policies in the order of their numbers."""
        held: dict[str, list[PolicyVersion]] = {policy: [] for policy in self.library.policies()}
        for version in self.library.versions:
            held[version.policy].append(version)
        return {policy: oldest_first(versions) for policy, versions in held.items()}

    def of(self, policy: str) -> tuple[PolicyVersion, ...]:
        """The versions of one policy, by first day and then by the day they became known; drafts last."""
        return self.by_policy.get(policy, ())

    def read(self, policy: str, version: PreparedVersion) -> PolicyVersion:
        """The version as it was read, of which the desk holds the prepared one."""
        return next(each for each in self.of(policy) if each.source.file == version.row.file)

    @cached_property
    def naming(self) -> Naming:
        held = self.desk.versions.items()
        return Naming((policy, row) for policy, versions in held for each in versions for row in each.row.codes)

    def spelled(self, system: str, code: str) -> str:
        """A code as people write it; one of a plan's own as the newest document does that names it."""
        if system in FREE_TEXT_SYSTEMS:
            for policy in self.naming.of(system, code):
                for version in self.desk.versions[policy]:
                    for row in version.row.codes:
                        if row.system == system and row.pattern is not None and row.pattern.text == code:
                            return code_written(row, self.library.texts.get(version.row.file, "")) or code
        return shown(system, code)

    @cached_property
    def by_beginning(self) -> dict[str, tuple[_Key, ...]]:
        """The codes with stated days by all but their last sign, for offering near ones."""
        held: dict[str, list[_Key]] = {}
        for key in self.desk.days:
            held.setdefault(key[1][:-1], []).append(key)
        return {beginning: tuple(keys) for beginning, keys in held.items()}


def open_desk(library: Library) -> Opened:
    """The library compiled. Raises ``ValueError`` where one of its documents has errors."""
    return Opened(library, Desk(compile_library(library)))
