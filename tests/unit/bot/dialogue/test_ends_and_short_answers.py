"""Short answers that are asked on, and the ways in which a questionnaire ends: what is said, and what is left."""

from pathlib import Path

import pytest

from bot.dialogue.effects import (
    CancelWork,
    Close,
    Forget,
    FormText,
    Key,
    Part,
    Phrase,
    Plan,
    Record,
    Say,
)
from bot.dialogue.state import Pending, PendingKind, Phase, State
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import answered
from domain.consent import Purpose
from tests.unit.bot.dialogue.playing import OPEN, SMALL, Resident
from tests.unit.bot.dialogue.turning import press, say, says

AT_GOOD = Resident(OPEN, "hallo", "ja", "ja", "Mariaberg").state.having(unfinished=None, said={})
AGREE = "select_one yn | agree | Mag het? | | | answers |"
THEN = [Key(Phrase(f"button.{word}"), f"/{word}") for word in ("my_data", "privacy", "erase")]
TABLE = """\
| survey | |
| | type | name | label | required | relevant | chat:consent | chat:exit | required_message |
{rows}
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| settings | |
| | form_id | version |
| | ends | 1 |
"""


def form_of(*rows: str) -> Form:
    return load_form(Path("ends.md"), text=TABLE.format(rows="\n".join(f"| | {row} |" for row in rows)))


def begun(form: Form, *words: str) -> State:
    state = press(State(), "/start", form).state
    for each in words:
        state = say(state, each, form).state
    return state


def test_short_answer_is_kept_and_asked_on_with_a_new_button() -> None:
    turn = say(AT_GOOD.having(misses=1), "fijn", OPEN)
    asked, index = AT_GOOD.asked + 1, OPEN.index("good")
    after = AT_GOOD.having(
        asked=asked, probed=("good",), answers={**AT_GOOD.answers, "good": answered("fijn")}, unfinished=turn.state.unfinished
    )  # fmt: skip # read as one piece
    assert turn.state == after
    go_on = Key(Phrase("button.go_on"), f"/skip.{asked}.{index}")
    assert turn.effects[:2] == (
        Record("good", answered("fijn"), Purpose.ANSWERS, "rules"),
        Say((FormText("good", Part.PROBE),), (go_on,)),
    )


def test_going_on_while_a_short_answer_is_asked_on_puts_the_question_again() -> None:
    state = say(AT_GOOD, "fijn", OPEN).state
    turn = press(state, "/start", OPEN)
    assert (turn.state.at, turn.state.answers["good"]) == ("good", answered("fijn"))


def test_short_answer_in_pieces_is_asked_on_once() -> None:
    anna = Resident(OPEN, "hallo", "ja", "ja", "Mariaberg", "fijn", "+park")
    assert (anna.state.probed, anna.state.at, anna.state.answers["good"].value) == (
        ("good",),
        "good",
        "fijn park",
    )


def test_rest_of_an_answer_leads_on_from_that_answer() -> None:
    form = form_of(
        AGREE, "begin_group | first | Eerst", "text | one | Een?", "end_group | |",
        "begin_group | then | Daarna", "text | two | Twee?", "text | three | Drie?", "end_group | |",
    )  # fmt: skip # read as rows of a table
    anna = Resident(form, "hallo", "ja")
    kept, *first = anna.say("een heel lang verhaal").splitlines()
    kept_whole, *again = anna.say("+over de buurt").splitlines()
    assert (kept, kept_whole) == (
        "    (kept: first/one = een heel lang verhaal)",
        "    (kept: first/one = een heel lang verhaal over de buurt)",
    )
    assert again == first
    assert (first[2], anna.state.at) == ("  Nieuw onderwerp: Daarna", "then/two")


def test_change_that_would_wipe_all_is_asked_about_at_the_old_question() -> None:
    state = Resident(SMALL, "hallo", "ja", "nazareth").state
    again = press(state, f"/e.{state.asked}.{SMALL.index('agree')}", SMALL).state
    turn = say(again, "nee", SMALL)
    pending = Pending(PendingKind.LEAVE, Phase.ASKING, "agree", answered("no"))
    assert turn.state == again.having(phase=Phase.CONFIRMING, pending=pending, asked=again.asked + 1)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (AGREE, Phrase("answer.needed")),
        ("text | story | Wat? | yes | | |", Phrase("answer.needed")),
        ("text | story | Wat? | yes | | | | Vertel het toch.", FormText("story", Part.REQUIRED)),
    ],
)
def test_no_answer_where_one_is_needed_is_asked_again(row: str, why: Phrase | FormText) -> None:
    form = form_of(row) if row == AGREE else form_of(AGREE, row)
    state = begun(form) if row == AGREE else begun(form, "ja")
    turn = say(state, "sla over", form)
    assert (says(turn)[0].lines, turn.state.at, turn.state.misses) == ((why,), state.at, 1)


def test_last_answer_is_thanked_for_before_every_closing_note() -> None:
    form = form_of(AGREE, "text | story | Wat?", "note | one | Dank!", "note | two | Tot ziens!")
    state = begun(form, "ja").having(misses=1, editing=True)
    turn = say(state, "de buren zijn aardig", form)
    assert turn.effects[1:-1] == (
        Say((Phrase("answer.thanks"),)),
        Say((FormText("one"),)),
        Say((FormText("two"),), tuple(THEN)),
        Close("finished"),
    )
    assert turn.state == state.having(
        phase=Phase.FINISHED, at="", misses=0, editing=False, answers=turn.state.answers,
        unfinished=turn.state.unfinished,
    )  # fmt: skip # read as one piece


def test_questionnaire_that_ends_before_anything_was_agreed_to_closes_nothing() -> None:
    form = form_of(
        "select_one yn | here | Woont u hier?", "note | away | Dan niet. | | ${here} = 'no' | | finish", AGREE
    )
    turn = say(begun(form), "nee", form)
    assert [each for each in turn.effects if isinstance(each, Close)] == []
    assert (turn.state.phase, turn.state.began) == (Phase.FINISHED, False)


def test_notes_before_the_way_out_are_said() -> None:
    form = form_of(
        AGREE, "note | first | Jammer. | | ${agree} = 'no'", "note | out | Ik bewaar niets. | | ${agree} = 'no' | | discard"
    )  # fmt: skip # read as rows of a table
    turn = say(begun(form), "nee", form)
    last = Say(
        (FormText("out"),), (Key(Phrase("button.begin"), "/start"), Key(Phrase("button.human"), "/human"))
    )
    assert turn.effects == (Say((FormText("first"),)), last, CancelWork(), Forget(), Plan("forget", 24.0))


def test_last_answer_that_grows_into_a_short_one_is_asked_on_after_all() -> None:
    head = TABLE.replace("required_message", "chat:probe")
    row = "text | story | Wat? | | | | | Vertelt u eens meer."
    form = load_form(Path("ends.md"), text=head.format(rows=f"| | {AGREE} |\n| | {row} |"))
    anna = Resident(form, "hallo", "ja", "niks")
    assert anna.state.phase is Phase.FINISHED
    assert "Vertelt u eens meer." in anna.say("+leuks")
    assert (anna.state.phase, anna.state.at) == (Phase.ASKING, "story")
