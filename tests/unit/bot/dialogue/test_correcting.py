"""An earlier answer is changed in words, and a story stays a story."""

from bot.dialogue.state import Phase
from bot.forms.load import load_form
from tests.transcripts.test_transcripts import SHIPPED
from tests.unit.bot.dialogue.playing import OPEN, REPEATS, Resident

VEERKRACHT = load_form(SHIPPED)
TO_RES_1 = ("hallo", "ja", "nazareth", "40", "bewoner", "nederlands", "ja", "ja", "7")


def values(resident: Resident) -> dict[str, str]:
    return {path.rpartition("/")[2]: answer.value for path, answer in resident.state.answers.items()}


def test_old_answer_named_instead_of_the_question_is_changed() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "ik ben geen bewoner maar professional")
    assert (values(resident)["role"], resident.state.at) == ("professional", "life/res_1")


def test_choice_of_one_earlier_question_is_enough() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "ik ben geen vrijwilliger maar professional")
    assert values(resident)["role"] == "professional"


def test_degree_that_stands_at_many_questions_changes_nothing() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "eens", "ik bedoel oneens bij dinges")
    assert (values(resident)["res_1"], resident.state.at) == ("agree", "life/res_2")
    assert "life/res_2" not in resident.state.answers


def test_number_from_the_list_of_answers_names_the_question() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "verander antwoord 2 in pottenberg", "verander antwoord 99")
    assert (values(resident)["wijk"], resident.state.at) == ("pottenberg", "life/res_1")


def test_small_slip_in_the_name_of_a_question_does_not_matter() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "mijn vertrouwe is fout")
    assert resident.state.at == "life/res_1"
    resident = Resident(VEERKRACHT, *TO_RES_1, "mijn tevredn klopt niet")
    assert resident.state.at == "life/life_satisfaction"


def test_value_that_does_not_fit_opens_the_question() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "verander mijn leeftijd in blauw")
    assert (values(resident)["age"], resident.state.at) == ("30_44", "about_you/age")


def test_weak_words_whose_value_does_not_fit_are_not_taken_for_a_correction() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "mijn leeftijd is een geheim")
    assert (values(resident)["age"], resident.state.at) == ("30_44", "life/res_1")


def test_change_that_would_end_everything_is_asked_about_first() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1)
    told = resident.say("mijn leeftijd moet 12 zijn")
    assert told.splitlines() == [
        "  U wilt uw antwoord veranderen bij deze vraag: “Hoe oud bent u?” Klopt dat?",
        "  [Ja, veranderen] [Nee, laat maar staan]",
    ]
    assert values(resident)["age"] == "30_44"


def test_correction_while_a_yes_or_no_of_ours_is_open_is_an_answer_to_that() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "wis mijn gegevens", "mijn leeftijd moet 50 zijn")
    assert (resident.state.phase, values(resident)["age"]) == (Phase.CONFIRMING, "30_44")


def test_correction_in_a_pause_is_kept_and_nothing_moves() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "pauze")
    assert resident.say("mijn leeftijd moet 50 zijn").splitlines() == [
        "    (kept: about_you/age = 45_64)",
        "  Ik heb uw antwoord veranderd.",
        "  [Mijn antwoorden] [Verder]",
    ]
    assert resident.state.phase is Phase.PAUSED


def test_story_that_sounds_like_a_correction_stays_a_story() -> None:
    story = "ik bedoel dat de buren niet groeten"
    resident = Resident(OPEN, "hallo", "ja", "nee", story)
    assert values(resident)["home"] == story


def test_words_about_the_question_at_hand_are_no_correction() -> None:
    resident = Resident(VEERKRACHT, "hallo", "ja", "ik bedoel nazareth")
    assert resident.state.at != "about_you/age" or values(resident)["wijk"] == "nazareth"


def test_nothing_answered_yet_gives_nothing_to_correct() -> None:
    resident = Resident(REPEATS, "hallo", "mijn leeftijd klopt niet")
    assert resident.state.answers.keys() <= {"agree"}


def test_danger_in_a_correction_is_danger() -> None:
    resident = Resident(VEERKRACHT, *TO_RES_1, "mijn leeftijd klopt niet, ik wil dood")
    assert resident.state.phase is Phase.RESTING
