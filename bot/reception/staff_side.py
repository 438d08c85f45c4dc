"""What staff say and press in their own chat: taking a talk or a signal, writing to the resident, handing back, leaving."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.dialogue.effects import Key, Literal, Phrase
from bot.dialogue.state import state_from_json
from bot.handover.ports import DeskDb
from bot.handover.rules import Taking, judge_taking, let_go, taken
from bot.ports import TurnDb
from bot.reception.reception import HandBack, Reception
from bot.reception.signal_side import SignalTurn
from bot.reception.words import (
    CLOSE_SIGNAL,
    DONE,
    LEAVE,
    LIST,
    NOT_NOW,
    SIGNALS,
    TAKE,
    TAKE_SIGNAL,
    DeskWords,
)
from domain.message import Incoming, IncomingKind, Message
from domain.staff import Role, StaffMember, Talk

INVITE_PREFIX = "team-"
"""How the code of an invitation begins; no campaign's code may."""

TERMINAL_PREFIX = "staff-"
"""How the channel of a member who works from a terminal begins."""

_SAME = {"/done": DONE, "/list": LIST, "/leave": LEAVE, "/signals": SIGNALS}


def is_invitation(incoming: Incoming) -> bool:
    return incoming.kind is IncomingKind.OPEN and incoming.code.startswith(INVITE_PREFIX)


@dataclass(frozen=True, slots=True)
class StaffTurn:
    """One thing a member did, while it is being worked out."""

    reception: Reception
    turn_db: TurnDb
    member: StaffMember
    at: datetime
    hand_back: HandBack

    @property
    def db(self) -> DeskDb:
        return self.turn_db.desk

    @property
    def words(self) -> DeskWords:
        return self.reception.words(self.member.language)

    @property
    def _signals(self) -> SignalTurn:
        return SignalTurn(self.db, self.member, self.words, self.at)

    def take(self, incoming: Incoming) -> None:
        text = incoming.text.strip()
        if incoming.kind is IncomingKind.OPEN or text.startswith("/"):
            self._obey(text.lower() if "." not in text else text)
        elif incoming.kind is not IncomingKind.TEXT:
            self.reply(Phrase("staff.only_text"))
        elif text:
            self._write(incoming.text)

    def reply(self, *lines: Phrase, about: str = "") -> None:
        self.send(self.words.message(*lines), about=about)

    def send(self, message: Message, *, about: str = "") -> None:
        self.db.tell_member(self.member, message, at=self.at, about=about)

    def _obey(self, text: str) -> None:
        command, _, reference = text.partition(".")
        match _SAME.get(command, command):
            case str(word) if word == TAKE and reference:
                self._take_talk(reference)
            case str(word) if word == NOT_NOW and reference:
                self._decline(reference)
            case str(word) if word == TAKE_SIGNAL and reference:
                self._signals.take(reference)
            case str(word) if word == CLOSE_SIGNAL and reference:
                self._signals.close(reference)
            case str(word) if word == SIGNALS:
                self._signals.show()
            case str(word) if word == DONE:
                self._hand_back()
            case str(word) if word == LIST:
                self.send(self.words.waiting(self.db.waiting()))
            case str(word) if word == LEAVE:
                leave(self.reception, self.turn_db, self.member, self.at)
            case _:
                keys = (Key(Phrase("button.staff_list"), LIST),)
                self.send(self.words.message(Phrase("staff.help", {"name": self.member.name}), keys=keys))

    def _take_talk(self, reference: str) -> None:
        reachable = self.db.lock(reference)
        talk = self.db.talk(reference)
        if talk is not None and not reachable:
            self.db.end_talk(reference, at=self.at, forget=True)
            self.reply(Phrase("staff.unreachable"))
            return
        match judge_taking(talk, self.member):
            case Taking.YOURS if talk is not None:
                self._begin(talk)
            case Taking.TAKEN if talk is not None:
                colleague = self.db.member(talk.taken_by)
                self.reply(Phrase("staff.taken", {"name": colleague.first_name if colleague else "?"}))
            case judged:
                self.reply(Phrase(f"staff.{judged.value}"))

    def _begin(self, talk: Talk) -> None:
        talk = taken(talk, self.member, self.at)
        self.db.save_talk(talk)
        self.reception.plan(self.db, talk, self.at)
        self.send(self.words.yours(talk, self.member), about=talk.reference)
        for line in self.db.lines(talk.reference):
            self.send(self.words.line(line), about=talk.reference)
        self._tell(talk, Phrase("person.taken", {"name": self.member.first_name}))

    def _tell(self, talk: Talk, said: Phrase) -> None:
        conversation = self.turn_db.find(talk.reference)
        if conversation is not None:
            state = state_from_json(conversation.state)
            self.reception.tell_resident(self.db, talk.reference, state, self.at, said, from_staff=True)

    def _decline(self, reference: str) -> None:
        self.db.lock(reference)
        talk = self.db.talk(reference)
        if talk is None or (talk.taken_by and talk.taken_by != self.member.id):
            self.reply(Phrase("staff.over"))
        elif talk.taken_by:
            self.reply(Phrase("staff.already_yours"))
        else:
            self.reply(Phrase("staff.declined"))
            if talk.offered_to == self.member.id:
                self.reception.offer(self.db, talk, self.at)

    def _own_talk(self) -> Talk | None:
        """The talk this member is in, locked; looked at again under the lock, for the resident may have left."""
        talk = self.db.talk_of(self.member.id)
        if talk is None:
            return None
        reachable = self.db.lock(talk.reference)
        talk = self.db.talk(talk.reference)
        if talk is None or talk.taken_by != self.member.id:
            return None
        if not reachable:
            self.db.end_talk(talk.reference, at=self.at, forget=True)
            self.reply(Phrase("staff.unreachable"))
            return None
        return talk

    def _write(self, text: str) -> None:
        talk = self._own_talk()
        if talk is None:
            self.reply(Phrase("staff.no_talk"))
            return
        name = self.member.first_name
        self._tell(talk, Phrase("person.said", {"name": name, "text": Literal(text)}))
        first = talk.answered_at is None
        talk = replace(talk, last_at=self.at, answered_at=talk.answered_at or self.at)
        self.db.save_talk(talk)
        if first:
            self.db.drop_lines(talk.reference)
            self.reception.plan(self.db, talk, self.at)

    def _hand_back(self) -> None:
        talk = self._own_talk()
        if talk is None:
            self.reply(Phrase("staff.no_talk"))
            return
        self.db.end_talk(talk.reference, at=self.at, forget=False)
        self.hand_back(
            talk.reference, self.at, (Phrase("person.handed_back", {"name": self.member.first_name}),)
        )
        self.reply(Phrase("staff.done"))
        waiting = self.db.waiting()
        if waiting:
            self.send(self.words.waiting(waiting))


