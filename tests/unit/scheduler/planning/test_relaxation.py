"""The relaxation by itself: what it says that no plan exceeds."""

import time

from benchmarks.planning import generate, instance_of
from scheduler.planning.candidates import Problem
from scheduler.planning.greedy import place_greedily
from scheduler.planning.solvers import Sums, build, relax


def test_where_several_come_the_bound_does_not_count_on_half_a_session() -> None:
    data = generate(4, residents=80, duos=12, slots=60, locations=6, seats=2)
    problem = Problem(instance_of(data))
    found = relax(Sums(build(problem)), 60, time.monotonic)
    assert found is not None
    first_come = place_greedily(problem).value(problem)
    # With sessions held by half it says 76,746.
    assert first_come < found.bound < 68_000
