"""A small town in which a duo talks with the assistant in chats of their own, on a real database; a resident books."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from shutil import copyfile
from tempfile import mkdtemp
from typing import Any, TypeVar

from app.shelf import Shelf, open_shelf
from app.talk_desk import opener
from app.talk_words import read_times, read_week
from bot.conversation import Conversations
from bot.dialogue.state import state_from_json
from bot.meeting.meemaker_side import MeemakerSide, TakesReports
from bot.meeting.meetings import Meetings
from bot.meeting.ports import TalkDesk
from bot.meeting.post import Post
from bot.meeting.resident_side import ResidentSide
from bot.ports import TurnDb
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind, Message
from domain.session import Meemaker, Session, SessionKind, Stretch, TalkWish
from domain.talk_outcomes import Booked, Offered
from nlu.understand import understand
from storage import Vault, open_store
from storage.vault import new_key
from tests.unit.scheduler.town import DUOS, MEEMAKERS, NOW, PLACES

T = TypeVar("T")
KEY, CATALOGUE = new_key(), load_catalogue()
LONG = timedelta(minutes=75)
TUESDAY = datetime(2026, 12, 1, 13, tzinfo=UTC)  # two in the afternoon in Amsterdam
WEDNESDAY, THURSDAY = TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)
NAMES = {"els": "Els", "jo": "Jo", "piet": "Piet", "karim": "Karim", "mia": "Mia", "bo": "Bo"}


@cache
def shelf() -> Shelf:
    return open_shelf()


@cache
def empty_database() -> Path:
    path = Path(mkdtemp(prefix="wijkverhaal-")) / "empty.db"
    asyncio.run(open_store(f"sqlite:///{path}", vault=Vault.open(key=KEY), new_id=str).close())
    return path


class DuoTown:
    """Everybody can on Tuesday to Thursday from ten to five. It is Monday the 30th of November 2026, ten o'clock."""

    def __init__(self, folder: Path, *, people: Sequence[str] = tuple(NAMES), language: str = "nl",
                 reports: TakesReports | None = None) -> None:  # fmt: skip # read as one piece
        self.loop, self.now, self.language = asyncio.new_event_loop(), NOW, language
        self.mail: dict[str, list[str]] = {}
        self.shown: list[Message] = []
        copyfile(empty_database(), folder / "x.db")
        ids = count(1)
        self.new_id: Callable[[], str] = lambda: f"id-{next(ids):05}"
        self.store = open_store(f"sqlite:///{folder / 'x.db'}", vault=Vault.open(key=KEY), new_id=self.new_id)
        post, self.open_desk = Post(CATALOGUE), opener(self.new_id)
        duo = MeemakerSide(post, read_week, read_times, reports)
        self.conversations = Conversations(
            store=self.store, shelf=shelf(), understand=understand, model=None, catalogue=CATALOGUE,
            new_id=self.new_id, deliver_later=frozenset({"telegram"}), pieces=False,
            meetings=Meetings(self.open_desk, post, ResidentSide(CATALOGUE, post, read_times), duo),
        )  # fmt: skip # read as one piece
        for place in PLACES:
            self.run(self.store.with_sessions(lambda db, one=place: db.put_place(one)))  # type: ignore[misc]  # mypy does not infer it
        for each in MEEMAKERS:
            if each.id in people:
                self.join(each)
        for duo_of in (each for each in DUOS if set(each.members) <= set(people)):
            self.run(self.store.with_sessions(lambda db, one=duo_of: db.put_duo(one)))  # type: ignore[misc]  # mypy does not infer it

    def close(self) -> None:
        self.run(self.store.close())
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def join(self, who: Meemaker) -> list[Message]:
        """With their own link, as everybody who holds talks does."""
        code = f"mm-{who.id}"
        until = self.now + timedelta(days=7)
        self.run(self.store.with_meemakers(lambda db: db.invite(who.id, NAMES[who.id], code, until=until)))
        known = replace(who, reference="")
        self.run(self.store.with_sessions(lambda db: db.put_meemaker(known, name=NAMES[who.id], at=self.now)))
        self.run(self.store.with_sessions(lambda db: db.set_hours(who.id, who.hours)))
        said = self.take(who.id, kind=IncomingKind.OPEN, code=code)
        self.inbox(who.id)
        return said

    def take(self, who: str, text: str = "", **more: Any) -> list[Message]:
        kind = IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT
        incoming = Incoming("telegram", who, kind, self.now, text=text, language=self.language)
        return list(self.run(self.conversations.take(replace(incoming, **more))).messages)

    def say(self, who: str, text: str) -> str:
        """What is said back, with the titles of its buttons."""
        self.shown = self.take(who, text)
        return "\n".join(
            "\n".join((each.text, *(f"[{button.title}]" for button in each.buttons))) for each in self.shown
        )

    def press(self, who: str, title: str) -> str:
        """A button of what was shown last."""
        found = [button.payload for each in self.shown for button in each.buttons if title in button.title]
        assert found, (title, self.shown)
        return self.say(who, found[0])

    def inbox(self, who: str) -> list[str]:
        """What came by itself, with the replies that were delivered."""
        while True:
            claimed = self.run(
                self.store.claim("telegram", now=self.now, limit=50, lease=timedelta(seconds=1))
            )
            for each in claimed:
                self.mail.setdefault(each.channel_ref, []).append(each.message.text)
                self.run(self.store.mark_sent(each.id, at=self.now))
            if not claimed:
                break
        found, self.mail[who] = self.mail.get(who, []), []
        return found

    def reference(self, who: str) -> str:
        return self.run(self.store.turn(lambda db: db.load("telegram", who).reference))

    def meeting(self, who: str) -> str:
        return state_from_json(self.run(self.store.turn(lambda db: db.load("telegram", who).state))).meeting

    def desk(self, work: Callable[[TalkDesk], T]) -> T:
        def run(db: TurnDb) -> T:
            return work(self.open_desk(db.sessions))

        return self.run(self.store.turn(run))

    def who(self, id: str) -> Meemaker:
        reference = self.reference(id)
        found = self.desk(lambda desk: desk.meemaker(reference))
        assert found is not None
        return found

    def booked(self, resident: str = "ria", start: datetime = TUESDAY, kind: SessionKind = SessionKind.PRIVATE,
               address: str = "") -> Session:  # fmt: skip # read as one piece
        """A talk of a resident with Els and Jo, or with whoever fits; both have been asked."""
        self.take(resident, "hallo")
        reference = self.reference(resident)
        wish = TalkWish(kind, "nazareth", frozenset({"nazareth"}), windows=(Stretch(start, start + LONG),))

        def book(desk: TalkDesk) -> Session:
            offered = desk.offer(reference, wish, now=self.now)
            assert isinstance(offered, Offered), offered
            done = desk.book(reference, offered.offers[0].id, now=self.now)
            assert isinstance(done, Booked)
            if address:
                desk.set_address(done.session.id, address)
            return done.session

        return self.desk(book)

    def confirmed(self, resident: str = "ria", start: datetime = TUESDAY, **more: Any) -> Session:
        session = self.booked(resident, start, **more)
        for each in session.meemakers:
            self.desk(lambda desk, who=each: desk.accept(who, session.id, now=self.now))  # type: ignore[misc]  # mypy does not infer it
        return self.session(session.id)

    def session(self, id: str) -> Session:
        found = self.desk(lambda desk: desk.session(id))
        assert found is not None
        return found
