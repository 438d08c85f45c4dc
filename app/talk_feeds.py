"""Talks as a calendar to subscribe to: one private address for a meemaker or a location, and what stands behind it.

Whoever has the address sees when and where talks are, and nobody's name but those of the duo. The address is as good as a
password: only a keyed hash of it is kept, and it stands in no log."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.settings import Settings
from app.talk_calendar import TalkCalendar
from bot.texts.catalogue import LANGUAGES
from domain.session import Place, Session
from storage.people import FeedKind
from storage.sessions import SessionTable
from storage.store import Store
from storage.vault import Vault

PAST = timedelta(days=30)
"""How long a talk that is over, or off, stays in a feed."""

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class _Shown:
    kind: FeedKind
    id: str
    sessions: Sequence[Session]
    places: Sequence[Place]
    names: dict[str, str]


class TalkFeeds:
    """`now` gives UTC. Raises DomainError("storage_unavailable") like the store."""

    def __init__(
        self, store: Store, vault: Vault, calendar: TalkCalendar, now: Callable[[], datetime]
    ) -> None:
        self._store, self._vault, self._calendar, self._now = store, vault, calendar, now

    async def show(self, token: str) -> bytes | None:
        """The calendar with that token (UTF-8); None when there is none (any more)."""
        at, digest = self._now(), feed_hash(self._vault, token)

        def read(talks: SessionTable) -> _Shown | None:
            found = talks.find_feed(digest)
            if found is None:
                return None
            sessions = talks.all_of(*found, since=at - PAST)
            duo = {each for session in sessions for each in session.meemakers if each}
            return _Shown(*found, sessions, talks.places(), talks.names(sorted(duo)))

        shown = await self._store.with_sessions(read)
        if shown is None:
            return None
        places = {each.id: each for each in shown.places}
        is_place = shown.kind == "place"
        return self._calendar.feed_of(
            shown.sessions,
            places,
            shown.names,
            reader="" if is_place else shown.id,
            place=places[shown.id].name if is_place and shown.id in places else "",
            language=LANGUAGES[0],
            at=at,
        )


def feed_hash(vault: Vault, token: str) -> str:
    return vault.contact_hash("feed", token)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def address_of_feed(settings: Settings, token: str) -> str:
    """As it is reached from outside, where that is known: Telegram's webhook comes the same way."""
    outside = urlsplit(settings.webhook_url)
    base = (
        f"{outside.scheme}://{outside.netloc}"
        if outside.netloc
        else f"http://{settings.host}:{settings.port}"
    )
    return f"{base}/agenda/{token}.ics"
