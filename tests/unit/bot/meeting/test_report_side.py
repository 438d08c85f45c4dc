"""The report of a talk, as the meemaker who writes it meets it: begun by its button, beside whatever else waits."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from app.shelf import read_report
from bot.conversation import Conversations
from bot.dialogue.state import State, state_from_json
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.meeting.hours_words import ReadTimes, ReadWeek
from bot.meeting.meemaker_side import MeemakerSide
from bot.meeting.meetings import Meetings
from bot.meeting.ports import TalkDesk
from bot.meeting.report_side import ReportSide
from bot.meeting.resident_side import ResidentSide
from bot.meeting.taps import DuoTap, payload
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind, Message
from domain.safety import SignalKind
from domain.session import Meemaker, MeemakerKind, Session, SessionKind, SessionStatus, Stretch
from domain.theme import ThemeCode
from nlu.understand import understand
from tests.fakes.store import FakeStore

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SMALL = load_form(Path(__file__).parents[3] / "transcripts" / "small.md")
REPORT = read_report().form
BUTTON = payload(DuoTap.REPORT, "talk-1")
ELS = Meemaker("els", MeemakerKind.RESIDENT, frozenset({"nl"}), frozenset({"nazareth"}))
TALK = Session(
    "talk-1", SessionKind.PRIVATE, "duo-1", "els", "piet", "house", "room",
    Stretch(NOW - timedelta(hours=3), NOW - timedelta(hours=2)), SessionStatus.DONE,
)  # fmt: skip # read as one piece


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Shelf:
    def current(self) -> Form:
        return SMALL

    def find(self, questionnaire: str, version: str) -> Form | None:
        forms = (SMALL, REPORT)
        names = ((each.questionnaire.id, each.questionnaire.version) for each in forms)
        return next(
            (form for form, name in zip(forms, names, strict=True) if name == (questionnaire, version)), None
        )


@dataclass
class Desk:
    """What of the desk a report needs."""

    talk: Session | None = TALK
    reported: list[tuple[str, str, str]] = field(default_factory=list)
    who: Meemaker | None = ELS

    def meemaker(self, reference: str) -> Meemaker | None:
        return self.who

    def session(self, id: str) -> Session | None:
        return self.talk if id == "talk-1" else None

    def reports(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        return self.reported


class NobodyAsks:
    """A resident's side that has nothing to say."""

    def turn(self, asking: object) -> None:
        return None

    def expect(self, state: State) -> None:
        return None

    def concerns(self, turn: object) -> bool:
        return False


class Store(FakeStore):
    sessions: Any = None


class Chat:
    def __init__(self) -> None:
        self.store, self.desk, self.now = Store(), Desk(), NOW
        ids = count(1)
        duo = MeemakerSide(
            cast(Any, None), cast(ReadWeek, None), cast(ReadTimes, None), ReportSide(Shelf(), REPORT)
        )
        meetings = Meetings(
            lambda _: cast(TalkDesk, self.desk), cast(Any, None), cast(ResidentSide, NobodyAsks()), duo
        )
        self.conversations = Conversations(
            store=self.store, shelf=Shelf(), understand=understand, model=None, catalogue=load_catalogue(),
            new_id=lambda: f"response-{next(ids)}", deliver_later=frozenset({"telegram"}), meetings=meetings,
        )  # fmt: skip # read as one piece

    async def say(self, text: str) -> list[str]:
        kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
        self.now += timedelta(minutes=1)  # so that no words belong to those before
        reply = await self.conversations.take(Incoming("telegram", "els", kind, self.now, text=text))
        self.messages: tuple[Message, ...] = reply.messages
        self.note()
        return [each.text for each in reply.messages]

    def note(self) -> None:
        """What storage would know of reports after this turn."""
        changes = self.store.saved[-1]
        if changes.begin is not None and changes.begin.session:
            self.desk.reported.append(("els", changes.begin.id, ""))
        if changes.close:
            self.desk.reported = [
                (who, id, changes.close if id == self.response else outcome)
                for who, id, outcome in self.desk.reported
            ]

    async def press(self, title: str) -> list[str]:
        buttons = [button for message in self.messages for button in message.buttons]
        return await self.say(next(each.payload for each in buttons if title in each.title))

    @property
    def response(self) -> str:
        return self.store.conversations["telegram", "els"].response

    @property
    def state(self) -> State:
        return state_from_json(self.store.saved[-1].state)

    async def fill_in(self) -> None:
        for _ in range(30):
            if self.store.saved[-1].close:
                return
            await self.say("sla over")
        raise AssertionError("the report did not end")


async def test_the_button_begins_a_report_that_is_kept_with_its_talk() -> None:
    chat = Chat()
    await chat.say("hallo")
    said = await chat.say(BUTTON)
    begun = chat.store.saved[-1].begin
    assert begun is not None
    assert (begun.questionnaire, begun.session) == ("gespreksverslag", "talk-1")
    assert "verslag van uw gesprek" in said[0]
    assert "Hoeveel bewoners waren er?" in said[-1]
    assert not chat.store.saved[-1].consents
    assert not chat.store.saved[-1].plan
    await chat.say("2")
    (answer,) = chat.store.saved[-1].answers
    assert (answer.path, answer.answer.value) == ("present/residents", "2")


