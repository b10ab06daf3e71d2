"""Outputs: the contract side that register writes, and the table pointer that only `swap` moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Update, func, select, tuple_, update

from data_platform.errors import NotFound
from data_platform.record.db import rows
from data_platform.record.db.schema import OUTPUTS, PRODUCTS


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One major of an output; `version` 0 and no `metadata_location` mean that nothing is published yet.

    `name` is the key under which the record and the tables' folders know it: `output` alone for the first major,
    `output@major` for those that followed. `revision` is the last contract that listed it. `field_ids` has Iceberg
    field ids by dotted column path, `last_column_id` the highest ever given out. `ends_at` is announced at
    `deprecated_at`; once `retired`, it is when that was. `major` is None in rows that a program of the last
    release wrote.
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
    output: str | None = None
    major: int | None = None
    revision: int | None = None
    deprecated_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def base(self) -> str:
        """The name in product.yaml."""
        return self.output or self.name

    @property
    def closed(self) -> bool:
        """Whether it was retired by an act; an output that a draft dropped only stands in the catalog no more."""
        return self.retired and self.ends_at is not None


_ALL = select(*rows.columns(OUTPUTS, OutputRow))
_KEY = ("product", "name")
_LATER = select(OUTPUTS.c.product, OUTPUTS.c.output, OUTPUTS.c.major, OUTPUTS.c.name)
_LATER = _LATER.where(OUTPUTS.c.output != OUTPUTS.c.name)


def _first() -> Select[Any]:
    """Begins at the later majors, which are few."""
    later = OUTPUTS.alias()
    those = select(later.c.product, later.c.output).where(later.c.output != later.c.name)
    query = select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.major)
    return query.where(tuple_(OUTPUTS.c.product, OUTPUTS.c.name).in_(those))


_FIRST = _first()


def find(conn: Connection, product: str, output: str) -> OutputRow | None:
    """The output of that name, as it stands."""
    return rows.fetch_one(conn, _one(product, output), OutputRow)


def of_product(conn: Connection, product: str) -> tuple[OutputRow, ...]:
    """The product's outputs, by name, retired ones too."""
    query = _ALL.where(OUTPUTS.c.product == product).order_by(OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def of_products(conn: Connection, products: Collection[str]) -> dict[str, list[OutputRow]]:
    """The outputs of some hundreds of products at most, by product and then by name, retired ones too."""
    query = _ALL.where(OUTPUTS.c.product.in_(products)).order_by(OUTPUTS.c.product, OUTPUTS.c.name)
    found: dict[str, list[OutputRow]] = {product: [] for product in products}
    for row in rows.fetch_all(conn, query, OutputRow):
        found[row.product].append(row)
    return found


def majors(conn: Connection, product: str, output: str) -> tuple[OutputRow, ...]:
    """Every major of an output, the oldest first, retired ones too."""
    query = _ALL.where(OUTPUTS.c.product == product, _called(output)).order_by(OUTPUTS.c.major, OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def later_majors(conn: Connection, product: str | None = None) -> dict[tuple[str, str, int], str]:
    """The keys that differ from the name in product.yaml, of one product or of all: by product, name and major."""
    query = _LATER if product is None else _LATER.where(OUTPUTS.c.product == product)
    return {(product, output, major): name for product, output, major, name in conn.execute(query)}


def first_majors(conn: Connection) -> dict[tuple[str, str], int]:
    """The first majors of outputs that have later ones, too: by product, and the plain name that is their key."""
    return {(product, name): major for product, name, major in conn.execute(_FIRST) if major is not None}


def past_end(conn: Connection, now: datetime) -> tuple[OutputRow, ...]:
    """The deprecated majors whose announced end has come, and that are not retired yet."""
    query = _ALL.where(OUTPUTS.c.ends_at <= now, OUTPUTS.c.retired.is_(False)).order_by(*OUTPUTS.primary_key.columns)
    return rows.fetch_all(conn, query, OutputRow)


def left_behind(conn: Connection) -> tuple[OutputRow, ...]:
    """The majors that stand, and that an older contract than the product's own was the last to write."""
    query = _ALL.join(PRODUCTS, PRODUCTS.c.name == OUTPUTS.c.product).where(OUTPUTS.c.revision < PRODUCTS.c.revision)
    query = query.where(OUTPUTS.c.retired.is_(False)).order_by(*OUTPUTS.primary_key.columns)
    return rows.fetch_all(conn, query, OutputRow)


def named(conn: Connection, name: str) -> tuple[OutputRow, ...]:
    """The outputs of that name (every major of it) in all products, by product; retired ones are left out."""
    query = _ALL.where(_called(name), OUTPUTS.c.retired.is_(False)).order_by(OUTPUTS.c.product, OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def with_topic(conn: Connection, topic: str) -> tuple[OutputRow, ...]:
    """The streams under that topic in all products, by product; retired ones are left out."""
    query = _ALL.where(OUTPUTS.c.topic == topic, OUTPUTS.c.retired.is_(False))
    return rows.fetch_all(conn, query.order_by(OUTPUTS.c.product, OUTPUTS.c.name), OutputRow)


def names(conn: Connection) -> tuple[tuple[str, str], ...]:
    """Every output as (product, name), in order; retired ones are left out."""
    query = select(OUTPUTS.c.product, OUTPUTS.c.name).where(OUTPUTS.c.retired.is_(False))
    found = conn.execute(query.order_by(OUTPUTS.c.product, OUTPUTS.c.name))
    return tuple((row.product, row.name) for row in found)


def all(conn: Connection) -> tuple[OutputRow, ...]:
    """Every output, by product and name, retired ones too."""
    return rows.fetch_all(conn, _ALL.order_by(OUTPUTS.c.product, OUTPUTS.c.name), OutputRow)


def numbers(conn: Connection) -> tuple[tuple[str, str, int], ...]:
    """Every output's newest version as (product, output, version), retired ones too; 0 is none."""
    found = conn.execute(select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.version))
    return tuple((row.product, row.name, row.version) for row in found)


def pointers(conn: Connection) -> tuple[tuple[str, str, str], ...]:
    """Every output that was published to as (product, output, metadata location), retired ones too."""
    query = select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.metadata_location)
    found = conn.execute(query.where(OUTPUTS.c.metadata_location.is_not(None)))
    return tuple((row.product, row.name, row.metadata_location) for row in found)


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


def lock_all(conn: Connection, product: str) -> tuple[OutputRow, ...]:
    """The product's outputs, by name, held against other writers until the transaction ends.

    Whoever writes both takes the outputs first and then the product, lest two wait for each other.
    """
    query = _ALL.where(OUTPUTS.c.product == product).order_by(OUTPUTS.c.name)
    return rows.fetch_all(conn, query.with_for_update(), OutputRow)


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


def point_to(conn: Connection, product: str, output: str, metadata_location: str, version: int) -> None:
    """Sets the pointer of an output that a record was rebuilt with; whoever publishes swaps instead."""
    conn.execute(_change(product, output).values(metadata_location=metadata_location, version=version))


def deprecate(conn: Connection, product: str, output: str, now: datetime, ends_at: datetime) -> None:
    """Announces the end of a major, or moves it; since when it is deprecated stays."""
    since = func.coalesce(OUTPUTS.c.deprecated_at, now)
    conn.execute(_change(product, output).values(deprecated_at=since, ends_at=ends_at))


def retire(conn: Connection, product: str, output: str, now: datetime) -> None:
    """Closes a major for good: it is read and published no more."""
    conn.execute(_change(product, output).values(retired=True, ends_at=now))


def _called(name: str) -> ColumnElement[bool]:
    """Any major of an output of that name in product.yaml."""
    return func.coalesce(OUTPUTS.c.output, OUTPUTS.c.name) == name


def _change(product: str, output: str) -> Update:
    return update(OUTPUTS).where(OUTPUTS.c.product == product, OUTPUTS.c.name == output)


def _one(product: str, output: str) -> Select[Any]:
    return _ALL.where(OUTPUTS.c.product == product, OUTPUTS.c.name == output)
