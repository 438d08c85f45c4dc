"""Over a thousand reminders that are due in the same second, two processes, and a sudden death at every step, on either
database: nobody is forgotten, nobody hears of a talk that was called off or moved, and only what was on its way at a death
comes twice."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TypeVar

from app.wiring import new_id
from bot.ports import Changes, TurnDb
from domain.session import (
    Duo,
    Meemaker,
    MeemakerKind,
    Place,
    Room,
    SeatStatus,
    Session,
    SessionKind,
    SessionStatus,
    Stretch,
)
from scheduler.desk import SessionsDesk
from scheduler.moments import Moments
from storage import Store
from storage.columns import UtcTime
from storage.sessions import SessionTable
from tests.contract import reminder_child
from tests.contract.conftest import KEY, Database
from tests.contract.reminder_child import BEGAN, CHANNEL, STEPS
from tests.patience import PATIENCE, wait_until
from tests.unit.storage.talking import stored

T = TypeVar("T")

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.contract.reminder_child"])
GROUPS, SEATS = 100, 10
TWICE = 10
"""So many duos have a second talk on that day."""

BEFORE = BEGAN - timedelta(days=2)
START = BEGAN + timedelta(days=1)
HOUR = timedelta(hours=1)
WAITING = "status IN ('waiting', 'unknown')"
PLACE = Place(
    "hall",
    "Buurthuis",
    "Plein 1",
    "centre",
    True,
    tuple(Room(f"zaal {each}", 12) for each in range(GROUPS)),
    (),
)


def group(number: int, start: datetime = START, kind: SessionKind = SessionKind.GROUP) -> Session:
    held_by = number % GROUPS
    names = (f"duo{held_by}", f"r{held_by}", f"p{held_by}")
    when = Stretch(start, start + HOUR)
    return Session(
        f"s{number}", kind, *names, "hall", f"zaal {held_by}", when, SessionStatus.CONFIRMED, seats=SEATS
    )


@dataclass
class Town:
    """What a test knows of everybody: `references` by chat."""

    url: str
    store: Store
    sent_to: Path
    references: dict[str, str] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[tuple[str, str]]:
        """(chat, text) of all that arrived, in order."""
        if not self.sent_to.exists():
            return []
        found = [line.split("\t") for line in self.sent_to.read_text(encoding="utf-8").splitlines()]
        return [(chat, text) for _, chat, text in found]

    def counted(self) -> Counter[str]:
        return Counter(chat for chat, _ in self.lines())

    def work(self, job: Callable[[TurnDb, SessionTable, SessionsDesk], T]) -> T:
        """In one transaction."""

        def turn(db: TurnDb) -> T:
            assert isinstance(db.sessions, SessionTable)
            return job(db, db.sessions, SessionsDesk(db.sessions, new_id))

        return asyncio.run(self.store.turn(turn))

    def on_their_way(self) -> set[str]:
        """Chats that a message arrived in without being marked as sent."""
        waiting = stored(self.store, "reference", f"outbox WHERE {WAITING}")
        chats = {reference: chat for chat, reference in self.references.items()}
        return {chats[reference] for (reference,) in waiting} & set(self.counted())

    def is_done(self) -> bool:
        now = UtcTime().process_bind_param(BEGAN + HOUR, self.store.dialect)
        due = stored(self.store, "count(*)", f"work WHERE kind = 'session_day' AND due_at <= {now}")
        return stored(self.store, "count(*)", f"outbox WHERE {WAITING}") == [(0,)] and due == [(0,)]


def settle(town: Town) -> None:
    def job(db: TurnDb, talks: SessionTable, desk: SessionsDesk) -> None:
        def arrive(chat: str) -> str:
            person = db.load(CHANNEL, chat)
            db.save(person, Changes(""), channel_ref=chat, update_id=None, at=BEFORE)
            town.references[chat] = person.reference
            return person.reference

        talks.put_place(PLACE)
        for number in range(GROUPS):
            for kind, letter in ((MeemakerKind.RESIDENT, "r"), (MeemakerKind.PROFESSIONAL, "p")):
                id = f"{letter}{number}"
                who = Meemaker(id, kind, frozenset({"nl"}), frozenset({"centre"}), reference=arrive(id))
                talks.put_meemaker(who, name=f"Naam{id} Achternaam", at=BEFORE)
            talks.put_duo(Duo(f"duo{number}", f"r{number}", f"p{number}"))
        meemakers = {each.id: each for each in talks.meemakers()}
        later = [group(GROUPS + number, START + 3 * HOUR) for number in range(TWICE)]
        for session in (*(group(number) for number in range(GROUPS)), *later):
            talks.put_session(session, at=BEFORE)
            for seat in range(SEATS if session not in later else 0):
                chat = f"{session.id}-{seat}"
                talks.set_seat(session.id, arrive(chat), SeatStatus.BOOKED, at=BEFORE)
                town.seats[chat] = session.id
            stored = talks.session(session.id)
            assert stored is not None
            Moments(talks).plan(stored, meemakers, now=BEFORE)

    town.work(job)


def call_off(town: Town, chats: list[str]) -> None:
    """Half of them cancel; of the others the talk moves to next week."""

    def job(db: TurnDb, talks: SessionTable, desk: SessionsDesk) -> None:
        meemakers = {each.id: each for each in talks.meemakers()}
        for number, chat in enumerate(chats):
            session = talks.session(town.seats[chat])
            assert session is not None
            if number % 2 == 0:
                desk.cancel(town.references[chat], session.id, now=BEGAN)
                continue
            # As the desk moves a talk: what was planned for the old time goes, and its id stays.
            Moments(talks).unplan(session)
            when = Stretch(session.when.start + timedelta(days=7), session.when.end + timedelta(days=7))
            moved = replace(session, when=when, sequence=session.sequence + 1)
            talks.put_session(moved, at=BEGAN)
            Moments(talks).plan(moved, meemakers, now=BEGAN)

    town.work(job)


@dataclass
class Child:
    process: ForkServerProcess
    stop: Event

    def ended(self) -> int | None:
        self.process.join(PATIENCE)
        return self.process.exitcode


def started(town: Town, step: str = "never", number: int = 1) -> Child:
    stop = PROCESSES.Event()
    arguments = (town.url, KEY, town.sent_to, step, number, stop)
    process = PROCESSES.Process(target=reminder_child.run, args=arguments, daemon=True)
    process.start()
    return Child(process, stop)


def everybody(number: int) -> list[str]:
    """The chats of a group: its residents and its duo."""
    return [*(f"s{number}-{seat}" for seat in range(SEATS)), f"r{number}", f"p{number}"]


def not_reached(town: Town, groups: range) -> list[str]:
    """One resident of each group in which nobody heard anything yet; an even number of them."""
    reached = set(town.counted())
    found = [f"s{number}-{number % SEATS}" for number in groups if not reached & set(everybody(number))]
    return found[: len(found) // 2 * 2]


def test_killed_at_every_step_nobody_is_forgotten_and_nobody_hears_of_what_is_off(
    database: Database, store: Store
) -> None:
    town = Town(database.url, store, database.folder / "sent")
    settle(town)
    off, on_their_way = not_reached(town, range(90, 94)), set[str]()
    call_off(town, off)
    for number, (step, other) in enumerate(zip(STEPS[::2], STEPS[1::2], strict=True)):
        doomed = [started(town, step, 20 + 10 * number), started(town, other, 20 + 15 * number)]
        assert [child.ended() for child in doomed] == [-9, -9], "not killed"
        on_their_way |= town.on_their_way()
        found = not_reached(town, range(40 + 16 * number, 56 + 16 * number))
        call_off(town, found)
        off += found
    last = [started(town), started(town)]
    wait_until(town.is_done, "all reminders told")
    for child in last:
        child.stop.set()
    assert [child.ended() for child in last] == [0, 0]

    counted, lines = town.counted(), town.lines()
    moved = [int(town.seats[chat].removeprefix("s")) for number, chat in enumerate(off) if number % 2]
    unheard = {*off[::2], *(chat for number in moved for chat in everybody(number))}
    assert len(off) > 20
    assert unheard & set(counted) == set(), "heard of a talk that is off"
    assert set(town.references) - set(counted) == unheard, "forgotten"
    assert {each for each, often in counted.items() if often > 1} <= on_their_way, "told twice"
    assert len(lines) - len(counted) <= len(on_their_way)
    of_two = [chat for chat, text in lines if "2 gesprekken" in text]
    assert set(of_two) == {f"{letter}{number}" for number in range(TWICE) for letter in "rp"}
