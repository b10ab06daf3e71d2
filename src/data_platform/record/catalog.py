"""The catalog in bulk: what is told of many products at once, in a few queries however many they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, case, func, select, type_coerce

from data_platform.record import rows
from data_platform.record.schema import AUDITS, OUTPUTS, PRODUCTS, USAGE
from data_platform.record.types import Json

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Listed:
    """A product without its contract."""

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str


@dataclass(frozen=True, slots=True)
class ListedOutput:
    """An output that is not retired; `schema` is None until there is one."""

    product: str
    name: str
    type: str
    schema: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Readers:
    """How often a product was read, by how many, and when last."""

    product: str
    views: int
    consumers: int
    last_read: datetime


@dataclass(frozen=True, slots=True)
class NewestAudit:
    """How the newest published version of an output was judged; `results` are there only where no score was kept."""

    product: str
    output: str
    outcome: str
    score: float | None
    results: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Span:
    """Every product whose name is one of these two or between them; hundreds of names take longer to ask for."""

    first: str
    last: str


Wanted = Collection[str] | Span
"""The products that are asked for."""


def names(conn: Connection) -> tuple[str, ...]:
    """Every product's name, in order."""
    return tuple(conn.scalars(select(PRODUCTS.c.name).order_by(PRODUCTS.c.name)))


def spans(conn: Connection, size: int) -> Iterator[Span]:
    """All products, so many at a time."""
    every = names(conn)
    for at in range(0, len(every), size):
        yield Span(every[at], every[at : at + size][-1])


def products(conn: Connection, wanted: Wanted) -> tuple[Listed, ...]:
    """Those of the products that there are."""
    return _fetched(conn, select(*rows.columns(PRODUCTS, Listed)).where(_among(PRODUCTS.c.name, wanted)), Listed)


def outputs(conn: Connection, wanted: Wanted) -> tuple[ListedOutput, ...]:
    """Their outputs, by product and name."""
    query = select(*rows.columns(OUTPUTS, ListedOutput)).where(_among(OUTPUTS.c.product, wanted))
    query = query.where(OUTPUTS.c.retired.is_(False)).order_by(OUTPUTS.c.product, OUTPUTS.c.name)
    return _fetched(conn, query, ListedOutput)


def specs(conn: Connection, wanted: Wanted) -> dict[str, dict[str, Any]]:
    """Their contracts, by product."""
    query = select(PRODUCTS.c.name, PRODUCTS.c.spec).where(_among(PRODUCTS.c.name, wanted))
    return {row.name: row.spec for row in conn.execute(query)}


def readers(conn: Connection, wanted: Wanted) -> tuple[Readers, ...]:
    """Who read them; products never read are missing."""
    query = select(
        USAGE.c.product,
        func.count().label("views"),
        func.count(USAGE.c.principal.distinct()).label("consumers"),
        func.max(USAGE.c.at).label("last_read"),
    )
    return _fetched(conn, query.where(_among(USAGE.c.product, wanted)).group_by(USAGE.c.product), Readers)


def newest_audits(conn: Connection, wanted: Wanted) -> tuple[NewestAudit, ...]:
    """How the newest published version of each of their outputs was judged, the last time it was."""
    unscored = case((AUDITS.c.score.is_(None), AUDITS.c.results), else_=None)
    newest = (
        select(func.max(AUDITS.c.id))
        .where(_among(AUDITS.c.product, wanted), AUDITS.c.version.is_not(None))
        .group_by(AUDITS.c.product, AUDITS.c.output)
    )
    query = select(
        AUDITS.c.product,
        AUDITS.c.output,
        AUDITS.c.outcome,
        AUDITS.c.score,
        type_coerce(unscored, Json()).label("results"),
    ).where(AUDITS.c.id.in_(newest))
    return _fetched(conn, query, NewestAudit)


def _among(column: Column[str], wanted: Wanted) -> ColumnElement[bool]:
    if isinstance(wanted, Span):
        return and_(column >= wanted.first, column <= wanted.last)  # Postgres reads no BETWEEN of collated bounds
    return column.in_(wanted)


def _fetched(conn: Connection, query: Select[Any], kind: type[R]) -> tuple[R, ...]:
    """As `rows.fetch_all`, in half the time; the query's columns must be the fields, in order."""
    return tuple(starmap(kind, conn.execute(query).all()))
