"""Which numbers of a survey may be told: classes in which every number is large enough, today and against every release
before. Why this protects is in docs/decisions/0035-small-cells.md; there is no solver here and none is needed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations

from analysis.counting import Tally, class_of
from analysis.people import NOTHING, Asked, Counted, Numbers, Parts, Release, Survey

LEAST = 5
"""Nobody can ask for a smaller minimum."""

USUAL = 10


class Why(StrEnum):
    """Why there are no new numbers of a question."""

    TOO_FEW = "too_few"
    CHANGED_LITTLE = "changed_little"
    UNCHANGED = "unchanged"
    TOLD_ELSEWHERE = "told_elsewhere"  # other tables tell it, and these numbers beside those would tell more


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fresh` is what may be told now and was not told before, None where that is nothing; `why` says for each other
    question why it has no new numbers."""

    fresh: Release | None
    why: Mapping[str, Why]


@dataclass(frozen=True, slots=True)
class Beside:
    """Releases of other tables that may be about the same people, oldest first: of `rounds` the same questions were answered
    anew, of `others`, other questionnaires, a question of the same name may have been answered the same."""

    rounds: Sequence[Release] = ()
    others: Sequence[Release] = ()

    def parts(self, dimension: str) -> Parts | None:
        """The classes of groups that were told first."""
        found = (each.by.get(dimension, ()) for each in (*self.others, *self.rounds))
        return next((parts for parts in found if len(parts) > 1), None)

    def counted(self, question: str) -> Counted | None:
        """What was told first of a question of this name."""
        return next(_of_name(question, (*self.others, *self.rounds)), None)

    def of_others(self, question: str) -> list[Counted]:
        return list(_of_name(question, self.others))


def _of_name(question: str, releases: Sequence[Release]) -> Iterator[Counted]:
    """Whatever group of a form it is in."""
    wanted = question.rpartition("/")[2]
    for release in releases:
        yield from (each for id, each in release.questions.items() if id.rpartition("/")[2] == wanted)


def protect(
    survey: Survey, *, minimum: int, earlier: Sequence[Release], at: datetime, beside: Beside | None = None
) -> Outcome:
    """`earlier` are all releases of the same tables, oldest first. `at` is UTC.

    Raises ValueError for a minimum under LEAST, and for other dimensions than those of the earlier releases.
    """
    if minimum < LEAST:
        raise ValueError(f"a minimum under {LEAST}")
    if earlier and earlier[0].by.keys() != survey.dimensions.keys():
        raise ValueError("other dimensions than before")
    return _Protection(
        survey, max([minimum, *(each.minimum for each in earlier)]), earlier, beside or Beside()
    ).release(at)


