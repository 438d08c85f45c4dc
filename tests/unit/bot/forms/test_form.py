"""A form that is asked: relevance, what comes next, what is accepted, what is exported."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TABLE = """
| survey | |
| | type | name | label | relevant | constraint | required | calculation | chat:exit | chat:consent |
| | note | hello | Hallo |
| | select_one yn | ok | Mag het? | | | yes | | | answers |
| | note | refused | Jammer | ${ok} != 'yes' | | | | discard |
| | integer | age | Leeftijd | | . >= 16 and . <= 120 |
| | begin group | work | Werk | ${age} > 17 |
| | note | about | Over werk | ${ok} = 'yes' |
| | select_one yn | works | Werkt u? |
| | integer | hours | Uren | ${works} = 'yes' | . <= ${age} | ${age} > 30 |
| | end group |
| | select_multiple yn | many | Kies | ${hours} > 10 |
| | decimal | length | Lengte |
| | date | day | Dag | | . <= today() |
| | time | hour | Tijd |
| | text | words | Woorden |
| | acknowledge | read | Gelezen |
| | calculate | twice | | | | | ${hours} * 2 |
| | note | bye | Dag |
| choices | |
| | list_name | name | label | chat:meaning |
| | yn | yes | Ja | yes |
| | yn | no | Nee | no |
| settings | |
| | form_id | version |
| | walk | 1 |
"""


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form(Path("walk.md"), text=TABLE)


def answers(**values: str) -> dict[str, Answer]:
    places = {"works": "work/works", "hours": "work/hours"}
    return {places.get(name, name): answered(value) for name, value in values.items()}


def next_names(form: Form, given: dict[str, Answer], after: str = "") -> tuple[list[str], str, str]:
    step = form.view(given, NOW).next_step(after)
    return (
        [note.name for note in step.notes],
        step.question.name if step.question else "",
        step.exit.name if step.exit else "",
    )


def test_next_step_at_the_start_says_the_notes_first(form: Form) -> None:
    assert next_names(form, {}) == (["hello"], "ok", "")


def test_next_step_says_no_note_twice(form: Form) -> None:
    given = answers(ok="yes", age="20")
    assert next_names(form, given, "age") == (["about"], "works", "")
    assert next_names(form, given, "work/works") == ([], "works", "")


def test_next_step_of_a_refusal_is_the_exit(form: Form) -> None:
    assert next_names(form, answers(ok="no"), "ok") == ([], "", "refused")


def test_exit_is_found_when_an_earlier_answer_was_changed(form: Form) -> None:
    assert next_names(form, answers(ok="no", age="20"), "age") == ([], "", "refused")


def test_skipped_consent_is_no_consent(form: Form) -> None:
    assert next_names(form, {"ok": Answer(AnswerStatus.SKIPPED)})[2] == "refused"


def test_next_step_passes_over_a_group_that_is_not_relevant(form: Form) -> None:
    assert next_names(form, answers(ok="yes", age="16")) == (["hello"], "length", "")


def test_next_step_at_the_end_says_the_last_notes(form: Form) -> None:
    given = answers(ok="yes", age="16", length="1.8", day="2026-11-23", hour="12:00", words="x", read="OK")
    assert next_names(form, given, "read") == (["bye"], "", "")


def test_answer_that_is_not_relevant_reads_as_empty_and_comes_back(form: Form) -> None:
    given = answers(ok="yes", age="40", works="yes", hours="36")
    assert form.view(given, NOW).is_relevant("many")
    assert form.view(given, NOW).values()["twice"] == "72"

    hidden = {**given, **answers(works="no")}
    assert not form.view(hidden, NOW).is_relevant("work/hours")
    assert not form.view(hidden, NOW).is_relevant("many")
    assert form.view(hidden, NOW).values() == {"ok": "yes", "age": "40", "work/works": "no"}

    assert form.view({**hidden, **answers(works="yes")}, NOW).values()["twice"] == "72"


def test_group_that_is_not_relevant_hides_everything_inside(form: Form) -> None:
    view = form.view(answers(ok="yes", age="16", works="yes", hours="36"), NOW)
    assert [view.is_relevant(path) for path in ("work/about", "work/works", "work/hours", "many")] == [
        False
    ] * 4
    assert view.answered_paths() == ["ok", "age"]


@pytest.mark.parametrize(
    ("path", "accepted", "refused"),
    [
        ("ok", ["yes", "no"], ["", "maybe", "yes no", "Ja"]),
        ("many", ["yes", "yes no", "no yes"], ["", "yes yes", "yes maybe", "yes  no"]),
        ("age", ["16", "120"], ["15", "121", "", "x", "16.0", "1e2", " 16", "9" * 30, "\u0663\u0660"]),
        ("length", ["1", "1.8", "-0.5", ".5"], ["", "1,8", "x", "1e5", "nan", "9" * 400]),
        ("day", ["2026-11-23", "1950-01-01"], ["2026-11-24", "23-11-2026", "2026-02-30", "20261123", ""]),
        ("hour", ["12:00:00", "23:59:59", "12:00:00.000+01:00"], ["12:00", "24:00:00", "12", "noon", ""]),
        ("words", ["x", " lang verhaal "], ["", "  "]),
        ("read", ["OK"], ["", "yes"]),
        ("work/hours", ["20", "40"], ["41"]),
        ("hello", [], ["", "x"]),
    ],
)
def test_accepts(form: Form, path: str, accepted: list[str], refused: list[str]) -> None:
    view = form.view(answers(age="40"), NOW)
    assert [value for value in [*accepted, *refused] if view.accepts(path, value)] == accepted


def test_today_is_the_day_in_amsterdam(form: Form) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert form.view({}, late).accepts("day", "2026-11-24")


def test_is_required_follows_the_answers(form: Form) -> None:
    view = form.view(answers(age="40"), NOW)
    assert [view.is_required(path) for path in ("ok", "age", "work/hours")] == [True, False, True]
    assert not form.view(answers(age="20"), NOW).is_required("work/hours")


def test_progress_counts_relevant_questions_without_consent(form: Form) -> None:
    assert form.view({}, NOW).progress() == (0, 6)
    assert form.view(answers(ok="yes", age="20"), NOW).progress() == (1, 7)
    skipped = {**answers(ok="yes", age="20", works="yes"), "work/hours": Answer(AnswerStatus.SKIPPED)}
    assert form.view(skipped, NOW).progress() == (3, 8)


def test_answered_paths_holds_every_way_of_answering(form: Form) -> None:
    given = {**answers(ok="yes", length="1.8"), "age": Answer(AnswerStatus.REFUSED), "gone": answered("x")}
    assert form.view(given, NOW).answered_paths() == ["ok", "age", "length"]


def test_bounds_come_from_a_plain_constraint(form: Form) -> None:
    assert [form.bounds(path) for path in ("age", "day", "work/hours", "ok")] == [
        (16.0, 120.0),
        (None, None),
        (None, None),
        (None, None),
    ]


def test_question_of_an_unknown_path(form: Form) -> None:
    assert not form.has("nothing")
    with pytest.raises(KeyError):
        form.question("nothing")


def test_offered_without_a_filter_is_the_whole_list(form: Form) -> None:
    assert [choice.name for choice in form.view({}, NOW).offered("ok")] == ["yes", "no"]


def test_fill_of_a_text_without_an_answer_in_it_is_that_text(form: Form) -> None:
    assert form.view({}, NOW).fill("Dag", "bye") == "Dag"


KINDS = """
| survey | |
| | type | name | label | parameters |
| | range | often | Hoe vaak? | start=1 end=9 step=2 |
| | dateTime | begun | Sinds wanneer? |
| | image | photo | Een foto |
| | select_one yn or_other | choice | Kies |
| choices | |
| | list_name | name | label |
| | yn | yes | Ja |
| | yn | no | Nee |
| settings | |
| | form_id | version |
| | kinds | 1 |
"""


@pytest.mark.parametrize(
    ("path", "accepted", "refused"),
    [
        ("often", ["1", "3", "9"], ["0", "2", "11", "x"]),
        ("begun", ["2026-11-23T13:00:00", "2026-11-23T13:00:00.000+01:00"],
         ["2026-11-23", "2026-11-23T13:00", "2026-02-30T13:00:00", "13:00:00", ""]),
        ("photo", ["telegram:AgAC"], ["", " "]),
        ("choice", ["yes", "other"], ["maybe"]),
        ("choice_other", ["iets"], [""]),
    ],
)  # fmt: skip # read as rows of a table
def test_accepts_of_other_kinds(path: str, accepted: list[str], refused: list[str]) -> None:
    view = load_form(Path("kinds.md"), text=KINDS).view({}, NOW)
    assert [value for value in [*accepted, *refused] if view.accepts(path, value)] == accepted


def test_bounds_of_a_range_are_its_own() -> None:
    assert load_form(Path("kinds.md"), text=KINDS).bounds("often") == (1.0, 9.0)


def test_other_words_are_asked_in_both_languages() -> None:
    assert load_form(Path("kinds.md"), text=KINDS).question("choice_other").label == {
        "nl": "Wat dan? U mag het in uw eigen woorden zeggen.",
        "en": "What is it? You can use your own words.",
    }
