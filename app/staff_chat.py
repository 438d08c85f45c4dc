"""A member of the staff works from a terminal: what residents say is shown, what is typed goes to them."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import timedelta

from rich.console import Console

from app.chat import standard_input
from app.settings import Settings
from app.staff import member_called, open_desk
from app.wiring import House, utc_now
from bot.channels.terminal import pick_button, show
from bot.ports import TurnDb
from bot.reception.staff_side import TERMINAL_PREFIX, leave
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from domain.message import Button, Incoming, IncomingKind
from domain.staff import StaffMember

LOOK_SECONDS = 0.5
LEASE = timedelta(seconds=30)


async def chat_as_member(settings: Settings, name: str, say: Callable[[str], None]) -> None:
    """Until the input ends; then whoever they talked with goes to the next person.

    Raises DomainError: no_such_staff, and staff_elsewhere for who works from Telegram.
    """
    async with open_desk(settings, say) as house:
        member = await house.store.turn(
            lambda db: _settle(db, name),
            note=lambda found: AuditEntry(
                AuditAction.STAFF_CHAT, utc_now(), settings.operator, found.role.value, found.id, 1
            ),
        )
        say(
            f"{member.name}, you are here until Ctrl-D. Type #1 for the first button, /lijst to see who waits."
        )
        desk = _Terminal(house, member)
        showing = asyncio.create_task(desk.show_what_comes())
        try:
            async for line in standard_input("> "):
                await desk.take(line)
        finally:
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing
            await house.store.turn(lambda db: leave(house.reception, db, member, utc_now(), for_now=True))


def _settle(db: TurnDb, name: str) -> StaffMember:
    member = member_called(db.desk, name)
    channel = f"{TERMINAL_PREFIX}{member.id}"
    if member.channel not in ("", channel):
        raise DomainError("staff_elsewhere", name=member.name)
    db.desk.settle(member.id, channel, member.id)
    return member


class _Terminal:
    def __init__(self, house: House, member: StaffMember) -> None:
        self._house, self._ref = house, member.id
        self._channel = f"{TERMINAL_PREFIX}{member.id}"
        self._console = Console(highlight=False)
        self._buttons: tuple[Button, ...] = ()
        self._showing = asyncio.Lock()

    async def take(self, line: str) -> None:
        payload = pick_button(line.strip(), self._buttons)
        kind = IncomingKind.TAP if payload or line.startswith("/") else IncomingKind.TEXT
        incoming = Incoming(self._channel, self._ref, kind, utc_now(), text=payload or line)
        await self._house.conversations.take(incoming)
        await self._show()

    async def show_what_comes(self) -> None:
        while True:
            await self._show()
            await asyncio.sleep(LOOK_SECONDS)

    async def _show(self) -> None:
        store = self._house.store
        async with self._showing:
            while heads := await store.claim(self._channel, now=utc_now(), limit=1, lease=LEASE):
                for head in heads:
                    self._buttons = show(self._console, [head.message]) or self._buttons
                    await store.mark_sent(head.id, at=utc_now())
