"""Who relies on columns of an output: people who really read them, products made of them, products that say so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.governance.facts import Consumer
from data_platform.record.catalog import products, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.lineage import lineage
from data_platform.record.operations import usage
from data_platform.verbs.core.lookup.input_resolution import find_declaring_products

LATELY = timedelta(days=30)
"""How far back people's reads count by default."""


def list_dependents(
    conn: Connection, row: OutputRow, columns: Collection[str], since: datetime
) -> tuple[Consumer, ...]:
    """Who relies on one of the columns (none: on any) of an output's major, the last reader first.

    People who read since then; products whose newest version is made of them, whenever that was; and products that only
    declare the output as an input, which have no `last_read`. A read by a product's owner is that product's, and a read
    that failed is none.
    """
    made = _merge_consumers(
        (*_list_derived_products(conn, row, columns), *_list_declaring_products(conn, row, columns))
    )
    people = tuple(_list_readers(conn, row, columns, since))
    own = {consumer.owner for consumer in made}
    with_owners = [_with_owner(consumer, people) for consumer in made]
    dependents = [*with_owners, *(person for person in people if person.name not in own)]
    return tuple(sorted(dependents, key=_rank_last_read))


def has_read(consumer: Consumer, since: datetime) -> bool:
    """Whether the consumer read since then."""
    return consumer.last_read is not None and consumer.last_read >= since


def list_expecting(conn: Connection, row: OutputRow, columns: Collection[str]) -> list[str]:
    """The products whose expectations on their inputs name one of these columns."""
    return [consumer.name for consumer in _list_declaring_products(conn, row, columns) if consumer.columns]


def describe_consumer(consumer: Consumer, now: datetime) -> str:
    """The consumer in words: `churn-model (owner bea@example.com, last read 2 days ago)`."""
    owner = f"owner {consumer.owner}, " if consumer.owner else ""
    return f"{consumer.name} ({owner}{_describe_last_read(consumer, now)})"


def _describe_last_read(consumer: Consumer, now: datetime) -> str:
    read = consumer.last_read
    if read is None:
        return f"expects {', '.join(consumer.columns)}" if consumer.columns else "declares it as an input"
    days = max(0, (now - read).days)
    return "last read today" if days == 0 else f"last read {days} day{'' if days == 1 else 's'} ago"


def _list_readers(conn: Connection, row: OutputRow, columns: Collection[str], since: datetime) -> Iterator[Consumer]:
    consumers: dict[str, Consumer] = {}
    for column_read in usage.list_column_reads(conn, since, row.product, row.name):
        touched = column_read.columns.intersection(columns) if columns else column_read.columns
        if touched or not columns:
            read = Consumer(
                column_read.principal, row.base, columns=tuple(sorted(touched)), last_read=column_read.last_at
            )
            consumers[read.name] = _merge_pair(consumers[read.name], read) if read.name in consumers else read
    yield from consumers.values()


def _list_derived_products(conn: Connection, row: OutputRow, columns: Collection[str]) -> Iterator[Consumer]:
    """The products whose newest versions are made of the columns; of which ones may be unknown, and is then of any."""
    for edge in lineage.find_below(conn, {(row.product, row.name)}):
        touched = set(edge.columns).intersection(columns) if columns else set(edge.columns)
        product = products.find(conn, edge.product)
        if product is None or edge.product == row.product or (columns and edge.columns and not touched):
            continue
        version = versions.find(conn, edge.product, edge.output, edge.version)
        read = version.published_at if version else None
        yield Consumer(product.name, row.base, product.owner, product.domain, tuple(sorted(touched)), read)


def _list_declaring_products(conn: Connection, row: OutputRow, columns: Collection[str]) -> Iterator[Consumer]:
    """The products that declare to read this major; those that say which columns they need, of these alone."""
    for product, needed in find_declaring_products(conn, row):
        wanted = needed.expectations.columns
        expected = set(wanted).intersection(columns) if columns else set(wanted)
        if expected or not (wanted and columns):
            yield Consumer(product.name, row.base, product.owner, product.domain, tuple(sorted(expected)))


def _with_owner(consumer: Consumer, people: Iterable[Consumer]) -> Consumer:
    for person in people:
        if person.name == consumer.owner:
            return _merge_pair(consumer, person)
    return consumer


def _merge_consumers(consumers: Iterable[Consumer]) -> list[Consumer]:
    merged: dict[str, Consumer] = {}
    for consumer in consumers:
        merged[consumer.name] = _merge_pair(merged[consumer.name], consumer) if consumer.name in merged else consumer
    return list(merged.values())


def _merge_pair(one: Consumer, other: Consumer) -> Consumer:
    reads = [read for read in (one.last_read, other.last_read) if read is not None]
    columns = tuple(sorted({*one.columns, *other.columns}))
    return replace(one, columns=columns, last_read=max(reads, default=None))


def _rank_last_read(consumer: Consumer) -> tuple[bool, float, str]:
    read = consumer.last_read
    return read is None, -read.timestamp() if read else 0.0, consumer.name
