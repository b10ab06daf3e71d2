"""Indexes of some rows of a table. They are created as text: the options of `Index` import the dialect they are for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, event


def index_later_majors(outputs: Table) -> None:
    """Lets the few outputs whose key is not their name be read without a scan of all outputs."""

    def create(table: Table, conn: Connection, **_: Any) -> None:
        conn.exec_driver_sql(f"CREATE INDEX ix_outputs_later ON {table.name} (product, output) WHERE output <> name")

    event.listen(outputs, "after_create", create)
