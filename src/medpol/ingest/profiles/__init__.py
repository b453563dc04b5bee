"""Publishers' habits as data: one file each, with what tells the publisher and which headings mean something of its own there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from medpol.model.policy import SectionName
from medpol.text.headings import heading_key


@dataclass(frozen=True, slots=True)
class Profile:
    """A publisher's own meaning of headings. ``known_by``: any of these in a document's opening tells the publisher."""

    name: str = ""
    publisher: str = ""
    known_by: tuple[re.Pattern[str], ...] = ()
    headings: Mapping[str, SectionName] = field(default_factory=dict)

    def knows(self, opening: str) -> bool:
        return any(pattern.search(opening) for pattern in self.known_by)


NO_PROFILE = Profile()


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    """The profiles that ship, by name. Raises ValueError where a file names a section that is not standard."""
    found = {}
    for file in sorted(files(__name__).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            name = file.name.removesuffix(".toml")
            found[name] = profile_of(name, tomllib.loads(file.read_text(encoding="utf-8")))
    return found


def profile_of(name: str, data: Mapping[str, object]) -> Profile:
    """The profile that a file's data states."""
    known_by, headings = data.get("known_by", ()), data.get("headings", {})
    if not isinstance(known_by, list) or not isinstance(headings, dict):
        raise ValueError(f"profile {name}: known_by is a list, headings a table")
    return Profile(
        name,
        str(data.get("publisher", "")),
        tuple(re.compile(str(pattern)) for pattern in known_by),
        {heading_key(str(heading)): SectionName(section) for heading, section in headings.items()},
    )


def recognised(opening: str) -> Profile:
    """The one profile that knows a document by its opening; none where none does, or several do."""
    knowing = [each for each in profiles().values() if each.knows(opening)]
    return knowing[0] if len(knowing) == 1 else NO_PROFILE
