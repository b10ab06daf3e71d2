"""The catalog in bulk: what is told of many products at once, in a few queries however many they are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Column, ColumnElement, Connection, and_, case, cast, func, select
from sqlalchemy import Text as SqlText

from data_platform.record.db.schema import AUDITS, OUTPUTS, PRODUCTS, REDIRECTS, USAGE


class Listed(NamedTuple):
    """A product without its contract."""

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str


class ListedOutput(NamedTuple):
    """An output that is not retired; `schema` is None until there is one."""

    product: str
    name: str
    type: str
    schema: dict[str, Any] | None


class Readers(NamedTuple):
    """How often a product was read, by how many, and when last."""

    product: str
    views: int
    consumers: int
    last_read: datetime


class NewestAudit(NamedTuple):
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
    of, tags = PRODUCTS.c, _text_of(PRODUCTS.c.tags)
    query = select(of.name, of.domain, of.owner, of.description, tags, of.status, of.version)
    found = conn.execute(query.where(_among(of.name, wanted))).all()
    return tuple(
        [
            Listed(name, domain, owner, description, tuple(_of_json(tags)), status, version)
            for name, domain, owner, description, tags, status, version in found
        ]
    )


def outputs(conn: Connection, wanted: Wanted) -> tuple[ListedOutput, ...]:
    """Their outputs, by product and name."""
    of = OUTPUTS.c
    query = select(of.product, of.name, of.type, _text_of(of.schema)).where(_among(of.product, wanted))
    found = conn.execute(query.where(of.retired.is_(False)).order_by(of.product, of.name)).all()
    return tuple([ListedOutput(product, name, kind, _of_json(schema)) for product, name, kind, schema in found])


def former_names(conn: Connection, wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """The names that they had before, by product, of those that had any."""
    of, found = REDIRECTS.c, defaultdict[str, tuple[str, ...]](tuple)
    query = select(of.product, of.name).where(_among(of.product, wanted)).order_by(of.product, of.name)
    for product, name in conn.execute(query):
        found[product] += (name,)
    return found


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
    found = conn.execute(query.where(_among(USAGE.c.product, wanted)).group_by(USAGE.c.product)).all()
    return tuple(map(Readers._make, found))


def newest_audits(conn: Connection, wanted: Wanted) -> tuple[NewestAudit, ...]:
    """How the newest published version of each of their outputs was judged, the last time it was."""
    unscored = case((AUDITS.c.score.is_(None), _text_of(AUDITS.c.results)), else_=None)
    newest = (
        select(func.max(AUDITS.c.id))
        .where(_among(AUDITS.c.product, wanted), AUDITS.c.version.is_not(None))
        .group_by(AUDITS.c.product, AUDITS.c.output)
    )
    of = AUDITS.c
    found = conn.execute(select(of.product, of.output, of.outcome, of.score, unscored).where(of.id.in_(newest))).all()
    return tuple(
        [
            NewestAudit(product, output, outcome, score, _of_json(results))
            for product, output, outcome, score, results in found
        ]
    )


def _among(column: Column[str], wanted: Wanted) -> ColumnElement[bool]:
    if isinstance(wanted, Span):
        return and_(column >= wanted.first, column <= wanted.last)  # Postgres reads no BETWEEN of collated bounds
    return column.in_(wanted)


def _text_of(column: Column[Any]) -> ColumnElement[str]:
    """JSON as its text, for `_of_json`; the databases' own decoders take three times as long."""
    return cast(column, SqlText)


def _of_json(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return from_json(text)
    except ValueError:  # half a surrogate pair, which Python's texts may hold
        return json.loads(text)
