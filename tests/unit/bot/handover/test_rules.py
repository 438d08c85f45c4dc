from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.handover.hours import parse_hours
from bot.handover.rules import (
    Due,
    Taking,
    choose_next,
    judge_taking,
    let_go,
    next_look,
    offered,
    taken,
    what_is_due,
)
from domain.staff import Role, StaffMember, Talk

HOURS = parse_hours("ma-vr 09:00-17:00")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)  # Monday, 10.00 in Amsterdam
MINUTE = timedelta(minutes=1)
TALK = Talk("ref", AT, AT)


def member(name: str, role: Role = Role.DUTY, **more: object) -> StaffMember:
    return replace(StaffMember(name, name, role, channel="telegram", channel_ref=name), **more)  # type: ignore[arg-type]  # checked by the record itself


def test_the_free_come_first_then_duty_then_who_was_asked_longest_ago() -> None:
    busy = member("a", is_busy=True)
    coordinator = member("b", Role.COORDINATOR)
    lately, long_ago = member("c", offered_at=AT), member("d", offered_at=AT - MINUTE)
    everybody = [busy, coordinator, lately, long_ago]
    talk, order = TALK, []
    while (chosen := choose_next(everybody, talk)) is not None:
        order.append(chosen.id)
        talk = offered(talk, chosen, AT)

    assert order == ["d", "c", "b", "a"]


def test_who_has_not_joined_or_cannot_be_reached_is_not_asked() -> None:
    assert choose_next([member("a", channel=""), member("b", is_blocked=True)], TALK) is None


@pytest.mark.parametrize(
    "talk, judged",
    [
        (None, Taking.OVER),
        (TALK, Taking.YOURS),
        (replace(TALK, taken_by="a"), Taking.ALREADY_YOURS),
        (replace(TALK, taken_by="b"), Taking.TAKEN),
    ],
)
def test_a_talk_is_taken_once(talk: Talk | None, judged: Taking) -> None:
    assert judge_taking(talk, member("a")) is judged


def test_one_talk_at_a_time() -> None:
    assert judge_taking(TALK, member("a", is_busy=True)) is Taking.BUSY


def test_patience_ends_after_half_an_hour_of_open_time() -> None:
    asked = offered(TALK, member("a"), AT)

    assert next_look(asked, HOURS, AT) == AT + 30 * MINUTE
    assert what_is_due(asked, HOURS, AT + 29 * MINUTE) is Due.WAIT
    assert what_is_due(asked, HOURS, AT + 30 * MINUTE) is Due.OFFER


def test_at_closing_time_it_is_said_and_the_rest_of_the_patience_is_tomorrow() -> None:
    late, closing = AT.replace(hour=15, minute=50), AT.replace(hour=16)
    asked = offered(replace(TALK, at=late), member("a"), late)
    tomorrow = closing.replace(day=24, hour=8, minute=20)

    assert next_look(asked, HOURS, late) == closing
    assert what_is_due(asked, HOURS, closing) is Due.SAY_CLOSED
    assert next_look(asked, HOURS, closing) == tomorrow
    assert what_is_due(asked, HOURS, tomorrow) is Due.OFFER


def test_asked_at_night_waits_for_the_opening() -> None:
    night = AT.replace(hour=22)

    assert next_look(replace(TALK, at=night), HOURS, night) == AT.replace(day=24, hour=8)


def test_who_took_it_and_does_not_write_loses_it_to_somebody_else() -> None:
    mine = taken(offered(TALK, member("a"), AT), member("a"), AT)

    assert what_is_due(mine, HOURS, AT + 30 * MINUTE) is Due.PASS_ON
    free = let_go(mine)
    assert (free.taken_by, free.asked) == ("", ("a",))
    assert choose_next([member("a"), member("b")], free) == member("b")


def test_a_talk_ends_after_a_day_of_silence_and_is_given_up_after_five_days() -> None:
    answered = replace(taken(TALK, member("a"), AT), answered_at=AT)

    assert what_is_due(answered, HOURS, AT + timedelta(hours=23)) is Due.WAIT
    assert what_is_due(answered, HOURS, AT + timedelta(hours=24)) is Due.END_IDLE
    assert what_is_due(TALK, HOURS, AT + timedelta(days=5)) is Due.GIVE_UP
