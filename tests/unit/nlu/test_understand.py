from datetime import UTC, datetime

import pytest

from domain.questionnaire import Choice
from domain.safety import SignalKind
from domain.understanding import By, Expected, ExpectedKind, ModelParse, Understanding, UnderstandingKind
from nlu.understand import understand
from tests.unit.nlu.scales import AGREE, CONSENT, PLACES, THREE, TWO, WIJK

NOW = datetime(2026, 5, 6, 10, tzinfo=UTC)
NOTHING = Expected(ExpectedKind.NONE)
OPEN = Expected(ExpectedKind.TEXT)
FIVE = Expected(ExpectedKind.SCALE5, AGREE)


def said(text: str, expected: Expected = NOTHING, parse: ModelParse | None = None) -> Understanding:
    return understand(text, expected, now=NOW, parse=parse)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("stop", "stop"),
        ("STOP!!", "stop"),
        ("stooop", "stop"),
        ("stpo", "stop"),
        ("ik wil graag stoppen", "stop"),
        ("kap er nou mee", "stop"),
        ("rot op", "stop"),
        ("sla maar over", "skip"),
        ("Slamaarover", "skip"),
        ("sla deze vraag maar over aub", "skip"),
        ("volgende vraag graag", "skip"),
        ("weet ik niet", "dont_know"),
        ("ik weet het niet hoor", "dont_know"),
        ("ik weet het echt niet", "dont_know"),
        ("k weet t niet", "dont_know"),
        ("geen idee joh", "dont_know"),
        ("ich weit 't neet", "dont_know"),
        ("idk", "dont_know"),
        ("dat zeg ik liever niet", "refuse"),
        ("gaat je niks aan", "refuse"),
        ("I’d rather not say", "refuse"),
        ("wat bedoelt u", "explain"),
        ("wat bedoel je daar nou mee?", "explain"),
        ("ik snap de vraag niet", "explain"),
        ("huh?", "explain"),
        ("waarom wil je dat weten", "why"),
        ("waarom vragen jullie dat eigenlijk?", "why"),
        ("kunt u dat herhalen", "repeat"),
        ("een vraag terug", "back"),
        ("ik heb me vergist", "back"),
        ("help", "help"),
        ("ben je een robot?", "help"),
        ("ik wil een mens spreken", "human"),
        ("mag ik iemand van de gemeente spreken", "human"),
        ("can i talk to a human please", "human"),
        ("wie leest dit", "privacy"),
        ("wie krijgt mijn antwoorden te zien", "privacy"),
        ("is dit anoniem?", "privacy"),
        ("verwijder alles", "erase"),
        ("wis mijn gegevens", "erase"),
        ("delete all my data", "erase"),
        ("wat weten jullie allemaal van mij", "my_data"),
        ("hoe lang nog", "progress"),
        ("hoelang duurt dit nog?", "progress"),
        ("how many questions are left", "progress"),
        ("kan het in het engels", "language"),
        ("kan ik mijn afspraak verzetten", "reschedule"),
        ("ik wil de afspraak afzeggen", "cancel_session"),
        ("wanneer is mijn afspraak", "my_sessions"),
        ("wanneer was het ook alweer", "my_sessions"),
        ("wie komen er bij mij langs", "my_sessions"),
        ("kan het op een ander moment", "reschedule"),
        ("???", "explain"),
        ("?", "explain"),
        ("die sla ik over", "skip"),
        ("waar is dat voor nodig", "why"),
        ("waar is die vraag eigenlijk goed voor", "why"),
        ("is het al bijna klaar", "progress"),
        ("zijn we er bijna", "progress"),
        ("mag ik een medewerker", "human"),
        ("mag ik een medewerker spreken", "human"),
        ("begin opnieuw", "start"),
        ("ik wil helemaal opnieuw beginnen", "start"),
        ("laat zo", "start"),
        ("laat maar zo", "start"),
        ("terug naar de vragen", "start"),
        ("ik ga even koffie halen", "pause"),
        ("moet even naar de wc", "pause"),
        ("doei", "pause"),
        ("tot ziens!", "pause"),
        ("oke bedankt doei", "pause"),
        ("houdoe", "pause"),
        ("even pauze", "pause"),
        ("ik heb nu geen tijd", "pause"),
        ("ga verder", "start"),
        ("ik ben er weer", "start"),
    ],
)
@pytest.mark.parametrize("expected", [NOTHING, OPEN], ids=["nothing asked", "open question"])
def test_commands_as_people_say_them(text: str, command: str, expected: Expected) -> None:
    understood = said(text, expected)

    assert (understood.kind, understood.value) == (UnderstandingKind.COMMAND, command)


