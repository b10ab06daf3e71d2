"""The lineage of a version as the edges that the record keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage, ColumnUse
from data_platform.record.lineage.column_lineage import ColumnEdge
from data_platform.record.lineage.lineage import Edge


def build_edges(product: str, output: str, version: int, reads: Mapping[Origin, frozenset[str]]) -> Iterator[Edge]:
    """An edge for each source of a version, with the columns that were read, in order of the sources."""
    for origin, columns in sorted(reads.items(), key=lambda item: str(item[0])):
        read = tuple(sorted(columns))
        yield Edge(product, output, version, origin.kind, origin.name, origin.output, origin.version, read)


def build_column_edges(product: str, output: str, version: int, columns: ColumnLineage[Origin]) -> Iterator[ColumnEdge]:
    """An edge for each use of a source's column, by column; uses that decide about every row come last."""

    def build_edge(column: str | None, use: ColumnUse[Origin]) -> ColumnEdge:
        source = (use.table.kind, use.table.name, use.table.output, use.table.version, use.column)
        return ColumnEdge(product, output, version, column, *source, use.type, use.subtype, use.masking)

    for column, uses in columns.fields.items():
        yield from (build_edge(column, use) for use in sorted(uses))
    yield from (build_edge(None, use) for use in sorted(columns.dataset))
