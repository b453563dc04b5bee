"""Rules about the criteria: words that no expression reads, and exceptions that turn the wrong way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from medpol.check.rule import warning, words_place
from medpol.decide.plan import compile_version
from medpol.library import Library
from medpol.model.criteria import StatementKind
from medpol.model.dates import stated
from medpol.model.diagnostic import Diagnostic
from medpol.model.policy import PolicyVersion
from medpol.model.positions import Outcome

_ANY_DAY = stated("2000-01-01")


def qualifier_not_read(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """A statement is narrowed by words that no expression reads.

    "... for the treatment of myofascial pain is **investigational**" names patients, and nothing tests who they are: it
    is answered for the whole code, and the answer says so under *reading*. Leave it where the code is used for nothing
    else. Otherwise make the words a criterion, or list in the Coding table the diagnoses where the policy does not speak
    (role ``excludes``).
    """
    for version in library.versions:
        if not any(rule.statement.kind is StatementKind.PLAIN for rule in version.rules):
            continue
        for rule, row in zip(version.rules, _compiled(library, version), strict=True):
            if row:
                yield warning(
                    words_place(library, rule.statement.source, row),
                    "qualifier-not-read",
                    f'"{row}" is read by no expression: answered for the whole code',
                    "a criterion that tests it, or a statement that means every patient",
                    "leave it where the code is used for nothing else, or write `... when all of these are met:` and a list",
                )


def _compiled(library: Library, version: PolicyVersion) -> tuple[str, ...]:
    """The unread words of each rule, as the answers say them. A draft is read as if it had its days."""
    if version.is_draft:
        version = replace(version, effective=version.effective or _ANY_DAY, published=_ANY_DAY)
        version = version if version.first_day is not None else replace(version, effective=_ANY_DAY, archived=None)
    row = compile_version(version, library.facts, library.event_fields)
    return tuple(rule.qualifier for rule in row.rules)


def unless_under_unfavourable(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """An exception stands under an unfavourable position, and where it holds the answer is unfavourable.

    ``Unless`` is a second way for its rule to be met: "**Investigational** when ... Unless a director allows it." comes
    out *investigational* where the director allows it. Where the exception is meant to help the patient, give it a rule
    of its own with a favourable position, or write the rule the other way round with ``Otherwise``.
    """
    for version in library.versions:
        for rule in version.rules:
            if rule.unless is None or rule.statement.position.canonical.outcome is not Outcome.NOT_COVERED:
                continue
            yield warning(
                rule.unless.source,
                "unless-under-unfavourable",
                f"where this exception holds, the answer is {rule.statement.position.label}, as in the rule above it",
                "an exception under a favourable position",
                "give the exception a rule of its own with the position it leads to, or turn the rule round with "
                f"`Otherwise **{rule.statement.position.label}**.`",
            )
