"""Forms that were sent, so that the same form sent twice is done once; rows go after an hour."""

import sqlalchemy as sa
from alembic import op

revision = "sf01"
down_revision = "rp01"
branch_labels = None
depends_on = None

TABLE = "sent_form"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sent_form")),
    )
    op.create_index(op.f("ix_sent_form_at"), TABLE, ["at"])


def downgrade() -> None:
    op.drop_table(TABLE)
