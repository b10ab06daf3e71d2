"""Column lineage: which columns of which sources each version's columns were made from."""

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
    """One use of one source column; `column` is None where it decides about every row (a filter, a join, a grouping).

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
"""A product, one of its outputs and one of its columns; None stands for all of them."""

_ALL = select(*rows.columns(COLUMN_LINEAGE, ColumnEdge))
_BATCH = 500


def _at(name: Column[str], output: Column[str], column: Column[str]) -> Select[Any]:
    """The uses that have places at this end; its first condition alone finds them by the index.

    Made once: to build it for each step of a walk took longer than to ask it.
    """
    any_of = partial(bindparam, expanding=True)
    meant: list[ColumnElement[bool]] = [
        name.in_(any_of("products")),
        tuple_(name, output).in_(any_of("outputs")),
        tuple_(name, output, column).in_(any_of("columns")),
    ]
    if column.nullable:
        meant.append(tuple_(name, output).in_(any_of("deciding")) & column.is_(None))
    query = _ALL.where(COLUMN_LINEAGE.c.latest, name.in_(any_of("names")), or_(*meant))
    return query.order_by(*(COLUMN_LINEAGE.c[each] for each in ("product", "output", "id")))


_MADE = _at(*(COLUMN_LINEAGE.c[each] for each in ("product", "output", "column")))
_READ = _at(*(COLUMN_LINEAGE.c[each] for each in ("source_name", "source_output", "source_column")))


def add(conn: Connection, edges: Iterable[ColumnEdge]) -> None:
    """Records what the columns of the version just added came from; call it after `versions.add`, as one with it."""
    added = [{**rows.values(edge), "latest": True} for edge in edges]
    if added:
        conn.execute(COLUMN_LINEAGE.insert(), added)


def supersede(conn: Connection, product: str, output: str) -> None:
    """Makes history of the uses that the output's versions have so far."""
    table = COLUMN_LINEAGE
    mine = (table.c.product == product, table.c.latest, table.c.output == output)
    conn.execute(update(table).where(*mine).values(latest=False))


def upstream(
    conn: Connection, product: str, output: str | None = None, column: str | None = None, *, depth: int = 1
) -> tuple[ColumnEdge, ...]:
    """What a column (or every column of an output or a product) is made from, `depth` steps up, nearest first.

    What decides about an output's rows belongs to each of its columns. Only newest versions count.
    """

    def source(edge: ColumnEdge) -> Place | None:
        return (edge.source_name, edge.source_output, edge.source_column) if edge.kind == "product" else None

    return _walk((product, output, column), depth, lambda places: above(conn, places), source)


def downstream(
    conn: Connection, product: str, output: str | None = None, column: str | None = None, *, depth: int = 1
) -> tuple[ColumnEdge, ...]:
    """What is made from a column (or from any column of an output or a product), `depth` steps down, nearest first.

    Where it decides about rows, every column of that output is touched, and the walk goes on from all of them.
    """

    def made(edge: ColumnEdge) -> Place:
        return edge.product, edge.output, edge.column

    return _walk((product, output, column), depth, lambda places: below(conn, places), made)


def above(conn: Connection, places: Collection[Place]) -> list[ColumnEdge]:
    """The uses that these columns are straight made of."""
    return _edges(conn, _MADE, places)


def below(conn: Connection, places: Collection[Place]) -> list[ColumnEdge]:
    """The uses that are straight made of these columns."""
    return [edge for edge in _edges(conn, _READ, places) if edge.kind == "product"]


def described(conn: Connection, products: Collection[str]) -> set[tuple[str, str]]:
    """The outputs of these products of whose newest versions column lineage is known."""
    table = COLUMN_LINEAGE
    query = select(table.c.product, table.c.output).where(table.c.latest).distinct()
    names, found = sorted(products), set()
    for at in range(0, len(names), _BATCH):
        rows_ = conn.execute(query.where(table.c.product.in_(names[at : at + _BATCH])))
        found |= {(row.product, row.output) for row in rows_}
    return found


def of_version(conn: Connection, product: str, output: str, version: int) -> tuple[ColumnEdge, ...]:
    """What was recorded with one version, history too."""
    table = COLUMN_LINEAGE
    mine = (table.c.product == product, table.c.output == output, table.c.version == version)
    return rows.fetch_all(conn, _ALL.where(*mine).order_by(table.c.id), ColumnEdge)


def _walk(
    start: Place,
    depth: int,
    edges_at: Callable[[set[Place]], list[ColumnEdge]],
    end: Callable[[ColumnEdge], Place | None],
) -> tuple[ColumnEdge, ...]:
    found: dict[ColumnEdge, None] = {}
    seen, frontier = {start}, {start}
    for _ in range(depth):
        edges = edges_at(frontier)
        found.update(dict.fromkeys(edges))
        frontier = {place for edge in edges if (place := end(edge))} - seen
        if not frontier:
            break
        seen |= frontier
    return tuple(found)


def _edges(conn: Connection, query: Select[Any], places: Collection[Place]) -> list[ColumnEdge]:
    wanted = sorted(places, key=str)
    found: list[ColumnEdge] = []
    for at in range(0, len(wanted), _BATCH):
        found += rows.fetch_all(conn, query, ColumnEdge, _meant(wanted[at : at + _BATCH]))
    return found


def _meant(places: Collection[Place]) -> dict[str, list[Any]]:
    """What `_at` asks for by name."""
    columns = [place for place in places if place[1] is not None and place[2] is not None]
    return {
        "names": sorted({place[0] for place in places}),
        "products": [place[0] for place in places if place[1] is None],
        "outputs": [place[:2] for place in places if place[1] is not None and place[2] is None],
        "columns": columns,
        "deciding": sorted({place[:2] for place in columns}),
    }
