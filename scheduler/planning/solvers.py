"""The best plan there is: the linear relaxation first (HiGHS), then whole numbers (CP-SAT) for what it leaves open.

The one door to highspy and ortools. The relaxation settles nearly everybody and gives a bound that no plan exceeds; the
whole-number solver by itself is far from either after a minute. The relaxation begins with a few of the best sessions for
each person and takes more in as long as they would help: the outcome is the same, ten times sooner (docs/decisions).
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import highspy
import numpy as np
from numpy.typing import NDArray

from scheduler.planning.candidates import PER_EXTRA_SESSION, Meeting, Problem, Spot
from scheduler.planning.plan import Choice

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

SETTLED = 0.999
_ALMOST = 1e-6
_FOR_SEVERAL = 0.5  # of the time, for a better relaxation where several may come
_FIRST_SESSIONS = 20  # for each person, to begin with
_MORE_SESSIONS = 10  # for each person, in each further round
_WIDE = 20.0  # what a column may lose and still be tried: some weeks of waiting
_SEED = 7
_DUAL, _PRIMAL = 1, 4  # of HiGHS's simplex strategies


@dataclass(slots=True)
class Model:
    """Columns between 0 and 1 with what each is worth; rows of columns that add up to at most, or exactly, something.

    `placed` says which person and which meeting or seat a column stands for, in the order of the first columns; `held` the
    column that says whether that meeting is held, where several may come to one.
    """

    worth: list[int] = field(default_factory=list)
    placed: list[tuple[str, Meeting | int]] = field(default_factory=list)
    person: list[int] = field(default_factory=list)
    held: dict[int, int] = field(default_factory=dict)
    row_columns: list[Sequence[int]] = field(default_factory=list)
    row_factors: list[Sequence[int]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def column(self, worth: int) -> int:
        self.worth.append(worth)
        return len(self.worth) - 1

    def at_most(self, columns: Sequence[int], high: int, factors: Sequence[int] | None = None) -> None:
        if factors is not None or len(columns) > high:
            self._row(columns, factors or [1] * len(columns), -math.inf, high)

    def exactly(self, columns: Sequence[int], factors: Sequence[int], total: int) -> None:
        self._row(columns, factors, total, total)

    def _row(self, columns: Sequence[int], factors: Sequence[int], low: float, high: float) -> None:
        self.row_columns.append(columns)
        self.row_factors.append(factors)
        self.low.append(low)
        self.high.append(high)


def build(problem: Problem) -> Model:
    """Everything that is allowed, as columns and rows."""
    model = Model()
    coming: dict[Meeting, list[int]] = defaultdict(list)
    joining: dict[int, list[int]] = defaultdict(list)
    for person, resident in enumerate(problem.waiting):
        first = len(model.worth)
        for number, _ in problem.seats_for(resident):
            joining[number].append(model.column(problem.worth_of_seat(resident, number)))
            model.placed.append((resident.id, number))
        for meeting in problem.candidates(resident):
            coming[meeting].append(
                model.column(problem.worth(resident, meeting.slot, meeting.spot.neighbourhood))
            )
            model.placed.append((resident.id, meeting))
        mine = range(first, len(model.worth))
        model.person += [person] * len(mine)
        model.at_most(mine, 1)
    for number, columns in joining.items():
        model.at_most(columns, problem.open_seats[number][1])
    _sessions(problem, model, _held(problem, model, coming))
    return model


def _held(problem: Problem, model: Model, coming: dict[Meeting, list[int]]) -> dict[Meeting, list[int]]:
    """For each meeting the columns that add up to whether it is held."""
    if problem.seats == 1:
        return coming
    held = {}
    for meeting, columns in coming.items():
        column = model.column(0)
        held[meeting] = [column]
        model.held.update(dict.fromkeys(columns, column))
        model.at_most([*columns, column], 0, [*[1] * len(columns), -problem.seats])
    return held


def _sessions(problem: Problem, model: Model, held: dict[Meeting, list[int]]) -> None:
    """What holds for sessions: one at a time for a duo, rooms, the weekly maximum, a fair load."""
    in_slot: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    in_room: dict[tuple[str, Spot], list[int]] = defaultdict(list)
    in_week: dict[tuple[str, date], list[int]] = defaultdict(list)
    for meeting, columns in held.items():
        in_slot[meeting.duo][meeting.slot] += columns
        in_room[meeting.slot, meeting.spot] += columns
        in_week[meeting.duo, problem.week[meeting.slot]] += columns
    for (slot, spot), columns in in_room.items():
        model.at_most(columns, problem.rooms(slot, spot))
    for (duo, week), columns in in_week.items():
        model.at_most(columns, problem.sessions_left[duo, week])
    for duo, slots in in_slot.items():
        for group in problem.one_at_a_time:
            model.at_most([column for slot in group for column in slots.get(slot, ())], 1)
        every = [column for columns in slots.values() for column in columns]
        most = min(len(slots), problem.most_sessions(duo))
        steps = [model.column(-PER_EXTRA_SESSION * (problem.held[duo] + number)) for number in range(most)]
        model.exactly([*every, *steps], [*[1] * len(every), *[-1] * len(steps)], 0)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The best plan if people could be split: a value for each column, what using one more of a column would lose, and
    the bound."""

    values: Numbers
    losses: Numbers
    bound: float


