"""Tables that an export wrote, read back by what analysts use: openpyxl, pyreadstat, DuckDB and Polars."""

import csv
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars
import pyreadstat
import pytest

from storage.export_formats import xlsx_table
from storage.export_formats.formats import FORMATS
from storage.export_formats.spec import Cell, Column
from storage.export_formats.words import restored
from tests.tables import (
    COLUMNS,
    GRADES,
    HALVES,
    HOSTILE,
    LONG,
    ONE_ANSWERED,
    ONE_OF_EACH,
    UNSAID,
    YES_NO,
    Line,
    spec,
    write,
    write_rows,
    write_texts,
)

CODES = {"skipped": -99, "dont_know": -98, "refused": -97, "not_asked": -96, "withheld": -95}


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def sheet(path: Path, name: str = "data") -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(path)
    return list(book[name].iter_rows(values_only=True))


def jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def sav(path: Path, **options: Any) -> tuple[Any, Any]:
    return pyreadstat.read_sav(path, disable_datetime_conversion=True, **options)


def parquet(path: Path) -> list[dict[str, Any]]:
    """As Polars has it, after DuckDB was seen to have the same."""
    found = polars.read_parquet(path)
    table = duckdb.connect().execute("select * from read_parquet($1)", [str(path)])
    names = [name for name, *_ in table.description or ()]
    assert [dict(zip(names, row, strict=True)) for row in table.fetchall()] == found.to_dicts()
    return found.to_dicts()


# What is the same in all

READ_WORDS: dict[str, Callable[[Path], list[str | None]]] = {
    "csv": lambda path: [restored(row[1]) for row in csv_rows(path)[1:]],
    "jsonl": lambda path: [row["answers"]["words"].get("value") for row in jsonl(path)],
    "parquet": lambda path: [row["words"] for row in parquet(path)],
    "sav": lambda path: list(sav(path)[0]["words"]),
    "xlsx": lambda path: [restored(openpyxl.utils.escape.unescape(str(row[1]))) for row in sheet(path)[1:]],
}


@pytest.mark.parametrize("format", READ_WORDS)
def test_hostile_words_come_back_as_they_were_written(tmp_path: Path, format: str) -> None:
    written = write_texts(tmp_path, format, list(HOSTILE.values()))
    assert READ_WORDS[format](written.path) == list(HOSTILE.values())
    assert list(written.notes) == []


@pytest.mark.parametrize("format", FORMATS)
def test_half_a_character_is_told_and_keeps_nothing_back(tmp_path: Path, format: str) -> None:
    written = write_texts(tmp_path, format, [HALVES, "heel"])
    assert written.notes == ["1 character that no file can hold was replaced by the mark U+FFFD."]
    if format in READ_WORDS:
        assert READ_WORDS[format](written.path) == ["een \ufffd half", "heel"]


def test_what_comes_after_a_nul_is_not_lost_in_spss(tmp_path: Path) -> None:
    written = write_texts(tmp_path, "sav", ["voor\0na"])
    assert READ_WORDS["sav"](written.path) == ["voor\ufffdna"]


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_forty_thousand_letters_come_back(tmp_path: Path, format: str) -> None:
    written = write_texts(tmp_path, format, [LONG])
    assert READ_WORDS[format](written.path) == [LONG]
    assert list(written.notes) == []


@pytest.mark.parametrize(
    ("format", "note"),
    [
        ("xlsx", "words: 1 text was cut after 32767 letters; Excel has no room for more."),
        ("sav", "words: 1 text was cut after 32767 bytes; SPSS takes no more."),
    ],
)
def test_where_they_do_not_fit_they_are_cut_between_letters_and_that_is_told(
    tmp_path: Path, format: str, note: str
) -> None:
    written = write_texts(tmp_path, format, [LONG, "kort"])
    found, short = READ_WORDS[format](written.path)
    assert found is not None
    assert LONG.startswith(found)
    assert len(found.encode()) > 32_760
    assert short == "kort"
    assert written.notes == [note]


@pytest.mark.parametrize("format", FORMATS)
def test_a_table_without_rows_is_a_file_that_can_be_read(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format, []).path
    assert path.exists()
    if format == "csv":
        assert len(csv_rows(path)) == 1
    elif format == "xlsx":
        assert len(sheet(path)) == 1
    elif format == "sav":
        assert len(sav(path)[0]) == 0
    elif format == "parquet":
        assert parquet(path) == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk_is_an_error_of_the_disk(tmp_path: Path, format: str) -> None:
    about = spec([Column("words", "text", has_status=True)])
    paths = [tmp_path / name for name in FORMATS[format].names("full")]
    paths[0].parent.mkdir(exist_ok=True)
    for path in paths:
        path.symlink_to("/dev/full")
    table = None
    try:
        with pytest.raises(OSError):  # noqa: PT012 - which of the calls notices is up to the format
            table = FORMATS[format].open(paths, about)
            for _ in range(200):
                table.write(["x" * 20_000], ["answered"])
            table.close()
    finally:
        with suppress(OSError):
            assert table is None or list(table.close()) == []