@pytest.mark.parametrize(
    "text",
    [
        "Ik wil dat ze stoppen met slopen",
        "Ik weet niet of de buurt nog veilig is",
        "  Meer hulp voor ouderen.\nEn bankjes!  ",
        "Help elkaar, dat is wat ik zou willen",
        "de bus stopt hier niet meer",
        "👍 gezellige buurt",
        "nee",
        "Waarom is er geen bus meer?",
        "Dank je wel voor de vraag, ik vind het park mooi",
        "Hoe is het park zo vies geworden?",
        "Wat is er mis met een bankje",
        "niks",
        "genoeg",
        "?! dat weet toch iedereen",
        "ik ga koffie halen bij de buurvrouw",
        "ik ga even wandelen in het park",
        "laat het park zo",
        "De gemeente moet ons niet overslaan",
    ],
)
def test_open_answer_that_only_contains_a_command_is_kept_as_written(text: str) -> None:
    understood = said(text, OPEN)

    assert (understood.kind, understood.value) == (UnderstandingKind.ANSWER, text)


@pytest.mark.parametrize(
    "text",
    [
        "nope",
        "dat was alles",
        "dat is alles",
        "nee, dat was het",
        "dat waren ze allemaal",
        "geen kinderen meer",
        "nee, niemand meer",
        "meer niet",
    ],
)
@pytest.mark.parametrize(("choices", "value"), [((), "no"), (TWO, "nee"), (CONSENT, "nee")])
def test_nothing_more_is_no_where_yes_or_no_was_asked(
    text: str, choices: tuple[Choice, ...], value: str
) -> None:
    understood = said(text, Expected(ExpectedKind.YESNO, choices))

    assert (understood.kind, understood.value) == (UnderstandingKind.ANSWER, value)


def test_nothing_more_says_nothing_on_a_scale() -> None:
    assert said("dat was alles", FIVE).kind == UnderstandingKind.UNCLEAR


def test_jawel_is_yes() -> None:
    assert said("jawel", Expected(ExpectedKind.YESNO)).value == "yes"


def test_blank_open_answer_is_unclear() -> None:
    assert said(" \n ", OPEN).kind == UnderstandingKind.UNCLEAR


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Hoi!", "greet"),
        ("gooje mörge", "greet"),
        ("Dank u wel", "thanks"),
        ("thanks for your help", "thanks"),
    ],
)
def test_greeting_and_thanks(text: str, word: str) -> None:
    understood = said(text)

    assert (understood.kind, understood.value) == (UnderstandingKind.SOCIAL, word)


def test_choice_at_hand_wins_over_command() -> None:
    assert said("later", Expected(ExpectedKind.YESNO, CONSENT)).value == "later"
    assert said("later", FIVE).value == "pause"


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("I would like to talk about my neighbourhood", "nl", "en"),
        ("ik wil graag praten over mijn buurt", "en", "nl"),
        ("iech weet neet wat dat is", "en", "nl"),
        ("stop", "nl", "nl"),
        ("stop", "en", "en"),
        ("yes", "nl", "nl"),
        ("❤", "en", "en"),
    ],
)
def test_language_is_heard_or_stays(text: str, default: str, language: str) -> None:
    assert said(text, Expected(ExpectedKind.NONE, language=default)).language == language


EVERY_KIND = [
    Expected(kind, choices)
    for kind in ExpectedKind
    for choices in ((), AGREE if kind.value.startswith("scale") else TWO)
]


@pytest.mark.parametrize(
    "expected", EVERY_KIND, ids=lambda expected: f"{expected.kind}-{len(expected.choices)}"
)
@pytest.mark.parametrize("text", ["ik wil dood", "Stop maar. Ik wil niet meer leven", "nee, hij slaat me"])
def test_safety_floor_hears_in_every_state(text: str, expected: Expected) -> None:
    understood = said(text, expected)

    assert understood.kind == UnderstandingKind.SAFETY
    assert understood.by == By.SAFETY
    assert understood.signals != ()


def test_safety_floor_hears_inside_an_open_answer() -> None:
    text = "De buren zijn aardig en het park is mooi. Eerlijk gezegd wil ik er niet meer zijn. Verder is er te weinig te doen."

    assert said(text, OPEN).signals == (SignalKind.SUICIDE,)


