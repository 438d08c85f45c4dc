"""Carries a signal of danger to the people on duty, one after the other until somebody takes it; the resident's words are
never told. Which button a member pressed is taken in staff_side."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.handover.ports import DeskDb
from bot.handover.signals import (
    choose_to_tell,
    heard_again,
    is_due,
    let_go,
    may_count,
    next_look,
    told,
)
from bot.reception.words import DeskWords
from domain.message import Message
from domain.safety import Case, SignalKind, Step
from domain.staff import StaffMember

SIGNAL = "signal"
"""The kind of due work that looks whether somebody took a case."""

MAIL_LANGUAGE = "nl"

Tell = Callable[[DeskWords], Message]


class Signals:
    """`words` gives messages in a language; `mail_to` are addresses that get every signal too."""

    def __init__(self, words: Callable[[str], DeskWords], mail_to: Sequence[str] = ()) -> None:
        self._words, self._mail_to = words, mail_to

    def hear(self, db: DeskDb, reference: str, kinds: Sequence[SignalKind], at: datetime) -> None:
        """Danger was heard: a new case, or more in the one that is open."""
        kinds = tuple(dict.fromkeys(kinds))
        case = db.cases.open_of(reference)
        if case is None:
            case = db.cases.open(reference, kinds, at)
            self._mail(db, case, lambda words: words.signal(case, keys=False), at)
            self.tell_next(db, case, at)
        else:
            self._hear_more(db, case, kinds, at)

    def _hear_more(self, db: DeskDb, case: Case, kinds: Sequence[SignalKind], at: datetime) -> None:
        may_say = may_count(case, at)
        case, new = heard_again(case, kinds, at)
        if new or may_say:
            case = replace(case, said_at=at)
            step = Step.TOLD_MORE if new else Step.COUNTED
            self._mail(db, case, lambda words: words.signal_again(case, new, keys=False), at)
            member = db.member(case.taken_by or case.told_to)
            if member is None or not member.can_be_asked:
                self.tell_next(db, let_go(case), at)
                return
            self._tell(db, case, member, step, at, lambda words: words.signal_again(case, new))
        db.cases.save(case)

    def tell_next(self, db: DeskDb, case: Case, at: datetime) -> None:
        """Tells whose turn it is, and the one before that it was passed on; saves the case and plans the next look."""
        former = db.member(case.told_to) if case.told_to else None
        member = choose_to_tell(db.staff(), case, db.cases.last_told())
        case = told(case, member, at)
        if member is not None:
            self._tell(db, case, member, Step.TOLD, at, lambda words: words.signal(case))
        if former is not None and member is not None and former.id != member.id:
            self._say_passed_on(db, case, former, at)
        db.cases.save(case)
        self._plan(db, case)

    def _say_passed_on(self, db: DeskDb, case: Case, former: StaffMember, at: datetime) -> None:
        """Once in a case, however often it goes round."""
        passed_on = [each.member for each in db.cases.steps(case.id) if each.step is Step.PASSED_ON]
        if former.can_be_asked and former.id not in passed_on:
            self._tell(db, case, former, Step.PASSED_ON, at, lambda words: words.signal_passed_on(case))

    def look(self, db: DeskDb, key: str, at: datetime) -> None:
        """What the time asks for now, if anything; takes the work away, or plans it anew."""
        db.finish(key)
        case = db.cases.find(key.partition(":")[2])
        if case is None:
            return
        if is_due(case, at):
            self.tell_next(db, case, at)
        else:
            self._plan(db, case)

    def member_leaves(self, db: DeskDb, member: StaffMember, at: datetime) -> None:
        """What they had, or were told and nobody took, goes to the next. Call it when they can no longer be asked."""
        for each in db.cases.all():
            if each.is_open and member.id in (each.taken_by, each.told_to):
                case = db.cases.find(each.id)
                if case is None or not case.is_open:
                    continue
                if case.taken_by == member.id:
                    db.cases.note(case, member, Step.LET_GO, at)
                    self.tell_next(db, let_go(case), at)
                elif not case.taken_by and case.told_to == member.id:
                    self.tell_next(db, case, at)

    def _plan(self, db: DeskDb, case: Case) -> None:
        look = next_look(case)
        if look is not None:
            # Under no person's name: a resident who says stop must not take the signal away.
            db.plan(f"{SIGNAL}:{case.id}", SIGNAL, "", look)

    def _tell(
        self, db: DeskDb, case: Case, member: StaffMember, step: Step, at: datetime, message: Tell
    ) -> None:
        told_words = message(self._words(member.language))
        db.tell_member(member, told_words, at=at, about=case.reference, is_signal=True)
        db.cases.note(case, member, step, at)

    def _mail(self, db: DeskDb, case: Case, message: Tell, at: datetime) -> None:
        for address in self._mail_to:
            db.tell_address(address, message(self._words(MAIL_LANGUAGE)), at=at, about=case.reference)
