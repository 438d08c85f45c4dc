"""What a meemaker was asked last, as the short text that waits in the state of their conversation."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any

import orjson

from domain.session import Hours, Stretch

_START = '{"duo":'


class Asks(StrEnum):
    HOURS = "hours"  # their usual week, in words
    DAYS = "days"  # their usual week, with buttons: `hours` is what they chose so far
    AWAY = "away"  # when they cannot
    EXTRA = "extra"  # when they can beside their usual week
    ILL = "ill"  # till when
    CALENDAR = "calendar"  # where their own calendar is
    # A yes to what is said back:
    SURE_HOURS = "sure_hours"
    SURE_AWAY = "sure_away"
    SURE_EXTRA = "sure_extra"
    SURE_BACK = "sure_back"  # they can after all
    SURE_ILL = "sure_ill"
    SURE_SWAP = "sure_swap"
    SURE_NO_SHOW = "sure_no_show"

    @property
    def is_sure(self) -> bool:
        return self.value.startswith("sure_")


@dataclass(frozen=True, slots=True)
class DuoStep:
    asks: Asks
    hours: tuple[Hours, ...] = ()
    when: tuple[Stretch, ...] = ()
    session: str = ""

    @property
    def mark(self) -> str:
        """Short, and another one for whatever else may be asked: a button says yes to nothing but this."""
        return f"{zlib.crc32(step_to_json(self).encode()):x}"


def step_to_json(step: DuoStep) -> str:
    document: dict[str, Any] = {"duo": step.asks.value}
    if step.hours:
        document["hours"] = [
            [each.weekday, _minutes(each.begin), _minutes(each.until)] for each in step.hours
        ]
    if step.when:
        document["when"] = [[int(each.start.timestamp()), int(each.end.timestamp())] for each in step.when]
    if step.session:
        document["session"] = step.session
    return orjson.dumps(document).decode()


def step_from_json(text: str) -> DuoStep | None:
    """None for a step that is no meemaker's, and for none at all."""
    if not text.startswith(_START):
        return None
    document = orjson.loads(text)
    return DuoStep(
        Asks(document["duo"]),
        _hours(document.get("hours", ())),
        tuple(Stretch(_moment(start), _moment(end)) for start, end in document.get("when", ())),
        document.get("session", ""),
    )


def _hours(found: Sequence[Sequence[int]]) -> tuple[Hours, ...]:
    return tuple(
        Hours(weekday, time(*divmod(begin, 60)), time(*divmod(until, 60))) for weekday, begin, until in found
    )


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
