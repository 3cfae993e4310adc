"""What an issued report calls its item, kept with its issue; empty of those issued before."""

import sqlalchemy as sa
from alembic import op

revision = "rp01"
down_revision = "l1a3"
branch_labels = None
depends_on = None

COLUMNS = ("product_zh", "product_en", "model")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("report_issue", sa.Column(name, sa.String(length=120), nullable=False, server_default=""))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("report_issue", name)
