"""Runs from files of loggers: the file, how it is read, who imported it. Append-only."""

import sqlalchemy as sa
from alembic import op

revision = "a401"
down_revision = "a102"
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
        "run_file",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("reader", sa.String(length=20), nullable=False),
        sa.Column("map_json", sa.Text(), nullable=False),
        sa.Column("map_sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["imported_by_id"], ["person.id"], name=op.f("fk_run_file_imported_by_id_person")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_file_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_file")),
    )
    op.create_index(op.f("ix_run_file_sha256"), "run_file", ["sha256"])
    protect("run_file")


def downgrade() -> None:
    op.drop_table("run_file")
