"""Carries a resident's wish for a person through: opens the talk, offers it, passes words on, ends it, and looks after
it as time goes by. What staff say themselves is taken in staff_side."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.dialogue.effects import ChoiceText, Erase, FormText, HandOver, Phrase, RaiseSignal, Relay, Words
from bot.dialogue.people import NOBODY, People
from bot.dialogue.state import Phase, State
from bot.dialogue.talking import is_talking
from bot.dialogue.talking import keys as way_back
from bot.dialogue.turn import Turn
from bot.forms.form import Form
from bot.handover.hours import OpeningHours, hours_words, moment_words
from bot.handover.ports import DeskDb
from bot.handover.rules import Due, choose_next, let_go, next_look, offered, what_is_due
from bot.handover.signals import is_anybody_there
from bot.reception.signals import Signals
from bot.reception.words import DeskWords
from bot.texts.catalogue import Catalogue
from bot.texts.render import Renderer
from domain.answer import AnswerStatus
from domain.message import Message
from domain.staff import KeptLine, StaffMember, Talk

TALK = "talk"
"""The kind of due work that looks after a talk."""

WIJK = "wijk"
"""The name of the question whose answer staff may see."""

HandBack = Callable[[str, datetime, Sequence[Words]], None]
"""Ends the talk in the resident's own conversation (reference, time in UTC), with these lines."""


