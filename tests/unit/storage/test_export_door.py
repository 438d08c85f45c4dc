"""What leaves through which door, question by question."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.questionnaire import Choice, Personal, Question, QuestionKind, Questionnaire
from storage.codebook import WITHHELD
from storage.export_door import (
    EVERYTHING,
    Door,
    Treatment,
    age_band,
    is_age,
    seen_through,
    through,
    treatments,
)
from storage.export_rows import Said

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
DEFAULT, PERSONAL, OPEN = Door(), Door(personal=True), Door(open_answers=True)
FORM = Questionnaire(
    "f",
    "1",
    {"nl": "F"},
    "nl",
    ("nl",),
    (
        Question("age", QuestionKind.INTEGER, {}),
        Question("word", QuestionKind.TEXT, {}),
        Question("here", QuestionKind.GEOPOINT, {}),
        Question("prefers", QuestionKind.SELECT_ONE, {}, wish=True),
        Question("mark", QuestionKind.INTEGER, {}),
        Question("wijk", QuestionKind.SELECT_ONE, {}, choices=(Choice("n", {}),)),
        Question("older", QuestionKind.CALCULATE, {}),
        Question("said", QuestionKind.CALCULATE, {}),
        Question("both", QuestionKind.CALCULATE, {}),
        Question("double", QuestionKind.CALCULATE, {}),
        Question("unknown", QuestionKind.CALCULATE, {}),
    ),
)
DERIVED = {
    "older": frozenset({"age"}),
    "said": frozenset({"word"}),
    "both": frozenset({"age", "word", "mark"}),
    "double": frozenset({"mark"}),
}
AS_IT_IS = Treatment.AS_IT_IS


@pytest.mark.parametrize(
    "label",
    [
        "Hoe oud bent u?",
        "Wat is uw leeftijd?",
        "In welk jaar bent u geboren?",
        "Uw geboortejaar?",
        "How old are you?",
        "Year of birth",
    ],
)
@pytest.mark.parametrize("kind", [QuestionKind.INTEGER, QuestionKind.DATE, QuestionKind.RANGE])
def test_age_under_any_name_leaves_in_bands(label: str, kind: QuestionKind) -> None:
    question = Question("q4", kind, {"nl": "Vraag 4", "en": label})
    assert is_age(question)
    assert is_age(replace(question, label={}, hint={"nl": label}))
    form = replace(FORM, questions=(question,))
    how = treatments(DEFAULT, form, {})
    value = "1961-04-02" if kind is QuestionKind.DATE else "65"
    said = through(how["q4"], "q4", Said("answered", value), {}, may_quote=True, at=AT)
    assert said is not None
    assert said.value == "65_79"


@pytest.mark.parametrize(
    "label",
    [
        "Hoeveel jaar woont u hier?",
        "Hoe vaak helpt u buren?",
        "Average number",
        "Bagage",
        "Oudste kind: hoe lang?",
    ],
)
def test_other_numbers_leave_as_they_are(label: str) -> None:
    assert not is_age(Question("q4", QuestionKind.INTEGER, {"nl": label}))


def test_the_mark_of_a_form_goes_before_names_and_words() -> None:
    plain = Question("how_long", QuestionKind.INTEGER, {"nl": "Hoe lang al?"})
    assert is_age(replace(plain, personal=Personal.AGE))
    house = Question("age", QuestionKind.INTEGER, {"nl": "Hoe oud is uw huis?"})
    assert is_age(house)
    assert not is_age(replace(house, personal=Personal.NO))
    choice = Question("diagnosis", QuestionKind.SELECT_ONE, {}, personal=Personal.IDENTIFYING)
    words = Question("who", QuestionKind.TEXT, {}, personal=Personal.IDENTIFYING)
    told = Question("told", QuestionKind.CALCULATE, {})
    form = replace(FORM, questions=(choice, words, told))
    derived = {"told": frozenset({"diagnosis"})}
    assert treatments(DEFAULT, form, derived) == {
        "diagnosis": Treatment.LEAVE_OUT, "who": Treatment.LEAVE_OUT, "told": Treatment.KEEP_BACK
    }  # fmt: skip # read as one line
    assert treatments(OPEN, form, derived)["who"] is Treatment.LEAVE_OUT
    assert treatments(PERSONAL, form, derived) == {
        "diagnosis": AS_IT_IS, "who": Treatment.WORDS, "told": AS_IT_IS
    }  # fmt: skip # read as one line


@pytest.mark.parametrize(
    ("door", "wanted"),
    [
        (
            DEFAULT,
            {
                "age": Treatment.AGE,
                "word": Treatment.WORDS,
                "here": Treatment.LEAVE_OUT,
                "prefers": Treatment.LEAVE_OUT,
                "older": Treatment.KEEP_BACK,
                "said": Treatment.KEEP_BACK,
                "both": Treatment.KEEP_BACK,
                "unknown": Treatment.KEEP_BACK,
            },
        ),
        (
            PERSONAL,
            {
                "word": Treatment.WORDS,
                "said": Treatment.KEEP_BACK,
                "both": Treatment.KEEP_BACK,
                "unknown": Treatment.KEEP_BACK,
            },
        ),
        (
            OPEN,
            {
                "age": Treatment.AGE,
                "here": Treatment.LEAVE_OUT,
                "prefers": Treatment.LEAVE_OUT,
                "older": Treatment.KEEP_BACK,
                "both": Treatment.KEEP_BACK,
                "unknown": Treatment.KEEP_BACK,
            },
        ),
        (EVERYTHING, {}),
    ],
)
def test_each_door_lets_through_what_it_is_for(door: Door, wanted: dict[str, Treatment]) -> None:
    found = treatments(door, FORM, DERIVED)
    assert {path: how for path, how in found.items() if how is not AS_IT_IS} == wanted


def test_questionnaire_is_told_of_as_it_leaves() -> None:
    shown = {each.path: each for each in seen_through(FORM, treatments(DEFAULT, FORM, DERIVED)).questions}
    assert "here" not in shown
    assert shown["age"].kind is QuestionKind.SELECT_ONE
    assert [choice.name for choice in shown["age"].choices] == [
        "under_16", "16_29", "30_44", "45_64", "65_79", "80_plus",
    ]  # fmt: skip # one list


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("age", QuestionKind.INTEGER, True),
        ("your_age", QuestionKind.RANGE, True),
        ("leeftijd", QuestionKind.DECIMAL, True),
        ("geboortejaar", QuestionKind.INTEGER, True),
        ("birth_date", QuestionKind.DATE, True),
        ("Date_of_Birth", QuestionKind.DATE, True),
        ("age", QuestionKind.SELECT_ONE, False),
        ("average", QuestionKind.INTEGER, False),
        ("village", QuestionKind.INTEGER, False),
        ("moved_in", QuestionKind.DATE, False),
    ],
)
def test_an_exact_age_is_told_by_its_name(name: str, kind: QuestionKind, wanted: bool) -> None:
    assert is_age(Question(f"about/{name}", kind, {})) is wanted


@pytest.mark.parametrize(
    ("value", "band"),
    [
        ("0", "under_16"), ("15", "under_16"), ("15.9", "under_16"), ("16", "16_29"), ("29", "16_29"),
        ("30", "30_44"), ("45", "45_64"), ("65", "65_79"), ("80", "80_plus"), ("108", "80_plus"),
        ("1990", "30_44"), ("2026", "under_16"), ("1961-11-28", "65_79"), ("1961-11-29", "45_64"),
        ("-4", ""), ("3000", ""), ("oud", ""), ("1961-99-99", ""), ("", ""),
    ],
)  # fmt: skip # read as one list
def test_an_age_or_a_year_or_day_of_birth_falls_in_a_band(value: str, band: str) -> None:
    assert age_band(value, AT) == band


@pytest.mark.parametrize(
    ("others", "may_quote", "kept"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"talk[1]/may_quote": Said.of("yes")}, False, True),
        ({"talk[1]/may_quote": Said.of("no")}, False, False),
        ({"talk[1]/may_quote": Said("skipped", "")}, False, False),
        ({"talk[2]/may_quote": Said.of("yes")}, False, False),
        ({"may_quote": Said.of("yes")}, False, False),
    ],
)
def test_words_leave_only_where_they_may_be_quoted(
    others: dict[str, Said], may_quote: bool, kept: bool
) -> None:
    said = Said.of("Ik mis een bankje")
    found = through(Treatment.WORDS, "talk[1]/said", said, others, may_quote=may_quote, at=AT)
    assert found == (said if kept else Said(WITHHELD, ""))


def test_an_age_that_falls_in_no_band_is_kept_back() -> None:
    found = through(Treatment.AGE, "age", Said.of("41 jaar"), {}, may_quote=True, at=AT)
    assert found == Said(WITHHELD, "")


@pytest.mark.parametrize("how", [Treatment.AGE, Treatment.WORDS, Treatment.KEEP_BACK])
def test_how_somebody_did_not_answer_is_always_told(how: Treatment) -> None:
    said = Said("refused", "")
    assert through(how, "age", said, {}, may_quote=False, at=AT) == said
