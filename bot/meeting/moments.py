"""Moments and stretches of a talk as people say them, by the clock in Amsterdam."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.dialogue.effects import Phrase, Words

ZONE = ZoneInfo("Europe/Amsterdam")


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
