"""Sends the reminders that are due; when they are planned and cancelled is a turn's business."""

from datetime import datetime, timedelta

from bot.dialogue.reminders import (
    AFTER,
    FIRST,
    LAST,
    by_day,
    end_of_day,
    waits_for_reminder,
    words_of_reminder,
)
from bot.dialogue.state import state_from_json
from bot.ports import DueReminder, FormShelf, PlannedWork, Reminder, ReminderStore, reminder_key
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer

LEASE = timedelta(minutes=2)
AT_ONCE = 100


class Reminders:
    """One after a day and one after a week of silence, by day in the Netherlands, then no more."""

    def __init__(self, store: ReminderStore, shelf: FormShelf, catalogue: Catalogue) -> None:
        self._store, self._shelf, self._catalogue = store, shelf, catalogue

    async def send_due(self, now: datetime) -> int:
        """How many messages were written to the outbox. `now` is UTC. Raises DomainError("storage_unavailable")."""
        sent = 0
        while due := await self._store.claim_reminders(now=now, limit=AT_ONCE, lease=LEASE):
            for each in due:
                sent += await self._store.remind(
                    each, lambda planned, state: self._decide(planned, state, now), now=now
                )
        return sent

    def _decide(self, due: DueReminder, stored: str, now: datetime) -> Reminder | PlannedWork | None:
        """At night the same again in the morning: the clock may have stood still at the planned hour."""
        state = state_from_json(stored)
        form = self._shelf.find(state.questionnaire, state.version)
        if form is None or not form.has(state.at) or not waits_for_reminder(state):
            return None
        if by_day(now) != now:
            return PlannedWork(due.key, due.kind, by_day(now))
        message = Renderer(self._catalogue, form, state.language).message(
            words_of_reminder(due.kind, state, form, now)
        )
        return Reminder(message, end_of_day(now), self._after(due, now) if due.kind == FIRST else None)

    @staticmethod
    def _after(due: DueReminder, now: datetime) -> PlannedWork:
        """The last one, counted from the same silence as the first; never on the heels of a first that came late."""
        planned = max(due.due_at - AFTER[FIRST] + AFTER[LAST], now + AFTER[FIRST])
        return PlannedWork(reminder_key(due.reference), LAST, by_day(planned))
