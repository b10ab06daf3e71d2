"""Impact: the products below an output, however far, by recorded lineage and by declared inputs, and whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_platform.record.db.schema import INPUTS, LINEAGE, PRODUCTS

Port = tuple[str, str | None]
"""A product and one of its outputs, or None for all of them."""

Way = tuple[str, str | None, Port]
"""From a product and its output (None: any) to what was made of it."""

Ways = Callable[[Collection[str]], Iterable[Way]]
"""The ways that lead down from products of these names."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Responsible:
    """Whose a product is."""

    domain: str
    owner: str


def downstream(ways: Ways, product: str, output: str) -> dict[str, int]:
    """The products below the output, and how many steps each is away; the product itself is none of them."""
    found: dict[str, int] = {}
    seen: set[Port] = {(product, output)}
    frontier, steps = set(seen), 0
    while frontier:
        steps += 1
        below = ways({name for name, _ in frontier})
        frontier = {end for name, port, end in below if _leads(frontier, name, port)} - seen
        seen |= frontier
        for name, _ in frontier:
            found.setdefault(name, steps)
    found.pop(product, None)
    return found


def asking(conn: Connection) -> Ways:
    """The ways, asked for step by step: for one output."""

    def ways(names: Collection[str]) -> Iterator[Way]:
        known = sorted(names)
        for at in range(0, len(known), _BATCH):
            yield from _recorded(conn, known[at : at + _BATCH])
            yield from _declared(conn, known[at : at + _BATCH])

    return ways


def remembered(conn: Connection) -> Ways:
    """The ways, all read at once: for many outputs."""
    known = defaultdict[str, list[Way]](list)
    for way in (*_recorded(conn), *_declared(conn)):
        known[way[0]].append(way)
    return lambda names: [way for name in names if name in known for way in known[name]]


def responsible(conn: Connection, products: Collection[str]) -> dict[str, Responsible]:
    """Who answers for these products, as far as they are registered."""
    known, found = sorted(products), {}
    for at in range(0, len(known), _BATCH):
        query = select(PRODUCTS.c.name, PRODUCTS.c.domain, PRODUCTS.c.owner)
        rows = conn.execute(query.where(PRODUCTS.c.name.in_(known[at : at + _BATCH])))
        found.update({row.name: Responsible(row.domain, row.owner) for row in rows})
    return found


def _leads(frontier: Collection[Port], name: str, output: str | None) -> bool:
    return (name, output) in frontier or (name, None) in frontier


def _recorded(conn: Connection, names: Collection[str] | None = None) -> list[Way]:
    query = select(LINEAGE.c.source_name, LINEAGE.c.source_output, LINEAGE.c.product, LINEAGE.c.output)
    query = query.where(LINEAGE.c.latest, LINEAGE.c.kind == "product").distinct()
    if names is not None:
        query = query.where(LINEAGE.c.source_name.in_(names))
    return [(row.source_name, row.source_output, (row.product, row.output)) for row in conn.execute(query)]


def _declared(conn: Connection, names: Collection[str] | None = None) -> list[Way]:
    query = select(INPUTS.c.source_product, INPUTS.c.source_output, INPUTS.c.product)
    if names is not None:
        query = query.where(INPUTS.c.source_product.in_(names))
    return [(row.source_product, row.source_output, (row.product, None)) for row in conn.execute(query)]
