"""Stored values are shown as people say them, in each language."""

import pytest

from bot.dialogue.showing import value_words
from bot.texts.catalogue import load_catalogue
from bot.texts.render import Renderer
from domain.questionnaire import QuestionKind
from tests.unit.bot.dialogue.playing import SMALL


@pytest.mark.parametrize(
    ("kind", "value", "dutch", "english"),
    [
        (QuestionKind.DATE, "1980-05-12", "12 mei 1980", "12 May 1980"),
        (QuestionKind.DATE, "ooit", "ooit", "ooit"),
        (QuestionKind.TIME, "07:45:00", "7.45 uur", "7:45"),
        (QuestionKind.DATETIME, "2026-11-27T15:00:00.000+01:00", "27 november 2026, 15.00 uur", "27 November 2026, 15:00"),
        (QuestionKind.DECIMAL, "1.75", "1,75", "1.75"),
        (QuestionKind.RANGE, "-0.5", "-0,5", "-0.5"),
        (QuestionKind.DECIMAL, "2", "2", "2"),
        (QuestionKind.INTEGER, "1980", "1980", "1980"),
        (QuestionKind.GEOPOINT, "50.85 5.69 0 0", "een plek op de kaart", "a place on the map"),
    ],
)  # fmt: skip # read as a table, a row a line
def test_value_is_shown_as_people_say_it(kind: QuestionKind, value: str, dutch: str, english: str) -> None:
    shown = [
        Renderer(load_catalogue(), SMALL, language).words(value_words(kind, value))
        for language in ("nl", "en")
    ]
    assert shown == [dutch, english]
