"""The tables of one run as views in a DuckDB that can reach their files and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from data_platform.engine.paths import drop_bounds
from data_platform.engine.views.constants import build_constant, build_null, read_types
from data_platform.spec.access.masks import Mask, MaskKind

if TYPE_CHECKING:
    from data_platform.engine.worker.sealed import SealedDataset

_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}

Table = Mapping[str, Any]


def _generate_name() -> str:
    return f"_{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Catalogs:
    """Two catalogs with the same tables, under random names that no rule can guess.

    In `clear` an encrypted column is a typed null and the others are read natively; in `full` pyarrow reads and
    decrypts the tables that have encrypted columns, which are `sealed`.
    """

    clear: str = field(default_factory=_generate_name)
    full: str = field(default_factory=_generate_name)
    sealed: list[SealedDataset] = field(default_factory=list)


def connect(memory_limit_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """An empty DuckDB; connecting is slow, so one is made before it is needed."""
    connection = duckdb.connect(":memory:", config={**_CONFIG, "memory_limit": f"{memory_limit_mb}MB"})
    if threads:
        connection.execute(f"SET threads = {threads}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def open_catalogs(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> Catalogs:
    """Create the tables, then lock the connection; duckdb.Error when a file cannot be read."""
    catalogs = Catalogs()
    files = _format_list([file for table in tables if not table["view"] for file in table["files"]])
    connection.execute(f"SET allowed_paths = {files}")
    connection.execute("SET enable_external_access = false")
    for catalog in (catalogs.clear, catalogs.full):
        connection.execute(f"ATTACH ':memory:' AS {catalog}")
    for table in tables:
        _create(connection, catalogs, table, _generate_name())
    connection.execute("SET lock_configuration = true")
    return catalogs


def _create(connection: duckdb.DuckDBPyConnection, catalogs: Catalogs, table: Table, name: str) -> None:
    """The table in both catalogs; what pyarrow must read is registered under `name`."""
    expressions = {column: _quote_identifier(column) for column in table["columns"]}
    expressions |= {
        column: f"{drop_bounds(expressions[column])} AS {expressions[column]}" for column in table["unbounded"]
    }
    expressions |= {
        column: _widen_column(column, kind, table["unbounded"]) for column, kind in table["widened"].items()
    }
    clear = full = f"read_parquet({_format_list(table['files'])}, hive_partitioning = false)"
    null_columns: dict[str, str] = {}
    if table["schema"]:
        # imported here: pyarrow takes 100 ms to load, and unencrypted tables do not need it
        from data_platform.engine.worker import sealed

        types = read_types(connection, sealed.make_empty_table(table))
        expressions |= {
            column: build_constant(Mask(MaskKind(kind)), types[column], column)
            for column, kind in table["constants"].items()
        }
        if not table["files"] or table["sealed"] or table["view"]:
            opened = sealed.open_table(table)
            connection.register(name, opened.relation)
            full = f"temp.main.{name}"
            if opened.is_only_way:
                clear = full
            elif opened.sealed is not None:
                null_columns = {column: build_null(types[column], column) for column in table["sealed"]}
            if opened.sealed is not None:
                catalogs.sealed.append(opened.sealed)
    _create_view(connection, catalogs.clear, table["name"], (expressions | null_columns).values(), clear)
    _create_view(connection, catalogs.full, table["name"], expressions.values(), full)


def _widen_column(column: str, kind: str, unbounded: Sequence[str]) -> str:
    name = _quote_identifier(column)
    return f"CAST({drop_bounds(name) if column in unbounded else name} AS {kind}) AS {name}"


def _create_view(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    name: Sequence[str],
    columns: Iterable[str],
    source: str,
) -> None:
    schema, view = ("main", *name)[-2:]
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{_quote_identifier(schema)}")
    path = f"{catalog}.{_quote_identifier(schema)}.{_quote_identifier(view)}"
    connection.execute(f"CREATE VIEW {path} AS SELECT {', '.join(columns)} FROM {source}")


def _quote_identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _format_list(texts: Sequence[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"
