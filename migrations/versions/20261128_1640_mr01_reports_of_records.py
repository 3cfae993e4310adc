"""A report rests on a result or on the record of a manual test, and names its job either way."""

import sqlalchemy as sa
from alembic import op

revision = "mr01"
down_revision = "rl02"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("state = 'issued'")
ONE_OF_TWO = "(result_id is null) <> (manual_test_id is null)"


def in_force(name: str, column: str) -> None:
    op.create_index(name, "report", [column], unique=True, sqlite_where=IN_FORCE, postgresql_where=IN_FORCE)


def upgrade() -> None:
    op.add_column("report", sa.Column("job_id", sa.Integer(), nullable=True))
    op.add_column("report", sa.Column("manual_test_id", sa.Integer(), nullable=True))
    op.execute("UPDATE report SET job_id = (SELECT job_id FROM result WHERE result.id = report.result_id)")
    op.drop_index("uq_report_in_force", "report")  # SQLite copies the table below, and would lose its condition
    with op.batch_alter_table("report") as batch:
        batch.alter_column("job_id", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("result_id", existing_type=sa.Integer(), nullable=True)
        batch.create_foreign_key(op.f("fk_report_job_id_job"), "job", ["job_id"], ["id"])
        batch.create_foreign_key(
            op.f("fk_report_manual_test_id_manual_test"), "manual_test", ["manual_test_id"], ["id"]
        )
        batch.create_check_constraint(op.f("ck_report_result_or_record"), ONE_OF_TWO)
        batch.create_index(op.f("ix_report_job_id"), ["job_id"])
        batch.create_index(op.f("ix_report_manual_test_id"), ["manual_test_id"])
    in_force("uq_report_in_force", "result_id")
    in_force("uq_report_record_in_force", "manual_test_id")


def downgrade() -> None:
    """Refused while there are reports of manual tests: the older program has no place for them."""
    op.drop_index("uq_report_record_in_force", "report")
    op.drop_index("uq_report_in_force", "report")
    with op.batch_alter_table("report") as batch:
        batch.alter_column("result_id", existing_type=sa.Integer(), nullable=False)
        batch.drop_index(op.f("ix_report_manual_test_id"))
        batch.drop_index(op.f("ix_report_job_id"))
        batch.drop_constraint(op.f("ck_report_result_or_record"), type_="check")
        batch.drop_constraint(op.f("fk_report_manual_test_id_manual_test"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_report_job_id_job"), type_="foreignkey")
        batch.drop_column("manual_test_id")
        batch.drop_column("job_id")
    in_force("uq_report_in_force", "result_id")