def test_safety_floor_wins_over_the_model() -> None:
    parse = ModelParse((("stop", 0.99),), "m")

    assert said("k trek het niet meer, wil er niet meer zijn", FIVE, parse).kind == UnderstandingKind.SAFETY


def test_model_is_read_against_what_was_asked() -> None:
    parse = ModelParse((("agree_strongly", 0.98), ("stop", 0.02)), "m1")

    on_scale = said("daar zeg je me wat", FIVE, parse)
    on_wijk = said("daar zeg je me wat", Expected(ExpectedKind.CHOICE, WIJK), parse)

    assert (on_scale.kind, on_scale.value, on_scale.by, on_scale.model) == (
        UnderstandingKind.ANSWER,
        "4",
        By.RASA,
        "m1",
    )
    assert on_wijk.kind == UnderstandingKind.UNCLEAR


def test_model_affirms_only_where_yes_can_be_said() -> None:
    parse = ModelParse((("affirm", 0.9),), "m")

    assert said("zonder meer", Expected(ExpectedKind.SCALE3, THREE), parse).value == "ja"
    assert said("zonder meer", Expected(ExpectedKind.YESNO), parse).value == "yes"
    assert said("zonder meer", Expected(ExpectedKind.NUMBER), parse).kind == UnderstandingKind.UNCLEAR
    assert said("zonder meer", NOTHING, parse).kind == UnderstandingKind.UNCLEAR


def test_model_below_the_threshold_becomes_a_question() -> None:
    parse = ModelParse((("human", 0.4), ("agree", 0.3), ("why", 0.2)), "m")

    understood = said("bla die bla", FIVE, parse)

    assert understood.kind == UnderstandingKind.UNCLEAR
    assert understood.alternatives == ("command:human", "3")


def test_model_needs_more_to_erase() -> None:
    assert said("haal weg die hap", NOTHING, ModelParse((("erase", 0.7),), "m")).alternatives == (
        "command:erase",
    )
    assert said("haal weg die hap", NOTHING, ModelParse((("erase", 0.9),), "m")).value == "erase"


def test_rules_do_not_wait_for_the_model() -> None:
    parse = ModelParse((("stop", 0.99),), "m")

    assert said("gaat wel", FIVE, parse).value == "2"
    assert said("thuis of buiten", Expected(ExpectedKind.CHOICE, PLACES), parse).alternatives == (
        "thuis",
        "buiten",
    )


@pytest.mark.parametrize(
    ("intent", "command"),
    [
        ("about_programme", "privacy"),
        ("about_results", "privacy"),
        ("chitchat_bot", "help"),
        ("correct_answer", "my_data"),
    ],
)
def test_model_hears_side_questions_that_have_an_answer(intent: str, command: str) -> None:
    understood = said("bla die bla", FIVE, ModelParse(((intent, 0.9),), "m"))
    assert (understood.kind, understood.value) == (UnderstandingKind.COMMAND, command)


@pytest.mark.parametrize(
    ("intent", "commands"),
    [
        ("complaint", ("command:human", "command:stop")),
        ("wrong_person", ("command:stop", "command:human")),
        ("running_late", ("command:my_sessions", "command:human")),
    ],
)
def test_model_offers_what_may_help_where_no_command_is_the_answer(
    intent: str, commands: tuple[str, ...]
) -> None:
    understood = said("bla die bla", FIVE, ModelParse(((intent, 0.9),), "m"))
    assert (understood.kind, understood.alternatives) == (UnderstandingKind.UNCLEAR, commands)
    assert said("bla die bla", FIVE, ModelParse(((intent, 0.4), ("why", 0.3)), "m")).alternatives == (
        "command:why",
    )


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("nog een keer", UnderstandingKind.COMMAND, "repeat"),
        ("hoe laat gaat bus 7 naar het station", UnderstandingKind.UNCLEAR, None),
        ("kan het om 3 uur?", UnderstandingKind.UNCLEAR, None),
        ("te koop een mooie kast moet weg voor 40 euro zelf ophalen", UnderstandingKind.UNCLEAR, None),
        ("wij wonen hier met ons 3", UnderstandingKind.ANSWER, "3"),
    ],
)
def test_a_number_in_a_question_or_a_story_is_asked_back(
    text: str, kind: UnderstandingKind, value: str | None
) -> None:
    found = understand(text, Expected(ExpectedKind.NUMBER, whole=True), now=NOW)
    assert (found.kind, found.value if value else None) == (kind, value)
