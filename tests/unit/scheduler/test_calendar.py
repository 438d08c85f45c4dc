import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from domain.session import InvitationStatus, Place, Room, Session, SessionKind, SessionStatus, Stretch
from scheduler.calendar import Attendee, EventWords, Organizer, cancellation, feed, invitation

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
STAMP = datetime(2026, 11, 28, 12, tzinfo=UTC)
PLACE = Place("hall", "Buurthuis", "Hofstraat 1", "nazareth", True, (Room("zaal 1", 4),), ())
ORGANIZER = Organizer("Wijkverhaal", "wijk@example.org", "wijk.example.org")
DUO = (Attendee("els", "Els", "els@example.org", InvitationStatus.ACCEPTED), Attendee("jo", "Jo"))
WORDS = EventWords("Gesprek met een bewoner", "Samen met Jo. " * 20, "Bij een bewoner thuis")
RESIDENT = "resident-7f3a"
TALK = Session(
    "talk-1", SessionKind.PRIVATE, "els-jo", "els", "jo", "hall", "zaal 1",
    Stretch(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, 30, tzinfo=UTC)),
    SessionStatus.ASKED, booked=(RESIDENT,),
)  # fmt: skip # read as one talk


def written(session: Session = TALK, words: EventWords = WORDS, place: Place | None = PLACE) -> bytes:
    return invitation(session, place, ORGANIZER, DUO, words, stamp=STAMP)


def at(start: datetime, minutes: int) -> Session:
    return replace(TALK, when=Stretch(start, start + timedelta(minutes=minutes)))


def event_in(letter: bytes) -> Event:
    [event] = Calendar.from_ical(letter).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def every_kind(session: Session) -> list[bytes]:
    return [
        written(session),
        cancellation(session, PLACE, ORGANIZER, DUO, WORDS, stamp=STAMP),
        feed([(session, PLACE, WORDS)], "Els", ORGANIZER, stamp=STAMP),
    ]


def test_an_invitation_says_when_where_and_who() -> None:
    event = event_in(written())

    assert event.start == datetime(2026, 12, 1, 10, tzinfo=AMSTERDAM)
    assert event.end == datetime(2026, 12, 1, 11, 30, tzinfo=AMSTERDAM)
    assert event["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert event["LOCATION"] == "Buurthuis, zaal 1, Hofstraat 1"
    assert [(each.params["CN"], each.params["PARTSTAT"]) for each in event["ATTENDEE"]] == [
        ("Els", "ACCEPTED"), ("Jo", "NEEDS-ACTION"),
    ]  # fmt: skip # read as pairs


@pytest.mark.parametrize("letter", every_kind(TALK), ids=["request", "cancel", "publish"])
def test_lines_end_and_fold_as_calendars_want_them(letter: bytes) -> None:
    lines = letter.split(b"\r\n")

    assert lines[-1] == b""
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines)  # something was long enough to fold


def test_nothing_of_the_resident_is_in_it() -> None:
    home = replace(TALK, kind=SessionKind.HOME, place=None, room="")

    for session, place in ((TALK, PLACE), (home, None)):
        letter = written(session, place=place)
        assert b"talk-1@wijk.example.org" in letter  # it is about this talk
        assert RESIDENT.encode() not in letter
    assert event_in(written(home, place=None))["LOCATION"] == "Bij een bewoner thuis"


