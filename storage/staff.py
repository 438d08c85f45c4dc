"""Staff, their talks with residents, and what waits for both, on either database; who is asked when is decided elsewhere."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from domain.message import Message
from domain.staff import KeptLine, Role, StaffMember, Talk
from storage import schema
from storage.cases import CaseStatements, CaseTable
from storage.columns import UtcTime
from storage.messages import dump_message
from storage.statements import ONE, Db, Row, Statement, insert_row
from storage.traces import about_signal
from storage.vault import Vault

MAIL = "mail"
"""The channel under which e-mail waits in the outbox."""

_INVITE = "staff-invite"
"""The "channel" under which the hash of an invitation's code is made."""


class StaffStatements:
    """Every statement of staff and talks, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        staff, talks, lines = schema.staff, schema.talks, schema.talk_lines
        conversations, outbox, work = schema.conversations, schema.outbox, schema.work
        this = staff.c.id == sa.bindparam("this")
        person: sa.BindParameter[str] = sa.bindparam("person")
        is_busy = sa.exists().where(talks.c.taken_by == staff.c.id)
        members = sa.select(
            staff.c.id, staff.c.name, staff.c.role, staff.c.language, staff.c.channel, staff.c.channel_ref, is_busy,
            staff.c.blocked_at, staff.c.offered_at, staff.c.invited_until,
        )  # fmt: skip # read as one piece
        here = (
            staff.c.channel == sa.bindparam("channel"),
            staff.c.channel_ref_hash == sa.bindparam("channel_ref_hash"),
        )
        self.find = ready(members.where(*here).with_for_update(of=staff))
        self.member = ready(members.where(this))
        self.members = ready(members.order_by(staff.c.created_at, staff.c.id))
        self.add_member = ready(insert_row(staff))
        self.invite_again = ready(
            sa.update(staff)
            .where(this)
            .values({name: sa.bindparam(name) for name in ("role", "invite_hash", "invited_until")})
        )
        self.invited = ready(
            sa.select(staff.c.id)
            .where(staff.c.invite_hash == sa.bindparam("invite_hash"))
            .where(staff.c.invited_until > sa.bindparam("now", type_=UtcTime()))
            .with_for_update()
        )
        places = ("channel", "channel_ref_hash", "channel_ref", "language")
        self.settle = ready(
            sa.update(staff)
            .where(this)
            .values({name: sa.bindparam(name) for name in places})
            .values(invite_hash=None, invited_until=None, blocked_at=None)
        )
        self.unblock = ready(sa.update(staff).where(this).values(blocked_at=None))
        self.block = ready(sa.update(staff).where(this).values(blocked_at=sa.bindparam("blocked")))
        self.remove = ready(sa.delete(staff).where(this))
        self.note_asked = ready(sa.update(staff).where(this).values(offered_at=sa.bindparam("asked_at")))
        self.lock = ready(
            sa.select(conversations.c.blocked_at).where(conversations.c.reference == person).with_for_update()
        )
        self.channel = ready(sa.select(conversations.c.channel).where(conversations.c.reference == person))
        talk = sa.select(
            talks.c.reference, talks.c.at, talks.c.last_at, talks.c.wijk, talks.c.question, talks.c.asked,
            talks.c.offered_to, talks.c.offered_at, talks.c.taken_by, talks.c.taken_at, talks.c.answered_at,
        )  # fmt: skip # read as one piece
        self.talk = ready(talk.where(talks.c.reference == person))
        self.talk_of = ready(talk.where(talks.c.taken_by == sa.bindparam("member")))
        self.waiting = ready(talk.where(talks.c.taken_by == "").order_by(talks.c.at, talks.c.reference))
        self.add_talk = ready(insert_row(talks))
        self.drop_talk = ready(sa.delete(talks).where(talks.c.reference == person))
        self.close_hand_overs = ready(
            sa.update(schema.hand_overs)
            .where(schema.hand_overs.c.reference == person, schema.hand_overs.c.closed_at.is_(None))
            .values(closed_at=sa.bindparam("closed"))
        )
        self.add_line = ready(insert_row(lines, "id"))
        self.lines = ready(
            sa.select(lines.c.text, lines.c.marked).where(lines.c.reference == person).order_by(lines.c.id)
        )
        self.drop_lines = ready(sa.delete(lines).where(lines.c.reference == person))
        self.add_message = ready(insert_row(outbox, "id", "key_hash"))
        self.drop_about = ready(sa.delete(outbox).where(outbox.c.about == person))
        self.drop_messages = ready(sa.delete(outbox).where(outbox.c.reference == person))
        self.drop_work = ready(sa.delete(work).where(work.c.key == sa.bindparam("key")))
        self.add_work = ready(insert_row(work))
        self.finish = ready(
            sa.delete(work)
            .where(work.c.key == sa.bindparam("key"), work.c.leased_until.is_not(None))
            .returning(ONE)
        )
        self.add_update = ready(insert_row(schema.updates))
        self.cases = CaseStatements(dialect)


def outbox_name(member_id: str) -> str:
    """Under which messages to a member stand in the outbox, in order; no resident's reference looks like it."""
    return f"staff:{member_id}"


