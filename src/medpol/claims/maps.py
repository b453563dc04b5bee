"""Column maps: how the extract of one payer differs from the table of ``columns``, as a small TOML file or a plug-in.

A map renames columns and says what the file itself cannot: how it writes dates, which words mean nothing, how a CSV is
delimited, which payer and plan are of which line of business, and from when on a data source holds everything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from medpol.claims.columns import BY_NAME, ELIGIBILITY, FACTS, names_of
from medpol.claims.refused import ClaimsNotFound, ClaimsRefused
from medpol.model.diagnostic import nearest
from medpol.model.lines import LINES_OF_BUSINESS, normalise_line

PLUGINS = "medpol.claim_maps"
"""The entry points of other packages: each loads to a ``ColumnMap``."""

DATE_FORMATS = ("YYYY-MM-DD", "YYYYMMDD")
ENCODINGS = ("utf-8", "utf-16", "latin-1", "windows-1252")
LINE_ENDS = {"lf": b"\n", "crlf": b"\r\n"}


@dataclass(frozen=True, slots=True)
class Delimited:
    """How a CSV is written. ``line_end=None``: as its first line ends; a quote of ``""`` means that nothing is quoted."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    line_end: str | None = None


@dataclass(frozen=True, slots=True)
class LineRule:
    """The line of business of a payer, plan, payer type (of eligibility) and filing code (SBR09 of an 837).

    ``None`` stands for any. The first rule that fits holds.
    """

    line: str
    payer: str | None = None
    plan: str | None = None
    payer_type: str | None = None
    filing_code: str | None = None


@dataclass(frozen=True, slots=True)
class ContractRule:
    """The contract of the members of a plan or group; ``None`` stands for any. The first rule that fits holds."""

    contract: str
    plan: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """What a map says. ``columns`` gives our column of a file's column; ours need no entry under their own names.

    ``eligibility`` and ``facts`` do the same for the tables that are joined.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    eligibility: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    data_source: str | None = None
    date_format: str = "YYYY-MM-DD"
    null_words: tuple[str, ...] = ()
    csv: Delimited = Delimited()
    lines: tuple[LineRule, ...] = ()
    contracts: tuple[ContractRule, ...] = ()
    history_complete_from: Mapping[str, date] = field(default_factory=dict)


PLAIN = ColumnMap()
"""What holds where no map is given: our names, comma, double quote, UTF-8, ISO dates."""

_KEYS = (
    "columns",
    "eligibility",
    "facts",
    "data_source",
    "date_format",
    "null_words",
    "csv",
    "line_of_business",
    "contract",
    "history_complete_from",
)
_TABLE_KEYS: Mapping[str, tuple[str, ...]] = {
    "csv": ("delimiter", "quote", "encoding", "line_end"),
    "line_of_business": ("payer", "plan", "payer_type", "filing_code", "line"),
    "contract": ("plan", "group_id", "contract"),
}


def read_map(path: Path, lines: Iterable[str] = ()) -> ColumnMap:
    """The map of a TOML file; ``lines`` are the lines of business that a library declares beside ours.

    Raises ``ClaimsRefused`` with file and line.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ClaimsNotFound(str(path), "no such file", "a column map in TOML", "correct the path") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise ClaimsRefused(str(path), f"it cannot be read: {problem}", "a TOML file in UTF-8", "correct it") from None
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        place = re.search(r"at line ([0-9]+), column ([0-9]+)", str(problem))
        where = f"{path}:{place[1]}:{place[2]}" if place else str(path)
        raise ClaimsRefused(where, f"this is no TOML: {problem}", "a column map in TOML", "correct it") from None
    return _Reader(str(path), text, tuple(lines)).map(given)


