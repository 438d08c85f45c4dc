"""`wijkverhaal tables` from stored answers to files, on every database: what is in them and what never is."""

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import Settings, read_settings
from app.tables import TablesAsked, list_releases, make_tables
from app.words import sentence_for
from bot.ports import Changes, NewResponse
from domain.consent import Purpose
from domain.errors import DomainError
from storage import Store
from storage.releases import TOGETHER, ReleaseRow, register
from tests.contract.conftest import KEY, Database
from tests.contract.test_audit import run_sql
from tests.unit.storage.talking import AT, answer, consent, saving, stored

pytestmark = pytest.mark.anyio

LATER = AT + timedelta(days=2)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    plain = read_settings({"WIJKVERHAAL_DATA": str(tmp_path / "data"), "WIJKVERHAAL_RULES_ONLY": "yes"})
    return replace(plain, database=database.url, key=KEY)


async def say_something(
    store: Store,
    name: str,
    said: Mapping[str, str],
    *,
    hours: int = 0,
    withdrawn: bool = False,
    wave: int = 0,
    simulated: bool = False,
) -> None:
    begin = NewResponse(name, "veerkracht", "1", "nl", wave=wave)
    changes = Changes(
        "",
        begin=begin,
        consents=[consent(), *([consent(Purpose.ANSWERS, given=False)] if withdrawn else [])],
        answers=[answer("consent_answers", "yes"), *(answer(path, value) for path, value in said.items())],
    )
    await store.turn(saving(changes, ref=name, at=AT + timedelta(hours=hours), simulated=simulated))


def one(wijk: str, res_1: str) -> dict[str, str]:
    return {
        "about_you/wijk": wijk,
        "about_you/role": "resident",
        "about_you/age": "45_64",
        "life/res_1": res_1,
    }


async def fill(store: Store, start: int = 0, times: int = 12, hours: int = 0) -> None:
    """So many of each wijk and answer, but three who disagree in Nazareth."""
    number = start
    for wijk in ("nazareth", "pottenberg", "other_maastricht"):
        for said in ("agree", "neutral"):
            for _ in range(times):
                await say_something(store, f"person {number}", one(wijk, said), hours=hours)
                number += 1
    for _ in range(3):
        await say_something(store, f"person {number}", one("nazareth", "disagree"), hours=hours)
        number += 1


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "tables.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def of(folder: Path, question: str, by: str = "") -> dict[tuple[str, str], int]:
    return {
        (each["group"], each["answer"]): int(each["count"])
        for each in lines(folder)
        if each["question"] == question and each["by"] == by and each["count"]
    }


async def tables(settings: Settings, out: Path, **options: object) -> list[str]:
    said: list[str] = []
    asked = replace(TablesAsked(out=out), **options)  # type: ignore[arg-type]  # options of several types
    await make_tables(settings, asked, said.append, now=LATER)
    return said


