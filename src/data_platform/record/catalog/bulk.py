"""Bulk reads of the catalog: facts of many products in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, and_, case, func, select

from data_platform.record.db.glossary_schema import TERM_COLUMNS
from data_platform.record.db.schema import AUDITS, OUTPUTS, PRODUCTS, REDIRECTS, USAGE, VERSIONS
from data_platform.record.db.stored_json import StoredContract, StoredSchema, cast_to_text, parse_json


class ListedProduct(NamedTuple):
    """A product; `stored_contract` is its contract of that `revision`, not parsed."""

    name: str
    domain: str
    owner: str
    description: str | None
    tags: tuple[str, ...]
    status: str
    version: str
    archived: bool
    revision: int
    stored_contract: StoredContract


class ListedOutput(NamedTuple):
    """An output that is not retired; `base` and `major` are its name and major, `revision` is the last contract of it.

    `columns` is None until there is a schema; `pii` says whether a column, or a part of one, is personal data.
    """

    product: str
    name: str
    type: str
    columns: tuple[str, ...] | None
    pii: bool
    base: str
    major: int | None
    revision: int | None
    deprecated: bool


class NewestPublish(NamedTuple):
    """When the newest version of an output was published."""

    product: str
    output: str
    at: datetime


class Readers(NamedTuple):
    """How often a product was read, by how many principals, and when last."""

    product: str
    views: int
    consumers: int
    last_read: datetime


class NewestAudit(NamedTuple):
    """The judgement of an output's newest published version; `results` are given only if no score was recorded."""

    product: str
    output: str
    outcome: str
    score: float | None
    results: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class NameRange:
    """The products whose names are in this inclusive range; a query by hundreds of names would take longer."""

    first: str
    last: str


Wanted = Collection[str] | NameRange
"""The products to read."""


def list_names(conn: Connection) -> tuple[str, ...]:
    """Every product's name, in order."""
    return tuple(conn.scalars(select(PRODUCTS.c.name).order_by(PRODUCTS.c.name)))


def split_names(conn: Connection, size: int) -> Iterator[NameRange]:
    """All products, in ranges of `size` names."""
    every = list_names(conn)
    for at in range(0, len(every), size):
        yield NameRange(every[at], every[at : at + size][-1])


def load_products(conn: Connection, wanted: Wanted) -> tuple[ListedProduct, ...]:
    """The products that exist among those wanted."""
    of, tags = PRODUCTS.c, cast_to_text(PRODUCTS.c.tags)
    named = (of.name, of.domain, of.owner, of.description, tags, of.status, of.version)
    query = select(*named, of.archived_at.is_not(None), of.revision, of.stored_contract)
    result = conn.execute(query.where(_match_names(of.name, wanted))).all()
    return tuple(
        [
            ListedProduct(name, domain, owner, description, tuple(parse_json(tags)), *more)
            for name, domain, owner, description, tags, *more in result
        ]
    )


def load_outputs(conn: Connection, wanted: Wanted) -> tuple[ListedOutput, ...]:
    """Their outputs, by product and name."""
    of = OUTPUTS.c
    columns = (of.product, of.name, of.type, of.stored_schema, of.output, of.major)
    states = (of.revision, of.deprecated_at.is_not(None))
    query = select(*columns, *states).where(_match_names(of.product, wanted))
    result = conn.execute(query.where(of.retired.is_(False)).order_by(of.product, of.name)).all()
    return tuple(
        [
            ListedOutput(product, name, kind, *_read_columns(stored), base or name.partition("@")[0], *more)
            for product, name, kind, stored, base, *more in result
        ]
    )


def load_newest_publishes(conn: Connection, wanted: Wanted) -> tuple[NewestPublish, ...]:
    """The newest publish of each of their outputs that has one and is not retired."""
    newest = and_(
        VERSIONS.c.product == OUTPUTS.c.product,
        VERSIONS.c.output == OUTPUTS.c.name,
        VERSIONS.c.version == OUTPUTS.c.version,
    )
    query = select(OUTPUTS.c.product, OUTPUTS.c.name, VERSIONS.c.published_at).join(VERSIONS, newest)
    query = query.where(_match_names(OUTPUTS.c.product, wanted), OUTPUTS.c.retired.is_(False))
    return tuple(map(NewestPublish._make, conn.execute(query).all()))


