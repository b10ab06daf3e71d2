"""Owners: the principal that an `owner` text of products and domains belongs to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, union_all

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import OWNER_CLAIMS, PRINCIPALS, REGISTRARS


@dataclass(frozen=True, slots=True)
class OwnerClaim:
    """The holder of an address: a person or a team; `claimed_by` recorded it."""

    address: str
    holder: str
    claimed_at: datetime
    claimed_by: str


@dataclass(frozen=True, slots=True)
class OwnerHolder:
    """The principal that an address belongs to, since when."""

    holder: str
    since: datetime


_NAMES = select(PRINCIPALS.c.name.label("holder"), PRINCIPALS.c.created_at.label("since"))
_ALL = select(*rows.select_columns(OWNER_CLAIMS, OwnerClaim)).order_by(OWNER_CLAIMS.c.address)


def find(conn: Connection, address: str) -> OwnerClaim | None:
    """The claim of an address."""
    return rows.fetch_one(conn, _ALL.where(OWNER_CLAIMS.c.address == address), OwnerClaim)


def list_all(conn: Connection) -> tuple[OwnerClaim, ...]:
    """Every claim, by address."""
    return rows.fetch_all(conn, _ALL, OwnerClaim)


def claim(conn: Connection, row: OwnerClaim) -> bool:
    """Adds a claim; False if the address has a holder."""
    statement = rows.build_insert(conn, OWNER_CLAIMS).values(rows.to_values(row)).on_conflict_do_nothing()
    return conn.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def release(conn: Connection, address: str) -> bool:
    """Removes the claim of an address; False if there is none."""
    return conn.execute(delete(OWNER_CLAIMS).where(OWNER_CLAIMS.c.address == address)).rowcount == 1


def map_holders(conn: Connection, addresses: Collection[str]) -> dict[str, str]:
    """The holder of each address that has one: who claimed it, else the principal that is called so."""
    claims = select(OWNER_CLAIMS.c.address, OWNER_CLAIMS.c.holder).where(OWNER_CLAIMS.c.address.in_(addresses))
    names = select(PRINCIPALS.c.name, PRINCIPALS.c.name).where(PRINCIPALS.c.name.in_(addresses))
    holders: dict[str, str] = {}
    for address, holder in conn.execute(union_all(claims, names)):
        if holder != address or address not in holders:
            holders[address] = holder
    return holders


def find_holder(conn: Connection, address: str) -> OwnerHolder | None:
    """The holder of an address: who claimed it, else the principal that is called so."""
    name = rows.fetch_one(conn, _NAMES.where(PRINCIPALS.c.name == address), OwnerHolder)
    row = find(conn, address)
    return name if row is None else OwnerHolder(row.holder, row.claimed_at)


def find_registered_team(conn: Connection, product: str) -> str | None:
    """The team of the token that registered the product for the first time."""
    return conn.scalars(select(REGISTRARS.c.team).where(REGISTRARS.c.product == product)).one_or_none()


def record_team(conn: Connection, product: str, team: str) -> None:
    """Records the team of the token that registers the product for the first time."""
    conn.execute(rows.build_insert(conn, REGISTRARS).values(product=product, team=team).on_conflict_do_nothing())
