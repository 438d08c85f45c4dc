from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.session import Stretch
from scheduler.busy_times import MOST_BYTES, CalendarTrouble, Unreadable, busy_in

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEGIN = datetime(2026, 11, 30, tzinfo=AMSTERDAM)
END = datetime(2027, 1, 1, tzinfo=AMSTERDAM)


def event(*lines: str, uid: str = "1@elsewhere") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def calendar(*parts: str) -> bytes:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//NL", *parts, "END:VCALENDAR", ""])
    return text.replace("\n", "\r\n").encode()


def amsterdam(*when: int) -> datetime:
    return datetime(*when, tzinfo=AMSTERDAM)  # type: ignore[misc,arg-type]  # a date in whole numbers


def stretch(begin: datetime, end: datetime) -> Stretch:
    return Stretch(begin.astimezone(UTC), end.astimezone(UTC))


def test_an_appointment_is_busy() -> None:
    own = calendar(event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"))

    assert busy_in(own, BEGIN, END) == (
        Stretch(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),
    )


def test_the_same_without_carriage_returns_and_with_a_byte_order_mark() -> None:
    own = calendar(event("DTSTART:20261201T090000Z", "DURATION:PT1H")).replace(b"\r\n", b"\n")

    assert busy_in(b"\xef\xbb\xbf" + own, BEGIN, END) == (
        Stretch(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 10, tzinfo=UTC)),
    )


@pytest.mark.parametrize("free", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_is_marked_as_free_or_cancelled_is_not_busy(free: str) -> None:
    lines = ("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z")

    assert busy_in(calendar(event(*lines)), BEGIN, END) != ()
    assert busy_in(calendar(event(*lines, free)), BEGIN, END) == ()


def test_a_whole_day_is_busy_from_midnight_to_midnight_in_amsterdam() -> None:
    own = calendar(event("DTSTART;VALUE=DATE:20261225", "DTEND;VALUE=DATE:20261227"))

    assert busy_in(own, BEGIN, END) == (stretch(amsterdam(2026, 12, 25), amsterdam(2026, 12, 27)),)


@pytest.mark.parametrize(
    "day, next_day, hours", [(29, 30, 23), (28, 29, 24)], ids=["the night of the clock", "the day before"]
)
def test_a_whole_day_is_as_long_as_the_clock_makes_it(day: int, next_day: int, hours: int) -> None:
    own = calendar(event(f"DTSTART;VALUE=DATE:202603{day}"))

    [busy] = busy_in(own, amsterdam(2026, 3, 1), amsterdam(2026, 4, 1))  # type: ignore[misc]  # it can be read

    assert busy == stretch(amsterdam(2026, 3, day), amsterdam(2026, 3, next_day))
    assert (busy.end - busy.start).total_seconds() == hours * 3600


def test_a_time_without_a_zone_is_in_amsterdam() -> None:
    own = calendar(event("DTSTART:20261201T100000", "DTEND:20261201T110000"))

    assert busy_in(own, BEGIN, END) == (stretch(amsterdam(2026, 12, 1, 10), amsterdam(2026, 12, 1, 11)),)


@pytest.mark.parametrize(
    "zone, utc_hour", [("America/New_York", 15), ("W. Europe Standard Time", 9), ("Europe/London", 10)]
)
def test_other_zones_are_read(zone: str, utc_hour: int) -> None:
    own = calendar(event(f"DTSTART;TZID={zone}:20261201T100000", "DURATION:PT1H"))

    assert busy_in(own, BEGIN, END) == (
        Stretch(datetime(2026, 12, 1, utc_hour, tzinfo=UTC), datetime(2026, 12, 1, utc_hour + 1, tzinfo=UTC)),
    )


def test_a_zone_that_the_calendar_brings_itself_is_read() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Mine\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0300\nTZOFFSETTO:+0300\nEND:STANDARD\nEND:VTIMEZONE"
    own = calendar(zone, event("DTSTART;TZID=Mine:20261201T100000", "DURATION:PT1H"))

    assert busy_in(own, BEGIN, END) == (
        Stretch(datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC)),
    )


