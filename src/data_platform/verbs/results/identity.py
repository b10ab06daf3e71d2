"""Principals, teams, roles, tokens and owners, as the verbs of identity answer them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was created. `token` is its text, which is shown this one time; keep it like a password."""

    token: str
    principal: str
    id: int
    kind: str
    acts_for: str | None
    role: str
    team: str | None
    verbs: tuple[str, ...] | None
    domains: tuple[str, ...] | None
    read_only: bool
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token; `prefix` is the beginning of its text. `state` is valid, expired or revoked.

    `last_used_at` is exact to the minute. None in `verbs` and `domains` is no restriction.
    """

    id: int
    prefix: str
    principal: str
    role: str
    team: str | None
    verbs: tuple[str, ...] | None
    domains: tuple[str, ...] | None
    read_only: bool
    state: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class PrincipalInfo:
    """A principal; `kind` is person, team, service or agent, and `acts_for` the person of an agent.

    `disabled_at` is None while it may ask. `attributes` are what row filters may name, as they are written: `3` is a
    number, `'3'` a text.
    """

    name: str
    kind: str
    acts_for: str | None
    created_at: datetime
    created_by: str
    disabled_at: datetime | None
    disabled_by: str | None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RoleInfo:
    """A role of a principal; `domain` is None for the whole mesh."""

    principal: str
    role: str
    domain: str | None
    granted_at: datetime
    granted_by: str


@dataclass(frozen=True, slots=True)
class PrincipalDetail:
    """A principal with its teams, the members of a team, its own roles and those of its teams, and its owners."""

    principal: PrincipalInfo
    teams: tuple[str, ...]
    members: tuple[str, ...]
    roles: tuple[RoleInfo, ...]
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamInfo:
    """A team and its members."""

    name: str
    members: tuple[str, ...]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class OwnerInfo:
    """The `owner` text of products and domains, and the principal that it belongs to; None while it is unclaimed.

    `claimed_at` is None where it belongs to the principal that is called so.
    """

    address: str
    holder: str | None
    claimed_at: datetime | None
    claimed_by: str | None
    products: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallerInfo:
    """The caller as the mesh knows it, with the release of data-platform that answered and the time of its clock.

    `signed_in_with` is `home` (who opened it), `token`, or `sign-in` (a session, or the identity provider's token).
    `domains` are those that it owns, is a member of, or governs; none are listed for who opened the home.
    """

    principal: str
    verified: bool
    kind: str
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    acts_for: str | None
    release: str
    at: datetime
    signed_in_with: str = ""
    domains: tuple[str, ...] = ()
    token: CallerTokenInfo | None = None


@dataclass(frozen=True, slots=True)
class CallerTokenInfo:
    """The token of a caller, and what it is narrowed to; None is no restriction, or no end."""

    id: int
    role: str
    team: str | None
    verbs: tuple[str, ...] | None
    domains: tuple[str, ...] | None
    read_only: bool
    expires_at: datetime | None
