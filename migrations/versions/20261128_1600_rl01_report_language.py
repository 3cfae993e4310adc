"""A report is printed in the language its order asked for."""

import sqlalchemy as sa
from alembic import op

revision = "rl01"
down_revision = "sp02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was drafted before is printed in both languages, as it was when people read it.
    op.add_column("report", sa.Column("language", sa.String(length=10), server_default="both", nullable=False))


def downgrade() -> None:
    op.drop_column("report", "language")
