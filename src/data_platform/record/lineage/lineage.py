"""Lineage: what each version was made from, walked up to sources and down to readers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Column, Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import LINEAGE


@dataclass(frozen=True, slots=True)
class Edge:
    """One version came from one source: a version of another product's output, or a table outside the mesh.

    A source outside has no version; `columns` are those read, empty when unknown.
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

_ALL = select(*rows.columns(LINEAGE, Edge))
_BATCH = 500


def add(conn: Connection, edges: Iterable[Edge]) -> None:
    """Records what the version just added came from; call it after `versions.add`, in the same transaction."""
    added = [{**rows.values(edge), "latest": True} for edge in edges]
    if added:
        conn.execute(LINEAGE.insert(), added)


def of_version(conn: Connection, product: str, output: str, version: int) -> tuple[Edge, ...]:
    """The edges into one version."""
    mine = (LINEAGE.c.product == product, LINEAGE.c.output == output, LINEAGE.c.version == version)
    return rows.fetch_all(conn, _ALL.where(*mine).order_by(LINEAGE.c.id), Edge)


def supersede(conn: Connection, product: str, output: str) -> None:
    """Makes history of the edges that the output's versions have so far."""
    mine = (LINEAGE.c.product == product, LINEAGE.c.latest, LINEAGE.c.output == output)
    conn.execute(update(LINEAGE).where(*mine).values(latest=False))


def upstream(
    conn: Connection, product: str, output: str | None = None, *, depth: int = 1, history: bool = False
) -> tuple[Edge, ...]:
    """The edges from which the product (or one output) came, `depth` steps up, nearest first.

    Only edges of each output's newest version count; `history=True` takes those of every version.
    """

    def source(edge: Edge) -> Port | None:
        return (edge.source_name, edge.source_output) if edge.kind == "product" else None

    return _walk((product, output), depth, lambda ports: above(conn, ports, history=history), source)


def downstream(
    conn: Connection, product: str, output: str | None = None, *, depth: int = 1, history: bool = False
) -> tuple[Edge, ...]:
    """The edges that lead from the product (or one output) to what was made of it, `depth` steps down."""

    def reader(edge: Edge) -> Port:
        return edge.product, edge.output

    return _walk((product, output), depth, lambda ports: below(conn, ports, history=history), reader)


def above(conn: Connection, ports: Collection[Port], *, history: bool = False) -> list[Edge]:
    """The edges that lead straight into any of these outputs."""
    edges = _edges(conn, LINEAGE.c.product, ports, history)
    return [edge for edge in edges if _within(ports, edge.product, edge.output)]


def below(conn: Connection, ports: Collection[Port], *, history: bool = False) -> list[Edge]:
    """The edges that lead straight out of any of these outputs."""
    edges = _edges(conn, LINEAGE.c.source_name, ports, history)
    return [e for e in edges if e.kind == "product" and _within(ports, e.source_name, e.source_output)]


def _walk(
    start: Port, depth: int, edges_at: Callable[[set[Port]], list[Edge]], end: Callable[[Edge], Port | None]
) -> tuple[Edge, ...]:
    found: dict[Edge, None] = {}
    seen, frontier = {start}, {start}
    for _ in range(depth):
        edges = edges_at(frontier)
        found.update(dict.fromkeys(edges))
        frontier = {port for edge in edges if (port := end(edge))} - seen
        if not frontier:
            break
        seen |= frontier
    return tuple(found)


def _edges(conn: Connection, column: Column[str], ports: Collection[Port], history: bool) -> list[Edge]:
    names = sorted({name for name, _ in ports})
    query = _ALL if history else _ALL.where(LINEAGE.c.latest)
    query = query.order_by(LINEAGE.c.product, LINEAGE.c.output, LINEAGE.c.version.desc(), LINEAGE.c.id)
    found: list[Edge] = []
    for at in range(0, len(names), _BATCH):
        found += rows.fetch_all(conn, query.where(column.in_(names[at : at + _BATCH])), Edge)
    return found


def _within(ports: Collection[Port], name: str, output: str | None) -> bool:
    return (name, output) in ports or (name, None) in ports
