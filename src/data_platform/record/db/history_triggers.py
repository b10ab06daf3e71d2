"""Triggers that protect history: rows can be added, and removed by retention, but not changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, event, text

_SQLITE = """
CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} are history and cannot be changed'); END
"""

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' are history and cannot be changed'; END $$
"""

_POSTGRES = """
CREATE TRIGGER {table}_are_history BEFORE UPDATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history()
"""


_STATEMENTS = {"sqlite": (_SQLITE,), "postgresql": (_POSTGRES_FUNCTION, _POSTGRES)}


@contextmanager
def allow_rewriting(conn: Connection, table: Table) -> Iterator[None]:
    """Within it, this transaction may change the table's rows, and no other transaction can access them."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"DROP TRIGGER {table.name}_are_history")
        yield
        _guard(table, conn)
        return
    conn.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER {table.name}_are_history"))
    yield
    conn.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER {table.name}_are_history"))


def keep_history(*tables: Table) -> None:
    """Makes the database refuse every UPDATE of these tables, from their creation on."""
    for table in tables:
        event.listen(table, "after_create", _guard)


def _guard(table: Table, conn: Connection, **_: Any) -> None:
    for statement in _STATEMENTS[conn.dialect.name]:
        conn.exec_driver_sql(statement.format(table=table.name))
