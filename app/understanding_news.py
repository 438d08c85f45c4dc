"""Tells the staff, in their own chat, that free words are not understood for now, and when they are again; once each."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from app.wiring import House
from bot.dialogue.effects import Phrase
from bot.ports import TurnDb
from domain.staff import Role

log = structlog.get_logger()

LASTS = timedelta(minutes=1)
"""A restart takes half a minute, and is no news. What comes and goes within less is told neither way."""

AWAY, BACK = "staff.understanding_away", "staff.understanding_back"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen so far: `told_full` is what the staff last heard (or took for granted), `other_since` (UTC) when it
    became otherwise, None while it is as they heard."""

    told_full: bool = True
    other_since: datetime | None = None


def judge(seen: Seen, *, is_full: bool, at: datetime) -> tuple[Seen, str]:
    """What to remember, and the phrase to tell now; empty when there is no news. `at` is UTC."""
    if is_full is seen.told_full:
        return replace(seen, other_since=None), ""
    since = seen.other_since or at
    if at - since < LASTS:
        return replace(seen, other_since=since), ""
    return Seen(told_full=is_full), BACK if is_full else AWAY


class UnderstandingNews:
    """Call `look` every few seconds. Where no model is expected there is never any news."""

    def __init__(self, house: House) -> None:
        self._house, self._seen = house, Seen()

    async def look(self) -> None:
        """Raises DomainError("storage_unavailable"); then the next look tells it."""
        understanding, at = self._house.understanding, self._house.now()
        if not understanding.is_expected:
            return
        if understanding.is_starting and self._seen == Seen():
            return  # on a slow machine a start takes longer than LASTS; only one that fails is news
        seen, phrase = judge(self._seen, is_full=understanding.is_warm, at=at)
        if phrase:
            told = await self._house.store.turn(lambda db: self._tell(db, phrase, at))
            log.warning(phrase.partition(".")[2], told=told)
        self._seen = seen

    def _tell(self, db: TurnDb, phrase: str, at: datetime) -> int:
        """To the coordinators; where none can be asked, to everybody who can. How many."""
        can = [member for member in db.desk.staff() if member.can_be_asked]
        told = [member for member in can if member.role is Role.COORDINATOR] or can
        for member in told:
            words = self._house.reception.words(member.language)
            db.desk.tell_member(member, words.message(Phrase(phrase)), at=at)
        return len(told)