def leave(
    reception: Reception, turn_db: TurnDb, member: StaffMember, at: datetime, *, for_now: bool = False
) -> None:
    """A member goes, and whoever they talked with or were asked for goes to the next. `for_now`: they stay on the list.

    What waits for their chat goes, but for a last word."""
    db = turn_db.desk
    talk = db.talk_of(member.id)
    farewell = reception.words(member.language).message(Phrase("staff.left"))
    if for_now:
        db.settle(member.id, "", "")
    else:
        db.remove(member.id)
        # Under a name of its own, for the member's is gone.
        db.tell_member(replace(member, id=f"{member.id}:left"), farewell, at=at)
    reception.signals.member_leaves(db, member, at)
    theirs = [each for each in db.waiting() if each.offered_to == member.id]
    for one in [*([talk] if talk is not None else []), *theirs]:
        if db.lock(one.reference):
            now = db.talk(one.reference)
            if now is not None and (
                now.taken_by == member.id or (now.offered_to == member.id and not now.taken_by)
            ):
                reception.offer(db, let_go(now) if now.taken_by else now, at, new_round=True)


def join(reception: Reception, db: DeskDb, incoming: Incoming, language: str) -> None:
    """A chat follows a one-time link: it belongs to a member from now on, when the link is still good."""
    words = reception.words(language)
    member = db.find_member(incoming.channel, incoming.channel_ref)
    if member is not None:
        said = Phrase("staff.other_chat", {"name": member.name})
        db.tell_member(member, reception.words(member.language).message(said), at=incoming.at)
        return
    member = db.join(incoming.code, incoming.channel, incoming.channel_ref, language=language, at=incoming.at)
    if member is None:
        stranger = StaffMember(
            "unknown", "-", Role.COORDINATOR, channel=incoming.channel, channel_ref=incoming.channel_ref
        )
        db.tell_member(stranger, words.message(Phrase("staff.link_used")), at=incoming.at)
        return
    welcome = words.message(
        Phrase("staff.joined", {"name": member.name}), Phrase("staff.help", {"name": member.name})
    )
    db.tell_member(member, welcome, at=incoming.at)
