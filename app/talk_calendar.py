"""Talks in somebody's own calendar: invitations to go with what they are told, and feeds to subscribe to.

A meemaker's invitation names both of the duo and no resident, and holds nothing that a resident said; where a visit at home
is stands only in the chat."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from app.calendar_words import event_words, resident_words
from bot.meeting.ports import TalkDesk
from bot.meeting.post import whose_home
from bot.ports import TurnDb
from bot.texts.catalogue import Catalogue
from domain.message import Document, Message
from domain.session import InvitationStatus, News, Place, Session, SessionStatus, Tell
from scheduler.calendar import FILE_NAME, Attendee, EventWords, Organizer, cancellation, feed, invitation

CALENDAR = "text/calendar"
PROGRAMME = "Wijkverhaal"
DOMAIN = "wijkverhaal.invalid"
"""What UIDs end in, for ever; the ids before it are unguessable, so it need not be a domain of anybody's."""

_ENDS = (News.CANCELLED, News.WITHDRAWN, News.NO_DUO)


def organizer_of(mail_from: str) -> Organizer:
    """Who invites; without an address to send from, one that no mail can reach."""
    return Organizer(PROGRAMME, mail_from or f"wijkverhaal@{DOMAIN}", DOMAIN)


class TalkCalendar:
    """`mail_from` is "" where no e-mail can be sent."""

    def __init__(self, catalogue: Catalogue, mail_from: str = "") -> None:
        self._catalogue, self._organizer, self._can_mail = catalogue, organizer_of(mail_from), bool(mail_from)

    def invite(
        self, desk: TalkDesk, session: Session, tell: Tell, language: str, at: datetime, mail: str = ""
    ) -> Document:
        """For `bot.meeting.post.Post`: a request, or a cancellation when the talk is off, or is not (any more) of who is
        told. `at` (UTC) is when this is said. `mail` is the address that it goes to by e-mail: a mail program only
        takes over what is for its own."""
        place = desk.place(session.place) if session.place else None
        reader = tell.meemaker
        is_over = (
            session.status is SessionStatus.CANCELLED
            or tell.news in _ENDS
            or (bool(reader) and reader not in session.meemakers)
        )
        # Of a talk that goes on, only who leaves it is told to take it out.
        goes_on_without = is_over and session.status is not SessionStatus.CANCELLED and bool(reader)
        who = [reader] if goes_on_without else [each for each in session.meemakers if each]
        names = desk.names(
            list(dict.fromkeys((*who, *filter(None, session.meemakers), *filter(None, [reader]))))
        )
        attendees = [
            Attendee(
                each,
                names.get(each, PROGRAMME),
                mail if each == reader else "",
                _answer(desk, each, session),
            )
            for each in who
        ]
        words = self._words(language, session, names, reader)
        write = cancellation if is_over else invitation
        written = write(session, place, self._organizer, attendees, words, stamp=at)
        return Document(FILE_NAME, CALENDAR, written.decode())

    def by_mail(
        self,
        db: TurnDb,
        desk: TalkDesk,
        session: Session,
        tell: Tell,
        text: str,
        language: str,
        at: datetime,
        key: str,
    ) -> None:
        """The same by e-mail, where there is a mail server and the meemaker has an address. What goes to one meemaker goes
        in the order in which it is put there, so no cancellation comes before its request."""
        address = db.email_of(tell.meemaker) if self._can_mail and tell.meemaker else ""
        if address:
            document = self.invite(desk, session, tell, language, at, address)
            mail = Message(text, (), document)
            db.mail(tell.meemaker, mail, at=at, key=key, about=whose_home(desk, tell))

    def feed_of(
        self,
        sessions: Iterable[Session],
        places: Mapping[str, Place],
        names: Mapping[str, str],
        *,
        reader: str = "",
        place: str = "",
        language: str,
        at: datetime,
    ) -> bytes:
        """All of `sessions` as a calendar to subscribe to, for the meemaker `reader` or for the location called `place`."""
        rows = [
            (
                each,
                places.get(each.place) if each.place else None,
                self._words(language, each, names, reader, is_meemaker=True),
            )
            for each in sessions
        ]
        title = self._catalogue.sentence("calendar.feed", language)
        return feed(rows, f"{title}: {place}" if place else title, self._organizer, stamp=at)

    def _words(
        self,
        language: str,
        session: Session,
        names: Mapping[str, str],
        reader: str,
        *,
        is_meemaker: bool = False,
    ) -> EventWords:
        others = [names[each] for each in session.meemakers if each in names and each != reader]
        who = " + ".join(others) or PROGRAMME
        if reader or is_meemaker:
            return event_words(self._catalogue, language, session, who)
        return resident_words(self._catalogue, language, session, who)


def _answer(desk: TalkDesk, meemaker: str, session: Session) -> InvitationStatus:
    found = desk.invitation(meemaker, session.id)
    return found.status if found is not None else InvitationStatus.ASKED
