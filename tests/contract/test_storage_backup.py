"""A backup holds every row as it stands, comes back on either database, and a damaged one changes nothing."""

import asyncio
import gzip
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from alembic import command

from bot.ports import Changes
from domain.audit import AuditAction, by_operator
from domain.errors import DomainError
from storage import Store, Vault
from storage.backup import Manifest, back_up, drop_older, name_for, read_backup, restore, verify
from storage.migrate import config
from storage.schema import HEAD
from storage.vault import new_key
from storage.whole import TableShape, Whole, whole_database
from tests.contract.conftest import AT, KEY, Database, close_now
from tests.contract.test_storage_opening import engine_for
from tests.postgres import fresh_database
from tests.unit.storage.talking import BEGIN, CHANNEL, answer, consent, loading, saving, stored, words

HOSTILE = (
    "'; DROP TABLE answers; --", "=1+1", "a\tb\r\nc\x0b\x0c\u2028d", "عربي \u202e עברית", "👩‍👩‍👧‍👦 é e\u0301",
    "\\N \\u0000 %s {0} \"quoted\" ['list']", "\ufeff\uffff\U0010ffff", "x" * 100_000, "", " ", "NULL", "[1]",
)  # fmt: skip # read as one list
VAULT = Vault.open(key=KEY)
WHO = by_operator("annabel")


