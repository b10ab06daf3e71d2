"""Principals: who asks, with the roles, the teams and the scope that the request has."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from data_platform.errors import BadInput
from data_platform.settings.attributes import PrincipalAttributes

LONGEST = 200


class PrincipalKind(StrEnum):
    """The kind of a principal. A team acts through its members, an agent acts for a person."""

    PERSON = "person"
    TEAM = "team"
    SERVICE = "service"
    AGENT = "agent"


class Role(StrEnum):
    """What a principal may be trusted with; `docs/reference/access.md` lists what each role may do."""

    CONSUMER = "consumer"
    OWNER = "owner"
    DOMAIN_OWNER = "domain-owner"
    GOVERNOR = "governor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role, in the whole mesh or in one domain."""

    role: Role
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class TokenScope:
    """What a token narrows its principal to; None does not narrow.

    `team` is the only team that the token acts for. `verbs` are actions, as `access/actions` names them.
    """

    team: str | None = None
    verbs: frozenset[str] | None = None
    domains: frozenset[str] | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class CallerToken:
    """The token that a request came with: its number, the role that it was made for, and its end."""

    id: int
    role: Role
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Principal:
    """The actor of a request; `verified`: a server has proved the name, `local`: the actor opened the home directly.

    `roles` and `teams` count for principals that are not local. `acts_for` is the person of an agent; an agent may
    never do what that person may not. `scope` is None where no token narrows the principal.
    `attributes` are what row filters name as `principal.NAME`. `token` decides nothing: `whoami` shows it.
    """

    name: str
    verified: bool = False
    local: bool = False
    kind: PrincipalKind = PrincipalKind.PERSON
    roles: frozenset[RoleGrant] = frozenset()
    teams: frozenset[str] = frozenset()
    scope: TokenScope | None = None
    acts_for: Principal | None = None
    attributes: PrincipalAttributes = ()
    token: CallerToken | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return self.name if self.verified else f"{self.name} (unverified)"


def check_principal_name(name: str, what: str, hint: str) -> str:
    """The name; raises BadInput for one that is empty, too long, or contains invisible characters."""
    hidden = {ch for ch in name if unicodedata.category(ch)[0] == "C" or unicodedata.category(ch) in ("Zl", "Zp")}
    if not name or hidden or name != name.strip() or len(name) > LONGEST:
        raise BadInput(f"{what} is not a valid name: {name[:LONGEST]!a}", hint=hint)
    return name
