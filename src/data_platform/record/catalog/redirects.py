"""Redirects: former names of products, each with the current name of its product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import REDIRECTS


@dataclass(frozen=True, slots=True)
class Redirect:
    """A name that `product` had until `since`; `folder` is the folder of the product's files."""

    name: str
    product: str
    folder: str
    since: datetime
    by: str


_ALL = select(*rows.select_columns(REDIRECTS, Redirect))


def find(conn: Connection, name: str) -> Redirect | None:
    """The redirect of that name; None if it is not a former name."""
    return rows.fetch_one(conn, _ALL.where(REDIRECTS.c.name == name), Redirect)


def list_all(conn: Connection) -> tuple[Redirect, ...]:
    """Every redirect, by name."""
    return rows.fetch_all(conn, _ALL.order_by(REDIRECTS.c.name), Redirect)


def resolve_name(conn: Connection, name: str) -> str:
    """The product's current name; a name without a redirect is returned unchanged."""
    redirect = find(conn, name)
    return name if redirect is None else redirect.product


def list_names(conn: Connection, product: str) -> tuple[str, ...]:
    """The product's name and its former names."""
    former = select(REDIRECTS.c.name).where(REDIRECTS.c.product == product).order_by(REDIRECTS.c.name)
    return (product, *conn.scalars(former))


def find_folder(conn: Connection, product: str) -> str:
    """The folder of the product's files: the name that it was first registered by."""
    query = select(REDIRECTS.c.folder).where(REDIRECTS.c.product == product).limit(1)
    return conn.scalar(query) or product


def add(conn: Connection, old: str, new: str, at: datetime, by: str) -> None:
    """Redirects `old`, and every name redirected to it, to `new`; removes the redirect named `new`, if any."""
    folder = find_folder(conn, old)
    conn.execute(delete(REDIRECTS).where(REDIRECTS.c.name == new))
    conn.execute(update(REDIRECTS).where(REDIRECTS.c.product == old).values(product=new))
    conn.execute(REDIRECTS.insert().values(rows.to_values(Redirect(old, new, folder, at, by))))
