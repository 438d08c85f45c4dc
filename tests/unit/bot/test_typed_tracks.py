"""Which questionnaire first? Typed instead of pressed, by somebody who is busy with one when another comes."""

from itertools import count

import pytest

from bot.conversation import Conversations
from bot.dialogue.state import Parked, Phase, State, state_from_json
from bot.dialogue.tracks import chosen
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.campaign import Campaign
from domain.message import Incoming, IncomingKind
from nlu.understand import understand
from tests.fakes.store import FakeStore
from tests.transcripts.test_transcripts import HERE
from tests.unit.bot.talking import CATALOGUE, START

pytestmark = pytest.mark.anyio
FORMS = {form.questionnaire.id: form for form in (load_form(HERE / "small.md"), load_form(HERE / "other.md"))}
OLD, NEW = "small", "other"


class Shelf:
    def current(self) -> Form:
        return FORMS[OLD]

    def find(self, questionnaire: str, version: str) -> Form | None:
        return FORMS.get(questionnaire)


async def after(*texts: str) -> State:
    """Where somebody is who agreed to the first questionnaire, followed the link of another, and typed these."""
    store, ids = FakeStore(), count(1)
    store.campaigns = {"park": Campaign("park", "Park", NEW, "1", 2)}
    conversations = Conversations(
        store=store, shelf=Shelf(), understand=understand, model=None, catalogue=CATALOGUE,
        new_id=lambda: f"response-{next(ids)}", deliver_later=frozenset({"telegram"}), pieces=False,
    )  # fmt: skip # read as one piece
    link = Incoming("telegram", "anna", IncomingKind.OPEN, START, code="park")
    said = [Incoming("telegram", "anna", IncomingKind.TEXT, START, text=text) for text in texts]
    greeting = [Incoming("telegram", "anna", IncomingKind.TEXT, START, text=text) for text in ("hallo", "ja")]
    for incoming in (*greeting, link, *said):
        await conversations.take(incoming)
    return state_from_json(store.conversations[("telegram", "anna")].state)


@pytest.mark.parametrize(
    "words", ["Eerst Het park, ronde 2", "het park", "de nieuwe", "De eerste.", "verder met het park"]
)
async def test_the_new_questionnaire_can_be_chosen_in_words(words: str) -> None:
    state = await after(words)
    assert (state.questionnaire, state.phase, [each.state.questionnaire for each in state.parked]) == (
        NEW, Phase.ASKING, [OLD]
    )  # fmt: skip # read as one piece


@pytest.mark.parametrize(
    "words", ["TITLE", "Verder met TITLE", "de oude", "de tweede", "ik wil verder met TITLE!"]
)
async def test_the_questionnaire_at_hand_can_be_chosen_in_words(words: str) -> None:
    title = FORMS[OLD].questionnaire.title["nl"]
    state = await after(words.replace("TITLE", title))
    assert (state.questionnaire, state.phase, [each.state.questionnaire for each in state.parked]) == (
        OLD, Phase.ASKING, [NEW]
    )  # fmt: skip # read as one piece


@pytest.mark.parametrize(
    ("words", "phase"),
    [("verder met het park want ik wil dood", Phase.RESTING), ("stop", Phase.STOPPED), ("de soep", Phase.PAUSED)],
)  # fmt: skip # read as rows of a table
async def test_other_words_choose_nothing(words: str, phase: Phase) -> None:
    state = await after(words)
    assert (state.questionnaire, state.phase) == (OLD, phase)


TITLES = {0: ("Small", 1), 1: ("Small", 2), 2: ("Other", 3)}


def state_in(phase: Phase) -> State:
    parked = (Parked("r1", State(track=1)), Parked("r2", State(track=2)))
    return State(phase=phase, parked=parked)


@pytest.mark.parametrize(
    ("phase", "words", "track"),
    [
        (Phase.PAUSED, "small", 0),
        (Phase.PAUSED, "First small, round 2", 1),
        (Phase.PAUSED, "go on with other", 2),
        (Phase.STOPPED, "the new one", 2),
        (Phase.FINISHED, "verder met small, ronde 2", 1),
        (Phase.FINISHED, "de eerste", None),
        (Phase.ASKING, "other", None),
        (Phase.PAUSED, "soup", None),
    ],
)
def test_a_title_with_its_round_is_told_from_another_round(
    phase: Phase, words: str, track: int | None
) -> None:
    assert chosen(state_in(phase), words, TITLES) == track


def test_words_choose_nothing_where_nothing_waits() -> None:
    assert chosen(State(phase=Phase.PAUSED), "de nieuwe", {0: ("Small", 1)}) is None


def test_a_title_that_two_later_rounds_share_chooses_neither() -> None:
    assert chosen(state_in(Phase.PAUSED), "small", {1: ("Small", 2), 2: ("Small", 3)}) is None
