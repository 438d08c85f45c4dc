"""What is expected in each state, what can be pressed, and when words still belong to the answer before."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.effects import Phrase, Record
from bot.dialogue.expect import ANOTHER, UNDERSTOOD, expect, expect_answer
from bot.dialogue.heard import Event, Heard, sort_input
from bot.dialogue.options import options
from bot.dialogue.pieces import hear_piece, unfinished_at
from bot.dialogue.state import Phase, Said, State, Unfinished
from bot.dialogue.taps import Tap, answer_payload, parse_tap, placed_payload
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import answered
from domain.consent import Purpose
from domain.message import IncomingKind
from domain.understanding import By, Expected, ExpectedKind, Understanding, UnderstandingKind
from tests.transcripts.test_transcripts import HERE, NOW
from tests.unit.bot.dialogue.playing import OPEN, REPEATS, SMALL, Resident
from tests.unit.bot.dialogue.turning import press, say, says

KINDS, VALUES = (load_form(HERE / f"{name}.md") for name in ("kinds", "values"))
NOTHING, YES_OR_NO = (Expected(kind, language="en") for kind in (ExpectedKind.NONE, ExpectedKind.YESNO))


def numbers(*rows: str) -> Form:
    head = "| survey | |\n| | type | name | label | parameters | constraint |"
    asked = "\n".join(f"| | {row} |" for row in rows)
    return load_form(
        Path("n.md"), text=f"{head}\n{asked}\n| settings | |\n| | form_id | version |\n| | n | 1 |\n"
    )


def at(form: Form, path: str, phase: Phase = Phase.ASKING, **answers: str) -> State:
    given = {name: answered(value) for name, value in answers.items()}
    return State(phase=phase, language="en", questionnaire=form.questionnaire.id, at=path, answers=given)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State(phase=Phase.FINISHED, language="en"), YES_OR_NO),
        (State(phase=Phase.FINISHED, language="en", began=True), NOTHING),
        (State(phase=Phase.FINISHED, language="en", earlier=True), NOTHING),
        (State(language="en"), NOTHING),
        (at(SMALL, "gone"), NOTHING),
        (at(SMALL, "story", Phase.STOPPED), NOTHING),
        (at(SMALL, "story", Phase.CONFIRMING), YES_OR_NO),
        (at(SMALL, "story", Phase.RESTING), YES_OR_NO),
        (at(SMALL, "story", Phase.PAUSED), YES_OR_NO),
        (at(SMALL, "agree", Phase.PAUSED), YES_OR_NO),
    ],
)
def test_yes_no_or_nothing_is_expected_where_no_answer_is(state: State, expected: Expected) -> None:
    assert expect(state, SMALL, NOW) == expected


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("here", ExpectedKind.YESNO),
        ("safe", ExpectedKind.SCALE5),
        ("help", ExpectedKind.SCALE3),
        ("side", ExpectedKind.CHOICE),
        ("seen", ExpectedKind.CHOICES),
    ],
)
def test_kind_of_choice_is_expected_by_what_the_choices_mean(path: str, kind: ExpectedKind) -> None:
    question = KINDS.question(path)
    whole = Expected(kind, question.choices, "en", whole=kind is not ExpectedKind.CHOICES)
    assert expect(at(KINDS, path), KINDS) == whole


def test_choices_with_other_meanings_are_just_choices() -> None:
    form = load_form(HERE / "kinds.md")
    choices = form.question("safe").choices[1:]
    question = replace(form.question("safe"), choices=choices)
    assert expect(at(KINDS, "safe"), KINDS).kind is ExpectedKind.SCALE5
    assert expect_answer(question, "en") == Expected(ExpectedKind.CHOICE, choices, "en")


def test_what_is_pressed_besides_choices_is_expected_by_its_words() -> None:
    assert expect(at(KINDS, "read"), KINDS) == Expected(ExpectedKind.YESNO, (UNDERSTOOD,), "en")
    assert expect(at(REPEATS, "child[2]"), REPEATS) == Expected(ExpectedKind.YESNO, ANOTHER, "en")


def test_only_choices_that_the_filter_leaves_are_expected_also_in_a_pause() -> None:
    for phase in (Phase.ASKING, Phase.PAUSED):
        expected = expect(at(REPEATS, "place", phase, area="east"), REPEATS, NOW)
        assert [choice.name for choice in expected.choices] == ["heer", "wyck"]
    assert len(expect(at(REPEATS, "place", area="east"), REPEATS).choices) == 3


@pytest.mark.parametrize(
    ("row", "low", "high", "whole"),
    [
        ("range | n | N | start=0 end=10 step=1 |", 0.0, 10.0, True),
        ("range | n | N | start=0 end=1 step=0.5 |", 0.0, 1.0, False),
        ("range | n | N | start=0.5 end=9.5 step=1 |", 0.5, 9.5, False),
        ("integer | n | N | | . >= 2 and . <= 9", 2.0, 9.0, True),
        ("decimal | n | N | | . >= 2", 2.0, None, False),
    ],
)
def test_number_is_expected_within_its_bounds(
    row: str, low: float | None, high: float | None, whole: bool
) -> None:
    form = numbers(row)
    assert expect(at(form, "n"), form) == Expected(ExpectedKind.NUMBER, (), "en", low, high, whole)


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("range | n | N | start=1 end=3 step=1 |", ("1", "2", "3")),
        ("range | n | N | start=0 end=10 step=1 |", tuple(map(str, range(11)))),
        ("range | n | N | start=0 end=11 step=1 |", ()),
        ("range | n | N | start=1 end=2 step=1 |", ("1", "2")),
        ("range | n | N | start=1 end=9 step=2 |", ("1", "3", "5", "7", "9")),
        ("range | n | N | start=0 end=100 step=10 |", tuple(map(str, range(0, 101, 10)))),
        ("range | n | N | start=0 end=1 step=0.1 |", ("0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1")),
        ("range | n | N | start=0.5 end=2.5 step=1 |", ("0.5", "1.5", "2.5")),
        ("integer | n | N | | . >= 2 and . <= 4", ("2", "3", "4")),
        ("integer | n | N | | . >= 4 and . <= 4", ()),
        ("integer | n | N | | . >= 4", ()),
        ("decimal | n | N | | . >= 2 and . <= 4", ()),
    ],
)  # fmt: skip # read as rows of a table
def test_short_scales_have_a_button_for_each_number(row: str, values: tuple[str, ...]) -> None:
    form = numbers(row)
    assert options(form, form.question("n")) == values


BUSY = at(OPEN, "good", home="ik woon").having(unfinished=Unfinished("home", NOW), language="nl")


@pytest.mark.parametrize(
    ("seconds", "path"), [(0, "home"), (4, "home"), (-4, "home"), (4.001, ""), (-4.001, "")]
)
def test_words_belong_to_the_answer_before_for_four_seconds(seconds: float, path: str) -> None:
    assert unfinished_at(BUSY, OPEN, NOW + timedelta(seconds=seconds)) == path


def test_words_at_the_very_moment_of_a_button_still_belong_to_the_answer() -> None:
    left = BUSY.having(unfinished=Unfinished("home", NOW, NOW + timedelta(seconds=1)))
    moments = [NOW + timedelta(seconds=1), NOW + timedelta(seconds=1.001)]
    assert [unfinished_at(left, OPEN, moment) for moment in moments] == ["home", ""]


@pytest.mark.parametrize(
    "state",
    [
        BUSY.having(phase=Phase.PAUSED),
        BUSY.having(unfinished=None),
        BUSY.having(answers={}),
        BUSY.having(unfinished=Unfinished("gone", NOW)),
    ],
)
def test_words_belong_to_no_answer_in_a_pause_or_when_it_is_gone(state: State) -> None:
    assert unfinished_at(state, OPEN, NOW) == ""


def test_button_within_eight_seconds_ends_the_moment_of_an_answer() -> None:
    for seconds, left in ((8, True), (8.001, False), (11, False)):
        state = BUSY.having(unfinished=Unfinished("home", NOW - timedelta(seconds=seconds)), asked=3)
        after = press(state, "/help", OPEN).state.unfinished
        assert (after is not None and after.left == NOW) is left


def test_only_a_changed_message_keeps_the_moment_of_an_answer() -> None:
    edited = advance(BUSY, Heard(IncomingKind.EDIT, "x"), OPEN, NOW).state
    sent = advance(BUSY, Heard(IncomingKind.PHOTO), OPEN, NOW).state
    assert (edited.unfinished, sent.unfinished) == (BUSY.unfinished, None)


def test_moment_that_a_button_ended_stays_ended_for_the_rest() -> None:
    left = Unfinished("home", NOW, NOW + timedelta(seconds=1))
    rest = Understanding(UnderstandingKind.ANSWER, "in nazareth")
    heard = Heard(IncomingKind.TEXT, "in nazareth", understanding=rest, rest_of="home", may_go_on=True)
    turn = advance(BUSY.having(unfinished=left), heard, OPEN, NOW + timedelta(seconds=2))
    assert turn.state.unfinished == replace(left, at=NOW + timedelta(seconds=2))
    assert turn.state.answers["home"] == answered("ik woon in nazareth")
    assert (turn.state.at, says(turn)) == ("good", [])  # where the button led to, without asking that again


def test_whole_that_sounds_like_another_command_stays_an_answer() -> None:
    def understand(text: str, expected: Expected) -> Understanding:
        is_whole = text.startswith("ik woon")
        return Understanding(
            UnderstandingKind.COMMAND if is_whole else UnderstandingKind.ANSWER, "pause" if is_whole else text
        )

    heard = hear_piece(
        Heard(IncomingKind.TEXT, "in rust"), "home", BUSY, OPEN, understand, unseen=True
    )  # fmt: skip # read as one piece
    assert heard is not None
    assert (heard.rest_of, heard.unseen, heard.understanding) == (
        "home",
        True,
        Understanding(UnderstandingKind.ANSWER, "in rust"),
    )


def test_messages_that_gave_an_answer_are_remembered_with_their_words() -> None:
    rest = Understanding(UnderstandingKind.ANSWER, "in nazareth")
    heard = Heard(
        IncomingKind.TEXT, "in nazareth", understanding=rest, rest_of="home", may_go_on=True, mark="9"
    )
    known = advance(BUSY.having(said={"home": (Said("8"),)}), heard, OPEN, NOW).state.said
    unknown = advance(BUSY, heard, OPEN, NOW).state.said
    assert known == {"home": (Said("8", "ik woon"), Said("9", " in nazareth"))}
    assert unknown == {"home": (Said("", "ik woon"), Said("9", " in nazareth"))}


def test_opened_chat_after_the_end_asks_for_nothing() -> None:
    done = Resident(SMALL, "hallo", "ja", "nazareth", "12", "veel").state
    heard = [Heard(IncomingKind.OPEN, code=code) for code in ("", "park")]
    assert [sort_input(done, each, SMALL).event for each in heard] == [Event.OPENED, Event.START]


def test_place_that_is_sent_is_an_answer_only_where_it_is_asked() -> None:
    heard = Heard(IncomingKind.LOCATION, reference="50.8 5.7 0 0")
    states = [at(VALUES, "spot"), at(VALUES, "spot", Phase.PAUSED), at(VALUES, "colour"), at(VALUES, "gone")]
    assert [sort_input(each, heard, VALUES).event for each in states] == [
        Event.ANSWERED,
        Event.SENT_MEDIA,
        Event.SENT_MEDIA,
        Event.SENT_MEDIA,
    ]


@pytest.mark.parametrize("words", ["Klaar.", "dat was het!", "klaar"])
def test_word_for_done_takes_what_is_ticked(words: str) -> None:
    state = at(KINDS, "seen").having(picked=("family", "friends"))
    assert sort_input(state, text(words), KINDS).value == "family friends"


def text(words: str) -> Heard:
    return Heard(IncomingKind.TEXT, words, understanding=Understanding(UnderstandingKind.UNCLEAR))


def test_other_words_where_something_is_ticked_are_not_taken_for_done() -> None:
    state = at(KINDS, "seen").having(picked=("family",))
    assert sort_input(state, text("bloemkool"), KINDS).event is Event.NOT_UNDERSTOOD
    assert sort_input(state.having(picked=()), text("klaar"), KINDS).event is Event.NOT_UNDERSTOOD


def test_yes_to_a_proposal_counts_only_while_it_is_asked_and_typed() -> None:
    state = at(VALUES, "people", agree="yes").having(language="nl")
    taken = [
        say(each, "ja", VALUES).state.answers.get("people")
        for each in (state, state.having(phase=Phase.PAUSED))
    ]
    assert taken == [answered("2"), None]
    assert "people" not in say(state.having(phase=Phase.PAUSED), "neem dat", VALUES).state.answers


def test_answer_to_a_number_is_no_agreement_to_what_is_proposed() -> None:
    state = at(VALUES, "people", agree="yes").having(language="nl")
    answer = Understanding(UnderstandingKind.ANSWER, "5")
    heard = Heard(IncomingKind.TEXT, "goed", understanding=answer)
    assert advance(state, heard, VALUES, NOW).state.answers["people"] == answered("5")


def test_what_was_taken_by_words_is_told_back() -> None:
    state = at(VALUES, "people", agree="yes").having(language="nl")
    noted = says(say(state, "ja", VALUES))[0].lines[0]
    assert isinstance(noted, Phrase)
    assert noted.key == "answer.noted"


def test_what_was_taken_by_words_was_understood_by_the_rules() -> None:
    state = at(VALUES, "people", agree="yes").having(began=True, consents={"answers": True})
    unclear = Understanding(UnderstandingKind.UNCLEAR, by=By.NOBODY)
    turn = advance(state, Heard(IncomingKind.TEXT, "ja", understanding=unclear), VALUES, NOW)
    assert turn.effects[0] == Record("people", answered("2"), Purpose.ANSWERS, "rules")


def test_payloads_and_taps_are_each_other() -> None:
    assert answer_payload(1, 2, 3) == "/a.1.2.3"
    assert answer_payload(1, 2, 3, (4, 5), untick=True) == "/u.1.2.3.4.5"
    assert placed_payload("skip", 1, 2, (3, 4)) == "/skip.1.2.3.4"


@pytest.mark.parametrize(
    ("payload", "tap"),
    [
        ("/join.voorjaar-2027", Tap("join", (), "voorjaar-2027")),
        ("/join.a.b", None),
        ("/join", None),
        ("/join.caf\u00e9", None),
        ("/dont_know.1.2", Tap("dont_know", (1, 2))),
        ("/My_Data", Tap("my_data")),
        ("/_", None),
        ("/" + "a" * 63, Tap("a" * 63)),
        ("/" + "a" * 64, None),
        ("/a!b", None),
    ],
)
def test_payload_is_a_tap_or_none(payload: str, tap: Tap | None) -> None:
    assert parse_tap(payload) == tap


def test_state_refuses_a_field_that_it_does_not_have() -> None:
    with pytest.raises(TypeError) as raised:
        State().having(asked=1, sorrow=2)
    assert str(raised.value) == "a state has no sorrow"


def test_words_not_understood_at_a_short_scale_point_to_its_buttons() -> None:
    form = numbers("integer | n | N | | . >= 2 and . <= 4")
    assert says(say(at(form, "n"), "bloemkool", form))[0].lines == (Phrase("miss.first"),)


def test_pause_and_an_end_with_nothing_kept_end_the_moment_of_an_answer() -> None:
    assert press(BUSY, "/pause", OPEN).state.unfinished is None
    state = at(SMALL, "agree").having(unfinished=Unfinished("story", NOW), asked=3)
    ended = press(state, f"/a.3.{SMALL.index('agree')}.1", SMALL).state
    assert ended == State(phase=Phase.FINISHED, language="en", asked=3, since=3)


def test_moment_of_a_new_answer_is_its_own() -> None:
    left = BUSY.having(unfinished=Unfinished("home", NOW, NOW))
    answer = Understanding(UnderstandingKind.ANSWER, "de buren zijn heel aardig")
    heard = Heard(IncomingKind.TEXT, answer.value, understanding=answer, may_go_on=True)
    later = NOW + timedelta(seconds=2)
    assert advance(left, heard, OPEN, later).state.unfinished == Unfinished("good", later)


def test_same_answer_said_again_is_known_by_its_new_message() -> None:
    anna = Resident(OPEN, "hallo", "ja", "nee", "ik woon hier", "terug", "ik woon hier")
    assert anna.state.said["home"] == (Said("6"),)
