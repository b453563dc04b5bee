"""Look-ups that are asked again in the same words: their whole reply is at hand, and nothing of it is made anew.

Others are decided in the line, behind the cases that wait there.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from medpol.web.api import as_reply
from medpol.web.asof import AsOf
from medpol.web.line import Line
from medpol.web.portal import Asked, Portal
from medpol.web.problems import Refused
from medpol.web.replies import Reply

_REMEMBERED = 16_384


class _NotAtHand(Exception):
    """The answer to a question has to be decided."""

    def __init__(self, query: dict[str, str], as_of: AsOf) -> None:
        super().__init__()
        self.query, self.as_of = query, as_of


class AtHand:
    """The replies of one state of the library on one day, by the address as it was written. Asked by the event loop."""

    def __init__(self, portal: Portal, line: Line) -> None:
        self._portal, self._line = portal, line
        self._held: dict[tuple[bytes, bool], Reply] = {}
        self._served, self._trouble, self._today = portal.site.now, portal.site.trouble, date.min

    def reply(self, asked: Asked) -> Reply | None:
        """The reply where its answer is remembered; ``None`` leaves it, and whatever is wrong with it, to ``decided``."""
        portal = self._portal
        served, trouble, today = portal.site.now, portal.site.trouble, portal.today()
        if served is not self._served or trouble is not self._trouble or today != self._today:
            self._held.clear()
            self._served, self._trouble, self._today = served, trouble, today
        key = asked.query, "gzip" in asked.accept_encoding
        found = None if asked.if_none_match else self._held.get(key)
        if found is None:
            try:
                found = as_reply(portal, asked, self._answer)
            except (_NotAtHand, Refused):
                return None
            if found.status == 200:
                if len(self._held) >= _REMEMBERED:
                    self._held.clear()
                self._held[key] = found
        return found

    async def decided(self, asked: Asked) -> Reply:
        """The reply once its answer was decided. Raises ``Refused``."""
        while True:  # again where the library changed meanwhile
            try:
                return as_reply(self._portal, asked, self._answer)
            except _NotAtHand as missing:
                await self._line.looked_up(partial(self._portal.look_ups.answer, missing.query, missing.as_of))

    def _answer(self, query: dict[str, str], as_of: AsOf) -> bytes:
        body = self._portal.look_ups.remembered(query, as_of)
        if body is None:
            raise _NotAtHand(query, as_of)
        return body
