"""What the author of a form is told about it: each finding with its words, the time it takes, and how it reads."""

from pathlib import Path

import pytest

from bot.forms.faults import Fault
from bot.forms.load import load_form
from bot.forms.reading_level import ease, syllables
from bot.forms.reviewing import Finding, TextLevel, conditions_on, minutes, review
from domain.errors import DefinitionError
from tests.unit.bot.forms.test_reviewing import form_with

HARD = "Ingevolge welke gemeentelijke verordeningen ondervindt u momenteel daadwerkelijke belemmeringen?"
SHORTER = "Use shorter sentences and shorter words, unless it quotes a published scale"
CHOICES = """
| survey |
| | type | name | label::Nederlands (nl) | hint::Nederlands (nl) | chat:consent | chat:exit | relevant |
| | select_one yes_no | agree | Mag het? | | answers | | |
| | note | out | Dan niet, en dat is ook helemaal goed. | | | discard | ${agree} = 'no' |
| | note | welcome | Wat fijn dat u mee wilt doen! | | | | |
| | hidden | told | | | | | |
| | select_one view | first | Wat vindt u? | Kies er een | | | |
| | select_multiple view | second | En wat nog meer? | | | | |
| | integer | age | Hoe oud bent u? | | | | |
| | text | story | Vertel eens | | | | |

| choices |
| | list_name | name | label::Nederlands (nl) | chat:meaning |
| | yes_no | yes | Ja | yes |
| | yes_no | no | Nee | no |
| | view | hard | HARD |
| | view | easy | Niks |

| settings |
| | form_id | version | default_language |
| | proef | 1 | Nederlands (nl) |
""".replace("HARD", HARD)  # fmt: skip # read as one table


def test_hard_words_on_a_choice_are_named_once_with_the_choice() -> None:
    form = load_form(Path("proef.md"), text=CHOICES)
    level = TextLevel("first", "label", "nl", HARD, ease(HARD, "nl"), "hard")
    rule = f'this text of the choice "hard" reads harder than B1 (ease {level.ease:.0f}, plain is 60 or more)'
    found = review(form)
    assert found.findings == (Finding(Fault("first", "label (nl)", rule, SHORTER), is_problem=False),)
    assert [each for each in found.levels if each.choice] == [
        TextLevel("agree", "label", "nl", "Ja", None, "yes"),
        TextLevel("agree", "label", "nl", "Nee", None, "no"),
        level,
        TextLevel("first", "label", "nl", "Niks", None, "easy"),
    ]


def test_minutes_count_reading_and_answering_and_neither_a_way_out_nor_what_is_hidden() -> None:
    view = len(HARD.split()) + 1
    words = (2 + 2) + 7 + (3 + 3 + view) + (4 + view) + 4 + 2
    seconds = words * 60 / 150 + 5 + 5 + 10 + 8 + 45
    assert minutes(load_form(Path("proef.md"), text=CHOICES)) == round(seconds / 60, 1)


def test_hard_question_is_told_how_hard_it_is() -> None:
    rule = f"this text reads harder than B1 (ease {ease(HARD, 'nl'):.0f}, plain is 60 or more)"
    found = review(form_with(f"| | text | hard | {HARD} | | | | |")).findings
    assert found == (Finding(Fault("hard", "label (nl)", rule, SHORTER), is_problem=False),)


def test_long_question_behind_a_note_is_told_how_long_it_is() -> None:
    long = "a" * 201
    fix = "Ask one short thing, and put the rest in a note before it or in guidance_hint"
    rule = "this question has 201 characters, more than 200"
    found = review(
        form_with(f"| | note | read | {long} | | | | |", f"| | text | over | {long} | | | | |")
    ).findings
    assert found == (Finding(Fault("over", "label (nl)", rule, fix), is_problem=True),)


def test_question_that_sounds_sensitive_is_told_why() -> None:
    fix = "Is it sensitive? Put it in a group with chat:purpose sensitive, after its consent"
    rule = '"schulden" sounds like a sensitive subject, and no separate consent is asked for it'
    found = review(form_with("| | text | debts | Hebt u schulden? | | | | |")).findings
    assert found == (Finding(Fault("debts", "chat:purpose", rule, fix), is_problem=False),)


@pytest.mark.parametrize(
    "row",
    [
        "| | note | told | Wij helpen bij schulden. | | | | |",
        "| | select_one yes_no | may | Mag ik naar schulden vragen? | | | sensitive | |",
        "| | text | work | Wat doet u voor werk? | | | | |",
    ],
)
def test_note_a_consent_and_plain_words_are_not_called_sensitive(row: str) -> None:
    assert review(form_with(row)).findings == ()


