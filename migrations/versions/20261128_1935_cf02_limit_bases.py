"""On which area and temperature a confirmed limit rests, as it was read in the text."""

import sqlalchemy as sa
from alembic import op

revision = "cf02"
down_revision = "dc01"
branch_labels = None
depends_on = None

COLUMNS = ("area", "temperature")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("limit_confirmation", sa.Column(name, sa.String(length=20), nullable=False, server_default=""))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("limit_confirmation", name)
