"""The simulated resident reads buttons as a person would."""

import random

from app.resident import STORIES, Resident

QUESTION = {
    "text": "Eens?",
    "buttons": [
        {"title": "Eens", "payload": "/a.1.2.0"},
        {"title": "Oneens", "payload": "/a.1.2.1"},
        {"title": "Sla over", "payload": "/skip.1.2"},
        {"title": "Meer keuzes", "payload": "/more.1.2"},
    ],
}


def resident(**more: bool) -> Resident:
    return Resident(random.Random(1), **more)


def test_resident_taps_an_answer_and_never_a_side_button() -> None:
    assert {resident().next_message([QUESTION]) for _ in range(20)} <= {"/a.1.2.0", "/a.1.2.1"}


def test_resident_who_types_uses_the_words_on_the_button() -> None:
    assert resident(types=True).next_message([QUESTION]) == "Eens"


def test_resident_tells_a_story_where_nothing_can_be_chosen() -> None:
    open_question = {"text": "Vertel", "buttons": QUESTION["buttons"][2:]}
    assert resident().next_message([open_question]) in STORIES


def test_resident_finishes_a_multiple_choice_once_something_is_ticked() -> None:
    ticked = {
        "text": "Wanneer?",
        "buttons": [
            {"title": "✓ Ochtend", "payload": "/a.1.2.0"},
            {"title": "Klaar", "payload": "/done.1.2"},
        ],
    }
    assert resident().next_message([ticked]) == "/done.1.2"


def test_resident_stops_at_the_end() -> None:
    assert (
        resident().next_message([{"text": "Dank u", "buttons": [{"title": "Wis", "payload": "/erase"}]}])
        is None
    )
    assert resident().next_message([]) is None
