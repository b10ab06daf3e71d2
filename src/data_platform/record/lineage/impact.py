"""Impact: all products downstream of an output, by recorded lineage and declared inputs, and their owners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_platform.record.db.schema import INPUTS, LINEAGE, PRODUCTS

Port = tuple[str, str | None]
"""A product and one of its outputs, or None for all of them."""

Way = tuple[str, str | None, Port]
"""From a product and its output (None: any) to the output that reads it."""

Ways = Callable[[Collection[str]], Iterable[Way]]
"""The ways downstream from products of these names."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Responsible:
    """The domain and the owner of a product."""

    domain: str
    owner: str


def walk_downstream(ways: Ways, product: str, output: str, hidden: Collection[str] = ()) -> dict[str, int]:
    """The products downstream of the output, each with its distance in steps; without the product itself.

    The walk ends before the products `hidden`: nothing beyond them is reached through them.
    """
    distances: dict[str, int] = {}
    seen: set[Port] = {(product, output)}
    frontier, steps = set(seen), 0
    while frontier:
        steps += 1
        below = ways({name for name, _ in frontier})
        reached = {end for name, port, end in below if _is_reached(frontier, name, port)}
        frontier = {end for end in reached - seen if end[0] not in hidden}
        seen |= frontier
        for name, _ in frontier:
            distances.setdefault(name, steps)
    distances.pop(product, None)
    return distances


def query_ways(conn: Connection, undeclared: Collection[str] = ()) -> Ways:
    """The ways, queried step by step: for one output. From products in `undeclared` only recorded ones lead."""

    def load_batches(names: Collection[str]) -> Iterator[Way]:
        ordered = sorted(names)
        for at in range(0, len(ordered), _BATCH):
            batch = ordered[at : at + _BATCH]
            yield from _load_recorded(conn, batch)
            yield from _load_declared(conn, [name for name in batch if name not in undeclared])

    return load_batches


def load_ways(conn: Connection) -> Ways:
    """The ways, all loaded at once: for many outputs."""
    by_name = defaultdict[str, list[Way]](list)
    for way in (*_load_recorded(conn), *_load_declared(conn)):
        by_name[way[0]].append(way)
    return lambda names: [way for name in names if name in by_name for way in by_name[name]]


def find_responsible(conn: Connection, products: Collection[str]) -> dict[str, Responsible]:
    """The domain and owner of these products; unregistered ones are missing."""
    names, owners = sorted(products), {}
    for at in range(0, len(names), _BATCH):
        query = select(PRODUCTS.c.name, PRODUCTS.c.domain, PRODUCTS.c.owner)
        rows = conn.execute(query.where(PRODUCTS.c.name.in_(names[at : at + _BATCH])))
        owners.update({row.name: Responsible(row.domain, row.owner) for row in rows})
    return owners


def _is_reached(frontier: Collection[Port], name: str, output: str | None) -> bool:
    return (name, output) in frontier or (name, None) in frontier


def _load_recorded(conn: Connection, names: Collection[str] | None = None) -> list[Way]:
    query = select(LINEAGE.c.source_name, LINEAGE.c.source_output, LINEAGE.c.product, LINEAGE.c.output)
    query = query.where(LINEAGE.c.latest, LINEAGE.c.kind == "product").distinct()
    if names is not None:
        query = query.where(LINEAGE.c.source_name.in_(names))
    return [(row.source_name, row.source_output, (row.product, row.output)) for row in conn.execute(query)]


def _load_declared(conn: Connection, names: Collection[str] | None = None) -> list[Way]:
    query = select(INPUTS.c.source_product, INPUTS.c.source_output, INPUTS.c.product)
    if names is not None:
        query = query.where(INPUTS.c.source_product.in_(names))
    return [(row.source_product, row.source_output, (row.product, None)) for row in conn.execute(query)]
