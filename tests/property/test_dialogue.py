"""What must always hold in a conversation, whatever people type or press, on the real engine with the real form."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.advance import advance
from bot.dialogue.effects import Erase, Forget, Record, Relay, Say
from bot.dialogue.expect import expect
from bot.dialogue.heard import Heard
from bot.dialogue.options import options
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import PendingKind, Phase, State, state_from_json, state_to_json
from bot.dialogue.taps import parse_tap
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from bot.texts.render import Renderer
from domain.consent import Purpose
from domain.message import IncomingKind, Message
from domain.questionnaire import QuestionKind
from domain.understanding import UnderstandingKind
from nlu.understand import understand
from tests.effort import effort
from tests.property.quiet import may_be_silent

ROOT = Path(__file__).parent.parent.parent
FORMS = [
    load_form(ROOT / "bot/questionnaires/veerkracht.md"),
    load_form(ROOT / "tests/transcripts/small.md"),
    load_form(ROOT / "tests/transcripts/repeats.md"),
]
CATALOGUE = load_catalogue()
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

WORDS = st.sampled_from(
    [
        "ja", "nee", "stop", "start", "verder", "pauze", "terug", "sla over", "weet ik niet", "wil ik niet zeggen",
        "leg uit", "waarom", "herhaal", "hoe lang nog", "wie ziet dit", "mijn antwoorden", "help", "english",
        "wis mijn gegevens", "praat met een mens", "ik wil dood", "hallo", "dank je", "eens", "helemaal oneens",
        "nazareth", "7", "ja en nee", "drie of vier", "bloemkool", "🙂", "de buren zijn aardig en behulpzaam", "min of meer",
        "ik wil een afspraak verzetten", "/a.1.1.0", "/start", "/more.1.2", "/lang.en", "/yes.3", "/done.4.5", "",
    ]
)  # fmt: skip # read as one list of words
INPUTS = st.one_of(
    WORDS.map(lambda text: ("text", text)),
    st.text(max_size=40).map(lambda text: ("text", text)),
    st.integers(0, 400).map(lambda number: ("button", number)),
    st.integers(0, 400).map(lambda number: ("button", number)),
    st.sampled_from(["open", "voice", "photo", "other"]).map(lambda kind: ("media", kind)),
)


class Talk:
    """A conversation that checks itself after every turn."""

    def __init__(self, form_number: int, people: People = NOBODY) -> None:
        self.people = people
        self.form = FORMS[form_number]
        self.state = State()
        self.shown: list[tuple[str, str]] = []

    def hear(self, kind: str, value: object) -> Heard:
        if kind == "button" and self.shown:
            # The latest buttons are the likeliest, old ones are never gone.
            _, payload = self.shown[-1 - (int(str(value)) % len(self.shown))]
            return Heard(IncomingKind.TAP, payload, tap=parse_tap(payload))
        if kind == "media":
            return Heard(IncomingKind(str(value)))
        text = str(value)
        tap = parse_tap(text)
        if tap is not None:
            return Heard(IncomingKind.TAP, text, tap=tap)
        return Heard(
            IncomingKind.TEXT,
            text,
            understanding=understand(text, expect(self.state, self.form, NOW), now=NOW),
        )

    def take(self, heard: Heard) -> tuple[State, Turn]:
        before = self.state
        turn = advance(before, heard, self.form, NOW, self.people)
        self.state = state_from_json(state_to_json(turn.state))
        assert self.state == turn.state
        for message in self.messages(turn):
            assert message.text
            self.shown += [(button.title, button.payload) for button in message.buttons]
            assert all(len(button.payload.encode()) <= 64 and button.title for button in message.buttons)
        return before, turn

    def messages(self, turn: Turn) -> list[Message]:
        view = self.form.view(turn.state.answers, NOW, language=turn.state.language)
        renderer = Renderer(CATALOGUE, self.form, turn.state.language, view)
        return [renderer.message(effect) for effect in turn.effects if isinstance(effect, Say)]


def records(turn: Turn) -> list[Record]:
    return [effect for effect in turn.effects if isinstance(effect, Record)]


@settings(max_examples=effort(1000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(form=st.sampled_from([0, 0, 1, 2]), staffed=st.booleans(), inputs=st.lists(INPUTS, max_size=60))
def test_any_conversation_keeps_its_promises(
    form: int, staffed: bool, inputs: list[tuple[str, object]]
) -> None:
    talk = Talk(form, People(can_write=staffed))
    for kind, value in inputs:
        heard = talk.hear(kind, value)
        before, turn = talk.take(heard)
        check_there_is_a_next_step(talk, before, turn, heard)
        check_nothing_is_kept_without_consent(talk, turn)
        check_a_button_answers_only_its_own_question(talk, turn, heard)
        check_stop_stays_stopped(before, turn, heard)


def check_there_is_a_next_step(talk: Talk, before: State, turn: Turn, heard: Heard) -> None:
    if turn.effects:
        said = talk.messages(turn)
        erased = not turn.state.questionnaire and before.pending is not None
        if any(isinstance(effect, Relay) for effect in turn.effects) and not said:
            assert before.phase is turn.state.phase is Phase.TALKING  # a person answers
            return
        assert said
        assert said[-1].buttons or erased or turn.state.phase in (Phase.FINISHED, Phase.STOPPED)
    else:
        said = heard.understanding.kind if heard.understanding is not None else None
        assert heard.tap is not None or may_be_silent(before)
        assert said not in (UnderstandingKind.COMMAND, UnderstandingKind.SAFETY)
        assert turn.state.having(unfinished=None) == before.having(unfinished=None)
    if turn.state.phase is Phase.ASKING:
        assert talk.form.has(turn.state.at)
        assert talk.form.view(turn.state.answers, NOW).is_relevant(turn.state.at)


def check_nothing_is_kept_without_consent(talk: Talk, turn: Turn) -> None:
    for record in records(turn):
        assert turn.state.consents.get(Purpose.ANSWERS.value)
        assert turn.state.consents.get(record.purpose.value)


def check_a_button_answers_only_its_own_question(talk: Talk, turn: Turn, heard: Heard) -> None:
    if heard.tap is None or heard.tap.word != "a" or not records(turn):
        return
    path = talk.form.instance(heard.tap.numbers[1], heard.tap.numbers[3:])
    assert path is not None
    question = talk.form.question(path)
    latest = records(turn)[-1]
    assert latest.path == path
    assert latest.answer.value == options(talk.form, question)[heard.tap.numbers[2]]


def check_stop_stays_stopped(before: State, turn: Turn, heard: Heard) -> None:
    said = heard.understanding.value if heard.understanding else heard.tap.word if heard.tap else ""
    if before.phase is Phase.STOPPED:
        assert turn.state.phase in (Phase.STOPPED, Phase.CONFIRMING) or said in ("start", "human")
        assert not records(turn)
    if heard.tap is not None and heard.tap.word == "stop":
        assert turn.state.phase is Phase.STOPPED


@settings(max_examples=300, deadline=None)
@given(
    inputs=st.lists(INPUTS, max_size=30),
    word=st.sampled_from(["stop", "Stop", "STOP!", "stoppen"]),
    staffed=st.booleans(),
)
def test_stop_works_in_every_state(inputs: list[tuple[str, object]], word: str, staffed: bool) -> None:
    talk = Talk(0, People(can_write=staffed))
    for kind, value in inputs:
        talk.take(talk.hear(kind, value))
    _, turn = talk.take(talk.hear("text", word))
    assert turn.state.phase is Phase.STOPPED
    assert len(talk.messages(turn)) == 1


def about_to_leave(question: str, answer: str) -> Talk:
    """Somebody with answers who just changed an old one into one that would wipe them all."""
    talk = Talk(0)
    for words in ("hallo", "ja", "nazareth", "30 tot en met 44", "bewoner"):
        talk.take(talk.hear("text", words))
    path = next(each.path for each in talk.form.questionnaire.questions if each.name == question)
    talk.take(talk.hear("text", "mijn antwoorden"))
    payload = next(p for _, p in talk.shown if p == f"/e.{talk.state.asked - 1}.{talk.form.index(path)}")
    talk.take(Heard(IncomingKind.TAP, payload, tap=parse_tap(payload)))
    talk.take(talk.hear("text", answer))
    assert talk.state.pending is not None
    assert talk.state.pending.kind is PendingKind.LEAVE
    return talk


WAYS_OUT = st.sampled_from(
    [("wijk", "buiten maastricht"), ("age", "jonger dan 16"), ("consent_answers", "nee")]
)


@settings(max_examples=200, deadline=None)
@given(way_out=WAYS_OUT, inputs=st.lists(INPUTS, max_size=8))
def test_answers_are_wiped_by_a_changed_answer_only_after_a_yes(
    way_out: tuple[str, str], inputs: list[tuple[str, object]]
) -> None:
    talk = about_to_leave(*way_out)
    for kind, value in inputs:
        heard = talk.hear(kind, value)
        before, turn = talk.take(heard)
        check_there_is_a_next_step(talk, before, turn, heard)
        check_stop_stays_stopped(before, turn, heard)
        if any(isinstance(effect, Forget | Erase) for effect in turn.effects):
            assert before.pending is not None
            return
        assert len(turn.state.answers) >= 4


@settings(max_examples=20, deadline=None)
@given(way_out=WAYS_OUT, word=st.sampled_from(["stop", "STOP!"]))
def test_stop_works_when_answers_are_about_to_be_wiped(way_out: tuple[str, str], word: str) -> None:
    talk = about_to_leave(*way_out)
    kept = talk.state.answers
    _, turn = talk.take(talk.hear("text", word))
    assert (turn.state.phase, turn.state.answers) == (Phase.STOPPED, kept)


@settings(max_examples=200, deadline=None)
@given(inputs=st.lists(INPUTS, max_size=30), number=st.integers(0, 400))
def test_the_same_button_twice_counts_once(inputs: list[tuple[str, object]], number: int) -> None:
    talk = Talk(0)
    for kind, value in inputs:
        talk.take(talk.hear(kind, value))
    heard = talk.hear("button", number)
    if heard.tap is None or heard.tap.word != "a":
        return
    _, first = talk.take(heard)
    index = heard.tap.numbers[1]
    if talk.form.questionnaire.questions[index].kind is not QuestionKind.SELECT_ONE:
        return
    _, second = talk.take(heard)
    if records(first):
        assert not records(second)


TYPED = {
    QuestionKind.INTEGER: "7",
    QuestionKind.RANGE: "75",
    QuestionKind.DATETIME: "gisteren om 14:30",
    QuestionKind.GEOPOINT: "50.85, 5.69",
    QuestionKind.IMAGE: "sla over",
    QuestionKind.AUDIO: "sla over",
}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.questionnaire.id)
def test_always_the_first_answer_reaches_the_end(form: Form) -> None:
    talk = Talk(FORMS.index(form))
    talk.take(talk.hear("text", "hallo"))
    for _ in range(120):
        if talk.state.phase is Phase.FINISHED:
            return
        payloads = [payload for _, payload in talk.shown[-14:]]
        question = form.question(talk.state.at)
        if question.kind is QuestionKind.SELECT_MULTIPLE and talk.state.picked:
            tap = next(payload for payload in reversed(payloads) if payload.startswith("/done"))
        else:
            index = form.index(talk.state.at)
            own = [
                payload
                for payload in payloads
                if payload.startswith("/a.") and payload.split(".")[2] == str(index)
            ]
            # Another one is always possible: the last button says that it was enough.
            tap = own[-1 if question.kind is QuestionKind.REPEAT else 0] if own else ""
        if tap:
            talk.take(Heard(IncomingKind.TAP, tap, tap=parse_tap(tap)))
        else:
            word = TYPED.get(question.kind, "de buren zijn vriendelijk en behulpzaam")
            talk.take(talk.hear("text", word))
    raise AssertionError("the questionnaire never ended")
