"""Propagates PII from inputs to outputs through renames, joins and computations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage
from data_platform.record.catalog import outputs, versions
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.environments import resolve_origin
from data_platform.verbs.core.lookup.version_lookup import find_masked_columns

Lineage = Mapping[Origin, frozenset[str]]
InheritedPii = Mapping[str, tuple[str, ...]]
"""The protected columns that a column's values come from, as product.output.column, by the column's name."""


def find_inherited_pii(
    context: Context, conn: Connection, lineage: Lineage, columns: ColumnLineage[Origin], schema: TableSchema | None
) -> InheritedPii:
    """The columns that hold values protected in their source, under any name, and that the schema does not protect.

    Exact for a frame, which knows what its columns are made from: hashes, counts and statistics are excluded; without a
    `schema` not under the protected column's own name. Of rows without column lineage only the names are compared, and
    of rows of a caller elsewhere the names too, since its column lineage is a claim.
    """
    inherited: defaultdict[str, set[str]] = defaultdict(set)
    for origin, names in _find_protected(context, conn, lineage, columns).items():
        for name, source in _trace_protected(columns, origin, names):
            inherited[name].add(source)
        for name in _select_names(context, names, lineage.get(origin, frozenset()), columns, schema):
            inherited[name].add(format_source(origin, name))
    written = {} if schema is None else {column.name: column.pii or column.encrypted for column in schema}
    return {name: tuple(sorted(sources)) for name, sources in inherited.items() if not written.get(name, False)}


def _trace_protected(
    columns: ColumnLineage[Origin], origin: Origin, protected: Collection[str]
) -> Iterator[tuple[str, str]]:
    """The output columns from which values of protected columns of an origin can be read, with these."""
    for name, uses in columns.fields.items():
        for use in uses:
            if use.table == origin and use.hands_on and use.column in protected:
                yield name, format_source(origin, use.column)


def _select_names(
    context: Context,
    protected: frozenset[str],
    read: frozenset[str],
    columns: ColumnLineage[Origin],
    schema: TableSchema | None,
) -> frozenset[str]:
    """The protected columns of an origin that protect an output column by their name alone."""
    if not columns.fields or not context.principal.local:
        return protected
    return protected & read if schema is None else frozenset()


def format_source(origin: Origin, column: str) -> str:
    """A source column as it is declared and shown: product.output.column."""
    return f"{origin.name}.{origin.output}.{column}"


def _find_protected(
    context: Context, conn: Connection, lineage: Lineage, columns: ColumnLineage[Origin]
) -> dict[Origin, frozenset[str]]:
    """The protected columns of every product's output that the rows came from."""
    origins = {*lineage, *(use.table for uses in columns.fields.values() for use in uses)}
    return {origin: _list_masked(context, conn, origin) for origin in origins}


def _list_masked(context: Context, conn: Connection, origin: Origin) -> frozenset[str]:
    """What is protected in the version that was read, or is by now; of a source that is no product, nothing."""
    if origin.kind == "product":
        return _list_masked_here(conn, origin)
    resolved = resolve_origin(context, origin)
    if resolved is None:
        return frozenset()
    other, there = resolved
    with other.record.reading() as theirs:
        return _list_masked_here(theirs, there)


def _list_masked_here(conn: Connection, origin: Origin) -> frozenset[str]:
    version = versions.find(conn, origin.name, origin.output, origin.version) if origin.version else None
    if version is not None:
        return find_masked_columns(conn, version)
    row = outputs.find(conn, origin.name, origin.output)
    return frozenset(row.schema.masked if row is not None and row.schema is not None else ())
