"""A yes that depends on something is no yes, in whatever words."""

from datetime import UTC, datetime

import pytest

from domain.questionnaire import Choice
from domain.understanding import Command, Expected, ExpectedKind, ModelParse, UnderstandingKind
from nlu.understand import understand
from tests.unit.nlu.scales import AGREE, CONSENT, ENDS_MEET, THREE, WIJK, choice

NOW = datetime(2026, 5, 6, 10, tzinfo=UTC)
SURE_OF_YES = ModelParse((("affirm", 0.99),), "m")
UNMARKED = (choice("a", "Ja, allebei"), choice("b", "Nee"))
CONDITIONAL = [
    "ja maar",
    "ja, mits anoniem",
    "mits anoniem",
    "alleen anoniem",
    "ja maar niet altijd",
    "jawel hoor maar",
    "ja hoor, maar niet mijn naam",
    "ja onder voorwaarde",
    "ja, op voorwaarde dat niemand het ziet",
    "ja tenzij de gemeente meeleest",
    "ja zolang het maar anoniem blijft",
    "oke maar niet met de gemeente",
    "akkoord, mits",
    "prima, behalve mijn naam",
    "ja dat mag, als het anoniem is",
    "ik geef toestemming mits het anoniem is",
    "yes but",
    "yes if it is anonymous",
    "jao mer",
    "ja toch niet",
    "nee, tenzij het anoniem is",
    "nee toch wel",
]


@pytest.mark.parametrize("text", CONDITIONAL)
@pytest.mark.parametrize(
    ("choices", "names"), [((), {"yes", "no"}), (CONSENT, {"ja", "nee"}), (UNMARKED, {"a", "b"})]
)
def test_yes_with_a_condition_is_put_back_whatever_the_model_says(
    text: str, choices: tuple[Choice, ...], names: set[str]
) -> None:
    understood = understand(text, Expected(ExpectedKind.YESNO, choices), now=NOW, parse=SURE_OF_YES)

    assert (understood.kind, set(understood.alternatives)) == (UnderstandingKind.UNCLEAR, names)


@pytest.mark.parametrize(
    ("text", "choices", "alternatives"),
    [
        ("ja, mits anoniem", THREE, ("ja", "mm", "nee")),
        ("nee, tenzij", THREE, ("nee", "mm", "ja")),
        ("eens, maar niet overal", AGREE, ("3", "2")),
        ("helemaal eens, behalve 's avonds", AGREE, ("4", "2")),
    ],
)
def test_scale_with_a_condition_offers_the_grade_and_what_is_in_between(
    text: str, choices: tuple[Choice, ...], alternatives: tuple[str, ...]
) -> None:
    understood = understand(text, Expected(ExpectedKind.CHOICE, choices), now=NOW)

    assert (understood.kind, understood.alternatives) == (UnderstandingKind.UNCLEAR, alternatives)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ja doe maar", "ja"),
        ("toe maar", "ja"),
        ("vooruit dan maar", "ja"),
        ("ja hoor", "ja"),
        ("nee, maar bedankt", "nee"),
        ("nee dank u wel", "nee"),
    ],
)
def test_maar_without_a_condition_changes_nothing(text: str, value: str) -> None:
    understood = understand(text, Expected(ExpectedKind.YESNO, CONSENT), now=NOW)

    assert (understood.kind, understood.value) == (UnderstandingKind.ANSWER, value)


@pytest.mark.parametrize(
    ("text", "choices", "name"),
    [
        ("Nee, maar ik moet wel opletten", ENDS_MEET, "let_op"),
        ("alleen in Pottenberg", WIJK, "pottenberg"),
    ],
)
def test_condition_that_a_choice_has_itself_is_that_choice(
    text: str, choices: tuple[Choice, ...], name: str
) -> None:
    understood = understand(text, Expected(ExpectedKind.CHOICE, choices), now=NOW)

    assert (understood.kind, understood.value) == (UnderstandingKind.ANSWER, name)


def test_in_between_choice_takes_a_yes_that_is_not_always_so() -> None:
    understood = understand("ja maar niet altijd", Expected(ExpectedKind.SCALE3, THREE), now=NOW)

    assert (understood.kind, understood.value) == (UnderstandingKind.ANSWER, "mm")


def test_question_about_a_condition_stays_a_question() -> None:
    understood = understand("is dit anoniem?", Expected(ExpectedKind.YESNO, CONSENT), now=NOW)

    assert (understood.kind, understood.value) == (UnderstandingKind.COMMAND, Command.PRIVACY)


def test_choices_without_yes_or_no_have_no_conditional_yes() -> None:
    understood = understand("ja maar", Expected(ExpectedKind.CHOICE, (choice("x", "Blauw"),)), now=NOW)

    assert (understood.kind, understood.alternatives) == (UnderstandingKind.UNCLEAR, ())
