"""A look at a whole database says what is wrong with it, one thing after the other, and changes nothing."""

import asyncio
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from bot.ports import Changes, TurnDb
from domain.errors import DomainError
from storage import Vault
from storage.checking import Health, check, differences
from storage.schema import HEAD
from storage.vault import new_key
from tests.contract.conftest import Database, close_now
from tests.contract.test_storage_backup import HOSTILE, VAULT, everything, live
from tests.contract.test_storage_opening import engine_for
from tests.unit.storage.talking import loading, saving


def after(database: Database, *statements: str) -> Health:
    """What is found once somebody has changed something by hand."""
    engine = engine_for(database)
    with engine.connect() as connection:
        if database.is_sqlite:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys = OFF")  # before a transaction begins
        for statement in statements:
            connection.execute(sa.text(statement))
        connection.commit()
    engine.dispose()
    return check(database.url, VAULT)


def test_whole_database_is_counted_and_its_secrets_are_read(database: Database) -> None:
    live(database.open())
    before = everything(database.url)
    health = check(database.url, VAULT)

    assert health.troubles == []
    assert (health.revision, health.rows["answers"], health.readable) == (HEAD, len(HOSTILE), 3)
    assert everything(database.url) == before


@pytest.mark.parametrize(
    "change, words",
    [
        ("ALTER TABLE misses DROP COLUMN heard", "add_column"),
        ("ALTER TABLE misses ADD COLUMN mood TEXT", "remove_column"),
        ("DROP TABLE misses", "add_table"),
        ("DROP INDEX ix_updates_at", "add_index"),
    ],
)
def test_schema_that_drifts_from_the_models_is_found(
    empty_database: Database, change: str, words: str
) -> None:
    close_now(empty_database.open())

    (trouble, *_) = after(empty_database, change).troubles
    assert words in trouble


def test_migrations_and_models_agree(database: Database) -> None:
    engine = engine_for(database)
    with engine.begin() as connection:
        found = differences(connection)
    engine.dispose()

    assert found == []


def test_other_key_and_damaged_secrets_are_found(database: Database) -> None:
    live(database.open())

    (trouble,) = check(database.url, Vault.open(key=new_key())).troubles
    assert "key does not fit" in trouble
    (trouble,) = after(database, "UPDATE meemakers SET name = 'x'").troubles
    assert "1 encrypted values in meemakers.name" in trouble


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rows_without_their_parent_are_found(database: Database) -> None:
    live(database.open())

    (trouble,) = after(database, "DELETE FROM responses").troubles[:1]
    assert "refer to rows of responses" in trouble


def test_older_schema_is_told_with_the_remedy(empty_database: Database) -> None:
    close_now(empty_database.open())

    (trouble,) = after(empty_database, "UPDATE alembic_version SET version_num = '0007'").troubles
    assert "wijkverhaal db upgrade" in trouble


def test_nothing_there_is_told_and_nothing_is_made(empty_database: Database) -> None:
    with pytest.raises(DomainError) as caught:
        check(empty_database.url, VAULT)
    assert caught.value.code == "no_database"
    assert not empty_database.is_sqlite or not empty_database.file.exists()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_connection_that_is_lost_in_a_turn_fails_it_whole_and_it_is_done_once_when_it_comes_again(
    database: Database,
) -> None:
    store = database.open()
    asyncio.run(store.turn(saving(Changes("before"), update="u1")))

    def cut_off(db: TurnDb) -> None:
        taken = saving(Changes("half"), update="u2")(db)
        assert taken is not None
        db.load("telegram", "chat-1")  # what was written has reached the server
        with psycopg.connect(database.url, autocommit=True) as other:
            drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wijkverhaal' AND datname = current_database()"
            other.execute(drop)

    with pytest.raises(DomainError) as caught:
        asyncio.run(store.turn(cut_off))
    assert caught.value.code == "storage_unavailable"
    found = asyncio.run(store.turn(loading()))
    assert (found.state, found.revision) == ("before", 1)
    again = [asyncio.run(store.turn(saving(Changes("whole"), update="u2"))) for _ in range(2)]
    assert [each is not None for each in again] == [True, False]
    found = asyncio.run(store.turn(loading()))
    assert replace(found, reference="") == replace(found, reference="", state="whole", revision=2)
    close_now(store)
