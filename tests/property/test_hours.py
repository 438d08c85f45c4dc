"""Hours by the clock, over every change of it: a moment belongs to hours exactly when the clock on the wall reads so."""

import itertools
from datetime import UTC, datetime, time, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from domain.session import Gender, Hours, Meemaker, MeemakerKind, Stretch
from scheduler.claims import Grid
from scheduler.hours import (
    AMSTERDAM,
    clock_periods,
    common,
    free_times,
    merge,
    minus,
    stretches,
    week_of,
    weeks_between,
)

QUARTER = timedelta(minutes=15)
CHANGES = (  # the moments at which the clock changes
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2027, 3, 28, 1, tzinfo=UTC),
    datetime(2027, 10, 31, 1, tzinfo=UTC),
)
TIMES = st.sampled_from([time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)])
NIGHT = st.sampled_from([time(hour, minute) for hour in range(1, 4) for minute in (0, 15, 30, 45)])


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    times = draw(st.sampled_from((TIMES, NIGHT)))
    begin, until = draw(times), draw(times)
    if until <= begin:
        until = time(0)
    return Hours(draw(st.integers(0, 6)), begin, until)


@st.composite
def spans(draw: st.DrawFn, most: int = 6) -> list[Stretch]:
    """Any stretches, in any order, near one of the changes."""
    change = draw(st.sampled_from(CHANGES))
    found = []
    for _ in range(draw(st.integers(0, most))):
        start = change + draw(st.integers(-300, 300)) * QUARTER
        found.append(Stretch(start, start + draw(st.integers(1, 200)) * QUARTER))
    return found


def reads_within(moment: datetime, some: list[Hours]) -> bool:
    clock = moment.astimezone(AMSTERDAM)
    return any(
        each.weekday == clock.weekday()
        and each.begin <= clock.time()
        and (clock.time() < each.until or each.until == time(0))
        for each in some
    )


def holds(found: tuple[Stretch, ...] | list[Stretch], moment: datetime) -> bool:
    return any(each.start <= moment < each.end for each in found)


def quarters(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + number * QUARTER for number in range(int((end - begin) / QUARTER))]


@given(
    st.lists(hours(), max_size=6),
    st.sampled_from(CHANGES),
    st.integers(-800, 100),
    st.integers(0, 900),
)
@example([Hours(6, time(2, 30), time(2, 45))], CHANGES[0], -100, 300)
@example([Hours(6, time(2, 30), time(2, 45))], CHANGES[1], -100, 300)
@example([Hours(weekday, time(0), time(0)) for weekday in range(7)], CHANGES[1], -300, 600)
def test_a_moment_is_in_them_when_the_clock_reads_so(
    some: list[Hours], change: datetime, before: int, long: int
) -> None:
    begin = change + before * QUARTER
    end = begin + long * QUARTER
    found = stretches(some, begin, end)
    for moment in quarters(begin - QUARTER * 8, end + QUARTER * 8):
        assert holds(found, moment) == (begin <= moment < end and reads_within(moment, some))


@given(st.lists(hours(), max_size=6), st.sampled_from(CHANGES))
def test_stretches_are_in_order_and_apart(some: list[Hours], change: datetime) -> None:
    found = stretches(some, change - timedelta(days=8), change + timedelta(days=8))
    assert all(each.start < each.end for each in found)
    assert all(one.end < other.start for one, other in itertools.pairwise(found))
    assert all(each.start.tzinfo is UTC and each.end.tzinfo is UTC for each in found)


@given(spans(), spans())
def test_merging_taking_away_and_what_is_common(some: list[Stretch], others: list[Stretch]) -> None:
    every = [*some, *others]
    if not every:
        return
    joined, less, both = merge(some), minus(merge(some), others), common(merge(some), merge(others))
    for moment in quarters(min(each.start for each in every), max(each.end for each in every)):
        assert holds(joined, moment) == holds(some, moment)
        assert holds(less, moment) == (holds(some, moment) and not holds(others, moment))
        assert holds(both, moment) == (holds(some, moment) and holds(others, moment))


@given(st.lists(hours(), max_size=4), spans(3), spans(3), st.sampled_from(CHANGES))
def test_usual_hours_less_away_and_extra_beside_it(
    some: list[Hours], away: list[Stretch], extra: list[Stretch], change: datetime
) -> None:
    person = Meemaker(
        "m",
        MeemakerKind.RESIDENT,
        frozenset(),
        frozenset(),
        Gender.WOMAN,
        2,
        tuple(some),
        tuple(away),
        tuple(extra),
    )
    begin, end = change - timedelta(days=2), change + timedelta(days=2)
    found = free_times(person, begin, end)
    for moment in quarters(begin, end):
        usual = reads_within(moment, some) and not holds(away, moment)
        assert holds(found, moment) == (usual or holds(extra, moment))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_weeks_are_iso_weeks_by_the_clock_in_amsterdam(moment: datetime) -> None:
    clock = moment.astimezone(AMSTERDAM)
    assert week_of(moment).isocalendar()[:2] == clock.isocalendar()[:2]
    assert week_of(moment).weekday() == 0


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(hours=1), timedelta(days=60)),
)
def test_weeks_follow_each_other_and_cover_the_time(begin: datetime, long: timedelta) -> None:
    weeks = weeks_between(begin, begin + long)
    assert weeks[0].start <= begin < weeks[0].end
    assert weeks[-1].start < begin + long <= weeks[-1].end
    assert all(one.end == other.start for one, other in itertools.pairwise(weeks))
    assert all(each.start.astimezone(AMSTERDAM).strftime("%w %H:%M") == "1 00:00" for each in weeks)


@given(
    st.lists(hours(), max_size=6),
    st.sampled_from(CHANGES),
    st.integers(-800, 100),
    st.integers(1, 900),
)
def test_hours_as_bits_are_the_same_hours(
    some: list[Hours], change: datetime, before: int, long: int
) -> None:
    begin = change + before * QUARTER
    end = begin + long * QUARTER
    grid = Grid(begin - timedelta(hours=5))
    bits = grid.hours(some, clock_periods(begin, end))
    assert tuple(grid.stretches(bits)) == stretches(some, begin, end)
