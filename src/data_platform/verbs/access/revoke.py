"""access revoke: end a grant, or every grant of a request. The next decision about a read does not count it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import AccessDenied, BadInput, Refused
from data_platform.record.access import grants
from data_platform.record.access.grants import GrantRow
from data_platform.verbs.access.capacities import list_capacities, list_holders
from data_platform.verbs.access.granting import REVOKED, describe_grant_end
from data_platform.verbs.access.lookup import lock_grant, lock_request, may_know, no_grant_error, no_request_error
from data_platform.verbs.access.request_view import RequestView, build_grant_info, load_view
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import GrantInfo

_ID = re.compile(r"([1-9][0-9]{0,17})(\.[1-9][0-9]{0,8})?")


@dataclass(frozen=True, slots=True)
class RevokeAccess(Request[list[GrantInfo]]):
    """End a grant (`12.1`), or all grants of a request (`12`); its holder may give it up too."""

    id: str


def revoke_access(context: Context, request: RevokeAccess) -> list[GrantInfo]:
    """The ended grants. Raises NotFound, AccessDenied, and Refused where no grant is open."""
    request_id, is_grant = parse_id(request.id)
    with context.record.transaction() as tx:
        now = context.clock()
        if is_grant:
            row, view = lock_grant(context, tx, request.id)
            chosen = [row]
        else:
            view = load_view(tx, lock_request(tx, request_id), now)
            chosen = list(view.grants)
        mine = [row for row in chosen if _may_revoke(context, tx, view, row)]
        if not mine:
            _refuse(context, tx, view, request.id, chosen)
        ended = [row for row in mine if row.is_open(now) and _revoke(context, tx, row)]
        if not ended:
            raise Refused(f"no grant of {request.id} is open", hint=f"data-platform access show {request_id}")
        record_outcomes(context, tx, *(describe_grant_end(row, REVOKED) for row in ended))
        changed = (grants.find(tx, row.id) or row for row in ended)
        return [build_grant_info(row, now) for row in changed]


def parse_id(id: str) -> tuple[int, bool]:
    """The number of a request, and whether the id is that of one of its grants; raises BadInput."""
    match = _ID.fullmatch(id)
    if match is None:
        raise BadInput(
            f"{id[:40]!r} is no id of a grant or a request", hint="such as 12.1, or 12 for the whole request"
        )
    return int(match[1]), match[2] is not None


def _revoke(context: Context, tx: Connection, row: GrantRow) -> bool:
    return grants.revoke(tx, row.id, context.clock(), context.principal.name, REVOKED)


def _may_revoke(context: Context, conn: Connection, view: RequestView, row: GrantRow) -> bool:
    """Whether the caller has the grant, or may decide about its output."""
    if row.holder == context.principal.name or row.holder in list_holders(context.principal):
        return True
    output = next(output for output in view.outputs if output.row.position == row.position)
    return context.principal.local or (
        output.offered is not None and bool(list_capacities(context, conn, output.offered))
    )


def _refuse(context: Context, conn: Connection, view: RequestView, id: str, chosen: list[GrantRow]) -> None:
    if not may_know(context, conn, view):
        raise no_grant_error(id) if "." in id else no_request_error(view.row.id)
    if not chosen and context.principal.local:
        raise Refused(
            f"request {view.row.id} has no grant", hint=f"data-platform access deny {view.row.id} --note TEXT"
        )
    raise AccessDenied(f"{context.principal.name} may not revoke grants of request {view.row.id}")