class Sums:
    """A model as arrays."""

    def __init__(self, model: Model) -> None:
        self.columns = len(model.worth)
        self.people = np.array(model.person, dtype=np.int64)
        self.held = np.array([model.held.get(each, -1) for each in range(len(self.people))], dtype=np.int64)
        self.cost = -np.array(model.worth, dtype=np.float64)
        self.low, self.high = np.array(model.low), np.array(model.high)
        lengths = [len(columns) for columns in model.row_columns]
        column = np.fromiter((each for row in model.row_columns for each in row), np.int64, sum(lengths))
        factor = np.fromiter((each for row in model.row_factors for each in row), np.float64, sum(lengths))
        row = np.repeat(np.arange(len(lengths)), lengths)
        order = np.argsort(column, kind="stable")
        self.column, self.row, self.factor = column[order], row[order], factor[order]
        # Rows in which every column only uses up what there is.
        self.is_limit = np.isinf(self.low) & (
            np.bincount(row, weights=factor < 0, minlength=len(lengths)) == 0
        )
        self.start = np.concatenate(([0], np.cumsum(np.bincount(column, minlength=self.columns))))

    def part(self, columns: Whole) -> tuple[NDArray[np.int32], NDArray[np.int32], Numbers]:
        """Those columns as a sparse matrix: where each begins, the rows, the factors."""
        lengths = self.start[columns + 1] - self.start[columns]
        ends = np.cumsum(lengths)
        places = np.repeat(self.start[columns] - ends + lengths, lengths) + np.arange(
            ends[-1] if len(ends) else 0
        )
        begins = np.concatenate(([0], ends)).astype(np.int32)
        return begins, self.row[places].astype(np.int32), self.factor[places]

    def use(self, values: Numbers) -> Numbers:
        """What each row adds up to."""
        used = np.bincount(self.row, weights=self.factor * values[self.column], minlength=len(self.high))
        return used.astype(np.float64)

    def losses(self, prices: Numbers) -> Numbers:
        """What using one more of each column would lose, at a price for each row."""
        return self.cost - np.bincount(
            self.column, weights=self.factor * prices[self.row], minlength=self.columns
        )

    def best_for_each(self, score: Numbers, many: int) -> Whole:
        """The `many` columns with the lowest score for each person."""
        order = np.lexsort((score[: len(self.people)], self.people))
        of = self.people[order]
        return order[np.arange(len(order)) - np.searchsorted(of, of) < many]


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """HiGHS names itself on standard output before it can be told not to, and there the plan is shown."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def relax(sums: Sums, seconds: float, clock: Callable[[], float]) -> Relaxed | None:
    """Column generation; None when it took longer than `seconds`. Where several may come to a session, a part of that time is
    for rows that make it better."""
    until, enough = clock() + seconds, clock() + _FOR_SEVERAL * seconds
    with _silence():
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # it has no types
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "simplex")
    inside = np.ones(sums.columns, dtype=bool)
    inside[: len(sums.people)] = False
    # A little noise, so that people with the same wishes do not all begin with the same few sessions; the same in every
    # run, so that a plan is the same too.
    noise = np.random.default_rng(_SEED).random(sums.columns) * _FIRST_SESSIONS
    inside[sums.best_for_each(sums.cost + noise, _FIRST_SESSIONS)] = True
    columns = np.flatnonzero(inside)
    solver.passModel(_as_lp(sums, columns))
    several, best = _Several(sums), None
    while True:
        left = (until if best is None else enough) - clock()
        if best is not None and left < 0:
            return best
        solver.setOptionValue("time_limit", max(0.1, left) + solver.getRunTime())
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return best
        solution = solver.getSolution()
        prices = np.array(solution.row_dual)
        losses = several.losses(prices)
        helps = ~inside & (losses < -_ALMOST)
        if helps.any():
            more = sums.best_for_each(np.where(helps, losses, np.inf), _MORE_SESSIONS)
            more = more[helps[more]]
            _take_in(solver, sums, more)
            inside[more] = True
            columns = np.concatenate((columns, more))
            continue
        values = np.zeros(sums.columns)
        values[columns] = solution.col_value
        # Every outcome without columns that would help is a bound already.
        best = Relaxed(values, losses, -solver.getInfo().objective_function_value)
        if not several.add_rows(solver, columns, values):
            return best
        # And what was found is not allowed any more, but as good as it gets: the dual simplex.
        solver.setOptionValue("simplex_strategy", _DUAL)


def _take_in(solver: highspy.Highs, sums: Sums, more: Whole) -> None:
    begins, rows, factors = sums.part(more)
    none, one = np.zeros(len(more)), np.ones(len(more))
    solver.addCols(len(more), sums.cost[more], none, one, len(rows), begins[:-1], rows, factors)
    # What was found so far is still allowed: the primal simplex goes on from there.
    solver.setOptionValue("simplex_strategy", _PRIMAL)


class _Several:
    """Where several may come to a meeting: nobody comes to one that is not held. That is a row for each column, so only
    those that are broken are added. Without them the relaxation holds meetings by half, and its bound is of no use."""

    def __init__(self, sums: Sums) -> None:
        self._sums = sums
        self._coming = np.zeros(0, dtype=np.int64)

    def losses(self, prices: Numbers) -> Numbers:
        own = len(self._sums.high)
        found = self._sums.losses(prices[:own])
        np.subtract.at(found, self._coming, prices[own:])
        np.add.at(found, self._sums.held[self._coming], prices[own:])
        return found

    def add_rows(self, solver: highspy.Highs, columns: Whole, values: Numbers) -> bool:
        """Whether there were any."""
        held, coming = self._sums.held, values[: len(self._sums.held)]
        broken = np.flatnonzero((held >= 0) & (coming > values[held] + _ALMOST))
        if not len(broken):
            return False
        place = np.zeros(self._sums.columns, dtype=np.int32)
        place[columns] = np.arange(len(columns))
        many = len(broken)
        solver.addRows(
            many,
            np.full(many, -np.inf),
            np.zeros(many),
            2 * many,
            np.arange(0, 2 * many, 2, dtype=np.int32),
            np.stack((place[broken], place[held[broken]]), axis=1).ravel(),
            np.tile((1.0, -1.0), many),
        )
        self._coming = np.concatenate((self._coming, broken))
        return True


def _as_lp(sums: Sums, columns: Whole) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(sums.high)
    lp.col_cost_ = sums.cost[columns]
    lp.col_lower_, lp.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
    lp.row_lower_, lp.row_upper_ = sums.low, sums.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = sums.part(columns)
    return lp


@dataclass(frozen=True, slots=True)
class Found:
    """A choice in whole numbers, None when there was none in time; `proven` when there is none better with the same
    columns free."""

    values: Whole | None
    proven: bool


def best_whole(
    model: Model, sums: Sums, kept: Whole, free: Marks, hint: Whole, bound: int, seconds: float
) -> Found:
    """Whole numbers for the `free` columns; the others keep what `kept` says."""
    # It takes a second to load, and most plans do not need it.
    from ortools.sat.python import cp_model

    whole = cp_model.CpModel()
    variables = {int(place): whole.new_bool_var("") for place in np.flatnonzero(free)}
    fixed = np.where(free, 0, kept)
    left = sums.high - sums.use(fixed.astype(np.float64))
    for row in np.unique(sums.row[free[sums.column]]):
        terms = [
            (variables[place], factor)
            for place, factor in zip(model.row_columns[row], model.row_factors[row], strict=True)
            if place in variables
        ]
        total = cp_model.LinearExpr.weighted_sum([each for each, _ in terms], [factor for _, factor in terms])
        if math.isinf(model.low[row]):
            whole.add(total <= round(left[row]))
        else:
            whole.add(total == round(left[row]))
    for coming, held in model.held.items():
        if coming in variables and held in variables:
            whole.add_implication(variables[coming], variables[held])
    gained = cp_model.LinearExpr.weighted_sum(
        list(variables.values()), [model.worth[place] for place in variables]
    )
    whole.add(gained <= bound + round(float(sums.cost @ fixed)))
    whole.maximize(gained)
    for place, variable in variables.items():
        whole.add_hint(variable, int(hint[place]))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.05, seconds)
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = _SEED
    status = solver.solve(whole)
    proven = status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(None, proven)
    found = fixed.copy()
    found[list(variables)] = [solver.value(each) for each in variables.values()]
    return Found(found, proven)


def place_best(
    problem: Problem, start: Choice, *, clock: Callable[[], float], until: float
) -> tuple[Choice, float]:
    """The best choice found before `until`, and the bound on what any choice adds. `start` is a choice to improve on."""
    model = build(problem)
    if not model.placed:
        return start, 0.0
    sums = Sums(model)
    relaxed = relax(sums, until - clock(), clock)
    if relaxed is None:
        return start, float(np.maximum(0, -sums.cost).sum())
    bound = math.floor(relaxed.bound + _ALMOST)
    best, most = start, start.value(problem)
    values = _values(model, start)
    kept = np.rint(relaxed.values).astype(np.int64)
    if np.abs(relaxed.values - kept).max() < 1 - SETTLED:
        return _choice(model, kept), float(bound)
    for free in _widening(sums, relaxed):
        if most >= bound or clock() >= until:
            return best, float(max(bound, most))
        found = best_whole(model, sums, kept, free, values, bound, until - clock())
        if found.values is not None and (choice := _choice(model, found.values)).value(problem) > most:
            best, most, values = choice, choice.value(problem), found.values
    # What cannot be in a plan that gains any of what is missing keeps its value: what comes out is proven.
    while most < bound and clock() < until:
        free = np.abs(relaxed.losses) <= relaxed.bound - most + _ALMOST
        found = best_whole(model, sums, kept, free, values, bound, until - clock())
        if found.values is not None and (choice := _choice(model, found.values)).value(problem) > most:
            best, most, values = choice, choice.value(problem), found.values
        if found.proven:
            bound = most
        elif found.values is None:
            break
    return best, float(max(bound, most))


def _widening(sums: Sums, relaxed: Relaxed) -> Iterable[Marks]:
    """Which columns to look at again, ever more of them; whom the relaxation gave one place keeps it."""
    losses = np.abs(relaxed.losses)
    placing = np.arange(sums.columns) < len(sums.people)
    settled = placing & (relaxed.values > SETTLED)
    coming = np.flatnonzero(settled[: len(sums.held)] & (sums.held >= 0))
    settled[coming] = relaxed.values[sums.held[coming]] > SETTLED
    full = sums.is_limit & (sums.high - sums.use(np.where(settled, 1.0, 0.0)) < 0.5)
    blocked = np.bincount(sums.column, weights=full[sums.row], minlength=sums.columns) > 0
    for width in (_ALMOST, _WIDE):
        yield ~placing | (~settled & ~blocked & ((losses <= width) | (relaxed.values > 1 - SETTLED)))


def _choice(model: Model, found: Whole) -> Choice:
    chosen = [model.placed[column] for column in np.flatnonzero(found[: len(model.placed)])]
    return Choice(
        {who: where for who, where in chosen if isinstance(where, Meeting)},
        {who: where for who, where in chosen if isinstance(where, int)},
    )


def _values(model: Model, choice: Choice) -> Whole:
    """A choice as columns, for a solver to begin with."""
    found = np.zeros(len(model.worth), dtype=np.int64)
    goes: dict[str, Meeting | int] = {**choice.meetings, **choice.seats}
    for column, (who, where) in enumerate(model.placed):
        if goes.get(who) == where:
            found[column] = 1
            if column in model.held:
                found[model.held[column]] = 1
    return found
