"""Which earlier answer words or a changed message are about, where several come near or none does."""

from datetime import UTC
from pathlib import Path

import pytest

from bot.dialogue.advance import advance
from bot.dialogue.correcting import question_meant
from bot.dialogue.edits import is_simple
from bot.dialogue.effects import Phrase, Record, Say
from bot.dialogue.heard import Event, Heard, Sorted
from bot.dialogue.reminders import by_day, end_of_day
from bot.dialogue.state import Pending, PendingKind, Phase, Said, State
from bot.dialogue.turn import Context, look
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered
from domain.message import IncomingKind
from domain.understanding import Correction, Understanding, UnderstandingKind
from tests.transcripts.test_transcripts import NOW
from tests.unit.bot.dialogue.turning import says

FORM = load_form(
    Path("named.md"),
    text="""\
| survey | |
| | type | name | label | constraint | chat:consent |
| | select_one yn | agree | Mag ik alles bewaren? | | answers |
| | begin_group | home | Thuis |
| | select_one side | side | Aan welke kant? |
| | select_one colour | colour | Welke kleur heeft de deur? |
| | integer | moving_year | Sinds wanneer? | . < 2027 |
| | end_group | |
| | text | naam | Zeg het eens? |
| | text | bank | Hoe is het plein? |
| | text | last | Nog iets? |
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| | side | east | Oost |
| | side | west | West |
| | colour | blue | Blauw |
| | colour | west | West |
| settings | |
| | form_id | version |
| | named | 1 |
""",
)
ANSWERS = {
    "agree": answered("yes"),
    "home/side": answered("east"),
    "home/colour": answered("blue"),
    "home/moving_year": answered("1998"),
    "naam": answered("Bo"),
    "bank": answered("mooi"),
}
STATE = State(phase=Phase.ASKING, questionnaire="named", answers=ANSWERS, at="last", asked=9, began=True, consents={"answers": True})  # fmt: skip # read as one piece


def meant(state: State = STATE, form: Form = FORM, **said: str) -> str:
    return question_meant(Correction(**said), state, form, look(state, form, NOW))


@pytest.mark.parametrize(
    ("about", "path"),
    [
        ("antwoord 1", "agree"),
        ("antwoord 2", "home/side"),
        ("antwoord 6", "bank"),
        ("antwoord 7", ""),
        ("antwoord 0", ""),
        ("moving year", "home/moving_year"),
        ("home", ""),
        ("naam", "naam"),
        ("maam", ""),
        ("plain", "bank"),
        ("pleim", "bank"),
        ("pleni", "bank"),
        ("vorige antwoord", "bank"),
        ("iets heel anders", ""),
    ],
)
def test_name_of_a_question_leads_to_it(about: str, path: str) -> None:
    assert meant(about=about) == path


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"was": "Oost"}, "home/side"),
        ({"was": "blauw"}, "home/colour"),
        ({"was": "Bo"}, "naam"),
        ({"was": "ja"}, ""),
        ({"instead": "oost"}, "home/side"),
        ({"instead": "west"}, ""),
        ({"was": "oost", "instead": "west"}, "home/side"),
        ({"was": "Bo", "about": "plein"}, "naam"),
        ({"instead": "nee"}, ""),
        ({"instead": "Nog iets"}, ""),
    ],
)
def test_old_or_new_words_lead_to_the_only_question_they_fit(said: dict[str, str], path: str) -> None:
    assert meant(**said) == path


def test_words_about_nothing_name_not_even_the_only_answer() -> None:
    state = STATE.having(answers={"naam": answered("Bo")})
    assert [meant(state, about=about) for about in ("iets anders", "naam")] == ["", "naam"]


def test_skipped_answer_is_not_named_by_what_it_might_have_been() -> None:
    skipped = Answer(AnswerStatus.SKIPPED)
    assert meant(STATE.having(answers={**ANSWERS, "naam": skipped}), was="Bo") == ""


def test_question_at_hand_is_never_the_one_before() -> None:
    here = STATE.having(at="naam")
    assert (meant(here, about="naam"), meant(here, about="vorige")) == ("", "home/moving_year")
    assert meant(STATE.having(at="", phase=Phase.FINISHED), about="vorige") == "bank"


def test_labels_in_another_language_name_nothing() -> None:
    there = STATE.having(language="xx")
    assert [meant(there, was="Oost"), meant(there, about="plein")] == ["", ""]


def edited(state: State, mark: str, words: str, value: str = "") -> tuple[State, list[Say], list[str]]:
    understanding = Understanding(UnderstandingKind.ANSWER, value or words)
    heard = Heard(IncomingKind.EDIT, words, understanding=understanding, mark=mark)
    turn = advance(state, heard, FORM, NOW)
    kept = [each.answer.value for each in turn.effects if isinstance(each, Record)]
    return turn.state, says(turn), kept


