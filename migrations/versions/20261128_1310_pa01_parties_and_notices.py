"""Contacts, invitations, mailed links, withdrawn competence, notices and the outbox of e-mails."""

import sqlalchemy as sa
from alembic import op

revision = "pa01"
down_revision = "a401"
branch_labels = None
depends_on = None

FK = "fk_competence_withdrawn_by_id_person"


def upgrade() -> None:
    op.create_table(
        "reset_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reset_request")),
    )
    op.create_index(op.f("ix_reset_request_address"), "reset_request", ["address"], unique=False)
    op.create_index(op.f("ix_reset_request_at"), "reset_request", ["at"], unique=False)
    op.create_index(op.f("ix_reset_request_typed"), "reset_request", ["typed"], unique=False)
    op.create_table(
        "company_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_contact_company_id_company")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_contact")),
    )
    op.create_index(op.f("ix_company_contact_company_id"), "company_contact", ["company_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("company_admin", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invitation_company_id_company")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
    )
    op.create_index(op.f("ix_invitation_company_id"), "invitation", ["company_id"], unique=False)
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"], unique=False)
    op.create_table(
        "mailed_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mailed_link_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_mailed_link_token_sha256")),
    )
    op.create_index(op.f("ix_mailed_link_person_id"), "mailed_link", ["person_id"], unique=False)
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "topic", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("to_name", sa.String(length=120), nullable=False),
        sa.Column("to_address", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("link_purpose", sa.String(length=20), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_position"], ["event.position"], name=op.f("fk_mail_event_position_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    op.create_index(op.f("ix_mail_event_position"), "mail", ["event_position"], unique=False)
    op.create_index(op.f("ix_mail_person_id"), "mail", ["person_id"], unique=False)
    op.create_index("ix_mail_state_due_at", "mail", ["state", "due_at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event_position", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_position"], ["event.position"], name=op.f("fk_notice_event_position_event")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person_id_read_at", "notice", ["person_id", "read_at"], unique=False)
    op.add_column("company", sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("person", sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("language", sa.String(length=5), server_default="", nullable=False))
    op.add_column("person", sa.Column("company_admin", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_person_email"), "person", ["email"], unique=False)
    with op.batch_alter_table("competence") as competence:
        competence.add_column(sa.Column("basis", sa.Text(), server_default="", nullable=False))
        competence.add_column(sa.Column("withdrawn_on", sa.Date(), nullable=True))
        competence.add_column(sa.Column("withdrawn_by_id", sa.Integer(), nullable=True))
        competence.add_column(sa.Column("withdrawn_reason", sa.Text(), server_default="", nullable=False))
        competence.create_foreign_key(FK, "person", ["withdrawn_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("competence") as competence:
        competence.drop_constraint(FK, type_="foreignkey")
        for name in ("withdrawn_reason", "withdrawn_by_id", "withdrawn_on", "basis"):
            competence.drop_column(name)
    op.drop_index(op.f("ix_person_email"), table_name="person")
    op.drop_column("person", "company_admin")
    op.drop_column("person", "language")
    op.drop_column("person", "email_verified_at")
    op.drop_column("company", "active")
    op.drop_index("ix_notice_person_id_read_at", table_name="notice")
    op.drop_table("notice")
    op.drop_index("ix_mail_state_due_at", table_name="mail")
    op.drop_index(op.f("ix_mail_person_id"), table_name="mail")
    op.drop_index(op.f("ix_mail_event_position"), table_name="mail")
    op.drop_table("mail")
    op.drop_table("notice_choice")
    op.drop_index(op.f("ix_mailed_link_person_id"), table_name="mailed_link")
    op.drop_table("mailed_link")
    op.drop_index(op.f("ix_invitation_email"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_company_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_company_contact_company_id"), table_name="company_contact")
    op.drop_table("company_contact")
    op.drop_index(op.f("ix_reset_request_typed"), table_name="reset_request")
    op.drop_index(op.f("ix_reset_request_at"), table_name="reset_request")
    op.drop_index(op.f("ix_reset_request_address"), table_name="reset_request")
    op.drop_table("reset_request")
