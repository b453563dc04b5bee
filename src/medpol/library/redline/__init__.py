"""The redline of two versions of a policy: what the change means, from their values; then the words, aligned.

``redline`` is the one function; ``Redline`` and its parts are the values that a terminal, a page or a program shows.
Sections, headings and criteria are matched before words are, and no document can make the comparing take unbounded time.
"""

from __future__ import annotations

from collections.abc import Iterable

from medpol.library.redline.alike import Effort
from medpol.library.redline.between import between, named
from medpol.library.redline.meaning import compare_meaning
from medpol.library.redline.values import (
    OF_COVERAGE,
    Block,
    Change,
    Gap,
    Item,
    Kind,
    Mark,
    Redline,
    Run,
    Said,
    SectionWords,
    Subject,
    VersionNamed,
    Words,
)
from medpol.library.redline.words import compare_words
from medpol.model.policy import PolicyVersion

__all__ = [
    "Block",
    "Change",
    "Effort",
    "Gap",
    "Item",
    "Kind",
    "Mark",
    "Redline",
    "Run",
    "Said",
    "SectionWords",
    "Subject",
    "VersionNamed",
    "Words",
    "redline",
]


def redline(
    before: PolicyVersion,
    before_text: str,
    after: PolicyVersion,
    after_text: str,
    held: Iterable[PolicyVersion] = (),
    effort: Effort | None = None,
) -> Redline:
    """The redline of two versions of one policy.

    Args:
        before, after: The two versions; the second may be the earlier one.
        before_text, after_text: The documents that they were read from.
        held: The versions of the policy that hold, one a first day, as known on some day; what lies between the two
            is looked up there.
        effort: How much comparing may be done; what is left then is shown as deleted and inserted.
    """
    spent = Effort() if effort is None else effort
    lies = between(before, after, held)
    meaning = compare_meaning(before, after, lies, spent)
    words = compare_words(before, before_text, after, after_text, spent)
    meaning_changes = any(each.changes_meaning for each in meaning)
    coverage_changes = any(each.changes_meaning and each.subject in OF_COVERAGE for each in meaning)
    return Redline(
        after.policy,
        after.title,
        named(before),
        named(after),
        _verdict(meaning_changes, coverage_changes, words),
        meaning_changes,
        coverage_changes,
        words.is_changed,
        meaning,
        words,
        tuple(map(named, lies.inner)),
        lies.gaps,
        sum(gap.days for gap in lies.gaps),
    )


def _verdict(meaning_changes: bool, coverage_changes: bool, words: Words) -> str:
    """The whole in a sentence."""
    changed = [each for each in words.sections if each.change is not Change.EQUAL or each.is_moved]
    where = ", ".join(each.heading or "title and opening" for each in changed)
    if not meaning_changes and not changed:
        return "No change in wording or meaning"
    if coverage_changes:
        meaning = "The meaning changed"
    elif meaning_changes:
        meaning = "Scope, positions, codes and criteria mean the same; what else is stated changed"
    else:
        meaning = "The meaning is unchanged"
    return f"{meaning}; the words changed in: {where}" if changed else f"{meaning}; the words are the same"
