"""Forms in text files as spreadsheets and old editors write them, and files that are no text at all."""

from pathlib import Path
from random import Random

import pytest

from bot.forms.load import load_form
from domain.errors import DefinitionError
from domain.questionnaire import Questionnaire

CSV = """survey,,,
,type,name,label
,text,a,"Hé, hoe gaat het; vertel"
,select_one yn,b,Fijn?
,,,
choices
,list_name,name,label
,yn,y,Ja
,yn,n,Nee
settings
,form_title,form_id,version
,T,csv1,1
"""
PADDED = "".join(f"{line},,\n" for line in CSV.splitlines())
SEMICOLONS = """survey;;;;
;type;name;label;
;text;a;"Hé, hoe gaat het; vertel";
;select_one yn;b;Fijn?;
choices;;;;
;list_name;name;label;
;yn;y;Ja;
;yn;n;Nee;
settings;;;;
;form_title;form_id;version;
;T;csv1;1;
"""
REFUSED = "this is not a text file. Save it again from the spreadsheet or the editor, as UTF-8, or use an .xlsx file"
NO_FORM = "this is not an XLSForm. Begin with the sheets survey, choices and settings, as in docs/forms.md"


def _read(file: Path, content: bytes) -> Questionnaire:
    file.write_bytes(content)
    return load_form(file).questionnaire


def _refusal(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    with pytest.raises(DefinitionError) as refused:
        load_form(file)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode("utf-8-sig"),
        CSV.encode("cp1252"),
        CSV.encode("utf-16"),
        CSV.replace("\n", "\r\n").encode(),
        PADDED.encode(),
        SEMICOLONS.encode("utf-8-sig"),
        SEMICOLONS.encode("cp1252"),
        f"sep=;\r\n{SEMICOLONS}".encode(),
        SEMICOLONS.replace("het; vertel", "het\0 vertel").replace(";", "\t").replace("\0", ";").encode(),
    ],
    ids=["bom", "cp1252", "utf16", "crlf", "padded", "semicolons", "semicolons_cp1252", "sep", "tabs"],
)
def test_csv_as_a_spreadsheet_writes_it_is_the_same_form(tmp_path: Path, content: bytes) -> None:
    plain = _read(tmp_path / "x.csv", CSV.encode())
    assert plain.questions[0].label == {"nl": "Hé, hoe gaat het; vertel"}
    assert _read(tmp_path / "x.csv", content) == plain


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_markdown_in_another_encoding_is_the_same_form(tmp_path: Path, encoding: str) -> None:
    table = "| survey | |\n| | type | name | label |\n| | text | a | Hé? |\n| settings | |\n| | version |\n| | 1 |\n"
    plain = _read(tmp_path / "x.md", table.encode())
    assert _read(tmp_path / "x.md", table.encode(encoding)) == plain


def test_xform_in_another_encoding_is_the_same_form(tmp_path: Path) -> None:
    from bot.forms.workbook import read_workbook

    xform = read_workbook(CSV.encode(), Path("x.csv")).xform
    plain = _read(tmp_path / "x.xml", xform.encode())
    assert _read(tmp_path / "x.xml", xform.encode("utf-8-sig")) == plain


@pytest.mark.parametrize("suffix", [".csv", ".md", ".xml"])
def test_bytes_that_are_no_text_are_refused_in_words(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"x{suffix}"
    for seed in range(20):
        assert _refusal(file, Random(seed).randbytes(3000)) == f"x{suffix}: {REFUSED}"
    for content in (b"\xff\xfe\x00", b"survey\x00,"):
        assert _refusal(file, content) == f"x{suffix}: {REFUSED}"


@pytest.mark.parametrize("content", [b"", b"\n\n", b",type,name\n,text,a\n", b"a,b\n,c\n" * 5, b"x" * 50])
def test_csv_that_is_no_form_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    assert _refusal(tmp_path / "x.csv", content) == f"x.csv: {NO_FORM}"


def test_workbook_that_is_no_text_is_empty_and_says_why() -> None:
    from bot.forms.workbook import read_workbook

    workbook = read_workbook(b"survey\x00,", Path("x.csv"))
    assert (workbook.xform, list(map(str, workbook.problems))) == ("", [f"x.csv: {REFUSED}"])


def test_csv_with_a_quote_that_is_never_closed_is_refused_in_words(tmp_path: Path) -> None:
    content = 'survey,\n,type,name\n,text,"' + "a" * 140_000
    assert _refusal(tmp_path / "x.csv", content.encode()) == (
        "x.csv: this is not CSV (field larger than field limit (131072))."
        " Look for a quote that is not closed, or export the sheets again"
    )


def test_csv_with_cells_under_no_name_is_refused(tmp_path: Path) -> None:
    content = CSV.replace("Fijn?", "Fijn?,a remark")
    assert _refusal(tmp_path / "x.csv", content.encode()) == (
        "x.csv, sheet survey, row 1: there is a column with cells and without a name. Name it, or empty its cells"
    )


def test_csv_with_the_line_ends_of_an_old_mac_is_the_same_form(tmp_path: Path) -> None:
    plain = _read(tmp_path / "x.csv", CSV.encode())
    assert _read(tmp_path / "x.csv", CSV.replace("\n", "\r").encode()) == plain