def test_question_under_its_consent_is_not_called_sensitive() -> None:
    consent = "| | select_one yes_no | may | Mag het? | | | sensitive | |"
    debts = "| | text | debts | Hebt u schulden? | | ${may} = 'yes' | | sensitive |"
    assert review(form_with(consent, debts)).findings == ()


def test_question_without_its_consent_is_told_what_to_ask() -> None:
    fix = (
        'Ask a question with chat:consent "sensitive" before it, and make its group relevant only after a yes'
    )
    rule = 'no consent for "sensitive" is asked before this question'
    found = review(form_with("| | text | health | Hoe gaat het? | | | | sensitive |")).findings
    assert found == (Finding(Fault("health", "chat:purpose", rule, fix), is_problem=True),)


def test_conditions_of_a_question_are_its_own_and_those_of_its_groups() -> None:
    form = form_with(
        "| | text | one | Een | | | | |", "| | text | two | Twee | | | | |",
        "| | begin_group | g | Groep | | ${one} = 'a' | | |",
        "| | begin_group | h | Binnen | | | | |",
        "| | text | in | Hierin | | ${two} = 'b' | | |", "| | end_group | | | | | | |", "| | end_group | | | | | | |",
    )  # fmt: skip # read as rows of a table
    assert conditions_on(form, "g/h/in") == {"one", "two"}
    assert conditions_on(form, "one") == set()


@pytest.mark.parametrize(("word", "count"), [("imagine", 3), ("the", 1), ("like", 1), ("improved", 2)])
def test_silent_e_takes_one_syllable_away(word: str, count: int) -> None:
    assert syllables(word, "en") == count


def test_one_sentence_is_one_sentence_and_ease_has_one_decimal() -> None:
    # Eight words, one sentence, nine syllables: 206.84 - 0.93 * 8 - 77 * 9 / 8 = 112.775.
    assert ease("De man zit op straat en buren zwaaien", "nl") == round(206.84 - 0.93 * 8 - 77 * 9 / 8, 1)


def test_faults_are_told_sheet_by_sheet_and_row_by_row() -> None:
    text = CHOICES.replace("| hint::Nederlands (nl) |", "| hind |").replace(
        "| list_name | name | label::Nederlands (nl) |",
        "| list_name | name | label::Nederlands (nl) | colour |",
    )
    text = text.replace(
        "| form_id | version | default_language |", "| form_id | version | default_language | theme |"
    )
    with pytest.raises(DefinitionError) as raised:
        load_form(Path("proef.md"), text=text)
    assert [each.sheet for each in raised.value.problems] == ["settings", "survey", "survey", "choices"]


def test_minutes_are_those_of_every_word_and_of_nothing_that_is_not_there() -> None:
    words = "| | note | long | " + " ".join(["lees"] * 1500) + " | | | | |"
    assert minutes(form_with(words)) - minutes(
        form_with("| | note | long | lees | | | | |")
    ) == pytest.approx(1499 / 150, abs=0.11)
    notes = [f"| | note | n{number} | Lees | | | | |" for number in range(30)]
    hidden = [f"| | hidden | h{number} | | | | | |" for number in range(30)]
    assert minutes(form_with(*notes)) - minutes(form_with()) == pytest.approx(30 / 150, abs=0.11)
    assert minutes(form_with(*hidden)) == minutes(form_with())


def test_ways_out_take_no_time() -> None:
    ways = [f"| | note | out{number} | Dan niet. | | | discard | ${{agree}} = 'no' |" for number in range(30)]
    whole = CHOICES.splitlines()
    at = next(place for place, line in enumerate(whole) if "| out |" in line)
    form = load_form(Path("proef.md"), text="\n".join([*whole[:at], *ways, *whole[at:]]))
    assert minutes(form) == minutes(load_form(Path("proef.md"), text=CHOICES))


def test_text_of_a_question_is_told_as_it_is_read() -> None:
    form = form_with(
        "| | text | who | Wie bent u? | | | | |", "| | text | age | Hoe oud is ${who}? | | | | |"
    )
    texts = [(level.path, level.column, level.text) for level in review(form).levels if not level.choice]
    assert texts[1:] == [("who", "label", "Wie bent u?"), ("age", "label", "Hoe oud is (who)?")]
