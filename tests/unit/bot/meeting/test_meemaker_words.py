"""What meemakers say, read and said back: pure, and for any text."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.talk_words import read_times, read_week
from bot.dialogue.effects import Words
from bot.meeting.hours_words import stretch_words, week_words
from bot.meeting.meemaker_side import MeemakerSide
from bot.meeting.meemaker_step import Asks, DuoStep, step_from_json, step_to_json
from bot.meeting.meemaker_words import Says, address_in, calendar_address, only_times, read_words
from bot.meeting.post import Post
from bot.meeting.step import Step
from bot.meeting.step import step_to_json as resident_step
from bot.texts.catalogue import load_catalogue
from bot.texts.render import Renderer
from domain.session import Hours, Stretch
from domain.understanding import ExpectedKind
from tests.unit.bot.talking import FORM

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
TIMEY = st.text() | st.lists(
    st.sampled_from(
        ["dinsdag", "niet", "elke", "van", "tot", "9", "12:00", "24", "25", "-", "en", "augustus", "3", "t/m", "morgen",
         "weekend", "'s avonds", "na", "not", "every", "Monday", "from", "to", "week", ";", "behalve", "kan", "extra", "ziek"]
    ),
    max_size=12,
).map(" ".join)  # fmt: skip # read as one list of words


def said(words: Words, language: str = "nl") -> str:
    return Renderer(load_catalogue(), FORM, language).words(words)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mijn agenda", Says.AGENDA),
        ("Agenda!", Says.AGENDA),
        ("mijn vaste tijden", Says.HOURS),
        ("elke dinsdagmiddag", Says.WEEK),
        ("ik ben er niet van 3 tot 10 augustus", Says.AWAY),
        ("Tomorrow I’m not available", Says.AWAY),
        ("zaterdag kan ik wel extra", Says.EXTRA),
        ("ik ben helaas ziek", Says.ILL),
        ("I am sick today", Says.ILL),
        ("mijn kind is ziek", None),
        ("mijn agenda: https://cal.example.org/x.ics", Says.CALENDAR),
        ("kijk eens op https://example.org", None),
        ("kalender weg", Says.NO_CALENDAR),
        ("ruilen graag", Says.SWAP),
        ("ja, dat kan", Says.CAN),
        ("oké", Says.CAN),
        ("yes I can", Says.CAN),
        ("helaas, nee", None),
        ("nee kan niet", Says.CANNOT),
        ("I can't make it", Says.CANNOT),
        ("ik ben er", Says.ARRIVED),
        ("we zijn vertrokken", Says.LEFT),
        ("er kwam niemand", Says.NO_SHOW),
        ("het gesprek is afgelopen", Says.FINISHED),
        ("dank je wel", Says.EXTRA),  # and names no time: so it is about something else
        ("hallo", None),
        ("niet " * 100, None),
    ],
)
def test_what_somebody_says(text: str, says: Says | None) -> None:
    assert read_words(text, in_between=True) is says


@pytest.mark.parametrize(
    "text", ["ik ben ziek", "ja", "nee", "morgen kan ik niet", "ik ben er", "elke dinsdag"]
)
def test_in_the_middle_of_a_question_words_are_its_answer(text: str) -> None:
    assert read_words(text, in_between=False) is None


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://cal.example.org/x.ics", "https://cal.example.org/x.ics"),
        ("webcal://cal.example.org/x", "https://cal.example.org/x"),
        ("http://cal.example.org/x.ics", ""),
        ("ftp://cal.example.org/x.ics", ""),
        ("https://intranet/x.ics", ""),
        ("https://[::1/x", ""),
        ("https://cal.example.org:port/", ""),
        ("https://cal.example.org/" + "x" * 2000, ""),
    ],
)
def test_address_of_a_calendar(address: str, found: str) -> None:
    assert calendar_address(address) == found


def test_address_is_found_without_what_stands_around_it() -> None:
    assert address_in("mijn agenda (https://cal.example.org/x.ics).") == "https://cal.example.org/x.ics"
    assert address_in("geen adres") == ""


@pytest.mark.parametrize(
    ("stretch", "nl", "en"),
    [
        (Stretch(NOW, datetime(2026, 11, 30, 23, tzinfo=UTC)), "maandag 30 november, de hele dag", "Monday 30 November, all day"),
        (Stretch(NOW + timedelta(hours=1), datetime(2026, 11, 30, 23, tzinfo=UTC)), "maandag 30 november, 11.00 tot 24.00 uur", "Monday 30 November, 11:00 to 24:00"),
        (Stretch(NOW + timedelta(hours=1), NOW + timedelta(days=2)), "maandag 30 november, 11.00 uur tot woensdag 2 december, 10.00 uur", "Monday 30 November, 11:00 to Wednesday 2 December, 10:00"),
        # Over the night that the clock goes forward.
        (Stretch(datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC)), "zondag 28 maart 2027, de hele dag", "Sunday 28 March 2027, all day"),
    ],
)  # fmt: skip # read as a table
def test_times_are_said_back(stretch: Stretch, nl: str, en: str) -> None:
    assert said(stretch_words(stretch, NOW)) == nl
    assert said(stretch_words(stretch, NOW), "en") == en


def test_a_week_without_hours_is_said_as_such() -> None:
    assert said(week_words(())) == "nog geen tijden"


def test_a_summer_away_is_read_to_its_last_day() -> None:
    (summer,) = read_times("van 3 juli tot 20 augustus", NOW)
    assert summer == Stretch(datetime(2027, 7, 2, 22, tzinfo=UTC), datetime(2027, 8, 20, 22, tzinfo=UTC))
    (until,) = read_times("tot 20 februari", NOW)
    assert until == Stretch(NOW, datetime(2027, 2, 19, 23, tzinfo=UTC))
    (through,) = read_times("t/m 20 februari", NOW)
    assert through.end == datetime(2027, 2, 20, 23, tzinfo=UTC)


def test_a_step_asks_a_yes_or_words_and_those_of_residents_are_left_alone() -> None:
    side = MeemakerSide(Post(load_catalogue()), read_week, read_times)
    for asks in Asks:
        expected = side.expect(step_to_json(DuoStep(asks)))
        assert expected is not None
        assert expected.kind is (ExpectedKind.YESNO if asks.is_sure else ExpectedKind.TEXT)
    assert side.expect(resident_step(Step("kind"))) is None
    assert side.expect("") is None


@given(
    st.sampled_from(Asks),
    st.lists(st.builds(Hours, st.integers(0, 6), st.sampled_from([time(9), time(12, 15)]), st.just(time(0))), max_size=4),
    st.lists(st.integers(0, 10**6), max_size=3),
    st.text(max_size=20),
)  # fmt: skip # read as one call
def test_a_step_comes_back_as_it_was(asks: Asks, hours: list[Hours], starts: list[int], session: str) -> None:
    when = tuple(
        Stretch(NOW + timedelta(seconds=each), NOW + timedelta(seconds=each + 60)) for each in starts
    )
    step = DuoStep(asks, tuple(hours), when, session)
    assert step_from_json(step_to_json(step)) == step


@given(TIMEY)
def test_no_text_crashes_the_readers(text: str) -> None:
    for language in ("nl", "en"):
        assert said(week_words(read_week(text)), language)
    found = read_times(only_times(text), NOW)
    assert list(found) == sorted(found, key=lambda each: each.start)
    for each in found:
        assert each.start < each.end
        assert said(stretch_words(each, NOW))
    for in_between in (True, False):
        read_words(text, in_between=in_between)
    calendar_address(address_in(text))


@given(st.text(max_size=60))
def test_no_address_crashes_the_reader(rest: str) -> None:
    assert calendar_address(f"https://{rest}")[:8] in ("", "https://")
