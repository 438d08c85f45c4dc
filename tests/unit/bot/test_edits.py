"""A changed message is a correction of the answer it gave: taken over when it is clear, asked about when it is not."""

import pytest

from bot.dialogue.state import Phase
from bot.ports import Held
from tests.unit.bot.talking import Talker, texts

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def halfway() -> Talker:
    """At the third open question; messages 1, 2 and 3 gave answers."""
    anna = Talker("telegram")
    await anna.begin()
    await anna.say("in nazaret", message="1")
    await anna.say("de buren zijn erg aardig", message="2")
    await anna.say("ja", message="3")
    assert anna.state.at == "wish"
    return anna


async def test_edited_words_change_the_old_answer_and_the_question_comes_again() -> None:
    anna = await halfway()
    reply = await anna.edit("1", "in Nazareth")
    assert anna.answers["home"] == "in Nazareth"
    assert anna.state.at == "wish"
    assert "Ik heb uw antwoord veranderd." in texts(reply)
    assert "Wat wilt u zelf?" in texts(reply)


async def test_edited_choice_is_understood_by_the_rules() -> None:
    anna = await halfway()
    await anna.edit("3", "nee")
    assert anna.answers["happy"] == "no"
    assert anna.state.at == "wish"


async def test_edit_that_is_not_understood_is_asked_about() -> None:
    anna = await halfway()
    reply = await anna.edit("3", "bloemkool")
    assert anna.answers["happy"] == "yes"
    assert anna.state.phase is Phase.CONFIRMING
    assert "Bent u tevreden?" in texts(reply)


async def test_edit_of_an_unknown_message_offers_the_list_of_answers() -> None:
    anna = await halfway()
    reply = await anna.edit("99", "iets anders")
    assert [button.payload for button in reply.messages[0].buttons] == ["/my_data", "/start"]
    assert anna.state.at == "wish"


async def test_edit_that_changes_nothing_is_silent() -> None:
    anna = await halfway()
    reply = await anna.edit("2", "de buren zijn erg aardig")
    assert reply.messages == ()


async def test_edited_piece_changes_only_that_piece() -> None:
    anna = Talker("telegram")
    await anna.begin()
    for number, piece in enumerate(("ik woon", "in nazaret", "al 40 jaar"), start=1):
        await anna.say(piece, after=2, message=str(number))
    await anna.edit("2", "in Nazareth")
    await anna.edit("3", "al 50 jaar")
    await anna.edit("1", "wij wonen")
    assert anna.answers["home"] == "wij wonen in Nazareth al 50 jaar"


async def test_edit_while_our_reply_waits_says_nothing_more() -> None:
    anna = Talker("telegram")
    await anna.begin()
    await anna.say("in nazaret", message="1")
    reply = await anna.edit("1", "in Nazareth", after=2)
    assert (reply.messages, anna.store.saved[-1].held) == ((), Held.NONE)
    await anna.say("al 40 jaar", after=1, message="2")
    assert anna.answers["home"] == "in Nazareth al 40 jaar"


@pytest.mark.parametrize("message", ["1", "99"])
async def test_danger_in_an_edit_is_heard(message: str) -> None:
    anna = await halfway()
    reply = await anna.edit(message, "ik wil dood")
    assert "113" in texts(reply)
    assert anna.answers["home"] == "in nazaret"


async def test_stop_in_an_edit_stops() -> None:
    anna = await halfway()
    await anna.edit("2", "stop")
    assert anna.state.phase is Phase.STOPPED


async def test_edit_after_stop_changes_nothing() -> None:
    anna = await halfway()
    await anna.say("stop")
    await anna.edit("1", "in Nazareth")
    assert anna.answers["home"] == "in nazaret"
    assert anna.state.phase is Phase.STOPPED


async def test_edit_after_the_end_is_taken_over() -> None:
    anna = await halfway()
    await anna.say("een bankje", message="4")
    anna.store.held = False  # our last words were sent
    reply = await anna.edit("4", "een bankje bij de kerk")
    assert anna.answers["wish"] == "een bankje bij de kerk"
    assert anna.state.phase is Phase.FINISHED
    assert "veranderd" in texts(reply)


async def test_edited_consent_is_asked_about_first() -> None:
    anna = Talker("telegram")
    await anna.say("hallo")
    await anna.say("ja", message="1")
    await anna.edit("1", "nee")
    assert anna.state.phase is Phase.CONFIRMING
    assert anna.state.consents == {"answers": True}


async def test_edit_of_somebody_unknown_brings_no_conversation_about() -> None:
    anna = Talker("telegram")
    reply = await anna.edit("1", "ik ben Anna")
    assert reply.messages == ()
    assert anna.store.saved == []


async def test_answer_given_by_button_since_belongs_to_no_message() -> None:
    anna = await halfway()
    await anna.say(f"/e.{anna.state.asked}.4")
    await anna.say(f"/a.{anna.state.asked}.4.1")
    assert anna.answers["happy"] == "no"
    await anna.edit("3", "ja")
    assert anna.answers["happy"] == "no"


async def test_edit_of_a_short_answer_that_is_asked_on_changes_it_and_puts_the_question_again() -> None:
    anna = Talker("telegram")
    await anna.begin()
    await anna.say("in nazareth", message="1")
    await anna.say("veel groen", message="2")
    anna.store.held = False  # our wish for more was sent
    reply = await anna.edit("2", "veel bomen")
    assert anna.answers == {"home": "in nazareth", "good": "veel bomen"}
    assert texts(reply) == "Ik heb uw antwoord veranderd.\nWat gaat goed?"
