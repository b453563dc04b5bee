"""Front matter: YAML 1.2 in which every scalar is text, with positions; keys once, no anchors, aliases or tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

from medpol.model.dates import StatedDate, parse_day, stated, stated_month
from medpol.text.source import MAXIMUM_DEPTH, MAXIMUM_NODES, Findings, shorten

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


@dataclass(slots=True)
class _Refused(Exception):
    line: int
    column: int
    found: str
    mend: str


def split_head(lines: list[str]) -> int | None:
    """The index of the line that closes the front matter, or ``None`` where there is none."""
    if not lines or lines[0].rstrip() != "---":
        return None
    return next((at for at in range(1, len(lines)) if lines[at].rstrip() == "---"), None)


def read_head(lines: list[str], findings: Findings, *, known: Iterable[str]) -> tuple[Mapping | None, int]:
    """The front matter and the number of lines it takes; ``None`` where it cannot be read at all."""
    closing = split_head(lines)
    if closing is None:
        findings.error(
            1, 1, "no-front-matter", "no front matter", "a block between two lines of ---", "begin the file with ---"
        )
        return None, 0
    refused: list[_Refused] = []
    head: Mapping | None = None
    try:
        head = _compose("\n".join(lines[1:closing]) + "\n", refused)
    except _Refused as problem:
        refused.append(problem)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark is not None else (2, 1)
        what = getattr(problem, "problem", None) or getattr(problem, "reason", None) or "it cannot be read"
        place = (line, column) if line <= closing else (closing + 1, 1)
        refused.append(_Refused(*place, str(what), "quote the value, or correct it"))
    for each in refused:
        findings.error(each.line, each.column, "bad-front-matter", each.found, "plain YAML 1.2", each.mend)
    if head is None:
        return None, closing + 1
    names = tuple(known)
    seen: set[str] = set()
    for key, _ in head.entries:
        if key.text in seen:
            findings.error(
                key.line,
                key.column,
                "duplicate-key",
                f"the key {shorten(key.text)!r} twice",
                "each key once",
                "delete one",
            )
        seen.add(key.text)
        if key.text not in names:
            findings.unknown_name(key.line, key.column, "unknown-key", "front-matter key", key.text, names)
    return head, closing + 1


def _compose(text: str, refused: list[_Refused]) -> Mapping:
    """The one mapping of the text. What can be passed over is added to ``refused``, the rest is raised."""
    events = _few(yaml.parse(text, Loader=_LOADER))
    root: Node | None = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _Refused(*_place(event), "a second YAML document", "keep one block")
        if isinstance(event, yaml.NodeEvent):
            root = _node(event, events, 0, refused)
    if root is None:
        return Mapping((), 2, 1)
    if not isinstance(root, Mapping):
        raise _Refused(root.line, root.column, "front matter that is not a list of keys", "write `key: value` lines")
    return root


def _place(event: yaml.Event) -> tuple[int, int]:
    """Line and column in the file: the front matter begins in its second line."""
    mark = event.start_mark
    return (2, 1) if mark is None else (mark.line + 2, mark.column + 1)


def _few(events: Iterator[yaml.Event]) -> Iterator[yaml.Event]:
    for count, event in enumerate(events):
        if count > MAXIMUM_NODES:
            raise _Refused(*_place(event), "too many values", f"hold at most {MAXIMUM_NODES:,}")
        yield event


def _node(event: yaml.Event, events: Iterator[yaml.Event], depth: int, refused: list[_Refused]) -> Node:
    line, column = _place(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        refused.append(_Refused(line, column, "an anchor or alias", "write the value out"))
    if (tag := getattr(event, "tag", None)) not in (None, "!"):
        refused.append(_Refused(line, column, f"the tag {shorten(str(tag))!r}", "drop the tag: every value is text"))
    if depth > min(MAXIMUM_DEPTH, 8):
        raise _Refused(line, column, "values nested too deep", "nest less")
    if isinstance(event, yaml.AliasEvent):
        return Scalar("", line, column)
    if isinstance(event, yaml.ScalarEvent):
        return Scalar(event.value, line, column)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events, depth + 1, refused))
        return Sequence(tuple(items), line, column)
    entries: list[tuple[Scalar, Node]] = []
    names: set[str] = set()
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        key = _node(inner, events, depth + 1, refused)
        value = _node(next(events), events, depth + 1, refused)
        if not isinstance(key, Scalar):
            raise _Refused(key.line, key.column, "a key that is not text", "write `key: value`")
        if depth and key.text in names:
            refused.append(_Refused(key.line, key.column, f"the key {shorten(key.text)!r} twice", "delete one"))
        names.add(key.text)
        entries.append((key, value))
    return Mapping(tuple(entries), line, column)


# ---------------------------------------------------------------------------- typed values


@dataclass(slots=True)
class Head:
    """Typed access to the keys of a front matter; every misfit becomes a finding at its value."""

    mapping: Mapping
    findings: Findings

    def text(self, key: str) -> str:
        match self.mapping.get(key):
            case Scalar(text=text):
                return text.strip()
            case None:
                return ""
            case other:
                self._wrong(other, key, "one value")
                return ""

    def where(self, key: str) -> tuple[int, int]:
        node = self.mapping.get(key)
        return (node.line, node.column) if node is not None else (1, 1)

    def required(self, key: str, mend: str) -> str:
        text = self.text(key)
        if not text:
            findings, (line, column) = self.findings, self.where(key)
            findings.error(line, column, "missing-key", f"no `{key}:`", f"`{key}:` with a value", mend)
        return text

    def date(self, key: str) -> StatedDate | None:
        """A date as printed: a day, or a month where only that is stated."""
        text = self.text(key)
        if not text:
            return None
        if parse_day(text) is None and stated_month(text) is None:
            line, column = self.where(key)
            self.findings.error(
                line,
                column,
                "bad-date",
                f"`{key}: {shorten(text)}` is no date",
                "YYYY-MM-DD, or a month such as 2024-05 where no day is stated",
                "correct the date; nothing is repaired",
            )
        return stated(text)

    def day(self, key: str) -> StatedDate | None:
        value = self.date(key)
        if value is not None and value.day is None and stated_month(value.text) is not None:
            line, column = self.where(key)
            self.findings.warning(
                line,
                column,
                "draft-date",
                f"`{key}: {value.text}` states no day",
                "YYYY-MM-DD",
                "state the day: until then the file is a draft",
            )
        return value

    def number(self, key: str) -> int | None:
        text = self.text(key)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 5):
            line, column = self.where(key)
            self.findings.error(line, column, "bad-number", f"`{key}: {shorten(text)}`", "a whole number", "correct it")
            return None
        return int(text)

    def texts(self, key: str) -> tuple[Scalar, ...]:
        return self._texts(self.mapping.get(key), key)

    def _texts(self, node: Node | None, key: str) -> tuple[Scalar, ...]:
        match node:
            case None:
                return ()
            case Scalar(text=""):
                return ()
            case Scalar():
                return (node,)
            case Sequence(items=items):
                for item in items:
                    if not isinstance(item, Scalar):
                        self._wrong(item, key, "plain values in the list")
                return tuple(item for item in items if isinstance(item, Scalar))
            case _:
                self._wrong(node, key, "a list such as [a, b]")
                return ()

    def in_and_out(self, *keys: str) -> tuple[tuple[Scalar, ...] | None, tuple[Scalar, ...]]:
        """``{in: [...], out: [...]}`` under the first of the keys that stands; ``None`` where no ``in`` does."""
        for key in keys:
            match self.mapping.get(key):
                case None:
                    continue
                case Mapping(entries=entries):
                    for name, _ in entries:
                        if name.text not in ("in", "out"):
                            self.findings.unknown_name(
                                name.line, name.column, "unknown-key", f"key under `{key}:`", name.text, ("in", "out")
                            )
                    mapping = Mapping(entries, 0, 0)
                    inside = mapping.get("in")
                    return (
                        None if inside is None else self._texts(inside, key),
                        self._texts(mapping.get("out"), key),
                    )
                case Scalar() | Sequence() as node:
                    return self._texts(node, key), ()
        return None, ()

    def pairs(self, key: str) -> tuple[tuple[Scalar, Scalar], ...]:
        match self.mapping.get(key):
            case None:
                return ()
            case Mapping(entries=entries):
                for _, value in entries:
                    if not isinstance(value, Scalar):
                        self._wrong(value, key, "a single value")
                return tuple((name, value) for name, value in entries if isinstance(value, Scalar))
            case other:
                self._wrong(other, key, "pairs such as {a: b}")
                return ()

    def _wrong(self, node: Node, key: str, expected: str) -> None:
        self.findings.error(
            node.line, node.column, "bad-value", f"the value of `{key}:`", expected, f"write {expected}"
        )
