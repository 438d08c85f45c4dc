"""What of a questionnaire is counted, and what a reader of tables sees."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from analysis.people import NOTHING, Counted, Numbers, Release
from analysis.protecting import Why
from app.cli import app
from app.shelf import open_shelf
from app.tables_page import Page, Shown
from app.tabulating import CHOSEN, Labels, _Planner
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.texts.catalogue import load_catalogue
from domain.errors import DomainError

FORM = """\
| survey | |
| | type | name | label | relevant | chat:consent | parameters |
| | select_one yes_no | consent_answers | May we? | | answers | |
| | select_one town | wijk | Where? | | | |
| | select_one yes_no | works | Do you work? | ${consent_answers} = 'yes' | | |
| | begin group | work | Work | ${works} = 'yes' | | |
| | select_one yes_no | likes | Do you like it? | | | |
| | end group | | | | | |
| | select_multiple town | liked | Which do you like? | | | |
| | range | mark | What mark? | | | start=1 end=5 step=1 |
| | text | more | Anything else? | | | |
| | select_one trouble | rondkomen | Can you make ends meet? | | | |
| | begin repeat | child | Child | | | |
| | select_one yes_no | school | At school? | | | |
| | end repeat | | | | | |

| choices | |
| | list_name | name | label | chat:meaning |
| | yes_no | yes | Yes | yes |
| | yes_no | no | No | no |
| | town | north | North | |
| | town | south | South | |
| | trouble | no_trouble | No | |
| | trouble | great_trouble | Yes | |

| settings | |
| | form_id | version |
| | small | 1 |
"""


@pytest.fixture
def form(tmp_path: Path) -> Form:
    path = tmp_path / "form.md"
    path.write_text(FORM, encoding="utf-8")
    return load_form(path)


def test_closed_questions_are_counted_and_those_of_some_people_are_not(form: Form) -> None:
    plan = _Planner(form, "nl").plan(())

    assert list(plan.dimensions) == ["wijk"]
    assert [each.id for each in plan.asked] == [
        "works",
        "liked=north",
        "liked=south",
        "mark",
        "rondkomen__band",
    ]
    assert plan.asked[3].categories == ("1", "2", "3", "4", "5")
    assert plan.left_out == ["Do you like it?"]


def test_a_question_that_depends_on_what_tables_count_by_has_none() -> None:
    plan = _Planner(open_shelf().current(), "nl").plan(("wijk", "talk_offer"))

    assert "talk/talk_offer" not in [each.id for each in plan.asked]
    assert len(plan.left_out) == 5


@pytest.mark.parametrize("name", ["consent_answers", "mark", "school", "nowhere"])
def test_only_a_choice_of_one_can_be_counted_by(form: Form, name: str) -> None:
    with pytest.raises(DomainError, match="tables_no_dimension") as refused:
        _Planner(form, "nl").plan((name,))

    assert refused.value.detail["known"] == "wijk, works, likes, rondkomen"


LABELS = Labels(
    "Small",
    {
        "wijk": "Where?",
        "works": "Do you work?",
        "liked=north": "Which? =North",
        "age": "How old?",
        "none": "None?",
    },
    {
        ("wijk", "north"): "=North",
        ("wijk", "south"): "South | side",
        ("works", "yes"): "Yes",
        ("works", "no"): "No",
        ("liked=north", CHOSEN): "=North",
    },
)
BY = {"wijk": (("north",), ("south", NOTHING)), "age": (("young",), ("old", NOTHING))}
RELEASE = Release(
    datetime(2026, 11, 30, 23, 30, tzinfo=UTC),
    10,
    BY,
    Numbers((80,), {"wijk": ((40,), (40,)), "age": ((30,), (50,))}),
    {
        "works": Counted((("yes",), ("no", NOTHING)), Numbers((45, 35), {"wijk": ((25, 15), (20, 20))})),
        "liked=north": Counted(((CHOSEN,), (NOTHING,)), Numbers((30, 50), {})),
    },
)
SHOWN = Shown(
    LABELS,
    ("works", "liked=north", "none"),
    ("Do you like it?",),
    [RELEASE],
    {"none": Why.TOO_FEW, "works": Why.CHANGED_LITTLE, "liked=north": Why.UNCHANGED},
    10,
    True,
)


def test_a_page_tells_numbers_what_is_together_and_what_is_withheld() -> None:
    text = Page(SHOWN, load_catalogue(), "en").markdown()

    assert "| Where? | n | Yes | No or no answer |" in text
    assert "| =North | 40 | 25 (63%) | 15 (38%) |" in text
    assert "| South \\| side or not known | 40 | 20 (50%) | 20 (50%) |" in text
    assert "| Everybody | 80 | 30 (38%) | 50 (63%) |" in text
    assert "not chosen or no answer" in text
    assert "Not by How old?: too few people" in text
    assert "These figures are of 2026-12-01." in text
    assert "Nothing has changed since then." in text
    assert "Too little has changed since then" in text
    assert "Nothing to show" in text
    assert "not everybody is asked this question: Do you like it?" in text
    assert "This is a preview. Do not share it" in text


def test_a_question_of_other_tables_says_why_it_is_not_told() -> None:
    shown = replace(SHOWN, why={"none": Why.TOLD_ELSEWHERE})
    for language, said in (("nl", "staat ook in andere tabellen"), ("en", "is in other tables as well")):
        assert said in Page(shown, load_catalogue(), language).markdown()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_sentence_is_in_some_page(language: str) -> None:
    pages = [
        Page(each, load_catalogue(), language)
        for each in (
            SHOWN,
            replace(SHOWN, releases=[], is_preview=False),
            replace(SHOWN, why={"none": Why.TOLD_ELSEWHERE}),
        )
    ]
    shown = "".join(page.markdown() + page.csv() for page in pages)

    for key, sentence in load_catalogue().sentences("tables.", language).items():
        pattern = ".*".join(re.escape(part) for part in re.split(r"%\(\w+\)[sd]", sentence))
        assert re.search(pattern, shown), key
    assert "%(" not in shown


def test_a_spreadsheet_takes_no_words_for_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(Page(SHOWN, load_catalogue(), "en").csv())))

    assert ["works", "Do you work?", "wijk", "'=North", "Yes", "25", "40", "63", "2026-12-01", ""] in rows
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_words_in_a_web_page_stay_words() -> None:
    labels = replace(LABELS, title="<script>x</script>")

    page = Page(replace(SHOWN, labels=labels), load_catalogue(), "nl").html()

    assert "<script>" not in page
    assert '<th scope="row">=North</th><td>40</td><td>25 (63%)</td>' in page


def test_the_command_tells_how_it_is_used() -> None:
    assert isinstance(app, typer.Typer)
    told = CliRunner().invoke(app, ["tables", "--help"]).output

    assert "wijkverhaal tables --publish --out tables/" in told
