"""Alembic's entry: the connection comes from lims/migrate.py, online only."""

from alembic import context

from lims.models import Base

told = context.config.attributes
context.configure(
    connection=told["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    on_version_apply=told.get("each_step", ()),
)
with context.begin_transaction():
    context.run_migrations()
