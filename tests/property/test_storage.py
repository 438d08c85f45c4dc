"""Whatever people do in whatever order, a store agrees with a few dictionaries, and erased people leave nothing."""

import asyncio
import itertools
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ports import Changes, NewResponse
from storage import Store, Vault, open_store
from storage.schema import metadata
from storage.vault import new_key
from tests.effort import effort
from tests.postgres import empty_tables
from tests.unit.storage.talking import CHANNEL, answer, loading, saving, stored, words

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
PEOPLE = st.sampled_from(["Aisha", "Bram", "Chantal"])
STEPS = st.one_of(
    st.tuples(st.just("begin"), PEOPLE, st.just("")),
    st.tuples(
        st.just("answer"), PEOPLE, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    ),
    st.tuples(st.just("again"), PEOPLE, st.just("")),
    st.tuples(st.just("say"), PEOPLE, st.just("")),
    st.tuples(st.just("send"), PEOPLE, st.sampled_from(["sent", "again", "failed", "lost"])),
    st.tuples(st.just("forget"), PEOPLE, st.just("")),
    st.tuples(st.just("erase"), PEOPLE, st.just("")),
)


@dataclass
class Person:
    """What should be known of one person."""

    turns: int = 0
    response: str = ""
    answers: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    last_update: str = ""


@dataclass
class World:
    """A store beside what it should hold."""

    store: Store
    people: dict[str, Person] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    now: datetime = AT

    async def turn(self, name: str, **changes: object) -> None:
        person = self.people.setdefault(name, Person())
        person.last_update = f"u{next(self.numbers)}"
        turn = saving(Changes(name, **changes), ref=name, update=person.last_update, at=self.now)  # type: ignore[arg-type]  # any field of Changes
        assert await self.store.turn(turn) is not None
        person.turns += 1

    async def begin(self, name: str, _: str) -> None:
        response = f"{name}-{next(self.numbers)}"
        await self.turn(name, begin=NewResponse(response, "q", "1", "nl"))
        self.people[name].response, self.people[name].answers = response, []

    async def answer(self, name: str, text: str) -> None:
        if name in self.people and self.people[name].response:
            await self.turn(name, answers=[answer("open", text)])
            self.people[name].answers.append(text)

    async def again(self, name: str, _: str) -> None:
        """The channel brings an update that was taken before."""
        if name in self.people:
            turn = saving(Changes("twice"), ref=name, update=self.people[name].last_update)
            assert await self.store.turn(turn) is None

    async def say(self, name: str, _: str) -> None:
        text = f"{name} {next(self.numbers)}"
        await self.turn(name, messages=words(text), deliver_later=True)
        self.people[name].waiting.append(text)

    async def send(self, _: str, result: str) -> None:
        """Claims every head; `lost` stands for a sender that died."""
        self.now += LEASE
        heads = await self.store.claim(CHANNEL, now=self.now, limit=99, lease=LEASE)
        found = {head.channel_ref: head.message.text for head in heads}
        assert found == {name: each.waiting[0] for name, each in self.people.items() if each.waiting}
        for head in heads:
            if result == "again":
                await self.store.mark_again(head.id, not_before=self.now)
                continue
            if result == "lost":
                continue
            self.people[head.channel_ref].waiting.pop(0)
            if result == "sent":
                await self.store.mark_sent(head.id, at=self.now)
            else:
                await self.store.mark_failed(head.id, code="400")

    async def forget(self, name: str, _: str) -> None:
        await self.turn(name, forget=True)
        self.people[name].response, self.people[name].answers = "", []

    async def erase(self, name: str, _: str) -> None:
        await self.turn(name, erase=True)
        del self.people[name]
        rows = [row for table in metadata.sorted_tables for row in stored(self.store, "*", table.name)]
        assert name not in str(rows)

    async def check(self) -> None:
        for name, person in self.people.items():
            found = await self.store.turn(loading(name))
            assert (found.state, found.revision, found.response) == (name, person.turns, person.response)
            kept = stored(self.store, "value", f"answers WHERE response = '{person.response}' ORDER BY id")
            assert [value for (value,) in kept] == person.answers
        assert len(stored(self.store, "*", "conversations")) == len(self.people)


async def live(url: str, steps: list[tuple[str, str, str]]) -> None:
    people = itertools.count(1)
    vault = Vault.open(key=new_key())
    store = open_store(url, vault=vault, new_id=lambda: f"r{next(people)}")
    world = World(store)
    try:
        for step, name, detail in steps:
            await getattr(world, step)(name, detail)
        await world.check()
    finally:
        await store.close()


@settings(max_examples=effort(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_store_agrees_with_a_model_of_it(steps: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(f"sqlite:///{Path(folder) / 'x.db'}", steps))


@settings(max_examples=effort(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_store_on_a_server_agrees_with_a_model_of_it(server: str, steps: list[tuple[str, str, str]]) -> None:
    try:
        asyncio.run(live(server, steps))
    finally:
        empty_tables(server, *metadata.tables)
