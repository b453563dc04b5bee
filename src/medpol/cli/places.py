"""A path given to ``check``, ``fmt`` or ``test``: the library it names or stands in, and the files of it that are meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from medpol.cli.opening import read_or_stop
from medpol.cli.stops import NOT_FOUND, REFUSED, Stop
from medpol.library import SHIPPED, Library, find_root, read_library
from medpol.text.format import DocumentKind

_ROOT_FILES = ("facts.md", "plans.md", "medpol.toml", "adjustments.toml")
_SIDE_FOLDERS = ("contracts", "mandates")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(?:\.\d{4}-\d{2}-\d{2})?\.md", re.ASCII)
CASES = "cases.md"


@dataclass(frozen=True, slots=True)
class Place:
    """A library and what of it is meant. ``root``: the folder that relative paths start from; ``only``: one file or folder."""

    library: Library
    root: Path
    only: str | None = None

    def holds(self, relative: str) -> bool:
        return self.only is None or relative == self.only or relative.startswith(f"{self.only}/")

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
    if not path.exists():
        raise Stop(NOT_FOUND, f"nothing at {path}: expected a library's folder, or a document inside one")
    if path.is_dir() and not _is_policy_folder(path):
        return Place(read_or_stop(path), find_root(path))
    root = _root_above(path)
    if root is None:
        return _alone(path)
    relative = path.resolve().relative_to(root.resolve()).as_posix()
    return Place(read_or_stop(root), root, relative)


def _is_policy_folder(path: Path) -> bool:
    """Whether versions stand right in it; a folder of policies has them one level further down."""
    return not any((path / name).exists() for name in _ROOT_FILES) and any(
        _VERSION.fullmatch(each.name) for each in path.iterdir()
    )


def _root_above(path: Path) -> Path | None:
    """The library that a document or a policy's folder stands in, known by one of its own files; ``None`` for none."""
    inside = path.resolve().parent if path.is_file() else path.resolve()
    for folder in (inside, inside.parent):
        for root in (folder, folder.parent) if folder.name == "policies" else (folder,):
            if any((root / name).is_file() for name in _ROOT_FILES):
                return root
    return None


def _alone(path: Path) -> Place:
    """Documents outside any library: read with nothing declared beside them."""
    folder = path if path.is_dir() else path.parent
    files = sorted(each for each in path.iterdir() if each.suffix == ".md") if path.is_dir() else [path]
    try:
        data = {f"{folder.resolve().name}/{each.name}": each.read_bytes() for each in files}
    except OSError as problem:
        raise Stop(REFUSED, f"{problem.filename} cannot be read: {problem.strerror}") from problem
    kept = {name: each for name, each in data.items() if kind_of(name) is DocumentKind.POLICY}
    return Place(read_library(kept, str(folder)), folder.parent, None if path.is_dir() else next(iter(data)))


def kind_of(relative: str) -> DocumentKind | None:
    """How a file of a library is spelled, by its path; ``None`` for what ``fmt`` leaves alone."""
    *folders, name = relative.removeprefix("policies/").split("/")
    if not name.endswith(".md"):
        return None
    if not folders:
        return {"facts.md": DocumentKind.FACTS, "plans.md": DocumentKind.PLANS}.get(name)
    if folders[0] in _SIDE_FOLDERS:
        return DocumentKind.SOURCE
    if name == CASES:
        return DocumentKind.CASES
    return DocumentKind.POLICY if _VERSION.fullmatch(name) else None


def cases_files(place: Place) -> list[str]:
    """The ``cases.md`` beside the policies of a place, as relative paths."""
    folders = {path.rsplit("/", 1)[0] for path, _ in place.library.files if kind_of(path) is DocumentKind.POLICY}
    found = [f"{folder}/{CASES}" for folder in sorted(folders)]
    return [path for path in found if place.holds(path) and (place.root / path).is_file()]
