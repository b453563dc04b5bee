"""The two days of a page: read from its address, written into every link, and said in the as-of bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from medpol.decide.cases import FIRST_YEAR, LAST_YEAR
from medpol.decide.holdings import ScopeSaid, lines_words
from medpol.decide.one import PreparedVersion
from medpol.lifecycle import Period, Status
from medpol.model.dates import ONE_DAY, parse_day
from medpol.web.problems import bad_request

DATE_OF_SERVICE, KNOWN_ON = "date_of_service", "known_on"
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def day_words(day: date) -> str:
    """``7 December 2023``, whatever the machine's locale is."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day of care and the day of knowledge that a page answers for; ``today`` stands where the reader set neither.

    ``site`` is the address under which the portal is known, where the service was told it: what leaves the portal, such as
    an address to cite or a feed, begins with it.
    """

    today: date
    given_date_of_service: date | None = None
    given_known_on: date | None = None
    site: str = ""

    @property
    def date_of_service(self) -> date:
        return self.given_date_of_service or self.today

    @property
    def known_on(self) -> date:
        return self.given_known_on or self.today

    @property
    def is_set(self) -> bool:
        return self.given_date_of_service is not None or self.given_known_on is not None

    @property
    def is_settled(self) -> bool:
        """Whether the page will read the same on any later day: both days are pinned, and both are over."""
        return all(day is not None and day < self.today for day in (self.given_date_of_service, self.given_known_on))

    def link(self, path: str, **more: object) -> str:
        """An address within the portal; once a reader has set a day it carries both."""
        pairs = [(name, value) for name, value in more.items() if value not in (None, "")]
        return address(path, pairs + (self.pairs if self.is_set else []))

    def pinned(self, path: str, **more: object) -> str:
        """An address that means the same in ten years."""
        pairs = [(name, value) for name, value in more.items() if value not in (None, "")]
        return address(path, pairs + self.pairs)

    def cited(self, path: str, **more: object) -> str:
        """The same for who writes it down: whole, where it is known under which address the portal stands."""
        return self.site + self.pinned(path, **more)

    @property
    def pairs(self) -> list[tuple[str, object]]:
        return [(DATE_OF_SERVICE, self.date_of_service), (KNOWN_ON, self.known_on)]

    def on(self, day: date) -> AsOf:
        """The same with another day of care, both days set."""
        return replace(self, given_date_of_service=day, given_known_on=self.known_on)


def address(path: str, pairs: Sequence[tuple[str, object]]) -> str:
    return path + ("?" + urlencode([(name, str(value)) for name, value in pairs]) if pairs else "")


def read_as_of(query: Mapping[str, str], today: date, site: str = "") -> AsOf:
    """The two days of an address; an empty field is one that is not given.

    Raises:
        Refused: A day that is none, that lies outside the calendar of cases, or a day of knowledge still to come.
    """
    found = AsOf(today, read_day(query, DATE_OF_SERVICE), read_day(query, KNOWN_ON), site)
    if found.known_on > today:
        raise bad_request(
            KNOWN_ON,
            "the day of knowledge lies in the future",
            f"a day up to today, {today}",
            "nothing can be known of a day to come; leave it out for all that is known today",
        )
    return found


def read_day(query: Mapping[str, str], name: str) -> date | None:
    """The day in a field of an address, none where it is empty. Raises ``Refused``."""
    text = query.get(name, "").strip()
    if not text:
        return None
    day = parse_day(text)
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise bad_request(
            name,
            "this is no day of the calendar",
            f"YYYY-MM-DD, from {FIRST_YEAR} to {LAST_YEAR}",
            "such as 2024-07-01",
        )
    return day


# ---------------------------------------------------------------------------- the bar


@dataclass(frozen=True, slots=True)
class BarLine:
    """One line of the as-of bar. ``state``: today, past, future, nothing, announced, second-clock or out-of-scope."""

    state: str
    says: str
    link: str = ""
    link_says: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """What the bar says of the two days, and the days it offers instead: each preset is words and an address."""

    lines: tuple[BarLine, ...]
    presets: tuple[tuple[str, str], ...]


def general_bar(as_of: AsOf, path: str, keep: Mapping[str, str]) -> Bar:
    """The bar of a page that speaks of many policies."""
    if as_of.date_of_service == as_of.today:
        line = BarLine("today", f"Current. As it stands today, {day_words(as_of.today)}.")
    else:
        line = _dated(as_of)
    return Bar((line, *_second_clock(as_of)), _presets(as_of, path, keep, ()))


def policy_bar(
    as_of: AsOf,
    path: str,
    status: Status,
    periods: Sequence[Period[PreparedVersion]],
    lines: ScopeSaid,
    redline: str,
) -> Bar:
    """The bar of a page about one policy; ``redline`` is the page that compares two of its versions."""
    day = as_of.date_of_service
    if status is not Status.IN_FORCE:
        main = BarLine("nothing", _nothing(as_of, periods))
    elif day == as_of.today:
        main = BarLine("today", f"Current. In force today, {day_words(day)}.")
    else:
        main = _dated(as_of)
    said = [main]
    coming = next((each for each in periods if each.start > day), None)
    if coming is not None and coming.version.known_from <= day:  # announced on the day of care, not only since
        verb = "Archived" if coming.is_archived else "Changes" if status is Status.IN_FORCE else "In force"
        published = coming.version.row.published
        known = (
            f"published {day_words(published)}" if published else f"known since {day_words(coming.version.known_from)}"
        )
        said.append(
            BarLine(
                "announced",
                f"{verb} on {day_words(coming.start)} ({known}).",
                as_of.link(redline, **{"from": day, "to": coming.start})
                if status is Status.IN_FORCE
                else as_of.on(coming.start).link(path),
                "See the change",
            )
        )
    said += _second_clock(as_of)
    if lines.inside is not None or lines.outside:
        said.append(BarLine("out-of-scope", _out_of_scope(lines)))
    return Bar(tuple(said), _presets(as_of, path, {}, [each.start for each in periods]))


def _dated(as_of: AsOf) -> BarLine:
    day = as_of.date_of_service
    known = "" if as_of.known_on != as_of.today else ", as known today"
    if day > as_of.today:
        return BarLine("future", f"Shown for care on {day_words(day)}, as announced so far.")
    return BarLine("past", f"Shown for care on {day_words(day)}{known}.")


def _nothing(as_of: AsOf, periods: Sequence[Period[PreparedVersion]]) -> str:
    day = as_of.date_of_service
    when = "is in force today" if day == as_of.today else f"was in force on {day_words(day)}"
    if day > as_of.today:
        when = f"is announced to be in force on {day_words(day)}"
    held = next((each for each in periods if each.covers(day)), None)
    if held is not None:
        return f"No version {when}: {held.words(day)}."
    if periods:
        return f"No version {when}: the first one begins {periods[0].start}."
    return f"No version {when}: nothing was known of this policy on {day_words(as_of.known_on)}."


def _out_of_scope(lines: ScopeSaid) -> str:
    if lines.inside is not None:
        return f"Applies to {lines_words(lines)} only."
    return f"Does not apply to {_names(lines.outside)}."


def _second_clock(as_of: AsOf) -> list[BarLine]:
    if as_of.known_on == as_of.today:
        return []
    return [BarLine("second-clock", f"As known on {day_words(as_of.known_on)}. Later corrections are not shown.")]


def _presets(
    as_of: AsOf, path: str, keep: Mapping[str, str], boundaries: Sequence[date]
) -> tuple[tuple[str, str], ...]:
    pairs = list(keep.items())

    def on(day: date) -> str:
        return address(path, [*pairs, *as_of.on(day).pairs])

    found = [("today", address(path, pairs))]
    if as_of.date_of_service > date.min + ONE_DAY:
        found.append(("the day before", on(as_of.date_of_service - ONE_DAY)))
    return (*found, *((str(day), on(day)) for day in boundaries if day != as_of.date_of_service))


def _names(lines: Sequence[str]) -> str:
    """Lines of business as a reader writes them: ``Medicare Advantage``."""
    return ", ".join(" ".join(word.capitalize() for word in line.split("_")) for line in lines)
