"""Moments and stretches of a talk as people say them, by the clock in Amsterdam."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.dialogue.effects import Phrase, Words

ZONE = ZoneInfo("Europe/Amsterdam")
_SHORT = timedelta(minutes=30)


def when_words(moment: datetime) -> Words:
    """ "dinsdag 1 december, 14.00 uur"; `moment` is UTC."""
    local = moment.astimezone(ZONE)
    return Phrase(
        "meeting.when",
        {
            "day": Phrase(f"day.{local.weekday()}"),
            "number": local.day,
            "month": Phrase(f"month.{local.month}"),
            "clock": Phrase("hours.clock", {"hour": str(local.hour), "minute": f"{local.minute:02}"}),
        },
    )


def kind_deadline(until: datetime, now: datetime) -> datetime:
    """What is said of a deadline: at the quarter before it, unless that leaves less than half an hour. Never later than it is;
    both are UTC."""
    quarter = until - timedelta(
        minutes=until.minute % 15, seconds=until.second, microseconds=until.microsecond
    )
    return quarter if quarter >= now + _SHORT else until
