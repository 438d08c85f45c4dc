"""Telephone numbers stand in one dated file; a form that names one names one of those."""

import re
from pathlib import Path

from bot.forms.load import load_form
from bot.texts.catalogue import load_numbers

SHIPPED = Path(__file__).parents[4] / "bot" / "questionnaires" / "veerkracht.md"
NUMBER = re.compile(r"\b0\d{2,3}[- ]\d{3,4}(?: ?\d{3})?\b")


def test_form_names_no_number_but_the_dated_ones() -> None:
    named = set()
    for question in load_form(SHIPPED).questionnaire.questions:
        for text in (*question.label.values(), *question.hint.values(), *question.guidance.values()):
            named |= set(NUMBER.findall(text))
    assert named
    assert named <= set(load_numbers().facts.values())
