"""The library that the portal serves: loaded, compiled, and swapped for a changed one as a whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache, partial
from operator import attrgetter
from pathlib import Path
from threading import Event, Thread

from medpol.decide.holdings import Opened, open_desk, redline_of
from medpol.decide.holdings.changed import Changes, Chronicle
from medpol.decide.holdings.coming import Calendar, CalendarPart, calendar_of, calendar_part
from medpol.decide.holdings.hinted import Hinter
from medpol.decide.holdings.searched import Searcher
from medpol.decide.holdings.withheld import withheld_files
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.decide.rows import SEMANTICS
from medpol.library import Library, LibraryNotFound, find_root, load, slug
from medpol.library.redline import Redline
from medpol.model.diagnostic import Diagnostic
from medpol.web.log import Log
from medpol.web.pooled import Computed, computed

POLL_SECONDS = 1.0
_DEPTH = 6
_FIRST = 5
_READ = (".md", ".markdown", ".toml")


@dataclass(frozen=True)
class Served:
    """One good state of a library, as everybody sees it: nothing in here alters, and no draft is in it.

    Nothing in here leads back to it either: with the last reference all of it is let go, without the garbage collector,
    which passes over what was there when it was frozen.
    """

    opened: Opened
    searcher: Searcher
    plan_hash: str

    def prepare(self) -> None:
        """Put in order what pages look things up in, so that no reader waits for it."""
        self.chronicle.prepare()
        self.opened.prepare()
        _ = self.hinter, self.withheld, self._numbers

    @property
    def library(self) -> Library:
        return self.opened.library

    @property
    def desk(self) -> Desk:
        return self.opened.desk

    @cached_property
    def chronicle(self) -> Chronicle:
        return Chronicle(self.library)

    @cached_property
    def calendars(self) -> Callable[..., Calendar]:
        """``calendar_of`` the library, whole; the last ones asked for are kept."""
        return lru_cache(maxsize=16)(partial(calendar_of, self.chronicle))

    @cached_property
    def calendar_parts(self) -> Callable[..., CalendarPart]:
        """``calendar_part`` of the library; the last ones asked for are kept."""
        return lru_cache(maxsize=64)(partial(calendar_part, self.chronicle))

    @cached_property
    def changes(self) -> Callable[..., Changes]:
        """``Chronicle.changes``; the last ones asked for are kept."""
        return lru_cache(maxsize=32)(self.chronicle.changes)

    @cached_property
    def redlines(self) -> Callable[..., Redline]:
        """``redline_of`` a policy, by its number, and two days; the last ones asked for are kept."""
        return lru_cache(maxsize=64)(partial(_redline, self.opened))

    @cached_property
    def computed(self) -> Callable[[str, date], Computed]:
        """What the records of a policy that were known on a day come to; the last ones asked for are kept."""
        return lru_cache(maxsize=64)(partial(_computed, self.library))

    @cached_property
    def hinter(self) -> Hinter:
        return Hinter(self.library, self.searcher.stands)

    @cached_property
    def policy_of(self) -> Mapping[str, str]:
        """The number of the policy of each document."""
        return {version.source.file: version.policy for version in self.library.versions}

    @cached_property
    def withheld(self) -> frozenset[str]:
        """The files whose words are not ours to show."""
        return withheld_files(self.library)

    @cached_property
    def _numbers(self) -> dict[str, str]:
        held = {slug(policy).casefold(): policy for policy in reversed(self.opened.by_policy)}
        return held | {policy.casefold(): policy for policy in self.opened.by_policy}

    def number(self, given: str) -> str | None:
        """A policy's number as the library spells it, for a number or its path-safe form however it is cased."""
        return self._numbers.get(given.strip().casefold())

    def is_known(self, number: str, known_on: date) -> bool:
        """Whether anything of a policy was known on a day."""
        return any(version.known_from <= known_on for version in self.desk.versions.get(number, ()))


def _computed(library: Library, policy: str, known_on: date) -> Computed:
    base = library.evidence_of(policy)
    if base is None:
        return Computed()
    return computed(base.known_on(known_on), library.settings.evidence, library.assessment)


