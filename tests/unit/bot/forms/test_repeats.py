"""Repeats, defaults, triggers, filters and texts with answers in them: forms as staff write them, filled in."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.forms.tracing import Tracer
from domain.answer import Answer, answered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FAMILY = """
| survey | |
| | type | name | label | relevant | calculation | repeat_count | constraint | required | default | trigger | choice_filter |
| | integer | rooms | Kamers | | | | | | 2 + 1 |
| | begin repeat | child | Kind | ${rooms} > 0 |
| | text | name | Naam | | | | | yes | x |
| | integer | age | Leeftijd van ${name} | | | | . < 120 |
| | calculate | number | | | position(..) |
| | calculate | before | | | indexed-repeat(${age}, ${child}, position(..) - 1) |
| | begin repeat | pet | Dier | | | ${age} |
| | text | pet_name | Naam | ${age} > 1 |
| | end repeat | |
| | end repeat | |
| | calculate | ages | | | sum(${age}) |
| | calculate | names | | | join('+', ${name}) |
| | calculate | grown | | | count(${child}[${age} > 17]) |
| | calculate | first | | | once(${rooms}) |
| | text | why | Waarom | | ${rooms} * 10 | | | | | ${rooms} |
| | calculate | chance | | | random() |
| | select_one area | area | Deel |
| | select_one place | place | Buurt van ${area} | | | | | | | | area = ${area} |
| | calculate | place_said | | | jr:choice-name(${place}, '${place}') |
| choices | |
| | list_name | name | label | area |
| | area | east | Oost | |
| | area | west | West | |
| | place | heer | Heer | east |
| | place | pottenberg | Pottenberg | west |
| settings | |
| | form_id | version |
| | family | 1 |
"""


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form(Path("family.md"), text=FAMILY)


class Trace:
    def __init__(self, form: Form) -> None:
        self.tracer = Tracer(form, seed="s")

    def say(self, name: str, value: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.tracer.take(json.dumps({"name": name, "value": value}), NOW))
        return told


def test_a_repeat_begins_with_one_instance_and_its_defaults(form: Form) -> None:
    told = Trace(form).say("area", "east")
    assert told["values"] == {
        "rooms": "3", "child[1]/name": "x", "child[1]/number": "1", "ages": "0", "names": "x", "grown": "0", "first": "3",
        "why": "30", "chance": told["values"]["chance"], "area": "east",
    }  # fmt: skip # read as one piece
    assert (told["accepted"], told["message"], told["next"]) == (True, None, "child[1]/age")


def test_naming_the_next_instance_adds_it_and_no_further_one(form: Form) -> None:
    trace = Trace(form)
    assert trace.say("child[3]/age", "4")["message"] == "there is no question at child[3]/age"
    trace.say("child[1]/age", "20")
    told = trace.say("child[2]/age", "1")
    assert (told["values"]["ages"], told["values"]["grown"], told["values"]["names"]) == ("21", "1", "x+x")
    assert told["values"]["child[2]/before"] == "20"
    assert "child[1]/before" not in told["values"]


def test_a_counted_repeat_has_as_many_instances_as_its_count(form: Form) -> None:
    trace = Trace(form)
    told = trace.say("child[1]/age", "2")
    assert [path for path in told["relevant"] if "pet[" in path] == [
        "child[1]/pet[1]/pet_name",
        "child[1]/pet[2]/pet_name",
    ]
    trace.say("child[1]/pet[2]/pet_name", "Bo")
    assert trace.say("child[1]/pet[3]/pet_name", "Rex")["accepted"] is False
    assert "child[1]/pet[2]/pet_name" not in trace.say("child[1]/age", "1")["values"]
    assert trace.say("child[1]/age", "3")["values"]["child[1]/pet[2]/pet_name"] == "Bo"


def test_an_answer_that_breaks_its_constraint_leaves_the_old_one(form: Form) -> None:
    trace = Trace(form)
    trace.say("child[1]/age", "20")
    told = trace.say("child[1]/age", "130")
    assert (told["accepted"], told["values"]["child[1]/age"]) == (False, "20")
    assert told["message"] == "the constraint does not hold"


def test_required_counts_in_relevant_instances_only(form: Form) -> None:
    trace = Trace(form)
    assert trace.say("child[1]/name", "")["required_missing"] == ["child[1]/name"]
    assert trace.say("rooms", "0")["required_missing"] == []
    assert trace.say("rooms", "1")["required_missing"] == ["child[1]/name"]


def test_once_keeps_and_a_trigger_fills_in_anew(form: Form) -> None:
    trace = Trace(form)
    trace.say("rooms", "5")
    told = trace.say("rooms", "7")
    assert (told["values"]["first"], told["values"]["why"]) == ("3", "70")
    trace.say("why", "own words")
    assert trace.say("area", "west")["values"]["why"] == "own words"
    assert trace.say("rooms", "8")["values"]["why"] == "80"


def test_a_filter_leaves_what_fits(form: Form) -> None:
    trace = Trace(form)
    trace.say("area", "west")
    assert trace.say("place", "heer")["accepted"] is False
    assert trace.say("place", "pottenberg")["values"]["place_said"] == "Pottenberg"
    view = form.view({"area": answered("east")}, NOW)
    assert [choice.name for choice in view.offered("place")] == ["heer"]


def test_chance_stays_the_same_for_one_response_and_differs_between_two(form: Form) -> None:
    seen = {
        seed: {
            form.view({"area": answered(area)}, NOW, seed=seed).read("chance") for area in ("east", "west")
        }
        for seed in ("a", "b")
    }
    assert [len(values) for values in seen.values()] == [1, 1]
    assert seen["a"] != seen["b"]


def test_a_text_tells_an_answer_of_its_own_instance(form: Form) -> None:
    answers = {
        "rooms": answered("3"),
        "child[1]/name": answered("Bo"),
        "child[2]": answered("yes"),
        "child[2]/name": answered("Noor"),
    }
    view = form.view(answers, NOW)
    label = form.question("child[2]/age").label
    assert view.fill(view.local_text(label), "child[2]/age") == "Leeftijd van Noor"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "{",
            "this is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))",
        ),
        ("[]", "this is not a JSON object"),
        ('{"name": "rooms"}', '"name" and "value" must be there and be texts'),
        ('{"name": "rooms", "value": 3}', '"name" and "value" must be there and be texts'),
        ('{"name": "nothing", "value": "3"}', "there is no question at nothing"),
        ('{"name": "child/age", "value": "3"}', "there is no question at child/age"),
        ('{"name": "child[0]/age", "value": "3"}', "there is no question at child[0]/age"),
        ('{"name": "child[2]", "value": "yes"}', "there is no question at child[2]"),
        ('{"name": "ages", "value": "3"}', "ages takes no answer"),
        ('{"name": "rooms", "value": "many"}', "'many' is no integer"),
    ],
)
def test_a_line_that_cannot_be_taken_is_told_and_changes_nothing(form: Form, line: str, message: str) -> None:
    tracer = Tracer(form, seed="s")
    before = json.loads(tracer.take('{"name": "rooms", "value": "4"}', NOW))
    told = json.loads(tracer.take(line, NOW))
    assert (told.pop("accepted"), told.pop("message")) == (False, message)
    assert told == {name: before[name] for name in told}


def test_in_a_conversation_a_default_is_not_stored_for_what_is_asked(form: Form) -> None:
    settled = settle(form, {}, (), NOW)
    assert "rooms" not in settled
    assert form.view(settled, NOW).default("rooms") == "3"
    before = {"rooms": answered("3"), "why": answered("own words")}
    after = settle(form, {**before, "rooms": answered("4")}, ("rooms",), NOW)
    assert "why" not in after
    assert form.view(after, NOW).recalculated("why") == "40"


def test_buttons_say_which_instance(form: Form) -> None:
    index = form.index("child[2]/age")
    assert form.instance(index, (2,)) == "child[2]/age"
    assert [form.instance(index, at) for at in ((), (0,), (1, 2))] == [None, None, None]
    assert form.instance(10**6, ()) is None
    paths = [
        "rooms",
        "child[1]/name",
        "child[1]/pet[2]/pet_name",
        "child[2]",
        "child[2]/age",
        "child[3]",
        "why",
    ]
    keys = [form.order(path) for path in paths]
    assert keys == sorted(set(keys))


def test_an_instance_that_is_not_there_is_not_relevant(form: Form) -> None:
    view = form.view({"rooms": answered("1")}, NOW)
    found = [view.is_relevant(path) for path in ("child[1]/age", "child[2]", "child[2]/age", "child[3]")]
    assert found == [True, True, False, False]


def test_more_rows_than_the_limit_are_refused_at_once() -> None:
    from bot.forms.workbook import MOST_ROWS, read_workbook

    rows = "".join(f"| | text | q{number} | Vraag |\n" for number in range(MOST_ROWS + 1))
    problems = read_workbook(
        f"| survey | |\n| | type | name | label |\n{rows}".encode(), Path("big.md")
    ).problems
    assert [str(problem) for problem in problems] == [
        "big.md: this form has 5001 rows; 5000 is the most. Make several forms of it"
    ]


def test_a_chain_of_two_thousand_conditions_is_worked_out() -> None:
    rows = "".join(
        f"| | integer | q{number} | Vraag | {f'${{q{number - 1}}} != 1' if number else ''} |\n"
        for number in range(2000)
    )
    table = (
        f"| survey | |\n| | type | name | label | relevant |\n{rows}| settings | |\n| | version |\n| | 1 |\n"
    )
    form = load_form(Path("chain.md"), text=table)
    assert form.view({}, NOW).is_relevant("q1999")
    ones: dict[str, Answer] = {"q0": answered("1")}
    view = form.view(ones, NOW)
    assert [view.is_relevant(path) for path in ("q1", "q2", "q1999")] == [False, True, True]


def test_a_choice_that_is_no_longer_offered_reads_as_empty_and_comes_back(form: Form) -> None:
    trace = Trace(form)
    trace.say("area", "east")
    assert trace.say("place", "heer")["values"]["place_said"] == "Heer"
    told = trace.say("area", "west")
    assert ("place" in told["values"], "place_said" in told["values"]) == (False, False)
    assert trace.say("area", "east")["values"]["place"] == "heer"


def test_a_way_out_is_taken_in_a_form_with_repeats() -> None:
    table = """
