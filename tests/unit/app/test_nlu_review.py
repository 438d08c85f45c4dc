"""`wijkverhaal nlu review`: what it shows, and what it writes and takes away."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.nlu_review import review
from app.settings import Settings, read_settings
from app.wiring import new_id, open_vault, utc_now
from bot.ports import Changes
from domain.errors import DomainError
from domain.miss import Miss, MissKind
from storage.store import open_store
from tests.unit.nlu.test_review import data as data  # a fixture that both files use
from tests.unit.storage.talking import saving

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def settings(tmp_path: Path, data: Path) -> Settings:
    assert data == tmp_path / "data"
    return read_settings({"WIJKVERHAAL_DATA": str(tmp_path)})


async def keep(settings: Settings, *texts: str) -> None:
    store = open_store(settings.database, vault=open_vault(settings), new_id=new_id)
    for text in texts:
        miss = Miss(
            text, "nl", "life/res_1", "scale5", ("agree", "command:skip"), ("skip", "deny"),
            utc_now().date().isoformat(), MissKind.UNCLEAR, "command:skip",
        )  # fmt: skip # read as one piece
        await store.turn(saving(Changes("", miss=miss), ref=text))
    await store.close()


async def told(settings: Settings, ask: Callable[[str], str] | None = None, **more: object) -> str:
    lines: list[str] = []
    options = {"as_list": False, "as_json": False, "choose": (), "delete": (), **more}
    await review(settings, lines.append, ask=ask, data=settings.data / "data", **options)  # type: ignore[arg-type]  # the test's own shorthand
    return "\n".join(lines)


def typing(*answers: str) -> Callable[[str], str]:
    said: Iterator[str] = iter(answers)
    return lambda prompt: next(said)


async def left(settings: Settings) -> list[str]:
    return [each["text"] for each in json.loads(await told(settings, as_json=True))["misses"]]


def last_line(data: Path, intent: str) -> str:
    return (data / "nl" / f"{intent}.yml").read_text(encoding="utf-8").splitlines()[-1].strip()


async def test_nothing_to_look_at_is_said(settings: Settings) -> None:
    assert "nothing to look at" in await told(settings)


async def test_list_for_programs_has_what_is_needed_to_choose(settings: Settings) -> None:
    await keep(settings, "zwets", "Zwets!", "wobbel")

    first, second = json.loads(await told(settings, as_json=True))["misses"]

    assert (first["text"], first["times"], first["heard"], first["chosen"], first["suggestions"]) == (
        "zwets", 2, ["agree", "command:skip"], ["command:skip"], ["skip", "agree"],
    )  # fmt: skip # read as one piece
    assert (second["text"], second["questions"], second["expected"]) == ("wobbel", ["life/res_1"], ["scale5"])
    assert "reference" not in first


async def test_list_for_people_is_a_table(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await keep(settings, "zoals [naam] zegt")
    await told(settings, as_list=True)
    shown = capsys.readouterr().out
    assert "zoals [naam] zegt" in shown
    assert "life/res_1" in shown


async def test_chosen_ones_are_written_and_leave_the_database(settings: Settings, data: Path) -> None:
    await keep(settings, "zwets", "zwets.", "zoals [naam] wobbelt", "lariekoek")
    first, named, last = json.loads(await told(settings, as_json=True))["misses"]

    said = await told(
        settings,
        choose=[f"{first['id']}=skip", f"{named['id']}=agree=zoals mijn buurvrouw wobbelt"],
        delete=[last["id"]],
    )

    assert last_line(data, "skip") == "- zwets"
    assert last_line(data, "agree") == "- zoals mijn buurvrouw wobbelt"
    assert await left(settings) == []
    assert "make setup" in said
    assert "wijkverhaal nlu test" in said


@pytest.mark.parametrize("choice", ["7=skip", "x=skip", "1=dance", "1", "1=agree"])
async def test_choice_that_cannot_be_is_refused_and_keeps_the_miss(settings: Settings, choice: str) -> None:
    await keep(settings, "zoals [naam] wobbelt")
    with pytest.raises(DomainError):
        await told(settings, choose=[choice])
    assert await left(settings) == ["zoals [naam] wobbelt"]


async def test_one_after_the_other_in_the_terminal(settings: Settings, data: Path) -> None:
    await keep(settings, "zwets", "zoals [naam] wobbelt", "lariekoek", "prietpraat")

    said = await told(settings, typing("1", "agree", "=zoals wij wobbelen", "agree", "d", "s"))

    assert "then chosen: command:skip" in said
    assert "1 skip   2 agree" in said
    assert "another wording" in said
    assert (last_line(data, "skip"), last_line(data, "agree")) == ("- zwets", "- zoals wij wobbelen")
    assert await left(settings) == ["prietpraat"]
    assert "2 written" in said


async def test_quitting_keeps_the_rest(settings: Settings) -> None:
    await keep(settings, "zwets", "wobbel")
    await told(settings, typing("d", "q"))
    assert await left(settings) == ["wobbel"]


async def test_end_of_the_input_is_quitting(settings: Settings) -> None:
    def ask(prompt: str) -> str:
        raise EOFError

    await keep(settings, "zwets")
    assert "Nothing was written" in await told(settings, ask)
    assert await left(settings) == ["zwets"]


async def test_what_the_floor_hears_by_now_is_taken_away_unseen(settings: Settings) -> None:
    await keep(settings, "ik wil dood", "zwets")
    assert await left(settings) == ["zwets"]
    assert "dood" not in await told(settings, as_json=True)
