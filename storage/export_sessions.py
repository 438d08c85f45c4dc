"""Reads talks in person for an export: when, where, what kind and how many came; never who."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.session import SeatStatus
from storage import schema
from storage.columns import UtcTime
from storage.export_formats.spec import Cell
from storage.statements import Db, Statement

CHUNK = 500


class SessionExportStatements:
    """Every statement of talks in an export, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        sessions, seats, places, people = (
            schema.sessions, schema.session_seats, schema.places, schema.conversations,
        )  # fmt: skip # read as one line
        nothing: sa.ColumnElement[str] = sa.literal_column("''")
        of_it = seats.c.session == sessions.c.id
        counts = sa.func.coalesce(people.c.simulated, sa.false()).in_(
            [sa.bindparam("simulated", type_=sa.Boolean()), sa.false()]
        )
        with_people = seats.outerjoin(people, people.c.reference == seats.c.reference)
        came = (
            sa.select(sa.func.count())
            .select_from(with_people)
            .where(of_it, counts, seats.c.status == SeatStatus.CAME.value)
            .scalar_subquery()
        )
        anybody = sa.exists().where(of_it)
        anybody_who_counts = sa.exists(
            sa.select(seats.c.session).select_from(with_people).where(of_it, counts)
        )
        after = sa.tuple_(sa.bindparam("after_at", type_=UtcTime()), sa.bindparam("after_id"))
        self.chunk = Statement(
            sa.select(
                sessions.c.id,
                sessions.c.kind,
                sessions.c.start_at,
                sessions.c.end_at,
                sa.func.coalesce(places.c.name, nothing).label("place"),
                sa.func.coalesce(places.c.neighbourhood, nothing).label("neighbourhood"),
                sessions.c.status,
                sessions.c.seats,
                came.label("came"),
                sessions.c.language,
            )
            .join_from(sessions, places, places.c.id == sessions.c.place, isouter=True)
            .where(
                sa.tuple_(sessions.c.start_at, sessions.c.id) > after,
                sessions.c.start_at >= sa.bindparam("since", type_=UtcTime()),
                sa.or_(sa.not_(anybody), anybody_who_counts),
            )
            .order_by(sessions.c.start_at, sessions.c.id)
            .limit(CHUNK),
            dialect,
        )


def read_sessions(
    db: Db, sql: SessionExportStatements, since: datetime, *, simulated: bool
) -> Iterator[list[Cell]]:
    """The cells of SESSION_COLUMNS, in the order in which the talks begin; of those that begin at `since` (UTC) or later.
    Without `simulated` a talk with only simulated residents is left out, and none of them counts among who came."""
    after_at, after_id = datetime.fromisoformat("1970-01-01T00:00:00+00:00"), ""
    while rows := db.rows(sql.chunk, after_at=after_at, after_id=after_id, since=since, simulated=simulated):
        yield from (list(row) for row in rows)
        after_id, after_at = rows[-1][0], rows[-1][2]
