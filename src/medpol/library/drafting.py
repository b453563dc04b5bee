"""A draft put into a copy of a library, as if it were published: the one place that says what a what-if supposes.

A draft has no published day and therefore governs nothing. What is supposed of it: it is known on the day of knowledge
that is asked for, it is in force from its own first day or from another that is given, and from that day on nothing else
of its policy stands. The library itself is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from medpol.library.load import Library, read_library, slug
from medpol.model.dates import StatedDate
from medpol.model.diagnostic import Diagnostic, errors
from medpol.model.policy import PolicyVersion
from medpol.text.reader import read_policy
from medpol.text.source import Findings, decode


class DraftRefused(ValueError):
    """A draft that cannot be tried: what was found, and the mend; or the errors of its document."""

    def __init__(self, found: str, mend: str = "", diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(found)
        self.found, self.mend, self.diagnostics = found, mend, tuple(diagnostics)


@dataclass(frozen=True, slots=True)
class Tried:
    """The library with a draft in it, and what was supposed."""

    library: Library
    version: PolicyVersion
    in_force_from: date
    in_place_of: tuple[date, ...]


def with_draft(
    library: Library, data: bytes, shown: str, known_on: date, in_force_from: date | None, otherwise: date | None
) -> Tried:
    """The library with the draft as if published by ``known_on``.

    Args:
        library: Without errors.
        data: The document.
        shown: Its path, for messages.
        known_on: The day of knowledge that is asked for.
        in_force_from: The day from which it is in force, whatever it says; ``None``: from its own first day.
        otherwise: The day for a draft that states none.

    Raises:
        DraftRefused: It cannot be read, or it is in force from no day at all.
    """
    path, stated = _read(library, data, shown, known_on)
    first_day = in_force_from or stated.first_day or otherwise
    if first_day is None:
        raise DraftRefused(
            f"{shown}: states no whole day from which it is in force",
            "name one with --in-force-from, or begin with --from",
        )
    with_it = read_library({**_bytes(library), path: data}, library.root, previous=library)
    if with_it.errors:
        raise DraftRefused(
            f"{shown} does not fit the library: {len(with_it.errors)} errors", diagnostics=with_it.errors
        )
    others = [each for each in with_it.versions if each.source.file != path]
    mine = next(each for each in with_it.versions if each.source.file == path)
    of_policy = [each for each in others if each.policy == mine.policy and not each.is_draft]
    stand_in_for = sorted({each.first_day for each in of_policy if each.first_day and each.first_day >= first_day})
    day, said = StatedDate(str(first_day), first_day), StatedDate(str(known_on), known_on)
    tried = replace(
        mine,
        effective=None if mine.is_archived else day,
        archived=day if mine.is_archived else None,
        published=said,
        withdraws=tuple({*mine.withdraws, *stand_in_for} - {first_day}),
    )
    # a version of the same two days would be its equal, and no clock could tell which of them stands
    kept = [
        each
        for each in others
        if each.policy != mine.policy or (each.first_day, each.known_from) != (first_day, known_on)
    ]
    versions = tuple(sorted((*kept, tried), key=lambda each: each.source.file))
    return Tried(replace(with_it, versions=versions), tried, first_day, tuple(stand_in_for))


def _read(library: Library, data: bytes, shown: str, known_on: date) -> tuple[str, PolicyVersion]:
    """The version that the document is, and the path at which it stands in the copy."""
    findings = Findings(shown)
    text = decode(data, findings)
    version = None if text is None else read_policy(text, findings, library.vocabulary)
    wrong = errors(findings.found)
    if version is None or wrong:
        raise DraftRefused(f"{shown} has {len(wrong)} error{'' if len(wrong) == 1 else 's'}", diagnostics=wrong)
    if not version.policy:
        raise DraftRefused(f"{shown}: names no policy", "begin it with front matter that holds `policy:`")
    held = [each for each in library.versions if each.policy == version.policy]
    if not version.is_draft:
        days = (version.first_day, version.known_from)
        same = next((each for each in held if (each.first_day, each.known_from) == days), None)
        if same is not None:
            return same.source.file, version
    folder = held[0].source.file.rsplit("/", 1)[0] if held else _folder(library, version.policy)
    return f"{folder}/{version.first_day or known_on}.{version.known_from or known_on}.md", version


def _folder(library: Library, policy: str) -> str:
    """The folder of a policy that the library does not hold yet."""
    is_below = any(path.startswith("policies/") for path, _ in library.files)
    return f"policies/{slug(policy)}" if is_below else slug(policy)


def _bytes(library: Library) -> dict[str, bytes]:
    return {path: text.encode() for path, text in library.texts.items()}
