"""The lineage of a version as the edges that the record keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from data_platform.engine.origin import Origin
from data_platform.lineage.uses import ColumnLineage, ColumnUse
from data_platform.record.lineage.column_lineage import ColumnEdge
from data_platform.record.lineage.lineage import Edge


def build_edges(product: str, output: str, version: int, reads: Mapping[Origin, frozenset[str]]) -> Iterator[Edge]:
    """An edge for each source of a version, with the columns that were read, in order of the sources."""
    for origin, columns in sorted(reads.items(), key=lambda item: str(item[0])):
        read = tuple(sorted(columns))
        yield Edge(product, output, version, origin.kind, origin.name, origin.output, origin.version, read)


def join_edges(own: Sequence[Edge], before: Iterable[Edge], version: int) -> Iterator[Edge]:
    """The edges of a version that keeps rows of the one before: one to each source, with the columns that either read.

    Of a source that both read, the version that was read now is named. No columns means that they are unknown.
    """
    earlier = {(edge.kind, edge.source_name, edge.source_output): edge for edge in before}
    for edge in own:
        same = earlier.pop((edge.kind, edge.source_name, edge.source_output), None)
        if same is None:
            yield edge
        else:
            are_known = edge.columns and same.columns
            yield replace(edge, columns=tuple(sorted({*edge.columns, *same.columns})) if are_known else ())
    yield from (replace(edge, version=version) for edge in earlier.values())


def join_column_edges(own: Sequence[ColumnEdge], before: Iterable[ColumnEdge], version: int) -> Iterator[ColumnEdge]:
    """The uses of columns by a version that keeps rows of the one before: its own, and other ones of before."""
    yield from own
    uses = {replace(edge, source_version=None) for edge in own}
    for edge in before:
        moved = replace(edge, version=version)
        if replace(moved, source_version=None) not in uses:
            yield moved


def build_column_edges(product: str, output: str, version: int, columns: ColumnLineage[Origin]) -> Iterator[ColumnEdge]:
    """An edge for each use of a source's column, by column; uses that decide about every row come last."""

    def build_edge(column: str | None, use: ColumnUse[Origin]) -> ColumnEdge:
        source = (use.table.kind, use.table.name, use.table.output, use.table.version, use.column)
        return ColumnEdge(product, output, version, column, *source, use.type, use.subtype, use.masking)

    for column, uses in columns.fields.items():
        yield from (build_edge(column, use) for use in sorted(uses))
    yield from (build_edge(None, use) for use in sorted(columns.dataset))
