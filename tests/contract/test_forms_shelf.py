"""Versions of a questionnaire on both databases: shared by processes, never changed in place, never orphaning answers;
and a person who goes on where they were, on the version they began with."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.publishing import publish_form
from app.settings import Settings, read_settings
from app.shelf import Shelf, open_shelf
from app.wiring import open_house
from bot.forms.load import keep_form, load_form
from domain.errors import DomainError
from domain.message import Incoming, IncomingKind
from storage import Store
from tests.contract.conftest import KEY, Database

pytestmark = pytest.mark.anyio
OPEN = Path(__file__).parents[1] / "transcripts" / "open.md"
AT = datetime(2026, 11, 23, 11, tzinfo=UTC)


def form_file(folder: Path, version: str = "1", *changes: tuple[str, str]) -> Path:
    text = OPEN.read_text(encoding="utf-8").replace("| open | 1 |", f"| open | {version} |")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / f"open-{version}-{len(changes)}.md"
    file.write_text(text, encoding="utf-8")
    return file


def settings_for(database: Database, folder: Path) -> Settings:
    plain = read_settings({"WIJKVERHAAL_DATA": str(folder / "data"), "WIJKVERHAAL_RULES_ONLY": "yes"})
    return replace(plain, database=database.url, key=KEY)


async def publish(settings: Settings, file: Path, moves: Path | None = None) -> list[str]:
    said: list[str] = []
    await publish_form(settings, file, moves, said.append)
    return said


async def tell(settings: Settings, *texts: str, at: datetime = AT) -> str:
    """In a process of its own; gives the last thing that was said."""
    said = ""
    async with open_house(settings) as house:
        for text in texts:
            reply = await house.conversations.take(
                Incoming("terminal", "anna", IncomingKind.TEXT, at, text=text, simulated=True)
            )
            said = "\n".join(message.text for message in reply.messages)
    return said


async def test_published_version_is_in_use_in_another_process(database: Database, tmp_path: Path) -> None:
    settings = settings_for(database, tmp_path)
    running = open_shelf()
    store = database.open()
    try:
        await running.join(store, AT)
        assert running.current().questionnaire.id == "veerkracht"
        await publish(settings, form_file(tmp_path))
        await running.refresh()
        assert (running.current().questionnaire.id, running.current().questionnaire.version) == ("open", "1")
    finally:
        await store.close()


async def test_version_is_found_by_a_process_that_never_read_its_file(
    database: Database, tmp_path: Path
) -> None:
    await publish(settings_for(database, tmp_path), form_file(tmp_path, "7"))
    store = database.open()
    try:
        shelf = open_shelf()
        await shelf.join(store, AT)
        found = shelf.find("open", "7")
        assert found is not None
        assert found.questionnaire == load_form(form_file(tmp_path, "7")).questionnaire
        assert shelf.find("open", "8") is None
    finally:
        await store.close()


async def test_same_version_with_other_content_is_refused(database: Database, tmp_path: Path) -> None:
    settings = settings_for(database, tmp_path)
    await publish(settings, form_file(tmp_path))
    changed = form_file(tmp_path, "1", ("Waar woont u?", "In welke straat woont u?"))
    with pytest.raises(DomainError) as told:
        await publish(settings, changed)
    assert told.value.code == "form_changed"
    with pytest.raises(DomainError) as at_start:
        async with open_house(settings, form=changed):
            pass
    assert at_start.value.code == "form_changed"


async def test_same_file_may_be_published_again(database: Database, tmp_path: Path) -> None:
    settings = settings_for(database, tmp_path)
    assert await publish(settings, form_file(tmp_path)) == await publish(settings, form_file(tmp_path))


async def test_resident_goes_on_with_their_version_after_a_restart_and_a_new_version(
    database: Database, tmp_path: Path
) -> None:
    settings = settings_for(database, tmp_path)
    await publish(settings, form_file(tmp_path))
    await tell(settings, "hallo", "ja", "nee", "in nazareth", "pauze")
    new = form_file(tmp_path, "2", ("Wat gaat goed?", "Wat gaat er goed in uw buurt?"))
    await publish(settings, new)
    said = await tell(settings, "verder", at=datetime(2027, 11, 23, 11, tzinfo=UTC))
    assert "Fijn dat u er weer bent. We gaan verder waar u was." in said
    assert said.endswith("Vraag 2 van 4\n\nWat gaat goed?")


async def test_new_conversations_begin_with_the_new_version(database: Database, tmp_path: Path) -> None:
    settings = settings_for(database, tmp_path)
    await publish(settings, form_file(tmp_path))
    await publish(settings, form_file(tmp_path, "2", ("Waar woont u?", "In welke straat woont u?")))
    said = await tell(settings, "hallo", "ja", "nee")
    assert said.endswith("In welke straat woont u?")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("| text | home |", "| text | address |"), "- home: there is no question home"),
        (("| text | home |", "| integer | home |"), "- home: was text, and home is integer"),
        (
            ("| | yesno | yes | Ja | Yes | yes |", "| | yesno | y | Ja | Yes | yes |"),
            "- agree: there is no choice yes",
        ),
    ],
)
async def test_version_that_would_orphan_answers_is_refused(
    database: Database, tmp_path: Path, change: tuple[str, str], place: str
) -> None:
    settings = settings_for(database, tmp_path)
    await publish(settings, form_file(tmp_path))
    await tell(settings, "hallo", "ja", "nee", "in nazareth")
    with pytest.raises(DomainError) as told:
        await publish(settings, form_file(tmp_path, "2", change))
    assert told.value.code == "answers_orphaned"
    assert place in str(told.value.detail["places"]).splitlines()
    store = database.open()
    try:
        assert store.find_form("open", "2") is None
    finally:
        await store.close()


async def test_moves_say_where_answers_go(database: Database, tmp_path: Path) -> None:
    settings = settings_for(database, tmp_path)
    await publish(settings, form_file(tmp_path))
    await tell(settings, "hallo", "ja", "nee", "in nazareth")
    moves = tmp_path / "moves.toml"
    moves.write_text('[questions]\nhome = "address"\n', encoding="utf-8")
    await publish(settings, form_file(tmp_path, "2", ("| text | home |", "| text | address |")), moves)
    moves.write_text('[questions]\nhome = ""\n', encoding="utf-8")
    await publish(settings, form_file(tmp_path, "3", ("| text | home |", "| text | street |")), moves)


async def test_moves_that_cannot_be_read_are_refused(database: Database, tmp_path: Path) -> None:
    moves = tmp_path / "moves.toml"
    moves.write_text("[questions]\nhome = 3\n", encoding="utf-8")
    with pytest.raises(DomainError) as told:
        await publish(settings_for(database, tmp_path), form_file(tmp_path), moves)
    assert told.value.code == "bad_moves"


async def test_versions_an_earlier_program_kept_in_a_folder_are_taken_over(
    database: Database, tmp_path: Path
) -> None:
    form = load_form(form_file(tmp_path, "5"))
    keep_form(tmp_path / "forms" / "abc.json", form)
    (tmp_path / "forms" / "broken.json").write_text("{", encoding="utf-8")
    store: Store = database.open()
    try:
        shelf: Shelf = open_shelf()
        await shelf.join(store, AT, kept=tmp_path / "forms")
        await open_shelf().join(store, AT, kept=tmp_path / "forms")
        found = shelf.find("open", "5")
        assert found is not None
        assert found.questionnaire == form.questionnaire
    finally:
        await store.close()
