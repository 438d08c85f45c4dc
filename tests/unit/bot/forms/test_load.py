"""Loading: the broken forms with their exact words, the kinds of file, and the kept copy."""

import io
from pathlib import Path

import pytest

from bot.forms import load as loading
from bot.forms.load import load_form
from domain.consent import Purpose
from domain.errors import DefinitionError
from domain.questionnaire import Exit, Meaning, QuestionKind

ROOT = Path(__file__).parents[4]
BROKEN = sorted((ROOT / "tests" / "broken").glob("*.md"))
VEERKRACHT = ROOT / "bot" / "questionnaires" / "veerkracht.md"

SMALL = """
| survey | |
| | type | name | label::Nederlands (nl) | label::English (en) | hint::Nederlands (nl) | guidance_hint::Nederlands (nl) | relevant | constraint | constraint_message::Nederlands (nl) | required | calculation | chat:consent | chat:purpose | chat:exit | chat:why::nl | chat:probe::English (en) | chat:wish | comment |
| | today | today |
| | select_one yn | ok | Mag het? | May we? | Kies | Uitleg \\| meer | | | | yes | | answers |
| | begin group | home | Thuis | Home | | | ${ok} = 'yes' | | | | | | contact | | | | yes |
| | integer | age | Leeftijd | | | | | . > 15 | Te jong | | | | | | Daarom | | | only a remark |
| | begin group | inner | | | | | ${age} > 20 | | | | | | quote |
| | text | story | Verhaal | Story | | | | | | | | | | | | More? |
| | end group |
| | end group |
| | calculate | double | | | | | | | | | ${age} * 2 |
| | acknowledge | read | Gelezen | |
| | note | bye | Dag | Bye | | | | | | | | | | finish |
| choices | |
| | list_name | name | label::Nederlands (nl) | label::English (en) | chat:meaning | chat:also::nl |
| | yn | yes | Ja | Yes | yes | jao, prima |
| | yn | no | Nee | No | no | |
| settings | |
| | form_id | version | form_title | default_language |
| | small | 3 | Klein | Nederlands (nl) |
"""


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_form_is_refused_with_exactly_these_words(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix("# expected: ") for line in lines if line.startswith("# expected: ")]
    with pytest.raises(DefinitionError) as refusal:
        load_form(path)
    assert str(refusal.value).split("\n") == expected


def test_there_are_broken_forms() -> None:
    assert len(BROKEN) > 50


def test_load_form_small_has_everything() -> None:
    form = load_form(Path("small.md"), text=SMALL)
    questionnaire = form.questionnaire
    assert (questionnaire.id, questionnaire.version, questionnaire.title) == ("small", "3", {"nl": "Klein"})
    assert (questionnaire.default_language, questionnaire.languages) == ("nl", ("nl", "en"))
    assert [(question.path, question.kind.value) for question in questionnaire.questions] == [
        ("today", "metadata"),
        ("ok", "select_one"),
        ("home/age", "integer"),
        ("home/inner/story", "text"),
        ("double", "calculate"),
        ("read", "acknowledge"),
        ("bye", "note"),
    ]
    ok, age, story, bye = (form.question(path) for path in ("ok", "home/age", "home/inner/story", "bye"))
    assert (ok.consent, ok.required, ok.block) == (Purpose.ANSWERS, "true()", "")
    assert (dict(ok.hint), dict(ok.guidance)) == ({"nl": "Kies"}, {"nl": "Uitleg | meer"})
    assert (ok.choices[0].meaning, dict(ok.choices[0].also)) == (Meaning.YES, {"nl": ("jao", "prima")})
    assert (age.label, age.why, age.constraint_message) == (
        {"nl": "Leeftijd"},
        {"nl": "Daarom"},
        {"nl": "Te jong"},
    )
    assert (age.purpose, age.wish, age.block) == (Purpose.CONTACT, True, "home")
    assert (story.purpose, story.wish, story.probe) == (Purpose.QUOTE, True, {"en": "More?"})
    assert (bye.exit, bye.waits) == (Exit.FINISH, False)
    assert [(group.path, dict(group.label)) for group in questionnaire.groups] == [
        ("home", {"nl": "Thuis", "en": "Home"}),
        ("home/inner", {}),
    ]


