"""What domains use: the bytes of their versions, the publishes that run, and the seconds of their queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, select, update

from data_platform.record.db import rows
from data_platform.record.db.limits_schema import PUBLISH_SLOTS, QUERY_SECONDS
from data_platform.record.db.schema import DOMAINS, PRODUCTS, VERSIONS

WINDOW = timedelta(hours=1)
"""How long seconds of queries count."""


def map_stored_bytes(conn: Connection, domains: Collection[str]) -> dict[str, int]:
    """The bytes of all versions, by domain."""
    stored = func.coalesce(func.sum(VERSIONS.c.bytes), 0)
    query = select(PRODUCTS.c.domain, stored).join(VERSIONS, VERSIONS.c.product == PRODUCTS.c.name)
    sums = conn.execute(query.where(PRODUCTS.c.domain.in_(domains)).group_by(PRODUCTS.c.domain))
    return {domain: int(size) for domain, size in sums}


def count_publishes(conn: Connection, domains: Collection[str], now: datetime) -> dict[str, int]:
    """The publishes that run now, by domain."""
    query = select(PUBLISH_SLOTS.c.domain, func.count()).group_by(PUBLISH_SLOTS.c.domain)
    live = query.where(PUBLISH_SLOTS.c.domain.in_(domains), PUBLISH_SLOTS.c.until > now)
    return dict(conn.execute(live).all())


def take_slot(conn: Connection, id: str, domain: str, most: int, now: datetime, until: datetime) -> bool:
    """Takes one of the `most` slots of a domain; False if all are taken."""
    conn.execute(select(DOMAINS.c.name).where(DOMAINS.c.name == domain).with_for_update())  # one at a time decides
    if count_publishes(conn, [domain], now).get(domain, 0) >= most:
        return False
    conn.execute(PUBLISH_SLOTS.insert().values(id=id, domain=domain, until=until))
    return True


def renew_slot(conn: Connection, id: str, until: datetime) -> None:
    """Extends a slot of a publish that still runs."""
    conn.execute(update(PUBLISH_SLOTS).where(PUBLISH_SLOTS.c.id == id).values(until=until))


def release_slot(conn: Connection, id: str) -> None:
    """Gives a slot back."""
    conn.execute(delete(PUBLISH_SLOTS).where(PUBLISH_SLOTS.c.id == id))


def add_query_seconds(conn: Connection, domains: Iterable[str], now: datetime, seconds: float) -> None:
    """Adds what a query took to each of the domains."""
    minute = now.replace(second=0, microsecond=0)
    for domain in sorted(domains):
        statement = rows.build_insert(conn, QUERY_SECONDS).values(domain=domain, minute=minute, seconds=seconds)
        total = QUERY_SECONDS.c.seconds + statement.excluded.seconds
        conn.execute(statement.on_conflict_do_update(index_elements=["domain", "minute"], set_={"seconds": total}))


def sum_query_seconds(conn: Connection, domains: Collection[str], now: datetime) -> dict[str, tuple[float, datetime]]:
    """The seconds of the last hour by domain, each with the first minute that counts."""
    query = select(
        QUERY_SECONDS.c.domain, func.sum(QUERY_SECONDS.c.seconds), func.min(QUERY_SECONDS.c.minute)
    ).group_by(QUERY_SECONDS.c.domain)
    recent = query.where(QUERY_SECONDS.c.domain.in_(domains), _is_recent(now))
    return {domain: (seconds, first) for domain, seconds, first in conn.execute(recent)}


def map_domains(conn: Connection, products: Collection[str]) -> dict[str, str]:
    """The domain of each product."""
    query = select(PRODUCTS.c.name, PRODUCTS.c.domain).where(PRODUCTS.c.name.in_(products))
    return dict(conn.execute(query).all())


def remove_past(conn: Connection, now: datetime) -> None:
    """Removes slots of publishes that ended without a word, and seconds that no longer count."""
    conn.execute(delete(PUBLISH_SLOTS).where(PUBLISH_SLOTS.c.until <= now))
    conn.execute(delete(QUERY_SECONDS).where(~_is_recent(now)))


def _is_recent(now: datetime) -> ColumnElement[bool]:
    return QUERY_SECONDS.c.minute > now - WINDOW
