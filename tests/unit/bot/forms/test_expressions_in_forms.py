"""Expressions in whole forms: arguments that are answers themselves, and whose instance is meant inside each other."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forms.actions import settle
from bot.forms.form import Form
from bot.forms.load import load_form
from domain.answer import answered
from domain.errors import DefinitionError
from tests.unit.bot.forms.test_nodesets import HOUSES, houses, value_outside, values_inside
from tests.unit.bot.forms.test_xform import xform

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANSWERS = """
| survey | |
| | type | name | label | calculation |
| | text | a | A |
| | text | b | B |
| | text | c | C |
| | text | d | D |
| | select_one place | place | Waar? |
| | calculate | found | | {expression} |
| | calculate | other | | {expression} |
| choices | |
| | list_name | name | label |
| | place | heer | Heer |
| | place | caberg | Caberg |
| settings | |
| | form_id | version |
| | answers | 1 |
"""


def found(expression: str, **given: str) -> str:
    return read(expression, "found", **given)


def read(expression: str, path: str, seed: str = "s", **given: str) -> str:
    form = load_form(Path("answers.md"), text=ANSWERS.format(expression=expression))
    answers = {name: answered(value) for name, value in given.items()}
    return form.view(answers, NOW, seed=seed).read(path)


@pytest.mark.parametrize(
    ("expression", "given", "value"),
    [
        ("if(${a} = 'x', ${b}, ${c})", {"a": "x", "b": "yes", "c": "no"}, "yes"),
        ("if(${a} = 'x', ${b}, ${c})", {"a": "y", "b": "yes", "c": "no"}, "no"),
        ("regex(${a}, ${b})", {"a": "6211", "b": "[0-9]{4}"}, "true"),
        ("regex(${a}, ${b})", {"a": "6211", "b": "[a-z]+"}, "false"),
        ("coalesce(${a}, 1 + 1)", {}, "2"),
        ("string-length(uuid(${a}))", {"a": "12"}, "12"),
        ("string-length(uuid(100))", {}, "32"),
        ("string-length(uuid(1 div 0))", {}, "32"),
        ("string-length(uuid(-1))", {}, "0"),
        ("jr:choice-name('heer', '${place}')", {}, "Heer"),
    ],
)
def test_argument_may_be_an_answer(expression: str, given: dict[str, str], value: str) -> None:
    assert found(expression, **given) == value


def test_list_and_column_of_a_look_up_may_be_answers_too() -> None:
    town = "<item><name>m</name><label>Maastricht</label></item>"
    calculate = "pulldata(/data/q, /data/told, /data/key, /data/wanted)"
    form = load_form(
        Path("x.xml"),
        text=xform(
            nodes="<q/><told/><key/><wanted/><found/>",
            model=f'<instance id="towns"><root>{town}</root></instance>'
            f'<bind nodeset="/data/found" calculate="{calculate}"/>',
        ),
    )
    given = {"q": "towns", "told": "label", "key": "name", "wanted": "m"}

    def look_up(**changed: str) -> str:
        answers = {path: answered(value) for path, value in {**given, **changed}.items()}
        return form.view(answers, NOW).read("found")

    assert [look_up(), look_up(wanted="a"), look_up(q="villages")] == ["Maastricht", "", ""]


@pytest.mark.parametrize(
    "nothing",
    ["sum(${a})", "distance('52 5')", "area('0 0')", "count-non-empty(${a})", "count-selected(${a})"],
)
def test_nought_of_a_function_is_false(nothing: str) -> None:
    assert found(f"if({nothing}, 'true', 'false')") == "false"


@pytest.mark.parametrize("expression", ["uuid()", "uuid(8)"])
def test_two_rows_and_two_responses_never_draw_the_same_identity(expression: str) -> None:
    drawn = [read(expression, path, seed) for path in ("found", "other") for seed in ("s", "t")]
    assert len(set(drawn)) == 4
    assert len(set(values_inside(expression))) == 4


def test_identity_is_written_as_a_uuid() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", found("uuid()"))


def test_choice_that_depends_on_what_is_not_asked_keeps_its_words() -> None:
    asked = ANSWERS.replace("| calculation |", "| calculation | relevant |").replace(
        "| Waar? |", "| Waar? | | ${{a}} = 'x' |"
    )
    form = load_form(Path("answers.md"), text=asked.format(expression="jr:choice-name('caberg', '${place}')"))
    assert form.view({}, NOW).read("found") == "Caberg"


def test_indexed_text_is_read_as_text() -> None:
    view = houses(outside="indexed-repeat(${who}, ${house}, 1, ${person}, 2)").view(
        {**HOUSES, "house[1]/person[2]/who": answered("Noor")}, NOW
    )
    assert view.read("outside") == "Noor"


@pytest.mark.parametrize(
    ("expression", "value"),
    [("${n} = ${m}", "true"), ("sum(${n}) + sum(${m})", "14"), ("concat('x', ${n})", "x7")],
)
def test_number_outside_all_repeats_is_a_number(expression: str, value: str) -> None:
    rows = f"| | integer | n | N |\n| | integer | m | M |\n| | calculate | found | | {expression} |\n"
    text = f"| survey | |\n| | type | name | label | calculation |\n{rows}| settings | |\n| | version |\n| | 1 |\n"
    view = load_form(Path("n.md"), text=text).view({"n": answered("7"), "m": answered("07")}, NOW)
    assert view.read("found") == value


def test_instances_that_are_not_there_or_not_relevant_are_in_no_set() -> None:
    form = load_form(Path("pets.md"), text="""