def plugged_map(wanted: str) -> ColumnMap:
    """The map that an installed package offers under a name. Raises ``ClaimsNotFound`` where none does."""
    offered = {each.name: each for each in entry_points(group=PLUGINS)}
    if wanted not in offered:
        near = nearest(wanted, offered)
        raise ClaimsNotFound(
            wanted,
            "neither a file nor an installed column map",
            "one of: " + ", ".join(sorted(offered)) if offered else f"a TOML file (no package offers {PLUGINS})",
            f"write {near!r}" if near else "give the path of a TOML file",
        )
    found = offered[wanted].load()
    if not isinstance(found, ColumnMap):
        raise ClaimsRefused(wanted, f"the plug-in gives a {type(found).__name__}", "a ColumnMap", "correct the plug-in")
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    text: str
    lines: tuple[str, ...]

    def map(self, given: Mapping[str, Any]) -> ColumnMap:
        self.only(given, _KEYS, "the map")
        csv = self.table(given, "csv")
        self.only(csv, _TABLE_KEYS["csv"], "[csv]")
        return ColumnMap(
            columns=self.columns(self.table(given, "columns"), tuple(BY_NAME)),
            eligibility=self.columns(self.table(given, "eligibility"), names_of(ELIGIBILITY)),
            facts=self.columns(self.table(given, "facts"), names_of(FACTS)),
            data_source=self.text_of(given, "data_source"),
            date_format=self.one_of(given, "date_format", DATE_FORMATS) or DATE_FORMATS[0],
            null_words=self.null_words(given),
            csv=Delimited(
                delimiter=self.sign(csv, "delimiter", ","),
                quote=self.sign(csv, "quote", '"', may_be_empty=True),
                encoding=self.one_of(csv, "encoding", ENCODINGS) or ENCODINGS[0],
                line_end=self.one_of(csv, "line_end", tuple(LINE_ENDS)),
            ),
            lines=tuple(self.line_rule(each) for each in self.tables(given, "line_of_business")),
            contracts=tuple(self.contract_rule(each) for each in self.tables(given, "contract")),
            history_complete_from=self.days(self.table(given, "history_complete_from")),
        )

    # ------------------------------------------------------------------ places and shapes

    def place(self, key: str) -> str:
        """The first line that names the key: TOML's reader keeps no places."""
        written = re.escape(key)
        for pattern in (rf"(^|[{{,])[ \t]*[\"']?{written}[\"']?[ \t]*=", rf"^[ \t]*\[+[ \t]*{written}[ \t]*\]"):
            for at, line in enumerate(self.text.splitlines(), 1):
                if re.search(pattern, line):
                    return f"{self.file}:{at}"
        return self.file

    def refused(self, key: str, found: object, expected: str, mend: str) -> ClaimsRefused:
        return ClaimsRefused(self.place(key), f"{key} = {found!r}", expected, mend)

    def only(self, given: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
        for key in given:
            if key not in known:
                near = nearest(key, known)
                raise ClaimsRefused(
                    self.place(key),
                    f"the key {key!r} of {what} is not known",
                    "one of: " + ", ".join(known),
                    f"write {near!r}" if near else "drop it",
                )

    def table(self, given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        found = given.get(key, {})
        if not isinstance(found, dict):
            raise self.refused(key, found, f"a table [{key}]", "write it as a table")
        return found

    def tables(self, given: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        found = given.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise self.refused(key, found, f"rows, each headed [[{key}]]", f"head each row with [[{key}]]")
        for each in found:
            self.only(each, _TABLE_KEYS[key], f"[[{key}]]")
        return found

    def text_of(self, given: Mapping[str, Any], key: str) -> str | None:
        found = given.get(key)
        if found is not None and (not isinstance(found, str) or not found.strip()):
            raise self.refused(key, found, "a text", "write it in quotes")
        return found

    def one_of(self, given: Mapping[str, Any], key: str, choices: tuple[str, ...]) -> str | None:
        found = given.get(key)
        if found is None or found in choices:
            return found
        near = nearest(str(found), choices)
        raise self.refused(
            key, found, "one of: " + ", ".join(choices), f"write {near!r}" if near else "choose one; nothing is guessed"
        )

    def sign(self, given: Mapping[str, Any], key: str, default: str, *, may_be_empty: bool = False) -> str:
        found = given.get(key, default)
        if found == "" and may_be_empty:
            return ""
        if not isinstance(found, str) or len(found) != 1 or not found.isascii() or found in "\r\n\0":
            raise self.refused(key, found, "one ASCII sign", 'write it such as "|" or "\\t"')
        return found

    # ------------------------------------------------------------------ what it says

    def columns(self, given: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, str]:
        ours: dict[str, str] = {}
        for theirs, name in given.items():
            if name not in known:
                near = nearest(str(name), known)
                raise self.refused(theirs, name, "a column of that table", f"write {near!r}" if near else "drop it")
            if name in ours:
                raise self.refused(theirs, name, f"each column once; {ours[name]!r} is {name} already", "drop one")
            ours[name] = theirs
        return dict(given)

    def null_words(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        found = given.get("null_words", [])
        if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
            raise self.refused("null_words", found, "a list of words", 'write ["NULL", "NA"]')
        return tuple(found)

    def line_rule(self, given: Mapping[str, Any]) -> LineRule:
        line = normalise_line(str(given.get("line", "")), self.lines)
        if line is None:
            choices = (*LINES_OF_BUSINESS, *self.lines)
            near = nearest(str(given.get("line", "")), choices)
            raise self.refused(
                "line",
                given.get("line"),
                "one of: " + ", ".join(choices),
                f"write {near!r}" if near else "choose one, or declare it in the library",
            )
        keys = {key: self.text_of(given, key) for key in ("payer", "plan", "payer_type", "filing_code")}
        if not any(keys.values()):
            raise self.refused("line", line, "a payer, plan, payer_type or filing_code", "say whose line it is")
        return LineRule(line, **keys)

    def contract_rule(self, given: Mapping[str, Any]) -> ContractRule:
        contract = self.text_of(given, "contract")
        keys = {key: self.text_of(given, key) for key in ("plan", "group_id")}
        if contract is None or not any(keys.values()):
            raise self.refused("contract", contract, "a contract with its plan or group_id", "say whose contract it is")
        return ContractRule(contract, **keys)

    def days(self, given: Mapping[str, Any]) -> dict[str, date]:
        for source, day in given.items():
            if type(day) is not date:
                raise self.refused(source, day, "a day, as YYYY-MM-DD without quotes", "correct the date")
        return dict(given)
