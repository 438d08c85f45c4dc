"""A small town on a real SQLite database, with the real desk and the real rules, and residents who talk with it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from app.talk_desk import opener
from app.talk_words import read_times
from bot.conversation import Conversations, Reply
from bot.dialogue.state import State, state_from_json
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.meeting.meetings import Meetings
from bot.meeting.ports import TalkDesk
from bot.meeting.post import Post
from bot.meeting.resident_side import ResidentSide
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind
from domain.session import Duo, Gender, Hours, Meemaker, MeemakerKind, Place, Room, Session
from nlu.understand import understand
from storage import Store, Vault, open_store
from storage.sessions import SessionTable
from storage.vault import new_key

T = TypeVar("T")
FORM = load_form(Path(__file__).parents[4] / "bot" / "questionnaires" / "veerkracht.md")
CATALOGUE = load_catalogue()
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)  # a Monday, ten o'clock in Amsterdam
DAYS = tuple(Hours(day, time(10), time(17)) for day in (1, 2, 3))
AREAS = frozenset({"nazareth", "pottenberg"})
KEY = new_key()


def meemaker(id: str, kind: MeemakerKind, gender: Gender) -> Meemaker:
    return Meemaker(id, kind, frozenset({"nl", "en"}), AREAS, gender, 5, DAYS)


PEOPLE = (
    ("Els Peeters", meemaker("els", MeemakerKind.RESIDENT, Gender.WOMAN)),
    ("Jo Smeets", meemaker("jo", MeemakerKind.PROFESSIONAL, Gender.MAN)),
)
PLACES = (
    Place("huis", "Huis van Nazareth", "Straat 1, Maastricht", "nazareth", True, (Room("zaal", 6),), DAYS),
    Place("hof", "Pottenhof", "Laan 2, Maastricht", "pottenberg", False, (Room("kamer", 2),), DAYS),
)


class OneForm:
    def current(self) -> Form:
        return FORM

    def find(self, questionnaire: str, version: str) -> Form | None:
        return FORM


class Town:
    """`has_talks` off is the assistant as it is without talks in person."""

    def __init__(self, folder: Path, *, has_talks: bool = True) -> None:
        self.now = NOW
        ids = count(1)
        self.new_id = lambda: f"id{next(ids):018}"
        self.store: Store = open_store(
            f"sqlite:///{folder / 'town.db'}", vault=Vault.open(key=KEY), new_id=self.new_id
        )
        self.open_desk = opener(self.new_id)
        post = Post(CATALOGUE)
        meetings = Meetings(self.open_desk, post, ResidentSide(CATALOGUE, post, read_times), None)
        self.conversations = Conversations(
            store=self.store, shelf=OneForm(), understand=understand, model=None, catalogue=CATALOGUE, new_id=self.new_id,
            deliver_later=frozenset({"telegram"}), meetings=meetings if has_talks else None,
        )  # fmt: skip # read as one piece

    async def settle(self, places: Sequence[Place] = PLACES) -> None:
        """Everybody moves in."""

        def job(db: SessionTable) -> None:
            for name, each in PEOPLE:
                db.put_meemaker(each, name=name, at=NOW)
                db.set_hours(each.id, each.hours)
            db.put_duo(Duo("els-jo", "els", "jo"))
            for place in places:
                db.put_place(place)

        await self.store.with_sessions(job)

    async def run(self, job: Callable[[TalkDesk, datetime], T]) -> T:
        """`job(desk, now)` in a transaction of its own."""
        return await self.store.turn(lambda db: job(self.open_desk(db.sessions), self.now))

    def resident(self, name: str = "ria", channel: str = "telegram", language: str = "nl") -> "Resident":
        return Resident(self, name, channel, language)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.store.reading() as db:
            return db._execute(str(sa.text(sql).columns()), {}).fetchall()


class Resident:
    def __init__(self, town: Town, name: str, channel: str, language: str) -> None:
        self.town, self.name, self.channel, self.language = town, name, channel, language
        self.simulated = False
        self.last: Reply | None = None

    async def say(self, words: str, *, after: float = 30) -> str:
        """Words, or `[a button]` of the last reply that has it; the whole reply as one text."""
        self.town.now += timedelta(seconds=after)
        kind, text = IncomingKind.TEXT, words
        if words.startswith("["):
            kind, text = IncomingKind.TAP, self.payload(words[1:-1])
        elif words.startswith("/"):
            kind = IncomingKind.TAP
        return await self._take(kind, text)

    async def _take(self, kind: IncomingKind, text: str) -> str:
        incoming = Incoming(
            self.channel,
            self.name,
            kind,
            self.town.now,
            text=text,
            language=self.language,
            simulated=self.simulated,
        )
        self.last = await self.town.conversations.take(incoming)
        return self.read

    def payload(self, title: str) -> str:
        assert self.last is not None
        buttons = [each for message in self.last.messages for each in message.buttons]
        found = [each.payload for each in buttons if each.title == title]
        assert found, f"no button says {title!r}, but {[each.title for each in buttons]}"
        return found[-1]

    @property
    def read(self) -> str:
        """The last reply as one text."""
        assert self.last is not None
        return "\n".join(message.text for message in self.last.messages)

    @property
    def titles(self) -> list[str]:
        assert self.last is not None
        return [each.title for message in self.last.messages for each in message.buttons]

    @property
    def offers(self) -> list[str]:
        """The titles of the offers in the last reply."""
        assert self.last is not None
        buttons = [each for message in self.last.messages for each in message.buttons]
        return [each.title for each in buttons if each.payload.startswith("/gesprek:neem:")]

    async def state(self) -> State:
        found = await self.town.store.turn(lambda db: db.load(self.channel, self.name))
        return state_from_json(found.state)

    async def talks(self) -> Sequence[Session]:
        conversation = await self.town.store.turn(lambda db: db.load(self.channel, self.name))
        return await self.town.run(lambda desk, now: desk.mine(conversation.reference, now=now))

    async def finds_offers(self) -> None:
        """From nothing to three offers."""
        await self.say("ik wil praten")
        await self.say("[Ja, dat mag]")
        await self.say("[Op een plek in de buurt]")
        await self.say("[Nazareth]")
        await self.say("[Ik kan altijd]")

    async def books(self) -> str:
        await self.finds_offers()
        return await self.say(f"[{self.offers[0]}]")

    async def fills_in(self, **answers: str) -> None:
        """The whole questionnaire up to its end; what `answers` names by the question's name is said there, all other
        questions are skipped."""
        said = {"consent_answers": "ja", "wijk": "nazareth", "language": "nederlands", **answers}
        await self.say("hallo")
        while (state := await self.state()).at:
            question = FORM.question(state.at)
            await self.say(said.get(question.name, "nee" if question.consent else "sla over"))

    async def finds_offers_in_the_middle(self) -> None:
        """As `finds_offers`, while a question of the questionnaire waits."""
        await self.finds_offers()
