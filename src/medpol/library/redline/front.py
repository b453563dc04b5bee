"""What changed in the front matter: whether the version is in force, scope, identity, dates, and what is told of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from medpol.library.redline.values import Item, Kind, Said, Subject, item, said
from medpol.model.lines import MEDICARE_FAMILY, Scope
from medpol.model.policy import PolicyVersion


def of_standing(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    """Archived, reinstated, and versions that are withdrawn."""
    if before.is_archived != after.is_archived:
        one, other = (
            _said(each, "archived" if each.is_archived else "effective", _day(each)) for each in (before, after)
        )
        says = (
            f"the policy is archived from {after.first_day} on: nothing is in force"
            if after.is_archived
            else f"the policy is in force again from {_day(after)} on, after it was archived"
        )
        yield item(Kind.CHANGED, Subject.STANDING, "archived", says, one, other)
    gone, come = _both(before.withdraws, after.withdraws)
    for day in gone:
        yield item(
            Kind.REMOVED,
            Subject.STANDING,
            f"withdraws {day}",
            f"the version of {day} is no longer withdrawn by this text",
            _said(before, "withdraws", str(day)),
        )
    for day in come:
        yield item(
            Kind.ADDED,
            Subject.STANDING,
            f"withdraws {day}",
            f"the version of {day} is withdrawn",
            (),
            _said(after, "withdraws", str(day)),
        )
    if not gone and not come and before.withdraws != after.withdraws:
        yield item(Kind.MOVED, Subject.ORDER, "withdraws", "withdraws: in another order")


def of_scope(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    """Lines of business, states and plans that came into the scope or left it.

    An archived version that states no scope archives the policy as it was; it takes nobody in.
    """
    for key, get in _SCOPES.items():
        one, other = get(before), get(after)
        if one != other and not any(each.is_archived and get(each).is_everything for each in (before, after)):
            says = "; ".join(_scope_says(one, other, key)) or f"{key}: written otherwise, the same in effect"
            kind = Kind.CHANGED if _reach(one, key) != _reach(other, key) else Kind.REWORDED
            yield item(
                kind,
                Subject.SCOPE,
                key,
                f"{key}: {says}" if kind is Kind.CHANGED else says,
                _said(before, key, _scope_words(one)),
                _said(after, key, _scope_words(other)),
            )


_SCOPES: dict[str, Callable[[PolicyVersion], Scope]] = {
    "lines of business": lambda version: version.lines_of_business,
    "states": lambda version: version.states,
    "plans": lambda version: version.plans,
}


def _reach(scope: Scope, key: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """What the scope says in effect: the values in it, or ``None`` for all but those outside."""
    outside = frozenset(scope.outside)
    if scope.inside is not None:
        return frozenset(scope.inside) - outside, frozenset()
    if key == "lines of business" and outside:  # the Medicare family is in only where it is named
        outside |= MEDICARE_FAMILY
    return None, outside


def _scope_says(one: Scope, other: Scope, key: str) -> Iterator[str]:
    (held, out), (later, later_out) = _reach(one, key), _reach(other, key)
    if held is not None and later is not None:
        gone, come = held - later, later - held
    elif held is None and later is None:
        gone, come = later_out - out, out - later_out
    else:
        yield f"from {_scope_words(one)} to {_scope_words(other)}"
        return
    if come:
        yield f"{_names(come)} came in"
    if gone:
        yield f"{_names(gone)} went out"


def _names(values: Iterable[str]) -> str:
    return ", ".join(value.replace("_", " ") for value in sorted(values))


def _scope_words(scope: Scope) -> str:
    if scope.is_everything:
        return "all"
    parts = ["all" if scope.inside is None else _names(scope.inside) or "none"]
    if scope.outside:
        parts.append(f"not {_names(scope.outside)}")
    return ", ".join(parts)


# ---------------------------------------------------------------------------- one key after the other

_Texts = dict[str, Callable[[PolicyVersion], str]]


def _stated(name: str) -> Callable[[PolicyVersion], str]:
    def text(version: PolicyVersion) -> str:
        stated = getattr(version, name)
        return "" if stated is None else str(stated.text)

    return text


_IDENTITY: _Texts = {
    "policy": lambda version: version.policy,
    "title": lambda version: version.title,
    "publisher": lambda version: version.publisher,
    "reference policy": lambda version: version.reference_policy,
    "replaces": lambda version: version.replaces,
}
_DATES: _Texts = {
    "effective": _stated("effective"),
    "archived": _stated("archived"),
    "approved": _stated("approved"),
    "row date": _stated("row_date"),
    "published": _stated("published"),
    "notice sent": lambda version: "" if version.notice.sent is None else version.notice.sent.text,
    "last revised": _stated("last_revised"),
    "review due": _stated("review_due"),
    "literature through": _stated("literature_through"),
}
_RECORD: _Texts = {
    "notice days": lambda version: "" if version.notice.days is None else str(version.notice.days),
    "notice audience": lambda version: version.notice.audience,
    "notice reason": lambda version: version.notice.reason,
    "rights": lambda version: version.rights,
    "source": lambda version: version.origin,
}


def of_identity(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    return _of_keys(before, after, _IDENTITY, Subject.IDENTITY)


def of_dates(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    return _of_keys(before, after, _DATES, Subject.DATE)


def of_record(before: PolicyVersion, after: PolicyVersion) -> Iterator[Item]:
    """What is told of notice, rights and origin; related policies; what was doubtful; labels declared."""
    yield from _of_keys(before, after, _RECORD, Subject.RECORD)
    for key, get in _LISTS.items():
        gone, come = _both(get(before), get(after))
        for text in gone:
            yield item(Kind.REMOVED, Subject.RECORD, key, f"{key}: {text} is gone", _said(before, key, text))
        for text in come:
            yield item(Kind.ADDED, Subject.RECORD, key, f"{key}: {text} came", (), _said(after, key, text))
        if not gone and not come and get(before) != get(after):
            yield item(
                Kind.MOVED,
                Subject.ORDER,
                key,
                f"{key}: in another order",
                _said(before, key, ", ".join(get(before))),
                _said(after, key, ", ".join(get(after))),
            )


_LISTS: dict[str, Callable[[PolicyVersion], tuple[str, ...]]] = {
    "related": lambda version: version.related,
    "positions": lambda version: tuple(f"{label} = {position.value}" for label, position in version.positions),
    "doubtful": lambda version: version.doubtful,
}


def _of_keys(before: PolicyVersion, after: PolicyVersion, keys: _Texts, subject: Subject) -> Iterator[Item]:
    for key, get in keys.items():
        one, other = get(before), get(after)
        if one == other:
            continue
        kind = Kind.ADDED if not one else Kind.REMOVED if not other else Kind.CHANGED
        says = {
            Kind.ADDED: f"{key}: {other}, not stated before",
            Kind.REMOVED: f"{key}: no longer stated (was {one})",
            Kind.CHANGED: f"{key}: {one} → {other}",
        }[kind]
        yield item(kind, subject, key, says, _said(before, key, one), _said(after, key, other))


def _said(version: PolicyVersion, key: str, text: str) -> tuple[Said, ...]:
    """What the front matter says under a key, or nothing where it has no such key."""
    if key not in dict(version.places):
        return ()
    return said(text, version.place(key))


def _both(one: tuple[object, ...], other: tuple[object, ...]) -> tuple[list[str], list[str]]:
    """What stands in the first alone, and in the second alone."""
    return [str(each) for each in one if each not in other], [str(each) for each in other if each not in one]


def _day(version: PolicyVersion) -> str:
    return _DATES["archived" if version.is_archived else "effective"](version)
