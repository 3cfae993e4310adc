"""The company sampled is told the result, and may object to it."""

import sqlalchemy as sa
from alembic import op

revision = "sp02"
down_revision = "p002"
branch_labels = None
depends_on = None

NOTICE = {"report_id": "report", "request_id": "request", "person_id": "person"}
OBJECTION = {"request_id": "request", "company_id": "company", "report_id": "report"}


def upgrade() -> None:
    op.create_table(
        "result_notice",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NOTICE),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_pointers("result_notice", NOTICE),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_result_notice")),
    )
    op.create_index(op.f("ix_result_notice_request_id"), "result_notice", ["request_id"])
    op.create_table(
        "objection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in OBJECTION),
        sa.Column("retest", sa.Boolean(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("words", "late_because", "decision", "outcome")),
        sa.Column("body", sa.String(length=200), nullable=False),
        *_pointers("objection", OBJECTION),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("number", name=op.f("uq_objection_number")),
    )
    for name in ("state", *OBJECTION):
        op.create_index(op.f(f"ix_objection_{name}"), "objection", [name])
    _append_only("result_notice")


def _pointers(table: str, pointers: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
        for name, other in pointers.items()
    ]


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
    op.drop_table("objection")
    op.drop_table("result_notice")
