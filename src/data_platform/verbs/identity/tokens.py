"""tokens: create, list and revoke the tokens that principals authenticate with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.access.relations import is_admin
from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.identity import principals, tokens
from data_platform.record.identity.principals import PrincipalRow
from data_platform.record.identity.tokens import TokenRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import PrincipalKind, Role
from data_platform.spec.text.names import name_problem, quote_text
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import Moment, parse_end
from data_platform.verbs.events.outcomes import ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import (
    add_member,
    add_principal,
    change_identities,
    describe_kind,
    find_principal,
    grant_role,
    name_kind,
    subject_of,
)
from data_platform.verbs.identity.token_text import hash_token, make_token, shorten_token
from data_platform.verbs.results import NewToken, TokenInfo

ROLES = (Role.CONSUMER, Role.OWNER, Role.GOVERNOR, Role.ADMIN)
"""The roles that a token may have; the owner of a domain has the role `owner`, or gets its role by `roles grant`."""


@dataclass(frozen=True, slots=True)
class CreateToken(Request[NewToken]):
    """Create a token for the principal `name`, which is made if it is missing, as are its team and its role.

    Without a kind a new principal is a service, or an agent if it `acts_for` a person. `verbs` (actions), `domains` and
    `read_only` narrow the token. `expires` is a moment, or a period from now such as `90d`, `8h`, `15m` or `30s`.
    """

    name: str
    role: Role
    team: str | None = None
    kind: PrincipalKind | None = None
    acts_for: str | None = None
    verbs: tuple[str, ...] | None = None
    domains: tuple[str, ...] | None = None
    read_only: bool = False
    expires: Moment | None = None


@dataclass(frozen=True, slots=True)
class ListTokens(Request[list[TokenInfo]]):
    """The tokens of the mesh, or of a principal, with those that have ended; others than admins see their own."""

    principal: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeToken(Request[TokenInfo]):
    """End a token before its time."""

    id: int


def create_token(context: Context, request: CreateToken) -> NewToken:
    """The token, in clear this one time.

    Raises BadInput for a name, kind or scope that cannot be, NotFound for the person of an agent, Refused for a
    principal that is disabled.
    """
    if request.role not in ROLES:
        raise BadInput(f"a token has no role {request.role}", hint=f"one of {', '.join(ROLES)}")
    actions, domains = _check_actions(request.verbs), _check_domains(request.domains)
    now, token = context.clock(), make_token()
    expires_at = None if request.expires is None else _parse_expiry(request.expires, now)
    with change_identities(context) as tx:
        outcomes = _prepare_principal(context, tx, request)
        row = TokenRow(
            id=0,
            digest=hash_token(token),
            prefix=shorten_token(token),
            principal=request.name,
            role=request.role,
            team=request.team,
            verbs=actions,
            domains=domains,
            read_only=request.read_only,
            created_at=now,
            created_by=context.principal.name,
            expires_at=expires_at,
        )
        id = tokens.add(tx, row)
        record_outcomes(context, tx, *outcomes, describe_creation(id, row))
        owner = find_principal(tx, request.name)
    return NewToken(
        token=token,
        principal=owner.name,
        id=id,
        kind=owner.kind,
        acts_for=owner.acts_for,
        role=row.role,
        team=row.team,
        verbs=row.verbs,
        domains=row.domains,
        read_only=row.read_only,
        expires_at=row.expires_at,
    )


def list_tokens(context: Context, request: ListTokens) -> list[TokenInfo]:
    """The tokens, oldest first."""
    own = None if is_admin(context.principal) else context.principal.name
    if own is not None and request.principal not in (None, own):
        return []
    with context.record.reading() as conn:
        listed = tokens.list_all(conn, request.principal or own)
        visible = find_visible_part(context, conn).select_own(listed, lambda row: row.principal)
        return [_build_info(row, context.clock()) for row in visible]


def revoke_token(context: Context, request: RevokeToken) -> TokenInfo:
    """The token, which has ended; raises NotFound, and Refused for one that was revoked before."""
    now, by = context.clock(), context.principal.name
    with change_identities(context) as tx:
        row = _find_token(tx, request.id)
        authorize(context, Action.REVOKE, Resource(ResourceKind.PRINCIPAL, name=row.principal), tx)
        if not tokens.revoke(tx, row.id, now, by):
            raise Refused(f"token {row.id} was revoked by {row.revoked_by} on {row.revoked_at:%Y-%m-%d}")
        details = {"id": row.id, "prefix": row.prefix}
        record_outcomes(context, tx, ActOutcome(EventKind.TOKEN_REVOKED, subject_of(row.principal), details))
        return _build_info(_find_token(tx, row.id), now)


def _prepare_principal(context: Context, tx: Connection, request: CreateToken) -> list[ActOutcome]:
    """Makes the principal, its team and its role where they are missing."""
    existing = principals.find(tx, request.name)
    kind, acts_for = _choose_kind(request, existing)
    if acts_for is not None and (person := find_principal(tx, acts_for)).kind != PrincipalKind.PERSON:
        raise BadInput(f"{acts_for} is {describe_kind(person)}", hint="an agent acts for a person")
    outcomes = add_principal(context, tx, request.name, kind, acts_for)
    if existing is not None and existing.disabled_at is not None:
        hint = f"data-platform principals enable {request.name}"
        raise Refused(f"{request.name} is disabled, and gets no token", hint=hint)
    if request.team is not None:
        outcomes += add_principal(context, tx, request.team, PrincipalKind.TEAM)
        outcomes += add_member(context, tx, request.team, request.name)
    return outcomes + grant_role(context, tx, request.name, request.role)


def _choose_kind(request: CreateToken, existing: PrincipalRow | None) -> tuple[PrincipalKind, str | None]:
    """The kind of the principal, and the person that it acts for: as requested, else as they are."""
    acts_for = request.acts_for or (existing.acts_for if existing else None)
    default = PrincipalKind.SERVICE if acts_for is None else PrincipalKind.AGENT
    kind = request.kind or (PrincipalKind(existing.kind) if existing else default)
    if kind is PrincipalKind.TEAM:
        raise BadInput(
            f"{request.name} is a team, and a team has no token", hint="name a member, and its team: --team TEAM (team)"
        )
    if (kind is PrincipalKind.AGENT) != (acts_for is not None):
        raise BadInput(
            f"{request.name} is to be {name_kind(kind)}",
            hint="an agent acts for a person: --kind agent --for PERSON (kind, acts_for)",
        )
    return kind, acts_for


def _check_actions(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The actions by their names; raises BadInput with all that are none."""
    if names is None:
        return None
    written = {action.value.replace(" ", "-"): action.value for action in Action}
    actions = [written.get(name.replace(" ", "-")) for name in names]
    unknown = [quote_text(name) for name, action in zip(names, actions, strict=True) if action is None]
    if unknown or not names:
        what = f"there is no verb {', '.join(unknown)}" if unknown else "a token of no verb can do nothing"
        raise BadInput(what, hint=f"some of {', '.join(written)}")
    return tuple(action for action in actions if action is not None)


