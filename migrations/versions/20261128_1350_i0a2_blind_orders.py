"""An order can ask that technicians are kept from seeing whose it is."""

import sqlalchemy as sa
from alembic import op

revision = "i0a2"
down_revision = "l1a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("request", "blind")
