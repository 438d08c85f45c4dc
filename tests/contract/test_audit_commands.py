"""Every command says what it leaves in the audit log, or why it has nothing to leave; and it leaves that."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main

from app import sessions, staff_chat
from app.campaigns import create_campaign, invite_meemaker, invite_to_campaign, list_meemakers
from app.cli import app
from app.people import import_people, import_places, invite_person, list_people, new_feed
from app.planning import plan_now
from app.settings import Settings, read_settings
from app.staff import invite_member, list_members
from app.staff_chat import chat_as_member
from domain.audit import AuditAction
from domain.consent import Purpose
from domain.errors import DomainError
from domain.staff import Role
from scheduler.hours import AMSTERDAM
from storage import Store
from storage.base import Store as BaseStore
from tests.contract.conftest import KEY, Database
from tests.unit.storage.talking import stored

pytestmark = pytest.mark.anyio
one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""That a row comes and goes with what it tells of holds on both already."""

NOBODY = "tells of nobody"
OWN = "only who types is in it"
COUNTS = "only counts and states of the whole"
MADE_UP = "nobody in it exists"
ITSELF = "is the account itself"

LEAVES: dict[str, AuditAction | str] = {
    "serve": "the running product; what it does by itself is noted where it happens",
    "setup": NOBODY,
    "chat": OWN,
    "trace": AuditAction.TRACE,
    "signals": AuditAction.SIGNALS,
    "demo": MADE_UP,
    "erase": AuditAction.ERASE,
    "export": AuditAction.EXPORT,
    "understand": OWN,
    "plan": AuditAction.PLAN,
    "forms check": NOBODY,
    "forms preview": NOBODY,
    "forms publish": NOBODY,
    "forms trace": OWN,
    "campaign create": NOBODY,
    "campaign invite": AuditAction.INVITE,
    "campaign list": COUNTS,
    "meemaker invite": AuditAction.INVITE,
    "meemaker list": AuditAction.LIST,
    "nlu test": NOBODY,
    "nlu review": AuditAction.REVIEW,
    "nlu figures": NOBODY,
    "people import": AuditAction.PEOPLE_IMPORT,
    "people list": AuditAction.LIST,
    "people invite": AuditAction.INVITE,
    "people feed": AuditAction.FEED,
    "people template": NOBODY,
    "places import": AuditAction.PLACES_IMPORT,
    "places list": NOBODY,
    "places feed": AuditAction.FEED,
    "places template": NOBODY,
    "sessions add-group": AuditAction.SESSION_OPEN,
    "sessions add-street": AuditAction.SESSION_OPEN,
    "sessions list": AuditAction.LIST,
    "sessions move": AuditAction.SESSION_MOVE,
    "sessions cancel": AuditAction.SESSION_CANCEL,
    "db upgrade": NOBODY,
    "db check": COUNTS,
    "db backup": AuditAction.BACKUP,
    "db restore": AuditAction.RESTORE,
    "db move": AuditAction.MOVE,
    "staff invite": AuditAction.STAFF_INVITE,
    "staff list": AuditAction.LIST,
    "staff remove": AuditAction.STAFF_REMOVE,
    "staff chat": AuditAction.STAFF_CHAT,
    "audit list": ITSELF,
    "audit verify": ITSELF,
    "audit anchor": ITSELF,
    "vault rotate": AuditAction.ROTATE,
    "vault drop": AuditAction.ROTATE,
    "vault new-key": NOBODY,
    "tables": AuditAction.TABLES,
    "tables releases": COUNTS,
    "retention": AuditAction.EXPIRE,
    "receipts": COUNTS,
}
PEOPLE = """\
naam;soort;talen;wijken;max per week;beschikbaar;duo
Els Peeters;bewoner;nl;Nazareth;5;ma-vr 09:00-17:00;Jo
Jo;professional;nl;Nazareth;5;ma-vr 09:00-17:00;
"""
PLACES = "naam;adres;wijk;openingstijden;ruimtes;drempelvrij\nBuurthuis;Kerkplein 1;Nazareth;ma-vr 09:00-17:00;zaal 12;ja\n"


def commands(found: Any, before: tuple[str, ...] = ()) -> Iterator[str]:
    """The full name of everything that can be typed."""
    inside = getattr(found, "commands", {})
    if before and (not inside or found.invoke_without_command):
        yield " ".join(before)
    for name, inner in inside.items():
        yield from commands(inner, (*before, name))


def test_every_command_says_what_it_leaves_in_the_audit_log() -> None:
    found = set(commands(typer.main.get_command(app)))

    assert found - LEAVES.keys() == set(), "say in LEAVES what it leaves, or why that is nothing"
    assert LEAVES.keys() - found == set()


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir(exist_ok=True)
    environment = {
        "WIJKVERHAAL_DATA": str(tmp_path / "data"),
        "WIJKVERHAAL_RULES_ONLY": "yes",
        "WIJKVERHAAL_OPERATOR": "annabel",
    }
    return replace(read_settings(environment), database=database.url, key=KEY)


