from datetime import UTC, datetime

import pytest

from domain.questionnaire import Choice
from nlu.rules.choices import read_choice, read_choices
from tests.unit.nlu.scales import AGE, ENDS_MEET, MARK, PLACES, WIJK, choice

OTHER_WIJK = (*WIJK[:2], choice("other", "Andere wijk in Maastricht"), choice("else", "Anders"))


@pytest.mark.parametrize(
    ("text", "choices", "name"),
    [
        ("Nazareth", WIJK, "nazareth"),
        ("nazaret", WIJK, "nazareth"),
        ("ik woon in Potenberg", WIJK, "pottenberg"),
        ("POTTENBERG!", WIJK, "pottenberg"),
        ("de tweede", WIJK, "pottenberg"),
        ("nummer 2", WIJK, "pottenberg"),
        ("het tweede antwoord", WIJK, "pottenberg"),
        ("andere wijk", OTHER_WIJK, "other"),
        ("anders", OTHER_WIJK, "else"),
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
        ("2", WIJK, ("pottenberg",)),
        ("twee", WIJK, ("pottenberg",)),
    ],
)
def test_several_candidates_are_asked_back(
    text: str, choices: tuple[Choice, ...], names: tuple[str, ...]
) -> None:
    reading = read_choice(text, choices)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, names)


@pytest.mark.parametrize("text", ["4", "andere wijk", "de vijfde", "xyz", "de", ""])
def test_what_is_not_there_is_nothing(text: str) -> None:
    assert read_choice(text, WIJK) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("optie 1 en 3", "thuis buiten"),
        ("de eerste en de derde", "thuis buiten"),
        ("thuis en buiten in het park allebei", "thuis buiten"),
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("thuis of buiten in het park", ("thuis", "buiten")),
        ("thuis, in het buurthuis of buiten in het park", ("thuis", "buurthuis", "buiten")),
        ("de eerste of de derde", ("thuis", "buiten")),
        ("1 of 3", ("thuis", "buiten")),
        ("1 en 3", ("thuis", "buiten")),
        ("2", ("buurthuis",)),
    ],
)
def test_one_of_two_is_not_both(text: str, names: tuple[str, ...]) -> None:
    reading = read_choices(text, PLACES)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, names)


@pytest.mark.parametrize("text", ["allebei", "alle twee", "beide", "both", "alle vier"])
def test_both_of_three_is_not_all(text: str) -> None:
    assert read_choices(text, PLACES) is None


@pytest.mark.parametrize("text", ["allebei", "alle twee", "beide", "allemaal"])
def test_both_of_two_is_all(text: str) -> None:
    reading = read_choices(text, PLACES[:2])

    assert reading is not None
    assert (reading.is_answer, reading.values) == (True, ("thuis buurthuis",))


def test_half_understood_list_is_asked_back() -> None:
    reading = read_choices("thuis, bij de bakker", PLACES)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, ("thuis",))


def test_bare_number_that_is_a_place_too_is_asked_back_where_somebody_would_be_too_young() -> None:
    ages = tuple(
        Choice(name, {"nl": label})
        for name, label in (
            ("under", "Jonger dan 16"),
            ("young", "16 tot en met 29"),
            ("middle", "30 tot en met 64"),
            ("old", "65 of ouder"),
        )
    )
    reading = read_choice("4", ages)
    assert reading is not None
    assert (reading.is_answer, reading.values) == (False, ("under", "old"))
    for said, name in (("12", "under"), ("ik ben 4", "under"), ("1", "under"), ("70", "old")):
        reading = read_choice(said, ages)
        assert reading is not None, said
        assert (reading.is_answer, reading.values) == (True, (name,)), said


AGES = tuple(
    Choice(name, {"nl": label})
    for name, label in (
        ("under", "Jonger dan 16"),
        ("16", "16 tot en met 29"),
        ("30", "30 tot en met 44"),
        ("45", "45 tot en met 64"),
        ("65", "65 tot en met 79"),
        ("80", "80 of ouder"),
    )
)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("net 50 geworden", "45"),
        ("45 jaar jong", "45"),
        ("begin veertig", "30"),
        ("dik in de zestig", "65"),
        ("halverwege de dertig", "30"),
        ("geboren in 1990", "30"),
        ("bouwjaar 58", "65"),
        ("nee ik bedoel 37", "30"),
        ("onder de 16", "under"),
        ("ik ben 12 jaar", "under"),
        ("boven de 80", "80"),
        # What lies over a border is asked, with the younger band first.
        ("in de veertig", "30 45 ?"),
        ("zestiger", "45 65 ?"),
        ("zoiets van 45", "30 45 ?"),
        ("bijna 65", "45 65 ?"),
        ("ik ben van 1961", "45 65 ?"),
        ("boven de 65", "65 80 ?"),
        ("in my forties", "30 45 ?"),
        # Who is too young is led out: a slip, a mark or a number of years must not do that.
        ("7", "under ?"),
        ("7.5", "under ?"),
        ("al 10 jaar", "under ?"),
        ("ik woon hier al 10 jaar", "under ?"),
    ],
)
def test_age_in_everyday_words(said: str, names: str) -> None:
    reading = read_choice(said, AGES, datetime(2026, 11, 28, tzinfo=UTC))
    assert reading is not None
    assert (*reading.values, *([] if reading.is_answer else ["?"])) == tuple(names.split())


def test_year_of_birth_without_a_clock_is_no_age() -> None:
    assert read_choice("ik ben van 1961", AGES) is None


WISHES = tuple(
    choice(f"c{place}", label)
    for place, label in enumerate(
        ("Groen en parken", "Veiligheid op straat", "Elkaar ontmoeten", "Wonen en huur"), 1
    )
)
QUARTERS = tuple(
    choice(name, name)
    for name in ("Heer", "De Heeg", "Caberg", "Oud-Caberg", "Wittevrouwenveld", "Sint Pieter")
)


@pytest.mark.parametrize(
    ("text", "sure", "values"),
    [
        ("alles behalve de tweede", True, ("c1 c3 c4",)),
        ("alles behalve de laatste", True, ("c1 c2 c3",)),
        ("alles behalve groen en wonen", True, ("c2 c3",)),
        ("everything except the first", True, ("c2 c3 c4",)),
        ("alles behalve 2", False, ("c1 c3 c4",)),
        ("de eerste en de laatste", True, ("c1 c4",)),
        ("nummers 1 en 2", True, ("c1 c2",)),
    ],
)
def test_several_of_a_list(text: str, sure: bool, values: tuple[str, ...]) -> None:
    reading = read_choices(text, WISHES)

    assert reading is not None
    assert (reading.is_answer, reading.values) == (sure, values)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("heeg", ("De Heeg",)),
        ("de heeg", ("De Heeg",)),
        ("heer", ("Heer",)),
        ("witevrouweveld", ("Wittevrouwenveld",)),
        ("st pieter", ("Sint Pieter",)),
        ("ouwe caberg", ("Caberg", "Oud-Caberg")),
        ("ik woon in caberg", ("Caberg",)),
    ],
)
def test_names_of_quarters_as_they_are_typed(text: str, names: tuple[str, ...]) -> None:
    reading = read_choice(text, QUARTERS)

    assert reading is not None
    assert reading.values == names
