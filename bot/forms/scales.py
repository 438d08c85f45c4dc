"""Scores scales that are described as data: which items, which points for which label, what when some are missing.

Labels come in (the names of choices, or a typed number where the data says so); nothing is read into a label. What
a score means for a person is not said here: bands are for analysis.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from domain.errors import DomainError
from domain.questionnaire import LocalText

Points = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Band:
    """The scores up to `up_to` (included) or `below` (not included), from where the band before it ends."""

    id: str
    label: LocalText
    up_to: float = math.inf
    below: float = math.inf

    def holds(self, score: float) -> bool:
        return score <= self.up_to and score < self.below


@dataclass(frozen=True, slots=True)
class Subscale:
    """Items with a score of their own; `points`, where given, take the place of the scale's for these items."""

    id: str
    label: LocalText
    items: tuple[str, ...]
    points: Points = field(default_factory=dict)
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """A published figure to show beside a result: what it is of, where it stands and of which year (None while that
    is still to be confirmed)."""

    value: str
    of: LocalText
    source: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Scale:
    """`points` maps a label to its points before reversal; empty means the value is itself a number. `at_least` is
    how many items must be answered for a total. `wording` says per language whether somebody laid the words beside
    the publication; `texts` are the published words, in Dutch, by item."""

    id: str
    title: LocalText
    items: tuple[str, ...]
    minimum: float
    maximum: float
    rule: str
    at_least: int
    licence: str
    citation: str
    wording: Mapping[str, str]
    reversed: frozenset[str] = frozenset()
    points: Points = field(default_factory=dict)
    impute: str = "none"
    factor: float = 1.0
    rescale: tuple[float, float] | None = None
    rescale_label: LocalText = field(default_factory=dict)
    subscales: tuple[Subscale, ...] = ()
    bands: tuple[Band, ...] = ()
    references: tuple[Reference, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_mixed(self) -> bool:
        """Whether the same label is a high score on one item and a low one on another."""
        return bool(self.reversed) or any(each.points for each in self.subscales)


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """`total` and subscales are None when too little was answered. `rescaled` is our own rescaling, never to be set
    beside a published figure. `straight_lined` flags one and the same label everywhere on a mixed scale."""

    total: float | None
    subscales: Mapping[str, float | None]
    band: str | None
    answered: int
    straight_lined: bool
    rescaled: float | None


class Scorer:
    """A scale made ready to score many responses: the points of every label are looked up once."""

    __slots__ = ("_points", "scale")

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self._points = {item: _table_of(scale, item) for item in scale.items}

    def score(self, values: Mapping[str, str | None]) -> ScaleScore:
        """The score of one response: `values` maps an item to its label; None, "" and absent all mean not answered.

        Raises DomainError("unknown_label") for a label that the scale does not know.
        """
        scale = self.scale
        labels = {item: label for item in scale.items if (label := values.get(item))}
        points = {item: self._points_of(item, label) for item, label in labels.items()}
        total = _total(scale, points)
        return ScaleScore(
            total=total,
            subscales=MappingProxyType(
                {each.id: _of_subscale(scale, each, points) for each in scale.subscales}
            ),
            band=None
            if total is None
            else next((band.id for band in scale.bands if band.holds(total)), None),
            answered=len(points),
            straight_lined=scale.is_mixed
            and len(labels) == len(scale.items)
            and len(set(labels.values())) == 1,
            rescaled=_rescaled(scale, total),
        )

    def _points_of(self, item: str, label: str) -> float:
        table = self._points[item]
        points = table.get(label) if table else _turned(self.scale, item, _number(label))
        if points is None:
            raise DomainError("unknown_label", scale=self.scale.id, item=item)
        return points


def score(scale: Scale, values: Mapping[str, str | None]) -> ScaleScore:
    """See Scorer.score."""
    return Scorer(scale).score(values)


def _table_of(scale: Scale, item: str) -> Mapping[str, float | None]:
    """The points of each label of an item, reversed where it is; empty where the value is itself a number."""
    table = next(
        (each.points for each in scale.subscales if item in each.items and each.points), scale.points
    )
    return {label: _turned(scale, item, points) for label, points in table.items()}


def _turned(scale: Scale, item: str, points: float | None) -> float | None:
    if points is None or not scale.minimum <= points <= scale.maximum:
        return None
    return scale.minimum + scale.maximum - points if item in scale.reversed else points


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _total(scale: Scale, points: Mapping[str, float]) -> float | None:
    if len(points) < scale.at_least:
        return None
    return _combine(scale, list(points.values()), len(scale.items))


def _of_subscale(scale: Scale, subscale: Subscale, points: Mapping[str, float]) -> float | None:
    own = [points[item] for item in subscale.items if item in points]
    if len(own) < (subscale.at_least or len(subscale.items)):
        return None
    return _combine(scale, own, len(subscale.items))


def _combine(scale: Scale, points: list[float], items: int) -> float:
    """Rounded far below anything that is shown, so that a mean on a band's edge stays on it."""
    total = math.fsum(points)
    if scale.rule == "mean":
        total /= len(points)
    elif scale.impute == "mean":
        total *= items / len(points)
    return round(total * scale.factor, 9)


def _rescaled(scale: Scale, total: float | None) -> float | None:
    if total is None or scale.rescale is None:
        return None
    subtract, times = scale.rescale
    return round((total - subtract) * times, 9)
