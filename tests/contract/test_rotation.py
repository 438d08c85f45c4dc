"""A new key, everything encrypted anew with it while people talk, and what happens where the key is not the right one."""

import asyncio
import stat
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
import sqlalchemy as sa
from rich.console import Console

from app.settings import Settings, read_settings
from app.vault_commands import drop_old_keys, rotate_keys
from app.wiring import open_house, open_vault
from app.words import sentence_for
from bot.ports import Changes
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from storage import Store, Vault, open_store, schema
from storage.columns import Encrypted
from storage.rotation import find_stale, holds_secrets, re_encrypt, secret_columns
from storage.statements import Db, Statement, insert_row
from storage.vault import add_key, alone_with, drop_keys, new_key
from tests.contract.conftest import AT, Database
from tests.unit.storage.talking import loading, saving, stored

pytestmark = pytest.mark.anyio
TOLD = Console(quiet=True)
PEOPLE = 7


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    plain = read_settings({"WIJKVERHAAL_DATA": str(tmp_path / "data"), "WIJKVERHAAL_RULES_ONLY": "yes"})
    return replace(plain, database=database.url)


@pytest.fixture
async def running(settings: Settings, database: Database) -> AsyncIterator[Store]:
    """An assistant that runs all the while, with the keys it read at its start."""
    store = open_store(settings.database, vault=open_vault(settings), new_id=database.new_id)
    await fill_every_table(store)
    for number in range(PEOPLE):
        await store.turn(saving(Changes(f"state {number}"), ref=f"chat-{number}"))
    yield store
    await store.close()


def silent(sentence: str) -> None:
    pass


async def fill_every_table(store: Store) -> None:
    """One row in every table that has anything encrypted, with something in each of those columns."""
    conversation = {
        "reference": "x",
        "channel": "web",
        "state": "",
        "revision": 1,
        "language": "nl",
        "response": None,
    }
    conversation |= {
        "simulated": False,
        "created_at": AT,
        "last_at": AT,
        "blocked_at": None,
        "assisted_by": "",
        "erase_hash": None,
    }
    tables = [
        schema.conversations,
        schema.responses,
        *(schema.metadata.tables[each.table] for each in secret_columns(store.dialect)),
    ]
    for table in tables:
        values = conversation if table is schema.conversations else {c.name: _some(c) for c in table.columns}
        if table is schema.outbox:
            del values["id"]
        statement = Statement(insert_row(table, *(["id"] if table is schema.outbox else [])), store.dialect)
        await store.transact(partial(_add, statement, values))


def _add(statement: Statement, values: dict[str, object], db: Db) -> None:
    db.run(statement, **values)


def _some(column: "sa.Column[object]") -> object:
    kind = column.type
    if isinstance(kind, Encrypted):
        return f"secret of {column}"
    if column.name == "status":
        return "sent"
    if column.name.endswith("at") or column.name in (
        "invited_until",
        "not_before",
        "not_after",
        "leased_until",
    ):
        return AT
    if isinstance(kind, sa.Boolean):
        return True
    return 1 if isinstance(kind, (sa.Integer, sa.BigInteger)) else "x"


def tokens(store: Store) -> list[str]:
    """Everything encrypted in the database, as it stands."""
    return [
        token
        for each in secret_columns(store.dialect)
        for (token,) in [
            row
            for name in each.names
            for row in stored(store, name, f"{each.table} WHERE {name} IS NOT NULL")
        ]
    ]


def keys_in(settings: Settings) -> list[str]:
    return settings.key_file.read_text().split()


