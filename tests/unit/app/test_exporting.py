"""What counts in an export is what the form still allows at the end, also where it was worked out for somebody else."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.export_counting import Counting
from app.exporting import form_for_export, scales_for_export
from app.shelf import FormFile, Shelf, open_shelf
from bot.dialogue.talks import facts
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered
from domain.questionnaire import Question, QuestionKind
from storage.export_rows import Said
from storage.posting import DELIVERED_LATER

AT = datetime(2026, 12, 1, 8, 31, tzinfo=UTC)
SETTINGS = "\n| settings | |\n| | form_id | version |\n| | streets | 1 |\n"
FILTERED = """\
| survey | |
| | type | name | label | choice_filter | calculation |
| | select_one town | town | Where? | | |
| | select_multiple street | streets | Which streets? | town = ${town} | |
| | integer | people | How many? | | |
| | calculate | chosen | | | count-selected(${streets}) |
| | calculate | more | | | ${chosen} + ${people} |

| choices | |
| | list_name | name | label | town |
| | town | north | North | |
| | town | south | South | |
| | street | elm | Elm | north |
| | street | oak | Oak | south |
| | street | ash | Ash | south |
"""
HIDDEN = """\
| survey | |
| | type | name | label | relevant | calculation |
| | select_one yes_no | works | Do you work? | | |
| | begin group | work | Work | ${works} = 'yes' | |
| | integer | hours | How many hours? | | |
| | text | where | Where? | ${hours} > 10 | |
| | end group | | | | |
| | calculate | much | | | if(${hours} > 30, 'much', 'little') |
| | text | else | Anything else? | ${works} != '' | |

| choices | |
| | list_name | name | label |
| | yes_no | yes | Yes |
| | yes_no | no | No |
"""
OF_THE_DAY = """\
| survey | |
| | type | name | label | relevant | calculation |
| | integer | year | Which year? | | |
| | text | late | Why late? | today() > '2026-06-01' | |
| | calculate | age | | | int(format-date(today(), '%Y')) - ${year} |
"""
REPEATED = """\
| survey | |
| | type | name | label | relevant |
| | begin repeat | child | Child | |
| | integer | years | How old? | |
| | text | school | Which school? | ${years} > 3 |
| | end repeat | | | |
| | text | else | Anything else? | |
"""
FORMS = {"filtered": FILTERED, "hidden": HIDDEN, "of the day": OF_THE_DAY, "repeated": REPEATED}


def form_of(name: str, folder: Path) -> Form:
    if name == "veerkracht":
        return open_shelf().current()
    path = folder / "form.md"
    path.write_text(FORMS[name] + SETTINGS, encoding="utf-8")
    return load_form(path)


def looked_at_by_itself(
    form: Form, answers: Mapping[str, Answer], at: datetime, channel: str
) -> dict[str, Answer]:
    """What counts, from a view of this response alone."""
    known = {**answers, **facts(form, reachable=channel in DELIVERED_LATER)}
    view = form.view(known, at)
    read = view.values()
    counting = {path: answered(read[path]) if path in read else known[path] for path in view.answered_paths()}
    return counting | {path: answered(value) for path, value in read.items() if path not in known}


def said_by_chance(form: Form, chance: random.Random) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for question in form.questionnaire.questions:
        for path in _instances(form, question):
            if question.waits and chance.random() < 0.7:
                status = chance.choice([AnswerStatus.SKIPPED, AnswerStatus.DONT_KNOW, AnswerStatus.REFUSED])
                found[path] = Answer(status) if chance.random() < 0.2 else answered(_value(question, chance))
    return found


def _instances(form: Form, question: Question) -> list[str]:
    if question.kind is QuestionKind.REPEAT:
        return [f"{question.path}[2]", f"{question.path}[3]"]
    row = form.rows[question.path]
    return [row.place((number,)) for number in (1, 2, 3)] if row.around else [question.path]


def _value(question: Question, chance: random.Random) -> str:
    names = [choice.name for choice in question.choices]
    if question.kind is QuestionKind.SELECT_MULTIPLE:
        return " ".join(name for name in names if chance.random() < 0.6) or names[0]
    if question.kind is QuestionKind.REPEAT:
        return chance.choice(["yes", "no"])
    if names:
        return chance.choice(names)
    return str(chance.randint(0, 40)) if question.kind is QuestionKind.INTEGER else "in het park"


@pytest.mark.parametrize("name", ["veerkracht", *FORMS])
def test_what_counts_is_the_same_as_in_a_look_at_each_response(name: str, tmp_path: Path) -> None:
    form, chance = form_of(name, tmp_path), random.Random(name)
    counting = Counting(form)
    for number in range(150):
        answers = said_by_chance(form, chance)
        channel = chance.choice(["web", "telegram"])
        given = {path: Said(each.status.value, each.value, AT, "nlu") for path, each in answers.items()}
        found = counting(given, AT, channel)
        wanted = looked_at_by_itself(form, answers, AT, channel)
        assert [(path, each.status, each.value) for path, each in found.items()] == [
            (path, each.status.value, each.value) for path, each in wanted.items()
        ], number
        assert {each.at for path, each in found.items() if path in given} <= {AT}
        assert {each[2:] for path, each in found.items() if path not in given} <= {(None, "")}


def test_of_several_choices_only_those_still_offered_count(tmp_path: Path) -> None:
    form = form_for_export(Shelf(FormFile(form_of("filtered", tmp_path), "")), "streets", "1")
    assert form is not None
    said = {"town": Said.of("south"), "streets": Said.of("elm oak"), "people": Said("refused", "")}
    assert form.read(said, AT, "web") == {
        **said,
        "streets": Said.of("oak"),
        "chosen": Said.of("1"),
    }
    assert form.derived == {
        "chosen": frozenset({"streets"}),
        "more": frozenset({"streets", "people"}),
    }


def test_scale_has_no_score_where_answers_are_of_another_question() -> None:
    by_id = {scale.id: scale for scale in scales_for_export("nl")}
    assert by_id["res"].score(dict.fromkeys(by_id["res"].items, "agree"))["res__score"] is not None
    assert by_id["res"].score(dict.fromkeys(by_id["res"].items, "purple")) == {}


def test_same_answer_everywhere_is_flagged_in_an_export() -> None:
    brs = next(scale for scale in scales_for_export("nl") if scale.id == "brs")
    same = dict.fromkeys(brs.items, "agree")
    assert set(brs.score(same)) >= set(brs.columns)
    assert brs.score(same)["brs__straight_lined"] == 1
    assert brs.score({**same, "brs_2": "disagree"})["brs__straight_lined"] == 0


def test_too_few_answers_give_no_score_in_an_export() -> None:
    for scale in scales_for_export("nl"):
        assert scale.score({})[f"{scale.id}__score"] is None
