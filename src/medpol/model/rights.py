"""Whose words a document carries: whether they were taken from elsewhere, and whether they may be shown to everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable

from medpol.model.contract import CoverageSource
from medpol.model.policy import PolicyVersion

CARRIED = ("carried back from ", "carried on from ")
"""How a mark under ``doubtful:`` begins what an import took from another text of the same policy."""

_FORBIDS = re.compile(
    r"\b(?:not|no(?! (?:\w+ )?(?:restrict|descriptor|limit))|never|neither|nor|cannot)\b[^.;]{0,40}?\b(?:display|show|download|export|cop|shar|publish|publication"
    r"|distribut|redistribut|reproduc|permission|licen[cs]e|consent)"
    r"|\ball rights reserved\b|\brights? (?:are |is )?reserved\b|\bconfidential\b|\bproprietary\b|\binternal\b"
    r"|\b(?:shown|displayed|copied|shared|used?|shows?|display) only\b|\bonly (?:with|by|to|after|for|under)\b",
    re.IGNORECASE,
)
_ALLOWS = re.compile(
    r"\bmay be (?:freely )?(?:shown|displayed|copied|shared|published|downloaded|exported|reproduced|distributed|used)\b"
    r"|\b(?:allows?|permits?|allowed|permitted|free) (?:to |for |the |its |any |all )*"
    r"(?:copy|copying|display|show|showing|sharing|share|use|reuse|publication|publish|reproduction|distribution)"
    r"|\b(?:display|copying|sharing|publication|reproduction) (?:is |are )?(?:allowed|permitted|free)\b"
    r"|\bno restrictions?\b|\bpublic domain\b|\bcreative commons\b|\bCC[ -](?:BY|0)\b|\bCC0\b|\bopen licen[cs]e\b|\bfree to use\b"
    r"|^\s*(?:(?:we|the plan|it is|they are) )?(?:our|my|in our|in)? ?own(?: words?| text)?\b|^\s*ours\b|\b(?:our|your) own\b",
    re.IGNORECASE,
)


def is_carried(doubtful: Iterable[str]) -> str:
    """The first mark of doubt that tells of words taken from another text; empty where none does."""
    return next((each for each in doubtful if any(mark in each for mark in CARRIED)), "")


def may_show_prose(document: PolicyVersion | CoverageSource) -> bool:
    """Whether pages, downloads, feeds and search may show the document's sentences to everybody.

    ``rights:`` is read as a person would: words that forbid (*not for display*, *all rights reserved*) decide, then words
    that allow (*may be shown*, *own words*). Where it says neither, or nothing, a document that was taken from elsewhere is
    withheld, and one that was written here is shown. Codes, numbers, dates, titles and positions are facts, not prose.
    """
    if _FORBIDS.search(document.rights):
        return False
    if _ALLOWS.search(document.rights):
        return True
    if document.origin:
        return False
    return not (isinstance(document, PolicyVersion) and is_carried(document.doubtful))