# CSV and JSON lines


def test_csv_has_the_label_and_the_status_beside_a_value(tmp_path: Path) -> None:
    header, row, *unsaid = csv_rows(write(tmp_path, "csv", ONE_OF_EACH).path)
    found = dict(zip(header, row, strict=True))
    assert found["home/alone"], found["home/alone__label"] == ("no", "Nee")
    assert found["home/alone__status"] == "answered"
    assert (found["simulated"], found["started_at"]) == ("0", "2026-03-01T12:00:05+00:00")
    assert (found["since"], found["needs"], found["brs"]) == ("2019-05-04", "company money", "3.5")
    place = header.index("mood__status")
    assert [each[place - 2 : place + 1] for each in unsaid] == [["", "", status] for status in UNSAID]


def test_headers_are_held_back_like_words(tmp_path: Path) -> None:
    about = spec([Column("=1+1", "choice", "", {"a": "=2+2"}, has_status=True), Column("n", "integer")])
    rows = [("a", -5)]
    [header, row] = csv_rows(write_rows(tmp_path / "csv", "csv", about, rows).path)
    assert header == ["'=1+1", "'=1+1__label", "'=1+1__status", "n"]
    assert row == ["a", "'=2+2", "answered", "-5"]
    header_of_sheet, row_of_sheet = sheet(write_rows(tmp_path / "xlsx", "xlsx", about, rows).path)
    assert header_of_sheet == tuple(header)
    assert row_of_sheet == ("a", "'=2+2", "answered", -5)


def test_jsonl_has_answers_and_scores_in_objects_of_their_own(tmp_path: Path) -> None:
    [found, skipped, *_] = jsonl(write(tmp_path, "jsonl", ONE_OF_EACH).path)
    assert found["response"] == "r1"
    assert found["simulated"] is False
    assert found["answers"]["home/alone"] == {
        "status": "answered",
        "value": "no",
        "label": "Nee",
        "model": "nlu-2",
    }
    assert found["answers"]["since"] == {"status": "answered", "value": "2019-05-04"}
    assert found["scores"] == {"brs": 3.5}
    assert skipped["answers"]["mood"] == {"status": "skipped"}


# Excel


def test_a_workbook_has_numbers_as_numbers_and_words_as_words(tmp_path: Path) -> None:
    path = write(tmp_path, "xlsx").path
    header, row = sheet(path)
    found = dict(zip(header, row, strict=True))
    assert (found["home/size"], found["rent"], found["brs"], found["wave"]) == (3, 612.5, 3.5, 2)
    assert (found["mood"], found["mood__label"], found["simulated"]) == ("4", "4 van de 5", False)
    assert (found["started_at"], found["since"]) == ("2026-03-01T12:00:05+00:00", "2019-05-04")


def test_a_workbook_has_its_codebook_with_it(tmp_path: Path) -> None:
    path = write(tmp_path, "xlsx").path
    columns = {row[0]: row[1:] for row in sheet(path, "columns")}
    assert columns["mood"] == ("Hoe gaat het?", "choice", "ordinal")
    values = sheet(path, "values")
    assert ("home/alone", "yes", "Ja") in values
    assert ("__status", "skipped", "asked; the person skipped it") in values


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_word_in_a_workbook_is_a_formula_or_a_link(tmp_path: Path, text: str) -> None:
    about = spec([Column(text, "text", text, {text: text}, has_status=True), Column("number", "number")])
    path = write_rows(tmp_path, "xlsx", about, [(text, text)]).path
    cells = [cell for page in openpyxl.load_workbook(path) for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    assert all(cell.hyperlink is None for cell in cells)
    with zipfile.ZipFile(path) as book:
        pages = b"".join(book.read(name) for name in book.namelist() if "worksheets" in name)
    assert b"<f>" not in pages
    assert b"hyperlink" not in pages


@pytest.mark.parametrize("value", ["12345678901234567890", "1,5", "07-08", "inf", "1e400", "0x10", "12 345"])
def test_what_excel_would_round_or_misread_as_a_number_stays_text(tmp_path: Path, value: str) -> None:
    path = write_rows(tmp_path, "xlsx", spec([Column("number", "number")]), [(value,)]).path
    assert sheet(path)[1] == (value,)


def test_rows_that_do_not_fit_on_one_sheet_go_on_on_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_table, "ROWS", 3)
    written = write_rows(tmp_path, "xlsx", spec([Column("n", "integer")]), [(n,) for n in range(5)])
    pages = openpyxl.load_workbook(written.path).sheetnames
    assert pages == ["data", "data 2", "data 3", "columns", "values"]
    found = [row[0] for name in pages[:3] for row in sheet(written.path, name)[1:]]
    assert found == [0, 1, 2, 3, 4]
    assert written.notes == ["The rows stand on 3 sheets; Excel has no room for all of them on one."]


