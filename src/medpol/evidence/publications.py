"""Studies held against each other: one trial published twice, and reviews whose trials do not add up to their total."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from medpol.model.studies import Checked, Included, Reported, Result, Study, StudyKind

_PRIMARY = frozenset({StudyKind.TRIAL, StudyKind.OBSERVATIONAL})
_GROUPS = ("intervention group", "comparator group")
_YEARS_APART = 3
_WHOLE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+", re.ASCII)
_PLANNED = re.compile(r"\bplanned\b|\btarget\b|\bprotocol\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TwoReports:
    """Two records that seem to report the same patients: why, and what they say differently of one thing.

    ``is_declared`` where one names the other in `same patients as`, so that no pool takes both.
    """

    earlier: Study
    later: Study
    because: str
    differences: tuple[str, ...]
    is_declared: bool


def duplicates(studies: Sequence[Study]) -> Iterator[TwoReports]:
    """Pairs of trials with one registration, or with one author, size, comparator and outcome at one time; or declared the same."""
    primary = [each for each in studies if each.kind in _PRIMARY]
    for one, other in combinations(sorted(primary, key=_by_age), 2):
        declared = other.id in one.same_patients_as or one.id in other.same_patients_as
        because = _shared(one, other) or ("declared the same patients" if declared else "")
        if because:
            yield TwoReports(one, other, because, tuple(_differences(one, other)), declared)


def _by_age(study: Study) -> tuple[int, bool, str]:
    return (study.year or 9999, study.reference is None, study.id)


def _shared(one: Study, other: Study) -> str:
    registered = sorted({_key(each) for each in one.registrations} & {_key(each) for each in other.registrations})
    if registered:
        return f"one registration ({registered[0].upper()})"
    sizes = [whole(each.size("participants")) for each in (one, other)]
    author = _surname(one)
    near = one.year is not None and other.year is not None and abs(one.year - other.year) <= _YEARS_APART
    if not author or author != _surname(other) or sizes[0] is None or sizes[0] != sizes[1] or not near:
        return ""
    if one.population != other.population or not _same_measurements(one, other):
        return ""
    return f"same first author, {sizes[0]} participants, comparator and outcomes"


def _key(registration: str) -> str:
    return re.sub(r"\W", "", registration).casefold()


def _surname(study: Study) -> str:
    words = study.first_author.casefold().replace(",", " ").split()
    return " ".join(word for word in words[:-1]) if len(words) > 1 and len(words[-1]) <= 3 else " ".join(words)


def _same_measurements(one: Study, other: Study) -> list[tuple[Result, Result]]:
    held = {_measured(each): each for each in one.results if each.is_complete}
    return [(held[_measured(each)], each) for each in other.results if _measured(each) in held]


def _measured(result: Result) -> tuple[str, str, str]:
    return (result.outcome, result.comparator, " ".join(result.timepoint.casefold().split()))


def _differences(one: Study, other: Study) -> Iterator[str]:
    for left, right in _same_measurements(one, other):
        if left.p is not None and right.p is not None and left.p.text != right.p.text:
            yield f"{left.outcome} at {left.timepoint}: p {left.p.text} and {right.p.text}"


@dataclass(frozen=True, slots=True)
class Sum:
    """What a review states, and what the trials it holds come to: ``least`` without those only planned, ``most`` with them."""

    stated: int
    least: int
    most: int
    terms: tuple[str, ...]
    planned: tuple[str, ...]
    is_complete: bool

    @property
    def adds_up(self) -> bool:
        """Whether the stated total can be right; trials of unknown size leave room above."""
        return self.least <= self.stated and (self.stated <= self.most or not self.is_complete)


def participants_added(review: Study, stated: int) -> Sum | None:
    """The sizes of a review's trials added; ``None`` where it lists none with a size."""
    sizes = [(each, whole(each.participants)) for each in review.included]
    known = [(each, size) for each, size in sizes if size is not None]
    if not known:
        return None
    planned = [(each, size) for each, size in known if _is_planned(each)]
    trials = whole(review.size("trials"))
    complete = len(known) == len(sizes) and (trials is None or len(sizes) >= trials)
    most = sum(size for _, size in known)
    return Sum(
        stated,
        most - sum(size for _, size in planned),
        most,
        tuple(f"{each.study} {size}" for each, size in known),
        tuple(f"{each.study} {size}" for each, size in planned),
        complete,
    )


def groups_exceed(study: Study) -> tuple[int, int] | None:
    """The participants stated and the two groups added, where the groups hold more people than took part."""
    total = whole(study.size("participants"))
    groups = [whole(study.size(f"{name} group")) for name in ("intervention", "comparator")]
    added = sum(each for each in groups if each is not None)
    return (total, added) if total is not None and added > total else None


def whole(number: Reported | None) -> int | None:
    """The whole number that a printed size begins with (``98 planned`` is 98); ``None`` for words and bounds."""
    match = None if number is None else _WHOLE.match(number.text.strip())
    return None if match is None else int(match[0].replace(",", ""))


def _is_planned(included: Included) -> bool:
    return _PLANNED.search(f"{included.participants.text} {included.note}") is not None


def two_sizes(study: Study) -> tuple[int, int, bool] | None:
    """The people in the two groups, and whether these sizes are assumed: halves of the total, or held against nothing."""
    groups = [whole(study.size(f"{name} group")) for name in ("intervention", "comparator")]
    if groups[0] is not None and groups[1] is not None:
        unchecked = any(each.checked is Checked.NO for each in study.sizes if each.of in _GROUPS)
        return groups[0], groups[1], unchecked
    total = whole(study.size("participants"))
    return None if total is None or total < 4 else (total - total // 2, total // 2, True)
