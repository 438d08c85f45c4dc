import pytest

from nlu.rules.choices import read_choice
from nlu.rules.grades import grade_of, read_yes_no
from tests.unit.nlu.scales import AGREE, CONSENT, FOUR, THREE, TWO


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ja", "3"),
        ("jao", "3"),
        ("ja hoor", "3"),
        ("mee eens", "3"),
        ("daar ben ik het wel mee eens", "3"),
        ("dat klopt", "3"),
        ("👍🏽", "3"),
        ("best wel", "3"),
        ("redelijk mee eens", "3"),
        ("i agree", "3"),
        ("nou en of", "4"),
        ("zeker weten!", "4"),
        ("helemaal mee eens", "4"),
        ("hellemaal mee eens", "4"),
        ("heel erg mee eens hoor", "4"),
        ("helemaal", "4"),
        ("💯", "4"),
        ("mwah", "2"),
        ("gaat wel", "2"),
        ("neutraal", "2"),
        ("'t geit waal", "2"),
        ("maakt me niet uit", "2"),
        ("nee", "1"),
        ("nei", "1"),
        ("oneens", "1"),
        ("niet mee eens", "1"),
        ("niet zo", "1"),
        ("👎", "1"),
        ("helemaal niet mee eens", "0"),
        ("van geen kant", "0"),
        ("absoluut niet", "0"),
        ("gans neet", "0"),
        ("totally disagree", "0"),
    ],
)
def test_agreement_in_everyday_words(text: str, name: str) -> None:
    reading = read_choice(text, AGREE)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (True, (name,))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ja en nee", ("2", "3", "1")),
        ("misschien", ("2", "3", "1")),
        ("soms", ("2", "3")),
        ("nou ja", ("2", "3", "1")),
    ],
)
def test_both_at_once_is_asked_back(text: str, names: tuple[str, ...]) -> None:
    reading = read_choice(text, AGREE)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, names)


def test_accepting_a_proposal_is_no_agreement_with_a_statement() -> None:
    assert read_choice("doe maar", AGREE) is None


def test_four_points_have_no_middle() -> None:
    reading = read_choice("gaat wel", FOUR)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, ("3", "1"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ja", ("ja",)),
        ("nou en of", ("ja",)),
        ("min of meer", ("mm",)),
        ("soms", ("mm",)),
        ("gaat wel", ("mm",)),
        ("een beetje", ("mm",)),
        ("nee", ("nee",)),
        ("nooit", ("nee",)),
        ("van geen kant", ("nee",)),
        ("best wel", ("ja", "mm")),
        ("niet echt", ("mm", "nee")),
        ("ja en nee", ("mm", "ja", "nee")),
    ],
)
def test_three_points(text: str, names: tuple[str, ...]) -> None:
    reading = read_choice(text, THREE)

    assert reading is not None
    assert reading.values == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("prima", ("ja",)),
        ("is goed", ("ja",)),
        ("dat mag", ("ja",)),
        ("ja doe maar", ("ja",)),
        ("liever niet", ()),
        ("nee dank u", ("nee",)),
        ("dat hoeft niet", ("nee",)),
        ("later", ("later",)),
        ("vraag het morgen nog eens", ("later",)),
        ("mwah", ("ja", "nee")),
    ],
)
def test_consent(text: str, names: tuple[str, ...]) -> None:
    reading = read_choice(text, CONSENT)

    assert (reading.values if reading else ()) == names


def test_later_is_nothing_where_it_cannot_be_chosen() -> None:
    assert read_choice("later", TWO) is None


@pytest.mark.parametrize(
    ("text", "value"), [("jaaaa", "yes"), ("nope", "no"), ("straks", "later"), ("yep", "yes")]
)
def test_yes_no_without_choices(text: str, value: str) -> None:
    reading = read_yes_no(grade_of(text) or "")

    assert reading is not None
    assert reading.values == (value,)


@pytest.mark.parametrize("text", ["weet ik niet", "sla over", "stop", "hoi", "wat bedoelt u"])
def test_command_is_no_grade(text: str) -> None:
    assert grade_of(text) is None
