"""Which words ask for a talk in person, and which look like it."""

import pytest

from bot.meeting.words import asks_for_talk


@pytest.mark.parametrize(
    "words",
    [
        "ik wil praten",
        "Ik wil graag een gesprek.",
        "wil n gesprek",
        "gespek",
        "een gesprekk aub",
        "ik wil praaten",
        "ik wil paten",
        "ik wil rpaten",
        "ik wil meet iemand praten",
        "kan ik met iemand afspreken?",
        "afspraakk maken",
        "ik wil iemand in het echt spreken",
        "een persoonlijk gesprek graag",
        "I want to talk to someone in person",
        "can I meet someone?",
        "I\u2019d like to meet somebody face to face",
        "could I meet one of you",
        "iech wil praote",
        "ich wil mèt eine kalle",
        "iech wil mèt eine praote",
    ],
)
def test_a_wish_for_a_talk_is_heard(words: str) -> None:
    assert asks_for_talk(words)


@pytest.mark.parametrize(
    "words",
    [
        "ik wil niet praten",
        "I don't want to talk",
        "ik wil erover praten dat het druk is",
        "praten met een mens",
        "ik wil iemand spreken",
        "ik wil met iemand praten",
        "I want to talk to someone",
        "I want to talk to a real person",
        "ik wil platen",
        "we praten veel",
        "I meet someone",
        "ik wil met mijn buren praten",
        "iech wil neet praote",
        "in het echt",
        "persoonlijk",
        "meet",
        "",
    ],
)
def test_what_looks_like_it_is_not_taken_for_it(words: str) -> None:
    assert not asks_for_talk(words)
