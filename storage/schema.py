"""The tables, each column declared for what it says about a person; how they are filled and read lives elsewhere.

Privacy of a column: `personal` (who somebody is, or a pseudonym that leads there), `sensitive` (what may hurt when
known: health, danger, what was said), `answer` (an answer to a question), `technical` (nothing about anyone).
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from storage.columns import Encrypted, Hashed, UtcTime, Words

HEAD = "0013"
"""The newest migration; a database that carries it needs none."""

PRIVACY = frozenset({"personal", "sensitive", "answer", "technical"})

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column whose type is exactly INTEGER."""


def _column(
    name: str, type_: TypeEngine[Any], privacy: str, *rest: sa.ForeignKey | sa.Identity, key: bool = False
) -> sa.Column[Any]:
    return sa.Column(name, type_, *rest, primary_key=key, nullable=False, info={"privacy": privacy})


def _maybe(name: str, type_: TypeEngine[Any], privacy: str, *rest: sa.ForeignKey) -> sa.Column[Any]:
    """A column that may be empty."""
    return sa.Column(name, type_, *rest, nullable=True, info={"privacy": privacy})


def _text() -> TypeEngine[Any]:
    return sa.Text()


def _number() -> sa.Column[Any]:
    return _column("id", _BIG, "technical", sa.Identity(), key=True)


