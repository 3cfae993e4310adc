"""Repeated tests: what repeats what, and which results do not count."""

import sqlalchemy as sa
from alembic import op

revision = "a502"
down_revision = "sp01"
branch_labels = None
depends_on = None

APPEND_ONLY = ("job_repeat", "job_set_aside")


def protect(table: str) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, which only PostgreSQL has) on ``table``."""
    if op.get_bind().dialect.name == "postgresql":
        function = "execute function heliobench_append_only()"
        op.execute(f"create trigger {table}_append_only before update or delete on {table} for each row {function}")
        op.execute(f"create trigger {table}_no_truncate before truncate on {table} for each statement {function}")
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{verb} before {verb} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )


def upgrade() -> None:
    op.create_table(
        "job_repeat",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("repeats_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_repeat_job_id_job")),
        sa.ForeignKeyConstraint(["repeats_id"], ["job.id"], name=op.f("fk_job_repeat_repeats_id_job")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_job_repeat_person_id_person")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_repeat")),
    )
    op.create_index(op.f("ix_job_repeat_repeats_id"), "job_repeat", ["repeats_id"])
    op.create_table(
        "job_set_aside",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_set_aside_job_id_job")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_job_set_aside_person_id_person")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_set_aside")),
    )
    for table in APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
