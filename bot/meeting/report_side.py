"""The report of a talk: a questionnaire of its own, begun by a meemaker with the button under that talk, and kept with it."""

from datetime import datetime

from bot.dialogue import taps
from bot.dialogue.advance import advance
from bot.dialogue.effects import Begin, Effect, Key, Literal, Phrase, Plan, Say, Words
from bot.dialogue.heard import Heard
from bot.dialogue.state import Phase, State
from bot.dialogue.tracks import REPORT, begin_report
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.meeting.ports import TalkDesk
from bot.meeting.taps import DuoTap, payload, read_tap
from bot.ports import Conversation, FormShelf, TurnDb
from domain.message import Incoming, IncomingKind
from domain.session import Meemaker, SessionStatus

ADDITION = "erbij"
"""What the button says that begins another report beside one that is there."""

_START = Heard(IncomingKind.TAP, "/start", tap=taps.Tap("start"))


class ReportSide:
    """`report` is the version that new reports begin with; older ones are finished on the version they began with."""

    def __init__(self, shelf: FormShelf, report: Form) -> None:
        self._shelf, self._report = shelf, report

    def turn(
        self, db: TurnDb, desk: TalkDesk, meemaker: Meemaker, conversation: Conversation, state: State,
        heard: Heard, incoming: Incoming,
    ) -> Turn | None:  # fmt: skip # read as one piece
        """None when this is not the button of a report."""
        tap = read_tap(incoming.text) if incoming.kind in (IncomingKind.TAP, IncomingKind.TEXT) else None
        if tap is None or tap.what is not DuoTap.REPORT:
            return None
        state = state.having(meeting="")
        refused = _refused(desk, meemaker, tap.about, incoming.at)
        if refused is not None:
            return _say(state, refused)
        reports = desk.reports(tap.about)
        own = [
            response
            for who, response, outcome in reports
            if (who, outcome == "finished") == (meemaker.id, False)
        ]
        unfinished = self._unfinished(state, conversation.response, own, incoming.at)
        if unfinished is not None:
            return unfinished
        by = [who for who, _, outcome in reports if outcome == "finished"]
        if by and tap.value != ADDITION:
            said = Phrase("duo.report.done" if meemaker.id in by else "duo.report.done_by_other")
            return _say(state, said, _addition(tap.about))
        return self._begin(state, conversation.response, tap.about, heard, incoming.at)

    def _unfinished(self, state: State, response: str, own: list[str], now: datetime) -> Turn | None:
        """Goes on with what this meemaker began; what waits behind something else gets its button."""
        if response in own and state.questionnaire == REPORT and state.phase is not Phase.FINISHED:
            form = self._shelf.find(REPORT, state.version) or self._report
            return advance(state, _START, form, now)
        waiting = next((each.state.track for each in state.parked if each.response in own), None)
        if waiting is None:
            return None
        titles = self._report.questionnaire.title
        title = Literal(titles.get(state.language) or next(iter(titles.values()), REPORT))
        return _say(
            state,
            Phrase("duo.report.begun"),
            Key(Phrase("tracks.go_on", {"title": title}), taps.track_payload(waiting)),
        )

    def _begin(self, state: State, response: str, session: str, heard: Heard, now: datetime) -> Turn:
        fresh = begin_report(state, response, self._report.questionnaire.version)
        turn = advance(fresh, Heard(IncomingKind.OPEN, reachable=heard.reachable), self._report, now)
        # It is kept from its first answer, so nothing of it is forgotten for want of a consent.
        kept: list[Effect] = [each for each in turn.effects if not isinstance(each, Plan)]
        return Turn(turn.state, (Begin(session=session), *kept), turn.event)


def _refused(desk: TalkDesk, meemaker: Meemaker, session_id: str, now: datetime) -> Words | None:
    session = desk.session(session_id) if session_id else None
    if session is None or meemaker.id not in session.meemakers or session.status is SessionStatus.CANCELLED:
        return Phrase("duo.report.none")
    return Phrase("duo.report.not_yet") if session.when.start > now else None


def _addition(session: str) -> Key:
    return Key(Phrase("duo.button.addition"), payload(DuoTap.REPORT, session, ADDITION))


def _say(state: State, said: Words, *keys: Key) -> Turn:
    agenda = Key(Phrase("duo.button.agenda"), payload(DuoTap.AGENDA))
    return Turn(state, (Say((said,), (*keys, agenda)),))