def test_one_of_two_messages_changed_keeps_the_other() -> None:
    said = {"bank": (Said("3", "mooi"), Said("4", " en groen"))}
    state = STATE.having(said=said, answers={**ANSWERS, "bank": answered("mooi en groen")})
    after, _, kept = edited(state, "4", "maar druk")
    assert kept == ["mooi maar druk"]
    assert after.said == {"bank": (Said("3", "mooi"), Said("4", " maar druk"))}


def test_only_message_changed_is_the_whole_answer() -> None:
    after, _, kept = edited(STATE.having(said={"bank": (Said("3"),)}), "3", "lelijk")
    assert (kept, after.said) == (["lelijk"], {"bank": (Said("3"),)})


def test_number_changed_where_two_messages_gave_it_is_the_new_number() -> None:
    state = STATE.having(said={"home/moving_year": (Said("3", "19"), Said("4", "98"))})
    assert edited(state, "4", "in 2001", "2001")[2] == ["2001"]


def test_message_changed_into_what_the_form_refuses_changes_nothing() -> None:
    state = STATE.having(said={"home/moving_year": (Said("3"),)})
    after, said, kept = edited(state, "3", "2099")
    assert (after.phase, kept, after.answers) == (Phase.CONFIRMING, [], ANSWERS)
    assert len(said) == 1


def test_message_changed_after_the_end_leads_to_the_answers_or_on() -> None:
    state = STATE.having(phase=Phase.FINISHED, at="", said={"bank": (Said("3"),)})
    _, said, kept = edited(state, "3", "lelijk")
    assert (kept, said[0].lines) == (["lelijk"], (Phrase("edit.changed"),))
    assert [each.payload for each in said[0].keys] == ["/my_data", "/start"]


def test_value_that_the_form_refuses_may_not_stand_at_once() -> None:
    heard = Heard(IncomingKind.TEXT)
    context = Context(STATE, FORM, heard, Sorted(Event.OPENED), NOW, look(STATE, FORM, NOW))
    year = FORM.question("home/moving_year")
    assert [is_simple(context, year, value) for value in ("2099", "2001")] == [False, True]
    assert is_simple(context, FORM.question("agree"), "no") is False


def test_mark_that_no_answer_has_names_none() -> None:
    state = STATE.having(said={"bank": (Said("3"),), "naam": (Said(""), Said("4", "x"))})
    assert [state.path_of(mark) for mark in ("3", "4", "5", "")] == ["bank", "naam", "", ""]


def test_day_of_a_message_is_the_day_in_the_netherlands() -> None:
    late = NOW.replace(hour=23, minute=30)
    assert end_of_day(late) == NOW.replace(day=24, hour=19)
    assert by_day(late) == NOW.replace(day=24, hour=8)
    assert all(each.tzinfo is UTC for each in (end_of_day(late), by_day(late)))  # not the zone of the machine


def test_name_of_a_block_names_no_question_not_even_its_only_one() -> None:
    state = STATE.having(answers={path: ANSWERS[path] for path in ("agree", "home/side")})
    assert meant(state, about="home") == ""


def test_message_changed_into_a_command_is_asked_about_and_does_nothing_else() -> None:
    state = STATE.having(said={"bank": (Said("3"),)})
    pausing = Understanding(UnderstandingKind.COMMAND, "pause")
    turn = advance(state, Heard(IncomingKind.EDIT, "pauze", understanding=pausing, mark="3"), FORM, NOW)
    assert turn.state.pending == Pending(PendingKind.CHANGE, Phase.ASKING, "bank")


@pytest.mark.parametrize("mark", ["3", "99"])
def test_changed_message_whose_question_is_gone_or_unknown_leads_to_the_list(mark: str) -> None:
    after, said, kept = edited(STATE.having(said={"gone": (Said("3"),)}), mark, "lelijk")
    assert (after.answers, said[0].lines, kept) == (ANSWERS, (Phrase("edit.unknown"),), [])


@pytest.mark.parametrize("path", ["bank", "last"])
def test_message_changed_while_a_yes_or_no_is_open_closes_it(path: str) -> None:
    erasing = Pending(PendingKind.ERASE, Phase.ASKING)
    answers = {**ANSWERS, path: answered("mooi")}
    state = STATE.having(phase=Phase.CONFIRMING, pending=erasing, said={path: (Said("3"),)}, answers=answers)
    after, _, kept = edited(state, "3", "lelijk")
    assert (after.pending, after.phase is Phase.CONFIRMING, kept) == (None, False, ["lelijk"])
