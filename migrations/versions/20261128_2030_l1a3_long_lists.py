"""Indexes by which long lists are narrowed, sorted by what a row points to, and searched."""

from alembic import op

revision = "l1a3"
down_revision = "cf02"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_company_name_zh": ("company", "name_zh", "id"),
    "ix_person_name_zh": ("person", "name_zh", "id"),
    "ix_request_state_due_on": ("request", "state", "due_on", "id"),
    "ix_request_company_id_due_on": ("request", "company_id", "due_on", "id"),
    "ix_request_words": ("request", "number", "product_zh", "product_en", "model", "company_id"),
    "ix_item_words": ("item", "number", "name_zh", "name_en", "model", "serial_number", "company_id"),
}


def upgrade() -> None:
    for name, (table, *columns) in INDEXES.items():
        op.create_index(op.f(name), table, columns)


def downgrade() -> None:
    for name, (table, *_) in INDEXES.items():
        op.drop_index(op.f(name), table)
