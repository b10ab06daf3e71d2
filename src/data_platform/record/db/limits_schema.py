"""The tables behind retries and quotas: idempotency keys, and the seconds that queries took."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Table, UniqueConstraint

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Id, Json, Moment, Text

IDEMPOTENCY_KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("principal", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("verb", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("data_digest", Text),
    Column("holder", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("claimed_until", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("entry", BigInteger),
    Column("answer", Json),
    UniqueConstraint("holder"),
    Index(None, "expires_at"),
)
"""A key that a principal sent with a request, and what the request came to.

`holder` is the id of the request that works on it, until `claimed_until` unless it renews. The transaction of the act
makes a claimed row a committed one and names its first `entry` of the audit log; the holder stores the `answer`.
"""

QUERY_SECONDS = Table(
    "query_seconds",
    METADATA,
    Column("id", Id, primary_key=True),
    Column("domain", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("seconds", Float, nullable=False),
    Index(None, "domain", "at"),
    Index(None, "at"),
)
"""What queries took of the domains that have a quota for it: a row for each query and domain that it read."""
