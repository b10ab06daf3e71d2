"""What the rows of a SQL query are made from, so that what is published from them inherits personal data."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from data_platform.engine.origin import Origin
from data_platform.errors import BadInput
from data_platform.lineage.columns import resolve_column_lineage
from data_platform.lineage.uses import ELSEWHERE, ColumnLineage, ColumnUse
from data_platform.verbs.reading.query_streams import QueryTable, Tables


def trace_query(query: exp.Query, tables: Tables, names: Sequence[str]) -> ColumnLineage[Origin]:
    """What each column of the result, called `names` by the engine, is made from.

    The use of a column that the reader sees as a constant is marked as masked. A column that the query's text does not
    explain is made from everything that the query reads.
    """
    traced = _trace_names(query, tables)
    everything = traced.fields.get(ELSEWHERE) or frozenset().union(*traced.fields.values())
    fields = {name: traced.fields.get(name, everything) for name in names}
    by_name = {".".join(key): (_name_origin(table), table) for key, table in tables.items()}

    def place(use: ColumnUse[str]) -> ColumnUse[Origin]:
        origin, table = by_name[use.table]
        masking = use.masking or use.column in table.view.constants
        return ColumnUse(origin, use.column, use.type, use.subtype, masking)

    return ColumnLineage(fields, traced.dataset).map_uses(place)


def _trace_names(query: exp.Query, tables: Tables) -> ColumnLineage[str]:
    """The lineage over the tables' names; of a query that cannot be traced, every column of every table."""
    schemas = {".".join(key): _list_columns(table) for key, table in tables.items()}
    try:
        return resolve_column_lineage(query, schemas)
    except BadInput:
        uses = (
            ColumnUse(name, column, "DIRECT", "TRANSFORMATION")
            for name, columns in schemas.items()
            for column in columns
        )
        return ColumnLineage({ELSEWHERE: frozenset(uses)})


def list_reads(lineage: ColumnLineage[Origin], tables: Tables) -> dict[Origin, frozenset[str]]:
    """The columns that are read of each version, by its origin; of which only rows are counted, none."""
    uses = {use for column_uses in (*lineage.fields.values(), lineage.dataset) for use in column_uses}
    origins = [_name_origin(table) for table in tables.values()]
    return {origin: frozenset(use.column for use in uses if use.table == origin) for origin in origins}


def _list_columns(table: QueryTable) -> list[str]:
    return list(table.version.schema.names)


def _name_origin(table: QueryTable) -> Origin:
    version = table.version
    return Origin("product", version.product, version.output, version.version)
