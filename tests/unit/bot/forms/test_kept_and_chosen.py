"""What a form stores of itself by chance and at once, what a kept form remembers, and what filters leave."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.load import form_from_kept, keep_form, kept_form, load_form
from bot.forms.tracing import Tracer
from domain.answer import Answer, AnswerStatus, answered
from domain.errors import DefinitionError
from tests.transcripts.test_transcripts import HERE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = "| survey | |\n| | type | name | label | calculation | trigger | default | relevant | constraint | choice_filter | chat:consent | chat:reach | chat:fact | chat:personal |"
TAIL = """
| choices | |
| | list_name | name | label |
| | seen | family | Familie |
| | seen | friends | Vrienden |
| | seen | boss | Baas |
| settings | |
| | form_id | version |
| | kept | 1 |
"""


def form_of(*rows: str) -> Form:
    return load_form(Path("kept.md"), text="\n".join([HEAD, *(f"| | {row} |" for row in rows)]) + TAIL)


CHANCE = form_of(
    "text | said | Zeg iets", "calculate | once | | once(uuid())", "text | proposed | Voorstel | | | uuid()",
    "calculate | filled | | uuid() | ${said}",
)  # fmt: skip # read as rows of a table


def by_chance(seed: str) -> dict[str, str]:
    before = {"said": answered("x")}
    after = settle(CHANCE, before, ("said",), NOW, seed=seed, asked_too=True)
    return {path: answer.value for path, answer in after.items() if path != "said"}


def test_chance_in_what_a_form_stores_comes_from_the_seed() -> None:
    view = CHANCE.view({"said": answered("x")}, NOW, seed="one")
    assert by_chance("one") == {
        "once": view.read("once"), "proposed": view.default("proposed"), "filled": view.recalculated("filled")
    }  # fmt: skip # read as one piece
    assert not set(by_chance("one").values()) & set(by_chance("two").values())


def test_chance_of_a_tracer_comes_from_its_seed() -> None:
    lines = [Tracer(CHANCE, seed=seed).take('{"name": "said", "value": "x"}', NOW) for seed in ("one", "two")]
    values = [json.loads(line)["values"] for line in lines]
    assert values[0] == {"said": "x", **by_chance("one")}
    assert values[1] == {"said": "x", **by_chance("two")}


def test_tracer_fills_in_defaults_also_before_a_line_it_cannot_read() -> None:
    form = form_of("text | proposed | Voorstel | | | blauw", "text | said | Zeg iets")
    tracer = Tracer(form, seed="s")
    first = json.loads(tracer.take("nonsense", NOW))
    last = json.loads(tracer.take('{"name": "said", "value": "x"}', NOW))
    assert (first["accepted"], first["values"], first["next"]) == (False, {"proposed": "blauw"}, "said")
    assert (last["values"], last["next"]) == ({"proposed": "blauw", "said": "x"}, None)


def test_trigger_takes_away_an_answer_that_may_not_be_there() -> None:
    form = form_of("text | said | Zeg iets", "text | same | Hetzelfde | ${said} | ${said}")
    given = {"said": answered("x")}
    assert settle(form, given, ("said",), NOW) == given
    assert settle(form, {**given, "same": answered("y")}, ("said",), NOW) == given


def test_trigger_that_gives_nothing_leaves_a_skipped_row() -> None:
    form = form_of("text | said | Zeg iets", "calculate | filled | | if(${said} = 'x', '', 'y') | ${said}")
    skipped = Answer(AnswerStatus.SKIPPED)
    given = {"said": answered("x")}
    assert settle(form, given, ("said",), NOW) == {**given, "filled": skipped}


def test_hidden_default_is_stored_behind_one_that_is_proposed() -> None:
    form = form_of("text | asked | Vraag | | | blauw", "hidden | told | | | | rood")
    assert settle(form, {}, (), NOW) == {"told": answered("rood")}


def test_several_picked_choices_stay_as_long_as_the_filter_leaves_them() -> None:
    form = form_of("text | area | Waar?", "select_multiple seen | seen | Wie? | | | | | | name != ${area}")
    answers = {"seen": answered("family friends")}
    read = [form.view({**answers, "area": answered(area)}, NOW).read("seen") for area in ("boss", "family")]
    assert read == ["family friends", "friends"]


@pytest.mark.parametrize(
    ("constraint", "bounds"),
    [
        (". >= 1 and . <= 10", (1.0, 10.0)),
        (". <= 10 and . >= 1", (1.0, 10.0)),
        (". >= 1 and . != 5 and . <= 10", (1.0, 10.0)),
        (". >= 1 and . >= 3", (1.0, None)),
        (". <= 10 and . <= 3", (None, 10.0)),
        (". > 1", (None, None)),
    ],
)
def test_bounds_are_read_from_a_constraint_in_either_order(
    constraint: str, bounds: tuple[float | None, float | None]
) -> None:
    assert form_of(f"integer | n | Hoeveel? | | | | | {constraint}").bounds("n") == bounds


def test_question_beyond_the_last_is_none() -> None:
    assert [CHANCE.instance(index, ()) for index in (-1, 0, 3, 4)] == [None, "said", "filled", None]


def test_text_is_told_in_the_language_asked_for_or_in_that_of_the_form() -> None:
    form = load_form(HERE / "small.md")
    texts = {"nl": "Ja", "en": "Yes"}
    told = [form.view({}, NOW, language=language).local_text(texts) for language in ("en", "nl", "pl", "")]
    assert told == ["Yes", "Ja", "Ja", "Ja"]
    assert form.view({}, NOW, language="pl").local_text({"en": "Yes", "nl": "Ja"}) == "Ja"
    assert form.view({}, NOW, language="pl").local_text({"en": "Yes"}) == "Yes"
    assert form.view({}, NOW).local_text({}) == ""


@pytest.mark.parametrize("name", ["small", "open", "repeats", "kinds", "values", "health", "other"])
def test_kept_form_remembers_everything(name: str) -> None:
    form = load_form(HERE / f"{name}.md")
    kept = form_from_kept(kept_form(form))
    assert (kept.questionnaire, kept.trees) == (form.questionnaire, form.trees)


def test_kept_form_remembers_triggers() -> None:
    assert form_from_kept(kept_form(CHANCE)).questionnaire == CHANCE.questionnaire


def test_form_is_kept_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    kept = tmp_path / "a" / "b" / "kept.json"
    keep_form(kept, CHANCE)
    assert form_from_kept(kept.read_text(encoding="utf-8")).questionnaire == CHANCE.questionnaire


@pytest.mark.parametrize("column", ["chat:consent", "chat:reach", "chat:fact", "chat:personal"])
def test_column_of_a_question_on_a_group_is_refused(column: str) -> None:
    columns = [each.strip(" |") for each in HEAD.splitlines()[1].split(" | ")]
    word = {"chat:consent": "answers", "chat:reach": "yes", "chat:fact": "reachable", "chat:personal": "age"}[
        column
    ]
    cells = ["begin_group", "g", "Groep", *[""] * (columns.index(column) - columns.index("label") - 1), word]
    with pytest.raises(DefinitionError) as raised:
        form_of(" | ".join(cells), "text | said | Zeg iets", "end_group | |")
    assert [(each.column, each.rule) for each in raised.value.problems] == [
        (column, "this is not for a group")
    ]


def test_what_tells_who_somebody_is_is_marked_and_kept_with_the_form() -> None:
    row = "{type} | {name} | Vraag" + " |" * 10 + " {mark}"
    marks = {"born": "age", "cases": "identifying", "years": "no", "plain": ""}
    form = form_of(*(row.format(type="integer", name=name, mark=mark) for name, mark in marks.items()))
    kept = form_from_kept(kept_form(form))
    assert kept is not None
    assert [each.personal or "" for each in kept.questionnaire.questions] == list(marks.values())

    with pytest.raises(DefinitionError) as raised:
        form_of(row.format(type="text", name="born", mark="age"))
    assert [(each.column, each.rule) for each in raised.value.problems] == [
        ("chat:personal", "an age is a number or a date")
    ]


@pytest.mark.parametrize(
    ("calculation", "is_chance"),
    [
        ("random()", True),
        ("count(/data/pet[random() > 0.5]/name)", True),
        ("count(/data/pet[name = ''][string-length(uuid()) > 1]/name)", True),
        ("instance('seen')/root/item[position() = int(random() * 3) + 1]/label", True),
        ("count(/data/pet[position() = 1]/name)", False),
    ],
)
def test_form_knows_that_it_draws_by_chance_also_inside_a_predicate(
    calculation: str, is_chance: bool
) -> None:
    form = form_of(
        "begin_repeat | pet | Dier", "text | name | Naam", "end_repeat | |", "select_one seen | whom | Wie?",
        f"calculate | drawn | | {calculation}",
    )  # fmt: skip # read as rows of a table
    assert form.uses_chance is is_chance


def test_form_that_was_kept_before_there_were_lists_can_still_be_read() -> None:
    document = json.loads(kept_form(CHANCE))
    del document["questionnaire"]["lists"]
    form = form_from_kept(json.dumps(document))
    assert form is not None
    assert form.questionnaire.questions == CHANCE.questionnaire.questions