def _waits(status: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Still to be sent. Literal words, not parameters: a partial index is used only where they stand as such."""
    return status.in_([sa.literal_column("'waiting'"), sa.literal_column("'unknown'")])


conversations = sa.Table(
    "conversations",
    metadata,
    _column("reference", _text(), "personal", key=True),
    _column("channel", _text(), "technical"),
    _column("state", Words(), "sensitive"),
    _column("revision", sa.Integer(), "technical"),
    _column("language", _text(), "technical"),
    _maybe("response", _text(), "personal"),
    _column("simulated", sa.Boolean(), "technical"),
    _column("created_at", UtcTime(), "technical"),
    _column("last_at", UtcTime(), "technical"),
    _maybe("blocked_at", UtcTime(), "technical"),
    # Only for a resident without a chat of their own: which meemaker types, and the code that erases, as a keyed hash.
    _column("assisted_by", _text(), "personal"),
    _maybe("erase_hash", _text(), "personal"),
)
sa.Index(
    "ix_conversations_erase_hash",
    conversations.c.erase_hash,
    unique=True,
    sqlite_where=conversations.c.erase_hash.is_not(None),
    postgresql_where=conversations.c.erase_hash.is_not(None),
)

contacts = sa.Table(
    "contacts",
    metadata,
    _column("channel", _text(), "technical", key=True),
    _column("channel_ref_hash", _text(), "personal", key=True),
    _column("channel_ref", Encrypted(), "personal"),
    _column("reference", _text(), "personal", sa.ForeignKey("conversations.reference")),
    sa.Index(None, "reference"),
)

updates = sa.Table(
    "updates",
    metadata,
    _column("channel", _text(), "technical", key=True),
    _column("update_hash", _text(), "personal", key=True),
    _maybe("reference", _text(), "personal"),
    _column("at", UtcTime(), "technical"),
    _maybe("reply", Words(), "sensitive"),
    sa.Index(None, "reference"),
    sa.Index(None, "at"),
    sqlite_with_rowid=False,
)

responses = sa.Table(
    "responses",
    metadata,
    _column("id", _text(), "personal", key=True),
    _maybe("reference", _text(), "personal", sa.ForeignKey("conversations.reference")),
    _column("questionnaire", _text(), "technical"),
    _column("version", _text(), "technical"),
    _column("language", _text(), "technical"),
    _column("channel", _text(), "technical"),
    _column("simulated", sa.Boolean(), "technical"),
    _column("started_at", UtcTime(), "technical"),
    _maybe("closed_at", UtcTime(), "technical"),
    _column("outcome", _text(), "technical"),
    _column("campaign", _text(), "technical"),
    _column("wave", sa.Integer(), "technical"),
    _column("assisted_by", _text(), "personal"),
    # The talk in person that this is about, and which meemaker tells of it; empty for everything else.
    _column("session", _text(), "technical"),
    _column("meemaker", _text(), "personal"),
    sa.Index(None, "reference"),
    sa.Index(None, "started_at", "id"),
)
sa.Index(
    "ix_responses_session",
    responses.c.session,
    sqlite_where=responses.c.session != sa.literal_column("''"),
    postgresql_where=responses.c.session != sa.literal_column("''"),
)

answers = sa.Table(
    "answers",
    metadata,
    _number(),
    _column("response", _text(), "personal", sa.ForeignKey("responses.id")),
    _column("path", _text(), "technical"),
    _column("status", _text(), "answer"),
    _column("value", Words(), "answer"),
    _column("at", UtcTime(), "technical"),
    _column("by", _text(), "technical"),
    _column("model", _text(), "technical"),
    _column("purpose", _text(), "technical"),
    _column("typed_by", _text(), "personal"),
    sa.Index(None, "response", "path", "id"),
)

# Which model listened for themes in an answer, and when; without it nobody has yet.
theme_readings = sa.Table(
    "theme_readings",
    metadata,
    _column("answer", _BIG, "personal", sa.ForeignKey("answers.id", ondelete="CASCADE"), key=True),
    _column("model", _text(), "technical"),
    _column("at", UtcTime(), "technical"),
)

# What it heard, until people decide: a theme of an answer at most once.
themes = sa.Table(
    "themes",
    metadata,
    _column("answer", _BIG, "personal", sa.ForeignKey("theme_readings.answer", ondelete="CASCADE"), key=True),
    _column("code", _text(), "answer", key=True),
    _column("kind", _text(), "answer"),
    _column("valence", _text(), "answer"),
    _column("level", _text(), "answer"),
    _column("confidence", sa.Double(), "technical"),
    _column("model", _text(), "technical"),
    _column("state", _text(), "technical"),
)

consents = sa.Table(
    "consents",
    metadata,
    _number(),
    _maybe("reference", _text(), "personal", sa.ForeignKey("conversations.reference")),
    _maybe("response", _text(), "personal", sa.ForeignKey("responses.id")),
    _column("purpose", _text(), "technical"),
    _column("given", sa.Boolean(), "answer"),
    _column("text_version", _text(), "technical"),
    _column("at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
    sa.Index(None, "response"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _number(),
    _column("channel", _text(), "technical"),
    _column("reference", _text(), "personal"),
    # Only for a last word to somebody who has been erased: their contact is gone by then.
    _maybe("channel_ref", Encrypted(), "personal"),
    # Whose words these are, or whom they tell of, where that is not who gets them: they go when that person goes.
    _maybe("about", _text(), "personal"),
    _column("payload", Words(), "sensitive"),
    _column("created_at", UtcTime(), "technical"),
    _column("not_before", UtcTime(), "technical"),
    # Only for what loses its sense: a reminder must not come at night, nor after its person has come back.
    _maybe("not_after", UtcTime(), "technical"),
    _maybe("leased_until", UtcTime(), "technical"),
    _column("attempts", sa.Integer(), "technical"),
    _column("status", _text(), "technical"),
    _column("code", _text(), "technical"),
    _maybe("sent_at", UtcTime(), "technical"),
    # What it was told for, as a keyed hash: nobody is told twice, and the name of it may lead to somebody else.
    _maybe("key_hash", Hashed(), "technical"),
    # A number never comes back, so that marking a message that is gone cannot hit another.
    sqlite_autoincrement=True,
)
sa.Index("ix_outbox_reference", outbox.c.reference)
sa.Index(
    "ix_outbox_about",
    outbox.c.about,
    sqlite_where=outbox.c.about.is_not(None),
    postgresql_where=outbox.c.about.is_not(None),
)
sa.Index(
    "ix_outbox_key_hash",
    outbox.c.key_hash,
    unique=True,
    sqlite_where=outbox.c.key_hash.is_not(None),
    postgresql_where=outbox.c.key_hash.is_not(None),
)
sa.Index(
    "ix_outbox_chat",
    outbox.c.channel,
    outbox.c.reference,
    outbox.c.id,
    sqlite_where=_waits(outbox.c.status),
    postgresql_where=_waits(outbox.c.status),
)
sa.Index(
    "ix_outbox_open",
    outbox.c.channel,
    outbox.c.id,
    sqlite_where=_waits(outbox.c.status),
    postgresql_where=_waits(outbox.c.status),
)
sa.Index(
    "ix_outbox_done",
    outbox.c.created_at,
    sqlite_where=~_waits(outbox.c.status),
    postgresql_where=~_waits(outbox.c.status),
)

work = sa.Table(
    "work",
    metadata,
    _column("key", _text(), "personal", key=True),
    _column("kind", _text(), "technical"),
    _column("reference", _text(), "personal"),
    _column("due_at", UtcTime(), "technical"),
    _column("revision", sa.Integer(), "technical"),
    _maybe("leased_until", UtcTime(), "technical"),
    sa.Index(None, "reference"),
    sa.Index(None, "due_at"),
)

signals = sa.Table(
    "signals",
    metadata,
    _number(),
    _maybe("reference", _text(), "personal"),
    _column("kind", _text(), "sensitive"),
    _column("at", UtcTime(), "technical"),
    _maybe("closed_at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

# Danger heard of one person until somebody closed it. It stays after an erasure, without the person.
cases = sa.Table(
    "cases",
    metadata,
    _column("id", _text(), "technical", key=True),
    _maybe("reference", _text(), "personal"),
    _column("kinds", _text(), "sensitive"),
    _column("at", UtcTime(), "technical"),
    _column("heard_at", UtcTime(), "technical"),
    _column("count", sa.Integer(), "technical"),
    _column("asked", _text(), "personal"),
    _column("told_to", _text(), "personal"),
    _maybe("told_at", UtcTime(), "technical"),
    _maybe("said_at", UtcTime(), "technical"),
    _column("taken_by", _text(), "personal"),
    _maybe("taken_at", UtcTime(), "technical"),
    _column("closed_by", _text(), "personal"),
    _maybe("closed_at", UtcTime(), "technical"),
)
# One open case for each person, whatever happens at the same time.
sa.Index(
    "ix_cases_reference",
    cases.c.reference,
    unique=True,
    sqlite_where=cases.c.closed_at.is_(None),
    postgresql_where=cases.c.closed_at.is_(None),
)

# What was done about a case, and by whom.
case_steps = sa.Table(
    "case_steps",
    metadata,
    _number(),
    _column("case_id", _text(), "technical", sa.ForeignKey("cases.id")),
    _column("member", _text(), "personal"),
    _column("step", _text(), "technical"),
    _column("at", UtcTime(), "technical"),
    sa.Index(None, "case_id"),
)

hand_overs = sa.Table(
    "hand_overs",
    metadata,
    _number(),
    _column("reference", _text(), "personal"),
    _column("at", UtcTime(), "technical"),
    _maybe("closed_at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

staff = sa.Table(
    "staff",
    metadata,
    _column("id", _text(), "personal", key=True),
    _column("name", Encrypted(), "personal"),
    _column("role", _text(), "technical"),
    _column("language", _text(), "technical"),
    # The code of a link that still waits to be used, as a keyed hash.
    _maybe("invite_hash", _text(), "technical"),
    _maybe("invited_until", UtcTime(), "technical"),
    _maybe("channel", _text(), "technical"),
    _maybe("channel_ref_hash", _text(), "personal"),
    _maybe("channel_ref", Encrypted(), "personal"),
    _maybe("blocked_at", UtcTime(), "technical"),
    _maybe("offered_at", UtcTime(), "technical"),
    _column("created_at", UtcTime(), "technical"),
    sa.Index(None, "channel", "channel_ref_hash", unique=True),
    sa.Index(None, "invite_hash", unique=True),
)

# A talk lives as long as it goes on; what stays of it is the row in hand_overs.
talks = sa.Table(
    "talks",
    metadata,
    _column("reference", _text(), "personal", key=True),
    _column("at", UtcTime(), "technical"),
    _column("last_at", UtcTime(), "technical"),
    _column("wijk", Words(), "answer"),
    _column("question", Words(), "technical"),
    _column("asked", _text(), "personal"),
    _column("offered_to", _text(), "personal"),
    _maybe("offered_at", UtcTime(), "technical"),
    _column("taken_by", _text(), "personal"),
    _maybe("taken_at", UtcTime(), "technical"),
    _maybe("answered_at", UtcTime(), "technical"),
    sa.Index(None, "taken_by"),
)

talk_lines = sa.Table(
    "talk_lines",
    metadata,
    _number(),
    _column("reference", _text(), "personal"),
    _column("text", Words(), "sensitive"),
    _column("marked", sa.Boolean(), "sensitive"),
    _column("at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
    sqlite_autoincrement=True,
)

wishes = sa.Table(
    "wishes",
    metadata,
    _column("response", _text(), "personal", sa.ForeignKey("responses.id"), key=True),
    _column("reference", _text(), "personal"),
    _column("preferences", Words(), "answer"),
    _column("at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

# How to reach somebody for a talk where their channel cannot: a phone number or an e-mail address.
reaches = sa.Table(
    "reaches",
    metadata,
    _column("response", _text(), "personal", sa.ForeignKey("responses.id"), key=True),
    _column("path", _text(), "technical", key=True),
    _column("reference", _text(), "personal"),
    _column("how", Encrypted(), "personal"),
    _column("at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

# Messages that were not understood, without what leads to a person in them; under the consent LEARN alone.
misses = sa.Table(
    "misses",
    metadata,
    _number(),
    _column("reference", _text(), "personal"),
    _column("text", Words(), "answer"),
    _column("language", _text(), "technical"),
    _column("path", _text(), "technical"),
    _column("expected", _text(), "technical"),
    _column("heard", Words(), "answer"),
    _column("intents", _text(), "answer"),
    _column("day", _text(), "technical"),
    _column("kind", _text(), "technical"),
    _column("chosen", Words(), "answer"),
    sa.Index(None, "reference"),
    sa.Index(None, "day"),
)

# What happened in a conversation, without a word of what was said: a row for each turn, and one for two misses in a row.
events = sa.Table(
    "events",
    metadata,
    _number(),
    _column("reference", _text(), "personal"),
    _column("at", UtcTime(), "technical"),
    _column("kind", _text(), "technical"),
    _column("what", _text(), "sensitive"),
    _column("path", _text(), "technical"),
    sa.Index(None, "reference"),
)

# Every version of a questionnaire that was ever in use, as the program reads it.
forms = sa.Table(
    "forms",
    metadata,
    _column("questionnaire", _text(), "technical", key=True),
    _column("version", _text(), "technical", key=True),
    _column("hash", _text(), "technical"),
    _column("source", Words(), "technical"),
    _column("moves", Words(), "technical"),
    _column("origin", _text(), "technical"),
    _column("published_at", UtcTime(), "technical"),
)

meemakers = sa.Table(
    "meemakers",
    metadata,
    _column("id", _text(), "personal", key=True),
    _column("name", Encrypted(), "personal"),
    # The code of a link that still waits to be used, as a keyed hash.
    _maybe("invite_hash", _text(), "technical"),
    _column("invited_until", UtcTime(), "technical"),
    _maybe("reference", _text(), "personal"),
    # What a duo needs of somebody who holds talks; empty for those who only type for residents.
    _column("kind", _text(), "personal"),
    _column("languages", _text(), "personal"),
    _column("neighbourhoods", _text(), "personal"),
    _column("gender", _text(), "personal"),
    _column("max_per_week", sa.Integer(), "technical"),
    _maybe("email", Encrypted(), "personal"),
    # Where their own calendar is read, and the secret part of the address of the one we give them, as a keyed hash.
    _maybe("calendar_url", Encrypted(), "personal"),
    _maybe("feed_hash", _text(), "technical"),
    sa.Index(None, "reference"),
    sa.Index(None, "invite_hash", unique=True),
    sa.Index(None, "feed_hash", unique=True),
)

campaigns = sa.Table(
    "campaigns",
    metadata,
    _column("code", _text(), "technical", key=True),
    _column("name", _text(), "technical"),
    _column("questionnaire", _text(), "technical"),
    _column("version", _text(), "technical"),
    _column("wave", sa.Integer(), "technical"),
    _column("purposes", _text(), "technical"),
    _column("created_at", UtcTime(), "technical"),
)

# One row for each person and campaign, so that nobody is invited twice.
campaign_invitations = sa.Table(
    "campaign_invitations",
    metadata,
    _column("campaign", _text(), "technical", sa.ForeignKey("campaigns.code"), key=True),
    _column("reference", _text(), "personal", key=True),
    _column("asked_at", UtcTime(), "technical"),
    _maybe("sent_at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

# Who lives in the programme's places and holds talks. Hours are minutes after midnight by the clock in Amsterdam.
meemaker_hours = sa.Table(
    "meemaker_hours",
    metadata,
    _number(),
    _column("meemaker", _text(), "personal", sa.ForeignKey("meemakers.id")),
    _column("weekday", sa.Integer(), "technical"),
    _column("begin_at", sa.Integer(), "technical"),
    _column("until", sa.Integer(), "technical"),
    sa.Index(None, "meemaker"),
)

# Single stretches beside the usual hours: away (holidays, a calendar of their own) or there all the same.
meemaker_times = sa.Table(
    "meemaker_times",
    metadata,
    _number(),
    _column("meemaker", _text(), "personal", sa.ForeignKey("meemakers.id")),
    _column("start_at", UtcTime(), "personal"),
    _column("end_at", UtcTime(), "personal"),
    _column("free", sa.Boolean(), "technical"),
    _column("source", _text(), "technical"),
    sa.Index(None, "meemaker"),
)

# Always one resident and one professional.
duos = sa.Table(
    "duos",
    metadata,
    _column("id", _text(), "technical", key=True),
    _column("resident", _text(), "personal", sa.ForeignKey("meemakers.id")),
    _column("professional", _text(), "personal", sa.ForeignKey("meemakers.id")),
    _column("active", sa.Boolean(), "technical"),
)

places = sa.Table(
    "places",
    metadata,
    _column("id", _text(), "technical", key=True),
    _column("name", _text(), "technical"),
    _column("address", _text(), "technical"),
    _column("neighbourhood", _text(), "technical"),
    _column("step_free", sa.Boolean(), "technical"),
    _column("rooms", _text(), "technical"),
    _column("active", sa.Boolean(), "technical"),
    _maybe("feed_hash", _text(), "technical"),
    sa.Index(None, "feed_hash", unique=True),
)

place_hours = sa.Table(
    "place_hours",
    metadata,
    _number(),
    _column("place", _text(), "technical", sa.ForeignKey("places.id")),
    _column("weekday", sa.Integer(), "technical"),
    _column("begin_at", sa.Integer(), "technical"),
    _column("until", sa.Integer(), "technical"),
    sa.Index(None, "place"),
)

# Who wants a talk, and how.
talk_requests = sa.Table(
    "talk_requests",
    metadata,
    _column("reference", _text(), "personal", key=True),
    _column("wish", Words(), "answer"),
    _column("since", UtcTime(), "technical"),
    _column("status", _text(), "technical"),
    _column("reason", _text(), "technical"),
    sa.Index(None, "status", "since"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    _column("id", _text(), "technical", key=True),
    _column("kind", _text(), "technical"),
    _column("duo", _text(), "technical"),
    _column("resident_meemaker", _text(), "personal"),
    _column("professional_meemaker", _text(), "personal"),
    _maybe("place", _text(), "technical"),
    _column("room", _text(), "technical"),
    _column("start_at", UtcTime(), "technical"),
    _column("end_at", UtcTime(), "technical"),
    _column("status", _text(), "technical"),
    _column("sequence", sa.Integer(), "technical"),
    _column("language", _text(), "technical"),
    _column("seats", sa.Integer(), "technical"),
    # Where a visit at home is; nobody else's business.
    _maybe("address", Encrypted(), "personal"),
    _maybe("arrived_at", UtcTime(), "technical"),
    _maybe("left_at", UtcTime(), "technical"),
    _column("changed_at", UtcTime(), "technical"),
    sa.Index(None, "start_at"),
    sa.Index(None, "resident_meemaker"),
    sa.Index(None, "professional_meemaker"),
)

session_seats = sa.Table(
    "session_seats",
    metadata,
    _column("session", _text(), "technical", sa.ForeignKey("sessions.id"), key=True),
    _column("reference", _text(), "personal", key=True),
    _column("status", _text(), "answer"),
    _column("at", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

session_invitations = sa.Table(
    "session_invitations",
    metadata,
    _column("session", _text(), "technical", sa.ForeignKey("sessions.id"), key=True),
    _column("meemaker", _text(), "personal", key=True),
    _column("status", _text(), "technical"),
    _column("asked_at", UtcTime(), "technical"),
    _column("until", UtcTime(), "technical"),
    sa.Index(None, "meemaker"),
)

offers = sa.Table(
    "offers",
    metadata,
    _column("id", _text(), "technical", key=True),
    _column("reference", _text(), "personal"),
    _column("kind", _text(), "technical"),
    _column("duo", _text(), "technical"),
    _maybe("place", _text(), "technical"),
    _column("room", _text(), "technical"),
    _column("start_at", UtcTime(), "technical"),
    _column("end_at", UtcTime(), "technical"),
    _column("until", UtcTime(), "technical"),
    sa.Index(None, "reference"),
)

# Nobody and no room is promised twice: one row for each quarter of an hour (its number since 1970), and the database
# takes no second one. `until` is when an offer lets go by itself.
claims = sa.Table(
    "claims",
    metadata,
    _column("what", _text(), "technical", key=True),
    _column("id", _text(), "personal", key=True),
    _column("tick", sa.BigInteger(), "technical", key=True),
    _column("owner", _text(), "technical"),
    _maybe("until", UtcTime(), "technical"),
    sa.Index(None, "owner"),
    sqlite_with_rowid=False,
)

# Who looked, exported, changed and erased: rows are only added, and `mac` is over the row and the mac before it. `person`
# is a keyed hash, `reason` what somebody typed for others to read.
audit = sa.Table(
    "audit",
    metadata,
    _column("number", sa.BigInteger(), "technical", key=True),
    _column("at", UtcTime(), "technical"),
    _column("who", _text(), "personal"),
    _column("action", _text(), "technical"),
    _column("thing", _text(), "technical"),
    _column("person", _text(), "personal"),
    _column("count", sa.BigInteger(), "technical"),
    _column("reason", Words(), "personal"),
    _column("mac", _text(), "technical"),
)

# What was taken away, and by which rule or way: how many rows of which table, but for an erasure. `run` brings what goes in one
# night together.
receipts = sa.Table(
    "receipts",
    metadata,
    _number(),
    _column("kind", _text(), "technical"),
    _column("rule", _text(), "technical"),
    _column("run", _text(), "technical"),
    _column("days", sa.Integer(), "technical"),
    _column("at", UtcTime(), "technical"),
    _column("counts", _text(), "technical"),
    # Of an erasure: only who was erased has it too, in their own chat.
    _column("number", _text(), "technical"),
    sa.Index(None, "run"),
    sa.Index(None, "number"),
)

table_releases = sa.Table(
    "table_releases",
    metadata,
    sa.Column(
        "number",
        sa.Integer(),
        primary_key=True,
        autoincrement=False,
        nullable=False,
        info={"privacy": "technical"},
    ),
    _column("questionnaire", _text(), "technical"),
    _column("wave", sa.Integer(), "technical"),
    _column("at", UtcTime(), "technical"),
    _column("who", _text(), "personal"),
    # Counts of so many people that they tell of nobody; see docs/decisions/0035.
    _column("numbers", _text(), "technical"),
)

meta = sa.Table(
    "meta",
    metadata,
    _column("key", _text(), "technical", key=True),
    _column("value", _text(), "technical"),
)


def is_waiting(table: sa.FromClause = outbox) -> sa.ColumnElement[bool]:
    """Still to be sent, for `outbox` or an alias of it."""
    return _waits(table.c.status)
