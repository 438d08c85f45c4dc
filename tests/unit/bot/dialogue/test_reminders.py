"""Reminders come by day in the Netherlands, also around the changes of the clock, and only to who agreed to them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.effects import Key, Phrase, Say
from bot.dialogue.reminders import FIRST, LAST, by_day, end_of_day, waits_for_reminder, words_of_reminder
from bot.dialogue.state import Phase, State
from domain.answer import Answer, answered
from tests.unit.bot.dialogue.playing import OPEN

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
YES = answered("yes")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("2026-11-24T14:00+01:00", "2026-11-24T14:00+01:00"),
        ("2026-11-24T09:00+01:00", "2026-11-24T09:00+01:00"),
        ("2026-11-24T19:59:59+01:00", "2026-11-24T19:59:59+01:00"),
        ("2026-11-24T20:00+01:00", "2026-11-25T09:00+01:00"),
        ("2026-11-24T08:59+01:00", "2026-11-24T09:00+01:00"),
        ("2026-11-25T00:30+01:00", "2026-11-25T09:00+01:00"),
        # the clock goes forward in the night to 29 March, and back in the night to 25 October
        ("2026-03-28T21:00+01:00", "2026-03-29T09:00+02:00"),
        ("2026-03-29T02:30+00:00", "2026-03-29T09:00+02:00"),
        ("2026-10-24T21:00+02:00", "2026-10-25T09:00+01:00"),
        ("2026-10-25T00:30+00:00", "2026-10-25T09:00+01:00"),
        ("2026-12-31T23:00+01:00", "2027-01-01T09:00+01:00"),
    ],
)
def test_moment_at_night_becomes_the_next_morning(moment: str, sent: str) -> None:
    assert by_day(utc(moment)) == utc(sent)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_reminder_never_comes_at_night_and_never_before_its_time(moment: datetime) -> None:
    sent = by_day(moment)
    assert moment <= sent
    assert 9 <= sent.astimezone(AMSTERDAM).hour < 20
    assert by_day(sent) == sent
    assert sent < end_of_day(sent)


def test_end_of_day_is_eight_in_the_evening_in_winter_and_in_summer() -> None:
    assert end_of_day(utc("2026-01-10T10:00+01:00")) == utc("2026-01-10T20:00+01:00")
    assert end_of_day(utc("2026-07-10T10:00+02:00")) == utc("2026-07-10T20:00+02:00")


@pytest.mark.parametrize(
    ("phase", "consents", "waits"),
    [
        (Phase.ASKING, {"answers": True, "reminders": True}, True),
        (Phase.PAUSED, {"answers": True, "reminders": True}, True),
        (Phase.ASKING, {"answers": True}, False),
        (Phase.ASKING, {"answers": True, "reminders": False}, False),
        (Phase.STOPPED, {"answers": True, "reminders": True}, False),
        (Phase.RESTING, {"answers": True, "reminders": True}, False),
        (Phase.FINISHED, {"answers": True, "reminders": True}, False),
    ],
)
def test_only_who_is_halfway_and_agreed_is_reminded(
    phase: Phase, consents: dict[str, bool], waits: bool
) -> None:
    assert waits_for_reminder(State(phase=phase, at="home", began=True, consents=consents)) is waits


@pytest.mark.parametrize(
    ("kind", "at", "answers", "said"),
    [
        (FIRST, "home", {"agree": YES}, Phrase("remind.first", {"number": 1, "total": 4})),
        (LAST, "wish", {"agree": YES, "home": YES}, Phrase("remind.last", {"number": 4, "total": 4})),
        # consents do not count: the next question is the first, or the last
        (FIRST, "remind", {"agree": YES}, Phrase("remind.first", {"number": 1, "total": 4})),
        (
            LAST,
            "remind",
            dict.fromkeys(("agree", "home", "good", "happy", "wish"), YES),
            Phrase("remind.last", {"number": 4, "total": 4}),
        ),
    ],
)
def test_reminder_says_where_the_resident_was(
    kind: str, at: str, answers: dict[str, Answer], said: Phrase
) -> None:
    state = State(phase=Phase.PAUSED, at=at, began=True, answers=answers)
    keys = (Key(Phrase("button.go_on"), "/start"), Key(Phrase("button.stop"), "/stop"))
    assert words_of_reminder(kind, state, OPEN, utc("2026-11-24T14:00+01:00")) == Say((said,), keys)
