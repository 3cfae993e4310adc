"""A request may name an item that is in the laboratory already: several methods on one item."""

import sqlalchemy as sa
from alembic import op

revision = "f0a2"
down_revision = "f0a1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("item_number", sa.String(length=30), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("request", "item_number")
