"""Files added to records, and that they count no longer."""

import sqlalchemy as sa
from alembic import op

revision = "a101"
down_revision = "f0a2"
branch_labels = None
depends_on = None

APPEND_ONLY = ("attachment", "attachment_removal")


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
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_attachment_added_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_subject"), "attachment", ["subject"])
    op.create_table(
        "attachment_removal",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_attachment_removal_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attachment_removal_person_id_person")),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachment_removal")),
    )
    for table in APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
