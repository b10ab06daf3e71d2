"""Grants: what a request gives its holder. A grant changes once, when it is revoked; what changes it replaces it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from data_platform.access.grants import AccessGrant
from data_platform.record.db import rows
from data_platform.record.db.access_schema import ACCESS_GRANTS


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant of an output, all of its majors, from the output at `position` of a request; `columns` None: all.

    It has an end, or else a date on which it is to be reviewed. `revoked_for` is the reason of an earlier end.
    """

    id: str
    request: int
    position: int
    product: str
    output: str
    holder: str
    purpose: str
    columns: tuple[str, ...] | None
    opens_personal_data: bool
    is_break_glass: bool
    begins_at: datetime
    ends_at: datetime | None
    review_at: datetime | None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_for: str | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the grant counts at a moment."""
        return self.to_grant().is_open(now)

    def to_grant(self) -> AccessGrant:
        """The grant as decisions take it."""
        return AccessGrant(
            id=self.id,
            product=self.product,
            output=self.output,
            holder=self.holder,
            purpose=self.purpose,
            begins_at=self.begins_at,
            ends_at=self.ends_at,
            revoked_at=self.revoked_at,
            columns=None if self.columns is None else frozenset(self.columns),
            opens_personal_data=self.opens_personal_data,
            is_break_glass=self.is_break_glass,
        )


_ALL = select(*rows.select_columns(ACCESS_GRANTS, GrantRow))
_NOT_REVOKED = ACCESS_GRANTS.c.revoked_at.is_(None)


def list_grants(conn: Connection, product: str, holders: Collection[str]) -> tuple[AccessGrant, ...]:
    """The grants of a product's outputs to any of the holders that nobody revoked, in one statement.

    `output` is the name without its major: a grant is for every major. A decision still compares the ends of each
    with its moment (`AccessGrant.is_open`).
    """
    mine = (ACCESS_GRANTS.c.product == product, ACCESS_GRANTS.c.holder.in_(sorted(holders)), _NOT_REVOKED)
    return tuple(row.to_grant() for row in _fetch(conn, *mine))


def find(conn: Connection, id: str) -> GrantRow | None:
    """The grant of that id."""
    return rows.fetch_one(conn, _ALL.where(ACCESS_GRANTS.c.id == id), GrantRow)


def list_by_requests(conn: Connection, ids: Collection[int]) -> tuple[GrantRow, ...]:
    """Every grant that came of requests, also those that ended, the oldest first."""
    return _fetch(conn, ACCESS_GRANTS.c.request.in_(ids)) if ids else ()


def list_endless(conn: Connection) -> tuple[GrantRow, ...]:
    """The grants that were not revoked, and have neither an end nor a review."""
    return _fetch(conn, _NOT_REVOKED, ACCESS_GRANTS.c.ends_at.is_(None), ACCESS_GRANTS.c.review_at.is_(None))


def list_open(
    conn: Connection, now: datetime, *, product: str | None = None, holder: str | None = None
) -> tuple[GrantRow, ...]:
    """The grants that count at a moment: of a product or a holder, or all of them."""
    conditions: list[ColumnElement[bool]] = [
        _NOT_REVOKED,
        ACCESS_GRANTS.c.ends_at.is_(None) | (ACCESS_GRANTS.c.ends_at > now),
    ]
    if product is not None:
        conditions.append(ACCESS_GRANTS.c.product == product)
    if holder is not None:
        conditions.append(ACCESS_GRANTS.c.holder == holder)
    return _fetch(conn, *conditions)


def find_request_id(id: str) -> int:
    """The request that a grant came of: 12 for `12.3`."""
    return int(id.partition(".")[0])


def find_number(id: str) -> int:
    """The number of a grant among those of its request: 3 for `12.3`."""
    return int(id.partition(".")[2])


def number_grants(conn: Connection, request: int) -> int:
    """How many grants came of a request so far. The request is locked while that number names the next."""
    query = select(func.count()).select_from(ACCESS_GRANTS).where(ACCESS_GRANTS.c.request == request)
    return conn.scalars(query).one()


def add(conn: Connection, row: GrantRow) -> None:
    """Records a grant."""
    conn.execute(ACCESS_GRANTS.insert().values(rows.to_values(row)))


def revoke(conn: Connection, id: str, at: datetime, by: str, why: str) -> bool:
    """Ends a grant; False if it was revoked before."""
    statement = update(ACCESS_GRANTS).where(ACCESS_GRANTS.c.id == id, _NOT_REVOKED)
    return conn.execute(statement.values(revoked_at=at, revoked_by=by, revoked_for=why)).rowcount == 1


def _fetch(conn: Connection, *conditions: ColumnElement[bool]) -> tuple[GrantRow, ...]:
    return rows.fetch_all(
        conn, _ALL.where(*conditions).order_by(ACCESS_GRANTS.c.begins_at, ACCESS_GRANTS.c.id), GrantRow
    )
