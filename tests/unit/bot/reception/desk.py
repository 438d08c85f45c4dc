"""Residents and staff around a real store, with a clock that is moved by hand and a Telegram that delivers at once."""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.conversation import Conversations
from bot.forms.form import Form
from bot.forms.load import load_form
from bot.handover.hours import OpeningHours, parse_hours
from bot.ports import TurnDb
from bot.reception.reception import Reception
from bot.reception.staff_side import leave
from bot.texts.catalogue import load_catalogue
from domain.message import Incoming, IncomingKind, Message
from domain.staff import Role
from nlu.understand import understand
from storage import Store
from tests.transcripts.test_transcripts import HERE

OPEN = datetime(2026, 11, 23, 9, tzinfo=UTC)  # Monday, 10.00 in Amsterdam
NIGHT = datetime(2026, 11, 23, 21, tzinfo=UTC)
LEASE = timedelta(seconds=30)
HOURS = parse_hours("ma-vr 09:00-17:00")
FORM, CATALOGUE = load_form(HERE / "small.md"), load_catalogue()


class OneForm:
    def current(self) -> Form:
        return FORM

    def find(self, questionnaire: str, version: str) -> Form | None:
        return FORM


@dataclass
class Desk:
    """`inbox` holds what came to each chat, in order."""

    store: Store
    now: datetime = OPEN
    hours: OpeningHours = HOURS
    mail_to: tuple[str, ...] = ()
    inbox: defaultdict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.reception = Reception(hours=self.hours, catalogue=CATALOGUE, form=FORM, mail_to=self.mail_to)
        self.conversations = Conversations(
            store=self.store, shelf=OneForm(), understand=understand, model=None, catalogue=CATALOGUE,
            new_id=lambda: f"response-{next(self._numbers)}", deliver_later=frozenset({"telegram"}),
            reception=self.reception,
        )  # fmt: skip # read as one piece

    async def join(self, name: str, role: Role = Role.DUTY) -> None:
        """`name` is also the chat."""
        code = f"team-{name}"

        def invite(db: TurnDb) -> None:
            db.desk.invite(name, role, code, until=self.now + timedelta(days=7), at=self.now)

        await self.store.turn(invite)
        await self.do(name, IncomingKind.OPEN, code=code)

    async def remove(self, name: str) -> None:
        def work(db: TurnDb) -> None:
            found = [member for member in db.desk.staff() if member.name == name]
            for member in found:
                leave(self.reception, db, member, self.now)

        await self.store.turn(work)
        await self.deliver()

    async def say(self, chat: str, text: str) -> list[Message]:
        return await self.do(chat, IncomingKind.TAP if text.startswith("/") else IncomingKind.TEXT, text)

    async def tap(self, chat: str, title: str) -> list[Message]:
        """The newest button with this title."""
        buttons = [button for message in reversed(self.inbox[chat]) for button in message.buttons]
        payload = next(button.payload for button in buttons if button.title == title)
        return await self.do(chat, IncomingKind.TAP, payload)

    async def do(
        self,
        chat: str,
        kind: IncomingKind,
        text: str = "",
        code: str = "",
        update: str | None = None,
        message: str = "",
    ) -> list[Message]:
        """One thing somebody does; gives what that brought into their own chat."""
        before = len(self.inbox[chat])
        update = update or f"u{next(self._numbers)}"
        incoming = Incoming("telegram", chat, kind, self.now, update, text, code=code, message=message)
        await self.conversations.take(incoming)
        await self.deliver()
        return self.inbox[chat][before:]

    async def deliver(self) -> None:
        while heads := await self.store.claim("telegram", now=self.now, limit=99, lease=LEASE):
            for head in heads:
                self.inbox[head.channel_ref].append(head.message)
                await self.store.mark_sent(head.id, at=self.now)

    async def pass_time(self, minutes: float) -> None:
        """Minute for minute what is due is done, as the clock would."""
        until = self.now + timedelta(minutes=minutes)
        while self.now < until:
            self.now = min(self.now + timedelta(minutes=1), until)
            for due in await self.store.claim_work(now=self.now, limit=99, lease=LEASE):
                await self.conversations.act(due.kind, due.key, due.reference, self.now)
        await self.deliver()

    def last(self, chat: str) -> str:
        return self.inbox[chat][-1].text if self.inbox[chat] else ""
