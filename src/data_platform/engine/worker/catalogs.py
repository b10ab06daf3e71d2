"""The tables of one run as views in a DuckDB that can reach their files and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb

from data_platform.engine.paths import without_bounds

if TYPE_CHECKING:
    from data_platform.engine.worker.sealed import SealedDataset

_CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}
MASK = "***"
"""What stands for a text that is masked; a value of another type is NULL."""

Table = Mapping[str, Any]


def _unguessable() -> str:
    return f"_{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Catalogs:
    """Two catalogs with the same tables, under names that no product bears and no rule can guess.

    In `clear` an encrypted column is a typed null and the others are read natively; in `full` pyarrow reads and
    decrypts the tables that have encrypted columns, which are `sealed`.
    """

    clear: str = field(default_factory=_unguessable)
    full: str = field(default_factory=_unguessable)
    sealed: list[SealedDataset] = field(default_factory=list)


def connect(memory_limit_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """A DuckDB with nothing in it yet; it takes longer than all the rest, so one is made ahead of its need."""
    connection = duckdb.connect(":memory:", config={**_CONFIG, "memory_limit": f"{memory_limit_mb}MB"})
    if threads:
        connection.execute(f"SET threads = {threads}")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def open_catalogs(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> Catalogs:
    """Create the tables, then lock the connection; duckdb.Error when a file cannot be read."""
    catalogs = Catalogs()
    files = _list([file for table in tables for file in table["files"]])
    connection.execute(f"SET allowed_paths = {files}")
    connection.execute("SET enable_external_access = false")
    for catalog in (catalogs.clear, catalogs.full):
        connection.execute(f"ATTACH ':memory:' AS {catalog}")
    for at, table in enumerate(tables):
        _create(connection, catalogs, table, f"_table_{at}")
    connection.execute("SET lock_configuration = true")
    return catalogs


def _create(connection: duckdb.DuckDBPyConnection, catalogs: Catalogs, table: Table, name: str) -> None:
    """The table in both catalogs; what pyarrow must read is registered under `name`."""
    shown = {column: _identifier(column) for column in table["columns"]}
    shown |= {column: f"{without_bounds(shown[column])} AS {shown[column]}" for column in table["unbounded"]}
    shown |= {column: _widened(column, kind, table["unbounded"]) for column, kind in table["widened"].items()}
    clear = full = f"read_parquet({_list(table['files'])}, hive_partitioning = false)"
    instead: dict[str, str] = {}
    if table["schema"]:
        # pyarrow costs a tenth of a second, which tables in clear need not pay.
        from data_platform.engine.worker import sealed

        types = _types(connection, sealed.empty(table), name)
        shown |= {column: _mask(types[column], column) for column in table["masked"]}
        if not table["files"] or table["sealed"]:
            relation = sealed.relation(table)
            connection.register(name, relation)
            full = f"temp.main.{name}"
            clear = full if not table["files"] else clear
            if isinstance(relation, sealed.SealedDataset):
                catalogs.sealed.append(relation)
                instead = {column: _null(types[column], column) for column in table["sealed"]}
    _view(connection, catalogs.clear, table["name"], (shown | instead).values(), clear)
    _view(connection, catalogs.full, table["name"], shown.values(), full)


def _widened(column: str, kind: str, unbounded: Sequence[str]) -> str:
    name = _identifier(column)
    return f"CAST({without_bounds(name) if column in unbounded else name} AS {kind}) AS {name}"


def _types(connection: duckdb.DuckDBPyConnection, empty: Any, name: str) -> dict[str, str]:
    """DuckDB's types of the columns."""
    connection.register(name, empty)
    types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM temp.main.{name}").fetchall()}
    connection.unregister(name)
    return types


def _null(kind: str, column: str) -> str:
    return f"CAST(NULL AS {kind}) AS {_identifier(column)}"


def _mask(kind: str, column: str) -> str:
    """The mask in place of the column: its values are not read, so that no expression can tell them apart."""
    return f"'{MASK}' AS {_identifier(column)}" if kind == "VARCHAR" else _null(kind, column)


def _view(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    name: Sequence[str],
    columns: Iterable[str],
    source: str,
) -> None:
    schema, view = ("main", *name)[-2:]
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {catalog}.{_identifier(schema)}")
    path = f"{catalog}.{_identifier(schema)}.{_identifier(view)}"
    connection.execute(f"CREATE VIEW {path} AS SELECT {', '.join(columns)} FROM {source}")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join("'" + text.replace("'", "''") + "'" for text in texts) + "]"