def quiet(done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(params=["to sqlite", "to postgres"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Another database, without even a schema."""
    if request.param == "to sqlite":
        yield Database(f"sqlite:///{tmp_path / 'other' / 'wijkverhaal.db'}", tmp_path)
        return
    with fresh_database(request.getfixturevalue("server")) as url:
        yield Database(url, tmp_path)


def live(store: Store) -> None:
    """Somebody in the middle of an intake with words of every kind, and somebody who waits for a message."""

    async def talk() -> None:
        texts = [answer(f"q{number}", text) for number, text in enumerate(HOSTILE)]
        changes = Changes(
            '{"at": "q5"}', begin=BEGIN, answers=texts, consents=[consent()], messages=words("said")
        )
        await store.turn(saving(changes, update="u1"))
        for number in range(3):
            later = Changes("", messages=words(f"later {number}"), deliver_later=True)
            await store.turn(saving(later, ref="chat-2", update=f"v{number}"))
        first, *_ = await store.claim(CHANNEL, now=AT, limit=1, lease=timedelta(seconds=30))
        await store.mark_sent(first.id, at=AT)
        await store.with_meemakers(lambda db: db.invite("fatima", HOSTILE[3], "code", until=AT))

    asyncio.run(talk())
    close_now(store)


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table; what was noted of backups and restores does not count."""
    with whole_database(url, VAULT) as connection:
        whole = Whole(connection)
        rows = {shape.name: list(whole.rows(shape)) for shape in whole.shapes()}
    rows["meta"] = [row for row in rows["meta"] if row[0] != "audit_head"]
    return rows | {"audit": []}


def backed_up(database: Database, name: str = "one.jsonl.gz") -> Path:
    file = database.folder / "backups" / name
    back_up(database.url, VAULT, file, product="0.1.0", at=AT, who=WHO, tell=quiet)
    return file


def code_of(job: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        job()
    return caught.value.code


def restored(database: Database, file: Path, replace: bool = False, vault: Vault = VAULT) -> Manifest:
    return restore(database.url, vault, file, replace=replace, at=AT, who=WHO, tell=quiet)


def test_backup_comes_back_row_by_row_and_the_conversation_goes_on(
    database: Database, other: Database
) -> None:
    live(database.open())
    before = everything(database.url)
    file = backed_up(database)
    manifest = restored(other, file)

    assert everything(other.url) == before == everything(database.url)
    assert manifest.rows["answers"] == len(HOSTILE)
    store = other.open()
    assert asyncio.run(store.turn(loading())).state == '{"at": "q5"}'
    assert asyncio.run(store.turn(saving(Changes("twice"), update="u1"))) is None
    waits = asyncio.run(store.claim(CHANNEL, now=AT, limit=9, lease=timedelta(seconds=30)))
    assert [each.message.text for each in waits] == ["later 1"]
    texts = stored(store, "value", "answers ORDER BY id")
    assert [text for (text,) in texts] == list(HOSTILE)
    assert asyncio.run(store.with_meemakers(lambda db: db.all())) == [("fatima", HOSTILE[3], False)]
    close_now(store)


def test_what_comes_after_a_restore_gets_numbers_that_were_never_given(
    database: Database, other: Database
) -> None:
    store = database.open()
    asyncio.run(store.turn(saving(Changes("", messages=words("a", "b"), deliver_later=True))))
    (last,) = max(stored(store, "id", "outbox"))
    asyncio.run(store.turn(saving(Changes("", erase=True))))
    asyncio.run(store.turn(saving(Changes("", begin=BEGIN, answers=[answer("a")]), ref="else")))
    close_now(store)
    restored(other, backed_up(database))

    store = other.open()
    more = Changes("", answers=[answer("b")], messages=words("c"), deliver_later=True)
    asyncio.run(store.turn(saving(more, ref="else")))
    assert min(stored(store, "id", "outbox")) > (last,)
    assert len(set(stored(store, "id", "answers"))) == 2
    close_now(store)


def test_encrypted_fields_stay_encrypted_in_the_file(database: Database) -> None:
    store = database.open()
    asyncio.run(store.turn(saving(Changes("", begin=BEGIN), ref="chat-secret")))
    close_now(store)
    file = backed_up(database)

    assert b"response-1" in gzip.decompress(file.read_bytes())
    assert b"chat-secret" not in gzip.decompress(file.read_bytes())


def test_file_is_for_its_owner_alone_and_has_a_manifest(database: Database) -> None:
    live(database.open())
    before = os.umask(0)
    try:
        file = backed_up(database)
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    manifest = verify(file)
    assert (manifest.revision, manifest.made_at, manifest.product) == (HEAD, AT, "0.1.0")
    rows = {name: len(rows) for name, rows in everything(database.url).items()}
    assert manifest.rows == rows | {"audit": 1, "meta": 2}
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_backup_is_made_while_the_assistant_goes_on(database: Database) -> None:
    store = database.open()
    asyncio.run(store.turn(saving(Changes("before"))))
    told: list[int] = []

    with whole_database(database.url, VAULT) as connection:
        rows = Whole(connection)
        asyncio.run(store.turn(saving(Changes("meanwhile"), ref="somebody else")))
        told.append(rows.count("conversations"))
    assert asyncio.run(store.turn(loading("somebody else"))).state == "meanwhile"
    assert told == [1]
    close_now(store)


def damages() -> dict[str, Callable[[bytes], bytes]]:
    def lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
        return lambda packed: gzip.compress(b"".join(change(gzip.decompress(packed).splitlines(True))))

    def answers_first(rows: list[bytes]) -> int:
        return next(place for place, row in enumerate(rows) if b'"table":"answers"' in row) + 1

    def other_word(rows: list[bytes]) -> list[bytes]:
        place = answers_first(rows)
        return [*rows[:place], rows[place].replace(b"DROP", b"KEEP"), *rows[place + 1 :]]

    def one_less(rows: list[bytes]) -> list[bytes]:
        place = answers_first(rows)
        return [*rows[:place], *rows[place + 1 :]]

    def other_count(rows: list[bytes]) -> list[bytes]:
        end = orjson.loads(rows[-1])
        end["rows"]["answers"] += 1
        return [*rows[:-1], orjson.dumps(end) + b"\n"]

    return {
        "cut in the middle": lambda packed: packed[: len(packed) // 2],
        "last byte gone": lambda packed: packed[:-1],
        "a byte changed": lambda packed: packed[:200] + bytes([packed[200] ^ 255]) + packed[201:],
        "a word changed": lines(other_word),
        "a row less": lines(one_less),
        "another count": lines(other_count),
        "the end gone": lines(lambda rows: rows[:-1]),
        "more behind the end": lines(lambda rows: [*rows, b"[1]\n"]),
        "a line cut": lines(lambda rows: [*rows[:-2], rows[-2][:-9] + b"\n", rows[-1]]),
    }


def test_damaged_backup_is_refused_by_name_and_nothing_is_changed(database: Database) -> None:
    live(database.open())
    file = backed_up(database)
    before = everything(database.url)

    refused = {}
    for name, damage in damages().items():
        bad = file.with_name(f"{name}.jsonl.gz")
        bad.write_bytes(damage(file.read_bytes()))
        with pytest.raises(DomainError) as caught:
            restored(database, bad, replace=True)
        refused[bad] = (caught.value.code, caught.value.detail["path"])
    assert refused == {bad: ("backup_damaged", bad) for bad in refused}
    assert everything(database.url) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_backup_that_is_changed_while_it_is_read_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is whole when it is looked at, and another one or cut off when its rows are put in."""
    live(database.open())
    file = backed_up(database)
    whole, before = verify(file), everything(database.url)
    cut_off = damages()["the end gone"](file.read_bytes())
    monkeypatch.setattr("storage.backup.verify", lambda path: whole)

    file.unlink()
    backed_up(database)  # whole as well, and another one
    assert code_of(lambda: restored(database, file, replace=True)) == "backup_damaged"
    file.write_bytes(cut_off)
    assert code_of(lambda: restored(database, file, replace=True)) == "backup_damaged"
    assert everything(database.url) == before


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "not_a_backup"),
        (b"a letter, not a backup", "not_a_backup"),
        (gzip.compress(b"a letter\n", mtime=0), "not_a_backup"),
        (gzip.compress(b'{"wijkverhaal": "export"}\n', mtime=0), "not_a_backup"),
        (gzip.compress(b'{"wijkverhaal": "backup", "format": 99}\n', mtime=0), "backup_newer"),
    ],
)
def test_something_else_is_refused_by_name(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "x.jsonl.gz"
    file.write_bytes(content)

    assert code_of(lambda: verify(file)) == code
    assert code_of(lambda: verify(tmp_path / "nowhere")) == "no_such_file"


def test_database_that_is_not_empty_is_replaced_only_when_that_is_said(database: Database) -> None:
    live(database.open())
    before = everything(database.url)
    file = backed_up(database)
    store = database.open()
    asyncio.run(store.turn(saving(Changes("later"), ref="somebody new")))
    close_now(store)
    changed = everything(database.url)

    assert code_of(lambda: restored(database, file)) == "database_not_empty"
    assert everything(database.url) == changed
    restored(database, file, replace=True)
    assert everything(database.url) == before


def test_backup_of_another_key_is_refused_and_nothing_is_changed(database: Database, other: Database) -> None:
    live(database.open())
    file = backed_up(database)
    close_now(other.open())
    before = everything(other.url)

    wrong = Vault.open(key=new_key())
    assert code_of(lambda: restored(other, file, vault=wrong)) == "wrong_key"
    assert everything(other.url) == before


def test_nothing_is_restored_under_a_running_assistant(database: Database) -> None:
    live(database.open())
    file = backed_up(database)
    store = database.open()
    asyncio.run(store.ping())

    assert code_of(lambda: restored(database, file, replace=True)) == "database_in_use"
    close_now(store)
    restored(database, file, replace=True)


def test_backup_from_before_an_update_comes_back_in_the_schema_of_now(
    empty_database: Database, other: Database
) -> None:
    store = empty_database.open()
    asyncio.run(store.turn(saving(Changes("kept", begin=BEGIN, answers=[answer("a", "ja")]))))
    close_now(store)
    engine = engine_for(empty_database)
    with engine.begin() as connection:
        command.downgrade(config(connection), "0007")
    engine.dispose()
    file = backed_up(empty_database)

    assert restored(other, file).revision == "0007"
    store = other.open()
    assert asyncio.run(store.turn(loading())).state == "kept"
    assert stored(store, "value", "answers") == [("ja",)]
    assert stored(store, "version_num", "alembic_version") == [(HEAD,)]
    close_now(store)


def test_backup_of_a_newer_schema_is_refused(database: Database, other: Database) -> None:
    lines = gzip.decompress(backed_up(database).read_bytes()).splitlines(True)
    head = orjson.loads(lines[0]) | {"revision": "9999"}
    lines[0] = orjson.dumps(head) + b"\n"
    end = orjson.loads(lines[-1]) | {"sha256": hashlib.sha256(b"".join(lines[:-1])).hexdigest()}
    newer = database.folder / "newer.jsonl.gz"
    newer.write_bytes(gzip.compress(b"".join([*lines[:-1], orjson.dumps(end) + b"\n"])))

    assert code_of(lambda: restored(other, newer)) == "newer_schema"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_tables_of_another_program_are_left_alone(database: Database, server: str) -> None:
    file = backed_up(database)
    with fresh_database(server) as url:
        strange = Database(url, database.folder)
        engine = engine_for(strange)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE customers (id integer)"))
        engine.dispose()
        assert code_of(lambda: restored(strange, file, replace=True)) == "foreign_database"
        with engine.begin() as connection:
            assert sa.inspect(connection).get_table_names() == ["customers"]
        engine.dispose()


def test_backup_and_restore_are_in_the_audit_log(database: Database, other: Database) -> None:
    restored(other, backed_up(database))

    store = other.open()
    rows = asyncio.run(store.with_audit(lambda audit: audit.rows()))
    assert [(row.action, row.who) for row in rows] == [(AuditAction.BACKUP, WHO), (AuditAction.RESTORE, WHO)]
    assert asyncio.run(store.with_audit(lambda audit: audit.verify())) == []
    close_now(store)


def test_no_file_is_overwritten_and_none_is_left_by_half(database: Database) -> None:
    file = backed_up(database)
    before = file.read_bytes()

    assert code_of(lambda: backed_up(database)) == "file_exists"
    (database.folder / "plain").write_text("")
    in_the_way = database.folder / "plain" / "x.jsonl.gz"
    job = lambda: back_up(database.url, VAULT, in_the_way, product="", at=AT, who=WHO, tell=quiet)  # noqa: E731 # said once
    assert code_of(job) == "not_written"
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_only_the_oldest_backups_of_ours_go(tmp_path: Path) -> None:
    names = [name_for(AT + timedelta(days=day)) for day in range(4)]
    for name in [*names, "holiday.jpg", "wijkverhaal-notes.txt"]:
        (tmp_path / name).write_text("")

    assert [each.name for each in drop_older(tmp_path, 2)] == names[:2]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        [*names[2:], "holiday.jpg", "wijkverhaal-notes.txt"]
    )
    assert drop_older(tmp_path, 2) == []


def test_a_backup_is_read_with_common_tools(database: Database) -> None:
    """It is lines of JSON: whoever lost the program still has the rows."""
    live(database.open())
    parts = list(read_backup(backed_up(database)))

    assert isinstance(parts[0], TableShape)
    assert isinstance(parts[-1], Manifest)
    assert sum(isinstance(part, list) for part in parts) == parts[-1].total
