"""The commands `campaign`, `meemaker` and `erase`: rows that the running assistant works from; storage does the work."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from app.links import link_with, page_link_with
from app.settings import Settings
from app.shelf import open_shelf
from app.wiring import new_id, open_vault, utc_now
from bot.assisting import INVITATION
from bot.dialogue.taps import MAX_CODE
from bot.erasing import new_number
from bot.inviting import Inviting, is_daytime
from bot.ports import FormShelf
from bot.texts.catalogue import Catalogue, load_catalogue
from domain.audit import AuditAction, AuditEntry
from domain.campaign import Campaign
from domain.consent import Purpose
from domain.errors import DomainError
from storage.base import Store
from storage.store import open_store

Say = Callable[[str], None]
CHANNEL = "telegram"
"""The one channel that can write first."""

AT_ONCE = 50
LINK_LASTS = timedelta(days=7)


async def create_campaign(
    settings: Settings, name: str, form: Path, wave: int, purposes: Sequence[Purpose], say: Say
) -> None:
    """Raises DefinitionError, and DomainError: no_such_form, form_changed, campaign_name, campaign_exists."""
    code = code_for(name)
    shelf = open_shelf(form, cache=settings.form_cache)
    questionnaire = shelf.current().questionnaire
    campaign = Campaign(code, name, questionnaire.id, questionnaire.version, wave, tuple(purposes))
    store = _store(settings)
    try:
        await shelf.join(store, utc_now())
        if not await store.with_campaigns(lambda table: table.create(campaign, utc_now())):
            raise DomainError("campaign_exists", name=code)
    finally:
        await store.close()
    say(f"The campaign {name} asks {questionnaire.id}, version {questionnaire.version}, round {wave}.")
    say(f"Its link: {await link_with(settings, code)}")


def code_for(name: str) -> str:
    """The code in a campaign's link. Raises DomainError("campaign_name") when nothing of the name can stand there."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_CODE].strip("-")
    if not code or code.startswith(INVITATION):
        raise DomainError("campaign_name", name=name)
    return code


async def invite_to_campaign(settings: Settings, name: str, references: Path | None, say: Say) -> None:
    """Everybody who may be invited, or those of them whose references stand in a file, one a line.

    Raises DomainError: no_such_campaign, no_such_file.
    """
    only = _read_references(references) if references is not None else None
    shelf = open_shelf(cache=settings.form_cache)
    compose = Inviting(shelf, load_catalogue()).compose
    store = _store(settings)
    try:
        await shelf.join(store, utc_now())
        code = code_for(name)
        campaign = await store.with_campaigns(lambda table: table.find(code))
        if campaign is None:
            raise DomainError("no_such_campaign", name=name)
        invited = await store.with_campaigns(
            lambda table: table.invite(campaign, CHANNEL, utc_now(), compose, only),
            note=lambda count: AuditEntry(
                AuditAction.INVITE, utc_now(), settings.operator, f"campaign {code}", count=count
            ),
        )
    finally:
        await store.close()
    say(f"{invited} {'invitation waits' if invited == 1 else 'invitations wait'} to be sent.")
    say("They go out while the assistant runs, between 9:00 and 20:00.")


def _read_references(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError("no_such_file", path=file) from error


async def list_campaigns(settings: Settings, say: Say) -> None:
    store = _store(settings)
    try:
        found = await store.with_campaigns(lambda table: table.all())
    finally:
        await store.close()
    if not found:
        say("There are no campaigns yet.")
    for campaign, counts in found:
        say(
            f"{campaign.code}: {campaign.questionnaire} {campaign.version}, round {campaign.wave}. "
            f"Invited: {counts.invited} (waiting: {counts.waiting}), begun: {counts.begun}, finished: {counts.finished}"
        )


async def send_invitations(store: Store, shelf: FormShelf, catalogue: Catalogue, now: datetime) -> int:
    """A tick of the clock: what waits goes into the outbox, by day only. Returns how many."""
    if not is_daytime(now):
        return 0
    compose = Inviting(shelf, catalogue).compose
    return await store.with_campaigns(lambda table: table.send_waiting(CHANNEL, now, compose, AT_ONCE))


async def invite_meemaker(settings: Settings, name: str, say: Say) -> None:
    id, code = f"meemaker-{new_id()[:8]}", f"{INVITATION}{new_id()}"
    until = utc_now() + LINK_LASTS
    store = _store(settings)
    try:
        noted = AuditEntry(AuditAction.INVITE, utc_now(), settings.operator, "meemaker", id, 1)
        await store.with_meemakers(
            lambda table: table.invite(id, name, code, until=until), note=lambda _: noted
        )
    finally:
        await store.close()
    say(f"{name} is {id} in exports.")
    say(f"The link works once, for a week: {await link_with(settings, code)}")
    page = page_link_with(settings, code)
    if page:
        say(f"Or, just as well, on the chat page: {page}")


async def list_meemakers(settings: Settings, say: Say) -> None:
    store = _store(settings)
    try:
        found = await store.with_meemakers(
            lambda table: table.all(),
            note=lambda found: AuditEntry(
                AuditAction.LIST, utc_now(), settings.operator, "meemakers", count=len(found)
            ),
        )
    finally:
        await store.close()
    if not found:
        say("There are no meemakers yet.")
    for id, name, joined in found:
        say(f"{id}: {name}{'' if joined else ', has not used the link yet'}")


async def erase_by_code(settings: Settings, code: str, say: Say) -> None:
    """Raises DomainError("no_such_code")."""
    store, number = _store(settings), new_number(new_id())
    try:
        erased = await store.with_meemakers(
            lambda table: table.erase(code.strip().upper(), utc_now(), receipt=number, who=settings.operator)
        )
    finally:
        await store.close()
    if not erased:
        raise DomainError("no_such_code")
    say(
        f"Everything that belongs to this code is erased. Receipt: {number}. Give the resident this number: it names nobody."
    )


def _store(settings: Settings) -> Store:
    return open_store(settings.database, vault=open_vault(settings), new_id=new_id)