async def test_every_encrypted_column_is_written_anew_and_the_assistant_never_notices(
    running: Store, settings: Settings
) -> None:
    before, [old] = tokens(running), keys_in(settings)
    columns = sum(
        isinstance(c.type, Encrypted) for table in schema.metadata.sorted_tables for c in table.columns
    )
    assert len(before) == columns + PEOPLE
    await rotate_keys(settings, silent, TOLD)

    new, last = keys_in(settings)
    assert last == old
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    only_new = Vault.open(key=new)
    assert len(before) == len([only_new.decrypt(token) for token in tokens(running)])
    assert not set(before) & set(tokens(running))
    # The process with the old list reads, finds people, and writes with the new key.
    assert (await running.turn(loading("chat-3"))).state == "state 3"
    assert await running.with_sessions(lambda db: db.address("x")) == "secret of sessions.address"
    await running.turn(saving(Changes("later"), ref="chat-99"))
    assert not await find_stale(running, only_new)
    assert [row[1] for row in stored(running, "number, thing", "audit ORDER BY number")] == [
        "new key",
        "encrypted anew",
    ]
    assert await running.with_audit(lambda log: log.verify()) == []


async def test_talk_goes_on_in_the_middle_of_it(
    running: Store, settings: Settings, database: Database
) -> None:
    """The new key stands in the file, nothing or half is done: whoever runs reads both."""
    add_key(settings.key_file)
    await running.turn(saving(Changes("new"), ref="chat-new"))
    other = open_store(settings.database, vault=Vault.open(settings.key_file), new_id=database.new_id)
    for store in (running, other):
        found = await asyncio.gather(*(store.turn(loading(f"chat-{number}")) for number in range(PEOPLE)))
        assert [each.state for each in found] == [f"state {number}" for number in range(PEOPLE)]
    await other.close()
    vault = Vault.open(settings.key_file)
    assert [vault.is_fresh(token) for token in tokens(running)].count(True) == 1


async def test_in_small_steps_it_writes_everything_anew_too(running: Store, settings: Settings) -> None:
    add_key(settings.key_file)
    vault, steps = Vault.open(settings.key_file), list[int]()
    count = await re_encrypt(running, vault, tell=steps.append, batch=3)
    assert count == len(tokens(running)) == sum(steps)
    assert max(steps) == 3
    assert all(map(vault.is_fresh, tokens(running)))


