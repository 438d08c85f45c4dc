"""When meemakers can, as they tell it in their own chat."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from domain.session import Hours, SessionStatus, Stretch
from tests.unit.bot.meeting.duo_chat import THURSDAY, TUESDAY, WEDNESDAY, DuoTown
from tests.unit.scheduler.town import DAYS, NOW

TUESDAY_AFTERNOON = Hours(1, time(12), time(18))
THURSDAY_EVENING = Hours(3, time(19), time(0))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[DuoTown]:
    here = DuoTown(tmp_path, people=("els", "jo", "bo"))
    yield here
    here.close()


def local(day: int, hour: int = 0, month: int = 12, year: int = 2026) -> datetime:
    """In winter, by the clock in Amsterdam."""
    return datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=1)


# The usual week


def test_hours_in_words_are_said_back_and_kept_after_a_yes(town: DuoTown) -> None:
    asked = town.say("els", "/duo:tijden")
    assert "dinsdag tot en met donderdag, 10.00 tot 17.00 uur" in asked
    said = town.say("els", "dinsdagmiddag en donderdag na zevenen")
    assert "dinsdag, 12.00 tot 18.00 uur\ndonderdag, 19.00 tot 24.00 uur" in said
    assert town.who("els").hours == DAYS

    assert "bewaard" in town.press("els", "Klopt")
    assert town.who("els").hours == (TUESDAY_AFTERNOON, THURSDAY_EVENING)
    assert town.who("jo").hours == DAYS
    assert town.meeting("els") == ""


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("elke maandag 9-12", "maandag, 9.00 tot 12.00 uur"),
        ("doordeweeks overdag", "maandag tot en met vrijdag, 9.00 tot 17.00 uur"),
        ("niet op woensdag", "dinsdag, 10.00 tot 17.00 uur\ndonderdag, 10.00 tot 17.00 uur"),
        ("altijd behalve woensdag", "maandag tot en met dinsdag, de hele dag\ndonderdag tot en met zondag"),
        ("niet op dinsdag maar wel op maandag", "maandag, de hele dag"),
        ("ma 9-12, 13-17", "maandag, 9.00 tot 12.00 uur en 13.00 tot 17.00 uur"),
    ],
)
def test_everyday_words_are_understood(town: DuoTown, words: str, heard: str) -> None:
    town.say("els", "/duo:tijden")
    assert heard in town.say("els", words)


def test_a_no_to_some_day_of_who_told_nothing_yet_leaves_all_others(town: DuoTown) -> None:
    town.desk(lambda desk: desk.set_hours("els", ()))
    assert "donderdag tot en met zondag, de hele dag" in town.say("els", "elke woensdag kan ik niet")


def test_what_was_said_back_is_said_back_again_with_an_example(town: DuoTown) -> None:
    town.say("els", "mijn tijden")
    town.say("els", "dinsdagmiddag")
    said = town.say("els", "bloemkool")
    assert "Ik begrijp niet wanneer u kunt" in said
    assert "dinsdag, 12.00 tot 18.00 uur" in said
    town.say("els", "/duo:tijden:days")
    assert "Ik begrijp niet wanneer u kunt" in town.say("els", "bloemkool")
    town.say("els", "morgen kan ik niet")
    town.say("els", "/duo:weg")
    town.say("els", "morgen")
    said = town.say("els", "bloemkool")
    assert "Ik begrijp niet wanneer u niet kunt" in said
    assert "dinsdag 1 december, de hele dag" in said


def test_words_of_every_week_need_no_question(town: DuoTown) -> None:
    assert "maandag, 9.00 tot 12.00 uur" in town.say("els", "ik kan elke maandag van 9 tot 12")
    town.say("els", "ja klopt")
    assert town.who("els").hours == (Hours(0, time(9), time(12)),)


def test_hours_nobody_can_read_lose_nothing(town: DuoTown) -> None:
    town.say("els", "mijn tijden")
    said = town.say("els", "bloemkool met een papje")
    assert "Ik begrijp niet wanneer u kunt" in said
    assert "bijvoorbeeld" in said
    assert town.who("els").hours == DAYS
    assert "dinsdag, 12.00 tot 18.00 uur" in town.say("els", "dinsdagmiddag")


def test_a_no_asks_again_and_other_times_take_the_place_of_what_was_said_back(town: DuoTown) -> None:
    town.say("els", "mijn tijden")
    town.say("els", "dinsdagmiddag")
    assert "Wanneer kunt u elke week?" in town.say("els", "nee")
    town.say("els", "dinsdagmiddag")
    assert "woensdag, 9.00 tot 12.00 uur" in town.say("els", "woensdag 9-12")
    town.press("els", "Klopt")
    assert town.who("els").hours == (Hours(2, time(9), time(12)),)


def test_an_old_button_says_yes_to_nothing_else(town: DuoTown) -> None:
    town.say("els", "mijn tijden")
    town.say("els", "dinsdagmiddag")
    (old, *_) = town.shown[0].buttons
    town.say("els", "woensdagmiddag")
    assert "Er is niets veranderd" in town.say("els", old.payload)
    assert town.who("els").hours == DAYS
    town.say("els", "/duo")
    assert "Er is niets veranderd" in town.say("els", old.payload)
    assert town.who("els").hours == DAYS


def test_hours_by_button(town: DuoTown) -> None:
    town.say("els", "mijn tijden")
    assert "maandag tot en met vrijdag, 18.00 tot 22.00 uur" in town.press("els", "'s avonds")
    town.press("els", "Klopt")
    assert [each.weekday for each in town.who("els").hours] == [0, 1, 2, 3, 4]


def test_hours_day_by_day(town: DuoTown) -> None:
    town.say("els", "mijn tijden")
    town.press("els", "Dag voor dag")
    town.press("els", "woensdag")
    said = town.press("els", "niet")
    assert "dinsdag, 10.00 tot 17.00 uur\ndonderdag, 10.00 tot 17.00 uur" in said
    town.press("els", "maandag")
    town.press("els", "Ochtend")
    town.press("els", "maandag")
    assert "maandag, 9.00 tot 12.00 uur en 18.00 tot 22.00 uur" in town.press("els", "Avond")
    assert town.who("els").hours == DAYS
    town.press("els", "Zo is het goed")
    assert town.who("els").hours == (
        Hours(0, time(9), time(12)), Hours(0, time(18), time(22)), DAYS[0], DAYS[2],
    )  # fmt: skip # read as one week


def test_a_part_that_overlaps_takes_the_place_of_the_other(town: DuoTown) -> None:
    town.say("els", "/duo:tijden:d1")
    assert "dinsdag, 9.00 tot 12.00 uur\n" in town.press("els", "Ochtend")


# Exceptions


def test_not_tomorrow(town: DuoTown) -> None:
    assert "dinsdag 1 december, de hele dag" in town.say("els", "morgen kan ik niet")
    assert town.who("els").away == ()
    assert "genoteerd" in town.say("els", "ja")
    assert town.who("els").away == (Stretch(local(1), local(2)),)


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("ik ben er niet van 3 tot 10 augustus", "dinsdag 3 augustus 2027 tot en met dinsdag 10 augustus 2027"),
        ("ik heb vakantie van 3 juli tot 20 augustus", "zaterdag 3 juli 2027 tot en met vrijdag 20 augustus 2027"),
        ("ik kan donderdag niet van 10 tot 12", "donderdag 3 december, 10.00 tot 12.00 uur"),
        ("volgende week ben ik weg", "maandag 7 december tot en met zondag 13 december"),
    ],
)  # fmt: skip # read as a table
def test_absence_in_words(town: DuoTown, words: str, heard: str) -> None:
    assert heard in town.say("els", words)
    town.press("els", "Klopt")
    assert len(town.who("els").away) == 1


def test_absence_that_cannot_be_read_is_asked_with_an_example(town: DuoTown) -> None:
    assert "Wanneer kunt u niet?" in town.say("els", "/duo:weg")
    said = town.say("els", "als het regent")
    assert "bijvoorbeeld" in said
    assert town.who("els").away == ()
    assert "vrijdag 4 december" in town.say("els", "vrijdag")


def test_talks_in_that_time_are_named_and_given_up_after_a_yes(town: DuoTown) -> None:
    session = town.confirmed()
    town.inbox("jo")
    said = town.say("els", "morgen kan ik niet")
    assert "dinsdag 1 december, 14.00 uur, Hall, Street 1" in said
    assert town.session(session.id).status is SessionStatus.CONFIRMED

    said = town.press("els", "Ja, ik kan dan niet")
    assert "kan nu niet doorgaan" in said  # nobody else of her kind lives here
    assert town.session(session.id).status is SessionStatus.CANCELLED
    assert town.who("els").away
    assert "gaat niet door" in town.inbox("jo")[-1]
    assert "kan niet doorgaan" in town.inbox("ria")[-1]


def test_somebody_may_be_away_and_still_do_the_talks_of_then(town: DuoTown) -> None:
    session = town.confirmed()
    town.say("els", "morgen kan ik niet")
    town.press("els", "Deze gesprekken doe ik wel")
    assert town.session(session.id).status is SessionStatus.CONFIRMED
    assert town.who("els").away


def test_leaving_it_changes_nothing(town: DuoTown) -> None:
    session = town.confirmed()
    town.say("els", "morgen kan ik niet")
    town.press("els", "Laat maar")
    assert town.session(session.id).status is SessionStatus.CONFIRMED
    assert town.who("els").away == ()
    assert town.meeting("els") == ""


def test_extra(town: DuoTown) -> None:
    assert "zaterdag 5 december, 10.00 tot 14.00 uur" in town.say(
        "els", "zaterdag van 10 tot 14 kan ik wel extra"
    )
    town.press("els", "Klopt")
    assert town.who("els").extra == (Stretch(local(5, 10), local(5, 14)),)
    assert "Dan kunt u extra:\n\nzaterdag 5 december" in town.say("els", "mijn tijden")


def test_absence_takes_the_place_of_extra_time_but_not_of_more_than_that(town: DuoTown) -> None:
    town.say("els", "zaterdag van 10 tot 16 kan ik wel extra")
    town.press("els", "Klopt")
    town.say("els", "zaterdag van 12 tot 14 kan ik niet")
    town.press("els", "Klopt")
    els = town.who("els")
    assert set(els.extra) == {Stretch(local(5, 10), local(5, 12)), Stretch(local(5, 14), local(5, 16))}
    assert els.away == (Stretch(local(5, 12), local(5, 14)),)


def away_till_the_tenth(town: DuoTown) -> None:
    town.say("els", "ik ben er niet van 7 tot 10 december")
    town.press("els", "Klopt")
    town.say("els", "zaterdag van 10 tot 14 kan ik wel extra")
    town.press("els", "Klopt")


@pytest.mark.parametrize(
    "words", ["toch wel op dinsdag 8 december", "dinsdag 8 december ben ik toch niet weg"]
)
def test_one_day_of_an_absence_is_taken_back_in_words(town: DuoTown, words: str) -> None:
    away_till_the_tenth(town)
    said = town.say("els", words)
    assert "dat u dan toch kunt" in said
    assert "dinsdag 8 december, de hele dag" in said
    assert "Ik begrijp niet wanneer u toch kunt" in town.say("els", "bloemkool")
    assert "weer gewoon" in town.press("els", "Klopt")
    els = town.who("els")
    assert els.away == (Stretch(local(7), local(8)), Stretch(local(9), local(11)))
    assert els.extra == (Stretch(local(5, 10), local(5, 14)),)


def test_without_an_absence_then_after_all_is_extra(town: DuoTown) -> None:
    away_till_the_tenth(town)
    assert "extra kunt" in town.say("els", "zondag 13 december kan ik toch wel")


def test_each_exception_is_taken_back_by_its_own_button(town: DuoTown) -> None:
    town.desk(lambda desk: desk.set_calendar("els", "https://cal.example.org/x.ics"))
    busy = Stretch(local(8, 9), local(8, 10))
    town.run(town.store.with_sessions(lambda db: db.set_times("els", "calendar", away=[busy])))
    away_till_the_tenth(town)
    said = town.say("els", "mijn tijden")
    assert "[Een keer terugnemen]" in said
    said = town.press("els", "Een keer terugnemen")
    assert "[Toch niet: zaterdag 5 december, 10.00 tot 14.00 uur]" in said
    assert "[Toch wel: maandag 7 december tot en met donderdag 10 december]" in said
    assert "9.00" not in said  # of their own calendar: it is read anew
    (extra, away, *_) = town.shown[0].buttons
    said = town.say("els", away.payload)
    assert "Dit is van de lijst: maandag 7 december tot en met donderdag 10 december" in said
    assert "[Toch niet: zaterdag" in said
    els = town.who("els")
    assert (els.away, els.extra) == ((busy,), (Stretch(local(5, 10), local(5, 14)),))
    assert "niet meer op de lijst" in town.say("els", away.payload)
    assert "van de lijst" in town.say("els", extra.payload)
    assert town.who("els").extra == ()
    assert "Er staat niets op de lijst" in town.say("els", "/duo:terug")
    assert "terugnemen" not in town.say("els", "mijn tijden")
    for odd in ("/duo:terug:x:y", "/duo:terug:²:³", "/duo:terug:1"):
        assert "Er staat niets op de lijst" in town.say("els", odd)


def test_taking_one_back_leaves_another_in_the_same_time(town: DuoTown) -> None:
    away_till_the_tenth(town)
    town.say("els", "dinsdag 8 december van 10 tot 12 kan ik wel extra")
    town.press("els", "Klopt")
    town.say("els", "/duo:terug")
    away = next(each for each in town.shown[0].buttons if "maandag 7 december" in each.title)
    town.say("els", away.payload)
    assert town.who("els").away == ()
    assert Stretch(local(8, 10), local(8, 12)) in town.who("els").extra


def test_what_an_absence_leaves_of_extra_time_copies_nothing_of_their_own_calendar(town: DuoTown) -> None:
    busy = Stretch(local(5, 12), local(5, 13))
    town.run(town.store.with_sessions(lambda db: db.set_times("els", "calendar", away=[busy])))
    away_till_the_tenth(town)
    town.say("els", "zaterdag van 12 tot 14 kan ik niet")
    town.press("els", "Klopt")
    told = town.desk(lambda desk: desk.exceptions("els"))
    assert (busy, False) not in told
    assert (Stretch(local(5, 10), local(5, 12)), True) in told


def test_an_exception_taken_back_in_english(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=("els", "jo"), language="en")
    town.say("els", "I can't come on Tuesday 8 December")
    town.press("els", "Yes")
    assert "after all, at your usual times" in town.say("els", "Tuesday 8 December I can after all")
    town.say("els", "yes")
    assert town.who("els").away == ()
    assert "nothing on the list" in town.say("els", "/duo:terug")
    town.close()


def test_extra_by_button(town: DuoTown) -> None:
    town.say("els", "/duo:weg")
    town.press("els", "extra")
    assert "zaterdag 5 december" in town.say("els", "zaterdag")
    assert "Wanneer kunt u extra?" in town.say("els", "nee")
    assert "bijvoorbeeld" in town.say("els", "bloemkool")


# Illness


def test_ill_is_asked_till_when_and_the_talks_of_then_go_to_somebody_else(town: DuoTown) -> None:
    session = town.confirmed()
    town.inbox("bo"), town.inbox("els")
    assert "Tot wanneer" in town.say("jo", "ik ben ziek")
    said = town.press("jo", "Vandaag en morgen")
    assert "Beterschap" in said
    assert "Els blijft" in said
    now = town.session(session.id)
    assert (now.professional_meemaker, now.status) == ("bo", SessionStatus.ASKED)
    assert "Kunt u dit gesprek houden?" in town.inbox("bo")[-1]
    assert "Uw maatje voor dit gesprek kan niet" in town.inbox("els")[-1]
    assert town.who("jo").away == (Stretch(NOW, local(2)),)


def test_ill_till_a_day_names_the_talks_first(town: DuoTown) -> None:
    session = town.confirmed(start=WEDNESDAY)
    said = town.say("jo", "ik ben ziek tot donderdag")
    assert "maandag 30 november tot en met woensdag 2 december" in said
    assert "woensdag 2 december, 14.00 uur" in said
    town.say("jo", "ja")
    assert town.session(session.id).professional_meemaker == "bo"


def test_ill_only_today_leaves_the_talk_of_later(town: DuoTown) -> None:
    session = town.confirmed(start=THURSDAY)
    town.say("jo", "ik ben ziek")
    assert "bijvoorbeeld" in town.say("jo", "geen idee")
    town.say("jo", "/duo:ziek:1")
    assert town.session(session.id).status is SessionStatus.CONFIRMED
    assert town.who("jo").away == (Stretch(NOW, local(1)),)


def test_ill_during_a_talk_is_told_whom_to_call(town: DuoTown) -> None:
    town.confirmed()
    town.now = TUESDAY + timedelta(minutes=5)
    assert "al begonnen" in town.say("jo", "/duo:ziek:1")


def test_ill_is_heard_whatever_was_asked(town: DuoTown) -> None:
    town.say("els", "/duo:tijden")
    assert "Tot wanneer" in town.say("els", "ik ben ziek")
    assert "dinsdag 1 december" in town.say("els", "morgen ook nog")
    assert "Tot wanneer" in town.say("els", "nee")


def test_more_stretches_than_can_be_said_back_are_not_kept(town: DuoTown) -> None:
    town.say("els", "/duo:weg")
    said = town.say("els", "1 december, 3 december, 5 december, 7 december, 9 december en 11 december")
    assert "bijvoorbeeld" in said
    assert "bijvoorbeeld" in town.say("els", "morgen " + "echt " * 80)


# A calendar of their own


def calendars(town: DuoTown) -> list[tuple[str, str]]:
    return town.run(town.store.with_sessions(lambda db: db.calendars()))


def test_calendar_is_kept_and_its_address_never_said_back(town: DuoTown) -> None:
    said = town.say("els", "mijn agenda: https://cal.example.org/geheim-123.ics")
    assert "bezet" in said
    assert "geheim" not in said
    assert calendars(town) == [("els", "https://cal.example.org/geheim-123.ics")]
    assert "geheim-123" not in str(town.run(town.store.turn(lambda db: db.load("telegram", "els").state)))

    assert "niet meer" in town.say("els", "kalender weg")
    assert calendars(town) == []


def test_calendar_by_button_in_the_way_of_an_apple(town: DuoTown) -> None:
    town.say("els", "/duo:kalender")
    assert "https://" in town.say("els", "die van mijn werk")
    town.say("els", "webcal://p12.example.org/x/y?z=1")
    assert calendars(town) == [("els", "https://p12.example.org/x/y?z=1")]
    town.say("els", "/duo:kalender")
    town.press("els", "Niet meer")
    assert calendars(town) == []


@pytest.mark.parametrize(
    "address", ["http://cal.example.org/a.ics", "https://localhost/a.ics", "https://[::1/a.ics", "https://a.b:x/"]
)  # fmt: skip # read as one line
def test_calendar_by_another_way_is_refused(town: DuoTown, address: str) -> None:
    town.say("els", "/duo:kalender")
    said = town.say("els", address)
    assert "https://" in said
    assert "cal.example" not in said
    assert calendars(town) == []


# With everything else


def test_danger_is_answered_first_whatever_was_asked(town: DuoTown) -> None:
    town.say("els", "/duo:tijden")
    assert "113" in town.say("els", "ik wil dood")
    assert town.who("els").hours == DAYS


def test_stop_clears_what_was_asked(town: DuoTown) -> None:
    town.say("els", "/duo:tijden")
    town.say("els", "stop")
    assert town.meeting("els") == ""


def test_words_that_answer_a_question_are_an_answer(town: DuoTown) -> None:
    """A meemaker is a resident as well: in the middle of a question nothing is taken for an absence."""
    town.say("els", "start")
    said = town.say("els", "morgen kan ik niet")
    assert "Klopt het dat u dan niet kunt?" not in said
    assert town.who("els").away == ()
    said = town.say("els", "agenda")
    assert "U heeft nu geen gesprekken" in said
    assert "Ja, dat mag" in said  # the question that waited, once more


def test_the_question_that_waited_comes_back_when_all_is_told(town: DuoTown) -> None:
    town.say("els", "start")
    assert "Ja, dat mag" not in town.say("els", "mijn tijden")
    assert "Ja, dat mag" not in town.say("els", "dinsdagmiddag")
    assert "Ja, dat mag" in town.say("els", "ja")
    assert town.who("els").hours == (TUESDAY_AFTERNOON,)


def test_who_begins_the_questions_goes_on_as_ever(town: DuoTown) -> None:
    assert "Ik ben een computer" in town.say("els", "start")
    assert "Mogen de gemeente" in town.say("els", "bloemkool")


def test_a_resident_has_no_such_buttons(town: DuoTown) -> None:
    town.say("ria", "hallo")
    town.say("ria", "/duo:tijden")
    assert town.meeting("ria") == ""


def test_all_of_it_in_english(tmp_path: Path) -> None:
    town = DuoTown(tmp_path, people=("els", "jo"), language="en")
    said = town.say("els", "/duo:tijden")
    assert "When can you come every week?" in said
    said = town.say("els", "Tuesday afternoon and Thursday after seven")
    assert "Tuesday, 12:00 to 18:00\nThursday, 19:00 to 24:00" in said
    town.say("els", "yes")
    assert town.who("els").hours == (TUESDAY_AFTERNOON, THURSDAY_EVENING)
    assert "Tuesday 1 December, all day" in town.say("els", "I can't come tomorrow")
    town.press("els", "Yes")
    assert "until when" in town.say("els", "I am ill").casefold()
    assert "Get well soon" in town.press("els", "Only today")
    said = town.say("els", "my calendar: https://cal.example.org/x.ics")
    assert "busy" in said
    town.close()