# SPSS


def test_every_reason_for_not_answering_is_a_missing_value_of_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, "sav", ONE_OF_EACH).path
    frame, about = sav(path, user_missing=True)
    for name in ("home_alone", "mood", "home_size", "rent", "since", "needs_company", "needs_money"):
        assert list(frame[name][1:]) == [CODES[status] for status in UNSAID]
        assert about.missing_ranges[name] == [{"lo": -99.0, "hi": -95.0}]
        assert about.variable_value_labels[name][-98.0] == "weet niet"
    assert sav(path)[0]["mood"].isna().tolist() == [False] + [True] * len(UNSAID)
    assert list(frame["story_status"]) == [0, 1, 2, 3, 4, 5]
    assert about.variable_value_labels["story_status"][3.0] == "wil niet zeggen"
    assert frame["brs"].isna().tolist() == [False] + [True] * len(UNSAID)


def test_spss_has_the_codes_labels_and_measures_of_the_form(tmp_path: Path) -> None:
    frame, about = sav(write(tmp_path, "sav").path, user_missing=True)
    row = frame.iloc[0]
    assert (row["home_alone"], row["mood"], row["home_size"], row["rent"]) == (2, 4, 3, 612.5)
    assert (row["needs_company"], row["needs_care"], row["needs_money"]) == (1, 0, 1)
    assert about.variable_value_labels["home_alone"][2.0] == "Nee"
    assert about.variable_value_labels["mood"][4.0] == "4 van de 5"
    assert about.column_names_to_labels["mood"] == "Hoe gaat het?"
    assert about.column_names_to_labels["needs_care"] == "Wat mist u?: Zorg"
    assert about.variable_measure["mood"] == "ordinal"
    assert about.variable_measure["home_size"] == "scale"
    assert about.file_label == "Veerkracht in de wijk"


def test_spss_has_times_and_dates_of_its_own(tmp_path: Path) -> None:
    frame, about = pyreadstat.read_sav(write(tmp_path, "sav").path)
    assert frame["started_at"][0].to_pydatetime() == datetime(2026, 3, 1, 12, 0, 5)
    assert str(frame["since"][0]) == "2019-05-04"
    assert (about.original_variable_types["started_at"], about.original_variable_types["since"]) == (
        "DATETIME20",
        "SDATE10",
    )


def test_labels_are_cut_at_what_spss_takes_between_letters_and_told(tmp_path: Path) -> None:
    long = "é€😀" * 60
    about = spec([Column("q", "choice", long, {"yes": long, "no": "x" * 120}, has_status=True)])
    written = write_rows(tmp_path, "sav", about, [("yes",), ("no",)])
    _, found = sav(written.path)
    value, other = (found.variable_value_labels["q"][code] for code in (1.0, 2.0))
    assert long.startswith(value)
    assert 117 <= len(value.encode()) <= 120
    assert other == "x" * 120
    assert 253 <= len(found.column_names_to_labels["q"].encode()) <= 256
    assert sorted(written.notes) == [
        "The label of q was cut after 256 bytes; SPSS takes no more.",
        "The label of the value yes of q was cut after 120 bytes; SPSS takes no more.",
    ]


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (["home/alone"], ["home_alone"]),
        (["a/b", "a_b", "A_B"], ["a_b", "a_b_2", "A_B_3"]),
        (["1st", "_x", "with", "é-ü", ""], ["v_1st", "v__x", "with_2", "e_u", "v"]),
        (["x" * 80, "x" * 81], ["x" * 64, "x" * 58 + "_2"]),
        (["a" * 63 + "_"], ["a" * 63]),
    ],
)
def test_names_of_variables_are_valid_their_own_and_told_when_they_differ(
    tmp_path: Path, names: list[str], given: list[str]
) -> None:
    written = write_rows(
        tmp_path, "sav", spec([Column(name, "integer") for name in names]), [range(len(names))]
    )
    frame, _ = sav(written.path)
    assert list(frame.columns) == given
    assert list(frame.iloc[0]) == list(range(len(names)))
    differ = [name for name, found in zip(names, given, strict=True) if name.replace("/", "_") != found]
    assert [note.split(" is called ")[0] for note in written.notes] == differ