async def test_a_release_has_no_number_under_ten(store: Store, settings: Settings, tmp_path: Path) -> None:
    await fill(store)

    said = await tables(settings, tmp_path / "out", publish=True)

    found = lines(tmp_path / "out")
    assert said[0].startswith("Published: new numbers of 1 question,")
    assert [int(each["count"]) for each in found if each["count"]]
    assert all(int(each["count"]) >= 10 for each in found if each["count"])
    assert sum(of(tmp_path / "out", "life/res_1").values()) == 75
    by_wijk = of(tmp_path / "out", "life/res_1", "wijk")
    assert {group for group, _ in by_wijk} >= {"Nazareth"}
    page = (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
    assert "geen antwoord" in page
    assert "Elk getal is 10 of meer" in page
    html = (tmp_path / "out" / "tables.html").read_text(encoding="utf-8")
    assert "<h2>Wie deden mee</h2>" in html


async def test_who_took_consent_back_and_simulated_residents_are_not_counted(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await fill(store)
    for number in range(20):
        await say_something(store, f"gone {number}", one("nazareth", "agree"), withdrawn=True)
        await say_something(store, f"robot {number}", one("nazareth", "agree"), simulated=True)

    await tables(settings, tmp_path / "out", language="en")

    assert of(tmp_path / "out", "") == {("Everybody", ""): 75}


async def test_the_register_keeps_the_next_release_from_giving_newcomers_away(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await fill(store)
    await tables(settings, tmp_path / "first", publish=True)
    await say_something(store, "one more", one("nazareth", "disagree"), hours=49)

    with pytest.raises(DomainError, match="tables_nothing_new") as refused:
        await tables(settings, tmp_path / "second", publish=True)
    await tables(settings, tmp_path / "look")

    assert "no new numbers" in sentence_for(refused.value)
    assert of(tmp_path / "look", "life/res_1") == of(tmp_path / "first", "life/res_1")
    assert "te weinig veranderd" in (tmp_path / "look" / "tables.md").read_text(encoding="utf-8")
    assert len(stored(store, "number", "table_releases")) == 1


async def test_many_newcomers_make_a_second_release(store: Store, settings: Settings, tmp_path: Path) -> None:
    await fill(store)
    await tables(settings, tmp_path / "first", publish=True)
    await fill(store, start=1000, times=20, hours=60)

    await tables(settings, tmp_path / "second", publish=True)

    before, after = of(tmp_path / "first", "life/res_1"), of(tmp_path / "second", "life/res_1")
    assert before.keys() == after.keys()
    assert all(after[key] - before[key] >= 10 for key in before)
    listed: list[str] = []
    await list_releases(settings, listed.append)
    assert [line.split()[0] for line in listed] == ["1", "2"]
    assert "n=75" in listed[0]
    told = [int(line.split("n=")[1].split()[1]) for line in listed]
    assert stored(store, "action, thing, count", "audit ORDER BY number") == [
        ("tables", "veerkracht, release 1", told[0]),
        ("tables", "veerkracht, release 2", told[1]),
    ]


async def test_a_preview_is_marked_and_not_registered(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await fill(store)

    said = await tables(settings, tmp_path / "out")

    assert said[0].startswith("Preview, not for sharing")
    assert "Deel het niet" in (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
    assert any("Deel het niet" in each["note"] for each in lines(tmp_path / "out"))
    assert stored(store, "number", "table_releases") == []


async def test_the_register_holds_no_small_number(store: Store, settings: Settings, tmp_path: Path) -> None:
    await fill(store)
    await tables(settings, tmp_path / "out", publish=True)

    [(numbers,)] = stored(store, "numbers", "table_releases")

    assert "person" not in numbers
    assert all(int(each) >= 10 for each in re.findall(r"(?<![\w\"])\d+(?=[,\]}])", numbers))


@pytest.mark.parametrize(
    "options, code",
    [
        ({"minimum": 4}, "tables_minimum"),
        ({"by": ("moon",)}, "tables_no_dimension"),
        ({"questionnaire": "nothing"}, "tables_no_form"),
    ],
)
async def test_what_cannot_be_is_said_in_a_sentence(
    store: Store, settings: Settings, tmp_path: Path, options: dict[str, object], code: str
) -> None:
    with pytest.raises(DomainError, match=code) as refused:
        await tables(settings, tmp_path / "out", **options)

    assert sentence_for(refused.value).endswith(".")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options, code", [({"by": ("wijk",)}, "tables_by"), ({"wave": 1}, "tables_wave")])
async def test_other_tables_beside_published_ones_are_refused(
    store: Store, settings: Settings, tmp_path: Path, options: dict[str, object], code: str
) -> None:
    await fill(store)
    await tables(settings, tmp_path / "first", publish=True)

    with pytest.raises(DomainError, match=code) as refused:
        await tables(settings, tmp_path / "second", publish=True, **options)

    assert "give small numbers away" in sentence_for(refused.value)


async def test_tables_of_another_questionnaire_are_looked_at_too(
    store: Store, settings: Settings, database: Database, tmp_path: Path
) -> None:
    await fill(store)
    await tables(settings, tmp_path / "first", publish=True)
    run_sql(database, "UPDATE table_releases SET questionnaire = 'another'")
    await fill(store, start=1000, times=1)

    await tables(settings, tmp_path / "look")

    assert of(tmp_path / "first", "life/res_1")
    assert of(tmp_path / "look", "life/res_1") == {}
    assert "staat ook in andere tabellen" in (tmp_path / "look" / "tables.md").read_text(encoding="utf-8")


async def test_of_two_who_publish_at_once_one_looks_again(store: Store) -> None:
    row = ReleaseRow(1, "veerkracht", TOGETHER, AT, "operator:annabel", "{}")
    await register(store, row, 4)

    with pytest.raises(DomainError, match="tables_raced") as refused:
        await register(store, row, 4)

    assert "Try again" in sentence_for(refused.value)
    assert stored(store, "number", "table_releases") == [(1,)]
    assert stored(store, "number", "audit") == [(1,)]


async def test_a_file_that_is_there_is_kept_and_nothing_is_registered(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await fill(store)
    (tmp_path / "tables.md").write_text("mine", encoding="utf-8")

    with pytest.raises(DomainError, match="file_exists"):
        await tables(settings, tmp_path, publish=True)

    assert (tmp_path / "tables.md").read_text(encoding="utf-8") == "mine"
    assert stored(store, "number", "table_releases") == []


async def test_who_answers_again_counts_once_with_the_last_answers(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await fill(store)
    again = NewResponse("again", "veerkracht", "1", "nl")
    await store.turn(
        saving(Changes("", begin=again, consents=[consent()]), ref="person 0", at=AT + timedelta(hours=1))
    )

    await tables(settings, tmp_path / "out")

    assert of(tmp_path / "out", "") == {("Iedereen", ""): 75}


async def test_before_anybody_answered_nothing_is_told(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await tables(settings, tmp_path / "out")

    assert "Te weinig mensen" in (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
