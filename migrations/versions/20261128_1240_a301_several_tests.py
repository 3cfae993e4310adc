"""An order holds several tests: each a line with a method or a manual test, its price and its working days."""

import sqlalchemy as sa
from alembic import op

revision = "a301"
down_revision = "a101"
branch_labels = None
depends_on = None

ONE_OF_TWO = "(method_id = '') <> (procedure_id = '')"


def upgrade() -> None:
    op.create_table(
        "request_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("method_id", sa.String(length=60), nullable=False),
        sa.Column("procedure_id", sa.String(length=80), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("working_days", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(ONE_OF_TWO, name=op.f("ck_request_test_method_or_procedure")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_test_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_test")),
    )
    op.create_index(op.f("ix_request_test_request_id"), "request_test", ["request_id"])
    op.execute(
        "INSERT INTO request_test (request_id, position, method_id, procedure_id, note) "
        "SELECT id, 1, method_id, '', '' FROM request WHERE method_id <> ''"
    )
    op.add_column("job", sa.Column("procedure_id", sa.String(length=80), server_default="", nullable=False))
    op.add_column("job", sa.Column("request_test_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE job SET request_test_id = "
        "(SELECT id FROM request_test WHERE request_test.request_id = job.request_id AND position = 1)"
    )
    with op.batch_alter_table("job") as batch:
        batch.alter_column("request_test_id", existing_type=sa.Integer(), nullable=False)
        batch.alter_column("procedure_id", existing_type=sa.String(length=80), server_default=None)
        batch.create_foreign_key(
            op.f("fk_job_request_test_id_request_test"), "request_test", ["request_test_id"], ["id"]
        )
        batch.create_check_constraint(op.f("ck_job_method_or_procedure"), ONE_OF_TWO)
        batch.create_index(op.f("ix_job_request_test_id"), ["request_test_id"])
    op.drop_column("request", "method_id")


def downgrade() -> None:
    """One method a request again. The database refuses while a request has more tests, or one done by hand."""
    op.create_index("one_test", "request_test", ["request_id"], unique=True)
    with op.batch_alter_table("request_test") as batch:
        batch.create_check_constraint("a_method", "procedure_id = ''")
    op.add_column("request", sa.Column("method_id", sa.String(length=60), server_default="", nullable=False))
    op.execute(
        "UPDATE request SET method_id = COALESCE((SELECT method_id FROM request_test "
        "WHERE request_test.request_id = request.id AND method_id <> '' ORDER BY position LIMIT 1), '')"
    )
    with op.batch_alter_table("job") as batch:
        batch.drop_constraint(op.f("ck_job_method_or_procedure"), type_="check")
        batch.drop_index(op.f("ix_job_request_test_id"))
        batch.drop_constraint(op.f("fk_job_request_test_id_request_test"), type_="foreignkey")
        batch.drop_column("request_test_id")
        batch.drop_column("procedure_id")
    op.drop_table("request_test")
