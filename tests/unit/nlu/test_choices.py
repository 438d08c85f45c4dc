import pytest

from domain.questionnaire import Choice
from nlu.rules.choices import read_choice, read_choices
from tests.unit.nlu.scales import AGE, ENDS_MEET, MARK, PLACES, WIJK


@pytest.mark.parametrize(
    ("text", "choices", "name"),
    [
        ("Nazareth", WIJK, "nazareth"),
        ("nazaret", WIJK, "nazareth"),
        ("ik woon in Potenberg", WIJK, "pottenberg"),
        ("POTTENBERG!", WIJK, "pottenberg"),
        ("de tweede", WIJK, "pottenberg"),
        ("2", WIJK, "pottenberg"),
        ("optie 3", WIJK, "anders"),
        ("de laatste", WIJK, "anders"),
        ("ergens anders", WIJK, "anders"),
        ("37", AGE, "25"),
        ("ik ben 67 jaar", AGE, "65"),
        ("zeventien", AGE, "16"),
        ("15", AGE, "u16"),
        ("65 of ouder", AGE, "65"),
        ("grote moeite", ENDS_MEET, "grote"),
        ("opletten", ENDS_MEET, "let_op"),
        ("ja, enige moeite", ENDS_MEET, "enige"),
        ("een 7", MARK, "c7"),
        ("zeven", MARK, "c7"),
        ("2", MARK, "c2"),
    ],
)
def test_one_choice_in_everyday_words(text: str, choices: tuple[Choice, ...], name: str) -> None:
    reading = read_choice(text, choices)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (True, (name,))


@pytest.mark.parametrize(
    ("text", "choices", "names"),
    [
        ("vroeger nazareth nu pottenberg", WIJK, ("nazareth", "pottenberg")),
        ("niet in nazareth", WIJK, ("nazareth",)),
        ("ja", ENDS_MEET, ("enige", "grote")),
        ("nee", ENDS_MEET, ("let_op", "geen")),
        ("7 of 8", MARK, ("c7", "c8")),
    ],
)
def test_several_candidates_are_asked_back(
    text: str, choices: tuple[Choice, ...], names: tuple[str, ...]
) -> None:
    reading = read_choice(text, choices)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, names)


@pytest.mark.parametrize("text", ["4", "de vijfde", "xyz", "de", ""])
def test_what_is_not_there_is_nothing(text: str) -> None:
    assert read_choice(text, WIJK) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 en 3", "thuis buiten"),
        ("3,1", "thuis buiten"),
        ("de eerste twee", "thuis buurthuis"),
        ("allemaal", "thuis buurthuis buiten"),
        ("alle drie", "thuis buurthuis buiten"),
        ("buiten in het park en thuis", "thuis buiten"),
        ("Thuis, in het buurtuis", "thuis buurthuis"),
        ("thuis", "thuis"),
        ("de laatste", "buiten"),
    ],
)
def test_more_choices_in_the_order_shown(text: str, value: str) -> None:
    reading = read_choices(text, PLACES)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (True, (value,))


def test_half_understood_list_is_asked_back() -> None:
    reading = read_choices("thuis, bij de bakker", PLACES)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, ("thuis",))