def test_a_series_keeps_its_hour_over_the_clock_and_its_exceptions() -> None:
    own = calendar(
        event(
            "DTSTART;TZID=Europe/Amsterdam:20261012T190000",
            "DURATION:PT2H",
            "RRULE:FREQ=WEEKLY;UNTIL=20261109T180000Z",
            "EXDATE;TZID=Europe/Amsterdam:20261019T190000",
        ),
        event(
            "RECURRENCE-ID;TZID=Europe/Amsterdam:20261102T190000",
            "DTSTART;TZID=Europe/Amsterdam:20261103T080000",
            "DURATION:PT1H",
        ),
    )

    assert busy_in(own, amsterdam(2026, 10, 1), amsterdam(2026, 12, 1)) == (
        stretch(amsterdam(2026, 10, 12, 19), amsterdam(2026, 10, 12, 21)),
        stretch(amsterdam(2026, 10, 26, 19), amsterdam(2026, 10, 26, 21)),
        stretch(amsterdam(2026, 11, 3, 8), amsterdam(2026, 11, 3, 9)),
        stretch(amsterdam(2026, 11, 9, 19), amsterdam(2026, 11, 9, 21)),
    )


def test_a_cancelled_day_of_a_series_is_free() -> None:
    series = event("DTSTART:20261201T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")
    off = event(
        "RECURRENCE-ID:20261202T090000Z", "DTSTART:20261202T090000Z", "DURATION:PT1H", "STATUS:CANCELLED"
    )

    assert len(busy_in(calendar(series), BEGIN, END)) == 2  # type: ignore[arg-type]  # it can be read
    assert len(busy_in(calendar(series, off), BEGIN, END)) == 1  # type: ignore[arg-type]  # it can be read


def test_what_overlaps_or_meets_is_one_stretch_within_the_time_asked_for() -> None:
    own = calendar(
        event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", uid="1"),
        event("DTSTART:20261201T100000Z", "DTEND:20261201T113000Z", uid="2"),
        event("DTSTART:20261201T093000Z", "DTEND:20261201T094500Z", uid="3"),
        event("DTSTART:20261201T120000Z", "DTEND:20261201T120000Z", uid="4"),  # a reminder: takes no time
        event("DTSTART:20261101T000000Z", "DTEND:20261201T000000Z", uid="5"),
    )

    assert busy_in(own, BEGIN, END) == (
        Stretch(BEGIN.astimezone(UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        Stretch(datetime(2026, 12, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 11, 30, tzinfo=UTC)),
    )


def test_a_calendar_with_nothing_in_it_is_always_free() -> None:
    assert busy_in(calendar(), BEGIN, END) == ()


WHEN = ("DTSTART:20261201T090000Z", "DURATION:PT10M")


@pytest.mark.parametrize(
    "own, reason",
    [
        (b"", "not_a_calendar"),
        (b"<!doctype html><html>Log in</html>", "not_a_calendar"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "not_a_calendar"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not_a_calendar"),
        (b"BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n", "not_a_calendar"),
        (b" " * (MOST_BYTES + 1), "too_large"),
        (calendar(*["BEGIN:VEVENT\nEND:VEVENT"] * 20_001), "too_many"),
        (calendar(*[event(*WHEN, "RRULE:FREQ=DAILY", uid=str(each)) for each in range(100)]), "too_full"),
        (calendar(event(*WHEN, "RRULE:FREQ=SECONDLY")), "too_often"),
        (calendar(event(*WHEN, "RRULE:FREQ=MINUTELY;COUNT=2")), "too_often"),
        (calendar(event(*WHEN, "RRULE:FREQ=HOURLY")), "too_often"),
        (calendar(event(*WHEN, "RRULE:FREQ=DAILY;INTERVAL=0")), "too_often"),
        (calendar(event(*WHEN, "RRULE:FREQ=DAILY;BYHOUR=9,10,11,12,13;BYMINUTE=0,10,20,30,40")), "too_often"),
        (calendar(event("SUMMARY:never")), "broken"),
        (calendar(event("DTSTART:tomorrow")), "broken"),
        (calendar(event("DTSTART:20261201T090000Z", "DTEND:later")), "broken"),
        (calendar(event(*WHEN, "RRULE:FREQ=SOMETIMES")), "broken"),
        (calendar(event(*WHEN, "RRULE:every day")), "broken"),
        (calendar(event(*WHEN, "RRULE:FREQ=DAILY", "EXDATE:not today")), "broken"),
    ],
)  # fmt: skip # a case in one line
def test_a_calendar_that_cannot_be_read_says_why(own: bytes, reason: str) -> None:
    assert busy_in(own, BEGIN, END) == Unreadable(CalendarTrouble(reason))


def test_a_mistake_that_is_not_about_time_does_no_harm() -> None:
    own = calendar(event(*WHEN, "GEO:somewhere", "PRIORITY:very", "ATTACH;VALUE=BINARY:???"))

    assert len(busy_in(own, BEGIN, END)) == 1  # type: ignore[arg-type]  # it can be read
