"""Who may be told of something in their neighbourhood, and who was told of it, on either database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.ports import Changes, NewResponse, RecordedConsent
from domain.consent import Purpose
from domain.message import Message
from storage import Store
from storage.nearby import NearbyStatements, NearbyTable, Neighbour
from tests.unit.storage.talking import AT, answer, consent, saving, words

pytestmark = pytest.mark.anyio
SINCE = AT + timedelta(hours=1)
NAMES = ("wijk", "neighbourhood")


@dataclass
class Nearby:
    store: Store

    async def lives(
        self,
        name: str,
        *wijken: str,
        path: str = "wijk",
        consents: Sequence[RecordedConsent] = (consent(Purpose.CONTACT),),
        channel: str = "telegram",
        simulated: bool = False,
        session: str = "",
    ) -> str:
        """Somebody who answered so, in that order; their reference."""
        changes = Changes(
            f"state of {name}",
            language="nl",
            begin=NewResponse(f"response-{name}", "veerkracht", "1", "nl", session=session),
            answers=[answer(path, wijk) for wijk in wijken],
            consents=list(consents),
        )
        found = await self.store.turn(saving(changes, ref=name, channel=channel, simulated=simulated))
        assert found is not None
        return found.reference

    async def hears(self, name: str, at: datetime) -> None:
        changes = Changes(f"state of {name}", messages=words("Dag!"), deliver_later=True)
        await self.store.turn(saving(changes, ref=name, at=at))

    async def neighbours(self, neighbourhood: str = "nazareth") -> list[Neighbour]:
        return await self._with(lambda table: table.neighbours(neighbourhood, NAMES, since=SINCE))

    async def names(self, neighbourhood: str = "nazareth") -> list[str]:
        found = await self.neighbours(neighbourhood)
        return sorted(each.state.removeprefix("state of ") for each in found)

    async def told(self, session: str) -> list[str]:
        return [each.reference for each in await self._with(lambda table: table.told(session))]

    async def _with(self, job: Callable[[NearbyTable], list[Neighbour]]) -> list[Neighbour]:
        statements = NearbyStatements(self.store.dialect)
        return await self.store.transact(lambda db: job(NearbyTable(db, statements)))


@pytest.fixture
def nearby(store: Store) -> Nearby:
    return Nearby(store)


async def test_who_lives_there_and_agreed_is_found_with_what_is_needed_to_write(nearby: Nearby) -> None:
    reference = await nearby.lives("ria", "nazareth")
    await nearby.lives("far", "pottenberg")
    assert await nearby.neighbours() == [Neighbour(reference, "nl", "state of ria")]
    assert await nearby.neighbours("limmel") == []


async def test_the_last_answer_to_a_question_of_that_name_counts(nearby: Nearby) -> None:
    await nearby.lives("moved", "pottenberg", "nazareth")
    await nearby.lives("left", "nazareth", "pottenberg")
    await nearby.lives("grouped", "nazareth", path="about/you/neighbourhood")
    await nearby.lives("other", "nazareth", path="about/geboortewijk")
    await nearby.lives("shouted", "nazareth", path="about/WIJK")
    await nearby.lives("of a talk", "nazareth", session="s1")
    assert await nearby.names() == ["grouped", "moved"]


async def test_a_consent_that_stands_is_needed(nearby: Nearby) -> None:
    given = {
        "contact": [consent(Purpose.CONTACT)],
        "reminders": [consent(Purpose.REMINDERS)],
        "again": [consent(Purpose.CONTACT, False), consent(Purpose.CONTACT)],
        "one": [consent(Purpose.CONTACT, False), consent(Purpose.REMINDERS)],
        "answers": [consent(Purpose.ANSWERS)],
        "no": [consent(Purpose.CONTACT, False)],
        "back": [consent(Purpose.CONTACT), consent(Purpose.CONTACT, False)],
        "none": [],
    }
    for name, consents in given.items():
        await nearby.lives(name, "nazareth", consents=consents)
    assert await nearby.names() == ["again", "contact", "one", "reminders"]


async def test_who_cannot_be_written_to_is_left_out(nearby: Nearby) -> None:
    blocked = await nearby.lives("blocked", "nazareth")
    await nearby.lives("on the page", "nazareth", channel="web")
    await nearby.lives("simulated", "nazareth", simulated=True)
    await nearby.lives("ria", "nazareth")
    await nearby.store.mark_blocked(blocked, at=AT)
    assert await nearby.names() == ["ria"]


async def test_who_got_a_message_lately_is_left_alone(nearby: Nearby) -> None:
    for name in ("lately", "long ago", "never"):
        await nearby.lives(name, "nazareth")
    await nearby.hears("lately", SINCE + timedelta(seconds=1))
    await nearby.hears("long ago", SINCE)
    assert await nearby.names() == ["long ago", "never"]


async def test_who_was_told_is_known_and_what_waits_is_taken_back(nearby: Nearby) -> None:
    told, waiting, blocked = [await nearby.lives(name, "nazareth") for name in ("told", "waiting", "blocked")]

    async def tell(reference: str, session: str) -> None:
        await nearby.store.turn(
            lambda db: db.post(
                reference, Message("Kom langs."), at=AT, key=f"{session}:{reference}", about=session
            )
        )

    for reference in (told, blocked):
        await tell(reference, "s1")
    for each in await nearby.store.claim("telegram", now=AT, limit=9, lease=timedelta(minutes=1)):
        await nearby.store.mark_sent(each.id, at=AT)
    await tell(waiting, "s1")
    await tell(waiting, "s2")
    await nearby.store.mark_blocked(blocked, at=AT)
    assert await nearby.told("s1") == [told]
    left = await nearby.store.claim("telegram", now=AT, limit=9, lease=timedelta(minutes=1))
    assert [each.reference for each in left] == [waiting], "taken back, or of another session"
    assert await nearby.told("s3") == []
