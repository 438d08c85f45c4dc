"""Messages wait in order per chat and due work is claimed once, on both databases and by several processes."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.ports import Changes, OutboxMessage, PlannedWork
from domain.message import Button, Message
from storage import Store
from tests.unit.storage.talking import AT, BEGIN, CHANNEL, loading, saving, stored, words

pytestmark = pytest.mark.anyio
LEASE = timedelta(seconds=30)
LATER = AT + timedelta(minutes=5)


async def say(store: Store, ref: str, *texts: str) -> str:
    found = await store.turn(saving(Changes("", messages=words(*texts), deliver_later=True), ref=ref))
    assert found is not None
    return found.reference


async def claim(store: Store, *, now: object = AT, limit: int = 100) -> list[OutboxMessage]:
    return list(await store.claim(CHANNEL, now=now, limit=limit, lease=LEASE))  # type: ignore[arg-type]  # a moment, named object for short


def texts(claimed: list[OutboxMessage]) -> list[str]:
    return [each.message.text for each in claimed]


async def test_claim_gives_the_message_with_its_address(store: Store) -> None:
    message = Message("Hoe gaat het?", (Button("Goed", "/a 1"), Button("Slecht", "/a 2")))
    found = await store.turn(saving(Changes("", messages=[message], deliver_later=True), ref="42"))
    assert found is not None

    [claimed] = await claim(store)
    assert claimed == OutboxMessage(claimed.id, found.reference, "42", message, attempts=0)


async def test_claim_gives_only_the_oldest_of_each_chat(store: Store) -> None:
    await say(store, "one", "1a", "1b")
    await say(store, "two", "2a")
    await say(store, "one", "1c")

    first = await claim(store)
    assert texts(first) == ["1a", "2a"]
    assert texts(await claim(store)) == []
    for each in first:
        await store.mark_sent(each.id, at=AT)
    [second] = await claim(store)
    assert second.message.text == "1b"
    await store.mark_failed(second.id, code="400")
    assert texts(await claim(store)) == ["1c"]


async def test_claim_keeps_to_its_limit_and_its_channel(store: Store) -> None:
    for number in range(5):
        await say(store, f"chat-{number}", f"{number}")

    assert texts(await claim(store, limit=2)) == ["0", "1"]
    assert await store.claim("web", now=AT, limit=9, lease=LEASE) == ()


async def test_lease_that_ended_gives_the_message_back(store: Store) -> None:
    await say(store, "one", "hoi")
    await claim(store)

    assert texts(await claim(store, now=AT + LEASE - timedelta(seconds=1))) == []
    assert texts(await claim(store, now=AT + LEASE)) == ["hoi"]


@pytest.mark.parametrize("unknown", [False, True])
async def test_message_to_try_again_waits_and_holds_up_its_chat(store: Store, unknown: bool) -> None:
    await say(store, "one", "first", "second")
    [head] = await claim(store)
    await store.mark_again(head.id, not_before=LATER, unknown=unknown)

    assert texts(await claim(store)) == []
    [again] = await claim(store, now=LATER)
    assert (again.message.text, again.attempts) == ("first", 1)


async def test_words_are_gone_once_sent_or_failed(store: Store) -> None:
    await say(store, "one", "sent", "failed")
    [head] = await claim(store)
    await store.mark_sent(head.id, at=AT)
    [head] = await claim(store)
    await store.mark_failed(head.id, code="403")

    assert stored(store, "status, payload, code", "outbox ORDER BY id") == [
        ("sent", "", ""),
        ("failed", "", "403"),
    ]


async def test_two_processes_never_claim_the_same_message(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]
    for number in range(40):
        await say(stores[0], f"chat-{number}", f"{number}")

    claims = await asyncio.gather(*(claim(stores[number % 2], limit=7) for number in range(12)))

    found = [text for claimed in claims for text in texts(claimed)]
    assert len(found) == len(set(found))
    found += texts(await claim(stores[0]))
    assert sorted(found) == sorted(str(number) for number in range(40))


async def test_blocked_person_is_left_alone_until_they_write_again(store: Store) -> None:
    reference = await say(store, "one", "hoi")
    await store.turn(saving(Changes("", plan=[PlannedWork("k", "reminder", AT)]), ref="one"))
    await store.mark_blocked(reference, at=AT)

    assert texts(await claim(store)) == []
    assert await store.claim_work(now=AT, limit=9, lease=LEASE) == ()
    assert len(stored(store, "*", "conversations WHERE blocked_at IS NOT NULL")) == 1
    await say(store, "one", "welkom terug")
    assert texts(await claim(store)) == ["welkom terug"]
    assert stored(store, "*", "conversations WHERE blocked_at IS NOT NULL") == []


async def test_claimed_work_is_nobody_elses_until_its_lease_ends(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]
    for number in range(10):
        plan = [PlannedWork(f"k{number}", "reminder", AT)]
        await stores[0].turn(saving(Changes("", plan=plan), ref=f"chat-{number}"))

    claims = await asyncio.gather(
        *(stores[number % 2].claim_work(now=AT, limit=3, lease=LEASE) for number in range(6))
    )

    keys = [due.key for claimed in claims for due in claimed]
    assert len(keys) == len(set(keys))
    again = await stores[0].claim_work(now=AT + LEASE, limit=99, lease=LEASE)
    assert {due.key for due in again} == {f"k{number}" for number in range(10)}


async def test_finished_work_is_gone_but_not_a_newer_plan(store: Store) -> None:
    await store.turn(saving(Changes("", plan=[PlannedWork("k", "reminder", AT)])))
    await store.claim_work(now=AT, limit=1, lease=LEASE)
    await store.turn(saving(Changes("", plan=[PlannedWork("k", "reminder", LATER)])))
    await store.finish_work("k")

    [due] = await store.claim_work(now=LATER, limit=1, lease=LEASE)
    assert due.due_at == LATER
    await store.finish_work("k")
    assert stored(store, "*", "work") == []


async def test_purge_takes_what_is_older_than_two_days(store: Store) -> None:
    await store.turn(saving(Changes("", messages=words("old"), deliver_later=True), update="u1"))
    [head] = await claim(store)
    await store.mark_sent(head.id, at=AT)
    soon = AT + timedelta(hours=47)
    await store.turn(saving(Changes("", messages=words("new"), deliver_later=True), update="u2", at=soon))

    kept = await store.purge(now=soon)
    assert (kept.updates, kept.messages) == (0, 0)
    gone = await store.purge(now=AT + timedelta(hours=49))
    assert (gone.updates, gone.messages) == (1, 1)
    assert await store.turn(lambda db: db.earlier_reply(CHANNEL, "u1")) is None
    assert await store.turn(lambda db: db.earlier_reply(CHANNEL, "u2")) == ()


async def test_purge_erases_who_never_came_to_a_consent(store: Store) -> None:
    day = timedelta(hours=24)
    silent, agreed, talking = "silent", "agreed", "talking"
    for ref in (silent, agreed, talking):
        await store.turn(
            saving(Changes("", plan=[PlannedWork(f"forget:{ref}", "forget", AT + day)]), ref=ref)
        )
    await store.turn(saving(Changes("", begin=BEGIN), ref=agreed))
    await store.turn(saving(Changes(""), ref=talking, at=AT + day / 2))

    assert await store.claim_work(now=AT + day, limit=9, lease=LEASE) == ()
    assert (await store.purge(now=AT + day)).people == 1
    assert [(await store.turn(loading(ref))).is_new for ref in (silent, agreed, talking)] == [
        True,
        False,
        False,
    ]
    assert (await store.purge(now=AT + day * 2)).people == 1
    assert (await store.turn(loading(talking))).is_new


async def test_leases_of_a_former_process_are_given_back(store: Store) -> None:
    await say(store, "chat-1", "hallo")
    assert texts(await claim(store)) == ["hallo"]
    assert texts(await claim(store)) == []

    await store.free_leases(CHANNEL)

    assert texts(await claim(store)) == ["hallo"]
