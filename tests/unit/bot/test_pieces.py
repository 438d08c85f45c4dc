"""An answer that is sent in pieces is one answer, with one reply; nothing said in between is lost or misplaced."""

import itertools

import pytest

from bot.dialogue.pieces import HOLD
from bot.dialogue.state import Phase
from bot.ports import Held
from tests.unit.bot.talking import Talker, texts

pytestmark = pytest.mark.anyio
PIECES = ("ik woon", "in nazareth", "al 40 jaar")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def talker(channel: str = "web") -> Talker:
    anna = Talker(channel)
    await anna.begin()
    return anna


@pytest.mark.parametrize("channel", ["web", "rest", "terminal", "telegram"])
async def test_pieces_within_seconds_become_one_answer(channel: str) -> None:
    anna = await talker(channel)
    for piece in PIECES:
        await anna.say(piece, after=2)
    assert anna.answers == {"home": "ik woon in nazareth al 40 jaar"}
    assert anna.state.at == "good"


async def test_each_piece_is_kept_at_once() -> None:
    anna = await talker("telegram")
    await anna.say("ik woon")
    assert anna.answers == {"home": "ik woon"}
    await anna.say("in nazareth", after=1)
    assert anna.answers == {"home": "ik woon in nazareth"}


async def test_reply_waits_for_more_words_and_is_replaced_where_it_is_sent_later() -> None:
    anna = await talker("telegram")
    await anna.say("ik woon")
    assert anna.store.saved[-1].hold == HOLD
    reply = await anna.say("in nazareth", after=2)
    assert anna.store.saved[-1].held is Held.DROP
    assert anna.store.saved[-1].hold == HOLD
    assert "Wat gaat goed?" in texts(reply)
    assert "vorige antwoord" not in texts(reply)


async def test_reply_that_was_seen_is_followed_by_word_that_the_rest_was_added() -> None:
    anna = await talker("web")
    await anna.say("ik woon")
    reply = await anna.say("in nazareth", after=2)
    assert texts(reply).startswith("Dat heb ik bij uw vorige antwoord gezet.")
    assert anna.store.saved[-1].hold.total_seconds() == 0


async def test_words_after_the_moment_answer_the_next_question() -> None:
    anna = await talker()
    await anna.say("ik woon hier")
    await anna.say("de buren zijn erg aardig", after=4.5)
    assert anna.answers == {"home": "ik woon hier", "good": "de buren zijn erg aardig"}


async def test_answer_to_the_next_question_that_was_seen_is_no_piece() -> None:
    anna = await talker()
    for words in ("in nazareth", "de buren zijn erg aardig"):
        await anna.say(words)
    await anna.say("ja", after=2)
    assert anna.answers["good"] == "de buren zijn erg aardig"
    assert anna.answers["happy"] == "yes"


async def test_answer_to_a_question_not_yet_seen_is_a_piece() -> None:
    anna = await talker("telegram")
    for words in ("in nazareth", "zijn de buren erg aardig"):
        await anna.say(words)
    await anna.say("ja", after=2)
    assert anna.answers["good"] == "zijn de buren erg aardig ja"
    assert anna.state.at == "happy"


async def test_short_pieces_are_asked_on_only_when_the_whole_is_short() -> None:
    anna = await talker("telegram")
    await anna.say("in nazareth")
    reply = await anna.say("veel groen")
    assert "iets meer" in texts(reply)
    reply = await anna.say("en aardige buren", after=2)
    assert "iets meer" not in texts(reply)
    assert anna.answers["good"] == "veel groen en aardige buren"
    assert anna.state.at == "happy"


async def test_pieces_after_the_last_question_still_belong_to_it() -> None:
    anna = await talker("telegram")
    for words in ("in nazareth", "de buren zijn erg aardig", "ja", "een bankje"):
        await anna.say(words)
    assert anna.state.phase is Phase.FINISHED
    await anna.say("bij de kerk", after=3)
    assert anna.answers["wish"] == "een bankje bij de kerk"
    assert anna.state.phase is Phase.FINISHED


