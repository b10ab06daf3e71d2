"""What one request is authenticated by: a token with the state of its principal, then teams and roles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, literal, null, select, union_all

from data_platform.record.db import rows
from data_platform.record.db.identity_schema import MEMBERSHIPS, PRINCIPAL_ATTRIBUTES, PRINCIPALS, ROLE_GRANTS, TOKENS
from data_platform.settings.attributes import AttributeValue, parse_typed

_PERSON = PRINCIPALS.alias("person")


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A token, and what decides whether it counts. `person` is whom an agent acts for."""

    id: int
    principal: str
    kind: str
    role: str
    team: str | None
    verbs: tuple[str, ...] | None
    domains: tuple[str, ...] | None
    read_only: bool
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    disabled_at: datetime | None
    person: str | None
    person_disabled_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Whether neither the token nor its principal has ended."""
        ended = (self.revoked_at, self.disabled_at, self.person_disabled_at)
        return ended == (None, None, None) and (self.expires_at is None or now < self.expires_at)


_BY_DIGEST = (
    select(
        TOKENS.c.id,
        TOKENS.c.principal,
        PRINCIPALS.c.kind,
        TOKENS.c.role,
        TOKENS.c.team,
        TOKENS.c.verbs,
        TOKENS.c.domains,
        TOKENS.c.read_only,
        TOKENS.c.expires_at,
        TOKENS.c.revoked_at,
        TOKENS.c.last_used_at,
        PRINCIPALS.c.disabled_at,
        PRINCIPALS.c.acts_for.label("person"),
        _PERSON.c.disabled_at.label("person_disabled_at"),
    )
    .join(PRINCIPALS, PRINCIPALS.c.name == TOKENS.c.principal)
    .outerjoin(_PERSON, _PERSON.c.name == PRINCIPALS.c.acts_for)
)


def find_token(conn: Connection, digest: str) -> PresentedToken | None:
    """The token of that digest."""
    return rows.fetch_one(conn, _BY_DIGEST.where(TOKENS.c.digest == digest), PresentedToken)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One team, or one role in the whole mesh (`domain` empty) or in a domain, or one attribute of a principal."""

    principal: str
    team: str | None
    role: str | None
    domain: str
    attribute: tuple[str, AttributeValue] | None = None


def list_attributions(conn: Connection, principals: Collection[str]) -> tuple[Attribution, ...]:
    """The teams, roles and attributes of the principals, with the roles of their teams; a disabled team counts not."""
    members = (
        select(MEMBERSHIPS.c.member, MEMBERSHIPS.c.team)
        .join(PRINCIPALS, PRINCIPALS.c.name == MEMBERSHIPS.c.team)
        .where(MEMBERSHIPS.c.member.in_(principals), PRINCIPALS.c.disabled_at.is_(None))
        .cte("members")
    )
    query = union_all(
        select(
            members.c.member.label("principal"),
            members.c.team,
            null().label("role"),
            literal("").label("domain"),
            *_NONE,
        ),
        select(ROLE_GRANTS.c.principal, null(), ROLE_GRANTS.c.role, ROLE_GRANTS.c.domain, *_NONE).where(
            ROLE_GRANTS.c.principal.in_(principals)
        ),
        select(members.c.member, members.c.team, ROLE_GRANTS.c.role, ROLE_GRANTS.c.domain, *_NONE).join(
            ROLE_GRANTS, ROLE_GRANTS.c.principal == members.c.team
        ),
        select(PRINCIPAL_ATTRIBUTES.c.principal, null(), null(), literal(""), *_ATTRIBUTE).where(
            PRINCIPAL_ATTRIBUTES.c.principal.in_(principals)
        ),
    )
    return tuple(_make_attribution(*row) for row in conn.execute(query))


_ATTRIBUTE = (PRINCIPAL_ATTRIBUTES.c.name, PRINCIPAL_ATTRIBUTES.c.kind, PRINCIPAL_ATTRIBUTES.c.value)
_NONE = tuple(null().label(column.name) for column in _ATTRIBUTE)


def _make_attribution(
    principal: str, team: str | None, role: str | None, domain: str, name: str | None, kind: str, value: str
) -> Attribution:
    attribute = None if name is None else (name, parse_typed(kind, value))
    return Attribution(principal, team, role, domain, attribute)
