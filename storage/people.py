"""Who holds talks, with whom, where and when they can, on either database."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.session import Duo, Gender, Hours, Meemaker, MeemakerKind, Place, Room, Stretch
from storage import schema
from storage.columns import UtcTime
from storage.statements import ONE, Db, Row, Statement, insert_row

_DAY = 24 * 60

CHAT, CALENDAR = "chat", "calendar"
"""Where single stretches come from: what somebody told of themselves, and a calendar of their own."""

FeedKind = Literal["meemaker", "place"]


def _minutes(hours: Hours) -> tuple[int, int]:
    """Minutes after midnight; midnight as an end is the end of the day."""
    begin, until = (at.hour * 60 + at.minute for at in (hours.begin, hours.until))
    return begin, until or _DAY


def _hours(weekday: int, begin: int, until: int) -> Hours:
    return Hours(weekday, time(*divmod(begin, 60)), time(*divmod(until % _DAY, 60)))


def _words(text: str) -> frozenset[str]:
    return frozenset(json.loads(text or "[]"))


def _saving(table: sa.Table, *names: str) -> sa.Update:
    values: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(f"new_{name}") for name in names}
    return sa.update(table).where(table.c.id == sa.bindparam("this")).values(values).returning(ONE)


class PeopleStatements:
    """Every statement of people and places, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        meemakers, duos, places = schema.meemakers, schema.duos, schema.places
        hours, times, open_hours = schema.meemaker_hours, schema.meemaker_times, schema.place_hours
        self.meemakers = ready(
            sa.select(
                meemakers.c.id,
                meemakers.c.kind,
                meemakers.c.languages,
                meemakers.c.neighbourhoods,
                meemakers.c.gender,
                meemakers.c.max_per_week,
                meemakers.c.reference,
            )
            .where(meemakers.c.kind != sa.literal_column("''"))
            .order_by(meemakers.c.id)
        )
        self.hours = ready(
            sa.select(hours.c.meemaker, hours.c.weekday, hours.c.begin_at, hours.c.until).order_by(
                hours.c.weekday, hours.c.begin_at, hours.c.id
            )
        )
        self.times = ready(
            sa.select(times.c.meemaker, times.c.free, times.c.start_at, times.c.end_at).order_by(
                times.c.start_at, times.c.id
            )
        )
        self.duos = ready(
            sa.select(duos.c.id, duos.c.resident, duos.c.professional)
            .where(duos.c.active == sa.true())
            .order_by(duos.c.id)
        )
        self.places = ready(
            sa.select(
                places.c.id,
                places.c.name,
                places.c.address,
                places.c.neighbourhood,
                places.c.step_free,
                places.c.rooms,
            )
            .where(places.c.active == sa.true())
            .order_by(places.c.id)
        )
        self.open_hours = ready(
            sa.select(
                open_hours.c.place, open_hours.c.weekday, open_hours.c.begin_at, open_hours.c.until
            ).order_by(open_hours.c.weekday, open_hours.c.begin_at, open_hours.c.id)
        )
        self.add_meemaker = ready(insert_row(meemakers))
        self.add_duo, self.add_place = ready(insert_row(duos)), ready(insert_row(places))
        of_meemaker = ("name", "kind", "languages", "neighbourhoods", "gender", "max_per_week")
        self.save_meemaker = ready(_saving(meemakers, *of_meemaker))
        self.save_duo = ready(_saving(duos, "resident", "professional", "active"))
        of_place = ("name", "address", "neighbourhood", "step_free", "rooms", "active")
        self.save_place = ready(_saving(places, *of_place))
        this: sa.BindParameter[str] = sa.bindparam("this")
        self.drop_hours = ready(sa.delete(hours).where(hours.c.meemaker == this))
        self.add_hours = ready(insert_row(hours, "id"))
        self.drop_times = ready(
            sa.delete(times).where(times.c.meemaker == this, times.c.source == sa.bindparam("by"))
        )
        self.add_times = ready(insert_row(times, "id"))
        self.drop_open_hours = ready(sa.delete(open_hours).where(open_hours.c.place == this))
        self.add_open_hours = ready(insert_row(open_hours, "id"))
        self.told_times = ready(
            sa.select(times.c.start_at, times.c.end_at, times.c.free)
            .where(times.c.meemaker == this, times.c.source == CHAT)
            .order_by(times.c.start_at, times.c.id)
        )
        self.drop_told = ready(
            sa.delete(times).where(
                times.c.meemaker == this,
                times.c.source == CHAT,
                times.c.start_at < sa.bindparam("end", type_=UtcTime()),
                times.c.end_at > sa.bindparam("begin", type_=UtcTime()),
            )
        )
        self.name = ready(sa.select(meemakers.c.name).where(meemakers.c.id == this))
        self.of_person = ready(
            sa.select(meemakers.c.id).where(
                meemakers.c.reference == sa.bindparam("person"), meemakers.c.kind != sa.literal_column("''")
            )
        )
        self.calendars = ready(
            sa.select(meemakers.c.id, meemakers.c.calendar_url)
            .where(meemakers.c.calendar_url.is_not(None))
            .order_by(meemakers.c.id)
        )
        self.save_calendar = ready(
            sa.update(meemakers).where(meemakers.c.id == this).values(calendar_url=sa.bindparam("url"))
        )
        digest = sa.bindparam("digest", type_=sa.Text())
        feeds: tuple[tuple[FeedKind, sa.Table], ...] = (("meemaker", meemakers), ("place", places))
        self.save_feed = {kind: ready(_saving(table, "feed_hash")) for kind, table in feeds}
        self.find_feed = {
            kind: ready(sa.select(table.c.id).where(table.c.feed_hash == digest)) for kind, table in feeds
        }


