"""Who and what is taken when, on either database: one row a quarter of an hour, and the database takes no second one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from domain.session import TICK, Claim
from storage import schema
from storage.columns import UtcTime
from storage.statements import ONE, Db, Statement

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[str, str, int]
"""(what, id, tick): what can be taken once."""


def first_tick(start: datetime) -> int:
    """The number since 1970 of the quarter of an hour in which `start` is."""
    return (start - _EPOCH) // TICK


def tick_after(end: datetime) -> int:
    """The first quarter of an hour that is free again."""
    return -((_EPOCH - end) // TICK)


def keys(claim: Claim) -> Iterator[Key]:
    for tick in range(first_tick(claim.start), tick_after(claim.end)):
        yield claim.what, claim.id, tick


def _joined(ticks: str) -> Iterator[tuple[datetime, datetime]]:
    """From and until of quarters that follow each other, out of all of one person or room, in any order. Both databases
    hand over one text much faster than a row for each, and a window function is slower still."""
    numbers = sorted(map(int, ticks.split(",")))
    first = after = numbers[0]
    for tick in numbers:
        if tick != after:
            yield _EPOCH + first * TICK, _EPOCH + after * TICK
            first = tick
        after = tick + 1
    yield _EPOCH + first * TICK, _EPOCH + after * TICK


class ClaimStatements:
    """Every statement of claims, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        claims, held = schema.claims, schema.claims.alias()
        on_postgres = dialect.name == "postgresql"
        insert = postgresql.insert if on_postgres else sqlite.insert
        joined = sa.func.string_agg if on_postgres else sa.func.group_concat
        owner = claims.c.owner == sa.bindparam("of", type_=sa.Text())
        what, id_ = sa.bindparam("what", type_=sa.Text()), sa.bindparam("this", type_=sa.Text())
        begin, end = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("begin", "end"))
        now = sa.bindparam("now", type_=UtcTime())
        names = [column.name for column in claims.columns]
        self.take = ready(
            insert(claims)
            .values({name: sa.bindparam(name) for name in names})
            .on_conflict_do_nothing()
            .inline()
        )
        # An offer that is over lets go of all it held, not of the quarters that somebody wants: what is left of it
        # could otherwise still be handed on.
        over = (
            sa.select(held.c.owner)
            .where(held.c.what == what, held.c.id == id_, held.c.tick >= begin, held.c.tick < end)
            .where(held.c.until <= now)
        )
        self.free = ready(sa.delete(claims).where(claims.c.until <= now, claims.c.owner.in_(over)))
        self.held = ready(sa.select(claims.c.what, claims.c.id, claims.c.tick).where(owner))
        this = (claims.c.what == what) & (claims.c.id == id_) & (claims.c.tick == begin)
        self.take_back = ready(sa.delete(claims).where(this, owner))
        self.hand_on = ready(
            sa.update(claims)
            .where(owner)
            .values(owner=sa.bindparam("new_owner"), until=sa.null())
            .returning(ONE)
        )
        self.release = ready(sa.delete(claims).where(owner))
        self.taken = ready(
            sa.select(
                claims.c.what,
                claims.c.id,
                joined(sa.cast(claims.c.tick, sa.Text()), sa.literal_column("','")),
            )
            .where(claims.c.tick >= begin, claims.c.tick < end)
            .where(claims.c.until.is_(None) | (claims.c.until > now))
            .group_by(claims.c.what, claims.c.id)
            .order_by(claims.c.what, claims.c.id)
        )


class ClaimTable:
    """Claims in one open transaction; see `scheduler.ports.SessionDb`."""

    def __init__(self, db: Db, statements: ClaimStatements) -> None:
        self._db, self._claim_sql = db, statements

    def claim(self, owner: str, claims: Sequence[Claim], *, until: datetime | None, now: datetime) -> bool:
        # In one order for everybody, so that two who want the same never wait for each other.
        wanted = sorted({key for claim in claims for key in keys(claim)})
        for claim in sorted(claims, key=lambda each: (each.what, each.id, each.start)):
            begin, end = first_tick(claim.start), tick_after(claim.end)
            self._db.run(self._claim_sql.free, what=claim.what, this=claim.id, begin=begin, end=end, now=now)
        had = self._held(owner)
        for what, id_, tick in wanted:
            self._db.run(self._claim_sql.take, what=what, id=id_, tick=tick, owner=owner, until=until)
        won = self._held(owner) - had
        if self._is_won(wanted, won):
            return True
        for what, id_, tick in sorted(won):
            self._db.run(self._claim_sql.take_back, what=what, this=id_, begin=tick, of=owner)
        return False

    @staticmethod
    def _is_won(wanted: Sequence[Key], won: set[Key]) -> bool:
        """The guard: whoever misses one quarter of an hour has nothing."""
        return len(won) == len(wanted)

    def hand_on(self, owner: str, to: str) -> bool:
        return self._db.count(self._claim_sql.hand_on, of=owner, new_owner=to) > 0

    def release(self, owner: str) -> None:
        self._db.run(self._claim_sql.release, of=owner)

    def taken(self, begin: datetime, end: datetime, *, now: datetime) -> list[Claim]:
        found = self._db.rows(self._claim_sql.taken, begin=first_tick(begin), end=tick_after(end), now=now)
        return [Claim(what, id_, *stretch) for what, id_, ticks in found for stretch in _joined(ticks)]

    def _held(self, owner: str) -> set[Key]:
        return {(what, id_, tick) for what, id_, tick in self._db.rows(self._claim_sql.held, of=owner)}
