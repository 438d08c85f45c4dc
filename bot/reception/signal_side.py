"""What a member of the staff presses on a signal: taking it up, closing it, seeing which are open."""

from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.effects import Phrase
from bot.handover.ports import DeskDb
from bot.handover.signals import Handling, closed, judge_closing, judge_taking, taken
from bot.reception.words import SHOWN_AT_ONCE, DeskWords
from domain.message import Message
from domain.safety import Case, Step
from domain.staff import StaffMember


@dataclass(frozen=True, slots=True)
class SignalTurn:
    """One press, while it is being worked out; a second one changes nothing. `at` is UTC."""

    db: DeskDb
    member: StaffMember
    words: DeskWords
    at: datetime

    def take(self, case_id: str) -> None:
        case = self.db.cases.find(case_id)
        judged = judge_taking(case, self.member)
        if case is not None and judged is Handling.YOURS:
            case = taken(case, self.member, self.at)
            self.db.cases.save(case)
            self.db.cases.note(case, self.member, Step.TAKEN, self.at)
        self._answer(case, judged)

    def close(self, case_id: str) -> None:
        case = self.db.cases.find(case_id)
        judged = judge_closing(case, self.member)
        if case is not None and judged is Handling.CLOSED:
            case = closed(case, self.member, self.at)
            self.db.cases.save(case)
            self.db.cases.note(case, self.member, Step.CLOSED, self.at)
        self._answer(case, judged)

    def show(self) -> None:
        """The open ones, each with its button; of those that a colleague has, who that is."""
        found = [each for each in self.db.cases.all() if each.is_open][:SHOWN_AT_ONCE]
        for case in found:
            if case.taken_by and case.taken_by != self.member.id:
                self._answer(case, Handling.TAKEN)
            else:
                self._send(self.words.signal(case), case)
        if not found:
            self._send(self.words.message(Phrase("staff.no_signals")), None)

    def _answer(self, case: Case | None, judged: Handling) -> None:
        if case is None or judged is Handling.OVER:
            closer = self._name(case.closed_by) if case is not None and case.closed_by else ""
            over = Phrase("staff.signal_over_by", {"name": closer}) if closer else Phrase("staff.signal_over")
            self._send(self.words.message(over), None)
            return
        name = self._name(case.taken_by)
        can_press = judged in (Handling.YOURS, Handling.ALREADY_YOURS, Handling.NOT_TAKEN)
        said = self.words.about_signal(f"staff.signal_{judged.value}", case, name, keys=can_press)
        self._send(said, case)

    def _name(self, member_id: str) -> str:
        """The first name of a colleague; empty for nobody, and for who is no longer on the staff."""
        found = self.db.member(member_id)
        return found.first_name if found is not None else ""

    def _send(self, message: Message, case: Case | None) -> None:
        about = case.reference if case is not None else ""
        self.db.tell_member(self.member, message, at=self.at, about=about, is_signal=bool(about))
