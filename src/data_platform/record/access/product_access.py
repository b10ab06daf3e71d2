"""What products declare of their readers, as the text that decisions are made from; most products declare nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.access_schema import PRODUCT_ACCESS
from data_platform.spec.access.stored import write_outputs

if TYPE_CHECKING:
    from data_platform.spec.product.model import Product


def replace(conn: Connection, product: Product) -> None:
    """Records the access of the product's outputs, by their names, as its current contract declares it.

    Majors of one output have one access: that of the newest that the product lists.
    """
    newest = {output.name: product.find_output(output.name) or output for output in product.outputs}
    outputs = {name: product.find_access(output) for name, output in newest.items()}
    text = write_outputs({"": product.access, **outputs})
    if text is None:
        conn.execute(delete(PRODUCT_ACCESS).where(PRODUCT_ACCESS.c.product == product.name))
        return
    statement = rows.build_insert(conn, PRODUCT_ACCESS).values(product=product.name, access=text)
    conn.execute(statement.on_conflict_do_update(index_elements=["product"], set_={"access": text}))


def find(conn: Connection, product: str) -> str | None:
    """The text of one product; None: it declares nothing."""
    return conn.execute(select(PRODUCT_ACCESS.c.access).where(PRODUCT_ACCESS.c.product == product)).scalar()


def map_all(conn: Connection) -> dict[str, str]:
    """The text of every product that declares something, by product."""
    return {row.product: row.access for row in conn.execute(select(PRODUCT_ACCESS.c.product, PRODUCT_ACCESS.c.access))}