class _Protection:
    def __init__(self, survey: Survey, minimum: int, earlier: Sequence[Release], beside: Beside) -> None:
        self._survey, self._minimum, self._earlier, self._beside = survey, minimum, earlier, beside
        self._tally = Tally(survey)
        self._by = earlier[0].by if earlier else self._merged_groups()

    def release(self, at: datetime) -> Outcome:
        shown = {name: parts for name, parts in self._by.items() if len(parts) > 1}
        people = self._tally.people(shown)
        why = self._against(people, [each.people for each in self._earlier])
        if why is not None:
            return Outcome(None, dict.fromkeys((each.id for each in self._survey.questions), why))
        found: dict[str, Counted] = {}
        reasons: dict[str, Why] = {}
        for question in self._survey.questions:
            told = self._told(question, shown)
            if isinstance(told, Counted):
                found[question.id] = told
            else:
                reasons[question.id] = told
        if not found:
            return Outcome(None, reasons)
        return Outcome(Release(at, self._minimum, self._by, people, found), reasons)

    def _told(self, question: Asked, shown: Mapping[str, Parts]) -> Counted | Why:
        before = [each for each in self._earlier if question.id in each.questions]
        if before:
            # Never in finer classes, and never in others: the difference of two releases is a table as well.
            first = before[0].questions[question.id]
            by = {name: shown[name] for name in first.numbers.tables}
            numbers = self._tally.numbers(question.id, first.classes, by)
            why = self._against(numbers, [each.questions[question.id].numbers for each in before])
            why = why or self._against_others(question, Counted(first.classes, numbers))
            if why is None and not self._hides_the_rest(question, first.classes, by, shown, before):
                why = Why.CHANGED_LITTLE
            return why or Counted(first.classes, numbers)
        known = self._beside.counted(question.id)
        if known is not None:
            return self._told_as(known, question, shown)
        for size in range(len(shown), -1, -1):
            tried = (self._classes(question, dict(some), shown) for some in combinations(shown.items(), size))
            best = max((each for each in tried if each), key=lambda each: len(each.classes), default=None)
            if best is not None:
                return best
        return Why.TOO_FEW

    def _told_as(self, known: Counted, question: Asked, shown: Mapping[str, Parts]) -> Counted | Why:
        """In the classes in which it was told elsewhere: other ones of the same people would give the difference away."""
        if {name for part in known.classes for name in part} != {*question.categories, NOTHING}:
            return Why.TOLD_ELSEWHERE
        by = {name: parts for name, parts in shown.items() if name in known.numbers.tables}
        counted = Counted(known.classes, self._tally.numbers(question.id, known.classes, by))
        why = self._against(counted.numbers, ()) or self._against_others(question, counted)
        if why is None and not self._hides_the_rest(question, counted.classes, by, shown, ()):
            why = Why.TOO_FEW
        return why or counted

    def _against_others(self, question: Asked, counted: Counted) -> Why | None:
        """None where these are the numbers of another questionnaire's tables, or differ by enough."""
        for each in self._beside.of_others(question.id):
            if each.classes != counted.classes:
                return Why.TOLD_ELSEWHERE
            both = counted.numbers.tables.keys() & each.numbers.tables.keys()
            now, then = _only(counted.numbers, both), _only(each.numbers, both)
            if self._against(now, [then]) is Why.CHANGED_LITTLE:
                return Why.TOLD_ELSEWHERE
        return None

    def _against(self, numbers: Numbers, before: Sequence[Numbers]) -> Why | None:
        """None where these may be told after those."""
        cells = numbers.cells()
        if any(count < self._minimum for count in cells):
            return Why.CHANGED_LITTLE if before else Why.TOO_FEW
        if before and cells == before[-1].cells():
            return Why.UNCHANGED
        for each in before:
            steps = [now - then for now, then in zip(cells, each.cells(), strict=True)]
            if any(steps) and any(abs(step) < self._minimum for step in steps):
                return Why.CHANGED_LITTLE
        return None

    def _merged_groups(self) -> dict[str, Parts]:
        """Small groups together, and with them who is in none; a dimension of which nothing can be told has one class."""
        return {name: self._merged(name) for name in self._survey.dimensions}

    def _merged(self, dimension: str) -> Parts:
        sizes, enough = self._tally.sizes(dimension), 2 * self._minimum
        told = self._beside.parts(dimension)
        if told is not None:
            fits = {name for part in told for name in part} == sizes.keys()
            fits = fits and all(sum(sizes[name] for name in part) >= self._minimum for part in told)
            return told if fits else (tuple(sizes),)
        small = {name for name, size in sizes.items() if size < enough}
        for name in sorted(sizes, key=lambda name: (sizes[name], name)):
            # Who is large enough is never in it alone: a single small group is smaller than that.
            if not small or sum(sizes[each] for each in small) >= enough:
                break
            small.add(name)
        alone = tuple((name,) for name in sizes if name not in small)
        return (*alone, tuple(name for name in sizes if name in small)) if small else alone

    def _classes(
        self, question: Asked, by: Mapping[str, Parts], shown: Mapping[str, Parts]
    ) -> Counted | None:
        """The most classes in which every number by these dimensions is large enough."""
        found: list[Parts] = []
        for order in self._orders(question):
            classes = self._cut(question, order, by)
            if len(classes) > 1 and self._hides_the_rest(question, classes, by, shown, ()):
                found.append(classes)
        if not found:
            return None
        classes = max(found, key=len)
        return Counted(classes, self._tally.numbers(question.id, classes, by))

    def _orders(self, question: Asked) -> Iterable[tuple[str, ...]]:
        """Along which neighbours may be put together: as in the form, or else the rare ones at the end."""
        yield (*question.categories, NOTHING)
        if not question.in_order:
            counts = self._tally.pairs(question.id)[NOTHING]
            yield tuple(
                sorted((*question.categories, NOTHING), key=lambda each: -counts.get((NOTHING, each), 0))
            )

    def _cut(self, question: Asked, order: Sequence[str], by: Mapping[str, Parts]) -> Parts:
        """As many pieces as there can be: each is closed as soon as it is large enough everywhere."""
        done: list[tuple[str, ...]] = []
        piece: tuple[str, ...] = ()
        for name in order:
            piece = (*piece, name)
            if self._tally.smallest(question.id, piece, by) >= self._minimum:
                done.append(piece)
                piece = ()
        if piece and done:
            done[-1] += piece
        return tuple(done)

    def _hides_the_rest(
        self,
        question: Asked,
        classes: Parts,
        by: Mapping[str, Parts],
        shown: Mapping[str, Parts],
        before: Sequence[Release],
    ) -> bool:
        """Whether each number by a dimension that this question is not told by can still be many: as many as when the
        answers of people who are alike in all that is told change places."""
        for name, parts in shown.items():
            if name in by:
                continue
            room = self._room(question, classes, by, (name, parts), before)
            if min(room[group, place] for group in range(len(parts)) for place in range(len(classes))) < (
                self._minimum
            ):
                return False
        return True

    def _room(
        self,
        question: Asked,
        classes: Parts,
        by: Mapping[str, Parts],
        hidden: tuple[str, Parts],
        before: Sequence[Release],
    ) -> Counter[tuple[int, int]]:
        """How far the number of each (group, class) can move."""
        name, parts = hidden
        sizes: Counter[tuple[tuple[int, ...], int]] = Counter()
        answers: Counter[tuple[tuple[int, ...], int]] = Counter()
        alike: Counter[tuple[int, ...]] = Counter()
        for person in self._survey.people:
            like = (
                sum(person.since <= each.at for each in before),
                *(class_of(person.groups.get(each, NOTHING), by[each]) for each in by),
            )
            alike[like] += 1
            sizes[like, class_of(person.groups.get(name, NOTHING), parts)] += 1
            answers[like, class_of(person.answers.get(question.id, NOTHING), classes)] += 1
        room: Counter[tuple[int, int]] = Counter()
        for (like, group), size in sizes.items():
            for place in range(len(classes)):
                there, all_alike = answers[like, place], alike[like]
                room[group, place] += min(size, there, all_alike - size, all_alike - there)
        return room


def _only(numbers: Numbers, tables: Iterable[str]) -> Numbers:
    return Numbers(numbers.total, {name: numbers.tables[name] for name in tables})
