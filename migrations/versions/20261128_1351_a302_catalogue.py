"""The catalogue: products, tests, prices, scope, packages; and what an order says beside its tests."""

import sqlalchemy as sa
from alembic import op

revision = "a302"
down_revision = "wa01"
branch_labels = None
depends_on = None


APPEND_ONLY = ("price",)


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
        "product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
    )
    op.create_table(
        "offering",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("test", sa.String(length=90), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_offering_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering")),
        sa.UniqueConstraint("product_id", "test", name=op.f("uq_offering_product_id_test")),
    )
    op.create_index(op.f("ix_offering_product_id"), "offering", ["product_id"], unique=False)
    op.create_table(
        "package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_package_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
        sa.UniqueConstraint("code", name=op.f("uq_package_code")),
    )
    op.create_index(op.f("ix_package_product_id"), "package", ["product_id"], unique=False)
    op.create_table(
        "package_test",
        sa.Column("package_id", sa.Integer(), nullable=False),
        sa.Column("test", sa.String(length=90), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_test_package_id_package")),
        sa.PrimaryKeyConstraint("package_id", "test", name=op.f("pk_package_test")),
    )
    op.create_table(
        "price",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.BigInteger(), nullable=False),
        sa.Column("working_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_price_entered_by_id_person")),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_price_offering_id_offering")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
    )
    op.create_index(op.f("ix_price_offering_id"), "price", ["offering_id"], unique=False)
    op.create_table(
        "scope",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offering_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(length=10), nullable=False),
        sa.Column("certificate", sa.String(length=60), nullable=False),
        sa.Column("restriction", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["offering_id"], ["offering.id"], name=op.f("fk_scope_offering_id_offering")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope")),
    )
    op.create_index(op.f("ix_scope_offering_id"), "scope", ["offering_id"], unique=False)
    with op.batch_alter_table("request") as batch:
        batch.add_column(sa.Column("product_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("report_language", sa.String(length=10), server_default="both", nullable=False))
        batch.add_column(sa.Column("subcontracting", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("secrecy", sa.String(length=300), server_default="", nullable=False))
        batch.add_column(sa.Column("contact", sa.String(length=120), server_default="", nullable=False))
        batch.add_column(sa.Column("contact_telephone", sa.String(length=40), server_default="", nullable=False))
        batch.create_index(op.f("ix_request_product_id"), ["product_id"], unique=False)
        batch.create_foreign_key(op.f("fk_request_product_id_product"), "product", ["product_id"], ["id"])
    for table in APPEND_ONLY:
        protect(table)


def downgrade() -> None:
    with op.batch_alter_table("request") as batch:
        batch.drop_constraint(op.f("fk_request_product_id_product"), type_="foreignkey")
        batch.drop_index(op.f("ix_request_product_id"))
        batch.drop_column("contact_telephone")
        batch.drop_column("contact")
        batch.drop_column("secrecy")
        batch.drop_column("subcontracting")
        batch.drop_column("report_language")
        batch.drop_column("product_id")
    op.drop_table("scope")
    op.drop_table("price")
    op.drop_table("package_test")
    op.drop_table("package")
    op.drop_table("offering")
    op.drop_table("product")
