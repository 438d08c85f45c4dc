from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from storage import postgres
from storage.columns import Encrypted, UtcTime
from storage.schema import PRIVACY, metadata

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_column_says_what_it_tells_about_a_person(column: sa.Column[object]) -> None:
    assert column.info.get("privacy") in PRIVACY


def test_what_a_channel_calls_somebody_is_always_encrypted() -> None:
    found = [column for column in COLUMNS if column.name == "channel_ref"]

    assert len(found) == 3
    assert all(
        isinstance(column.type, Encrypted) and column.info["privacy"] == "personal" for column in found
    )


def test_names_addresses_and_ways_to_reach_somebody_are_encrypted() -> None:
    found = {str(column) for column in COLUMNS if isinstance(column.type, Encrypted)}

    assert found == {
        "contacts.channel_ref",
        "outbox.channel_ref",
        "staff.name",
        "staff.channel_ref",
        "reaches.how",
        "meemakers.name",
        "meemakers.email",
        "meemakers.calendar_url",
        "sessions.address",
    }


def test_every_way_to_a_person_is_declared_personal() -> None:
    found = {column.info["privacy"] for column in COLUMNS if column.name in ("reference", "response")}

    assert found == {"personal"}


def test_answers_hang_on_the_response_and_on_no_person() -> None:
    assert {"reference", "channel_ref"} & {
        column.name for column in metadata.tables["answers"].columns
    } == set()


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=1))),
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    ],
)
def test_time_comes_back_as_the_same_moment_in_utc(time: datetime) -> None:
    dialect = sqlite.dialect()
    kept = UtcTime().process_bind_param(time, dialect)

    back = UtcTime().process_result_value(kept, dialect)
    assert back == time
    assert back is not None
    assert back.tzinfo is UTC


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())


@pytest.mark.parametrize(
    "error, code",
    [
        (psycopg.OperationalError('FATAL: password authentication failed for user "x"'), "wrong_password"),
        (psycopg.errors.InvalidPassword(), "wrong_password"),
        (psycopg.OperationalError("connection refused"), "unreachable"),
        (psycopg.errors.LockNotAvailable(), "database_locked"),
        (psycopg.errors.DiskFull(), "no_disk"),
        (psycopg.errors.UndefinedTable(), ""),
    ],
)
def test_server_trouble_has_a_code_and_a_bug_has_none(error: Exception, code: str) -> None:
    assert postgres.opening_code(error) == code