def _redline(opened: Opened, policy: str, first: date, second: date, known_on: date) -> Redline:
    return redline_of(opened.library, opened.of(policy), first, second, known_on)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the newest state of the library is not served: how many errors, and the first of those that may be told.

    Only what concerns documents that are served already is told; of others not even the name, since they may be drafts.
    """

    errors: int
    told: tuple[Diagnostic, ...] = ()
    is_gone: bool = False


def published(library: Library) -> Library:
    """The library without its drafts, as if they were not there; nor is the evidence of a policy that has nothing else."""
    hidden = {version.source.file for version in library.versions if version.is_draft}
    if not hidden:
        return library
    shown = tuple(each for each in library.versions if not each.is_draft)
    folders = {_folder(version.source.file) for version in shown}
    unpublished = tuple(f"{folder}/evidence/" for folder in {_folder(file) for file in hidden} - folders)
    hidden |= {file for file, _ in library.files if file.startswith(unpublished)}
    numbers = {version.policy for version in shown}
    return replace(
        library,
        versions=shown,
        evidence=tuple(each for each in library.evidence if each.policy in numbers),
        diagnostics=tuple(
            each
            for each in library.diagnostics
            if each.source.file not in hidden and not each.source.file.startswith(unpublished)
        ),
        files=tuple(each for each in library.files if each[0] not in hidden),
        texts={name: text for name, text in library.texts.items() if name not in hidden},
    )


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def served(library: Library, previous: Served | None = None) -> Served:
    """A library without errors, ready to be served; what has not altered since ``previous`` is not compiled again."""
    shown = published(library)
    opened = open_desk(shown) if previous is None else Opened(shown, Desk(compile_library(shown, previous.desk.plan)))
    lines = [f"semantics {SEMANTICS}", *(f"{path} {content}" for path, content in sorted(shown.files))]
    searcher = Searcher(shown, None if previous is None else previous.searcher)
    made = Served(opened, searcher, hashlib.sha256("\n".join(lines).encode()).hexdigest())
    made.prepare()
    return made


class Site:
    """A library's folder, the last good state of it, and what is wrong with the newest.

    ``now`` is replaced by one assignment: whoever took it keeps a whole state until its answer is written. Until there was
    a good state it is empty, and ``is_ready`` says so.
    """

    def __init__(self, path: Path, library: Library, log: Log) -> None:
        """Serve a library that was read from a folder. One with errors is not served: nothing is, until it is mended."""
        self.path, self._log = path, log
        self.is_ready = not library.errors
        self.now = served(library if self.is_ready else Library(library.root))
        self.trouble = None if self.is_ready else Trouble(len(library.errors))
        self.reloads = 0
        self._read = library
        self._stamps = self._seen = stamps(path)

    @property
    def whole(self) -> Library:
        """The library that is served, with its drafts: for pages that only the plan's own staff sees."""
        return self._read

    def look(self) -> bool:
        """Look once whether the folder changed; give back whether what is served, or what is told of it, did.

        A change is read when two looks in a row find the same: a file that is still being written is left alone.
        """
        seen = stamps(self.path)
        is_settled, self._seen = seen == self._seen, seen
        if seen == self._stamps or not is_settled:
            return False
        self._stamps = seen
        return self._reload()

    def _reload(self) -> bool:
        try:
            library = load(self.path, previous=self._read)
        except (LibraryNotFound, OSError):
            return self._refuse(Trouble(1, is_gone=True))
        if library.errors:
            known = {version.source.file for version in self.now.library.versions}
            told = tuple(each for each in library.errors if each.source.file in known)
            return self._refuse(Trouble(len(library.errors), told[:_FIRST]))
        self.now = served(library, self.now)
        self._read, self.trouble, self.is_ready = library, None, True
        self.reloads += 1
        self._log.write("library_reloaded", library=self.now.plan_hash)
        return True

    def _refuse(self, trouble: Trouble) -> bool:
        self.trouble = trouble
        where = f"{trouble.told[0].source} {trouble.told[0].rule}" if trouble.told else ""
        self._log.write("library_refused", library=self.now.plan_hash, errors=trouble.errors, where=where)
        return True

    @contextmanager
    def watched(self, seconds: float = POLL_SECONDS) -> Iterator[None]:
        """Look at the folder again and again, in a thread of its own, as long as this lasts."""
        is_over = Event()

        def watch() -> None:
            while not is_over.wait(seconds):
                try:
                    self.look()
                except Exception as bug:  # reading failed in a new way: the watch goes on, and what is served says so
                    self._log.bug("", bug)
                    self._refuse(Trouble(1))

        watcher = Thread(target=watch, name="library", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            is_over.set()
            watcher.join()


def stamps(path: Path) -> bytes:
    """What tells one state of the files that may matter from another: a hash over the time, size and number of each.

    A hash, since this is asked every second of many thousand files: to keep their stamps and compare them holds up the event
    loop for some milliseconds at a stretch, and the collector walks through them.
    """
    found = hashlib.blake2b(digest_size=16)
    try:
        root = find_root(path)
    except LibraryNotFound:
        return found.digest()
    folders = [(str(root), 1)]
    while folders:
        folder, depth = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=_name_of)
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    if depth < _DEPTH and not entry.name.startswith("."):
                        folders.append((entry.path, depth + 1))
                elif entry.name.casefold().endswith(_READ):
                    status = entry.stat()
                    said = f"{entry.path}\0{status.st_mtime_ns} {status.st_size} {status.st_ino}\0"
                    found.update(said.encode("utf-8", "surrogateescape"))
            except OSError:
                found.update(f"{entry.path}\0\0".encode("utf-8", "surrogateescape"))
    return found.digest()


_name_of = attrgetter("name")
