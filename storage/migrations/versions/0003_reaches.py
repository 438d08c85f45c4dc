"""How to reach somebody for a talk, where the channel itself cannot."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "reaches",
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["response"], ["responses.id"], name=op.f("fk_reaches_response_responses")),
        sa.PrimaryKeyConstraint("response", "path", name=op.f("pk_reaches")),
    )
    op.create_index(op.f("ix_reaches_reference"), "reaches", ["reference"])


def downgrade() -> None:
    op.drop_table("reaches")
