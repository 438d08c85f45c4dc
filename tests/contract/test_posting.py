"""Who is told of something gets it once, in the chat they have, on both databases."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from bot.ports import Changes, Conversation, Held, TurnDb
from domain.message import Button, Document, Message
from domain.session import MeemakerKind, Person
from storage import Store
from storage.people_import import with_people
from tests.unit.storage.talking import AT, CHANNEL, saving, stored, words

pytestmark = pytest.mark.anyio

LEASE, DAY = timedelta(seconds=30), timedelta(days=1)
INVITATION = Message(
    "Kunt u dinsdag? 🌱",
    (Button("Ja", "/duo ja s1"),),
    Document("gesprek.ics", "text/calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
)


async def person(store: Store, name: str = "Fatima", channel: str = CHANNEL) -> str:
    found = await store.turn(saving(Changes(""), ref=name, channel=channel))
    assert found is not None
    return found.reference


async def post(
    store: Store, reference: str, text: str | Message = "hoi", key: str = "", at: datetime = AT
) -> bool:
    message = text if isinstance(text, Message) else Message(text)
    return await store.turn(lambda db: db.post(reference, message, at=at, key=key))


async def waiting(store: Store, now: datetime = AT) -> list[tuple[int, str, Message]]:
    found = await store.claim(CHANNEL, now=now, limit=9, lease=LEASE)
    return [(each.id, each.channel_ref, each.message) for each in found]


async def test_message_waits_for_its_person_with_all_that_belongs_to_it(store: Store) -> None:
    assert await post(store, await person(store), INVITATION)

    [(_, channel_ref, message)] = await waiting(store)
    assert (channel_ref, message) == ("Fatima", INVITATION)


async def test_what_is_said_and_what_is_told_come_in_order(store: Store) -> None:
    reference = await person(store)
    await store.turn(saving(Changes("", messages=words("first"), deliver_later=True), ref="Fatima"))
    await post(store, reference, "second")

    for expected in ("first", "second"):
        [(id, _, message)] = await waiting(store)
        assert message.text == expected
        await store.mark_sent(id, at=AT)


async def test_answer_with_a_file_comes_again_with_it(store: Store) -> None:
    await store.turn(saving(Changes("", messages=[INVITATION]), update="u1", channel="web"))

    assert await store.turn(lambda db: db.earlier_reply("web", "u1")) == (INVITATION,)


async def test_same_key_is_told_once_and_no_key_each_time(store: Store) -> None:
    reference = await person(store)
    told = [await post(store, reference, text, key) for text, key in [("a", "s1"), ("b", "s1"), ("c", "s2")]]
    told += [await post(store, reference, "d"), await post(store, reference, "d")]

    assert told == [True] * 5
    assert len(stored(store, "*", "outbox")) == 4


async def test_same_key_from_two_processes_is_told_once(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]
    reference = await person(stores[0])

    told = await asyncio.gather(
        *(post(stores[number % 2], reference, "hoi", f"s{number // 4}") for number in range(40))
    )

    assert told == [True] * 40
    assert len(stored(stores[0], "*", "outbox")) == 10


async def test_key_counts_until_two_days_after_the_message_was_sent(store: Store) -> None:
    reference = await person(store)
    await post(store, reference, "hoi", "s1")
    sent = AT + 3 * DAY  # the service was out of reach
    [(id, _, _)] = await waiting(store, sent)
    await store.mark_sent(id, at=sent)

    almost = sent + 2 * DAY - LEASE
    await store.purge(now=almost)
    assert await post(store, reference, "hoi", "s1", almost)
    assert await waiting(store, almost) == []

    await store.purge(now=sent + 2 * DAY + LEASE)
    assert await post(store, reference, "hoi", "s1", sent + 3 * DAY)
    assert len(await waiting(store, sent + 3 * DAY)) == 1


async def test_key_that_failed_turn_used_is_free_again(store: Store) -> None:
    reference = await person(store)

    def fail(db: TurnDb) -> None:
        db.post(reference, Message("hoi"), at=AT, key="s1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.turn(fail)
    await post(store, reference, "again", "s1")
    assert [message.text for _, _, message in await waiting(store)] == ["again"]


async def test_nobody_is_written_to_who_cannot_be(store: Store) -> None:
    """On a web page, who blocked us, who is gone, and who has no chat of their own."""
    on_page = await person(store, "page", "web")
    blocked = await person(store, "blocked")
    await store.mark_blocked(blocked, at=AT + LEASE)
    gone = await person(store, "gone")
    await store.turn(saving(Changes("", erase=True), ref="gone"))

    def begin(db: TurnDb) -> str:
        assisted = Conversation("no chat", CHANNEL, is_new=True, assisted_by="fatima", via=on_page)
        db.save(assisted, Changes(""), channel_ref="Fatima", update_id=None, at=AT)
        return assisted.reference

    assisted = await store.turn(begin)
    for each in (on_page, blocked, gone, assisted, "nobody"):
        assert not await post(store, each, "hoi", f"s1:{each}")
    assert stored(store, "*", "outbox") == []


async def test_who_comes_back_after_a_block_is_told_again(store: Store) -> None:
    reference = await person(store)
    await post(store, reference, "missed", "s1")
    await store.mark_blocked(reference, at=AT + LEASE)
    await store.turn(saving(Changes(""), ref="Fatima", at=AT + DAY))

    assert await post(store, reference, "told", "s1", AT + DAY)
    assert [message.text for _, _, message in await waiting(store, AT + DAY)] == ["told"]


async def test_who_ends_the_questions_still_hears_of_their_talk(store: Store) -> None:
    reference = await person(store)
    await post(store, reference, "confirmed", "s1")
    await store.turn(saving(Changes("", held=Held.DROP_ALL), ref="Fatima"))

    assert [message.text for _, _, message in await waiting(store)] == ["confirmed"]


async def test_erasing_takes_messages_and_keys_along(store: Store) -> None:
    reference, other = await person(store), await person(store, "Jan")
    for each in (reference, other):
        await post(store, each, "hoi", f"s1:{reference}:{each}")
    assert reference not in str(
        stored(store, "key_hash", "outbox")
    )  # it would stay in the row of somebody else

    await store.turn(saving(Changes("", erase=True), ref="Fatima"))

    assert stored(store, "reference", "outbox") == [(other,)]


async def test_what_was_not_sent_can_be_taken_back(store: Store) -> None:
    reference = await person(store)
    for key in ("s1", "s2"):
        await post(store, reference, key, key)
    [(first, _, _)] = await waiting(store)  # a sender has it: it may die and another would send it
    assert await store.still_waits(first)

    for key, there in (("s1", True), ("s1", False), ("unknown", False), ("s2", True)):
        assert await store.with_sessions(lambda db, key=key: db.take_back(key)) is there  # type: ignore[misc]  # mypy does not infer it
    assert not await store.still_waits(first)
    await store.mark_sent(first, at=AT)

    assert stored(store, "*", "outbox") == []
    await post(store, reference, "anew", "s1")
    assert [message.text for _, _, message in await waiting(store)] == ["anew"]


async def test_what_was_sent_is_not_taken_back(store: Store) -> None:
    await post(store, await person(store), "hoi", "s1")
    [(id, _, _)] = await waiting(store)
    await store.mark_sent(id, at=AT)

    assert not await store.with_sessions(lambda db: db.take_back("s1"))


async def test_language_is_that_of_the_last_turn(store: Store) -> None:
    reference = await person(store)
    await store.turn(saving(Changes("", language="en"), ref="Fatima"))

    assert await store.turn(lambda db: (db.language(reference), db.language("nobody"))) == ("en", "")


async def test_reminders_of_one_person_are_counted_within_their_time(store: Store) -> None:
    reference, other = await person(store), await person(store, "Jan")

    async def may(who: str, at: datetime) -> bool:
        return await store.turn(lambda db: db.may_remind(who, at=at, since=at - 7 * DAY, most=2))

    assert [await may(reference, AT + day * DAY) for day in (0, 1, 2, 6)] == [True, True, False, False]
    assert await may(other, AT + 2 * DAY)
    assert [await may(reference, AT + day * DAY) for day in (7, 7, 8)] == [True, False, True]
    assert not await may("nobody", AT)


async def test_last_reminder_of_a_week_is_given_out_once(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]
    reference = await person(stores[0])

    def remind(db: TurnDb) -> bool:
        return db.may_remind(reference, at=AT, since=AT - DAY, most=3)

    told = await asyncio.gather(*(stores[number % 2].turn(remind) for number in range(20)))

    assert told.count(True) == 3


async def test_count_of_reminders_goes_with_its_person(store: Store) -> None:
    reference = await person(store)
    await store.turn(lambda db: db.may_remind(reference, at=AT, since=AT - DAY, most=3))
    await store.turn(saving(Changes("", erase=True), ref="Fatima"))

    assert stored(store, "*", "events") == []


async def test_message_that_tells_where_somebody_lives_goes_with_them(store: Store) -> None:
    duo, resident = await person(store), await person(store, "Tineke")
    for text, about in (("Kanjel 1", resident), ("other", "")):
        await store.turn(lambda db, text=text, about=about: db.post(duo, Message(text), at=AT, about=about))  # type: ignore[misc]  # mypy does not infer it

    await store.turn(saving(Changes("", erase=True), ref="Tineke"))

    assert [message.text for _, _, message in await waiting(store)] == ["other"]
    assert resident not in str(stored(store, "*", "outbox"))


async def test_mail_that_tells_where_somebody_lives_goes_with_them(store: Store) -> None:
    resident = await person(store, "Tineke")
    meemaker = Person("fatima", "Fatima", MeemakerKind.RESIDENT, email="fatima@example.org")
    await with_people(store, lambda people: people.put_people([meemaker], AT))
    for key, about in (("s1", resident), ("s2", "")):
        await store.turn(
            lambda db, key=key, about=about: db.mail("fatima", Message(key), at=AT, key=key, about=about)  # type: ignore[misc]  # mypy does not infer it
        )

    await store.turn(saving(Changes("", erase=True), ref="Tineke"))

    found = await store.claim("mail", now=AT, limit=9, lease=LEASE)
    assert [each.message.text for each in found] == ["s2"]
    assert resident not in str(stored(store, "*", "outbox"))