def silent(sentence: str) -> None:
    pass


def noted(store: Store) -> list[tuple[object, ...]]:
    found = stored(store, "number, who, action, thing, count", "audit ORDER BY number")
    assert {who for _, who, *_ in found} <= {"operator:annabel"}
    return [tuple(row[2:]) for row in found]


def tuesday(hour: int) -> str:
    today = datetime.now(AMSTERDAM).date()
    return f"{today + timedelta(days=7 + (1 - today.weekday()) % 7)} {hour}:00"


async def with_town(settings: Settings) -> None:
    for name, text, put in (("people.csv", PEOPLE, import_people), ("places.csv", PLACES, import_places)):
        file = settings.data / name
        file.write_text(text, encoding="utf-8")
        await put(settings, file, False, False, silent)


@one_database
async def test_whoever_looks_at_meemakers_and_invites_them_is_noted(store: Store, settings: Settings) -> None:
    await with_town(settings)
    await list_people(settings, silent)
    await invite_person(settings, "Jo", False, silent)
    await new_feed(settings, "meemaker", "Jo", silent)
    await new_feed(settings, "place", "Buurthuis", silent)
    await invite_meemaker(settings, "Wim", silent)
    await list_meemakers(settings, silent)

    assert noted(store) == [
        ("people-import", "", 2),
        ("places-import", "", 1),
        ("list", "meemakers", 2),
        ("invite", "meemaker", 1),
        ("feed", "meemaker", 1),
        ("feed", "place", 1),
        ("invite", "meemaker", 1),
        ("list", "meemakers", 3),
    ]
    assert not any(name in str(stored(store, "*", "audit")) for name in ("Els", "Wim", "Kerkplein"))


@one_database
async def test_whoever_plans_moves_and_calls_off_talks_is_noted(store: Store, settings: Settings) -> None:
    await with_town(settings)
    asked = sessions.Asked("Els+Jo", tuesday(14), 120, place="Buurthuis")
    await sessions.add_group(settings, asked, silent)
    street = replace(asked, start=tuesday(10), place="", spot="Op het plein", neighbourhood="Nazareth")
    await sessions.add_street(settings, street, silent)
    [(group, _), (other, _)] = stored(store, "id, start_at", "sessions ORDER BY start_at DESC")
    await sessions.move_session(settings, group, sessions.Change(start=tuesday(15)), silent)
    await sessions.cancel_session(settings, other, "Het regent.", silent)
    await sessions.list_sessions(settings, "", "", silent)
    await plan_now(settings, 1, publishing=False, say=silent)

    assert noted(store)[2:] == [
        ("session-open", group, 0),
        ("session-open", other, 0),
        ("session-move", group, 0),
        ("session-cancel", other, 2),
        ("list", "sessions", 2),
        ("plan", "preview", 0),
    ]


@one_database
async def test_whoever_invites_a_round_and_sits_down_as_staff_is_noted(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(prompt: str = "") -> AsyncIterator[str]:
        for line in list[str]():
            yield line

    monkeypatch.setattr(staff_chat, "standard_input", nothing)
    form = Path("bot/questionnaires/veerkracht.md")
    await create_campaign(settings, "Voorjaar", form, 2, [Purpose.ANSWERS], silent)
    await invite_to_campaign(settings, "Voorjaar", None, silent)
    await invite_member(settings, "Anna", Role.DUTY, silent)
    await list_members(settings, silent)
    await chat_as_member(settings, "Anna", silent)

    assert noted(store) == [
        ("invite", "campaign voorjaar", 0),
        ("staff-invite", "duty", 1),
        ("list", "staff", 1),
        ("staff-chat", "duty", 1),
    ]


@one_database
async def test_a_list_that_cannot_be_noted_is_not_shown(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_town(settings)

    def refuse(*_: object) -> None:
        raise DomainError("storage_unavailable")

    monkeypatch.setattr(BaseStore, "audit", refuse)
    shown: list[str] = []
    looks: list[Callable[[], Any]] = [
        lambda: list_people(settings, shown.append),
        lambda: list_meemakers(settings, shown.append),
        lambda: list_members(settings, shown.append),
        lambda: sessions.list_sessions(settings, "", "", shown.append),
        lambda: plan_now(settings, 1, publishing=False, say=shown.append),
        lambda: invite_person(settings, "Jo", False, shown.append),
        lambda: new_feed(settings, "meemaker", "Jo", shown.append),
    ]
    for look in looks:
        with suppress(DomainError):
            await look()
            pytest.fail("it was shown and not noted")
    assert not any("Els" in line or "Jo" in line for line in shown)