def _check_domains(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    problems = [f"{quote_text(name)} {problem}" for name in names if (problem := name_problem(name))]
    if problems or not names:
        raise BadInput("; ".join(problems) or "a token of no domain can do nothing", hint="data-platform domain list")
    return tuple(names)


def _parse_expiry(value: Moment, now: datetime) -> datetime:
    moment = parse_end(value, now)
    if moment <= now:
        raise BadInput(f"a token cannot expire on {moment:%Y-%m-%d %H:%M} UTC, which is past", hint="such as 90d")
    return moment


def describe_creation(id: int, row: TokenRow) -> ActOutcome:
    """What is recorded of a new token."""
    details = {
        "id": id,
        "prefix": row.prefix,
        "role": row.role,
        "team": row.team,
        "verbs": row.verbs and list(row.verbs),
        "domains": row.domains and list(row.domains),
        "read_only": row.read_only or None,
        "expires": row.expires_at,
    }
    return ActOutcome(EventKind.TOKEN_CREATED, subject_of(row.principal), details)


def _find_token(conn: Connection, id: int) -> TokenRow:
    row = tokens.find(conn, id)
    if row is None:
        raise NotFound(f"there is no token {id}", hint="data-platform tokens lists them")
    return row


def _build_info(row: TokenRow, now: datetime) -> TokenInfo:
    is_expired = row.expires_at is not None and row.expires_at <= now
    return TokenInfo(
        id=row.id,
        prefix=row.prefix,
        principal=row.principal,
        role=row.role,
        team=row.team,
        verbs=row.verbs,
        domains=row.domains,
        read_only=row.read_only,
        state="revoked" if row.revoked_at is not None else "expired" if is_expired else "valid",
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        last_used_at=row.last_used_at,
    )
