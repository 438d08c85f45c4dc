"""Who is erased is told a number, and the receipt behind it tells nothing of them; on either database."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue.effects import Erase, Phrase, Say
from bot.dialogue.state import State
from bot.dialogue.turn import Turn
from bot.erasing import new_number, number_told, with_receipt
from bot.ports import Changes, PlannedWork, TurnDb
from domain.message import Message
from storage import Store
from storage.receipts import Receipt
from storage.schema import metadata
from tests.unit.storage.talking import AT, CHANNEL, saving, stored

pytestmark = pytest.mark.anyio

NUMBER = "7KQ4-M2XD"
DAY = datetime(AT.year, AT.month, AT.day, tzinfo=UTC)
ERASED = Receipt(1, "erasure", "chat", 0, DAY, {}, NUMBER)


async def receipts(store: Store, number: str = "") -> list[Receipt]:
    return list(await store.receipts(99, number))


def where_it_stands(store: Store, word: str) -> set[str]:
    return {name for name in metadata.tables if word in str(stored(store, "*", name))}


async def live(store: Store, channel: str = CHANNEL) -> None:
    await store.turn(saving(Changes("hallo"), update="first", channel=channel))


def goodbye(**more: object) -> Changes:
    said = Message(f"Alles is gewist. Uw bewijs: {NUMBER}.")
    return Changes("", messages=[said], receipt=NUMBER, **more)  # type: ignore[arg-type]  # any field of Changes


@pytest.mark.parametrize("channel", ["telegram", "web", "rest"])
async def test_erasure_leaves_one_receipt_and_nothing_else_with_its_number(
    store: Store, channel: str
) -> None:
    await live(store, channel)
    later = channel == "telegram"
    await store.turn(saving(goodbye(erase=True, deliver_later=later), update="last", channel=channel))
    if later:
        [head] = await store.claim(channel, now=AT, limit=9, lease=timedelta(seconds=30))
        assert NUMBER in head.message.text
        await store.mark_sent(head.id, at=AT)

    assert await receipts(store) == await receipts(store, NUMBER) == [ERASED]
    assert where_it_stands(store, NUMBER) == {"receipts"}
    assert await receipts(store, "AAAA-AAAA") == []


async def test_receipt_stands_only_with_its_erasure(store: Store) -> None:
    await live(store)

    def fails(db: TurnDb) -> None:
        saving(goodbye(erase=True), update="last")(db)
        raise RuntimeError("the server was killed")

    with pytest.raises(RuntimeError):
        await store.turn(fails)
    assert await receipts(store) == []


async def test_nobody_known_gives_no_receipt(store: Store) -> None:
    await store.turn(saving(goodbye(erase=True), update="last"))

    assert await receipts(store) == []


async def test_code_gives_a_receipt_once_and_its_reply_is_not_kept(store: Store) -> None:
    found = await store.turn(saving(Changes("hallo"), update="first"))
    assert found is not None
    await store.with_meemakers(lambda table: table.keep_code(found.reference, "CODE"))
    for erased in (True, False):
        assert erased is await store.with_meemakers(lambda table: table.erase("CODE", AT, receipt=NUMBER))
    await store.turn(saving(goodbye(), ref="meemaker", update="code", channel="web"))

    assert [(each.rule, each.number, each.at) for each in await receipts(store)] == [("code", NUMBER, DAY)]
    assert where_it_stands(store, NUMBER) == {"receipts"}


async def test_who_fell_silent_without_a_consent_is_in_the_receipt_of_that_day(store: Store) -> None:
    for name in ("a", "b"):
        plan = [PlannedWork(f"forget:{name}", "forget", AT + timedelta(hours=24))]
        await store.turn(saving(Changes("hallo", plan=plan), ref=name, update=name))
    await store.purge(now=AT + timedelta(hours=24))

    [receipt] = await receipts(store)
    assert (receipt.kind, receipt.rule, receipt.counts) == ("retention", "no consent", {"conversations": 2})
    assert (receipt.days, receipt.number) == (1, "")


def test_goodbye_tells_a_number_that_can_be_written_down() -> None:
    turn = Turn(State(), (Say((Phrase("erase.done"),)), Erase()))
    number = new_number("chance")

    assert (len(number), number[4], number == new_number("other chance")) == (9, "-", False)
    assert number_told(turn) == ""
    assert number_told(with_receipt(turn, number)) == number
