"""Makes a plan within a time: the solvers where they are installed, the greedy planner where they are not."""

from __future__ import annotations

import math
from collections.abc import Callable

from scheduler.planning.candidates import Problem
from scheduler.planning.greedy import place_greedily
from scheduler.planning.instance import Instance
from scheduler.planning.plan import Plan, finish

Clock = Callable[[], float]


def make_plan(instance: Instance, *, clock: Clock, time_limit: float = 60.0, solvers: bool = True) -> Plan:
    """The best plan that is found within `time_limit` seconds. `clock` gives seconds that never go back."""
    began = clock()
    problem = Problem(instance)
    greedy = place_greedily(problem)
    if solvers:
        try:
            from scheduler.planning.solvers import place_best
        except ImportError:
            pass
        else:
            choice, bound = place_best(problem, greedy, clock=clock, until=began + time_limit)
            optimal = choice.value(problem) >= math.floor(bound + 1e-6)
            return finish(problem, choice, bound, clock() - began, "optimal" if optimal else "within_gap")
    return finish(problem, greedy, most_for(problem), clock() - began, "greedy")


def most_for(problem: Problem) -> int:
    """What it would be worth if everybody had the best place they could have: a bound that is easily known."""
    total = 0
    for resident in problem.waiting:
        values = [problem.worth_of_seat(resident, number) for number, _ in problem.seats_for(resident)]
        values += [
            problem.worth(resident, each.slot, each.spot.neighbourhood)
            for each in problem.candidates(resident)
        ]
        total += max(values, default=0)
    return total
