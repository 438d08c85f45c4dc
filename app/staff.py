"""Inviting, listing and removing staff, from the command line of any machine that reaches the database."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

from app.links import bot_name_of
from app.settings import Settings
from app.wiring import House, open_house, utc_now
from bot.handover.ports import DeskDb
from bot.ports import TurnDb
from bot.reception.staff_side import INVITE_PREFIX, leave
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError
from domain.staff import Role, StaffMember

INVITED_FOR = timedelta(days=7)
LONGEST_NAME = 60


@asynccontextmanager
async def open_desk(settings: Settings, say: Callable[[str], None]) -> AsyncIterator[House]:
    """The house without a model: nothing is understood here."""
    async with open_house(replace(settings, rules_only=True), say=say) as house:
        yield house


async def invite_member(settings: Settings, name: str, role: Role, say: Callable[[str], None]) -> None:
    """Raises DomainError: staff_name, staff_joined."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise DomainError("staff_name")
    code, at = f"{INVITE_PREFIX}{secrets.token_urlsafe(24)}", utc_now()

    def invite(db: TurnDb) -> AuditAction:
        known = _find(db.desk, name)
        if known is not None and known.channel:
            raise DomainError("staff_joined", name=known.name)
        db.desk.invite(name, role, code, until=at + INVITED_FOR, at=at)
        return (
            AuditAction.STAFF_ROLE if known is not None and known.role != role else AuditAction.STAFF_INVITE
        )

    async with open_desk(settings, say) as house:
        await house.store.turn(
            invite, note=lambda action: AuditEntry(action, at, settings.operator, role.value, count=1)
        )
    say(f"{name} can join as {role.value} for a week, once, with this personal link. Give it to nobody else.")
    bot = await bot_name_of(settings)
    say(f"  https://t.me/{bot}?start={code}" if bot else f"  In a chat with the bot, send: /start {code}")


async def list_members(settings: Settings, say: Callable[[str], None]) -> None:
    async with open_desk(settings, say) as house:
        members = await house.store.turn(
            lambda db: tuple(db.desk.staff()),
            note=lambda found: AuditEntry(
                AuditAction.LIST, utc_now(), settings.operator, "staff", count=len(found)
            ),
        )
    if not members:
        say("There is no staff yet. Invite somebody with 'wijkverhaal staff invite NAME'.")
    for member in members:
        say(f"{member.name}, {member.role.value}: {_state(member)}")


def _state(member: StaffMember) -> str:
    if member.is_blocked:
        return "blocked the bot; is not asked until they write again"
    if member.channel:
        place = "Telegram" if member.channel == "telegram" else "a terminal"
        return f"joined from {place}{', in a talk' if member.is_busy else ''}"
    if member.invited_until is not None and member.invited_until > utc_now():
        return f"invited, until {member.invited_until:%Y-%m-%d %H:%M} UTC"
    return "not joined"


async def remove_member(settings: Settings, name: str, say: Callable[[str], None]) -> None:
    """Raises DomainError("no_such_staff")."""
    async with open_desk(settings, say) as house:

        def remove(db: TurnDb) -> StaffMember:
            member = member_called(db.desk, name)
            leave(house.reception, db, member, utc_now())
            return member

        removed = await house.store.turn(remove, note=partial(_removal, settings.operator))
    say(f"{removed.name} is no longer on the staff.")


def _removal(who: str, removed: StaffMember) -> AuditEntry:
    return AuditEntry(AuditAction.STAFF_REMOVE, utc_now(), who, removed.role.value, removed.id, 1)


def member_called(db: DeskDb, name: str) -> StaffMember:
    found = _find(db, name)
    if found is None:
        raise DomainError("no_such_staff", name=name)
    return found


def _find(db: DeskDb, name: str) -> StaffMember | None:
    wanted = " ".join(name.split()).casefold()
    return next((each for each in db.staff() if each.name.casefold() == wanted), None)
