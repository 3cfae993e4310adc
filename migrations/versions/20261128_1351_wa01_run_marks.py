"""Marks of a run: remarks and intervals to leave out, append-only."""

import sqlalchemy as sa
from alembic import op

revision = "wa01"
down_revision = "i0a2"
branch_labels = None
depends_on = None


def protect(table: str) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, which only PostgreSQL has) on ``table``."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create trigger {table}_append_only before update or delete on {table} "
            "for each row execute function heliobench_append_only()"
        )
        op.execute(
            f"create trigger {table}_no_truncate before truncate on {table} "
            "for each statement execute function heliobench_append_only()"
        )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{verb} before {verb} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )


def upgrade() -> None:
    op.create_table(
        "run_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("withdraws_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_mark_run_id_run")),
        sa.ForeignKeyConstraint(["withdraws_id"], ["run_mark.id"], name=op.f("fk_run_mark_withdraws_id_run_mark")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_run_mark_made_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_mark")),
    )
    op.create_index(op.f("ix_run_mark_run_id"), "run_mark", ["run_id"])
    protect("run_mark")


def downgrade() -> None:
    op.drop_table("run_mark")
