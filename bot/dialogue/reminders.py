"""When somebody who stopped halfway is reminded, and in what words: twice at most, by day, never without consent."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.dialogue.asking import key
from bot.dialogue.effects import Phrase, Say
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import look
from bot.forms.form import Form
from domain.consent import Purpose

FIRST, LAST = "remind_first", "remind_last"
AFTER = {FIRST: timedelta(hours=24), LAST: timedelta(days=7)}
"""How long after the last sign of life."""

ZONE = ZoneInfo("Europe/Amsterdam")
MORNING, EVENING = time(9), time(20)


def waits_for_reminder(state: State) -> bool:
    """Whether a question waits and a message about it was agreed to. After danger or a hand-over nobody is reminded."""
    halfway = state.phase in (Phase.ASKING, Phase.CONFIRMING, Phase.PAUSED) and bool(state.at)
    return halfway and state.began and state.consents.get(Purpose.REMINDERS.value, False)


def by_day(moment: datetime) -> datetime:
    """The same moment (UTC), or the first 9 in the morning in the Netherlands after it when it falls at night."""
    local = moment.astimezone(ZONE)
    if MORNING <= local.time() < EVENING:
        return moment
    day = local.date() + timedelta(days=1 if local.time() >= EVENING else 0)
    return datetime.combine(day, MORNING, ZONE).astimezone(UTC)


def end_of_day(moment: datetime) -> datetime:
    """When it becomes too late for a message on that day (UTC)."""
    return datetime.combine(moment.astimezone(ZONE).date(), EVENING, ZONE).astimezone(UTC)


def words_of_reminder(kind: str, state: State, form: Form, now: datetime) -> Say:
    """The reminder, with where the resident was. At a question that is not counted that is the next one that is."""
    view = look(state, form, now)
    number, total = view.place(state.at)
    number = number or min(view.progress()[0] + 1, total)
    said = Phrase("remind.first" if kind == FIRST else "remind.last", {"number": number, "total": total})
    return Say((said,), (key("start", title="go_on"), key("stop")))
