"""Publishers' readers: plug-ins of the entry point group ``medpol.publishers``, ours among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from medpol.ingest import premera
from medpol.ingest.published import PublisherReader

GROUP = "medpol.publishers"


def publishers() -> Mapping[str, EntryPoint | PublisherReader]:
    """The readers by name, in the order of their names. Ours is there even where the package runs uninstalled."""
    found: dict[str, EntryPoint | PublisherReader] = {"premera": premera.read}
    found |= {each.name: each for each in _installed()}
    return dict(sorted(found.items()))


def _installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def loaded(reader: EntryPoint | PublisherReader) -> PublisherReader:
    """The reader's function; an entry point is imported only when it is asked for."""
    if isinstance(reader, EntryPoint):
        function: PublisherReader = reader.load()
        return function
    return reader
