"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("blocked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_conversations")),
    )
    op.create_table(
        "hand_overs",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_index(op.f("ix_hand_overs_reference"), "hand_overs", ["reference"])
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("channel_ref", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_done",
        "outbox",
        ["created_at"],
        sqlite_where=sa.text("(status NOT IN ('waiting', 'unknown'))"),
        postgresql_where=sa.text("(status NOT IN ('waiting', 'unknown'))"),
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["channel", "id"],
        sqlite_where=sa.text("status IN ('waiting', 'unknown')"),
        postgresql_where=sa.text("status IN ('waiting', 'unknown')"),
    )
    op.create_index("ix_outbox_reference", "outbox", ["reference"])
    op.create_index(
        "ix_outbox_chat",
        "outbox",
        ["channel", "reference", "id"],
        sqlite_where=sa.text("status IN ('waiting', 'unknown')"),
        postgresql_where=sa.text("status IN ('waiting', 'unknown')"),
    )
    op.create_table(
        "signals",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index(op.f("ix_signals_reference"), "signals", ["reference"])
    op.create_table(
        "updates",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("update_hash", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "update_hash", name=op.f("pk_updates")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_updates_at"), "updates", ["at"])
    op.create_index(op.f("ix_updates_reference"), "updates", ["reference"])
    op.create_table(
        "work",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_work")),
    )
    op.create_index(op.f("ix_work_due_at"), "work", ["due_at"])
    op.create_index(op.f("ix_work_reference"), "work", ["reference"])
    op.create_table(
        "contacts",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("channel_ref_hash", sa.Text(), nullable=False),
        sa.Column("channel_ref", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"], ["conversations.reference"], name=op.f("fk_contacts_reference_conversations")
        ),
        sa.PrimaryKeyConstraint("channel", "channel_ref_hash", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_reference"), "contacts", ["reference"])
    op.create_table(
        "responses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"], ["conversations.reference"], name=op.f("fk_responses_reference_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
    )
    op.create_index(op.f("ix_responses_reference"), "responses", ["reference"])
    op.create_index(op.f("ix_responses_started_at_id"), "responses", ["started_at", "id"])
    op.create_table(
        "answers",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["responses.id"], name=op.f("fk_answers_response_responses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_response_path_id"), "answers", ["response", "path", "id"])
    op.create_table(
        "consents",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference"], ["conversations.reference"], name=op.f("fk_consents_reference_conversations")
        ),
        sa.ForeignKeyConstraint(["response"], ["responses.id"], name=op.f("fk_consents_response_responses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_reference"), "consents", ["reference"])
    op.create_index(op.f("ix_consents_response"), "consents", ["response"])
    op.create_table(
        "wishes",
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("preferences", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["responses.id"], name=op.f("fk_wishes_response_responses")),
        sa.PrimaryKeyConstraint("response", name=op.f("pk_wishes")),
    )
    op.create_index(op.f("ix_wishes_reference"), "wishes", ["reference"])


def downgrade() -> None:
    op.drop_table("wishes")
    op.drop_table("consents")
    op.drop_table("answers")
    op.drop_table("responses")
    op.drop_table("contacts")
    op.drop_table("work")
    op.drop_table("updates")
    op.drop_table("signals")
    op.drop_table("outbox")
    op.drop_table("meta")
    op.drop_table("hand_overs")
    op.drop_table("conversations")
