"""Opening a database: the newest schema, one process at a time, and a clear code for whatever is in the way."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.ports import Changes, NewResponse, TurnDb
from domain.errors import DomainError
from domain.message import Message
from domain.session import SeatStatus, Session, SessionKind, SessionStatus, Stretch
from storage import Vault, open_store, postgres, schema, sqlite
from storage.migrate import config
from storage.schema import HEAD, metadata
from storage.sessions import SessionTable
from storage.vault import new_key
from tests.contract.conftest import AT, KEY, Database, close_now
from tests.postgres import at_database
from tests.unit.storage.talking import BEGIN, answer, loading, saving, stored, words

pytestmark = pytest.mark.anyio

SESSION = Session(
    "s1",
    SessionKind.HOME,
    "duo",
    "fatima",
    "jan",
    None,
    "",
    Stretch(AT, AT + timedelta(hours=1)),
    SessionStatus.CONFIRMED,
)


def code_of(url: str, key: str = KEY) -> str:
    with pytest.raises(DomainError) as caught:
        open_store(url, vault=Vault.open(key=key), new_id=str)
    return caught.value.code


def engine_for(database: Database) -> sa.Engine:
    vault, url = Vault.open(key=KEY), sa.make_url(database.url)
    if not database.is_sqlite:
        return postgres.create_engine(url, vault, 1)
    database.file.parent.mkdir(parents=True, exist_ok=True)
    return sqlite.create_engine(url, vault)


def test_newest_migration_is_the_one_the_schema_names() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_migrations_lead_to_the_schema_of_the_models(empty_database: Database) -> None:
    close_now(empty_database.open())
    engine = engine_for(empty_database)

    with engine.begin() as connection:
        options = {"compare_type": True, "render_as_batch": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    assert differences == []


def test_migrations_go_down_and_up_again_with_data(empty_database: Database) -> None:
    store = empty_database.open()
    asyncio.run(store.turn(saving(Changes("", begin=BEGIN, answers=[answer("a")]))))
    close_now(store)
    engine = engine_for(empty_database)
    with engine.begin() as connection:
        command.downgrade(config(connection), "base")
    with engine.begin() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    engine.dispose()

    store = empty_database.open()
    assert stored(store, "*", "answers") == []
    close_now(store)


def test_talks_in_person_come_and_go_and_what_was_there_stays(empty_database: Database) -> None:
    store = empty_database.open()

    def live(db: TurnDb) -> None:
        begin = NewResponse("response-1", "veerkracht", "1", "nl", session="s1")
        changes = Changes("", begin=begin, answers=[answer("a")], messages=words("old"), deliver_later=True)
        found = saving(changes)(db)
        assert found is not None
        assert db.post(found.reference, Message("new"), at=AT, key="s1")

    def hold(db: SessionTable) -> None:
        db.set_calendar("fatima", "https://calendar.example")
        db.new_feed("meemaker", "fatima", "hash-1")
        db.put_session(SESSION, at=AT)
        db.set_address("s1", "Kanjel 1")
        db.set_seat("s1", "somebody", SeatStatus.BOOKED, at=AT)

    asyncio.run(store.turn(live))
    asyncio.run(store.with_meemakers(lambda db: db.invite("fatima", "Fatima", "code", until=AT)))
    asyncio.run(store.with_sessions(hold))
    close_now(store)
    engine = engine_for(empty_database)
    with engine.begin() as connection:
        command.downgrade(config(connection), "0008")
    with engine.begin() as connection:
        tables = sa.inspect(connection).get_table_names()
        for table, kept in (("outbox", "payload"), ("responses", "id, outcome"), ("meemakers", "id")):
            assert connection.exec_driver_sql(f"SELECT {kept} FROM {table}").all()
    engine.dispose()
    assert not {"sessions", "claims", "places", "talk_requests"} & set(tables)

    store = empty_database.open()
    assert stored(store, "id, session, meemaker", "responses") == [("response-1", "", "")]
    assert stored(store, "id, calendar_url, feed_hash, kind", "meemakers") == [("fatima", None, None, "")]
    assert stored(store, "key_hash", "outbox ORDER BY id") == [(None,), (None,)]
    assert asyncio.run(store.with_meemakers(lambda db: db.all())) == [("fatima", "Fatima", False)]
    asyncio.run(store.with_sessions(hold))
    assert asyncio.run(store.with_sessions(lambda db: db.address("s1"))) == "Kanjel 1"
    close_now(store)


def test_signals_from_before_there_were_cases_become_cases(empty_database: Database) -> None:
    """Those of the same person that are open are one; what waited for the morning is told at the first look."""
    close_now(empty_database.open())
    engine = engine_for(empty_database)
    night, noon = AT.replace(hour=2), AT
    with engine.begin() as connection:
        command.downgrade(config(connection), "0005")
        talks = schema.conversations
        for reference, simulated in (("fatima", False), ("gijs", False), ("robot", True)):
            connection.execute(
                talks.insert().values(
                    reference=reference, channel="telegram", state="", revision=1, language="nl", created_at=AT,
                    simulated=simulated, last_at=AT, assisted_by="",
                )
            )  # fmt: skip # read as one piece
        heard = [
            ("fatima", "suicide", noon, None), ("gijs", "child", noon, noon), ("gijs", "violence", night, None),
            ("fatima", "violence", night, None), ("fatima", "suicide", night, None), ("robot", "suicide", night, None),
            (None, "emergency", night, noon),
        ]  # fmt: skip # read as a table
        for reference, kind, at, closed_at in heard:
            row = {"reference": reference, "kind": kind, "at": at, "closed_at": closed_at}
            connection.execute(schema.signals.insert().values(**row))
        key = f"signals:{night.isoformat()}"
        connection.execute(
            schema.work.insert().values(key=key, kind="signals", reference="", due_at=noon, revision=0)
        )
    engine.dispose()

    store = empty_database.open()
    columns = "reference, kinds, count, at, heard_at, closed_at"
    ours = [micros(noon), micros(night)]
    assert stored(store, columns, "cases ORDER BY reference, at DESC") == in_order(
        empty_database,
        [
            ("fatima", '["suicide", "violence"]', 3, ours[0], ours[1], None),
            ("gijs", '["child"]', 1, ours[0], ours[0], ours[0]),
            ("gijs", '["violence"]', 1, ours[1], ours[1], None),
            (None, '["emergency"]', 1, ours[1], ours[1], ours[0]),
        ],
    )
    waiting = [key for (key,) in stored(store, "id", "cases WHERE closed_at IS NULL ORDER BY id")]
    assert stored(store, "key, kind, reference", "work ORDER BY key") == [
        (f"signal:{key}", "signal", "") for key in waiting
    ]
    close_now(store)


def micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def in_order(database: Database, rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """SQLite puts what is empty first."""
    return [rows[-1], *rows[:-1]] if database.is_sqlite else rows


def test_data_is_there_after_opening_again(empty_database: Database) -> None:
    store = empty_database.open()
    asyncio.run(store.turn(saving(Changes("kept"))))
    close_now(store)

    store = empty_database.open()
    assert asyncio.run(store.turn(loading())).state == "kept"
    close_now(store)


def test_many_processes_may_open_a_new_database_at_once(empty_database: Database) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = [opening.result() for opening in [threads.submit(empty_database.open) for _ in range(6)]]

    for store in stores:
        close_now(store)


def test_newer_schema_is_refused(empty_database: Database) -> None:
    close_now(empty_database.open())
    engine = engine_for(empty_database)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    assert code_of(empty_database.url) == "newer_schema"


def test_other_key_is_refused_once_somebody_is_known(database: Database) -> None:
    close_now(database.open(new_key()))
    store = database.open()
    asyncio.run(store.turn(saving(Changes(""))))
    close_now(store)

    assert code_of(database.url, new_key()) == "wrong_key"


def test_new_key_in_front_of_the_old_one_keeps_everybody_known(database: Database) -> None:
    store = database.open()
    asyncio.run(store.turn(saving(Changes("kept"))))
    close_now(store)

    store = database.open(f"{new_key()} {KEY}")
    assert asyncio.run(store.turn(loading())).state == "kept"
    close_now(store)


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_url_of_another_kind_is_refused(url: str) -> None:
    assert code_of(url) == "bad_url"


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is a letter, not a database" * 100)

    assert code_of(f"sqlite:///{tmp_path / 'x.db'}") == "not_a_database"


def test_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").mkdir()

    assert code_of(f"sqlite:///{tmp_path / 'x.db'}") == "cannot_write"


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    assert code_of(f"sqlite:///{tmp_path / 'data' / 'x.db'}") == "cannot_write"


def test_locked_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", tmp_path)
    close_now(database.open())
    holder = sqlite3.connect(database.file, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    assert code_of(database.url) == "database_locked"
    holder.close()


async def test_turn_on_a_locked_file_is_refused_and_the_next_one_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", tmp_path)
    store = database.open()
    holder = sqlite3.connect(database.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(DomainError) as caught:
        await store.turn(saving(Changes("")))
    assert (caught.value.code, caught.value.detail) == ("storage_unavailable", {"reason": "database_locked"})
    holder.close()
    assert await store.turn(saving(Changes(""))) is not None
    await store.close()


async def test_turn_waits_for_another_process_while_the_loop_goes_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", tmp_path)
    store = database.open()
    holder = sqlite3.connect(database.file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    turn = asyncio.create_task(store.turn(saving(Changes(""))))
    for _ in range(3):
        await asyncio.sleep(0)
    waited = not turn.done()
    holder.close()
    assert (waited, await turn is not None) == (True, True)
    await store.close()


async def test_turn_that_was_asked_for_is_done_before_the_store_closes(database: Database) -> None:
    store = database.open()
    turn = asyncio.create_task(store.turn(saving(Changes("kept"))))
    await asyncio.sleep(0)
    await store.close()

    assert await turn is not None
    again = database.open()
    assert (await again.turn(loading())).state == "kept"
    await again.close()


def test_full_disk_is_told_by_its_code(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", tmp_path)
    store = database.open()
    assert isinstance(store, sqlite.SqliteStore)
    store._connection.execute("PRAGMA max_page_count = 60")

    with pytest.raises(DomainError) as caught:
        asyncio.run(store.turn(saving(Changes("x" * 1_000_000))))
    assert (caught.value.code, caught.value.detail) == ("storage_unavailable", {"reason": "no_disk"})
    assert asyncio.run(store.turn(saving(Changes("small")))) is not None
    close_now(store)


def test_server_that_is_not_there_is_refused() -> None:
    assert code_of("postgresql://nobody:secret@127.0.0.1:1/x") == "unreachable"


def test_database_that_is_not_there_is_refused(server: str) -> None:
    assert code_of(at_database(server, "not_there")) == "unreachable"


def test_refusal_does_not_tell_the_password() -> None:
    with pytest.raises(DomainError) as caught:
        open_store("postgresql://a:secret@127.0.0.1:1/x", vault=Vault.open(key=KEY), new_id=str)

    assert "secret" not in repr(caught.value.detail)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_connections_that_the_server_dropped_are_replaced(database: Database) -> None:
    store = database.open()
    await store.turn(saving(Changes("before")))
    engine = engine_for(database)
    drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with engine.connect() as connection:
        connection.execute(sa.text(drop))
    engine.dispose()

    assert (await store.turn(loading())).state == "before"
    await store.close()


async def test_closed_store_refuses(database: Database) -> None:
    store = database.open()
    await store.close()

    with pytest.raises(DomainError) as caught:
        await store.turn(saving(Changes("")))
    assert caught.value.code == "storage_unavailable"
