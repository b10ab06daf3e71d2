"""The tables of identity: principals, teams, roles, tokens, and the owners that principals claim."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, UniqueConstraint

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Id, Moment, Text, Texts

PRINCIPALS = Table(
    "principals",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("acts_for", Text),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("disabled_at", Moment),
    Column("disabled_by", Text),
)
"""Persons, teams, services and agents; `acts_for` is the person of an agent."""

MEMBERSHIPS = Table(
    "memberships",
    METADATA,
    Column("team", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Index(None, "member"),
)
"""The members of teams."""

ROLE_GRANTS = Table(
    "role_grants",
    METADATA,
    Column("principal", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("domain", Text, primary_key=True),
    Column("granted_at", Moment, nullable=False),
    Column("granted_by", Text, nullable=False),
)
"""The roles of principals; the members of a team have its roles. The domain is empty for the whole mesh."""

TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("principal", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("team", Text),
    Column("verbs", Texts),
    Column("domains", Texts),
    Column("read_only", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("revoked_by", Text),
    Column("last_used_at", Moment),
    UniqueConstraint("digest"),
)
"""Tokens by the SHA-256 of their text, which is stored nowhere; `prefix` is its beginning, for lists."""

OWNER_CLAIMS = Table(
    "owner_claims",
    METADATA,
    Column("address", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("claimed_by", Text, nullable=False),
)
"""The `owner` texts of products and domains that a person or a team has; without a row an address is unclaimed."""

PRINCIPAL_ATTRIBUTES = Table(
    "principal_attributes",
    METADATA,
    Column("principal", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("set_by", Text, nullable=False),
)
"""What row filters may ask of principals; `kind` is the type of the value that its text is."""

REGISTRARS = Table(
    "registrars",
    METADATA,
    Column("product", Text, primary_key=True),
    Column("team", Text, nullable=False),
)
"""The team of the token that first registered a product."""
