"""Requests for access, each for one or several outputs. They are history: a request never changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from data_platform.record.db import rows
from data_platform.record.db.access_schema import ACCESS_REQUEST_OUTPUTS, ACCESS_REQUESTS


@dataclass(frozen=True, slots=True)
class AccessRequestRow:
    """A request by `requester` for `holder`, who is the requester or a team; `id` is 0 until it is added.

    `person` is the person whose agent the requester is, else the requester. `until` is None without an end.
    """

    id: int
    requester: str
    person: str
    holder: str
    purpose: str
    until: datetime | None
    created_at: datetime
    is_break_glass: bool = False


@dataclass(frozen=True, slots=True)
class RequestedOutput:
    """The output at `position` of a request, without its major; `columns` None: all.

    `terms` is the digest of the text that the requester accepted. `renews` is the grant that an approval replaces.
    """

    request: int
    position: int
    product: str
    output: str
    columns: tuple[str, ...] | None = None
    terms: str | None = None
    renews: str | None = None


_GLASS = "break-glass "
_ALL = select(*rows.select_columns(ACCESS_REQUESTS, AccessRequestRow))
_OUTPUTS = select(*rows.select_columns(ACCESS_REQUEST_OUTPUTS, RequestedOutput))
_IN_ORDER = (ACCESS_REQUEST_OUTPUTS.c.request, ACCESS_REQUEST_OUTPUTS.c.position)


def add(conn: Connection, row: AccessRequestRow) -> int:
    """Records a request and returns its id."""
    return rows.add(conn, ACCESS_REQUESTS, row)


def add_outputs(conn: Connection, outputs: Sequence[RequestedOutput]) -> None:
    """Records the outputs of a request."""
    conn.execute(ACCESS_REQUEST_OUTPUTS.insert(), [rows.to_values(output) for output in outputs])


def find(conn: Connection, id: int) -> AccessRequestRow | None:
    """The request of that id."""
    return rows.fetch_one(conn, _ALL.where(ACCESS_REQUESTS.c.id == id), AccessRequestRow)


def lock(conn: Connection, id: int) -> AccessRequestRow | None:
    """The request of that id; until the transaction ends, no other one decides about it or revokes its grants."""
    return rows.fetch_one(conn, _ALL.where(ACCESS_REQUESTS.c.id == id).with_for_update(), AccessRequestRow)


def list_by(conn: Connection, person: str, holders: Collection[str]) -> tuple[AccessRequestRow, ...]:
    """The requests that a person made or whose grants one of `holders` has, newest first."""
    parties = (
        ACCESS_REQUESTS.c.requester == person,
        ACCESS_REQUESTS.c.person == person,
        ACCESS_REQUESTS.c.holder.in_(holders),
    )
    return _fetch(conn, or_(*parties))


def list_same(conn: Connection, requester: str, holder: str, purpose: str) -> tuple[AccessRequestRow, ...]:
    """The requests of a requester for a holder and a purpose, newest first; emergencies are left out."""
    return _fetch(
        conn,
        and_(
            ACCESS_REQUESTS.c.requester == requester,
            ACCESS_REQUESTS.c.holder == holder,
            ACCESS_REQUESTS.c.purpose == purpose,
            ACCESS_REQUESTS.c.is_break_glass.is_(False),
        ),
    )


def list_by_ids(conn: Connection, ids: Collection[int]) -> tuple[AccessRequestRow, ...]:
    """The requests of those ids, newest first."""
    return _fetch(conn, ACCESS_REQUESTS.c.id.in_(ids)) if ids else ()


def list_outputs(conn: Connection, ids: Collection[int]) -> tuple[RequestedOutput, ...]:
    """The outputs of requests, in order."""
    if not ids:
        return ()
    query = _OUTPUTS.where(ACCESS_REQUEST_OUTPUTS.c.request.in_(ids)).order_by(*_IN_ORDER)
    return rows.fetch_all(conn, query, RequestedOutput)


def list_broken_glass(conn: Connection, person: str, product: str, output: str) -> tuple[int, ...]:
    """The ids of every emergency in which a person took access to an output."""
    place = (ACCESS_REQUEST_OUTPUTS.c.product == product, ACCESS_REQUEST_OUTPUTS.c.output == output)
    query = select(ACCESS_REQUESTS.c.id).join(
        ACCESS_REQUEST_OUTPUTS, ACCESS_REQUEST_OUTPUTS.c.request == ACCESS_REQUESTS.c.id
    )
    return tuple(
        conn.scalars(query.where(ACCESS_REQUESTS.c.is_break_glass, ACCESS_REQUESTS.c.person == person, *place))
    )


def name_glass_cause(id: int) -> str:
    """The cause of the incident of an emergency."""
    return f"{_GLASS}{id}"


def is_glass_cause(cause: str) -> bool:
    """Whether an incident with that cause is about an emergency."""
    return cause.startswith(_GLASS)


def find_glass_breaker(conn: Connection, cause: str) -> str | None:
    """The person who took access in the emergency that is the cause of an incident; None for all other causes."""
    row = find(conn, int(cause.removeprefix(_GLASS))) if is_glass_cause(cause) else None
    return None if row is None else row.person


def list_ids_of_product(conn: Connection, product: str) -> tuple[int, ...]:
    """The ids of every request for an output of a product."""
    place = ACCESS_REQUEST_OUTPUTS.c.product == product
    query = select(ACCESS_REQUEST_OUTPUTS.c.request).where(place).distinct().order_by(ACCESS_REQUEST_OUTPUTS.c.request)
    return tuple(conn.scalars(query))


def _fetch(conn: Connection, condition: ColumnElement[bool]) -> tuple[AccessRequestRow, ...]:
    return rows.fetch_all(conn, _ALL.where(condition).order_by(ACCESS_REQUESTS.c.id.desc()), AccessRequestRow)
