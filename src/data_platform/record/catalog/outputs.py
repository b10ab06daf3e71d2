"""Outputs: the contract part, which register writes, and the table pointer, which only `swap` moves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Text, Update, case, cast, func, select, tuple_, update

from data_platform.errors import NotFound
from data_platform.record.db import rows
from data_platform.record.db.schema import OUTPUTS, PRODUCTS
from data_platform.record.db.stored_json import StoredSchema

if TYPE_CHECKING:
    from data_platform.spec.schema.types import TableSchema


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One major of an output; `version` 0 and no `metadata_location` mean that nothing is published yet.

    `name` is its key in the record and its folder: `output` alone for the first major, `output@major` for later
    ones. `revision` is the last contract revision that declared it. `field_ids` has Iceberg field ids by dotted
    column path, `last_column_id` the highest id ever assigned. `ends_at` is the end announced at `deprecated_at`;
    once `retired`, the moment of retirement. `major` is None in rows written by the previous release.
    """

    product: str
    name: str
    type: str
    topic: str | None
    stored_schema: StoredSchema | None
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
    def schema(self) -> TableSchema | None:
        """The schema, parsed when it is first used; None until the output has one."""
        return self.stored_schema.schema if self.stored_schema else None

    @property
    def base(self) -> str:
        """The name in product.yaml."""
        return self.output or self.name

    @property
    def closed(self) -> bool:
        """Whether it was retired explicitly; an output that a draft dropped is `retired` without an end."""
        return self.retired and self.ends_at is not None


_ALL = select(*rows.select_columns(OUTPUTS, OutputRow))
_KEY = ("product", "name")
_LATER = select(OUTPUTS.c.product, OUTPUTS.c.output, OUTPUTS.c.major, OUTPUTS.c.name)
_LATER = _LATER.where(OUTPUTS.c.output != OUTPUTS.c.name)


def _select_first_majors() -> Select[Any]:
    """The query starts at the later majors, because they are few."""
    later = OUTPUTS.alias()
    those = select(later.c.product, later.c.output).where(later.c.output != later.c.name)
    query = select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.major)
    return query.where(tuple_(OUTPUTS.c.product, OUTPUTS.c.name).in_(those))


_FIRST = _select_first_majors()


def find(conn: Connection, product: str, output: str) -> OutputRow | None:
    """The output of that name in its current state."""
    return rows.fetch_one(conn, _select_output(product, output), OutputRow)


def list_by_product(conn: Connection, product: str) -> tuple[OutputRow, ...]:
    """The product's outputs, by name, including retired ones."""
    query = _ALL.where(OUTPUTS.c.product == product).order_by(OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def group_by_product(conn: Connection, products: Collection[str]) -> dict[str, list[OutputRow]]:
    """The outputs of at most some hundreds of products, by product and then by name, including retired ones."""
    query = _ALL.where(OUTPUTS.c.product.in_(products)).order_by(OUTPUTS.c.product, OUTPUTS.c.name)
    grouped: dict[str, list[OutputRow]] = {product: [] for product in products}
    for row in rows.fetch_all(conn, query, OutputRow):
        grouped[row.product].append(row)
    return grouped


def list_majors(conn: Connection, product: str, output: str) -> tuple[OutputRow, ...]:
    """Every major of an output, the oldest first, including retired ones."""
    query = _ALL.where(OUTPUTS.c.product == product, _match_name(output)).order_by(OUTPUTS.c.major, OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def map_later_majors(conn: Connection) -> dict[tuple[str, str, int], str]:
    """The keys that differ from the name in product.yaml: by product, name and major."""
    return {(product, output, major): name for product, output, major, name in conn.execute(_LATER)}


def map_first_majors(conn: Connection) -> dict[tuple[str, str], int]:
    """The first majors of outputs that also have later ones: by product and output name, which is their key."""
    return {(product, name): major for product, name, major in conn.execute(_FIRST) if major is not None}


def list_past_end(conn: Connection, now: datetime, among: Collection[str] | None = None) -> tuple[OutputRow, ...]:
    """The deprecated majors whose announced end has passed, and that are not retired yet; of these products, or all."""
    query = _ALL.where(OUTPUTS.c.ends_at <= now, OUTPUTS.c.retired.is_(False)).order_by(*OUTPUTS.primary_key.columns)
    return rows.fetch_all(conn, rows.limit_to(conn, query, OUTPUTS.c.product, among), OutputRow)


def list_left_behind(conn: Connection, among: Collection[str] | None = None) -> tuple[OutputRow, ...]:
    """The majors that are not retired, and that the product's current contract revision no longer declares."""
    query = _ALL.join(PRODUCTS, PRODUCTS.c.name == OUTPUTS.c.product).where(OUTPUTS.c.revision < PRODUCTS.c.revision)
    query = query.where(OUTPUTS.c.retired.is_(False)).order_by(*OUTPUTS.primary_key.columns)
    return rows.fetch_all(conn, rows.limit_to(conn, query, OUTPUTS.c.product, among), OutputRow)


def list_named(conn: Connection, name: str) -> tuple[OutputRow, ...]:
    """The outputs of that name (every major) in all products, by product, without retired ones."""
    query = _ALL.where(_match_name(name), OUTPUTS.c.retired.is_(False)).order_by(OUTPUTS.c.product, OUTPUTS.c.name)
    return rows.fetch_all(conn, query, OutputRow)


def list_with_topic(conn: Connection, topic: str) -> tuple[OutputRow, ...]:
    """The streams with that topic in all products, by product, without retired ones."""
    query = _ALL.where(OUTPUTS.c.topic == topic, OUTPUTS.c.retired.is_(False))
    return rows.fetch_all(conn, query.order_by(OUTPUTS.c.product, OUTPUTS.c.name), OutputRow)


def list_names(conn: Connection) -> tuple[tuple[str, str], ...]:
    """Every output as (product, name), in order, without retired ones."""
    query = select(OUTPUTS.c.product, OUTPUTS.c.name).where(OUTPUTS.c.retired.is_(False))
    result = conn.execute(query.order_by(OUTPUTS.c.product, OUTPUTS.c.name))
    return tuple((row.product, row.name) for row in result)


def list_all(conn: Connection) -> tuple[OutputRow, ...]:
    """Every output, by product and name, including retired ones."""
    return rows.fetch_all(conn, _ALL.order_by(OUTPUTS.c.product, OUTPUTS.c.name), OutputRow)


def list_newest_versions(conn: Connection) -> tuple[tuple[str, str, int], ...]:
    """Every output's newest version as (product, output, version), including retired ones; 0 means none."""
    result = conn.execute(select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.version))
    return tuple((row.product, row.name, row.version) for row in result)


class OutputHead(NamedTuple):
    """An output without its schema."""

    product: str
    name: str
    version: int
    deprecated_at: datetime | None


def list_heads(conn: Connection, among: Collection[str]) -> tuple[OutputHead, ...]:
    """The outputs of these products, without retired ones."""
    query = select(*(OUTPUTS.c[name] for name in OutputHead._fields)).where(OUTPUTS.c.retired.is_(False))
    return tuple(map(OutputHead._make, conn.execute(rows.limit_to(conn, query, OUTPUTS.c.product, among))))


def map_states(conn: Connection, among: Collection[str] | None = None) -> dict[str, str]:
    """What moves with each publish and each end of an output, as a text by product.

    How many outputs there are, how many of them are retired, and the sum of their versions.
    """
    retired = func.sum(case((OUTPUTS.c.retired, 1), else_=0))
    count, ended, versions = (cast(number, Text) for number in (func.count(), retired, func.sum(OUTPUTS.c.version)))
    state = count + " " + ended + " " + versions
    query = rows.limit_to(conn, select(OUTPUTS.c.product, state), OUTPUTS.c.product, among)
    rows_of_products = conn.execute(query.group_by(OUTPUTS.c.product))
    return {row[0]: row[1] for row in rows_of_products}


def list_pointers(conn: Connection) -> tuple[tuple[str, str, str], ...]:
    """Every output with a version as (product, output, metadata location), including retired ones."""
    query = select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.metadata_location)
    result = conn.execute(query.where(OUTPUTS.c.metadata_location.is_not(None)))
    return tuple((row.product, row.name, row.metadata_location) for row in result)


