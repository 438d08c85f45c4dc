"""Themes that a model heard in open answers, as suggestions; they go with the answer they are of."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ANSWER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "theme_readings",
        sa.Column("answer", ANSWER, autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer"], ["answers.id"], name=op.f("fk_theme_readings_answer_answers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer", name=op.f("pk_theme_readings")),
    )
    op.create_table(
        "themes",
        sa.Column("answer", ANSWER, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valence", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer"],
            ["theme_readings.answer"],
            name=op.f("fk_themes_answer_theme_readings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer", "code", name=op.f("pk_themes")),
    )


def downgrade() -> None:
    op.drop_table("themes")
    op.drop_table("theme_readings")
