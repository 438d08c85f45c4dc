"""Who is there to talk with, as far as the dialogue has to know; who that is and when is decided elsewhere."""

from dataclasses import dataclass

from bot.dialogue.effects import Literal, Words

_NO_HOURS = Literal("")


@dataclass(frozen=True, slots=True)
class People:
    """`can_write`: there are staff, and what they write reaches this resident. `hours` are the times at which they
    answer, in words; `opens` is when they are back, None while they are there. `hear_danger`: whether somebody is told
    of danger that is heard now, None where nobody looked; `said_before` when the turn before told the resident that."""

    can_write: bool = False
    hours: Words = _NO_HOURS
    opens: Words | None = None
    hear_danger: bool | None = None
    said_before: bool = False


NOBODY = People()
