"""Who is counted and by what: the input of tables. Names are those of choices; nobody's reference is here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

NOTHING = ""
"""Stands for no answer: skipped, unknown, refused or not asked. It is a category, and a group, like the others."""

Parts = tuple[tuple[str, ...], ...]
"""Names put together in classes; every name is in one of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A closed question: its categories in the form's order, without NOTHING. `in_order` where neighbours are alike, as on
    a scale."""

    id: str
    categories: tuple[str, ...]
    in_order: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """`groups` by dimension, `answers` by question; what is missing is NOTHING. `since` is when they began (UTC)."""

    groups: Mapping[str, str]
    answers: Mapping[str, str]
    since: datetime


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts by class: of all people, and for each dimension a row for each of its classes."""

    total: tuple[int, ...]
    tables: Mapping[str, tuple[tuple[int, ...], ...]]

    def cells(self) -> list[int]:
        """Every number that is told, always in the same order."""
        rows = [row for name in sorted(self.tables) for row in self.tables[name]]
        return [*self.total, *(count for row in rows for count in row)]


@dataclass(frozen=True, slots=True)
class Counted:
    """What is told of one question: its classes, and the numbers of each."""

    classes: Parts
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Release:
    """What was told at one moment (UTC) and was new in it. `by` holds the classes of groups of each dimension; `people`
    counts everybody, in one class. No number that is withheld is in here."""

    at: datetime
    minimum: int
    by: Mapping[str, Parts]
    people: Numbers
    questions: Mapping[str, Counted]


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything there is to count: for each dimension its groups, without NOTHING."""

    dimensions: Mapping[str, tuple[str, ...]]
    questions: Sequence[Asked]
    people: Sequence[Person]
