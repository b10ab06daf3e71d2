"""Redirects: the names that products had before, each leading straight to the name that its product has now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import REDIRECTS


@dataclass(frozen=True, slots=True)
class Redirect:
    """A name that `product` had until `since`; `folder` is where the product's files lie."""

    name: str
    product: str
    folder: str
    since: datetime
    by: str


_ALL = select(*rows.columns(REDIRECTS, Redirect))


def find(conn: Connection, name: str) -> Redirect | None:
    """The redirect of that name; None for a name that nobody gave up."""
    return rows.fetch_one(conn, _ALL.where(REDIRECTS.c.name == name), Redirect)


def all(conn: Connection) -> tuple[Redirect, ...]:
    """Every redirect, by name."""
    return rows.fetch_all(conn, _ALL.order_by(REDIRECTS.c.name), Redirect)


def current(conn: Connection, name: str) -> str:
    """The name that the product has now; a name that nobody gave up is its own."""
    found = find(conn, name)
    return name if found is None else found.product


def names_of(conn: Connection, product: str) -> tuple[str, ...]:
    """The product's name, and every one that it had."""
    former = select(REDIRECTS.c.name).where(REDIRECTS.c.product == product).order_by(REDIRECTS.c.name)
    return (product, *conn.scalars(former))


def folder_of(conn: Connection, product: str) -> str:
    """The folder of the product's files: the name that it was first registered by."""
    query = select(REDIRECTS.c.folder).where(REDIRECTS.c.product == product).limit(1)
    return conn.scalar(query) or product


def lead(conn: Connection, old: str, new: str, at: datetime, by: str) -> None:
    """From now on `old`, and every name that led to it, leads to `new`, which is no redirect any more."""
    folder = folder_of(conn, old)
    conn.execute(delete(REDIRECTS).where(REDIRECTS.c.name == new))
    conn.execute(update(REDIRECTS).where(REDIRECTS.c.product == old).values(product=new))
    conn.execute(REDIRECTS.insert().values(rows.values(Redirect(old, new, folder, at, by))))
