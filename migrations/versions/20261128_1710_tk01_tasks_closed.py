"""A task of a spot check can be closed, with the reason where it is incomplete."""

import sqlalchemy as sa
from alembic import op

revision = "tk01"
down_revision = "mr01"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sampling_task", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column("sampling_task", sa.Column("closed_because", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("sampling_task", "closed_because")
    op.drop_column("sampling_task", "closed_on")
