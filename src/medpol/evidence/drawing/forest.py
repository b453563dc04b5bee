"""A forest plot as a value: what each study found, what they say together, and what reviews published, kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medpol.evidence.drawing.twins import Table
from medpol.evidence.drawing.words import UNVERIFIED_SAYS
from medpol.evidence.flat import Cell

NO_DATA = "No study with an effect that can be drawn."


@dataclass(frozen=True, slots=True)
class ForestRow:
    """What one study found, as people read it: ratios as ratios. ``says`` are the words that are drawn.
    Of some only the interval is known: that is drawn, without a mark for the estimate.

    ``weight`` is its share of the pool, of 1. ``note`` says what was done to the printed number, such as a rescaling.
    """

    study: str
    label: str
    estimate: float | None
    lower: float | None
    upper: float | None
    says: str
    weight: float | None = None
    participants: str = ""
    is_verified: bool = True
    checked: str = ""
    note: str = ""

    @property
    def numbers(self) -> tuple[float, ...]:
        """What of it has a place on the axis."""
        return tuple(each for each in (self.estimate, self.lower, self.upper) if each is not None)


@dataclass(frozen=True, slots=True)
class ForestPool:
    """What studies say together, and in a sentence how far they differ."""

    label: str
    studies: int
    estimate: float
    lower: float
    upper: float
    says: str
    heterogeneity: str = ""


@dataclass(frozen=True, slots=True)
class ForestPrediction:
    """Where the effect of a next, similar study is expected; ``name`` says by which quantile."""

    lower: float
    upper: float
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class ForestGroup:
    """Studies that stand together under a name, with their own pool; without a name it is the only group."""

    rows: tuple[ForestRow, ...]
    name: str = ""
    pooled: ForestPool | None = None


@dataclass(frozen=True, slots=True)
class Forest:
    """All that a forest plot shows.

    ``measure`` and ``unit`` head the column of effects, ``level`` is that of the intervals (0.95). ``below`` and ``above``
    are the words at the two sides of the line of no effect. ``important_difference`` is the minimal important difference
    on the scale that is shown, ``important_source`` who says so. ``published`` are pools that reviews published: drawn
    apart, never weighed here. ``conventions`` names every convention that moved a number.
    """

    title: str
    measure: str
    unit: str = ""
    level: float | None = None
    is_ratio: bool = False
    below: str = ""
    above: str = ""
    groups: tuple[ForestGroup, ...] = ()
    pooled: ForestPool | None = None
    prediction: ForestPrediction | None = None
    published: tuple[ForestRow, ...] = ()
    important_difference: float | None = None
    important_source: str = ""
    conventions: str = ""
    cautions: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        numbers = [each for row in self.rows for each in row.numbers]
        if self.is_ratio and any(each <= 0 for each in numbers):
            raise ValueError(f"{self.title}: a ratio that is not above 0 has no place on a logarithmic axis")
        if self.important_difference is not None and self.important_difference <= 0:
            raise ValueError(
                f"{self.title}: a minimal important difference of {self.important_difference} is not above 0"
            )

    @property
    def rows(self) -> tuple[ForestRow, ...]:
        """Every row of a study, and then of the published pools, as they stand from top to bottom."""
        return (*(row for group in self.groups for row in group.rows), *self.published)

    @property
    def no_effect(self) -> float:
        return 1.0 if self.is_ratio else 0.0

    @property
    def head(self) -> str:
        """What heads the column of effects."""
        unit = f", {self.unit}" if self.unit else ""
        level = f" [{self.level * 100:g} %]" if self.level else ""
        return f"{self.measure}{unit}{level}"

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences that belong below the picture and below its table."""
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        if self.pooled and self.pooled.heterogeneity:
            yield self.pooled.heterogeneity
        yield from self.cautions
        if self.prediction:
            yield f"Prediction interval: {self.prediction.name}."
        if self.important_difference is not None:
            source = f" ({self.important_source})" if self.important_source else ""
            yield f"Shaded: smaller than the minimal important difference of {self.important_difference:g}{source}."
        for study, why in self.left_out:
            yield f"Not in the pool: {study}: {why}."
        if self.published:
            yield "Published pools are shown as their reviews print them; they are not pooled here."
        if any(not row.is_verified for row in self.rows):
            yield f"{UNVERIFIED_SAYS}."
        if self.conventions:
            yield f"Conventions: {self.conventions}."

    @property
    def description(self) -> str:
        """Everything that the picture shows, in words."""
        said = [f"{row.label}: {row.says}" for group in self.groups for row in group.rows]
        said += [f"{group.name}, {group.pooled.label}: {group.pooled.says}" for group in self.groups if group.pooled]
        if self.pooled:
            said.append(f"{self.pooled.label}: {self.pooled.says}")
        if self.prediction:
            said.append(f"prediction interval {self.prediction.says}")
        said += [f"published, {row.label}: {row.says}" for row in self.published]
        return "; ".join(said) + "." if said else NO_DATA


def forest_table(forest: Forest) -> Table:
    """The forest plot as a table: a row for each study, pool, prediction interval and published pool."""
    return Table(forest.title, _HEADS, tuple(_rows(forest)), (f"Effects: {forest.head}.", *forest.notes))


_HEADS = ("Kind", "Group", "Study", "Participants", "Weight", "Estimate", "Lower", "Upper", "Shown", "Checked", "Note")


def _rows(forest: Forest) -> Iterator[tuple[Cell, ...]]:
    for group in forest.groups:
        for row in group.rows:
            yield "study", group.name, *_row(row)
        if group.pooled:
            yield "pool", group.name, *_pool(group.pooled)
    if forest.pooled:
        yield "pool", "", *_pool(forest.pooled)
    if forest.prediction:
        found = forest.prediction
        yield "prediction interval", "", "", "", None, None, found.lower, found.upper, found.says, "", found.name
    for row in forest.published:
        yield "published pool", "", *_row(row)


def _row(row: ForestRow) -> tuple[Cell, ...]:
    numbers = row.weight, row.estimate, row.lower, row.upper
    return row.label, row.participants, *numbers, row.says, row.checked, row.note


def _pool(pool: ForestPool) -> tuple[Cell, ...]:
    numbers = None, pool.estimate, pool.lower, pool.upper
    return pool.label, "", *numbers, pool.says, "", pool.heterogeneity
