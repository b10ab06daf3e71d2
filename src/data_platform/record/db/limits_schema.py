"""The tables behind retries and quotas: idempotency keys, running publishes, and the seconds that queries took."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Table, UniqueConstraint

from data_platform.record.db.metadata import METADATA
from data_platform.record.db.types import Json, Moment, Text

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

PUBLISH_SLOTS = Table(
    "publish_slots",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("domain", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Index(None, "domain", "until"),
)
"""The publishes that run now in domains with a quota for them, until `until` unless they renew."""

QUERY_SECONDS = Table(
    "query_seconds",
    METADATA,
    Column("domain", Text, primary_key=True),
    Column("minute", Moment, primary_key=True),
    Column("seconds", Float, nullable=False),
    Index(None, "minute"),
)
"""What queries took in each minute, of the domains that have a quota for it."""
