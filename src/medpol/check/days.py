"""Rules about days: notice owed, days before which nobody could know, days that were inferred, files that govern nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from medpol.check.rule import error, in_force_before, note, value_place, warning
from medpol.library import Library
from medpol.model.criteria import Criterion, Rule, StatementKind
from medpol.model.diagnostic import Diagnostic
from medpol.model.policy import PolicyVersion


def notice_too_short(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """A change comes into force sooner after its notice than the days owed.

    Providers are owed notice before a policy restricts what it did not restrict before: the days that the version states
    (``notice days:``), else those of the library's ``medpol.toml``. They are counted from ``notice sent:``, else from
    ``published:``, to ``effective:``. Where neither is stated, or no days are owed, this rule says nothing; nor does it
    of a review that restricts nothing, whose statements and criteria are those of the version in force before, nor of an
    archived version. No date is ever computed into the record: mend the dates as they were decided.
    """
    for version in library.versions:
        owed = version.notice.days if version.notice.days is not None else library.settings.notice_days
        key = "notice sent" if version.notice.sent is not None else "published"
        stated = version.notice.sent or version.published
        if owed is None or stated is None or stated.day is None or version.is_archived or version.first_day is None:
            continue
        days = (version.first_day - stated.day).days
        if days < owed and not _restricts_nothing(library, version):
            told = "notice on" if key == "notice sent" else "publication on"
            earliest = stated.day + timedelta(days=owed)
            yield error(
                value_place(library, version, "effective"),
                "notice-too-short",
                f"effective {version.first_day} is {days} days after {told} {stated.day}",
                f"{owed} days",
                f"set effective (and the file's name) to {earliest} or later, or record an earlier notice",
            )


def _restricts_nothing(library: Library, version: PolicyVersion) -> bool:
    before = in_force_before(library, version)
    return before is not None and _said(version) == _said(before)


def _said(version: PolicyVersion) -> tuple[object, ...]:
    """Statements and criteria, without the notes beside them and the order of their lines."""
    return tuple(_rule_said(rule) for rule in version.rules)


def _rule_said(
    rule: Rule,
) -> tuple[str, StatementKind, str, str | None, Criterion | None, Criterion | None, str | None, tuple[str, ...]]:
    return (
        rule.name,
        rule.statement.kind,
        rule.statement.sentence,
        None if rule.when is None else rule.when.code,
        rule.criteria,
        rule.unless,
        None if rule.otherwise is None else rule.otherwise.sentence,
        rule.services,
    )


def retroactive_effective(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """A version is in force from a day before anybody could know of it.

    Its first day lies before the day it became known (``published:``, else ``row date:``). Such a version is answered
    from, and every answer says so; but care given between the two days was given under another text, so a person should
    look whether the day is a slip.
    """
    for version in library.versions:
        first_day, known_from = version.first_day, version.known_from
        if first_day is not None and known_from is not None and first_day < known_from:
            yield warning(
                value_place(library, version, "archived" if version.is_archived else "effective"),
                "retroactive-effective",
                f"in force from {first_day}, known only from {known_from}: {(known_from - first_day).days} days retroactive",
                "a first day on or after the day it became known",
                "correct one of the two days; leave it where it was decided so",
            )


def published_inferred(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """The day from which a version was known is inferred from its history row.

    No ``published:`` is stated, so the ``row date:`` stands in for it, and answers and pages say *inferred*. That may be
    all the document says. Where the publication day can be found, state it: the second clock then stands on a fact.
    """
    for version in library.versions:
        if version.known_from_is_inferred and not version.is_draft:
            yield note(
                value_place(library, version, "row date"),
                "published-inferred",
                f"no published day: known from {version.known_from} is inferred from the row date",
                "`published: YYYY-MM-DD`, where the publisher states it",
                "add the day of publication, or leave it where none is known",
            )


def draft_governs_nothing(library: Library, today: date | None) -> Iterable[Diagnostic]:
    """A file among the versions is a draft, and no answer rests on it.

    It states no whole first day, or neither ``published:`` nor ``row date:``, so nobody can know it on any day. A draft
    may lie in a library for as long as it is written; one that was meant to be in force is silently not.
    """
    for version in library.versions:
        if not version.is_draft:
            continue
        key = "archived" if version.is_archived else "effective"
        if version.first_day is None:
            found, mend = f"`{key}:` is no whole day", f"write `{key}: YYYY-MM-DD` once the day is decided"
        else:
            found, mend = "neither `published:` nor `row date:` is a whole day", "write `published: YYYY-MM-DD`"
        yield note(
            value_place(library, version, key),
            "draft-governs-nothing",
            f"{found}: this file is a draft and governs nothing",
            "a first day, and the day from which it was known",
            mend,
        )
