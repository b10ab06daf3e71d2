"""Outputs: the contract side that register writes, and the table pointer that only `swap` moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select, update

from data_platform.errors import NotFound
from data_platform.record import rows
from data_platform.record.schema import OUTPUTS


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One output; `version` 0 and no `metadata_location` mean that nothing is published yet.

    `field_ids` has Iceberg field ids by dotted column path, `last_column_id` the highest ever given out.
    """

    product: str
    name: str
    type: str
    topic: str | None
    schema: dict[str, Any] | None
    inferred: bool
    field_ids: dict[str, int]
    last_column_id: int
    version: int = 0
    metadata_location: str | None = None
    retired: bool = False


_ALL = select(*rows.columns(OUTPUTS, OutputRow))
_KEY = ("product", "name")


def find(conn: Connection, product: str, output: str) -> OutputRow | None:
    """The output of that name, as it stands."""
    return rows.fetch_one(conn, _one(product, output), OutputRow)


def of_product(conn: Connection, product: str) -> tuple[OutputRow, ...]:
    """The product's outputs, by name, retired ones too."""
    query = _ALL.where(OUTPUTS.c.product == product).order_by(OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def named(conn: Connection, name: str) -> tuple[OutputRow, ...]:
    """The outputs of that name in all products, by product; retired ones are left out."""
    query = _ALL.where(OUTPUTS.c.name == name, OUTPUTS.c.retired.is_(False)).order_by(OUTPUTS.c.product)
    return rows.fetch_all(conn, query, OutputRow)


def names(conn: Connection) -> tuple[tuple[str, str], ...]:
    """Every output as (product, name), in order; retired ones are left out."""
    query = select(OUTPUTS.c.product, OUTPUTS.c.name).where(OUTPUTS.c.retired.is_(False))
    found = conn.execute(query.order_by(OUTPUTS.c.product, OUTPUTS.c.name))
    return tuple((row.product, row.name) for row in found)


def save(conn: Connection, row: OutputRow) -> None:
    """Writes the contract side of an output; an output that stands keeps its version and pointer."""
    statement = rows.insert(conn, OUTPUTS).values({**rows.values(row), "version": 0, "metadata_location": None})
    contract = rows.values(row, *_KEY, "version", "metadata_location")
    conn.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_={name: statement.excluded[name] for name in contract})
    )


def lock(conn: Connection, product: str, output: str) -> OutputRow:
    """The output as it stands, held against other writers until the transaction ends; NotFound if there is none."""
    row = rows.fetch_one(conn, _one(product, output).with_for_update(), OutputRow)
    if row is None:
        raise NotFound(f"{product} has no output {output}")
    return row


def swap(conn: Connection, product: str, output: str, old: str | None, new: str, version: int) -> bool:
    """Moves the pointer from `old` to `new` and makes `version` current.

    False, and nothing moved, unless `old` is the pointer and `version - 1` the version that stand now.
    """
    statement = (
        update(OUTPUTS)
        .where(OUTPUTS.c.product == product, OUTPUTS.c.name == output, OUTPUTS.c.version == version - 1)
        .where(OUTPUTS.c.metadata_location.is_not_distinct_from(old))
        .values(metadata_location=new, version=version)
    )
    return conn.execute(statement).rowcount == 1


def _one(product: str, output: str) -> Select[Any]:
    return _ALL.where(OUTPUTS.c.product == product, OUTPUTS.c.name == output)
