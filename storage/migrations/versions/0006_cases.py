"""Cases of danger that staff take and close, with what was done about each; signals that were there become cases."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("told_to", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("said_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_reference",
        "cases",
        ["reference"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "case_steps",
        sa.Column("id", NUMBER, sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_steps_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
    )
    op.create_index(op.f("ix_case_steps_case_id"), "case_steps", ["case_id"])
    _make_cases()


def _make_cases() -> None:
    """A case for each signal there was, but one for all that are open of the same person; invented people have none.

    What waited for the next opening is planned anew: it is told at the first look."""
    db = op.get_bind()
    cases: dict[str, dict[str, Any]] = {}
    signals = sa.text(
        "SELECT s.id, s.reference, s.kind, s.at, s.closed_at FROM signals s "
        "LEFT JOIN conversations c ON c.reference = s.reference "
        "WHERE NOT coalesce(c.simulated, false) ORDER BY s.id"
    )
    for number, reference, kind, at, closed_at in db.execute(signals):
        key = f"open-{reference}" if closed_at is None else f"signal-{number}"
        case = cases.setdefault(
            key,
            {"id": f"signal-{number}", "reference": reference, "kinds": [], "at": at, "count": 0, "closed_at": closed_at},
        )  # fmt: skip # read as one piece
        case["kinds"] += [kind] if kind not in case["kinds"] else []
        case["count"] += 1
        case["heard_at"] = at
    waited = {
        _moment_of(key) for (key,) in db.execute(sa.text("SELECT key FROM work WHERE kind = 'signals'"))
    }
    for case in cases.values():
        if case["closed_at"] is None and case["heard_at"] in waited:
            db.execute(
                sa.text(
                    "INSERT INTO work (key, kind, reference, due_at, revision) VALUES (:key, 'signal', '', :at, 0)"
                ),
                {"key": f"signal:{case['id']}", "at": case["at"]},
            )
        db.execute(
            sa.text(
                "INSERT INTO cases (id, reference, kinds, at, heard_at, count, asked, told_to, taken_by, closed_by, "
                "closed_at) VALUES (:id, :reference, :kinds, :at, :heard_at, :count, '[]', '', '', '', :closed_at)"
            ),
            case | {"kinds": json.dumps(case["kinds"])},
        )
    db.execute(sa.text("DELETE FROM work WHERE kind = 'signals'"))


def _moment_of(key: str) -> int:
    return (datetime.fromisoformat(key.partition(":")[2]) - EPOCH) // timedelta(microseconds=1)


def downgrade() -> None:
    op.execute("DELETE FROM work WHERE kind = 'signal'")
    op.drop_table("case_steps")
    op.drop_table("cases")
