"""Column lineage: the source columns that each version's columns were computed from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, or_, select, tuple_, update

from data_platform.record.db import rows
from data_platform.record.db.schema import COLUMN_LINEAGE


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """One use of one source column; `column` is None if it affects every row (a filter, a join, a grouping).

    `type`, `subtype` and `masking` are OpenLineage's: DIRECT or INDIRECT, IDENTITY … CONDITIONAL.
    """

    product: str
    output: str
    version: int
    column: str | None
    kind: Literal["product", "source"]
    source_name: str
    source_output: str | None
    source_version: int | None
    source_column: str
    type: str
    subtype: str
    masking: bool


Place = tuple[str, str | None, str | None]
"""A product, one of its outputs and one of its columns; None means all of them."""

_ALL = select(*rows.select_columns(COLUMN_LINEAGE, ColumnEdge))
_BATCH = 500


def _select_at(name: Column[str], output: Column[str], column: Column[str]) -> Select[Any]:
    """A query for the uses with places at this end; its first condition uses the index.

    It is built once, because building it for each step of a walk took longer than running it.
    """
    any_of = partial(bindparam, expanding=True)
    conditions: list[ColumnElement[bool]] = [
        name.in_(any_of("products")),
        tuple_(name, output).in_(any_of("outputs")),
        tuple_(name, output, column).in_(any_of("columns")),
    ]
    if column.nullable:
        conditions.append(tuple_(name, output).in_(any_of("deciding")) & column.is_(None))
    query = _ALL.where(COLUMN_LINEAGE.c.latest, name.in_(any_of("names")), or_(*conditions))
    return query.order_by(COLUMN_LINEAGE.c.product, COLUMN_LINEAGE.c.output, COLUMN_LINEAGE.c.id)


_MADE = _select_at(COLUMN_LINEAGE.c.product, COLUMN_LINEAGE.c.output, COLUMN_LINEAGE.c.column)
_READ = _select_at(COLUMN_LINEAGE.c.source_name, COLUMN_LINEAGE.c.source_output, COLUMN_LINEAGE.c.source_column)


def add(conn: Connection, edges: Iterable[ColumnEdge]) -> None:
    """Records the column lineage of the version just added; call it after `versions.add`, in the same transaction."""
    added = [{**rows.to_values(edge), "latest": True} for edge in edges]
    if added:
        conn.execute(COLUMN_LINEAGE.insert(), added)


def supersede(conn: Connection, product: str, output: str) -> None:
    """Marks the recorded uses of the output's versions as history."""
    table = COLUMN_LINEAGE
    mine = (table.c.product == product, table.c.latest, table.c.output == output)
    conn.execute(update(table).where(*mine).values(latest=False))


def walk_upstream(
    conn: Connection, product: str, output: str | None = None, column: str | None = None, *, depth: int = 1
) -> tuple[ColumnEdge, ...]:
    """The sources of a column (or of every column of an output or a product), `depth` steps up, nearest first.

    A use that affects an output's rows counts for each of its columns. Only newest versions count.
    """

    def find_source(edge: ColumnEdge) -> Place | None:
        return (edge.source_name, edge.source_output, edge.source_column) if edge.kind == "product" else None

    return _walk((product, output, column), depth, lambda places: find_above(conn, places), find_source)


def walk_downstream(
    conn: Connection, product: str, output: str | None = None, column: str | None = None, *, depth: int = 1
) -> tuple[ColumnEdge, ...]:
    """The uses of a column (or of any column of an output or a product), `depth` steps down, nearest first.

    A use that affects rows affects every column of that output, and the walk continues from all of them.
    """

    def find_target(edge: ColumnEdge) -> Place:
        return edge.product, edge.output, edge.column

    return _walk((product, output, column), depth, lambda places: find_below(conn, places), find_target)


def find_above(conn: Connection, places: Collection[Place]) -> list[ColumnEdge]:
    """The uses that these columns are directly computed from."""
    return _fetch_edges(conn, _MADE, places)


def find_below(conn: Connection, places: Collection[Place]) -> list[ColumnEdge]:
    """The uses that directly read these columns."""
    return [edge for edge in _fetch_edges(conn, _READ, places) if edge.kind == "product"]


def list_described(conn: Connection, products: Collection[str]) -> set[tuple[str, str]]:
    """The outputs of these products whose newest versions have column lineage."""
    table = COLUMN_LINEAGE
    query = select(table.c.product, table.c.output).where(table.c.latest).distinct()
    names, outputs = sorted(products), set()
    for at in range(0, len(names), _BATCH):
        result = conn.execute(query.where(table.c.product.in_(names[at : at + _BATCH])))
        outputs |= {(row.product, row.output) for row in result}
    return outputs


def list_by_version(conn: Connection, product: str, output: str, version: int) -> tuple[ColumnEdge, ...]:
    """The column lineage of one version, also of an older one."""
    table = COLUMN_LINEAGE
    mine = (table.c.product == product, table.c.output == output, table.c.version == version)
    return rows.fetch_all(conn, _ALL.where(*mine).order_by(table.c.id), ColumnEdge)


def _walk(
    start: Place,
    depth: int,
    edges_at: Callable[[set[Place]], list[ColumnEdge]],
    end: Callable[[ColumnEdge], Place | None],
) -> tuple[ColumnEdge, ...]:
    walked: dict[ColumnEdge, None] = {}
    seen, frontier = {start}, {start}
    for _ in range(depth):
        edges = edges_at(frontier)
        walked.update(dict.fromkeys(edges))
        frontier = {place for edge in edges if (place := end(edge))} - seen
        if not frontier:
            break
        seen |= frontier
    return tuple(walked)


def _fetch_edges(conn: Connection, query: Select[Any], places: Collection[Place]) -> list[ColumnEdge]:
    wanted = sorted(places, key=str)
    edges: list[ColumnEdge] = []
    for at in range(0, len(wanted), _BATCH):
        edges += rows.fetch_all(conn, query, ColumnEdge, _bind_places(wanted[at : at + _BATCH]))
    return edges


def _bind_places(places: Collection[Place]) -> dict[str, list[Any]]:
    """The bound parameters of the query of `_select_at`."""
    columns = [place for place in places if place[1] is not None and place[2] is not None]
    return {
        "names": sorted({place[0] for place in places}),
        "products": [place[0] for place in places if place[1] is None],
        "outputs": [place[:2] for place in places if place[1] is not None and place[2] is None],
        "columns": columns,
        "deciding": sorted({place[:2] for place in columns}),
    }
