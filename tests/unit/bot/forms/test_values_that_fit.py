"""Which texts are values of a kind of question: both sides of each limit."""

from pathlib import Path

import pytest

from bot.forms.form import Form
from bot.forms.lexical import fits_type, in_list_order
from bot.forms.load import load_form

FORM = load_form(
    Path("fitting.md"),
    text="""\
| survey | |
| | type | name | label | parameters |
| | time | clock | Hoe laat? |
| | dateTime | moment | Wanneer? |
| | geopoint | place | Waar? |
| | range | grade | Cijfer? | start=1 end=10 step=3 |
| | select_multiple seen | seen | Wie? |
| choices | |
| | list_name | name | label |
| | seen | family | Familie |
| | seen | friends | Vrienden |
| settings | |
| | form_id | version |
| | fitting | 1 |
""",
)


def fits(name: str, value: str, form: Form = FORM) -> bool:
    return fits_type(form.question(name), value)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("clock", ["10:00:00", "10:00:00Z", "10:00:00.5+01:00"], ["10:00", "10:00:00z", "25:00:00", ""]),
        (
            "moment",
            ["2026-11-20T10:00:00", "2026-11-20T10:00:00Z"],
            ["2026-11-20", "2026-11-20T10:00:00T1", "2026-11-20 10:00:00"],
        ),
        (
            "place",
            ["50.8 5.7", "50.8 5.7 0", "50.8 5.7 0 10"],
            ["50.8", "50.8  5.7", "50.8 5.7 0 10 2", "91 5.7", "50.8 5.7 high", "50.8 east", "50.8 181 0 0"],
        ),
        ("grade", ["1", "4", "10", "4.0"], ["2", "3", "5", "-2", "11", "13"]),
        ("seen", ["family", "friends family"], ["", "family family", "nobody", "family  friends"]),
    ],
)
def test_value_fits_its_kind_or_does_not(name: str, good: list[str], bad: list[str]) -> None:
    assert [each for each in (*good, *bad) if fits(name, each)] == good


def test_picked_choices_are_stored_in_the_order_of_the_list() -> None:
    assert in_list_order(FORM.question("seen"), "friends family") == "family friends"
    assert in_list_order(FORM.question("clock"), "b a") == "b a"
