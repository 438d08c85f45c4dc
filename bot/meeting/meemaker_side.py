"""What meemakers do in their own chat: their times, their agenda, invitations, and what happens at a talk.

Theory of operation. A button of theirs is answered by how things are now, whatever was asked last. Words are an answer to
what was asked last, where something was; else they are taken only when they can be nothing but about talks, and no question
of a questionnaire waits. Times are said back before anything is kept, and talks are named before they are given up. The yes
to that names what it was asked for, so that a late press says yes to nothing else.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.dialogue.effects import Phrase, Say
from bot.dialogue.heard import Heard
from bot.dialogue.state import Phase, State
from bot.dialogue.turn import Turn
from bot.meeting import meemaker_exceptions as exceptions
from bot.meeting.agenda import duo_key, menu
from bot.meeting.at_a_talk import AtATalk
from bot.meeting.hours_words import ReadTimes, ReadWeek
from bot.meeting.meemaker_here import Here
from bot.meeting.meemaker_step import Asks, DuoStep, step_from_json
from bot.meeting.meemaker_times import MeemakerTimes
from bot.meeting.meemaker_words import Says, read_words
from bot.meeting.ports import TalkDesk
from bot.meeting.taps import DuoTap, Tapped, read_tap
from bot.meeting.telling import TellsPeople
from bot.ports import Conversation, TurnDb
from domain.message import Incoming, IncomingKind
from domain.session import Meemaker
from domain.understanding import Command, Expected, ExpectedKind, Social, Understanding, UnderstandingKind

_ABOUT_TALKS = (Command.MY_SESSIONS, Command.RESCHEDULE, Command.CANCEL_SESSION)
_NOT_NOW = (Command.BACK, Command.SKIP, Command.REFUSE)
_ONCE_MORE = (Command.DONT_KNOW, Command.EXPLAIN, Command.REPEAT)
_WAITS = (Phase.ASKING, Phase.CONFIRMING, Phase.TALKING)


def _is_about_something_else(says: Says | None, step: DuoStep) -> bool:
    if says is Says.ILL:
        return step.asks not in (Asks.ILL, Asks.SURE_ILL)
    return says in (Says.AGENDA, Says.CALENDAR, Says.NO_CALENDAR, Says.HOURS)


class TakesReports(Protocol):
    """`bot.meeting.report_side.ReportSide`."""

    def turn(
        self, db: TurnDb, desk: TalkDesk, meemaker: Meemaker, conversation: Conversation, state: State,
        heard: Heard, incoming: Incoming,
    ) -> Turn | None: ...  # fmt: skip # read as one piece


class MeemakerSide:
    """`read_week` and `read_times` read everyday words; without `reports` there is no report after a talk."""

    def __init__(
        self,
        post: TellsPeople,
        read_week: ReadWeek,
        read_times: ReadTimes,
        reports: TakesReports | None = None,
    ) -> None:
        self._post, self._reports = post, reports
        self._times, self._talks = MeemakerTimes(read_week, read_times), AtATalk()
        self._by_tap: Mapping[DuoTap, Callable[[Here, Tapped], Turn | None]] = {
            DuoTap.AGENDA: lambda here, _: self._talks.agenda(here),
            DuoTap.HOURS: self._times.hours,
            DuoTap.AWAY: self._times.away,
            DuoTap.ILL: self._times.ill,
            DuoTap.BACK: exceptions.tapped,
            DuoTap.CALENDAR: self._times.calendar,
            DuoTap.YES: lambda here, tap: self._talks.accept(here, tap.about),
            DuoTap.NO: lambda here, tap: self._talks.decline(here, tap.about),
            DuoTap.SWAP: lambda here, tap: self._talks.swap(here, tap.about),
            DuoTap.ARRIVED: lambda here, tap: self._talks.arrived(here, tap.about),
            DuoTap.LEFT: lambda here, tap: self._talks.left(here, tap.about),
            DuoTap.NO_SHOW: lambda here, tap: self._talks.no_show(here, tap.about),
            DuoTap.FINISHED: lambda here, tap: self._talks.finished(here, tap.about),
            DuoTap.REPORT: lambda here, _: self._talks.no_report(here),
            DuoTap.SURE: self._sure,
        }

    def turn(
        self, db: TurnDb, desk: TalkDesk, meemaker: Meemaker, conversation: Conversation, state: State,
        heard: Heard, incoming: Incoming,
    ) -> Turn | None:  # fmt: skip # read as one piece
        """None when this is not about talks in person: the conversation goes on as ever."""
        said = heard.understanding
        if said is not None and said.kind is UnderstandingKind.SAFETY:
            return None
        if self._reports is not None:
            reported = self._reports.turn(db, desk, meemaker, conversation, state, heard, incoming)
            if reported is not None:
                return reported
        here = Here(db, desk, self._post, meemaker, conversation, state, incoming.at)
        tap = read_tap(incoming.text) if incoming.kind in (IncomingKind.TAP, IncomingKind.TEXT) else None
        if tap is not None:
            return self._by_tap[tap.what](here, tap) if isinstance(tap.what, DuoTap) else None
        if heard.tap is not None or heard.kind is not IncomingKind.TEXT or said is None:
            return None
        return self._words(here, said, incoming.text)

    def can_do(self, words: Phrase) -> Say:
        """These words, with what a meemaker can do at any moment."""
        return Say((words,), (duo_key(DuoTap.AGENDA), *menu()))

    def expect(self, step: str) -> Expected | None:
        """What the step in `state.meeting` asks; None when it is not one of a meemaker's."""
        asked = step_from_json(step)
        if asked is None:
            return None
        return Expected(ExpectedKind.YESNO if asked.asks.is_sure else ExpectedKind.TEXT)

    def _words(self, here: Here, said: Understanding, text: str) -> Turn | None:
        step = step_from_json(here.state.meeting)
        if said.kind is UnderstandingKind.COMMAND:
            return self._command(here, step, said.value)
        is_yes_no = said.kind is UnderstandingKind.ANSWER and said.value in ("yes", "no")
        if step is not None and step.asks.is_sure and is_yes_no:
            return self._do(here, step) if said.value == "yes" else self._leave(here, step)
        in_between = step is not None or here.state.phase not in _WAITS
        says = read_words(text, in_between=in_between)
        if step is None or _is_about_something_else(says, step):
            return self._loose(here, says, text) or self._outside_questions(here, said, text)
        return self._times.answer(here, step, text) or self._loose(here, says, text)

    def _outside_questions(self, here: Here, said: Understanding, text: str) -> Turn | None:
        """A hello, times, or words that nobody understands, of somebody who never began the questions for residents: that
        is no wish to begin them. Days and times are those of every week: that is what the welcome asks for."""
        if here.state.phase is not Phase.NEW:
            return None
        if times := self._times.words(here, Says.WEEK, text):
            return times
        greets = said.kind is UnderstandingKind.SOCIAL and said.value == Social.GREET
        words = Phrase("duo.greeted" if greets else "duo.not_heard")
        return here.show(self.can_do(words))

    def _command(self, here: Here, step: DuoStep | None, command: str) -> Turn | None:
        if command in _ABOUT_TALKS:
            return self._talks.agenda(here)
        if step is None or command not in (*_NOT_NOW, *_ONCE_MORE):
            return None
        if command in _NOT_NOW:
            return self._talks.left_as_it_is(here)
        match step.asks:
            case Asks.SURE_SWAP:
                return self._talks.swap(here, step.session)
            case Asks.SURE_NO_SHOW:
                return self._talks.no_show(here, step.session)
            case _:
                return self._times.explain(here, step)

    def _loose(self, here: Here, says: Says | None, text: str) -> Turn | None:
        """Words that answer nothing that was asked."""
        match says:
            case None:
                return None
            case Says.AGENDA:
                return self._talks.agenda(here)
            case Says.CAN | Says.CANNOT | Says.SWAP | Says.ARRIVED | Says.LEFT | Says.NO_SHOW | Says.FINISHED:
                return self._talks.words(here, says)
            case _:
                return self._times.words(here, says, text)

    def _sure(self, here: Here, tap: Tapped) -> Turn:
        step = step_from_json(here.state.meeting)
        if step is None or step.mark != tap.about:
            return self._talks.too_late(here)
        return self._do(here, step, keeps_talks=bool(tap.value))

    def _do(self, here: Here, step: DuoStep, *, keeps_talks: bool = False) -> Turn:
        match step.asks:
            case Asks.SURE_SWAP:
                return self._talks.give_up(here, step.session)
            case Asks.SURE_NO_SHOW:
                return self._talks.nobody_came(here, step.session)
            case _:
                return self._times.keep(here, step, keeps_talks=keeps_talks)

    def _leave(self, here: Here, step: DuoStep) -> Turn:
        if step.asks in (Asks.SURE_SWAP, Asks.SURE_NO_SHOW):
            return self._talks.left_as_it_is(here)
        return self._times.once_more(here, step)