async def test_danger_is_heard_in_a_piece_and_in_the_whole() -> None:
    for pieces in (("het gaat niet", "ik wil dood"), ("ik wil niet", "meer leven")):
        anna = await talker("telegram")
        await anna.say(pieces[0])
        reply = await anna.say(pieces[1], after=2)
        assert "113" in texts(reply)
        assert [kind.value for kind in anna.store.saved[-1].signals] == ["suicide"]
        assert anna.store.saved[-1].held is Held.DROP
        assert anna.answers == {"home": pieces[0]}


@pytest.mark.parametrize("pieces", [("ik woon hier", "laat maar"), ("hou", "op")])
async def test_stop_after_a_piece_stops_and_takes_back_what_waits(pieces: tuple[str, str]) -> None:
    anna = await talker("telegram")
    await anna.say(pieces[0])
    reply = await anna.say(pieces[1], after=1)
    assert anna.state.phase is Phase.STOPPED
    assert len(reply.messages) == 1
    assert anna.store.saved[-1].held is Held.DROP_ALL
    assert anna.store.saved[-1].cancel_work


async def test_side_question_in_between_lets_the_waiting_reply_go() -> None:
    anna = await talker("telegram")
    await anna.say("ik woon hier")
    await anna.say("wie ziet dit", after=1)
    assert anna.store.saved[-1].held is Held.RELEASE


async def test_button_ends_the_moment_from_its_own_time_on() -> None:
    anna = await talker("telegram")
    await anna.say("in nazareth")
    await anna.say("de buren zijn erg aardig")
    question = anna.state
    await anna.say(f"/a.{question.asked}.4.0", after=1)
    await anna.say("een bankje", after=1)
    assert anna.answers == {
        "home": "in nazareth", "good": "de buren zijn erg aardig", "happy": "yes", "wish": "een bankje"
    }  # fmt: skip # read as one piece


async def test_piece_and_button_give_the_same_answers_in_either_order() -> None:
    stored = []
    for order in itertools.permutations(("piece", "button")):
        anna = await talker("telegram")
        await anna.say("in nazareth")
        first = await anna.say("de buren zijn erg aardig")
        button = first.messages[-1].buttons[0].payload
        written = anna.now.timestamp() + 2
        for what in order:
            if what == "piece":  # written before the button was pressed, whenever it arrives
                await anna.say("en behulpzaam", after=written - anna.now.timestamp())
            else:
                await anna.say(button, after=written + 4 - anna.now.timestamp())
        stored.append((anna.answers, anna.state.at))
    assert stored[0] == stored[1]
    assert stored[0][0]["good"] == "de buren zijn erg aardig en behulpzaam"
    assert stored[0][0]["happy"] == "yes"


async def test_simulated_residents_and_a_switched_off_setting_have_no_pieces() -> None:
    program = await talker()
    await program.say("ik woon hier", simulated=True)
    await program.say("de buren zijn erg aardig", after=0, simulated=True)
    off = Talker(pieces=False)
    await off.begin()
    await off.say("ik woon hier")
    await off.say("de buren zijn erg aardig", after=0)
    assert program.answers == off.answers == {"home": "ik woon hier", "good": "de buren zijn erg aardig"}


async def test_piece_right_after_we_asked_for_more_goes_on_in_the_same_line() -> None:
    anna = await talker("web")
    await anna.say("in nazareth")
    await anna.say("veel groen")
    await anna.say("en aardige buren", after=2)
    assert anna.answers == {"home": "in nazareth", "good": "veel groen en aardige buren"}
    assert anna.state.at == "happy"


async def test_short_pieces_that_are_short_together_are_asked_on_once() -> None:
    anna = await talker("telegram")
    await anna.say("in nazareth")
    await anna.say("veel")
    reply = await anna.say("groen", after=2)
    assert texts(reply) == "Kunt u iets meer vertellen?"
    assert anna.answers == {"home": "in nazareth", "good": "veel groen"}


@pytest.mark.parametrize("words", ["help", "hallo"])
async def test_what_is_no_piece_of_an_answer_leaves_it_as_it_is(words: str) -> None:
    anna = await talker("telegram")
    await anna.say("in nazareth")
    await anna.say(words, after=2)
    assert anna.answers == {"home": "in nazareth"}
