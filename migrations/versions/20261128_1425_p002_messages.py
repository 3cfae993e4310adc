"""Notes of the laboratory between the messages of a request, and how far each side has read."""

import sqlalchemy as sa
from alembic import op

revision = "p002"
down_revision = "a502"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request_message", sa.Column("internal", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "message_reading",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("company", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["request_message.id"], name=op.f("fk_message_reading_message_id_request_message")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_reading_person_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_message_reading_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "company", name=op.f("pk_message_reading")),
    )


def downgrade() -> None:
    op.drop_table("message_reading")
    op.drop_column("request_message", "internal")
