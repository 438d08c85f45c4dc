"""`wijkverhaal vault`: a new key in front, everything encrypted anew with it, and old keys let go."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from app.settings import Settings
from domain.audit import AuditAction, AuditEntry
from domain.errors import DomainError

if TYPE_CHECKING:  # other commands do without the database's library
    from storage.base import Store
    from storage.vault import Vault

Say = Callable[[str], None]

_ELSEWHERE = (
    "The key comes from WIJKVERHAAL_KEY, so this command cannot put a new one there. 'wijkverhaal vault new-key' makes one. "
    "Put it in front of the old ones, with a comma between, restart every copy of the assistant, and run this again: "
    "then everything is encrypted with it."
)


def add_vault(
    app: typer.Typer, run: Callable[..., None], settings: Callable[[], Any], say: Say, console: Console
) -> None:
    """Adds the commands to `app`; how work is run, what the settings are and where lines go is the caller's."""
    vault = typer.Typer(
        help="The keys of names, chats and addresses.", no_args_is_help=True, rich_markup_mode="markdown"
    )

    @vault.command()
    def rotate() -> None:
        """Make a new key and encrypt everything with it, while the assistant runs. Interrupted, it goes on the next time.

        Example: `wijkverhaal vault rotate`
        """
        run(rotate_keys(settings(), say, console))

    @vault.command()
    def drop() -> None:
        """Take keys out of the key file that nothing is encrypted with any more. Backups from before still need them.

        Example: `wijkverhaal vault drop`
        """
        run(drop_old_keys(settings(), say))

    @vault.command("new-key")
    def new_key() -> None:
        """Print a fresh key, for machines that get it from WIJKVERHAAL_KEY.

        Example: `wijkverhaal vault new-key`
        """
        from storage.vault import new_key as make_key

        print(make_key())

    app.add_typer(vault, name="vault")


async def rotate_keys(settings: Settings, say: Say, console: Console) -> None:
    """Raises DomainError: rotating, wrong_key, still_old_keys, and as opening the vault and the database does."""
    from app.wiring import utc_now
    from storage.rotation import find_stale, re_encrypt
    from storage.vault import add_key

    async with _opened(settings) as (store, vault):
        if await find_stale(store, vault):
            say(
                "Some of it is still encrypted with an old key: that is done first, with the key that is in front."
            )
        elif settings.key:
            say(_ELSEWHERE)
            return
        else:
            add_key(settings.key_file)
            vault.notice()
            await store.note(AuditEntry(AuditAction.ROTATE, utc_now(), settings.operator, thing="new key"))
            say(
                f"A new key stands in front in {settings.key_file}. Make a new copy of that file, and keep the old copy too."
            )
        with console.status("Encrypting everything anew"):
            count = await re_encrypt(store, vault)
        if await find_stale(store, vault):
            raise DomainError("still_old_keys")
        await store.note(
            AuditEntry(AuditAction.ROTATE, utc_now(), settings.operator, thing="encrypted anew", count=count)
        )
    say(
        f"Everything is encrypted with the key in front; {count} {'value was' if count == 1 else 'values were'} written anew."
    )


async def drop_old_keys(settings: Settings, say: Say) -> None:
    """Raises DomainError: keys_needed, and as `rotate_keys`."""
    from app.wiring import utc_now
    from storage.rotation import find_stale
    from storage.vault import drop_keys

    async with _opened(settings) as (store, vault):
        if await find_stale(store, vault):
            raise DomainError("keys_needed")
        if settings.key:
            say(
                "The key comes from WIJKVERHAAL_KEY. Leave there the first key and the last one; the last makes the hashes."
            )
            return
        count = drop_keys(settings.key_file)
        await store.note(
            AuditEntry(
                AuditAction.ROTATE, utc_now(), settings.operator, thing="old keys dropped", count=count
            )
        )
    if count:
        say(
            f"{count} old {'key is' if count == 1 else 'keys are'} gone from {settings.key_file}; the last one stays, it makes the hashes."
        )
    else:
        say("There is no key to drop: the first one encrypts, and the last one makes the hashes.")


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple["Store", "Vault"]]:
    """With the key file for ourselves, where there is one."""
    from contextlib import nullcontext

    from app.wiring import new_id, open_vault
    from storage.store import open_store
    from storage.vault import alone_with

    vault = open_vault(settings)
    with nullcontext() if settings.key else alone_with(settings.key_file):
        vault.notice()
        store = open_store(settings.database, vault=vault, new_id=new_id)
        try:
            yield store, vault
        finally:
            await store.close()
