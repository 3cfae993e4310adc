"""Numbers of standards that the laboratory has read in their text, by whom and when; what an order is judged by."""

import sqlalchemy as sa
from alembic import op

revision = "cf01"
down_revision = "rl01"
branch_labels = None
depends_on = None

TABLE = "limit_confirmation"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("limit_table", sa.String(length=60), nullable=False),
        sa.Column("symbol", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.String(length=60), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("clause", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_limit_confirmation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_confirmation")),
    )
    op.add_column("request", sa.Column("judged_by", sa.String(length=60), server_default="", nullable=False))
    op.create_index(op.f("ix_limit_confirmation_limit_table"), TABLE, ["limit_table"])
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
    op.drop_column("request", "judged_by")
    op.drop_table(TABLE)