def _read_member(row: Row) -> StaffMember:
    (id_, name, role, language, channel, channel_ref, busy, blocked_at, offered_at, invited_until) = row
    return StaffMember(
        id_, name, Role(role), language, channel or "", channel_ref or "", bool(busy), blocked_at is not None,
        offered_at, invited_until,
    )  # fmt: skip # read as one piece


def _read_talk(row: Row) -> Talk:
    reference, at, last_at, wijk, question, asked, *rest = row
    return Talk(reference, at, last_at, wijk, question, tuple(json.loads(asked)), *rest)


class DeskTable:
    """`DeskDb` on an open transaction."""

    def __init__(self, db: Db, statements: StaffStatements, vault: Vault, new_id: Callable[[], str]) -> None:
        self._db, self._sql, self._vault, self._new_id = db, statements, vault, new_id
        self.cases = CaseTable(db, statements.cases, new_id)
        self.erased = False
        """Whether words were taken away that must leave the disk as well."""

    def find_member(self, channel: str, channel_ref: str) -> StaffMember | None:
        digest = self._vault.contact_hash(channel, channel_ref)
        found = self._db.row(self._sql.find, channel=channel, channel_ref_hash=digest)
        if found is None:
            return None
        member = _read_member(found)
        if member.is_blocked:  # whoever writes has come back
            self._db.run(self._sql.unblock, this=member.id)
        return member

    def member(self, member_id: str) -> StaffMember | None:
        found = self._db.row(self._sql.member, this=member_id)
        return None if found is None else _read_member(found)

    def staff(self) -> Sequence[StaffMember]:
        return [_read_member(row) for row in self._db.rows(self._sql.members)]

    def invite(self, name: str, role: Role, code: str, *, until: datetime, at: datetime) -> None:
        digest = self._vault.contact_hash(_INVITE, code)
        known = next((each for each in self.staff() if each.name.casefold() == name.casefold()), None)
        values = {"role": role.value, "invite_hash": digest, "invited_until": until}
        if known is not None:
            self._db.run(self._sql.invite_again, this=known.id, **values)
            return
        self._db.run(
            self._sql.add_member, id=self._new_id(), name=name, language="nl", channel=None, channel_ref_hash=None,
            channel_ref=None, blocked_at=None, offered_at=None, created_at=at, **values,
        )  # fmt: skip # read as one piece

    def join(
        self, code: str, channel: str, channel_ref: str, *, language: str, at: datetime
    ) -> StaffMember | None:
        digest = self._vault.contact_hash(_INVITE, code)
        found = self._db.row(self._sql.invited, invite_hash=digest, now=at)
        if found is None:
            return None
        self._settle(found[0], channel, channel_ref, language)
        return self.member(found[0])

    def settle(self, member_id: str, channel: str, channel_ref: str) -> None:
        self._settle(member_id, channel, channel_ref, "nl")

    def _settle(self, member_id: str, channel: str, channel_ref: str, language: str) -> None:
        digest = self._vault.contact_hash(channel, channel_ref) if channel else None
        self._db.run(
            self._sql.settle, this=member_id, channel=channel or None, channel_ref_hash=digest,
            channel_ref=channel_ref or None, language=language,
        )  # fmt: skip # read as one piece
        if not channel:
            self._db.run(self._sql.drop_messages, person=outbox_name(member_id))

    def remove(self, member_id: str) -> None:
        self._db.run(self._sql.drop_messages, person=outbox_name(member_id))
        self._db.run(self._sql.remove, this=member_id)
        self.erased = True

    def note_asked(self, member_id: str, at: datetime) -> None:
        self._db.run(self._sql.note_asked, this=member_id, asked_at=at)

    def lock(self, reference: str) -> bool:
        found = self._db.row(self._sql.lock, person=reference)
        return found is not None and found[0] is None

    def talk(self, reference: str) -> Talk | None:
        found = self._db.row(self._sql.talk, person=reference)
        return None if found is None else _read_talk(found)

    def talk_of(self, member_id: str) -> Talk | None:
        found = self._db.row(self._sql.talk_of, member=member_id)
        return None if found is None else _read_talk(found)

    def waiting(self) -> Sequence[Talk]:
        return [_read_talk(row) for row in self._db.rows(self._sql.waiting)]

    def save_talk(self, talk: Talk) -> None:
        self._db.run(self._sql.drop_talk, person=talk.reference)
        values = {name: getattr(talk, name) for name in talk.__slots__}
        self._db.run(self._sql.add_talk, **{**values, "asked": json.dumps(talk.asked)})

    def end_talk(self, reference: str, *, at: datetime, forget: bool) -> None:
        self._db.run(self._sql.drop_talk, person=reference)
        self._db.run(self._sql.drop_lines, person=reference)
        self._db.run(self._sql.close_hand_overs, person=reference, closed=at)
        self._db.run(self._sql.drop_work, key=talk_key(reference))
        if forget:
            self._db.run(self._sql.drop_about, person=reference)
        self.erased = True

    def keep_line(self, reference: str, line: KeptLine, *, at: datetime) -> None:
        self._db.run(self._sql.add_line, reference=reference, text=line.text, marked=line.is_marked, at=at)

    def lines(self, reference: str) -> Sequence[KeptLine]:
        return [
            KeptLine(text, bool(marked)) for text, marked in self._db.rows(self._sql.lines, person=reference)
        ]

    def drop_lines(self, reference: str) -> None:
        self._db.run(self._sql.drop_lines, person=reference)
        self.erased = True

    def tell_member(
        self, member: StaffMember, message: Message, *, at: datetime, about: str = "", is_signal: bool = False
    ) -> None:
        """A row with its own address, as a last word to an erased person has: it goes when it was sent."""
        name, channel = outbox_name(member.id), member.channel
        whom = about_signal(about) if is_signal else about
        self._send(name, channel, message, at, channel_ref=member.channel_ref, about=whom or None)

    def tell_address(self, address: str, message: Message, *, at: datetime, about: str) -> None:
        # Under a name that logs may have: who reads the mail is nobody's business there.
        name = f"mail:{self._vault.contact_hash(MAIL, address)[:12]}"
        self._send(name, MAIL, message, at, channel_ref=address, about=about_signal(about))

    def tell_resident(
        self, reference: str, message: Message, *, at: datetime, from_staff: bool = False
    ) -> None:
        found = self._db.row(self._sql.channel, person=reference)
        if found is not None:
            self._send(reference, found[0], message, at, about=reference if from_staff else None)

    def _send(
        self, reference: str, channel: str, message: Message, at: datetime, *, about: str | None,
        channel_ref: str | None = None,
    ) -> None:  # fmt: skip # read as one piece
        row: dict[str, Any] = {
            "channel": channel, "reference": reference, "channel_ref": channel_ref, "about": about, "not_after": None,
            "payload": json.dumps(dump_message(message)), "created_at": at, "not_before": at, "leased_until": None,
            "attempts": 0, "status": "waiting", "code": "", "sent_at": None,
        }  # fmt: skip # read as one piece
        self._db.run(self._sql.add_message, **row)

    def plan(self, key: str, kind: str, reference: str, due_at: datetime) -> None:
        self._db.run(self._sql.drop_work, key=key)
        self._db.run(
            self._sql.add_work,
            key=key,
            kind=kind,
            reference=reference,
            due_at=due_at,
            revision=0,
            leased_until=None,
        )

    def finish(self, key: str) -> bool:
        return self._db.count(self._sql.finish, key=key) > 0

    def note_update(self, channel: str, update_id: str, *, at: datetime) -> None:
        digest = self._vault.update_hash(channel, update_id)
        self._db.run(
            self._sql.add_update, channel=channel, update_hash=digest, reference=None, at=at, reply=None
        )

    def block(self, outbox_reference: str, at: datetime) -> None:
        """A member whom no message reaches: nobody asks them until they write again."""
        self._db.run(self._sql.block, this=outbox_reference.removeprefix("staff:"), blocked=at)


def talk_key(reference: str) -> str:
    """The key of the work that looks after a talk."""
    return f"talk:{reference}"
