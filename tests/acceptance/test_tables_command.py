"""`wijkverhaal tables` as who shares figures has it: a preview, a release, a second one, and clear words when it cannot be."""

import asyncio
import csv
from collections.abc import Awaitable, Callable
from pathlib import Path

from app.settings import read_settings
from app.wiring import new_id, open_vault
from storage import Store, open_store
from tests.acceptance.test_people_and_places import real, run, said
from tests.contract.test_tables import fill, one, say_something

LEAST = 10


def stored(folder: Path, work: Callable[[Store], Awaitable[object]]) -> None:
    settings = read_settings({"WIJKVERHAAL_DATA": str(folder / "data")})

    async def do() -> None:
        store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
        try:
            await work(store)
        finally:
            await store.close()

    asyncio.run(do())


def counts(folder: Path, question: str = "life/res_1") -> dict[tuple[str, ...], int]:
    with (folder / "tables.csv").open(encoding="utf-8-sig", newline="") as file:
        found = [each for each in csv.DictReader(file) if each["question"] == question and each["count"]]
    return {(each["by"], each["group"], each["answer"]): int(each["count"]) for each in found}


async def demo(store: Store) -> None:
    for number in range(30):
        await say_something(store, f"demo {number}", one("nazareth", "disagree"), simulated=True)


def test_tables_are_tried_published_and_published_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    stored(tmp_path, fill)
    stored(tmp_path, demo)

    assert "--publish" in said(tmp_path, "tables", "--help")
    assert "No tables were published yet." in said(tmp_path, "tables", "releases")
    tried = run(tmp_path, "tables", "--out", str(tmp_path / "look"))
    assert (tried.returncode, "Preview, not for sharing" in tried.stderr + tried.stdout) == (0, True)

    done = real(tmp_path, "tables", "--publish", "--out", str(first))
    assert (done.returncode, "Published: new numbers of" in done.stderr) == (0, True)
    told = counts(first)
    assert min(told.values()) >= LEAST
    assert sum(n for (by, _, _), n in told.items() if not by) == 75  # none of them simulated
    page = (first / "tables.md").read_text(encoding="utf-8")
    assert (
        "neutraal of " in page.lower() or " of geen antwoord" in page
    )  # the three who disagree are with others
    assert "Niets te laten zien" in page  # what too few answered is marked as withheld

    again = run(tmp_path, "tables", "--publish", "--out", str(second))
    assert again.returncode == 1
    assert "othing" in again.stderr
    assert not (second / "tables.csv").exists()
    stored(tmp_path, lambda store: fill(store, start=1000, times=20, hours=60))
    said(tmp_path, "tables", "--publish", "--out", str(second))
    newer = counts(second)
    assert newer.keys() == told.keys()
    assert all(newer[cell] - told[cell] >= LEAST for cell in told)
    listed = said(tmp_path, "tables", "releases").splitlines()
    assert [line.split()[0] for line in listed] == ["1", "2"]
    assert all("operator:" in line for line in listed)


def test_what_cannot_be_is_said_in_a_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    stored(tmp_path, fill)
    for options, said_so in (
        (("--minimum", "4"), "5"),
        (("--by", "maan"), "maan"),
        (("--questionnaire", "niets"), "niets"),
    ):
        done = run(tmp_path, "tables", *options, "--out", str(tmp_path / "out"))
        assert done.returncode == 1
        assert said_so in done.stderr
        assert done.stderr.strip().endswith(".")
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()
    taken = ("tables", "--out", str(tmp_path / "taken"))
    said(tmp_path, *taken)
    kept = run(tmp_path, *taken)
    assert kept.returncode == 1
    assert str(tmp_path / "taken") in kept.stderr
