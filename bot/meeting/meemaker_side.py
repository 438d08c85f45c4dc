"""What meemakers do in their own chat: their times, their agenda, invitations, and what happens at a talk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.dialogue.heard import Heard
from bot.dialogue.state import State
from bot.dialogue.turn import Turn
from bot.meeting.hours_words import ReadTimes, ReadWeek
from bot.meeting.ports import TalkDesk
from bot.ports import Conversation, TurnDb
from domain.message import Incoming
from domain.session import Meemaker, Tell
from domain.understanding import Expected


class TellsPeople(Protocol):
    """`bot.meeting.post.Post`."""

    def tell(self, db: TurnDb, desk: TalkDesk, tells: Sequence[Tell], at: datetime) -> None: ...


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
        self._post, self._read_week, self._read_times, self._reports = post, read_week, read_times, reports

    def turn(
        self, db: TurnDb, desk: TalkDesk, meemaker: Meemaker, conversation: Conversation, state: State,
        heard: Heard, incoming: Incoming,
    ) -> Turn | None:  # fmt: skip # read as one piece
        """None when this is not about talks in person: the conversation goes on as ever."""
        return None

    def expect(self, step: str) -> Expected | None:
        """What the step in `state.meeting` asks; None when it is not one of a meemaker's."""
        return None
