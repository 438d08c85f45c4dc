"""The file with everything that is kept about a person: nothing of theirs is missing, and nobody else's is in it."""

import json
from typing import Any

import pytest

from storage import Store
from storage.own_data import LEFT_OUT, MASKED, tables_told
from storage.privacy import KEPT, Subject
from storage.schema import metadata
from tests.contract.conftest import Database
from tests.contract.test_storage_erasing import live
from tests.unit.storage.talking import AT

pytestmark = pytest.mark.anyio


def leads_to_people(name: str) -> bool:
    """Whether a column of it says who somebody is, or what they said."""
    return any(column.info["privacy"] != "technical" for column in metadata.tables[name].columns)


def test_every_table_that_tells_of_people_is_in_the_file_or_has_a_reason_not_to_be() -> None:
    about_people = {name for name in metadata.tables if leads_to_people(name)}
    about_people -= {name for name, kept in KEPT.items() if kept.subject is Subject.NOBODY}
    assert about_people - set(tables_told()) - set(LEFT_OUT) == set()
    assert set(tables_told()) & set(LEFT_OUT) == set()
    assert all(LEFT_OUT.values())


async def somebody(store: Store, name: str) -> str:
    """With a talk at home as well."""
    reference = await live(store, name)
    session = f"session-{reference.partition('-')[2]}"
    await store.with_sessions(lambda db: db.set_address(session, f"Kade 12 {name}"))
    return reference


async def file_of(store: Store, reference: str) -> tuple[str, dict[str, Any]]:
    text = await store.turn(lambda db: db.own_data(reference, AT))
    return text, json.loads(text)


async def test_all_that_is_kept_of_a_person_is_in_it_and_nothing_of_another(database: Database) -> None:
    store = database.open()
    one, other = await somebody(store, "anneke"), await somebody(store, "bertus")
    text, found = await file_of(store, one)
    await store.close()

    assert "bertus" not in text
    assert other not in text
    assert (found["you"], found["made_at"]) == (one, AT.isoformat())
    kept = found["kept"]
    answers = kept["answers"]["rows"]
    assert any(row["path"] == "path-anneke" and row["value"] == "anneke" for row in answers)
    assert [(row["purpose"], row["given"]) for row in kept["consents"]["rows"]] == [("answers", True)]
    for name in ("conversations", "contacts", "responses", "wishes", "reaches", "signals", "hand_overs", "talk_requests",
                 "session_seats", "sessions", "meemakers", "meemaker_hours"):  # fmt: skip # a list reads as one
        assert kept[name]["rows"], name
        assert kept[name]["why"], name
        assert kept[name]["how_long"], name


async def test_what_is_kept_encrypted_is_told_but_for_its_last_letters(database: Database) -> None:
    store = database.open()
    one = await somebody(store, "anneke")
    _, found = await file_of(store, one)
    await store.close()
    assert [row["channel_ref"] for row in found["kept"]["contacts"]["rows"]] == [f"{MASKED}ke"]
    assert [row["how"] for row in found["kept"]["reaches"]["rows"]] == [f"{MASKED}ke"]
    assert "channel_ref_hash" not in json.dumps(found)


async def test_of_somebody_who_is_not_known_there_is_nothing(database: Database) -> None:
    store = database.open()
    await somebody(store, "anneke")
    _, found = await file_of(store, "nobody")
    await store.close()
    assert found["kept"] == {}