def test_an_answer_that_is_also_a_code_moves_the_codes(tmp_path: Path) -> None:
    about = spec([Column("balance", "number", has_status=True)])
    written = write_rows(tmp_path, "sav", about, [("-97",), ("",)], [["answered"], ["refused"]])
    frame, found = sav(written.path, user_missing=True)
    assert list(frame["balance"]) == [-97, -997]
    assert found.missing_ranges["balance"] == [{"lo": -999.0, "hi": -995.0}]
    assert sav(written.path)[0]["balance"].isna().tolist() == [False, True]


def test_a_choice_that_no_form_has_any_more_keeps_a_code_and_its_name(tmp_path: Path) -> None:
    about = spec(
        [
            Column("q", "choice", "", YES_NO, has_status=True),
            Column("grade", "choice", "", GRADES, has_status=True),
            Column("many", "choices", "Wat?", YES_NO, has_status=True),
        ]
    )
    written = write_rows(tmp_path, "sav", about, [("maybe", "9", "yes later"), ("no", "2", "no")])
    frame, found = sav(written.path)
    assert list(frame["q"]) == [3, 2]
    assert found.variable_value_labels["q"][3.0] == "maybe"
    assert list(frame["grade"]) == [6, 2]
    assert list(frame["many_later"]) == [1, 0]


@pytest.mark.parametrize("format", ["sav", "parquet"])
def test_a_value_that_is_not_of_its_kind_is_told(tmp_path: Path, format: str) -> None:
    about = spec([Column("age", "integer", has_status=True), Column("day", "date", has_status=True)])
    written = write_rows(tmp_path, format, about, [("veertig", "gisteren"), ("41", "2026-01-02")])
    assert list(written.notes) == [
        "age: 1 value that is no integer was left out here; an export as CSV has all.",
        "day: 1 value that is no date was left out here; an export as CSV has all.",
    ]


# Parquet


def test_parquet_has_types_and_no_value_where_there_is_none(tmp_path: Path) -> None:
    found, *unsaid = parquet(write(tmp_path, "parquet", ONE_OF_EACH).path)
    assert (found["home/size"], found["rent"], found["simulated"]) == (3, 612.5, False)
    assert found["started_at"] == datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
    assert found["since"] == datetime(2019, 5, 4)
    assert (found["needs"], found["needs/care"], found["needs/money"]) == ("company money", False, True)
    for row, status in zip(unsaid, UNSAID, strict=True):
        asked = [column.name for column in COLUMNS if column.has_status]
        assert [row[name] for name in asked] == [None] * len(asked)
        assert {row[f"{name}__status"] for name in asked} == {status}
        assert (row["needs/care"], row["brs"]) == (None, None)


def test_parquet_has_zones_whole_numbers_and_each_choice_once(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet", [Line(f"r{number}") for number in range(50)]).path
    schema = polars.read_parquet_schema(path)
    assert schema["started_at"] == polars.Datetime("us", "UTC")
    assert (schema["home/size"], schema["rent"]) == (polars.Int64, polars.Float64)
    encodings = duckdb.connect().execute(
        "select encodings from parquet_metadata($1) where path_in_schema = 'mood'", [str(path)]
    )
    assert "DICTIONARY" in str(encodings.fetchone())


def test_parquet_has_the_labels_in_its_metadata(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet").path
    [found] = [
        json.loads(value)
        for _, key, value in duckdb.connect()
        .execute("select * from parquet_kv_metadata($1)", [str(path)])
        .fetchall()
        if key == b"wijkverhaal"
    ]
    assert (found["title"], found["language"]) == ("Veerkracht in de wijk", "nl")
    assert found["columns"]["mood"]["values"] == GRADES
    assert found["columns"]["mood"]["measure"] == "ordinal"
    assert found["statuses"]["refused"] == "asked; the person does not want to say"


def test_parquet_in_many_pieces_is_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.export_formats.parquet_table._CELLS", 40)
    about = spec([Column("n", "integer"), Column("q", "choice", "", YES_NO, has_status=True)])
    rows: list[tuple[Cell, ...]] = [(n, "yes" if n % 2 else f"new{n // 50}") for n in range(100)]
    found = parquet(write_rows(tmp_path, "parquet", about, rows).path)
    assert [(row["n"], row["q"]) for row in found] == rows


def test_a_long_whole_number_keeps_its_digits(tmp_path: Path) -> None:
    about = spec([Column("n", "integer")])
    found = parquet(write_rows(tmp_path, "parquet", about, [("9007199254740993",), ("3.0",)]).path)
    assert [row["n"] for row in found] == [9007199254740993, 3]


def test_one_row_needs_nothing_of_another(tmp_path: Path) -> None:
    [row] = jsonl(write(tmp_path, "jsonl", [ONE_ANSWERED]).path)
    assert set(row) == {"response", "wave", "simulated", "started_at", "answers", "scores"}