| survey | |
| | type | name | label | relevant | calculation |
| | begin repeat | pet | Dier |
| | text | kind | Soort |
| | text | name | Naam | ${kind} != 'vis' |
| | end repeat | |
| | calculate | all | | | count(${kind}) |
| | calculate | named | | | count(${name}) |
| settings | |
| | form_id | version |
| | pets | 1 |
""")  # fmt: skip # read as one table
    view = form.view(
        {"pet[2]": answered("yes"), "pet[1]/kind": answered("vis"), "pet[2]/kind": answered("kat")}, NOW
    )
    assert (view.read("all"), view.read("named")) == ("2", "1")


def test_number_between_brackets_is_that_instance() -> None:
    assert value_outside("/data/house[2]/person[1]/age") == "30"
    assert value_outside("/data/house[3]/person[1]/age") == ""


def test_row_itself_is_that_of_its_own_instance_also_inside_a_condition_on_an_outer_repeat() -> None:
    assert values_inside("count(/data/house[current()/../age = 12])") == ["0", "2", "0", "0"]


def test_set_that_begins_at_the_row_itself_is_a_set_also_inside_a_condition() -> None:
    assert value_outside("count(/data/house/person[age < max(current()/../house/person/age)])") == "3"


LISTS = """
| survey | |
| | type | name | label | calculation | choice_filter |
| | begin repeat | trip | Reis |
| | select_one area | area | Welk deel? |
| | select_one place | place | Waar? | | area = ${area} |
| | calculate | many | | count(instance('place')/root/item[area = /data/trip/area]) |
| | calculate | one | | instance('place')/root/item[area = /data/trip/area]/name |
| | calculate | same | | count(/data/trip[count(instance('place')/root/item[area = current()/../area]) = 2]) |
| | calculate | number | | position() |
| | end repeat | |
| choices | |
| | list_name | name | label | area |
| | area | east | Oost | |
| | area | west | West | |
| | place | heer | Heer | east |
| | place | caberg | Caberg | west |
| | place | mariaberg | Mariaberg | west |
| settings | |
| | form_id | version |
| | trips | 1 |
"""


def test_list_looked_up_in_a_repeat_is_filtered_by_its_own_instance() -> None:
    form = load_form(Path("trips.md"), text=LISTS)
    areas = {1: "east", 2: "west"}
    view = form.view(
        {"trip[2]": answered("yes"), **{f"trip[{n}]/area": answered(area) for n, area in areas.items()}}, NOW
    )
    assert [[choice.name for choice in view.offered(f"trip[{n}]/place")] for n in areas] == [
        ["heer"],
        ["caberg", "mariaberg"],
    ]
    assert [view.read(f"trip[{n}]/many") for n in areas] == ["1", "2"]
    assert [view.read(f"trip[{n}]/one") for n in areas] == ["heer", "caberg"]
    assert [view.read(f"trip[{n}]/same") for n in areas] == ["0", "2"]
    assert [view.read(f"trip[{n}]/number") for n in areas] == ["1", "2"]


DEEP = """
| survey | |
| | type | name | label | calculation | trigger | relevant |
| | begin repeat | house | Huis |
| | text | street | Straat |
| | begin group | in | Binnen |
| | begin repeat | person | Bewoner |
| | begin repeat | pet | Dier |
| | text | name | Naam |
| | calculate | said | | concat(${name}, ' van ', position(../..), ' in ', position(../../../..)) |
| | text | moved | Verhuisd? | 'ja' | ${street} |
| | text | told | Vertel | | | ${name} != '' |
| | end repeat | |
| | end repeat | |
| | end group | |
| | end repeat | |
| settings | |
| | form_id | version |
| | deep | 1 |
"""
PERSON = "house[1]/in/person[2]"
PET = f"{PERSON}/pet[3]"


@pytest.fixture(scope="module")
def deep() -> Form:
    return load_form(Path("deep.md"), text=DEEP)


def test_three_repeats_deep_behind_a_group_everything_is_of_its_own_instance(deep: Form) -> None:
    added = {path: answered("yes") for path in (PERSON, f"{PERSON}/pet[2]", PET)}
    view = deep.view({**added, f"{PET}/name": answered("Rex")}, NOW)
    assert [view.count(f"house[1]/in/person[{number}]/pet") for number in (1, 2)] == [1, 3]
    assert (view.read(f"{PET}/said"), view.read(f"{PERSON}/pet[2]/said")) == ("Rex van 2 in 1", " van 2 in 1")
    assert [view.is_relevant(f"{PERSON}/pet[{number}]/told") for number in (2, 3)] == [False, True]


def test_trigger_in_an_outer_repeat_fills_in_every_inner_instance_of_its_own(deep: Form) -> None:
    added = {path: answered("yes") for path in ("house[2]", PERSON)}
    before = {**added, "house[1]/street": answered("Markt"), "house[2]/street": answered("Vrijthof")}
    after = settle(deep, before, ("house[1]/street",), NOW, asked_too=True)
    assert {path: answer.value for path, answer in after.items() if path.endswith("moved")} == {
        "house[1]/in/person[1]/pet[1]/moved": "ja",
        "house[1]/in/person[2]/pet[1]/moved": "ja",
    }


def test_chain_of_hundreds_of_rows_behind_a_repeat_is_worked_out_from_its_beginning() -> None:
    rows = "".join(
        f"| | integer | q{number} | Vraag | {f'${{q{number - 1}}} != 1' if number else 'sum(${age}) > 0'} | |\n"
        for number in range(400)
    )
    table = (
        "| survey | |\n| | type | name | label | relevant | repeat_count |\n| | integer | n | Hoeveel? |\n"
        f"| | begin repeat | child | Kind | | ${{n}} |\n| | integer | age | Leeftijd |\n| | end repeat | |\n{rows}"
    )
    form = load_form(Path("chain.md"), text=f"{table}| settings | |\n| | version |\n| | 1 |\n")
    given = {"n": answered("1"), "child[1]/age": answered("7"), "q0": answered("1")}
    view = form.view(given, NOW)
    assert [view.is_relevant(path) for path in ("q399", "q0", "q1", "q2")] == [True, True, False, True]


def test_repeat_without_rows_is_passed_over() -> None:
    rows = "| | begin repeat | empty | Niets |\n| | end repeat | |\n| | text | a | A |\n"
    text = f"| survey | |\n| | type | name | label |\n{rows}| settings | |\n| | version |\n| | 1 |\n"
    step = load_form(Path("empty.md"), text=text).view({}, NOW).next_step()
    assert step.question is not None
    assert step.question.path == "a"


CHECKED = """
| survey | |
| | type | name | label::Nederlands (nl) | label::English (en) | calculation | constraint | required |
| | select_one yn | ok | Goed? | Good? |
| | calculate | code | | | int(random() * 100000) |
| | integer | typed | Code? | Code? | | . = ${code} |
| | text | word | Wat zei u? | What did you say? | | . = jr:choice-name(${ok}, '${ok}') |
| | begin repeat | child | Kind | Child |
| | integer | age | Leeftijd | Age |
| | text | work | Werk | Work | | | ${age} > 17 |
| | end repeat | |
| choices | |
| | list_name | name | label::Nederlands (nl) | label::English (en) |
| | yn | yes | Ja | Yes |
| settings | |
| | form_id | version | default_language |
| | checked | 1 | Nederlands (nl) |
"""


def test_answer_is_held_against_the_same_chance_and_in_the_same_language() -> None:
    form = load_form(Path("checked.md"), text=CHECKED)
    view = form.view({"ok": answered("yes")}, NOW, seed="s", language="en")
    assert view.accepts("typed", view.read("code"))
    assert not view.accepts("typed", "0")
    assert [view.accepts("word", word) for word in ("Yes", "Ja")] == [True, False]


def test_answer_is_required_by_what_its_own_instance_says() -> None:
    form = load_form(Path("checked.md"), text=CHECKED)
    given = {"child[2]": "yes", "child[1]/age": "12", "child[2]/age": "40"}
    view = form.view({path: answered(value) for path, value in given.items()}, NOW)
    assert [view.is_required(f"child[{number}]/work") for number in (1, 2)] == [False, True]


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ("/data/house[2]", "2"),
        ("/data/house[2]/person[1]", "1"),
        ("/data/house[2]/person[2]/age", "1"),
        ("/data/house[9]", ""),
    ],
)
def test_position_of_an_instance_named_from_outside_is_its_number(node: str, value: str) -> None:
    assert value_outside(f"position({node})") == value


def form_of_rows(rows: str) -> Form:
    head = "| survey | |\n| | type | name | label | relevant | calculation |\n"
    return load_form(Path("rows.md"), text=f"{head}{rows}| settings | |\n| | version |\n| | 1 |\n")


def test_question_that_decides_over_its_own_group_is_refused() -> None:
    rows = (
        "| | begin group | home | Thuis |\n| | begin group | inner | Binnen | ${age} > 1 |\n"
        "| | integer | age | Leeftijd |\n| | end group | |\n| | end group | |\n"
    )
    with pytest.raises(DefinitionError, match=r"these depend on each other: \$\{age\} -> \$\{age\}\. Break"):
        form_of_rows(rows)


def test_rows_that_each_look_at_the_two_before_are_read_and_worked_out_at_once() -> None:
    rows = "| | integer | q0 | Vraag |\n| | calculate | q1 | | | ${q0} |\n" + "".join(
        f"| | calculate | q{number} | | | ${{q{number - 1}}} - ${{q{number - 2}}} |\n"
        for number in range(2, 90)
    )
    view = form_of_rows(rows).view({"q0": answered("3")}, NOW)
    assert [view.read(f"q{number}") for number in (1, 2, 3, 4, 89)] == ["3", "0", "-3", "-3", "0"]


def test_chain_of_hundreds_of_rows_that_each_look_at_the_next_is_worked_out_from_its_end() -> None:
    rows = "".join(f"| | calculate | c{number} | | | ${{c{number + 1}}} + 1 |\n" for number in range(400))
    view = form_of_rows(f"{rows}| | integer | c400 | Vraag |\n").view({"c400": answered("5")}, NOW)
    assert view.read("c0") == "405"