def list_side_by_side(conn: Connection, wanted: Wanted) -> set[tuple[str, str]]:
    """The outputs that have several majors, retired ones included, as (product, output)."""
    of = OUTPUTS.c
    base = func.coalesce(of.output, of.name)
    query = select(of.product, base).where(_match_names(of.product, wanted)).group_by(of.product, base)
    return {(product, output) for product, output in conn.execute(query.having(func.count() > 1))}


def load_former_names(conn: Connection, wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """Their former names, by product; products without any are missing."""
    of, former = REDIRECTS.c, defaultdict[str, tuple[str, ...]](tuple)
    query = select(of.product, of.name).where(_match_names(of.product, wanted)).order_by(of.product, of.name)
    for product, name in conn.execute(query):
        former[product] += (name,)
    return former


def load_terms(conn: Connection, wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """The terms that their columns are linked to, by product; products without any are missing."""
    of, terms = TERM_COLUMNS.c, defaultdict[str, tuple[str, ...]](tuple)
    query = select(of.product, of.written).where(_match_names(of.product, wanted)).distinct()
    for product, term in conn.execute(query.order_by(of.product, of.written)):
        terms[product] += (term,)
    return terms


def list_declaring_pii(conn: Connection, wanted: Wanted) -> set[str]:
    """Those whose contract names columns of personal data, for outputs without a schema."""
    query = select(PRODUCTS.c.name, PRODUCTS.c.stored_contract).where(_match_names(PRODUCTS.c.name, wanted))
    return {name for name, stored in conn.execute(query) if stored.json["product"].get("pii_columns")}


def count_readers(conn: Connection, wanted: Wanted) -> tuple[Readers, ...]:
    """Who read them; products never read are missing."""
    query = select(
        USAGE.c.product,
        func.count().label("views"),
        func.count(USAGE.c.principal.distinct()).label("consumers"),
        func.max(USAGE.c.at).label("last_read"),
    )
    result = conn.execute(query.where(_match_names(USAGE.c.product, wanted)).group_by(USAGE.c.product)).all()
    return tuple(map(Readers._make, result))


def load_newest_audits(conn: Connection, wanted: Wanted) -> tuple[NewestAudit, ...]:
    """The last judgement of the newest published version of each of their outputs."""
    unscored = case((AUDITS.c.score.is_(None), cast_to_text(AUDITS.c.results)), else_=None)
    newest = (
        select(func.max(AUDITS.c.id))
        .where(_match_names(AUDITS.c.product, wanted), AUDITS.c.version.is_not(None))
        .group_by(AUDITS.c.product, AUDITS.c.output)
    )
    of = AUDITS.c
    result = conn.execute(select(of.product, of.output, of.outcome, of.score, unscored).where(of.id.in_(newest))).all()
    return tuple(
        [
            NewestAudit(product, output, outcome, score, None if results is None else parse_json(results))
            for product, output, outcome, score, results in result
        ]
    )


def _match_names(column: Column[str], wanted: Wanted) -> ColumnElement[bool]:
    if isinstance(wanted, NameRange):
        return and_(column >= wanted.first, column <= wanted.last)  # Postgres has no BETWEEN with collated bounds
    return column.in_(wanted)


def _read_columns(stored: StoredSchema | None) -> tuple[tuple[str, ...] | None, bool]:
    """The columns of a schema, and whether it has personal data; thousands of products need not be typed for it."""
    if stored is None:
        return None, False
    columns = stored.json["columns"]
    return tuple(column["name"] for column in columns), any(map(_has_pii, columns))


def _has_pii(column: Mapping[str, Any]) -> bool:
    """As `SchemaColumn.pii` says of the typed column."""
    kind = column["type"]
    return "pii" in column.get("tags", ()) or (not isinstance(kind, str) and any(map(_has_pii, _list_fields(kind))))


def _list_fields(kind: str | Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if isinstance(kind, str):
        return
    yield from kind.get("fields", ())
    for inner in ("element", "key", "value"):
        if inner in kind:
            yield from _list_fields(kind[inner])
