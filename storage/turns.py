"""What one turn reads and writes, on either database; transactions, batches and retries are the store's."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.ports import OPEN, Changes, Conversation, Held, RecordedConsent, reminder_key
from domain.audit import RESIDENT, AuditAction, AuditEntry
from domain.campaign import Campaign
from domain.consent import Purpose
from domain.message import Message
from storage import schema
from storage.afterwards import AfterwardsStatements, AfterwardsTable
from storage.audit import AuditStatements, AuditTable
from storage.campaigns import CampaignStatements, CampaignTable
from storage.meemakers import MeemakerStatements, MeemakerTable
from storage.messages import dump_message, load_message
from storage.misses import MissStatements, MissTable
from storage.own_data import OwnDataStatements, own_data
from storage.posting import PostTable
from storage.receipts import BY_CHAT, ReceiptStatements, ReceiptTable
from storage.sessions import SessionStatements, SessionTable
from storage.staff import DeskTable, StaffStatements
from storage.statements import Db, Statement, insert_row
from storage.talk_mail import TalkMailStatements, TalkMailTable
from storage.traces import Traces, TraceStatements
from storage.vault import Vault


class TurnStatements:
    """Every statement of a turn, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        conversations, contacts, updates = schema.conversations, schema.contacts, schema.updates
        responses, consents, work = schema.responses, schema.consents, schema.work
        of_person = conversations.c.reference == sa.bindparam("person")
        self.load = ready(
            sa.select(
                conversations.c.reference,
                conversations.c.state,
                conversations.c.revision,
                conversations.c.response,
                conversations.c.simulated,
            )
            .join_from(contacts, conversations, contacts.c.reference == conversations.c.reference)
            .where(contacts.c.channel == sa.bindparam("channel"))
            .where(contacts.c.channel_ref_hash == sa.bindparam("channel_ref_hash"))
            .with_for_update(of=conversations)
        )
        self.earlier_reply = ready(
            sa.select(updates.c.reply)
            .where(updates.c.channel == sa.bindparam("channel"))
            .where(updates.c.update_hash == sa.bindparam("update_hash"))
        )
        self.add_update = ready(insert_row(updates))
        self.drop_replies = ready(
            sa.update(updates).where(updates.c.reference == sa.bindparam("person")).values(reply=sa.null())
        )
        self.was_given = ready(
            sa.select(schema.consents.c.id)
            .where(
                schema.consents.c.reference == sa.bindparam("person"),
                schema.consents.c.purpose == sa.bindparam("purpose"),
                schema.consents.c.given.is_(True),
            )
            .limit(1)
        )
        self.add_conversation = ready(insert_row(conversations))
        self.add_contact = ready(insert_row(contacts))
        self.save_conversation = ready(
            sa.update(conversations)
            .where(of_person)
            .values(
                {
                    name: sa.bindparam(name)
                    for name in ("state", "revision", "language", "response", "last_at")
                }
                | {"blocked_at": sa.null()}
            )
        )
        self.add_response = ready(insert_row(responses))
        self.adopt_consents = ready(
            sa.update(consents)
            .where(consents.c.reference == sa.bindparam("person"), consents.c.response.is_(None))
            .values(response=sa.bindparam("response"))
        )
        self.close_response = ready(
            sa.update(responses)
            .where(responses.c.id == sa.bindparam("current"))
            .values(closed_at=sa.bindparam("closed_at"), outcome=sa.bindparam("outcome"))
        )
        self.add_answer = ready(insert_row(schema.answers, "id"))
        answers, readings = schema.answers, schema.theme_readings
        earlier = sa.select(answers.c.id).where(
            answers.c.response == sa.bindparam("current"), answers.c.path == sa.bindparam("of")
        )
        self.drop_themes = ready(sa.delete(readings).where(readings.c.answer.in_(earlier)))
        self.drop_answers = ready(
            sa.delete(schema.answers).where(
                schema.answers.c.response == sa.bindparam("current"),
                schema.answers.c.purpose == sa.bindparam("purpose"),
            )
        )
        self.add_consent = ready(insert_row(consents, "id"))
        self.add_signal = ready(insert_row(schema.signals, "id"))
        self.add_hand_over = ready(insert_row(schema.hand_overs, "id"))
        self.drop_wish = ready(
            sa.delete(schema.wishes).where(schema.wishes.c.response == sa.bindparam("current"))
        )
        self.add_wish = ready(insert_row(schema.wishes))
        reaches = schema.reaches
        of_response = reaches.c.response == sa.bindparam("current")
        self.drop_reach = ready(sa.delete(reaches).where(of_response, reaches.c.path == sa.bindparam("of")))
        self.drop_reaches = ready(sa.delete(reaches).where(of_response))
        self.add_reach = ready(insert_row(reaches))
        self.drop_work = ready(sa.delete(work).where(work.c.key == sa.bindparam("key")))
        self.add_work = ready(insert_row(work))
        self.add_message = ready(insert_row(schema.outbox, "id", "key_hash"))
        self.find = ready(
            sa.select(
                conversations.c.channel,
                conversations.c.state,
                conversations.c.revision,
                conversations.c.response,
                conversations.c.simulated,
                conversations.c.assisted_by,
            )
            .where(of_person)
            .with_for_update()
        )  # fmt: skip # read as one piece
        self.add_event = ready(insert_row(schema.events, "id"))
        outbox = schema.outbox
        waits = (outbox.c.reference == sa.bindparam("person")) & schema.is_waiting()
        free = outbox.c.leased_until.is_(None)
        is_held = outbox.c.not_before > outbox.c.created_at
        untried = outbox.c.attempts == 0
        self.held = ready(
            sa.select(outbox.c.id)
            .where(waits, free, untried, is_held, outbox.c.not_after.is_(None))
            .order_by(outbox.c.id)
            .with_for_update(skip_locked=True)
        )
        self.drop_held = ready(sa.delete(outbox).where(waits, free, untried, is_held))
        self.release_held = ready(
            sa.update(outbox).where(waits, free, untried, is_held).values(not_before=outbox.c.created_at)
        )
        # What has a key is news of a talk: who ends the questions still comes to it.
        self.drop_waiting = ready(sa.delete(outbox).where(waits, free, outbox.c.key_hash.is_(None)))
        self.drop_reminders = ready(sa.delete(outbox).where(waits, free, outbox.c.not_after.is_not(None)))
        self.traces = TraceStatements(dialect)
        self.misses = MissStatements(dialect)
        self.campaigns = CampaignStatements(dialect)
        self.meemakers = MeemakerStatements(dialect)
        self.audit = AuditStatements(dialect)
        self.staff = StaffStatements(dialect)
        self.sessions = SessionStatements(dialect)
        self.talk_mail = TalkMailStatements(dialect)
        self.afterwards = AfterwardsStatements(dialect)
        self.own_data = OwnDataStatements(dialect)
        self.receipts = ReceiptStatements(dialect)


