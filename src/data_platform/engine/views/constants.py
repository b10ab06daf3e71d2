"""The masks that are the same for every row, as DuckDB's SQL: one form for frames and for the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data_platform.spec.access.masks import Mask, MaskKind

if TYPE_CHECKING:
    import duckdb

MASK = "***"
"""The replacement of a redacted text; a redacted value of another type is NULL."""


def read_types(connection: duckdb.DuckDBPyConnection, empty: Any) -> dict[str, str]:
    """DuckDB's types of the columns of an (empty) Arrow table."""
    connection.register("_types", empty)
    types = {row[0]: row[1] for row in connection.execute("DESCRIBE SELECT * FROM temp.main._types").fetchall()}
    connection.unregister("_types")
    return types


def build_null(kind: str, column: str) -> str:
    """A null of DuckDB's type `kind` in place of a column."""
    return f"CAST(NULL AS {kind}) AS {_quote_identifier(column)}"


def build_constant(mask: Mask, kind: str, column: str) -> str:
    """The mask in place of the column: its values are not read, so no expression can depend on them."""
    if mask.kind is MaskKind.REDACT and kind == "VARCHAR":
        return f"'{MASK}' AS {_quote_identifier(column)}"
    return build_null(kind, column)


def _quote_identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
