"""Principals, teams, roles, tokens and owners, as the verbs of identity answer them."""

from __future__ import annotations

from dataclasses import dataclass
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
