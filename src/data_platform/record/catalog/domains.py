"""Domains: their responsibility, owner and members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data_platform.record.db import rows
from data_platform.record.db.schema import DOMAINS


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain; `members` are principals."""

    name: str
    responsibility: str | None
    owner: str | None
    members: tuple[str, ...]
    created_at: datetime


_ALL = select(*rows.select_columns(DOMAINS, Domain))


def find(conn: Connection, name: str) -> Domain | None:
    """The domain of that name."""
    return rows.fetch_one(conn, _ALL.where(DOMAINS.c.name == name), Domain)


def lock(conn: Connection, name: str) -> Domain:
    """An existing domain, which no other transaction changes until this one ends."""
    (domain,) = rows.fetch_all(conn, _ALL.where(DOMAINS.c.name == name).with_for_update(), Domain)
    return domain


def add(conn: Connection, domain: Domain) -> bool:
    """Creates the domain; False if there is one of that name, which is unchanged."""
    statement = rows.build_insert(conn, DOMAINS).values(rows.to_values(domain)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def save(conn: Connection, domain: Domain) -> None:
    """Creates the domain, or changes the one of that name, which keeps its `created_at`."""
    statement = rows.build_insert(conn, DOMAINS).values(rows.to_values(domain))
    changed = {name: statement.excluded[name] for name in ("responsibility", "owner", "members")}
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=changed))


def list_all(conn: Connection) -> tuple[Domain, ...]:
    """Every domain, by name."""
    return rows.fetch_all(conn, _ALL.order_by(DOMAINS.c.name), Domain)
