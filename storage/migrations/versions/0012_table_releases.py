"""The register of published tables."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "table_releases",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("questionnaire", sa.Text(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_table_releases")),
    )


def downgrade() -> None:
    op.drop_table("table_releases")
