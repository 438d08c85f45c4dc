"""What must always hold for forms: a View says what a plain reading of the form says, and nothing said is ever lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.state import State, state_from_json, state_to_json
from bot.forms.form import Form
from bot.forms.questionnaire_json import questionnaire_from_json, questionnaire_to_json
from bot.forms.trees import parse_expressions, repeat_questions
from domain.answer import Answer, AnswerStatus, answered
from domain.questionnaire import Group, Question, QuestionKind, Questionnaire
from tests.effort import effort

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOST = 3


@dataclass(frozen=True)
class Rule:
    """A condition on an earlier question, or a sum over all of its instances."""

    source: int
    least: int
    over_all: bool


@dataclass(frozen=True)
class Item:
    in_repeat: bool
    is_calculated: bool
    rule: Rule | None


ITEMS = st.lists(
    st.builds(
        Item,
        st.booleans(),
        st.booleans(),
        st.none() | st.builds(Rule, st.integers(0, 7), st.integers(0, 3), st.booleans()),
    ),
    min_size=1,
    max_size=7,
)


def tidy(items: list[Item]) -> list[Item]:
    """Repeats stand together, in front; rules look back only."""
    ordered = sorted(items, key=lambda item: not item.in_repeat)
    return [
        Item(
            item.in_repeat, item.is_calculated, item.rule if item.rule and item.rule.source < number else None
        )
        for number, item in enumerate(ordered)
    ]


def path_of(items: list[Item], number: int) -> str:
    return f"child/q{number}" if items[number].in_repeat else f"q{number}"


def expression(items: list[Item], number: int) -> str:
    rule = items[number].rule
    if rule is None:
        return ""
    source = f"/data/{path_of(items, rule.source)}"
    return f"{f'sum({source})' if rule.over_all else f'number({source})'} >= {rule.least}"


def build(items: list[Item]) -> Form:
    questions = []
    for number, item in enumerate(items):
        text = expression(items, number)
        kind = QuestionKind.CALCULATE if item.is_calculated else QuestionKind.INTEGER
        calculation = f"if({text or 'true()'}, 2, 1)" if item.is_calculated else ""
        relevant = "" if item.is_calculated else text
        questions.append(
            Question(path_of(items, number), kind, {"nl": "?"}, relevant=relevant, calculation=calculation)
        )
    groups = (Group("child", {"nl": "Kind"}, is_repeat=True),) if items[0].in_repeat else ()
    read = Questionnaire("f", "1", {}, "nl", ("nl",), tuple(questions), groups)
    questionnaire = Questionnaire("f", "1", {}, "nl", ("nl",), repeat_questions(read), groups)
    trees, faults = parse_expressions(questionnaire, "data")
    assert not faults
    return Form(questionnaire, trees)


def naive(items: list[Item], answers: Mapping[str, Answer]) -> dict[str, str]:
    """The value of every instance, read from the front with nothing remembered but values."""
    said = {path: each.value for path, each in answers.items() if each.status is AnswerStatus.ANSWERED}
    count = 1
    while said.get(f"child[{count + 1}]") == "yes":
        count += 1
    values: dict[tuple[int, int], str] = {}
    for number, item in enumerate(items):
        for instance in range(1, count + 1) if item.in_repeat else (0,):
            holds = _holds(items, item, values, instance, count)
            path = f"child[{instance}]/q{number}" if instance else f"q{number}"
            if item.is_calculated:
                values[number, instance] = "2" if holds else "1"
            else:
                values[number, instance] = said.get(path, "") if holds else ""
    return {
        f"child[{instance}]/q{number}" if instance else f"q{number}": value
        for (number, instance), value in values.items()
        if value
    }


def _holds(
    items: list[Item], item: Item, values: Mapping[tuple[int, int], str], instance: int, count: int
) -> bool:
    rule = item.rule
    if rule is None:
        return True
    inside = items[rule.source].in_repeat
    every = [instance] if inside and item.in_repeat else list(range(1, count + 1)) if inside else [0]
    found = [values[rule.source, each] for each in every]
    if rule.over_all:
        return sum(int(value) for value in found if value) >= rule.least
    # Of several, the first one that is relevant counts; an unanswered one is no number.
    first = next(
        (value for each, value in zip(every, found, strict=True) if _there(items, rule, values, each, count)),
        "",
    )
    return bool(first) and int(first) >= rule.least


def _there(
    items: list[Item], rule: Rule, values: Mapping[tuple[int, int], str], instance: int, count: int
) -> bool:
    source = items[rule.source]
    return source.is_calculated or _holds(items, source, values, instance, count)


def paths(items: list[Item]) -> list[str]:
    found = [f"child[{number}]" for number in range(2, MOST + 1)]
    for number, item in enumerate(items):
        found += (
            [f"child[{each}]/q{number}" for each in range(1, MOST + 1)] if item.in_repeat else [f"q{number}"]
        )
    return found


@st.composite
def filled_in(draw: st.DrawFn) -> tuple[list[Item], dict[str, Answer]]:
    items = tidy(draw(ITEMS))
    value = st.sampled_from(["0", "1", "2", "3"]).map(answered) | st.just(Answer(AnswerStatus.SKIPPED))
    more = st.sampled_from([answered("yes"), answered("yes"), answered("no")])
    answers = {
        path: draw(more if path.endswith("]") else value) for path in paths(items) if draw(st.booleans())
    }
    return items, answers


@settings(max_examples=effort(200), deadline=None)
@given(filled_in())
def test_a_view_says_what_a_plain_reading_says(case: tuple[list[Item], dict[str, Answer]]) -> None:
    items, answers = case
    assert build(items).view(answers, NOW).values() == naive(items, answers)


@settings(max_examples=150, deadline=None)
@given(filled_in(), st.integers(0, 100), st.sampled_from(["0", "3", "yes", "no"]))
def test_answering_and_taking_it_back_restores_everything(
    case: tuple[list[Item], dict[str, Answer]], which: int, value: str
) -> None:
    items, answers = case
    form = build(items)
    path = sorted(paths(items))[which % len(paths(items))]
    before = form.view(answers, NOW)
    form.view({**answers, path: answered(value)}, NOW).values()
    after = form.view(dict(answers), NOW)
    assert (after.values(), after.next_step(), after.progress()) == (
        before.values(),
        before.next_step(),
        before.progress(),
    )


@settings(max_examples=150, deadline=None)
@given(filled_in())
def test_always_a_next_question_that_is_relevant_until_the_end(
    case: tuple[list[Item], dict[str, Answer]],
) -> None:
    items, answers = case
    form, given_so_far = build(items), dict(answers)
    for _ in range(60):
        view = form.view(given_so_far, NOW)
        step = view.next_step()
        if step.question is None:
            return
        assert view.is_relevant(step.question.path)
        assert (
            form.instance(form.index(step.question.path), form.numbers(step.question.path))
            == step.question.path
        )
        given_so_far[step.question.path] = answered(
            "no" if step.question.kind is QuestionKind.REPEAT else "1"
        )
    raise AssertionError("the form never ended")


@settings(max_examples=100, deadline=None)
@given(filled_in())
def test_state_and_form_survive_json(case: tuple[list[Item], dict[str, Answer]]) -> None:
    items, answers = case
    state = State(questionnaire="f", version="1", answers=answers, at=next(iter(answers), ""), seed="s")
    assert state_from_json(state_to_json(state)) == state
    form = build(items)
    kept = questionnaire_from_json(questionnaire_to_json(form.questionnaire))
    assert kept == form.questionnaire
    assert Form(kept, form.trees).view(answers, NOW).values() == form.view(answers, NOW).values()
