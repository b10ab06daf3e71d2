"""who_am_i: the caller, as the mesh knows it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from data_platform.access.relations import Relationship
from data_platform.installing import VERSION
from data_platform.record.catalog import domains
from data_platform.settings import Principal, TokenScope
from data_platform.verbs.core.authorization.own_domains import list_own_domains
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import CallerInfo, CallerTokenInfo

_OWN = frozenset([Relationship.DOMAIN_MEMBER, Relationship.DOMAIN_OWNER])


@dataclass(frozen=True, slots=True)
class WhoAmI(Request[CallerInfo]):
    """The caller, and the release and the clock of the mesh that answers."""


def who_am_i(context: Context, request: WhoAmI) -> CallerInfo:
    """The caller; every principal may ask."""
    caller = context.principal
    roles = sorted(f"{grant.role} of {grant.domain}" if grant.domain else grant.role.value for grant in caller.roles)
    return CallerInfo(
        caller.name,
        caller.verified,
        caller.kind.value,
        tuple(roles),
        tuple(sorted(caller.teams)),
        caller.acts_for.name if caller.acts_for else None,
        VERSION,
        context.clock(),
        "home" if caller.local else "token" if caller.token else "sign-in",
        _list_domains(context),
        _describe_token(caller),
    )


def _list_domains(context: Context) -> tuple[str, ...]:
    if context.principal.local:
        return ()
    with context.record.reading() as conn:
        part = find_visible_part(context, conn)
        defined = [row for row in domains.list_all(conn) if part.shows_domain(row.name) and (row.owner or row.members)]
        return tuple(sorted(list_own_domains(context, conn, defined, _OWN)))


def _describe_token(caller: Principal) -> CallerTokenInfo | None:
    token, scope = caller.token, caller.scope or TokenScope()
    if token is None:
        return None
    return CallerTokenInfo(
        token.id,
        token.role.value,
        scope.team,
        _sort(scope.verbs),
        _sort(scope.domains),
        scope.read_only,
        token.expires_at,
    )


def _sort(names: Collection[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))
