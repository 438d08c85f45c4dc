"""What was promised against what was found: ratios are taken within a round, and what is missing is not a promise kept."""

import pytest

from benchmarks import targets
from benchmarks.report import to_markdown
from benchmarks.series import Found, Round, Series, paired


def rounds(*rates: float, p95: float = 10.0) -> list[Round]:
    return [Round(turns=100, rate=rate, p50=1.0, p95=p95, cpu=0.5, busy=0.1) for rate in rates]


def found(**series: list[Round]) -> Found:
    """Series with eight residents, by the name of a constant in targets."""
    made = Found({"date": "2026-01-01"})
    made.series = [
        Series(getattr(targets, name), 8 if "TURN" not in name else 1, each) for name, each in series.items()
    ]
    return made


def verdict(made: Found, promise: str) -> bool | None:
    (target,) = (each for each in targets.judge(made) if promise in each.promise)
    return target.reached


def test_ratio_is_taken_within_each_round() -> None:
    ours, theirs = Series("ours", 8, rounds(100, 10, 100)), Series("theirs", 8, rounds(50, 5, 10))
    assert paired(ours, theirs) == 2.0


def test_ratio_is_taken_to_the_fastest_rival_of_the_round() -> None:
    one, other = Series("one", 8, rounds(10, 100)), Series("other", 8, rounds(100, 10))
    assert paired(Series("ours", 8, rounds(50, 50)), one, other) == 0.5


def test_nothing_measured_is_neither_reached_nor_missed() -> None:
    assert [each.reached for each in targets.judge(Found({}))] == [None] * 12


@pytest.mark.parametrize(("rate", "reached"), [(150, True), (149, False)])
def test_form_bot_has_to_be_beaten_fifteen_times(rate: float, reached: bool) -> None:
    assert verdict(found(APP=rounds(rate), FORM_BOT=rounds(10)), "plain Rasa") is reached


@pytest.mark.parametrize(("rate", "reached"), [(60, True), (59, False)])
def test_raw_limit_is_held_against_in_both_its_ways_to_commit(rate: float, reached: bool) -> None:
    made = found(APP=rounds(rate), RAW_EACH=rounds(100), RAW_GROUP=rounds(200))
    assert (verdict(made, "a commit each"), verdict(made, "group commit")) == (reached, False)


@pytest.mark.parametrize(("p95", "reached"), [(24.9, True), (25.0, False)])
def test_slow_turns_are_seen(p95: float, reached: bool) -> None:
    assert verdict(found(APP=rounds(100, p95=p95)), "p95") is reached


@pytest.mark.parametrize(("rate", "reached"), [(90, True), (89, False)])
def test_typed_answers_are_held_against_rasa_alone(rate: float, reached: bool) -> None:
    assert verdict(found(TYPED_RASA=rounds(rate), PARSE=rounds(100)), "typed") is reached


@pytest.mark.parametrize(("megabytes", "reached"), [(149.0, True), (150.0, False), (0.0, None)])
def test_memory_has_a_limit(megabytes: float, reached: bool | None) -> None:
    assert verdict(Found({}, memory_mb=megabytes, intakes=1_000), "memory") is reached


@pytest.mark.parametrize(("late", "reached"), [(91, True), (90, False)])
def test_long_conversation_may_not_be_slower(late: float, reached: bool) -> None:
    assert verdict(found(TURN_10=rounds(100), TURN_1000=rounds(late)), "however long") is reached


@pytest.mark.parametrize(("full", "reached"), [(91, True), (90, False)])
def test_full_database_may_not_be_slower(full: float, reached: bool) -> None:
    made = Found({})
    made.series = [
        Series(targets.stored(0), 8, rounds(100)),
        Series(targets.stored(1_000), 8, rounds(100)),
        Series(targets.stored(1_000_000), 8, rounds(full)),
    ]
    assert verdict(made, "however much") is reached


def test_report_shows_targets_and_turns() -> None:
    made = found(APP=rounds(150), FORM_BOT=rounds(10))
    made.targets = targets.judge(made)
    text = to_markdown(made)
    assert "| 15.0 x with 8 | yes |" in text
    assert "| wijkverhaal | 8 | 150 | 150-150 | 1.00 | 10.00 | 0.50 | 100 |" in text
