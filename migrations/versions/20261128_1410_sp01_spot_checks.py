"""Spot checks: tasks, sampling records with their seals, who took a sample, and how its seal was found."""

import sqlalchemy as sa
from alembic import op

revision = "sp01"
down_revision = "p001"
branch_labels = None
depends_on = None

TEXTS = {  # of a sampling record: name and longest
    "company_name": 200,
    "credit_code": 18,
    "company_address": 300,
    "company_contact": 120,
    "company_telephone": 40,
    "place_kind": 20,
    "place": 300,
    "product_zh": 120,
    "product_en": 120,
    "manufacturer": 200,
    "model": 120,
    "trademark": 120,
    "batch": 120,
    "backup_place": 300,
    "representative": 60,
    "company_signed": 20,
}


def upgrade() -> None:
    op.add_column("request", sa.Column("payer", sa.String(length=200), server_default="", nullable=False))
    op.add_column("item", sa.Column("seal_found", sa.String(length=20), server_default="", nullable=False))
    _announced()
    _task()
    _record()
    op.create_table(
        "sampling_seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"], ["sampling_record.id"], name=op.f("fk_sampling_seal_record_id_sampling_record")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_seal")),
        sa.UniqueConstraint("number", name=op.f("uq_sampling_seal_number")),
    )
    op.create_index(op.f("ix_sampling_seal_record_id"), "sampling_seal", ["record_id"])


def _announced() -> None:
    op.create_table(
        "request_sampler",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_sampler_request_id_request")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_request_sampler_person_id_person")),
        sa.PrimaryKeyConstraint("request_id", "person_id", name=op.f("pk_request_sampler")),
    )
    op.create_table(
        "request_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("seal", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_request_sample_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_sample")),
    )
    op.create_index(op.f("ix_request_sample_request_id"), "request_sample", ["request_id"])


def _task() -> None:
    op.create_table(
        "sampling_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("document", sa.String(length=120), nullable=False),
        sa.Column("products", sa.String(length=300), nullable=False),
        sa.Column("tests", sa.Text(), nullable=False),
        sa.Column("companies", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_sampling_task_created_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_task")),
        sa.UniqueConstraint("number", name=op.f("uq_sampling_task_number")),
    )
    op.create_index("ix_sampling_task_last_day", "sampling_task", ["last_day", "id"])


def _record() -> None:
    pointers = {"company_id": "company", "sampler_1_id": "person", "sampler_2_id": "person", "request_id": "request"}
    moments = ("company_signed_at", "sampler_1_signed_at", "sampler_2_signed_at")
    op.create_table(
        "sampling_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in pointers),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in TEXTS.items()),
        sa.Column("sampled_on", sa.Date(), nullable=False),
        sa.Column("gross_area", sa.Double(), nullable=True),
        sa.Column("base_quantity", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("backup_quantity", sa.Integer(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("company_words", sa.Text(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in moments),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["sampling_task.id"], name=op.f("fk_sampling_record_task_id_sampling_task")
        ),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_sampling_record_{name}_{table}"))
            for name, table in (*pointers.items(), ("created_by_id", "person"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampling_record")),
        sa.UniqueConstraint("number", name=op.f("uq_sampling_record_number")),
        sa.UniqueConstraint("request_id", name=op.f("uq_sampling_record_request_id")),
    )
    for name in ("company_id", "state", "task_id"):
        op.create_index(op.f(f"ix_sampling_record_{name}"), "sampling_record", [name])


def downgrade() -> None:
    for table in ("sampling_seal", "sampling_record", "sampling_task", "request_sample", "request_sampler"):
        op.drop_table(table)
    op.drop_column("item", "seal_found")
    op.drop_column("request", "payer")
