"""Finds requests and grants by id for those who may know of them; for all others there are none."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record.access import grants, requests
from data_platform.record.access.grants import GrantRow, find_request_id
from data_platform.record.access.requests import AccessRequestRow
from data_platform.verbs.access.capacities import list_capacities, list_holders, name_person
from data_platform.verbs.access.request_view import RequestView, load_view
from data_platform.verbs.access.states import Capacity
from data_platform.verbs.core.context import Context

_LARGEST = 2**63 - 1
_LISTS = "data-platform access mine lists your requests, access to-decide those that you decide, access review grants"


def lock_request(conn: Connection, id: int) -> AccessRequestRow:
    """The request; until the transaction ends, nobody else decides about it. Raises NotFound."""
    row = requests.lock(conn, id) if 0 < id <= _LARGEST else None
    if row is None:
        raise no_request_error(id)
    return row


def lock_renewed(conn: Connection, row: AccessRequestRow) -> None:
    """Until the transaction ends, nobody revokes the grants that the request would renew."""
    renewed = [output.renews for output in requests.list_outputs(conn, [row.id]) if output.renews is not None]
    for id in sorted({find_request_id(grant) for grant in renewed}):
        requests.lock(conn, id)


def find_request(conn: Connection, id: int) -> AccessRequestRow:
    """The request; raises NotFound."""
    row = requests.find(conn, id) if 0 < id <= _LARGEST else None
    if row is None:
        raise no_request_error(id)
    return row


def lock_grant(context: Context, conn: Connection, id: str) -> tuple[GrantRow, RequestView]:
    """The grant, as it is once its request is locked, and that request; raises NotFound."""
    row = grants.find(conn, id)
    if row is None:
        raise no_grant_error(id)
    view = load_view(conn, lock_request(conn, row.request), context.clock())
    return next(grant for grant in view.grants if grant.id == id), view


def is_party(context: Context, row: AccessRequestRow) -> bool:
    """Whether the caller made the request, or has what it gives."""
    principal = context.principal
    own = {row.requester, row.person}
    return not own.isdisjoint({principal.name, name_person(principal)}) or row.holder in list_holders(principal)


def may_know(context: Context, conn: Connection, view: RequestView) -> bool:
    """Whether the caller may know of a request: it is its own, or it may decide about some output of it."""
    is_own = context.principal.local or is_party(context, view.row)
    return is_own or any(map_capacities(context, conn, view).values())


def map_capacities(context: Context, conn: Connection, view: RequestView) -> dict[int, frozenset[Capacity]]:
    """The capacities in which the caller may decide, by position; an output that is gone has none."""
    return {
        output.row.position: list_capacities(context, conn, output.offered)
        for output in view.outputs
        if output.offered is not None
    }


def no_request_error(id: int) -> NotFound:
    """The error for a request that is not there, or of which the caller may not know."""
    return NotFound(f"there is no access request {id}", hint=_LISTS)


def no_grant_error(id: str) -> NotFound:
    """The error for a grant that is not there, or of which the caller may not know."""
    return NotFound(f"there is no grant {id[:40]!r}", hint=_LISTS)
