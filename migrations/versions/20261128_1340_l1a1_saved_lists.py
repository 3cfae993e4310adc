"""Views of lists that people keep, and indexes for the orders in which long lists are read."""

import sqlalchemy as sa
from alembic import op

revision = "l1a1"
down_revision = "i0a1"
branch_labels = None
depends_on = None

SORTED = (
    ("request", "due_on"), ("request", "created_at"), ("request", "product_zh"), ("job", "planned_on"),
    ("job", "bench"), ("item", "received_at"), ("run", "first_scan_at"), ("result", "recorded_at"), ("event", "at"),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "list_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("opens_first", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_list_view_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_view")),
        sa.UniqueConstraint("person_id", "list_name", "name", name=op.f("uq_list_view_person_id_list_name_name")),
    )
    op.create_index(op.f("ix_list_view_person_id"), "list_view", ["person_id"])
    op.create_index(op.f("ix_list_view_list_name_shared"), "list_view", ["list_name", "shared"])
    for table, column in SORTED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, _columns(table, column))


def downgrade() -> None:
    for table, column in reversed(SORTED):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_table("list_view")


def _columns(table: str, column: str) -> list[str]:
    return [column, "position" if table == "event" else "id"]
