"""Propagates PII from inputs to outputs through renames, joins and computations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage
from data_platform.record.catalog import outputs
from data_platform.record.catalog.outputs import OutputRow
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.environments import resolve_origin

Lineage = Mapping[Origin, frozenset[str]]


def find_inherited_pii(
    context: Context, conn: Connection, lineage: Lineage, columns: ColumnLineage[Origin]
) -> set[str]:
    """The columns that hold values protected in their source, under any name.

    Exact for a frame, which knows what its columns are made from: hashes, counts and statistics are excluded, but not
    under the protected column's own name. Of rows without column lineage only the names are compared.
    """
    protected = _find_protected(context, conn, lineage, columns)
    has_columns = bool(columns.fields)
    same = (names & lineage.get(origin, frozenset()) if has_columns else names for origin, names in protected.items())
    return set().union(*same, _trace_protected(columns, protected))


def warn_of_unprotected(
    context: Context, conn: Connection, lineage: Lineage, columns: ColumnLineage[Origin], schema: TableSchema
) -> Iterator[str]:
    """A warning for each column of a written schema that contains protected values and does not protect them."""
    for name, sources in _trace_protected(columns, _find_protected(context, conn, lineage, columns)).items():
        if name in schema.names and name not in schema.masked:
            yield (
                f"the column {name} is made of {', '.join(sources)}, personal data, and is not protected: "
                'tag it "pii" in the schema, or publish a hash of it'
            )


def _trace_protected(
    columns: ColumnLineage[Origin], protected: Mapping[Origin, frozenset[str]]
) -> dict[str, list[str]]:
    """The protected columns whose values can be read from each output column, as product.output.column."""
    traced: defaultdict[str, set[str]] = defaultdict(set)
    for name, uses in columns.fields.items():
        for use in uses:
            if use.hands_on and use.column in protected.get(use.table, ()):
                traced[name].add(f"{use.table.name}.{use.table.output}.{use.column}")
    return {name: sorted(sources) for name, sources in traced.items()}


def _find_protected(
    context: Context, conn: Connection, lineage: Lineage, columns: ColumnLineage[Origin]
) -> dict[Origin, frozenset[str]]:
    """The protected columns of every product's output that the rows came from."""
    origins = {*lineage, *(use.table for uses in columns.fields.values() for use in uses)}
    masked = {}
    for origin in origins:
        row = _find_output(context, conn, origin)
        if row is not None and row.schema is not None:
            masked[origin] = frozenset(row.schema.masked)
    return masked


def _find_output(context: Context, conn: Connection, origin: Origin) -> OutputRow | None:
    """The output that an origin is, here or in a higher environment; a source that is no product has none."""
    if origin.kind == "product":
        return outputs.find(conn, origin.name, origin.output)
    resolved = resolve_origin(context, origin)
    if resolved is None:
        return None
    other, there = resolved
    with other.record.reading() as theirs:
        return outputs.find(theirs, there.name, there.output)
