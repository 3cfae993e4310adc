"""A job is planned from a half-day to a half-day."""

import sqlalchemy as sa
from alembic import op

revision = "l1a2"
down_revision = "a303"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was planned for a day takes the whole of it."""
    op.add_column("job", sa.Column("begins_noon", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("job", sa.Column("ends_noon", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("job", sa.Column("planned_to", sa.Date(), nullable=True))
    op.execute("UPDATE job SET planned_to = planned_on")
    with op.batch_alter_table("job") as batch:
        batch.alter_column("planned_to", existing_type=sa.Date(), nullable=False)
        batch.alter_column("begins_noon", existing_type=sa.Boolean(), server_default=None)
        batch.alter_column("ends_noon", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("job") as batch:
        batch.drop_column("planned_to")
        batch.drop_column("ends_noon")
        batch.drop_column("begins_noon")