def save(conn: Connection, row: OutputRow) -> None:
    """Writes the contract part of an output; an existing output keeps its version and pointer."""
    statement = rows.build_insert(conn, OUTPUTS).values(
        {**rows.to_values(row), "version": 0, "metadata_location": None}
    )
    contract = rows.to_values(row, *_KEY, "version", "metadata_location")
    conn.execute(
        statement.on_conflict_do_update(index_elements=_KEY, set_={name: statement.excluded[name] for name in contract})
    )


def lock(conn: Connection, product: str, output: str) -> OutputRow:
    """The output, locked against other writers until the transaction ends; raises NotFound if there is none."""
    row = rows.fetch_one(conn, _select_output(product, output).with_for_update(), OutputRow)
    if row is None:
        raise NotFound(f"{product} has no output {output}")
    return row


def lock_all(conn: Connection, product: str) -> tuple[OutputRow, ...]:
    """The product's outputs, by name, locked against other writers until the transaction ends.

    A transaction that writes both locks the outputs first and then the product, to avoid a deadlock.
    """
    query = _ALL.where(OUTPUTS.c.product == product).order_by(OUTPUTS.c.name)
    return rows.fetch_all(conn, query.with_for_update(), OutputRow)


def swap(conn: Connection, product: str, output: str, old: str | None, new: str, version: int) -> bool:
    """Moves the pointer from `old` to `new` and makes `version` current.

    Returns False and changes nothing unless `old` is the current pointer and `version - 1` the current version.
    """
    statement = (
        update(OUTPUTS)
        .where(OUTPUTS.c.product == product, OUTPUTS.c.name == output, OUTPUTS.c.version == version - 1)
        .where(OUTPUTS.c.metadata_location.is_not_distinct_from(old))
        .values(metadata_location=new, version=version)
    )
    return conn.execute(statement).rowcount == 1


def set_pointer(conn: Connection, product: str, output: str, metadata_location: str, version: int) -> None:
    """Sets the pointer of an output of a rebuilt record; a publish uses `swap` instead."""
    conn.execute(_update_output(product, output).values(metadata_location=metadata_location, version=version))


def deprecate(conn: Connection, product: str, output: str, now: datetime, ends_at: datetime) -> None:
    """Announces the end of a major, or moves it; `deprecated_at` is kept."""
    since = func.coalesce(OUTPUTS.c.deprecated_at, now)
    conn.execute(_update_output(product, output).values(deprecated_at=since, ends_at=ends_at))


def retire(conn: Connection, product: str, output: str, now: datetime) -> None:
    """Closes a major permanently: it can no longer be read or published."""
    conn.execute(_update_output(product, output).values(retired=True, ends_at=now))


def _match_name(name: str) -> ColumnElement[bool]:
    """Any major of an output of that name in product.yaml."""
    return func.coalesce(OUTPUTS.c.output, OUTPUTS.c.name) == name


def _update_output(product: str, output: str) -> Update:
    return update(OUTPUTS).where(OUTPUTS.c.product == product, OUTPUTS.c.name == output)


def _select_output(product: str, output: str) -> Select[Any]:
    return _ALL.where(OUTPUTS.c.product == product, OUTPUTS.c.name == output)