class PeopleTable:
    """People and places in one open transaction; see `scheduler.ports.SessionDb` for what is read."""

    def __init__(self, db: Db, statements: PeopleStatements) -> None:
        self._db, self._people_sql = db, statements

    def meemakers(self) -> list[Meemaker]:
        hours, times = (
            self._hours_by(self._people_sql.hours),
            defaultdict[tuple[str, bool], list[Stretch]](list),
        )
        for meemaker, free, start, end in self._db.rows(self._people_sql.times):
            times[meemaker, bool(free)].append(Stretch(start, end))
        return [
            Meemaker(
                id_,
                MeemakerKind(kind),
                _words(languages),
                _words(neighbourhoods),
                Gender(gender) if gender else None,
                most,
                tuple(hours[id_]),
                tuple(times[id_, False]),
                tuple(times[id_, True]),
                reference or "",
            )
            for id_, kind, languages, neighbourhoods, gender, most, reference in self._db.rows(
                self._people_sql.meemakers
            )
        ]

    def duos(self) -> list[Duo]:
        return [Duo(*row) for row in self._db.rows(self._people_sql.duos)]

    def places(self) -> list[Place]:
        hours = self._hours_by(self._people_sql.open_hours)
        return [self._place(row, hours[row[0]]) for row in self._db.rows(self._people_sql.places)]

    def put_meemaker(self, meemaker: Meemaker, *, name: str, at: datetime) -> None:
        """Writes what is known of somebody, new or known already; their times by `set_hours` and `set_times`, their
        conversation by the link they follow. `at` is UTC."""
        written: dict[str, object] = {
            "name": name,
            "kind": meemaker.kind.value,
            "languages": json.dumps(sorted(meemaker.languages)),
            "neighbourhoods": json.dumps(sorted(meemaker.neighbourhoods)),
            "gender": meemaker.gender.value if meemaker.gender else "",
            "max_per_week": meemaker.max_per_week,
        }
        if self._saved(self._people_sql.save_meemaker, meemaker.id, written):
            return
        self._db.run(
            self._people_sql.add_meemaker,
            id=meemaker.id,
            invite_hash=None,
            invited_until=at,
            reference=meemaker.reference or None,
            email=None,
            calendar_url=None,
            feed_hash=None,
            **written,
        )

    def set_hours(self, meemaker: str, hours: Sequence[Hours]) -> None:
        """When they usually can, instead of what was there."""
        self._db.run(self._people_sql.drop_hours, this=meemaker)
        for each in hours:
            begin, until = _minutes(each)
            self._db.run(
                self._people_sql.add_hours,
                meemaker=meemaker,
                weekday=each.weekday,
                begin_at=begin,
                until=until,
            )

    def set_times(
        self, meemaker: str, source: str, *, away: Sequence[Stretch] = (), extra: Sequence[Stretch] = ()
    ) -> None:
        """Single stretches from one source (the chat, a calendar), instead of what that source gave before."""
        self._db.run(self._people_sql.drop_times, this=meemaker, by=source)
        for free, stretches in ((False, away), (True, extra)):
            for each in stretches:
                self._db.run(
                    self._people_sql.add_times,
                    meemaker=meemaker,
                    start_at=each.start,
                    end_at=each.end,
                    free=free,
                    source=source,
                )

    def add_time(self, meemaker: str, when: Stretch, *, free: bool) -> None:
        """A stretch that they told of themselves: there (`free`) beside their usual hours, or away."""
        self._db.run(
            self._people_sql.add_times,
            meemaker=meemaker,
            start_at=when.start,
            end_at=when.end,
            free=free,
            source=CHAT,
        )

    def drop_times(self, meemaker: str, when: Stretch) -> None:
        """What they told of themselves that touches that time; a calendar of their own stays."""
        self._db.run(self._people_sql.drop_told, this=meemaker, begin=when.start, end=when.end)

    def told_times(self, meemaker: str) -> list[tuple[Stretch, bool]]:
        """What they told of themselves, soonest first; True is when they can beside their usual hours."""
        rows = self._db.rows(self._people_sql.told_times, this=meemaker)
        return [(Stretch(start, end), bool(free)) for start, end, free in rows]

    def meemaker_of(self, reference: str) -> Meemaker | None:
        """Who holds talks and has this conversation."""
        found = self._db.row(self._people_sql.of_person, person=reference)
        if found is None:  # nearly everybody, and in every turn
            return None
        return next(each for each in self.meemakers() if each.id == found[0])

    def names(self, meemakers: Sequence[str]) -> dict[str, str]:
        """First names, by id; whoever is not there (any more) is left out."""
        found = {id: self._db.row(self._people_sql.name, this=id) for id in meemakers}
        return {id: (row[0].split() or [""])[0] for id, row in found.items() if row is not None}

    def set_calendar(self, meemaker: str, url: str) -> None:
        """Where their own calendar is; with "" there is none any more, and nothing of it stays."""
        self._db.run(self._people_sql.save_calendar, this=meemaker, url=url or None)
        if not url:
            self.set_times(meemaker, CALENDAR)

    def calendars(self) -> list[tuple[str, str]]:
        """(meemaker, where their own calendar is) of those who have one."""
        return [(id, url) for id, url in self._db.rows(self._people_sql.calendars)]

    def new_feed(self, kind: FeedKind, id: str, token_hash: str) -> bool:
        """From now on this token shows the talks of a meemaker or place, and an earlier one no more. False when there is
        nobody with this id. Storage never sees the token itself."""
        return self._db.count(self._people_sql.save_feed[kind], this=id, new_feed_hash=token_hash) > 0

    def find_feed(self, token_hash: str) -> tuple[FeedKind, str] | None:
        """(kind, id) of whose talks the token shows; None for a token that nobody has (any more)."""
        for kind, statement in self._people_sql.find_feed.items():
            if (found := self._db.row(statement, digest=token_hash)) is not None:
                return kind, found[0]
        return None

    def put_duo(self, duo: Duo, *, active: bool = True) -> None:
        """One that is not active is not planned any more. Both members have to be known."""
        written: dict[str, object] = {
            "resident": duo.resident,
            "professional": duo.professional,
            "active": active,
        }
        if not self._saved(self._people_sql.save_duo, duo.id, written):
            self._db.run(self._people_sql.add_duo, id=duo.id, **written)

    def put_place(self, place: Place, *, active: bool = True) -> None:
        """A location with its opening hours. One that is not active is not planned any more."""
        written: dict[str, object] = {
            "name": place.name,
            "address": place.address,
            "neighbourhood": place.neighbourhood,
            "step_free": place.step_free,
            "rooms": json.dumps([[room.name, room.seats] for room in place.rooms], ensure_ascii=False),
            "active": active,
        }
        if not self._saved(self._people_sql.save_place, place.id, written):
            self._db.run(self._people_sql.add_place, id=place.id, feed_hash=None, **written)
        self._db.run(self._people_sql.drop_open_hours, this=place.id)
        for each in place.hours:
            begin, until = _minutes(each)
            self._db.run(
                self._people_sql.add_open_hours,
                place=place.id,
                weekday=each.weekday,
                begin_at=begin,
                until=until,
            )

    def _saved(self, statement: Statement, id_: str, written: dict[str, object]) -> bool:
        """Whether there was a row to write over."""
        values: dict[str, object] = {f"new_{name}": value for name, value in written.items()}
        return self._db.count(statement, this=id_, **values) > 0

    def _hours_by(self, statement: Statement) -> defaultdict[str, list[Hours]]:
        found = defaultdict[str, list[Hours]](list)
        for whose, weekday, begin, until in self._db.rows(statement):
            found[whose].append(_hours(weekday, begin, until))
        return found

    @staticmethod
    def _place(row: Row, hours: Sequence[Hours]) -> Place:
        id_, name, address, neighbourhood, step_free, rooms = row
        known = tuple(Room(*room) for room in json.loads(rooms or "[]"))
        return Place(id_, name, address, neighbourhood, bool(step_free), known, tuple(hours))
