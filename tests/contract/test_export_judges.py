"""A whole export of each format, from the database on: its judge reads it, and finds what was said."""

import json
from pathlib import Path

import duckdb
import openpyxl
import polars
import pyreadstat
import pytest

from domain.answer import Answer, AnswerStatus
from storage import Store
from storage.export_formats.formats import FORMATS
from tests import ddi, flow_results
from tests.contract.test_storage_export import Changes, answer, export, respond

pytestmark = pytest.mark.anyio

WORDS = '=1+1;"@x"\n😀'


@pytest.fixture
async def answered(store: Store) -> Store:
    said = [answer("home/alone", "no"), answer("age", "41"), answer("open", WORDS)]
    unsaid = [answer("home/alone", Answer(AnswerStatus.REFUSED)), answer("age", Answer(AnswerStatus.SKIPPED))]
    await respond(store, "r1", Changes("", answers=said, close="finished"))
    await respond(store, "r2", Changes("", answers=unsaid, close="finished"))
    return store


async def test_spss_file(answered: Store, tmp_path: Path) -> None:
    out = export(answered, tmp_path / "out", format="sav")
    frame, about = pyreadstat.read_sav(out / "veerkracht.sav", user_missing=True)
    frame = frame.set_index("response")
    assert (frame.at["r1", "home_alone"], frame.at["r2", "home_alone"]) == (2, -97)
    assert (frame.at["r1", "age"], frame.at["r2", "age"]) == (41, -99)
    assert frame.at["r1", "open"] == WORDS
    assert frame.at["r2", "open_status"] == 4
    assert about.variable_value_labels["home_alone"][2.0] == "Nee"
    long, _ = pyreadstat.read_sav(out / "veerkracht.answers.sav")
    assert {"open", "home/alone", "age"} <= set(long["path"])


async def test_parquet_file(answered: Store, tmp_path: Path) -> None:
    path = export(answered, tmp_path / "out", format="parquet") / "veerkracht.parquet"
    rows = {row["response"]: row for row in polars.read_parquet(path).to_dicts()}
    assert (rows["r1"]["home/alone"], rows["r1"]["age"], rows["r1"]["open"]) == ("no", 41, WORDS)
    assert (rows["r2"]["home/alone"], rows["r2"]["home/alone__status"]) == (None, "refused")
    found = duckdb.connect().execute("select open from read_parquet($1) order by response", [str(path)])
    assert found.fetchall() == [(WORDS,), (None,)]


async def test_workbook(answered: Store, tmp_path: Path) -> None:
    out = export(answered, tmp_path / "out", format="xlsx")
    header, first, _ = openpyxl.load_workbook(out / "veerkracht.xlsx")["data"].iter_rows(values_only=True)
    row = dict(zip(header, first, strict=True))
    assert (row["home/alone__label"], row["age"]) == ("Nee", 41)
    assert row["open"] == '\'=1+1;"@x"\n😀'


async def test_packages_of_flow_results(answered: Store, tmp_path: Path) -> None:
    out = export(answered, tmp_path / "out", format="flow-results")
    packages = list(out.glob("*/datapackage.json"))
    # Each row is an answer anyway: a table of them would be the same again.
    assert [each.parent.name for each in packages] == ["veerkracht"]
    for descriptor in packages:
        assert flow_results.complaints(descriptor) == []
    rows = json.loads((out / "veerkracht" / "responses.json").read_bytes())
    assert ["open", WORDS] in [row[4:6] for row in rows]
    assert ["home/alone__status", "refused"] in [row[4:6] for row in rows]


@pytest.mark.parametrize("format", FORMATS)
async def test_codebook_of_each(answered: Store, tmp_path: Path, format: str) -> None:
    out = export(answered, tmp_path / "out", format=format)
    assert ddi.complaints((out / "codebook.xml").read_bytes()) == []
    assert "Woont u alleen?" in (out / "codebook.html").read_text(encoding="utf-8")
