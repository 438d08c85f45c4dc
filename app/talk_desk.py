"""The desk of talks in person on an open transaction, as the chat sees it: joins `scheduler.desk` to what storage keeps."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from bot.meeting.ports import OpenDesk, TalkDesk, TalksInPerson
from domain.session import Hours, Meemaker, Offer, Place, RequestStatus, Session, Stretch, TalkRequest
from scheduler.desk import SessionsDesk
from scheduler.offering import HOURS_TO_CHOOSE
from scheduler.ports import SessionDb


class ChatDesk(SessionsDesk):
    """Implements bot.meeting.ports.TalkDesk."""

    def offers_of(self, reference: str, *, now: datetime) -> Sequence[Offer]:
        return self._db.offers_of(reference, now=now)

    def request(self, reference: str) -> TalkRequest | None:
        return self._db.request(reference)

    def withdraw_request(self, reference: str, *, now: datetime) -> None:
        """What is booked keeps its request: who comes instead of a meemaker has to fit it."""
        self._db.drop_offers(reference)
        request = self._db.request(reference)
        if request is not None and not (
            request.status is RequestStatus.BOOKED and self.mine(reference, now=now)
        ):
            self._db.drop_request(reference)

    def meemaker(self, reference: str) -> Meemaker | None:
        return self._db.meemaker_of(reference)

    def set_hours(self, meemaker: str, hours: Sequence[Hours]) -> None:
        self._db.set_hours(meemaker, hours)

    def add_away(self, meemaker: str, when: Stretch) -> None:
        self._db.add_time(meemaker, when, free=False)

    def add_extra(self, meemaker: str, when: Stretch) -> None:
        self._db.add_time(meemaker, when, free=True)

    def drop_exceptions(self, meemaker: str, when: Stretch) -> None:
        self._db.drop_times(meemaker, when)

    def exceptions(self, meemaker: str) -> Sequence[tuple[Stretch, bool]]:
        return self._db.told_times(meemaker)

    def set_calendar(self, meemaker: str, url: str) -> None:
        self._db.set_calendar(meemaker, url)

    def session(self, id: str) -> Session | None:
        return self._db.session(id)

    def place(self, id: str) -> Place | None:
        return next((each for each in self._db.places() if each.id == id), None)

    def places(self) -> Sequence[Place]:
        return self._db.places()

    def address_of(self, session_id: str) -> str:
        return self._db.address(session_id)

    def set_address(self, session_id: str, address: str) -> None:
        self._db.set_address(session_id, address)

    def names(self, meemakers: Sequence[str]) -> Mapping[str, str]:
        return self._db.names(meemakers)

    def reports(self, session_id: str) -> Sequence[tuple[str, str, str]]:
        return self._db.reports(session_id)


def open_desk(
    sessions: TalksInPerson,
    new_id: Callable[[], str],
    *,
    hours_to_answer: float = 24,
    hours_to_choose: float = HOURS_TO_CHOOSE,
) -> TalkDesk:
    """`sessions` is what storage gives with an open transaction; the bot hands it on and knows nothing of it."""
    db = cast(SessionDb, sessions)
    return ChatDesk(db, new_id, hours_to_answer=hours_to_answer, hours_to_choose=hours_to_choose)


def opener(
    new_id: Callable[[], str], *, hours_to_answer: float = 24, hours_to_choose: float = HOURS_TO_CHOOSE
) -> OpenDesk:
    """How the chat and due work open the desk."""
    return lambda sessions: open_desk(
        sessions, new_id, hours_to_answer=hours_to_answer, hours_to_choose=hours_to_choose
    )
