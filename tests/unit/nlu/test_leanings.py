"""Sentences about agreement and willingness that no phrase says as a whole."""

from datetime import UTC, datetime

import pytest

from app.understanding_commands import expected_of
from domain.understanding import Expected, ExpectedKind, UnderstandingKind
from nlu.measure_rules import EXPECTS, Grade, Held, HeldCase, grade_of_line, held_cases
from nlu.rules.leanings import leaning_of, willing_of
from nlu.rules.normalise import fold
from nlu.understand import understand

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def grade(kind: Held, case: HeldCase) -> Grade:
    meant = understand(case.text, expected_of(EXPECTS[kind], None, "nl"), now=NOW)
    told = {
        "kind": meant.kind.value,
        "value": meant.value,
        "alternatives": list(meant.alternatives),
        "windows": [],
    }
    return grade_of_line(kind, case, told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("daar kan ik me niet zo in vinden", "hardly"),
        ("daar kan ik me wel in vinden", "mostly"),
        ("as ge 't mij vraagt: hillemaol mee eens", "yes_strong"),
        ("hillemaol nie mee eens", "no_strong"),
        ("niet helemaal mee eens", "hardly"),
        ("helemaal niet mee eens", "no_strong"),
        ("eerder eens dan oneens", "mostly"),
        ("niet honderd procent, maar toch wel mee eens", "mostly"),
        ("ik sta er neutraal in", "middling"),
        ("voor geen meter mee eens", "no_strong"),
        ("ja daar ben ik het niet mee eens", None),
        ("gruwelijk mee eens", None),
        ("dat heb ik zeker wel", "yes_strong"),
        ("ik denk helemaal niet", "no_strong"),
        ("evenveel wel als niet", "middling"),
        ("waar kan ik parkeren", None),
        ("wat is helemaal oneens?", None),
        ("per ongeluk op eens gedrukt", None),
        ("jaren geleden", None),
    ],
)
def test_words_are_weighed_together(text: str, said: str | None) -> None:
    assert leaning_of(fold(text)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ja lijkt me een goed idee", "fine"),
        ("daar zeg ik geen nee tegen", "fine"),
        ("met alle plezier", "fine"),
        ("ik zie het niet zitten", "declines"),
        ("nee sorry, dat vind ik niet prettig", "declines"),
        ("Morgen misschien, nu heb ik visite", "later"),
        ("Ik wil wel, maar nog niet vandaag", "later"),
        ("ja graag, morgen", None),
        ("nee, later wil ik niet", None),
        ("ik zou graag zien dat u van mij niets overhoudt", None),
        ("waar kan ik de resultaten zien", None),
        ("regent het vanavond", None),
        ("nee das prive", "declines"),
        ("nee, hou daarmee op", None),
        ("nee geen berichten meer", None),
        ("nee hoor geen probleem", None),
        ("nee dat wil ik wel", None),
        ("eerst koffie, dan verder", "later"),
        ("geef me tien minuten", "later"),
        ("ja maar niet nu", "later"),
        ("eerst wil ik weten wie dit leest", None),
    ],
)
def test_whether_somebody_is_willing(text: str, said: str | None) -> None:
    assert willing_of(fold(text)) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("hielemaol neet, kin hei geine hoond", "1"),
        ("gaans mèt eins", "5"),
        ("kben tniet eens", "2"),
        ("voor geen millimeter bro", "1"),
        ("de ene keer wel en de andere keer weer niet", "3"),
        ("zeker weten, ik woon hier graag", "5"),
        ("3", "3"),
        ("totaal niet mee eens hier groet niemand", "1"),
        ("kan het er niet meer mee eens zijn", "5"),
        ("reken maar van yes", "5"),
        ("d'n einen daag waal d'n aandere daag neet", "3"),
    ],
)
def test_a_scale_in_dialect_in_chat_and_before_a_story(text: str, value: str) -> None:
    assert understand(text, expected_of("scale5", None, "nl"), now=NOW).value == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("scale5", "tussen eens en helemaal eens in"),
        ("scale5", "somewhere between agree and strongly agree"),
        ("scale5", "yeah right lol"),
        ("scale5", "helemaal mee eens 🙄"),
        ("scale5", "helemaal niet, alleen bij de buren"),
        ("scale5", "helemaal mee eens, vroeger"),
        ("scale5", "4"),
        ("scale5", "niet helemaal mee eens"),
        ("scale5", "niet oneens"),
        ("scale5", "onnee"),
        ("yesno", "de helft mag"),
        ("yesno", "ja tuurlijk alsof ik een keus heb"),
        ("yesno", "mwah"),
    ],
)
def test_what_may_be_more_is_asked_back(kind: str, text: str) -> None:
    assert understand(text, expected_of(kind, None, "nl"), now=NOW).kind is UnderstandingKind.UNCLEAR


def test_beside_a_not_the_other_side_is_offered_too() -> None:
    found = understand(
        "gisteren buren ruzie en daar niet mee eens", expected_of("scale5", None, "nl"), now=NOW
    )
    assert found.alternatives == ("2", "4")


@pytest.mark.parametrize("text", ["nee en ook nooit meer, stop nu", "wil nie meer", "nee ik stop ermee"])
def test_a_stop_behind_a_no_is_no_no(text: str) -> None:
    assert understand(text, Expected(ExpectedKind.YESNO), now=NOW).kind is not UnderstandingKind.ANSWER


@pytest.mark.parametrize("kind", [Held.SCALE, Held.YESNO])
def test_what_residents_type_is_read_rightly_or_asked_back(kind: Held) -> None:
    grades = [grade(kind, case) for case in held_cases(kind, "dev")]

    # The lines after the first are another hand's; half of them no rule was made for.
    first = grades[: {Held.SCALE: 305, Held.YESNO: 271}[kind]]
    assert first.count(Grade.RIGHT) >= 0.95 * len(first)
    assert grades.count(Grade.RIGHT) >= 0.87 * len(grades)
    assert grades.count(Grade.WRONG) <= 0.01 * len(grades)


@pytest.mark.parametrize("text", ["nee laat maar zitten", "geen zin"])
def test_a_stop_is_never_taken_for_a_no(text: str) -> None:
    assert grade(Held.COMMANDS, HeldCase(text, "stop")) is Grade.RIGHT
    assert grade(Held.YESNO, HeldCase(text, "no")) is Grade.COMMAND


@pytest.mark.parametrize("text", ["het is zo zwaar", "het is zo fijn hier", "t is zo stil in huis"])
def test_how_something_is_is_no_yes(text: str) -> None:
    """After danger it would go on with the questions."""
    found = understand(text, Expected(ExpectedKind.YESNO), now=NOW)
    assert found.kind is UnderstandingKind.UNCLEAR


@pytest.mark.parametrize(
    ("text", "value"), [("wil ik niet zeggen", "refuse"), ("liever niet", "no"), ("het is zo", "yes")]
)
def test_who_will_not_say_says_no_no(text: str, value: str) -> None:
    assert understand(text, Expected(ExpectedKind.YESNO), now=NOW).value == value
