"""Finding what a caller named, with the nearest name where there is none."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record import outputs, products
from data_platform.record.products import ProductRow
from data_platform.spec.names import nearest


def product_row(conn: Connection, name: str) -> ProductRow:
    """The registered product; raises NotFound."""
    row = products.find(conn, name)
    if row is None:
        names = [other.name for other in products.all(conn)]
        raise NotFound(f"no product {name} is registered", hint=_closest(name, names))
    return row


def no_output(conn: Connection, product: str, output: str) -> NotFound:
    """The error for an output that the product does not have."""
    names = [row.name for row in outputs.of_product(conn, product)]
    return NotFound(f"{product} has no output {output}", hint=_closest(output, names))


def _closest(name: str, candidates: Iterable[str]) -> str | None:
    known = list(candidates)
    close = nearest(name, known)
    if close:
        return f"did you mean {close}?"
    return f"known: {', '.join(sorted(known)[:8])}" if known else "nothing is registered yet"