async def test_a_whole_report_with_two_sentences_of_which_one_may_be_quoted() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say(BUTTON)
    kept: dict[str, str] = {}
    for words in ("1", "2", "wonen", "klaar", "een wens", "Ik wil een bankje in het park.", "ja"):
        await chat.say(words)
        kept |= {each.path: each.answer.value for each in chat.store.saved[-1].answers}
    assert kept["themes"] == "wonen"
    assert kept["words[1]/kind"] == "wens"
    assert kept["words[1]/said"] == "Ik wil een bankje in het park."
    assert kept["words[1]/may_quote"] == "yes"
    await chat.say("ja")  # one more
    for words in ("een ervaring", "Er is vaak lawaai.", "nee", "nee"):
        await chat.say(words)
        kept |= {each.path: each.answer.value for each in chat.store.saved[-1].answers}
    assert (kept["words[2]/said"], kept["words[2]/may_quote"]) == ("Er is vaak lawaai.", "no")
    await chat.fill_in()
    assert chat.store.saved[-1].close == "finished"


async def test_what_was_at_hand_waits_and_is_offered_at_the_end() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say("ja")
    intake = chat.response
    await chat.say(BUTTON)
    assert chat.response != intake
    assert [each.response for each in chat.state.parked] == [intake]
    await chat.fill_in()
    await chat.press("Verder met")
    assert chat.response == intake
    assert chat.state.questionnaire == "small"


async def test_danger_in_a_report_raises_the_signal() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say(BUTTON)
    said = await chat.say("ik wil dood")
    assert chat.store.saved[-1].signals == [SignalKind.SUICIDE]
    assert "113" in " ".join(said)


async def test_danger_first_then_the_report_again() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say(BUTTON)
    await chat.say("ik wil dood")
    said = await chat.say(BUTTON)
    assert "Hoeveel bewoners waren er?" in said[-1]
    assert len(chat.desk.reported) == 1


async def test_a_second_report_of_the_same_talk_is_an_addition() -> None:
    chat = Chat()
    await chat.say("hallo")
    chat.desk.reported = [("piet", "response-of-piet", "finished")]
    said = await chat.say(BUTTON)
    assert "Uw maatje heeft het verslag van dit gesprek al ingevuld" in said[0]
    assert chat.store.saved[-1].begin is None
    await chat.press("toevoegen")
    begun = chat.store.saved[-1].begin
    assert begun is not None
    assert begun.session == "talk-1"


async def test_an_own_report_can_be_added_to_as_well() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say(BUTTON)
    await chat.fill_in()
    said = await chat.say(BUTTON)
    assert "U hebt het verslag van dit gesprek al ingevuld" in said[0]


async def test_a_report_that_waits_behind_something_else_gets_its_button() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say("ja")
    await chat.say(BUTTON)
    report = chat.response
    (waiting,) = chat.state.parked
    await chat.say(f"/track.{waiting.state.track}")
    assert chat.response != report
    said = await chat.say(BUTTON)
    assert "al begonnen" in said[0]
    await chat.press("Gespreksverslag")
    assert chat.response == report


async def test_after_a_report_a_new_start_is_the_ordinary_questionnaire() -> None:
    chat = Chat()
    await chat.say("hallo")
    await chat.say(BUTTON)
    await chat.fill_in()
    said = await chat.say("/start")
    assert "Mag ik uw antwoorden bewaren?" in said[-1]
    assert chat.state.questionnaire == "small"
    await chat.say("ja")
    begun = chat.store.saved[-1].begin
    assert begun is not None
    assert begun.session == ""


@pytest.mark.parametrize(
    ("talk", "said"),
    [
        (None, "niet (meer) in uw agenda"),
        (replace(TALK, status=SessionStatus.CANCELLED), "niet (meer) in uw agenda"),
        (replace(TALK, resident_meemaker="somebody else"), "niet (meer) in uw agenda"),
        (
            replace(TALK, when=Stretch(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=1))),
            "nog niet geweest",
        ),
    ],
)
async def test_no_report_of_a_talk_that_was_not_theirs_or_not_held(talk: Session | None, said: str) -> None:
    chat = Chat()
    await chat.say("hallo")
    chat.desk.talk = talk
    assert said in (await chat.say(BUTTON))[0]
    assert chat.store.saved[-1].begin is None


async def test_a_resident_who_presses_the_button_gets_no_report() -> None:
    chat = Chat()
    chat.desk.who = None
    await chat.say("hallo")
    await chat.say(BUTTON)
    assert chat.store.saved[-1].begin is None
    assert chat.state.questionnaire == "small"


def test_the_themes_are_those_of_the_codebook_and_no_consent_is_asked() -> None:
    (themes,) = (each for each in REPORT.questionnaire.questions if each.path == "themes")
    assert [each.name for each in themes.choices] == [each.value for each in ThemeCode]
    assert not any(each.consent for each in REPORT.questionnaire.questions)
