"""Evaluations asked for and done beside the pages."""

import sqlalchemy as sa
from alembic import op

revision = "a102"
down_revision = "a301"
branch_labels = None
depends_on = None

COLUMNS = (("run_id", "run"), ("job_id", "job"), ("asked_by_id", "person"), ("result_id", "result"))


def upgrade() -> None:
    op.create_table(
        "evaluation_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("sentence_en", sa.Text(), nullable=False),
        sa.Column("sentence_zh", sa.Text(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_evaluation_task_{column}_{table}"))
            for column, table in COLUMNS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_task")),
    )
    op.create_index(op.f("ix_evaluation_task_run_id"), "evaluation_task", ["run_id"])
    op.create_index(op.f("ix_evaluation_task_state"), "evaluation_task", ["state"])


def downgrade() -> None:
    op.drop_table("evaluation_task")
