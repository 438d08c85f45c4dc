"""What a turn saves, on both databases: every change, once, in order, with nobody else harmed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import Changes, Conversation, NewResponse, PlannedWork, TurnDb
from domain.answer import Answer, AnswerStatus
from domain.consent import Purpose
from domain.message import Button, Message
from domain.safety import SignalKind
from storage import Store
from storage.turns import StoredTurn
from tests.unit.storage.talking import (
    AT,
    BEGIN,
    CHANNEL,
    CHAT,
    answer,
    consent,
    loading,
    saving,
    stored,
    words,
)

pytestmark = pytest.mark.anyio


async def test_load_of_somebody_unknown_writes_nothing(store: Store) -> None:
    found = await store.turn(loading())

    assert found == Conversation(found.reference, CHANNEL, is_new=True)
    assert stored(store, "*", "conversations") == []


async def test_save_of_a_new_person_is_loaded_back(store: Store) -> None:
    first = await store.turn(saving(Changes('{"at": "begin"}', language="en"), simulated=True))

    assert first is not None
    assert await store.turn(loading()) == Conversation(
        first.reference, CHANNEL, '{"at": "begin"}', revision=1, simulated=True
    )
    assert stored(store, "language", "conversations") == [("en",)]


async def test_save_counts_revisions(store: Store) -> None:
    for number in range(3):
        await store.turn(saving(Changes(str(number))))

    found = await store.turn(loading())
    assert (found.state, found.revision) == ("2", 3)


async def test_contact_is_stored_encrypted(store: Store) -> None:
    await store.turn(saving(Changes(""), ref="06-12345678"))

    [(digest, token)] = stored(store, "channel_ref_hash, channel_ref", "contacts")
    assert "12345678" not in digest + token


async def test_channels_keep_their_people_apart(store: Store) -> None:
    await store.turn(saving(Changes("telegram")))
    await store.turn(saving(Changes("web"), channel="web"))

    assert (await store.turn(loading())).state == "telegram"
    assert (await store.turn(loading(channel="web"))).state == "web"


async def test_answers_go_to_the_response_that_begins_in_the_same_turn(store: Store) -> None:
    changes = Changes("", begin=BEGIN, answers=[answer("age", "42")], consents=[consent()])
    await store.turn(saving(changes))

    assert (await store.turn(loading())).response == BEGIN.id
    assert stored(store, "response, path, status, value, purpose", "answers") == [
        (BEGIN.id, "age", "answered", "42", "answers")
    ]
    assert stored(store, "response, purpose, text_version", "consents") == [(BEGIN.id, "answers", "2026-01")]
    assert stored(store, "id, questionnaire, version, language, channel", "responses") == [
        (BEGIN.id, "veerkracht", "1", "nl", CHANNEL)
    ]


async def test_consents_before_the_beginning_join_the_response(store: Store) -> None:
    await store.turn(saving(Changes("", consents=[consent(Purpose.CONTACT)])))
    await store.turn(saving(Changes("", begin=BEGIN, consents=[consent()])))

    assert stored(store, "response, purpose", "consents ORDER BY id") == [
        (BEGIN.id, "contact"),
        (BEGIN.id, "answers"),
    ]


async def test_only_a_consent_that_was_given_leaves_something_to_write_the_file_anew_for(
    store: Store,
) -> None:
    def has_erased(changes: Changes) -> Callable[[TurnDb], bool]:
        def work(db: TurnDb) -> bool:
            saving(changes)(db)
            assert isinstance(db, StoredTurn)
            return db.erased

        return work

    await store.turn(saving(Changes("", begin=BEGIN, consents=[consent()])))
    refused = Changes("", consents=[consent(Purpose.LEARN, given=False)])
    assert not await store.turn(has_erased(refused))
    await store.turn(saving(Changes("", consents=[consent(Purpose.LEARN)])))
    assert await store.turn(has_erased(refused))


async def test_answers_are_kept_as_history(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, answers=[answer("age", "42")])))
    await store.turn(saving(Changes("", answers=[answer("age", Answer(AnswerStatus.REFUSED))])))

    assert stored(store, "status, value", "answers ORDER BY id") == [("answered", "42"), ("refused", "")]


async def test_answers_without_a_response_are_a_bug_and_write_nothing(store: Store) -> None:
    with pytest.raises(ValueError, match="without a response"):
        await store.turn(saving(Changes("", answers=[answer("age")])))

    assert stored(store, "*", "conversations") == []


@pytest.mark.parametrize("text", ["'; DROP TABLE answers; --", "tab\tnl\n", "🌱 café", "%(x)s ? :x $1", ""])
async def test_answer_is_kept_exactly_as_written(store: Store, text: str) -> None:
    await store.turn(saving(Changes(text, begin=BEGIN, answers=[answer("a", text)])))

    assert stored(store, "value", "answers") == [(text,)]
    assert (await store.turn(loading())).state == text


async def test_text_that_no_database_can_hold_is_mended(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, answers=[answer("a", "x\0y\ud800z")])))

    assert stored(store, "value", "answers") == [("xy?z",)]


async def test_wish_is_stored_once_per_response(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, wish={"when": "avond"})))
    await store.turn(saving(Changes("", wish={"when": "ochtend"})))

    assert stored(store, "response, preferences", "wishes") == [(BEGIN.id, '{"when":"ochtend"}')]


async def test_close_keeps_the_outcome(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, close="finished")))

    assert stored(store, "outcome", "responses WHERE closed_at IS NOT NULL") == [("finished",)]


async def test_signals_and_hand_overs_are_kept(store: Store) -> None:
    found = await store.turn(saving(Changes("", signals=[SignalKind.SUICIDE], hand_over=True)))

    assert found is not None
    assert stored(store, "reference, kind", "signals") == [(found.reference, "suicide")]
    assert stored(store, "reference", "hand_overs") == [(found.reference,)]


async def test_plan_with_the_same_key_replaces_the_first(store: Store) -> None:
    await store.turn(saving(Changes("", plan=[PlannedWork("k", "reminder", AT)])))
    await store.turn(saving(Changes("", plan=[PlannedWork("k", "reminder", AT + timedelta(days=1))])))

    assert await store.claim_work(now=AT, limit=9, lease=timedelta(minutes=1)) == ()
    [due] = await store.claim_work(now=AT + timedelta(days=1), limit=9, lease=timedelta(minutes=1))
    assert (due.key, due.kind, due.revision) == ("k", "reminder", 2)


async def test_cancel_work_drops_the_old_plans_and_keeps_the_new_one(store: Store) -> None:
    await store.turn(saving(Changes("", plan=[PlannedWork("old", "reminder", AT)])))
    await store.turn(saving(Changes("", cancel_work=True, plan=[PlannedWork("new", "reminder", AT)])))

    assert stored(store, "key", "work") == [("new",)]


async def test_forget_drops_the_response_and_keeps_the_person(store: Store) -> None:
    full = Changes(
        "",
        begin=BEGIN,
        answers=[answer("a")],
        consents=[consent()],
        wish={"a": "b"},
        plan=[PlannedWork("k", "x", AT)],
    )
    await store.turn(saving(full))
    await store.turn(saving(Changes("new", forget=True, answers=[answer("a")], consents=[consent()])))

    for table in ("responses", "answers", "consents", "wishes", "work"):
        assert stored(store, "*", table) == [], table
    found = await store.turn(loading())
    assert (found.state, found.response, found.is_new) == ("new", "", False)


async def test_forget_keeps_an_earlier_finished_response(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, answers=[answer("a")], close="finished")))
    await store.turn(saving(Changes("", begin=replace(BEGIN, id="second"), answers=[answer("a")])))
    await store.turn(saving(Changes("", forget=True)))

    assert stored(store, "response", "answers") == [(BEGIN.id,)]


async def test_forget_and_begin_in_one_turn_starts_afresh(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, answers=[answer("a", "old")])))
    again = NewResponse("response-2", "veerkracht", "1", "nl")
    await store.turn(saving(Changes("", forget=True, begin=again, answers=[answer("a", "new")])))

    assert stored(store, "response, value", "answers") == [("response-2", "new")]


async def test_update_that_was_taken_before_has_its_reply(store: Store) -> None:
    reply = (Message("Hoe gaat het?", (Button("Goed", "/a 1"),)),)
    await store.turn(saving(Changes("", messages=reply), update="u1"))

    assert await store.turn(lambda db: db.earlier_reply(CHANNEL, "u1")) == reply
    assert await store.turn(lambda db: db.earlier_reply(CHANNEL, "u2")) is None
    assert await store.turn(lambda db: db.earlier_reply("web", "u1")) is None


async def test_update_whose_reply_is_delivered_later_is_known_without_one(store: Store) -> None:
    await store.turn(saving(Changes("", messages=words("hoi"), deliver_later=True), update="u1"))

    assert await store.turn(lambda db: db.earlier_reply(CHANNEL, "u1")) == ()


async def test_same_update_many_times_at_once_counts_once(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]
    await stores[0].turn(saving(Changes("", begin=BEGIN)))
    turn = saving(Changes("", answers=[answer("a")]), update="u1")

    taken = await asyncio.gather(*(stores[number % 2].turn(turn) for number in range(12)))

    assert sum(found is not None for found in taken) == 1
    assert len(stored(stores[0], "*", "answers")) == 1


async def test_first_words_of_one_person_at_once_make_one_person(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]

    turns = (stores[number % 2].turn(saving(Changes(""), update=f"u{number}")) for number in range(8))
    found = await asyncio.gather(*turns)

    assert len({each.reference for each in found if each}) == 1
    assert (await stores[0].turn(loading())).revision == 8


async def test_turns_of_one_person_are_serial_over_two_stores(open_stores: Callable[[], Store]) -> None:
    stores = [open_stores(), open_stores()]
    await stores[0].turn(saving(Changes("0")))

    def count(db: TurnDb) -> None:
        found = db.load(CHANNEL, CHAT)
        changes = Changes(str(int(found.state) + 1))
        db.save(found, changes, channel_ref=CHAT, update_id=None, at=AT)

    await asyncio.gather(*(stores[number % 2].turn(count) for number in range(40)))

    assert (await stores[1].turn(loading())).state == "40"


async def test_failing_neighbour_takes_nobody_along(store: Store) -> None:
    def fail(db: TurnDb) -> None:
        found = db.load(CHANNEL, "failing")
        db.save(found, Changes("half"), channel_ref="failing", update_id=None, at=AT)
        raise KeyError("a bug in the dialogue")

    turns = [store.turn(saving(Changes(""), ref=f"chat-{number}")) for number in range(10)]
    results = await asyncio.gather(*turns[:5], store.turn(fail), *turns[5:], return_exceptions=True)

    assert isinstance(results[5], KeyError)
    assert len([each for each in results if isinstance(each, Conversation)]) == 10
    assert len(stored(store, "*", "conversations")) == 10


async def test_caller_that_gave_up_harms_nobody(store: Store) -> None:
    task = asyncio.ensure_future(store.turn(saving(Changes("given up"))))
    await asyncio.sleep(0)
    task.cancel()

    assert await store.turn(saving(Changes("here"), ref="chat-2")) is not None


async def test_stopped_response_that_goes_on_is_open_again(store: Store) -> None:
    await store.turn(saving(Changes("", begin=BEGIN, close="stopped")))
    assert stored(store, "outcome", "responses") == [("stopped",)]
    await store.turn(saving(Changes("", close="open")))
    assert stored(store, "outcome, closed_at", "responses") == [("", None)]


async def test_response_keeps_the_campaign_that_brought_the_person(store: Store) -> None:
    await store.turn(saving(Changes("", begin=replace(BEGIN, campaign="markt-2026"))))
    assert stored(store, "campaign", "responses") == [("markt-2026",)]
