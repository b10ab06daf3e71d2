"""Who presents a token: what a server asks before it dispatches a request."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.errors import RecordFailed
from data_platform.record.identity import authentication, principals, tokens
from data_platform.record.identity.authentication import Attribution, PresentedToken
from data_platform.settings import CallerToken, Principal, PrincipalKind, Role, RoleGrant, TokenScope
from data_platform.settings.attributes import PrincipalAttributes
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.bounded import record_failed_sign_in
from data_platform.verbs.identity.token_text import hash_token

_USE_NOTED_EVERY = timedelta(minutes=1)
_ROLES_OF_TOKEN = {
    Role.CONSUMER: {Role.CONSUMER},
    Role.OWNER: {Role.CONSUMER, Role.OWNER, Role.DOMAIN_OWNER},
    Role.GOVERNOR: {Role.CONSUMER, Role.GOVERNOR},
    Role.ADMIN: set(Role),
}
"""The roles of its principal that a token of each role has."""


def authenticate_token(mesh: Mesh, token: str) -> Principal | None:
    """The principal that a token (its whole text, without `Bearer`) stands for, with its roles, teams and scope.

    None for a token that is unknown, expired or revoked, or whose principal, or the person that it acts for, is
    disabled: the answer does not say which. Threads may call it at once.

    Principals are cached for two seconds, so a change holds at once in the process that made it, and after two seconds
    in all others. The last use of a token is written at most once a minute. Raises RecordFailed.
    """
    return authenticate_digest(mesh, hash_token(token))


def authenticate_digest(mesh: Mesh, digest: str) -> Principal | None:
    """As `authenticate_token`, of a token by its SHA-256: that of a session which the token began."""
    now, revision = mesh.clock(), mesh.identities.revision
    cached = mesh.identities.find(digest, now)
    if cached is not None:
        return cached
    with mesh.record.reading() as conn:
        row = authentication.find_token(conn, digest)
        is_valid = row is not None and row.is_valid(now)
        names = [] if row is None or not is_valid else [row.principal, *([row.person] if row.person else [])]
        attributions = authentication.list_attributions(conn, names) if names else ()
    if row is None:
        return None
    if not is_valid:
        record_failed_sign_in(mesh, row.principal, "token", f"token {row.id} has ended, or its principal is disabled")
        return None
    principal = _build_principal(row, attributions)
    _note_use(mesh, row, now)
    mesh.identities.keep(digest, principal, now, row.expires_at, revision)
    return principal


def authenticate_principal(mesh: Mesh, name: str) -> Principal | None:
    """The principal of a name that the server has proved by other means than a token, with its roles and teams.

    None for a principal that is unknown or disabled, and for an agent, which needs a token. Raises RecordFailed.
    """
    with mesh.record.reading() as conn:
        row = principals.find(conn, name)
        if row is None or row.disabled_at is not None or row.acts_for is not None:
            return None
        attributions = authentication.list_attributions(conn, [name])
    teams = _select_teams(attributions, name, None)
    roles = _select_roles(attributions, name, teams)
    return Principal(
        name,
        verified=True,
        kind=PrincipalKind(row.kind),
        roles=roles,
        teams=teams,
        attributes=_select_attributes(attributions, name),
    )


def find_known_principal(conn: Connection, name: str) -> Principal:
    """The principal of a name with all that its roles and teams give it, also while it is disabled.

    It has authenticated nothing: decisions are explained with it, and no request is made. The name must exist.
    """
    row = principals.find(conn, name)
    names = [name] if row is None or row.acts_for is None else [name, row.acts_for]
    attributions = authentication.list_attributions(conn, names)
    behind: Principal | None = None
    for one in reversed(names):
        teams = _select_teams(attributions, one, None)
        behind = Principal(
            one,
            verified=True,
            kind=PrincipalKind(row.kind) if row is not None and one == name else PrincipalKind.PERSON,
            roles=_select_roles(attributions, one, teams),
            teams=teams,
            acts_for=behind,
            attributes=_select_attributes(attributions, one),
        )
    return behind or Principal(name)


def choose_role(principal: Principal) -> Role:
    """The least role whose token has all roles of the principal."""
    roles = {grant.role for grant in principal.roles}
    return next(role for role, covered in _ROLES_OF_TOKEN.items() if roles <= covered)


def _note_use(mesh: Mesh, row: PresentedToken, now: datetime) -> None:
    is_noted = row.last_used_at is not None and now - row.last_used_at < _USE_NOTED_EVERY
    if is_noted or mesh.record.read_only:
        return
    with suppress(RecordFailed), mesh.record.transaction() as tx:  # a full disk must not lock readers out
        tokens.record_use(tx, row.id, now)


def _build_principal(row: PresentedToken, attributions: Iterable[Attribution]) -> Principal:
    teams = _select_teams(attributions, row.principal, row.team)
    roles = _select_roles(attributions, row.principal, teams)
    person = None
    if row.person is not None:
        teams_of_person = _select_teams(attributions, row.person, row.team)
        person = Principal(
            row.person,
            verified=True,
            roles=_select_roles(attributions, row.person, teams_of_person),
            teams=teams_of_person,
            attributes=_select_attributes(attributions, row.person),
        )
    return Principal(
        row.principal,
        verified=True,
        kind=PrincipalKind(row.kind),
        roles=frozenset(grant for grant in roles if grant.role in _ROLES_OF_TOKEN[Role(row.role)]),
        teams=teams,
        scope=_build_scope(row),
        acts_for=person,
        attributes=_select_attributes(attributions, row.principal),
        token=CallerToken(row.id, Role(row.role), row.expires_at),
    )


def _build_scope(row: PresentedToken) -> TokenScope | None:
    scope = TokenScope(
        team=row.team,
        verbs=None if row.verbs is None else frozenset(row.verbs),
        domains=None if row.domains is None else frozenset(row.domains),
        read_only=row.read_only,
    )
    return None if scope == TokenScope() else scope


def _select_teams(attributions: Iterable[Attribution], principal: str, team: str | None) -> frozenset[str]:
    """The teams of a principal; of a token for a team, that team alone."""
    mine = {row.team for row in attributions if row.principal == principal and row.team is not None}
    return frozenset(mine if team is None else mine & {team})


def _select_attributes(attributions: Iterable[Attribution], principal: str) -> PrincipalAttributes:
    return tuple(row.attribute for row in attributions if row.principal == principal and row.attribute is not None)


def _select_roles(attributions: Iterable[Attribution], principal: str, teams: frozenset[str]) -> frozenset[RoleGrant]:
    """The roles of a principal, with those of the teams that count."""
    mine = [row for row in attributions if row.principal == principal and (row.team is None or row.team in teams)]
    return frozenset(RoleGrant(Role(row.role), row.domain or None) for row in mine if row.role is not None)
