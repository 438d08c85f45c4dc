"""The main job over the REST channel: whole intakes, what is stored of them, and what is not."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.acceptance.running import Assistant, Resident, answers_of, counts, rows, running_assistant

NewResident = Callable[..., Resident]


class Asked(NamedTuple):
    """A question in the order of the questionnaire: its name, the button to press, words that mean something else
    than the button in Dutch and in English, and what each of the two should be stored as."""

    name: str
    button: str
    tapped: str
    dutch: str
    english: str
    typed: str


BEFORE_CONSENT = "hallo"
STORY = "De buren helpen elkaar als er iemand ziek is"
TROUBLE = "De lift is al weken kapot en niemand doet iets"
REACHED_AT = "06-98765432"
DREAM = "Een plek om elke week samen koffie te drinken"

OPENING = [
    Asked("consent_answers", "Ja, dat mag", "yes", "jazeker", "yes sure", "yes"),
    Asked("wijk", "Pottenberg", "pottenberg", "nazaret", "nazareth", "nazareth"),
    Asked("age", "65 tot en met 79", "65_79", "ik ben 45", "I am 45", "45_64"),
    Asked("role", "Bewoner", "resident", "vrijwilliger", "volunteer", "volunteer"),
    Asked("language", "Engels", "en", "hollands", "dutch", "nl"),
    Asked("consent_learn", "Ja, dat mag", "yes", "nee liever niet", "rather not", "no"),
]
CLOSED = [
    Asked("life_satisfaction", "8 van de 10", "8", "een zeven", "seven", "7"),
    Asked("res_1", "Eens", "agree", "helemaal mee eens", "totally agree", "agree_strongly"),
    Asked("res_2", "Helemaal eens", "agree_strongly", "mwah", "neutral", "neutral"),
    Asked("res_3", "Oneens", "disagree", "mee eens", "agree", "agree"),
    Asked("res_4", "Helemaal oneens", "disagree_strongly", "niet mee eens", "disagree", "disagree"),
    Asked(
        "res_5", "Niet eens, niet oneens", "neutral", "zeer oneens", "strongly disagree", "disagree_strongly"
    ),
    Asked("res_6", "Eens", "agree", "nee", "no", "disagree"),
    Asked("res_7", "Eens", "agree", "ja", "yes", "agree"),
    Asked("res_8", "Eens", "agree", "gaat wel", "in between", "neutral"),
    Asked("res_9", "Eens", "agree", "helemaal niet mee eens", "completely disagree", "disagree_strongly"),
    Asked("cohesion_1", "Oneens", "disagree", "klopt", "true", "agree"),
    Asked("cohesion_2", "Eens", "agree", "neutraal", "neither agree nor disagree", "neutral"),
    Asked("cohesion_3", "Eens", "agree", "zeer eens", "strongly agree", "agree_strongly"),
    Asked("cohesion_4", "Helemaal eens", "agree_strongly", "klopt niet", "not true", "disagree"),
    Asked("influence_neighbourhood", "Oneens", "disagree", "jazeker", "yes", "agree"),
    Asked("trust_municipality", "Niet zo veel", "not_much", "best veel", "quite a lot", "quite_some"),
    Asked("trust_people", "Ja", "yes", "nei", "nope", "no"),
    Asked("influence_future", "Helemaal oneens", "disagree_strongly", "Eens!", "Agree.", "agree"),
    Asked("consent_sensitive", "Ja, dat mag", "yes", "is goed", "okay", "yes"),
]
SENSITIVE = [
    Asked("rondkomen", "Ja, enige moeite", "some_trouble", "ik moet opletten", "great trouble", ""),
    Asked("lonely_a", "Ja", "yes", "een beetje", "more or less", "somewhat"),
    Asked("lonely_b", "Nee", "no", "jao", "yes", "yes"),
    Asked("lonely_c", "Min of meer", "somewhat", "nee", "no", "no"),
    Asked("lonely_d", "Ja", "yes", "soms", "sometimes", "somewhat"),
    Asked("lonely_e", "Nee", "no", "jazeker", "yes", "yes"),
    Asked("lonely_f", "Min of meer", "somewhat", "nei", "no", "no"),
]
OPEN = [
    Asked("goes_well", STORY, STORY, STORY, STORY, STORY),
    Asked("needs_better", TROUBLE, TROUBLE, TROUBLE, TROUBLE, TROUBLE),
    Asked("would_like", DREAM, DREAM, DREAM, DREAM, DREAM),
]
CLOSING = [
    Asked("consent_quote", "Ja, dat mag", "yes", "nee liever niet", "rather not", "no"),
    Asked("talk_offer", "Ja, graag", "yes", "ja graag", "yes please", "yes"),
    Asked("consent_contact", "Ja, dat mag", "yes", "prima", "fine", "yes"),
    Asked("reach_at", REACHED_AT, "given", REACHED_AT, REACHED_AT, "given"),
    Asked("place", "Bij mij thuis", "home", "in het buurthuis", "community centre", "nearby"),
    Asked("times", "", "weekday_morning weekend", "'s avonds en in het weekend", "evening and weekend",
          "weekday_evening weekend"),
    Asked("prefers", "Met een vrouw", "woman", "maakt niet uit", "no preference", "either"),
]  # fmt: skip # read as a table, a row a line
TALK_LANGUAGE = Asked("talk_language", "Engels", "en", "", "", "")
LAST = Asked("step_free", "Nee", "no", "ja", "yes", "yes")
INTAKE = [*OPENING, *CLOSED, *SENSITIVE, *OPEN, *CLOSING, LAST]
TAPPED = [*INTAKE[:-1], TALK_LANGUAGE, LAST]

RONDKOMEN = {"dutch": "must_be_careful", "english": "great_trouble"}


def expected(asked: list[Asked], how: str) -> dict[str, tuple[str, str]]:
    """Name of a question to (status, value) as it should be stored."""
    if how == "button":
        return {one.name: ("answered", one.tapped) for one in asked}
    return {one.name: ("answered", one.typed or RONDKOMEN[how]) for one in asked}


def tap_through(resident: Resident, asked: list[Asked]) -> None:
    for one in asked:
        if one.name == "times":
            resident.tap_all(
                ["Doordeweeks in de ochtend", "Doordeweeks in de avond", "✓ Doordeweeks in de avond",
                 "In het weekend", "Klaar met kiezen"]
            )  # fmt: skip # one thing, on as few lines as it takes
        elif one in OPEN or one.name == "reach_at":
            resident.say(one.button)
        else:
            resident.tap(one.button)


def type_through(resident: Resident, asked: list[Asked], how: str) -> None:
    resident.say_all(getattr(one, how) for one in asked)


def responses(assistant: Assistant) -> set[str]:
    return {row[0] for row in rows(assistant.database, "select id from responses")}


class Before:
    """What was in the database before somebody came, to tell what they left in it."""

    def __init__(self, assistant: Assistant) -> None:
        self.database = assistant.database
        self._responses, self._counts = responses(assistant), counts(self.database)

    def response(self) -> str:
        (new,) = {row[0] for row in rows(self.database, "select id from responses")} - self._responses
        return str(new)

    def answers(self) -> dict[str, tuple[str, str]]:
        return answers_of(self.database, self.response())

    def consents(self) -> dict[str, bool]:
        found = rows(
            self.database,
            "select purpose, given from consents where response = ? order by id",
            self.response(),
        )
        return {purpose: bool(given) for purpose, given in found}

    def wish(self) -> dict[str, str]:
        """Name of a question to what was wished."""
        found = rows(self.database, "select preferences from wishes where response = ?", self.response())
        return (
            {path.rpartition("/")[2]: value for path, value in json.loads(found[0][0]).items()}
            if found
            else {}
        )

    def outcome(self) -> tuple[str, bool, str]:
        """(outcome, is closed, language) of the response."""
        found = rows(
            self.database, "select outcome, closed_at, language from responses where id = ?", self.response()
        )
        return found[0][0], found[0][1] is not None, found[0][2]

    def added(self) -> dict[str, int]:
        """How many rows of each table are new."""
        return {name: count - self._counts[name] for name, count in counts(self.database).items()}


NOTHING_OF_THEIR_WORDS = {
    "responses": 0,
    "answers": 0,
    "consents": 0,
    "wishes": 0,
    "reaches": 0,
    "signals": 0,
    "hand_overs": 0,
}


def added_words(before: Before) -> dict[str, int]:
    return {name: count for name, count in before.added().items() if name in NOTHING_OF_THEIR_WORDS}


def test_intake_by_taps_is_stored_as_tapped(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, TAPPED)

    assert "Dank u wel, dit was het!" in resident.text
    assert before.answers() == expected(TAPPED, "button")
    assert before.consents() == {
        "answers": True,
        "sensitive": True,
        "quote": True,
        "contact": True,
        "learn": True,
    }
    assert before.wish() == {
        "place": "home",
        "times": "weekday_morning weekend",
        "prefers": "woman",
        "talk_language": "en",
        "step_free": "no",
    }
    assert before.outcome() == ("finished", True, "nl")


def test_intake_in_colloquial_dutch_is_stored_as_meant(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say("gooje mörge")
    type_through(resident, INTAKE, "dutch")

    assert before.answers() == expected(INTAKE, "dutch")
    assert before.consents() == {
        "answers": True,
        "sensitive": True,
        "quote": False,
        "contact": True,
        "learn": False,
    }
    assert before.wish() == {
        "place": "nearby",
        "times": "weekday_evening weekend",
        "prefers": "either",
        "step_free": "yes",
    }
    assert before.outcome() == ("finished", True, "nl")


def test_intake_in_english_is_stored_as_meant(new_resident: NewResident, before: Before) -> None:
    resident = new_resident(language="en")
    resident.say("hello")
    type_through(resident, INTAKE, "english")

    assert "Thank you, that was all!" in resident.text
    assert before.answers() == expected(INTAKE, "english")
    assert before.outcome() == ("finished", True, "en")


def test_english_greeting_without_a_language_begins_in_english(new_resident: NewResident) -> None:
    resident = new_resident()
    resident.say("Good morning, I would like to take part")

    assert "Yes, you may" in resident.buttons


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["asked", "killed"])
def test_intake_goes_on_where_it_was_after_a_restart(tmp_path: Path, number: signal.Signals) -> None:
    with running_assistant(tmp_path) as first:
        resident = Resident(first, "somebody")
        resident.say(BEFORE_CONSENT)
        tap_through(resident, TAPPED[:12])
        waiting = resident.last
        first.end(number)
    with running_assistant(tmp_path) as second:
        resident.assistant = second
        tap_through(resident, [TAPPED[12]])
        assert resident.last != waiting
        tap_through(resident, TAPPED[13:])
        (response,) = responses(second)

        assert answers_of(second.database, response) == expected(TAPPED, "button")
        assert rows(second.database, "select count(*) from answers")[0][0] == len(TAPPED)


def test_start_after_a_stop_puts_the_same_question_again(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, TAPPED[:9])
    resident.say("STOP")
    assert before.outcome() == ("stopped", True, "nl")
    resident.say("nazareth")
    assert "/start" in resident.buttons.values()

    resident.say("start")
    assert "Ik kan doorzetten" in resident.text
    tap_through(resident, TAPPED[9:])

    assert before.answers() == expected(TAPPED, "button")
    assert before.outcome() == ("finished", True, "nl")


def test_response_that_goes_on_after_a_stop_is_open_again(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, TAPPED[:4])
    assert before.outcome() == ("", False, "nl")
    resident.say_all(["stop", "start"])

    assert before.outcome() == ("", False, "nl")


def test_consent_refused_keeps_nothing_that_was_said(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say("hallo, ik ben Geheimzegger")
    resident.tap("Nee, liever niet")

    assert "We bewaren niets" in resident.text
    assert added_words(before) == NOTHING_OF_THEIR_WORDS
    assert rows(before.database, "select 1 from conversations where state like '%Geheimzegger%'") == []


def test_under_sixteen_keeps_nothing_that_was_said(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    resident.tap_all(["Ja, dat mag", "Nazareth", "Jonger dan 16"])

    assert "0800-0432" in resident.text
    assert added_words(before) == NOTHING_OF_THEIR_WORDS
    assert rows(before.database, "select 1 from conversations where state like '%under_16%'") == []


def test_who_lives_elsewhere_leaves_nothing(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    resident.tap_all(["Ja, dat mag", "Buiten Maastricht"])

    assert "We bewaren niets" in resident.text
    assert added_words(before) == NOTHING_OF_THEIR_WORDS


def test_who_cannot_take_part_is_forgotten_altogether(tmp_path: Path) -> None:
    """Also their chat: either it is gone at once, or housekeeping knows that it has to go."""
    with running_assistant(tmp_path) as assistant:
        for sender, taps in (
            ("a", ["Nee, liever niet"]),
            ("b", ["Ja, dat mag", "Nazareth", "Jonger dan 16"]),
        ):
            resident = Resident(assistant, sender)
            resident.say(BEFORE_CONSENT)
            resident.tap_all(taps)

        kept = counts(assistant.database)["contacts"]
        planned = rows(assistant.database, "select count(*) from work where kind = 'forget'")[0][0]
        assert kept == planned


def test_sensitive_block_refused_asks_and_stores_none_of_it(
    new_resident: NewResident, before: Before
) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, [*OPENING, *CLOSED[:-1]])
    resident.tap("Nee, liever niet")
    assert "Wat gaat er goed" in resident.text
    tap_through(resident, [*OPEN, *CLOSING, TALK_LANGUAGE, LAST])

    names = {one.name for one in SENSITIVE}
    assert names & set(before.answers()) == set()
    assert before.answers()["consent_sensitive"] == ("answered", "no")
    assert before.consents()["sensitive"] is False
    assert before.outcome() == ("finished", True, "nl")


def test_sensitive_consent_taken_back_hides_its_answers(new_resident: NewResident, before: Before) -> None:
    """Changed through "mijn antwoorden": from then on an export may not show them."""
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, [*OPENING, *CLOSED, *SENSITIVE[:3]])
    shown = resident.say("mijn antwoorden")
    line = next(
        line
        for message in shown
        for line in message["text"].splitlines()
        if "rondkomen en eenzaamheid" in line
    )
    number = line.partition(".")[0].partition(":")[0].strip()
    change = {
        button["title"]: button["payload"] for message in shown for button in message.get("buttons", [])
    }
    (payload,) = [payload for title, payload in change.items() if title.split()[-1] == number]
    resident.say(payload)
    resident.tap("Nee, liever niet")

    assert before.consents()["sensitive"] is False
    assert "Wat gaat er goed" in resident.text


def test_three_ways_of_not_answering_are_told_apart(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, OPENING)
    resident.say_all(["sla over", "weet ik niet", "wil ik niet zeggen"])
    resident.tap("Sla over")
    resident.tap("Meer keuzes")
    resident.tap("Weet ik niet")
    resident.tap("Meer keuzes")
    resident.tap("Wil ik niet zeggen")

    assert {
        name: before.answers()[name] for name in before.answers() if name.startswith(("life", "res"))
    } == {
        "life_satisfaction": ("skipped", ""),
        "res_1": ("dont_know", ""),
        "res_2": ("refused", ""),
        "res_3": ("skipped", ""),
        "res_4": ("dont_know", ""),
        "res_5": ("refused", ""),
    }


def test_answer_changed_through_an_old_button_counts_once(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, OPENING[:2])
    old = dict(resident.buttons)
    resident.tap("30 tot en met 44")
    resident.say(old["45 tot en met 64"])
    assert before.answers()["age"] == ("answered", "30_44")
    resident.tap("Ja, veranderen")
    resident.tap("45 tot en met 64")

    assert before.answers()["age"] == ("answered", "45_64")
    assert "Wat past het best bij u" in resident.text


def test_stop_is_respected_in_every_part_of_the_intake(
    assistant: Assistant, new_resident: NewResident
) -> None:
    for asked in (0, 1, 6, 12, 27, 33):
        before = Before(assistant)
        resident = new_resident()
        resident.say(BEFORE_CONSENT)
        tap_through(resident, TAPPED[:asked])
        resident.say("stop")

        assert resident.text.startswith("U bent gestopt."), asked
        said = resident.say("hallo?")
        assert [message["text"].startswith("U bent gestopt.") for message in said] == [True], asked
        assert before.added()["answers"] == asked, asked


def test_a_person_is_asked_for_and_passed_on(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, TAPPED[:8])
    resident.say("praat met een mens")

    assert "Met een mens praten kan per telefoon." in resident.text
    assert before.added()["hand_overs"] == 1


def test_cry_for_help_gets_the_numbers_and_is_no_answer(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, [*OPENING, *CLOSED, *SENSITIVE])
    resident.say("ik wil niet meer leven")

    assert "113" in resident.text
    assert "goes_well" not in before.answers()
    assert before.added()["signals"] == 1
    resident.tap("Verder")
    tap_through(resident, [*OPEN, *CLOSING, TALK_LANGUAGE, LAST])
    assert before.answers() == expected(TAPPED, "button")


def test_same_message_id_counts_once_and_gets_the_same_reply(
    new_resident: NewResident, before: Before
) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    yes = resident.buttons["Ja, dat mag"]
    first = resident.say(yes, message_id="one")
    again = resident.say(yes, message_id="one")

    assert again == first
    assert before.added()["answers"] == 1


def test_erased_resident_leaves_no_trace_in_the_files(tmp_path: Path) -> None:
    word = "Zonnebloemenpracht"
    with running_assistant(tmp_path) as assistant:
        stays = Resident(assistant, "who-stays")
        stays.say(BEFORE_CONSENT)
        tap_through(stays, TAPPED[:3])
        resident = Resident(assistant, "who-goes-Vogelvrij")
        resident.say(BEFORE_CONSENT)
        tap_through(resident, [*OPENING, *CLOSED])
        tap_through(resident, SENSITIVE)
        resident.say(f"De {word} in de straat is prachtig", message_id="m1")
        # First make sure that something could be left behind.
        assert word in b"".join(path.read_bytes() for path in files_of(tmp_path)).decode("utf-8", "replace")

        resident.say("wis mijn gegevens")
        resident.tap("Ja, wis alles")
        assert resident.text.startswith("Alles is gewist.")
        assistant.end()
    left = b"".join(path.read_bytes() for path in files_of(tmp_path))

    # Names of choices stand there as part of the questionnaire; that no answer does is counted below.
    assert [trace for trace in (word, "Vogelvrij") if trace.encode() in left] == []
    assert counts(tmp_path / "wijkverhaal.db") == {
        "responses": 1,
        "answers": 3,
        "consents": 1,
        "wishes": 0,
        "reaches": 0,
        "signals": 0,
        "hand_overs": 0,
        "conversations": 1,
        "contacts": 1,
    }


def files_of(folder: Path) -> list[Path]:
    """Everything but the forms, which hold the words of the questions."""
    return [
        path for path in folder.rglob("*") if path.is_file() and path.parent.name not in ("cache", "forms")
    ]


def test_erased_resident_may_begin_anew(new_resident: NewResident, before: Before) -> None:
    resident = new_resident()
    resident.say(BEFORE_CONSENT)
    tap_through(resident, TAPPED[:5])
    resident.say("wis mijn gegevens")
    resident.tap("Nee, bewaar ze")
    assert before.added()["answers"] == 5
    resident.say("wis mijn gegevens")
    resident.tap("Ja, wis alles")
    assert before.added() == dict.fromkeys(counts(before.database), 0)

    resident.say(BEFORE_CONSENT)
    resident.tap("Ja, dat mag")
    assert before.added()["answers"] == 1
