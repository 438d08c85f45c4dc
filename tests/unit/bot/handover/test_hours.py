from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue.effects import Say
from bot.forms.load import load_form
from bot.handover.hours import hours_words, moment_words, parse_hours
from bot.texts.catalogue import load_catalogue
from bot.texts.render import Renderer
from tests.transcripts.test_transcripts import HERE

WEEK = parse_hours("ma-vr 09:00-17:00, za 10:00-12:00", "2026-12-25, 2026-12-26")
HALF_HOUR = timedelta(minutes=30)
CATALOGUE, FORM = load_catalogue(), load_form(HERE / "small.md")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "at, is_open",
    [
        ("2026-11-23 07:59", False),  # Monday, 8.59 in Amsterdam
        ("2026-11-23 08:00", True),
        ("2026-11-23 15:59", True),
        ("2026-11-23 16:00", False),
        ("2026-11-28 09:30", True),  # Saturday
        ("2026-11-29 09:30", False),
        ("2026-12-25 09:30", False),  # a day off
        ("2026-06-01 07:00", True),  # summer time
    ],
)
def test_open_at_the_hours_of_amsterdam(at: str, is_open: bool) -> None:
    assert WEEK.is_open(utc(at)) is is_open


def test_next_opening_passes_over_nights_and_days_off() -> None:
    assert WEEK.next_opening(utc("2026-11-23 17:00")) == utc("2026-11-24 08:00")
    assert WEEK.next_opening(utc("2026-12-24 17:00")) == utc("2026-12-28 08:00")
    assert WEEK.next_opening(utc("2026-11-23 10:00")) == utc("2026-11-23 10:00")


def test_open_time_goes_on_the_next_day() -> None:
    assert WEEK.after_open(utc("2026-11-23 15:50"), HALF_HOUR) == utc("2026-11-24 08:20")
    assert WEEK.after_open(utc("2026-11-23 20:00"), HALF_HOUR) == utc("2026-11-24 08:30")
    assert WEEK.after_open(utc("2026-11-23 15:30"), HALF_HOUR) == utc("2026-11-23 16:00")


def test_hours_hold_on_the_day_the_clock_changes() -> None:
    hours = parse_hours("zo 00:00-09:00")

    assert hours.next_opening(utc("2026-03-28 12:00")) == utc("2026-03-28 23:00")
    assert hours.closing(utc("2026-03-29 00:00")) == utc("2026-03-29 07:00")
    assert hours.closing(utc("2026-10-25 00:00")) == utc("2026-10-25 08:00")


def test_hours_that_touch_at_midnight_are_one() -> None:
    always = parse_hours("ma-zo 00:00-24:00")

    assert always.after_open(utc("2026-11-23 22:50"), HALF_HOUR) == utc("2026-11-23 23:20")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ma-vr",
        "09:00-17:00",
        "vr-ma 09:00-17:00",
        "mo 09:00-17:00",
        "ma 17:00-09:00",
        "ma 09:00-24:01",
        "ma 9:60-10:00",
    ],
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_hours(text)


def test_day_off_that_is_no_date_is_refused() -> None:
    with pytest.raises(ValueError):
        parse_hours("ma 09:00-17:00", "Kerst")


def said(words: object, language: str) -> str:
    return Renderer(CATALOGUE, FORM, language).message(Say((words,))).text  # type: ignore[arg-type]  # any of the words


@pytest.mark.parametrize(
    "language, hours, moments",
    [
        (
            "nl",
            "maandag tot en met vrijdag van 9.00 tot 17.00 uur en zaterdag van 10.00 tot 12.00 uur",
            [
                "vandaag om 9.00 uur",
                "morgen om 9.00 uur",
                "zaterdag om 10.00 uur",
                "maandag 28 december om 9.00 uur",
            ],
        ),
        (
            "en",
            "Monday to Friday from 9:00 to 17:00 and Saturday from 10:00 to 12:00",
            ["today at 9:00", "tomorrow at 9:00", "Saturday at 10:00", "Monday 28 December at 9:00"],
        ),
    ],
)
def test_hours_and_moments_are_said_as_people_do(language: str, hours: str, moments: list[str]) -> None:
    now = utc("2026-11-23 05:00")
    when = ("2026-11-23 08:00", "2026-11-24 08:00", "2026-11-28 09:00", "2026-12-28 08:00")

    assert said(hours_words(WEEK), language) == hours
    assert [said(moment_words(utc(moment), now), language) for moment in when] == moments
