"""Where there is much to write a second process writes half of it, and nobody can tell from the files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.ports import Changes, NewResponse
from domain.consent import Purpose
from domain.errors import DomainError
from storage import Store, export_halves
from storage.export import ExportForm, ExportOptions, export_responses
from storage.export_folder import SECOND
from storage.export_halves import can_split
from storage.export_rows import CHUNK
from storage.export_tables import Tables
from tests.contract.conftest import Database
from tests.contract.test_storage_export_doors import DERIVED, FORM, PHONE, look, read
from tests.unit.storage.talking import answer, consent, saving

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not can_split(), reason="only where there is a second core"),
]

PEOPLE = 2 * CHUNK + 7


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_halves, "SPLIT_FROM", 2)


async def people(store: Store, count: int = PEOPLE) -> None:
    """Some of them wrote a phone number, and only in the second half."""
    for number in range(count):
        name = f"r{number:04}"
        said = f"Bel, {PHONE}" if number == count - 1 else f'Zeg "{number}"'
        consents = [consent(), consent(Purpose.QUOTE)]
        begin = NewResponse(name, "veerkracht", "1", "nl")
        answers = [answer("open", said), answer("talk[1]/said", f"{number}"), answer("age", "41")]
        await store.turn(saving(Changes("", begin=begin, consents=consents, answers=answers), ref=name))


def write(
    store: Store, out: Path, another: Callable[[], Store] | None, format: str = "csv"
) -> dict[str, bytes]:
    form = ExportForm(FORM, read, DERIVED)
    export_responses(
        store, lambda *_: form, (), ExportOptions(format=format), out=out, look=look, another=another
    )
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
async def test_two_halves_are_what_one_process_writes(
    store: Store, database: Database, tmp_path: Path, small: None, format: str
) -> None:
    await people(store)
    alone = write(store, tmp_path / "alone", None, format)
    together = write(store, tmp_path / "together", database.open, format)
    assert "to_check.csv" in alone
    assert together == alone


async def test_a_few_are_written_by_one_process(store: Store, tmp_path: Path) -> None:
    await people(store, 3)

    def never() -> Store:
        os._exit(1)

    assert "veerkracht.csv" in write(store, tmp_path / "out", never)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device"), "no_disk"),
        (DomainError("storage_unavailable", reason="gone"), "storage_unavailable"),
        (ValueError("a word of Ria"), None),
        (None, None),
    ],
)
async def test_trouble_in_the_other_process_is_told_and_leaves_nothing(
    store: Store, tmp_path: Path, small: None, error: Exception | None, code: str | None
) -> None:
    await people(store, 8)

    def fail() -> Store:
        if error is None:
            os._exit(9)
        raise error

    with pytest.raises((DomainError, RuntimeError)) as caught:
        write(store, tmp_path / "out", fail)
    if isinstance(caught.value, DomainError):
        assert caught.value.code == code
    else:
        assert code is None
        assert "Ria" not in str(caught.value)
    assert not (tmp_path / "out").exists()


async def test_trouble_in_this_process_ends_the_other_and_leaves_nothing(
    store: Store, database: Database, tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(store, 8)

    def full(_: Tables) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Tables, "describe", full)
    with pytest.raises(DomainError):
        write(store, tmp_path / "out", database.open)
    assert not (tmp_path / "out").exists()


async def test_what_a_killed_export_left_behind_goes_with_the_next(store: Store, tmp_path: Path) -> None:
    await people(store, 3)
    write(store, tmp_path / "out", None)
    (tmp_path / "out" / SECOND).mkdir()
    for left in (".veerkracht.csv.part", f"{SECOND}/.veerkracht.csv.part"):
        (tmp_path / "out" / left).write_text("what people said")
    write(store, tmp_path / "out", None)
    assert [path for path in (tmp_path / "out").rglob("*") if path.suffix == ".part" or path.is_dir()] == []
