"""The tables of policies, and of exceptions from them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Id, Moment, Text

POLICIES = Table(
    "policies",
    METADATA,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("note", Text),
    Column("applied_at", Moment, nullable=False),
    Column("applied_by", Text, nullable=False),
)
"""The mesh's policy file, as it was applied; the highest `revision` is in force."""

ATTESTATIONS = Table(
    "attestations",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
    Column("given_by", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
    Column("withdrawn_by", Text),
    Index(None, "product", "policy"),
)
"""A person's statement, until it expires, that a product complies with a policy that no rule can evaluate.
It may be given before the product is first registered, because the policy may require it; so may a waiver."""

WAIVERS = Table(
    "waivers",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("product", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("subject", Text),
    Column("reason", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("approved_at", Moment),
    Column("approved_by", Text),
    Column("ended_at", Moment),
    Column("ended_by", Text),
    Index(None, "product", "policy"),
)
"""An exemption from a policy, for the product or one `subject` of it; valid from its approval to its expiry."""
