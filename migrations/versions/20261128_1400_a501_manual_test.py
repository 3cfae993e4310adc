"""Records of manual tests and their entries."""

import sqlalchemy as sa
from alembic import op

revision = "a501"
down_revision = "l1a2"
branch_labels = None
depends_on = None

PEOPLE = ("tested_by_id", "reviewed_by_id", "authorised_by_id")


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
        "manual_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_by_id", sa.Integer(), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authorised_by_id", sa.Integer(), nullable=True),
        sa.Column("authorised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("judgement_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_manual_test_job_id_job")),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_manual_test_{column}_person"))
            for column in PEOPLE
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_test")),
        sa.UniqueConstraint("number", name=op.f("uq_manual_test_number")),
    )
    op.create_index(op.f("ix_manual_test_job_id"), "manual_test", ["job_id"])
    op.create_index(op.f("ix_manual_test_state"), "manual_test", ["state"])
    op.create_table(
        "manual_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("test_id", sa.Integer(), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("reading", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["test_id"], ["manual_test.id"], name=op.f("fk_manual_entry_test_id_manual_test")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_manual_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manual_entry")),
    )
    op.create_index(op.f("ix_manual_entry_test_id"), "manual_entry", ["test_id"])
    protect("manual_entry")


def downgrade() -> None:
    op.drop_table("manual_entry")
    op.drop_table("manual_test")
