"""Lineage: the sources of each version, walked upstream to sources and downstream to readers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import LINEAGE


@dataclass(frozen=True, slots=True)
class Edge:
    """One source of one version: a version of another product's output, or a table outside the mesh.

    A source outside has no version; `columns` are those read, empty if unknown.
    """

    product: str
    output: str
    version: int
    kind: Literal["product", "source"]
    source_name: str
    source_output: str | None
    source_version: int | None
    columns: tuple[str, ...]


Port = tuple[str, str | None]
"""A product and one of its outputs, or None for all of them."""

_ALL = select(*rows.select_columns(LINEAGE, Edge))
_BATCH = 500


def add(conn: Connection, edges: Iterable[Edge]) -> None:
    """Records the sources of the version just added; call it after `versions.add`, in the same transaction."""
    added = [{**rows.to_values(edge), "latest": True} for edge in edges]
    if added:
        conn.execute(LINEAGE.insert(), added)


def list_made_from(conn: Connection, sources: Collection[str]) -> frozenset[str]:
    """The products of which a newest version was made from one of these products."""
    mine = (LINEAGE.c.latest, rows.is_one_of(conn, LINEAGE.c.source_name, sources))
    return frozenset(conn.scalars(select(LINEAGE.c.product).where(*mine).distinct()))


def list_by_version(conn: Connection, product: str, output: str, version: int) -> tuple[Edge, ...]:
    """The edges into one version."""
    mine = (LINEAGE.c.product == product, LINEAGE.c.output == output, LINEAGE.c.version == version)
    return rows.fetch_all(conn, _ALL.where(*mine).order_by(LINEAGE.c.id), Edge)


def supersede(conn: Connection, product: str, output: str) -> None:
    """Marks the recorded edges of the output's versions as history."""
    mine = (LINEAGE.c.product == product, LINEAGE.c.latest, LINEAGE.c.output == output)
    conn.execute(update(LINEAGE).where(*mine).values(latest=False))


def walk_upstream(
    conn: Connection, product: str, output: str | None = None, *, depth: int = 1, history: bool = False
) -> tuple[Edge, ...]:
    """The edges upstream of the product (or one output), `depth` steps up, nearest first.

    Only edges of each output's newest version count; `history=True` includes those of every version.
    """

    def find_source(edge: Edge) -> Port | None:
        return (edge.source_name, edge.source_output) if edge.kind == "product" else None

    return _walk((product, output), depth, lambda ports: find_above(conn, ports, history=history), find_source)


def walk_downstream(
    conn: Connection, product: str, output: str | None = None, *, depth: int = 1, history: bool = False
) -> tuple[Edge, ...]:
    """The edges downstream of the product (or one output), `depth` steps down."""

    def find_reader(edge: Edge) -> Port:
        return edge.product, edge.output

    return _walk((product, output), depth, lambda ports: find_below(conn, ports, history=history), find_reader)


def find_above(conn: Connection, ports: Collection[Port], *, history: bool = False) -> list[Edge]:
    """The edges directly into any of these outputs."""
    edges = _fetch_edges(conn, LINEAGE.c.product, ports, history)
    return [edge for edge in edges if _contains(ports, edge.product, edge.output)]


def find_below(conn: Connection, ports: Collection[Port], *, history: bool = False) -> list[Edge]:
    """The edges directly out of any of these outputs."""
    edges = _fetch_edges(conn, LINEAGE.c.source_name, ports, history)
    products = (edge for edge in edges if edge.kind == "product")
    return [edge for edge in products if _contains(ports, edge.source_name, edge.source_output)]


def _walk(
    start: Port, depth: int, edges_at: Callable[[set[Port]], list[Edge]], end: Callable[[Edge], Port | None]
) -> tuple[Edge, ...]:
    walked: dict[Edge, None] = {}
    seen, frontier = {start}, {start}
    for _ in range(depth):
        edges = edges_at(frontier)
        walked.update(dict.fromkeys(edges))
        frontier = {port for edge in edges if (port := end(edge))} - seen
        if not frontier:
            break
        seen |= frontier
    return tuple(walked)


def _fetch_edges(conn: Connection, column: Column[str], ports: Collection[Port], history: bool) -> list[Edge]:
    names = sorted({name for name, _ in ports})
    query = _ALL if history else _ALL.where(LINEAGE.c.latest)
    query = query.order_by(LINEAGE.c.product, LINEAGE.c.output, LINEAGE.c.version.desc(), LINEAGE.c.id)
    edges: list[Edge] = []
    for at in range(0, len(names), _BATCH):
        edges += rows.fetch_all(conn, query.where(column.in_(names[at : at + _BATCH])), Edge)
    return edges


def _contains(ports: Collection[Port], name: str, output: str | None) -> bool:
    return (name, output) in ports or (name, None) in ports
