"""Fills an app's database with people and answers as if they had talked for years, straight through storage's tables."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from storage import Vault, open_store, schema
from storage.sqlite import create_engine

ANSWERS_EACH = 25
LONG_AGO = datetime(2025, 1, 6, 9, tzinfo=UTC)
PEOPLE_AT_ONCE = 2_000
_STATE = '{"v":1,"phase":"finished","language":"nl","answers":{' + ",".join(
    f'"resilience/question_{n}":"a3"' for n in range(30)
) + "}}"  # fmt: skip # read as one row of a table


async def seed(data: Path, answers: int) -> None:
    """Makes the database that `wijkverhaal serve` finds in `data`, with so many stored answers."""
    data.mkdir(parents=True, exist_ok=True)
    vault = Vault.open(data / "vault.key")
    url = f"sqlite:///{data / 'wijkverhaal.db'}"
    chance = random.Random(answers)
    store = open_store(url, vault=vault, new_id=lambda: f"{chance.getrandbits(120):030x}")
    await store.close()
    engine = create_engine(sa.make_url(url), vault)
    for people in _groups(answers // ANSWERS_EACH):
        rows = _rows(people, vault, chance)
        with engine.begin() as connection:
            for table, values in rows.items():
                connection.execute(sa.insert(table), [_blank(table) | each for each in values])
    with engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.answers)) == answers
    engine.dispose()


def _blank(table: sa.Table) -> dict[str, Any]:
    """Something for every column that must not be empty and that a measurement has no opinion on."""
    wanted = (column for column in table.columns if not column.nullable and not column.primary_key)
    return {
        column.name: column.type.python_type() for column in wanted if column.type.python_type is not datetime
    }


def _groups(people: int) -> Iterator[range]:
    for first in range(0, people, PEOPLE_AT_ONCE):
        yield range(first, min(first + PEOPLE_AT_ONCE, people))


def _rows(people: range, vault: Vault, chance: random.Random) -> dict[sa.Table, list[dict[str, Any]]]:
    """One conversation with one response each; references are random, as the app makes them."""
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        schema.conversations: [], schema.contacts: [], schema.responses: [], schema.answers: [],
    }  # fmt: skip # read as one row of a table
    for person in people:
        reference, response = f"{chance.getrandbits(120):030x}", f"{chance.getrandbits(120):030x}"
        rows[schema.conversations].append({
            "reference": reference, "channel": "rest", "state": _STATE, "revision": 40, "language": "nl",
            "response": response, "simulated": True, "created_at": LONG_AGO, "last_at": LONG_AGO,
        })  # fmt: skip # read as one row of a table
        rows[schema.contacts].append({
            "channel": "rest", "channel_ref_hash": vault.contact_hash("rest", f"long-ago-{person}"),
            "channel_ref": f"long-ago-{person}", "reference": reference,
        })  # fmt: skip # read as one row of a table
        rows[schema.responses].append({
            "id": response, "reference": reference, "questionnaire": "veerkracht", "version": "1", "language": "nl",
            "channel": "rest", "simulated": True, "started_at": LONG_AGO, "closed_at": LONG_AGO, "outcome": "finished",
        })  # fmt: skip # read as one row of a table
        rows[schema.answers] += [{
            "response": response, "path": f"resilience/question_{number}", "status": "answered", "value": "3",
            "at": LONG_AGO, "by": "tap", "model": "", "purpose": "answers",
        } for number in range(ANSWERS_EACH)]  # fmt: skip # read as one row of a table
    return rows
