"""Medical policy as code: the policy document is the program.

plan = medpol.load()
answer = medpol.determine(plan, code="20560", line_of_business="commercial", date_of_service="2024-08-02")
print(answer.outcome.value)
print(answer.sentences[0].text)
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from medpol.decide.cases import CaseError, UnknownContract, answer_as_dict, decode_case, encode_answer
from medpol.decide.explain import determine as _determine
from medpol.decide.one import Desk
from medpol.decide.plan import compile_library
from medpol.library import SHIPPED, Library, LibraryNotFound
from medpol.library import load as read
from medpol.model.determination import Determination
from medpol.model.positions import CoveragePosition, Outcome, Position, ReasonKind
from medpol.model.truth import Truth

__version__ = "0.1.0"


class LibraryHasErrors(ValueError):
    """The library cannot decide: skipping a broken file could revive an older version. ``diagnostics`` says what to mend."""

    def __init__(self, library: Library) -> None:
        self.diagnostics = library.errors
        super().__init__("\n".join(map(str, library.errors)))


def load(policies: Path | str = SHIPPED) -> Desk:
    """A library from a folder, compiled and ready to answer; the one that ships where none is named.

    Raises:
        LibraryNotFound: No such folder.
        LibraryHasErrors: A document has errors.
    """
    library = read(policies)
    if library.errors:
        raise LibraryHasErrors(library)
    return Desk(compile_library(library))


def determine(
    plan: Desk, case: dict[str, Any] | None = None, /, *, known_on: date | str | None = None, **keys: Any
) -> Determination:
    """The determination for one case, given as a dictionary or as keywords with the keys of a case.

    Without ``known_on`` the answer is by all that the library holds; no clock is read, so ``date_of_service`` is needed.

    Raises:
        CaseError: The case cannot be read; an unknown contract is an ``UnknownContract``.
    """
    given = {**(case or {}), **keys}
    if given.get("date_of_service") is None:
        raise CaseError("$.date_of_service", "no day of service", "YYYY-MM-DD", "give the day care was given")
    given = {key: str(value) if isinstance(value, date) else value for key, value in given.items()}
    if known_on is not None:
        given["known_on"] = str(known_on)
    normalised, day = decode_case(plan, given, plan.all_held)
    return _determine(plan, normalised, day)


__all__ = [
    "SHIPPED",
    "CaseError",
    "CoveragePosition",
    "Desk",
    "Determination",
    "Library",
    "LibraryHasErrors",
    "LibraryNotFound",
    "Outcome",
    "Position",
    "ReasonKind",
    "Truth",
    "UnknownContract",
    "answer_as_dict",
    "determine",
    "encode_answer",
    "load",
    "read",
]
