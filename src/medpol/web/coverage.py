"""The look-up: whether a service is covered on a day, asked without a single fact about a person. Not recorded, cacheable."""

from __future__ import annotations

from collections.abc import Mapping

from medpol.decide.cases import CaseError, decode_case, encode_answer
from medpol.decide.explain import determine
from medpol.decide.holdings.withheld import without_quotes
from medpol.web.asof import AsOf
from medpol.web.cases import refused
from medpol.web.problems import bad_request
from medpol.web.site import Served

LOOK_UP_KEYS = (
    "code",
    "service",
    "code_system",
    "policy",
    "date_of_service",
    "known_on",
    "line_of_business",
    "contract",
)
_REMEMBERED = 16_384


class LookUps:
    """The answers of one state of the library; the last thousands are kept, since the same is asked again and again."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._held: dict[tuple[tuple[str, str], ...], bytes] = {}

    def answer(self, query: Mapping[str, str], as_of: AsOf, only_quick: bool = False) -> bytes:
        """The JSON of the answer: the same bytes as ``medpol decide --format json``.

        Raises:
            Refused: The question cannot be read, or holds more than a look-up may.
            TakesLong: It would take long, and ``only_quick`` says that others wait.
        """
        given = {name: value for name, value in query.items() if value}
        if not given.keys() <= _KEYS:
            raise bad_request(
                "",
                "a field that a look-up does not take",
                "no more than: " + ", ".join(LOOK_UP_KEYS),
                "what is known of a person never stands in an address: send it to POST /api/determinations",
            )
        if ("code" in given) == ("service" in given):
            raise bad_request("code", "a code and a service, or neither", "one of the two", "give code or service")
        key = _key(query, as_of)
        answer = self._held.get(key)
        if answer is None:
            answer = self._decided(dict(key), as_of, only_quick)
            if len(self._held) >= _REMEMBERED:
                self._held.clear()
            self._held[key] = answer
        return answer

    def remembered(self, query: Mapping[str, str], as_of: AsOf) -> bytes | None:
        """The answer where it is at hand: no question is read and nothing is decided, which may take a while."""
        return self._held.get(_key(query, as_of))

    def _decided(self, given: Mapping[str, str], as_of: AsOf, only_quick: bool) -> bytes:
        desk = self.served.desk
        try:
            case, known_on = decode_case(desk, given, as_of.today)
        except CaseError as problem:
            raise refused(problem, given, desk) from None
        answer = determine(desk, case, known_on, only_quick=only_quick)
        return encode_answer(without_quotes(answer, self.served.withheld)) + b"\n"


_KEYS = frozenset(LOOK_UP_KEYS)


def _key(query: Mapping[str, str], as_of: AsOf) -> tuple[tuple[str, str], ...]:
    """A question with both its days, however its fields are ordered."""
    given = {name: value for name, value in query.items() if value}
    given["date_of_service"], given["known_on"] = str(as_of.date_of_service), str(as_of.known_on)
    return tuple(sorted(given.items()))