| survey | |
| | type | name | label | relevant | chat:exit |
| | begin repeat | child | Kind |
| | integer | age | Leeftijd |
| | end repeat | |
| | note | told | Dank u |
| | note | young | Vraag het een volwassene | max(${age}) < 16 | discard |
| | text | words | Vertel |
| settings | |
| | form_id | version |
| | exits | 1 |
"""
    form = load_form(Path("exits.md"), text=table)

    def next_paths(age: str) -> tuple[list[str], str, str]:
        step = form.view({"child[1]/age": answered(age), "child[2]": answered("no")}, NOW).next_step()
        notes = [note.path for note in step.notes]
        return notes, step.question.path if step.question else "", step.exit.path if step.exit else ""

    assert next_paths("40") == (["told"], "words", "")
    assert next_paths("12") == (["told"], "", "young")


def test_the_end_of_a_form_with_repeats_says_its_last_notes() -> None:
    rows = "| | begin repeat | child | Kind |\n| | integer | age | Leeftijd |\n| | end repeat | |\n| | note | bye | Dag |"
    table = f"| survey | |\n| | type | name | label |\n{rows}\n| settings | |\n| | version |\n| | 1 |\n"
    form = load_form(Path("ends.md"), text=table)
    step = form.view({"child[1]/age": answered("7"), "child[2]": answered("no")}, NOW).next_step()
    assert ([note.path for note in step.notes], step.question, step.exit) == (["bye"], None, None)


def test_a_choice_that_is_no_longer_offered_is_asked_again(form: Form) -> None:
    given = {
        "rooms": answered("0"), "why": answered("x"), "area": answered("east"), "place": answered("heer"),
    }  # fmt: skip # read as one piece
    asked = [
        form.view({**given, "area": answered(area)}, NOW).next_step().question for area in ("east", "west")
    ]
    assert [question.path if question else "" for question in asked] == ["", "place"]


def test_progress_counts_every_instance_of_a_repeat(form: Form) -> None:
    given = {"rooms": answered("3"), "child[1]/age": answered("1"), "child[2]": answered("yes")}
    view = form.view(given, NOW)
    assert view.progress() == (2, 8)
    assert [view.place(path) for path in ("rooms", "child[2]/name", "child[2]")] == [(1, 8), (4, 8), (0, 8)]


def test_a_chain_of_two_thousand_calculations_beside_a_repeat_is_worked_out() -> None:
    rows = "".join(
        f"| | calculate | c{number} | | {f'${{c{number - 1}}}' if number else 'sum(${age})'} + 1 |\n"
        for number in range(2000)
    )
    table = (
        "| survey | |\n| | type | name | label | calculation |\n| | begin repeat | child | Kind |\n"
        f"| | integer | age | Leeftijd |\n| | end repeat | |\n{rows}| settings | |\n| | version |\n| | 1 |\n"
    )
    form = load_form(Path("chain.md"), text=table)
    assert form.view({"child[1]/age": answered("7")}, NOW).read("c1999") == "2007"
