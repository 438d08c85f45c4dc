"""Tells people what they have to hear of talks in person: a message for each, in their language, into the outbox. Whoever
cannot be written to is for the staff on duty. When there is something to tell is decided elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.dialogue.state import Phase, state_from_json
from bot.meeting.news import ASKING, REMINDERS, WORTH_A_CALL, Facts, NewsWords
from bot.meeting.ports import TalkDesk
from bot.ports import TurnDb
from bot.texts.catalogue import LANGUAGES, Catalogue
from domain.message import Document, Message
from domain.session import STREET_CHANGED, News, Session, SessionKind, SessionStatus, Tell
from domain.staff import Role, StaffMember

log = structlog.get_logger()

Invite = Callable[[TalkDesk, Session, Tell, str, datetime], Document | None]
"""The appointment for somebody's own calendar: the session, what is told of it, the reader's language, when (UTC)."""

ByMail = Callable[[TurnDb, TalkDesk, Session, Tell, str, str, datetime, str], None]
"""The same by e-mail: the session, what is told of it, the words, the reader's language, when, a key to say it once."""

WEEK = timedelta(days=7)
REMINDERS_PER_WEEK = 7


class Post:
    """`invite` makes appointments for calendars, and `by_mail` sends them to who has an address; `mail_to` hear by e-mail
    when a visit at home is not ended in time."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        invite: Invite | None = None,
        by_mail: ByMail | None = None,
        mail_to: Sequence[str] = (),
        reminders_per_week: int = REMINDERS_PER_WEEK,
    ) -> None:
        self._catalogue, self._invite, self._mail_to = catalogue, invite, mail_to
        self._by_mail, self._reminders_per_week = by_mail, reminders_per_week

    def tell(
        self,
        db: TurnDb,
        desk: TalkDesk,
        tells: Sequence[Tell],
        at: datetime,
        *,
        but_for: str = "",
        key: str = "",
        because: str = "",
    ) -> None:
        """Puts a message in the outbox for each of `tells`; several reminders for one person become one message. `at` is
        UTC. `but_for` is the conversation of whoever brought this about: they read it in their reply, and only get what their
        calendar has to know. `key` names the
        planned work that this comes of, so that what is not sent yet goes when that is planned no more. `because` is why a
        session was called off, told as it stands."""
        _plan_for_neighbours(db, desk, tells, at)
        for some in _together(tells):
            if but_for and some[0].reference == but_for:
                self._for_calendar(db, desk, some[0], at)
            else:
                self._tell(db, desk, some, at, key, because)

    def _tell(
        self, db: TurnDb, desk: TalkDesk, tells: Sequence[Tell], at: datetime, key: str, because: str
    ) -> None:
        first = tells[0]
        if not first.reference and not first.meemaker:
            self._tell_staff(db, desk, first, at)
            return
        if _wants_quiet(db, first):
            return
        language = db.language(first.reference) if first.reference else ""
        message = self._message(desk, tells, language or LANGUAGES[0], at)
        if message is None or self._had_enough(db, first, at):
            return
        if because:
            why = NewsWords(self._catalogue, language or LANGUAGES[0]).because(because)
            message = replace(message, text=f"{message.text}\n\n{why}")
        key = key or _key(first, at)
        session = desk.session(first.session) if message.document else None
        if self._by_mail is not None and session is not None:
            mail = self._message(desk, tells, language or LANGUAGES[0], at, by_mail=True) or message
            self._by_mail(db, desk, session, first, mail.text, language or LANGUAGES[0], at, key)
        # Of several talks none has a home's address in it: who is erased takes no news of another's talk along.
        about = whose_home(desk, first) if len(tells) == 1 else ""
        if not (first.reference and db.post(first.reference, message, at=at, key=key, about=about)):
            for each in tells:
                self._tell_staff(db, desk, each, at)

    def _for_calendar(self, db: TurnDb, desk: TalkDesk, tell: Tell, at: datetime) -> None:
        session = desk.session(tell.session) if tell.news in _IN_CALENDAR and tell.session else None
        if self._invite is None or session is None:
            return
        language = db.language(tell.reference) or LANGUAGES[0]
        text = self._catalogue.sentence("calendar.for_yours", language)
        message = Message(text, (), self._invite(desk, session, tell, language, at))
        db.post(tell.reference, message, at=at, key=_key(tell, at), about=whose_home(desk, tell))
        if self._by_mail is not None:
            self._by_mail(db, desk, session, tell, text, language, at, _key(tell, at))

    def _message(
        self, desk: TalkDesk, tells: Sequence[Tell], language: str, at: datetime, *, by_mail: bool = False
    ) -> Message | None:
        """None where what it is about is gone. `by_mail` leaves out where a resident lives: e-mail is kept by others."""
        first, words = tells[0], NewsWords(self._catalogue, language)
        told = [facts for each in tells if (facts := _facts(desk, each)) is not None]
        if by_mail:
            told = [replace(each, address="") if _is_home(each.session) else each for each in told]
        if len(told) > 1:
            told = [replace(each, address="", is_in_agenda=_is_home(each.session)) for each in told]
        if not told and first.news is not News.OFFERED:
            return None
        if not first.meemaker:
            offers = desk.offers_of(first.reference, now=at)
            places = {each.id: each for each in desk.places()} if offers else {}
            message = words.resident(first.news, told, offers, places, at)
        else:
            message = words.meemaker(first.news, first.meemaker, told, at)
        if self._invite is not None and told and first.news in _IN_CALENDAR:
            message = replace(message, document=self._invite(desk, told[0].session, first, language, at))
        return message

    def _had_enough(self, db: TurnDb, tell: Tell, at: datetime) -> bool:
        """Whether this is a reminder too many for one week; one that is not is counted."""
        if tell.news not in REMINDERS or not tell.reference:
            return False
        return not db.may_remind(tell.reference, at=at, since=at - WEEK, most=self._reminders_per_week)

    def _tell_staff(self, db: TurnDb, desk: TalkDesk, tell: Tell, at: datetime) -> None:
        """Whoever is on duty hears of a session or of somebody whom no message reaches; of a visit that is not ended in
        time everybody hears. What they are told goes when the resident goes."""
        is_alarm = tell.news is News.CHECK_MISSED
        if not is_alarm and tell.news not in WORTH_A_CALL:
            return
        facts = _facts(desk, tell)
        if facts is None and tell.news is not News.OFFERED:
            return

        def words(language: str) -> Message:
            said = NewsWords(self._catalogue, language)
            if facts is None:
                return said.offered_unreached(tell.reference)
            return said.coordinator(tell.news, facts, tell.reference, tell.meemaker)

        about = "" if tell.meemaker or is_alarm else tell.reference
        staff = [each for each in db.desk.staff() if each.can_be_asked]
        reached = staff if is_alarm else _on_duty(staff)
        for member in reached:
            db.desk.tell_member(member, words(member.language), at=at, about=about)
        for address in self._mail_to if is_alarm else ():
            db.desk.tell_address(address, words(LANGUAGES[0]), at=at, about="")
        if not reached:
            log.warning("nobody_on_duty", news=tell.news.value)


_CAN_BE_MISSED = (*REMINDERS, News.HOW_WAS_IT, News.OFFERED)
_IN_CALENDAR = (
    News.ASKED,
    News.ASKED_AGAIN,
    News.CONFIRMED,
    News.MOVED,
    News.REPLACED,
    News.CANCELLED,
    News.WITHDRAWN,
    News.NO_DUO,
)


def _plan_for_neighbours(db: TurnDb, desk: TalkDesk, tells: Sequence[Tell], at: datetime) -> None:
    """Nobody has a seat at a street moment; who was told of it all the same hears that it is off or moves."""
    moved = {each.session for each in tells if each.news in (News.MOVED, News.ASKED_AGAIN)}
    for id in dict.fromkeys(each.session for each in tells if each.session):
        session = desk.session(id)
        if session is None or session.kind is not SessionKind.STREET:
            continue
        if id in moved or session.status is SessionStatus.CANCELLED:
            db.desk.plan(f"{STREET_CHANGED}:{id}", STREET_CHANGED, "", at)


def _on_duty(staff: Sequence[StaffMember]) -> list[StaffMember]:
    return [each for each in staff if each.role is Role.DUTY] or list(staff)


def whose_home(desk: TalkDesk, tell: Tell) -> str:
    """The resident whose address a meemaker is told; "" where there is none."""
    session = desk.session(tell.session) if tell.meemaker and tell.session else None
    if session is None or session.kind is not SessionKind.HOME or not session.booked:
        return ""
    return session.booked[0]


def _together(tells: Sequence[Tell]) -> list[list[Tell]]:
    """As they came, with the reminders of one kind for one person in one."""
    found: dict[tuple[str, str, str, int], list[Tell]] = {}
    for number, each in enumerate(tells):
        alone = 0 if each.news in REMINDERS else number + 1
        found.setdefault((each.reference, each.meemaker, each.news.value, alone), []).append(each)
    return list(found.values())


def _key(tell: Tell, at: datetime) -> str:
    """Names what was told, so that STOP to the questions does not take back news of an appointment."""
    return f"news:{tell.news}:{tell.session}:{tell.meemaker or tell.reference}:{at.timestamp()}"


def _is_home(session: Session) -> bool:
    return session.kind is SessionKind.HOME


def _wants_quiet(db: TurnDb, tell: Tell) -> bool:
    """Whether a resident said STOP and this can be missed: that a talk is off or has moved cannot."""
    if tell.meemaker or tell.news not in _CAN_BE_MISSED:
        return False
    conversation = db.find(tell.reference)
    return conversation is not None and state_from_json(conversation.state).phase is Phase.STOPPED


def _facts(desk: TalkDesk, tell: Tell) -> Facts | None:
    session = desk.session(tell.session) if tell.session else None
    if session is None:
        return None
    invitation = desk.invitation(tell.meemaker, session.id) if tell.news in ASKING else None
    return Facts(
        session,
        desk.place(session.place) if session.place else None,
        desk.names([each for each in session.meemakers if each]),
        desk.address_of(session.id) if session.kind in (SessionKind.HOME, SessionKind.STREET) else "",
        invitation.until if invitation is not None else None,
    )
