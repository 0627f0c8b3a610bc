"""What Alembic runs: the connection comes from `schema.migrate`, already in a transaction."""

from __future__ import annotations

from alembic import context

from pipeline.store.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a column by writing the table anew
)
with context.begin_transaction():
    context.run_migrations()
