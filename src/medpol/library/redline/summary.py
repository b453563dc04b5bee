"""What the change between two versions means, in a sentence or two: the line of a feed, a mail, a list of changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from medpol.library.redline.alike import Effort
from medpol.library.redline.between import between
from medpol.library.redline.coding import counted
from medpol.library.redline.meaning import compare_meaning
from medpol.library.redline.values import OF_COVERAGE, Item, Kind, Subject
from medpol.model.codes import pattern_shown
from medpol.model.policy import CodeRole, PolicyVersion
from medpol.model.rights import may_show_prose

_SENTENCES = 4
_LONGEST = 240
FACTS = frozenset(
    {Subject.STANDING, Subject.SCOPE, Subject.SERVICE, Subject.POSITION, Subject.AUTHORISATION, Subject.CODE}
)
"""Subjects whose items say facts; all others may quote the document's own words."""
_CODES = 6


def summary(before: PolicyVersion | None, after: PolicyVersion, held: Iterable[PolicyVersion] = ()) -> str:
    """What changed from one version to a later one, most important first; what is new where there was none before.

    Args:
        before: The version it is compared with; ``None`` for the first of its policy.
        after: The later version.
        held: The versions of the policy that lie between the two.

    Sentences of a document whose rights do not let them be shown are counted and not quoted.
    """
    if before is None:
        return _first(after)
    compared = compare_meaning(before, after, between(before, after, held), Effort())
    items = [each for each in compared if each.changes_meaning and not _is_old_withdrawal(each)]
    coverage = [each for each in items if each.subject in OF_COVERAGE]
    if after.is_archived:
        coverage = [each for each in coverage if each.subject is Subject.STANDING] or coverage
        items = coverage
    may_quote = may_show_prose(before) and may_show_prose(after)
    told = [each for each in coverage if may_quote or each.subject in FACTS][:_SENTENCES]
    rest = [each for each in items if each not in told]
    parts = [_short(each.says) for each in told]
    if rest:
        parts.append(f"{'also ' if told else ''}{_counts(rest)} changed")
    return _sentence(parts) if parts else "No change in meaning."


def _first(version: PolicyVersion) -> str:
    if version.is_archived:
        return f"Archived from {version.first_day} on: no policy is in force."
    labels = dict.fromkeys(rule.statement.position.label for rule in version.rules)
    codes = tuple(
        dict.fromkeys(
            f"{row.system} {pattern_shown(row.system, row.pattern)}"
            for row in version.code_rows
            if row.pattern is not None and row.role is CodeRole.GOVERNED
        )
    )
    more = f" and {len(codes) - _CODES} more" if len(codes) > _CODES else ""
    named = f"codes {', '.join(codes[:_CODES])}{more}" if codes else "no code named"
    return _sentence(["the first version", ", ".join(labels) or "no position stated", named])


def _is_old_withdrawal(each: Item) -> bool:
    """Whether the earlier text took a version out: the later one need not say so again."""
    return each.subject is Subject.STANDING and each.kind is Kind.REMOVED and not each.after


def _counts(items: Sequence[Item]) -> str:
    """How many things of which kind changed, such as *3 populations, 9 trials*."""
    found = Counter(_WORDS.get(each.subject, ("point", "points")) for each in items)
    return ", ".join(counted(count, *words) for words, count in found.items())


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + ("" if text.endswith("…") else ".")


_WORDS = {
    Subject.STANDING: ("point of standing", "points of standing"),
    Subject.SCOPE: ("scope", "scopes"),
    Subject.SERVICE: ("service", "services"),
    Subject.STATEMENT: ("statement", "statements"),
    Subject.POSITION: ("position", "positions"),
    Subject.AUTHORISATION: ("authorisation", "authorisations"),
    Subject.CODE: ("row of codes", "rows of codes"),
    Subject.RULE: ("rule", "rules"),
    Subject.CRITERION: ("criterion", "criteria"),
    Subject.STRUCTURE: ("list of criteria", "lists of criteria"),
    Subject.CONDITION: ("condition", "conditions"),
    Subject.VALUE_SET: ("value set", "value sets"),
    Subject.TABLE: ("table", "tables"),
    Subject.FACT: ("fact", "facts"),
    Subject.POPULATION: ("population", "populations"),
    Subject.TRIAL: ("trial", "trials"),
    Subject.GUIDELINE: ("guideline", "guidelines"),
    Subject.REFERENCE: ("group of references", "groups of references"),
    Subject.MEDICARE: ("Medicare entry", "Medicare entries"),
    Subject.REGULATORY: ("regulatory entry", "regulatory entries"),
    Subject.IDENTITY: ("title or number", "titles or numbers"),
}