class StoredTurn:
    """`TurnDb` on an open transaction."""

    def __init__(self, db: Db, statements: TurnStatements, vault: Vault, new_id: Callable[[], str]) -> None:
        self._db, self._sql, self._vault, self._new_id = db, statements, vault, new_id
        self._erased = False
        self.desk = DeskTable(db, statements.staff, vault, new_id)
        self.meemakers = MeemakerTable(db, statements.meemakers, vault)
        self.sessions = SessionTable(db, statements.sessions)
        self._post = PostTable(db, statements.sessions.post)
        self._mail = TalkMailTable(db, statements.talk_mail)
        self._afterwards = AfterwardsTable(db, statements.afterwards)

    @property
    def erased(self) -> bool:
        """Whether anything was taken away that must leave the disk as well."""
        return self._erased or self.desk.erased or self.meemakers.erased

    def post(self, reference: str, message: Message, *, at: datetime, key: str = "", about: str = "") -> bool:
        return self._post.post(reference, message, at=at, key=key, about=about)

    def keep_afterwards(
        self, reference: str, session: str, how: str, *, text_version: str, at: datetime
    ) -> bool:
        return self._afterwards.keep(
            reference, session, how, text_version=text_version, at=at, new_id=self._new_id
        )

    def own_data(self, reference: str, at: datetime) -> str:
        return own_data(self._db, self._sql.own_data, reference, at)

    def email_of(self, meemaker: str) -> str:
        return self._mail.email_of(meemaker)

    def mail(self, meemaker: str, message: Message, *, at: datetime, key: str, about: str = "") -> None:
        self._mail.mail(meemaker, message, at=at, key=key, about=about)

    def language(self, reference: str) -> str:
        return self._post.language(reference)

    def may_remind(self, reference: str, *, at: datetime, since: datetime, most: int) -> bool:
        return self._post.may_remind(reference, at=at, since=since, most=most)

    def find(self, reference: str) -> Conversation | None:
        found = self._db.row(self._sql.find, person=reference)
        if found is None:
            return None
        channel, state, revision, response, simulated, assisted_by = found
        return Conversation(
            reference, channel, state, revision, response or "", bool(simulated), assisted_by=assisted_by
        )

    def campaign(self, code: str, reference: str) -> tuple[Campaign, bool] | None:
        table = CampaignTable(self._db, self._sql.campaigns)
        found = table.find(code)
        return (found, table.is_done(code, reference)) if found is not None else None

    def load(self, channel: str, channel_ref: str) -> Conversation:
        digest = self._vault.contact_hash(channel, channel_ref)
        found = self._db.row(self._sql.load, channel=channel, channel_ref_hash=digest)
        if found is None:
            return Conversation(self._new_id(), channel, is_new=True)
        reference, state, revision, response, simulated = found
        return Conversation(reference, channel, state, revision, response or "", bool(simulated))

    def earlier_reply(self, channel: str, update_id: str) -> tuple[Message, ...] | None:
        digest = self._vault.update_hash(channel, update_id)
        found = self._db.row(self._sql.earlier_reply, channel=channel, update_hash=digest)
        if found is None:
            return None
        return tuple(load_message(stored) for stored in orjson.loads(found[0] or "[]"))

    def has_held(self, reference: str) -> bool:
        return self._db.row(self._sql.held, person=reference) is not None

    def mark(self, channel: str, channel_ref: str, message: str) -> str:
        return self._vault.update_hash(channel, f"{channel_ref}/{message}")[:16]

    def save(
        self,
        conversation: Conversation,
        changes: Changes,
        *,
        channel_ref: str,
        update_id: str | None,
        at: datetime,
    ) -> None:
        if changes.erase:
            self._erase(conversation, changes, channel_ref, update_id, at)
            return
        if self._takes_back(conversation, changes):
            # Earlier replies may tell what was answered under it.
            self._db.run(self._sql.drop_replies, person=conversation.reference)
            self._erased = True
        if update_id is not None:
            self._claim_update(conversation, changes, update_id, at)
        response = self._response_after(conversation, changes)
        self._save_conversation(conversation, changes, response, channel_ref, at)
        if changes.forget and conversation.response:
            Traces(self._db, self._sql.traces).forget(conversation.reference, conversation.response)
        if changes.forget or any(_is_taken_back(each) for each in changes.consents):
            self._erased = self._afterwards.drop(conversation.reference) or self._erased
        if changes.begin is not None:
            self._begin(conversation, changes, at)
        if response or not changes.forget:
            self._record(conversation, changes, response, at)
        self._learn(conversation, changes)
        self._raise_flags(conversation, changes, at)
        self._plan(conversation, changes)
        self._settle_waiting(conversation.reference, changes)
        if changes.deliver_later and changes.messages:
            chat = conversation.via or conversation.reference
            self._send(chat, conversation.channel, changes, at, None)

    @staticmethod
    def _response_after(conversation: Conversation, changes: Changes) -> str:
        if changes.begin is not None:
            return changes.begin.id
        return "" if changes.forget else conversation.response

    def _claim_update(
        self, conversation: Conversation, changes: Changes, update_id: str, at: datetime
    ) -> None:
        reply = None
        if changes.messages and not (changes.deliver_later or changes.receipt):
            reply = orjson.dumps([dump_message(message) for message in changes.messages]).decode()
        self._db.run(
            self._sql.add_update,
            channel=conversation.channel,
            update_hash=self._vault.update_hash(conversation.channel, update_id),
            reference=conversation.reference,
            at=at,
            reply=reply,
        )

    def _save_conversation(
        self, conversation: Conversation, changes: Changes, response: str, channel_ref: str, at: datetime
    ) -> None:
        written: dict[str, Any] = {
            "state": changes.state,
            "revision": conversation.revision + 1,
            "language": changes.language,
            "response": response or None,
            "last_at": at,
        }
        if not conversation.is_new:
            self._db.run(self._sql.save_conversation, person=conversation.reference, **written)
            return
        reference, channel = conversation.reference, conversation.channel
        self._db.run(
            self._sql.add_conversation,
            reference=reference,
            channel=channel,
            simulated=conversation.simulated,
            created_at=at,
            blocked_at=None,
            assisted_by=conversation.assisted_by,
            erase_hash=None,
            **written,
        )
        if conversation.via:
            return  # the chat is the meemaker's
        digest = self._vault.contact_hash(channel, channel_ref)
        self._db.run(
            self._sql.add_contact,
            channel=channel,
            channel_ref_hash=digest,
            channel_ref=channel_ref,
            reference=reference,
        )

    def _begin(self, conversation: Conversation, changes: Changes, at: datetime) -> None:
        """The response, with the consents that were given on the way to it."""
        begin = changes.begin
        assert begin is not None
        self._db.run(
            self._sql.add_response,
            id=begin.id,
            reference=conversation.reference,
            questionnaire=begin.questionnaire,
            version=begin.version,
            language=begin.language,
            channel=conversation.channel,
            simulated=conversation.simulated,
            started_at=at,
            closed_at=None,
            outcome="",
            campaign=begin.campaign,
            wave=begin.wave,
            assisted_by=conversation.assisted_by,
            session=begin.session,
            meemaker=self.meemakers.id_of(conversation.reference) if begin.session else "",
        )
        self._db.run(self._sql.adopt_consents, person=conversation.reference, response=begin.id)

    def _record(self, conversation: Conversation, changes: Changes, response: str, at: datetime) -> None:
        if not response and (changes.answers or changes.wish is not None or changes.reach or changes.close):
            raise ValueError(
                "answers, a wish, a way to be reached or a close without a response that has begun"
            )
        for recorded in changes.answers:
            self._db.run(self._sql.drop_themes, current=response, of=recorded.path)
            self._db.run(
                self._sql.add_answer,
                response=response,
                path=recorded.path,
                status=recorded.answer.status.value,
                value=recorded.answer.value,
                at=at,
                by=recorded.by,
                model=recorded.model,
                purpose=recorded.purpose.value,
                typed_by=conversation.assisted_by,
            )
        for consent in changes.consents:
            self._db.run(
                self._sql.add_consent,
                reference=conversation.reference,
                response=response or None,
                purpose=consent.purpose.value,
                given=consent.given,
                text_version=consent.text_version,
                at=at,
            )
            if not consent.given:
                self._db.run(self._sql.drop_answers, current=response, purpose=consent.purpose.value)
                if consent.purpose is Purpose.CONTACT:
                    self._db.run(self._sql.drop_reaches, current=response)
        self._keep_reach(conversation, changes, response, at)
        if changes.wish is not None or changes.drop_wish:
            self._db.run(self._sql.drop_wish, current=response)
        if changes.wish is not None:
            self._db.run(
                self._sql.add_wish,
                response=response,
                reference=conversation.reference,
                preferences=orjson.dumps(dict(changes.wish)).decode(),
                at=at,
            )
        if changes.close:
            is_open = changes.close == OPEN
            closed_at, outcome = (None, "") if is_open else (at, changes.close)
            self._db.run(self._sql.close_response, current=response, closed_at=closed_at, outcome=outcome)

    def _takes_back(self, conversation: Conversation, changes: Changes) -> bool:
        """Whether they had agreed to what they refuse now: a first no leaves nothing to write the file anew for."""
        return any(
            self._db.row(self._sql.was_given, person=conversation.reference, purpose=each.purpose.value)
            for each in changes.consents
            if not each.given
        )

    def _learn(self, conversation: Conversation, changes: Changes) -> None:
        table = MissTable(self._db, self._sql.misses)
        if changes.miss is not None or changes.meant:
            table.keep(conversation.reference, changes.miss, changes.meant)
        if any(each.purpose is Purpose.LEARN and not each.given for each in changes.consents):
            table.drop_of(conversation.reference)

    def _keep_reach(self, conversation: Conversation, changes: Changes, response: str, at: datetime) -> None:
        for path, how in changes.reach.items():
            self._db.run(self._sql.drop_reach, current=response, of=path)
            if how is not None:
                self._db.run(
                    self._sql.add_reach,
                    response=response,
                    path=path,
                    reference=conversation.reference,
                    how=how,
                    at=at,
                )

    def _raise_flags(self, conversation: Conversation, changes: Changes, at: datetime) -> None:
        reference = conversation.via or conversation.reference  # who can be reached
        for kind in changes.signals:
            self._db.run(self._sql.add_signal, reference=reference, kind=kind.value, at=at, closed_at=None)
        if changes.hand_over:
            self._db.run(self._sql.add_hand_over, reference=reference, at=at, closed_at=None)
        for each in changes.happened:
            self._db.run(
                self._sql.add_event,
                reference=reference,
                at=at,
                kind=each.kind,
                what=each.what,
                path=each.path,
            )

    def _plan(self, conversation: Conversation, changes: Changes) -> None:
        if changes.cancel_work:
            self._db.run(self._sql.traces.drop_turn_work, person=conversation.reference)
        if changes.unremind:
            self._db.run(self._sql.drop_work, key=reminder_key(conversation.reference))
        for planned in changes.plan:
            self._db.run(self._sql.drop_work, key=planned.key)
            self._db.run(
                self._sql.add_work,
                key=planned.key,
                kind=planned.kind,
                reference=conversation.reference,
                due_at=planned.due_at,
                revision=conversation.revision + 1,
                leased_until=None,
            )

    def _settle_waiting(self, reference: str, changes: Changes) -> None:
        match changes.held:
            case Held.RELEASE:
                self._db.run(self._sql.release_held, person=reference)
            case Held.DROP:
                self._db.run(self._sql.drop_held, person=reference)
            case Held.DROP_ALL:
                self._db.run(self._sql.drop_waiting, person=reference)
        if changes.unremind:
            self._db.run(self._sql.drop_reminders, person=reference)

    def _send(
        self, reference: str, channel: str, changes: Changes, at: datetime, channel_ref: str | None
    ) -> None:
        for message in changes.messages:
            self._db.run(
                self._sql.add_message,
                channel=channel,
                reference=reference,
                channel_ref=channel_ref,
                about=None,
                payload=orjson.dumps(dump_message(message)).decode(),
                created_at=at,
                not_before=at + changes.hold,
                not_after=None,
                leased_until=None,
                attempts=0,
                status="waiting",
                code="",
                sent_at=None,
            )

    def _erase(
        self,
        conversation: Conversation,
        changes: Changes,
        channel_ref: str,
        update_id: str | None,
        at: datetime,
    ) -> None:
        """The farewell goes out under a name of its own; what stays of the update is that it was taken."""
        self._erased = True
        Traces(self._db, self._sql.traces).erase(conversation.reference, at)
        if update_id is not None:
            self._db.run(
                self._sql.add_update,
                channel=conversation.channel,
                update_hash=self._vault.update_hash(conversation.channel, update_id),
                reference=None,
                at=at,
                reply=None,
            )
        if changes.deliver_later:
            self._send(self._new_id(), conversation.channel, changes, at, channel_ref)
        if not conversation.is_new:
            entry = AuditEntry(AuditAction.ERASE, at, RESIDENT, person=conversation.reference, count=1)
            AuditTable(self._db, self._sql.audit, self._vault).append(entry)
            ReceiptTable(self._db, self._sql.receipts).erased(BY_CHAT, changes.receipt, at)


def _is_taken_back(consent: RecordedConsent) -> bool:
    """The consent under which answers are kept."""
    return consent.purpose is Purpose.ANSWERS and not consent.given
