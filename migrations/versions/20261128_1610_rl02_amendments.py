"""An issued report is replaced by an amended one, and no result has two reports in force."""

import sqlalchemy as sa
from alembic import op

revision = "rl02"
down_revision = "cf01"
branch_labels = None
depends_on = None

POINTERS = {"report_id": "report", "replaces_id": "report", "person_id": "person"}
IN_FORCE = sa.text("state = 'issued'")


def upgrade() -> None:
    op.create_table(
        "report_amendment",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in POINTERS),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_report_amendment_{name}_{other}"))
            for name, other in POINTERS.items()
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_amendment")),
    )
    op.create_index(op.f("ix_report_amendment_replaces_id"), "report_amendment", ["replaces_id"])
    op.create_index(
        "uq_report_in_force", "report", ["result_id"], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE
    )
    _append_only("report_amendment")


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
    op.drop_index("uq_report_in_force", "report")
    op.drop_table("report_amendment")
