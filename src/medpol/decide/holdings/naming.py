"""Which policies name a code, found without reading the rows of all of them."""

from __future__ import annotations

from collections.abc import Iterable

from medpol.decide.rows import PlanCode
from medpol.model.policy import CodeRow

_Key = tuple[str, str]
"""A code system, and the text of a code or of the beginning of codes."""


class Naming:
    """The policies of a library by the codes that their rows name."""

    __slots__ = ("_beginnings", "_exact")

    def __init__(self, rows: Iterable[tuple[str, CodeRow | PlanCode]]) -> None:
        """``rows``: each with the number of its policy."""
        self._exact: dict[_Key, dict[str, None]] = {}
        self._beginnings: dict[_Key, dict[str, None]] = {}
        for policy, row in rows:
            if row.pattern is not None:
                held = self._beginnings if row.pattern.is_prefix else self._exact
                held.setdefault((row.system, row.pattern.text), {})[policy] = None

    def of(self, system: str, code: str) -> tuple[str, ...]:
        """The policies of which some version names the code, in any role, in the order of their numbers."""
        found = dict(self._exact.get((system, code), {}))
        for end in range(1, len(code) + 1):
            found |= self._beginnings.get((system, code[:end]), {})
        return tuple(sorted(found))
