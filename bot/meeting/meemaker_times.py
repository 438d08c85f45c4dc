"""When a meemaker can: their usual week, when they cannot or can all the same, illness, and a calendar of their own. All is
said back before it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.dialogue.effects import Key, Phrase, Words
from bot.dialogue.turn import Turn
from bot.meeting import meemaker_exceptions as exceptions
from bot.meeting.agenda import Entry, duo_key, entries, menu
from bot.meeting.at_a_talk import talk_words, what_happens
from bot.meeting.hours_words import ReadTimes, ReadWeek, stretch_words, under_each_other, week_words
from bot.meeting.meemaker_here import Here
from bot.meeting.meemaker_step import Asks, DuoStep
from bot.meeting.meemaker_words import (
    Says,
    address_in,
    calendar_address,
    is_back,
    is_extra,
    is_only_against,
    only_times,
    plain,
    read_words,
)
from bot.meeting.moments import ZONE
from bot.meeting.taps import DuoTap, Tapped
from domain.session import Hours, Meemaker, Stretch
from domain.talk_outcomes import Done

DAYS, DAY = "days", "d"
NO_MORE = "none"
PARTS = {
    "morning": (time(9), time(12)),
    "afternoon": (time(12), time(18)),
    "evening": (time(18), time(22)),
    "whole": (time(9), time(22)),
}
WEEKS = {
    "weekdays": tuple(Hours(day, time(9), time(17)) for day in range(5)),
    "evenings": tuple(Hours(day, time(18), time(22)) for day in range(5)),
    "weekend": tuple(Hours(day, time(10), time(17)) for day in (5, 6)),
}
MOST_ROWS = 5
"""Of single stretches that are told; also as many as may be read from one text."""
_MOST_HOURS = 21
_ILL_DAYS = {"1": 1, "2": 2, "7": 7}
_LONGEST_TEXT = 300
_GONE = frozenset({"weg", "uit", "geen", "away", "off", "none"})

_LEAVE = duo_key(DuoTap.AGENDA, title="duo.button.leave")


@dataclass(frozen=True, slots=True)
class MeemakerTimes:
    read_week: ReadWeek
    read_times: ReadTimes

    # Buttons

    def hours(self, here: Here, tap: Tapped) -> Turn:
        about, value = tap.about, tap.value
        if about in WEEKS:
            return self._ask_week(here, WEEKS[about])
        if about == DAYS:
            return _ask_days(here, here.who.hours)
        if about[:1] == DAY and about[1:] in set("0123456"):
            return self._day(here, int(about[1:]), value)
        return _ask_hours(here)

    def away(self, here: Here, tap: Tapped) -> Turn:
        return _ask(here, Asks.EXTRA if tap.about == "extra" else Asks.AWAY)

    def ill(self, here: Here, tap: Tapped) -> Turn:
        days = _ILL_DAYS.get(tap.about)
        if days is None:
            return _ask(here, Asks.ILL)
        return self._be_ill(here, (Stretch(here.now, _midnight(here.now, days)),), keeps_talks=False)

    def calendar(self, here: Here, tap: Tapped) -> Turn:
        return _calendar_gone(here) if tap.about == "weg" else _ask(here, Asks.CALENDAR)

    # Words

    def answer(self, here: Here, step: DuoStep, text: str) -> Turn | None:
        """Words to what was asked last. A yes that is asked may be answered with other times."""
        match step.asks:
            case Asks.HOURS | Asks.DAYS | Asks.SURE_HOURS:
                return self._week(here, text) or self.explain(here, step)
            case Asks.AWAY | Asks.EXTRA | Asks.SURE_AWAY | Asks.SURE_EXTRA | Asks.SURE_BACK:
                return self._exception(here, step, text) or self.explain(here, step)
            case Asks.ILL | Asks.SURE_ILL:
                return self._ill_till(here, text) or self.explain(here, step)
            case Asks.CALENDAR:
                return _take_calendar(here, text) or self.explain(here, step)
            case _:
                return None

    def words(self, here: Here, says: Says, text: str) -> Turn | None:
        """Words that nobody asked for; None where they turn out to name no time."""
        match says:
            case Says.HOURS:
                return _ask_hours(here)
            case Says.WEEK:
                return self._week(here, text)
            case Says.AWAY | Says.EXTRA:
                return self._sure_of(here, Asks.SURE_AWAY if says is Says.AWAY else Asks.SURE_EXTRA, text)
            case Says.ILL:
                return self._ill_till(here, text) or _ask(here, Asks.ILL)
            case Says.CALENDAR:
                return _take_calendar(here, text)
            case _:
                return _calendar_gone(here)

    def _week(self, here: Here, text: str) -> Turn | None:
        hours = self.read_week(text) if len(text) <= _LONGEST_TEXT else ()
        if is_only_against(text):
            hours = _within(here.who.hours, hours) or hours
        return self._ask_week(here, hours) if 0 < len(hours) <= _MOST_HOURS else None

    def _exception(self, here: Here, step: DuoStep, text: str) -> Turn | None:
        asked_extra = step.asks in (Asks.EXTRA, Asks.SURE_EXTRA)
        extra = is_extra(text) or (asked_extra and read_words(text, in_between=True) is not Says.AWAY)
        return self._sure_of(here, Asks.SURE_EXTRA if extra else Asks.SURE_AWAY, text)

    def _ill_till(self, here: Here, text: str) -> Turn | None:
        """From now to the end of what is named: "donderdag" is till and with Thursday."""
        found = self._times_in(here, text)
        if not found:
            return None
        when = (Stretch(here.now, found[-1].end),)
        return self._sure(here, Asks.SURE_ILL, when)

    def _sure_of(self, here: Here, asks: Asks, text: str) -> Turn | None:
        found = self._times_in(here, text)
        if asks is Asks.SURE_EXTRA and is_back(text) and exceptions.are_away(here, found):
            asks = Asks.SURE_BACK
        return self._sure(here, asks, found) if found else None

    def _times_in(self, here: Here, text: str) -> tuple[Stretch, ...]:
        if len(text) > _LONGEST_TEXT:
            return ()
        found = [each for each in self.read_times(only_times(text), here.now) if each.end > here.now]
        return tuple(found) if len(found) <= MOST_ROWS else ()

    def explain(self, here: Here, step: DuoStep) -> Turn:
        """With an example; what was asked is still asked, and what was said back is said back again."""
        if step.asks is Asks.DAYS:
            return _ask_days(here, step.hours, _unread(Asks.HOURS))
        if step.asks is Asks.SURE_HOURS:
            return self._ask_week(here, step.hours, _unread(Asks.HOURS))
        if step.asks.is_sure:
            return self._sure(here, step.asks, step.when, _unread(step.asks))
        return here.say(_unread(step.asks), keys=(_LEAVE,), step=step)

    # Said back

    def _ask_week(self, here: Here, hours: Sequence[Hours], *lead: Words) -> Turn:
        step = DuoStep(Asks.SURE_HOURS, hours=tuple(hours))
        keys = (_sure(step), duo_key(DuoTap.HOURS, title="duo.button.other"), _LEAVE)
        return here.say(*lead, Phrase("duo.hours.sure"), week_words(hours), keys=keys, step=step)

    def _day(self, here: Here, day: int, part: str) -> Turn:
        """A day of the week was chosen, and then a part of it. What was chosen so far is kept with the question."""
        chosen = here.chosen if here.chosen is not None else here.who.hours
        if part in PARTS:
            new = Hours(day, *PARTS[part])
            others = [each for each in chosen if each.weekday != day or not _touch(each, new)]
            return _ask_days(here, sorted([*others, new], key=lambda each: (each.weekday, each.begin)))
        if part == NO_MORE:
            return _ask_days(here, [each for each in chosen if each.weekday != day])
        keys = [_part_key(day, each) for each in (*PARTS, NO_MORE)]
        words = Phrase("duo.hours.part", {"day": Phrase(f"day.{day}")})
        return here.say(words, keys=keys, step=DuoStep(Asks.DAYS, hours=tuple(chosen)))

    def _sure(self, here: Here, asks: Asks, when: tuple[Stretch, ...], *lead: Words) -> Turn:
        """What was understood, and the talks in that time, with the yes to it."""
        step = DuoStep(asks, when=when)
        times = under_each_other(stretch_words(each, here.now) for each in when)
        talks = _talks_in(here, when) if asks not in (Asks.SURE_EXTRA, Asks.SURE_BACK) else []
        again = {Asks.SURE_AWAY: (DuoTap.AWAY, ""), Asks.SURE_ILL: (DuoTap.ILL, "")}.get(
            asks, (DuoTap.AWAY, "extra")
        )
        other = duo_key(*again, title="duo.button.other")
        lines: list[Words] = [*lead, Phrase(f"duo.{asks.value}"), times]
        if not talks:
            return here.say(*lines, keys=(_sure(step), other, _LEAVE), step=step)
        lines += [Phrase("duo.talks_then", count=len(talks)), talk_words(here, talks)]
        lines.append(Phrase("duo.give_up", count=len(talks)))
        keys = [duo_key(DuoTap.SURE, step.mark, title="duo.button.give_up")]
        if asks is Asks.SURE_AWAY:
            keys.append(duo_key(DuoTap.SURE, step.mark, "keep", title="duo.button.keep_talks"))
        return here.say(*lines, keys=(*keys, other, _LEAVE), step=step)

    # Kept

    def keep(self, here: Here, step: DuoStep, *, keeps_talks: bool) -> Turn:
        match step.asks:
            case Asks.SURE_HOURS | Asks.DAYS:
                return _keep_hours(here, step.hours)
            case Asks.SURE_EXTRA:
                for each in step.when:
                    here.desk.add_extra(here.who.id, each)
                return here.say(Phrase("duo.extra.kept"), keys=_after())
            case Asks.SURE_BACK:
                return exceptions.cut(here, step.when)
            case Asks.SURE_ILL:
                return self._be_ill(here, step.when, keeps_talks=False)
            case _:
                return self._be_away(here, step.when, keeps_talks=keeps_talks)

    def once_more(self, here: Here, step: DuoStep) -> Turn:
        """No, that is not it: the same question again."""
        asks = {Asks.SURE_AWAY: Asks.AWAY, Asks.SURE_EXTRA: Asks.EXTRA, Asks.SURE_ILL: Asks.ILL}
        return _ask(here, asks[step.asks]) if step.asks in asks else _ask_hours(here)

    def _be_away(self, here: Here, when: Sequence[Stretch], *, keeps_talks: bool) -> Turn:
        said = self._give_up(here, when, keeps_talks=keeps_talks)
        return here.say(Phrase("duo.away.kept"), *said, keys=_after())

    def _be_ill(self, here: Here, when: Sequence[Stretch], *, keeps_talks: bool) -> Turn:
        said = self._give_up(here, when, keeps_talks=keeps_talks)
        until = Phrase("duo.ill.kept", {"when": stretch_words(when[-1], here.now)})
        begun = [each for each in _talks_in(here, when, begun=True) if each.session.when.start <= here.now]
        lines = [Phrase("duo.ill.begun")] if begun else []
        return here.say(until, *said, *lines, keys=_after())

    def _give_up(self, here: Here, when: Sequence[Stretch], *, keeps_talks: bool) -> list[Words]:
        outcomes: list[Done] = []
        for each in when:
            outcomes += [] if keeps_talks else here.desk.ill(here.who.id, each, now=here.now)
        for each in when:
            exceptions.note_away(here, each)
        here.tell([tell for done in outcomes for tell in done.tells])
        here.take_out(done.session.id for done in outcomes)
        return [under_each_other(what_happens(here, each) for each in outcomes)] if outcomes else []


def _keep_hours(here: Here, hours: Sequence[Hours]) -> Turn:
    here.desk.set_hours(here.who.id, hours)
    return here.say(Phrase("duo.hours.kept"), keys=_after())


def _ask_hours(here: Here) -> Turn:
    who = here.who
    lines: list[Words] = []
    if who.hours:
        lines += [Phrase("duo.hours.now"), week_words(who.hours)]
    lines += _exceptions(who, here.now)
    lines.append(Phrase("duo.hours.ask"))
    keys = [Key(Phrase(f"duo.week.{each}"), duo_key(DuoTap.HOURS, each).payload) for each in WEEKS]
    keys += [duo_key(DuoTap.HOURS, DAYS, title="duo.button.days"), *_back(here), _LEAVE]
    return here.say(*lines, keys=keys, step=DuoStep(Asks.HOURS))


def _exceptions(who: Meemaker, now: datetime) -> list[Words]:
    """The first ones to come, as far as they told of them or their calendar does."""
    lines: list[Words] = []
    for key, stretches in (("duo.hours.away", who.away), ("duo.hours.extra", who.extra)):
        to_come = sorted((each for each in stretches if each.end > now), key=lambda each: each.start)
        if to_come:
            lines += [
                Phrase(key),
                under_each_other(stretch_words(each, now) for each in to_come[:MOST_ROWS]),
            ]
    return lines


def _ask_days(here: Here, hours: Sequence[Hours], *lead: Words) -> Turn:
    days = [Key(Phrase(f"day.{day}"), duo_key(DuoTap.HOURS, f"{DAY}{day}").payload) for day in range(7)]
    step = DuoStep(Asks.DAYS, hours=tuple(hours))
    done = [duo_key(DuoTap.SURE, step.mark, title="duo.button.so")] if hours else []
    return here.say(
        *lead, Phrase("duo.hours.days"), week_words(hours), keys=(*days, *done, _LEAVE), step=step
    )


def _ask(here: Here, asks: Asks) -> Turn:
    keys: list[Key] = []
    if asks is Asks.AWAY:
        keys = [duo_key(DuoTap.AWAY, "extra", title="duo.button.extra"), *_back(here)]
    elif asks is Asks.ILL:
        keys = [duo_key(DuoTap.ILL, each, title=f"duo.ill.{each}") for each in _ILL_DAYS]
    elif asks is Asks.CALENDAR:
        keys = [duo_key(DuoTap.CALENDAR, "weg", title="duo.button.no_calendar")]
    return here.say(Phrase(f"duo.ask.{asks.value}"), keys=(*keys, _LEAVE), step=DuoStep(asks))


def _back(here: Here) -> tuple[Key, ...]:
    """Where there is something to take back."""
    return (exceptions.back_key(),) if exceptions.told(here) else ()


def _unread(asks: Asks) -> Words:
    return Phrase(f"duo.unread.{asks.value.removeprefix('sure_')}")


def _take_calendar(here: Here, text: str) -> Turn | None:
    """The address is as good as a password, and is not said back."""
    said = address_in(text)
    if not said:
        return _calendar_gone(here) if plain(text) in _GONE else None
    address = calendar_address(said)
    if not address:
        return here.say(Phrase("duo.calendar.bad"), keys=(_LEAVE,), step=DuoStep(Asks.CALENDAR))
    here.desk.set_calendar(here.who.id, address)
    return here.say(Phrase("duo.calendar.kept"), keys=_after())


def _calendar_gone(here: Here) -> Turn:
    here.desk.set_calendar(here.who.id, "")
    return here.say(Phrase("duo.calendar.gone"), keys=_after())


def _talks_in(here: Here, when: Sequence[Stretch], *, begun: bool = False) -> list[Entry]:
    """Those that are theirs in that time and have not begun, or also those that have."""
    return [
        each
        for each in entries(here.desk, here.who.id, here.now)
        if any(each.session.when.overlaps(one) for one in when) and (begun or each.stands(here.now))
    ]


def _sure(step: DuoStep) -> Key:
    return duo_key(DuoTap.SURE, step.mark, title="duo.button.sure")


def _part_key(day: int, part: str) -> Key:
    return Key(Phrase(f"duo.part.{part}"), duo_key(DuoTap.HOURS, f"{DAY}{day}", part).payload)


def _after() -> tuple[Key, ...]:
    return (duo_key(DuoTap.AGENDA), *menu())


def _touch(one: Hours, other: Hours) -> bool:
    return one.begin < _end_of(other.until) and other.begin < _end_of(one.until)


def _end_of(until: time) -> time:
    return until if until != time(0) else time.max


def _within(usual: Sequence[Hours], others: Sequence[Hours]) -> tuple[Hours, ...]:
    """What is left of their usual week when only `others` are."""
    return tuple(
        Hours(each.weekday, max(each.begin, other.begin), min(each.until, other.until, key=_end_of))
        for each in usual
        for other in others
        if each.weekday == other.weekday and _touch(each, other)
    )


def _midnight(now: datetime, days: int) -> datetime:
    """The end of the day in Amsterdam, `days` counted from and with today; in UTC."""
    day = now.astimezone(ZONE).date() + timedelta(days=days)
    return datetime.combine(day, time(0), ZONE).astimezone(now.tzinfo)
