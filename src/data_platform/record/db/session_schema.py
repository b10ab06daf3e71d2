"""The tables of sign-in: sessions of browsers, codes that work once, and accounts of an OpenID provider."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Table, UniqueConstraint

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Moment, Text

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("token", Text),
)
"""Sessions of browsers by the SHA-256 of their cookie; `local` sessions are those of the owner of the home.

`token` is the digest of the token that began it: the session ends with that token, and may do what it may.
"""

SIGNIN_CODES = Table(
    "signin_codes",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("challenge", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
"""Codes that work once, by their SHA-256. One with a challenge is exchanged for a token by who can answer it."""

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("issuer", "principal"),
)
"""The person that an account of an OpenID provider belongs to: an address that changes hands is another account."""
