"""Evidence sources: ours, and those of installed packages, found by entry points of the group ``medpol.evidence_sources``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from importlib.metadata import EntryPoint, entry_points

from medpol.evidence.watching import clinical_trials, crossref, pubmed, retraction_watch
from medpol.evidence.watching.answers import AnswerRefused
from medpol.evidence.watching.values import Asked, EvidenceSource, Fetch, FetchFailed, Learned, Look, Refused

GROUP = "medpol.evidence_sources"
OURS = (clinical_trials.SOURCE, pubmed.SOURCE, crossref.SOURCE, retraction_watch.SOURCE)


class NotASource(TypeError):
    """A package offers something as an evidence source that is none, or that cannot be loaded."""


def source_key(name: str) -> str:
    """A source's name as it is typed: ``Retraction Watch`` is ``retraction-watch``."""
    return "-".join(name.casefold().split())


def sources() -> Mapping[str, EvidenceSource]:
    """Every source by its name as it is typed, ours first; no package can take a name of ours.

    Raises:
        NotASource: An entry point names something other than an ``EvidenceSource``, or nothing that can be loaded.
    """
    held = {source_key(each.name): each for each in OURS}
    for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        found = _loaded(entry)
        held.setdefault(source_key(found.name), replace(found, look=_guarded(found, entry)))
    return held


def _loaded(entry: EntryPoint) -> EvidenceSource:
    try:
        found = entry.load()
    except Exception as problem:  # whatever the module of another package does while it is imported
        raise NotASource(
            f"{_named(entry)} cannot be loaded ({_said(problem)}): mend the package, or uninstall it"
        ) from problem
    if not isinstance(found, EvidenceSource):
        raise NotASource(
            f"{_named(entry)} is no evidence source: it has to be a medpol.evidence.watching.EvidenceSource"
        )
    return found


def _guarded(found: EvidenceSource, entry: EntryPoint) -> Look:
    """What a source of another package yields; where it breaks off, that is said, and the other sources go on."""

    def look(asked: Asked, fetch: Fetch, today: date) -> Iterator[Learned | Refused]:
        try:
            for each in found.look(asked, fetch, today):
                if not isinstance(each, Learned | Refused):
                    raise TypeError(f"it yields a {type(each).__name__}, and not what it learned")
                yield each
        except AnswerRefused as problem:
            yield problem.by(found.name)
        except FetchFailed as problem:
            yield Refused(found.name, "", str(problem))
        except Exception as problem:  # whatever the package does
            yield Refused(
                found.name,
                "",
                f"it broke off ({_said(problem)}): it is {_named(entry)}; mend the package, or uninstall it",
            )

    return look


def _named(entry: EntryPoint) -> str:
    package = "" if entry.dist is None else f" of the package {entry.dist.name} {entry.dist.version}"
    return f"the entry point {entry.name} = {entry.value} in {GROUP}{package}"


def _said(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