class Reception:
    """`form` is any form: texts of ours name no question. `mail_to` are addresses that get every signal by e-mail."""

    def __init__(
        self, *, hours: OpeningHours, catalogue: Catalogue, form: Form, mail_to: Sequence[str] = ()
    ) -> None:
        self.hours, self._catalogue, self._form = hours, catalogue, form
        self.signals = Signals(self.words, mail_to)

    def words(self, language: str) -> DeskWords:
        return DeskWords(self._catalogue, Renderer(self._catalogue, self._form, language))

    def people(self, db: DeskDb, at: datetime, *, can_be_reached: bool) -> People:
        """Who is there for somebody who asks for a person now. Where no answer could come back nobody can write, and the
        hours tell when to call."""
        if not can_be_reached:
            return People(hours=hours_words(self.hours))
        if not any(member.can_be_asked for member in db.staff()):
            return NOBODY
        opens = None if self.hours.is_open(at) else moment_words(self.hours.next_opening(at), at)
        return People(True, hours_words(self.hours), opens)

    def people_in_danger(self, db: DeskDb, reference: str, *, simulated: bool) -> People:
        """Who is told of danger that a resident's turn raised. Nobody is, when the resident is an invented one; and who
        has the case already gets no new sign."""
        hear = not simulated and is_anybody_there(db.staff())
        case = db.cases.open_of(reference) if hear else None
        has_it = case is not None and bool(case.told_to or case.taken_by)
        return People(hear_danger=hear, said_before=has_it or db.cases.was_danger_last(reference))

    def follow(
        self,
        db: DeskDb,
        reference: str,
        before: State,
        turn: Turn,
        form: Form,
        at: datetime,
        *,
        simulated: bool,
    ) -> None:
        """What a resident's turn means for staff. Call it before the turn is saved: an erase takes all of it along."""
        for effect in turn.effects:
            if isinstance(effect, HandOver) and effect.talk:
                self._open_talk(db, reference, turn.state, form, at)
            if isinstance(effect, Relay):
                self._pass_on(db, reference, turn.state, form, KeptLine(effect.text, effect.is_marked), at)
        kinds = [effect.kind for effect in turn.effects if isinstance(effect, RaiseSignal)]
        if kinds and not simulated:
            self.signals.hear(db, reference, kinds, at)
        if is_talking(before) and not is_talking(turn.state):
            erased = any(isinstance(effect, Erase) for effect in turn.effects)
            self._end_by_resident(db, reference, at, forget=erased or turn.state.phase is Phase.STOPPED)

    def _open_talk(self, db: DeskDb, reference: str, state: State, form: Form, at: datetime) -> Talk:
        shown = Renderer(self._catalogue, form, form.questionnaire.default_language)
        question = shown.words(FormText(state.at)) if state.at and form.has(state.at) else ""
        talk = Talk(reference, at, at, wijk=_wijk(state, form, shown), question=question)
        return self.offer(db, talk, at)

    def offer(self, db: DeskDb, talk: Talk, at: datetime, *, new_round: bool = False) -> Talk:
        """To the next person when it is open, and a look at it again later; saves the talk.

        When everybody was asked, `new_round` begins anew."""
        if self.hours.is_open(at):
            members = db.staff()
            member = choose_next(members, talk)
            if member is None and new_round:
                talk = replace(talk, asked=())
                member = choose_next(members, talk)
            talk = offered(talk, member, at)
            if member is not None:
                db.note_asked(member.id, at)
                db.tell_member(member, self.words(member.language).offer(talk), at=at, about=talk.reference)
        db.save_talk(talk)
        self.plan(db, talk, at)
        return talk

    def plan(self, db: DeskDb, talk: Talk, at: datetime) -> None:
        due_at = next_look(talk, self.hours, at)
        db.plan(f"{TALK}:{talk.reference}", TALK, talk.reference, due_at)

    def _pass_on(
        self, db: DeskDb, reference: str, state: State, form: Form, line: KeptLine, at: datetime
    ) -> None:
        """To whoever has the talk; it is kept too until they have answered, for a colleague may have to go on."""
        talk = db.talk(reference) or self._open_talk(db, reference, state, form, at)
        member = db.member(talk.taken_by) if talk.taken_by else None
        if member is not None:
            db.tell_member(member, self.words(member.language).line(line), at=at, about=reference)
        elif not db.lines(reference):
            self._tell_kept(db, reference, state, at)
        if talk.answered_at is None:
            db.keep_line(reference, line, at=at)
        db.save_talk(replace(talk, last_at=at))

    def _tell_kept(self, db: DeskDb, reference: str, state: State, at: datetime) -> None:
        said = Phrase("person.kept_open")
        if not self.hours.is_open(at):
            said = Phrase("person.kept_closed", {"when": self._when(at)})
        self.tell_resident(db, reference, state, at, said)

    def _when(self, at: datetime) -> Words:
        return moment_words(self.hours.next_opening(at), at)

    def tell_resident(
        self, db: DeskDb, reference: str, state: State, at: datetime, said: Words, *, from_staff: bool = False
    ) -> None:
        message = self.words(state.language).message(said, keys=way_back(state))
        db.tell_resident(reference, message, at=at, from_staff=from_staff)

    def _end_by_resident(self, db: DeskDb, reference: str, at: datetime, *, forget: bool) -> None:
        talk = db.talk(reference)
        member = db.member(talk.taken_by) if talk is not None and talk.taken_by else None
        db.end_talk(reference, at=at, forget=forget)
        if member is not None:
            # Says nothing of the resident, so it may stay when they are erased.
            db.tell_member(member, self._staff_phrase(member, "staff.ended"), at=at)

    def _staff_phrase(self, member: StaffMember, key: str) -> Message:
        return self.words(member.language).message(Phrase(key))

    # as time goes by

    def act_on_talk(
        self, db: DeskDb, reference: str, state: State, at: datetime, hand_back: HandBack
    ) -> None:
        """Does what the time asks for now, if anything; the resident's conversation is locked."""
        talk = db.talk(reference)
        if talk is None:
            return
        match what_is_due(talk, self.hours, at):
            case Due.OFFER:
                self.offer(db, talk, at, new_round=True)
            case Due.PASS_ON:
                self._pass_to_colleague(db, talk, state, at)
            case Due.SAY_CLOSED:
                if not talk.taken_by:
                    said = Phrase("person.not_today", {"when": self._when(at)})
                    self.tell_resident(db, reference, state, at, said)
                self.plan(db, talk, at)
            case Due.GIVE_UP:
                self._close(db, talk, at, hand_back, Phrase("person.nobody"))
            case Due.END_IDLE:
                self._close(db, talk, at, hand_back, Phrase("person.idle"))
            case Due.WAIT:
                self.plan(db, talk, at)

    def _pass_to_colleague(self, db: DeskDb, talk: Talk, state: State, at: datetime) -> None:
        former = db.member(talk.taken_by)
        if former is not None:
            db.tell_member(former, self._staff_phrase(former, "staff.passed_on"), at=at, about=talk.reference)
            said = Phrase("person.passed_on", {"name": former.first_name})
            self.tell_resident(db, talk.reference, state, at, said, from_staff=True)
        self.offer(db, let_go(talk), at, new_round=True)

    def _close(self, db: DeskDb, talk: Talk, at: datetime, hand_back: HandBack, said: Words) -> None:
        member = db.member(talk.taken_by) if talk.taken_by else None
        db.end_talk(talk.reference, at=at, forget=False)
        hand_back(talk.reference, at, (said,))
        if member is not None:
            db.tell_member(member, self._staff_phrase(member, "staff.idle"), at=at)


def _wijk(state: State, form: Form, shown: Renderer) -> str:
    """What the resident said of where they live, in words; empty when they did not."""
    for path, answer in state.answers.items():
        if path.rpartition("/")[2] == WIJK and answer.status is AnswerStatus.ANSWERED and form.has(path):
            return (
                shown.words(ChoiceText(path, answer.value)) if form.question(path).choices else answer.value
            )
    return ""
