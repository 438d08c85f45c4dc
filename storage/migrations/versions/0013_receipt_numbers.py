"""The number of an erasure's receipt."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("receipts", sa.Column("number", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f("ix_receipts_number"), "receipts", ["number"])


def downgrade() -> None:
    op.drop_index(op.f("ix_receipts_number"), "receipts")
    op.drop_column("receipts", "number")
