"""What a meemaker does with one talk: the agenda, yes and no to an invitation, giving a talk up, and what happens at it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.dialogue.effects import Key, Literal, Phrase, Words
from bot.dialogue.turn import Turn
from bot.meeting.agenda import (
    Entry,
    duo_key,
    entries,
    entry_words,
    keys_at_a_talk,
    menu,
    say_agenda,
    where_words,
)
from bot.meeting.hours_words import under_each_other
from bot.meeting.meemaker_here import Here
from bot.meeting.meemaker_step import Asks, DuoStep
from bot.meeting.meemaker_words import Says
from bot.meeting.moments import when_words
from bot.meeting.taps import DuoTap
from domain.session import InvitationStatus, News, Session, SessionKind, SessionStatus
from domain.talk_outcomes import Done, Refused


class AtATalk:
    def agenda(self, here: Here) -> Turn:
        found = entries(here.desk, here.who.id, here.now)
        return here.show(*say_agenda(here.desk, here.who.id, found, here.now))

    def words(self, here: Here, says: Says) -> Turn | None:
        """What was said without naming a talk: it is about the one that it can be about."""
        found = entries(here.desk, here.who.id, here.now)
        at_hand = [each for each in found if each.is_at_hand(here.now)]
        waiting = [each for each in found if each.is_open(here.now)]
        standing = [each for each in found if each.stands(here.now)]
        match says:
            case Says.CAN:
                return self._the_one(here, waiting, self.accept)
            case Says.CANNOT:
                return self._the_one(here, waiting, self.decline)
            case Says.SWAP:
                return self._the_one(here, standing, self.swap) or self.agenda(here)
            case Says.ARRIVED:
                return self._the_one(here, at_hand, self.arrived)
            case Says.LEFT:
                at_home = [each for each in at_hand if each.session.kind is SessionKind.HOME]
                return self._the_one(here, at_home, self.left)
            case Says.NO_SHOW:
                return self._the_one(here, at_hand, self.no_show)
            case _:
                return self._the_one(here, at_hand, self.finished)

    def _the_one(self, here: Here, found: Sequence[Entry], act: Callable[[Here, str], Turn]) -> Turn | None:
        """With several, each is shown with its own buttons; without any, the words were about something else."""
        if len(found) == 1:
            return act(here, found[0].session.id)
        if not found:
            return None
        return here.show(*say_agenda(here.desk, here.who.id, found, here.now))

    def accept(self, here: Here, session_id: str) -> Turn:
        done = here.desk.accept(here.who.id, session_id, now=here.now)
        if isinstance(done, Refused):
            return self.refuse(here, done, session_id)
        here.tell(done.tells)
        swap = (duo_key(DuoTap.SWAP, session_id), duo_key(DuoTap.AGENDA))
        if done.session.status is not SessionStatus.CONFIRMED:
            return here.say(Phrase("duo.accepted", {"when": _when(done.session)}), keys=swap)
        entry = Entry(done.session, InvitationStatus.ACCEPTED)
        words = entry_words(here.desk, here.who.id, entry, here.now)
        return here.say(Phrase("duo.accepted.complete"), words, keys=swap)

    def decline(self, here: Here, session_id: str) -> Turn:
        """At once for who was asked; who said yes before is asked once more."""
        said = here.desk.invitation(here.who.id, session_id)
        if said is not None and said.status is InvitationStatus.ACCEPTED:
            return self.swap(here, session_id)
        return self.give_up(here, session_id)

    def swap(self, here: Here, session_id: str) -> Turn:
        entry = self._entry(here, session_id)
        if entry is None or not entry.stands(here.now):
            # What the desk would say of it, asked in a way that changes nothing.
            return self._say_why_not(here, session_id)
        step = DuoStep(Asks.SURE_SWAP, session=session_id)
        return here.say(
            entry_words(here.desk, here.who.id, entry, here.now),
            Phrase("duo.swap.ask"),
            keys=(
                duo_key(DuoTap.SURE, step.mark, title="duo.button.give_up"),
                duo_key(DuoTap.AGENDA, title="duo.button.keep"),
            ),
            step=step,
        )

    def give_up(self, here: Here, session_id: str) -> Turn:
        done = here.desk.decline(here.who.id, session_id, now=here.now)
        if isinstance(done, Refused):
            return self.refuse(here, done, session_id)
        here.tell(done.tells)
        here.take_out([session_id])
        return here.say(
            Phrase("duo.declined"), what_happens(here, done), keys=(duo_key(DuoTap.AGENDA), *menu()[:2])
        )

    def left_as_it_is(self, here: Here) -> Turn:
        return here.say(Phrase("duo.left_as_it_is"), keys=(duo_key(DuoTap.AGENDA),))

    def too_late(self, here: Here) -> Turn:
        return here.say(Phrase("duo.too_late"), keys=(duo_key(DuoTap.AGENDA), *menu()))

    def arrived(self, here: Here, session_id: str) -> Turn:
        done = here.desk.arrived(here.who.id, session_id, now=here.now)
        if isinstance(done, Refused):
            return self.refuse(here, done, session_id)
        here.tell(done.tells)
        at_home = done.session.kind is SessionKind.HOME
        words = Phrase("duo.arrived.home" if at_home else "duo.arrived")
        return here.say(words, keys=_at_a_talk(done.session))

    def left(self, here: Here, session_id: str) -> Turn:
        done = here.desk.left(here.who.id, session_id, now=here.now)
        if isinstance(done, Refused):
            return self.refuse(here, done, session_id)
        here.tell(done.tells)
        is_done = done.session.status is SessionStatus.DONE
        tap = DuoTap.REPORT if is_done else DuoTap.FINISHED
        return here.say(Phrase("duo.left"), keys=(duo_key(tap, session_id),))

    def no_show(self, here: Here, session_id: str) -> Turn:
        """Asked once more: it is soon pressed beside another button."""
        entry = self._entry(here, session_id)
        session = entry.session if entry is not None else None
        if session is None or session.when.start > here.now or session.status is not SessionStatus.CONFIRMED:
            return self._say_why_not(here, session_id)
        if len(session.booked) != 1:
            words = "duo.no_show.group" if session.booked else "duo.no_show.none"
            return here.say(Phrase(words), keys=(duo_key(DuoTap.FINISHED, session_id),))
        step = DuoStep(Asks.SURE_NO_SHOW, session=session_id)
        return here.say(
            Phrase("duo.no_show.ask", {"when": _when(session)}),
            keys=(
                duo_key(DuoTap.SURE, step.mark, title="duo.button.nobody"),
                duo_key(DuoTap.AGENDA, title="duo.button.not_so"),
            ),
            step=step,
        )

    def nobody_came(self, here: Here, session_id: str) -> Turn:
        session = here.desk.session(session_id)
        for each in session.booked if session is not None else ():
            done = here.desk.no_show(here.who.id, session_id, each, now=here.now)
            if isinstance(done, Refused):
                return self.refuse(here, done, session_id)
            here.tell(done.tells)
        taps = [DuoTap.LEFT] if session is not None and session.kind is SessionKind.HOME else []
        keys = [duo_key(each, session_id) for each in (*taps, DuoTap.FINISHED)]
        return here.say(Phrase("duo.no_show"), keys=keys)

    def finished(self, here: Here, session_id: str) -> Turn:
        done = here.desk.finished(here.who.id, session_id, now=here.now)
        if isinstance(done, Refused):
            return self.refuse(here, done, session_id)
        here.tell(done.tells)
        return here.say(Phrase("duo.finished"), keys=(duo_key(DuoTap.REPORT, session_id),))

    def no_report(self, here: Here) -> Turn:
        """Where there is no questionnaire for it, or for no talk of theirs."""
        return here.say(Phrase("duo.no_report"), keys=(duo_key(DuoTap.AGENDA),))

    def refuse(self, here: Here, refused: Refused, session_id: str) -> Turn:
        here.tell(refused.tells)
        session = here.desk.session(session_id)
        mine = session is not None and here.who.id in session.meemakers
        # Of a talk of others nothing is told, not even when it is.
        lines: list[Words] = [Phrase("duo.about", {"when": _when(session)})] if session and mine else []
        return here.say(*lines, Phrase(f"duo.refused.{refused.why.value}"), keys=(duo_key(DuoTap.AGENDA),))

    def _say_why_not(self, here: Here, session_id: str) -> Turn:
        session = here.desk.session(session_id)
        if session is None or here.who.id not in session.meemakers:
            return here.say(Phrase("duo.refused.not_there"), keys=(duo_key(DuoTap.AGENDA),))
        about = Phrase("duo.about", {"when": _when(session)})
        return here.say(about, Phrase(_why_not(session, here.now)), keys=(duo_key(DuoTap.AGENDA),))

    def _entry(self, here: Here, session_id: str) -> Entry | None:
        found = entries(here.desk, here.who.id, here.now)
        return next((each for each in found if each.session.id == session_id), None)


def what_happens(here: Here, done: Done) -> Words:
    """After a no: what becomes of the talk, and who stays."""
    session = done.session
    if session.status is SessionStatus.CANCELLED:
        return Phrase("duo.declined.off", {"when": _when(session)})
    asked = {each.meemaker for each in done.tells if each.news is News.ASKED}
    names = here.desk.names([each for each in session.meemakers if each and each not in asked])
    stays = next(iter(names.values()), "")
    if stays:
        return Phrase("duo.declined.stays", {"when": _when(session), "who": Literal(stays)})
    return Phrase("duo.declined.looks", {"when": _when(session)})


def talk_words(here: Here, found: Sequence[Entry]) -> Words:
    """The talks by name, a line for each."""
    return under_each_other(
        Phrase("duo.talk", {"when": _when(each.session), "where": where_words(here.desk, each)})
        for each in found
    )


def _at_a_talk(session: Session) -> tuple[Key, ...]:
    return tuple(duo_key(each, session.id) for each in keys_at_a_talk(session))


def _why_not(session: Session, now: datetime) -> str:
    if session.status in (SessionStatus.CANCELLED, SessionStatus.ASKED):
        return "duo.refused.not_there"
    return "duo.refused.not_yet" if session.when.start > now else "duo.refused.past"


def _when(session: Session) -> Words:
    return when_words(session.when.start)
