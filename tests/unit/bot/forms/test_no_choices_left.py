"""A filter on choices that leaves none, or takes away what was chosen: nobody is trapped, and nothing old counts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.tracing import Tracer
from domain.answer import Answer, AnswerStatus, answered
from tests.unit.bot.talking import Talker, texts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label | required | choice_filter | chat:consent |
| | select_one yn | agree | Mag het? | yes | | answers |
%s
| | select_one area | area | Welk deel? |
| | select_one place | place | Welke buurt? | %s | area = ${area} |
| | text | last | Nog iets? |
%s
| choices | |
| | list_name | name | label | area | chat:meaning |
| | yn | yes | Ja | | yes |
| | yn | no | Nee | | no |
| | area | east | Oost |
| | area | west | West |
| | area | north | Noord |
| | place | heer | Heer | east |
| | place | pottenberg | Pottenberg | west |
| settings | |
| | form_id | version |
| | empty | 1 |
"""


def _form(required: str = "yes", *, repeated: bool = False) -> Form:
    begin, end = ("| | begin repeat | child | Kind |", "| | end repeat |") if repeated else ("", "")
    lines = (TABLE % (begin, required, end)).splitlines()
    return load_form(Path("empty.md"), text="\n".join(line for line in lines if line))


def _given(inside: str, **more: str) -> dict[str, Answer]:
    return {"agree": answered("yes"), **{f"{inside}{name}": answered(value) for name, value in more.items()}}


def _next(form: Form, answers: dict[str, Answer]) -> str:
    question = form.view(answers, NOW).next_step().question
    return question.path if question else ""


@pytest.mark.parametrize("required", ["yes", ""])
@pytest.mark.parametrize("repeated", [False, True])
def test_a_question_without_choices_left_is_passed_over(required: str, repeated: bool) -> None:
    form, inside = _form(required, repeated=repeated), "child[1]/" if repeated else ""
    assert _next(form, _given(inside, area="east")) == f"{inside}place"
    assert _next(form, _given(inside, area="north")) == f"{inside}last"


@pytest.mark.parametrize("repeated", [False, True])
def test_a_question_without_choices_left_is_not_counted(repeated: bool) -> None:
    form, inside = _form(repeated=repeated), "child[1]/" if repeated else ""
    seen = [form.view(_given(inside, area=area), NOW).progress() for area in ("east", "north")]
    assert seen == [(1, 3), (1, 2)]


@pytest.mark.parametrize("repeated", [False, True])
def test_a_question_that_may_still_get_choices_is_counted(repeated: bool) -> None:
    assert _form(repeated=repeated).view(_given(""), NOW).progress() == (0, 3)


@pytest.mark.parametrize("repeated", [False, True])
def test_an_answer_that_is_no_longer_offered_does_not_count(repeated: bool) -> None:
    form, inside = _form(repeated=repeated), "child[1]/" if repeated else ""
    seen = {}
    for area in ("east", "west", "north"):
        view = form.view(_given(inside, area=area, place="heer"), NOW)
        step = view.next_step().question
        seen[area] = (view.answered_paths(), view.values(), view.progress(), step.path if step else "")
    agree = {"agree": "yes"}
    assert seen == {
        "east": (
            ["agree", f"{inside}area", f"{inside}place"],
            {**agree, f"{inside}area": "east", f"{inside}place": "heer"},
            (2, 3),
            f"{inside}last",
        ),
        "west": (["agree", f"{inside}area"], {**agree, f"{inside}area": "west"}, (1, 3), f"{inside}place"),
        "north": (["agree", f"{inside}area"], {**agree, f"{inside}area": "north"}, (1, 2), f"{inside}last"),
    }


def test_a_skipped_question_without_choices_left_cannot_be_changed() -> None:
    form = _form("")
    answers = {**_given("", area="north"), "place": Answer(AnswerStatus.SKIPPED)}
    assert form.view(answers, NOW).answered_paths() == ["agree", "area"]


def test_trace_goes_past_a_required_question_without_choices_left() -> None:
    tracer = Tracer(_form(), seed="s")
    told: dict[str, Any] = {}
    for name, value in (("agree", "yes"), ("area", "north")):
        told = json.loads(tracer.take(json.dumps({"name": name, "value": value}), NOW))
    assert (told["next"], told["required_missing"]) == ("last", ["place"])


@pytest.mark.anyio
async def test_a_resident_reaches_the_end_past_a_question_without_choices_left() -> None:
    talker = Talker(form=_form())
    for words in ("hallo", "ja"):
        await talker.say(words)
    assert "Nog iets?" in texts(await talker.say("Noord"))
    await talker.say("Niets meer, dank u wel voor alles")
    assert talker.answers == {"area": "north", "last": "Niets meer, dank u wel voor alles"}
