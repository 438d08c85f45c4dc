"""Forms that pyxform refuses, in our own words; the rows' own mistakes stand in tests/broken."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.forms.load import load_form
from domain.errors import DefinitionError

HEAD = "| | type | name | label | relevant | calculation | comment |"
CHOICES = "| choices | |\n| | list_name | name | label |\n| | c | x | X |\n"


def _refusal(rows: str, *, head: str = HEAD, choices: str = "") -> list[str]:
    table = f"| survey | |\n{head}\n{rows}\n{choices}| settings | |\n| | version |\n| | 1 |\n"
    with pytest.raises(DefinitionError) as refused:
        load_form(Path("a.md"), text=table)
    return str(refused.value).split("\n")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("| | calculate | a |", "row 2: there is no calculation. Write one in the column calculation"),
        (
            "| | text | a | A | ${a |",
            "row 2, column relevant: a ${ in it is not closed, or not followed by a name. Write ${name}",
        ),
        (
            "| | begin repeat | data | x |\n| | text | a | b |\n| | end repeat |",
            "row 2: a repeat cannot have the name of the whole form. Give the repeat another name",
        ),
        (
            "| | end group |\n| | note | | b |\n| | text | a | A | | | about ${nobody} |",
            "row 2, column type: this closes a group that was not begun. Remove this row",
        ),
    ],
)
def test_what_pyxform_refuses_is_told_with_its_place_and_remedy(rows: str, told: str) -> None:
    assert _refusal(rows) == [f"a.md, sheet survey, {told}"]


def test_a_sheet_without_a_column_that_must_be_there_is_told_once() -> None:
    rule = "a.md, sheet survey: the sheet has no column 'type'"
    assert _refusal("| | a | A |", head="| | name | label |") == [
        f"{rule}. The first row of a sheet names its columns, as in docs/forms.md"
    ]


def test_choices_without_a_column_for_names_are_told_once() -> None:
    choices = "| choices | |\n| | list_name | label |\n| | c | X |\n"
    assert _refusal("| | select_one c | a | A |", choices=choices) == [
        "a.md, sheet choices: the sheet has no column 'name'."
        " The first row of a sheet names its columns, as in docs/forms.md"
    ]


@pytest.mark.parametrize("suffix", [".xlsx", ".xlsm", ".xls"])
def test_a_spoilt_excel_file_is_refused_in_words(tmp_path: Path, suffix: str) -> None:
    from pyxform.xls2json_backends import md_table_to_workbook

    book = io.BytesIO()
    md_table_to_workbook(f"| survey | |\n{HEAD}\n| | text | a | A |\n").save(book)
    spoilt = bytearray(book.getvalue())
    start = ZipFile(book).getinfo("xl/worksheets/sheet1.xml").header_offset
    spoilt[start + 60 : start + 100] = b"\xff" * 40
    file = tmp_path / f"spoilt{suffix}"
    file.write_bytes(spoilt)
    with pytest.raises(DefinitionError) as refused:
        load_form(file)
    assert str(refused.value) == (
        f"spoilt{suffix}: this is not an Excel file that can be read. Open it in a spreadsheet and save it again as .xlsx"
    )


def test_a_markdown_table_with_nothing_but_sheets_is_refused_in_words() -> None:
    with pytest.raises(DefinitionError) as refused:
        load_form(Path("a.md"), text="| survey | |\n| choices | |\n")
    assert str(refused.value) == (
        "a.md: this is not an XLSForm. Begin with the sheets survey, choices and settings, as in docs/forms.md"
    )


WITH_PARAMETERS = "| | type | name | label | relevant | parameters |"
WHOLE = "a.md: Parameter max-pixels must have an integer value. Mend this in the XLSForm"
KEYS = (
    "a.md, sheet survey, row {row}, column parameters: The accepted parameter keys for this question type are"
    " 'randomize, seed'. The following are invalid parameter key(s): 'value'"
)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("| | image | a | A | | max-pixels=x |", [WHOLE]),
        ("| | select_one c | a | A | | value=x |", [KEYS.format(row=2)]),
        (
            "| | text | a | A | | rows=x |",
            [
                "a.md, sheet survey, row 2: Parameter rows must have an integer value. Mend this in the XLSForm",
            ],
        ),
        (
            "| | geopoint | a | A | | allow-mock-accuracy=x |",
            [
                "a.md, sheet survey, row 2, column parameters: The 'allow-mock-accuracy' parameter must be either"
                " 'true' or 'false'. Mend this in the XLSForm",
            ],
        ),
    ],
)
def test_what_we_have_no_words_for_is_told_in_those_of_pyxform(rows: str, told: list[str]) -> None:
    assert _refusal(rows, head=WITH_PARAMETERS, choices=CHOICES) == told


def test_what_pyxform_refuses_is_told_beside_what_is_found_elsewhere() -> None:
    nobody = (
        "a.md, sheet survey, row {row}, column relevant: ${{nobody}} is not a question of this form."
        " Correct the name, or add the question"
    )
    wrong, reference = "| | select_one c | a | A | | value=x |", "| | text | b | B | ${nobody} = 1 |"
    assert _refusal(f"{wrong}\n{reference}", head=WITH_PARAMETERS, choices=CHOICES) == [
        KEYS.format(row=2),
        nobody.format(row=3),
    ]
    image = "| | image | a | A | | max-pixels=x |"
    assert _refusal(f"{image}\n{reference}", head=WITH_PARAMETERS, choices=CHOICES) == [
        WHOLE,
        nobody.format(row=3),
    ]
    other = "| | select_one c | a | A | ${nobody} = 1 | value=x |"
    assert sorted(_refusal(other, head=WITH_PARAMETERS, choices=CHOICES)) == sorted(
        [KEYS.format(row=2), nobody.format(row=2)]
    )
