"""Holidays and retention periods that somebody has confirmed: what, by whom and when."""

import sqlalchemy as sa
from alembic import op

revision = "dc01"
down_revision = "tk01"
branch_labels = None
depends_on = None

TABLE = "data_confirmation"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_data_confirmation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_confirmation")),
    )
    op.create_index(op.f("ix_data_confirmation_subject"), TABLE, ["subject"])
    if op.get_bind().dialect.name == "postgresql":
        function = "execute function heliobench_append_only()"
        op.execute(f"create trigger {TABLE}_append_only before update or delete on {TABLE} for each row {function}")
        op.execute(f"create trigger {TABLE}_no_truncate before truncate on {TABLE} for each statement {function}")
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger {TABLE}_no_{verb} before {verb} on {TABLE} "
            f"begin select raise(abort, '{TABLE} is append-only'); end"
        )


def downgrade() -> None:
    op.drop_table(TABLE)
