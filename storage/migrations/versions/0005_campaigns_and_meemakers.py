"""Campaigns with waves and invitations; meemakers who type for a resident, and who typed each answer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("assisted_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("conversations", sa.Column("erase_hash", sa.Text(), nullable=True))
    op.add_column("responses", sa.Column("wave", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("responses", sa.Column("assisted_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("answers", sa.Column("typed_by", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_conversations_erase_hash",
        "conversations",
        ["erase_hash"],
        unique=True,
        sqlite_where=sa.text("erase_hash IS NOT NULL"),
        postgresql_where=sa.text("erase_hash IS NOT NULL"),
    )
    op.create_table(
        "meemakers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("invite_hash", sa.Text(), nullable=True),
        sa.Column("invited_until", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meemakers")),
    )
    op.create_index(op.f("ix_meemakers_reference"), "meemakers", ["reference"])
    op.create_index(op.f("ix_meemakers_invite_hash"), "meemakers", ["invite_hash"], unique=True)
    op.create_table(
        "campaigns",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "campaign_invitations",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.code"], name=op.f("fk_campaign_invitations_campaign_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign", "reference", name=op.f("pk_campaign_invitations")),
    )
    op.create_index(op.f("ix_campaign_invitations_reference"), "campaign_invitations", ["reference"])


def downgrade() -> None:
    op.drop_table("campaign_invitations")
    op.drop_table("campaigns")
    op.drop_table("meemakers")
    op.drop_column("answers", "typed_by")
    op.drop_column("responses", "assisted_by")
    op.drop_column("responses", "wave")
    op.drop_index("ix_conversations_erase_hash", "conversations")
    op.drop_column("conversations", "erase_hash")
    op.drop_column("conversations", "assisted_by")