def test_load_form_as_xlsx_csv_and_md_is_the_same(tmp_path: Path) -> None:
    from pyxform.xls2json_backends import md_table_to_workbook

    book = io.BytesIO()
    md_table_to_workbook(SMALL).save(book)
    (tmp_path / "small.xlsx").write_bytes(book.getvalue())
    (tmp_path / "small.csv").write_text(_as_csv(SMALL), encoding="utf-8")
    expected = load_form(Path("small.md"), text=SMALL).questionnaire
    assert load_form(tmp_path / "small.xlsx").questionnaire == expected
    assert load_form(tmp_path / "small.csv").questionnaire == expected


def test_load_form_of_a_sheet_with_a_column_twice_is_refused(tmp_path: Path) -> None:
    from pyxform.xls2json_backends import md_table_to_workbook

    book = io.BytesIO()
    md_table_to_workbook("| survey | |\n| | type | name | name |\n| | text | a | b |\n").save(book)
    (tmp_path / "twice.xlsx").write_bytes(book.getvalue())
    with pytest.raises(DefinitionError) as refusal:
        load_form(tmp_path / "twice.xlsx")
    assert str(refusal.value) == 'twice.xlsx: the column "name" is there twice. Remove one'


def _as_csv(table: str) -> str:
    lines = []
    for line in table.strip().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").replace("\\|", "\0").split("|")]
        lines.append(",".join('"' + cell.replace("\0", "|") + '"' for cell in cells))
    return "\n".join(lines)


def test_load_form_from_xform_reads_the_same_logic() -> None:
    from bot.forms.workbook import read_workbook

    xform = read_workbook(SMALL.encode(), Path("small.md")).xform
    form, source = load_form(Path("small.xml"), text=xform), load_form(Path("small.md"), text=SMALL)
    assert form.trees == source.trees
    assert [question.label for question in form.questionnaire.questions] == [
        question.label for question in source.questionnaire.questions
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.docx", "", 'a.docx: a form cannot be ".docx". Use one of: .csv, .md, .xls, .xlsm, .xlsx, .xml'),
        *(
            (
                f"a{suffix}",
                "nothing",
                f"a{suffix}: this is not an Excel file that can be read."
                " Open it in a spreadsheet and save it again as .xlsx",
            )
            for suffix in (".xlsx", ".xls")
        ),
        ("a.xml", "<x/>", "a.xml: this is not an XForm. It needs a model with an instance, and a body"),
        (
            "a.xml",
            "<x>",
            "a.xml: this is not XML (no element found: line 1, column 3). Export the XForm again",
        ),
        (
            "a.md",
            "nothing",
            "a.md: this is not an XLSForm."
            " Begin with the sheets survey, choices and settings, as in docs/forms.md",
        ),
    ],
)
def test_load_form_of_something_else_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        load_form(Path(name), text=text)
    assert str(refusal.value) == message


def test_kept_form_equals_the_form_read_from_its_source(tmp_path: Path) -> None:
    source = load_form(VEERKRACHT, cache_dir=tmp_path)
    kept = load_form(VEERKRACHT, cache_dir=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    assert kept.questionnaire == source.questionnaire
    assert kept.trees == source.trees


def test_kept_form_needs_neither_pyxform_nor_a_parser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_form(VEERKRACHT, cache_dir=tmp_path)

    def never(*_: object) -> None:
        raise AssertionError("the source was read again")

    monkeypatch.setattr(loading, "read_workbook", never)
    monkeypatch.setattr(loading, "parse_expressions", never)
    assert load_form(VEERKRACHT, cache_dir=tmp_path).questionnaire.id == "veerkracht"


def test_changed_form_is_read_anew(tmp_path: Path) -> None:
    load_form(Path("small.md"), text=SMALL, cache_dir=tmp_path)
    changed = load_form(Path("small.md"), text=SMALL.replace("Verhaal", "Vertel"), cache_dir=tmp_path)
    assert changed.question("home/inner/story").label["nl"] == "Vertel"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"questionnaire": {}, "trees": {}}'])
def test_spoilt_kept_form_is_read_anew(tmp_path: Path, content: str) -> None:
    load_form(Path("small.md"), text=SMALL, cache_dir=tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_text(content)
    assert (
        load_form(Path("small.md"), text=SMALL, cache_dir=tmp_path).question("read").kind
        is QuestionKind.ACKNOWLEDGE
    )


def test_a_table_without_sheets_is_refused_in_words() -> None:
    with pytest.raises(DefinitionError) as refused:
        load_form(Path("fruits.csv"), text="name_key,name\n" + "appel,Appel\npeer,Peer\n" * 4)
    assert [problem.rule for problem in refused.value.problems] == ["this is not an XLSForm"]
