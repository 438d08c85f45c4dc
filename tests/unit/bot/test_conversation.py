"""One turn: what is saved, what is said, when the model is asked, and that a repeated update changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.conversation import Conversations, Reply
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.answer import answered
from domain.consent import Purpose
from domain.errors import DomainError
from domain.message import Incoming, IncomingKind
from domain.understanding import ModelParse
from nlu.understand import understand
from tests.fakes.store import FakeStore

pytestmark = pytest.mark.anyio
FORM = load_form(Path(__file__).parents[2] / "transcripts" / "small.md")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CATALOGUE = load_catalogue()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


TALK = load_form(
    Path("talk.md"),
    text="""
| survey | |
| | type | name | label | relevant | chat:consent | chat:reach | chat:fact |
| | hidden | reachable | | | | | reachable |
| | select_one yes_no | agree | Bewaren? | | answers | | |
| | select_one yes_no | contact | Contact? | | contact | | |
| | text | at | Uw nummer? | ${contact} = 'yes' and ${reachable} = 'no' | | yes | |
| | text | story | Vertel. | | | | |

| choices | |
| | list_name | name | label | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |

| settings | |
| | form_id | version |
| | small | 1 |
""",
)


class Shelf:
    def __init__(self, form: Form) -> None:
        self.form = form

    def current(self) -> Form:
        return self.form

    def find(self, questionnaire: str, version: str) -> Form | None:
        return self.form if (questionnaire, version) == ("small", "1") else None


class FakeModel:
    """Answers with the intents it was given, and notes what it was asked and whether a transaction was open."""

    def __init__(self, store: FakeStore, *intents: tuple[str, float]) -> None:
        self.store, self.intents = store, intents
        self.asked: list[str] = []

    async def parse(self, text: str) -> ModelParse | None:
        assert not self.store.open, "the model was asked inside the transaction"
        self.asked.append(text)
        return ModelParse(self.intents, "fake-1") if self.intents else None


class Desk:
    def __init__(
        self, *intents: tuple[str, float], channel: str = "web", with_model: bool = True, form: Form = FORM
    ) -> None:
        self.store = FakeStore()
        self.model = FakeModel(self.store, *intents)
        self.channel = channel
        ids: Iterator[int] = count(1)
        self.conversations = Conversations(
            store=self.store,
            shelf=Shelf(form),
            understand=understand,
            model=self.model if with_model else None,
            catalogue=CATALOGUE,
            new_id=lambda: f"response-{next(ids)}",
            deliver_later=frozenset({"telegram"}),
        )

    async def say(self, text: str, **more: object) -> Reply:
        kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
        incoming = Incoming(self.channel, "anna", kind, NOW, text=text)
        return await self.conversations.take(replace(incoming, **more))  # type: ignore[arg-type]  # any field of Incoming


async def test_first_words_bring_the_first_question_and_store_no_answer() -> None:
    desk = Desk()
    reply = await desk.say("hallo")
    assert [message.text for message in reply.messages] == [
        "Hallo! Ik ben een computer.",
        "Mag ik uw antwoorden bewaren?",
    ]
    (saved,) = desk.store.saved
    assert (saved.answers, saved.begin, saved.consents) == ([], None, [])
    assert [work.kind for work in saved.plan] == ["forget"]


async def test_consent_begins_a_response_and_keeps_the_answer() -> None:
    desk = Desk()
    await desk.say("hallo")
    await desk.say("ja")
    saved = desk.store.saved[-1]
    assert saved.begin is not None
    assert (saved.begin.id, saved.begin.questionnaire, saved.begin.version) == ("response-1", "small", "1")
    assert [(each.path, each.answer, each.purpose) for each in saved.answers] == [
        ("agree", answered("yes"), Purpose.ANSWERS)
    ]
    assert [(each.purpose, each.given) for each in saved.consents] == [(Purpose.ANSWERS, True)]
    assert saved.cancel_work


@pytest.mark.parametrize(
    "first", ["hallo", "STOP", "ik wil niet meer leven", "ik wil een mens spreken", "wis mijn gegevens", "/x"]
)
async def test_whatever_somebody_says_first_they_are_forgotten_after_a_day(first: str) -> None:
    desk = Desk()
    await desk.say(first)
    [saved] = desk.store.saved
    assert [(work.kind, work.due_at) for work in saved.plan] == [("forget", NOW + timedelta(hours=24))]


async def test_refused_consent_forgets_everything() -> None:
    desk = Desk()
    await desk.say("hallo")
    await desk.say("nee")
    saved = desk.store.saved[-1]
    assert (saved.answers, saved.consents, saved.begin, saved.forget) == ([], [], None, True)


async def test_same_update_again_gives_the_same_reply_and_saves_nothing() -> None:
    desk = Desk()
    first = await desk.say("hallo", update_id="u1")
    again = await desk.say("hallo", update_id="u1")
    assert again.messages == first.messages
    assert again.duplicate
    assert len(desk.store.saved) == 1


async def test_reply_of_a_channel_that_delivers_later_goes_to_the_outbox() -> None:
    desk = Desk(channel="telegram")
    await desk.say("hallo")
    assert desk.store.saved[-1].deliver_later
    assert len(desk.store.saved[-1].messages) == 2


async def test_model_is_not_asked_when_the_rules_understand() -> None:
    desk = Desk(("stop", 0.99))
    await desk.say("hallo")
    await desk.say("ja")
    assert desk.model.asked == []


async def test_model_is_asked_outside_the_transaction_when_the_rules_do_not() -> None:
    desk = Desk(("pause", 0.97), ("stop", 0.01))
    await desk.say("hallo")
    reply = await desk.say("effe de aardappels van het vuur halen")
    assert desk.model.asked == ["effe de aardappels van het vuur halen"]
    assert "pauze" in reply.messages[0].text
    assert len(desk.store.saved) == 2


async def test_silent_model_leaves_the_conversation_going() -> None:
    desk = Desk()
    await desk.say("hallo")
    reply = await desk.say("bloemkool met kaassaus")
    assert reply.messages[-1].buttons


async def test_danger_never_waits_for_the_model() -> None:
    desk = Desk(("stop", 0.99))
    await desk.say("hallo")
    reply = await desk.say("ik wil dood")
    assert desk.model.asked == []
    assert "113" in reply.messages[0].text
    assert [kind.value for kind in desk.store.saved[-1].signals] == ["suicide"]


async def test_erasing_asks_once_and_then_erases() -> None:
    desk = Desk()
    await desk.say("hallo")
    await desk.say("wis mijn gegevens")
    assert not desk.store.saved[-1].erase
    await desk.say("ja")
    assert desk.store.saved[-1].erase
    assert desk.store.conversations == {}


async def test_half_a_surrogate_pair_is_replaced_before_it_reaches_anything() -> None:
    desk = Desk()
    await desk.say("hallo")
    await desk.say("ja")
    await desk.say("nazareth")
    await desk.say("12")
    await desk.say("fijne buren \ud83d hier in de straat")
    assert desk.store.saved[-1].answers[0].answer.value == "fijne buren ? hier in de straat"


async def test_storage_out_of_reach_is_said_and_nothing_is_done() -> None:
    desk = Desk()
    desk.store.down = True
    with pytest.raises(DomainError) as told:
        await desk.say("hallo")
    assert told.value.code == "storage_unavailable"
    assert desk.store.saved == []


async def test_english_first_words_are_answered_in_english() -> None:
    desk = Desk()
    reply = await desk.say("hello, what is this about?")
    assert reply.language == "en"


async def test_language_of_the_channel_wins_over_a_guess() -> None:
    desk = Desk()
    reply = await desk.say("hello", language="nl")
    assert reply.language == "nl"


async def test_simulated_resident_is_marked() -> None:
    desk = Desk()
    await desk.say("hallo", simulated=True)
    (conversation,) = desk.store.conversations.values()
    assert conversation.simulated


async def ask_for_a_talk(*said: str, channel: str = "web") -> Desk:
    desk = Desk(channel=channel, form=TALK)
    for words in ("hallo", "ja", "ja", *said):
        await desk.say(words)
    return desk


async def test_who_cannot_be_reached_is_asked_how_and_it_is_kept_apart() -> None:
    desk = await ask_for_a_talk()
    reply = await desk.say("06-98765432")

    saved = desk.store.saved[-1]
    assert saved.reach == {"at": "06-98765432"}
    assert [(each.path, each.answer.value, each.purpose) for each in saved.answers] == [
        ("at", "given", Purpose.CONTACT)
    ]
    assert "98765432" not in saved.state
    assert "98765432" not in str(reply.messages)


async def test_who_can_be_reached_in_the_channel_is_not_asked_how() -> None:
    desk = await ask_for_a_talk(channel="telegram")

    assert [message.text for message in desk.store.saved[-1].messages] == [
        "Ik noteer: Ja\n\nVraag 1 van 1\n\nVertel."
    ]


async def test_my_data_come_as_a_file_too() -> None:
    desk = Desk()
    await desk.say("hallo")
    reply = await desk.say("mijn gegevens")
    [shown] = [each for each in reply.messages if each.document is not None]
    assert shown.document is not None
    assert (shown.document.name, shown.document.media_type) == ("mijn-gegevens.json", "application/json")
    assert "Alles wat we van u bewaren, staat in het bestand hieronder." in shown.text
    reply = await desk.say("help")
    assert not any(each.document for each in reply.messages)


async def test_my_answers_tell_that_a_number_is_kept_and_not_which() -> None:
    desk = await ask_for_a_talk("06-98765432")
    reply = await desk.say("mijn antwoorden")

    assert "Uw nummer?\n→ bewaard voor de afspraak" in reply.messages[0].text


@pytest.mark.parametrize("said", ["sla over", "wil ik niet zeggen"])
async def test_number_taken_back_goes(said: str) -> None:
    desk = await ask_for_a_talk("06-98765432", "terug")
    await desk.say(said)

    assert desk.store.saved[-1].reach == {"at": None}


async def test_number_goes_with_the_consent_for_contact() -> None:
    desk = await ask_for_a_talk("06-98765432", "terug", "terug")
    await desk.say("nee")

    saved = desk.store.saved[-1]
    assert saved.reach == {"at": None}
    assert "given" not in saved.state


async def test_number_is_asked_anew_when_contact_is_allowed_again() -> None:
    desk = await ask_for_a_talk("06-98765432", "terug", "terug", "nee", "terug")
    reply = await desk.say("ja")

    assert reply.messages[-1].text == "Ik noteer: Ja\n\nUw nummer?"


async def test_person_is_promised_only_where_somebody_can_write_back() -> None:
    told = {}
    for channel in ("web", "telegram"):
        desk = await ask_for_a_talk("praat met een mens", channel=channel)
        assert desk.store.saved[-1].hand_over
        told[channel] = desk.store.saved[-1].messages[0].text.partition(".")[0]
    assert told == {
        "web": "Met een mens praten kan per telefoon",
        "telegram": "Ik geef door dat u graag met een mens praat",
    }
