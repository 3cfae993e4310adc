"""Where items lie, whose parts they are, what differed on receipt, how long they are kept."""

import sqlalchemy as sa
from alembic import op

revision = "i0a1"
down_revision = "pa01"
branch_labels = None
depends_on = None

TEXTS = {
    "role": (20, "test"),
    "parent_number": (30, ""),
    "place_code": (30, ""),
    "holder": (60, ""),
    "seal": (60, ""),
    "disposal_asked_by": (60, ""),
}
INDEXED = ("parent_number", "place_code", "keep_until")


def upgrade() -> None:
    for name, (length, default) in TEXTS.items():
        op.add_column("item", sa.Column(name, sa.String(length=length), server_default=default, nullable=False))
    for name in ("agreed", "refusal"):
        op.add_column("item", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("item", sa.Column("pieces", sa.Integer(), server_default="1", nullable=False))
    op.add_column("item", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("item", sa.Column("keep_until", sa.Date(), nullable=True))
    for name in INDEXED:
        op.create_index(op.f(f"ix_item_{name}"), "item", [name])
    for name, length in (("place_code", 30), ("holder", 60)):
        column = sa.Column(name, sa.String(length=length), server_default="", nullable=False)
        op.add_column("custody_entry", column)
    op.create_table(
        "item_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("announced", sa.String(length=200), nullable=False),
        sa.Column("found", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_finding_item_id_item")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_item_finding_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_finding")),
    )
    op.create_index(op.f("ix_item_finding_item_id"), "item_finding", ["item_id"])
    op.create_table(
        "storage_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), server_default="", nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("in_use", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["storage_place.id"], name=op.f("fk_storage_place_parent_id_storage_place")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_place")),
        sa.UniqueConstraint("code", name=op.f("uq_storage_place_code")),
    )
    op.create_index(op.f("ix_storage_place_parent_id"), "storage_place", ["parent_id"])
    _append_only("item_finding")


def _append_only(table: str) -> None:
    """The triggers of the foundation migration."""
    if op.get_bind().dialect.name == "postgresql":
        for name, when in (
            ("append_only", "update or delete on {} for each row"),
            ("no_truncate", "truncate on {} for each statement"),
        ):
            op.execute(
                f"create trigger {table}_{name} before {when.format(table)} execute function heliobench_append_only()"
            )
        return
    for verb in ("update", "delete"):
        op.execute(
            f"create trigger {table}_no_{verb} before {verb} on {table} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )


def downgrade() -> None:
    op.drop_table("storage_place")
    op.drop_table("item_finding")
    for name in ("holder", "place_code"):
        op.drop_column("custody_entry", name)
    for name in INDEXED:
        op.drop_index(op.f(f"ix_item_{name}"), "item")
    for name in ("keep_until", "refused_at", "pieces", "refusal", "agreed", *reversed(TEXTS)):
        op.drop_column("item", name)
