"""Rules about whose words a document carries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from medpol.check.findings import Finding, Subject, rule
from medpol.check.holdings import Holdings
from medpol.model.diagnostic import Severity, Source
from medpol.model.rights import is_carried


@rule(Subject.RIGHTS, Severity.WARNING)
def rights_not_stated(holdings: Holdings, today: date | None) -> Iterable[Finding]:
    """A document says that its text was taken from another source, and not what may be done with the words.

    ``source:`` names a document that the text or its facts are from; a mark under ``doubtful:`` that something was
    carried back or on from a published text says the same. A published policy is its publisher's, and CPT descriptors are
    the American Medical Association's: without ``rights:`` nobody who shows, downloads or exports the document can know
    whether they may. Contracts and mandates are asked too.

    Write in ``rights:`` what holds: that the words are the publisher's and not for display, or that they are your own.
    """
    for version in holdings.versions:
        if version.rights:
            continue
        if version.origin:
            yield _finding(holdings.value_place(version, "source"), f"taken from: {version.origin}")
        elif doubt := is_carried(version.doubtful):
            yield _finding(holdings.words_below(version.place("doubtful"), doubt), f"imported: {doubt}")
    for source in holdings.sources:
        if source.origin and not source.rights:
            place = holdings.words_below(Source(source.source.file), source.origin)
            yield _finding(place, f"taken from: {source.origin}")


def _finding(place: Source, found: str) -> Finding:
    return Finding(
        place,
        f"{found}; no `rights:`",
        "`rights:` beside `source:`",
        "write `rights: the publisher's own words; not for display, download or export`, or that the words are your own",
    )


RULES = (rights_not_stated,)
