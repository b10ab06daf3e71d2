"""Alembic's entry: runs the migrations on the connection, and in the transaction, that `record/db/migrate.py` hands in.

A new migration is a file in `versions/`, written by hand: expand first, contract a release later. Raise `REVISION`
in `record/db/schema.py` with it; the tests compare what the migrations build with what `schema.py` builds.
"""

from alembic import context

from data_platform.record.db.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
context.run_migrations()
