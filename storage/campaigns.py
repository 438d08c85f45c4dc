"""Campaigns and their invitations, on either database; who may be asked, and in which words, is handed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.ports import Compose
from domain.campaign import Campaign, CampaignCounts
from domain.consent import Purpose
from domain.message import Message
from storage import schema
from storage.columns import UtcTime
from storage.messages import dump_message
from storage.statements import ONE, Db, Row, Statement, insert_row

LEAVE_ALONE = timedelta(minutes=30)
"""Nobody is interrupted: an invitation waits until somebody has been silent for this long."""


class CampaignStatements:
    """Every statement about campaigns, compiled for one database."""

    def __init__(self, dialect: Dialect) -> None:
        def ready(element: sa.sql.ClauseElement) -> Statement:
            return Statement(element, dialect)

        campaigns, invitations = schema.campaigns, schema.campaign_invitations
        responses = schema.responses
        code = sa.bindparam("code", type_=sa.Text())
        person = sa.bindparam("person", type_=sa.Text())
        columns = [
            campaigns.c[name] for name in ("code", "name", "questionnaire", "version", "wave", "purposes")
        ]
        self.create = ready(insert_row(campaigns))
        self.find = ready(sa.select(*columns).where(campaigns.c.code == code))
        self.all = ready(sa.select(*columns).order_by(campaigns.c.created_at, campaigns.c.code))
        self.done = ready(
            sa.select(ONE)
            .select_from(responses)
            .where(responses.c.reference == person, responses.c.campaign == code)
            .where(responses.c.outcome == "finished")
            .limit(1)
        )
        self.began = ready(
            sa.select(ONE)
            .select_from(responses)
            .where(responses.c.reference == person, responses.c.campaign == code)
            .limit(1)
        )
        self.add_invitation = ready(insert_row(invitations))
        this = (invitations.c.campaign == code, invitations.c.reference == person)
        self.drop_invitation = ready(sa.delete(invitations).where(*this))
        self.mark_sent = ready(sa.update(invitations).where(*this).values(sent_at=sa.bindparam("sent_now")))
        self.invitations = ready(
            sa.select(sa.func.count(), sa.func.count(invitations.c.sent_at)).where(
                invitations.c.campaign == code
            )
        )
        self.responses = ready(
            sa.select(
                sa.func.count(),
                sa.func.count(sa.case((responses.c.outcome == "finished", 1))),
            ).where(responses.c.campaign == code, responses.c.simulated.is_(sa.false()))
        )
        self.candidates = ready(_known_people(invited=False))
        self.waiting = ready(_known_people(invited=True))
        self.latest_consents = ready(
            sa.select(schema.consents.c.purpose, schema.consents.c.given)
            .where(schema.consents.c.reference == person)
            .order_by(schema.consents.c.id)
        )
        self.add_message = ready(insert_row(schema.outbox, "id", "key_hash"))
        conversations = schema.conversations
        self.save_state = ready(
            sa.update(conversations)
            .where(conversations.c.reference == person)
            .values(state=sa.bindparam("new_state"), revision=conversations.c.revision + 1)
        )


def _known_people(*, invited: bool) -> sa.Select[Any]:
    """(reference, channel, state, campaign) of people who can be reached in a channel and are not simulated: those
    not yet invited to `code`, or those whose invitation to any campaign waits."""
    conversations, contacts = schema.conversations, schema.contacts
    invitations = schema.campaign_invitations
    query = (
        sa.select(conversations.c.reference, conversations.c.channel, conversations.c.state)
        .join_from(conversations, contacts, contacts.c.reference == conversations.c.reference)
        .where(conversations.c.channel == sa.bindparam("channel", type_=sa.Text()))
        .where(conversations.c.blocked_at.is_(None), conversations.c.simulated.is_(sa.false()))
        .where(conversations.c.response.is_not(None))
        .order_by(conversations.c.reference)
    )
    if not invited:
        asked = sa.exists().where(
            invitations.c.reference == conversations.c.reference,
            invitations.c.campaign == sa.bindparam("code", type_=sa.Text()),
        )
        return query.where(~asked).with_for_update(of=conversations)
    return (
        query.add_columns(invitations.c.campaign)
        .join(invitations, invitations.c.reference == conversations.c.reference)
        .where(invitations.c.sent_at.is_(None))
        .where(conversations.c.last_at < sa.bindparam("quiet_since", type_=UtcTime()))
        .limit(sa.bindparam("at_most", type_=sa.Integer()))
        .with_for_update(of=[conversations, invitations], skip_locked=True)
    )


class CampaignTable:
    """Campaigns in one open transaction. Times are UTC."""

    def __init__(self, db: Db, statements: CampaignStatements) -> None:
        self._db, self._sql = db, statements

    def create(self, campaign: Campaign, at: datetime) -> bool:
        """False when its code is taken."""
        if self.find(campaign.code) is not None:
            return False
        self._db.run(
            self._sql.create,
            code=campaign.code,
            name=campaign.name,
            questionnaire=campaign.questionnaire,
            version=campaign.version,
            wave=campaign.wave,
            purposes=" ".join(sorted(campaign.purposes)),
            created_at=at,
        )
        return True

    def find(self, code: str) -> Campaign | None:
        found = self._db.row(self._sql.find, code=code)
        return _campaign(found) if found else None

    def is_done(self, code: str, reference: str) -> bool:
        return self._db.row(self._sql.done, code=code, person=reference) is not None

    def all(self) -> list[tuple[Campaign, CampaignCounts]]:
        return [
            (campaign, self._counts(campaign.code))
            for campaign in map(_campaign, self._db.rows(self._sql.all))
        ]

    def _counts(self, code: str) -> CampaignCounts:
        asked, sent = self._db.row(self._sql.invitations, code=code) or (0, 0)
        begun, finished = self._db.row(self._sql.responses, code=code) or (0, 0)
        return CampaignCounts(sent, asked - sent, begun, finished)

    def invite(
        self, campaign: Campaign, channel: str, at: datetime, compose: Compose, only: Sequence[str] | None
    ) -> int:
        """Notes who is to be invited: once a person, and only who may be asked now. `only` names references."""
        wanted = None if only is None else frozenset(only)
        count = 0
        for reference, _, state in self._db.rows(self._sql.candidates, code=campaign.code, channel=channel):
            if (wanted is None or reference in wanted) and self._may_ask(campaign, reference, state, compose):
                self._db.run(
                    self._sql.add_invitation,
                    campaign=campaign.code, reference=reference, asked_at=at, sent_at=None,
                )  # fmt: skip # read as rows of a table
                count += 1
        return count

    def send_waiting(self, channel: str, at: datetime, compose: Compose, limit: int) -> int:
        """Puts waiting invitations in the outbox. Everything is looked at again first: who stopped, took a consent back
        or began meanwhile loses the invitation."""
        sent = 0
        rows = self._db.rows(self._sql.waiting, channel=channel, at_most=limit, quiet_since=at - LEAVE_ALONE)
        for reference, _, state, code in rows:
            campaign = self.find(code)
            assert campaign is not None  # a foreign key
            invited = compose(campaign, state) if self._may_ask(campaign, reference, state, compose) else None
            if invited is None:
                self._db.run(self._sql.drop_invitation, code=code, person=reference)
                continue
            self._db.run(self._sql.save_state, person=reference, new_state=invited.state)
            self._db.run(self._sql.mark_sent, code=code, person=reference, sent_now=at)
            self._send(reference, channel, invited.message, at)
            sent += 1
        return sent

    def _may_ask(self, campaign: Campaign, reference: str, state: str, compose: Compose) -> bool:
        consents: dict[str, bool] = {}
        for purpose, given in self._db.rows(self._sql.latest_consents, person=reference):
            consents[purpose] = bool(given)
        if not any(consents.get(purpose.value) for purpose in campaign.purposes):
            return False
        if self._db.row(self._sql.began, code=campaign.code, person=reference) is not None:
            return False
        return compose(campaign, state) is not None

    def _send(self, reference: str, channel: str, message: Message, at: datetime) -> None:
        self._db.run(
            self._sql.add_message,
            channel=channel,
            reference=reference,
            channel_ref=None,
            about=None,
            payload=orjson.dumps(dump_message(message)).decode(),
            created_at=at,
            not_before=at,
            not_after=None,
            leased_until=None,
            attempts=0,
            status="waiting",
            code="",
            sent_at=None,
        )


def _campaign(row: Row) -> Campaign:
    code, name, questionnaire, version, wave, purposes = row
    return Campaign(
        code, name, questionnaire, version, wave, tuple(Purpose(word) for word in purposes.split())
    )
