"""The products whose newest versions are made from a product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from data_platform.record.db.schema import LINEAGE, VERSIONS


@dataclass(frozen=True, slots=True)
class MadeProduct:
    """A product that read an output: the columns that are known to be read, and the publish of what was made."""

    product: str
    output: str
    columns: tuple[str, ...]
    made_at: datetime


def list_made_products(conn: Connection, source: str) -> list[MadeProduct]:
    """They, by product and output of the source; `output` is a key of the record."""
    of, made = LINEAGE.c, VERSIONS.c
    is_made = and_(of.product == made.product, of.output == made.output, of.version == made.version)
    query = select(of.product, of.source_output, of["columns"], made.published_at).select_from(
        LINEAGE.join(VERSIONS, is_made)
    )
    mine = (of.source_name == source, of.latest, of.kind == "product", of.source_output.is_not(None))
    merged: dict[tuple[str, str], MadeProduct] = {}
    for product, output, columns, at in conn.execute(query.where(*mine).order_by(of.product, of.source_output)):
        before = merged.get((product, output))
        every = {*columns, *(before.columns if before else ())}
        last = max(at, before.made_at) if before else at
        merged[product, output] = MadeProduct(product, output, tuple(sorted(every)), last)
    return list(merged.values())
