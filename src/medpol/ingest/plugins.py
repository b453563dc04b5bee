"""Publishers' readers: plug-ins of the entry point group ``medpol.publishers``, ours among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from importlib.metadata import EntryPoint, entry_points

from medpol.ingest import general, premera
from medpol.ingest.profiles import profiles
from medpol.ingest.published import PublisherReader

GROUP = "medpol.publishers"
GENERAL = "general"
Readers = Mapping[str, EntryPoint | PublisherReader]


def publishers() -> Readers:
    """The readers by name, in the order of their names, the general one last: it takes what no other knows.

    Ours are there even where the package runs uninstalled; a profile that is data makes a reader too.
    """
    found: dict[str, EntryPoint | PublisherReader] = {
        name: partial(general.read_as, profile) for name, profile in profiles().items()
    }
    found |= {"premera": premera.read, GENERAL: general.read}
    found |= {each.name: each for each in _installed()}
    return dict(sorted(found.items(), key=lambda each: (each[0] == GENERAL, each[0])))


def asked_in_turn(readers: Readers) -> Readers:
    """The readers that are asked whether a document is theirs, where nobody names its publisher.

    A profile is none of them: the general reader takes the one that it recognises.
    """
    return {
        name: reader for name, reader in readers.items() if name not in profiles() or isinstance(reader, EntryPoint)
    }


def _installed() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def loaded(reader: EntryPoint | PublisherReader) -> PublisherReader:
    """The reader's function; an entry point is imported only when it is asked for."""
    if isinstance(reader, EntryPoint):
        function: PublisherReader = reader.load()
        return function
    return reader
