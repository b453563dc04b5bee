"""A path given to ``check``, ``fmt`` or ``test``: the library it names or stands in, and the files of it that are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from medpol.cli.opening import MISPLACED, ROOT_FILES, VERSION_NAME, is_policy_folder, read_or_stop, refuse_unreadable
from medpol.cli.stops import NOT_FOUND, REFUSED, Stop
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.decide.worked import read_worked
from medpol.library import SHIPPED, Library, find_root, read_library
from medpol.library.beside import ASSESSMENT, EVIDENCE, kind_of_evidence
from medpol.model.diagnostic import Diagnostic, errors
from medpol.text.format import DocumentKind
from medpol.text.source import Findings, decode

_SIDE_FOLDERS = ("contracts", "mandates")
CASES = "cases.md"


@dataclass(frozen=True, slots=True)
class Place:
    """A library and what of it is meant. ``root``: the folder that relative paths start from; ``only``: one file or folder."""

    library: Library
    root: Path
    only: str | None = None

    def holds(self, relative: str) -> bool:
        return self.only is None or relative == self.only or relative.startswith(f"{self.only}/")

    def documents(self) -> list[str]:
        """The documents that are meant, those too that could not be read as text."""
        wrong = (*self.library.errors, *self.library.evidence_errors)
        unread = {each.source.file for each in wrong if each.rule != MISPLACED}
        named = {name for name, _ in self.library.files} | unread
        return sorted(name for name in named if self.holds(name))

    def shown(self, relative: str) -> str:
        """The path as a person can open it from here."""
        path = (self.root / relative).absolute()
        here = Path.cwd()
        return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def find_place(path: Path | None) -> Place:
    """The place of a path: the shipped library for none, a library's folder, or a policy's folder or file inside one.

    Ends the command where there is nothing at the path.
    """
    if path is None:
        return Place(read_or_stop(SHIPPED), SHIPPED)
    try:
        is_there = path.exists()
    except PermissionError as problem:
        raise Stop(NOT_FOUND, f"{path} cannot be reached: {problem.strerror}") from None
    if not is_there:
        raise Stop(NOT_FOUND, f"nothing at {path}: expected a library's folder, or a document inside one")
    refuse_unreadable(path)
    if path.is_dir() and not is_policy_folder(path):
        return Place(read_or_stop(path), find_root(path))
    spelled = path.resolve() if path.is_dir() else path.parent.resolve() / path.name  # a linked document keeps its name
    for inside in (spelled, path.resolve()):
        if (root := _root_above(inside)) is not None:
            break
    else:
        return _alone(path)
    relative = inside.relative_to(root).as_posix()
    place = Place(read_or_stop(root), root, relative)
    if path.is_file() and relative not in place.documents() and kind_of(relative) is not DocumentKind.CASES:
        raise _no_document(path)
    return place


def _no_document(path: Path) -> Stop:
    return Stop(
        NOT_FOUND,
        f"{path} is no document of a library; expected a version named by its first day, such as "
        f"2.01.100/2024-07-01.md, a {CASES} beside one, {', '.join(ROOT_FILES)}, or a .md in contracts/ or mandates/",
    )


def _root_above(path: Path) -> Path | None:
    """The library that a document or a policy's folder stands in, known by one of its own files; ``None`` for none."""
    inside = path if path.is_dir() else path.parent
    evidence = next((each for each in (inside, *inside.parents) if each.name == EVIDENCE), inside)
    for folder in dict.fromkeys((inside, inside.parent, evidence.parent, evidence.parent.parent)):
        for root in (folder, folder.parent) if folder.name == "policies" else (folder,):
            if any((root / name).is_file() for name in ROOT_FILES):
                return root
    return None


def _alone(path: Path) -> Place:
    """Documents outside any library: read with nothing declared beside them."""
    folder = path if path.is_dir() else path.parent
    files = sorted(each for each in path.iterdir() if each.suffix == ".md") if path.is_dir() else [path]
    named = {f"{folder.resolve().name}/{each.name}": each for each in files}
    named = {name: each for name, each in named.items() if kind_of(name) is DocumentKind.POLICY}
    if not named:
        raise _no_document(path)
    try:
        data = {name: each.read_bytes() for name, each in named.items()}
    except OSError as problem:
        raise Stop(REFUSED, f"{problem.filename} cannot be read: {problem.strerror}") from problem
    return Place(read_library(data, str(folder)), folder.parent, None if path.is_dir() else next(iter(data)))


def kind_of(relative: str) -> DocumentKind | None:
    """How a file of a library is spelled, by its path; ``None`` for what ``fmt`` leaves alone."""
    *folders, name = relative.removeprefix("policies/").split("/")
    if not name.endswith(".md"):
        return None
    if not folders:
        whole = {"facts.md": DocumentKind.FACTS, "plans.md": DocumentKind.PLANS, ASSESSMENT: DocumentKind.EVIDENCE}
        return whole.get(name)
    if folders[0] in _SIDE_FOLDERS:
        return DocumentKind.SOURCE
    if kind_of_evidence(relative) is not None:
        return DocumentKind.EVIDENCE
    if EVIDENCE in folders[1:]:
        return None
    if name == CASES:
        return DocumentKind.CASES
    return DocumentKind.POLICY if VERSION_NAME.fullmatch(name) else None


def cases_files(place: Place) -> list[str]:
    """The ``cases.md`` beside the policies of a place, as relative paths."""
    folders = {path.rsplit("/", 1)[0] for path, _ in place.library.files if kind_of(path) is DocumentKind.POLICY}
    found = [f"{folder}/{CASES}" for folder in sorted(folders)]
    return [path for path in found if place.holds(path) and (place.root / path).is_file()]


def bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise Stop(REFUSED, f"{path} cannot be read: {problem.strerror}") from problem


def errors_of(place: Place, name: str, kind: DocumentKind, data: bytes) -> Sequence[Diagnostic]:
    """The errors of one document; worked cases are read against the library, which must be without any."""
    wrong = (*place.library.errors, *place.library.evidence_errors)
    held = [each for each in wrong if each.source.file == name]
    if held or kind is not DocumentKind.CASES:
        findings = Findings(name)
        if not held and decode(data, findings) is None:
            return findings.found
        return held
    if place.library.errors:
        return place.library.errors
    findings = Findings(name)
    text = decode(data, findings)
    if text is not None:
        read_worked(text, Desk(compile_library(place.library)), findings)
    return errors(findings.found)
