"""People and places as the commands `people` and `places` keep them, names and e-mail addresses included, on either
database; what a file changes is worked out elsewhere."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.audit import AuditEntry
from domain.session import Duo, Meemaker, Person, Place
from storage import schema
from storage.base import Store
from storage.people import PeopleStatements, PeopleTable
from storage.statements import ONE, Db, Statement
from storage.vault import Vault

T = TypeVar("T")

_LOCK = 4_207_712
"""The advisory lock that says "somebody imports into this PostgreSQL"; any number that nobody else uses."""


class ImportStatements:
    """Every statement that only these commands need, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        meemakers, duos, places = schema.meemakers, schema.duos, schema.places
        this: sa.BindParameter[str] = sa.bindparam("this")
        is_postgres = dialect.name == "postgresql"
        self.lock = ready(sa.select(sa.func.pg_advisory_xact_lock(_LOCK))) if is_postgres else None
        self.names = ready(
            sa.select(
                meemakers.c.id,
                meemakers.c.name,
                meemakers.c.email,
                meemakers.c.reference.is_not(None),
            ).order_by(meemakers.c.id)
        )
        self.save_email = ready(
            sa.update(meemakers).where(meemakers.c.id == this).values(email=sa.bindparam("new_email"))
        )
        self.invite = ready(
            sa.update(meemakers)
            .where(meemakers.c.id == this)
            .values(invite_hash=sa.bindparam("digest"), invited_until=sa.bindparam("until"))
            .returning(ONE)
        )
        self.ended_duos = ready(
            sa.select(duos.c.id, duos.c.resident, duos.c.professional)
            .where(duos.c.active == sa.false())
            .order_by(duos.c.id)
        )
        self.closed_places = ready(
            sa.select(
                places.c.id, places.c.name, places.c.address, places.c.neighbourhood, places.c.step_free
            )
            .where(places.c.active == sa.false())
            .order_by(places.c.id)
        )


class ImportTable:
    """People and places in one open transaction."""

    def __init__(self, db: Db, statements: ImportStatements, table: PeopleTable) -> None:
        self._db, self._sql, self._table = db, statements, table

    def wait_for_others(self) -> None:
        """Nobody else imports until this transaction ends. SQLite has one writer at a time anyhow."""
        if self._sql.lock is not None:
            self._db.row(self._sql.lock)

    def people(self) -> list[Person]:
        """Everybody, also who only fills in together with residents."""
        meemakers = {each.id: each for each in self._table.meemakers()}
        found = []
        for id, name, email, has_joined in self._db.rows(self._sql.names):
            person = Person(id, name, email=email or "", has_joined=bool(has_joined))
            if meemaker := meemakers.get(id):
                person = replace(
                    person,
                    kind=meemaker.kind,
                    languages=meemaker.languages,
                    neighbourhoods=meemaker.neighbourhoods,
                    gender=meemaker.gender,
                    max_per_week=meemaker.max_per_week,
                    hours=meemaker.hours,
                )
            found.append(person)
        return found

    def duos(self) -> list[Duo]:
        return self._table.duos()

    def ended_duos(self) -> list[Duo]:
        return [Duo(*row) for row in self._db.rows(self._sql.ended_duos)]

    def places(self) -> list[Place]:
        return self._table.places()

    def closed_places(self) -> list[Place]:
        """Without their hours and rooms: what they were is over."""
        rows = self._db.rows(self._sql.closed_places)
        return [
            Place(id, name, address, neighbourhood, bool(step_free), (), ())
            for id, name, address, neighbourhood, step_free in rows
        ]

    def put_people(self, people: Iterable[Person], at: datetime) -> None:
        """Writes people with a kind, new or known, with their usual hours. `at` is UTC."""
        for person in people:
            assert person.kind is not None
            meemaker = Meemaker(
                person.id,
                person.kind,
                person.languages,
                person.neighbourhoods,
                person.gender,
                person.max_per_week,
            )
            self._table.put_meemaker(meemaker, name=person.name, at=at)
            self._db.run(self._sql.save_email, this=person.id, new_email=person.email or None)
            self._table.set_hours(person.id, person.hours)

    def put_duos(self, begun: Iterable[Duo], ended: Iterable[Duo]) -> None:
        for active, duos in ((False, ended), (True, begun)):
            for duo in duos:
                self._table.put_duo(duo, active=active)

    def put_places(self, places: Iterable[Place], closed: Iterable[Place] = ()) -> None:
        for active, each in ((True, places), (False, closed)):
            for place in each:
                self._table.put_place(place, active=active)

    def invite(self, id: str, code: str, vault: Vault, *, until: datetime) -> bool:
        """Gives somebody a link that works once, instead of an earlier one. False when there is nobody with this id."""
        digest = vault.contact_hash("meemaker invitation", code)
        return self._db.count(self._sql.invite, this=id, digest=digest, until=until) > 0


async def with_people(
    store: Store,
    job: Callable[[ImportTable], T],
    note: Callable[[T], AuditEntry | None] = lambda result: None,
) -> T:
    """Runs `job` on people and places in one transaction; it may run more than once. What `note` makes of the result
    is accounted for in the same transaction."""
    statements, people = ImportStatements(store.dialect), PeopleStatements(store.dialect)

    def run(db: Db) -> T:
        result = job(ImportTable(db, statements, PeopleTable(db, people)))
        if (entry := note(result)) is not None:
            store.audit(db).append(entry)
        return result

    return await store.transact(run)
