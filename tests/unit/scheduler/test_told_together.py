"""One reminder tells a meemaker of all talks of a day; what is not sent yet goes when a talk is off, and the rest is told."""

from datetime import UTC, datetime, timedelta

from domain.session import News, SeatStatus, Session, SessionKind, SessionStatus, Stretch, Tell
from scheduler.desk import SessionsDesk
from scheduler.moments import Key, Moment, Moments, told_under
from tests.fakes.sessions import FakeSessions
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES

TUESDAY = datetime(2026, 12, 1, 13, tzinfo=UTC)
HOURS = timedelta(hours=1)
DAY = timedelta(days=1)


def town(*starts: datetime) -> tuple[FakeSessions, list[Session]]:
    """Els and Jo hold a talk at each of these times, with residents of their own."""
    db = FakeSessions(MEEMAKERS, DUOS, PLACES)
    people = {each.id: each for each in MEEMAKERS}
    found = []
    for number, start in enumerate(starts):
        when = Stretch(start, start + HOURS)
        session = Session(
            f"s{number}", SessionKind.PRIVATE, DUOS[0].id, *DUOS[0].members, PLACES[0].id, PLACES[0].rooms[0].name,
            when, SessionStatus.CONFIRMED,
        )  # fmt: skip # read as one piece
        db.put_session(session, at=NOW)
        db.set_seat(session.id, f"resident{number}", SeatStatus.BOOKED, at=NOW)
        stored = db.session(session.id)
        assert stored is not None
        Moments(db).plan(stored, people, now=NOW - 2 * DAY)
        found.append(stored)
    return db, found


def due(db: FakeSessions, now: datetime) -> list[Tell]:
    """Everything that is due, each as it stands when its turn comes."""
    told = []
    while rows := sorted((at, key) for key, (_, _, at) in db.rows.work.items() if at <= now):
        db.unplan(rows[0][1])
        told += SessionsDesk(db, str).due(rows[0][1], now=now)
    return told


def of(meemaker: str, told: list[Tell]) -> list[tuple[News, str]]:
    return [(each.news, each.session) for each in told if each.meemaker == meemaker]


def test_day_ahead_a_meemaker_hears_of_all_talks_of_that_day_at_the_time_of_the_first() -> None:
    db, _ = town(TUESDAY, TUESDAY + 3 * HOURS, TUESDAY + DAY)
    told = due(db, TUESDAY - DAY)
    assert of(DUOS[0].resident, told) == [(News.REMIND_DAY, "s0"), (News.REMIND_DAY, "s1")]
    assert of(DUOS[0].professional, told) == [(News.REMIND_DAY, "s0"), (News.REMIND_DAY, "s1")]
    assert [each.reference for each in told if not each.meemaker] == ["resident0"]
    assert of(DUOS[0].resident, due(db, TUESDAY - DAY + 3 * HOURS)) == []


def test_two_hours_before_each_talk_has_its_own() -> None:
    db, _ = town(TUESDAY, TUESDAY + 3 * HOURS)
    due(db, TUESDAY - DAY)
    assert of(DUOS[0].resident, due(db, TUESDAY - 2 * HOURS)) == [(News.REMIND_SOON, "s0")]
    assert of(DUOS[0].resident, due(db, TUESDAY + HOURS)) == [(News.REMIND_SOON, "s1")]


def test_message_that_was_not_sent_goes_with_its_talk_and_the_rest_is_told_anew() -> None:
    db, (first, second) = town(TUESDAY, TUESDAY + 3 * HOURS)
    due(db, TUESDAY - DAY)
    who = DUOS[0].resident
    written = told_under(Key(first.id, Moment.DAY, who), first.when.start)
    for gone, stays in ((first, second), (second, first)):
        db.rows.unsent = {written}
        Moments(db).unplan(gone, who)
        assert db.rows.unsent == set()
        again = str(Key(stays.id, Moment.DAY, who))
        assert again in db.rows.work
        assert db.rows.work[again][1] == next(each.reference for each in MEEMAKERS if each.id == who)


def test_what_was_sent_or_tells_of_another_day_stays() -> None:
    db, (first, other) = town(TUESDAY, TUESDAY + DAY)
    due(db, TUESDAY - DAY)
    who = DUOS[0].resident
    written = told_under(Key(other.id, Moment.DAY, who), other.when.start)
    db.rows.unsent = {written}
    Moments(db).unplan(first, who)
    assert db.rows.unsent == {written}
    assert str(Key(first.id, Moment.DAY, who)) not in db.rows.work


def test_after_a_move_the_reminder_has_another_name() -> None:
    key = Key("s1", Moment.DAY, "els")
    assert told_under(key, TUESDAY) != told_under(key, TUESDAY + DAY)
