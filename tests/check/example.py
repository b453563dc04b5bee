"""An example of a rule: a failing library, what is found in it, and the one passage whose mend makes it pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.support import library

from medpol.check import check_library
from medpol.model.diagnostic import Diagnostic


@dataclass(frozen=True)
class Example:
    """``at``: ``file:line:column`` of the only finding. ``old`` stands once in that file, or in ``path`` where it is given."""

    rule: str
    files: Mapping[str, str]
    at: str
    old: str
    new: str
    path: str = ""
    today: date | None = None

    @property
    def mended_path(self) -> str:
        return self.path or self.at.rsplit(":", 2)[0]

    @property
    def passing(self) -> dict[str, str]:
        text = self.files[self.mended_path]
        assert text.count(self.old) == 1, f"{self.old!r} stands {text.count(self.old)} times in {self.mended_path}"
        return {**self.files, self.mended_path: text.replace(self.old, self.new)}


def found(files: Mapping[str, str], today: date | None = None) -> tuple[Diagnostic, ...]:
    """Every finding about a library that reads without error."""
    held = library(files)
    assert not held.errors, "\n".join(map(str, held.errors))
    return check_library(held, today).found