async def test_killed_in_the_middle_it_goes_on_where_it_was(running: Store, settings: Settings) -> None:
    add_key(settings.key_file)
    command = [
        sys.executable,
        "-m",
        "tests.contract.rotation_child",
        settings.database,
        str(settings.key_file),
    ]
    with Popen(command, stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(4):
            child.stdout.readline()
        child.kill()
    vault = Vault.open(settings.key_file)
    done = {token for token in tokens(running) if vault.is_fresh(token)}
    assert 0 < len(done) < len(tokens(running))
    keys = keys_in(settings)
    await rotate_keys(settings, silent, TOLD)

    assert keys_in(settings) == keys
    assert done <= set(tokens(running))
    assert not await find_stale(running, Vault.open(key=keys[0]))


async def test_old_keys_go_when_nothing_needs_them_but_for_the_one_that_makes_hashes(
    running: Store, settings: Settings
) -> None:
    await rotate_keys(settings, silent, TOLD)
    add_key(settings.key_file)
    with pytest.raises(DomainError) as caught:
        await drop_old_keys(settings, silent)
    assert caught.value.code == "keys_needed"
    await rotate_keys(settings, silent, TOLD)
    newest, _, first = keys_in(settings)
    await drop_old_keys(settings, silent)

    assert keys_in(settings) == [newest, first]
    again: list[str] = []
    await drop_old_keys(settings, again.append)
    assert again == ["There is no key to drop: the first one encrypts, and the last one makes the hashes."]
    assert (await running.turn(loading("chat-3"))).state == "state 3"


async def test_two_at_once_do_not_lose_a_key(running: Store, settings: Settings) -> None:
    with alone_with(settings.key_file), pytest.raises(DomainError) as caught:
        await rotate_keys(settings, silent, TOLD)
    assert caught.value.code == "rotating"
    assert len(keys_in(settings)) == 1


async def test_key_from_the_environment_is_told_what_to_do_and_then_rotated(
    running: Store, settings: Settings
) -> None:
    [old] = keys_in(settings)
    new = new_key()
    told: list[str] = []
    await rotate_keys(replace(settings, key=old), told.append, TOLD)
    assert "'wijkverhaal vault new-key'" in told[0]
    await rotate_keys(replace(settings, key=f"{new},{old}"), silent, TOLD)

    assert not await find_stale(running, Vault.open(key=f"{new},{old}"))


async def test_key_that_is_gone_is_missed_and_none_is_made(running: Store, settings: Settings) -> None:
    kept = settings.key_file.rename(settings.key_file.with_name("copy"))
    with pytest.raises(DomainError) as caught:
        async with open_house(settings):
            pytest.fail("it started")

    assert f"The key {settings.key_file} is not there." in sentence_for(caught.value)
    assert not settings.key_file.exists()
    kept.rename(settings.key_file)
    async with open_house(settings) as house:
        assert (await house.store.turn(loading("chat-1"))).state == "state 1"


async def test_audit_log_alone_is_enough_to_need_its_key(settings: Settings, database: Database) -> None:
    store = open_store(settings.database, vault=open_vault(settings), new_id=database.new_id)
    assert not holds_secrets(settings.database)
    await store.note(AuditEntry(AuditAction.EXPORT, AT, "operator:annabel"))
    await store.close()

    assert holds_secrets(settings.database)


async def test_wrong_and_unreadable_keys_stop_the_start_in_plain_words(
    running: Store, settings: Settings
) -> None:
    right = settings.key_file.read_text()
    sentences = []
    settings.key_file.write_text(new_key())
    for _ in range(2):
        with pytest.raises(DomainError) as caught:
            async with open_house(settings):
                pytest.fail("it started")
        sentences.append(sentence_for(caught.value))
        if settings.key_file.is_file():
            settings.key_file.unlink()
            settings.key_file.mkdir()
    settings.key_file.rmdir()
    settings.key_file.write_text(right)

    assert sentences[0].startswith("The key does not fit this database")
    assert sentences[1].startswith(f"The key file {settings.key_file} cannot be read or made.")


@pytest.mark.parametrize("mode, warned", [(0o600, False), (0o640, True), (0o604, True)])
async def test_key_file_that_others_can_read_is_warned_of(
    running: Store, settings: Settings, mode: int, warned: bool
) -> None:
    settings.key_file.chmod(mode)
    told: list[str] = []
    async with open_house(settings, say=told.append):
        pass

    assert (f"Run: chmod 600 {settings.key_file}" in " ".join(told)) is warned


async def test_value_that_no_key_reads_stops_it_before_anything_is_changed(
    running: Store, settings: Settings
) -> None:
    foreign = open_store(settings.database, vault=Vault.open(settings.key_file), new_id=str)
    token = Vault.open(key=new_key()).encrypt("x")
    statement = Statement(
        sa.update(schema.staff).values(name=sa.bindparam("token", type_=sa.Text())), foreign.dialect
    )
    await foreign.transact(lambda db: db.run(statement, token=token))
    await foreign.close()
    with pytest.raises(DomainError) as caught:
        await rotate_keys(settings, silent, TOLD)

    assert caught.value.code == "wrong_key"
    assert len(keys_in(settings)) == 1


def test_key_file_that_is_another_ones_is_not_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "key"
    vault = Vault.open(file)
    token = vault.encrypt("x")
    for text in (new_key(), "half a k", ""):
        file.write_text(text)
        assert vault.decrypt(token) == "x"
        assert vault.is_fresh(vault.encrypt("y"))


def test_dropping_leaves_two_keys_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    Vault.open(file)
    assert drop_keys(file) == 0
    add_key(file)
    assert drop_keys(file) == 0
    with pytest.raises(DomainError) as caught:
        add_key(tmp_path / "none")
    assert caught.value.code == "key_unreadable"
    with pytest.raises(DomainError), alone_with(tmp_path / "no" / "key"):
        pass


async def test_nothing_to_do_is_done_at_once(running: Store, settings: Settings) -> None:
    assert await re_encrypt(running, Vault.open(settings.key_file)) == 0
