"""Invoices of requests, and that they were paid or cancelled."""

import sqlalchemy as sa
from alembic import op

revision = "p001"
down_revision = "a501"
branch_labels = None
depends_on = None

APPEND_ONLY = ("invoice", "invoice_step")


def protect(table: str) -> None:
    """Refuse UPDATE and DELETE (and TRUNCATE, which only PostgreSQL has) on ``table``."""
    if op.get_bind().dialect.name == "postgresql":
        function = "execute function heliobench_append_only()"
        op.execute(f"create trigger {table}_append_only before update or delete on {table} for each row {function}")
        op.execute(f"create trigger {table}_no_truncate before truncate on {table} for each statement {function}")
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{verb} before {verb} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )


def upgrade() -> None:
    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_invoice_entered_by_id_person")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_invoice_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    op.create_index(op.f("ix_invoice_request_id"), "invoice", ["request_id"], unique=False)
    op.create_table(
        "invoice_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_step_invoice_id_invoice")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invoice_step_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_step")),
        sa.UniqueConstraint("invoice_id", "what", name=op.f("uq_invoice_step_invoice_id_what")),
    )
    op.create_index(op.f("ix_invoice_step_invoice_id"), "invoice_step", ["invoice_id"], unique=False)
    for table in APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    op.drop_table("invoice_step")
    op.drop_table("invoice")