def test_a_moved_talk_is_the_same_event_with_a_higher_sequence() -> None:
    first, moved = event_in(written()), event_in(written(replace(TALK, sequence=1)))

    assert first["UID"] == moved["UID"] == "talk-1@wijk.example.org"
    assert (first["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert first["ATTENDEE"] == moved["ATTENDEE"]


def test_a_cancelled_talk_is_cancelled_and_one_who_is_let_go_only_that() -> None:
    off = replace(TALK, status=SessionStatus.CANCELLED, sequence=1)
    let_go = replace(TALK, sequence=1)

    cancelled = cancellation(off, PLACE, ORGANIZER, DUO, WORDS, stamp=STAMP)
    uninvited = cancellation(let_go, PLACE, ORGANIZER, DUO[:1], WORDS, stamp=STAMP)

    assert b"METHOD:CANCEL\r\n" in cancelled
    assert event_in(cancelled)["STATUS"] == "CANCELLED"
    assert b"METHOD:CANCEL\r\n" in uninvited
    assert "STATUS" not in event_in(uninvited)
    assert b"Jo" not in re.sub(rb"DESCRIPTION.*?\r\n(?! )", b"", uninvited, flags=re.DOTALL)


def test_a_feed_has_all_talks_and_names_nobody() -> None:
    talks = [(replace(TALK, id=f"talk-{each}"), PLACE, WORDS) for each in range(3)]

    letter = feed(talks, "Gesprekken van Els", ORGANIZER, stamp=STAMP)

    assert b"METHOD:PUBLISH\r\n" in letter
    assert letter.count(b"BEGIN:VEVENT") == 3
    assert letter.count(b"BEGIN:VTIMEZONE") == 1
    assert b"ATTENDEE" not in letter
    assert b"X-WR-CALNAME:Gesprekken van Els\r\n" in letter
    assert Calendar.from_ical(feed([], "Els", ORGANIZER, stamp=STAMP)).walk("VEVENT") == []


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25), (2027, 3, 28), (2027, 10, 31)])
def test_the_nights_of_the_clock_keep_every_moment(day: tuple[int, int, int]) -> None:
    for start in range(0, 240, 15):  # minutes from two hours before the change on
        for minutes in (15, 30, 60, 90, 240):
            begin = datetime(*day, tzinfo=UTC) - timedelta(hours=1) + timedelta(minutes=start)
            for letter in every_kind(at(begin, minutes)):
                event = event_in(letter)
                assert event.start.astimezone(UTC) == begin  # type: ignore[union-attr]  # it is a moment
                assert event.end.astimezone(UTC) == begin + timedelta(minutes=minutes)  # type: ignore[union-attr]  # it is a moment
                # As it is written down, too: nobody has to know the clock to see that.
                assert event["DTSTART"].to_ical() < event["DTEND"].to_ical()


def test_half_past_two_that_comes_twice_is_told_in_universal_time() -> None:
    """By the clock, it would last from half past two to half past two."""
    event = event_in(written(at(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60)))

    assert event["DTSTART"].to_ical() == b"20261025T003000Z"
    assert event["DTEND"].to_ical() == b"20261025T013000Z"


def test_the_clock_in_it_is_that_of_amsterdam() -> None:
    [zone] = Calendar.from_ical(written()).timezones
    theirs = zone.to_tz(lookup_tzid=False)

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment < datetime(2028, 1, 1, tzinfo=UTC):
        local = moment.astimezone(AMSTERDAM).replace(tzinfo=None)
        assert local.replace(tzinfo=theirs).utcoffset() == local.replace(tzinfo=AMSTERDAM).utcoffset(), local
        moment += timedelta(hours=6)


@given(st.text(), st.text(), st.text())
def test_no_name_breaks_out_of_its_place(name: str, summary: str, where: str) -> None:
    attendee = Attendee("els", f"{name}\r\nMETHOD:CANCEL", "els@example.org")
    place = replace(PLACE, name=where)
    words = EventWords(summary, f"{summary}\r\nSTATUS:CANCELLED", "")

    letter = invitation(TALK, place, ORGANIZER, [attendee], words, stamp=STAMP)

    event = event_in(letter)
    assert event.errors == []
    assert event["STATUS"] == "TENTATIVE"
    assert letter.count(b"\r\nMETHOD:") == 1
    assert len(re.findall(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", letter)) == 0


def test_a_talk_that_ends_before_it_begins_is_a_bug() -> None:
    with pytest.raises(ValueError):
        written(at(datetime(2026, 12, 1, 9, tzinfo=UTC), 0))
