"""Where lines belong: the cells of each service that is asked about, and the profiles of members, as small tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from medpol.decide.table.arrow import table_of
from medpol.decide.table.services import Member, Services

_SPANS = pa.schema(
    [
        ("service", pa.int32()),
        ("contract", pa.string()),
        ("known_first", pa.date32()),
        ("known_after", pa.date32()),
        ("first_day", pa.date32()),
        ("day_after", pa.date32()),
        ("cell", pa.int32()),
    ]
)
_PROFILES = pa.schema(
    [
        ("service", pa.int32()),
        ("contract", pa.string()),
        ("line_of_business", pa.string()),
        ("state", pa.string()),
        ("plan", pa.string()),
        ("funding", pa.string()),
        ("profile", pa.int32()),
    ]
)
_MEMBER = ("line_of_business", "state", "plan", "funding")


@dataclass(slots=True)
class Places:
    """The places of one run; what one table asked about is not looked up again for the next.

    ``members`` holds for each profile a member who has it.
    """

    services: Services
    members: list[Member] = field(default_factory=list)
    _numbered: dict[tuple[object, ...], int] = field(default_factory=dict)
    _profiles: dict[tuple[object, ...], int] = field(default_factory=dict)
    _days: dict[tuple[int, str | None], frozenset[date]] = field(default_factory=dict)
    _spans: dict[tuple[object, ...], None] = field(default_factory=dict)
    _spanned: pa.Table = field(default_factory=_SPANS.empty_table)

    def spans(self, members: pa.Table, days: Sequence[date]) -> pa.Table:
        """The cells of the services in ``sql.MEMBERS`` as known on the days, and of those that were asked about before."""
        wanted = frozenset(days)
        fresh: dict[tuple[object, ...], None] = {}
        for number, contract in dict.fromkeys(_columns(members, "service", "contract")):
            known = self._days.get((number, contract), frozenset())
            if known >= wanted:
                continue
            for day in (each for each in days if each not in known):
                for span in self.services.spans(number, contract, day):
                    row = (number, contract or "", *span)
                    if row not in self._spans:
                        fresh[row] = None
            self._days[number, contract] = wanted if known <= wanted else known | wanted
        self._spans |= fresh
        self._spanned = pa.concat_tables([self._spanned, table_of(list(fresh), _SPANS)])
        return self._spanned

    def profiles(self, members: pa.Table) -> pa.Table:
        """The rows of ``sql.MEMBERS`` with the number of their profile; what is not said is an empty text."""
        profiles = [self._profile(each) for each in _columns(members, "service", "contract", *_MEMBER)]
        columns = [
            members.column(name) if name == "service" else members.column(name).fill_null("")
            for name in _PROFILES.names[:-1]
        ]
        return pa.table([*columns, pa.array(profiles, pa.int32())], names=_PROFILES.names).cast(_PROFILES)

    def _profile(self, asked: tuple[Any, ...]) -> int:
        found = self._profiles.get(asked)
        if found is None:
            number, contract, *said = asked
            member: Member = tuple(said)
            key = self.services.profile(number, contract, member)
            found = self._profiles[asked] = self._numbered.setdefault(key, len(self._numbered))
            if found == len(self.members):
                self.members.append(member)
        return found


def _columns(table: pa.Table, *names: str) -> zip[tuple[Any, ...]]:
    return zip(*[table.column(name).to_pylist() for name in names], strict=True)
