"""Whatever residents and staff say and press in whatever order: words arrive once, in order, at the right person only,
staff never see a chat, and who is erased leaves nothing."""

import asyncio
import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Vault, open_store
from storage.schema import metadata
from storage.vault import new_key
from tests.effort import effort
from tests.postgres import empty_tables
from tests.unit.bot.reception.desk import Desk
from tests.unit.storage.talking import stored

CHATS = {"Fatima": "7344556671", "Gijs": "7344556672"}
STAFF = ("Anna", "Bram")
RESIDENT = st.sampled_from(sorted(CHATS))
MEMBER = st.sampled_from(STAFF)
STEPS = st.one_of(
    st.tuples(st.just("ask"), RESIDENT),
    st.tuples(st.just("say"), RESIDENT),
    st.tuples(st.just("say"), RESIDENT),
    st.tuples(st.just("take"), MEMBER),
    st.tuples(st.just("answer"), MEMBER),
    st.tuples(st.just("answer"), MEMBER),
    st.tuples(st.sampled_from(["done", "not_now", "list"]), MEMBER),
    st.tuples(st.sampled_from(["back", "stop", "erase", "danger"]), RESIDENT),
    st.tuples(st.just("wait"), st.sampled_from(["10", "40", "600"])),
)


@dataclass
class World:
    """The desk, and who said what, numbered so that order can be read off."""

    desk: Desk
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def ask(self, name: str) -> None:
        await self.desk.say(CHATS[name], "ik wil een mens spreken")

    async def say(self, name: str) -> None:
        """In a talk that somebody has taken, the words are there at once, at that one person."""
        rows = stored(
            self.desk.store, "taken_by", f"talks JOIN contacts USING (reference) WHERE {self._is(name)}"
        )
        words = f"{name} zegt {next(self.numbers)}."
        await self.desk.say(CHATS[name], words)
        came = [member for member in STAFF if words in str(self.desk.inbox[member])]
        assert len(came) == (1 if rows and rows[0][0] else 0)

    def _is(self, name: str) -> str:
        digest = self.desk.store._vault.contact_hash("telegram", CHATS[name])
        return f"channel_ref_hash = '{digest}'"

    async def danger(self, name: str) -> None:
        before = len(self.desk.inbox[CHATS[name]])
        await self.desk.say(CHATS[name], "ik wil dood")
        assert "113" in str(self.desk.inbox[CHATS[name]][before:])

    async def take(self, name: str) -> None:
        await self._tap(name, "/take.")

    async def not_now(self, name: str) -> None:
        await self._tap(name, "/notnow.")

    async def _tap(self, name: str, start: str) -> None:
        buttons = [button.payload for message in self.desk.inbox[name] for button in message.buttons]
        found = [payload for payload in buttons if payload.startswith(start)]
        if found:
            await self.desk.say(name, found[-1])

    async def answer(self, name: str) -> None:
        talks = stored(self.desk.store, "taken_by", "talks")
        before = {chat: len(self.desk.inbox[chat]) for chat in CHATS.values()}
        words = f"antwoord {next(self.numbers)}."
        await self.desk.say(name, words)
        got = [chat for chat, seen in before.items() if words in str(self.desk.inbox[chat][seen:])]
        assert len(got) <= 1, "one talk at a time"
        assert got or not talks or "niet in gesprek" in self.desk.last(name)

    async def done(self, name: str) -> None:
        await self.desk.say(name, "/klaar")

    async def list(self, name: str) -> None:
        await self.desk.say(name, "/lijst")

    async def back(self, name: str) -> None:
        await self.desk.say(CHATS[name], "/start")

    async def stop(self, name: str) -> None:
        await self.desk.say(CHATS[name], "stop")
        assert "U bent gestopt." in str(self.desk.inbox[CHATS[name]][-1:])

    async def erase(self, name: str) -> None:
        found = stored(self.desk.store, "reference, channel_ref_hash", f"contacts WHERE {self._is(name)}")
        await self.desk.say(CHATS[name], "wis mijn gegevens")
        if not found:  # a stranger is asked nothing
            return
        await self.desk.tap(CHATS[name], "Ja, wis alles")
        assert self.desk.last(CHATS[name]).startswith("Alles is gewist.")
        rows = str([stored(self.desk.store, "*", table.name) for table in metadata.sorted_tables])
        assert [text for text in (f"{name} zegt", *found[0]) if text in rows] == []

    async def wait(self, minutes: str) -> None:
        await self.desk.pass_time(int(minutes))

    def check(self) -> None:
        for name in STAFF:
            seen = "\n".join(message.text for message in self.desk.inbox[name])
            assert [chat for chat in CHATS.values() if chat in str(self.desk.inbox[name])] == []
            # Who takes a talk up again hears again what nobody answered; within one talk every word comes once.
            for talk in seen.split("U bent nu in gesprek."):
                for resident in CHATS:
                    check_once_and_in_order(talk, f"Bewoner: {resident} zegt ")
        for name, chat in CHATS.items():
            seen = "\n".join(message.text for message in self.desk.inbox[chat])
            check_once_and_in_order(seen, "antwoord ")
            assert [other for other in CHATS if other != name and f"{other} zegt" in seen] == []


def check_once_and_in_order(seen: str, start: str) -> None:
    numbers = [int(part.partition(".")[0]) for part in seen.split(start)[1:]]
    assert numbers == sorted(set(numbers)), seen


async def live(url: str, steps: list[tuple[str, str]]) -> None:
    people = itertools.count(1)
    store = open_store(
        url,
        vault=Vault.open(key=new_key()),
        new_id=lambda: f"person-{next(people)}.",
    )
    world = World(Desk(store))
    try:
        for name in STAFF:
            await world.desk.join(name)
        for chat in CHATS.values():
            await world.desk.say(chat, "hallo")
            await world.desk.tap(chat, "Ja, dat mag")
        for step, who in steps:
            await getattr(world, step)(who)
        world.check()
    finally:
        await store.close()


@settings(max_examples=effort(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_talks_keep_their_promises(steps: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(f"sqlite:///{Path(folder) / 'x.db'}", steps))


@settings(max_examples=effort(8), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=25))
def test_talks_on_a_server_keep_their_promises(server: str, steps: list[tuple[str, str]]) -> None:
    try:
        asyncio.run(live(server, steps))
    finally:
        empty_tables(server, *metadata.tables)
