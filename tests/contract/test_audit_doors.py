"""Every door at which somebody looks, takes away, changes or erases leaves a row in the audit log; and the commands that
show the log and vouch for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

from app.audit_commands import list_rows, make_anchor, verify_log
from app.campaigns import erase_by_code
from app.export_commands import Asked, export_to
from app.nlu_review import review
from app.people import import_people
from app.settings import Settings, read_settings
from app.signals import list_signals
from app.staff import invite_member, remove_member
from app.tracing import trace_person
from bot.ports import Changes, PlannedWork, TurnDb
from domain.errors import DomainError
from domain.staff import Role
from storage import Store
from storage.base import Store as BaseStore
from storage.work import FORGET
from tests.contract.conftest import KEY, Database
from tests.contract.test_audit import run_sql
from tests.unit.storage.talking import AT, BEGIN, answer, consent, saving, stored

pytestmark = pytest.mark.anyio
TOLD = Console(quiet=True)
ME = "operator:annabel"


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    plain = read_settings(
        {
            "WIJKVERHAAL_DATA": str(tmp_path / "data"),
            "WIJKVERHAAL_RULES_ONLY": "yes",
            "WIJKVERHAAL_OPERATOR": "annabel",
        }
    )
    return replace(plain, database=database.url, key=KEY)


async def resident(store: Store, changes: Changes = Changes("", begin=BEGIN), ref: str = "chat-1") -> str:
    found = await store.turn(saving(changes, ref=ref))
    assert found is not None
    return found.reference


def silent(sentence: str) -> None:
    pass


def rows(store: Store) -> list[tuple[Any, ...]]:
    return stored(store, "who, action, thing, count, reason, person", "audit ORDER BY number")


def doors(store: Store) -> list[tuple[Any, ...]]:
    return [row[:5] for row in rows(store)]


async def test_resident_who_erases_leaves_a_row_without_them_and_the_chain_holds(
    store: Store, settings: Settings
) -> None:
    reference = await resident(store)
    await trace_person(settings, reference, False, silent)
    await store.turn(saving(Changes("", erase=True)))

    assert doors(store) == [(ME, "trace", "", 1, ""), ("resident", "erase", "", 1, "")]
    looked, erased = rows(store)
    assert looked[-1] == erased[-1]
    for table in ("audit", "conversations", "contacts"):
        assert reference not in str(stored(store, "*", table))
    assert await store.with_audit(lambda log: log.verify()) == []


async def test_somebody_nobody_knew_erases_nothing_and_leaves_no_row(store: Store) -> None:
    await store.turn(saving(Changes("", erase=True)))

    assert rows(store) == []


@pytest.mark.parametrize("who", [ME, "resident"])
async def test_code_that_erases_leaves_a_row_of_who_typed_it(
    store: Store, settings: Settings, who: str
) -> None:
    reference = await resident(store)
    await store.with_meemakers(lambda table: table.keep_code(reference, "K3MQ"))
    if who == ME:
        await erase_by_code(settings, "k3mq", silent)
    else:
        await store.turn(lambda db: db.meemakers.erase("K3MQ", AT, receipt="7KQ4-M2XD"))

    assert doors(store) == [(who, "erase", "code", 1, "")]


async def test_people_who_are_forgotten_at_night_are_counted(store: Store) -> None:
    for ref in ("chat-1", "chat-2"):
        plan = PlannedWork(f"forget:{ref}", FORGET, AT)
        await resident(store, Changes("", plan=[plan]), ref)
    await store.purge(now=AT + timedelta(days=2))
    await store.purge(now=AT + timedelta(days=3))

    assert doors(store) == [("system", "expire", "no consent", 2, "")]


async def test_looks_leave_a_row_each(store: Store, settings: Settings) -> None:
    reference = await resident(store)
    await trace_person(settings, reference, True, silent)
    await trace_person(settings, "somebody else", True, silent)
    await list_signals(settings, silent, is_open=None, as_json=True)
    await review(settings, silent, ask=None, as_list=True, as_json=True, choose=(), delete=())

    assert doors(store) == [
        (ME, "trace", "", 1, ""),
        (ME, "signals", "", 0, ""),
        (ME, "review", "", 0, ""),
    ]


async def test_what_cannot_be_accounted_for_is_not_shown(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await resident(store)

    async def refuse(*_: object) -> None:
        raise DomainError("storage_unavailable")

    monkeypatch.setattr(BaseStore, "note", refuse)
    written: list[str] = []
    for look in (
        trace_person(settings, reference, False, written.append),
        list_signals(settings, written.append, is_open=None, as_json=False),
        review(settings, written.append, ask=None, as_list=True, as_json=True, choose=(), delete=()),
        export_to(settings, asked(settings), written.append, TOLD),
    ):
        with pytest.raises(DomainError):
            await look
    assert written == []
    assert not (settings.data / "out").exists()


def asked(settings: Settings, **options: Any) -> Asked:
    plain = Asked(settings.data / "out", "csv", "", None, "", False, "nl", False, False, "")
    return replace(plain, **options)


async def test_export_leaves_its_format_doors_and_reason(store: Store, settings: Settings) -> None:
    given = [consent()]
    await resident(store, Changes("", begin=BEGIN, consents=given, answers=[answer("a"), answer("b")]))
    await export_to(settings, asked(settings), silent, TOLD)
    wide = asked(settings, out=settings.data / "more", personal=True, open_answers=True, reason="onderzoek")
    await export_to(settings, wide, silent, TOLD)

    assert doors(store) == [
        (ME, "export", "csv", 0, ""),
        (ME, "exported", "csv: 2 answers, 0 talks", 1, ""),
        (ME, "export", "csv, personal, open answers", 0, "onderzoek"),
        (ME, "exported", "csv, personal, open answers: 2 answers, 0 talks", 1, ""),
    ]


async def test_export_that_breaks_off_leaves_that_it_began(store: Store, settings: Settings) -> None:
    settings.data.mkdir(exist_ok=True)
    (settings.data / "out").write_text("in the way")
    with pytest.raises(DomainError):
        await export_to(settings, asked(settings), silent, TOLD)

    assert doors(store) == [(ME, "export", "csv", 0, "")]


async def test_staff_who_come_change_and_go_leave_rows_without_their_names(
    store: Store, settings: Settings
) -> None:
    await invite_member(settings, "Annabel", Role.DUTY, silent)
    await invite_member(settings, "Annabel", Role.COORDINATOR, silent)
    await remove_member(settings, "Annabel", silent)
    with pytest.raises(DomainError):
        await remove_member(settings, "Annabel", silent)

    assert doors(store) == [
        (ME, "staff-invite", "duty", 1, ""),
        (ME, "staff-role", "coordinator", 1, ""),
        (ME, "staff-remove", "coordinator", 1, ""),
    ]
    assert "Annabel" not in str(stored(store, "*", "audit"))


async def test_import_of_people_leaves_how_many_and_a_dry_run_nothing(
    store: Store, settings: Settings
) -> None:
    file = settings.data / "people.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text("naam,rol,talen,wijken\nEls,bewoner,nl,nazareth\nJo,professional,nl,nazareth\n")
    await import_people(settings, file, True, False, silent)
    assert rows(store) == []
    await import_people(settings, file, False, False, silent)

    [(who, action, _, count, _)] = doors(store)
    assert (who, action) == (ME, "people-import")
    assert count == len(stored(store, "id", "meemakers")) == 2


async def test_refused_change_leaves_no_row(store: Store) -> None:
    def fail(db: TurnDb) -> None:
        db.save(db.load("web", "x"), Changes(""), channel_ref="x", update_id=None, at=AT)
        raise DomainError("no_such_staff")

    with pytest.raises(DomainError):
        await store.turn(fail, note=lambda _: pytest.fail("nothing happened"))
    assert rows(store) == []


async def lines_of(work: Callable[[Callable[[str], None]], Any]) -> list[str]:
    written: list[str] = []
    await work(written.append)
    return "\n".join(written).splitlines()


async def test_list_shows_the_newest_with_the_time_in_the_netherlands(
    store: Store, settings: Settings
) -> None:
    assert await lines_of(lambda write: list_rows(settings, 5, False, write)) == [
        "Nothing was accounted for yet."
    ]
    await invite_member(settings, "Annabel", Role.DUTY, silent)
    await export_to(settings, asked(settings, personal=True, reason="onderzoek\nvan de GGD"), silent, TOLD)
    reference = await resident(store)
    await trace_person(settings, reference, True, silent)

    head, asked_for, first, second = await lines_of(lambda write: list_rows(settings, 3, False, write))
    assert head.split() == ["number", "time", "who", "what", "of", "person", "count", "why"]
    assert (asked_for.split()[0], first.split()[0]) == ("2", "3")
    assert asked_for.endswith("onderzoek van de GGD")
    assert second.split()[-3:] == [rows(store)[3][-1][:8], "1", "-"]
    [text] = ["\n".join(await lines_of(lambda write: list_rows(settings, 9, True, write)))]
    found = json.loads(text)["rows"]
    assert [each["action"] for each in found] == ["staff-invite", "export", "exported", "trace"]
    assert found[0]["person"] is None


async def test_verify_vouches_for_a_log_and_tells_what_is_wrong_with_another(
    store: Store, settings: Settings, database: Database
) -> None:
    await invite_member(settings, "Annabel", Role.DUTY, silent)
    told = await lines_of(lambda write: verify_log(settings, None, write))
    assert told[0] == "The audit log is whole: 1 row, every one as it was written."
    run_sql(database, "UPDATE audit SET count = 7")

    written: list[str] = []
    with pytest.raises(typer.Exit) as ended:
        await verify_log(settings, None, written.append)
    assert ended.value.exit_code == 1
    assert written == [
        "Row 1 was changed, moved or put in: its MAC does not fit.",
        "The audit log is not as it was written.",
    ]


async def test_anchor_in_a_file_finds_a_log_that_was_put_back(
    store: Store, settings: Settings, database: Database, tmp_path: Path
) -> None:
    await invite_member(settings, "Annabel", Role.DUTY, silent)
    file = tmp_path / "anchor.json"
    await make_anchor(settings, file, silent)
    assert (
        json.loads("".join(await lines_of(lambda write: make_anchor(settings, None, write))))["number"] == 1
    )
    assert await lines_of(lambda write: verify_log(settings, file, write)) == [
        "The audit log is whole: 1 row, every one as it was written."
    ]
    run_sql(database, "DELETE FROM audit", "DELETE FROM meta WHERE key = 'audit_head'")

    written: list[str] = []
    with pytest.raises(typer.Exit):
        await verify_log(settings, file, written.append)
    assert written[0] == "Rows were cut off: there were 1 when the anchor was made, now 0."


async def test_anchor_is_never_written_over_and_a_wrong_one_is_refused(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "anchor.json"
    file.write_text("[]")

    codes = []
    for work in (
        make_anchor(settings, file, silent),
        make_anchor(settings, tmp_path / "no" / "x", silent),
        verify_log(settings, file, silent),
        verify_log(settings, tmp_path / "none", silent),
    ):
        with pytest.raises(DomainError) as caught:
            await work
        codes.append(caught.value.code)
    assert codes == ["file_exists", "not_written", "bad_anchor", "no_such_file"]
    assert file.read_text() == "[]"
