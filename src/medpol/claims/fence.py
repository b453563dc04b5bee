"""The one place that opens DuckDB, behind a fence, and that writes a name or a text of a user into SQL.

An engine reads and writes below the folders it is given and nowhere else: no other path, no link that leads out, no
network, no extension; memory and temporary space have a cap, and none of it can be changed afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from medpol.claims.refused import ClaimsRefused

MEMORY_LIMIT = "512MB"
THREADS = 2
TEMPORARY_LIMIT = "200GB"
_GLOB = frozenset("*?[]")
"""Signs by which DuckDB reads one name as a pattern of many."""


def open_engine(
    folders: Sequence[Path],
    *,
    memory_limit: str = MEMORY_LIMIT,
    threads: int = THREADS,
    temporary: Path | None = None,
    temporary_limit: str = TEMPORARY_LIMIT,
    keeps_order: bool = False,
) -> duckdb.DuckDBPyConnection:
    """A connection that reaches ``folders`` and no more. ``temporary`` holds what memory does not, in a folder of ours.

    ``keeps_order``: rows come out in the order of the file, which costs memory; without it the order means nothing.
    """
    engine = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "threads": threads,
            "memory_limit": memory_limit,
        },
    )
    spill = (folders[0] / ".tmp-duckdb") if temporary is None else temporary
    reachable = [_folder(each) for each in folders]
    for setting in (
        f"SET temp_directory = {path_text(spill)}",
        f"SET max_temp_directory_size = {text(temporary_limit)}",
        f"SET allowed_directories = [{', '.join(text(each) for each in reachable)}]",
        f"SET preserve_insertion_order = {'true' if keeps_order else 'false'}",
        "SET enable_progress_bar = false",
        "SET enable_object_cache = false",
        "SET TimeZone = 'UTC'",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        engine.execute(setting)
    return engine


def _folder(folder: Path) -> str:
    """The folder's true path with its closing slash: what begins the same way, as ``out-2`` beside ``out``, is not in it."""
    return f"{plain_path(folder.resolve())}/"


def plain_path(path: Path) -> str:
    """The path as words, if DuckDB reads it as one file. Raises ``ClaimsRefused`` where it would be a pattern."""
    words = str(path)
    if _GLOB & set(words) or "\0" in words:
        raise ClaimsRefused(
            words, "a path with one of the signs * ? [ ]", "a plain path: these make a pattern of it", "rename it"
        )
    return words


def path_text(path: Path) -> str:
    """The path as a text of SQL."""
    return text(plain_path(path.absolute()))


def name(identifier: str) -> str:
    """A name of a column or table, quoted. Raises ``ClaimsRefused`` where SQL can hold no such name."""
    if not identifier or "\0" in identifier:
        raise ClaimsRefused(repr(identifier), "a name that is empty or holds NUL", "a plain name", "rename the column")
    return '"' + identifier.replace('"', '""') + '"'


def text(words: str) -> str:
    """A text of SQL, quoted; nothing in it can end it. Raises ``ClaimsRefused`` for NUL, which SQL cannot hold."""
    if "\0" in words:
        raise ClaimsRefused(repr(words), "a text that holds NUL", "plain text", "drop the sign")
    return "'" + words.replace("'", "''") + "'"
