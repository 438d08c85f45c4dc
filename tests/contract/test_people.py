"""People, duos and places as files change them, on both databases: all of it or nothing, and encrypted where it tells who
somebody is."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta

import pytest

from domain.session import Duo, Gender, Hours, MeemakerKind, Person, Place, Room
from storage import Store, Vault
from storage.people_import import ImportTable, with_people
from tests.contract.conftest import KEY, Database
from tests.unit.storage.talking import AT, stored

pytestmark = pytest.mark.anyio
ELS = Person(
    "p-els",
    "Els Peeters",
    MeemakerKind.RESIDENT,
    frozenset({"nl", "ar"}),
    frozenset({"nazareth", "pottenberg"}),
    Gender.WOMAN,
    2,
    (Hours(1, time(13), time(17)), Hours(3, time(19), time(0))),
    "els@example.nl",
)
JO = Person("p-jo", "Jo", MeemakerKind.PROFESSIONAL, frozenset({"nl"}), frozenset({"nazareth"}), None, 3)
DUO = Duo("d-1", "p-els", "p-jo")
HALL = Place(
    "b-1",
    "Buurthuis",
    "Kerkplein 1; achterom",
    "nazareth",
    True,
    (Room("grote zaal", 12), Room("kamer", 4)),
    (Hours(0, time(9), time(17)), Hours(5, time(10), time(0))),
)


async def put(store: Store, *people: Person, duos: tuple[Duo, ...] = ()) -> None:
    def run(table: ImportTable) -> None:
        table.put_people(people, AT)
        table.put_duos(duos, ())

    await with_people(store, run)


async def people_in(store: Store) -> list[Person]:
    return await with_people(store, lambda table: table.people())


async def test_people_and_duos_are_read_as_they_were_written(store: Store) -> None:
    await put(store, ELS, JO, duos=(DUO,))

    assert await people_in(store) == [ELS, JO]
    assert await with_people(store, lambda table: table.duos()) == [DUO]


async def test_what_is_written_again_takes_the_place_of_what_was(store: Store) -> None:
    await put(store, ELS, JO, duos=(DUO,))
    els = replace(ELS, name="Els", hours=(Hours(6, time(0), time(0)),), email="", gender=None, max_per_week=0)

    await put(store, els)

    assert await people_in(store) == [els, JO]
    assert stored(store, "count(*)", "meemaker_hours") == [(1,)]


async def test_planning_sees_the_people_of_the_file(store: Store) -> None:
    await put(store, ELS, JO, duos=(DUO,))
    await with_people(store, lambda table: table.put_places([HALL]))

    meemakers = await store.with_sessions(lambda table: table.meemakers())
    places = await store.with_sessions(lambda table: table.places())

    assert [(each.id, each.kind, each.languages, each.hours) for each in meemakers] == [
        (each.id, each.kind, each.languages, each.hours) for each in (ELS, JO)
    ]
    assert places == [HALL]


async def test_names_and_addresses_of_people_are_encrypted(store: Store) -> None:
    await put(store, ELS)

    kept = [str(cell) for row in stored(store, "*", "meemakers") for cell in row]
    assert not any("Peeters" in cell or "example.nl" in cell for cell in kept)


async def test_a_duo_ends_and_comes_back(store: Store) -> None:
    await put(store, ELS, JO, duos=(DUO,))

    await with_people(store, lambda table: table.put_duos((), (DUO,)))
    assert await with_people(store, lambda table: (table.duos(), table.ended_duos())) == ([], [DUO])

    await with_people(store, lambda table: table.put_duos((DUO,), ()))
    assert await with_people(store, lambda table: (table.duos(), table.ended_duos())) == ([DUO], [])


async def test_places_are_read_as_they_were_written_and_close(store: Store) -> None:
    await with_people(store, lambda table: table.put_places([HALL]))
    assert await with_people(store, lambda table: table.places()) == [HALL]

    moved = replace(HALL, address="Markt 2", rooms=(Room("zaal", 1),), hours=HALL.hours[:1])
    await with_people(store, lambda table: table.put_places([moved]))
    assert await with_people(store, lambda table: table.places()) == [moved]

    await with_people(store, lambda table: table.put_places([], [moved]))
    assert await with_people(store, lambda table: table.places()) == []
    [closed] = await with_people(store, lambda table: table.closed_places())
    assert (closed.id, closed.name) == ("b-1", "Buurthuis")


async def test_nothing_is_written_when_something_goes_wrong_halfway(store: Store) -> None:
    def run(table: ImportTable) -> None:
        table.put_people([ELS, JO], AT)
        table.put_duos([DUO], ())
        raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        await with_people(store, run)

    assert await people_in(store) == []
    assert await with_people(store, lambda table: table.duos()) == []


async def test_two_imports_at_once_write_nobody_twice(database: Database) -> None:
    stores = [database.open(), database.open()]
    both_have_looked = threading.Barrier(2, timeout=0.2)

    def run_as(name: str) -> Callable[[ImportTable], int]:
        def run(table: ImportTable) -> int:
            table.wait_for_others()
            known = {person.name for person in table.people()}
            # Whoever waits for the other looks only after it has written, so the two never meet here.
            with suppress(threading.BrokenBarrierError):
                both_have_looked.wait()
            new = [replace(ELS, id=f"{name}-{number}", name=f"Els {number}") for number in range(20)]
            new = [person for person in new if person.name not in known]
            table.put_people(new, AT)
            return len(new)

        return run

    try:
        jobs = (with_people(store, run_as(f"s{number}")) for number, store in enumerate(stores))
        written = await asyncio.gather(*jobs)
        assert sorted(written) == [0, 20]
        assert len(await people_in(stores[0])) == 20
    finally:
        for store in stores:
            await store.close()


async def test_a_link_makes_somebody_from_the_file_join_once(store: Store) -> None:
    vault = Vault.open(key=KEY)
    await put(store, ELS)

    assert await with_people(
        store, lambda table: table.invite("p-els", "mm-code", vault, until=AT + timedelta(days=7))
    )
    assert not await with_people(store, lambda table: table.invite("p-gone", "mm-x", vault, until=AT))
    assert await store.turn(lambda db: db.meemakers.redeem("mm-code", "chat-els", AT))
    assert not await store.turn(lambda db: db.meemakers.redeem("mm-code", "chat-other", AT))
    assert await people_in(store) == [replace(ELS, has_joined=True)]
    await put(store, replace(ELS, max_per_week=1))
    assert await store.turn(lambda db: db.meemakers.id_of("chat-els")) == "p-els"


async def test_who_only_fills_in_with_residents_is_known_by_name(store: Store) -> None:
    await store.with_meemakers(lambda table: table.invite("meemaker-1", "Wim", "mm-wim", until=AT))

    assert await people_in(store) == [Person("meemaker-1", "Wim")]
