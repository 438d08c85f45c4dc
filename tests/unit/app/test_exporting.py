"""What counts in an export is what the form still allows at the end."""

from datetime import UTC, datetime
from pathlib import Path

from app.exporting import form_for_export
from app.shelf import FormFile, Shelf
from bot.forms.load import load_form
from domain.answer import Answer, AnswerStatus, answered

AT = datetime(2026, 12, 1, 8, 31, tzinfo=UTC)
FILTERED = """\
| survey | |
| | type | name | label | choice_filter | calculation |
| | select_one town | town | Where? | | |
| | select_multiple street | streets | Which streets? | town = ${town} | |
| | integer | people | How many? | | |
| | calculate | chosen | | | count-selected(${streets}) |

| choices | |
| | list_name | name | label | town |
| | town | north | North | |
| | town | south | South | |
| | street | elm | Elm | north |
| | street | oak | Oak | south |
| | street | ash | Ash | south |

| settings | |
| | form_id | version |
| | streets | 1 |
"""


def test_of_several_choices_only_those_still_offered_count(tmp_path: Path) -> None:
    path = tmp_path / "streets.md"
    path.write_text(FILTERED, encoding="utf-8")
    form = form_for_export(Shelf(FormFile(load_form(path), "")), "streets", "1")
    assert form is not None
    answers = {
        "town": answered("south"),
        "streets": answered("elm oak"),
        "people": Answer(AnswerStatus.REFUSED),
    }
    assert form.read(answers, AT, "web") == {
        **answers,
        "streets": answered("oak"),
        "chosen": answered("1"),
    }
