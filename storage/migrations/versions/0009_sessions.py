"""Talks in person: who holds them, where, what was offered, booked and claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "meemaker_hours",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("meemaker", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("begin_at", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meemaker"], ["meemakers.id"], name=op.f("fk_meemaker_hours_meemaker_meemakers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meemaker_hours")),
    )
    op.create_index(op.f("ix_meemaker_hours_meemaker"), "meemaker_hours", ["meemaker"])
    op.create_table(
        "meemaker_times",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("meemaker", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meemaker"], ["meemakers.id"], name=op.f("fk_meemaker_times_meemaker_meemakers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meemaker_times")),
    )
    op.create_index(op.f("ix_meemaker_times_meemaker"), "meemaker_times", ["meemaker"])
    op.create_table(
        "duos",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("resident", sa.Text(), nullable=False),
        sa.Column("professional", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["professional"], ["meemakers.id"], name=op.f("fk_duos_professional_meemakers")
        ),
        sa.ForeignKeyConstraint(["resident"], ["meemakers.id"], name=op.f("fk_duos_resident_meemakers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duos")),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("neighbourhood", sa.Text(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=False),
        sa.Column("rooms", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("feed_hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_feed_hash"), "places", ["feed_hash"], unique=True)
    op.create_table(
        "place_hours",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("begin_at", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["place"], ["places.id"], name=op.f("fk_place_hours_place_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_hours")),
    )
    op.create_index(op.f("ix_place_hours_place"), "place_hours", ["place"])
    op.create_table(
        "talk_requests",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_talk_requests")),
    )
    op.create_index(op.f("ix_talk_requests_status_since"), "talk_requests", ["status", "since"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("duo", sa.Text(), nullable=False),
        sa.Column("resident_meemaker", sa.Text(), nullable=False),
        sa.Column("professional_meemaker", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("arrived_at", sa.BigInteger(), nullable=True),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_professional_meemaker"), "sessions", ["professional_meemaker"])
    op.create_index(op.f("ix_sessions_resident_meemaker"), "sessions", ["resident_meemaker"])
    op.create_index(op.f("ix_sessions_start_at"), "sessions", ["start_at"])
    op.create_table(
        "session_seats",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name=op.f("fk_session_seats_session_sessions")),
        sa.PrimaryKeyConstraint("session", "reference", name=op.f("pk_session_seats")),
    )
    op.create_index(op.f("ix_session_seats_reference"), "session_seats", ["reference"])
    op.create_table(
        "session_invitations",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("meemaker", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session"], ["sessions.id"], name=op.f("fk_session_invitations_session_sessions")
        ),
        sa.PrimaryKeyConstraint("session", "meemaker", name=op.f("pk_session_invitations")),
    )
    op.create_index(op.f("ix_session_invitations_meemaker"), "session_invitations", ["meemaker"])
    op.create_table(
        "offers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("duo", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_reference"), "offers", ["reference"])
    op.create_table(
        "claims",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("what", "id", "tick", name=op.f("pk_claims")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_claims_owner"), "claims", ["owner"])
    for column in ("kind", "languages", "neighbourhoods", "gender"):
        op.add_column("meemakers", sa.Column(column, sa.Text(), nullable=False, server_default=""))
    op.add_column("meemakers", sa.Column("max_per_week", sa.Integer(), nullable=False, server_default="0"))
    for column in ("email", "calendar_url", "feed_hash"):
        op.add_column("meemakers", sa.Column(column, sa.Text(), nullable=True))
    op.create_index(op.f("ix_meemakers_feed_hash"), "meemakers", ["feed_hash"], unique=True)
    op.add_column("outbox", sa.Column("key_hash", sa.Text(), nullable=True))
    op.create_index(
        "ix_outbox_key_hash",
        "outbox",
        ["key_hash"],
        unique=True,
        sqlite_where=sa.text("key_hash IS NOT NULL"),
        postgresql_where=sa.text("key_hash IS NOT NULL"),
    )
    for column in ("session", "meemaker"):
        op.add_column("responses", sa.Column(column, sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_responses_session",
        "responses",
        ["session"],
        sqlite_where=sa.text("session <> ''"),
        postgresql_where=sa.text("session <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_responses_session", "responses")
    for column in ("session", "meemaker"):
        op.drop_column("responses", column)
    op.drop_index("ix_outbox_key_hash", "outbox")
    op.drop_column("outbox", "key_hash")
    op.drop_index(op.f("ix_meemakers_feed_hash"), "meemakers")
    for column in (
        "kind",
        "languages",
        "neighbourhoods",
        "gender",
        "max_per_week",
        "email",
        "calendar_url",
        "feed_hash",
    ):
        op.drop_column("meemakers", column)
    op.drop_table("claims")
    op.drop_table("offers")
    op.drop_table("session_invitations")
    op.drop_table("session_seats")
    op.drop_table("sessions")
    op.drop_table("talk_requests")
    op.drop_table("place_hours")
    op.drop_table("places")
    op.drop_table("duos")
    op.drop_table("meemaker_times")
    op.drop_table("meemaker_hours")
