"""Hears the themes of open answers some time after they were given: a reply never waits for it, and answers that were
given while Rasa was away, or that an older model heard, come by later."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import structlog

from app.wiring import House
from domain.theme import is_open
from storage.themes import UnheardAnswer

log = structlog.get_logger()

WAIT = timedelta(minutes=1)
"""An answer may come in pieces, and be taken back at once."""
AT_ONCE = 50
"""Answers in one look."""
_INSTANCE = re.compile(r"\[\d+\]")


class ThemeHearing:
    """Follows the new answers, and goes through all of them from the start, every night and for every new model."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._round: tuple[date, tuple[str, ...]] | None = None
        self._after = 0
        self._failed = 0
        self._open: dict[tuple[str, str], frozenset[str]] = {}

    async def look(self) -> None:
        """At most AT_ONCE answers are heard; it ends early when the model gives no answer."""
        client = self._house.understanding.client
        if client is None or not self._house.understanding.is_warm:
            return
        now = self._house.now()
        if self._round != (now.date(), client.models):
            self._round, self._after = (now.date(), client.models), 0
        heard = await self._go_on(client.models, now)
        if heard:
            log.info("themes_heard", answers=heard)

    async def _go_on(self, models: Sequence[str], now: datetime) -> int:
        heard = 0
        while page := await asyncio.to_thread(self._house.store.unheard, self._after, now - WAIT):
            for answer in page:
                if answer.heard_by not in models and self._is_open(answer):
                    if heard == AT_ONCE or not await self._hear(answer, now):
                        return heard
                    heard += 1
                self._after = answer.id
        return heard

    async def _hear(self, answer: UnheardAnswer, now: datetime) -> bool:
        """False when it should be tried again. An answer that fails twice must not hold up the others: it waits for
        the next round."""
        parse = await self._house.understanding.parse(answer.text)
        if parse is None:
            gives_up = self._failed == answer.id and self._house.understanding.is_warm
            self._failed = answer.id
            return gives_up
        await self._house.store.with_themes(
            lambda table: table.keep(answer.id, parse.themes, parse.model, now)
        )
        return True

    def _is_open(self, answer: UnheardAnswer) -> bool:
        version = answer.questionnaire, answer.version
        if version not in self._open:
            form = self._house.shelf.find(*version)
            if form is None:
                return False
            self._open[version] = frozenset(
                each.path for each in form.questionnaire.questions if is_open(each)
            )
        return _INSTANCE.sub("", answer.path) in self._open[version]
