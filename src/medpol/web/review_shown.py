"""What the review page shows: the packet of a policy's next review, gathered once for each loaded library and day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial

from medpol.check import check_library
from medpol.library import Library
from medpol.model.policy import PolicyVersion
from medpol.renewal import Given, Packet, RenewalRefused, gather, renewed, standing_on
from medpol.web.site import Site

NOT_CHECKED = (
    "Only this policy and the evidence beside it were checked: what only two policies together can get wrong, such as "
    "positions on the same code, or in a contract or mandate about it, is found by `medpol check` over the whole library.",
    "What `medpol watch` keeps and claims are not read here: `medpol review --watched FOLDER --claims FILE` reads both.",
)


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The review of a policy on a day. Without a packet, ``refused`` says why there is nothing to review."""

    policy: str
    title: str
    today: date
    packet: Packet | None
    refused: str
    not_checked: tuple[str, ...] = NOT_CHECKED


class Reviews:
    """The reviews of the library that is served, drafts included; each is gathered once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._held = _of(site.whole)

    def on(self, policy: str, today: date) -> ReviewPage:
        """The review of a policy that the library has a version of."""
        held = self._held
        if held[0] is not self._site.whole:
            held = self._held = _of(self._site.whole)
        return held[1](policy, today)


def _of(library: Library) -> tuple[Library, Callable[[str, date], ReviewPage]]:
    return library, lru_cache(maxsize=64)(partial(review_of, library))


def review_of(library: Library, policy: str, today: date) -> ReviewPage:
    """The packet of a policy, from the library and nothing else. Nothing is written and nothing asked of a network."""
    alone = _alone(library, policy)
    standing = standing_on(alone, policy, today)
    title = standing.title if standing is not None else alone.versions[-1].title
    if standing is None:
        return ReviewPage(policy, title, today, None, f"no version is in force on {today} or to come")
    try:
        return ReviewPage(policy, title, today, _packet(alone, standing, today), "")
    except RenewalRefused as problem:
        return ReviewPage(policy, title, today, None, str(problem))


def _packet(alone: Library, standing: PolicyVersion, today: date) -> Packet:
    draft = renewed(alone, standing, today, today)
    return gather(Given(alone, check_library(alone, today), today), standing, draft)


def _alone(library: Library, policy: str) -> Library:
    """The library with one policy in it and the evidence beside it, with the same settings, facts and value sets."""
    versions = library.of(policy)
    folders = tuple(f"{each.source.file.rpartition('/')[0]}/" for each in versions)
    return replace(
        library,
        versions=versions,
        sources=(),
        evidence=tuple(each for each in library.evidence if each.policy == policy),
        diagnostics=tuple(each for each in library.diagnostics if each.source.file.startswith(folders)),
        texts={name: text for name, text in library.texts.items() if name.startswith(folders)},
    )
