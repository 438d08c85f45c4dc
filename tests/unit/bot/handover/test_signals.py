"""Who is told of a signal, and what a press on it comes to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.handover.signals import (
    Handling,
    choose_to_tell,
    closed,
    heard_again,
    is_anybody_there,
    is_due,
    judge_closing,
    judge_taking,
    let_go,
    may_count,
    next_look,
    taken,
    told,
)
from domain.safety import Case, SignalKind
from domain.staff import Role, StaffMember

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SUICIDE, CHILD = SignalKind.SUICIDE, SignalKind.CHILD
CASE = Case("case", "person", (SUICIDE,), AT, AT)


def member(name: str, role: Role = Role.DUTY, *, channel: str = "telegram") -> StaffMember:
    return StaffMember(name, name, role, channel=channel)


ANNA, BRAM, CORA = member("anna"), member("bram"), member("cora", Role.COORDINATOR)
ALL = (CORA, ANNA, BRAM)


def chosen(case: Case, last_told: Mapping[str, datetime] = {}) -> str:
    found = choose_to_tell(ALL, case, last_told)
    assert found is not None
    return found.name


def test_who_was_told_longest_ago_comes_first() -> None:
    assert chosen(CASE) == "anna"
    assert chosen(CASE, {"anna": AT - MINUTE}) == "bram"
    assert chosen(CASE, {"anna": AT - 2 * MINUTE, "bram": AT - MINUTE}) == "anna"


def test_coordinators_are_told_when_no_duty_person_is_left() -> None:
    assert chosen(replace(CASE, asked=("anna",)), {"bram": AT}) == "bram"
    assert chosen(replace(CASE, asked=("anna", "bram")), {"cora": AT}) == "cora"


def test_round_begins_again_with_who_was_told_first() -> None:
    last_told = {"anna": AT, "bram": AT + MINUTE, "cora": AT + 2 * MINUTE}
    assert chosen(replace(CASE, asked=("anna", "bram", "cora")), last_told) == "anna"
    again = told(replace(CASE, asked=("anna", "bram", "cora")), ANNA, AT)
    assert (again.asked, chosen(again, last_told | {"anna": AT + 3 * MINUTE})) == (("anna",), "bram")


def test_who_cannot_be_asked_is_passed_over() -> None:
    gone = (member("left", channel=""), replace(ANNA, is_blocked=True))
    assert choose_to_tell((*gone, CORA), CASE, {}) is CORA
    assert choose_to_tell(gone, CASE, {}) is None
    assert [is_anybody_there(staff) for staff in ((), gone, (*gone, CORA))] == [False, False, True]


def test_telling_somebody_is_noted_and_so_is_finding_nobody() -> None:
    case = told(CASE, ANNA, AT + MINUTE)
    assert case == replace(CASE, asked=("anna",), told_to="anna", told_at=AT + MINUTE, said_at=AT + MINUTE)
    assert told(case, BRAM, AT + 16 * MINUTE).asked == ("anna", "bram")
    assert told(case, None, AT + 16 * MINUTE) == replace(case, told_to="", told_at=AT + 16 * MINUTE)


def test_quarter_of_an_hour_is_given_and_not_a_moment_more() -> None:
    case = told(CASE, ANNA, AT)
    assert next_look(case) == AT + 15 * MINUTE
    assert [is_due(case, AT + each * MINUTE) for each in (14.99, 15)] == [False, True]


def test_where_nobody_could_be_told_it_is_looked_at_every_minute() -> None:
    case = told(CASE, None, AT)
    assert [is_due(case, AT + each * MINUTE) for each in (0.99, 1)] == [False, True]
    assert next_look(CASE) == AT + MINUTE


@pytest.mark.parametrize("case", [taken(CASE, ANNA, AT), closed(CASE, ANNA, AT)])
def test_nobody_is_told_of_what_somebody_has_or_closed(case: Case) -> None:
    assert next_look(case) is None
    assert not is_due(case, AT + timedelta(days=9))


def test_hearing_it_again_counts_and_tells_which_kinds_are_new() -> None:
    again, new = heard_again(CASE, (SUICIDE, CHILD), AT + MINUTE)
    assert (again, new) == (
        replace(CASE, kinds=(SUICIDE, CHILD), heard_at=AT + MINUTE, count=2),
        (CHILD,),
    )
    assert heard_again(again, (CHILD, SUICIDE), AT)[1] == ()


def test_count_is_told_at_most_once_in_a_quarter_of_an_hour() -> None:
    case = told(CASE, ANNA, AT)
    assert [may_count(case, AT + each * MINUTE) for each in (14.99, 15)] == [False, True]
    assert may_count(CASE, AT)


def test_case_that_is_let_go_is_nobodys_and_who_had_it_counts_as_told() -> None:
    case = let_go(taken(told(CASE, ANNA, AT), BRAM, AT))
    assert (case.asked, case.told_to, case.taken_by, case.taken_at) == (("anna", "bram"), "", "", None)
    assert let_go(taken(told(CASE, ANNA, AT), ANNA, AT)).asked == ("anna",)
    assert let_go(CASE).asked == ()


MINE, THEIRS = taken(CASE, ANNA, AT), taken(CASE, BRAM, AT)


@pytest.mark.parametrize(
    "case, taking, closing",
    [
        (None, Handling.OVER, Handling.OVER),
        (CASE, Handling.YOURS, Handling.NOT_TAKEN),
        (MINE, Handling.ALREADY_YOURS, Handling.CLOSED),
        (THEIRS, Handling.TAKEN, Handling.TAKEN),
        (closed(MINE, ANNA, AT), Handling.OVER, Handling.OVER),
    ],
)
def test_press_is_judged_by_who_has_it(case: Case | None, taking: Handling, closing: Handling) -> None:
    assert (judge_taking(case, ANNA), judge_closing(case, ANNA)) == (taking, closing)
