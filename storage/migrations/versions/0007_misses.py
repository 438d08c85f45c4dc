"""Messages that were not understood, without what leads to a person in them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "misses",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in (
                "reference", "text", "language", "path", "expected", "heard", "intents", "day", "kind", "chosen",
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misses")),
    )  # fmt: skip # read as one piece
    op.create_index(op.f("ix_misses_reference"), "misses", ["reference"])
    op.create_index(op.f("ix_misses_day"), "misses", ["day"])


def downgrade() -> None:
    op.drop_table("misses")
